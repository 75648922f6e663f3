"""Rules on programs that end in an error: which well-known mistake is behind it."""

import re
from collections.abc import Iterator

from ..value import Value
from .course import Course
from .finding import Finding

CUT = "compute the loss from the parameters by operations on Values, without float(v), v.data, int() or no_grad()"

STABLE = "nn.binary_cross_entropy_with_logits or nn.cross_entropy of the scores, or log(maximum(p, 1e-12))"
SAFE = "use a form that cannot overflow, such as nn.softmax or softplus; scale the inputs; lower the learning rate"

# A pattern for the error's message; the mistake's code, its sentence and its remedy.
FAILURES = (
    (r"^log\(.*x = 0\.0", "logarithm-of-zero", "a probability has become exactly 0, where its logarithm has no value.",
     f"take the logarithm in a stable form: {STABLE}"),
    (r"^log\(.*x = -", "scores-as-probabilities",
     "the logarithm is taken of a negative number: a score, where a probability belongs.",
     "turn scores into probabilities first, by softmax or sigmoid, or use nn.cross_entropy of the scores"),
    (r"is too large at", "overflow", "a result is too large for a float.", SAFE),
    (r"must get each parameter once", "parameters-twice",
     "the optimiser gets a parameter twice: a list has it twice, or one list stands in several places.",
     "list each parameter once; for several units, make a new list for each: [... for _ in range(n)]"),
    (r"must be a class from 0", "labels-from-one", "the labels do not count from 0, as the places of the scores do.",
     "subtract 1 from each label"),
    (r"needs probabilities from 0 to 1", "scores-as-probabilities", "the loss takes probabilities, but gets scores.",
     "use binary_cross_entropy_with_logits, or end the network with a sigmoid"),
    (r"was made inside no_grad", "unreached-parameter", "the loss was computed inside no_grad(): nothing is recorded.",
     "compute the loss outside no_grad()"),
    (r"^math\.\w+\(v\) would give", "unreached-parameter", "a function of math would cut the graph.",
     "use the engine's function of the same name"),
    (r"'(float|int)' object has no attribute 'backward'", "unreached-parameter",
     "the loss is a plain number: it does not know the parameters that it was computed from.", CUT),
    (r"__(round|int|floor|ceil|trunc|index)__|cannot be interpreted as an integer", "zero-slope",
     "rounding a Value has the slope 0, so no gradient could pass.",
     "compare the number itself with the target; round v.data for printing only"),
)  # fmt: skip
OF_NUMBERS = "logarithm-of-zero", "overflow"  # which steps that go too far may lead to


def find_failure(course: Course) -> Iterator[Finding]:
    """Find well-known mistakes behind the error that ended the program."""
    if course.failure is None:
        return
    says = str(course.failure)
    evidence = f"{type(course.failure).__name__}: {says}"
    for pattern, code, sentence, remedy in FAILURES:
        if re.search(pattern, says):
            yield Finding(code, "error", sentence, evidence, remedy, None, course.failed_at)
            return
    if isinstance(course.failure, IndexError) and (label := _label_beyond(course)):
        name, number, count = label
        sentence = "the labels do not count from 0, as the places of the scores do."
        evidence = f"{name} is {number}, but {count} scores have the places 0 to {count - 1}"
        yield Finding(
            "labels-from-one", "error", sentence, evidence, "subtract 1 from each label", None, course.failed_at
        )


def _label_beyond(course: Course) -> tuple[str, int, int] | None:
    """Return a variable at the failed statement that is the length of a list of Values there, and this length."""
    variables = course.failed_with
    lengths = {
        len(thing) for thing in variables.values()
        if isinstance(thing, list) and thing and all(isinstance(x, Value) for x in thing)
    }  # fmt: skip
    source = course.failed_at
    for name, number in variables.items():
        if isinstance(number, int) and number in lengths and source and re.search(rf"\[{name}\]", source.text):
            return name, number, number
    return None

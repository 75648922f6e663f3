"""The exercises of the lessons, on `engine.teach.exercise`: each classic mistake has its own hint.

You can ask about expressions of your own, too:

>>> check(gradient("d = a*b; d*d", "a", a=2, b=3), 36)
Right: df/da = 36.
"""

from collections.abc import Callable, Iterable

from engine import UsageError, Value, grad
from engine.support.text import did_you_mean
from engine.teach.exercise import ask_gradient as gradient
from engine.teach.exercise import ask_nudge as nudge
from engine.teach.exercise import ask_number as number
from engine.teach.exercise import ask_order as order
from engine.teach.exercise import ask_path_count as paths
from engine.teach.exercise import ask_second_derivative as second
from engine.teach.exercise import ask_speed as directional
from engine.teach.exercise import ask_update as updated
from engine.teach.item import Item
from engine.words.mistakes import wrong_number

NO_ANSWER = "Put your answer in place of the three dots."


def check(exercise: str | Item, answer: object = ...) -> None:
    """Print whether an answer is right, and if not, what may have gone wrong; without one, print the question.

    Args:
        exercise: the name of an exercise of the lessons, such as ``"3a"``, or one made by `gradient` or another below.
        answer: a number, a Value or an expression; for an order, the names of the nodes.

    Raises:
        UsageError: there is no exercise of this name.

    >>> check("2a")
    f = a*b, with a = 2, b = -3. What is df/db?
    Put your answer in place of the three dots.
    >>> check("2a", -3)
    Not yet. This takes the derivative of f with respect to the wrong operand (a, not b).
    """
    item = _find(exercise)
    print(f"{item.question}\n{NO_ANSWER}" if answer is ... else item.respond(answer))


def solution(exercise: str | Item) -> None:
    """Print the way to the answer of an exercise, step by step.

    >>> solution("4a")
    f -> d: 1 * df/df = 1 * 1 = 1
    f -> a: 1 * df/df = 1 * 1 = 1
    d -> a: b * df/dd = -3 * 1 = -3
    df/da = 1 + (-3) = -2
    """
    print(*_find(exercise).solution, sep="\n")


def answers() -> Iterable[tuple[str, str]]:
    """Return the name and the answer of each exercise of the lessons."""
    return ((name, _find(name).answer) for name in EXERCISES)


def _find(exercise: str | Item) -> Item:
    if not isinstance(exercise, str):
        return exercise
    if exercise not in EXERCISES:
        raise UsageError(f"there is no exercise {exercise!r}{did_you_mean(exercise, EXERCISES, 'choose from')}")
    return EXERCISES[exercise]()


def _twice_without_zeroing() -> Item:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    f = a * b + a
    f.backward()
    once = a.grad or 0.0
    f.backward()
    return number(
        "f = a*b + a, with a = 2, b = -3. f.backward() runs twice without zero_grad() in between. What is a.grad?",
        "a.grad",
        a.grad or 0.0,
        f"One call leaves {once:g} in a.grad. What does += do in the second call?",
        (once, "This is df/da, which one call leaves. The second call adds to it."),
        (once * once, "The second call adds to the gradient; it does not multiply it."),
        (0.0, "Gradients are not set to zero automatically; the second call adds to the first."),
    )


def _two_steps_without_zeroing() -> Item:
    def trained(zeroing: bool) -> float:
        w = Value(1.0)
        for _ in range(2):
            (w * w).backward()
            w.data -= 0.1 * (w.grad or 0.0)
            if zeroing:
                w.zero_grad()
        return w.data

    return number(
        "L = w*w, with w = 1 and learning rate 0.1. Two steps are taken without zero_grad() in between. What is w?",
        "w",
        trained(False),
        "After the first step w is 0.8 and w.grad still holds 2. The second backward pass adds 2 * 0.8 to it.",
        (trained(True), "This is w when gradients are set to zero in between. Here the old one is still in w.grad."),
        (0.8, "This is w after one step."),
        (0.6, "The second backward pass adds its own gradient to the old one."),
    )


def _newton() -> Item:
    x = Value(5.0, "x")
    f = x**2 - 4 * x
    slope = grad(f, x)
    first, bend = slope.data, grad(slope, x).data
    return number(
        "f = x**2 - 4*x, with x = 5. Newton's step subtracts f'/f'' from x. Where does it land?",
        "x after the step",
        x.data - first / bend,
        "f' = 2*x - 4 and f'' = 2. Put x = 5 in.",
        (x.data - first, "Divide the slope by the second derivative before you subtract it."),
        (x.data + first / bend, "Subtract: the step goes down the slope."),
        wrong_number(first / bend, "step-alone", node="x"),
        (x.data - first * bend, "Divide by the second derivative instead of multiplying."),
    )


NEURON = "z = w1*x1 + w2*x2 + b; out = sigmoid(z)"
NEURON_NUMBERS = {"w1": 0.5, "x1": 2.0, "w2": 3.0, "x2": -1.0, "b": 2.0}
SMALL_NETWORK = "h = relu(w*x + b); p = v*h + c; L = (p - y)**2"
SMALL_NUMBERS = {"w": 1.0, "x": 2.0, "b": -1.0, "v": 3.0, "c": -1.0, "y": 1.0}
TANGLE = "d = a*b; e = d + a; f = d*e"

EXERCISES: dict[str, Callable[[], Item]] = {
    "1a": lambda: nudge("x**2", "x", 0.1, x=3.0),
    "1b": lambda: gradient("x**2", "x", x=-2.0),
    "1c": lambda: nudge("3*x + 4", "x", 0.5, x=10.0),
    "2a": lambda: gradient("a*b", "b", a=2.0, b=-3.0),
    "2b": lambda: gradient("a - b", "b", a=5.0, b=2.0),
    "2c": lambda: gradient("x**3", "x", x=2.0),
    "3a": lambda: gradient("u = 3*x; u**2", "x", x=2.0),
    "3b": lambda: gradient("u = 2*x; v = x**2; u*v", "x", x=3.0),
    "3c": lambda: gradient("u = 2*x; v = u - y; v**2", "y", x=3.0, y=1.0),
    "4a": lambda: gradient("d = a*b; d + a", "a", a=2.0, b=-3.0),
    "4b": lambda: gradient("a*a*a", "a", a=2.0),
    "4c": _twice_without_zeroing,
    "5a": lambda: order(TANGLE, a=2.0, b=3.0),
    "5b": lambda: gradient(TANGLE, "d", a=2.0, b=3.0),
    "5c": lambda: paths("u = a*a; v = u*u; v*v", "a", a=1.0),
    "6a": lambda: gradient(NEURON, "w1", **NEURON_NUMBERS),
    "6b": lambda: gradient(NEURON, "b", **NEURON_NUMBERS),
    "6c": lambda: gradient("z = w*x + b; out = relu(z)", "w", w=-1.0, x=2.0, b=1.0),
    "7a": lambda: gradient("e = p - y; L = e**2", "p", p=2.0, y=1.0),
    "7b": lambda: gradient(SMALL_NETWORK, "w", **SMALL_NUMBERS),
    "7c": lambda: updated(SMALL_NETWORK, "v", 0.1, **SMALL_NUMBERS),
    "8a": lambda: gradient("sigmoid(x)", "x", x=0.0),
    "8b": lambda: number(
        "Four sigmoids in a chain, each at its steepest point: what is the product of their slopes?",
        "the product", 0.25**4, "The steepest slope of sigmoid is the answer of 8a.",
        wrong_number(4 * 0.25, "added-not-multiplied", factors="Slopes along a path"),
        (0.25, "This is one of them. There are four."),
        (0.5**4, "0.5 is the value of sigmoid at 0, not its slope.")),
    "8c": lambda: gradient("leaky_relu(x, slope=0.1)", "x", x=-4.0),
    "9a": lambda: updated("e = 2*w - 6; L = e**2", "w", 0.1, w=1.0),
    "9b": lambda: number(
        "L = w**2, with w = 1. At which learning rate does a step turn w into -w, so that L does not change?",
        "the learning rate", 1.0, "The step is w - lr * 2*w. Set it equal to -w.",
        (0.5, "With 0.5 the step lands at w = 0, the minimum."),
        (2.0, "With 2 the step goes from 1 to -3: the loss grows.")),
    "9c": _two_steps_without_zeroing,
    "10a": lambda: number(
        "W1 has 2 rows and 3 columns, and 10 samples go through it. How many numbers are in dL/dW1?",
        "the numbers in dL/dW1", 6, "One for each weight: a gradient has the shape of its matrix.",
        (60, "The contributions of the samples are added: each weight has one gradient."),
        (30, "This is the size of the output of the layer, 10 rows of 3."),
        (20, "This is the size of the input of the layer, 10 rows of 2."),
        (1, "The loss is one number; its gradient has one for each weight.")),
    "10b": lambda: number(
        "One sample: x = [2, -1], and the upstream gradient is delta = [3, 5]. dL/dW = transposed(x) delta. "
        "What is its entry in row 1, column 0 (counted from 0)?",
        "the entry", -1.0 * 3.0, "Row i, column j is x[i] * delta[j].",
        (2.0 * 5.0, "This is row 0, column 1. The row belongs to x, the column to delta."),
        (-1.0 * 5.0, "This is column 1."),
        (2.0 * 3.0, "This is row 0."),
        (-1.0 + 3.0, "Multiply them: the derivative of w * x with respect to w is x.")),
    "10c": lambda: number(
        "The upstream gradients of two samples are delta = [[1, 1, -1], [-0.75, 0, 0.75]]. The bias b has one entry "
        "for each of the 3 columns. What is dL/db[0]?",
        "dL/db[0]", 1.0 - 0.75, "The bias is used once for each sample: its gradient is a sum over the rows.",
        ((1.0 - 0.75) / 2.0, "The mean of the loss is already in delta. Only add."),
        (1.0, "This is the contribution of the first sample. The bias is used by both."),
        (-0.75, "This is the contribution of the second sample. The bias is used by both."),
        wrong_number(1.0 * -0.75, "multiplied-not-added")),
    "11a": lambda: directional("a*b", {"a": 1.0, "b": 2.0}, a=2.0, b=-3.0),
    "11b": lambda: number(
        "A loss depends on 1000 weights. How many passes does forward mode need for the whole gradient?",
        "the number of passes", 1000, "One pass of forward mode gives the derivative in one direction.",
        (1, "This is what reverse mode needs. Forward mode follows one input at a time."),
        (1001, "This is how often nudging would compute the loss: once for each weight, and once without a nudge.")),
    "11c": lambda: number(
        "A function has 3 inputs and 50 outputs. How many passes does the cheaper mode need for all 150 derivatives?",
        "the number of passes", 3, "Forward mode takes a pass for each input, reverse mode one for each output.",
        (50, "This is reverse mode, one pass for each output. Forward mode is cheaper here."),
        (150, "One pass gives a whole column, or a whole row, of the 150."),
        (1, "This would be enough for a single output.")),
    "12a": lambda: second("x**3", "x", "x", x=3.0),
    "12b": lambda: second("a*a*b", "a", "b", a=2.0, b=5.0),
    "12c": _newton,
}  # fmt: skip

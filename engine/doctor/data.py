"""Rules on data: whether its order is mixed, and whether inputs and targets belong together."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import groupby
from statistics import mean

from ..support.text import format_number
from .course import Course
from .finding import Finding

MIN_RUN, MIN_SAMPLES = 5, 10  # steps and samples of one class after one another
MAX_CLASSES = 12
JUMP, MIN_LOSS = 1.3, 0.1  # how much higher the loss is where the class changes, and how high at least
TOGETHER = "shuffle pairs: pairs = list(zip(inputs, targets)); random.shuffle(pairs)"

Inputs = tuple[float, ...]


def find_sorted_data(course: Course) -> Iterator[Finding]:
    """Find samples that come sorted by class, so that each class is forgotten while the next one is learned."""
    batches = [([term.target for term in course.compared(each)], each.loss) for each in course.kept]
    if course.watch.batches:  # a training by `nn.fit`
        batches = [([*map(repr, each)], loss) for each, loss in zip(course.watch.batches, course.losses, strict=False)]
    steps = [(targets[0], len(targets), loss) for targets, loss in batches if len(set(targets)) == 1]
    runs = [list(run) for _, run in groupby(steps, key=lambda step: step[0])]
    classes = {target for target, _, _ in steps}
    if not 1 < len(classes) <= MAX_CLASSES or len(steps) < 0.8 * len(batches):
        return
    if mean(map(len, runs)) < MIN_RUN or mean(sum(size for _, size, _ in run) for run in runs) < MIN_SAMPLES:
        return
    before, after = mean(run[-1][2] for run in runs[:-1]), mean(run[0][2] for run in runs[1:])
    if after < max(JUMP * before, MIN_LOSS):
        return
    sentence = "the samples come sorted by class: while one class is learned, the others are forgotten."
    evidence = (
        f"about {mean(map(len, runs)):.0f} steps after one another have targets of one class; where it changes, the "
    )
    evidence += f"loss jumps from {format_number(before, 3)} to {format_number(after, 3)}"
    remedy = "shuffle the samples, with their targets, before each epoch: random.shuffle(pairs)"
    source = course.innermost(course.passes[-1].places)
    yield Finding("sorted-data", "warning", sentence, evidence, remedy, None, source)


def find_shuffled_apart(course: Course) -> Iterator[Finding]:
    """Find inputs that were shuffled without their targets, or the other way round."""
    seen = [(term.inputs, term.target) for each in course.kept for term in course.compared(each) if term.inputs]
    yield from list(_again_and_again(course, seen)) or _once(course, seen)


def _again_and_again(course: Course, seen: Sequence[tuple[Inputs, Hashable]]) -> Iterator[Finding]:
    """Find inputs whose targets change."""
    targets: dict[Inputs, list[Hashable]] = defaultdict(list)
    for inputs, target in seen:
        targets[inputs].append(target)
    repeated = [inputs for inputs, found in targets.items() if len(found) > 1]
    changing = [inputs for inputs in repeated if len(set(targets[inputs])) > 1]
    if len(targets) < 3 or len(changing) <= 0.5 * len(repeated):
        return
    pool = {target for _, target in seen}
    is_permuted = (bool(course.shuffles) and len(pool) <= len(targets)) or any(
        len(thing) >= len(targets) and all(isinstance(x, int | float) for x in thing) and set(map(float, thing)) == pool
        for _, thing in course.lists
    )
    if is_permuted:
        numbers = ", ".join(format_number(x, 4) for x in dict.fromkeys(changing[0][:8]))
        numbers += f" came with {len(set(targets[changing[0]]))} different targets"
        sentence = "inputs and targets are shuffled apart: the same input comes with different targets."
        evidence = f"the input {numbers}; so did {len(changing)} of {len(targets)} inputs"
        source = course.innermost((course.shuffles or course.passes)[0].places)
        yield Finding("shuffled-apart", "error", sentence, evidence, TOGETHER, None, source)


def _once(course: Course, seen: Sequence[tuple[Inputs, Hashable]]) -> Iterator[Finding]:
    """Find a list that was shuffled and another one that was not, whose items enter the loss together."""
    shuffled = {id(shuffle.items): shuffle for shuffle in course.shuffles}
    for path, ours in course.lists:
        for other, theirs in course.lists if id(ours) in shuffled else []:
            if id(theirs) in shuffled or len(ours) != len(theirs):
                continue
            if _are_paired(ours, theirs, seen) or _are_paired(theirs, ours, seen):
                sentence = f"{path} was shuffled, and {other} was not: inputs and targets no longer belong together."
                evidence = (
                    f"for instance {ours[0]!r:.40} comes with {theirs[0]!r:.40}, and so on for {len(ours)} samples"
                )
                source = course.innermost(shuffled[id(ours)].places)
                yield Finding("shuffled-apart", "error", sentence, evidence, TOGETHER, None, source)
                return


def _are_paired(inputs: Sequence[object], targets: Sequence[object], seen: Sequence[tuple[Inputs, Hashable]]) -> bool:
    """Return whether the items of two lists enter the loss together, one as the inputs and one as the target."""
    rows, numbers = [*map(row_of, inputs)], [*map(row_of, targets)]
    if (
        not all(rows)
        or any(len(number) != 1 for number in numbers)
        or sorted(numbers) == [(i,) for i in range(len(rows))]
    ):
        return False
    width = len(rows[0])
    known = {(used[:width], target if isinstance(target, float) else None) for used, target in seen}
    is_class = all(isinstance(target, int) for target in targets)
    pairs = [(row, number) for row, (number,) in zip(rows, numbers, strict=True)]
    matches = sum(pair in known or (is_class and (pair[0], None) in known) for pair in pairs)
    return matches >= 0.5 * len(rows) and not all(number in row for row, number in pairs)


def row_of(thing: object) -> Inputs:
    """Return an item of data as numbers; empty if it is something else."""
    items = thing if isinstance(thing, list | tuple) else [thing]
    return tuple(map(float, items)) if all(isinstance(x, int | float) for x in items) else ()

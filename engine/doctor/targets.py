"""Rules on inputs and targets that do not fit each other: shifted, mixed up, given away, or in other units."""

from collections.abc import Hashable, Iterator, Sequence
from statistics import pvariance

from .. import ops
from ..graph import topological_order
from ..recording.source import Source
from ..support.text import counted, format_number, listed
from ..value import Value
from .case import Case
from .course import Course
from .data import TOGETHER, Inputs, row_of
from .finding import Finding
from .linear import unexplained
from .samples import Term
from .statements import sorts

MIN_PAIRS = 10  # samples without which no order can be told from chance
MANY_PAIRS = 20
# The share of the targets that inputs explain: as they are, and in another order, of few and of many samples.
POOR, GOOD = 0.35, (0.95, 0.8)
MANY_CLASSES = 12
MIN_FRESH, MAX_PAIRS, NOTHING = 40, 200, 0.15  # samples, and what inputs explain of targets by chance
MIN_LEAK = 5  # samples


def pairs_of(course: Course) -> list[tuple[Inputs, Hashable]]:
    """Return the inputs and the targets of the program's samples, in their order; none if an input has several."""
    found: dict[Inputs, Hashable] = {}
    for each in course.kept:
        for term in course.compared(each):
            if found.setdefault(term.inputs, term.target) != term.target:
                return []
    return list(found.items()) if len({len(inputs) for inputs in found}) == 1 and all(found) else []


def find_shifted_targets(course: Course) -> Iterator[Finding]:
    """Find targets that fit the inputs in another order far better: shifted by one place, or from the last to first."""
    pairs = pairs_of(course)
    inputs, targets = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if len(pairs) < MIN_PAIRS or len(set(targets)) < 2:
        return
    now = explained(inputs, targets)
    if now > POOR:
        return
    orders = {
        "by one place forwards": [*targets[1:], targets[0]],
        "by one place backwards": [targets[-1], *targets[:-1]],
        "from the last to the first": targets[::-1],
    }
    for words, other in orders.items():
        is_input = any(list(column) == other for column in zip(*inputs, strict=True))  # a series, and its next number
        if not is_input and (then := explained(inputs, other)) > GOOD[len(pairs) >= MANY_PAIRS]:
            sentence = "the targets do not belong to their inputs: they are in another order."
            evidence = f"neighbouring or linear inputs explain {max(now, 0.0):.0%} of the targets; with the targets "
            evidence += f"moved {words}, {then:.0%} of them"
            remedy = f"keep each target beside its inputs; {TOGETHER}"
            yield Finding("shuffled-apart", "error", sentence, evidence, remedy, None, _where(course))
            return


def find_sorted_alone(course: Course) -> Iterator[Finding]:
    """Find a list of inputs or targets that was sorted by itself, so that the pairs are apart."""
    pairs = pairs_of(course)
    share = explained(*map(list, zip(*pairs, strict=True))) if len(pairs) >= MIN_PAIRS else 1.0
    if share > POOR:
        return
    for name, thing in course.variables.items():
        rows = [*map(row_of, thing)] if isinstance(thing, list) and len(thing) == len(pairs) else []
        is_sorted = all(rows) and rows == sorted(rows) and len(set(rows)) > 1
        for file in course.files if is_sorted else ():
            if source := sorts(file, name):
                sentence = f"{name} is sorted by itself: its numbers no longer belong to those of the other list."
                evidence = (
                    f"{name} has {len(rows)} numbers in order; the inputs explain {max(share, 0.0):.0%} of the targets"
                )
                remedy = "sort pairs: pairs = sorted(zip(inputs, targets))"
                yield Finding("shuffled-apart", "error", sentence, evidence, remedy, None, source)
                return


def find_new_inputs(course: Course) -> Iterator[Finding]:
    """Find inputs that are made anew for each step, with the targets of those before."""
    steps = [[(term.inputs, term.target) for term in course.compared(each)] for each in course.kept]
    known = [inputs for step in steps for inputs, _ in step]
    orders = {tuple(target for _, target in step) for step in steps}
    if len(steps) < 3 or len(orders) > 1 or len(set(known)) < len(known) or len(set(next(iter(orders)))) < 2:
        return
    pairs = [pair for step in steps for pair in step][:MAX_PAIRS]
    if len(pairs) < MIN_FRESH or len({len(inputs) for inputs, _ in pairs}) > 1 or not pairs[0][0]:
        return
    last = {inputs for inputs, _ in steps[-1]}
    if not any({*map(row_of, thing)} == {x[: len(row_of(thing[0]))] for x in last} for _, thing in course.lists):
        return  # noise that is not data
    share = explained([inputs for inputs, _ in pairs], [target for _, target in pairs])
    if share < NOTHING:
        sentence = "the inputs are made anew for each step, and the targets are not: they do not belong together."
        evidence = f"{len(steps)} steps have the same {len(steps[0])} targets, each with other inputs, which explain "
        evidence += f"{max(share, 0.0):.0%} of them"
        remedy = "compute the targets from the new inputs, or make both once, before the loop"
        yield Finding("shuffled-apart", "error", sentence, evidence, remedy, None, _where(course))


def find_constant_targets(course: Course) -> Iterator[Finding]:
    """Find lists of targets that are all the same number, although the inputs differ."""
    pairs = pairs_of(course)
    if len(pairs) < MIN_LEAK or len({target for _, target in pairs}) > 1:
        return
    target = pairs[0][1]
    for path, thing in course.lists:
        known = {(target,)} if isinstance(target, float) else {(0.0,), (1.0,)}
        if len(thing) == len(pairs) and len(rows := set(map(row_of, thing))) == 1 and rows <= known:
            sentence = f"all targets in {path} are the same, so there is nothing to tell apart."
            evidence = f"each of the {len(pairs)} targets is {format_number(row_of(thing[0])[0])}; the inputs differ"
            remedy = "look at how the targets are made, for instance at a limit that no number reaches"
            yield Finding("constant-targets", "error", sentence, evidence, remedy, None, _where(course))
            return


def find_unused_columns(course: Course) -> Iterator[Finding]:
    """Find rows of data whose last numbers no weight is multiplied by, since ``zip()`` stops at the shorter list."""
    pairs = pairs_of(course)
    source = _where(course)
    lines = {node.source for each in course.kept[:1] for node in each.order or () if node.op is ops.mul}
    if not pairs or not any(line and "zip(" in line.text for line in lines):
        return
    width = len(dict.fromkeys(zip(*(inputs for inputs, _ in pairs), strict=True)))
    known = {inputs[:width]: target for inputs, target in pairs}
    for path, thing in course.lists:
        rows = [*map(row_of, thing)]
        if len(rows) < len(known) or not len(rows[0]) > width or len({len(row) for row in rows}) > 1:
            continue
        used = [row for row in rows if row[:width] in known]
        rest = [row[width:] for row in used]
        if len({row[:width] for row in used}) < len(known) or len(set(rest)) < 2:
            continue
        if all(known[row[:width]] in row for row in used) or not isinstance(known[used[0][:width]], float):
            continue  # the target is the last number of its row, or that is not known
        sentence = f"the rows of {path} have {len(rows[0])} numbers, but only the first {width} are used."
        evidence = f"for instance, of {', '.join(format_number(x, 4) for x in used[0])} only the first {width} "
        evidence += f"enter the prediction; {counted(width, 'weight')} for {len(rows[0])} inputs"
        remedy = "make a weight for each input; zip() silently stops at the shorter list, unless strict=True"
        where = next((line for line in lines if line and "zip(" in line.text), source)
        yield Finding("length-mismatch", "error", sentence, evidence, remedy, None, where)
        return


def explained(inputs: Sequence[Inputs], targets: Sequence[Hashable]) -> float:
    """Return the share of the targets that the inputs explain: by a linear function, or by the nearest other input.

    >>> rows = [(float(i),) for i in range(12)]
    >>> round(explained(rows, [2.0 * x for (x,) in rows]), 3)
    1.0
    """
    inputs = list(zip(*dict.fromkeys(zip(*inputs, strict=True)), strict=True))  # each column once
    count, width = len(inputs), len(inputs[0])
    spread = unexplained([()] * count, targets)
    linear = 0.0
    if count > width + 2 and spread:
        rest = unexplained(inputs, targets) / spread
        linear = 1.0 - rest * (count - 1) / (count - width - 1)
    scales = [pvariance(column) or 1.0 for column in zip(*inputs, strict=True)]
    nearest = [
        min((j for j in range(count) if j != i), key=lambda j: _distance(inputs[i], inputs[j], scales))
        for i in range(count)
    ]
    numbers = [target for target in targets if isinstance(target, float)]
    if len(numbers) == count and len(set(numbers)) > MANY_CLASSES:
        errors = sum((numbers[i] - numbers[j]) ** 2 for i, j in enumerate(nearest)) / count
        return max(linear, 1.0 - errors / (2.0 * spread))
    chance = sum((targets.count(kind) / count) ** 2 for kind in set(targets))
    same = sum(targets[i] == targets[j] for i, j in enumerate(nearest)) / count
    return max(linear, (same - chance) / (1.0 - chance) if chance < 1.0 else 0.0)


def _distance(first: Inputs, second: Inputs, scales: Sequence[float]) -> float:
    return sum((a - b) ** 2 / scale for a, b, scale in zip(first, second, scales, strict=True))


def find_given_away(course: Course) -> Iterator[Finding]:
    """Find targets that are among their own inputs."""
    pairs = pairs_of(course)
    targets = tuple(target for _, target in pairs if isinstance(target, float))
    if len(set(targets)) < MIN_LEAK or len(targets) < len(pairs):
        return
    columns = list(dict.fromkeys(zip(*(inputs for inputs, _ in pairs), strict=True)))
    if len(columns) < 2 or targets not in columns:
        return
    place, inputs, target = columns.index(targets) + 1, pairs[0][0], targets[0]
    sentence = f"the target is among the inputs: input {place} of {len(columns)} is the target itself, in all samples."
    row = ", ".join(format_number(x, 4) for x in dict.fromkeys(inputs[:8]))
    evidence = f"for instance the input {row} has the target {format_number(target, 4)}; so do all {len(pairs)} samples"
    remedy = "take the target out of the inputs: what is to be predicted is not known then"
    yield Finding("target-given-away", "warning", sentence, evidence, remedy, None, _where(course))


def find_constant_inputs(course: Course) -> Iterator[Finding]:
    """Find data in which all rows have become the same numbers, as by whole division."""
    known = {term.inputs for each in course.kept for term in course.compared(each)}
    targets = {term.target for each in course.kept for term in course.compared(each)}
    if len(known) != 1 or len(targets) < 2 or not (inputs := next(iter(known))):
        return
    for path, thing in course.lists:
        rows = [*map(row_of, thing)]
        width = len(rows[0])
        if width and set(rows) == {inputs[:width]}:
            numbers = listed(map(format_number, inputs[:width]), 6)
            sentence = f"all rows of {path} are the same numbers, so no prediction can depend on the input."
            evidence = f"each of the {len(rows)} rows is {numbers}; there are {len(targets)} different targets"
            remedy = "look at how the data are prepared: in Python, 200 // 255 is 0, and 200 / 255 is not"
            yield Finding("constant-inputs", "error", sentence, evidence, remedy, None, _where(course))
            return


def _where(course: Course) -> Source | None:
    """Return the statement in which outputs and targets meet."""
    return next((term.node.source for each in course.kept for term in course.compared(each)), None)


# --- labels that a loss does not expect ---


def find_zero_labels(case: Case) -> Iterator[Finding]:
    """Find losses that multiply a score by its label, for labels -1 and 1, and get the labels 0 and 1."""
    factors = {term: factor for term in case.terms if (factor := _factor(term.node, case))}
    labels = {abs(label.data) for label, _ in factors.values()}
    if len(factors) < len([t for t in case.terms if t.kind != "penalty"]) or labels != {0.0, 1.0}:
        return
    term, (_, score) = next((t, f) for t, f in factors.items() if not f[0].data)
    count = sum(not label.data for label, _ in factors.values())
    sentence = "the loss multiplies the score by its label, so it takes the labels -1 and 1, but gets 0 and 1."
    evidence = f"{count} of {len(factors)} samples have the label 0: their loss is {format_number(term.node.data)} "
    evidence += f"whatever their score is, here {format_number(score.data)}"
    remedy = "use the labels -1 and 1: y = 2 * y - 1"
    yield Finding("labels-without-sign", "error", sentence, evidence, remedy, term.node)


def _factor(node: Value, case: Case) -> tuple[Value, Value] | None:
    """Return the label and the score that a margin is made of: the only thing that a term depends on."""
    while True:
        if node.op is ops.mul:
            for label, score in (node.inputs, node.inputs[::-1]):
                if not label.inputs and label not in case.trained and score.inputs:
                    return (label, score) if not case.trained.isdisjoint(topological_order(score)) else None
        results = [x for x in node.inputs if x.inputs]
        if len(results) != 1 or node.op is ops.power or any(x.is_leaf and not x.is_constant for x in node.inputs):
            return None
        node = results[0]


def find_one_sided_entropy(case: Case) -> Iterator[Finding]:
    """Find cross entropies of a sigmoid with the part of one class alone."""
    terms = [term for term in case.terms if term.kind != "penalty"]
    if not terms or not all(_is_certain(term) for term in terms):
        return
    unused = [
        node for node in case.order
        if node.op is ops.mul and any(_is_log_of_sigmoid(x) for x in node.inputs)
        and any(not x.inputs and x.data == 0.0 for x in node.inputs)
    ]  # fmt: skip
    if not unused:
        return
    sentence = "the loss has the part of one class alone, so the samples of the other class never count."
    evidence = (
        f"{len(unused)} of {len(unused) + len(terms)} samples have the target 0, and enter the loss as 0 * log(p)"
    )
    remedy = "add the other part: -(y * log(p) + (1 - y) * log(1 - p)), or nn.binary_cross_entropy(p, y)"
    yield Finding("one-sided-entropy", "error", sentence, evidence, remedy, terms[0].node)


def _is_certain(term: Term) -> bool:
    """Return whether a term is minus the logarithm of a sigmoid."""
    return term.weight < 0.0 and _is_log_of_sigmoid(term.node)


def _is_log_of_sigmoid(node: Value) -> bool:
    inner = node.inputs[0] if node.op is ops.log and node.inputs else None
    while inner is not None and inner.op in (ops.maximum, ops.add) and inner.inputs:  # a limit, or a little more
        inner = inner.inputs[0]
    return inner is not None and inner.op is ops.sigmoid

"""Examinations of what a network computes if it is linear: layers without an activation, and a bias that is missing."""

from collections.abc import Hashable, Iterator, Sequence

from .. import ops
from ..derivatives import jacobian
from ..graph import topological_order
from ..support.text import format_number
from ..value import Value
from .case import Case
from .finding import Finding
from .samples import Term, score_of

UNEXPLAINED = 0.5, 0.1  # of the targets' variance by the best linear function; where there is a layer of units
ALMOST_ALL, MAX_WIDTH = 0.9, 6
BETTER = 4.0  # how much closer a linear function with a constant must come, for a bias that is missing

Row = Sequence[float]


def find_linear_layers(case: Case) -> Iterator[Finding]:
    """Find layers one after the other without an activation between them: together they are one linear layer."""
    samples = _samples(case)
    nodes = list(dict.fromkeys(x for score, _ in samples for x in topological_order(score) if x.inputs))
    second = _second_weights(case, nodes)
    if not second or not all(map(_is_linear, nodes)):
        return
    rows, targets = [term.inputs for _, term in samples], [term.target for _, term in samples]
    best, spread = unexplained(rows, targets), unexplained([()] * len(targets), targets)
    is_layer = len({unit for _, unit in second}) > len({score for score, _ in samples})
    if len(set(targets)) < 2 or best < UNEXPLAINED[is_layer] * spread:
        return
    sentence = "there is no activation between the layers: together they are one linear layer, and cannot learn more."
    evidence = f"the best linear function of these inputs leaves {best / spread:.0%} of the targets' variance"
    errors = [
        (term.output.data - term.target) ** 2 for _, term in samples if term.output and isinstance(term.target, float)
    ]
    if len(errors) == len(samples):
        evidence = f"the mean squared error is {format_number(sum(errors) / len(errors), 4)}; the best linear function "
        evidence += f"of these inputs has {format_number(best, 4)}"
    remedy = 'put an activation between them, such as nn.Layer(..., "tanh") or h.tanh()'
    yield Finding("linear-network", "warning", sentence, evidence, remedy, second[0][0])


def find_linear_unit(case: Case) -> Iterator[Finding]:
    """Find networks without a hidden layer on data that no linear function fits."""
    samples = _samples(case)
    targets = [term.target for _, term in samples]
    rows = _features(case, [score for score, _ in samples])
    if len(set(targets)) < 2 or not rows or len(rows[0]) > MAX_WIDTH:
        return
    width, spread = len(rows[0]), unexplained([()] * len(targets), targets)
    squares = [[*row, *(row[i] * row[j] for i in range(width) for j in range(i, width))] for row in rows]
    linear, square = unexplained(rows, targets), unexplained(squares, targets)
    if linear < ALMOST_ALL * spread or square > 0.1 * spread or len(rows) < width + 1:
        return
    sentence = "the network is linear, and what it is to learn is not: no weights can fit these samples."
    evidence = f"the best linear function of the inputs explains {1.0 - linear / spread:.0%} of the targets; with "
    evidence += f"products of inputs, {1.0 - square / spread:.0%}"
    remedy = 'add a hidden layer with an activation, such as nn.MLP(..., [4, 1], activation="tanh")'
    weight = next(node for node in case.order if node in case.trained)
    yield Finding("linear-network", "warning", sentence, evidence, remedy, weight)


def _features(case: Case, scores: Sequence[Value]) -> list[Row]:
    """Return the numbers that weights are multiplied by in scores that are linear in them: the derivatives."""
    nodes = list(dict.fromkeys(x for score in scores for x in topological_order(score) if x.inputs))
    trained = [node for node in case.order if node in case.trained]
    if not nodes or not all(map(_is_linear, nodes)) or _second_weights(case, nodes):
        return []
    if any(node.op is ops.mul and case.trained.issuperset(node.inputs) for node in nodes):
        return []
    return list(jacobian(scores, trained))


def _samples(case: Case) -> list[tuple[Value, Term]]:
    """Return the samples with the scores that they come to; none if they are not computed alike."""
    terms = [t for t in case.terms if t.output is not None and t.kind in ("error", "surprise") and t.target is not None]
    samples = [(score_of(term.output), term) for term in terms if term.output is not None]
    return samples if len({len(term.inputs) for term in terms}) == 1 else []


def _second_weights(case: Case, nodes: Sequence[Value]) -> list[tuple[Value, Value]]:
    """Return the parameters that weighted sums of other parameters are multiplied by, each with its sum."""
    weights: dict[Value, set[Value]] = {}  # those that each node was computed from
    sums = set[Value]()
    second: list[tuple[Value, Value]] = []
    for node in nodes:
        below = weights[node] = {x for x in node.inputs if x in case.trained}.union(
            *(weights[x] for x in node.inputs if x in weights)
        )
        if node.op is ops.mul:
            pairs = node.inputs, node.inputs[::-1]
            second += [(w, x) for w, x in pairs if w in case.trained and x in sums and w not in weights[x]]
        elif node.op.role == "linear" and below and any(x in weights for x in node.inputs):
            sums.add(node)
    return second


def _is_linear(node: Value) -> bool:
    """Return whether a node is linear in what is computed before it."""
    results = [bool(x.inputs) for x in node.inputs]
    if node.op is ops.div:
        return not results or not results[1]
    return not results or (node.op.role == "linear" and not (node.op is ops.mul and all(results)))


def find_missing_bias(case: Case) -> Iterator[Finding]:
    """Find outputs without any bias that would need one: they are 0 where the inputs are, whatever the weights are."""
    samples = _samples(case)
    below = {x for score, _ in samples for x in topological_order(score)}
    factors = {x for node in below if node.op is ops.mul for x in node.inputs if x in case.trained}
    added = {x for node in below if node.op is not ops.mul for x in node.inputs if x in case.trained}
    if not factors or added or any(not x.inputs and x not in factors and x.data and _is_added(x, below) for x in below):
        return
    weight = next(node for node in case.order if node in factors)
    remedy = "add a bias, a parameter of its own that starts at 0: w * x + b"
    for score, term in samples:
        if isinstance(term.target, float) and term.output and term.output.data != term.target and not any(term.inputs):
            gradients = case.gradients_of([score, weight])
            if gradients and gradients[score] and score.data == 0.0 and len(samples) > 1:
                sentence = "there is no bias: where all inputs are 0, the output is the same whatever the weights are."
                evidence = f"for the input {_shown(term.inputs)} the target is {format_number(term.target)}, and the "
                evidence += f"output is always {format_number(term.output.data)}"
                yield Finding("missing-bias", "warning", sentence, evidence, remedy, weight)
                return
    if any(score is not term.output or not isinstance(term.target, float) for score, term in samples):
        return
    rows, targets = _features(case, [score for score, _ in samples]), [term.target for _, term in samples]
    if not rows:
        return
    without, best = unexplained(rows, targets, has_constant=False), unexplained(rows, targets)
    spread = unexplained([()] * len(targets), targets)
    if len(targets) < len(rows[0]) + 3 or without < BETTER * best + 0.05 * spread:
        return
    sentence = "there is no bias, and the targets need one: the output is 0 where the inputs are 0."
    evidence = f"the best linear function without a constant has the mean squared error {format_number(without, 4)}; "
    evidence += f"with a constant, {format_number(best, 4)}"
    yield Finding("missing-bias", "warning", sentence, evidence, remedy, weight)


def _is_added(leaf: Value, below: set[Value]) -> bool:
    return any(leaf in node.inputs and node.op in (ops.add, ops.sub) for node in below)


def _shown(numbers: Row) -> str:
    return ", ".join(format_number(x) for x in numbers[:6])


def unexplained(rows: Sequence[Row], targets: Sequence[Hashable], *, has_constant: bool = True) -> float:
    """Return the mean squared error of the linear function that fits best; for classes, the sum of one for each.

    >>> unexplained([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]) < 1e-9
    True
    """
    if all(isinstance(target, int | float) for target in targets):
        return _mean_squared_error(rows, targets, has_constant)  # type: ignore[arg-type]
    classes = list(dict.fromkeys(targets))
    return sum(_mean_squared_error(rows, [float(t == kind) for t in targets], has_constant) for kind in classes)


def _mean_squared_error(rows: Sequence[Row], targets: Sequence[float], has_constant: bool) -> float:
    """Return the smallest mean squared error of a linear function, by normal equations."""
    rows = [[1.0, *row] if has_constant else [*row] for row in _independent(rows)]
    width = len(rows[0])
    matrix = [[sum(r[i] * r[j] for r in rows) + 1e-9 * (i == j) for j in range(width)] for i in range(width)]
    right = [sum(r[i] * t for r, t in zip(rows, targets, strict=True)) for i in range(width)]
    for i in range(width):  # elimination; the matrix is symmetric and positive definite
        for j in range(i + 1, width):
            factor = matrix[j][i] / matrix[i][i]
            matrix[j] = [x - factor * y for x, y in zip(matrix[j], matrix[i], strict=True)]
            right[j] -= factor * right[i]
    weights = [0.0] * width
    for i in reversed(range(width)):
        weights[i] = (right[i] - sum(map(float.__mul__, matrix[i][i + 1 :], weights[i + 1 :]))) / matrix[i][i]
    errors = [sum(map(float.__mul__, map(float, row), weights)) - t for row, t in zip(rows, targets, strict=True)]
    return sum(error * error for error in errors) / len(errors)


def _independent(rows: Sequence[Row]) -> list[Row]:
    """Return rows without the columns that repeat others, as the units of a layer repeat the inputs."""
    columns = dict.fromkeys(zip(*rows, strict=True))
    return list(zip(*columns, strict=True)) if columns else list(rows)

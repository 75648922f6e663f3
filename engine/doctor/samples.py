"""Samples: what a loss is made of, read off its graph: a term for each sample, with output, target and inputs."""

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from ..graph import topological_order
from ..value import Value

MAX_DEPTH = 8  # how far below a term its error is looked for

IsPlain = Callable[[Value], bool]  # whether a node is a number that is not trained: data, a target, a factor


class Term(NamedTuple):
    """A part of a loss that is a sum.

    Attributes:
        node: the term.
        weight: the plain factor before it in the sum, with its sign.
        kind: ``"error"``, ``"surprise"`` (the logarithm of a probability), ``"penalty"`` or ``"other"``.
        output: what is compared with the target; None where that is not clear.
        target: a number, or what stands for a class.
        inputs: the plain numbers that the output was computed from, in order; without factors of hidden units, such as
            those of Dropout.
    """

    node: Value
    weight: float
    kind: str
    output: Value | None
    target: Hashable
    inputs: tuple[float, ...]


def terms_of(root: Value, is_plain: IsPlain) -> list[Term]:
    """Return the terms of a loss."""
    found: list[Term] = []
    waiting = [(root, 1.0)]
    while waiting:
        node, weight = waiting.pop()
        name, inputs = node.op.name, node.inputs
        if not inputs:
            continue
        if name == "add":
            waiting += [(inputs[1], weight), (inputs[0], weight)]
        elif name == "neg":
            waiting.append((inputs[0], -weight))
        elif name in ("mul", "div") and is_plain(inputs[1]):
            factor = inputs[1].data
            waiting.append((inputs[0], weight * factor if name == "mul" else weight / factor))
        elif name == "mul" and is_plain(inputs[0]):
            waiting.append((inputs[1], weight * inputs[0].data))
        elif name == "sub" and not (_is_surprise(node) or _is_of_logit(node, is_plain)):
            waiting += [(inputs[1], -weight), (inputs[0], weight)]
        elif weight:
            found.append(_term(node, weight, is_plain))
    return found


def _is_error(node: Value, is_plain: IsPlain) -> bool:
    return node.op.name == "sub" and bool(node.inputs) and is_plain(node.inputs[0]) != is_plain(node.inputs[1])


def _is_surprise(node: Value) -> bool:
    """Return whether a node is a logarithm of softmax: a score minus the logarithm of a sum of exponentials."""
    if node.op.name != "sub" or node.inputs[1].op.name != "log" or not node.inputs[1].inputs:
        return False
    total = node.inputs[1].inputs[0]
    return "exp" in [total.op.name, *(x.op.name for x in total.inputs)] and total.op.name in ("exp", "add")


def _is_of_logit(node: Value, is_plain: IsPlain) -> bool:
    """Return whether a node is the surprise of a sigmoid, written with its logit: softplus(logit) - logit * target."""
    if node.op.name != "sub" or node.inputs[0].op.name != "softplus" or node.inputs[1].op.name != "mul":
        return False
    return node.inputs[0].inputs[0] in node.inputs[1].inputs and any(map(is_plain, node.inputs[1].inputs))


def _term(node: Value, weight: float, is_plain: IsPlain) -> Term:
    kind, output, target = "other", None, None
    if node.op.name == "log":
        kind, output = "surprise", node.inputs[0]
        if output.op.name == "maximum" and output.inputs and is_plain(output.inputs[1]):  # a limit
            output = output.inputs[0]
        is_rest = _is_error(output, is_plain) and is_plain(output.inputs[0])  # 1 - p
        output, target = (output.inputs[1], 0.0) if is_rest else (output, _class_of(output))
    elif _is_surprise(node):
        kind, output, target = "surprise", below_softmax(node.inputs[0]), _class_of(node.inputs[0])
    elif _is_of_logit(node, is_plain):
        output = node.inputs[0].inputs[0]
        kind, target = "surprise", next(x.data for x in node.inputs[1].inputs if is_plain(x))
    elif (error := _error_below(node, is_plain)) is not None:
        kind = "error"
        output, number = error.inputs if is_plain(error.inputs[1]) else error.inputs[::-1]
        target = number.data
    order = topological_order(node if output is None else output)
    factors = [
        (x.data, other.is_leaf) for each in order if each.op.name == "mul" and each.inputs
        for x, other in (each.inputs, each.inputs[::-1]) if is_plain(x) and not is_plain(other)
    ]  # fmt: skip
    is_weighted = any(is_weight for _, is_weight in factors)  # else, weights are computed from parameters
    inputs = tuple(number for number, is_weight in factors if is_weight or not is_weighted)
    if kind == "other" and all(x.is_leaf and not is_plain(x) for x in node.inputs):
        kind = "penalty"
    return Term(node, weight, kind, output, target, inputs)


def _error_below(node: Value, is_plain: IsPlain) -> Value | None:
    """Return the difference between an output and its target that a term was computed from."""
    level = [node]
    for _ in range(MAX_DEPTH):
        for each in level:
            if _is_error(each, is_plain):
                return each
        level = [x for each in level if each.op.name in ERRORS for x in each.inputs if x.inputs]
    return None


ERRORS = {"power", "mul", "abs", "where", "relu", "sub", "sqrt", "maximum", "minimum", "div", "neg"}  # of an error


def score_of(output: Value) -> Value:
    """Return what an output is computed from by its last activation or by softmax; else, the output itself.

    >>> x = Value(2.0, "x")
    >>> score_of(x.sigmoid()) is x, score_of(x.exp() / (x.exp() + 1.0)) is x, score_of(x) is x
    (True, True, True)
    """
    if output.op.role == "activation" and output.inputs:
        return output.inputs[0]
    return below_softmax(output) if output.op.name == "div" and output.inputs[0].op.name == "exp" else output


def below_softmax(node: Value) -> Value:
    """Return the score that a probability, or its logarithm, was computed from by softmax; else, the node itself."""
    while node.inputs and node.op.name in ("div", "exp", "sub", "maximum", "log"):
        node = node.inputs[0]
    return node


def _class_of(score: Value) -> Hashable:
    """Return what stands for the class of a score or a probability: a leaf of the unit that computes it."""
    node = below_softmax(score)
    while node.inputs:
        node = next((x for x in node.inputs if x.is_leaf), node.inputs[0])
    return "class", node


def shapes_of(order: Sequence[Value]) -> dict[Value, int]:
    """Return a number for each node, equal for nodes computed in the same way from the same leaves and numbers.

    >>> w = Value(2.0)
    >>> shapes = shapes_of(topological_order(w * 3.0 + w * 3.0))
    >>> len(shapes), len(set(shapes.values()))
    (6, 4)
    """
    numbers: dict[Hashable, int] = {}
    found: dict[Value, int] = {}
    for node in order:
        key: Hashable = node
        if node.inputs:
            key = node.op, *(found[x] for x in node.inputs)
        elif node.is_constant:
            key = node.data
        found[node] = numbers.setdefault(key, len(numbers))
    return found

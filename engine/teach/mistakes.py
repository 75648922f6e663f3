"""Classic mistakes: the wrong numbers that learners arrive at, each with what was done to get it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from .. import ops
from ..graph import recomputed, topological_order
from ..ops import Operation
from ..value import Value
from .item import Mistake, shown
from .problems import ROOT, Edge, Path, Problem, name, route

Rule = Callable[..., float]

# What people compute in the place of an operation, and how that is said.
OTHER_VALUES: dict[Operation, tuple[tuple[Rule, str], ...]] = {
    ops.add: ((lambda x, y: x * y, "multiplied where it says +"), (lambda x, y: x - y, "subtracted where it says +")),
    ops.sub: (
        (lambda x, y: x + y, "a sign lost: added where it says -"),
        (lambda x, y: y - x, "the operands of - the wrong way round"),
    ),
    ops.mul: ((lambda x, y: x + y, "added where it says *"), (lambda x, y: -x * y, "a sign lost in the product")),
    ops.div: ((lambda x, y: y / x, "the quotient upside down"), (lambda x, y: x * y, "multiplied where it says /")),
    ops.relu: ((lambda x: x, "relu lets nothing below 0 through"),),
    ops.abs: ((lambda x: x, "abs takes the sign away"),),
    ops.maximum: ((min, "the smaller one taken where it says maximum"),),
    ops.minimum: ((max, "the larger one taken where it says minimum"),),
    ops.power.bind(exponent=2.0): (
        (lambda x: 2.0 * x, "doubled where it says squared"),
        (lambda x: -x * x, "a square has no minus sign"),
    ),
}

# What people take for a derivative, and how that is said.
OTHER_SLOPES: dict[str, tuple[tuple[Callable[[Edge], float], str], ...]] = {
    "tanh": ((lambda edge: 1.0 - edge.node.data, "the square is missing: tanh' is 1 - tanh ** 2"),),
    "sigmoid": ((lambda edge: 1.0 - edge.node.data, "a factor is missing: sigmoid' is sigmoid * (1 - sigmoid)"),),
    "log": ((lambda edge: edge.operand.data, "upside down: log' is 1 / x"),),
    "exp": ((lambda edge: edge.operand.data, "exp is its own derivative"),),
    "power": ((lambda edge: edge.operand.data, "the factor 2 is missing: the derivative of x ** 2 is 2 * x"),),
    "div": (
        (lambda edge: edge.node.inputs[0].data, "by the operand above it is 1 / y, by the one below -x / y ** 2"),
        (lambda edge: -edge.local, "a sign: 1 / y by the operand above, -x / y ** 2 by the one below"),
    ),
    "sub": ((lambda edge: -edge.local, "a sign: x - y has the local gradients 1 and -1"),),
}


def of_value(node: Value) -> Iterator[Mistake]:
    """Yield wrong values of a node."""
    order = topological_order(node)
    for step in (each for each in order if each.op in OTHER_VALUES):
        for rule, told in OTHER_VALUES[step.op]:  # type: ignore[index]
            try:
                wrong = rule(*(x.data for x in step.inputs))
                yield Mistake(recomputed(order, {step: wrong})[node], f"{told}, in {name(step)}")
            except ArithmeticError:
                continue
    yield Mistake(-node.data, "the size is right, the sign is not")


def of_local(problem: Problem, edge: Edge) -> Iterator[Mistake]:
    """Yield wrong local gradients."""
    node, operand = name(edge.node), name(edge.operand)
    for other, its in _others(edge):
        yield Mistake(other, f"this is the derivative of {node} by the wrong operand: by {its}, not by {operand}")
    yield from (Mistake(number, told) for number, told in _other_slopes(edge))
    yield Mistake(
        edge.local * problem.grad(edge.node),
        f"the upstream gradient dL/d{node} is in it already; the local gradient is ∂{node}/∂{operand} alone",
    )
    yield Mistake(edge.node.data, f"this is the value of {node}, not a derivative")
    yield Mistake(-edge.local, "the size is right, the sign is not")


def of_path(problem: Problem, path: Path) -> Iterator[Mistake]:
    """Yield wrong products along a path."""
    locals_ = [edge.local for edge in path]
    node = path[-1].operand
    if len(path) > 1:
        yield Mistake(
            sum(locals_),
            f"added instead of multiplied: {' + '.join(map(bracketed, locals_))}; "
            "along a path, local gradients are multiplied",
        )
        for index, edge in enumerate(path):
            rest = math.prod(locals_[:index] + locals_[index + 1 :])
            where = f"the factor ∂{name(edge.node)}/∂{name(edge.operand)} = {shown(edge.local)} is forgotten"
            yield Mistake(rest, where + (": it is the upstream gradient of the others" if index == 0 else ""))
    yield from _slips(path)
    yield Mistake(problem.grad(node), f"this is the whole gradient of {name(node)}, the sum over all its paths")
    yield Mistake(-math.prod(locals_), "the size is right, the sign is not")


def of_gradient(problem: Problem, node: Value) -> Iterator[Mistake]:
    """Yield wrong gradients of a node."""
    paths = problem.paths(node)
    grad = problem.grad(node)
    each = [product(path) for path in paths]
    if len(paths) > 1:
        for path, contribution in zip(paths, each, strict=True):
            yield Mistake(grad - contribution, f"forgot a path: {route(path)} brings another {shown(contribution)}")
            yield Mistake(contribution, f"forgot the other paths: this is {route(path)} alone")
        yield Mistake(
            math.prod(each), f"multiplied the paths, where they are added: {' + '.join(map(bracketed, each))}"
        )
    yield Mistake(
        sum(edge.local for path in paths for edge in path),
        "added instead of multiplied: along each path the local gradients are multiplied, then the paths are added",
    )
    last = {path[-1] for path in paths}
    yield Mistake(
        sum(edge.local for edge in last),
        f"forgot the upstream gradient: {_locals_told(last)} alone, without what comes from {ROOT}",
    )
    for path in paths:
        for slip in _slips(path):
            yield Mistake(grad - product(path) + slip.number, slip.told)
    yield Mistake(-grad, "the size is right, the sign is not")
    yield Mistake(node.data, f"this is the value of {name(node)}, not its gradient")


def of_update(problem: Problem, node: Value, rate: float) -> Iterator[Mistake]:
    """Yield wrong numbers after a step of gradient descent."""
    x, grad = node.data, problem.grad(node)
    yield Mistake(x + rate * grad, "uphill: descent subtracts, it goes against the gradient")
    yield Mistake(x - grad, "forgot the learning rate")
    yield Mistake(x - rate, "forgot the gradient: the step is learning rate times gradient")
    yield Mistake(rate * grad, f"this is the step alone; subtract it from {name(node)}")
    yield Mistake(-rate * grad, f"this is the change alone; add it to {name(node)}")
    yield Mistake(x - rate * x, f"the step has {name(node)} itself in the place of its gradient")
    yield Mistake(x, "this is the number before the step")
    for mistake in of_gradient(problem, node):
        yield Mistake(x - rate * mistake.number, f"the gradient is not right: {mistake.told}")


def of_result(problem: Problem, node: Value, rate: float) -> Iterator[Mistake]:
    """Yield wrong results after a step of gradient descent by one input."""
    grad, before = problem.grad(node), problem.root.data
    yield Mistake(before, "this is the result before the step")
    for moved, told in ((grad * rate, "uphill: descent subtracts"), (-grad, "forgot the learning rate")):
        try:
            yield Mistake(recomputed(problem.walk.order, {node: node.data + moved})[problem.root], told)
        except ArithmeticError:
            continue
    yield Mistake(before - rate * grad * grad, "this is what the slope at the old place predicts; compute it anew")
    yield Mistake(before - rate * grad, f"the step changes {name(node)}, not L; compute L anew from it")


def product(path: Path) -> float:
    """Return the product of the local gradients along a path."""
    return math.prod(edge.local for edge in path)


def bracketed(number: float) -> str:
    """Return a number as it stands in a sum or product."""
    return f"({shown(number)})" if number < 0 else shown(number)


def _slips(path: Path) -> Iterator[Mistake]:
    """Yield wrong products along a path, with one local gradient wrong."""
    for index, edge in enumerate(path):
        rest = math.prod(each.local for place, each in enumerate(path) if place != index)
        node, operand = name(edge.node), name(edge.operand)
        for other, its in _others(edge):
            yield Mistake(
                rest * other, f"at {node}, this takes the derivative by the wrong operand: by {its}, not by {operand}"
            )
        for number, told in _other_slopes(edge):
            yield Mistake(rest * number, f"at {node}: {told}")


def _others(edge: Edge) -> Iterator[tuple[float, str]]:
    """Yield the local gradients by the other operands, and their names; for a difference they are a matter of sign."""
    if edge.node.op is ops.sub:
        return
    for position, operand in enumerate(edge.node.inputs):
        if operand is not edge.operand:
            yield edge.node.local_grads[position], name(operand)


def _other_slopes(edge: Edge) -> Iterator[tuple[float, str]]:
    assert edge.node.op is not None
    for rule, told in OTHER_SLOPES.get(edge.node.op.name, ()):
        yield rule(edge), told


def _locals_told(edges: set[Edge]) -> str:
    return " and ".join(sorted(f"∂{name(edge.node)}/∂{name(edge.operand)}" for edge in edges))

"""Topics: what a quiz can ask about a problem, each answer checked without the chain rule."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from .. import ops
from ..check import check_gradients
from ..errors import DomainError, GradientMismatchError
from ..graph import recomputed
from ..notation.formulas import local_derivative, product, statement, with_numbers
from ..notation.symbols import operations_in, written
from ..paths import Edge, carried
from ..step import Backward
from ..value import Value
from ..words import mistakes
from ..words.mistakes import WrongNumber
from .item import ChoiceItem, Item, NumberItem, is_near, read, shown
from .problems import Problem, name

RATES = 0.5, 0.1, 0.25, 0.01

Maker = Callable[[Problem, int, Random], Item | None]


def value(problem: Problem, level: int, random: Random) -> Item:
    """Ask for the value of a step."""
    node = random.choice(problem.results[-2:])
    _same(node.data, _by_text(problem, node), f"the value of {name(node)}")
    return NumberItem(
        "value", level, *_given(problem),
        question=f"What is {name(node)}?",
        solution=tuple(_forward(each) for each in problem.results[: problem.results.index(node) + 1]),
        number=node.data,
        mistakes=tuple(mistakes.of_value(node, name)),
        known={leaf.label: leaf.data for leaf in problem.inputs},
    )  # fmt: skip


def local(problem: Problem, level: int, random: Random) -> Item:
    """Ask for a local gradient."""
    edge = random.choice(_edges_asked(problem))
    _same(edge.local, slope_along((edge,)), _derivative(edge))
    return NumberItem(
        "local", level, *_given(problem),
        question=f"What is the local gradient {_derivative(edge)}?",
        solution=(f"{name(edge.node)} = {statement(edge.node, name)}", _slope(edge)),
        number=edge.local,
        mistakes=tuple(mistakes.of_local(edge, problem.grad(edge.node), name)),
        known=problem.numbers,
    )  # fmt: skip


def path(problem: Problem, level: int, random: Random) -> Item | None:
    """Ask for the product of the local gradients along a path; None where no path can be named."""
    clear = set(_edges_asked(problem))
    found = [each for node in problem.inputs for each in problem.paths(node) if clear.issuperset(each)]
    if not found:
        return None
    chosen = random.choice([each for each in found if len(each) > 1] or found)
    answer = carried(chosen)
    _same(answer, slope_along(chosen), problem.route(chosen))
    factors = " * ".join(bracketed(edge.local) for edge in chosen)
    multiplied = [f"along the path they are multiplied: {factors} = {shown(answer)}"] if len(chosen) > 1 else []
    return NumberItem(
        "path", level, *_given(problem),
        question=f"What does the path {problem.route(chosen)} contribute to dL/d{name(chosen[-1].operand)}?",
        solution=(*map(_slope, chosen), *multiplied),
        number=answer,
        mistakes=tuple(mistakes.of_path(chosen, problem.grad(chosen[-1].operand), name)),
        known=problem.numbers,
    )  # fmt: skip


def gradient(problem: Problem, level: int, random: Random) -> Item:
    """Ask for the gradient of an input."""
    node = random.choice(problem.inputs)
    _check_grad(problem, node)
    return NumberItem(
        "gradient", level, *_given(problem),
        question=f"What is the gradient dL/d{name(node)}?",
        solution=tuple(_backward(problem, node)),
        number=problem.grad(node),
        mistakes=tuple(_wrong_gradients(problem, node)),
        known=problem.numbers,
    )  # fmt: skip


def step(problem: Problem, level: int, random: Random) -> Item:
    """Ask for the next step of the backward pass."""
    for node in problem.order[:-1]:
        _check_grad(problem, node)
    steps = [each for each in problem.walk if isinstance(each, Backward) and each.operand.op is not ops.constant]
    taken = random.randrange(len(steps))
    done, waiting = steps[:taken], steps[taken:]
    to_come = {each.operand for each in waiting}
    right = tuple(dict.fromkeys(_arrow(each) for each in waiting if each.node not in to_come))
    wrong = {_arrow(each): f"{name(each.node)} has not received all of its gradient yet" for each in waiting}
    wrong |= {_arrow(each): "this step is taken already" for each in done}
    wrong |= {
        f"{name(each.operand)} -> {name(each.node)}": "this is the way of the forward pass; gradients go back"
        for each in steps
    }
    told = tuple(f"{_arrow(each)}: {name(each.operand)}.grad = {shown(each.after)}" for each in done)
    so_far = ("steps taken so far:", *told) if told else ("no step is taken yet; L.grad is 1",)
    given, latex = _given(problem)
    return ChoiceItem(
        "step", level, (*given, *so_far), latex,
        question="Which step of the backward pass can come next? Write it as NODE -> OPERAND.",
        solution=("a node hands its gradient on when all that is computed from it has handed on to it:",
                  *map(chain_rule, waiting[:1])),
        right=right,
        wrong={arrow: why for arrow, why in wrong.items() if arrow not in right},
    )  # fmt: skip


def update(problem: Problem, level: int, random: Random) -> Item:
    """Ask for what one step of gradient descent does, to an input or to the result."""
    node, rate = random.choice(problem.inputs), random.choice(RATES)
    _check_grad(problem, node)
    grad = problem.grad(node)
    after = node.data - rate * grad
    step = f"{name(node)} = {shown(node.data)} - {rate:g} * {bracketed(grad)} = {shown(after)}"
    asked = f"One step of gradient descent on {name(node)}, with the learning rate {rate:g}: what is"
    if level > 2 and random.random() < 0.5:
        try:
            moved = recomputed(problem.walk.order, {node: after})
        except DomainError:  # there is no result at the new place
            pass
        else:
            result = moved[problem.root]
            _same(result, _by_text(problem, problem.root, {name(node): after}), "L after the step")
            again = tuple(f"{name(each)} = {shown(moved[each])}" for each in problem.results)
            return NumberItem(
                "update", level, *_given(problem),
                question=f"{asked} L after the step?",
                solution=(f"dL/d{name(node)} = {shown(grad)}", step, *again),
                number=result,
                mistakes=tuple(mistakes.of_result(problem.walk.order, node, grad, rate, name)),
                known=problem.numbers,
            )  # fmt: skip
    return NumberItem(
        "update", level, *_given(problem),
        question=f"{asked} {name(node)} after the step?",
        solution=(*_backward(problem, node), step),
        number=after,
        mistakes=tuple(mistakes.of_update(node, problem.root, grad, rate, name, _wrong_gradients(problem, node))),
        known=problem.numbers,
    )  # fmt: skip


def find(problem: Problem, level: int, random: Random) -> Item:
    """Ask which of several gradients is wrong."""
    nodes = problem.order[:-1]
    for node in nodes:
        _check_grad(problem, node)
    wrong = random.choice(nodes)
    grad = problem.grad(wrong)
    candidates = [each for each in _wrong_gradients(problem, wrong) if not is_near(each.number, grad)]
    slip = random.choice(candidates[:4])
    table = {name(node): problem.grad(node) for node in nodes} | {name(wrong): slip.number}
    given, latex = _given(problem)
    return ChoiceItem(
        "find", level,
        (*given, "gradients: " + ", ".join(f"{each}.grad = {shown(grad)}" for each, grad in sorted(table.items()))),
        latex,
        question="One of these gradients is wrong, and the others are right. Which one?",
        solution=(*_backward(problem, wrong), f"How you get {shown(slip.number)}: {slip.sentence}"),
        right=(name(wrong),),
        wrong={name(node): f"dL/d{name(node)} = {shown(problem.grad(node))} is right"
               for node in problem.order if node is not wrong},
    )  # fmt: skip


TOPICS: Mapping[str, Maker] = {
    "value": value, "local": local, "path": path, "gradient": gradient, "step": step, "update": update, "find": find,
}  # fmt: skip


# --- independent checks -------------------------------------------------------------------------------


def slope_along(path: Sequence[Edge]) -> float:
    """Return by central differences how fast the result moves if the change travels along one path alone."""

    def travelled(x: Value) -> Value:
        for edge in reversed(path):
            operands = [*edge.node.inputs]
            operands[edge.place] = x
            assert edge.node.op is not None
            x = edge.node.op(*operands)
        return x

    return check_gradients(travelled, [path[-1].operand.data]).rows[0].numeric


def slope_by(problem: Problem, node: Value) -> float:
    """Return by central differences how fast the result moves with a node."""

    def result(x: Value) -> Value:
        made = {node: x}
        for each in problem.walk.order:
            if each is not node:
                made[each] = each.op(*(made[y] for y in each.inputs)) if each.op and each.inputs else each
        return made[problem.root]

    return check_gradients(result, [node.data]).rows[0].numeric


def _check_grad(problem: Problem, node: Value) -> None:
    _same(problem.grad(node), slope_by(problem, node), f"dL/d{name(node)}")


def _by_text(problem: Problem, node: Value, other: Mapping[str, float] | None = None) -> float:
    """Return the value of a node as the lines of the problem say, read anew."""
    known = {leaf.label: leaf.data for leaf in problem.inputs} | dict(other or {})
    for line in problem.lines()[1:]:
        result, _, text = line.partition(" = ")
        known[result] = read(text, known)
    return known[name(node)]


def _same(answer: float, independent: float, what: str) -> None:
    if not math.isclose(answer, independent, rel_tol=1e-6, abs_tol=1e-7):
        raise GradientMismatchError(f"{what} is {answer} by the graph and {independent} without it")


# --- telling ------------------------------------------------------------------------------------------


def _given(problem: Problem) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(problem.lines()), tuple(problem.lines(latex=True))


def _wrong_gradients(problem: Problem, node: Value) -> list[WrongNumber]:
    return list(mistakes.of_gradient(problem.walk.order, node, name))


def _edges_asked(problem: Problem) -> list[Edge]:
    """Return the edges of which it is clear what they mean: not those of ``a * a``, nor to a constant."""
    edges = [Edge(node, position) for node in problem.results for position in range(len(node.inputs))]
    return [edge for edge in edges if edge.operand.op is not ops.constant and edge.node.inputs.count(edge.operand) == 1]


def bracketed(number: float) -> str:
    """Return a number as it stands in a sum or product."""
    return f"({shown(number)})" if number < 0 else shown(number)


def _derivative(edge: Edge) -> str:
    """Name a local gradient; its ∂ tells it from a gradient, which has a d."""
    return f"∂{name(edge.node)}/∂{name(edge.operand)}"


def _forward(node: Value) -> str:
    return f"{name(node)} = {statement(node, name)} = {with_numbers(node)} = {shown(node.data)}"


def _slope(edge: Edge) -> str:
    """Say a local gradient: as a formula, and its number."""
    rule = _rule(edge)
    parts = dict.fromkeys((_derivative(edge), "" if rule is None else written(rule), shown(edge.local)))
    return " = ".join(filter(None, parts))


def _rule(edge: Edge) -> Any:
    """Return a local gradient as an expression; None where it differs by cases, which nobody likes to read."""
    rule = local_derivative(edge.node, edge.place, name)
    return None if ops.where in operations_in(rule) else rule


def chain_rule(step: Backward) -> str:
    """Say a step of the chain rule: as a formula, with numbers, and what comes out."""
    edge = Edge(step.node, step.position)
    rule = _rule(edge)
    formula = product(_derivative(edge) if rule is None else rule, f"dL/d{name(step.node)}")
    numbers = product(shown(step.local), shown(step.upstream))
    return f"{_arrow(step)}: {formula} = {numbers} = {shown(step.contribution)}"


def _backward(problem: Problem, node: Value) -> list[str]:
    """Say all steps of the backward pass that a node's gradient comes from."""
    on_the_way = {edge.operand for path in problem.paths(node) for edge in path}
    lines = []
    for each in problem.walk:
        if isinstance(each, Backward) and each.operand in on_the_way:
            lines.append(chain_rule(each))
            contributions = _contributions(problem, each)
            if len(contributions) > 1:
                total = " + ".join(map(bracketed, contributions))
                lines.append(f"dL/d{name(each.operand)} = {total} = {shown(each.after)}")
    return lines


def _contributions(problem: Problem, last: Backward) -> Sequence[float]:
    """Return all contributions to a node's gradient where this step brings the last one, else none."""
    reached = problem.walk.reached_in(last.operand)
    if reached[-1] != last.index:
        return ()
    return [each.contribution for each in map(problem.walk.__getitem__, reached) if isinstance(each, Backward)]


def _arrow(step: Backward) -> str:
    return f"{name(step.node)} -> {name(step.operand)}"

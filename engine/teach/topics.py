"""Topics: what a quiz can ask about a problem, each answer checked without the chain rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from ..backprop import Backward
from ..errors import DomainError
from ..graph import recomputed
from ..notation.formulas import statement
from ..paths import Edge, multiply_locals
from ..support.numbers import format_number
from ..value import Value
from ..words import mistakes
from ..words.equations import product_of
from .item import ChoiceItem, Item, NumberItem, format_answer, is_near, read_number
from .problems import Problem, confirm
from .solution import write_arrow, write_gradient, write_local, write_step, write_value

RATES = 0.5, 0.1, 0.25, 0.01

Maker = Callable[[Problem, Random], Item | None]


def choose_value(problem: Problem, random: Random) -> Item:
    """Choose a step and ask for its value."""
    node = random.choice(problem.results[-2:])
    name = problem.called(node)
    return NumberItem(
        question=f"What is {name}?",
        solution=tuple(write_value(problem, each) for each in problem.results[: problem.results.index(node) + 1]),
        number=confirm(node.data, _read_value(problem, node), name),
        mistakes=tuple(mistakes.of_value(node, problem.called)),
        known={problem.called(leaf): leaf.data for leaf in problem.inputs},
        **_given(problem),
    )


def choose_local(problem: Problem, random: Random) -> Item:
    """Choose an edge and ask for its local gradient."""
    edge = random.choice(_clear_edges(problem))
    partial = mistakes.format_partial(edge, problem.called)
    return NumberItem(
        question=f"What is the local gradient {partial}?",
        solution=(
            f"{problem.called(edge.node)} = {statement(edge.node, problem.called)}",
            write_local(problem, edge),
        ),
        number=confirm(edge.local, problem.slope_along([edge]), partial),
        mistakes=tuple(mistakes.of_local(edge, problem.grad(edge.node), problem.called)),
        known=problem.numbers,
        **_given(problem),
    )


def choose_path(problem: Problem, random: Random) -> Item | None:
    """Choose a path and ask for its contribution; return None if no path can be named."""
    clear = set(_clear_edges(problem))
    found = [path for node in problem.inputs for path in problem.paths(node) if clear.issuperset(path)]
    if not found:
        return None
    path = random.choice([path for path in found if len(path) > 1] or found)
    node, answer, route = path[-1].operand, multiply_locals(path), mistakes.format_path(path, problem.called)
    way = f"multiplied along the path: {product_of([edge.local for edge in path])} = {format_answer(answer)}"
    return NumberItem(
        question=f"What does the path {route} contribute to {problem.gradient_of(node)}?",
        solution=(*(write_local(problem, edge) for edge in path), *[way][: len(path) - 1]),
        number=confirm(answer, problem.slope_along(path), route),
        mistakes=tuple(mistakes.of_path(path, problem.grad(node), problem.called)),
        known=problem.numbers,
        **_given(problem),
    )


def choose_gradient(problem: Problem, random: Random) -> Item:
    """Choose an input and ask for its gradient."""
    return make_gradient_item(problem, random.choice(problem.inputs))


def choose_step(problem: Problem, random: Random) -> Item:
    """Choose a moment of the backward pass and ask for the next step."""
    for node in problem.named[:-1]:
        problem.checked_grad(node)
    called = problem.called
    steps = [each for each in problem.walk if isinstance(each, Backward) and each.operand in problem.named]
    taken = random.randrange(len(steps))
    done, waiting = steps[:taken], steps[taken:]
    to_come = {each.operand for each in waiting}
    right = tuple(dict.fromkeys(write_arrow(problem, each) for each in waiting if each.node not in to_come))
    wrong = {write_arrow(problem, x): f"{called(x.node)} has not received all of its gradient yet." for x in waiting}
    wrong |= {write_arrow(problem, each): "This step is already taken." for each in done}
    wrong |= {
        f"{called(each.operand)} -> {called(each.node)}": "This is the direction of the forward pass." for each in steps
    }
    lines = [
        f"{write_arrow(problem, each)}: {called(each.operand)}.grad = {format_answer(each.after)}" for each in done
    ]
    root = called(problem.root)
    so_far = ["steps taken so far:", *lines] if lines else [f"no step is taken yet; {root}.grad is 1"]
    return ChoiceItem(
        question="Which step of the backward pass can come next? Write it as NODE -> OPERAND.",
        solution=(
            "a node passes its gradient on when every node computed from it has done so:",
            *(write_step(problem, each) for each in waiting[:1]),
        ),
        right=right,
        wrong={arrow: sentence for arrow, sentence in wrong.items() if arrow not in right},
        **_given(problem, *so_far),
    )


def choose_update(problem: Problem, random: Random) -> Item:
    """Choose an input and ask for it, or for the result, after one step of gradient descent."""
    node, rate = random.choice(problem.inputs), random.choice(RATES)
    item = make_update_item(problem, node, rate)
    if len(problem.results) > 2 and random.random() < 0.5:
        try:
            return _make_result_item(problem, node, rate, item)
        except DomainError:  # there is no result at the new place
            pass
    return item


def choose_wrong_gradient(problem: Problem, random: Random) -> Item:
    """Make one of the gradients wrong and ask which one."""
    nodes = problem.named[:-1]
    grads = {node: problem.checked_grad(node) for node in nodes}
    wrong = random.choice(nodes)
    found = mistakes.of_gradient(problem.order, wrong, problem.called)
    slip = random.choice([each for each in found if not is_near(each.number, grads[wrong])][:4])
    table = sorted((problem.called(node), slip.number if node is wrong else grad) for node, grad in grads.items())
    grads[problem.root] = 1.0
    return ChoiceItem(
        question="One of these gradients is wrong, and the others are right. Which one?",
        solution=(*write_gradient(problem, wrong), f"How you get {format_answer(slip.number)}: {slip.sentence}"),
        right=(problem.called(wrong),),
        wrong={
            problem.called(node): f"{problem.gradient_of(node)} = {format_answer(grad)} is right."
            for node, grad in grads.items()
            if node is not wrong
        },
        **_given(problem, "gradients: " + ", ".join(f"{name}.grad = {format_answer(grad)}" for name, grad in table)),
    )


TOPICS: Mapping[str, Maker] = {
    "value": choose_value,
    "local": choose_local,
    "path": choose_path,
    "gradient": choose_gradient,
    "step": choose_step,
    "update": choose_update,
    "find": choose_wrong_gradient,
}


def make_item(topic: str, problem: Problem, random: Random, level: int) -> Item | None:
    """Make an item of a topic; return None if the problem has nothing to ask for."""
    found = TOPICS[topic](problem, random)
    return found and replace(found, topic=topic, level=level)


# --- items, for the exercises too ---------------------------------------------------------------------


def make_gradient_item(problem: Problem, node: Value, *, hints: bool = False) -> NumberItem:
    """Return the item that asks for the gradient of a node.

    Args:
        problem: the problem.
        node: the node.
        hints: whether to show the local gradients at a node where one of them is wrong.
    """
    gradient = problem.gradient_of(node)
    return NumberItem(
        question=f"What is {gradient}?",
        solution=tuple(write_gradient(problem, node)),
        number=problem.checked_grad(node),
        mistakes=tuple(mistakes.of_gradient(problem.order, node, problem.called, hints=hints)),
        known=problem.numbers,
        asked=gradient,
        **_given(problem),
    )


def make_update_item(problem: Problem, node: Value, rate: float, *, hints: bool = False) -> NumberItem:
    """Return the item that asks for an input after one step of gradient descent.

    Args:
        problem: the problem.
        node: the input.
        rate: the learning rate.
        hints: as in `make_gradient_item`.
    """
    name, grad = problem.called(node), problem.checked_grad(node)
    after = node.data - rate * grad
    wrong = mistakes.of_gradient(problem.order, node, problem.called, hints=hints)
    return NumberItem(
        question=f"{_one_step(name, rate)} {name} after the step?",
        solution=(
            *write_gradient(problem, node),
            f"{name} = {format_answer(node.data)} - {product_of([rate, grad])} = {format_answer(after)}",
        ),
        number=after,
        mistakes=tuple(mistakes.of_update(node, problem.root, grad, rate, problem.called, wrong)),
        known=problem.numbers,
        asked=f"{name} after the step",
        **_given(problem),
    )


def _make_result_item(problem: Problem, node: Value, rate: float, update: NumberItem) -> NumberItem:
    """Return the item that asks for the result after the step of an update."""
    name, root = problem.called(node), problem.called(problem.root)
    moved = recomputed(problem.order, {node: update.number})
    again = [f"{problem.called(each)} = {format_answer(moved[each])}" for each in problem.results]
    independent = _read_value(problem, problem.root, {name: update.number})
    return replace(
        update,
        question=f"{_one_step(name, rate)} {root} after the step?",
        solution=(f"{problem.gradient_of(node)} = {format_answer(problem.grad(node))}", update.solution[-1], *again),
        number=confirm(moved[problem.root], independent, f"{root} after the step"),
        mistakes=tuple(mistakes.of_result(problem.order, node, problem.grad(node), rate, problem.called)),
        asked=f"{root} after the step",
    )


def _one_step(name: str, rate: float) -> str:
    return f"One step of gradient descent on {name}, with the learning rate {format_number(rate)}: what is"


def _given(problem: Problem, *more: str) -> dict[str, Any]:
    lines, latex = (*problem.lines(), *more), tuple(problem.lines(latex=True))
    return {"given": lines, "latex": latex, "root": problem.root}


def _read_value(problem: Problem, node: Value, other: Mapping[str, float] | None = None) -> float:
    """Return the value of a node from the lines of the problem, read again."""
    known = {problem.called(leaf): leaf.data for leaf in problem.inputs} | dict(other or {})
    for line in problem.lines()[1:]:
        result, _, text = line.partition(" = ")
        known[result] = read_number(text, known)
    return known[problem.called(node)]


def _clear_edges(problem: Problem) -> list[Edge]:
    """Return the edges that two names identify: not those of ``a * a``, nor those to a constant."""
    edges = [Edge(node, place) for node in problem.results for place in range(len(node.inputs))]
    return [edge for edge in edges if edge.operand in problem.named and edge.node.inputs.count(edge.operand) == 1]

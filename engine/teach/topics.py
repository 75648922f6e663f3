"""Topics: what a quiz can ask about a problem, each answer checked without the chain rule."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from ..backprop import Backward
from ..errors import DomainError
from ..graph import recomputed
from ..notation.formulas import statement
from ..paths import multiply_locals
from ..support.text import format_number
from ..value import Edge, Value
from ..words import mistakes
from ..words.equations import product_of
from ..words.mistakes import WrongNumber
from .item import ChoiceItem, Item, NumberItem, format_answer, is_near, read_number
from .problems import LEVELS, MAX_SIZE, Problem, confirm
from .solution import write_arrow, write_gradient, write_local, write_step, write_value

RATES = 0.5, 0.1, 0.25, 0.01
EASY = 0.03  # how often an answer of 0, 1 or -1, which is easily guessed, is asked for all the same

Maker = Callable[[Problem, Random], Item | None]


def choose_value(problem: Problem, random: Random) -> Item:
    """Choose a step and ask for its value."""
    node = random.choice(problem.results[-2:])
    name = problem.called(node)
    number = confirm(node.data, _read_value(problem, node), name)
    way = [write_value(problem, each) for each in problem.results[: problem.results.index(node) + 1]]
    inputs = {problem.called(leaf): leaf.data for leaf in problem.inputs}
    return _number_item(problem, f"What is {name}?", number, mistakes.of_value(node, problem.called), way, known=inputs)


def choose_local(problem: Problem, random: Random) -> Item:
    """Choose an edge and ask for its local gradient."""
    edge = random.choice(_clear_edges(problem))
    partial = mistakes.format_partial(edge, problem.called)
    number = confirm(edge.local, problem.slope_along([edge]), partial)
    wrong = mistakes.of_local(edge, problem.grad(edge.node), problem.called)
    step = f"{problem.called(edge.node)} = {statement(edge.node, problem.called)}"
    way = [step, write_local(problem, edge)]
    return _number_item(problem, f"What is the local gradient {partial}?", number, wrong, way)


def choose_path(problem: Problem, random: Random) -> Item | None:
    """Choose a path and ask for its contribution; return None if no path can be named."""
    clear = set(_clear_edges(problem))
    found = [path for node in problem.inputs for path in problem.paths(node) if clear.issuperset(path)]
    if not found:
        return None
    path = random.choice([path for path in found if len(path) > 1] or found)
    node, answer, route = path[-1].operand, multiply_locals(path), mistakes.format_path(path, problem.called)
    number = confirm(answer, problem.slope_along(path), route)
    way = [write_local(problem, edge) for edge in path]
    if len(path) > 1:
        product = product_of([edge.local for edge in path])
        way.append(f"multiplied along the path: {product} = {format_answer(answer)}")
    question = f"What does the path {route} contribute to {problem.gradient_of(node)}?"
    return _number_item(problem, question, number, mistakes.of_path(path, problem.grad(node), problem.called), way)


def choose_gradient(problem: Problem, random: Random) -> Item | None:
    """Choose an input and ask for its gradient; return None if each takes one step only."""
    nodes = _far_inputs(problem)
    return make_gradient_item(problem, random.choice(nodes)) if nodes else None


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
    wrong |= {write_arrow(problem, x): "This step is already taken." for x in done}
    wrong |= {f"{called(x.operand)} -> {called(x.node)}": "This is the direction of the forward pass." for x in steps}
    lines = [f"{write_arrow(problem, x)}: {called(x.operand)}.grad = {format_answer(x.after)}" for x in done]
    so_far = ["steps taken so far:", *lines] if lines else [f"no step is taken yet; {called(problem.root)}.grad is 1"]
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


def choose_update(problem: Problem, random: Random) -> Item | None:
    """Choose an input and ask for it, or for the result, after one step of gradient descent; None as for gradients."""
    nodes = _far_inputs(problem)
    if not nodes:
        return None
    node, rate = random.choice(nodes), random.choice(RATES)
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
    sentences = {x: f"{problem.gradient_of(x)} = {format_answer(grad)} is right." for x, grad in grads.items()}
    others = {problem.called(x): sentence for x, sentence in sentences.items() if x is not wrong}
    return ChoiceItem(
        question="One of these gradients is wrong, and the others are right. Which one?",
        solution=(*write_gradient(problem, wrong), f"How you get {format_answer(slip.number)}: {slip.sentence}"),
        right=(problem.called(wrong),),
        wrong=others,
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
    """Make an item of a topic; return None if the problem has nothing to ask for.

    Above level 1, numbers that are easily guessed are rare; below the top level, none needs a calculator.
    """
    found = TOPICS[topic](problem, random)
    if isinstance(found, NumberItem) and level > 1:
        is_guessed = abs(found.number) in (0.0, 1.0) and random.random() > EASY
        if is_guessed or (LEVELS[level].is_exact and not _is_short(found.number)):
            return None
    return found and replace(found, topic=topic, level=level)


def _is_short(number: float) -> bool:
    """Return whether a number has three digits at most and is not large."""
    return abs(number) <= MAX_SIZE and float(f"{number:.3g}") == float(f"{number:.9g}")


def make_gradient_item(problem: Problem, node: Value, *, hints: bool = False) -> NumberItem:
    """Return the item that asks for the gradient of a node; see `mistakes.of_gradient` for the hints."""
    gradient = problem.gradient_of(node)
    number = problem.checked_grad(node)
    wrong = mistakes.of_gradient(problem.order, node, problem.called, hints=hints)
    way = write_gradient(problem, node)
    return _number_item(problem, f"What is {gradient}?", number, wrong, way, asked=gradient)


def make_update_item(problem: Problem, node: Value, rate: float, *, hints: bool = False) -> NumberItem:
    """Return the item that asks for an input after one step of gradient descent with a learning rate."""
    name, grad = problem.called(node), problem.checked_grad(node)
    after = node.data - rate * grad
    gradients = mistakes.of_gradient(problem.order, node, problem.called, hints=hints)
    wrong = mistakes.of_update(node, problem.root, grad, rate, problem.called, gradients)
    step = f"{name} = {format_answer(node.data)} - {product_of([rate, grad])} = {format_answer(after)}"
    question, way = f"{_one_step(name, rate)} {name} after the step?", [*write_gradient(problem, node), step]
    return _number_item(problem, question, after, wrong, way, asked=f"{name} after the step")


def _make_result_item(problem: Problem, node: Value, rate: float, update: NumberItem) -> NumberItem:
    """Return the item that asks for the result after the step of an update."""
    name, root, grad = problem.called(node), problem.called(problem.root), problem.grad(node)
    moved = recomputed(problem.order, {node: update.number})
    asked = f"{root} after the step"
    number = confirm(moved[problem.root], _read_value(problem, problem.root, {name: update.number}), asked)
    wrong = mistakes.of_result(problem.order, node, grad, rate, problem.called)
    again = [f"{problem.called(each)} = {format_answer(moved[each])}" for each in problem.results]
    way = [f"{problem.gradient_of(node)} = {format_answer(grad)}", update.solution[-1], *again]
    return _number_item(problem, f"{_one_step(name, rate)} {asked}?", number, wrong, way, asked=asked)


def _number_item(
    problem: Problem, question: str, number: float, wrong: Iterable[WrongNumber], way: Iterable[str], **more: Any
) -> NumberItem:
    more = {"known": {problem.called(x): x.data for x in problem.named}, **_given(problem), **more}
    return NumberItem(question=question, number=number, mistakes=tuple(wrong), solution=tuple(way), **more)


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


def _far_inputs(problem: Problem) -> list[Value]:
    """Return the inputs whose gradients take two steps at least, where there are so many."""
    least = min(2, len(problem.results))
    return [node for node in problem.inputs if any(len(path) >= least for path in problem.paths(node))]


def _clear_edges(problem: Problem) -> list[Edge]:
    """Return the edges that two names identify: not those of ``a * a``, nor those to a constant."""
    edges = [Edge(node, place) for node in problem.results for place in range(len(node.inputs))]
    return [edge for edge in edges if edge.operand in problem.named and edge.node.inputs.count(edge.operand) == 1]

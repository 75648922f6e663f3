"""Exercises: questions about an expression of your own, with a hint for each classic mistake.

The right answer comes from backpropagation and is confirmed by central differences. The wrong answers come from
backpropagation with one rule broken: a path left out, local gradients added instead of multiplied, the derivative with
respect to the wrong operand. An answer that is one of these numbers gets the hint for its mistake.

>>> item = ask_gradient("d = a*b; d*d", "a", a=2, b=3)
>>> item.question
'd = a*b; f = d*d, with a = 2, b = 3. What is df/da?'
>>> item.respond(18)
'Not yet. You have 1 of 2 paths from f back to a. Missing: f -> d -> a.'
>>> item.respond(36)
'Right: df/da = 36.'
"""

from collections.abc import Mapping
from dataclasses import replace
from math import prod

from ..derivatives import grad, jvp
from ..support.text import format_number
from ..words.equations import product_of
from ..words.mistakes import WrongNumber, wrong_number
from .item import NumberItem, OrderItem
from .problems import Problem, confirm, read_problem, slope
from .topics import make_gradient_item, make_update_item

NUDGE = 0.001  # in hints


def ask_gradient(text: str, of: str, /, **numbers: float) -> NumberItem:
    """Ask for the derivative of an expression with respect to one of its inputs or named parts.

    Args:
        text: the expression, as `engine.parse` reads it.
        of: the name of the input or part.
        numbers: a number for each name in the expression.

    Raises:
        UsageError: the expression has no part of this name.
        GradientMismatchError: central differences give another number, as on a kink.
        ExpressionError: the text is not an expression, or a number is missing.
    """
    problem = read_problem(text, numbers)
    node, before = problem.find(of), problem.root.data
    x = node.data + NUDGE
    hint = (
        f"Nudge it: as {of} goes from {format_number(node.data)} to {format_number(x)}, {problem.called(problem.root)} "
        f"goes from {format_number(before)} to {format_number(problem.moved({node: x}))}. Divide the change by {NUDGE}."
    )
    return _with_text(problem, make_gradient_item(problem, node, hints=True), hint)


def ask_update(text: str, of: str, rate: float, /, **numbers: float) -> NumberItem:
    """Ask for an input after one step of gradient descent with a learning rate; see `ask_gradient` for the rest."""
    problem = read_problem(text, numbers)
    node = problem.find(of)
    gradient = problem.gradient_of(node)
    hint = f"The new {of} is {of} - {format_number(rate)} * {gradient}. Find {gradient} first."
    return _with_text(problem, make_update_item(problem, node, rate, hints=True), hint)


def _with_text(problem: Problem, item: NumberItem, hint: str) -> NumberItem:
    return replace(item, question=f"{problem.text}. {item.question}", given=(), latex=(), hint=hint)


def ask_nudge(text: str, of: str, by: float, /, **numbers: float) -> NumberItem:
    """Ask how much an expression changes, per unit, when an input changes by a number; see `ask_gradient`."""
    problem = read_problem(text, numbers)
    node, root = problem.find(of), problem.called(problem.root)
    x = node.data + by
    before, ahead = problem.root.data, problem.moved({node: x})
    change, nudge = ahead - before, format_number(by)
    words = {"root": root, "by": nudge}
    return NumberItem(
        question=f"{problem.text}. Nudge {of} by {nudge}. By how much does {root} change, divided by the nudge?",
        asked=f"the change divided by {nudge}",
        number=change / by,
        mistakes=(
            wrong_number(change, "change-not-divided", **words),
            wrong_number(ahead, "value-after", **words),
            wrong_number(-change / by, "nudge-reversed"),
            wrong_number(problem.checked_grad(node), "limit-for-nudge", **words),
            wrong_number(ahead / by, "before-not-subtracted", **words),
        ),
        hint=f"{root} is {format_number(before)} before the nudge. Compute it at {of} = {format_number(x)}.",
        solution=(
            f"{root} changes by {format_number(change)}, from {format_number(before)} to {format_number(ahead)}",
            f"{format_number(change)} / {nudge} = {format_number(change / by)}",
        ),
        root=problem.root,
    )


def ask_second_derivative(text: str, of: str, by: str, /, **numbers: float) -> NumberItem:
    """Ask for a second derivative: with respect to one input, then to another one or the same; see `ask_gradient`."""
    problem = read_problem(text, numbers)
    node, other, root = problem.find(of), problem.find(by), problem.called(problem.root)
    derivative = grad(problem.root, node)

    def first_at(x: float) -> float:
        moved = read_problem(text, {**numbers, by: x})
        return moved.grad(moved.find(of))

    asked = f"d2{root}/d{of}2" if of == by else f"d2{root}/d{of}d{by}"
    right = confirm(grad(derivative, other).data, slope(first_at, other.data), f"{asked} of {problem.text}")
    first = problem.gradient_of(node)
    return NumberItem(
        question=f"{problem.text}. What is {asked}, the derivative of {first} with respect to {by}?",
        asked=asked,
        number=right,
        mistakes=(
            wrong_number(derivative.data, "first-for-second", first=first, by=by),
            wrong_number(derivative.data**2, "first-squared"),
            wrong_number(problem.grad(other), "first-for-second", first=problem.gradient_of(other), by=of),
            wrong_number(grad(derivative, node).data, "same-input-twice", of=of, by=by),
            wrong_number(-right, "sign"),
            wrong_number(right / 2.0, "second-halved"),
        ),
        hint=f"The first derivative, {first}, is {format_number(derivative.data)} here, and "
        f"{format_number(first_at(other.data + NUDGE))} if {by} is larger by {NUDGE}. Divide the change by {NUDGE}.",
        solution=(f"{first} = {format_number(derivative.data)}", f"{asked} = {format_number(right)}"),
        root=problem.root,
    )


def ask_speed(text: str, speeds: Mapping[str, float], /, **numbers: float) -> NumberItem:
    """Ask how fast an expression changes when inputs change at speeds, given by their names; see `ask_gradient`."""
    problem = read_problem(text, numbers)
    moving = {problem.find(name): speed for name, speed in speeds.items()}
    grads = {node: problem.checked_grad(node) for node in moving}
    shares = {node: grads[node] * speed for node, speed in moving.items()}
    root = problem.called(problem.root)
    right = confirm(jvp(problem.root, moving), sum(shares.values()), f"the speed of {root}")
    given = ", ".join(f"{name} at {format_number(speed)}" for name, speed in speeds.items())
    parts = " + ".join(str(product_of([grads[node], speed])) for node, speed in moving.items())
    return NumberItem(
        question=f"{problem.text}. The inputs change: {given} units per second. How fast does {root} change?",
        asked=f"the speed of {root}",
        number=right,
        mistakes=(
            *(wrong_number(share, "one-input-only", node=problem.called(x)) for x, share in shares.items()),
            wrong_number(prod(moving.values()), "speeds-multiplied"),
            wrong_number(sum(moving.values()), "speeds-added"),
            wrong_number(sum(grads.values()), "gradients-added"),
            wrong_number(-right, "sign"),
        ),
        hint="Go forward: a node's speed is the sum, over its operands, of local gradient times the operand's speed.",
        solution=(f"{parts} = {format_number(right)}",),
        root=problem.root,
    )


def ask_path_count(text: str, of: str, /, **numbers: float) -> NumberItem:
    """Ask how many paths lead from the result to an input; see `ask_gradient`."""
    problem = read_problem(text, numbers)
    node = problem.find(of)
    count, edges = problem.paths(node).count(), sum(len(each.inputs) for each in problem.order)
    return NumberItem(
        question=f"{problem.text}. How many paths lead from {problem.called(problem.root)} back to {of}?",
        asked="the number of paths",
        number=count,
        mistakes=(
            wrong_number(edges, "edges-for-paths"),
            wrong_number(sum(each.inputs.count(node) for each in problem.order), "uses-for-paths", node=of),
            wrong_number(len(problem.order), "nodes-for-paths"),
        ),
        hint=f"Start at {of}, with 1, and give every node the sum of the counts of its operands; a * a counts a twice.",
        solution=(f"edges that backpropagation visits: {edges}", f"paths: {count}"),
        root=problem.root,
    )


def ask_order(text: str, /, **numbers: float) -> OrderItem:
    """Ask for a topological order; see `ask_gradient`."""
    problem = read_problem(text, numbers)
    operands = {problem.called(node): tuple(map(problem.called, node.inputs)) for node in problem.order}
    formulas, _, _ = problem.text.partition(", with ")
    return OrderItem(
        question=f"{formulas}. Write all nodes, each operand before what is computed from it.",
        operands=operands,
        solution=(", ".join(operands),),
        root=problem.root,
    )


def ask_number(
    question: str, asked: str, number: float, hint: str, *mistakes: WrongNumber | tuple[float, str]
) -> NumberItem:
    """Ask a question of your own that a number answers.

    Args:
        question, asked, number: the question, the name of the number that it asks for, and the number.
        hint: what to try after a wrong answer that none of the mistakes explains.
        mistakes: wrong numbers and what to say to each, the likeliest first.
    """
    wrong = (each if isinstance(each, WrongNumber) else WrongNumber(each[0], "", each[1]) for each in mistakes)
    way = (f"{asked} = {format_number(number)}",)
    return NumberItem(question=question, asked=asked, number=number, mistakes=tuple(wrong), hint=hint, solution=way)

"""Solutions: the way to an answer, line by line, in formulas and numbers."""

from typing import Any

from .. import ops
from ..backprop import Backward
from ..notation.formulas import (
    Called,
    local_derivative,
    operations_in,
    product,
    statement,
    with_numbers,
    write_expression,
)
from ..value import Edge, Value
from ..words.equations import sum_of
from ..words.mistakes import format_partial
from .item import format_answer
from .problems import Problem


def write_value(problem: Problem, node: Value) -> str:
    """Return how a node is computed: as a formula, with numbers, and its value."""
    formula = statement(node, problem.called)
    return f"{problem.called(node)} = {formula} = {with_numbers(node)} = {format_answer(node.data)}"


def write_local(problem: Problem, edge: Edge) -> str:
    """Return a local gradient as a formula, and its number."""
    rule = _rule(edge, problem.called)
    formula = "" if rule is None else write_expression(rule)
    parts = format_partial(edge, problem.called), formula, format_answer(edge.local)
    return " = ".join(dict.fromkeys(filter(None, parts)))


def write_step(problem: Problem, step: Backward[Value]) -> str:
    """Return a step of the chain rule: as a formula, with numbers, and the contribution."""
    edge = Edge(step.node, step.position)
    rule = _rule(edge, problem.called)
    local = format_partial(edge, problem.called) if rule is None else rule
    numbers = product(format_answer(step.local), format_answer(step.upstream))
    formula = product(local, problem.gradient_of(step.node))
    return f"{write_arrow(problem, step)}: {formula} = {numbers} = {format_answer(step.contribution)}"


def write_arrow(problem: Problem, step: Backward[Value]) -> str:
    """Return a step of the chain rule as an arrow, such as ``L -> a``."""
    return f"{problem.called(step.node)} -> {problem.called(step.operand)}"


def write_gradient(problem: Problem, node: Value) -> list[str]:
    """Return all steps of the chain rule that lead to the gradient of a node, and the sums of contributions."""
    nodes = problem.paths(node).edges
    lines = []
    for step in problem.walk:
        if isinstance(step, Backward) and step.operand in nodes:
            lines.append(write_step(problem, step))
            reached = [problem.walk[index] for index in problem.walk.reached_in(step.operand)]
            if reached[-1] is step and len(reached) > 1:
                terms = sum_of([each.contribution for each in reached if isinstance(each, Backward)])
                lines.append(f"{problem.gradient_of(step.operand)} = {terms} = {format_answer(step.after)}")
    return lines


def _rule(edge: Edge, called: Called) -> Any:
    """Return a local gradient as an expression; None where it differs by cases, which is hard to read."""
    rule = local_derivative(edge.node, edge.place, called)
    return None if ops.where in operations_in(rule) else rule

"""Broken rules: backward passes with one mistake each, as learners write them.

Each takes the root of a graph whose gradients are all 0.0, and leaves gradients in ``grad``. The right one is
`engine.backprop.backward`. `RULES` has them by the codes of `engine.words.mistakes`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ..graph import topological_order

Rule = Callable[[Any], object]  # nodes here always have a gradient, unlike Values in general


def results_first(root: Any) -> list[Any]:
    """Return the nodes in the order of a backward pass."""
    return topological_order(root)[::-1]


def assign(root: Any) -> None:
    """Assign a contribution instead of adding it."""
    root.grad = 1.0
    for node in results_first(root):
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            operand.grad = local * node.grad  # the mistake


def no_order(root: Any) -> None:
    """Visit nodes in the order in which they are reached."""
    root.grad = 1.0
    met = [root]
    for node in met:  # the mistake: a node may be met before its gradient is complete
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            operand.grad += local * node.grad
            if operand not in met:
                met.append(operand)


def every_visit(root: Any) -> None:
    """Pass on what a node has collected so far, once for each path."""
    root.grad = 1.0

    def visit(node: Any) -> None:
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            operand.grad += local * node.grad
            visit(operand)  # the mistake: what was passed on before is passed on again

    visit(root)


def no_seed(root: Any) -> None:
    """Leave out the seed."""  # the mistake: root.grad stays 0
    for node in results_first(root):
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            operand.grad += local * node.grad


def first_operand_only(root: Any) -> None:
    """Pass the gradient on to the first operand only."""
    root.grad = 1.0
    for node in results_first(root):
        for operand, local in zip(node.inputs[:1], node.local_grads, strict=False):  # the mistake
            operand.grad += local * node.grad


def no_upstream(root: Any) -> None:
    """Leave out the upstream gradient."""
    root.grad = 1.0
    for node in results_first(root):
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            operand.grad += local  # the mistake


def add_upstream(root: Any) -> None:
    """Add the local and the upstream gradient instead of multiplying them."""
    root.grad = 1.0
    for node in results_first(root):
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            operand.grad += local + node.grad  # the mistake


def swap_operands(root: Any) -> None:
    """Take the derivative with respect to the wrong operand."""
    root.grad = 1.0
    for node in results_first(root):
        locals_ = node.local_grads[::-1] if node.op.name == "mul" else node.local_grads  # the mistake
        for operand, local in zip(node.inputs, locals_, strict=True):
            operand.grad += local * node.grad


def no_minus(root: Any) -> None:
    """Leave out the minus of a difference."""
    root.grad = 1.0
    for node in results_first(root):
        locals_ = (1.0, 1.0) if node.op.name == "sub" else node.local_grads  # the mistake
        for operand, local in zip(node.inputs, locals_, strict=True):
            operand.grad += local * node.grad


def no_square(root: Any) -> None:
    """Leave out the square in the derivative of tanh."""
    root.grad = 1.0
    for node in results_first(root):
        locals_ = (1.0 - node.data,) if node.op.name == "tanh" else node.local_grads  # the mistake
        for operand, local in zip(node.inputs, locals_, strict=True):
            operand.grad += local * node.grad


RULES: Mapping[str, Rule] = {
    "assigned-not-added": assign,
    "passed-on-early": no_order,
    "passed-on-again": every_visit,
    "seed-left-out": no_seed,
    "operand-left-out": first_operand_only,
    "upstream-left-out": no_upstream,
    "added-not-multiplied": add_upstream,
    "wrong-operand": swap_operands,
    "minus-left-out": no_minus,
    "square-left-out": no_square,
}

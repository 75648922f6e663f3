"""Broken rules: backward passes with one mistake each, as learners write them.

Each takes the root of a graph whose gradients are all 0.0, and leaves gradients in ``grad``. The right one is
`engine.backprop.backward`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..graph import topological_order

Rule = Callable[[Any], object]  # nodes here always have a gradient, unlike Values in general


def results_first(root: Any) -> list[Any]:
    """Return the nodes in the order of a backward pass."""
    return topological_order(root)[::-1]


def assign(root: Any) -> None:
    """Assign a gradient where contributions must be added."""
    root.grad = 1.0
    for node in results_first(root):
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            operand.grad = local * node.grad


def no_order(root: Any) -> None:
    """Visit nodes as they are met, not after all that is computed from them."""
    root.grad = 1.0
    met = [root]
    for node in met:
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            operand.grad += local * node.grad
            if operand not in met:
                met.append(operand)


def every_visit(root: Any) -> None:
    """Follow every path, but hand on what a node has collected so far."""
    root.grad = 1.0

    def visit(node: Any) -> None:
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            operand.grad += local * node.grad
            visit(operand)

    visit(root)


def no_seed(root: Any) -> None:
    """Forget that the root's own gradient is 1."""
    for node in results_first(root):
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            operand.grad += local * node.grad


def dropped_term(root: Any) -> None:
    """Hand on to the first operand only."""
    root.grad = 1.0
    for node in results_first(root):
        for operand, local in zip(node.inputs[:1], node.local_grads, strict=False):
            operand.grad += local * node.grad


def no_upstream(root: Any) -> None:
    """Forget the upstream gradient."""
    root.grad = 1.0
    for node in results_first(root):
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            operand.grad += local


def added(root: Any) -> None:
    """Add local and upstream gradient, where they are multiplied."""
    root.grad = 1.0
    for node in results_first(root):
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            operand.grad += local + node.grad


def wrong_operand(root: Any) -> None:
    """Take the derivative of a product by the wrong operand."""
    root.grad = 1.0
    for node in results_first(root):
        is_product = node.op is not None and node.op.name == "mul"
        locals_ = node.local_grads[::-1] if is_product else node.local_grads
        for operand, local in zip(node.inputs, locals_, strict=True):
            operand.grad += local * node.grad


def wrong_sign(root: Any) -> None:
    """Forget the minus of a difference's second operand."""
    root.grad = 1.0
    for node in results_first(root):
        is_difference = node.op is not None and node.op.name == "sub"
        locals_ = (1.0, 1.0) if is_difference else node.local_grads
        for operand, local in zip(node.inputs, locals_, strict=True):
            operand.grad += local * node.grad


def wrong_tanh(root: Any) -> None:
    """Forget the square in the derivative of tanh, 1 - tanh ** 2."""
    root.grad = 1.0
    for node in results_first(root):
        is_tanh = node.op is not None and node.op.name == "tanh"
        locals_ = (1.0 - node.data,) if is_tanh else node.local_grads
        for operand, local in zip(node.inputs, locals_, strict=True):
            operand.grad += local * node.grad


RULES: Mapping[str, Rule] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        assign, no_order, every_visit, no_seed, dropped_term, no_upstream, added, wrong_operand, wrong_sign, wrong_tanh,
    )
}  # fmt: skip

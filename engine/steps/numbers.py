"""The numbers of a picture: those of now, or those of a moment of a walk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..backprop import Backward
from ..errors import GraphError
from ..value import Value
from .walk import Forward, Moment, Seed, Step, walk


class Numbers(Protocol):
    """Be what a picture reads its numbers from; what is not computed yet is None."""

    current: Step | None

    def data(self, node: Value) -> float | None:
        """Return a node's number."""

    def grad(self, node: Value) -> float | None:
        """Return a node's gradient."""

    def contribution(self, node: Value, place: int) -> float | None:
        """Return what a node hands to the operand in a place by the chain rule."""


class Now:
    """Hold the numbers that a graph has now, also when they are changed later."""

    current: Step | None = None

    def __init__(self, order: Sequence[Value]) -> None:
        self._numbers = {node: (node.data, node.grad) for node in order}

    def data(self, node: Value) -> float:
        """Return a node's number."""
        return self._numbers[node][0]

    def grad(self, node: Value) -> float | None:
        """Return a node's gradient."""
        return self._numbers[node][1]

    def contribution(self, node: Value, place: int) -> float | None:
        """Return the local gradient times the node's gradient."""
        grad = self.grad(node)
        return None if grad is None else node.local_grads[place] * grad


class Then:
    """Hold the numbers of a moment of a walk."""

    def __init__(self, moment: Moment) -> None:
        self.current = moment.last
        self.data, self.grad = moment.data, moment.grad
        taken = [step for step in moment.walk[: moment.index] if isinstance(step, Backward)]
        self._contributions = {(step.node, step.position): step.contribution for step in taken}

    def contribution(self, node: Value, place: int) -> float | None:
        """Return what the steps so far handed on."""
        return self._contributions.get((node, place))


def numbers_of(root: Value, order: Sequence[Value], values: Moment | Step | None) -> Numbers:
    """Return where a picture's numbers come from.

    Args:
        root: what is drawn.
        order: all nodes below it.
        values: None for those of now, a moment of a walk, or a step for the moment after it.

    Raises:
        GraphError: the moment is of a walk through another graph.
        GraphError: the step is none of a walk to this root.
    """
    if values is None:
        return Now(order)
    if isinstance(values, Forward | Seed | Backward):
        values = _after(root, values)
    if not isinstance(values, Moment):
        raise TypeError(
            f"values={values!r:.40} is no moment: pass one of engine.walk(root), such as steps[5] or steps.at(6)"
        )
    values.data(root)  # says so if the walk is one through another graph
    return Then(values)


def _after(root: Value, step: Step) -> Moment:
    steps = walk(root, step.seed if isinstance(step, Seed) else 1.0)
    if step.index >= len(steps) or steps[step.index] != step:
        raise GraphError(
            "this step is none of engine.walk(root) as the graph is now; pass the moment after it, steps.at(i + 1)"
        )
    return steps.at(step.index + 1)

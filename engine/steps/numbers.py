"""The numbers of a picture or a tree: the present ones, or those at a moment of a walk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from ..backprop import Backward
from ..errors import GraphError
from ..value import Value

if TYPE_CHECKING:  # a picture of the present numbers needs no walk
    from .walk import Moment, Step


class Numbers(Protocol):
    """A source of numbers; None stands for a number that is not computed yet."""

    current: Step | None

    def data(self, node: Value) -> float | None:
        """Return a node's number."""

    def grad(self, node: Value) -> float | None:
        """Return a node's gradient."""

    def contribution(self, node: Value, place: int) -> float | None:
        """Return what a node adds to the gradient of one of its operands."""


class Now:
    """The numbers that a graph has now, kept even if the graph changes later."""

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
        """Return a local gradient times the node's gradient."""
        grad = self.grad(node)
        return None if grad is None else node.local_grads[place] * grad


class Then:
    """The numbers at a moment of a walk.

    Args:
        moment: the moment.
        is_marked: whether the step that led to the moment is the current one.
    """

    def __init__(self, moment: Moment, *, is_marked: bool = True) -> None:
        self.current = moment.last if is_marked else None
        self.data, self.grad = moment.data, moment.grad
        taken = [step for step in moment.walk[: moment.index] if isinstance(step, Backward)]
        self._contributions = {(step.node, step.position): step.contribution for step in taken}

    def contribution(self, node: Value, place: int) -> float | None:
        """Return the contribution of a step, if it has been taken."""
        return self._contributions.get((node, place))


def numbers_of(root: Value, order: Sequence[Value], values: Moment | Step | None) -> Numbers:
    """Return the source of a picture's numbers.

    Args:
        root: the Value that is shown.
        order: the nodes of its graph.
        values: None for the present numbers, a moment of a walk, or a step for the moment after it.

    Raises:
        GraphError: the moment or the step belongs to a walk of another graph.
        TypeError: the values are neither a moment nor a step.
    """
    if values is None:
        return Now(order)
    from .walk import Forward, Moment, Seed, walk

    if isinstance(values, Forward | Seed | Backward):
        steps = walk(root, values.seed if isinstance(values, Seed) else 1.0)
        if values.index >= len(steps) or steps[values.index] != values:
            raise GraphError(
                "this step is not one of a walk of the graph as it is now; pass the moment after it, steps.at(i + 1)"
            )
        values = steps.at(values.index + 1)
    if not isinstance(values, Moment):
        raise TypeError(
            f"values must be a moment or a step of engine.walk(root), such as steps.at(6), not {values!r:.40}"
        )
    values.data(root)  # raises if the moment belongs to another graph
    return Then(values)

"""What the doctor looks at: a graph, and what can be worked out about it once for all examinations."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from ..derivatives import jacobian
from ..errors import DomainError, UndefinedDerivativeError
from ..graph import recomputed, topological_order
from ..name import names
from ..value import Value

ACTIVATIONS = {"relu", "leaky_relu", "elu", "softplus", "silu", "gelu", "tanh", "sigmoid"}
LINEAR = {"add", "sub", "neg", "mul"}


def called(node: Value) -> str:
    """Return a node's label, else its operation and its number, as in ``[mul 6]``."""
    return node.label or (f"{node.data:.6g}" if node.is_constant else f"[{node.op.name} {node.data:.6g}]")


class Case:
    """Hold a loss and what is known around it.

    Args:
        loss: the root of the graph.
        parameters: what is trained; None takes all leaves of the graph.
        history: the losses of the steps so far.
        variables: the program's variables, for names and for lists of outputs.
    """

    def __init__(
        self,
        loss: Value,
        parameters: Iterable[Value] | None,
        history: Sequence[float] | None,
        variables: Mapping[str, Any] | None,
    ) -> None:
        self.loss = loss
        self.order = topological_order(loss)
        self.nodes = set(self.order)
        self.leaves = [node for node in self.order if node.is_leaf]
        self.parameters_given = parameters is not None
        self.parameters = self.leaves if parameters is None else list(parameters)
        self.history = [float(x) for x in history or ()]
        self.variables = variables or {}
        self.names = names(self.variables)

    def name(self, node: Value) -> str:
        """Return what to call a node: its label with its scope, its variable, or what made it."""
        name = node.label or self.names.get(node) or called(node)
        return f"{name} in {', '.join(node.scope)}" if node.scope else name

    def listed(self, nodes: Sequence[Value]) -> str:
        """Return the names of some nodes, not too many."""
        shown = ", ".join(self.name(node) for node in nodes[:4])
        return shown if len(nodes) <= 4 else f"{shown} and {len(nodes) - 4} more"

    @cached_property
    def reached(self) -> list[Value]:
        """The parameters that the loss depends on."""
        return [p for p in self.parameters if p in self.nodes]

    @cached_property
    def gradients(self) -> dict[Value, float]:
        """The derivatives of the loss by the parameters, at the recorded numbers; empty where there are none."""
        try:
            return dict(zip(self.reached, jacobian([self.loss], self.reached)[0], strict=True))
        except UndefinedDerivativeError:
            return {}

    @cached_property
    def activation_gradients(self) -> dict[Value, float]:
        """The derivatives of the loss by the activations; empty where there are none."""
        nodes = [node for unit in self.units for node in unit]
        try:
            return dict(zip(nodes, jacobian([self.loss], nodes)[0], strict=True))
        except UndefinedDerivativeError:
            return {}

    @cached_property
    def differentiated(self) -> bool:
        """Whether the loss itself was backpropagated from: only then does it have a gradient."""
        return self.loss.grad is not None and bool(self.loss.inputs)

    @property
    def falling(self) -> bool:
        """Whether the losses so far have come down."""
        return len(self.history) > 2 and self.history[-1] < self.history[0]

    @cached_property
    def moved(self) -> list[Value]:
        """The leaves whose numbers are not those that the graph was computed with."""
        return [leaf for leaf, number in self.recorded.items() if not _same(leaf.data, number)]

    @cached_property
    def recorded(self) -> dict[Value, float]:
        """The numbers that leaves had when the graph was computed, as far as they can be read off it."""
        found: dict[Value, float] = {}
        for node in self.order:
            for position, operand in enumerate(node.inputs):
                if operand.is_leaf and operand not in found:
                    number = _number_inside(node, position)
                    if number is not None:
                        found[operand] = operand.data if _same(operand.data, number) else number
        return found

    def loss_at(self, numbers: Mapping[Value, float]) -> float:
        """Return the loss with other numbers in some leaves; not-a-number where it has no value there."""
        try:
            return recomputed(self.order, {**self.recorded, **numbers})[self.loss]
        except DomainError:
            return math.nan

    @cached_property
    def consumers(self) -> dict[Value, list[Value]]:
        """The nodes that each node is an operand of."""
        found: dict[Value, list[Value]] = defaultdict(list)
        for node in self.order:
            for operand in dict.fromkeys(node.inputs):
                found[operand].append(node)
        return found

    def hidden(self, activation: Value) -> bool:
        """Tell whether an activation goes on to further weights; an output does not."""
        trained = set(self.parameters)
        return any(node.op.name == "mul" and not trained.isdisjoint(node.inputs) for node in self.consumers[activation])

    @cached_property
    def depths(self) -> dict[Value, int]:
        """How many activations lie between each node and the loss, at most."""
        found = {self.loss: 0}
        for node in reversed(self.order):
            below = found[node] + (node.op.name in ACTIVATIONS)
            for operand in node.inputs:
                found[operand] = max(found.get(operand, 0), below)
        return found

    @cached_property
    def units(self) -> list[list[Value]]:
        """The activations, grouped by the unit that they are of: one for each sample."""
        by_weights: dict[Any, list[Value]] = defaultdict(list)
        for node in self.order:
            if node.inputs and node.op.name in ACTIVATIONS:
                by_weights[frozenset(self.weights_of(node))].append(node)
        if any(len(group) > 1 for group in by_weights.values()):
            return list(by_weights.values())
        by_scope: dict[Any, list[Value]] = defaultdict(list)
        for group in by_weights.values():
            by_scope[group[0].scope or group[0]] += group
        return list(by_scope.values())

    def weights_of(self, activation: Value) -> list[Value]:
        """Return the parameters in the weighted sum that an activation is taken of, in order."""
        trained = set(self.parameters)
        found: list[Value] = []
        waiting = [activation.inputs[0]]
        while waiting:
            node = waiting.pop()
            if node.is_leaf and node in trained:
                found.append(node)
            elif node.op.name in LINEAR:
                waiting.extend(reversed(node.inputs))
        return found

    def unit_name(self, unit: Sequence[Value]) -> str:
        """Return what to call a unit: its scope, else the activation."""
        first = unit[0]
        return " of ".join(reversed(first.scope)) if first.scope else f"the {first.op.name} {self.name(first)}"


def _same(a: float, b: float) -> bool:
    return a == b or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) or (a != a and b != b)


def _number_inside(node: Value, position: int) -> float | None:
    """Return the number of an operand at the time when a node was computed, where it can be told."""
    if node.op.name == "mul" and node.inputs[0] is not node.inputs[1]:
        return node.local_grads[1 - position]
    if node.op.name == "neg":
        return -node.data
    if node.op.name in ("add", "sub"):
        other = node.inputs[1 - position]
        if other is node.inputs[position] or not (other.inputs or other.is_constant):
            return None
        if node.op.name == "add":
            return node.data - other.data
        return node.data + other.data if position == 0 else other.data - node.data
    return None

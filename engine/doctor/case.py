"""The case: a loss, and what the examinations ask about its graph, worked out once."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from .. import ops
from ..derivatives import jacobian
from ..errors import DomainError, UndefinedDerivativeError
from ..graph import recomputed, topological_order
from ..name import Names, names
from ..slope import is_number
from ..support.text import format_number, is_close, listed
from ..value import Value
from .samples import Term, terms_of

MAX_LISTED = 4  # names in a sentence


class Case:
    """A loss with its graph, its parameters and the program's variables, as `diagnose` takes them.

    The numbers of the leaves when the graph was computed may be given, too; else they are read off the graph.
    """

    def __init__(
        self, loss: Value, parameters: Iterable[Value] | None, history: Sequence[float] | None,
        variables: Mapping[str, Any] | None, numbers: Mapping[Value, float] | None = None,
    ) -> None:  # fmt: skip
        self.loss = loss
        self.order = topological_order(loss)
        self.nodes = set(self.order)
        self.leaves = [node for node in self.order if node.is_leaf]
        self.parameters = self.leaves if parameters is None else list(parameters)
        self.trained = set(self.parameters)
        self.reached = [p for p in self.parameters if p in self.nodes]
        self.is_differentiated = loss.grad is not None and bool(loss.inputs)  # backward() was called on the loss itself
        self.history = [float(x) for x in history or ()]
        self.variables = variables or {}
        self._numbers = numbers  # of the leaves when the graph was computed, if they are known
        self.names = Names([*self.order, *self.outside], self.variables)

    @cached_property
    def outside(self) -> list[Value]:
        """The nodes that the parameters and the variables lead to, outside the graph of the loss."""
        found: dict[Value, None] = {}
        waiting = [*self.parameters, *names(self.variables)][::-1]
        while waiting:
            node = waiting.pop()
            if node not in self.nodes and node not in found:
                found[node] = None
                waiting += node.inputs
        return list(found)

    def name(self, node: Value) -> str:
        """Return a node's name; without a label or variable, with the scope that made it."""
        scope = node.scope if not self.names.given(node) else ()
        return self.names[node] + f" in {', '.join(scope)}" * bool(scope)

    def listed(self, nodes: Iterable[Value]) -> str:
        """Return the names of nodes as part of a sentence."""
        return listed(map(self.name, nodes), MAX_LISTED)

    @cached_property
    def gradients(self) -> dict[Value, float]:
        """The derivatives of the loss with respect to the parameters; empty if one is undefined."""
        return self.gradients_of(self.reached)

    def gradients_of(self, nodes: Sequence[Value]) -> dict[Value, float]:
        """Return the derivatives of the loss with respect to nodes; empty if one is undefined."""
        try:
            found = dict(zip(nodes, jacobian([self.loss], nodes)[0], strict=True))
        except UndefinedDerivativeError:
            return {}
        return found if all(map(is_number, found.values())) else {}

    @cached_property
    def recorded(self) -> dict[Value, float]:
        """The numbers of leaves when the graph was computed, as far as the graph still shows them."""
        if self._numbers is not None:
            return dict(self._numbers)
        found: dict[Value, float] = {}
        for node in self.order:
            for index, operand in enumerate(node.inputs):
                number = _number_inside(node, index) if operand.is_leaf and operand not in found else None
                if number is not None:
                    found[operand] = operand.data if is_close(operand.data, number, atol=1e-12) else number
        return found

    @cached_property
    def moved(self) -> list[Value]:
        """The leaves whose numbers were changed since."""
        return [leaf for leaf, number in self.recorded.items() if not is_close(leaf.data, number, atol=1e-12)]

    def loss_at(self, numbers: Mapping[Value, float]) -> float:
        """Return the loss with other numbers in some leaves; not-a-number if it has no value there."""
        return (self.values_at(numbers, [self.loss]) or [math.nan])[0]

    def values_at(self, numbers: Mapping[Value, float], nodes: Iterable[Value]) -> list[float]:
        """Return the numbers of nodes with other numbers in some leaves; an empty list if one has no value there."""
        try:
            found = recomputed(self.order, {**self.recorded, **numbers})
        except DomainError:
            return []
        return [found[node] for node in nodes]

    @cached_property
    def depths(self) -> dict[Value, int]:
        """The largest number of activations between each node and the loss."""
        found = {self.loss: 0}
        for node in reversed(self.order):
            below = found[node] + (node.op.role == "activation")
            for operand in node.inputs:
                found[operand] = max(found.get(operand, 0), below)
        return found

    @cached_property
    def units(self) -> list[list[Value]]:
        """The activations, grouped by unit: an activation for each sample."""
        by_weights: dict[Any, list[Value]] = defaultdict(list)
        for node in self.order:
            if node.inputs and node.op.role == "activation":
                by_weights[frozenset(self.weights_of(node))].append(node)
        if any(len(group) > 1 for group in by_weights.values()):
            return list(by_weights.values())
        by_scope: dict[Any, list[Value]] = defaultdict(list)
        for group in by_weights.values():
            by_scope[group[0].scope or group[0]] += group
        return list(by_scope.values())

    @cached_property
    def hidden(self) -> set[Value]:
        """The nodes that a parameter is multiplied by: what is between layers."""
        weighted = [node for node in self.order if node.op is ops.mul and not self.trained.isdisjoint(node.inputs)]
        return {x for node in weighted for x in node.inputs}

    @cached_property
    def terms(self) -> list[Term]:
        """The terms of the loss."""
        return terms_of(self.loss, lambda node: not node.inputs and node not in self.trained)

    @cached_property
    def largest_input(self) -> float:
        """The largest of the plain numbers that parameters are multiplied by, without its sign."""
        return max((abs(x) for term in self.terms for x in term.inputs), default=0.0)

    def weights_of(self, activation: Value) -> list[Value]:
        """Return the parameters in the weighted sum that an activation is applied to, in order."""
        found: list[Value] = []
        waiting = [activation.inputs[0]]
        while waiting:
            node = waiting.pop()
            if node in self.trained:
                found.append(node)
            elif node.op.role == "linear":
                waiting.extend(reversed(node.inputs))
        return found

    def listed_units(self, units: Iterable[Sequence[Value]]) -> str:
        """Return the names of units as part of a sentence: their scopes, or their first activations."""
        firsts = [unit[0] for unit in units]
        names = (" of ".join(reversed(x.scope)) or f"the {x.op.name} unit {self.name(x)}" for x in firsts)
        return listed(names, MAX_LISTED)


def _number_inside(node: Value, index: int) -> float | None:
    """Return the number of an operand when a node was computed, if the node shows it."""
    if node.op is ops.mul and node.inputs[0] is not node.inputs[1]:
        return node.local_grads[1 - index]
    if node.op is ops.neg:
        return -node.data
    if node.op in (ops.add, ops.sub):
        other = node.inputs[1 - index]
        if other is node.inputs[index] or other.is_leaf:
            return None
        if node.op is ops.add:
            return node.data - other.data
        return node.data + other.data if index == 0 else other.data - node.data
    return None


def describe_origin(node: Value) -> str:
    """Write how a node was computed, with its operands' numbers.

    >>> describe_origin(Value(2.0) * 3.0)
    'x * y with x = 2, y = 3'
    """
    places = zip(node.op.operands, node.inputs, strict=True)
    return f"{node.op.written()} with {', '.join(f'{name} = {format_number(x.data)}' for name, x in places)}"

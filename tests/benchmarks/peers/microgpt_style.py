"""A Value of one screen in the style of microgpt: a node holds its children and its local gradients.

https://gist.github.com/karpathy/8627fe009c40f57531cb18360106ce95
"""

from __future__ import annotations

import math

from tests.benchmarks.peers.base import DataAndGrad, Training, largest_data
from tests.benchmarks.workloads import Functions, Workload


class Value:
    """A number, its children, and its derivatives with respect to them."""

    __slots__ = ("_children", "_local_grads", "data", "grad")

    def __init__(self, data: float, children: tuple[Value, ...] = (), local_grads: tuple[float, ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self._children = children
        self._local_grads = local_grads

    def __add__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent: float) -> Value:
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def exp(self) -> Value:
        power = math.exp(self.data)
        return Value(power, (self,), (power,))

    def log(self) -> Value:
        return Value(math.log(self.data), (self,), (1.0 / self.data,))

    def relu(self) -> Value:
        return Value(max(0.0, self.data), (self,), (float(self.data > 0.0),))

    def __neg__(self) -> Value:
        return self * -1.0

    def __radd__(self, other: float) -> Value:
        return self + other

    def __sub__(self, other: Value | float) -> Value:
        return self + -other

    def __rsub__(self, other: float) -> Value:
        return other + -self

    def __rmul__(self, other: float) -> Value:
        return self * other

    def __truediv__(self, other: Value | float) -> Value:
        return self * other**-1.0

    def backward(self) -> None:
        # A nested function that calls itself is a cycle of references, and holds the whole graph; so it is in microgpt.
        order: list[Value] = []
        seen: set[Value] = set()

        def visit(node: Value) -> None:
            if node not in seen:
                seen.add(node)
                for child in node._children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for child, local in zip(node._children, node._local_grads):  # noqa: B905 - as microgpt
                child.grad += local * node.grad


def train(workload: Workload) -> Training:
    """Return the training with these Values, each expression written out in operators."""
    functions = Functions(Value.relu, Value.exp, Value.log, largest_data)
    return DataAndGrad(workload, list(map(Value, workload.numbers)), functions)

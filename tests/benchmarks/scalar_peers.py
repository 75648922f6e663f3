"""Engines of scalars, each used as its users use it; all give the operators and relu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.workloads import L2, LEARNING_RATE, Workload

Step = Callable[[], float]


class Training:
    """Train a workload's network with an engine of scalars.

    Args:
        value: makes a scalar of a number.
        workload: what to train.
        zero: what a gradient is before backpropagation.
    """

    def __init__(self, value: Callable[[float], Any], workload: Workload, zero: float = 0.0) -> None:
        self.layers = [[[value(w) for w in neuron] for neuron in layer] for layer in workload.layers]
        self.parameters = [w for layer in self.layers for neuron in layer for w in neuron]
        self.workload, self.zero = workload, zero

    def predict(self, x: list[float]) -> Any:
        """Return the network's one output."""
        activations: list[Any] = x
        for depth, layer in enumerate(self.layers):
            sums = [sum((w * a for w, a in zip(n, activations)), n[-1]) for n in layer]  # noqa: B905 - n ends with the bias
            activations = [s.relu() for s in sums] if depth + 1 < len(self.layers) else sums
        return activations[0]

    def loss(self) -> Any:
        """Return the loss over all samples."""
        scores = [self.predict(x) for x in self.workload.inputs]
        pairs = zip(scores, self.workload.targets, strict=True)
        if self.workload.loss == "mean squared error":
            return sum((score - y) ** 2 for score, y in pairs) * (1.0 / len(scores))
        margin = sum((1 + -y * score).relu() for score, y in pairs) * (1.0 / len(scores))
        return margin + L2 * sum(p * p for p in self.parameters)

    def step(self) -> float:
        """Do one training step; return the loss."""
        loss = self.loss()
        for p in self.parameters:
            p.grad = self.zero
        loss.backward()
        for p in self.parameters:
            p.data -= LEARNING_RATE * p.grad
        return float(loss.data)

    def gradients(self) -> list[float]:
        """Return the gradients at the present parameters."""
        for p in self.parameters:
            p.grad = self.zero
        self.loss().backward()
        return [float(p.grad) for p in self.parameters]


def stepgrad(workload: Workload) -> Training:
    """Return the training by this project's engine, eagerly."""
    from engine import Value

    return Training(Value, workload)


def micrograd(workload: Workload) -> Training:
    """Return the training by micrograd, https://github.com/karpathy/micrograd."""
    from micrograd.engine import Value  # type: ignore[import-untyped]

    return Training(Value, workload)

"""The libraries that are measured, each used as its users use it.

A peer is a function that takes a workload and returns its training: ``step()`` does one training step and
returns the loss, ``gradients()`` returns the gradients at the first parameters, layer by layer, neuron by
neuron, weights and then bias. Before any timing, the gradients of all peers are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from tests.benchmarks.workloads import L2, LEARNING_RATE, Workload


class Training(Protocol):
    """Describe what a peer returns."""

    def step(self) -> float:
        """Do one training step; return the loss."""

    def gradients(self) -> list[float]:
        """Return the gradients at the present parameters."""


class ScalarTraining:
    """Train a network of scalars with a loss written out in operators, as in micrograd's demo.

    Args:
        model: maps a list of inputs to one output.
        parameters: the model's parameters, in the order of the workload.
        wrap: makes a scalar of an input.
    """

    def __init__(
        self, workload: Workload, model: Callable[[Any], Any], parameters: list[Any], wrap: Callable[[float], Any]
    ) -> None:
        self.workload, self.model, self.parameters, self.wrap = workload, model, parameters, wrap
        numbers = [w for layer in workload.layers for neuron in layer for w in neuron]
        for parameter, number in zip(parameters, numbers, strict=True):
            parameter.data = number

    def loss(self) -> Any:
        """Return the loss over all samples."""
        inputs = [list(map(self.wrap, x)) for x in self.workload.inputs]
        scores = list(map(self.model, inputs))
        if self.workload.loss == "mean squared error":
            losses = [(score - y) ** 2 for score, y in zip(scores, self.workload.targets, strict=True)]
            return sum(losses) * (1.0 / len(losses))
        losses = [(1 + -y * score).relu() for score, y in zip(scores, self.workload.targets, strict=True)]
        return sum(losses) * (1.0 / len(losses)) + L2 * sum(p * p for p in self.parameters)

    def backward(self) -> Any:
        """Compute the loss and all gradients; return the loss."""
        loss = self.loss()
        for p in self.parameters:
            p.grad = 0.0
        loss.backward()
        return loss

    def step(self) -> float:
        """Do one training step; return the loss."""
        self.last_loss = self.backward()  # a script's variable holds the graph until the next step has made another
        for p in self.parameters:
            p.data -= LEARNING_RATE * p.grad
        return float(self.last_loss.data)

    def gradients(self) -> list[float]:
        """Return the gradients at the present parameters."""
        self.backward()
        return [float(p.grad) for p in self.parameters]


def script(workload: Workload, value: Callable[[float], Any]) -> ScalarTraining:
    """Return a training whose network is written out in operators, as in `demos/backprop.py`."""
    layers = [[[value(w) for w in neuron] for neuron in layer] for layer in workload.layers]

    def model(x: list[Any]) -> Any:
        for depth, layer in enumerate(layers, start=1):
            x = [sum(w * x_i for w, x_i in zip(neuron, x)) + neuron[-1] for neuron in layer]  # noqa: B905 - bias last
            if depth < len(layers):
                x = [z.relu() for z in x]
        return x[0]

    return ScalarTraining(workload, model, [w for layer in layers for neuron in layer for w in neuron], float)


def stepgrad_eager(workload: Workload) -> Training:
    """Return the training by this project, eagerly; the larger one with `nn` and the collector paused."""
    import nn
    from engine import Value, gc_paused

    if workload.script:
        return script(workload, Value)
    model = nn.MLP(len(workload.inputs[0]), [len(layer) for layer in workload.layers], activation="relu")
    parameters = [p for layer in model.layers for neuron in layer.neurons for p in (*neuron.weights, neuron.bias)]

    class Paused(ScalarTraining):
        def step(self) -> float:
            with gc_paused():
                return super().step()

    return Paused(workload, model, parameters, float)


def micrograd(workload: Workload) -> Training:
    """Return the training by micrograd, https://github.com/karpathy/micrograd; the larger one as in its demo."""
    from micrograd.engine import Value  # type: ignore[import-untyped]
    from micrograd.nn import MLP  # type: ignore[import-untyped]

    if workload.script:
        return script(workload, Value)
    model = MLP(len(workload.inputs[0]), [len(layer) for layer in workload.layers])
    return ScalarTraining(workload, model, model.parameters(), Value)


PEERS: dict[str, Callable[[Workload], Training]] = {
    "stepgrad, eager": stepgrad_eager,
    "micrograd": micrograd,
}

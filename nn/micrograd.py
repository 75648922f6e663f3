"""micrograd's networks on this engine: what `stepgrad.micrograd.nn` offers.

The modules of https://github.com/karpathy/micrograd/blob/master/micrograd/nn.py, with its constructors, its attributes,
and its weights from Python's ``random`` in its order. They are modules of `nn`, too: trained by `nn.fit`, saved, drawn.

>>> import random
>>> random.seed(1337)
>>> model = MLP(2, [2, 1])
>>> print(model)
MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(2)]]
>>> model([1.0, 2.0])._op
'+'
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from engine.micrograd import Value

from . import modules


class Module(modules.Module):
    """Base class of networks; a subclass defines ``__call__`` or ``forward``, and may define ``parameters``."""

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to 0."""
        for parameter in self.parameters():
            parameter.grad = 0

    def __call__(self, x: Any) -> Any:
        """Compute the outputs for the inputs, inside the module's scope."""
        return super().__call__(x)


class Neuron(Module, modules.Neuron):
    """A neuron of micrograd: the relu of a weighted sum, or with ``nonlin=False`` the sum.

    Args:
        nin: the number of inputs.
        nonlin: whether there is a relu.
        name: the name of its scope.

    Attributes:
        w, b: the weights, uniformly from -1 to 1, and the bias, 0.
    """

    def __init__(self, nin: int, nonlin: bool = True, name: str = "neuron") -> None:
        modules.Module.__init__(self, name)
        self.inputs, self.nonlin = nin, nonlin
        with self._scope:
            self.weights = [Value(random.uniform(-1, 1), label=f"w{i}") for i in range(nin)]
            self.bias = Value(0, label="b")
        self.activation = "relu" if nonlin else "linear"
        self.function = Value.relu if nonlin else None

    @property
    def w(self) -> list[Any]:
        """The weights."""
        return self.weights

    @w.setter
    def w(self, weights: list[Any]) -> None:
        self.weights = weights

    @property
    def b(self) -> Any:
        """The bias."""
        return self.bias

    @b.setter
    def b(self, bias: Any) -> None:
        self.bias = bias

    def forward(self, x: Sequence[Any]) -> Any:
        """Return the output for a list of inputs."""
        total = sum((w_i * x_i for w_i, x_i in zip(self.weights, x)), self.bias)  # noqa: B905 - as micrograd does
        return total.relu() if self.nonlin else total

    def parameters(self) -> list[Any]:
        """Return the weights and the bias."""
        return [*self.weights, self.bias]

    def __str__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.weights)})"


class Layer(Module, modules.Layer):
    """Neurons side by side, ``layer.neurons``.

    Args:
        nin, nout: the number of inputs and of neurons.
        name: the name of its scope.
        options: for the neurons, such as ``nonlin``.
    """

    def __init__(self, nin: int, nout: int, *, name: str = "layer", **options: Any) -> None:
        modules.Module.__init__(self, name)
        self.inputs = nin
        with self._scope:
            self.neurons: Any = [Neuron(nin, name=f"neuron {i}", **options) for i in range(nout)]

    def forward(self, x: Sequence[Any]) -> Any:
        """Return the output of one neuron, or a list with those of several."""
        outputs = [neuron(x) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    def parameters(self) -> list[Any]:
        """Return the parameters of all neurons."""
        return [parameter for neuron in self.neurons for parameter in neuron.parameters()]

    def __str__(self) -> str:
        return f"Layer of [{', '.join(map(str, self.neurons))}]"


class MLP(Module, modules.MLP):
    """A multilayer perceptron: layers with relu, the last one without; ``model.layers``.

    Args:
        nin: the number of inputs.
        nouts: the number of neurons in each layer.
    """

    def __init__(self, nin: int, nouts: Sequence[int]) -> None:
        modules.Module.__init__(self)
        self.inputs, sizes, last = nin, [nin, *nouts], len(nouts) - 1
        self.layers: Any = [
            Layer(sizes[i], sizes[i + 1], name=f"layer {i + 1}", nonlin=i != last) for i in range(len(nouts))
        ]

    def forward(self, x: Any) -> Any:
        """Return the output of one neuron in the last layer, or a list with those of several."""
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Any]:
        """Return the parameters of all layers."""
        return [parameter for layer in self.layers for parameter in layer.parameters()]

    def __str__(self) -> str:
        return f"MLP of [{', '.join(map(str, self.layers))}]"

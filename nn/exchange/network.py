"""Networks that PyTorch and JAX can compute too: layers one after the other, with activations that they know."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from engine import Operation

from ..errors import SettingError
from ..modules import MLP, Dropout, Layer, Module, Sequential


class Counterpart(NamedTuple):
    """An operation's counterparts in PyTorch and JAX."""

    module: str  # the class in `torch.nn`
    settings: Mapping[str, str] = {}  # what both call the operation's parameters
    torch: Mapping[str, Any] = {}  # further settings with which they compute the operation
    jax: Mapping[str, Any] = {}
    function: str = ""  # the function in `jax.nn`, unless it has the operation's own name


# By the name of the operation; see https://docs.pytorch.org/docs/stable/nn.html and
# https://docs.jax.dev/en/latest/jax.nn.html.
COUNTERPARTS = {
    "elu": Counterpart("ELU", {"alpha": "alpha"}),
    "gelu": Counterpart("GELU", torch={"approximate": "none"}, jax={"approximate": False}),
    "hardsigmoid": Counterpart("Hardsigmoid", function="hard_sigmoid"),
    "hardswish": Counterpart("Hardswish", function="hard_swish"),
    "hardtanh": Counterpart("Hardtanh", torch={"min_val": -1.0, "max_val": 1.0}, function="hard_tanh"),
    "leaky_relu": Counterpart("LeakyReLU", {"slope": "negative_slope"}),
    "mish": Counterpart("Mish"),
    "relu": Counterpart("ReLU"),
    "selu": Counterpart("SELU"),
    "sigmoid": Counterpart("Sigmoid"),
    "silu": Counterpart("SiLU"),
    "softplus": Counterpart("Softplus", torch={"beta": 1.0}),
    "softsign": Counterpart("Softsign", function="soft_sign"),
    "tanh": Counterpart("Tanh"),
}


def layers_of(model: Module, caller: str) -> Iterator[Layer | Dropout]:
    """Yield the layers and dropouts of a network in the order in which they are computed.

    If it has other modules in it, raise `SettingError`; the message names the function ``caller``.
    """
    kind = next((kind for kind in (MLP, Sequential, Layer, Dropout) if type(model).forward is kind.forward), None)
    if kind is None:
        raise SettingError(f"{caller} takes MLP, Layer, Sequential and Dropout, but there is {model!r}")
    if isinstance(model, Layer | Dropout):
        yield model
    else:
        for _, part in model.parts():
            assert isinstance(part, Module)
            yield from layers_of(part, caller)


def folded_layers(model: Module, caller: str) -> list[Layer | Dropout]:
    """Return the layers and dropouts of a network; its scaling becomes part of the first and the last layer's copies.

    If it has other modules in it, or a scaling that does not stand beside layers, raise `SettingError`.
    """
    parts = list(layers_of(model, caller))
    if all(module.scaling is None for _, module in model.modules()):
        return parts
    first, last, scaling = parts[0], parts[-1], model.scaling
    inner = [name for name, module in model.modules() if name and module.scaling]
    if inner or not scaling or not isinstance(first, Layer) or not isinstance(last, Layer):
        needed = "a scaling of the whole network, which begins and ends with a layer"
        raise SettingError(f"{caller} takes {needed}, not that of {model!r}")
    rows = [[weight.data for weight in neuron.weights] for neuron in first.neurons]
    biases = [neuron.bias.data for neuron in first.neurons]
    divided = [[w / (s or 1.0) for w, (_, s) in zip(row, scaling.inputs, strict=True)] for row in rows]
    moved = [
        bias - math.fsum(w * mean for w, (mean, _) in zip(row, scaling.inputs, strict=True))
        for bias, row in zip(biases, divided, strict=True)
    ]
    parts[0] = _copy(first, divided, moved)
    if scaling.targets:
        if any(neuron.function for neuron in last.neurons):
            raise SettingError(f"{caller} needs a last layer without activation where outputs are scaled, not {last!r}")
        last = parts[-1]  # the first layer may be the last one
        assert isinstance(last, Layer)
        spreads = [spread or 1.0 for _, spread in scaling.targets]
        neurons = list(zip(last.neurons, spreads, scaling.targets, strict=True))
        rows = [[weight.data * spread for weight in neuron.weights] for neuron, spread, _ in neurons]
        parts[-1] = _copy(last, rows, [neuron.bias.data * spread + mean for neuron, spread, (mean, _) in neurons])
    return parts


def _copy(layer: Layer, weights: Iterable[Sequence[float]], biases: Sequence[float]) -> Layer:
    """Return a layer with other parameters."""
    twin = Layer(layer.inputs, len(layer.neurons), init="zeros")
    for ours, theirs in zip(twin.neurons, layer.neurons, strict=True):
        ours.activation, ours.function = theirs.activation, theirs.function
    set_parameters(twin, weights, biases)
    return twin


def operation_of(layer: Layer, caller: str) -> tuple[str, dict[str, Any]]:
    """Return the name of a layer's activation, or "linear", and its parameters under the libraries' names for them.

    If it has no counterpart, or the neurons have different ones, raise `SettingError`.
    """
    found: list[tuple[str, dict[str, Any]]] = []
    for neuron in layer.neurons:
        operation = neuron.function
        if operation is None:
            found.append(("linear", {}))
        elif isinstance(operation, Operation) and operation.name in COUNTERPARTS:
            theirs = COUNTERPARTS[operation.name].settings
            found.append((operation.name, {theirs[name]: number for name, number in operation.parameters.items()}))
        else:
            names = ", ".join(COUNTERPARTS)
            raise SettingError(f"{caller} knows the activations linear, {names}, not {neuron.activation!r}")
    if any(activation != found[0] for activation in found):
        raise SettingError(f"{caller} needs one activation in each layer; the neurons of {layer!r} have several")
    return found[0]


def set_parameters(layer: Layer, weights: Iterable[Sequence[float]], biases: Sequence[float]) -> None:
    """Set the parameters of a layer to the weights and the bias of each neuron."""
    for neuron, row, bias in zip(layer.neurons, weights, biases, strict=True):
        neuron.bias.data = bias
        for weight, number in zip(neuron.weights, row, strict=True):
            weight.data = number

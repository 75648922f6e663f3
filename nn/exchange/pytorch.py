"""On to PyTorch and back: the same network as a `torch.nn.Module`, with the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine import StepgradError

from ..composition import Dropout, Sequential, flat
from ..errors import SettingError
from ..modules import Layer, Module

# What PyTorch's modules are called that compute activations, and the settings in which they are ours.
ACTIVATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "elu": ("ELU", {"alpha": 1.0}),
    "gelu": ("GELU", {"approximate": "none"}),
    "leaky_relu": ("LeakyReLU", {"negative_slope": 0.01}),
    "relu": ("ReLU", {}),
    "sigmoid": ("Sigmoid", {}),
    "silu": ("SiLU", {}),
    "softplus": ("Softplus", {"beta": 1.0}),
    "tanh": ("Tanh", {}),
}
OURS = {theirs: (name, settings) for name, (theirs, settings) in ACTIVATIONS.items()}


def to_torch(model: Module) -> Any:
    """Return a network as a `torch.nn.Sequential` in float64, with the same parameters.

    It takes tensors whose last dimension is the inputs, and always returns one whose last dimension is the outputs.

    Args:
        model: an MLP, a Layer, or a Sequential of these and of Dropout.

    Raises:
        SettingError: it has a module or an activation for which PyTorch has none.
        StepgradError: PyTorch is not installed.
    """
    try:
        import torch
    except ImportError:
        raise StepgradError("to_torch needs PyTorch: pip install torch") from None
    parts = [part for each in flat(model, "to_torch") for part in _theirs(each, torch)]
    return torch.nn.Sequential(*parts).train(model.training)


def _theirs(part: Layer | Dropout, torch: Any) -> Iterator[Any]:
    if isinstance(part, Dropout):
        yield torch.nn.Dropout(part.p)
    else:
        yield from _linear(part, torch)


def _linear(layer: Layer, torch: Any) -> Iterator[Any]:
    rows = [[weight.data for weight in neuron.weights] for neuron in layer.neurons]
    linear = torch.nn.Linear(len(rows[0]), len(rows), dtype=torch.float64)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor(rows, dtype=torch.float64))
        linear.bias.copy_(torch.tensor([neuron.bias.data for neuron in layer.neurons], dtype=torch.float64))
    yield linear
    activation = layer.neurons[0].activation
    if activation in ACTIVATIONS:
        yield getattr(torch.nn, ACTIVATIONS[activation][0])()
    elif activation != "linear":
        raise SettingError(f"to_torch knows no {activation!r}; it knows linear, {', '.join(ACTIVATIONS)}")


def from_torch(module: Any) -> Module:
    """Return a network of PyTorch as a `Sequential`, with the same parameters.

    Args:
        module: a `torch.nn.Linear`, or a `torch.nn.Sequential` of these, activations and `Dropout`.

    Raises:
        SettingError: it has something else in it.
    """
    made: list[Module] = []
    for part in _leaves(module):
        kind = type(part).__name__
        if kind == "Linear":
            made.append(_layer(part, None, len(made)))
        elif kind == "Dropout":
            made.append(Dropout(part.p))
        elif kind in OURS and made and isinstance(made[-1], Layer) and made[-1].neurons[0].activation == "linear":
            made[-1] = _activated(made[-1], part)
        elif kind in OURS:
            raise SettingError(f"from_torch takes an activation right behind a Linear, and {part!r} is not")
        elif kind != "Identity":
            raise SettingError(f"from_torch knows Linear, Dropout, {', '.join(OURS)} and Sequential, but not {part!r}")
    model = Sequential(*made)
    return model.train(bool(module.training))


def _leaves(module: Any) -> Iterator[Any]:
    if type(module).__name__ == "Sequential":
        for part in module:
            yield from _leaves(part)
    else:
        yield module


def _layer(linear: Any, activation: str | None, place: int) -> Layer:
    if linear.bias is None:
        raise SettingError(f"from_torch takes layers with a bias, and {linear!r} has none; set it to zeros")
    rows = linear.weight.tolist()
    layer = Layer(len(rows[0]), len(rows), activation, f"layer {place + 1}", init="zeros")
    for neuron, weights, bias in zip(layer.neurons, rows, linear.bias.tolist(), strict=True):
        neuron.bias.data = bias
        for parameter, number in zip(neuron.weights, weights, strict=True):
            parameter.data = number
    return layer


def _activated(layer: Layer, part: Any) -> Layer:
    """Return a layer with the activation of a module of PyTorch."""
    name, settings = OURS[type(part).__name__]
    for setting, usual in settings.items():
        if getattr(part, setting) != usual:
            raise SettingError(f"from_torch takes {type(part).__name__} with {setting}={usual!r} only, not {part!r}")
    activated = Layer(len(layer.neurons[0].weights), len(layer.neurons), name, layer.name, init="zeros")
    for theirs, ours in zip(layer.parameters(), activated.parameters(), strict=True):
        ours.data = theirs.data
    return activated

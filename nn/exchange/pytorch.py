"""Exchange with PyTorch: the same network as a `torch.nn.Module`, with the same numbers."""

from collections.abc import Iterator
from typing import Any

from engine import TABLE, StepgradError

from ..errors import SettingError
from ..modules import Dropout, Layer, Module, Sequential
from .network import COUNTERPARTS, folded_layers, operation_of, set_parameters

OPERATIONS = {counterpart.module: name for name, counterpart in COUNTERPARTS.items()}


def to_torch(model: Module) -> Any:
    """Return a network as a `torch.nn.Sequential` in float64, with the same parameters.

    It takes tensors whose last dimension is the inputs, and always returns one whose last dimension is the outputs.

    Args:
        model: an MLP, a Layer, or a Sequential of these and of Dropout. A scaling (`fit(..., standardise=True)`)
            becomes part of the first and the last layer.

    Raises:
        SettingError: a module or an activation has no counterpart in PyTorch.
        StepgradError: PyTorch is not installed.
    """
    try:
        import torch
    except ImportError:
        raise StepgradError("to_torch needs PyTorch: pip install torch") from None
    parts: list[Any] = []
    for part in folded_layers(model, "to_torch"):
        if isinstance(part, Dropout):
            parts.append(torch.nn.Dropout(part.p))
            continue
        linear = torch.nn.Linear(part.inputs, len(part.neurons), dtype=torch.float64)
        rows = [[weight.data for weight in neuron.weights] for neuron in part.neurons]
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(rows, dtype=torch.float64))
            linear.bias.copy_(torch.tensor([neuron.bias.data for neuron in part.neurons], dtype=torch.float64))
        parts.append(linear)
        name, settings = operation_of(part, "to_torch")
        if name != "linear":
            parts.append(getattr(torch.nn, COUNTERPARTS[name].module)(**settings, **COUNTERPARTS[name].torch))
    return torch.nn.Sequential(*parts).train(model.training)


def from_torch(module: Any) -> Module:
    """Return a network of PyTorch as a `Sequential`, with the same parameters.

    Args:
        module: a `torch.nn.Linear`, or a `torch.nn.Sequential` of these, activations and `Dropout`.

    Raises:
        SettingError: there is another kind of module in it.
    """
    made: list[Module] = []
    for part in _leaves(module):
        kind = type(part).__name__
        if kind == "Linear":
            if part.bias is None:
                raise SettingError(f"from_torch needs layers with a bias, and {part!r} has none; set it to zeros")
            rows = part.weight.tolist()
            layer = Layer(len(rows[0]), len(rows), None, f"layer {len(made) + 1}", init="zeros")
            set_parameters(layer, rows, part.bias.tolist())
            made.append(layer)
        elif kind == "Dropout":
            made.append(Dropout(part.p))
        elif kind in OPERATIONS:
            _activate(made[-1] if made else None, part)
        elif kind != "Identity":
            kinds = ", ".join(OPERATIONS)
            raise SettingError(f"from_torch knows Linear, Dropout, {kinds} and Sequential, but not {part!r}")
    return Sequential(*made).train(bool(module.training))


def _leaves(module: Any) -> Iterator[Any]:
    if type(module).__name__ == "Sequential":
        for part in module:
            yield from _leaves(part)
    else:
        yield module


def _activate(layer: Module | None, part: Any) -> None:
    """Give the neurons of a layer the activation of a module of PyTorch."""
    kind = type(part).__name__
    if not isinstance(layer, Layer) or layer.neurons[0].function:
        raise SettingError(f"from_torch needs each activation right behind a Linear, and {part!r} is not")
    name = OPERATIONS[kind]
    for setting, needed in COUNTERPARTS[name].torch.items():
        if getattr(part, setting) != needed:
            raise SettingError(f"from_torch takes {kind} with {setting}={needed!r} only, not {part!r}")
    parameters = {ours: getattr(part, theirs) for ours, theirs in COUNTERPARTS[name].settings.items()}
    for neuron in layer.neurons:
        neuron.activation, neuron.function = name, TABLE[name].bind(**parameters)

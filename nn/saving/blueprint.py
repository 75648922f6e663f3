"""The blueprint of a model: the settings in a file from which the same model can be made again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from engine import StepgradError

from ..checks import known, positive
from ..errors import StateError
from ..layers import MLP, Dropout, Layer, Neuron, Sequential
from ..modules import Module
from .document import at, check_names, check_type

T = TypeVar("T")


class Kind(NamedTuple):
    """How modules of one class are described.

    Attributes:
        module: the class.
        describe: returns the settings of a module.
        types: the type of each setting.
        count: returns the number of parameters that a module with some settings has.
    """

    module: Any
    describe: Callable[[Any], dict[str, Any]]
    types: dict[str, type]
    count: Callable[[dict[str, Any]], int]


def _describe_neuron(neuron: Neuron) -> dict[str, Any]:
    return {"inputs": neuron.inputs, "activation": neuron.activation, "name": neuron.name}


def _describe_layer(layer: Layer) -> dict[str, Any]:
    sizes = {"inputs": layer.inputs, "outputs": len(layer.neurons)}
    return {**sizes, "activation": layer.neurons[0].activation, "name": layer.name}


def _describe_mlp(mlp: MLP) -> dict[str, Any]:
    return {
        "inputs": mlp.inputs,
        "sizes": [len(layer.neurons) for layer in mlp.layers],
        "activation": mlp.layers[0].neurons[0].activation,
        "output_activation": mlp.layers[-1].neurons[0].activation,
    }


def _describe_sequential(sequential: Sequential) -> dict[str, Any]:
    return {"parts": list(_each_part(_describe, sequential.steps)), "name": sequential.name}


def _count_layers(inputs: Any, *sizes: Any) -> int:
    widths = [positive(size, "the number of inputs or neurons") for size in (inputs, *sizes)]
    return sum((before + 1) * after for before, after in pairwise(widths))


KINDS = {
    kind.module.__name__: kind
    for kind in (
        Kind(
            Neuron,
            _describe_neuron,
            {"inputs": int, "activation": str, "name": str},
            lambda settings: _count_layers(settings["inputs"], 1),
        ),
        Kind(
            Layer,
            _describe_layer,
            {"inputs": int, "outputs": int, "activation": str, "name": str},
            lambda settings: _count_layers(settings["inputs"], settings["outputs"]),
        ),
        Kind(
            MLP,
            _describe_mlp,
            {"inputs": int, "sizes": list, "activation": str, "output_activation": str},
            lambda settings: _count_layers(settings["inputs"], *settings["sizes"]),
        ),
        Kind(
            Dropout,
            lambda dropout: {"p": dropout.p, "name": dropout.name},
            {"p": float, "name": str},
            lambda settings: 0,
        ),
        Kind(
            Sequential,
            _describe_sequential,
            {"parts": list, "name": str},
            lambda settings: sum(_each_part(count_parameters, settings["parts"])),
        ),
    )
}


def describe(model: Module) -> dict[str, Any] | str:
    """Return the description of a model from which `rebuild` makes it again; if that is impossible, why."""
    try:
        description = _describe(model)
        if _outline(rebuild(description)) != _outline(model):
            raise StateError(f"this {type(model).__name__} was changed, shares parts, or has functions of your own")
    except StepgradError as error:
        return str(error)
    return description


def _describe(module: Module) -> dict[str, Any]:
    name = type(module).__name__
    if name not in KINDS or type(module) is not KINDS[name].module:
        raise StateError(f"{name} is a module of your own")
    mode = {} if module.training else {"training": False}
    return {"module": name, **KINDS[name].describe(module), **mode}


def _outline(model: Module) -> list[Any]:
    """Return all that a twin must have in common with a model, except the numbers of its parameters."""
    modules = [(name, type(part), part.name, getattr(part, "function", None)) for name, part in model.modules()]
    return [*modules, *(name for name, _ in model.named_parameters())]


def _read(description: Any) -> tuple[Kind, dict[str, Any], bool]:
    """Return the kind of a module, its settings, each of the right type, and whether it is in training mode."""
    check_type(description, dict)
    settings = {"training": True, **description}
    with at("module"):
        kind = KINDS[known(settings.pop("module", None), list(KINDS), "module of nn")]
    types = {"training": bool, **kind.types}
    check_names(settings, types)
    for name, wanted in types.items():
        with at(name):
            check_type(settings[name], wanted)
    return kind, settings, settings.pop("training")


def count_parameters(description: Any) -> int:
    """Return the number of parameters that a module will have, before anything of its size is made.

    Raises:
        StateError: the description is wrong; the message says where.
    """
    kind, settings, _ = _read(description)
    return kind.count(settings)


def rebuild(description: Any) -> Module:
    """Make a module from its description, with parameters of 0; no random number is drawn.

    Raises:
        StateError: the description is wrong; the message says where.

    >>> rebuild({"module": "Layer", "inputs": 2, "outputs": 3, "activation": "tanh", "name": "hidden"})
    Layer(2 inputs, 3 neurons, tanh)
    """
    kind, settings, is_training = _read(description)
    if kind.module is Sequential:
        model: Module = Sequential(*_each_part(rebuild, settings["parts"]), name=settings["name"])
        model.training = is_training  # its parts have modes of their own
        return model
    model = kind.module(**settings, **({} if kind.module is Dropout else {"init": "zeros"}))
    return model.train(is_training)


def _each_part(function: Callable[[Any], T], parts: list[Any]) -> Iterator[T]:
    for i, part in enumerate(parts):
        with at(f"parts[{i}]"):
            yield function(part)

"""What a model is made of, as settings that stand in a file, and the model made from them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from engine import StepgradError

from ..checks import known, positive
from ..composition import Dropout, Sequential
from ..errors import StateError
from ..modules import MLP, Layer, Module, Neuron
from .document import at, check_names, check_type

T = TypeVar("T")


class Kind(NamedTuple):
    """Hold how modules of a class are described.

    Attributes:
        module: the class.
        described: returns the settings of a module.
        types: of what type each setting is.
        count: returns from its settings how many parameters a module has.
    """

    module: Any
    described: Callable[[Any], dict[str, Any]]
    types: dict[str, type]
    count: Callable[[dict[str, Any]], int]


def _of_neuron(neuron: Neuron) -> dict[str, Any]:
    return {"inputs": len(neuron.weights), "activation": neuron.activation, "name": neuron.name}


def _of_layer(layer: Layer) -> dict[str, Any]:
    first = layer.neurons[0]
    sizes = {"inputs": len(first.weights), "outputs": len(layer.neurons)}
    return {**sizes, "activation": first.activation, "name": layer.name}


def _of_mlp(mlp: MLP) -> dict[str, Any]:
    first, last = mlp.layers[0].neurons[0], mlp.layers[-1].neurons[0]
    return {
        "inputs": len(first.weights),
        "sizes": [len(layer.neurons) for layer in mlp.layers],
        "activation": first.activation,
        "output_activation": last.activation,
    }


def _count_of_mlp(settings: dict[str, Any]) -> int:
    widths = [_size(settings["inputs"]), *map(_size, settings["sizes"])]
    return sum((before + 1) * after for before, after in pairwise(widths))


def _size(count: Any) -> int:
    return positive(count, "a count of inputs or neurons")


KINDS = {
    kind.module.__name__: kind
    for kind in (
        Kind(
            Neuron,
            _of_neuron,
            {"inputs": int, "activation": str, "name": str},
            lambda settings: _size(settings["inputs"]) + 1,
        ),
        Kind(
            Layer,
            _of_layer,
            {"inputs": int, "outputs": int, "activation": str, "name": str},
            lambda settings: (_size(settings["inputs"]) + 1) * _size(settings["outputs"]),
        ),
        Kind(
            MLP,
            _of_mlp,
            {"inputs": int, "sizes": list, "activation": str, "output_activation": str},
            _count_of_mlp,
        ),
        Kind(
            Dropout,
            lambda dropout: {"p": dropout.p, "name": dropout.name},
            {"p": float, "name": str},
            lambda settings: 0,
        ),
        Kind(
            Sequential,
            lambda sequential: {"parts": [*_each_part(_described, sequential.steps)], "name": sequential.name},
            {"parts": list, "name": str},
            lambda settings: sum(_each_part(parameter_count, settings["parts"])),
        ),
    )
}


def _described(module: Module) -> dict[str, Any]:
    """Return what a module can be made of again."""
    name = type(module).__name__
    if name not in KINDS or type(module) is not KINDS[name].module:
        raise StateError(f"{name} is a module of your own")
    return {"module": name, **KINDS[name].described(module)}


def _outline(model: Module) -> list[Any]:
    """Return all that a twin must have in common with a model, but for the numbers of its parameters."""
    modules = [(name, type(part), part.name, getattr(part, "_function", None)) for name, part in model.modules()]
    return [*modules, *(name for name, _ in model.named_parameters())]


def blueprint(model: Module) -> dict[str, Any] | str:
    """Return what a model can be made of again; if it cannot, why not."""
    try:
        description = _described(model)
        if _outline(rebuilt(description)) != _outline(model):
            raise StateError(f"this {type(model).__name__} was changed, or shares parts, or has functions of your own")
    except StepgradError as error:
        return str(error)
    return description


def _settings(description: Any) -> tuple[Kind, dict[str, Any]]:
    """Return the kind and the settings of a module, each of the right type, from its description in a file."""
    check_type(description, dict)
    settings = dict(description)
    with at("module"):
        kind = KINDS[known(settings.pop("module", None), list(KINDS), "module of nn")]
    check_names(settings, kind.types)
    for name, wanted in kind.types.items():
        with at(name):
            check_type(settings[name], wanted)
    return kind, settings


def parameter_count(description: Any) -> int:
    """Return how many parameters a module will have, before anything of its size is made."""
    kind, settings = _settings(description)
    return kind.count(settings)


def rebuilt(description: Any) -> Module:
    """Return a module made from its description, with parameters of 0; no random number is drawn.

    Raises:
        StateError: the description is wrong; the message says where.

    >>> rebuilt({"module": "Layer", "inputs": 2, "outputs": 3, "activation": "tanh", "name": "hidden"})
    Layer(2 inputs, 3 neurons, tanh)
    """
    kind, settings = _settings(description)
    if kind.module is Sequential:
        return Sequential(*_each_part(rebuilt, settings["parts"]), name=settings["name"])
    undrawn = {} if kind.module is Dropout else {"init": "zeros"}
    model: Module = kind.module(**settings, **undrawn)
    return model


def _each_part(function: Callable[[Any], T], parts: list[Any]) -> Iterator[T]:
    for i, part in enumerate(parts):
        with at(f"parts[{i}]"):
            yield function(part)

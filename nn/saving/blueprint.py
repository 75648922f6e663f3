"""The blueprint of a model: the settings in a file from which the same model can be made again.

If a description is wrong, a `StateError` says where.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from engine import StepgradError

from ..checks import known, positive
from ..errors import StateError
from ..modules import MLP, Dropout, Layer, Module, Neuron, Sequential
from .document import at, check_names, check_type

T = TypeVar("T")


class Kind(NamedTuple):
    """How modules of one class are described."""

    module: Any  # the class
    types: dict[str, type]  # of the settings from which a module is made, by their names
    settings: Callable[[Any], tuple[Any, ...]]  # returns the settings of a module, in this order
    count: Callable[..., int]  # returns the number of parameters that a module with some settings has


def _count(inputs: Any, *sizes: Any) -> int:
    widths = [positive(size, "the number of inputs or neurons") for size in (inputs, *sizes)]
    return sum((before + 1) * after for before, after in pairwise(widths))


KINDS = {
    "Neuron": Kind(
        Neuron, {"inputs": int, "activation": str, "name": str},
        lambda neuron: (neuron.inputs, neuron.activation, neuron.name),
        lambda inputs, **_: _count(inputs, 1),
    ),
    "Layer": Kind(
        Layer, {"inputs": int, "outputs": int, "activation": str, "name": str},
        lambda layer: (layer.inputs, len(layer.neurons), layer.neurons[0].activation, layer.name),
        lambda inputs, outputs, **_: _count(inputs, outputs),
    ),
    "MLP": Kind(
        MLP, {"inputs": int, "sizes": list, "activation": str, "output_activation": str},
        lambda mlp: (mlp.inputs, [len(layer.neurons) for layer in mlp.layers],
                     mlp.layers[0].neurons[0].activation, mlp.layers[-1].neurons[0].activation),
        lambda inputs, sizes, **_: _count(inputs, *sizes),
    ),
    "Dropout": Kind(
        Dropout, {"p": float, "name": str}, lambda dropout: (dropout.p, dropout.name), lambda **_: 0
    ),
    "Sequential": Kind(
        Sequential, {"parts": list, "name": str},
        lambda sequential: (list(_each_part(_describe, sequential.steps)), sequential.name),
        lambda parts, **_: sum(_each_part(count_parameters, parts)),
    ),
}  # fmt: skip


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
    kind = KINDS.get(name)
    if not kind or type(module) is not kind.module:
        raise StateError(f"{name} is a module of your own")
    mode = {} if module.training else {"training": False}
    return {"module": name, **dict(zip(kind.types, kind.settings(module), strict=True)), **mode}


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
    """Return the number of parameters that a module will have, before anything of its size is made."""
    kind, settings, _ = _read(description)
    return kind.count(**settings)


def rebuild(description: Any) -> Module:
    """Make a module from its description, with parameters of 0; no random number is drawn."""
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

"""Saved states: models, and checkpoints from which a training resumes exactly where it stopped.

If a file cannot be read or written, they raise `OSError`.
"""

from collections.abc import Mapping
from typing import Any

from ..errors import StateError
from ..modules import Module
from ..optimisers import Optimiser
from ..random import random_state, restore_random_state
from .blueprint import count_parameters, describe, rebuild
from .document import FORMAT, VERSION, FilePath, at, in_file, read, write
from .scaling import describe_scaling, scaling_of, set_scaling


def save(model: Module, path: FilePath) -> None:
    """Save a model to a file, for `load` or `load_into`.

    Args:
        model: any module; `load` can rebuild those that consist of Neuron, Layer, MLP, Sequential and Dropout, and
            restores their training or evaluation mode.
        path: the file, in a folder that exists; it keeps its old content until the new one is complete.

    Raises:
        StateError: a parameter is not a finite number, or two have the same name.

    >>> from nn import MLP
    >>> from tempfile import TemporaryDirectory
    >>> model = MLP(2, [3, 1], activation="tanh")
    >>> with TemporaryDirectory() as folder:
    ...     save(model, f"{folder}/model.json")
    ...     twin = load(f"{folder}/model.json")
    >>> twin, twin.state_dict() == model.state_dict()
    (MLP(2 inputs, 3 tanh, 1 linear; 13 parameters), True)
    """
    _require("nn.save takes a model and then a path", model)
    write(path, _content(model))


def load(path: FilePath) -> Module:
    """Return the model that `save` or `save_checkpoint` wrote to a file; no random number is drawn.

    Raises:
        StateError: the file is damaged or of another kind, or the model has modules or activations of your own: make
            the model in your program then, and use `load_into`.
    """
    with in_file(path):
        found = read(path)
        description, parameters = found["model"], found["parameters"]
        if isinstance(description, str):
            why = f"this model cannot be rebuilt from its file ({description!r:.200})"
            raise StateError(f"{why}; make it in your program and call nn.load_into(model, path)")
        with at("model"):
            needed = count_parameters(description)
            if needed != len(parameters):
                raise StateError(f"it has {needed} parameters, but the file has numbers for {len(parameters)}")
            model = rebuild(description)
        with at("parameters"):
            model.load_state_dict(parameters)
        set_scaling(model, scaling_of(model, found["scaling"]))
        return model


def load_into(model: Module, path: FilePath) -> None:
    """Set the parameters of a model, of any modules, to those of the same names that `save` wrote to a file.

    Raises:
        StateError: the file is damaged or of another kind, or its parameters do not fit; nothing is changed then.
    """
    _require("nn.load_into takes a model and then a path", model)
    with in_file(path):
        found = read(path)
        scaling = scaling_of(model, found["scaling"])
        with at("parameters"):
            model.load_state_dict(found["parameters"])
        set_scaling(model, scaling)


def save_checkpoint(
    path: FilePath, model: Module, optimiser: Optimiser, notes: Mapping[str, Any] | None = None
) -> None:
    """Save everything needed to resume a training exactly where it stopped, with `load_checkpoint`.

    Call it between two steps. It saves the parameters, the optimiser's settings and state, and the state of the
    random generator.

    Args:
        path, model: as for `save`.
        optimiser: the optimiser of the model.
        notes: anything else to save, such as ``{"epoch": 3}``: texts, finite numbers, lists, and mappings by text.

    Raises:
        StateError: as for `save`, or the notes contain something else.
    """
    _require("nn.save_checkpoint takes a path, a model and an optimiser", model, optimiser)
    checkpoint = {"optimiser": optimiser.state_dict(), "random": random_state(), "notes": dict(notes or {})}
    write(path, {**_content(model), **checkpoint})


def load_checkpoint(path: FilePath, model: Module, optimiser: Optimiser) -> dict[str, Any]:
    """Restore the state that `save_checkpoint` saved, and return its notes.

    Args:
        path: the file.
        model: a model whose parameters have the same names.
        optimiser: an optimiser of the same kind for this model; its settings become those in the file.

    Raises:
        StateError: the file is damaged, is not a checkpoint, or does not fit; nothing is changed then.

    >>> from tempfile import TemporaryDirectory
    >>> from nn import MLP, Adam
    >>> model = MLP(2, [1])
    >>> with TemporaryDirectory() as folder:
    ...     save_checkpoint(f"{folder}/run.json", model, Adam(model.parameters()), {"epoch": 3})
    ...     load_checkpoint(f"{folder}/run.json", model, Adam(model.parameters()))
    {'epoch': 3}
    """
    _require("nn.load_checkpoint takes a path, a model and an optimiser", model, optimiser)
    with in_file(path):
        found = read(path)
        if "optimiser" not in found:
            raise StateError("this is a model, not a checkpoint; read it with nn.load or nn.load_into")
        scaling = scaling_of(model, found["scaling"])
        before = model.state_dict(), optimiser.state_dict(), random_state()
        try:
            _restore(model, optimiser, found["parameters"], found["optimiser"], found["random"])
        except BaseException:
            _restore(model, optimiser, *before)
            raise
        set_scaling(model, scaling)
        notes: dict[str, Any] = found["notes"]
        return notes


def _restore(model: Module, optimiser: Optimiser, parameters: Any, memory: Any, generator: Any) -> None:
    with at("parameters"):
        model.load_state_dict(parameters)
    with at("optimiser"):
        optimiser.load_state_dict(memory)
    with at("random"):
        restore_random_state(generator)


def _require(call: str, *given: object) -> None:
    """Raise `TypeError` unless a model and an optimiser, if any, stand where the call takes them."""
    for thing, (role, kind) in zip(given, {"model": Module, "optimiser": Optimiser}.items(), strict=False):
        if not isinstance(thing, kind):
            raise TypeError(f"{call}, not {type(thing).__name__} {thing!r:.60} as the {role}")


def _content(model: Module) -> dict[str, Any]:
    content = {"format": FORMAT, "version": VERSION, "model": describe(model), "parameters": model.state_dict()}
    scaling = describe_scaling(model)
    return {**content, "scaling": scaling} if scaling else content

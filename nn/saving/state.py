"""Save and load models, and trainings that go on exactly where they stood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import StateError
from ..modules import Module
from ..optimisers import Optimiser
from ..random import random_state, restore_random_state
from .blueprint import blueprint, parameter_count, rebuilt
from .document import FORMAT, VERSION, FilePath, at, document, in_file, write


def save(model: Module, path: FilePath) -> None:
    """Write a model into a file, for `load` or `load_into`.

    Args:
        model: any module; `load` makes those again that consist of Neuron, Layer, MLP, Sequential and Dropout.
        path: the file; the folder must be there. What was in the file stays there until all is written.

    Raises:
        StateError: a parameter is no finite number, or two have the same name.
        OSError: the file cannot be written.

    >>> from nn import MLP
    >>> from tempfile import TemporaryDirectory
    >>> model = MLP(2, [3, 1], activation="tanh")
    >>> with TemporaryDirectory() as folder:
    ...     save(model, f"{folder}/model.json")
    ...     twin = load(f"{folder}/model.json")
    >>> twin, twin.state_dict() == model.state_dict()
    (MLP(2 inputs, 3 tanh, 1 linear; 13 parameters), True)
    """
    write(path, _content(model))


def load(path: FilePath) -> Module:
    """Return the model that `save` or `save_checkpoint` wrote into a file; no random number is drawn.

    Raises:
        StateError: the file is damaged or of another kind, or the model has modules or activations of its
            maker's own: make it in your program then, and use `load_into`.
        OSError: the file cannot be read.
    """
    with in_file(path):
        found = document(path)
        description, parameters = found["model"], found["parameters"]
        if isinstance(description, str):
            why = f"this model cannot be made from its file ({description!r:.200})"
            raise StateError(f"{why}; make it in your program and call nn.load_into(model, path)")
        with at("model"):
            needed = parameter_count(description)
            if needed != len(parameters):
                raise StateError(f"it has {needed} parameters, but there are numbers for {len(parameters)}")
            model = rebuilt(description)
        with at("parameters"):
            model.load_state_dict(parameters)
        return model


def load_into(model: Module, path: FilePath) -> None:
    """Give a model, of whatever modules, the parameters that a file has for one of the same names.

    Raises:
        StateError: the file is damaged or of another kind, or its parameters do not fit; nothing is changed then.
        OSError: the file cannot be read.
    """
    with in_file(path):
        parameters = document(path)["parameters"]
        with at("parameters"):
            model.load_state_dict(parameters)


def save_checkpoint(
    path: FilePath, model: Module, optimiser: Optimiser, notes: Mapping[str, Any] | None = None
) -> None:
    """Write where a training stands, between two steps of it, so that `load_checkpoint` goes on exactly from there.

    Args:
        path: the file; the folder must be there. What was in the file stays there until all is written.
        model: the model.
        optimiser: the optimiser, whose settings and memory are kept.
        notes: what else to keep, such as ``{"epoch": 3}``: texts, finite numbers, lists and mappings by text.

    Raises:
        StateError: a number is not finite, two parameters have the same name, or the notes hold something else.
        OSError: the file cannot be written.
    """
    checkpoint = {"optimiser": optimiser.state_dict(), "random": random_state(), "notes": dict(notes or {})}
    write(path, {**_content(model), **checkpoint})


def load_checkpoint(path: FilePath, model: Module, optimiser: Optimiser) -> dict[str, Any]:
    """Go on from a file of `save_checkpoint`, and return its notes.

    Args:
        path: the file.
        model: a model with parameters of the same names.
        optimiser: an optimiser of the same kind for it; its settings become those of the file.

    Raises:
        StateError: the file is damaged or no checkpoint, or it does not fit; model, optimiser and random numbers
            are as they were then.
        OSError: the file cannot be read.

    >>> from tempfile import TemporaryDirectory
    >>> from nn import MLP, Adam
    >>> model = MLP(2, [1])
    >>> with TemporaryDirectory() as folder:
    ...     save_checkpoint(f"{folder}/run.json", model, Adam(model.parameters()), {"epoch": 3})
    ...     load_checkpoint(f"{folder}/run.json", model, Adam(model.parameters()))
    {'epoch': 3}
    """
    with in_file(path):
        found = document(path)
        if "optimiser" not in found:
            raise StateError("this is a model and no checkpoint; read it with nn.load or nn.load_into")
        before = model.state_dict(), optimiser.state_dict(), random_state()
        try:
            _restore(model, optimiser, found["parameters"], found["optimiser"], found["random"])
        except BaseException:
            _restore(model, optimiser, *before)
            raise
        notes: dict[str, Any] = found["notes"]
        return notes


def _restore(model: Module, optimiser: Optimiser, parameters: Any, memory: Any, generator: Any) -> None:
    with at("parameters"):
        model.load_state_dict(parameters)
    with at("optimiser"):
        optimiser.load_state_dict(memory)
    with at("random"):
        restore_random_state(generator)


def _content(model: Module) -> dict[str, Any]:
    return {"format": FORMAT, "version": VERSION, "model": blueprint(model), "parameters": model.state_dict()}

"""Module: the base class of whatever has parameters and records a graph when it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self

from engine import Value, scope
from engine.support.text import counted, listed

from .errors import StateError


class Module:
    """Base class of everything that has parameters and maps inputs to outputs.

    A subclass keeps its parameters (leaf Values) and its parts (Modules) in attributes, also in lists,
    tuples and dicts, and defines ``forward``. Calling the module calls ``forward`` inside a scope of the
    module's name, so that a graph shows which part made which node.

    Args:
        name: the name of the scope, such as ``"layer 1"``; without one, no scope is entered.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         super().__init__("line")
    ...         self.slope = Value(2.0)
    ...     def forward(self, x):
    ...         return self.slope * x
    >>> y = Line()(3.0)
    >>> y.data, y.scope
    (6.0, ('line',))
    """

    _scope: AbstractContextManager[Any] = nullcontext()  # in which the parameters, the parts and the outputs are made
    training = True  # whether the module is in training mode; see `train`

    def __init__(self, name: str = "") -> None:
        if name:
            self._scope = scope(name)

    @property
    def name(self) -> str:
        """The name of the module's scope, or an empty text."""
        return getattr(self._scope, "name", "")

    def __call__(self, x: Any) -> Any:
        """Compute the outputs for the inputs, inside the module's scope."""
        with self._scope:
            return self.forward(x)

    def forward(self, x: Any) -> Any:
        """Compute the outputs for the inputs; every subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(self, x)")

    def parts(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield the parameters and modules directly inside this module, each with its name.

        By default the names are those of the attributes. A Value that was computed from others is not a parameter.
        """
        for attribute, thing in vars(self).items():
            yield from _parts(attribute, thing)

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return the parameters, each once, with their full names.

        Raises:
            StateError: two parameters have the same name.

        >>> from nn import MLP
        >>> [name for name, _ in MLP(2, [1]).named_parameters()]
        ['layer 1.neuron 0.w0', 'layer 1.neuron 0.w1', 'layer 1.neuron 0.b']
        """
        names: dict[Value, str] = {}
        for name, value in _named(self):
            names.setdefault(value, name)
        found = {name: value for value, name in names.items()}
        if len(found) < len(names):
            name = next(name for value, name in names.items() if found[name] is not value)
            raise StateError(f"two parameters are called {name!r}; give the modules different names")
        return list(found.items())

    def parameters(self) -> list[Value]:
        """Return the parameters, each once."""
        return list(dict.fromkeys(value for _, value in _named(self)))

    def modules(self) -> Iterator[tuple[str, Module]]:
        """Yield this module, under an empty name, and all modules inside it, under names such as "layer 1.neuron 0"."""
        yield "", self
        for name, part in self.parts():
            if isinstance(part, Module):
                yield from ((f"{name}.{inner}" if inner else name, module) for inner, module in part.modules())

    def train(self, mode: bool = True) -> Self:
        """Set this module and all inside it to training mode, or with False to evaluation mode; return the module.

        The mode matters to `Dropout`.
        """
        for _, module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set this module and all modules inside it to evaluation mode; return the module."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to 0."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, float]:
        """Return the numbers of all parameters by name."""
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set the parameters to the numbers of a state: one for each name, as `state_dict` returns it.

        Raises:
            StateError: names are missing or unknown, or a value is not a number; nothing is changed then.
        """
        if not isinstance(state, Mapping):
            raise StateError(f"a state must map each name to a number, as state_dict() returns it, not be {state!r}")
        parameters = dict(self.named_parameters())
        numbers = {name: _number(entry) for name, entry in state.items()}
        troubles = {
            "missing": [name for name in parameters if name not in state],
            "unknown": [str(name) for name in state if name not in parameters],
            "not a number": [f"{state[name]!r} for {name}" for name in parameters if numbers.get(name, 0.0) is None],
        }
        found = [f"{trouble}: {listed(names)}" for trouble, names in troubles.items() if names]
        if found:
            raise StateError(f"the state does not fit this {type(self).__name__}; {'; '.join(found)}")
        for name, parameter in parameters.items():
            parameter.data = numbers[name]  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({counted(len(self.parameters()), 'parameter')})"


def _parts(name: str, thing: object) -> Iterator[tuple[str, Value | Module]]:
    if isinstance(thing, Module) or (isinstance(thing, Value) and thing.is_leaf):
        yield name, thing
    elif isinstance(thing, list | tuple | dict):
        for key, item in thing.items() if isinstance(thing, dict) else enumerate(thing):
            yield from _parts(f"{name}[{key!r}]", item)


def _named(module: Module) -> Iterator[tuple[str, Value]]:
    for name, part in module.parts():
        if isinstance(part, Value):
            yield name, part
        else:
            yield from ((f"{name}.{inner}", value) for inner, value in _named(part))


def _number(entry: Any) -> float | None:
    try:
        return Value(entry).data
    except TypeError:
        return None

"""Modules: whatever has parameters and records a graph when it is called, and those that come ready-made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import repeat
from typing import Any, Self

from engine import TABLE, Value, dot, scope
from engine.support.interrupts import assign_all
from engine.support.text import counted, format_number, listed

from .checks import finite, known, positive
from .errors import SettingError, ShapeError, StateError
from .initialisation import first_biases, first_weights
from .random import bernoulli
from .scaling import Scaling

Number = Value | float
Activation = str | Callable[[Value], Value] | None  # the name of an operation, or a function


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
    scaling: Scaling | None = None  # of inputs and outputs, which ``nn.fit(..., standardise=True)`` sets

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
            if self.scaling is None:
                return self.forward(x)
            return self.scaling.restored(self.forward(self.scaling.scaled(x)))

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
        found: dict[Value, None] = {}
        _gather(self, found)
        return list(found)

    def modules(self) -> Iterator[tuple[str, Module]]:
        """Yield this module, under an empty name, and all modules inside it, under names such as "layer 1.neuron 0"."""
        yield "", self
        for name, part in self._modules_inside():
            yield from ((f"{name}.{inner}" if inner else name, module) for inner, module in part.modules())

    def _modules_inside(self) -> list[tuple[str, Module]]:
        return [(name, part) for name, part in self.parts() if isinstance(part, Module)]

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
        assign_all((self.parameters(), "grad", repeat(0.0)))

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
        assign_all((parameters.values(), "data", map(numbers.__getitem__, parameters)))

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


def _gather(module: Module, found: dict[Value, None]) -> None:
    """Enter the parameters of a module, as `_named` finds them, three times as fast."""
    for _, part in module.parts():
        if isinstance(part, Value):
            found[part] = None
        else:
            _gather(part, found)


def _number(entry: Any) -> float | None:
    try:
        return Value(entry).data
    except TypeError:
        return None


def _activation_of(activation: Activation) -> tuple[str, Callable[[Value], Value] | None]:
    """Return the name and the function of an activation; the function of ``"linear"`` and of None is None."""
    if activation is None or activation == "linear":
        return "linear", None
    if not isinstance(activation, str):
        if not callable(activation) or isinstance(activation, type):
            given = f"{type(activation).__name__} {activation!r:.60}"
            raise SettingError(f"an activation must be a function of a Value or the name of an operation, not {given}")
        return getattr(activation, "name", getattr(activation, "__name__", "function")), activation
    names = [operation.name for operation in TABLE.values() if operation.arity == 1]
    return activation, TABLE[known(activation, ["linear", *names], "activation")]


class Neuron(Module):
    """An activation of a weighted sum: ``activation(bias + w0 * x0 + w1 * x1 + ...)``.

    Args:
        inputs: the number of inputs.
        activation: a function of a Value, or the name of an operation with one operand; None for no activation.
        name: the name of its scope.
        weights, bias: initial values of the parameters; those that are not given are drawn at random.
        init: how they are drawn: ``"pytorch"``, uniformly within 1 / sqrt(inputs) as `torch.nn.Linear` does; or,
            with biases of 0, ``"xavier_uniform"``, ``"xavier_normal"``, ``"he_uniform"``, ``"he_normal"``,
            ``"normal"`` or ``"zeros"``, as `torch.nn.init` does.

    Attributes:
        weights, bias: the parameters.
        activation, function: the name of the activation, and the activation itself; None for no activation.

    Raises:
        SettingError: the activation or the initialisation is unknown, or a count does not fit.

    >>> neuron = Neuron(2, "tanh", weights=[0.5, -1.0], bias=0.25)
    >>> print(f"{neuron([1.0, 2.0]):.4f}")
    -0.8483
    """

    def __init__(
        self,
        inputs: int,
        activation: Activation = None,
        name: str = "neuron",
        *,
        weights: Sequence[float] | None = None,
        bias: float | None = None,
        init: str = "pytorch",
    ) -> None:
        super().__init__(name)
        self.inputs = positive(inputs, "a neuron's number of inputs")
        self.activation, self.function = _activation_of(activation)
        if weights is None:
            (weights,) = first_weights(init, self.inputs, 1)
        if len(weights) != inputs:
            raise SettingError(f"a neuron with {counted(inputs, 'input')} needs as many weights, not {len(weights)}")
        if bias is None:
            (bias,) = first_biases(init, self.inputs, 1)
        with self._scope:
            self.weights = [Value(weight, f"w{i}") for i, weight in enumerate(weights)]
            self.bias = Value(bias, "b")

    def parts(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield the weights w0, w1, ..., the bias b, and the activation if it is a module."""
        yield from ((f"w{i}", weight) for i, weight in enumerate(self.weights))
        yield "b", self.bias
        yield from self._modules_inside()

    def _modules_inside(self) -> list[tuple[str, Module]]:
        return [("activation", self.function)] if isinstance(self.function, Module) else []  # without its many weights

    def forward(self, x: Sequence[Number]) -> Value:
        """Return the output for a list of inputs."""
        _check_inputs(self, x)
        return self.activate(dot(self.weights, x, self.bias))

    def activate(self, total: Value) -> Value:
        """Return the activation of a weighted sum."""
        if self.function is None:
            return total
        if self.function is TABLE.get(self.activation):  # the method does the same, five times as fast
            return getattr(total, self.activation)()  # type: ignore[no-any-return]
        return self.function(total)

    def __repr__(self) -> str:
        return f"Neuron({counted(self.inputs, 'input')}, {self.activation})"


class Layer(Module):
    """Neurons side by side, ``layer.neurons``, that share their inputs.

    The weights of all neurons are drawn before the biases, as in `torch.nn.Linear`.

    Args:
        inputs: the number of inputs of each neuron.
        outputs: the number of neurons.
        activation, name, init: as for `Neuron`.

    Raises:
        SettingError: the activation or the initialisation is unknown, or a count is not positive.

    >>> len(Layer(2, 3)([0.5, 1.0]))
    3
    """

    def __init__(
        self, inputs: int, outputs: int, activation: Activation = None, name: str = "layer", *, init: str = "pytorch"
    ) -> None:
        super().__init__(name)
        self.inputs = positive(inputs, "a layer's number of inputs")
        outputs = positive(outputs, "a layer's number of neurons")
        _activation_of(activation)  # raises before a random number is drawn
        weights, biases = first_weights(init, self.inputs, outputs), first_biases(init, self.inputs, outputs)
        with self._scope:
            self.neurons = [
                Neuron(inputs, activation, f"neuron {i}", weights=row, bias=bias)
                for i, (row, bias) in enumerate(zip(weights, biases, strict=True))
            ]

    def parts(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield the neurons, by the names of their scopes."""
        return ((neuron.name, neuron) for neuron in self.neurons)

    def forward(self, x: Sequence[Number]) -> list[Value]:
        """Return the neurons' outputs for a list of inputs."""
        _check_inputs(self, x)
        return [neuron(x) for neuron in self.neurons]

    def __repr__(self) -> str:
        neurons = counted(len(self.neurons), "neuron")
        return f"Layer({counted(self.inputs, 'input')}, {neurons}, {self.neurons[0].activation})"


class MLP(Module):
    """A multilayer perceptron: layers one after the other, ``model.layers``.

    Its scopes are ``layer 1``, ``layer 2``, ... and inside them ``neuron 0``, ``neuron 1``, ...

    Args:
        inputs, init: as for `Layer`.
        sizes: the number of neurons in each layer.
        activation, output_activation: the activation of all layers but the last, and that of the last one.

    Raises:
        SettingError: as for `Layer`, or there are no layers.

    >>> from nn import manual_seed
    >>> manual_seed(0)
    >>> model = MLP(2, [3, 1], activation="tanh")
    >>> print(model, f"{model([0.5, 1.0]):.4f}")
    MLP(2 inputs, 3 tanh, 1 linear; 13 parameters) -0.4546
    """

    def __init__(
        self,
        inputs: int,
        sizes: Sequence[int],
        activation: Activation = "relu",
        output_activation: Activation = None,
        *,
        init: str = "pytorch",
    ) -> None:
        super().__init__()
        if not isinstance(sizes, Sequence) or not sizes:
            raise SettingError(f"an MLP needs a list with the size of each layer, such as [3, 1], not {sizes!r}")
        self.inputs = positive(inputs, "an MLP's number of inputs")
        widths = [self.inputs, *(positive(size, "the size of a layer") for size in sizes)]
        activations = [activation] * (len(sizes) - 1) + [output_activation]
        for chosen in (activation, output_activation):
            _activation_of(chosen)  # raises before a random number is drawn, also where there is no hidden layer
        self.layers = [
            Layer(widths[i], widths[i + 1], chosen, f"layer {i + 1}", init=init) for i, chosen in enumerate(activations)
        ]

    def parts(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield the layers, by the names of their scopes."""
        return ((layer.name, layer) for layer in self.layers)

    def forward(self, x: Sequence[Number]) -> Value | list[Value]:
        """Return the output for a list of inputs: a Value for one output neuron, a list for several."""
        _check_inputs(self, x)
        outputs: Any = x
        for layer in self.layers:
            outputs = layer(outputs)
        return outputs[0] if len(outputs) == 1 else outputs  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        layers = ", ".join(f"{len(layer.neurons)} {layer.neurons[0].activation}" for layer in self.layers)
        return f"MLP({counted(self.inputs, 'input')}, {layers}; {counted(len(self.parameters()), 'parameter')})"


class Sequential(Module):
    """Modules one after the other, called 0, 1, 2, ...; ``model[0]`` is the first.

    Args:
        modules: in the order in which they are computed; each takes and returns a list of numbers. Give layers names,
            so that drawings of the graph tell them apart.
        name: the name of its scope; without one, no scope is entered.

    Raises:
        SettingError: no modules are given, or an argument is not a Module.

    >>> Sequential(Layer(2, 3, "tanh", "hidden"), Dropout(0.2), Layer(3, 1, name="out"))
    Sequential(Layer(2 inputs, 3 neurons, tanh), Dropout(0.2), Layer(3 inputs, 1 neuron, linear); 13 parameters)
    """

    def __init__(self, *modules: Module, name: str = "") -> None:
        super().__init__(name)
        if not modules:
            raise SettingError("Sequential needs modules, such as Sequential(Layer(2, 3), Layer(3, 1))")
        for module in modules:
            if not isinstance(module, Module):
                raise SettingError(f"Sequential needs modules, not {type(module).__name__} {module!r}")
        self.steps = list(modules)

    def parts(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield the modules, by their numbers from 0."""
        return ((str(i), module) for i, module in enumerate(self.steps))

    def forward(self, x: Sequence[Number]) -> Value | list[Value]:
        """Return the output for a list of inputs: a Value for one output, a list for several."""
        outputs: Any = x
        for module in self.steps:
            outputs = module([outputs] if isinstance(outputs, Value) else outputs)
        return outputs[0] if not isinstance(outputs, Value) and len(outputs) == 1 else outputs  # type: ignore[no-any-return]

    def __getitem__(self, index: int) -> Module:
        return self.steps[index]

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.steps))}; {counted(len(self.parameters()), 'parameter')})"


class Dropout(Module):
    """A module that sets inputs to 0 at random in training mode, and passes on all of them in evaluation mode.

    A network that may lose any of its neurons has to represent what it knows in several ways, and so it learns less
    of what is peculiar to its samples. Each input is dropped with probability p and multiplied by 1 / (1 - p)
    otherwise, so that its mean stays the same. Call ``model.eval()`` before you use the model, and ``model.train()``
    to continue training. After N. Srivastava et al., https://jmlr.org/papers/v15/srivastava14a.html.

    Args:
        p: the probability that an input is dropped, from 0 to 1; another number is a `SettingError`.
        name: the name of its scope; without one, no scope is entered.

    >>> from nn import manual_seed
    >>> manual_seed(3)
    >>> dropout = Dropout(0.5)
    >>> dropout([1.0, 2.0, 3.0, 4.0])
    [2.0, 4.0, 0.0, 8.0]
    >>> dropout.eval()([1.0, 2.0, 3.0, 4.0])
    [1.0, 2.0, 3.0, 4.0]
    """

    def __init__(self, p: float = 0.5, name: str = "") -> None:
        super().__init__(name)
        self.p = finite(p, "the probability of Dropout", 0.0, 1.0)

    def forward(self, x: Sequence[Number]) -> list[Number]:
        """Return the inputs; in training mode, each is multiplied either by 1 / (1 - p) or by 0."""
        if not self.training or self.p == 0.0:
            return list(x)
        stays = 1.0 - self.p
        factors = [kept / stays if kept else 0.0 for kept in bernoulli(stays, len(x))]
        return [x_i * factor for x_i, factor in zip(x, factors, strict=True)]

    def __repr__(self) -> str:
        return f"Dropout({format_number(self.p)})"


def _check_inputs(module: Neuron | Layer | MLP, x: object) -> None:
    if not hasattr(x, "__len__"):
        raise TypeError(f"{module!r} needs a list of {counted(module.inputs, 'input')}, not {type(x).__name__} {x!r}")
    if len(x) != module.inputs:
        raise ShapeError(f"{module!r} needs {counted(module.inputs, 'input')}, not {len(x)}")

"""Neurons, layers and networks: they hold parameters, and computing with them records a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self

from engine import TABLE, Value, scope

from .checks import counted, known, listed, positive
from .errors import SettingError, ShapeError, StateError
from .initialisation import check_init, first_biases, first_weights

Number = Value | float
Activation = Callable[[Value], Value]


class Module:
    """Be something with parameters that maps inputs to outputs.

    A subclass keeps its parameters (leaf Values) and parts (Modules) in attributes, also in lists, and
    defines ``forward``. Calling the module calls ``forward`` inside a scope of the module's name, so that
    a graph knows which part made which node.

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

    _scope: scope | None = None
    training = True  # whether the module is being trained; see `train`

    def __init__(self, name: str = "") -> None:
        self._scope = scope(name) if name else None

    @property
    def name(self) -> str:
        """The name of the module's scope, or an empty text."""
        return self._scope.name if self._scope else ""

    def _inside(self) -> AbstractContextManager[Any]:
        """Return the context in which parameters and parts are made."""
        return self._scope or nullcontext()

    def __call__(self, x: Any) -> Any:
        """Compute the outputs for the inputs, inside the module's scope."""
        if self._scope is None:
            return self.forward(x)
        with self._scope:
            return self.forward(x)

    def forward(self, x: Any) -> Any:
        """Compute the outputs for the inputs; subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward(self, x)")

    def parts(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield the parameters and modules right inside this one, each with its name.

        Here the names are those of the attributes; a Value that was computed from others is no parameter.
        """
        for attribute, thing in vars(self).items():
            yield from _parts(attribute, thing)

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return the parameters, each once, with their full names.

        Raises:
            StateError: two parameters have the same name.

        >>> [name for name, _ in MLP(2, [1]).named_parameters()]
        ['layer 1.neuron 0.w0', 'layer 1.neuron 0.w1', 'layer 1.neuron 0.b']
        """
        found: dict[str, Value] = {}
        seen: set[Value] = set()
        for name, value in _named(self):
            if value not in seen:
                if name in found:
                    raise StateError(f"two parameters are called {name!r}; give the modules different names")
                seen.add(value)
                found[name] = value
        return list(found.items())

    def parameters(self) -> list[Value]:
        """Return the parameters, each once."""
        return list(dict.fromkeys(value for _, value in _named(self)))

    def modules(self) -> Iterator[tuple[str, Module]]:
        """Yield this module, under an empty name, and all modules inside it, with their full names.

        >>> [name for name, _ in MLP(2, [1]).modules()]
        ['', 'layer 1', 'layer 1.neuron 0']
        """
        yield "", self
        for name, part in self.parts():
            if isinstance(part, Module):
                yield from ((f"{name}.{inner}" if inner else name, module) for inner, module in part.modules())

    def train(self, mode: bool = True) -> Self:
        """Say to this module and all inside that they are being trained, which matters to `Dropout`; return it."""
        for _, module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Say that the module is used and not trained; return it."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to 0."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, float]:
        """Return the numbers of all parameters by name."""
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Give the parameters the numbers of a state.

        Raises:
            StateError: names are missing or unknown, or a number is none; nothing is changed then.
        """
        if not isinstance(state, Mapping):
            raise StateError(f"a state has a number for each name, as state_dict() returns it; this is {state!r}")
        parameters = dict(self.named_parameters())
        numbers = {name: _number(entry) for name, entry in state.items()}
        troubles = {
            "missing": [name for name in parameters if name not in state],
            "unknown": [str(name) for name in state if name not in parameters],
            "not one number": [f"{state[name]!r} for {name}" for name in parameters if numbers.get(name, 0.0) is None],
        }
        found = [f"{trouble}: {listed(names)}" for trouble, names in troubles.items() if names]
        if found:
            raise StateError(f"the state does not fit this {type(self).__name__}; {'; '.join(found)}")
        for name, parameter in parameters.items():
            parameter.data = numbers[name]  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({counted(len(self.parameters()), 'parameter')})"


def _parts(name: str, thing: object) -> Iterator[tuple[str, Value | Module]]:
    if isinstance(thing, Module) or (isinstance(thing, Value) and thing.op is None):
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


def activation_of(name: str | Activation | None) -> tuple[str, Activation | None]:
    """Return an activation's name and function; None and ``"linear"`` mean none.

    Raises:
        SettingError: no operation of one operand has this name.
    """
    if name is None or name == "linear":
        return "linear", None
    if not isinstance(name, str):
        return getattr(name, "name", getattr(name, "__name__", "function")), name
    names = [operation.name for operation in TABLE.values() if operation.arity == 1]
    return name, TABLE[known(name, ["linear", *names], "activation")]


class Neuron(Module):
    """Compute an activation of a weighted sum: ``activation(bias + w0 * x0 + w1 * x1 + ...)``.

    Args:
        inputs: how many inputs it takes.
        activation: a function of a Value, or the name of an operation of one operand; None for none.
        name: the name of its scope.
        weights, bias: the first numbers of its parameters; what is not given is drawn.
        init: how they are drawn: ``"pytorch"``, uniformly within 1 / sqrt(inputs), as `torch.nn.Linear` draws
            them; or, with biases of 0, ``"xavier_uniform"``, ``"xavier_normal"``, ``"he_uniform"``,
            ``"he_normal"``, ``"normal"`` or ``"zeros"``, as `torch.nn.init` draws them.

    Raises:
        SettingError: there is no such activation or initialisation, or a count does not fit.

    >>> neuron = Neuron(2, "tanh", weights=[0.5, -1.0], bias=0.25)
    >>> print(f"{neuron([1.0, 2.0]):.4f}")
    -0.8483
    """

    def __init__(
        self,
        inputs: int,
        activation: str | Activation | None = None,
        name: str = "neuron",
        *,
        weights: Sequence[float] | None = None,
        bias: float | None = None,
        init: str = "pytorch",
    ) -> None:
        super().__init__(name)
        inputs = positive(inputs, "a neuron's count of inputs")
        self.activation, self._function = activation_of(activation)
        check_init(init)
        if weights is None:
            (weights,) = first_weights(init, inputs, 1)
        if len(weights) != inputs:
            raise SettingError(f"a neuron of {counted(inputs, 'input')} takes as many weights, not {len(weights)}")
        if bias is None:
            (bias,) = first_biases(init, inputs, 1)
        with self._inside():
            self.weights = [Value(weight, f"w{i}") for i, weight in enumerate(weights)]
            self.bias = Value(bias, "b")

    def parts(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield the weights w0, w1, ..., the bias b, and the activation if it is a module."""
        yield from ((f"w{i}", weight) for i, weight in enumerate(self.weights))
        yield "b", self.bias
        if isinstance(self._function, Module):
            yield "activation", self._function

    def forward(self, x: Sequence[Number]) -> Value:
        """Return the output for a list of inputs."""
        _check_inputs(self, x, len(self.weights))
        total = self.bias
        for w, x_i in zip(self.weights, x, strict=True):
            total = total + w * x_i
        return self.activate(total)

    def activate(self, total: Value) -> Value:
        """Return the activation of a weighted sum."""
        return total if self._function is None else self._function(total)

    def __repr__(self) -> str:
        return f"Neuron({counted(len(self.weights), 'input')}, {self.activation})"


def _check_inputs(module: Module, x: object, count: int) -> None:
    if not hasattr(x, "__len__"):
        raise TypeError(f"{module!r} takes a list of {counted(count, 'input')}, not {type(x).__name__} {x!r}")
    if len(x) != count:
        raise ShapeError(f"{module!r} takes {counted(count, 'input')}, but got {len(x)}")


class Layer(Module):
    """Compute neurons side by side on the same inputs.

    The weights of all neurons are drawn first and then the biases, as `torch.nn.Linear` draws them.

    Args:
        inputs: how many inputs each neuron takes.
        outputs: how many neurons there are.
        activation, name, init: as for `Neuron`.

    Raises:
        SettingError: there is no such activation or initialisation, or a count is not positive; no random number
            is drawn then.

    >>> len(Layer(2, 3)([0.5, 1.0]))
    3
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        activation: str | Activation | None = None,
        name: str = "layer",
        *,
        init: str = "pytorch",
    ) -> None:
        super().__init__(name)
        inputs = positive(inputs, "a layer's count of inputs")
        outputs = positive(outputs, "a layer's count of neurons")
        activation_of(activation)
        check_init(init)
        weights, biases = first_weights(init, inputs, outputs), first_biases(init, inputs, outputs)
        with self._inside():
            self.neurons = [
                Neuron(inputs, activation, f"neuron {i}", weights=row, bias=bias)
                for i, (row, bias) in enumerate(zip(weights, biases, strict=True))
            ]

    def parts(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield the neurons, by the names of their scopes."""
        return ((neuron.name, neuron) for neuron in self.neurons)

    def forward(self, x: Sequence[Number]) -> list[Value]:
        """Return the neurons' outputs for a list of inputs."""
        _check_inputs(self, x, len(self.neurons[0].weights))
        return [neuron(x) for neuron in self.neurons]

    def __repr__(self) -> str:
        first = self.neurons[0]
        inputs, neurons = counted(len(first.weights), "input"), counted(len(self.neurons), "neuron")
        return f"Layer({inputs}, {neurons}, {first.activation})"


class MLP(Module):
    """Compute layers one after the other: a multilayer perceptron.

    Its scopes are ``layer 1``, ``layer 2``, ... and inside them ``neuron 0``, ``neuron 1``, ...

    Args:
        inputs: how many inputs there are.
        sizes: how many neurons each layer has.
        activation: the activation of all layers but the last.
        output_activation: that of the last layer.
        init: how the first weights are drawn, as for `Neuron`.

    Raises:
        SettingError: there is no layer, a count is not positive, or there is no such activation or initialisation;
            no random number is drawn then.

    >>> from nn import manual_seed
    >>> manual_seed(0)
    >>> model = MLP(2, [3, 1], activation="tanh")
    >>> model
    MLP(2 inputs, 3 tanh, 1 linear; 13 parameters)
    >>> print(f"{model([0.5, 1.0]):.4f}")
    -0.4546
    """

    def __init__(
        self,
        inputs: int,
        sizes: Sequence[int],
        activation: str | Activation | None = "relu",
        output_activation: str | Activation | None = None,
        *,
        init: str = "pytorch",
    ) -> None:
        super().__init__()
        if not isinstance(sizes, Sequence) or not sizes:
            raise SettingError(f"an MLP takes a list with the size of each layer, such as [3, 1], not {sizes!r}")
        widths = [positive(inputs, "an MLP's count of inputs"), *(positive(s, "the size of a layer") for s in sizes)]
        activations = [activation] * (len(sizes) - 1) + [output_activation]
        for chosen in activations:
            activation_of(chosen)
        check_init(init)
        self.layers = [
            Layer(widths[i - 1], widths[i], chosen, f"layer {i}", init=init)
            for i, chosen in enumerate(activations, start=1)
        ]

    def parts(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield the layers, by the names of their scopes."""
        return ((layer.name, layer) for layer in self.layers)

    def forward(self, x: Sequence[Number]) -> Value | list[Value]:
        """Return the output for a list of inputs: a Value for one output neuron, a list for several."""
        _check_inputs(self, x, len(self.layers[0].neurons[0].weights))
        activations: Sequence[Number] = x
        for layer in self.layers:
            activations = layer(activations)
        outputs = list(activations)
        return outputs[0] if len(outputs) == 1 else outputs  # type: ignore[return-value]

    def __repr__(self) -> str:
        first = self.layers[0].neurons[0]
        layers = ", ".join(f"{len(layer.neurons)} {layer.neurons[0].activation}" for layer in self.layers)
        return f"MLP({counted(len(first.weights), 'input')}, {layers}; {counted(len(self.parameters()), 'parameter')})"

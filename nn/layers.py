"""Neurons, layers and networks of layers: the modules that come ready-made."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine import TABLE, Value
from engine.support.text import counted, format_number, format_table

from .checks import finite, known, positive
from .errors import SettingError, ShapeError
from .initialisation import first_biases, first_weights
from .modules import Module
from .random import bernoulli

Number = Value | float
Activation = str | Callable[[Value], Value] | None  # the name of an operation, or a function


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
        if isinstance(self.function, Module):
            yield "activation", self.function

    def forward(self, x: Sequence[Number]) -> Value:
        """Return the output for a list of inputs."""
        _check_inputs(self, x)
        total = self.bias
        for w, x_i in zip(self.weights, x, strict=True):
            total = total + w * x_i
        return self.activate(total)

    def activate(self, total: Value) -> Value:
        """Return the activation of a weighted sum."""
        return total if self.function is None else self.function(total)

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


def summary(model: Module) -> str:
    """Return a table of a module's parts and the number of parameters in each.

    A parameter that is used in several parts counts in each of them, and once in the sum.

    >>> print(summary(MLP(2, [3, 1], activation="tanh")))
    part     module                             parameters
    layer 1  Layer(2 inputs, 3 neurons, tanh)            9
    layer 2  Layer(3 inputs, 1 neuron, linear)           4
    all      MLP                                        13
    """
    rows = [("part", "module", "parameters"), *_rows(model, "")]
    rows.append(("all", type(model).__name__, str(len(model.parameters()))))
    return "\n".join(format_table(rows, "<<>"))


def _rows(module: Module, indent: str) -> Iterator[tuple[str, str, str]]:
    """Yield a row for each part; the neurons of a layer are not listed."""
    for name, part in [] if isinstance(module, Layer) else module.parts():
        if isinstance(part, Module):
            inner = list(_rows(part, f"{indent}  "))
            yield f"{indent}{name}", type(part).__name__ if inner else repr(part), str(len(part.parameters()))
            yield from inner
        else:
            yield f"{indent}{name}", "", "1"

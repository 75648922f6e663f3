"""Networks explained: their parts in a table, and backpropagation through their layers in matrices.

The formulas in matrices are those of M. Nielsen, *Neural Networks and Deep Learning* (2015), chapter 2,
http://neuralnetworksanddeeplearning.com/chap2.html, with a column for each sample. Their numbers are compared with the
engine's gradients.
"""

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from engine import Document, Formula, Value, jacobian
from engine.support.text import (
    escape_latex,
    format_number,
    format_table,
    latex_of_name,
    latex_of_number,
    without_middle,
)

from .errors import SettingError, ShapeError
from .losses import mean_squared_error
from .modules import MLP, Layer, Module

T = TypeVar("T")
Matrix = list[list[float]]
Loss = Callable[[Any, Any], Value]

MAX_SIZE = 8  # rows or columns of a matrix to write out
PLUS, TIMES = Formula("+", "+"), Formula("⊙", r"\odot")


def explain_layer(
    model: MLP, x: Sequence[Sequence[float]], y: Any, layer: int | None = None, loss: Loss = mean_squared_error
) -> Document:
    r"""Explain backpropagation through the layers of an MLP in matrices, with the numbers filled in.

    Samples are columns. ``W`` and ``b`` are the layer's weights and biases, with a row for each neuron; ``Z = W A + b``
    are the inputs of its activation ``f``, ``A = f(Z)`` its outputs, and ``Delta`` is dL/dZ. Printing the explanation
    writes plain text; notebooks display its formulas.

    Args:
        model: the network.
        x: the samples, a list of inputs for each.
        y: the targets, as the loss takes them.
        layer: the number of a layer, from 1; without it all layers, from the last to the first.
        loss: takes the list of the model's outputs and the targets.

    Raises:
        SettingError: the model has no such layer, or scales its inputs.
        ShapeError: there are no samples, or their sizes do not fit the model.

    >>> from nn import manual_seed
    >>> manual_seed(0)
    >>> words = explain_layer(MLP(2, [3, 1]), [[0.5, 1.0]], [1.0], layer=2)
    >>> print(next(line for line in words.text.splitlines() if "dL/dW2 = Delta2 A1^T" in line))
      dL/dW2 = Delta2 A1^T                = [ -2.992 ] [ 0.3627  0  0 ] = [ -1.085  0  0 ]
    """
    if not isinstance(model, MLP):
        raise TypeError(f"explain_layer takes an MLP, not {type(model).__name__} {model!r:.40}")
    if model.scaling:
        remedy = "set model.scaling to None and pass standardised samples and targets"
        raise SettingError(f"explain_layer takes a network that does not scale its inputs; {remedy}")
    count = len(model.layers)
    if layer is not None and (not hasattr(layer, "__index__") or not 1 <= layer <= count):
        raise SettingError(f"layer must be a number from 1 to {count}, not {layer!r}")
    passes = _passes(model, x, y, loss)
    outputs = [model(sample) for sample in x]
    says = Document()
    says.heading(f"Backpropagation through {model!r}")
    says.say("Every sample is a column. W and b are weights and biases, with a row for each neuron; L is the loss; ",
             TIMES, " multiplies entry by entry, and T transposes.")  # fmt: skip
    for number in [operator.index(layer)] if layer is not None else range(count, 0, -1):
        _explain(says, number, passes[number - 1], passes[number] if number < count else None)
        _compare(says, number, passes[number - 1], model.layers[number - 1], loss(outputs, y))
    return says


@dataclass
class _Pass:
    """The numbers of a layer in a forward and a backward pass, as matrices."""

    W: Matrix
    b: Matrix
    inputs: Matrix
    Z: Matrix
    A: Matrix
    slopes: Matrix
    activation: str
    upstream: Matrix = field(default_factory=list)  # dL/dA; what follows is from the backward pass
    delta: Matrix = field(default_factory=list)  # dL/dZ
    weight_gradient: Matrix = field(default_factory=list)
    bias_gradient: Matrix = field(default_factory=list)


def _passes(model: MLP, x: Sequence[Sequence[float]], y: Any, loss: Loss) -> list[_Pass]:
    if not len(x):
        raise ShapeError("explain_layer needs at least one sample, but x is empty")
    for sample in x:
        model(sample)  # raises if the sample does not fit
    passes: list[_Pass] = []
    below = _transposed([[Value(number).data for number in sample] for sample in x])
    for layer in model.layers:
        passes.append(_forward(layer, below))
        below = passes[-1].A
    leaves = [[Value(number) for number in row] for row in passes[-1].A]
    samples = [sample[0] if len(sample) == 1 else sample for sample in _transposed(leaves)]
    root = loss(samples, y)
    upstream = [jacobian([root], row)[0] for row in leaves]
    for this in reversed(passes):
        this.upstream = upstream
        this.delta = [list(map(operator.mul, row, slopes)) for row, slopes in zip(upstream, this.slopes, strict=True)]
        this.weight_gradient = _times(this.delta, _transposed(this.inputs))
        this.bias_gradient = [[sum(row)] for row in this.delta]
        upstream = _times(_transposed(this.W), this.delta)
    return passes


def _forward(layer: Layer, inputs: Matrix) -> _Pass:
    W = [[weight.data for weight in neuron.weights] for neuron in layer.neurons]
    b = [[neuron.bias.data] for neuron in layer.neurons]
    Z = [[z + bias for z in row] for row, [bias] in zip(_times(W, inputs), b, strict=True)]
    A, slopes = [], []
    for neuron, row in zip(layer.neurons, Z, strict=True):
        points = [Value(z) for z in row]
        outputs = [neuron.activate(point) for point in points]
        A.append([out.data for out in outputs])
        slopes.append([jacobian([out], [point])[0][0] for out, point in zip(outputs, points, strict=True)])
    return _Pass(W, b, inputs, Z, A, slopes, layer.neurons[0].activation)


def _delta_equation(this: _Pass, above: _Pass | None, number: int) -> list[Formula]:
    """Return the equation for dL/dZ, from the layer above, or in the last layer from the loss."""
    Z, delta = _signs(number, "Z", "Delta")
    if above is None:
        signs, numbers = _derivative("A", number), _matrix(this.upstream)
    else:
        W, delta_above = _signs(number + 1, "W", "Delta")
        signs = _transpose(W).beside(delta_above)
        numbers = _matrix(_transposed(above.W)).beside(_matrix(above.delta))
    if this.activation != "linear":
        if above is not None:
            signs, numbers = _bracketed(signs), _bracketed(numbers)
        signs = signs.beside(TIMES, _applied(this.activation, Z, prime="'"))
        numbers = numbers.beside(TIMES, _matrix(this.slopes))
    result = _matrix(this.delta)
    return [delta, signs, numbers, result] if numbers != result else [delta, signs, result]


def _explain(says: Document, number: int, this: _Pass, above: _Pass | None) -> None:
    Z, A, W, b, delta, below = _signs(number, "Z", "A", "W", "b", "Delta") + _signs(number - 1, "A")
    says.heading(f"Layer {number}", level=2)
    says.say("Forward, from ", below, ", the samples:" if number == 1 else ", the outputs of the layer below:")
    numbers = _matrix(this.W).beside(_matrix(this.inputs), PLUS, _matrix(this.b))
    activated = [Z] if this.activation == "linear" else [_applied(this.activation, Z), _matrix(this.A)]
    says.equations([[Z, W.beside(below, PLUS, b), numbers, _matrix(this.Z)], [A, *activated]])
    says.say("Backward, from the loss:" if above is None else "Backward, from the layer above:")
    says.equations([_delta_equation(this, above, number)])
    row = _transpose(below)
    says.say("The gradients of weights and biases. ", delta.beside(row), " is the sum of an outer product for each "
             "sample: its column of ", delta, " times its row of ", row, ".")  # fmt: skip
    products = _matrix(this.delta).beside(_matrix(_transposed(this.inputs)))
    added = Formula("sum over samples of", r"\sum_{\text{samples}}").beside(delta)
    of_weights = [_derivative("W", number), delta.beside(row), products, _matrix(this.weight_gradient)]
    says.equations([of_weights, [_derivative("b", number), added, _matrix(this.bias_gradient)]])


def _compare(says: Document, number: int, this: _Pass, layer: Layer, root: Value) -> None:
    """Compare the engine's gradients with those of the formulas."""
    weights = [jacobian([root], neuron.weights)[0] for neuron in layer.neurons]
    biases = [jacobian([root], [neuron.bias])[0] for neuron in layer.neurons]
    says.say("The engine, which has no matrices and applies the chain rule number by number, computes:")
    says.equations([[_derivative("W", number), _matrix(weights)], [_derivative("b", number), _matrix(biases)]])
    pairs = zip(weights + biases, this.weight_gradient + this.bias_gradient, strict=True)
    largest = max(abs(x - y) for row, other in pairs for x, y in zip(row, other, strict=True))
    says.say(f"The largest difference is {largest:.1e}." if largest else "They are equal to the last digit.")


def _signs(number: int, *names: str) -> list[Formula]:
    return [Formula(f"{name}{number}", latex_of_name(f"{name}{number}")) for name in names]


def _derivative(name: str, number: int) -> Formula:
    text, latex = _signs(number, name)[0]
    return Formula(f"dL/d{text}", rf"\frac{{d L}}{{d {latex}}}")


def _transpose(sign: Formula) -> Formula:
    return Formula(f"{sign.text}^T", f"{sign.latex}^{{T}}")


def _applied(function: str, sign: Formula, prime: str = "") -> Formula:
    latex = rf"\operatorname{{{escape_latex(function)}}}{prime}\left({sign.latex}\right)"
    return Formula(f"{function}{prime}({sign.text})", latex)


def _bracketed(formula: Formula) -> Formula:
    around = Formula("(", r"\left(").beside(formula, Formula(")", r"\right)"))
    return around if "\n" in formula.text else Formula(f"({formula.text})", around.latex)


def _matrix(rows: Matrix) -> Formula:
    """Write a matrix, a large one with dots in place of its middle."""

    def cells(write: Callable[[float, int], str], dots: str) -> list[list[str]]:
        lines = [[write(number, 4) for number in row] for row in rows]
        lines = without_middle(lines, MAX_SIZE, [dots] * len(rows[0]))
        return [without_middle(line, MAX_SIZE, dots) for line in lines]

    text = "\n".join(f"[ {line} ]" for line in format_table(cells(format_number, "..."), ">"))
    latex = r" \\ ".join(map(" & ".join, cells(latex_of_number, r"\dots")))
    return Formula(text, rf"\begin{{pmatrix}} {latex} \end{{pmatrix}}")


def _times(a: Matrix, b: Matrix) -> Matrix:
    columns = _transposed(b)
    return [[sum(map(operator.mul, row, column)) for column in columns] for row in a]


def _transposed(a: list[list[T]]) -> list[list[T]]:
    return [list(column) for column in zip(*a, strict=True)]


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

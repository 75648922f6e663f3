"""Backpropagation through a small network, as in a textbook: forward pass, loss, backward pass, update.

Two samples go through a network with two inputs, three hidden neurons and one output:

    z1 = X W1 + b1    a1 = activation(z1)    z2 = a1 W2 + b2    error = y - z2    loss = mean(error^2)

The engine, which knows only scalars, computes the gradients. They are printed beside those of the textbook's
matrix formulas and of central differences, both computed here with plain numbers. The exit status is 1 if
they disagree.

    python demos/backprop.py --seed 42 --activation tanh --steps 10
"""

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import engine
import nn
from engine import Value
from engine.support.text import format_table

Matrix = list[list[float]]
Matrices = dict[str, Matrix]
Network = dict[str, list[list[Value]]]  # the parameters W1, b1, W2, b2; a vector is a matrix of one row

X = [[0.5, 1.0], [1.5, -0.5]]
Y = [1.0, 0.0]


# --- the network, in Values ----------------------------------------------------------------------------


def random_network(seed: int) -> Network:
    """Draw the parameters in the order W1, b1, W2, b2."""
    nn.manual_seed(seed)
    network: Network = {}
    for name, rows in {"W1": nn.randn(2, 3), "b1": [nn.randn(3)], "W2": nn.randn(3, 1), "b2": [nn.randn(1)]}.items():
        place = "{0}[{2}]" if name.startswith("b") else "{0}[{1}][{2}]"
        network[name] = [[Value(x, place.format(name, i, j)) for j, x in enumerate(row)] for i, row in enumerate(rows)]
    return network


def parameters_of(network: Network) -> list[Value]:
    """Return all weights and biases."""
    return [value for rows in network.values() for row in rows for value in row]


def numbers(network: Network, attribute: str = "data") -> Matrices:
    """Return the data or the gradients as matrices of plain numbers."""
    return {name: [[getattr(value, attribute) for value in row] for row in rows] for name, rows in network.items()}


def forward(network: Network, activation: Callable[[Value], Value], factor: float) -> Value:
    """Return the loss: ``factor`` times the mean of the squared errors; its nodes are called as in the formulas."""
    W1, b1, W2, b2 = network.values()
    squares = []
    for i in range(len(X)):
        with engine.scope(f"sample {i}"):
            x, y = [Value(number, f"X[{i}][{k}]") for k, number in enumerate(X[i])], Value(Y[i], f"y[{i}]")
            a1 = []
            for j in range(3):
                with engine.scope("layer 1"), engine.scope(f"neuron {j}"):
                    z1 = x[0] * W1[0][j] + x[1] * W1[1][j] + b1[0][j]
                    z1.label = f"z1[{i}][{j}]"
                    a1.append(activation(z1))
                    a1[j].label = f"a1[{i}][{j}]"
            with engine.scope("layer 2"):
                z2 = a1[0] * W2[0][0] + a1[1] * W2[1][0] + a1[2] * W2[2][0] + b2[0][0]
                z2.label = f"z2[{i}]"
            error = y - z2
            error.label = f"error[{i}]"
            squares.append(error**2)
    loss = sum(squares[1:], squares[0]) * (factor / len(squares))
    loss.label = "loss"
    return loss


# --- the same with matrix formulas, in plain numbers -----------------------------------------------------


def times(a: Matrix, b: Matrix) -> Matrix:
    """Return the matrix product."""
    return [[sum(x * y for x, y in zip(row, column, strict=True)) for column in zip(*b, strict=True)] for row in a]


def transposed(a: Matrix) -> Matrix:
    """Return the transpose."""
    return [list(column) for column in zip(*a, strict=True)]


def elementwise(function: Callable[..., float], *matrices: Matrix) -> Matrix:
    """Apply a function to corresponding entries."""
    return [list(map(function, *rows)) for rows in zip(*matrices, strict=True)]


def affine(a: Matrix, w: Matrix, b: Matrix) -> Matrix:
    """Return a w + b, with the row b added to every row."""
    return [[x + y for x, y in zip(row, b[0], strict=True)] for row in times(a, w)]


class Activation(NamedTuple):
    """An activation for the engine and, for the formulas, its value and derivative for plain numbers."""

    recorded: Callable[[Value], Value]
    value: Callable[[float], float]
    derivative: Callable[[float], float]


def logistic(z: float) -> float:
    """Return 1 / (1 + e^-z)."""
    return 1.0 / (1.0 + math.exp(-z))


ACTIVATIONS = {
    "relu": Activation(engine.relu, lambda z: max(z, 0.0), lambda z: 1.0 if z > 0.0 else 0.0),
    "sigmoid": Activation(engine.sigmoid, logistic, lambda z: logistic(z) * (1.0 - logistic(z))),
    "tanh": Activation(engine.tanh, math.tanh, lambda z: 1.0 - math.tanh(z) ** 2),
}


def plain_loss(p: Matrices, activation: Activation, factor: float) -> float:
    """Return the loss as a plain number."""
    y_hat = affine(elementwise(activation.value, affine(X, p["W1"], p["b1"])), p["W2"], p["b2"])
    return factor * sum((y - out) ** 2 for y, (out,) in zip(Y, y_hat, strict=True)) / len(Y)


def matrix_gradients(p: Matrices, activation: Activation, factor: float) -> Matrices:
    """Return the gradients by the textbook's formulas.

    See D. E. Rumelhart, G. E. Hinton and R. J. Williams, Nature 323 (1986), https://doi.org/10.1038/323533a0.
    """
    z1 = affine(X, p["W1"], p["b1"])
    a1 = elementwise(activation.value, z1)
    y_hat = affine(a1, p["W2"], p["b2"])
    scale = 2.0 * factor / len(Y)  # dL/dy_hat = scale * (y_hat - y)
    delta2 = [[scale * (out - y)] for (out,), y in zip(y_hat, Y, strict=True)]
    delta1 = elementwise(lambda back, z: back * activation.derivative(z), times(delta2, transposed(p["W2"])), z1)
    ones = [[1.0] * len(X)]
    return {
        "W1": times(transposed(X), delta1),
        "b1": times(ones, delta1),
        "W2": times(transposed(a1), delta2),
        "b2": times(ones, delta2),
    }


def numeric_gradients(p: Matrices, activation: Activation, factor: float, step: float = 1e-6) -> Matrices:
    """Return the gradients by central differences."""

    def difference_quotient(row: list[float], j: int) -> float:
        here, losses = row[j], []
        for moved in (here + step, here - step):
            row[j] = moved
            losses.append(plain_loss(p, activation, factor))
        row[j] = here
        return (losses[0] - losses[1]) / (2.0 * step)

    return {name: [[difference_quotient(row, j) for j in range(len(row))] for row in rows] for name, rows in p.items()}


# --- the demonstration -----------------------------------------------------------------------------------


def largest_gap(a: Matrices, b: Matrices) -> float:
    """Return the largest difference between two sets of matrices."""
    return max(abs(x - y) for n in a for r, s in zip(a[n], b[n], strict=True) for x, y in zip(r, s, strict=True))


def lines_of(matrix: Matrix) -> list[str]:
    """Return a matrix as lines of text."""
    return ["[ " + "  ".join(f"{x: .6f}" for x in row) + " ]" for row in matrix]


def by_neuron(p: Matrices) -> list[float]:
    """Return the entries of W1, b1, W2 and b2 in the order of the parameters of `nn.MLP(2, [3, 1])`."""
    neurons = transposed(p["W1"] + p["b1"]) + transposed(p["W2"] + p["b2"])
    return [x for neuron in neurons for x in neuron]


def gap_to_modules(network: Network, activation: str, factor: float) -> float:
    """Return the largest difference between the network's gradients and those of the same network as an `nn.MLP`."""
    model = nn.MLP(2, [3, 1], activation=activation)
    for parameter, number in zip(model.parameters(), by_neuron(numbers(network)), strict=True):
        parameter.data = number
    loss = nn.mean_squared_error([model(x) for x in X], Y) * factor
    loss.backward()
    pairs = zip(model.parameters(), by_neuron(numbers(network, "grad")), strict=True)
    return max(abs((parameter.grad or 0.0) - expected) for parameter, expected in pairs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration; return the exit status."""
    parser = argparse.ArgumentParser(description="Backpropagation through a small network, step by step.")
    parser.add_argument("--seed", type=int, default=42, help="seed of the parameters, as in PyTorch (default 42)")
    parser.add_argument("--lr", type=float, default=0.1, help="learning rate (default 0.1)")
    parser.add_argument("--steps", type=int, default=1, help="number of updates (default 1)")
    parser.add_argument("--activation", choices=ACTIVATIONS, default="relu", help="(default relu)")
    loss_help = "the mean of (y - y_hat)^2 or half of it (default mse)"
    parser.add_argument("--loss", choices=("mse", "half"), default="mse", help=loss_help)
    parser.add_argument("--out", type=Path, default="out", help="folder for drawing and step page (default out)")
    options = parser.parse_args(arguments)
    if options.steps < 1:
        parser.error(f"--steps must be at least 1, not {options.steps}")
    activation, factor = ACTIVATIONS[options.activation], 0.5 if options.loss == "half" else 1.0

    network = random_network(options.seed)
    loss = forward(network, activation.recorded, factor)
    loss.backward()
    p, gradients = numbers(network), numbers(network, "grad")
    formulas, numeric = matrix_gradients(p, activation, factor), numeric_gradients(p, activation, factor)
    gap_formulas, gap_numeric = largest_gap(gradients, formulas), largest_gap(gradients, numeric)

    print(f"seed {options.seed}, activation {options.activation}, loss {options.loss}, learning rate {options.lr}")
    for name, matrix in p.items():
        lines = lines_of(matrix)
        print(f"{name} = {lines[0]}", *(" " * (len(name) + 3) + line for line in lines[1:]), sep="\n")
    print(f"\nloss before: {loss.data:.6f}\n")
    columns = {"engine": gradients, "matrix formulas": formulas, "central differences": numeric}
    for name in ("W2", "b2", "W1", "b1"):
        blocks = [[title, *lines_of(matrices[name])] for title, matrices in columns.items()]
        print(f"dL/d{name}", *format_table(zip(*blocks, strict=True), gap="   "), sep="\n  ")
    gap_modules = gap_to_modules(network, options.activation, factor)
    print(f"\nlargest difference from the matrix formulas:     {gap_formulas:.1e}")
    print(f"largest difference from the central differences: {gap_numeric:.1e}")
    print(f"largest difference from nn.MLP(2, [3, 1]):       {gap_modules:.1e}")

    options.out.mkdir(parents=True, exist_ok=True)
    parameters = parameters_of(network)
    print(f"drawing of the graph: {engine.draw(loss, parameters=parameters).save(options.out / 'backprop.svg')}")
    page = engine.write_page(loss, options.out / "backprop.html", parameters=parameters)
    print(f"every step of both passes, in a browser: {page}")

    for _ in range(options.steps):
        for parameter in parameters:
            parameter.data -= options.lr * (parameter.grad or 0.0)  # W := W - lr * dL/dW
            parameter.grad = 0.0
        loss = forward(network, activation.recorded, factor)
        loss.backward()
    updates = "one update" if options.steps == 1 else f"{options.steps} updates"
    print(f"\nloss after {updates}: {loss.data:.6f}")

    nn.manual_seed(0)
    wider = nn.MLP(2, [2, 3, 1], activation="tanh")
    training = nn.fit(wider, (X, Y), optimiser=nn.SGD(wider.parameters(), lr=options.lr), epochs=50, batch_size=2)
    first, last = training.losses[0], training.losses[-1]
    print(f"nn.MLP(2, [2, 3, 1]) after 50 steps of training: loss {first:.6f} -> {last:.6f}")
    return 0 if gap_formulas <= 1e-9 and gap_numeric <= 1e-6 and gap_modules <= 1e-9 else 1


if __name__ == "__main__":
    sys.exit(main())

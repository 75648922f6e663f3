"""What is measured: numbers and losses that every peer gets, the same for all.

- W1 is one training step of the 2-2-3-1 network of `demos/backprop.py`: 2 samples of 2 inputs, 3 units, 1 output.
- W2 is one training step of the network of micrograd's moons demo: 2-16-16-1, 100 samples, max-margin loss and
  L2 regularisation, https://github.com/karpathy/micrograd/blob/master/demo.ipynb.
- W3 are chains and fans of 10 to 1,000,000 nodes, forward and backward.
- W4 is one training step of the GPT of scalars of microgpt, on one name of 8 letters, so 9 positions: 1 layer,
  width 16, 4 heads, context 16, 27 symbols, https://gist.github.com/karpathy/8627fe009c40f57531cb18360106ce95.
- W5 are epochs of classifiers in batches, with relu and the mean of the cross-entropies: 64-32-10 on 1,000 samples, 32
  a batch, and 784-64-10 and 784-128-10 on 2,000 samples, 64 a batch. Only what computes with matrices, or finds them in
  scalars, takes part.

A workload's loss is written out in operators, over a flat list of parameters of whatever kind a peer computes with.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

LEARNING_RATE = 0.01
L2 = 1e-4
BETA1, BETA2, TINY = 0.85, 0.99, 1e-8  # of Adam
NORM_TINY = 1e-5


class Functions(NamedTuple):
    """What a library has beyond operators, as functions of its scalars."""

    relu: Callable[[Any], Any]
    exp: Callable[[Any], Any]
    log: Callable[[Any], Any]
    largest: Callable[[list[Any]], Any]  # the largest of several, a plain number where the library can give one


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What all workloads have.

    Attributes:
        name: what the report calls it.
        numbers: the first parameters.
        update: what follows the gradients: "descent", "adam" or "none".
        steps: how many steps the learning rate of Adam takes to fall to 0.
    """

    name: str
    numbers: list[float]
    update: str = "none"
    steps: int = 1000

    def loss(self, parameters: Sequence[Any], functions: Functions, step: int) -> Any:
        """Return the loss of a step, written in operators and functions."""
        raise NotImplementedError

    def rate(self, step: int) -> float:
        """Return the learning rate of a step; after the last step it starts again."""
        return LEARNING_RATE if self.update == "descent" else LEARNING_RATE * (1.0 - step % self.steps / self.steps)


# --- W1, W2: networks ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Network(Workload):
    """A multilayer perceptron with relu between its layers, and its samples.

    The parameters are, layer by layer and neuron by neuron, the weights and then the bias. With a batch size, a step is
    an epoch: an update for each batch, in the order of the samples.
    """

    update: str = "descent"
    sizes: tuple[int, ...]
    criterion: str  # "mean squared error", "max-margin" or "cross-entropy", whose targets are classes
    inputs: list[list[float]]
    targets: list[float]
    batch_size: int | None = None
    script: bool = False  # whether it is written out in operators where a library has modules, too

    @property
    def batches(self) -> list[slice]:
        """The places of the samples of each update of a step."""
        size = self.batch_size or len(self.inputs)
        return [slice(start, start + size) for start in range(0, len(self.inputs), size)]

    def layers(self, parameters: Sequence[Any]) -> list[list[Sequence[Any]]]:
        """Return for each layer, for each neuron, its weights and then its bias."""
        layers, start = [], 0
        for fan_in, fan_out in pairwise(self.sizes):
            ends = range(start, start + (fan_in + 1) * fan_out, fan_in + 1)
            layers.append([parameters[end : end + fan_in + 1] for end in ends])
            start += (fan_in + 1) * fan_out
        return layers

    def loss(self, parameters: Sequence[Any], functions: Functions, step: int) -> Any:
        """Return the loss over all samples."""
        layers = self.layers(parameters)

        def model(x: list[Any]) -> Any:
            for depth, layer in enumerate(layers, start=1):
                x = [sum(w * x_i for w, x_i in zip(neuron, x)) + neuron[-1] for neuron in layer]  # noqa: B905 - bias last
                if depth < len(layers):
                    x = [functions.relu(z) for z in x]
            return x[0]

        return self.loss_of(list(map(model, self.inputs)), parameters, functions.relu)

    def loss_of(self, scores: list[Any], parameters: Sequence[Any], relu: Callable[[Any], Any]) -> Any:
        """Return the loss of the scores of all samples."""
        if self.criterion == "mean squared error":
            losses = [(score - y) ** 2 for score, y in zip(scores, self.targets, strict=True)]
            return sum(losses) * (1.0 / len(losses))
        losses = [relu(1 + -y * score) for score, y in zip(scores, self.targets, strict=True)]
        return sum(losses) * (1.0 / len(losses)) + L2 * sum(p * p for p in parameters)


def moons(count: int, seed: int = 1) -> tuple[list[list[float]], list[float]]:
    """Return points on two interleaved half circles with noise, and their classes -1 and 1."""
    draw = random.Random(seed)
    points, classes = [], []
    for i in range(count):
        angle = math.pi * (i // 2) / (count / 2 - 1)
        upper = i % 2 == 0
        x = math.cos(angle) if upper else 1.0 - math.cos(angle)
        y = math.sin(angle) if upper else 0.5 - math.sin(angle)
        points.append([x + draw.gauss(0.0, 0.1), y + draw.gauss(0.0, 0.1)])
        classes.append(1.0 if upper else -1.0)
    return points, classes


def weights(sizes: tuple[int, ...], seed: int) -> list[float]:
    """Return the first parameters of a network."""
    draw = random.Random(seed)
    count = sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(sizes))
    return [draw.uniform(-1.0, 1.0) for _ in range(count)]


MOONS, SIDES = moons(100)
W1 = Network(
    name="W1 2-2-3-1",
    numbers=weights((2, 3, 1), 42),
    sizes=(2, 3, 1),
    criterion="mean squared error",
    inputs=[[0.5, 1.0], [1.5, -0.5]],
    targets=[1.0, 0.0],
    script=True,
)
W2 = Network(
    name="W2 moons",
    numbers=weights((2, 16, 16, 1), 1337),
    sizes=(2, 16, 16, 1),
    criterion="max-margin",
    inputs=MOONS,
    targets=SIDES,
)


def classifier(*sizes: int, samples: int, batch_size: int) -> Network:
    """Return the training of a classifier on random pictures, whose pixels are 0 for the most part."""
    draw = random.Random(5)
    return Network(
        name=f"W5 {'-'.join(map(str, sizes))}",
        numbers=[x / sizes[0] ** 0.5 for x in weights(sizes, 1)],
        sizes=sizes,
        criterion="cross-entropy",
        inputs=[[max(0.0, draw.uniform(-3.0, 1.0)) for _ in range(sizes[0])] for _ in range(samples)],
        targets=[float(draw.randrange(sizes[-1])) for _ in range(samples)],
        batch_size=batch_size,
    )


@cache
def classifiers() -> list[Network]:
    """Return the classifiers of W5; their samples take a moment."""
    return [
        classifier(64, 32, 10, samples=1000, batch_size=32),
        classifier(784, 64, 10, samples=2000, batch_size=64),
        classifier(784, 128, 10, samples=2000, batch_size=64),
    ]


# --- W3: chains and fans -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Graph(Workload):
    """A graph with one leaf and about so many nodes: as deep as can be, or wide and shallow."""

    nodes: int
    deep: bool

    def loss(self, parameters: Sequence[Any], functions: Functions, step: int) -> Any:
        """Return the root: of a chain of products, or of a tree of sums over products that share their leaf."""
        (w,) = parameters
        if self.deep:
            y = w * w
            for _ in range(self.nodes - 2):
                y = y * w
            return y
        row = [w * float(i % 7 + 1) for i in range(max(1, self.nodes // 3))]  # each product has a constant, a node too
        while len(row) > 1:
            odd = row[len(row) & ~1 :]
            row = [a + b for a, b in zip(row[::2], row[1::2])] + odd  # noqa: B905 - an odd one stays over
        return row[0]


def chain(nodes: int) -> Graph:
    """Return w * w * ... * w: each node is an operand of the next."""
    return Graph(name=f"W3 chain of {nodes:,}", numbers=[1.0 + 1e-9], nodes=nodes, deep=True)


def fan(nodes: int) -> Graph:
    """Return the sum of w * 1, w * 2, ..., added in pairs, in pairs of pairs and so on."""
    return Graph(name=f"W3 fan of {nodes:,}", numbers=[0.5], nodes=nodes, deep=False)


# --- W4: a GPT -----------------------------------------------------------------------------------------

WIDTH, HEADS, CONTEXT, SYMBOLS = 16, 4, 16, 27
HEAD = WIDTH // HEADS
EDGE = SYMBOLS - 1  # the symbol before and after each name
SHAPES = {
    "wte": (SYMBOLS, WIDTH),
    "wpe": (CONTEXT, WIDTH),
    "lm_head": (SYMBOLS, WIDTH),
    "attn_wq": (WIDTH, WIDTH),
    "attn_wk": (WIDTH, WIDTH),
    "attn_wv": (WIDTH, WIDTH),
    "attn_wo": (WIDTH, WIDTH),
    "mlp_fc1": (4 * WIDTH, WIDTH),
    "mlp_fc2": (WIDTH, 4 * WIDTH),
}
Matrix = list[Sequence[Any]]


@dataclass(frozen=True, kw_only=True)
class Gpt(Workload):
    """A GPT and the names that it learns, one a step.

    The parameters are the matrices of `SHAPES`, one after the other, row by row.
    """

    update: str = "adam"
    names: tuple[str, ...]

    def tokens(self, step: int) -> list[int]:
        """Return the symbols that a step learns: one more than it has positions."""
        name = self.names[step % len(self.names)]
        return [EDGE, *(ord(letter) - ord("a") for letter in name), EDGE][: CONTEXT + 1]

    def loss(self, parameters: Sequence[Any], functions: Functions, step: int) -> Any:
        """Return the mean over the positions of -log of the probability that the model gives the next symbol."""
        matrices, keys, values, losses = _matrices(parameters), [], [], []  # type: ignore[var-annotated]
        for position, (token, following) in enumerate(pairwise(self.tokens(step))):
            logits = _logits(token, position, keys, values, matrices, functions)
            losses.append(-functions.log(_softmax(logits, functions)[following]))
        return sum(losses) * (1.0 / len(losses))


def _matrices(parameters: Sequence[Any]) -> dict[str, Matrix]:
    matrices, start = {}, 0
    for name, (rows, columns) in SHAPES.items():
        end = start + rows * columns
        matrices[name] = [parameters[row : row + columns] for row in range(start, end, columns)]
        start = end
    return matrices


def _logits(
    token: int, position: int, keys: list[list[Any]], values: list[list[Any]], p: dict[str, Matrix], f: Functions
) -> list[Any]:
    """Return the scores of all symbols after a token; append its key and value to those of the positions before."""
    x = _normed(_sums(p["wte"][token], p["wpe"][position]))
    normed = _normed(x)
    query = _linear(normed, p["attn_wq"])
    keys.append(_linear(normed, p["attn_wk"]))
    values.append(_linear(normed, p["attn_wv"]))
    attended: list[Any] = []
    for head in (slice(start, start + HEAD) for start in range(0, WIDTH, HEAD)):
        shares = _softmax([_dot(query[head], key[head]) / HEAD**0.5 for key in keys], f)
        columns = zip(*(value[head] for value in values), strict=True)
        attended += [_dot(shares, column) for column in columns]
    x = _sums(_linear(attended, p["attn_wo"]), x)
    hidden = [f.relu(h) for h in _linear(_normed(x), p["mlp_fc1"])]
    return _linear(_sums(_linear(hidden, p["mlp_fc2"]), x), p["lm_head"])


def _dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _sums(a: Sequence[Any], b: Sequence[Any]) -> list[Any]:
    return [x + y for x, y in zip(a, b, strict=True)]


def _linear(x: Sequence[Any], matrix: Matrix) -> list[Any]:
    return [_dot(row, x) for row in matrix]


def _normed(x: Sequence[Any]) -> list[Any]:
    scale = (_dot(x, x) / len(x) + NORM_TINY) ** -0.5
    return [x_i * scale for x_i in x]


def _softmax(scores: list[Any], f: Functions) -> list[Any]:
    largest = f.largest(scores)
    powers = [f.exp(score - largest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def _first_matrices(draw: random.Random) -> list[float]:
    return [draw.gauss(0.0, 0.08) for rows, columns in SHAPES.values() for _ in range(rows * columns)]


def names_training(path: Path, steps: int) -> Gpt:
    """Return the training on the names of a file, one a line, in microgpt's order and with its first parameters.

    Raises:
        ValueError: a name has other letters than a to z.
    """
    names = path.read_text(encoding="utf-8").split()
    for name in names:
        if not (name.isascii() and name.isalpha() and name.islower()):
            raise ValueError(f"{path}: {name!r} has other letters than a to z")
    draw = random.Random(42)
    draw.shuffle(names)
    numbers = _first_matrices(draw)
    return Gpt(name=f"W4 GPT, {steps} names", numbers=numbers, steps=steps, names=tuple(names[:steps]))


W4 = Gpt(name="W4 GPT", numbers=_first_matrices(random.Random(42)), names=("isabella",))

"""Models for random trainings: ordinary ones, and those that read, change or draw something when they are called.

Each function takes a generator of random choices and returns a model, its parameters and a box of numbers that the
model reads, which callbacks change.
"""

import itertools
import math
import random
from array import array
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

import nn
from engine import Value, exp, leaky_relu, maximum, sign, where

SETTINGS = SimpleNamespace(scale=1.0, shift=0.0)  # globals that models read
COUNTS = [0]
ACTIVATIONS = ("tanh", "relu", "sigmoid", "softplus", "elu", "silu", leaky_relu.bind(slope=0.3), None)


def reset():
    """Set what this module holds to what it was in the beginning."""
    SETTINGS.scale, SETTINGS.shift, COUNTS[:], HELPERS["squash"] = 1.0, 0.0, [0], FIRST
    globals()["squash"] = FIRST


class Box(nn.Module):
    """A network with numbers, lists, dicts and a class attribute that it computes with."""

    factor = 1.0

    def __init__(self, rng, outputs=1):
        super().__init__("box")
        self.inner = nn.Layer(2, 2, rng.choice(ACTIVATIONS), name="inner")
        self.outer = nn.Layer(2, outputs, name="outer")
        self.scale, self.items, self.table, self.generator = 1.0, [0.5, 1.0], {"shift": 0.1}, random.Random(3)
        self.own = nn.Generator(7)
        self.calls, self.seen, self.state, self.unused = 0, [], None, Value(3.0, "unused")
        self.how, self.way, self.width = "plain", Box.plain, outputs

    def forward(self, x):
        hidden = self.way(self, list(x)[:2])
        outputs = [(y * self.scale + self.table["shift"]) * self.factor * self.items[1] for y in self.outer(hidden)]
        return outputs if len(outputs) > 1 else outputs[0]

    def plain(self, x):
        return self.inner(x)

    def by_mode(self, x):
        return [y * (0.5 if self.training else 1.0) for y in self.inner(x)]

    def by_output(self, x):
        return [y if y > 0.1 else y * 0.2 - 0.01 for y in self.inner(x)]

    def by_input(self, x):
        return self.inner([2.0 * x[0], x[1]]) if x[0] > x[1] else self.inner(x)

    def by_truth(self, x):
        return [y + 0.1 if y else y for y in self.inner([x_i if x_i != 0.5 else 0.0 for x_i in x])]

    def by_data(self, x):
        return [y * (1.0 if y.data > 0.2 else 0.7) for y in self.inner(x)]

    def by_float(self, x):
        return [y * round(float(y), 1) + math.tanh(y.data) for y in self.inner(x)]

    def by_grad(self, x):
        return [y * (1.0 + 0.1 * bool(self.inner.neurons[0].bias.grad)) for y in self.inner(x)]

    def by_global(self, x):
        return [y * SETTINGS.scale + SETTINGS.shift for y in self.inner(x)]

    def counting(self, x):
        self.calls += 1
        return [y * (1.0 if self.calls % 3 else 0.5) for y in self.inner(x)]

    def counting_later(self, x):
        self.calls += 1
        return [y * (1.0 if self.calls < 11 else 0.5) for y in self.inner(x)]

    def counting_in_a_list(self, x):
        COUNTS[0] += 1
        return [y * (1.0 if COUNTS[0] % 2 else 0.9) for y in self.inner(x)]

    def counting_outside(self, x):
        COUNTS.append(1)
        return [y * (1.0 + 0.01 * len(COUNTS)) for y in self.inner(x)]

    def counting_in_the_class(self, x):
        type(self).factor = 1.0 if type(self).factor == 0.9 else 0.9
        return self.inner(x)

    def counting_to_look(self, x):
        self.calls += 1
        return self.inner(x)

    def drawing(self, x):
        return [y + 0.1 * random.random() for y in self.inner(x)]

    def drawing_of_nn(self, x):
        return [y * (1.0 + 0.1 * nn.rand()) for y in self.inner(x)]

    def drawing_in_training(self, x):
        return [y + 0.1 * random.gauss(0.0, 1.0) for y in self.inner(x)] if self.training else self.inner(x)

    def drawing_of_its_own(self, x):
        return [y + 0.1 * self.generator.random() for y in self.inner(x)]

    def drawing_of_its_own_in_training(self, x):
        return [y + 0.1 * self.own.randn() for y in self.inner(x)] if self.training else self.inner(x)

    def drawing_seldom(self, x):
        return [y + 0.1 * random.random() for y in self.inner(x)] if x[0] > 0.9 else self.inner(x)

    def remembering(self, x):
        hidden = self.inner(x)
        if self.state is not None:
            hidden = [y + 0.1 * before for y, before in zip(hidden, self.state, strict=True)]
        self.state = [y.data for y in hidden]
        return hidden

    def remembering_values(self, x):
        hidden = self.inner(x)
        if self.state is not None:
            hidden[0] = hidden[0] + 0.1 * self.state
        self.state = hidden[1].tanh()
        return hidden

    def collecting(self, x):
        self.seen.append(self.inner(x)[0])
        return [y * (1.0 if len(self.seen) % 4 else 0.8) for y in self.inner(x)]

    def editing(self, x):
        x[0] *= 0.5
        x.append(1.0)
        return self.inner(x[:2])

    def late(self, x):
        if not hasattr(self, "gate"):
            self.gate = Value(0.5, "gate")
        return [y * self.gate for y in self.inner(x)]

    def turning_itself(self, x):
        self.scale = 0.5 if self.scale == 1.0 else 1.0
        return self.inner(x)

    def iterating(self, x):
        if not hasattr(self, "numbers"):
            self.numbers = itertools.cycle([1.0, 0.9, 1.1])
        return [y * next(self.numbers) for y in self.inner(x)]

    def catching(self, x):
        hidden = self.inner(x)
        try:
            return [(y + 0.3).sqrt() for y in hidden]
        except ArithmeticError:
            return hidden

    def selecting(self, x):
        return [where(y, y * 2.0, maximum(y, -0.1)) + 0.0 * sign(y) for y in self.inner(x)]

    def by_identity(self, x):
        return [y * (2.0 if y in hidden[1:] else 1.0) for hidden in [self.inner(x)] for y in hidden]

    def by_equality(self, x):
        return self.inner([x[0], x[1] * (2.0 if x[0] == x[1] else 1.0)])

    def by_kind(self, x):
        return self.inner([x_i * 0.5 if isinstance(x_i, float) else x_i for x_i in x])

    def by_text(self, x):
        return self.inner([x_i * (0.5 if str(x_i).startswith("-") else 1.0) for x_i in x])


class Naming(Box):
    """A network that finds its way by the name."""

    def forward(self, x):
        self.way = getattr(type(self), self.how)
        return super().forward(x)


WAYS = [name for name in vars(Box) if not name.startswith("_") and name not in ("forward", "factor")]


def box(rng):
    """A network of one's own, which computes in one of many ways."""
    Box.factor = Naming.factor = 1.0
    kind = Naming if rng.random() < 0.15 else Box
    model = kind(rng, rng.choice((1, 1, 2)))
    model.how = rng.choice(WAYS)
    model.way = getattr(Box, model.how)
    return model, model.parameters(), model


def perceptron(rng):
    """An MLP with attributes that callbacks change."""
    width = rng.choice((1, 1, 2))
    model = nn.MLP(2, [rng.choice((2, 3)), width], rng.choice(ACTIVATIONS))
    model.width = width
    return model, model.parameters(), SimpleNamespace(scale=1.0)


def dropping(rng):
    """A network with Dropout, in one of its modes."""
    width = rng.choice((1, 1, 2))
    layers = nn.Layer(2, 3, rng.choice(ACTIVATIONS), name="one"), nn.Layer(3, width, name="two")
    model = nn.Sequential(layers[0], nn.Dropout(rng.choice((0.0, 0.3))), layers[1])
    model.width = width
    if rng.random() < 0.4:
        model.eval()
    return model, model.parameters(), model.steps[1]


def formula(rng):
    """A function of Values in a closure, with numbers in it."""
    w, v, b = Value(0.5, "w"), Value(-0.3, "v"), Value(0.1, "b")
    numbers, extra = SimpleNamespace(scale=1.0), Value(2.0, "extra")

    def model(x):
        return (w * x[0] + v * x[1]).tanh() * numbers.scale + b

    return model, [w, v, b, *([extra] if rng.random() < 0.3 else [])], numbers


def partly(rng):
    """A function that uses some parameters for some samples only."""
    w, v, b = Value(0.5, "w"), Value(-0.3, "v"), Value(0.1, "b")
    numbers = SimpleNamespace(scale=1.0)

    def model(x):
        return w * x[0] + b if x[0] > 0.0 else v * x[1] * numbers.scale + b

    return model, [w, v, b], numbers


def summing(rng):
    """A function of lists of any length."""
    w, b = Value(0.5, "w"), Value(0.1, "b")
    numbers = SimpleNamespace(scale=1.0)

    def model(x):
        total = b
        for x_i in x:
            total = total + w * x_i * numbers.scale
        return exp(-total) if len(x) > 2 else total

    return model, [w, b], numbers


def configured(rng):
    """A callable object with a configuration that is replaced, an array, a property and a cache."""
    model = Configured()
    return model, [model.w, model.v, model.b], model


@dataclass(frozen=True)
class Configuration:
    gain: float = 1.0
    names: tuple = ("tanh", "relu")


class Configured:
    """An object that is called, with parameters that it does not name as a Module does."""

    def __init__(self):
        self.w, self.v, self.b = Value(0.5, "w"), Value(-0.3, "v"), Value(0.1, "b")
        self.configuration, self.scales, self.scale, self.known = Configuration(), array("d", [1.0, 0.5]), 1.0, {}

    @property
    def factor(self):
        return self.scale * self.configuration.gain

    def __call__(self, x):
        total = self.w * x[0] * self.scales[0] + self.v * x[1] * self.scales[1] + self.b
        return self.activate(total) * self.factor

    def activate(self, total):
        return total.tanh() if self.configuration.names[0] == "tanh" else total.relu()


def counted(rng):
    """A function that counts its calls in a closure, and may use the count."""
    w, b, calls, uses = Value(0.5, "w"), Value(0.1, "b"), 0, rng.random() < 0.7

    def model(x):
        nonlocal calls
        calls += 1
        return w * x[0] * (1.0 + 0.1 * (calls % 4) * uses) + b

    return model, [w, b], SimpleNamespace(scale=1.0)


def helped(rng):
    """A partial function of a method that calls a function of this module, which callbacks replace."""
    w, b = Value(0.5, "w"), Value(0.1, "b")
    numbers = SimpleNamespace(scale=1.0)

    class Line:
        def at(self, scale, x):
            return HELPERS["squash"](w * x[0] * scale) * numbers.scale + squash(b)

    return partial(Line().at, 0.8), [w, b], numbers


def squash(y):
    return y.tanh()


def cube(y):
    return y * y * y


HELPERS, FIRST = {"squash": squash}, squash
MODELS = (box, box, box, box, perceptron, perceptron, dropping, formula, partly, summing, configured, counted, helped)

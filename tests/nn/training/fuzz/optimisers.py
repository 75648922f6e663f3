"""Optimisers for random trainings: the library's, and those with rules of their own."""

import itertools
import math
import random

import nn
from engine import Value, sqrt

NOISE = random.Random(5)


def reset():
    """Set what this module holds to what it was in the beginning."""
    NOISE.seed(5)
    random.seed(6)
    CountingInTheClass.counts["all"] = 0
    Looking.table[:] = [1.0, 0.5]


class Signs(nn.SGD):
    def updated(self, p, g, state):
        return p - self.lr * (1.0 if g > 0 else -1.0), state


class Limited(nn.SGD):
    def step(self):
        for p in self.parameters:
            if p.grad is not None:
                p.grad = max(-0.01, min(0.01, p.grad))
        super().step()


class WarmUp(nn.Optimiser):
    def updated(self, p, g, state):
        count = state.get("count", 0) + 1
        return p - self.lr * (0.1 if count < 4 else 1.0) * g, {"count": count}


class Rprop(nn.Optimiser):
    def updated(self, p, g, state):
        size, before = state.get("size", self.lr), state.get("before", 0.0)
        size *= 1.2 if g * before > 0 else 0.5 if g * before < 0 else 1.0
        return p - math.copysign(size, g), {"size": size, "before": g}


class Decaying(nn.SGD):
    def step(self):
        super().step()
        self.lr *= 0.9


class DecayingInside(nn.SGD):
    def updated(self, p, g, state):
        self.lr *= 0.99
        return super().updated(p, g, state)


class Counting(nn.SGD):
    count = 0

    def updated(self, p, g, state):
        self.count += 1
        return p - self.lr * g / (1.0 + 0.1 * self.count), state


class CountingInTheClass(nn.SGD):
    counts = {"all": 0}  # noqa: RUF012 - it is what is tried

    def updated(self, p, g, state):
        self.counts["all"] += 1
        return p - self.lr * g / (1.0 + 0.01 * self.counts["all"]), state


class Noisy(nn.SGD):
    def updated(self, p, g, state):
        return p - self.lr * (g + 0.01 * random.random()), state


class NoisyByNn(nn.SGD):
    def updated(self, p, g, state):
        return p - self.lr * (g + 0.01 * nn.randn()), state


class NoisyByAGlobal(nn.SGD):
    def updated(self, p, g, state):
        return p - self.lr * (g + 0.01 * NOISE.random()), state


class Iterating(nn.SGD):
    def __init__(self, parameters, lr):
        super().__init__(parameters, lr)
        self.factors = itertools.cycle([1.0, 0.5, 0.25])

    def updated(self, p, g, state):
        return p - self.lr * next(self.factors) * g, state


class Uneven(nn.Optimiser):
    def updated(self, p, g, state):
        if p > 0.0:
            return p - self.lr * g, {**state, "positive": state.get("positive", 0.0) + 1.0}
        return p - 0.5 * self.lr * g, {**state, "other": g}


class Together(nn.SGD):
    def updated(self, p, g, state):
        size = math.sqrt(sum(q.data**2 for q in self.parameters))
        return p - self.lr * g / (1.0 + size), state


class Layered(nn.SGD):
    def step(self):
        norm = math.sqrt(sum((p.grad or 0.0) ** 2 for p in self.parameters))
        for p in self.parameters:
            if p.grad is not None:
                p.data -= self.lr * p.grad / (norm + 1.0)


class Leaking(nn.SGD):
    def zero_grad(self):
        for p in self.parameters:
            p.grad = 0.5 * (p.grad or 0.0)


class Swapped(nn.SGD):
    def updated(self, p, g, state):
        before = {"one": state.get("two", 0.0), "two": state.get("one", 1.0), "before": p}
        return p - self.lr * g - 0.0125 * before["one"], before


class Smooth(nn.Optimiser):
    """A rule that is a formula."""

    def updated(self, p, g, state):
        mean = 0.9 * state.get("mean", 0.0) + 0.1 * g
        return p - self.lr * mean / (sqrt(g * g + 1.0) + 0.1), {"mean": mean}


class ByKind(nn.SGD):
    def updated(self, p, g, state):
        return p - self.lr * g * (0.5 if isinstance(g, float) else 1.0), state


class ByZero(nn.SGD):
    def updated(self, p, g, state):
        if g == 0.0:
            return p, state
        return p - self.lr * g - 0.001, state


class Rounded(nn.SGD):
    def updated(self, p, g, state):
        return round(p - self.lr * g, 3), state


class Bounded(nn.SGD):
    def updated(self, p, g, state):
        number, state = super().updated(p, g, state)
        return min(max(number, -0.6), 0.6), state


class Looking(nn.SGD):
    """A rule that reads other numbers of the optimiser, which callbacks change."""

    table = [1.0, 0.5]  # noqa: RUF012 - it is what is tried

    def updated(self, p, g, state):
        return p - self.lr * g * self.table[0], state


class Editing(nn.Optimiser):
    def updated(self, p, g, state):
        state["sum"] = state.get("sum", 0.0) + g
        return p - self.lr * state["sum"], state


class ByGradients(nn.SGD):
    """A rule that reads the gradient of another parameter."""

    def updated(self, p, g, state):
        return p - self.lr * (g + 0.1 * (self.parameters[0].grad or 0.0)), state


class Renamed(nn.Adam):
    """The library's rule."""


class Twice(nn.Adam):
    def step(self):
        super().step()
        super().step()


class Averaging(nn.SGD):
    """An optimiser that remembers more than numbers for each parameter."""

    def step(self):
        super().step()
        before = vars(self).get("means") or [0.0] * len(self.parameters)
        self.means = [0.9 * mean + 0.1 * p.data for mean, p in zip(before, self.parameters, strict=False)]
        self.parameters[0].data = 0.5 * (self.parameters[0].data + self.means[0])


class Property(nn.SGD):
    """An optimiser whose learning rate is computed."""

    @property
    def lr(self):
        return self.__dict__["rate"] / (1.0 + 0.1 * len(self.states[0]))

    @lr.setter
    def lr(self, rate):
        self.__dict__["rate"] = rate

    def __init__(self, parameters, lr):
        super().__init__(parameters, lr)
        self.lr = lr


OWN = [kind for kind in list(globals().values()) if isinstance(kind, type) and issubclass(kind, nn.Optimiser)]
LIBRARY = (
    lambda ps: nn.SGD(ps, lr=0.1), lambda ps: nn.SGD(ps, lr=0.05, weight_decay=0.1),
    lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9, dampening=0.1),
    lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    lambda ps: nn.RMSprop(ps, lr=0.01), lambda ps: nn.RMSprop(ps, lr=0.01, centered=True, momentum=0.5),
    lambda ps: nn.Adagrad(ps, lr=0.1, lr_decay=0.1), lambda ps: nn.Adagrad(ps, lr=0.1, weight_decay=0.1),
    lambda ps: nn.Adam(ps, lr=0.05), lambda ps: nn.Adam(ps, lr=0.05, amsgrad=True, weight_decay=0.1),
    lambda ps: nn.AdamW(ps, lr=0.05, weight_decay=0.5),
)  # fmt: skip


def replaced(kind, how):
    """Return an optimiser of the library with a function of its own in its place."""
    optimiser = kind
    if how == "updated":
        rule = optimiser.updated
        optimiser.updated = lambda p, g, state: rule(p, g * 0.5, state)
    elif how == "step":
        take = optimiser.step
        optimiser.step = lambda: (take(), setattr(optimiser.parameters[0], "data", 0.9 * optimiser.parameters[0].data))
    elif how == "zero_grad":
        optimiser.zero_grad = lambda: [setattr(p, "grad", 0.001) for p in optimiser.parameters]
    return optimiser


def some_optimiser(rng, parameters):
    """Return an optimiser of some parameters."""
    chance = rng.random()
    if chance < 0.45:
        return rng.choice(LIBRARY)(parameters)
    if chance < 0.5:
        return replaced(rng.choice(LIBRARY)(parameters), rng.choice(("updated", "step", "zero_grad")))
    return rng.choice(OWN)(parameters, lr=0.05)


__all__ = ["LIBRARY", "OWN", "Value", "reset", "some_optimiser"]

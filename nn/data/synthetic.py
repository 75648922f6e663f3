"""Synthetic data sets, reproducible by their seed; the classes take turns, so that batches are balanced.

If there are fewer samples than classes, or a number is out of its range, they raise `SettingError`.
"""

import math
from cmath import rect
from collections.abc import Callable, Sequence

from ..checks import finite, positive
from ..errors import SettingError
from ..random import Generator, generator_of
from .dataset import Dataset

Seed = int | Generator
Place = Callable[[int, float], complex]  # the point x + yj of a class by its position on the curve, from 0 to 1


def xor() -> Dataset:
    """Return the four samples of exclusive or, the smallest data set that no single neuron can learn.

    >>> list(xor())
    [([0.0, 0.0], 0), ([0.0, 1.0], 1), ([1.0, 0.0], 1), ([1.0, 1.0], 0)]
    """
    inputs = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    return Dataset(inputs, [0, 1, 1, 0], "classification", ("same", "different"), ("a", "b"), "xor")


def moons(count: int = 100, noise: float = 0.1, seed: Seed = 0) -> Dataset:
    """Return two interleaving half circles of radius 1.

    Args:
        count: the number of samples.
        noise: the standard deviation of the normal noise on each number.
        seed: an integer, or a generator, which continues from its current state.

    Raises:
        SettingError: there are fewer samples than classes, or the noise is negative; so do the other data sets.

    >>> moons(4, noise=0.0).inputs[0]
    [1.0, 0.0]
    """

    def place(kind: int, share: float) -> complex:
        upper = rect(1.0, math.pi * share)
        return 1.0 + 0.5j - upper if kind else upper

    return _in_the_plane("moons", place, ("upper", "lower"), count, noise, seed)


def circles(count: int = 100, noise: float = 0.05, seed: Seed = 0, factor: float = 0.5) -> Dataset:
    """Return a circle of radius 1 and one inside it.

    Args:
        count, noise, seed: as for `moons`.
        factor: the radius of the inner circle, from 0 to 1.
    """
    factor = finite(factor, "the factor of circles", 0.0, 1.0)
    place: Place = lambda kind, share: rect(factor if kind else 1.0, 2.0 * math.pi * share)
    return _in_the_plane("circles", place, ("outer", "inner"), count, noise, seed, closed=True)


def spirals(count: int = 200, noise: float = 0.02, seed: Seed = 0, turns: float = 1.0, arms: int = 2) -> Dataset:
    """Return spiral arms, each a class, that wind from the centre out to radius 1.

    Args:
        count, noise, seed: as for `moons`.
        turns, arms: the number of turns of an arm, and the number of arms.
    """
    turns, arms = finite(turns, "the turns of spirals"), positive(arms, "the number of arms", least=2)
    place: Place = lambda kind, share: rect(0.1 + 0.9 * share, 2.0 * math.pi * (turns * share + kind / arms))
    return _in_the_plane("spirals", place, tuple(f"arm {i}" for i in range(arms)), count, noise, seed)


def blobs(count: int = 100, noise: float = 0.5, seed: Seed = 0, classes: int = 3) -> Dataset:
    """Return round clouds whose centres are evenly spaced on a circle of radius 2.

    Args:
        count, seed: as for `moons`.
        noise: the standard deviation of a cloud.
        classes: the number of clouds.
    """
    classes = positive(classes, "the number of classes", least=2)
    place: Place = lambda kind, _: rect(2.0, 2.0 * math.pi * kind / classes)
    return _in_the_plane("blobs", place, tuple(f"blob {i}" for i in range(classes)), count, noise, seed)


def linear(
    count: int = 50, noise: float = 0.1, seed: Seed = 0, weights: Sequence[float] = (2.0,), bias: float = 1.0
) -> Dataset:
    """Return inputs drawn uniformly from -1 to 1, with their weighted sum and noise as targets.

    Args:
        count, noise, seed: as for `moons`.
        weights, bias: the factors of the inputs, at least one, and the constant term.

    >>> linear(3, noise=0.0, weights=[0.0, 0.0], bias=5.0).targets
    [5.0, 5.0, 5.0]
    """
    count, noise = positive(count, "the number of samples"), finite(noise, "the noise", 0.0)
    weights, bias = [finite(w, "a weight of linear") for w in weights], finite(bias, "the bias of linear")
    if not weights:
        raise SettingError("linear needs at least one weight, such as [2.0], not []")
    generator = generator_of(seed)
    inputs = generator.uniform(-1.0, 1.0, count, len(weights))
    targets = [
        bias + sum(w * x for w, x in zip(weights, row, strict=True)) + noise * error
        for row, error in zip(inputs, generator.randn(count), strict=True)
    ]
    return Dataset(inputs, targets, "regression", features=tuple(f"x{i}" for i in range(len(weights))), name="linear")


def sine(count: int = 100, noise: float = 0.1, seed: Seed = 0) -> Dataset:
    """Return at least two numbers, evenly spaced from -pi to pi, with their sines and noise as targets.

    Args:
        count, noise, seed: as for `moons`.

    >>> [round(y, 9) + 0.0 for y in sine(5, noise=0.0).targets]
    [0.0, -1.0, 0.0, 1.0, 0.0]
    """
    count, noise = positive(count, "the number of samples", least=2), finite(noise, "the noise", 0.0)
    inputs = [[math.pi * (2.0 * i / (count - 1) - 1.0)] for i in range(count)]
    errors = generator_of(seed).randn(count)
    targets = [math.sin(x) + noise * error for (x,), error in zip(inputs, errors, strict=True)]
    return Dataset(inputs, targets, "regression", features=("x",), name="sine")


def _in_the_plane(
    name: str, place: Place, classes: tuple[str, ...], count: int, noise: float, seed: Seed, closed: bool = False
) -> Dataset:
    """Return points of each class, evenly spaced along a curve, which may be closed, with normal noise."""
    count = positive(count, f"the number of samples of {name}", least=len(classes))
    noise = finite(noise, "the noise", 0.0)
    errors = generator_of(seed).randn(count, 2)
    inputs, targets = [], []
    for i in range(count):
        nth, kind = divmod(i, len(classes))
        of_this_class = len(range(kind, count, len(classes)))
        point = place(kind, nth / max(of_this_class - (not closed), 1))
        inputs.append([point.real + noise * errors[i][0], point.imag + noise * errors[i][1]])
        targets.append(kind)
    return Dataset(inputs, targets, "classification", classes, ("x", "y"), name)

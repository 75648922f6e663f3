"""What is measured: the numbers that every peer gets, the same for all.

W1 is one training step of the 2-2-3-1 network of `demos/backprop.py`; W2 is one training step of the
network of micrograd's moons demo: 2-16-16-1, 100 samples, max-margin loss and L2 regularisation,
https://github.com/karpathy/micrograd/blob/master/demo.ipynb.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from itertools import pairwise

LEARNING_RATE = 0.01
L2 = 1e-4


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


def weights(sizes: tuple[int, ...], seed: int) -> list[list[list[float]]]:
    """Return for each layer, for each neuron, its weights and then its bias."""
    draw = random.Random(seed)
    return [
        [[draw.uniform(-1.0, 1.0) for _ in range(fan_in + 1)] for _ in range(fan_out)]
        for fan_in, fan_out in pairwise(sizes)
    ]


@dataclass(frozen=True)
class Workload:
    """Hold a network's shape, its first parameters, and its samples."""

    name: str
    loss: str  # "mean squared error" or "max-margin"
    layers: list[list[list[float]]]
    inputs: list[list[float]]
    targets: list[float]
    repeats: int = 6  # steps in one measurement
    script: bool = False  # whether it is written out in operators, and not with a library's modules


W1 = Workload(
    "W1 2-2-3-1", "mean squared error", weights((2, 3, 1), 42), [[0.5, 1.0], [1.5, -0.5]], [1.0, 0.0], 200, True
)
W2 = Workload("W2 moons", "max-margin", weights((2, 16, 16, 1), 1337), *moons(100))

"""Initialisations of weights and biases, by name: with the same seed, those of `torch.nn.init`.

Weights that are too large saturate activations; weights that are too small let signals and gradients fade from layer
to layer. Most of these initialisations choose the spread by the number of inputs that a neuron adds up.
"""

import math
from collections.abc import Callable

from .checks import known
from .random import randn, uniform

Rows = list[list[float]]  # the weights of each neuron


def _uniform(bound: float, inputs: int, outputs: int) -> Rows:
    return uniform(-bound, bound, outputs, inputs)  # type: ignore[no-any-return]


def _normal(spread: float, inputs: int, outputs: int) -> Rows:
    return [[spread * number for number in row] for row in randn(outputs, inputs)]


# The functions that draw the weights of a layer, given its numbers of inputs and outputs.
WEIGHTS: dict[str, Callable[[int, int], Rows]] = {
    # what torch.nn.Linear does; biases are drawn like the weights
    "pytorch": lambda i, o: _uniform(1.0 / math.sqrt(i), i, o),
    # X. Glorot and Y. Bengio, https://proceedings.mlr.press/v9/glorot10a.html; for tanh and sigmoid
    "xavier_uniform": lambda i, o: _uniform(math.sqrt(6.0 / (i + o)), i, o),
    "xavier_normal": lambda i, o: _normal(math.sqrt(2.0 / (i + o)), i, o),
    # K. He et al., https://arxiv.org/abs/1502.01852; for relu, which drops half of the signal
    "he_uniform": lambda i, o: _uniform(math.sqrt(6.0 / i), i, o),
    "he_normal": lambda i, o: _normal(math.sqrt(2.0 / i), i, o),
    # independent of the number of inputs: shows what goes wrong with many
    "normal": lambda i, o: _normal(1.0, i, o),
    # all neurons of a layer compute the same and stay the same: shows what goes wrong without randomness
    "zeros": lambda i, o: [[0.0] * i for _ in range(o)],
}


def first_weights(name: str, inputs: int, outputs: int) -> Rows:
    """Draw the weights of each neuron of a layer; an unknown name is a `SettingError`, before any number is drawn."""
    return WEIGHTS[known(name, list(WEIGHTS), "initialisation")](inputs, outputs)


def first_biases(name: str, inputs: int, outputs: int) -> list[float]:
    """Draw the biases of the neurons of a layer; they are 0 except for ``"pytorch"``."""
    bound = 1.0 / math.sqrt(inputs)
    return uniform(-bound, bound, outputs) if name == "pytorch" else [0.0] * outputs

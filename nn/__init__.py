"""Neurons, layers, losses and optimisers on top of stepgrad's engine, with PyTorch's numbers.

>>> import nn
>>> nn.manual_seed(1)
>>> model = nn.MLP(2, [4, 1], activation="tanh")
>>> optimiser = nn.SGD(model.parameters(), lr=0.5)
>>> x, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
>>> for step in range(200):
...     loss = nn.mean_squared_error([model(sample) for sample in x], y)
...     model.zero_grad()
...     loss.backward()
...     optimiser.step()
>>> loss < 0.05
True
"""

from .errors import SettingError, ShapeError, StateError
from .losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    half_squared_error,
    hinge,
    huber,
    log_softmax,
    mean_absolute_error,
    mean_squared_error,
    softmax,
)
from .modules import MLP, Layer, Module, Neuron
from .optimisers import SGD, Adagrad, Adam, AdamW, Optimiser, RMSprop
from .random import (
    Generator,
    manual_seed,
    rand,
    randn,
    random_state,
    restore_random_state,
    shuffled,
    uniform,
)

__all__ = [
    "MLP",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Generator",
    "Layer",
    "Module",
    "Neuron",
    "Optimiser",
    "RMSprop",
    "SettingError",
    "ShapeError",
    "StateError",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "half_squared_error",
    "hinge",
    "huber",
    "log_softmax",
    "manual_seed",
    "mean_absolute_error",
    "mean_squared_error",
    "rand",
    "randn",
    "random_state",
    "restore_random_state",
    "shuffled",
    "softmax",
    "uniform",
]

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

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .composition import Dropout, Sequential, summary
from .errors import DataError, SettingError, ShapeError, StateError
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
    bernoulli,
    manual_seed,
    rand,
    randn,
    random_state,
    restore_random_state,
    shuffled,
    uniform,
)

if TYPE_CHECKING:
    from . import data, plots, training
    from .explaining import explain_layer
    from .jax import from_jax, to_jax
    from .pytorch import from_torch, to_torch
    from .saving import load, load_checkpoint, load_into, save, save_checkpoint
    from .training import fit, predict

# Not every program reads data or files or explains layers: what only some need is imported by the first use of its
# name.
_ON_FIRST_USE = {
    "data": "data",
    "explain_layer": "explaining",
    "fit": "training",
    "from_jax": "jax",
    "from_torch": "pytorch",
    "load": "saving",
    "load_checkpoint": "saving",
    "load_into": "saving",
    "predict": "training",
    "save": "saving",
    "save_checkpoint": "saving",
    "to_jax": "jax",
    "to_torch": "pytorch",
}
_ROOMS = {"data", "plots", "training"}


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f".{name}", __name__)
    if name not in _ON_FIRST_USE:
        raise AttributeError(f"module 'nn' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f".{_ON_FIRST_USE[name]}", __name__), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    "MLP",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "DataError",
    "Dropout",
    "Generator",
    "Layer",
    "Module",
    "Neuron",
    "Optimiser",
    "RMSprop",
    "Sequential",
    "SettingError",
    "ShapeError",
    "StateError",
    "bernoulli",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "data",
    "explain_layer",
    "fit",
    "from_jax",
    "from_torch",
    "half_squared_error",
    "hinge",
    "huber",
    "load",
    "load_checkpoint",
    "load_into",
    "log_softmax",
    "manual_seed",
    "mean_absolute_error",
    "mean_squared_error",
    "plots",
    "predict",
    "rand",
    "randn",
    "random_state",
    "restore_random_state",
    "save",
    "save_checkpoint",
    "shuffled",
    "softmax",
    "summary",
    "to_jax",
    "to_torch",
    "training",
    "uniform",
]

"""Training: `fit` and `predict`, callbacks, schedules and histories, and training steps by a program."""

from .backends import predict
from .history import Epoch, History
from .run import Callback, Run, fit
from .settings import EarlyStopping, Shaping, constant, cosine, linear, one_cycle, step
from .training import Training

__all__ = [
    "Callback", "EarlyStopping", "Epoch", "History", "Run", "Shaping", "Training", "constant", "cosine", "fit",
    "linear", "one_cycle", "predict", "step",
]  # fmt: skip

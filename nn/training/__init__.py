"""Training: `fit` and `predict`, callbacks, schedules and histories, and training steps by a program."""

from .backends import predict
from .history import Epoch, History
from .run import Callback, EarlyStopping, Run, fit
from .schedules import constant, cosine, linear, one_cycle, step
from .shaping import Shaping
from .training import Training

__all__ = [
    "Callback",
    "EarlyStopping",
    "Epoch",
    "History",
    "Run",
    "Shaping",
    "Training",
    "constant",
    "cosine",
    "fit",
    "linear",
    "one_cycle",
    "predict",
    "step",
]

"""Training: `fit`, what it can be asked for, and the history that it returns."""

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

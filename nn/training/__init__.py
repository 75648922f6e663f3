"""Training: `fit`, what it can be asked for, and the history that it returns."""

from .engines import predict
from .fitting import Callback, EarlyStopping, Run, fit
from .history import Epoch, History
from .schedules import constant, cosine, linear, one_cycle, step

__all__ = [
    "Callback",
    "EarlyStopping",
    "Epoch",
    "History",
    "Run",
    "constant",
    "cosine",
    "fit",
    "linear",
    "one_cycle",
    "predict",
    "step",
]

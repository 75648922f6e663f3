"""Training: `fit` and `predict`, callbacks, schedules and histories, and training steps by a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.support.public import import_on_first_use, public_names

if TYPE_CHECKING:  # the list of public names; see `engine.support.public`
    from .backends import predict as predict
    from .history import Epoch as Epoch
    from .history import History as History
    from .run import Callback as Callback
    from .run import Run as Run
    from .run import fit as fit
    from .settings import EarlyStopping as EarlyStopping
    from .settings import Shaping as Shaping
    from .settings import constant as constant
    from .settings import cosine as cosine
    from .settings import linear as linear
    from .settings import one_cycle as one_cycle
    from .settings import step as step
    from .training import Training as Training

__all__ = list(public_names(__file__))
__getattr__, __dir__ = import_on_first_use(__name__, public_names(__file__))

"""The walk: every step of the forward and the backward pass, both ways in time."""

from ..step import Backward
from .walking import Forward, Moment, Seed, Step, Walk, walk

__all__ = ["Backward", "Forward", "Moment", "Seed", "Step", "Walk", "walk"]

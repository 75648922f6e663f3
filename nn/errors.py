"""The errors of this package; each is also a `StepgradError` of the engine."""

from engine import StepgradError


class ShapeError(StepgradError, ValueError):
    """Say that inputs, outputs or targets do not fit: their counts, or what they may be."""


class SettingError(StepgradError, ValueError):
    """Refuse a size, an activation, a hyper-parameter or what an optimiser is to update."""


class StateError(StepgradError, ValueError):
    """Say that a saved state does not fit what it is loaded into, or that a file holds no state."""


class DataError(StepgradError, ValueError):
    """Say what is wrong with a file of data, and in which line."""

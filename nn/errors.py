"""The errors of this package; each is also a `StepgradError` of the engine."""

from engine import StepgradError


class ShapeError(StepgradError, ValueError):
    """Inputs, outputs or targets that do not fit each other: in number or in range."""


class SettingError(StepgradError, ValueError):
    """An invalid size, activation or hyper-parameter, or something that an optimiser cannot update."""


class StateError(StepgradError, ValueError):
    """A saved state that does not fit what it is loaded into, or a file without a saved state."""


class DataError(StepgradError, ValueError):
    """A mistake in a data file; the message names the line."""

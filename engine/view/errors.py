"""What is said when a drawing cannot be made."""

from ..errors import StepgradError

INSTALL = (
    "Graphviz (https://graphviz.org/download/, for instance 'apt install graphviz' or 'brew install graphviz'), "
    "so that the program dot is on the PATH"
)


class DrawingError(StepgradError):
    """Say that a graph cannot be drawn: it is too large, or the program that is needed is not there."""


def too_long(program: str, timeout: float) -> DrawingError:
    """Return the error that says that a program exceeded the time it was given, in seconds."""
    return DrawingError(
        f"{program} had not laid the graph out after {timeout:g} s. Draw a smaller part of it (the drawing of a "
        "value shows what that value is computed from), or give it more time with draw(..., timeout=...)"
    )

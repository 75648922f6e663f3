"""What is said when a drawing cannot be made."""

from ..errors import StepgradError

INSTALL = (
    "Graphviz (https://graphviz.org/download/, for instance 'apt install graphviz' or 'brew install graphviz'), "
    "so that the program dot is on the PATH"
)


class DrawingError(StepgradError):
    """Say that a graph cannot be drawn: it is too large, or the program that is needed is not there."""


class TooLongError(DrawingError):
    """Say that Graphviz exceeded the time it was given.

    Args:
        program: what was running.
        timeout: the time, in seconds.
    """

    def __init__(self, program: str, timeout: float) -> None:
        self.program = program
        super().__init__(
            f"{program} had not laid the graph out after {timeout:g} s. Fold it with draw(..., depth=1), draw a "
            "smaller part of it (the drawing of a value shows what that value is computed from), or give it more time "
            "with draw(..., timeout=...)"
        )

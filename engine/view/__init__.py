"""Ways to look at a graph."""

from .drawing import Drawing, draw
from .errors import DrawingError

__all__ = ["Drawing", "DrawingError", "draw"]

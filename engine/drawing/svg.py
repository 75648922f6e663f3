"""A picture, laid out, as SVG; see https://www.w3.org/TR/SVG11/.

Graphviz says where things stand and this module draws them: so the drawing is the same whichever Graphviz
laid it out, every text stands there as it was typed, and every part is found again by its ``class`` and
``data-name``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from html import escape

from ..support.numbers import format_rounded
from . import style as look
from .layout import Layout, Point, Route
from .legend import legend, widest
from .marks import rectangle, text
from .picture import FOLDS, Arrow, Box, Ellipse, Picture

EDGE = 10.0  # points around the whole
BESIDE = 9.0  # points between an arrow's line and its role
ABOVE_LEGEND = 10.0  # points between the graph and what stands below it
TIP = 2.9  # half the width of an arrow's tip, in points
FLUID = 'style="max-width:100%;height:auto"'  # no wider than its place in a page


def svg(
    picture: Picture, layout: Layout, theme: str = "light", written: Callable[[float], str] = format_rounded
) -> str:
    """Return a picture as a text in SVG.

    Args:
        picture: what is shown.
        layout: where it stands.
        theme: "light", "dark", or "auto" for what the reader's system asks for.
        written: writes the numbers of the legend.
    """
    return "\n".join(_lines(picture, layout, theme, written)) + "\n"


def _lines(picture: Picture, layout: Layout, theme_name: str, written: Callable[[float], str]) -> Iterator[str]:
    theme = look.theme_of(theme_name)
    across = max(layout.size[0], widest(picture))
    below, drawn_below = legend(picture, theme, across, written)
    width, height = across + 2 * EDGE, layout.size[1] + 2 * EDGE + (below and below + ABOVE_LEGEND)
    automatic = ' class="stepgrad-auto"' if theme_name == "auto" else ""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}pt" height="{height:.0f}pt" '
        f'viewBox="{-EDGE:g} {-EDGE:g} {width:.2f} {height:.2f}" {FLUID} '
        f'role="img" aria-label="Computation graph of {picture.extent}" '
        f'font-family="{look.FONT}" font-size="{look.ROW_SIZE}" fill="{theme.ink}"{automatic}>'
    )
    if automatic:
        yield f"<style>{exchanged()}</style>"
    yield f'<rect x="{-EDGE:g}" y="{-EDGE:g}" width="{width:.2f}" height="{height:.2f}" fill="{theme.paper}"/>'
    scopes = sorted(enumerate(picture.scopes), key=lambda item: len(item[1]))
    for number, scope in scopes:
        yield from _frame(layout.frames[number], len(scope) - 1, theme)
    for box in picture.boxes:
        yield from _sheet(box, layout.centres[box.name], look.style(box, theme, 0.0), theme)
    largest = picture.largest_contribution
    beside = _beside(picture.arrows, layout)
    for number, arrow in sorted(enumerate(picture.arrows), key=lambda item: item[1].is_current):
        yield from _arrow(arrow, layout.routes[number], look.line(arrow, theme, largest), beside[number], theme)
    for number, scope in scopes:
        yield from _name(layout.frames[number], scope[-1], theme)
    steepest = picture.steepest
    for box in picture.boxes:
        yield from _box(box, layout.centres[box.name], look.style(box, theme, steepest), theme)
    for ellipse in picture.ellipses:
        yield from _ellipse(ellipse, layout.centres[ellipse.name], theme)
    if below:
        yield from drawn_below(layout.size[1] + ABOVE_LEGEND)
    yield "</svg>"


def exchanged() -> str:
    """Return the rules of style that put the dark theme's colours in the place of the light one's."""
    return f"@media (prefers-color-scheme: dark) {{{' '.join(_rules())}}}"


def _rules() -> Iterator[str]:
    for light, dark in zip(look.colours(look.LIGHT), look.colours(look.DARK), strict=True):
        for attribute in ("fill", "stroke"):
            which = f'[{attribute}="{light}"]'
            yield f".stepgrad-auto{which}, .stepgrad-auto {which} {{{attribute}: {dark}}}"


def _frame(frame: tuple[float, float, float, float], depth: int, theme: look.Theme) -> Iterator[str]:
    left, top, right, bottom = frame
    tint = theme.scopes[depth % len(theme.scopes)]
    yield '<g class="scope">'
    yield rectangle(left, top, right - left, bottom - top, 8.0, f'fill="{tint}" stroke="{theme.scope_border}"')
    yield "</g>"


def _name(frame: tuple[float, float, float, float], name: str, theme: look.Theme) -> Iterator[str]:
    """Write the name of a scope over what runs through its frame."""
    left, top, *_ = frame
    yield '<g class="scope-name">'
    for i, line in enumerate(name.split("\n")):
        y = top + 4.0 + look.SCOPE_SIZE * (1.0 + i * look.LINE)
        manner = f'fill="{theme.faint}" font-weight="bold" font-size="{look.SCOPE_SIZE}" {_outline(theme)}'
        yield text(line, left + 9.0, y, manner)
    yield "</g>"


def _outline(theme: look.Theme) -> str:
    """Return what keeps a text apart from lines below it."""
    return f'stroke="{theme.paper}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'


def _beside(arrows: Sequence[Arrow], layout: Layout) -> list[Point]:
    """Return for each arrow the place beside its tip that is on the far side of the other arrows to the same shape."""
    bases: dict[str, list[Point]] = defaultdict(list)
    for number, arrow in enumerate(arrows):
        bases[arrow.head].append(layout.routes[number].points[-1])
    found = []
    for number, arrow in enumerate(arrows):
        (x, y), tip = layout.routes[number].points[-1], layout.routes[number].tip
        along = math.hypot(tip[0] - x, tip[1] - y) or 1.0
        back, across = ((x - tip[0]) / along, (y - tip[1]) / along), ((y - tip[1]) / along, (tip[0] - x) / along)
        others = bases[arrow.head]
        middle = sum(x for x, _ in others) / len(others), sum(y for _, y in others) / len(others)
        away = (x - middle[0]) * across[0] + (y - middle[1]) * across[1]
        side = BESIDE if away > 0.0 else -BESIDE
        found.append((x + 4.0 * back[0] + side * across[0], y + 4.0 * back[1] + side * across[1]))
    return found


def _arrow(arrow: Arrow, route: Route, line: tuple[str, float], role: Point, theme: look.Theme) -> Iterator[str]:
    start, *curves = (f"{x:.2f},{y:.2f}" for x, y in route.points)
    colour, thickness = line
    current = " current" if arrow.is_current else ""
    yield f'<g class="arrow{current}" data-from="{arrow.tail}" data-to="{arrow.head}" fill="{colour}">'
    if arrow.account:
        yield f"<title>{escape(arrow.account)}</title>"
    yield f'<path d="M{start}C{" ".join(curves)}" fill="none" stroke="{colour}" stroke-width="{thickness:.3g}"/>'
    yield f'<path d="{_tip(route.points[-1], route.tip, TIP + 0.6 * (thickness - look.THIN))}"/>'
    manner = f'text-anchor="middle" font-size="{look.ROLE_SIZE}"'
    if arrow.role:
        x, y = role
        yield text(arrow.role, x, y + 0.35 * look.ROLE_SIZE, f'{manner} fill="{theme.faint}" font-style="italic"')
    if route.text:
        x, y = route.text
        above = y + 0.2 * look.ROLE_SIZE - thickness / 2  # the line passes below, where it is thin
        yield text(look.SPACE + arrow.text, x, above, f'class="local" {manner} fill="{theme.ink}" {_outline(theme)}')
    yield "</g>"


def _tip(base: Point, tip: Point, half: float) -> str:
    """Return the path of a triangle from the end of a line to the tip of its arrow, half of it so wide."""
    along, across = tip[0] - base[0], tip[1] - base[1]
    part = half / (math.hypot(along, across) or 1.0)
    sides = [(base[0] - part * across, base[1] + part * along), (base[0] + part * across, base[1] - part * along)]
    return "M" + "L".join(f"{x:.2f},{y:.2f}" for x, y in (tip, *sides)) + "Z"


def _box(box: Box, centre: Point, style: look.Style, theme: look.Theme) -> Iterator[str]:
    width, height = look.size(box)
    left, top = centre[0] - width / 2, centre[1] - height / 2
    border = f'stroke="{style.border}" stroke-width="{style.thickness}"'
    dashes = ' stroke-dasharray="4 3"' if style.dashed else ""
    states = " root" * box.is_root + " current" * box.is_current + " unmade" * (not box.is_made)
    yield f'<g class="{"folded" if box.kind in FOLDS else "value"} {box.kind}{states}" data-name="{box.name}">'
    yield f"<title>{escape(box.account)}</title>"
    if box.is_current:
        yield _around(left, top, width, height, 7.0 if box.is_root else 5.0, style.radius, _halo(theme))
    if box.is_root:
        yield _around(left, top, width, height, 4.0, style.radius, f'fill="{theme.paper}" {border}')
    yield rectangle(left, top, width, height, style.radius, f'class="face" fill="{style.fill}" {border}{dashes}')
    if style.has_ear:
        ear = f"M{left + width - look.EAR:.2f},{top:.2f}h{look.EAR:g}v{look.EAR:g}z"
        yield f'<path d="{ear}" fill="{style.border}"/>'
    y = top + 0.65 * look.MARGIN
    for line in look.title_lines(box):
        attributes = f'class="label" text-anchor="middle" font-weight="bold" font-size="{look.TITLE_SIZE}"'
        yield text(line, centre[0], y + look.TITLE_SIZE, attributes)
        y += look.LINE * look.TITLE_SIZE
    if box.title:
        yield _rule(left, left + width, y + look.BELOW_TITLE / 2, style.border)
        y += look.BELOW_TITLE
    for key, number in box.rows:
        baseline = y + 1.02 * look.ROW_SIZE
        if key:
            yield text(key, left + look.MARGIN, baseline, f'fill="{theme.key}"')
            yield text(number, left + width - look.MARGIN, baseline, f'class="{key}" text-anchor="end"')
        else:
            yield text(number, centre[0], baseline, 'class="data" text-anchor="middle"')
        y += look.LINE * look.ROW_SIZE
    yield "</g>"


def _sheet(box: Box, centre: Point, style: look.Style, theme: look.Theme) -> Iterator[str]:
    """Draw the sheet behind a box of several values; arrows end before it."""
    if style.is_stack:
        (width, height), (x, y) = look.size(box), centre
        manner = f'class="sheet" fill="{theme.paper}" stroke="{style.border}" stroke-width="{style.thickness}"'
        left, top = x - width / 2 + look.SHEET, y - height / 2 - look.SHEET
        yield rectangle(left, top, width, height, style.radius, manner)


def _around(left: float, top: float, width: float, height: float, by: float, radius: float, attributes: str) -> str:
    return rectangle(left - by, top - by, width + 2 * by, height + 2 * by, radius and radius + by, attributes)


def _halo(theme: look.Theme) -> str:
    return f'class="halo" fill="{theme.paper}" stroke="{theme.current}" stroke-width="{look.CURRENT}"'


def _ellipse(ellipse: Ellipse, centre: Point, theme: look.Theme) -> Iterator[str]:
    (x, y), (width, height) = centre, look.size(ellipse)
    yield f'<g class="operation{" current" if ellipse.is_current else ""}" data-name="{ellipse.name}">'
    yield f"<title>{escape(ellipse.account)}</title>"
    manner = f'fill="{theme.operation}"'
    if ellipse.is_current:
        manner += f' stroke="{theme.current}" stroke-width="{look.CURRENT}"'
    yield f'<ellipse cx="{x:.2f}" cy="{y:.2f}" rx="{width / 2:.2f}" ry="{height / 2:.2f}" {manner}/>'
    attributes = f'text-anchor="middle" fill="{theme.paper}" font-weight="bold" font-size="{look.SYMBOL_SIZE}"'
    yield text(ellipse.symbol, x, y + 0.35 * look.SYMBOL_SIZE, attributes)
    yield "</g>"


def _rule(left: float, right: float, y: float, colour: str) -> str:
    return f'<path d="M{left:.2f},{y:.2f}H{right:.2f}" stroke="{colour}" stroke-width="0.7" stroke-opacity="0.45"/>'

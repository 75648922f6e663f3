"""A picture as SVG, with its legend; see https://www.w3.org/TR/SVG11/.

Graphviz decides only where things are. Drawing them here makes the result the same whichever Graphviz is installed,
shows every text as typed, and lets every part be found by its ``class`` and ``data-name``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from html import escape
from textwrap import wrap

from ..support.escape import visible
from ..support.numbers import format_rounded
from . import style as look
from .layout import Layout, Point, Route
from .picture import FOLDS, Arrow, Box, Ellipse, Picture

EDGE = 10.0  # points around the whole
BESIDE = 9.0  # points between an arrow's line and its role
ABOVE_LEGEND = 10.0  # points between the graph and its legend
TIP = 2.9  # half the width of an arrow's tip, in points
FLUID = 'style="max-width:100%;height:auto"'  # no wider than its place in a page

# The legend: sizes in points.
LEGEND_SIZE, LEGEND_HEIGHT, NOTICE_HEIGHT, BETWEEN, SWATCH = 10.0, 20.0, 14.0, 18.0, 17.0
DOWN = 0.35 * LEGEND_SIZE  # from the middle of a line to its baseline
KINDS = {
    **{kind: kind for kind in ("parameter", "input", "constant", "result")},
    "scope": "several values",
    "root": "root",
}

Item = tuple[float, Callable[[float, float], Iterator[str]]]  # the width of a sign, and a function that draws it


def svg(
    picture: Picture, layout: Layout, theme: str = "light", written: Callable[[float], str] = format_rounded
) -> str:
    """Return a picture as text in SVG.

    Args:
        picture: the content.
        layout: the places of its parts.
        theme: "light", "dark", or "auto", which follows the viewer's system.
        written: writes the numbers of the legend.
    """
    return "\n".join(_lines(picture, layout, theme, written)) + "\n"


def rectangle(x: float, y: float, width: float, height: float, radius: float, attributes: str) -> str:
    """Return a rectangle with its upper left corner at x, y."""
    return f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" rx="{radius:g}" {attributes}/>'


def text(said: str, x: float, baseline: float, attributes: str = "") -> str:
    """Return a line of text, shown as typed."""
    return f'<text x="{x:.2f}" y="{baseline:.2f}" xml:space="preserve" {attributes}>{escape(said)}</text>'


def _lines(picture: Picture, layout: Layout, theme_name: str, written: Callable[[float], str]) -> Iterator[str]:
    theme = look.THEMES[theme_name]
    across = max(layout.size[0], 320.0 if picture.has_legend or picture.notices else 0.0)  # a legend needs room
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
        yield f"<style>{dark_rules()}</style>"
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


def dark_rules() -> str:
    """Return the rules of style that replace the light theme's colours by the dark one's."""
    pairs = zip(look.colours(look.LIGHT), look.colours(look.DARK), strict=True)
    rules = (
        f'.stepgrad-auto[{attribute}="{light}"], .stepgrad-auto [{attribute}="{light}"] {{{attribute}: {dark}}}'
        for light, dark in pairs
        for attribute in ("fill", "stroke")
    )
    return f"@media (prefers-color-scheme: dark) {{{' '.join(rules)}}}"


def _frame(frame: tuple[float, float, float, float], depth: int, theme: look.Theme) -> Iterator[str]:
    left, top, right, bottom = frame
    tint = theme.scopes[depth % len(theme.scopes)]
    yield '<g class="scope">'
    yield rectangle(left, top, right - left, bottom - top, 8.0, f'fill="{tint}" stroke="{theme.scope_border}"')
    yield "</g>"


def _name(frame: tuple[float, float, float, float], name: str, theme: look.Theme) -> Iterator[str]:
    """Yield the name of a scope, above the arrows that cross its frame."""
    left, top, *_ = frame
    yield '<g class="scope-name">'
    for i, line in enumerate(name.split("\n")):
        y = top + 4.0 + look.SCOPE_SIZE * (1.0 + i * look.LINE)
        manner = f'fill="{theme.faint}" font-weight="bold" font-size="{look.SCOPE_SIZE}" {_outline(theme)}'
        yield text(line, left + 9.0, y, manner)
    yield "</g>"


def _outline(theme: look.Theme) -> str:
    """Return the attributes that set a text apart from lines below it."""
    return f'stroke="{theme.paper}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'


def _beside(arrows: Sequence[Arrow], layout: Layout) -> list[Point]:
    """Return for each arrow the place beside its tip, on the side away from the other arrows to the same shape."""
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
        above = y + 0.2 * look.ROLE_SIZE - thickness / 2  # clear of a thin line below
        yield text(look.SPACE + arrow.text, x, above, f'class="local" {manner} fill="{theme.ink}" {_outline(theme)}')
    yield "</g>"


def _tip(base: Point, tip: Point, half: float) -> str:
    """Return the path of a triangle from the end of a line to its arrow's tip, given half its width."""
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
        halo = f'class="halo" fill="{theme.paper}" stroke="{theme.current}" stroke-width="{look.CURRENT}"'
        yield _around(left, top, width, height, 7.0 if box.is_root else 5.0, style.radius, halo)
    if box.is_root:
        yield _around(left, top, width, height, 4.0, style.radius, f'fill="{theme.paper}" {border}')
    yield rectangle(left, top, width, height, style.radius, f'class="face" fill="{style.fill}" {border}{dashes}')
    if style.has_ear:
        ear = f"M{left + width - look.EAR:.2f},{top:.2f}h{look.EAR:g}v{look.EAR:g}z"
        yield f'<path d="{ear}" fill="{style.border}"/>'
    y = top + 0.65 * look.MARGIN
    size = look.title_size(box)
    manner = 'class="label" font-weight="bold"' if box.is_named else f'class="label" fill="{theme.key}"'
    for line in look.title_lines(box):
        yield text(line, centre[0], y + size, f'{manner} text-anchor="middle" font-size="{size}"')
        y += look.LINE * size
    if box.title and box.is_named:
        rule = f"M{left:.2f},{y + look.BELOW_TITLE / 2:.2f}H{left + width:.2f}"
        yield f'<path d="{rule}" stroke="{style.border}" stroke-width="0.7" stroke-opacity="0.45"/>'
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
    """Yield the sheet behind a box of several values, which lies below the arrows."""
    if style.is_stack:
        (width, height), (x, y) = look.size(box), centre
        manner = f'class="sheet" fill="{theme.paper}" stroke="{style.border}" stroke-width="{style.thickness}"'
        left, top = x - width / 2 + look.SHEET, y - height / 2 - look.SHEET
        yield rectangle(left, top, width, height, style.radius, manner)


def _around(left: float, top: float, width: float, height: float, by: float, radius: float, attributes: str) -> str:
    return rectangle(left - by, top - by, width + 2 * by, height + 2 * by, radius and radius + by, attributes)


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


# --- legend -------------------------------------------------------------------------------------------


def legend(
    picture: Picture, theme: look.Theme, across: float, written: Callable[[float], str]
) -> tuple[float, Callable[[float], Iterator[str]]]:
    """Return the height of the legend with the notices, in points, and a function that draws it below a given y.

    Args:
        picture: the content of the drawing.
        theme: the colours.
        across: the width that it may take, in points.
        written: writes a number.
    """
    rows = _rows(_items(picture, theme, written) if picture.has_legend else [], across)
    lines = [
        part
        for notice in picture.notices
        for part in wrap(visible(notice), max(int(across / (0.56 * LEGEND_SIZE)), 20))
    ]

    def drawn(top: float) -> Iterator[str]:
        yield f'<g class="legend" font-size="{LEGEND_SIZE}" fill="{theme.faint}">'
        for i, row in enumerate(rows):
            x = 0.0
            for item_width, item in row:
                yield from item(x, top + (i + 0.5) * LEGEND_HEIGHT)
                x += item_width + BETWEEN
        for i, said in enumerate(lines):
            yield text(said, 0.0, top + len(rows) * LEGEND_HEIGHT + (i + 0.5) * NOTICE_HEIGHT + DOWN, 'class="notice"')
        yield "</g>"

    return len(rows) * LEGEND_HEIGHT + len(lines) * NOTICE_HEIGHT, drawn


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
    kinds = {box.kind for box in picture.boxes if not box.is_root}
    kinds |= {"scope" for box in picture.boxes if box.is_several}
    items = [_kind(kind, theme) for kind in KINDS if kind in kinds | {"root"}]
    if any(box.slope is not None and not box.is_root for box in picture.boxes) and picture.steepest:
        items.append(_gradients(theme, picture.steepest, written))
    if picture.has_local_gradients and picture.arrows:
        items.append(_local_gradients(theme))
    if picture.largest_contribution:
        items.append(_contributions(theme, picture.largest_contribution, written))
    if any(shape.is_current for shape in (*picture.shapes, *picture.arrows)):
        items.append(_step(theme))
    return items


def _titled(across: float, sign: Callable[[float, float], Iterator[str]], title: str) -> Item:
    """Return a sign, given its width, with its title."""

    def drawn(x: float, y: float) -> Iterator[str]:
        yield from sign(x, y)
        yield text(title, x + across + 5, y + DOWN)

    return across + 5 + look.text_width(title, LEGEND_SIZE), drawn


def _kind(kind: str, theme: look.Theme) -> Item:
    style = look.of_kind(kind, theme)
    border = f'stroke="{style.border}" stroke-width="{style.thickness}"'
    dashes = ' stroke-dasharray="3 2"' if style.dashed else ""

    def sign(x: float, y: float) -> Iterator[str]:
        left, top, behind = x, y - 5.5, 3.0 if style.is_stack else 0.0
        if behind:
            yield rectangle(left + behind, top, SWATCH - behind, 11.0 - behind, 2.0, f'fill="{theme.paper}" {border}')
        face = f'fill="{style.fill}" {border}{dashes}'
        yield rectangle(left, top + behind, SWATCH - behind, 11.0 - behind, min(style.radius, 4.0), face)
        if kind == "root":
            yield rectangle(left + 3.0, top + 3.0, SWATCH - 6.0, 5.0, 0.0, f'fill="none" {border}')
        if style.has_ear:
            yield f'<path d="M{left + SWATCH - 6:.2f},{top:.2f}h6v6z" fill="{style.border}"/>'

    return _titled(SWATCH, sign, KINDS[kind])


def _gradients(theme: look.Theme, steepest: float, written: Callable[[float], str]) -> Item:
    """Return the scale of the tints, with the ranges of gradients on hovering."""
    title, ends = "grad = d root / d value", (written(-steepest), "0", written(steepest))
    side = 13.0
    first = look.text_width(title, LEGEND_SIZE) + 6 + look.text_width(ends[0], LEGEND_SIZE) + 4
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

    return first + bar + 4 + look.text_width(ends[2], LEGEND_SIZE), drawn


def _local_gradients(theme: look.Theme) -> Item:
    def sign(x: float, y: float) -> Iterator[str]:
        yield f'<path d="M{x:.2f},{y + 4:.2f}h{SWATCH}" stroke="{theme.arrow}" stroke-width="{look.THIN}"/>'
        yield text("1", x + SWATCH / 2, y + 1, f'text-anchor="middle" fill="{theme.ink}"')

    return _titled(SWATCH, sign, "local gradient = ∂ result / ∂ operand")


def _contributions(theme: look.Theme, largest: float, written: Callable[[float], str]) -> Item:
    title = f"contribution, up to {written(largest)}:"
    first = look.text_width(title, LEGEND_SIZE) + 6

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
    def sign(x: float, y: float) -> Iterator[str]:
        yield f'<path d="M{x:.2f},{y:.2f}h{SWATCH}" stroke="{theme.current}" stroke-width="{look.CURRENT}"/>'

    return _titled(SWATCH, sign, "this step")

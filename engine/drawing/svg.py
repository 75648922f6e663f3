"""The look of a picture, and the picture as SVG with its legend; see https://www.w3.org/TR/SVG11/.

Graphviz decides only where things are. Drawing them here makes the result the same whichever Graphviz is installed,
shows every text as typed, and lets every part be found by its ``class`` and ``data-name``.

Colour-blind readers can tell the colours apart: they are tints of the blue, the orange and the green of M. Okabe and
K. Ito, "Color Universal Design" (2008), https://jfly.uni-koeln.de/color/, and greys. Kinds of values differ in their
borders too, and the sign of a gradient is written, so that no meaning depends on colour alone.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterator
from html import escape
from textwrap import wrap
from typing import NamedTuple

from ..support.text import format_rounded, visible
from .picture import FOLDS, Arrow, Box, Ellipse, Layout, Picture, Point, Route

FONT = "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"
# All sizes are in points.
TITLE_SIZE, NAME_SIZE, ROW_SIZE, SYMBOL_SIZE, SCOPE_SIZE, ROLE_SIZE = 13.0, 10.5, 11.5, 14.0, 11.5, 10.5
LINE = 1.3  # distance between lines, as a multiple of the font size
MARGIN, GAP, BELOW_TITLE = 9.0, 12.0, 5.0  # around the text, between columns, around the rule
THIN, THICK, CURRENT = 1.2, 5.0, 3.0  # widths of arrows
EDGE, ABOVE_LEGEND = 10.0, 10.0  # around the whole, and between the graph and its legend
LEGEND_SIZE, LEGEND_HEIGHT, NOTICE_HEIGHT, BETWEEN, SWATCH = 10.0, 20.0, 14.0, 18.0, 17.0  # in the legend
DOWN = 0.35 * LEGEND_SIZE  # from the middle of a line to its baseline
STRENGTHS = 4  # tints for each sign of a gradient
FLUID = 'style="max-width:100%;height:auto"'  # no wider than its place in a page

WIDTHS = dict.fromkeys("ijlI.,:;'|!()[]{}ft/\\ `-\"", 0.36) | dict.fromkeys("mwMW@%", 0.95)

Item = tuple[float, Callable[[float, float], Iterator[str]]]  # the width of a sign with its title; what draws it


class Theme(NamedTuple):
    """The colours of a drawing; within a theme, no two that mean different things are the same."""

    paper: str
    ink: str
    faint: str  # secondary texts on the background
    key: str  # secondary texts on any tint, such as the words before the numbers
    arrow: str
    operation: str
    scopes: tuple[str, str]  # frames, alternately
    scope_border: str
    constant: str  # the borders of boxes
    result: str
    parameter: str
    input: str
    root: str
    fold: str
    current: str
    parameter_fill: str  # boxes without a gradient
    input_fill: str
    root_fill: str
    fold_fill: str
    tints: tuple[str, ...]  # from the steepest negative gradient through 0 to the steepest positive one
    strange: str  # a gradient that is not finite
    falling: str  # arrows with a negative contribution
    rising: str


LIGHT = Theme(
    paper="#ffffff", ink="#1b2430", faint="#5b6675", key="#323d4b", arrow="#6b7686", operation="#3d4a5c",
    scopes=("#f4f6f8", "#e9edf1"), scope_border="#c3ccd6", constant="#5c6776", result="#3e4b5d", parameter="#0072b2",
    input="#00734f", root="#b35f00", fold="#4a5568", current="#b0206a", parameter_fill="#e1eff9",
    input_fill="#e0f2ea", root_fill="#fff0d1", fold_fill="#f9fafb",
    tints=("#f2a94e", "#f7c583", "#fbdcb2", "#fdeedb", "#fefefe", "#e2eff9", "#c3def2", "#9ecbeb", "#79b5e2"),
    strange="#e8c6e0", falling="#a85a00", rising="#0067a3",
)  # fmt: skip
DARK = Theme(
    paper="#11161d", ink="#eaeff5", faint="#a3afbe", key="#d2dae4", arrow="#8593a5", operation="#a9b8c9",
    scopes=("#181f29", "#202936"), scope_border="#3a4655", constant="#93a0b0", result="#8d9bad", parameter="#56b4e9",
    input="#35c394", root="#f0a33a", fold="#9aa8b9", current="#f58cc0", parameter_fill="#12304a",
    input_fill="#113629", root_fill="#463011", fold_fill="#1c2430",
    tints=("#855000", "#643e08", "#4a300f", "#332616", "#1a212b", "#152c42", "#113a5b", "#0d4a76", "#085b94"),
    strange="#5b2b50", falling="#e69f00", rising="#5cb3ec",
)  # fmt: skip
THEMES = {"light": LIGHT, "dark": DARK, "auto": LIGHT}  # "auto" becomes dark where the viewer's system asks for it


def colours(theme: Theme) -> list[str]:
    """Return the colours of a theme, in the order of its fields."""
    return [colour for entry in theme for colour in ([entry] if isinstance(entry, str) else entry)]


def dark_rules() -> str:
    """Return the rules of style that replace the light theme's colours by the dark one's."""
    rules = (
        f'.stepgrad-auto[{attribute}="{light}"], .stepgrad-auto [{attribute}="{light}"] {{{attribute}: {dark}}}'
        for light, dark in zip(colours(LIGHT), colours(DARK), strict=True)
        for attribute in ("fill", "stroke")
    )
    return f"@media (prefers-color-scheme: dark) {{{' '.join(rules)}}}"


class Style(NamedTuple):
    """The look of a box; sizes in points."""

    fill: str
    border: str
    thickness: float
    radius: float
    dashed: bool = False
    has_ear: bool = False  # whether the upper right corner is filled
    is_stack: bool = False  # whether another sheet shows behind the box

    @property
    def outline(self) -> str:
        """The border as attributes."""
        return f'stroke="{self.border}" stroke-width="{self.thickness}"'


def style_of_kind(kind: str, theme: Theme) -> Style:
    """Return the look of a kind of box without a gradient; "root" is that of a root that is a result."""
    styles = {
        "parameter": Style(theme.parameter_fill, theme.parameter, 2.0, 9.0),
        "input": Style(theme.input_fill, theme.input, 1.6, 2.0, has_ear=True),
        "constant": Style(theme.tints[STRENGTHS], theme.constant, 1.0, 9.0, dashed=True),
        "result": Style(theme.tints[STRENGTHS], theme.result, 1.0, 0.0),
        "root": Style(theme.root_fill, theme.root, 1.5, 0.0),
    }
    return styles.get(kind) or Style(theme.fold_fill, theme.fold, 1.4, 5.0, is_stack=True)


def style_of(box: Box, theme: Theme, steepest: float) -> Style:
    """Return the look of a box, given the size of the gradient with the strongest tint.

    The root keeps the corners and dashes of its kind.
    """
    own, root = style_of_kind(box.kind, theme), style_of_kind("root", theme)
    if box.is_root:
        own = own._replace(fill=root.fill, border=root.border, thickness=root.thickness)
    elif box.slope is not None:
        own = own._replace(fill=tint(box.slope, steepest, theme))
    if not box.is_made:
        own = own._replace(fill=theme.paper, dashed=True)
    return own._replace(is_stack=not box.is_root and box.is_several)


def tint(slope: float, steepest: float, theme: Theme) -> str:
    """Return the colour of a gradient; its strength grows with the square root of the size, so that small ones show.

    >>> [LIGHT.tints.index(tint(slope, 1.0, LIGHT)) for slope in (-1.0, -0.3, -1e-9, 0.0, 0.05, 0.2, 0.6)]
    [0, 1, 3, 4, 5, 6, 8]
    """
    if not math.isfinite(slope):
        return theme.strange
    strength = sum(abs(slope) > bound for bound in tint_bounds(steepest)[:-1])
    return theme.tints[STRENGTHS + (strength if slope > 0.0 else -strength)]


def tint_bounds(steepest: float) -> list[float]:
    """Return where each tint of positive gradients begins, the palest first, and where the last one ends."""
    return [steepest * (strength / STRENGTHS) ** 2 for strength in range(STRENGTHS + 1)]


def line_of(arrow: Arrow, theme: Theme, largest: float) -> tuple[str, float]:
    """Return the colour and the thickness of an arrow, given the size of the contribution with the thickest line."""
    if arrow.is_current:
        return theme.current, CURRENT
    if not arrow.contribution:
        return theme.arrow, THIN
    share = min(abs(arrow.contribution) / largest, 1.0) if largest and math.isfinite(arrow.contribution) else 1.0
    return theme.falling if arrow.contribution < 0.0 else theme.rising, THIN + (THICK - THIN) * math.sqrt(share)


def text_width(text: str, size: float) -> float:
    """Return an estimate of the width of a line of text in a sans-serif font, in the unit of the font size."""
    return size * sum(map(_letter_width, text))


def _letter_width(character: str) -> float:
    """Return a width as a multiple of the font size, on the generous side of Helvetica, Arial and their kin."""
    if character < "\x7f":
        return WIDTHS.get(character) or (0.73 if character.isupper() else 0.6)
    if unicodedata.combining(character):
        return 0.0
    if ord(character) > 0xFFFF:
        return 1.4
    return 1.05 if unicodedata.east_asian_width(character) in "WF" else 0.73


def title_of(box: Box) -> tuple[list[str], float]:
    """Return the lines of a box's title and their font size: an automatic name is smaller than a given one."""
    return box.title.split("\n") if box.title else [], TITLE_SIZE if box.is_named else NAME_SIZE


def size_of(shape: Box | Ellipse) -> tuple[float, float]:
    """Return the width and the height of a shape in points."""
    if isinstance(shape, Ellipse):
        return max(30.0, 1.25 * text_width(shape.symbol, SYMBOL_SIZE) + 14.0), 30.0
    lines, size = title_of(shape)
    titles = [1.08 * text_width(line, size) for line in lines]
    keys = [text_width(key, ROW_SIZE) + GAP for key, _ in shape.rows if key]
    numbers = [text_width(number, ROW_SIZE) for number in (*(number for _, number in shape.rows), *shape.room)]
    inner = max(*titles, max(keys, default=0.0) + max(numbers), 0.0)
    above = len(lines) * size * LINE + (BELOW_TITLE if lines and shape.is_named else 0.0)
    return inner + 2 * MARGIN, above + len(shape.rows) * ROW_SIZE * LINE + 1.3 * MARGIN


def svg(
    picture: Picture, layout: Layout, theme: str = "light", written: Callable[[float], str] = format_rounded
) -> str:
    """Return a picture as text in SVG; the legend's numbers are written as asked."""
    return "\n".join(_lines(picture, layout, theme, written)) + "\n"


def rectangle(x: float, y: float, width: float, height: float, radius: float, attributes: str) -> str:
    """Return a rectangle with its upper left corner at x, y."""
    return f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" rx="{radius:g}" {attributes}/>'


def text(said: str, x: float, baseline: float, attributes: str = "") -> str:
    """Return a line of text, shown as typed."""
    return f'<text x="{x:.2f}" y="{baseline:.2f}" xml:space="preserve" {attributes}>{escape(said)}</text>'


def _lines(picture: Picture, layout: Layout, theme_name: str, written: Callable[[float], str]) -> Iterator[str]:
    theme = THEMES[theme_name]
    across = max(layout.size[0], 320.0 if picture.has_legend or picture.notices else 0.0)  # a legend needs room
    below, lines_below = legend(picture, theme, across, written, layout.size[1] + ABOVE_LEGEND)
    width, height = across + 2 * EDGE, layout.size[1] + 2 * EDGE + (below and below + ABOVE_LEGEND)
    automatic = ' class="stepgrad-auto"' if theme_name == "auto" else ""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}pt" height="{height:.0f}pt" '
        f'viewBox="{-EDGE:g} {-EDGE:g} {width:.2f} {height:.2f}" {FLUID} '
        f'role="img" aria-label="Computation graph of {picture.extent}" '
        f'font-family="{FONT}" font-size="{ROW_SIZE}" fill="{theme.ink}"{automatic}>'
    )
    if automatic:
        yield f"<style>{dark_rules()}</style>"
    yield f'<rect x="{-EDGE:g}" y="{-EDGE:g}" width="{width:.2f}" height="{height:.2f}" fill="{theme.paper}"/>'
    scopes = sorted(enumerate(picture.scopes), key=lambda item: len(item[1]))
    for number, scope in scopes:
        left, top, right, bottom = layout.frames[number]
        manner = f'fill="{theme.scopes[(len(scope) - 1) % 2]}" stroke="{theme.scope_border}"'
        yield f'<g class="scope">\n{rectangle(left, top, right - left, bottom - top, 8.0, manner)}\n</g>'
    boxes = *picture.boxes, *picture.copies
    styles = [style_of(box, theme, picture.steepest) for box in boxes]
    for box, style in zip(boxes, styles, strict=True):
        if style.is_stack:  # the sheet behind it, below the arrows, 4 points up and to the right
            (wide, high), (x, y) = size_of(box), layout.centres[box.name]
            manner = f'class="sheet" fill="{theme.paper}" {style.outline}'
            yield rectangle(x - wide / 2 + 4.0, y - high / 2 - 4.0, wide, high, style.radius, manner)
    for number, arrow in sorted(enumerate(picture.arrows), key=lambda item: item[1].is_current):
        line = line_of(arrow, theme, picture.largest_contribution)
        yield from _arrow(arrow, layout.routes[number], line, theme)
    for number, scope in scopes:  # above the arrows that cross its frame
        yield from _scope_name(layout.frames[number], scope[-1], theme)
    for box, style in zip(boxes, styles, strict=True):
        yield from _box(box, layout.centres[box.name], style, theme)
    for ellipse in picture.ellipses:
        yield from _ellipse(ellipse, layout.centres[ellipse.name], theme)
    if below:
        yield from lines_below
    yield "</svg>"


def _scope_name(frame: tuple[float, float, float, float], name: str, theme: Theme) -> Iterator[str]:
    yield '<g class="scope-name">'
    for i, line in enumerate(name.split("\n")):
        manner = f'fill="{theme.faint}" font-weight="bold" font-size="{SCOPE_SIZE}" {_set_apart(theme)}'
        yield text(line, frame[0] + 9.0, frame[1] + 4.0 + SCOPE_SIZE * (1.0 + i * LINE), manner)
    yield "</g>"


def _set_apart(theme: Theme) -> str:
    """Return the attributes that set a text apart from lines below it."""
    return f'stroke="{theme.paper}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'


def _arrow(arrow: Arrow, route: Route, line: tuple[str, float], theme: Theme) -> Iterator[str]:
    start, *curves = (f"{x:.2f},{y:.2f}" for x, y in route.points)
    colour, thickness = line
    current = " current" if arrow.is_current else ""
    yield f'<g class="arrow{current}" data-from="{arrow.tail}" data-to="{arrow.head}" fill="{colour}">'
    if arrow.account:
        yield f"<title>{escape(arrow.account)}</title>"
    yield f'<path d="M{start}C{" ".join(curves)}" fill="none" stroke="{colour}" stroke-width="{thickness:.3g}"/>'
    (x, y), tip = route.points[-1], route.tip
    along, across = tip[0] - x, tip[1] - y
    half = (2.9 + 0.6 * (thickness - THIN)) / (math.hypot(along, across) or 1.0)  # of the width of the tip, a triangle
    corners = tip, (x - half * across, y + half * along), (x + half * across, y - half * along)
    yield f'<path d="M{"L".join(f"{x:.2f},{y:.2f}" for x, y in corners)}Z"/>'
    manner = f'text-anchor="middle" font-size="{ROLE_SIZE}"'
    if route.role:
        x, y = route.role
        yield text(arrow.role, x, y + 0.35 * ROLE_SIZE, f'{manner} fill="{theme.faint}" font-style="italic"')
    if route.text:
        x, y = route.text
        manner += f' class="local" fill="{theme.ink}" {_set_apart(theme)}'
        yield text(arrow.text, x, y + 0.35 * ROLE_SIZE, manner)
    yield "</g>"


def _box(box: Box, centre: Point, style: Style, theme: Theme) -> Iterator[str]:
    width, height = size_of(box)
    left, top = centre[0] - width / 2, centre[1] - height / 2

    def around(by: float, attributes: str) -> str:
        radius = style.radius and style.radius + by
        return rectangle(left - by, top - by, width + 2 * by, height + 2 * by, radius, attributes)

    of = f' data-copy-of="{box.original}"' if box.original else ""
    states = " root" * box.is_root + " current" * box.is_current + " unmade" * (not box.is_made)
    yield f'<g class="{"folded" if box.kind in FOLDS else "value"} {box.kind}{states}" data-name="{box.name}"{of}>'
    yield f"<title>{escape(box.account)}</title>"
    if box.is_current:
        halo = f'class="halo" fill="{theme.paper}" stroke="{theme.current}" stroke-width="{CURRENT}"'
        yield around(7.0 if box.is_root else 5.0, halo)
    if box.is_root:
        yield around(4.0, f'fill="{theme.paper}" {style.outline}')
    dashes = ' stroke-dasharray="4 3"' if style.dashed else ""
    yield around(0.0, f'class="face" fill="{style.fill}" {style.outline}{dashes}')
    if style.has_ear:
        yield f'<path d="M{left + width - 9.0:.2f},{top:.2f}h9v9z" fill="{style.border}"/>'
    y = top + 0.65 * MARGIN
    lines, size = title_of(box)
    manner = 'class="label" font-weight="bold"' if box.is_named else f'class="label" fill="{theme.key}"'
    for line in lines:
        yield text(line, centre[0], y + size, f'{manner} text-anchor="middle" font-size="{size}"')
        y += LINE * size
    if lines and box.is_named:
        rule = f"M{left:.2f},{y + BELOW_TITLE / 2:.2f}H{left + width:.2f}"
        yield f'<path d="{rule}" stroke="{style.border}" stroke-width="0.7" stroke-opacity="0.45"/>'
        y += BELOW_TITLE
    for key, number in box.rows:
        baseline = y + 1.02 * ROW_SIZE
        if key:
            yield text(key, left + MARGIN, baseline, f'fill="{theme.key}"')
            yield text(number, left + width - MARGIN, baseline, f'class="{key}" text-anchor="end"')
        else:
            yield text(number, centre[0], baseline, 'class="data" text-anchor="middle"')
        y += LINE * ROW_SIZE
    yield "</g>"


def _ellipse(ellipse: Ellipse, centre: Point, theme: Theme) -> Iterator[str]:
    (x, y), (width, height) = centre, size_of(ellipse)
    yield f'<g class="operation{" current" if ellipse.is_current else ""}" data-name="{ellipse.name}">'
    yield f"<title>{escape(ellipse.account)}</title>"
    manner = f'fill="{theme.operation}"'
    if ellipse.is_current:
        manner += f' stroke="{theme.current}" stroke-width="{CURRENT}"'
    yield f'<ellipse cx="{x:.2f}" cy="{y:.2f}" rx="{width / 2:.2f}" ry="{height / 2:.2f}" {manner}/>'
    attributes = f'text-anchor="middle" fill="{theme.paper}" font-weight="bold" font-size="{SYMBOL_SIZE}"'
    yield text(ellipse.symbol, x, y + 0.35 * SYMBOL_SIZE, attributes)
    yield "</g>"


def legend(
    picture: Picture, theme: Theme, across: float, written: Callable[[float], str], top: float
) -> tuple[float, list[str]]:
    """Return the height of the legend with the notices, in points, and its lines, given its width and its upper end."""
    rows: list[list[Item]] = []
    room = 0.0
    for item in _items(picture, theme, written) if picture.has_legend else ():
        if not rows or item[0] > room:
            rows.append([])
            room = across
        rows[-1].append(item)
        room -= item[0] + BETWEEN
    letters = max(int(across / (0.56 * LEGEND_SIZE)), 20)
    lines = [line for notice in picture.notices for line in wrap(visible(notice), letters)]
    drawn, y = [f'<g class="legend" font-size="{LEGEND_SIZE}" fill="{theme.faint}">'], top
    for row in rows:
        x = 0.0
        for width, draw_item in row:
            drawn += draw_item(x, y + LEGEND_HEIGHT / 2)
            x += width + BETWEEN
        y += LEGEND_HEIGHT
    for line in lines:
        drawn.append(text(line, 0.0, y + NOTICE_HEIGHT / 2 + DOWN, 'class="notice"'))
        y += NOTICE_HEIGHT
    return y - top, [*drawn, "</g>"]


def _items(picture: Picture, theme: Theme, written: Callable[[float], str]) -> Iterator[Item]:
    kinds = {"root", *(box.kind for box in picture.boxes if not box.is_root)}
    for kind in ("parameter", "input", "constant", "result"):
        if kind in kinds:
            yield _kind(kind, kind, theme)
    if any(box.is_several for box in picture.boxes):
        yield _kind("scope", "several values", theme)
    yield _kind("root", "root", theme)
    if any(box.slope is not None and not box.is_root for box in picture.boxes) and picture.steepest:
        yield _gradients(theme, picture.steepest, written)
    if picture.has_local_gradients and picture.arrows:
        yield _line("local gradient = ∂ result / ∂ operand", theme.arrow, THIN, f'fill="{theme.ink}"')
    if picture.largest_contribution:
        yield _contributions(theme, picture.largest_contribution, written)
    if any(shape.is_current for shape in (*picture.shapes, *picture.arrows)):
        yield _line("this step", theme.current, CURRENT)


def _kind(kind: str, title: str, theme: Theme) -> Item:
    style = style_of_kind(kind, theme)
    dashes = ' stroke-dasharray="3 2"' if style.dashed else ""

    def sign(left: float, y: float) -> Iterator[str]:
        top, behind = y - 5.5, 3.0 if style.is_stack else 0.0
        side = SWATCH - behind
        if behind:
            yield rectangle(left + behind, top, side, 11.0 - behind, 2.0, f'fill="{theme.paper}" {style.outline}')
        face = f'fill="{style.fill}" {style.outline}{dashes}'
        yield rectangle(left, top + behind, side, 11.0 - behind, min(style.radius, 4.0), face)
        if kind == "root":
            yield rectangle(left + 3.0, top + 3.0, SWATCH - 6.0, 5.0, 0.0, f'fill="none" {style.outline}')
        if style.has_ear:
            yield f'<path d="M{left + SWATCH - 6:.2f},{top:.2f}h6v6z" fill="{style.border}"/>'
        yield text(title, left + SWATCH + 5, y + DOWN)

    return SWATCH + 5 + text_width(title, LEGEND_SIZE), sign


def _line(title: str, colour: str, thickness: float, one: str = "") -> Item:
    """Return a line, with the number 1 above if it is given the look of it."""

    def sign(x: float, y: float) -> Iterator[str]:
        below = y + 4 if one else y
        yield f'<path d="M{x:.2f},{below:.2f}h{SWATCH}" stroke="{colour}" stroke-width="{thickness}"/>'
        if one:
            yield text("1", x + SWATCH / 2, y + 1, f'text-anchor="middle" {one}')
        yield text(title, x + SWATCH + 5, y + DOWN)

    return SWATCH + 5 + text_width(title, LEGEND_SIZE), sign


def _gradients(theme: Theme, steepest: float, written: Callable[[float], str]) -> Item:
    """Return the scale of the tints, with the ranges of gradients on hovering."""
    title, ends, bounds = "grad = d root / d value", (written(-steepest), written(steepest)), tint_bounds(steepest)
    side = 13.0
    first = text_width(title, LEGEND_SIZE) + 6 + text_width(ends[0], LEGEND_SIZE) + 4
    last = first + side * len(theme.tints) + 4

    def drawn(x: float, y: float) -> Iterator[str]:
        yield text(title, x, y + DOWN)
        yield text(ends[0], x + first - 4, y + DOWN, 'text-anchor="end"')
        yield "<g>"
        for i, colour in enumerate(theme.tints):
            strength = abs(i - STRENGTHS)
            sign = "-" if i < STRENGTHS else ""
            said = f"{sign}{written(bounds[strength - 1])} to {sign}{written(bounds[strength])}" if strength else "0"
            manner = f'fill="{colour}" stroke="{theme.scope_border}" stroke-width="0.6"'
            swatch = rectangle(x + first + i * side, y - 5.5, side, 11, 0.0, manner)
            yield f"<g><title>{escape(said)}</title>{swatch}</g>"
        for i, sign in ((1, "−"), (len(theme.tints) - 2, "+"), (STRENGTHS, "0")):
            yield text(sign, x + first + (i + 0.5) * side, y + DOWN, f'text-anchor="middle" fill="{theme.ink}"')
        yield "</g>"
        yield text(ends[1], x + last, y + DOWN)

    return last + text_width(ends[1], LEGEND_SIZE), drawn


def _contributions(theme: Theme, largest: float, written: Callable[[float], str]) -> Item:
    most = written(largest)
    title = f"contribution, up to {most}:" if most else "contribution:"  # a page gives no numbers away
    first = text_width(title, LEGEND_SIZE) + 6

    def drawn(x: float, y: float) -> Iterator[str]:
        yield text(title, x, y + DOWN)
        for i, (sign, colour) in enumerate((("−", theme.falling), ("+", theme.rising))):
            left = x + first + i * 48
            points = f"{left:.2f},{y - 0.6:.2f} {left + 30:.2f},{y - THICK / 2:.2f}"
            points += f" {left + 30:.2f},{y + THICK / 2:.2f} {left:.2f},{y + 0.6:.2f}"
            yield f'<polygon points="{points}" fill="{colour}"/>'
            yield text(sign, left + 34, y + DOWN, f'fill="{theme.ink}"')

    return first + 92, drawn

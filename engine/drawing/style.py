"""The look of a picture's shapes: colours, sizes, borders, and the widths of texts.

Colour-blind readers can tell the colours apart: they are tints of the blue, the orange and the green of M. Okabe and
K. Ito, "Color Universal Design" (2008), https://jfly.uni-koeln.de/color/, and greys. Kinds of values differ in their
borders too, and the sign of a gradient is written, so that no meaning depends on colour alone.
"""

from __future__ import annotations

import math
import unicodedata
from typing import NamedTuple

from .picture import Arrow, Box, Ellipse

FONT = "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"
TITLE_SIZE, NAME_SIZE, ROW_SIZE, SYMBOL_SIZE, SCOPE_SIZE, ROLE_SIZE = 13.0, 9.5, 11.5, 14.0, 11.5, 10.0  # points
LINE = 1.3  # distance between lines, as a multiple of the font size
MARGIN, GAP, BELOW_TITLE = 9.0, 12.0, 5.0  # points: around the text, between columns, around the rule
SHEET = 4.0  # points: the offset of the sheet behind a box of several values
EAR = 9.0  # points: the filled corner of an input
THIN, THICK, CURRENT = 1.2, 5.0, 3.0  # points: widths of arrows

SPACE = "\u2002"  # between a line and the text beside it

STRENGTHS = 4  # tints for each sign of a gradient

# Widths of letters as multiples of the font size, on the generous side of Helvetica, Arial and their kin.
NARROW = dict.fromkeys("ijlI.,:;'|!()[]{}ft/\\ `-\"", 0.36)
WIDE = dict.fromkeys("mwMW@%", 0.95)
CAPITAL, ORDINARY, FULL, PICTOGRAPH = 0.73, 0.6, 1.05, 1.4


def text_width(text: str, size: float) -> float:
    """Return an estimate of the width of a line of text in a sans-serif font, in the unit of the font size."""
    return size * sum(map(_letter_width, text))


def _letter_width(character: str) -> float:
    if character < "\x7f":
        return NARROW.get(character) or WIDE.get(character) or (CAPITAL if character.isupper() else ORDINARY)
    if unicodedata.combining(character):
        return 0.0
    if ord(character) > 0xFFFF:
        return PICTOGRAPH
    return FULL if unicodedata.east_asian_width(character) in "WF" else CAPITAL


class Theme(NamedTuple):
    """The colours of a drawing; within a theme, no two that mean different things are the same.

    Attributes:
        paper, ink, faint: the background, texts, and secondary texts on the background.
        key: secondary texts on any tint, such as the words before the numbers.
        arrow, operation: lines, and ellipses.
        scopes, scope_border: frames, alternately, and their borders.
        constant, result, parameter, input, root, fold, current: borders.
        parameter_fill, input_fill, root_fill, fold_fill: boxes without a gradient.
        tints: from the steepest negative gradient through 0 to the steepest positive one.
        strange: a gradient that is not finite.
        falling, rising: arrows with a negative or a positive contribution.
    """

    paper: str
    ink: str
    faint: str
    key: str
    arrow: str
    operation: str
    scopes: tuple[str, str]
    scope_border: str
    constant: str
    result: str
    parameter: str
    input: str
    root: str
    fold: str
    current: str
    parameter_fill: str
    input_fill: str
    root_fill: str
    fold_fill: str
    tints: tuple[str, ...]
    strange: str
    falling: str
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


class Style(NamedTuple):
    """The look of a box.

    Attributes:
        fill, border: colours.
        thickness, radius: the width of the border and the radius of the corners, in points.
        dashed: whether the border is dashed.
        has_ear: whether the upper right corner is filled.
        is_stack: whether another sheet shows behind the box.
    """

    fill: str
    border: str
    thickness: float
    radius: float
    dashed: bool = False
    has_ear: bool = False
    is_stack: bool = False


def of_kind(kind: str, theme: Theme) -> Style:
    """Return the look of a kind of box without a gradient; "root" is that of a root that is a result."""
    styles = {
        "parameter": Style(theme.parameter_fill, theme.parameter, 2.0, 9.0),
        "input": Style(theme.input_fill, theme.input, 1.6, 2.0, has_ear=True),
        "constant": Style(theme.tints[STRENGTHS], theme.constant, 1.0, 9.0, dashed=True),
        "result": Style(theme.tints[STRENGTHS], theme.result, 1.0, 0.0),
        "root": Style(theme.root_fill, theme.root, 1.5, 0.0),
    }
    return styles.get(kind) or Style(theme.fold_fill, theme.fold, 1.4, 5.0, is_stack=True)


def style(box: Box, theme: Theme, steepest: float) -> Style:
    """Return the look of a box; the root keeps the corners and dashes of its kind.

    Args:
        box: the box.
        theme: the colours.
        steepest: the size of the gradient with the strongest tint.
    """
    own, root = of_kind(box.kind, theme), of_kind("root", theme)
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


def line(arrow: Arrow, theme: Theme, largest: float) -> tuple[str, float]:
    """Return the colour and the thickness of an arrow.

    Args:
        arrow: the arrow.
        theme: the colours.
        largest: the size of the contribution with the thickest line.
    """
    if arrow.is_current:
        return theme.current, CURRENT
    if not arrow.contribution:
        return theme.arrow, THIN
    share = min(abs(arrow.contribution) / largest, 1.0) if largest and math.isfinite(arrow.contribution) else 1.0
    return theme.falling if arrow.contribution < 0.0 else theme.rising, THIN + (THICK - THIN) * math.sqrt(share)


def title_lines(box: Box) -> list[str]:
    """Return the lines of a box's title; none if it has no title."""
    return box.title.split("\n") if box.title else []


def title_size(box: Box) -> float:
    """Return the font size of a box's title in points: an automatic name is smaller than a given one."""
    return TITLE_SIZE if box.is_named else NAME_SIZE


def title_height(box: Box) -> float:
    """Return the height of a box's title in points, with the rule below a given name."""
    lines = len(title_lines(box))
    return lines * title_size(box) * LINE + (BELOW_TITLE if lines and box.is_named else 0.0)


def size(shape: Box | Ellipse) -> tuple[float, float]:
    """Return the width and the height of a shape in points."""
    if isinstance(shape, Ellipse):
        return max(30.0, 1.25 * text_width(shape.symbol, SYMBOL_SIZE) + 14.0), 30.0
    titles = [1.08 * text_width(line, title_size(shape)) for line in title_lines(shape)]
    keys = [text_width(key, ROW_SIZE) + GAP for key, _ in shape.rows if key]
    numbers = [text_width(number, ROW_SIZE) for number in (*(number for _, number in shape.rows), *shape.room)]
    inner = max(*titles, max(keys, default=0.0) + max(numbers), 0.0)
    return inner + 2 * MARGIN, title_height(shape) + len(shape.rows) * ROW_SIZE * LINE + 1.3 * MARGIN

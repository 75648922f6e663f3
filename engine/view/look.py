"""How the shapes of a picture look: colours, sizes, borders.

The colours keep their distances for colour-blind readers: they are tints of the blue and the orange of
M. Okabe and K. Ito, "Color Universal Design" (2008), https://jfly.uni-koeln.de/color/, and greys. Kinds of
values differ in their borders too, so that no meaning hangs on colour alone.
"""

from __future__ import annotations

from typing import NamedTuple

from .picture import Box, Ellipse
from .text import width

FONT = "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"
TITLE_SIZE, ROW_SIZE, SYMBOL_SIZE, SCOPE_SIZE, ROLE_SIZE = 13.0, 11.5, 14.0, 11.5, 10.0
LINE = 1.3  # distance of lines, in parts of the font size
MARGIN, GAP, BELOW_TITLE = 9.0, 12.0, 5.0  # points: around the text, between columns, around the rule

PAPER, INK, FAINT = "#ffffff", "#1b2430", "#5b6675"
ARROW, OPERATION = "#6b7686", "#3d4a5c"
SCOPE_TINTS, SCOPE_BORDER = ("#f4f6f8", "#e9edf1"), "#c3ccd6"


class Style(NamedTuple):
    """Describe a box: fill and border colours, the border's width and the corners' radius in points."""

    fill: str
    border: str
    thickness: float
    radius: float
    dashed: bool = False


STYLES = {
    "leaf": Style("#e1eff9", "#0072b2", 2.0, 9.0),
    "constant": Style("#ffffff", "#5b6675", 1.0, 9.0, dashed=True),
    "result": Style("#ffffff", "#3d4a5c", 1.0, 0.0),
}
ROOT = Style("#fff0d1", "#b35f00", 1.5, 0.0)


def style(box: Box) -> Style:
    """Return how a box looks: the root keeps the corners and dashes of its kind."""
    own = STYLES[box.kind]
    return own._replace(fill=ROOT.fill, border=ROOT.border, thickness=ROOT.thickness) if box.is_root else own


def title_lines(box: Box) -> list[str]:
    """Return the lines of a box's title, none if it has no title."""
    return box.title.split("\n") if box.title else []


def title_height(box: Box) -> float:
    """Return the height of a box's title with the rule below it, in points."""
    lines = len(title_lines(box))
    return lines * TITLE_SIZE * LINE + BELOW_TITLE if lines else 0.0


def size(shape: Box | Ellipse) -> tuple[float, float]:
    """Return width and height of a shape in points."""
    if isinstance(shape, Ellipse):
        return max(30.0, 1.25 * width(shape.symbol, SYMBOL_SIZE) + 14.0), 30.0
    titles = [1.08 * width(line, TITLE_SIZE) for line in title_lines(shape)]
    keys = [width(key, ROW_SIZE) + GAP for key, _ in shape.rows if key]
    numbers = [width(number, ROW_SIZE) for _, number in shape.rows]
    inner = max(*titles, max(keys, default=0.0) + max(numbers), 0.0)
    return inner + 2 * MARGIN, title_height(shape) + len(shape.rows) * ROW_SIZE * LINE + 1.3 * MARGIN

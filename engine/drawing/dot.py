"""A picture as text in DOT, the language of Graphviz; see https://graphviz.org/doc/info/lang.html.

Each shape has a fixed size and a name of ours, so the layout does not depend on the fonts of the machine,
nor on what is written in labels.
"""

from __future__ import annotations

from collections.abc import Iterator

from . import style as look
from .folding import Scope
from .picture import Arrow, Box, Ellipse, Picture

HTML = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\\": "&#92;&#92;", "]": "&#93;", "\n": "<BR/>"}
)
QUOTED = str.maketrans({"&": "&amp;", '"': '\\"', "\\": "\\\\", "\n": "\\l"})
FONT = "Arial"  # the one family whose widths every Graphviz knows


def html(text: str) -> str:
    r"""Return a text for use inside a label of the HTML-like kind.

    A closing bracket before a tag confuses some versions of Graphviz. A backslash is doubled because
    Graphviz replaces escapes such as ``\N`` there as well.

    >>> html('<b> & "c"')
    '&lt;b&gt; &amp; &quot;c&quot;'
    """
    return text.translate(HTML)


def quoted(text: str) -> str:
    r"""Return a text as a quoted string whose lines are set to the left.

    >>> print(quoted('say "hi"\n&amp; \\N'))
    "say \"hi\"\l&amp;amp; \\N\l"
    """
    return f'"{(text + chr(10)).translate(QUOTED)}"'


def dot(picture: Picture, direction: str, theme: look.Theme = look.LIGHT, in_haste: bool = False) -> str:
    """Return a picture in DOT.

    Args:
        picture: what is shown.
        direction: "LR" to draw from left to right, "TB" from top to bottom.
        theme: the colours.
        in_haste: whether Graphviz is to take the first layout that it finds, which may be a tenth of the work.
    """
    return "\n".join(_lines(picture, direction, theme, in_haste)) + "\n"


def _lines(picture: Picture, direction: str, theme: look.Theme, in_haste: bool) -> Iterator[str]:
    yield "digraph stepgrad {"
    apart = "1.6, remincross=false" if picture.is_dense else "0.36"  # the second run mixes up full layers' neurons
    yield f"  graph [rankdir={direction}, nodesep=0.22, ranksep={apart}, pad=0.1,"
    yield f'         bgcolor="{theme.paper}", fontname="{FONT} Bold", fontsize={look.SCOPE_SIZE},'
    yield f'         fontcolor="{theme.faint}", labeljust=l]'
    if in_haste:
        yield "  graph [nslimit=1, nslimit1=1, mclimit=0.2]"
    yield f'  node [fixedsize=true, fontname="{FONT}", fontcolor="{theme.ink}"]'
    yield f'  edge [color="{theme.arrow}", arrowsize=0.7, fontname="{FONT}", fontcolor="{theme.faint}",'
    yield f"        fontsize={look.ROLE_SIZE}, labelfontsize={look.ROLE_SIZE}, labeldistance=1.6]"
    yield from _shapes(picture, theme)
    scope = {shape.name: shape.scope for shape in picture.shapes}
    largest = picture.largest_contribution
    for i, arrow in enumerate(picture.arrows):
        # Longer arrows between scopes leave the room for frames to stand beside each other.
        length = 1 if picture.is_dense or scope[arrow.tail] == scope[arrow.head] else 2
        said = _said(arrow, direction, theme) + _drawn(arrow, theme, largest)
        yield f"  {arrow.tail} -> {arrow.head} [id=a{i}, minlen={length}{said}]"
    yield "}"


def _said(arrow: Arrow, direction: str, theme: look.Theme) -> str:
    outwards = 40 if (arrow.place == 0) == (direction == "TB") else -40
    role = f", headlabel={quoted(arrow.role)}, labelangle={outwards}" if arrow.role else ""
    return role + (f', label={quoted(look.SPACE + arrow.text)}, fontcolor="{theme.ink}"' if arrow.text else "")


def _drawn(arrow: Arrow, theme: look.Theme, largest: float) -> str:
    colour, thickness = look.line(arrow, theme, largest)
    is_plain = (colour, thickness) == (theme.arrow, look.THIN)
    return "" if is_plain else f', color="{colour}", penwidth={thickness:.3g}'


def _shapes(picture: Picture, theme: look.Theme) -> Iterator[str]:
    """Write the shapes, cluster by cluster; the scopes may be nested as deep as they like."""
    number = {scope: i for i, scope in enumerate(picture.scopes)}
    steepest = picture.steepest
    open_scope: Scope = ()
    for shape in sorted(picture.shapes, key=lambda s: [number[s.scope[: i + 1]] for i in range(len(s.scope))]):
        shared = next(i for i in range(len(open_scope), -1, -1) if open_scope[:i] == shape.scope[:i])
        yield from ("}" for _ in open_scope[shared:])
        for i in range(shared, len(shape.scope)):
            yield from _cluster(number[shape.scope[: i + 1]], i, shape.scope[i], theme)
        open_scope = shape.scope
        said = _ellipse(shape, theme) if isinstance(shape, Ellipse) else _box(shape, theme, steepest)
        yield f"  {shape.name} [{said}]"
    yield from ("}" for _ in open_scope)


def _cluster(number: int, depth: int, name: str, theme: look.Theme) -> Iterator[str]:
    yield f"subgraph cluster_{number} {{"
    yield f'  graph [label={quoted(name)}, style="rounded,filled", margin=10, '
    yield f'         fillcolor="{theme.scopes[depth % 2]}", color="{theme.scope_border}"]'


def _ellipse(ellipse: Ellipse, theme: look.Theme) -> str:
    border = theme.current if ellipse.is_current else theme.operation
    return (
        f'shape=ellipse, {_size(ellipse)}, style=filled, color="{border}", fillcolor="{theme.operation}", '
        f"{f'penwidth={look.CURRENT}, ' * ellipse.is_current}"
        f'fontcolor="{theme.paper}", label=<<B>{html(ellipse.symbol)}</B>>, fontsize={look.SYMBOL_SIZE}'
    )


def _box(box: Box, theme: look.Theme, steepest: float) -> str:
    style = look.style(box, theme, steepest)
    shape = "box3d" if style.is_stack else "note" if style.has_ear else "box"
    manner = ",".join(["filled", *["rounded"] * (style.radius > 2 and shape == "box"), *["dashed"] * style.dashed])
    border, thickness = (theme.current, look.CURRENT) if box.is_current else (style.border, style.thickness)
    return (
        f'shape={shape}, {_size(box)}, style="{manner}", color="{border}", fillcolor="{style.fill}", '
        f"penwidth={thickness}, peripheries={1 + box.is_root}, label=<{_table(box, theme)}>"
    )


def _size(shape: Box | Ellipse) -> str:
    width, height = look.size(shape)
    return f"width={width / 72:.4f}, height={height / 72:.4f}"


def _table(box: Box, theme: look.Theme) -> str:
    across = round(look.size(box)[0] - 2 * look.MARGIN)
    aside, whole = across // 3, 'COLSPAN="2"'
    text = f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1" COLOR="{theme.scope_border}">'
    if box.title:
        text += f"<TR>{_cell(look.TITLE_SIZE, f'<B>{html(box.title)}</B>', whole, theme.ink)}</TR><HR/>"
    for key, number in box.rows:
        said = _cell(look.ROW_SIZE, key, f'ALIGN="LEFT" WIDTH="{aside}"', theme.key) if key else ""
        manner = f'ALIGN="RIGHT" WIDTH="{across - aside}"' if key else whole
        text += f"<TR>{said}{_cell(look.ROW_SIZE, number, manner, theme.ink)}</TR>"
    return text + "</TABLE>"


def _cell(size: float, text: str, attributes: str, colour: str) -> str:
    return f'<TD {attributes}><FONT POINT-SIZE="{size}" COLOR="{colour}">{text}</FONT></TD>'

"""A picture as text in DOT, the language of Graphviz; see https://graphviz.org/doc/info/lang.html.

Each shape has a fixed size and a name of ours, so the layout does not depend on the fonts of the machine,
nor on what is written in labels.
"""

from __future__ import annotations

from collections.abc import Iterator

from . import look
from .picture import Box, Ellipse, Picture, Scope

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


def dot(picture: Picture, direction: str) -> str:
    """Return a picture in DOT.

    Args:
        picture: what is shown.
        direction: "LR" to draw from left to right, "TB" from top to bottom.
    """
    return "\n".join(_lines(picture, direction)) + "\n"


def _lines(picture: Picture, direction: str) -> Iterator[str]:
    yield "digraph stepgrad {"
    yield f'  graph [rankdir={direction}, nodesep=0.22, ranksep=0.36, pad=0.1, bgcolor="{look.PAPER}",'
    yield f'         fontname="{FONT} Bold", fontsize={look.SCOPE_SIZE}, fontcolor="{look.FAINT}", labeljust=l]'
    yield f'  node [fixedsize=true, fontname="{FONT}", fontcolor="{look.INK}"]'
    yield f'  edge [color="{look.ARROW}", arrowsize=0.7, fontname="{FONT}", fontcolor="{look.FAINT}",'
    yield f"        labelfontsize={look.ROLE_SIZE}, labeldistance=1.6]"
    yield from _shapes(picture)
    scope = {shape.name: shape.scope for shape in picture.shapes}
    for i, arrow in enumerate(picture.arrows):
        outwards = 40 if (arrow.place == 0) == (direction == "TB") else -40
        role = f", headlabel={quoted(arrow.role)}, labelangle={outwards}" if arrow.role else ""
        # Longer arrows between scopes leave the room for frames to stand beside each other.
        length = 1 if scope[arrow.tail] == scope[arrow.head] else 2
        yield f"  {arrow.tail} -> {arrow.head} [id=a{i}, minlen={length}{role}]"
    yield "}"


def _shapes(picture: Picture) -> Iterator[str]:
    """Write the shapes, cluster by cluster; the scopes may be nested as deep as they like."""
    number = {scope: i for i, scope in enumerate(picture.scopes)}
    open_scope: Scope = ()
    for shape in sorted(picture.shapes, key=lambda s: [number[s.scope[: i + 1]] for i in range(len(s.scope))]):
        shared = next(i for i in range(len(open_scope), -1, -1) if open_scope[:i] == shape.scope[:i])
        yield from ("}" for _ in open_scope[shared:])
        for i in range(shared, len(shape.scope)):
            yield from _cluster(number[shape.scope[: i + 1]], i, shape.scope[i])
        open_scope = shape.scope
        yield f"  {shape.name} [{_attributes(shape)}]"
    yield from ("}" for _ in open_scope)


def _cluster(number: int, depth: int, name: str) -> Iterator[str]:
    yield f"subgraph cluster_{number} {{"
    yield f'  graph [label={quoted(name)}, style="rounded,filled", margin=10, '
    yield f'         fillcolor="{look.SCOPE_TINTS[depth % 2]}", color="{look.SCOPE_BORDER}"]'


def _attributes(shape: Box | Ellipse) -> str:
    width, height = look.size(shape)
    size = f"width={width / 72:.4f}, height={height / 72:.4f}"
    if isinstance(shape, Ellipse):
        return (
            f'shape=ellipse, {size}, style=filled, color="{look.OPERATION}", fillcolor="{look.OPERATION}", '
            f'fontcolor="{look.PAPER}", label=<<B>{html(shape.symbol)}</B>>, fontsize={look.SYMBOL_SIZE}'
        )
    style = look.style(shape)
    manner = ",".join(["filled", *["rounded"] * (style.radius > 0), *["dashed"] * style.dashed])
    return (
        f'shape=box, {size}, style="{manner}", color="{style.border}", fillcolor="{style.fill}", '
        f"penwidth={style.thickness}, peripheries={1 + shape.is_root}, label=<{_table(shape)}>"
    )


def _table(box: Box) -> str:
    across = round(look.size(box)[0] - 2 * look.MARGIN)
    aside, whole = across // 3, 'COLSPAN="2"'
    text = f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1" COLOR="{look.SCOPE_BORDER}">'
    if box.title:
        text += f"<TR>{_cell(look.TITLE_SIZE, f'<B>{html(box.title)}</B>', whole)}</TR><HR/>"
    for key, number in box.rows:
        said = _cell(look.ROW_SIZE, key, f'ALIGN="LEFT" WIDTH="{aside}"', look.FAINT) if key else ""
        manner = f'ALIGN="RIGHT" WIDTH="{across - aside}"' if key else whole
        text += f"<TR>{said}{_cell(look.ROW_SIZE, number, manner)}</TR>"
    return text + "</TABLE>"


def _cell(size: float, text: str, attributes: str, colour: str = look.INK) -> str:
    return f'<TD {attributes}><FONT POINT-SIZE="{size}" COLOR="{colour}">{text}</FONT></TD>'

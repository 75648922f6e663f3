"""write_page, show_steps: backpropagation as a page to step through, a single HTML file that works offline."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Unpack

from ..drawing.picture import Layout, Picture
from ..drawing.svg import FLUID, FONT, LIGHT, dark_rules, legend, svg
from ..errors import DrawingError
from ..support.files import write_whole, wrong_suffix
from ..support.text import counted, format_number, isolated, printable
from ..value import Value
from .alone import asset, colours, standing_alone
from .scenes import Data, Scenes
from .stage import Options, Stage, set_up

SUFFIXES = ".html", ".htm"
HEIGHT = 760  # of a page in a notebook, in pixels
SCRIPTS = (
    "start.js", "folding.js", "state.js", "compute.js", "graph.js", "view.js", "card.js", "lists.js", "judge.js",
    "predict.js", "edit.js", "train.js", "update.js", "find.js", "map.js", "fold.js", "controls.js",
)  # fmt: skip
# Left out of the picture: the page's policy forbids its style, its tooltips would give the end away, and the page's
# style keeps the spaces.
SPARE = re.compile(rf'{FLUID}|<title>.*?</title>\n?| xml:space="preserve"', re.DOTALL)


def write_page(root: Value, path: str | os.PathLike[str], **options: Unpack[Options]) -> Path:
    """Write a page that steps through the forward and the backward pass to a Value, forwards and backwards.

    The page is a single HTML file. It shows the numbers that the graph was recorded with and leaves the graph as it is.

    Args:
        root: the Value to walk to and back from, usually a loss.
        path: the file, ending in .html or .htm. It is written whole or not at all.
        **options: see `Options`.

    Returns:
        The path.

    Raises:
        DrawingError: the suffix is another one, a scope to be opened does not exist, or Graphviz is missing.
        UndefinedDerivativeError: a derivative that is needed does not exist.
        TypeError: the root is not a Value, or an option is unknown.
        ValueError: an option is not valid.
        OSError: the file cannot be written.

    >>> import tempfile
    >>> a = Value(3.0, "a")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_page(a * a + a, folder + "/backprop.html").name
    'backprop.html'
    """
    return show_steps(root, **options).save(_require_suffix(path))


def show_steps(root: Value, height: int = HEIGHT, **options: Unpack[Options]) -> StepPage:
    """Make the page that `write_page` writes, for a cell of a notebook.

    Args:
        root: the Value to walk to and back from, usually a loss.
        height: the height of the cell, in pixels.
        **options: see `Options`.

    Raises:
        DrawingError, UndefinedDerivativeError, TypeError, ValueError: as in `write_page`.

    >>> a = Value(3.0, "a")
    >>> show_steps(a * a)
    <StepPage: v1 = 9, step by step: 4 steps>
    """
    if height <= 0:
        raise ValueError(f"height must be greater than 0, not {height!r}")
    return page_on(set_up(root, "a step page", options, Scenes.room), height, options.get("title", ""))


def page_on(stage: Stage, height: int, title: str = "", scripts: Sequence[str] = ()) -> StepPage:
    """Return the page on a stage; more of its scripts run where `controls.js` can be heard already."""
    end = stage.walk.root
    title = title or f"{isolated(stage.walk.names[end])} = {format_number(end.data)}, step by step"
    layout = stage.drawing.layout  # may make the picture smaller
    scenes = stage.scenes(stage.drawing.picture)
    return StepPage(title, stage.drawing.picture, layout, scenes, height, scripts)


class StepPage:
    """A page that steps through backpropagation, which a notebook shows in a cell.

    Attributes:
        title, html: the title, and the page as text.
        notices: what is not shown as asked, such as folded scopes, in sentences that say how to open them.
    """

    def __init__(
        self,
        title: str,
        shown: Picture,
        layout: Layout,
        scenes: Scenes,
        height: int,
        scripts: Sequence[str] = (),
    ) -> None:
        self.title, self.notices = title, shown.notices
        self._height, self._steps = height, len(scenes.scenes)
        self.html = _page(title, shown, layout, scenes.data(), scenes.live.code, scripts)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, as `write_page` does."""
        path = _require_suffix(path)
        write_whole(path, self.html.encode())
        return path

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="{escape(self.title)}" sandbox="allow-scripts allow-forms" '
            f'style="width:100%;height:{self._height}px;border:1px solid #8888;border-radius:6px"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<StepPage: {printable(self.title)}: {counted(self._steps, 'step')}>"


def _require_suffix(path: str | os.PathLike[str]) -> Path:
    if wrong := wrong_suffix(path, SUFFIXES, "a page"):
        raise DrawingError(wrong)
    return Path(path)


def _page(title: str, shown: Picture, layout: Layout, data: Data, code: str, scripts: Sequence[str]) -> str:
    """Return the page; labels and other texts of users appear in it as text alone, and it fetches nothing."""
    style = "\n".join([colours(), dark_rules(), asset("page.css")])
    first, *others = map(asset, (*SCRIPTS[:-1], *scripts, SCRIPTS[-1]))
    script = "\n".join(["(() => {", first, code, *others, "}", "start();", "})();"])
    height, lines = legend(replace(shown, has_legend=True, notices=()), LIGHT, 620.0, lambda _: "", 0.0)
    return standing_alone(
        "page.html",
        title,
        style,
        script,
        data,
        notices="".join(f'<p class="notice">{escape(getattr(each, "fact", each))}</p>' for each in shown.notices),
        graph=SPARE.sub("", svg(replace(shown, notices=()), layout)),
        legend=f'<svg xmlns="http://www.w3.org/2000/svg" class="legend" viewBox="-1 0 621 {height:.0f}" width="745" '
        f'height="{1.2 * height:.0f}" font-family="{FONT}" fill="{LIGHT.ink}">{"".join(lines)}</svg>',  # 12 px
        steps=len(data["scenes"]),
    )

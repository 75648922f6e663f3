"""film: backpropagation as moving pictures, and as slides, with each part of the graph in its place."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from html import escape
from itertools import count
from pathlib import Path
from textwrap import wrap
from typing import Unpack, cast

from ..backprop import Backward
from ..drawing import svg as look
from ..drawing.picture import NOT_COMPUTED, NOT_MADE, Arrow, Box, Layout, Picture
from ..errors import DrawingError
from ..notation.formulas import product
from ..steps.update import Update
from ..steps.walk import Seed, Walk
from ..support.files import check_writable, write_whole, wrong_suffix
from ..support.text import counted, format_number, format_rounded, isolated, printable, visible
from ..value import Value
from .animation import Reel, Shot, View, animated, parts, still
from .scenes import Data, Scenes
from .stage import Options, Stage, set_up

SUFFIXES = ".svg", ".gif", ".mp4", ".pdf"
MAX_PICTURES = 600
WIDTH, HEIGHT = 1080.0, 600.0  # of what is seen of a graph at once, in points
NARROWEST = 420.0  # for the caption
AROUND = 48.0  # between what a step is about and the edge, in points
TITLE, LINE = 13.0, 16.0  # the size of a caption's texts, and from one line to the next, in points
WIDEST_LETTER = 0.62 * TITLE  # of most texts
TOOLTIP = re.compile(r"<title>.*?</title>\n?", re.DOTALL)
VIEW_BOX = re.compile(r'viewBox="([^"]*)"')
PHASES = {"forward": "forward pass", "seed": "loss", "backward": "backward pass", "update": "update"}


def film(root: Value, *, seconds: float = 1.5, theme: str = "light", **options: Unpack[Options]) -> Film:
    """Film the forward and the backward pass to a Value: a picture for each step, with each part in its place.

    A picture shows the graph with the numbers of its moment, the step that led there, and below it the step in symbols
    and in numbers. Its tints and thicknesses mean the same in all of them. The steps are those of `show_steps`, without
    the gradients of constants and inputs, which no training needs.

    Args:
        root: the Value to walk to and back from, usually a loss.
        seconds: how long each picture stays; the last one stays twice as long.
        theme: "light" or "dark"; "auto", which follows the viewer's system, is for SVG.
        **options: as in `show_steps`.

    Returns:
        The film, which a notebook plays.

    Raises:
        DrawingError: it would have more than 600 pictures; a scope to be opened does not exist; or Graphviz is missing.
        UndefinedDerivativeError: a derivative that is needed does not exist.
        TypeError, ValueError: an argument is not valid.

    >>> a = Value(3.0, "a")
    >>> film(a * a + a)
    <Film: v2 = 12, 8 pictures; write it with .save('passes.svg')>
    """
    if not seconds > 0:
        raise ValueError(f"seconds must be greater than 0, not {seconds!r}")
    stage = set_up(root, "a film", options, _room, theme=theme)
    end = stage.walk.root
    title = options.get("title") or f"{isolated(stage.walk.names[end])} = {format_number(end.data)}"
    return Film(title, stage, float(seconds), theme)


class Film:
    """The passes as pictures, one for each step.

    Attributes:
        title: what it shows.
        notices: what is not shown as asked, such as folded scopes, in sentences that say how to open them.
    """

    def __init__(self, title: str, stage: Stage, seconds: float, theme: str) -> None:
        self.title, self._seconds, self._theme = title, seconds, theme
        layout = stage.drawing.layout  # may make the picture smaller
        scenes = stage.scenes(stage.drawing.picture)
        self.notices = stage.drawing.picture.notices
        said = list(_captions(scenes))
        if len(said) > MAX_PICTURES:
            raise DrawingError(
                f"a film has at most {MAX_PICTURES} pictures, and this one would have {len(said):,}; fold scopes with "
                "depth=1, or show the steps as a page"
            )
        pictures = [_marked(stage.drawing.at(now), now, scene) for now, scene in _moments(scenes)]
        drawn = [TOOLTIP.sub("", look.svg(picture, layout, theme)) for picture in pictures]
        self._reel = _reel(drawn[0], said, theme)
        views = _views(self._reel, layout, pictures)
        captions = _drawn_captions(self._reel, said, look.THEMES[theme])
        self._shots = list(map(Shot, map(parts, drawn), views, captions))

    @property
    def pictures(self) -> tuple[str, ...]:
        """Each picture as text in SVG."""
        return tuple(still(self._reel, shot) for shot in self._shots)

    @cached_property
    def svg(self) -> str:
        """The film as one animated picture in SVG, without a script."""
        return animated(self._reel, self._shots, self._seconds, self.title)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the film to a file, or slides to a file or a folder; each file is written whole or not at all.

        Args:
            path: its suffix chooses the format: .gif, .mp4 or an animated .svg; .pdf has a page for each
                picture. Without a suffix, it is a folder of pictures in SVG, which must be new or empty.

        Returns:
            The path.

        Raises:
            DrawingError: the suffix is another one, the folder has something in it, or what the format needs is
                missing: ``pip install 'stepgrad[film]'`` brings it.
            OSError: the file cannot be written.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     film(Value(3.0, "a") ** 2).save(folder + "/square.svg").name
        'square.svg'
        """
        path = Path(path)
        if not path.suffix:
            return self._save_slides(path)
        if wrong := wrong_suffix(path, SUFFIXES, "a film"):
            raise DrawingError(wrong)
        check_writable(path)
        suffix = path.suffix.lower()
        if suffix == ".svg":
            data = self.svg.encode()
        else:
            from .video import encoded  # imports tqdm

            if self._theme == "auto":
                raise DrawingError("theme='auto' is for SVG; choose theme='light' or theme='dark'")
            data = encoded(self.pictures, suffix, self._seconds)
        write_whole(path, data)
        return path

    def _save_slides(self, folder: Path) -> Path:
        check_slides(folder)
        folder.mkdir(parents=True, exist_ok=True)
        digits = len(str(len(self._shots)))
        for number, picture in enumerate(self.pictures, 1):
            write_whole(folder / f"{number:0{digits}}.svg", picture.encode())
        return folder

    def _repr_html_(self) -> str:
        from base64 import b64encode

        content = b64encode(self.svg.encode()).decode()
        return f'<img src="data:image/svg+xml;base64,{content}" alt="{escape(visible(self.title))}">'

    def __repr__(self) -> str:
        pictures = counted(len(self.pictures), "picture")
        return f"<Film: {printable(self.title)}, {pictures}; write it with .save('passes.svg')>"


def check_slides(path: Path) -> None:
    """Make sure that slides can be written: to a file in PDF, or into a folder that is new or empty.

    Raises:
        DrawingError: they cannot.
    """
    shown = printable(str(path))
    if path.suffix.lower() not in ("", ".pdf"):
        raise DrawingError(f"slides are a file that ends in .pdf, or a folder without an ending, not {shown}")
    if path.suffix:
        check_writable(path)
    elif path.exists() and not path.is_dir():
        raise DrawingError(f"{shown} is a file; slides need a folder, or a name that ends in .pdf")
    elif path.is_dir() and any(path.iterdir()):
        raise DrawingError(f"{shown} is not empty; slides need a new folder, or an empty one")


class _Now:
    """The numbers of a graph after some scenes, as a drawing shows them."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._made = {node: walk.numbers.data(node) for node in walk.order if not node.inputs}
        self._grads = {node: grad for node in walk.order if (grad := walk.at(0).grad(node)) is not None}
        self._contributions: dict[tuple[Value, int], float] = {}

    def data(self, node: Value, /) -> float | None:
        return self._made.get(node)

    def grad(self, node: Value, /) -> float | None:
        return self._grads.get(node)

    def locals(self, node: Value, /) -> tuple[float, ...]:
        return self._walk.numbers.locals(node)

    def contribution(self, node: Value, position: int, /) -> float | None:
        return self._contributions.get((node, position))

    def take(self, scene: Data, boxes: Sequence[Data]) -> None:
        """Let a scene happen."""
        order, steps = self._walk.order, self._walk
        if scene["kind"] == "forward":
            nodes = (order[place] for place in boxes[scene["box"]]["nodes"])
            self._made |= {node: steps.numbers.data(node) for node in nodes}
        elif scene["kind"] == "update":
            updates = (steps[steps.updated_in(order[place]) or 0] for place in scene["updated"])
            self._made |= {step.node: step.after for step in updates if isinstance(step, Update)}
        elif scene["kind"] == "seed":
            self._grads[order[-1]] = cast("Seed", steps[steps.seed_index]).after
        else:
            places = iter(scene["uses"])
            for use in ((order[place], position) for place, position in zip(places, places, strict=True)):
                step = self._taken[use]
                self._grads[step.operand] = (self._grads.get(step.operand) or 0.0) + step.contribution
                self._contributions[use] = step.contribution

    @cached_property
    def _taken(self) -> dict[tuple[Value, int], Backward[Value]]:
        return {(step.node, step.position): step for step in self._walk if isinstance(step, Backward)}


def _room(scenes: Scenes) -> list[tuple[str, ...]]:
    """Return for each box the numbers that it comes to show besides those of the forward pass, as text."""
    found = scenes.room()
    for scene in scenes.scenes:
        if scene["kind"] == "update":
            found[scene["box"]] += (_rounded(scene["after"]),)
    return found


def _moments(scenes: Scenes) -> Iterator[tuple[_Now, Data]]:
    """Yield the numbers at the start, and after each scene with the scene; the next one changes them."""
    now = _Now(scenes.walk)
    yield now, {}
    for scene in _needed(scenes):
        now.take(scene, scenes.boxes)
        yield now, scene


def _captions(scenes: Scenes) -> Iterator[tuple[str, ...]]:
    """Yield the texts below each picture: where it stands, and the step in symbols and in numbers."""
    needed = _needed(scenes)
    yield "the numbers that are given", "", ""
    for number, scene in enumerate(needed, 1):
        place = f"{PHASES[scene['kind']]}, step {number} of {len(needed)}"
        yield place, *_said(scene, scenes.boxes[scene["box"]]["data"])


def _needed(scenes: Scenes) -> list[Data]:
    return [scene for scene in scenes.scenes if "spare" not in scene]


def _said(scene: Data, data: float | str) -> tuple[str, str]:
    """Return a step in symbols, and in numbers."""
    line, kind = scene["line"], scene["kind"]
    if kind == "forward":
        return f"{line} = {_exact(data)}" if "numbers" in scene else line, ""
    if kind == "update":
        return line, f"{_exact(scene['before'])} -> {_exact(scene['after'])}" if "before" in scene else ""
    if kind == "seed":
        return line, ""
    if "contribution" not in scene:
        return line, ""
    added = _exact(scene["contribution"])
    if "steps" not in scene:
        added = product(_exact(scene["local"]), _exact(scene["upstream"]))
    elif "total" in scene:
        added = _exact(scene["total"])
    else:
        return line, f"{scene['steps']} contributions: {added}"
    return line, f"= {_exact(scene['before'])} + {_bracketed(added)} = {_exact(scene['sum'])}"


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


def _exact(number: float | str) -> str:
    return number if isinstance(number, str) else format_number(number)


def _rounded(number: float | str) -> str:
    return number if isinstance(number, str) else format_rounded(number)


def _marked(picture: Picture, now: _Now, scene: Data) -> Picture:
    """Return the picture of a moment: what the scene changed is marked, and what comes later is left blank."""
    changed = picture.boxes[scene["box"]].name if scene else ""

    def marked(box: Box) -> Box:
        rows = tuple((key, "" if number in (NOT_MADE, NOT_COMPUTED) else number) for key, number in box.rows)
        return replace(box, rows=rows, is_current=changed in (box.name, box.original) and changed != "")

    def lit(number: int, arrow: Arrow) -> Arrow:
        is_known = any(now.data(node) is not None for _, node, _ in arrow.flow)
        return replace(arrow, text=arrow.text if is_known else "", is_current=number in scene.get("arrows", ()))

    shapes = scene.get("shapes", ())
    return replace(
        picture,
        boxes=tuple(map(marked, picture.boxes)),
        copies=tuple(map(marked, picture.copies)),
        ellipses=tuple(replace(each, is_current=each.name in shapes) for each in picture.ellipses),
        arrows=tuple(map(lit, count(), picture.arrows)),
    )


def _reel(first: str, captions: Sequence[tuple[str, ...]], theme: str) -> Reel:
    """Return what all pictures share, given the first drawing and all captions."""
    head = first[: first.index(">") + 1]
    box = VIEW_BOX.search(head)
    assert box
    left, top, width, height = map(float, box[1].split())
    seen = max(min(width, WIDTH), NARROWEST), min(height, HEIGHT)
    lines = max(len(_wrapped(caption, seen[0])) for caption in captions)
    return Reel(head, look.THEMES[theme].paper, (left, top, width, height), seen, lines * LINE + look.EDGE)


def _wrapped(caption: tuple[str, ...], width: float) -> list[str]:
    letters = int((width - 2 * look.EDGE) / WIDEST_LETTER)
    return [line for text in caption for line in wrap(text, letters) or [""]]


def _drawn_captions(reel: Reel, captions: Sequence[tuple[str, ...]], theme: look.Theme) -> Iterator[str]:
    """Yield each caption as a part of a picture, below the graph."""
    for caption in captions:
        drawn, y = ['<g class="caption">'], reel.seen[1] + LINE - 0.3 * TITLE
        for number, line in enumerate(_wrapped(caption, reel.seen[0])):
            bold = "" if number else f' font-weight="bold" fill="{theme.faint}"'
            drawn.append(look.text(line, look.EDGE, y, f'font-size="{TITLE}"{bold}'))
            y += LINE
        yield "\n".join([*drawn, "</g>"])


def _views(reel: Reel, layout: Layout, pictures: Sequence[Picture]) -> Iterator[View]:
    """Yield what is seen of each picture: all of it first and last, else enough to see what its step is about."""
    left, top, width, height = reel.drawing
    across, down = reel.seen
    fit = min(across / width, down / height, 1.0)
    whole = View(left - (across / fit - width) / 2, top - (down / fit - height) / 2, fit)
    view = None
    for number, picture in enumerate(pictures):
        about = _about(picture, layout)
        if whole.scale == 1.0 or about is None or number == len(pictures) - 1:
            yield whole
            continue
        scale = min(1.0, across / (about[2] - about[0]), down / (about[3] - about[1]))
        wide, high = across / scale, down / scale
        if view is None:  # begins in the middle
            view = View((about[0] + about[2] - wide) / 2, (about[1] + about[3] - high) / 2, scale)
        x = max(min(view.x, about[0]), about[2] - wide)  # moves no further than it must
        y = max(min(view.y, about[1]), about[3] - high)
        view = View(max(min(x, left + width - wide), left), max(min(y, top + height - high), top), scale)
        yield view


def _about(picture: Picture, layout: Layout) -> tuple[float, float, float, float] | None:
    """Return the frame around what a step is about; None where nothing is marked."""
    arrows = [(number, arrow) for number, arrow in enumerate(picture.arrows) if arrow.is_current]
    ends = {name for _, arrow in arrows for name in (arrow.tail, arrow.head)}
    points = [point for number, _ in arrows for point in layout.routes[number].points]
    for shape in picture.shapes:
        if shape.is_current or shape.name in ends:
            (x, y), (wide, high) = layout.centres[shape.name], look.size_of(shape)
            points += [(x - wide / 2, y - high / 2), (x + wide / 2, y + high / 2)]
    if not points:
        return None
    xs, ys = zip(*points, strict=True)
    return min(xs) - AROUND, min(ys) - AROUND, max(xs) + AROUND, max(ys) + AROUND

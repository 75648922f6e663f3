"""Pictures as one animated picture in SVG, which plays wherever pictures are shown, without a script.

What stays the same from one picture to the next stands in the file once, with the times at which it is seen; see
https://www.w3.org/TR/css-animations-1/. Where animations are not wanted or not known, the last picture is seen.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from ..support.text import visible

LAST = 2  # how many times as long the last picture stays
KIND = re.compile(r'class="([\w-]+)')
KINDS = "scope", "sheet", "arrow", "scope-name", "value", "folded", "operation", "legend"  # from the lowest
SIZE = re.compile(r'width="[^"]*" height="[^"]*" viewBox="[^"]*"')


class Reel(NamedTuple):
    """What the pictures of a film share."""

    head: str  # the tag that opens each drawing
    paper: str  # the colour
    drawing: tuple[float, float, float, float]  # of the whole drawing: left, top, width and height, in points
    seen: tuple[float, float]  # width and height of the part that is seen, in points
    caption: float  # the height of the captions


class View(NamedTuple):
    """The part of a drawing that is seen: its upper left corner, and how large it is drawn."""

    x: float
    y: float
    scale: float

    @property
    def transform(self) -> str:
        """The view as CSS, and as an attribute in SVG, which differ in units alone."""
        x, y = (round(-self.scale * at, 2) for at in (self.x, self.y))
        return f"translate({x:g}px,{y:g}px) scale({self.scale:.4g})"


class Shot(NamedTuple):
    """A picture of a film."""

    parts: list[str]  # of the drawing
    view: View
    caption: str


def parts(drawing: str) -> list[str]:
    """Return the parts of a drawing in SVG, between its first line and its last one."""
    found, part, depth = list[str](), list[str](), 0
    for line in drawing.rstrip("\n").split("\n")[1:-1]:
        part.append(line)
        depth += line.startswith("<g") - line.endswith("</g>")
        if depth == 0:
            found.append("\n".join(part))
            part = []
    return found


def still(reel: Reel, shot: Shot) -> str:
    """Return one picture."""
    view = shot.view.transform.replace("px", "")
    return "\n".join([*_opening(reel), f'<g transform="{view}">', *shot.parts, "</g>", _below(reel), shot.caption, END])


def animated(reel: Reel, shots: Sequence[Shot], seconds: float, title: str) -> str:
    """Return all pictures as one that shows them in turn."""
    count, length = len(shots), len(shots) - 1 + LAST
    seen: dict[str, list[int]] = {}  # each part, with the pictures that it is in
    for number, shot in enumerate(shots):
        for part in shot.parts:
            seen.setdefault(part, []).append(number)
    captions: dict[str, list[int]] = {}
    for number, shot in enumerate(shots):
        captions.setdefault(shot.caption, []).append(number)
    names = {tuple(numbers): f"t{at}" for at, numbers in enumerate(map(tuple, (*seen.values(), *captions.values())))}

    def timed(found: dict[str, list[int]]) -> Iterator[str]:
        for part, numbers in sorted(found.items(), key=lambda item: _rank(item[0])):
            hidden = "" if numbers[-1] == count - 1 else ' visibility="hidden"'
            name = names[tuple(numbers)]
            yield part if len(numbers) == count else f'<g class="t {name}"{hidden}>\n{part}\n</g>'

    turns = [f"{_share(number, length)} {{ transform: {shot.view.transform}; }}" for number, shot in enumerate(shots)]
    rules = [
        f".t {{ animation: {length * seconds:g}s step-end infinite; }}",
        f".camera {{ animation-name: camera; transform: {shots[-1].view.transform}; }}",
        f"@keyframes camera {{ {' '.join(turns)} }}",
        *(f".{name} {{ animation-name: {name}; }}\n@keyframes {name} {{ {_keyframes(numbers, length)} }}"
          for numbers, name in names.items() if len(numbers) < count),
        "@media (prefers-reduced-motion: reduce) { .t.t { animation: none; } }",
    ]  # fmt: skip
    style = f"<title>{escape(visible(title))}</title>\n<style>{chr(10).join(rules)}</style>"
    still_view = shots[-1].view.transform.replace("px", "")
    camera = f'<g class="t camera" transform="{still_view}">'
    return "\n".join([*_opening(reel, style), camera, *timed(seen), "</g>", _below(reel), *timed(captions), END])


END = "</svg>\n"


def _opening(reel: Reel, more: str = "") -> list[str]:
    width, height = reel.seen[0], reel.seen[1] + reel.caption
    size = f'width="{width:.0f}pt" height="{height:.0f}pt" viewBox="0 0 {width:.2f} {height:.2f}"'
    paper = f'<rect width="{width:.2f}" height="{height:.2f}" fill="{reel.paper}"/>'
    return [SIZE.sub(size, reel.head, count=1), *filter(None, [more]), paper]


def _below(reel: Reel) -> str:
    """Return the paper of the caption, which covers what of the drawing would be seen there."""
    width, top = reel.seen
    return f'<rect x="0" y="{top:.2f}" width="{width:.2f}" height="{reel.caption:.2f}" fill="{reel.paper}"/>'


def _rank(part: str) -> int:
    kind = KIND.search(part.split(">", 1)[0])
    return KINDS.index(kind[1]) if kind and kind[1] in KINDS else -1


def _share(number: int, length: int) -> str:
    return f"{100 * number / length:.4f}%"


def _keyframes(numbers: Sequence[int], length: int) -> str:
    """Return at which shares of the whole time a part of some pictures comes, and goes."""
    found = list[tuple[int, bool]]()
    for number in numbers:
        if found and found[-1] == (number, False):
            found.pop()
        else:
            found.append((number, True))
        found.append((number + 1, False))
    if numbers[-1] == length - LAST:  # the last one stays
        found.pop()
    changes = found if numbers[0] == 0 else [(0, False), *found]
    return " ".join(
        f"{_share(at, length)} {{ visibility: {'visible' if comes else 'hidden'}; }}" for at, comes in changes
    )

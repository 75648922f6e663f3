"""Places for the texts beside arrows, found after the layout.

Each text tries places along its arrow, on both sides, the best first, and takes the one that crosses the fewest arrows
among those that are free: on no box, ellipse, title of a frame or other text. If none is free, the text is left out; it
still appears when the pointer rests on the arrow.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from .picture import Arrow, Box, Layout, Picture, Point, Route
from .svg import LIGHT, LINE, ROLE_SIZE, SCOPE_SIZE, line_of, size_of, text_width

Area = tuple[float, float, float, float]  # left, top, right and bottom

CELL = 48.0  # points, of the grid that areas and lines are looked up in
APART = 4.0  # points between the points that stand for a line
SHARES = 0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.1, 0.9  # of an arrow's length
BEFORE_TIP = 6.0, 11.0, 17.0, 24.0, 32.0  # points, for what distinguishes operands
GAPS = 1.5, 5.0  # points between a line and its text
CROSSED, FAR = 3.0, 8.0  # what crossing an arrow costs, and a place at its end


def place_texts(picture: Picture, layout: Layout) -> Layout:
    """Return a layout with places for the texts beside arrows, as far as there is room."""
    ground = _Ground(picture, layout)
    routes = dict(layout.routes)
    for number, arrow in enumerate(picture.arrows):
        if arrow.role:
            line = _points(routes[number])
            total = math.dist(line[-1], routes[number].tip) + _length(line)
            shares = [1.0 - before / total for before in BEFORE_TIP if before < 0.8 * total]
            role = ground.take(number, line, arrow.role, shares, _thickness(picture, arrow))
            routes[number] = replace(routes[number], role=role)
    for number, arrow in enumerate(picture.arrows):
        if arrow.text:
            text = ground.take(number, _points(routes[number]), arrow.text, SHARES, _thickness(picture, arrow))
            routes[number] = replace(routes[number], text=text)
    return replace(layout, routes=routes)


def area_of_text(text: str, centre: Point) -> Area:
    """Return the area of a text beside an arrow."""
    across, down = text_width(text, ROLE_SIZE) / 2 + 1.0, ROLE_SIZE / 2 + 0.5
    return centre[0] - across, centre[1] - down, centre[0] + across, centre[1] + down


def area_of_title(frame: Area, title: str) -> Area:
    """Return the area of a frame's title."""
    lines = title.split("\n")
    across = max(1.08 * text_width(line, SCOPE_SIZE) for line in lines)
    return frame[0] + 8.0, frame[1] + 3.0, frame[0] + 11.0 + across, frame[1] + 6.0 + len(lines) * LINE * SCOPE_SIZE


class _Ground:
    """What is drawn already: the areas that texts must not lie on, and the lines that they should not cross."""

    def __init__(self, picture: Picture, layout: Layout) -> None:
        self._width, self._height = layout.size
        self._areas: dict[tuple[int, int], list[Area]] = defaultdict(list)
        self._lines: dict[tuple[int, int], list[tuple[int, float, float]]] = defaultdict(list)
        for shape in picture.shapes:
            (x, y), (width, height) = layout.centres[shape.name], size_of(shape)
            around = 6.0 if isinstance(shape, Box) and (shape.is_root or shape.is_several) else 2.0
            across, down = width / 2 + around, height / 2 + around
            self._add((x - across, y - down, x + across, y + down))
        for number, scope in enumerate(picture.scopes):
            self._add(area_of_title(layout.frames[number], scope[-1]))
        for number, route in layout.routes.items():
            for x, y in _points(route):
                self._lines[int(x // CELL), int(y // CELL)].append((number, x, y))

    def take(
        self, number: int, line: Sequence[Point], text: str, shares: Sequence[float], thickness: float
    ) -> Point | None:
        """Return the best free place for a text at some shares of an arrow's length, and occupy it."""
        best: tuple[float, Point] | None = None
        for cost, place in _candidates(line, text, shares, thickness):
            if best is not None and cost >= best[0]:
                continue
            area = area_of_text(text, place)
            if self._is_free(area):
                cost += CROSSED * self._crossed(number, area)
                if best is None or cost < best[0]:
                    best = cost, place
        if best is None:
            return None
        self._add(area_of_text(text, best[1]))
        return best[1]

    def _add(self, area: Area) -> None:
        for cell in _cells(area):
            self._areas[cell].append(area)

    def _is_free(self, area: Area) -> bool:
        left, top, right, bottom = area
        if left < -6.0 or top < -6.0 or right > self._width + 6.0 or bottom > self._height + 6.0:
            return False
        return not any(
            left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
            for cell in _cells(area)
            for other in self._areas.get(cell, ())
        )

    def _crossed(self, number: int, area: Area) -> int:
        """Return how many other arrows cross an area."""
        left, top, right, bottom = area
        points = (point for cell in _cells(area) for point in self._lines.get(cell, ()))
        return len({other for other, x, y in points if left < x < right and top < y < bottom} - {number})


def _thickness(picture: Picture, arrow: Arrow) -> float:
    return line_of(arrow, LIGHT, picture.largest_contribution)[1]


def _cells(area: Area) -> Iterator[tuple[int, int]]:
    for column in range(int(area[0] // CELL), int(area[2] // CELL) + 1):
        for row in range(int(area[1] // CELL), int(area[3] // CELL) + 1):
            yield column, row


def _candidates(
    line: Sequence[Point], text: str, shares: Sequence[float], thickness: float
) -> Iterator[tuple[float, Point]]:
    """Yield the costs and the places to try, beside a line, above before below."""
    across, down = text_width(text, ROLE_SIZE) / 2, ROLE_SIZE / 2 - 1.0 + thickness / 2
    total = _length(line)
    for order, share in enumerate(shares):
        (x, y), (along, up) = _at(line, share * total)
        normal = (up, -along) if along >= 0.0 else (-up, along)  # upwards
        clear = abs(normal[0]) * across + abs(normal[1]) * down
        for gap in GAPS:
            for side in (1.0, -1.0):
                off = side * (clear + gap)
                cost = FAR * order / len(shares) + 0.1 * gap + (side < 0.0)
                yield cost, (x + off * normal[0], y + off * normal[1])


def _points(route: Route) -> list[Point]:
    """Return points on an arrow, from its tail to its tip, close to each other."""
    found = [route.points[0]]
    for i in range(1, len(route.points) - 2, 3):
        start, curve = route.points[i - 1], route.points[i : i + 3]
        steps = max(2, round(math.dist(start, curve[-1]) / APART))
        for step in range(1, steps + 1):
            t = step / steps
            weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            found.append(
                (
                    sum(w * p[0] for w, p in zip(weights, (start, *curve), strict=True)),
                    sum(w * p[1] for w, p in zip(weights, (start, *curve), strict=True)),
                )
            )
    return [*found, route.tip]


def _length(line: Sequence[Point]) -> float:
    return sum(map(math.dist, line, line[1:]))


def _at(line: Sequence[Point], distance: float) -> tuple[Point, Point]:
    """Return the point at a distance along a line, at most its length, and the direction there, of length 1."""
    for start, end in pairwise(line):  # pragma: no branch - it ends with the last pair
        length = math.dist(start, end)
        if 0.0 < length >= distance or end is line[-1]:
            break
        distance -= length
    along = (end[0] - start[0]) / (length or 1.0), (end[1] - start[1]) / (length or 1.0)
    return (start[0] + distance * along[0], start[1] + distance * along[1]), along

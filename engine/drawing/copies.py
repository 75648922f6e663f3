"""Copies of boxes: a leaf that is used in many places far apart is drawn at each of them.

One box would have arrows across the whole drawing, such as those of a weight that all steps of a recurrent network
share. Graphviz takes long to find ways for them, and eyes to follow them.
"""

from collections import defaultdict
from dataclasses import replace

from ..support.text import Notice, counted
from .picture import Arrow, Box, Picture, Scope

NEAR = 4  # operations between uses that one box serves
FEWEST = 4  # places from which on there is a box for each


def with_copies(picture: Picture) -> Picture:
    """Return a picture in which every leaf that is used far apart has a box at each place; see `Box.original`."""
    levels = _levels(picture)
    uses: dict[str, list[int]] = defaultdict(list)  # the numbers of the arrows from each box
    for number, arrow in enumerate(picture.arrows):
        if arrow.flow:
            uses[arrow.tail].append(number)
    arrows, copies, boxes = list(picture.arrows), [], list(picture.boxes)
    scope_of = {shape.name: shape.scope for shape in picture.shapes}
    for index, box in enumerate(picture.boxes):
        if box.members[0].inputs or len(uses[box.name]) < FEWEST:
            continue
        places = _places(picture, uses[box.name], levels)
        if len(places) < FEWEST:
            continue
        account = f"{box.account}; drawn in {len(places)} places"
        boxes[index] = replace(box, account=account, scope=_shared(box, arrows, places[0], scope_of))
        for number, place in enumerate(places[1:], 2):
            name = f"{box.name}c{number}"
            scope = _shared(box, arrows, place, scope_of)
            copies.append(replace(boxes[index], name=name, original=box.name, scope=scope))
            for use in place:
                arrows[use] = replace(arrows[use], tail=name)
    return replace(picture, boxes=tuple(boxes), copies=tuple(copies), arrows=tuple(arrows))


def notice_of(picture: Picture) -> tuple[Notice, ...]:
    """Return a sentence that says so if boxes were drawn more than once."""
    titles = list(dict.fromkeys(" ".join(box.title.split()) for box in picture.copies))
    if not titles:
        return ()
    leaves = titles[0] if len(titles) == 1 else f"{counted(len(titles), 'leaf', 'leaves')}, such as {titles[0]},"
    are = "is" if len(titles) == 1 else "are"
    return (Notice(f"{leaves} {are} drawn at each place of use, always with the whole gradient."),)


def _levels(picture: Picture) -> dict[str, int]:
    """Return for each shape its largest distance to the root."""
    found: dict[str, int] = defaultdict(int)
    for arrow in reversed(picture.arrows):  # results before operands, except in cycles between folded scopes
        found[arrow.tail] = max(found[arrow.tail], found[arrow.head] + bool(arrow.flow))
    return found


def _places(picture: Picture, uses: list[int], levels: dict[str, int]) -> list[list[int]]:
    """Return the uses of a box in groups of near ones, from the first to the last."""
    level = {use: levels[picture.arrows[use].head] for use in uses}
    found: list[list[int]] = []
    for use in sorted(uses, key=lambda use: (-level[use], use)):
        if found and level[found[-1][0]] - level[use] < NEAR:
            found[-1].append(use)
        else:
            found.append([use])
    return found


def _shared(box: Box, arrows: list[Arrow], uses: list[int], scope_of: dict[str, Scope]) -> Scope:
    """Return the innermost scope around a box that is also around its uses."""
    length = len(box.scope)
    for use in uses:
        head = scope_of[arrows[use].head]
        length = next((i for i in range(length) if box.scope[i : i + 1] != head[i : i + 1]), length)
    return box.scope[:length]

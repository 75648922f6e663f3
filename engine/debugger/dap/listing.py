"""The straight-line program of a walk as source text: a line for each step, and the lines of the user's program."""

import os
from functools import cached_property, lru_cache

from ...steps.walk import Forward, Walk
from ..session import Session
from ..statements import write_step

NAME = "backpropagation.py"  # so that editors colour it as Python
FORWARD = "# forward pass: each number, and how it is computed"
SEED = "# the seed: the gradient of the result itself"
BACKWARD = "# backward pass: the chain rule, once for each operand"
UPDATE = "# the update: the next number of each parameter"
END = "# the end"


class Listing:
    """The program of a session's walk: its text, and which line each position has, counted from 1.

    >>> from engine import Value
    >>> listing = Listing(Session(Value(2.0, "a") * Value(3.0, "b"), {}))
    >>> print(listing.text)
    # forward pass: each number, and how it is computed
    a = 2
    b = 3
    v2 = a * b
    <BLANKLINE>
    # the seed: the gradient of the result itself
    v2.grad = 1
    <BLANKLINE>
    # backward pass: the chain rule, once for each operand
    a.grad += b * v2.grad
    b.grad += a * v2.grad
    <BLANKLINE>
    # the end
    >>> listing.line_of(2), listing.position_of(4), listing.position_of(5), listing.position_of(7)
    (4, 2, 3, 3)
    """

    def __init__(self, session: Session) -> None:
        self.session, self.walk = session, session.walk
        seed, update, end = self.walk.seed_index, self.walk.update_index, len(self.walk)
        sections = (0, FORWARD), (seed, SEED), (seed + 1, BACKWARD), (update, UPDATE)
        ends = seed, seed + 1, update, end
        self._sections = [(*each, last) for each, last in zip(sections, ends, strict=True) if each[0] < last]
        # positions, and lines before them: each section begins with a comment, and ends with an empty line
        self._starts = [(first, 2 * place) for place, (first, _, _) in enumerate(self._sections, 1)]
        self._starts.append((end, 2 * len(self._sections) + 1))

    @cached_property
    def text(self) -> str:
        """The text of the program."""
        lines = list[str]()
        for first, comment, last in self._sections:
            lines += [comment, *map(self._line, range(first, last)), ""]
        return "\n".join([*lines, END])

    def _line(self, index: int) -> str:
        step = self.walk[index]
        source = step.node.source
        place = f"  # {source.place}" if source and isinstance(step, Forward) else ""
        return write_step(self.session, step) + place

    def line_of(self, position: int) -> int:
        """Return the line of the step that comes next at a position."""
        return position + next(offset for start, offset in reversed(self._starts) if position >= start)

    def position_of(self, line: int) -> int | None:
        """Return the position before the first step on a line or below it; None behind the program."""
        for (start, offset), (end, _) in zip(self._starts, [*self._starts[1:], (len(self.walk) + 1, 0)], strict=True):
            position = max(line - offset, start)
            if position < end:
                return position
        return None


class Lines:
    """The lines of the user's program that made the nodes of a walk."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.places: dict[str, dict[int, list[int]]] = {}  # by files and lines: the nodes, by their places in the order
        for place, node in enumerate(walk.order):
            if node.source:
                lines = self.places.setdefault(real(node.source.file), {})
                lines.setdefault(node.source.line, []).append(place)

    def at(self, file: str, line: int) -> tuple[int, list[int]] | None:
        """Return the first line of a file, from this one on, that made nodes, and these; None without one."""
        lines = self.places.get(real(file), {})
        found = min((each for each in lines if each >= line), default=None)
        return None if found is None else (found, lines[found])


@lru_cache(maxsize=256)
def real(file: str) -> str:
    """Return the path of a file in the one form that compares; what is not a path as it is."""
    try:
        return os.path.normcase(os.path.realpath(file))
    except (OSError, ValueError):
        return file

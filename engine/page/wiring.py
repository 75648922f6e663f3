"""How the boxes of a picture hang together, by their places in it."""

from __future__ import annotations

from collections import defaultdict
from heapq import heappop, heappush

from ..drawing.picture import Picture


class Wiring:
    """Hold how the boxes of a picture hang together.

    Attributes:
        root: the box of the root.
        ellipses: for each box that an operation stands before, the operation's ellipse.
        into: for each box the numbers of the arrows that lead from operands to it, or to its operation.
        result: for each box the number of the arrow from its operation.
    """

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._place = {box.name[1:]: place for place, box in enumerate(picture.boxes)}  # ellipses have the same numbers
        self.root = next(place for place, box in enumerate(picture.boxes) if box.is_root)
        self.ellipses = {self._place[ellipse.name[1:]]: ellipse for ellipse in picture.ellipses}
        self.into: dict[int, list[int]] = defaultdict(list)
        self.result: dict[int, int] = {}
        for number, arrow in enumerate(picture.arrows):
            head = self._place[arrow.head[1:]]
            if arrow.flow:
                self.into[head].append(number)
            else:
                self.result[head] = number

    def tail(self, number: int) -> int:
        """Return the box that an arrow comes from."""
        return self._place[self._picture.arrows[number].tail[1:]]

    def is_operation(self, place: int) -> bool:
        """Tell whether a box is the result of a single operation, though perhaps of several uses of it."""
        ellipse = self.ellipses.get(place)
        return ellipse is not None and not ellipse.is_sum

    def order(self) -> list[int]:
        """Return the boxes, operands before results, and otherwise as they come in the picture.

        Boxes of many values may go round in circles; then the first of them comes first.
        """
        needed = [{self.tail(n) for n in self.into[head]} - {head} for head in range(len(self._picture.boxes))]
        heads: dict[int, list[int]] = defaultdict(list)
        for head, tails in enumerate(needed):
            for tail in tails:
                heads[tail].append(head)
        ready = [place for place, tails in enumerate(needed) if not tails]
        waiting = dict.fromkeys(place for place, tails in enumerate(needed) if tails)
        found: list[int] = []
        while ready or waiting:
            place = heappop(ready) if ready else next(iter(waiting))
            waiting.pop(place, None)
            found.append(place)
            for head in heads[place]:
                needed[head].discard(place)
                if head in waiting and not needed[head]:
                    del waiting[head]
                    heappush(ready, head)
        return found

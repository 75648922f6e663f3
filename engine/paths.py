"""The paths between two nodes: how many there are, and which carry the most."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from .value import Value

Edge = tuple[Value, int]  # a node, and which of its inputs
Ranking = list[
    tuple[float, int, int]
]  # of each best path: strength; first edge and which path goes on, negated to sort

# Path strengths are logarithms of |product|, so that none overflows. A factor of 0 outweighs any others on the way
# down, and one that is not finite any others on the way up; zeros win.
ZERO, ENDLESS = -1e15, 1e12


class Paths:
    """Hold all paths from a source up to a root, as the graph that they are.

    Attributes:
        edges: each node on a path, operands first, and those of its inputs that are on one: their places.

    >>> a = Value(2.0, "a")
    >>> square = a * a
    >>> paths = Paths([a, square, root := square + a], a)
    >>> paths.count(), [len(path) for path in paths.strongest(2)]
    (3, [2, 2])
    """

    def __init__(self, order: Sequence[Value], source: Value) -> None:
        self.root, self.source = order[-1], source
        self.edges: dict[Value, list[int]] = {source: []} if source in set(order) else {}
        for node in order:
            places = [place for place, x in enumerate(node.inputs) if x in self.edges]
            if places and node is not source:
                self.edges[node] = places

    def count(self) -> int:
        """Return how many paths there are, exactly."""
        uses = Counter(node.inputs[place] for node, places in self.edges.items() for place in places)
        counts = {self.source: 1}
        for node, places in self.edges.items():
            if places:
                operands = [node.inputs[place] for place in places]
                counts[node] = sum(counts[x] for x in operands)
                for x in operands:
                    uses[x] -= 1
                    if not uses[x]:  # the numbers can be huge, so none is kept for longer than it is needed
                        del counts[x]
        return counts[self.root] if self.edges else 0

    def strongest(self, most: int) -> list[list[Edge]]:
        """Return the paths with the largest products of local gradients, each from the root down.

        Each node keeps its best paths, merged from those of its operands; a node with one operand shares them.
        """
        if not self.edges:
            return []
        best: dict[Value, tuple[float, Ranking]] = {self.source: (0.0, [(0.0, 0, 0)])}
        for node, places in self.edges.items():
            strengths = [_strength(node.local_grads[place]) for place in places]
            if len(places) == 1:
                more, ranked = best[node.inputs[places[0]]]
                best[node] = more + strengths[0], ranked
            elif places:
                ranked = Ranking()
                for place, strength in zip(places, strengths, strict=True):
                    more, below = best[node.inputs[place]]
                    more += strength
                    ranked += [(more + entry[0], -place, -rank) for rank, entry in enumerate(below)]
                ranked.sort(reverse=True)
                best[node] = 0.0, ranked[:most]
        return [self._path(best, rank) for rank in range(len(best[self.root][1]))]

    def _path(self, best: dict[Value, tuple[float, Ranking]], rank: int) -> list[Edge]:
        path: list[Edge] = []
        node, source, edges = self.root, self.source, self.edges
        while node is not source:
            place = edges[node][0]
            if len(edges[node]) > 1:
                _, place, rank = best[node][1][rank]
                place, rank = -place, -rank
            path.append((node, place))
            node = node.inputs[place]
        return path


def _strength(local: float) -> float:
    if local == 0.0:
        return ZERO
    return math.log(abs(local)) if math.isfinite(local) else ENDLESS


def carried(path: Sequence[Edge]) -> float:
    """Return the product of the local gradients on a path, multiplied as backpropagation does."""
    product = 1.0
    for node, place in path:
        product *= node.local_grads[place]
    return product

"""The paths between two nodes: how many there are, the strongest ones, a shortest one, and each of them."""

import math
from collections import Counter, deque
from collections.abc import Iterator, Sequence

from .value import Edge, Value

# The best paths below a node, each with its strength, its first edge, and which of the best paths below that edge
# it continues with; the latter two are negated, so that sorting keeps the order of equal ones.
Ranking = list[tuple[float, int, int]]

# Path strengths are logarithms of |product|, so that none overflows. A factor of 0 outweighs any others on the way
# down, and one that is not finite any others on the way up; zeros win.
ZERO, ENDLESS = -1e15, 1e12


class Paths:
    """All paths between a root and a node that it was computed from; iterating yields each, from the root down.

    Args:
        order: all nodes of the root's graph, as `topological_order` gives them.
        source: the node where the paths end.

    Attributes:
        edges: the nodes on a path, operands first; for each, which of its inputs are on a path.

    >>> a = Value(2.0, "a")
    >>> square = a * a
    >>> paths = Paths([a, square, root := square + a], a)
    >>> paths.count(), [len(path) for path in paths], [edge.local for edge in paths.shortest()]
    (3, [2, 2, 1], [1.0])
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
                    if not uses[x]:  # the counts can be huge, so each is kept only as long as it is needed
                        del counts[x]
        return counts[self.root] if self.edges else 0

    def __iter__(self) -> Iterator[list[Edge]]:
        """Yield every path from the root down; there can be exponentially many."""
        waiting: list[list[Edge]] = [[]]
        while waiting:
            path = waiting.pop()
            end = path[-1].operand if path else self.root
            if end is self.source:
                yield path
            waiting.extend([*path, Edge(end, place)] for place in reversed(self.edges.get(end, ())))

    def shortest(self) -> list[Edge]:
        """Return a path with as few edges as possible, from the root down; empty if there is no path."""
        if not self.edges:
            return []
        reached: dict[Value, Edge | None] = {self.root: None}  # each node, and the edge above it
        waiting = deque([self.root])
        while self.source not in reached:
            node = waiting.popleft()
            for edge in (Edge(node, place) for place in self.edges[node]):
                if edge.operand not in reached:
                    reached[edge.operand] = edge
                    waiting.append(edge.operand)
        path: list[Edge] = []
        end = self.source
        while above := reached[end]:
            path.append(above)
            end = above.node
        return path[::-1]

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
            path.append(Edge(node, place))
            node = node.inputs[place]
        return path


def _strength(local: float) -> float:
    if local == 0.0:
        return ZERO
    return math.log(abs(local)) if math.isfinite(local) else ENDLESS


def multiply_locals(path: Sequence[Edge]) -> float:
    """Return the product of the local gradients on a path, multiplied from the root down as in backpropagation."""
    return math.prod((edge.local for edge in path), start=1.0)

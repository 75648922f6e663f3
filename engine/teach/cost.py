"""Costs: paths against factoring, and forward mode against reverse mode, counted on a graph."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import MAX_EMAX, Context, Decimal, localcontext
from textwrap import wrap

from ..graph import topological_order
from ..support.text import columns, counted
from ..value import Value

EXACT = 28  # digits that a count has before it is rounded
SHOWN = 8  # inputs in a report
WRITTEN_OUT = 10**15
WIDEST = 80  # characters of a line


@dataclass(frozen=True)
class Costs:
    """Hold what differentiating a graph costs in different ways; printing it shows a report.

    Counts of paths have 28 digits; there may be more paths than atoms.

    Attributes:
        nodes: the nodes of the graph, constants included.
        inputs: how many inputs it has.
        edges: the edges from which an input can be reached; backpropagation visits each once.
        constant_edges: those that lead to constants alone.
        paths: all paths from the result to the inputs.
        walked: the edges on all these paths, each counted as often as a path goes over it.
        by_input: the paths to each input, with its name, in the graph's order.
    """

    nodes: int
    inputs: int
    edges: int
    constant_edges: int
    paths: Decimal
    walked: Decimal
    by_input: tuple[tuple[str, Decimal], ...]

    @property
    def saved(self) -> Decimal:
        """How many times fewer multiplications factoring takes."""
        return self.walked / max(self.edges, 1)

    @property
    def forward_mode(self) -> int:
        """The edges that forward mode visits for all inputs: all of them in each pass, one pass for each input."""
        return self.edges * self.inputs

    def __str__(self) -> str:
        edges = counted(self.edges, "edge")
        passes = _counted(Decimal(self.inputs), "pass", "passes")
        rows = [
            ("one path at a time", _counted(self.paths, "path"), _counted(self.walked, "multiplication")),
            ("backpropagation (reverse mode)", "1 pass", f"{counted(self.edges, 'multiplication')}, one for each edge"),
            ("forward mode", passes, counted(self.forward_mode, "multiplication")),
        ]
        others = f" (and {counted(self.constant_edges, 'edge')} to constants)" if self.constant_edges else ""
        return "\n".join(
            [
                f"The graph has {counted(self.nodes, 'node')}, {edges}{others} and {counted(self.inputs, 'input')}.",
                "All gradients of its result cost:",
                *(f"  {line}" for line in columns(rows)),
                *(line for sentence in self._told().split("\n") for line in wrap(sentence, WIDEST)),
                *self._by_input(),
            ]
        )

    def _told(self) -> str:
        if self.walked == self.edges:
            factored = "No two paths share an edge, so factoring saves nothing here."
        else:
            factored = (
                f"Paths that share edges share work: factoring takes {_times(self.saved)} fewer multiplications. "
                "A node adds up what comes back on all paths, and hands it on once."
            )
        if self.inputs < 2:
            return f"{factored}\nWith one input and one result, forward and reverse mode cost the same."
        return (
            f"{factored}\nForward mode follows one input at a time and needs {self.inputs:,} passes; "
            "reverse mode follows the one result back and needs 1."
        )

    def _by_input(self) -> list[str]:
        if not self.by_input:
            return []
        most = sorted(self.by_input, key=lambda row: -row[1])[:SHOWN]
        more = f" (the {SHOWN} inputs with most of {self.inputs:,})" if len(self.by_input) > SHOWN else ""
        return [f"Paths to each input{more}:", *(f"  {line}" for line in columns((n, _big(c)) for n, c in most))]


def count_costs(root: Value) -> Costs:
    """Count what the gradients of a Value cost: by paths, by backpropagation, by forward mode.

    Args:
        root: the result, usually a loss.

    Raises:
        GraphError: the graph has a cycle.

    >>> x = Value(2.0, "x")
    >>> y = x
    >>> for _ in range(10):
    ...     y = y * y
    >>> found = count_costs(y)
    >>> found.edges, int(found.paths), int(found.walked)
    (20, 1024, 10240)
    """
    order = topological_order(root)
    depends: set[Value] = set()  # the nodes that an input can be reached from
    for node in order:
        if node.is_leaf or not depends.isdisjoint(node.inputs):
            depends.add(node)
    with localcontext(Context(prec=EXACT, Emax=MAX_EMAX)):
        paths = dict.fromkeys(order, Decimal(0))  # the ways from the root to a node, and the edges on them
        walked = dict.fromkeys(order, Decimal(0))
        paths[root] = Decimal(1)
        edges = constant_edges = 0
        for node in reversed(order):
            for operand in node.inputs:
                if operand not in depends:
                    constant_edges += 1
                    continue
                edges += 1
                paths[operand] += paths[node]
                walked[operand] += walked[node] + paths[node]
        inputs = [node for node in order if node.is_leaf]
        return Costs(
            nodes=len(order),
            inputs=len(inputs),
            edges=edges,
            constant_edges=constant_edges,
            paths=sum((paths[x] for x in inputs), Decimal(0)),
            walked=sum((walked[x] for x in inputs), Decimal(0)),
            by_input=tuple((x.label or f"input {place}", paths[x]) for place, x in enumerate(inputs)),
        )


def _big(count: Decimal) -> str:
    """Return a count in full, or its size where nobody would read all digits."""
    return f"{int(count):,}" if count < WRITTEN_OUT else f"about {count:.1e}"


def _counted(count: Decimal, one: str, more: str = "") -> str:
    return f"{_big(count)} {one if count == 1 else more or one + 's'}"


def _times(ratio: Decimal) -> str:
    return f"{ratio:.1f} times" if ratio < WRITTEN_OUT else f"{_big(ratio)} times"

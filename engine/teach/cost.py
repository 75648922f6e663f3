"""Costs: paths against backpropagation, and forward mode against reverse mode, counted on a graph."""

from dataclasses import dataclass
from decimal import MAX_EMAX, Context, Decimal, localcontext
from textwrap import wrap

from ..graph import topological_order
from ..name import Names
from ..support.text import counted, format_count, format_table
from ..value import Value

MAX_INPUTS = 8  # in a report


@dataclass(frozen=True)
class Costs:
    """The cost of differentiating a graph in different ways; printing it prints a report.

    Counts of paths have 28 digits, since there can be more paths than atoms in the universe.

    Attributes:
        nodes, inputs: how many nodes the graph has, constants included, and how many inputs.
        edges: how many edges lead to an input, directly or not; backpropagation visits each once.
        constant_edges: how many edges lead only to constants.
        paths: how many paths lead from the result to the inputs.
        walked: the total number of edges on all these paths.
        by_input: the name of each input and its number of paths, in the graph's order.
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
        """How many times fewer multiplications backpropagation takes than following each path."""
        return self.walked / max(self.edges, 1)

    @property
    def forward_mode(self) -> int:
        """How many edges forward mode visits: all of them for each input."""
        return self.edges * self.inputs

    def __str__(self) -> str:
        edges = counted(self.edges, "edge")
        if self.constant_edges:
            edges += f" (and {counted(self.constant_edges, 'edge')} to constants)"
        rows = [
            ("one path at a time", counted(self.paths, "path"), counted(self.walked, "multiplication")),
            ("backpropagation (reverse mode)", "1 pass", f"{counted(self.edges, 'multiplication')}, one for each edge"),
            ("forward mode", counted(self.inputs, "pass", "passes"), counted(self.forward_mode, "multiplication")),
        ]
        lines = [
            f"The graph has {counted(self.nodes, 'node')}, {edges} and {counted(self.inputs, 'input')}.",
            "All gradients of its result cost:",
            *(f"  {line}" for line in format_table(rows)),
            *(line for sentence in self._conclusions() for line in wrap(sentence, width=80)),
        ]
        if self.by_input:
            most = sorted(self.by_input, key=lambda row: -row[1])[:MAX_INPUTS]
            more = f" (the {MAX_INPUTS} inputs with most of {self.inputs:,})" if self.inputs > MAX_INPUTS else ""
            rows_by_input = format_table([(name, format_count(count)) for name, count in most], "<>")
            lines += [f"Paths to each input{more}:", *(f"  {line}" for line in rows_by_input)]
        return "\n".join(lines)

    def _conclusions(self) -> list[str]:
        ratio = f"{self.saved:.1f}" if self.saved < 1000 else format_count(self.saved)
        sharing = (
            f"Paths that share edges share work: backpropagation takes {ratio} times fewer multiplications. "
            "A node adds up the contributions of all paths and passes the sum on once."
        )
        if self.walked == self.edges:
            sharing = "No two paths share an edge, so backpropagation saves nothing here."
        if self.inputs < 2:
            return [sharing, "With one input and one result, forward and reverse mode cost the same."]
        forward = f"Forward mode follows one input at a time and needs {self.inputs:,} passes"
        return [sharing, f"{forward}; reverse mode starts from the one result and needs 1."]


def count_costs(root: Value) -> Costs:
    """Count what the gradients of a result, usually a loss, cost: path by path, in reverse mode and in forward mode.

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
    depends: set[Value] = set()  # on an input
    for node in order:
        if node.is_leaf or not depends.isdisjoint(node.inputs):
            depends.add(node)
    with localcontext(Context(prec=28, Emax=MAX_EMAX)):
        paths = dict.fromkeys(order, Decimal(0)) | {root: Decimal(1)}  # from the root to a node
        walked = dict.fromkeys(order, Decimal(0))  # the edges on them
        edges = 0
        for node in reversed(order):
            for operand in filter(depends.__contains__, node.inputs):
                edges += 1
                paths[operand] += paths[node]
                walked[operand] += walked[node] + paths[node]
        inputs = [node for node in order if node.is_leaf]
        names = Names(order)
        return Costs(
            nodes=len(order),
            inputs=len(inputs),
            edges=edges,
            constant_edges=sum(len(node.inputs) for node in order) - edges,
            paths=sum((paths[x] for x in inputs), Decimal(0)),
            walked=sum((walked[x] for x in inputs), Decimal(0)),
            by_input=tuple((names[x], paths[x]) for x in inputs),
        )

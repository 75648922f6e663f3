"""compare: two graphs side by side, the first difference, and what the inputs have to do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import fsum, isfinite
from typing import Any

from ..graph import require_value, topological_order
from ..name import Names, callers_variables
from ..notation.formulas import statement
from ..numbers import Numbers
from ..support.text import Notice, counted, format_number, listed
from ..value import Value
from ..words.document import Document
from .alignment import GRADIENT, NUMBER, STRUCTURE, Graph, Row, align
from .split import FORMULA, split

MAX_ROWS = 20  # of a table


@dataclass(frozen=True)
class Part:
    """The part of an input in the difference of the result."""

    name: str
    first: float  # its number
    second: float
    part: float


@dataclass(frozen=True)
class Comparison:
    """Two graphs side by side; printing it says in words what differs.

    Attributes:
        first, second: the roots.
        called: what the two are called, such as the files they come from.
        rows: the nodes that belong together, operands before results.
        difference: what the second result has more than the first.
        parts: the difference split over the inputs that differ, the largest first; they add up to it. None if the
            graphs are not of one structure, or numbers are not finite.
        notices: sentences about changed numbers.
    """

    first: Value
    second: Value
    called: tuple[str, str]
    rows: list[Row] = field(repr=False)
    names: tuple[Names, Names] = field(repr=False)
    difference: float
    parts: list[Part] | None
    notices: tuple[Notice, ...] = ()

    @property
    def different(self) -> list[Row]:
        """The rows that differ."""
        return [row for row in self.rows if row.differences]

    @property
    def first_difference(self) -> Row | None:
        """The row where the graphs first differ: in the forward pass, or else in the backward pass, from its end."""
        for row in self.rows:
            if set(row.differences) - {GRADIENT}:
                return row
        return next(reversed(self.different), None)

    @property
    def is_alike(self) -> bool:
        """Whether the graphs are of one structure: the same operations of the same operands, with any numbers."""
        return not any(STRUCTURE.intersection(row.differences) for row in self.rows)

    def describe(self, row: Row) -> str:
        """Return what a row differs in, as a sentence without an end."""
        name, made = row.name, _made(row)
        if row.second is None or row.first is None:
            node, names, where = (
                (row.first, self.names[0], "A") if row.first is not None else (row.second, self.names[1], "B")
            )
            assert node is not None
            return f"only {where} has {_equation(node, names)}{made}"
        if STRUCTURE.intersection(row.differences):
            one, other = _equation(row.first, self.names[0]), _equation(row.second, self.names[1])
            return f"A has {one}, and B {other}{made}"
        what = "" if NUMBER in row.differences else "the gradient of "
        numbers = (row.first.data, row.second.data) if not what else (row.first.grad, row.second.grad)
        one, other = map(format_number, numbers)
        if one == other:
            one, other = map(repr, numbers)
        return f"{what}{name} is {one} in A and {other} in B{made}"

    @property
    def document(self) -> Document:
        """The comparison as a document."""
        says = Document().heading(f"A: {self.called[0]}, B: {self.called[1]}")
        found, first = self.different, self.first_difference
        sizes = [len(names.order) for names in self.names]
        if self.is_alike:
            says.say(f"Both graphs have the same structure: {counted(sizes[0], 'node')}.")
        else:
            says.say(f"The graphs differ in structure; A has {counted(sizes[0], 'node')}, B has {sizes[1]:,}.")
        if first is None:
            return says.say("All numbers are equal.")
        says.say(f"The first difference: {self.describe(first)}.")
        if len(found) > 1:
            says.say(f"{counted(len(found), 'node')} of {len(self.rows):,} differ:")
        shows_grads = all(node.grad is not None for node in (self.first, self.second))
        says.table(
            ["", "", "A", "B", *(["grad in A", "grad in B"] * shows_grads), "what differs"],
            [
                ["->" if row is first else "", row.name, *_cells(row, shows_grads), listed(row.differences)]
                for row in found[:MAX_ROWS]
            ],
        )
        if len(found) > MAX_ROWS:
            says.say(f"and {len(found) - MAX_ROWS:,} more")
        return self._say_parts(says)

    def _say_parts(self, says: Document) -> Document:
        root = self.names[0][self.first]
        says.heading(f"The difference of {root}", level=2)
        numbers = map(format_number, (self.first.data, self.second.data, self.difference))
        says.say("{} is {} in A and {} in B: the difference is {}.".format(root, *numbers))
        if self.parts is None:
            why = "numbers are not finite" if self.is_alike else "the graphs differ in structure"
            return says.say(f"It cannot be split over the inputs, since {why}.")
        if not self.parts:
            return says.say("No input differs.")
        says.say("Split over the inputs that differ:")
        rows = [[p.name, *map(format_number, (p.first, p.second, p.second - p.first, p.part))] for p in self.parts]
        more = self.parts[MAX_ROWS:]
        rest = [[f"{len(more):,} more", "", "", "", format_number(fsum(p.part for p in more))]] * bool(more)
        total = ["all together", "", "", "", format_number(fsum(p.part for p in self.parts))]
        says.table(["input", "A", "B", "change", "part of the difference"], [*rows[:MAX_ROWS], *rest, total])
        return says.say(FORMULA)

    @property
    def text(self) -> str:
        """The comparison in words and tables."""
        return self.document.text

    def __str__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.document.markdown


def compare(
    first: Value, second: Value, names: Mapping[str, Any] | None = None, *, rtol: float = 0.0, now: bool = False,
    called: tuple[str, str] = ("the first", "the second"), names_of_second: Mapping[str, Any] | None = None,
) -> Comparison:  # fmt: skip
    """Compare two graphs: which nodes belong together, the first difference, and its effect on the result.

    Nodes are aligned by order, as `diff` aligns lines; nodes without operands also by their names. If both graphs have
    the same structure, the difference of the results is split over the inputs that differ, into parts that add up.

    Args:
        first, second: the Values to compare, such as the losses of two runs.
        names: variables, such as ``locals()``: a Value without a label is called by its variable; by default those of
            the caller, with ``{}`` none.
        rtol: how far numbers may differ relative to their size and still count as equal.
        now: compute the graphs anew, with the numbers that their leaves have now.
        called: what the two are called.
        names_of_second: variables for the second graph, if they are others.

    Raises:
        TypeError: one is not a Value.

    >>> from engine import parse
    >>> print(compare(parse("w*x + 1", w=2, x=3), parse("w*x + 1", w=2, x=4)).text.partition("Each")[0])
    A: the first, B: the second
    ===========================
    <BLANKLINE>
    Both graphs have the same structure: 5 nodes.
    <BLANKLINE>
    The first difference: x is 3 in A and 4 in B.
    <BLANKLINE>
    3 nodes of 5 differ:
    <BLANKLINE>
              A  B  what differs
      ->  x   3  4  number
          v3  6  8  number
          v4  7  9  number
    <BLANKLINE>
    The difference of v4
    --------------------
    <BLANKLINE>
    v4 is 7 in A and 9 in B: the difference is 2.
    <BLANKLINE>
    Split over the inputs that differ:
    <BLANKLINE>
      input         A  B  change  part of the difference
      x             3  4  1       2
      all together                2
    <BLANKLINE>
    <BLANKLINE>
    """
    notices, roots, graphs = list[Notice](), list[Value](), list[Graph]()
    given = callers_variables(names)
    for root, variables in ((first, given), (second, given if names_of_second is None else names_of_second)):
        require_value(root, "compare")
        order = topological_order(root)
        numbers = Numbers(order, now)
        notices += numbers.notices(Names(order, variables))
        roots.append(stand_in := numbers.stand_in(root))
        order = topological_order(stand_in)
        graphs.append(Graph(order, Names(order, numbers.variables(variables))))
    rows = align(graphs[0], graphs[1], rtol)
    is_alike = not any(STRUCTURE.intersection(row.differences) for row in rows)
    difference, parts = roots[1].data - roots[0].data, None
    if is_alike and isfinite(difference):
        partner = {row.first: row.second for row in rows if row.first is not None and row.second is not None}
        shares = split(graphs[0].order, partner)
        found = [
            Part(graphs[0].names[x], x.data, partner[x].data, part)
            for x, part in shares.items()
            if repr(x.data) != repr(partner[x].data)
        ]
        if all(isfinite(each.part) for each in found):
            parts = sorted(found, key=lambda each: -abs(each.part))
    names_of = graphs[0].names, graphs[1].names
    return Comparison(roots[0], roots[1], called, rows, names_of, difference, parts, tuple(dict.fromkeys(notices)))


def _equation(node: Value, names: Names) -> str:
    said = statement(node, names.__getitem__)
    return f"{names[node]} = {said}" if said else f"{names[node]} = {format_number(node.data)}"


def _made(row: Row) -> str:
    places = [node.source.place if node is not None and node.source else "" for node in (row.first, row.second)]
    found = list(dict.fromkeys(filter(None, places)))
    return f" ({' and '.join(found)})" if found else ""


def _cells(row: Row, shows_grads: bool) -> list[str]:
    nodes = row.first, row.second
    cells = ["" if node is None else format_number(node.data) for node in nodes]
    grads = ["" if node is None else format_number(node.grad) for node in nodes] if shows_grads else []
    return [*cells, *grads]

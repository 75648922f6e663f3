"""tree: a graph as an indented text, for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..graph import topological_order
from ..steps.numbers import Numbers, numbers_of
from ..steps.walk import Moment, Step
from ..support.text import format_table
from ..value import Value
from .equations import computed, numeric
from .names import Names, require_value

ABSENT = "-"


class Tree:
    """Hold a tree as lines of text; printing it shows it."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines

    def __str__(self) -> str:
        return "\n".join(self.lines)

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return f"````text\n{self}\n````"


def tree(
    root: Value,
    *,
    names: Mapping[str, Any] | None = None,
    values: Moment | Step | None = None,
    depth: int = 40,
    limit: int = 400,
) -> Tree:
    """Draw the expression of a Value as a text tree, with numbers, local gradients and gradients.

    Below each Value stands what it is computed from. ``local`` is the derivative of the Value above by this one. What
    is used more than once is drawn once; later it is only named.

    Args:
        root: the Value to draw, with all that it is computed from.
        names: variables, such as ``locals()``: a Value without a label gets the name of its variable.
        values: a moment of a `walk`, or a step for the moment after it; without it, the numbers of now.
        depth: how many levels to draw.
        limit: how many lines to draw.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> d = a * b + a
    >>> d.backward()
    >>> print(tree(d))
                       data  local  grad
    add_3 = mul_2 + a  -4            1
    ├─ mul_2 = a * b   -6     1      1
    │  ├─ a             2    -3     -2
    │  └─ b            -3     2      2
    └─ a                2     1     -2
    """
    require_value(root, "tree")
    order = topological_order(root)
    return drawn(order, numbers_of(root, order, values), Names(order, names or {}), depth, limit)


def drawn(order: Sequence[Value], numbers: Numbers, called: Names, depth: int, limit: int) -> Tree:
    """Draw the graph below the last node as a text tree; see `tree`.

    Args:
        order: all nodes, operands before results, the root last.
        numbers: where the numbers come from.
        called: what nodes are called.
        depth: how many levels to draw.
        limit: how many lines to draw.
    """
    rows: list[list[str]] = []
    drawn: set[Value] = set()
    waiting: list[tuple[Value, str, str, str, int]] = [(order[-1], "", "", "", 0)]
    is_cut = False
    while waiting and len(rows) < limit:
        node, branch, indent, local, level = waiting.pop()
        name = called[node].text
        if node in drawn and node.inputs:
            rows.append([f"{branch}{name} (drawn above)", "", local, ""])
            continue
        drawn.add(node)
        ends = level == depth and bool(node.inputs)
        is_cut |= ends
        said = f"{name} = {computed(node, called)}" if node.inputs else name
        rows.append([f"{branch}{said}{' ...' * ends}", _number(numbers.data(node)), local, _number(numbers.grad(node))])
        if not ends:
            below = list(zip(node.inputs, node.local_grads, strict=True))
            for place, (operand, gradient) in reversed(list(enumerate(below))):
                is_last = place == len(below) - 1
                bough, trunk = ("└─ ", "   ") if is_last else ("├─ ", "│  ")
                waiting.append((operand, indent + bough, indent + trunk, _number(gradient), level + 1))
    lines = format_table([["", "data", "local", "grad"], *rows], "<.")
    if waiting or is_cut:
        lines.append(f"... and more: the graph has {len(order):,} values; tree(part) draws a part of it")
    return Tree([line.rstrip() for line in lines])


def _number(number: float | None) -> str:
    return ABSENT if number is None else numeric(number).text

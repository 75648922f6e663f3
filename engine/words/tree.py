"""tree: a graph as an indented text, for terminals."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..graph import require_value, topological_order
from ..name import Names, callers_variables
from ..numbers import Numbers
from ..steps.walk import Moment, Step, moment_of
from ..support.text import counted, format_table, shorten
from ..value import Value
from .equations import write_number, write_operation


class Tree:
    """A graph as an indented text, which printing writes; `lines` are its lines."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines

    def __str__(self) -> str:
        return "\n".join(self.lines)

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return f"````text\n{self}\n````"


def tree(
    root: Value, *, names: Mapping[str, Any] | None = None, values: Moment | Step | None = None,
    depth: int = 40, limit: int = 400, now: bool = False,
) -> Tree:  # fmt: skip
    """Draw the graph of a Value as an indented text, with its numbers, local gradients and gradients.

    The operands of a Value stand below it. ``local`` is the local gradient: the derivative of the Value above with
    respect to this one. A result that is used more than once is drawn once, and only named after that.

    Args:
        root: the Value to draw, with everything it is computed from.
        names: variables, such as ``locals()``: a Value without a label is called by its variable; by default those of
            the caller, with ``{}`` none.
        values: a moment of a `walk`, or a step for the moment after it; without it, the numbers at the end.
        depth: how many levels to draw.
        limit: how many lines to draw.
        now: compute the graph anew, with the numbers that its leaves have now, if they were changed since.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> d = a * b + a
    >>> d.backward()
    >>> print(tree(d))
                   data  local  grad
    d = v2 + a     -4            1
    ├─ v2 = a * b  -6     1      1
    │  ├─ a         2    -3     -2
    │  └─ b        -3     2      2
    └─ a            2     1     -2
    """
    require_value(root, "tree")
    order = topological_order(root)
    numbers = Numbers(order, now) if values is None else moment_of(root, values)
    return draw_tree(order, numbers, Names(order, callers_variables(names)), depth, limit)


def draw_tree(
    order: Sequence[Value], numbers: Numbers | Moment, names: Names, depth: int = 40, limit: int = 400,
    more: Mapping[str, Callable[[Value], str]] | None = None, part: str = "tree(part)", width: int | None = None,
) -> Tree:  # fmt: skip
    """Draw the graph of the last node of an order as an indented text; see `tree`.

    `more` are further columns: the title of each, and a function that returns a node's cell. `part` is what the
    reader writes to draw a part of a graph that is too large. With a `width` in characters, no line is longer: deep
    levels are left out, and long formulas are shortened.
    """
    more = more or {}
    rows = [["", "data", "local", "grad", *more]]
    seen: set[Value] = set()
    waiting: list[tuple[Value, str, str, str, int]] = [(order[-1], "", "", "", 0)]
    is_cut = False
    while waiting and len(rows) <= limit:
        node, branch, indent, local, level = waiting.pop()
        if node in seen and node.inputs:
            rows.append([f"{branch}{names[node]} (drawn above)", "", local])
            continue
        seen.add(node)
        ends = level == depth and bool(node.inputs)
        is_cut |= ends
        formula = f" = {write_operation(node, names)}" if node.inputs else ""
        data, grad = _number(numbers.data(node)), _number(numbers.grad(node))
        cells = [cell(node) for cell in more.values()]
        rows.append([f"{branch}{names[node]}{formula}{' ...' * ends}", data, local, grad, *cells])
        if not ends:
            bough, trunk = "└─ ", "   "
            for operand, gradient in reversed(list(zip(node.inputs, numbers.locals(node), strict=True))):
                waiting.append((operand, indent + bough, indent + trunk, _number(gradient), level + 1))
                bough, trunk = "├─ ", "│  "
    lines = format_table(rows, "<.")
    excess = max(map(len, lines)) - width if width else 0
    if excess > 0 and width:
        room = max(map(len, (row[0] for row in rows))) - excess
        if depth > (fitting := max(room // 6, 1)):
            return draw_tree(order, numbers, names, fitting, limit, more, part, width)
        lines = format_table([[shorten(first, max(room, 8)), *rest] for first, *rest in rows], "<.")
    if waiting or is_cut:
        lines.append(f"... and more: the graph has {counted(len(order), 'node')}; {part} draws a part of it")
    return Tree([*lines, *numbers.notices(names)])


def _number(number: float | None) -> str:
    return "-" if number is None else write_number(number).text

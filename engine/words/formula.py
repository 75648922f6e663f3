"""formula: a graph as an expression, in plain text and in LaTeX."""

import keyword
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import normalize

from ..errors import GraphError
from ..graph import require_value, topological_order
from ..name import Names, as_identifier
from ..notation.formulas import Written, write_number, write_operation
from ..operation import ATOM, TABLE
from ..value import Value
from .document import Formula, aligned

MAX_LENGTH = 76  # characters of an expression before a part of it gets a line of its own
MAX_REPEATED = 16  # characters from which on a part that is used more than once does
MAX_INLINE = 10_000


def formula(root: Value, *, names: Mapping[str, Any] | None = None, inline: bool = False) -> Formula:
    r"""Write the graph of a Value as an expression.

    Parts that have a name get a line of their own, and so do long ones and those that are used again. `parse` reads
    the text; in it, names are identifiers, so ``w[0]`` is called ``w_0``.

    Args:
        root: the Value to write, with all that it is computed from.
        names: variables, such as ``locals()``: a Value without a label gets the name of its variable.
        inline: whether to write everything as one expression.

    Returns:
        The formula: printing it writes the text, a notebook shows it.

    Raises:
        GraphError: written inline, the expression is too long.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> d = a * b + 1
    >>> d.label = "d"
    >>> loss = (d - 0.5) ** 2 / d
    >>> print(formula(loss))
    d = a * b + 1
    (d - 0.5) ** 2 / d
    >>> print(formula(loss, inline=True).latex)
    \frac{{\left(a \cdot b + 1 - 0.5\right)}^{2}}{a \cdot b + 1}
    """
    require_value(root, "formula")
    order = topological_order(root)
    known = Names(order, names)
    texts = known.identifiers({*keyword.kwlist, *TABLE}, _identifier)
    symbols = {node: Formula(text, known.latex(node)) for node, text in zip(order, texts, strict=True)}
    lines = _lines(order, symbols, {node for node in order if known.given(node)}, inline)
    text = "\n".join(f"{name.text} = {part.text}" if name else part.text for name, part in lines)
    last, *where = [(name.latex if name else "", part.latex) for name, part in reversed(lines)]
    if not where:
        return Formula(text, " = ".join(filter(None, last)))
    (first, part), *more = where
    rows = [" &= ".join(last) if last[0] else f"&{last[1]}", rf"\text{{where }} {first} &= {part}"]
    return Formula(text, aligned([*rows, *map(" &= ".join, more)]))


def _lines(
    order: Sequence[Value], symbols: Mapping[Value, Formula], named: set[Value], inline: bool
) -> list[tuple[Formula | None, Formula]]:
    """Return the parts with a line of their own, operands first: a name, if there is one, and an expression."""
    uses = Counter(operand for node in order for operand in node.inputs)
    written: dict[Value, list[Written]] = {}  # each node as text and as LaTeX
    lines: list[tuple[Formula | None, Formula]] = []
    for node in order:
        if node.inputs:
            parts = [[written[x][latex] for x in node.inputs] for latex in (False, True)]
            written[node] = [write_operation(node.op, parts[0]), write_operation(node.op, parts[1], latex=True)]
        elif node.is_constant and node not in named:
            written[node] = [write_number(node.data, exact=True), write_number(node.data, latex=True)]
        else:
            written[node] = [(name, ATOM) for name in symbols[node]]
        expression = Formula(*(form for form, _ in written[node]))
        length = len(expression.text)
        if inline and node.inputs and length > MAX_INLINE:
            raise GraphError(
                f"written inline, the expression has more than {MAX_INLINE:,} characters; "
                "leave inline=True out, so that its parts get lines of their own"
            )
        is_long = length > (MAX_REPEATED if uses[node] > 1 else MAX_LENGTH)
        if node is order[-1]:
            lines.append((symbols[node] if node in named and node.inputs else None, expression))
        elif node.inputs and not inline and (node in named or is_long):
            lines.append((symbols[node], expression))
            written[node] = [(name, ATOM) for name in symbols[node]]
    return lines


def _identifier(text: str) -> str:
    return text if text.isidentifier() and normalize("NFKC", text) == text else as_identifier(text)

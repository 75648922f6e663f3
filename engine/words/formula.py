"""formula: a graph as an expression, in plain text and in LaTeX."""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import normalize

from ..errors import GraphError
from ..graph import topological_order
from ..name import Names, as_identifier
from ..notation.symbols import Written, write_number, write_operation
from ..operation import ATOM, TABLE
from ..value import Value, require_value
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
        The formula: printing it writes the text, a notebook shows it; ``.text``, ``.latex``.

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
    named = {node for node in order if known.given(node)}
    texts = known.identifiers({*keyword.kwlist, *TABLE}, _identifier)
    symbols = {node: Formula(text, known.latex(node)) for node, text in zip(order, texts, strict=True)}
    return _Writing(order, symbols, named, inline).formula()


class _Writing:
    """A graph's expression, put together from the operands up.

    Attributes:
        lines: the parts with a line of their own, operands first: a name, if there is one, and an expression.
    """

    def __init__(
        self, order: Sequence[Value], symbols: Mapping[Value, Formula], named: set[Value], inline: bool
    ) -> None:
        self.root, self.symbols, self.named, self.inline = order[-1], symbols, named, inline
        self.lines: list[tuple[Formula | None, Formula]] = []
        self._uses = Counter(operand for node in order for operand in node.inputs)
        self._texts: dict[Value, Written] = {}
        self._latex: dict[Value, Written] = {}
        for node in order:
            self._write(node)

    def _write(self, node: Value) -> None:
        if node.inputs:
            self._texts[node] = write_operation(node.op, [self._texts[x] for x in node.inputs])
            self._latex[node] = write_operation(node.op, [self._latex[x] for x in node.inputs], latex=True)
        elif node.is_constant and node not in self.named:
            self._texts[node] = write_number(node.data, exact=True)
            self._latex[node] = write_number(node.data, latex=True)
        else:
            self._name(node)
        if node is self.root:
            is_named = node in self.named and node.inputs
            self.lines.append((self.symbols[node] if is_named else None, self._written(node)))
        elif node.inputs and self._has_a_line(node):
            self.lines.append((self.symbols[node], self._written(node)))
            self._name(node)

    def _name(self, node: Value) -> None:
        """Write a node by its name from here on."""
        self._texts[node], self._latex[node] = [(name, ATOM) for name in self.symbols[node]]

    def _written(self, node: Value) -> Formula:
        return Formula(self._texts[node][0], self._latex[node][0])

    def _has_a_line(self, node: Value) -> bool:
        length = len(self._texts[node][0])
        if self.inline:
            if length > MAX_INLINE:
                raise GraphError(
                    f"written inline, the expression has more than {MAX_INLINE:,} characters; "
                    "leave inline=True out, so that its parts get lines of their own"
                )
            return False
        return node in self.named or length > (MAX_REPEATED if self._uses[node] > 1 else MAX_LENGTH)

    def formula(self) -> Formula:
        """Return all lines as a formula: the text begins with the operands, the LaTeX with the result."""
        text = "\n".join(f"{name.text} = {part.text}" if name else part.text for name, part in self.lines)
        last, *where = [(name.latex if name else "", part.latex) for name, part in reversed(self.lines)]
        if not where:
            return Formula(text, " = ".join(filter(None, last)))
        (first, part), *more = where
        rows = [" &= ".join(last) if last[0] else f"&{last[1]}", rf"\text{{where }} {first} &= {part}"]
        return Formula(text, aligned([*rows, *map(" &= ".join, more)]))


def _identifier(text: str) -> str:
    """Return a text as an identifier; unchanged if it is one."""
    return text if text.isidentifier() and normalize("NFKC", text) == text else as_identifier(text)

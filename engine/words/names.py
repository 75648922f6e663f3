"""What nodes are called in formulas, in plain text and in LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..name import Names as NodeNames
from ..notation.symbols import Symbol, written
from ..support.latex import latex_of_name
from ..value import Value
from .document import Formula

Called = Callable[[Value], Symbol | float]


class Names:
    r"""Hold what each node of a graph is called: its label, else the reader's variable, else as in ``mul_3``.

    Constants are called by their numbers.

    >>> a = Value(2.0, "alpha")
    >>> b = a * 3.0
    >>> names = Names([a, b.inputs[1], b], {})
    >>> names[b], names[b.inputs[1]]
    (Formula(text='mul_2', latex='\\mathrm{mul}_{2}'), Formula(text='3', latex='3'))
    """

    def __init__(self, order: Iterable[Value], variables: Mapping[str, Any]) -> None:
        self._names = NodeNames(list(order), variables)

    def given(self, node: Value) -> bool:
        """Tell whether somebody gave the node a name."""
        return bool(self._names.given(node))

    def is_number(self, node: Value) -> bool:
        """Tell whether the node is a constant without a name, so that it is called by its number."""
        return node.is_constant and not self.given(node)

    def operand(self, node: Value, latex: bool = False) -> Symbol | float:
        """Return what stands for a node in an expression: its name, or the number of a constant."""
        if self.is_number(node):
            return node.data
        name = self._names[node]
        return Symbol(latex_of_name(name) if latex else name)

    def formula(self, expression: Callable[[Called], Any]) -> Formula:
        """Return an expression as a formula.

        Args:
            expression: takes what gives a node's name, and returns the expression.
        """
        text = expression(self.operand)
        latex = expression(lambda node: self.operand(node, latex=True))
        return Formula(written(text), written(latex, latex=True))

    def __getitem__(self, node: Value) -> Formula:
        return self.formula(lambda operand: operand(node))


def require_value(thing: object, where: str) -> None:
    """Make sure that something is a Value.

    Raises:
        TypeError: it is something else; the message names ``where`` it was met.
    """
    if not isinstance(thing, Value):
        raise TypeError(f"{where} takes a Value, such as a loss, not {type(thing).__name__} {thing!r:.40}")

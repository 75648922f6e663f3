"""How nodes are written on the step page: in names and in numbers, as text and as MathML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from unicodedata import bidirectional

from ..notation.formulas import Sign, applied, derivative, product
from ..notation.symbols import Symbol, number, written
from ..support.latex import latex_of_name
from ..value import Value
from ..words.names import Names
from .mathml import mathml

FROM_THE_RIGHT = "R", "AL", "AN"  # sorts of characters


class Written(NamedTuple):
    """Hold a formula: as a text, as MathML, and as MathML with numbers in the places of the names.

    What would only repeat the number that comes out is empty.
    """

    text: str
    math: str
    numbers: str


class Formulas:
    """Write nodes, each by the name that the page has for it.

    Args:
        names: what nodes are called.
        titles: what those are called that share a box with others.
        data: the number of each node.
    """

    def __init__(self, names: Names, titles: Mapping[Value, str], data: Callable[[Value], float]) -> None:
        self._names, self._titles, self._data = names, titles, data

    def name(self, node: Value) -> str:
        """Return what a node is called."""
        return isolated(self._titles.get(node) or self._names[node].text)

    def name_in_math(self, node: Value) -> str:
        """Return what a node is called, as MathML."""
        return mathml(latex_of_name(self._titles[node]) if node in self._titles else self._names[node].latex)

    def value(self, node: Value) -> Written:
        """Return how a node is computed from its operands."""
        return self._written(lambda called: applied(node, called), self._data(node))

    def local(self, node: Value, place: int, number: float) -> Written | None:
        """Return the derivative of a node by one of its inputs; None if its rule cannot be read as a formula.

        Args:
            node: the node.
            place: which of its inputs.
            number: what the derivative is.
        """
        if derivative(node, place, self._symbol) is None:
            return None
        return self._written(lambda called: derivative(node, place, called), number)

    def step(self, node: Value, place: int) -> str:
        """Return the chain rule from a node to one of its inputs as a statement."""
        operand = self.name(node.inputs[place])
        local = derivative(node, place, self._symbol)
        if local is None:
            local = Symbol(f"d({self.name(node)})/d({operand})")
        receiver = f"({operand})" if self._names.is_number(node.inputs[place]) else operand
        return f"{receiver}.grad += {product(local, f'{self.name(node)}.grad')}"

    def _written(self, expression: Callable[[Sign], Any], result: float) -> Written:
        said = number(result, latex=True)[0]
        latex, numbers = (written(expression(called), latex=True) for called in (self._in_latex, self._number))
        return Written(
            written(expression(self._symbol)),
            "" if latex == said else mathml(latex),
            "" if numbers in (said, latex) else mathml(numbers),
        )

    def _symbol(self, node: Value) -> Symbol | float:
        return self._names.operand(node) if self._names.is_number(node) else Symbol(self.name(node))

    def _in_latex(self, node: Value) -> Symbol | float:
        return (
            Symbol(latex_of_name(self._titles[node])) if node in self._titles else self._names.operand(node, latex=True)
        )

    def _number(self, node: Value) -> Symbol:
        """Return a node's number as it stands: nothing is to be simplified, and minus signs get brackets."""
        return Symbol(number(self._data(node), latex=True)[0])


def isolated(text: str) -> str:
    """Return a text so that it does not turn what stands around it, if parts of it run from right to left.

    See https://www.unicode.org/reports/tr9/.
    """
    return f"\u2068{text}\u2069" if any(bidirectional(character) in FROM_THE_RIGHT for character in text) else text

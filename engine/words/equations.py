"""How nodes are computed, and their local gradients, as formulas."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from .. import ops
from ..notation import formulas as written
from ..notation.formulas import applied
from ..notation.symbols import Written, composed, number
from ..ops import ATOM, UNDEFINED, Operation
from ..value import Value
from .document import Formula
from .names import Called, Names


def computed(node: Value, names: Names) -> Formula:
    """Return how a node is computed from its operands, such as ``a * b``."""
    return names.formula(lambda called: applied(node, called))


def derivative(of: Formula, by: Formula) -> Formula:
    """Return the sign for a derivative, such as ``d(e)/d(a)``."""
    return Formula(f"d({of.text})/d({by.text})", rf"\frac{{\partial {of.latex}}}{{\partial {by.latex}}}")


def local_gradient(node: Value, place: int, names: Names) -> Formula | None:
    """Return the derivative of a node by one of its inputs as a formula; None if its rule cannot be read as one.

    >>> a = Value(2.0, "a")
    >>> local_gradient(t := a.tanh(), 0, Names([a, t], {})).text
    '1 - tanh(a) ** 2'
    """

    def expression(called: Called) -> Any:
        return written.derivative(node, place, called, None if names.given(node) else applied(node, called))

    return None if expression(names.operand) is None else names.formula(expression)


def rule(operation: Operation) -> list[tuple[Formula, Formula]]:
    """Return an operation's rule: the sign of each derivative and its formula; nothing if it cannot be read.

    >>> for by, formula in rule(ops.mul):
    ...     print(by, "=", formula)
    d(x * y)/d(x) = y
    d(x * y)/d(y) = x
    """
    operands = [Value(0.0, name) for name in operation.operands]
    node = Value(0.0)
    node.op, node.inputs = operation, tuple(operands)
    names = Names([*operands, node], {})
    text, latex = computed(node, names)
    whole = Formula(text, latex if operation.precedence == ATOM else rf"\left({latex}\right)")
    found = []
    for place, operand in enumerate(operands):
        formula = local_gradient(node, place, names)
        if formula is None:
            return []
        found.append((derivative(whole, names[operand]), formula))
    return found


# --- numbers ------------------------------------------------------------------------------------------


def numeric(x: float) -> Formula:
    """Return a number as a formula."""
    if x is UNDEFINED:
        return Formula("undefined", r"\text{undefined}")
    return Formula(number(x)[0], number(x, latex=True)[0])


def product(factors: Sequence[float]) -> Formula:
    """Return a product of numbers.

    >>> product([2.0, -3.0]).text
    '2 * (-3)'
    """
    return _joined(ops.mul, factors)


def total(terms: Sequence[float]) -> Formula:
    """Return a sum of numbers.

    >>> total([2.0, -3.0]).text
    '2 + (-3)'
    """
    return _joined(ops.add, terms)


def _joined(operation: Operation, numbers: Sequence[float]) -> Formula:
    def join(latex: bool) -> str:
        def both(left: Written, right: Written) -> Written:
            return composed(operation, [left, right], latex)

        return reduce(both, [number(x, latex) for x in numbers])[0]

    return Formula(join(latex=False), join(latex=True))

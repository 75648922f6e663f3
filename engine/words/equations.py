"""Nodes, derivatives and numbers as formulas, in plain text and in LaTeX."""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from .. import ops
from ..name import Names
from ..notation import formulas
from ..notation.formulas import Symbol, derivative, partial, symbol, total, write_expression
from ..operation import ATOM, Operation
from ..slope import Undefined
from ..value import Value
from .document import Formula

Sign = Callable[[Value], Symbol | float]  # what stands for a node in a formula


def write_name(node: Value, names: Names) -> Formula:
    """Write a node's name, or the number of a constant."""
    return Formula(names[node], names.latex(node))


def write_operation(node: Value, names: Names) -> Formula:
    """Write how a node is computed from its operands, such as ``a * b``."""
    return _formula(lambda sign: Symbol("", node.op, tuple(map(sign, node.inputs))), names)


def write_partial(of: Formula, wrt: Formula) -> Formula:
    """Write the sign of a local derivative, such as ``∂d/∂a``."""
    return Formula(partial(of.text, wrt.text), partial(of.latex, wrt.latex, latex=True))


def write_total(of: Formula, wrt: Formula) -> Formula:
    """Write the sign of a total derivative, such as ``dL/da``."""
    return Formula(total(of.text, wrt.text), total(of.latex, wrt.latex, latex=True))


def write_local_gradient(node: Value, place: int, names: Names) -> Formula | None:
    """Write the derivative of a node with respect to one of its inputs; None if its rule cannot be read as a formula.

    >>> a = Value(2.0, "a")
    >>> write_local_gradient(t := a.tanh(), 0, Names([a, t])).text
    '1 - tanh(a) ** 2'
    """

    def expression(sign: Sign) -> Any:
        operands = tuple(map(sign, node.inputs))
        return derivative(node.op, place, operands, sign(node) if names.given(node) else Symbol("", node.op, operands))

    return None if expression(lambda x: symbol(x, names)) is None else _formula(expression, names)


def write_rule(operation: Operation) -> list[tuple[Formula, Formula]]:
    """Write an operation's rule: the sign of each derivative and its formula; empty if it cannot be read as one.

    >>> for sign, formula in write_rule(ops.mul):
    ...     print(sign, "=", formula)
    ∂(x * y)/∂x = y
    ∂(x * y)/∂y = x
    """
    operands = [Value(0.0, name) for name in operation.operands]
    node = Value(0.0)
    node.op, node.inputs = operation, tuple(operands)
    names = Names([*operands, node])
    text, latex = write_operation(node, names)
    whole = Formula(text, latex if operation.precedence == ATOM else rf"\left({latex}\right)")
    signs = [write_partial(whole, write_name(operand, names)) for operand in operands]
    found = [write_local_gradient(node, place, names) for place in range(len(operands))]
    return [] if None in found else list(zip(signs, filter(None, found), strict=True))


def _formula(expression: Callable[[Sign], Any], names: Names) -> Formula:
    text = expression(lambda node: symbol(node, names))
    latex = expression(lambda node: symbol(node, names, latex=True))
    return Formula(write_expression(text), write_expression(latex, latex=True))


def write_number(x: float) -> Formula:
    """Write a number, or that it is undefined."""
    if isinstance(x, Undefined):
        return Formula("undefined", r"\text{undefined}")
    return Formula(formulas.write_number(x)[0], formulas.write_number(x, latex=True)[0])


def product_of(factors: Sequence[float]) -> Formula:
    """Write a product of numbers, such as ``2 * (-3)``."""
    return _joined(ops.mul, factors)


def sum_of(terms: Sequence[float]) -> Formula:
    """Write a sum of numbers, such as ``2 + (-3)``."""
    return _joined(ops.add, terms)


def _joined(operation: Operation, numbers: Sequence[float]) -> Formula:
    def join(latex: bool) -> str:
        parts = [formulas.write_number(x, latex) for x in numbers]
        return reduce(lambda x, y: formulas.write_operation(operation, [x, y], latex), parts)[0]

    return Formula(join(latex=False), join(latex=True))

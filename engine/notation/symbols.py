"""Symbols: expressions that are written down instead of computed.

A rule of the table, evaluated with symbols instead of numbers, gives the local derivatives as formulas. Programs,
formulas and explanations are all written from these, so that each derivative stands in the table alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ops
from ..errors import OperationError
from ..operation import ATOM, POWER, PRODUCT, SIGN, Operation, Operators
from ..support.latex import latex_of_number
from ..support.numbers import format_exact, format_number

Written = tuple[str, float]  # a written form, and how strongly it binds
RAISED = SIGN + 0.5  # fractions and e^x in LaTeX: they need brackets as the base of a power, but not in a product


class Symbol(Operators):
    """A name, or an operation on other expressions.

    Only what leaves every bit of a result unchanged is simplified: ``1 * x``, ``x / 1``, ``x ** 1``, ``-1 * x``
    and ``--x``.

    Attributes:
        name: the name; empty for an operation.
        operation: the operation; None for a name.
        operands: the operands: symbols and floats.

    >>> x = Symbol("x")
    >>> print(ops.tanh(2.0 * (x + 1.0)) * 1.0)
    tanh(2 * (x + 1))
    """

    __slots__ = ("name", "operands", "operation")

    def __init__(self, name: str = "", operation: Operation | None = None, operands: tuple[Any, ...] = ()) -> None:
        self.name = name
        self.operation = operation
        self.operands = operands

    @staticmethod
    def __apply__(operation: Operation, operands: tuple[Any, ...]) -> Any:
        same = _simplified(operation, operands)
        return Symbol("", operation, tuple(map(_expression, operands))) if same is None else same

    def __bool__(self) -> bool:
        raise TypeError(
            f"a symbol such as {self} is neither true nor false; write where(condition, x, y) instead of if"
        )

    def __str__(self) -> str:
        return write_expression(self)

    __repr__ = __str__


def _expression(operand: Any) -> Any:
    return operand if isinstance(operand, Symbol) else float(operand)


def _simplified(operation: Operation, operands: tuple[Any, ...]) -> Symbol | None:
    """Return a simpler expression with the same result to the last bit; None if it cannot be simplified."""
    x, y = operands[0], operands[-1]
    if operation is ops.mul and _is(1.0, x):
        return y  # type: ignore[no-any-return]
    if operation in (ops.mul, ops.div) and _is(1.0, y):
        return x  # type: ignore[no-any-return]
    if operation is ops.mul and _is(-1.0, x):
        return ops.neg(y)  # type: ignore[no-any-return]
    if operation.general is ops.power and operation.parameters["exponent"] == 1.0:
        return x  # type: ignore[no-any-return]
    if operation is ops.neg and x.operation is ops.neg:
        return x.operands[0]  # type: ignore[no-any-return]
    return None


def _is(number: float, operand: Any) -> bool:
    return operand.__class__ is float and operand == number


def local_derivatives(operation: Operation, operands: Sequence[Any], out: Any) -> tuple[Any, ...]:
    """Return an operation's local derivatives as expressions.

    Args:
        operation: the operation.
        operands: a symbol or number for each operand.
        out: a symbol for the operation's result.

    Raises:
        OperationError: the rule uses more than operators and functions of the table.

    >>> x = Symbol("x")
    >>> local_derivatives(ops.tanh, [x], Symbol("t"))
    (1 - t ** 2,)
    """
    try:
        return tuple(map(_expression, operation.rule(*operands, out)))
    except TypeError as error:
        raise OperationError(
            f"the rule of {operation.name} cannot be read as a formula ({error}); "
            "write it in operators and functions of engine, with where(condition, x, y) instead of if"
        ) from None


def names_in(expression: Any) -> list[str]:
    """Return the names in an expression, each once, in the order of their first use.

    >>> names_in(Symbol("a") * Symbol("b") + Symbol("a"))
    ['a', 'b']
    """
    found: dict[str, None] = {}
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Symbol):
            if part.name:
                found[part.name] = None
            waiting.extend(reversed(part.operands))
    return list(found)


def operations_in(expression: Any) -> set[Operation]:
    """Return the operations in an expression."""
    found: set[Operation] = set()
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Symbol):
            if part.operation is not None:
                found.add(part.operation)
            waiting.extend(part.operands)
    return found


# --- writing ------------------------------------------------------------------------------------------


def write_expression(expression: Any, latex: bool = False) -> str:
    r"""Write an expression with as few brackets as possible.

    Args:
        expression: a symbol or a number.
        latex: whether to write LaTeX; names must be LaTeX then.

    >>> a, b = Symbol("a"), Symbol("b")
    >>> write_expression((a + b) * -a ** 2.0)
    '(a + b) * (-a ** 2)'
    >>> print(write_expression(1.0 / (a + b), latex=True))
    \frac{1}{a + b}
    """
    return _written(expression, latex)[0]


def _written(expression: Any, latex: bool) -> Written:
    """Write an expression, and return how strongly it binds."""
    if not isinstance(expression, Symbol):
        return write_number(expression, latex)
    operation, operands = expression.operation, expression.operands
    if operation is None:
        return expression.name, ATOM
    if operation is ops.mul and operands[0] is operands[1]:
        operation, operands = ops.power, operands[:1]
    return write_operation(operation, [_written(x, latex) for x in operands], latex)


def write_number(x: float, latex: bool = False, exact: bool = False) -> Written:
    r"""Write a number, in six digits or exactly, and return how strongly it binds.

    >>> write_number(1 / 3)[0], write_number(1 / 3, exact=True)[0], write_number(-1e-5, latex=True)[0]
    ('0.333333', '0.3333333333333333', '-1 \\cdot 10^{-5}')
    """
    text = latex_of_number(x) if latex else format_exact(x) if exact else format_number(x)
    return text, PRODUCT if r"\cdot" in text else SIGN if text.startswith("-") else ATOM


def write_operation(operation: Operation, parts: Sequence[Written], latex: bool = False) -> Written:
    """Write an operation on operands that are written already, with as few brackets as possible.

    Args:
        operation: the operation.
        parts: the written form of each operand, and how strongly it binds.
        latex: whether to write LaTeX.

    Returns:
        The written form, and how strongly it binds.

    >>> write_operation(ops.mul, [write_operation(ops.add, [("a", ATOM), ("b", ATOM)]), ("c", ATOM)])
    ('(a + b) * c', 2)
    """
    texts = [
        _bracketed(text, latex) if _needs_brackets(operation, place, text, binds, latex) else text
        for place, (text, binds) in enumerate(parts)
    ]
    form = operation.written_in_latex if latex else operation.written
    return form(*texts), RAISED if latex and operation in (ops.div, ops.exp) else operation.precedence


def _needs_brackets(operation: Operation, place: int, text: str, binds: float, latex: bool) -> bool:
    """Return whether an operand needs brackets."""
    around = operation.precedence
    if around == ATOM or (latex and (operation is ops.div or (operation is ops.pow and place == 1))):
        return False
    if text.startswith("-") and (place > 0 or around > PRODUCT):
        return True
    if binds == around and binds < ATOM:
        return around == SIGN or place == (0 if around == POWER else 1)
    return binds < around


def _bracketed(text: str, latex: bool) -> str:
    return rf"\left({text}\right)" if latex else f"({text})"

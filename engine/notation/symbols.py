"""Symbols: expressions that are written down instead of computed.

A rule of the table, evaluated with symbols instead of numbers, gives the local derivatives as formulas. Programs,
formulas and explanations are all written from these, so that each derivative stands in the table alone.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from .. import ops
from ..errors import OperationError
from ..operation import ATOM, POWER, PRODUCT, SIGN, Operation, Operators
from ..support.text import format_exact, format_number, latex_of_number

Written = tuple[str, float]  # a written form, and how strongly it binds
RAISED = SIGN + 0.5  # fractions and e^x in LaTeX: they need brackets as the base of a power, but not in a product


class Symbol(Operators):
    """A name, which has no operation, or an operation on symbols and floats, which has no name.

    Only what leaves every bit of a result unchanged is simplified: ``1 * x``, ``x / 1``, ``x ** 1``, ``-1 * x``
    and ``--x``.

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
        raise TypeError(f"a symbol such as {self} is not true or false; write where(condition, x, y) instead of if")

    def __str__(self) -> str:
        return write_expression(self)

    __repr__ = __str__


def _expression(operand: Any) -> Any:
    return operand if isinstance(operand, Symbol) else float(operand)


def _simplified(operation: Operation, operands: tuple[Any, ...]) -> Any:
    """Return a simpler expression with the same result to the last bit; None if it cannot be simplified."""
    x, y = operands[0], operands[-1]
    left, right = (operand if isinstance(operand, float) else None for operand in (x, y))
    if operation is ops.mul and left == 1.0:
        return y
    if operation in (ops.mul, ops.div) and right == 1.0:
        return x
    if operation is ops.mul and left == -1.0:
        return ops.neg(y)
    if operation.general is ops.power and operation.parameters["exponent"] == 1.0:
        return x
    return x.operands[0] if operation is ops.neg and x.operation is ops.neg else None


def local_derivatives(operation: Operation, operands: Sequence[Any], out: Any) -> tuple[Any, ...]:
    """Return an operation's local derivatives as expressions, with symbols or numbers for its operands and its result.

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


def _symbols_in(expression: Any) -> Iterator[Symbol]:
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Symbol):
            yield part
            waiting.extend(reversed(part.operands))


def names_in(expression: Any) -> list[str]:
    """Return the names in an expression, each once, in the order of their first use.

    >>> names_in(Symbol("a") * Symbol("b") + Symbol("a"))
    ['a', 'b']
    """
    return list(dict.fromkeys(part.name for part in _symbols_in(expression) if part.name))


def operations_in(expression: Any) -> set[Operation]:
    """Return the operations in an expression."""
    return {part.operation for part in _symbols_in(expression) if part.operation is not None}


def write_expression(expression: Any, latex: bool = False) -> str:
    r"""Write a symbol or a number with as few brackets as possible; for LaTeX, the names must be LaTeX.

    >>> a, b = Symbol("a"), Symbol("b")
    >>> write_expression((a + b) * -a ** 2.0)
    '(a + b) * (-a ** 2)'
    >>> print(write_expression(1.0 / (a + b), latex=True))
    \frac{1}{a + b}
    """
    return _written(expression, latex)[0]


def _written(expression: Any, latex: bool) -> Written:
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

    >>> write_operation(ops.mul, [write_operation(ops.add, [("a", ATOM), ("b", ATOM)]), ("c", ATOM)])
    ('(a + b) * c', 2)
    """
    opening, closing = (r"\left(", r"\right)") if latex else ("(", ")")
    texts = [
        f"{opening}{text}{closing}" if _needs_brackets(operation, place, text, binds, latex) else text
        for place, (text, binds) in enumerate(parts)
    ]
    form = operation.written_in_latex if latex else operation.written
    return form(*texts), RAISED if latex and operation in (ops.div, ops.exp) else operation.precedence


def _needs_brackets(operation: Operation, place: int, text: str, binds: float, latex: bool) -> bool:
    around = operation.precedence
    if around == ATOM or (latex and (operation is ops.div or (operation is ops.pow and place == 1))):
        return False
    if text.startswith("-") and (place > 0 or around > PRODUCT):
        return True
    if binds == around and binds < ATOM:
        return around == SIGN or place == (0 if around == POWER else 1)
    return binds < around

"""Symbols: expressions that are written down and not computed, to read the table's rules with.

Reading a rule with symbols in the places of the operands gives the local derivatives as formulas. Programs,
formulas and explanations are all written from these, so that no derivative stands anywhere a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ops
from ..errors import OperationError
from ..ops import ATOM, POWER, PRODUCT, SIGN, Operation

Written = tuple[str, float]  # a written form, and how strongly it binds
RAISED = SIGN + 0.5  # fractions and e^x in LaTeX: they stand alone in a product, but not as the base of a power


class Symbol:
    """Be a name, or an operation on other expressions.

    Only what changes no bit of a result is simplified: ``1 * x``, ``x / 1``, ``x ** 1``, ``-1 * x`` and ``--x``.

    Attributes:
        name: the name; empty for an operation.
        operation: the operation; None for a name.
        operands: what the operation is applied to: symbols and floats.

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

    def __add__(self, other: Any) -> Any:
        return ops.add(self, other)

    def __radd__(self, other: Any) -> Any:
        return ops.add(other, self)

    def __sub__(self, other: Any) -> Any:
        return ops.sub(self, other)

    def __rsub__(self, other: Any) -> Any:
        return ops.sub(other, self)

    def __mul__(self, other: Any) -> Any:
        return ops.mul(self, other)

    def __rmul__(self, other: Any) -> Any:
        return ops.mul(other, self)

    def __truediv__(self, other: Any) -> Any:
        return ops.div(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return ops.div(other, self)

    def __pow__(self, exponent: Any) -> Any:
        return ops.pow(self, exponent)

    def __rpow__(self, base: Any) -> Any:
        return ops.pow(base, self)

    def __neg__(self) -> Any:
        return ops.neg(self)

    def __bool__(self) -> bool:
        raise TypeError(f"{self} has no number to decide by; write where(condition, x, y) in the place of if")

    def __str__(self) -> str:
        return written(self)

    __repr__ = __str__


def _expression(operand: Any) -> Any:
    return operand if isinstance(operand, Symbol) else float(operand)


def _simplified(operation: Operation, operands: tuple[Any, ...]) -> Symbol | None:
    """Return what an operation on operands is the same as, to the last bit; None if it is something of its own."""
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
    """Read an operation's rule with symbols: return its local derivatives as expressions.

    Args:
        operation: the operation.
        operands: a symbol or number for each operand.
        out: what stands for the operation's own result.

    Raises:
        OperationError: the rule is not written in operators and functions of the table alone.

    >>> x = Symbol("x")
    >>> local_derivatives(ops.tanh, [x], Symbol("t"))
    (1 - t ** 2,)
    """
    try:
        return tuple(map(_expression, operation.rule(*operands, out)))
    except TypeError as error:
        raise OperationError(
            f"the rule of {operation.name} cannot be read as a formula ({error}); "
            "write it in operators and functions of engine, with where(condition, x, y) in the place of if"
        ) from None


def names_in(expression: Any) -> list[str]:
    """Return the names in an expression, each once, in order.

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


def written(expression: Any, latex: bool = False) -> str:
    r"""Write an expression with the brackets that it needs and no others.

    Args:
        expression: a symbol or a number.
        latex: whether to write LaTeX, in which names must be LaTeX already.

    >>> a, b = Symbol("a"), Symbol("b")
    >>> written((a + b) * -a ** 2.0)
    '(a + b) * (-a ** 2)'
    >>> print(written(1.0 / (a + b), latex=True))
    \frac{1}{a + b}
    """
    return _written(expression, latex)[0]


def _written(expression: Any, latex: bool) -> Written:
    """Return the written form and how strongly it binds."""
    if not isinstance(expression, Symbol):
        return number(expression, latex)
    operation, operands = expression.operation, expression.operands
    if operation is None:
        return expression.name, ATOM
    if operation is ops.mul and operands[0] is operands[1]:
        operation, operands = ops.power, operands[:1]
    return composed(operation, [_written(x, latex) for x in operands], latex)


def number(x: float, latex: bool = False, exact: bool = False) -> Written:
    r"""Write a number, in six digits or exactly, and say how strongly it binds.

    >>> number(1 / 3)[0], number(1 / 3, exact=True)[0], number(-1e-5, latex=True)[0]
    ('0.333333', '0.3333333333333333', '-1 \\cdot 10^{-5}')
    """
    text = f"{x:.6g}"
    if exact and float(text) != x:
        text = repr(float(x))
    binds: float = SIGN if text.startswith("-") else ATOM
    mantissa, has_exponent, exponent = text.partition("e")
    if latex and has_exponent:
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}", PRODUCT
    return text.replace("inf", r"\infty") if latex else text, binds


def composed(operation: Operation, parts: Sequence[Written], latex: bool = False) -> Written:
    """Write an operation on operands that are written already, with the brackets that it needs.

    Args:
        operation: the operation.
        parts: each operand's written form, and how strongly it binds.
        latex: whether to write LaTeX.

    Returns:
        The written form, and how strongly it binds.

    >>> composed(ops.mul, [composed(ops.add, [("a", ATOM), ("b", ATOM)]), ("c", ATOM)])
    ('(a + b) * c', 2)
    """
    texts = [
        _bracketed(text, latex) if _falls_apart(operation, place, text, binds, latex) else text
        for place, (text, binds) in enumerate(parts)
    ]
    form = operation.written_in_latex if latex else operation.written
    return form(*texts), RAISED if latex and operation in (ops.div, ops.exp) else operation.precedence


def _falls_apart(operation: Operation, place: int, text: str, binds: float, latex: bool) -> bool:
    """Tell whether an operand would be read otherwise without brackets."""
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

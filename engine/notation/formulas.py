"""Formulas: symbols, which are written down instead of computed, and nodes and derivatives written with them.

A rule of the table, evaluated with symbols instead of numbers, gives the local derivatives as formulas. Programs,
drawings and explanations are all written from these, so that each derivative stands in the table alone.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from typing import Any

from .. import ops
from ..errors import OperationError
from ..name import Names
from ..operation import ATOM, POWER, PRODUCT, SIGN, Operation, Operators
from ..slope import FLAT
from ..support.text import format_exact, format_number, latex_of_name, latex_of_number
from ..value import Value

MAX_LENGTH = 60  # characters of a part of an expression that is written out
RAISED = SIGN + 0.5  # fractions and e^x in LaTeX: they need brackets as the base of a power, but not in a product

Written = tuple[str, float]  # a written form, and how strongly it binds
Called = Callable[[Value], str]


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
    return operand if isinstance(operand, Symbol) or operand is FLAT else float(operand)


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
    except Exception as error:  # the rule of a registered operation may do anything with its operands
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


def partial(of: str, wrt: str, latex: bool = False) -> str:
    """Write the sign of a local derivative, that of a name or an expression with respect to one of its own operands.

    For LaTeX, the names must be LaTeX.

    >>> partial("d", "a"), partial("x * y", "x"), partial("tanh(x)", "x")
    ('∂d/∂a', '∂(x * y)/∂x', '∂tanh(x)/∂x')
    """
    if latex:
        return rf"\frac{{\partial {of}}}{{\partial {wrt}}}"
    needs_none = re.compile(r"[\w.\[\]]+(\([^()]*\))?")  # brackets: a name, or a function of one
    return "/".join(f"∂{name}" if needs_none.fullmatch(name) else f"∂({name})" for name in (of, wrt))


def total(of: str, wrt: str, latex: bool = False) -> str:
    """Write the sign of a total derivative, that of a root with respect to a node along all paths.

    For LaTeX, the names must be LaTeX.

    >>> total("L", "w1"), total("loss", "w1")
    ('dL/dw1', 'd(loss)/d(w1)')
    """
    if latex:
        return rf"\frac{{d {of}}}{{d {wrt}}}"
    is_short = all(re.fullmatch(r"[^\W\d_][\d_]*(\[\d+\])*", name) for name in (of, wrt))
    return f"d{of}/d{wrt}" if is_short else f"d({of})/d({wrt})"


def symbol(node: Value, names: Names, latex: bool = False) -> Symbol | float:
    """Return what stands for a node in an expression: its name as a symbol, or the number of a constant."""
    if names.is_number(node):
        return node.data
    return Symbol(latex_of_name(names[node]) if latex else names[node])


def statement(node: Value, called: Called) -> str:
    """Write how a node is computed from its operands; empty for a node without operands.

    >>> statement(Value(2.0, "a") * 3.0, lambda node: node.label or "3")
    'a * 3'
    """
    return _write_operation_of(node, map(called, node.inputs)) if node.inputs else ""


def with_numbers(node: Value) -> str:
    """Write how a node is computed, with the operands' numbers in place of their names.

    >>> with_numbers(Value(2.0) * -3.0)
    '2 * (-3)'
    """
    return _write_operation_of(node, (format_number(x.data) for x in node.inputs))


def _write_operation_of(node: Value, operands: Iterable[str]) -> str:
    return write_expression(Symbol("", node.op, tuple(map(Symbol, operands))))


def local_derivative(node: Value, position: int, called: Called) -> Any:
    """Return the derivative of a node with respect to one of its inputs as a symbol or a number.

    It is None if the operation's rule cannot be read with symbols.

    >>> a = Value(2.0, "a")
    >>> local_derivative(a ** 3, 0, lambda node: node.label)
    3 * a ** 2
    """
    operands = [x.data if x.is_constant else Symbol(called(x)) for x in node.inputs]
    return derivative(node.op, position, operands, Symbol(called(node)))


def derivative(operation: Operation, position: int, operands: Sequence[Any], out: Any) -> Any:
    """Return one of the `local_derivatives`; None if the operation's rule cannot be read with symbols."""
    try:
        return local_derivatives(operation, operands, out)[position]
    except Exception:  # the rule of a registered operation may do anything with its operands
        return None


def product(*factors: Any) -> str:
    """Write a product, not simplified, of expressions, names and numbers written already.

    >>> product("-3", "-0.5"), product(Symbol("a") + 1.0, "d.grad")
    ('-3 * (-0.5)', '(a + 1) * d.grad')
    """
    return write_expression(Symbol("", ops.mul, tuple(Symbol(x) if isinstance(x, str) else x for x in factors)))


def expression(order: Sequence[Value], called: Called) -> str:
    """Write a graph as one expression; labelled parts and long ones are named in it, not written out.

    >>> a = Value(2.0, "a")
    >>> expression([a, b := a * a, b + a], lambda node: node.label)
    'a * a + a'
    """
    parts: dict[Value, Symbol] = {}
    for node in order:  # with copies of operands, so that a * a is written as a product, not as a square
        operands = tuple(copy(parts[x]) for x in node.inputs)
        parts[node] = Symbol("", node.op, operands) if operands else Symbol(called(node))
        if node is not order[-1] and (node.label or len(write_expression(parts[node])) > MAX_LENGTH):
            parts[node] = Symbol(called(node))
    return write_expression(parts[order[-1]])

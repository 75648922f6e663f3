"""Expressions that people type, such as ``tanh(a*b + c)``: read with Python's grammar, never run as Python."""

from __future__ import annotations

import ast
import math
import re
import sys
import warnings
from collections.abc import Sequence
from keyword import iskeyword
from textwrap import dedent
from typing import Any
from unicodedata import normalize

from .. import ops
from ..errors import DomainError, StepgradError
from ..ops import TABLE, Operation, as_float
from ..value import Value

LONGEST = 100_000  # characters of an expression
WIDEST = 76  # characters of a line in a message
CONSTANTS = {"pi": math.pi, "e": math.e}
OPERATORS = {ast.Add: ops.add, ast.Sub: ops.sub, ast.Mult: ops.mul, ast.Div: ops.div, ast.Pow: ops.pow}
OTHER_NAMES = {
    "fabs": "abs", "ln": "log", "logistic": "sigmoid", "max": "maximum", "min": "minimum", "sigma": "sigmoid",
    "swish": "silu",
}  # fmt: skip
TOO_DEEP = "the expression is nested too deeply; name its parts one by one, as in d = a*b; tanh(d + c)"
TOO_LARGE = "this number is too large"
OTHER_STATEMENT = "only expressions and assignments such as d = a*b can stand here, apart by ; or on lines of their own"
OTHER_THING = "only numbers, names, + - * / **, brackets and functions such as tanh(x) can stand here"
OTHER_THINGS: dict[type[ast.AST], str] = {
    ast.Compare: "a comparison can only stand first in where(x > 0, y, z)",
    ast.IfExp: "write where(condition, x, y): x if the condition is greater than 0, else y",
    ast.Tuple: "a comma only stands between the operands of a function; decimals have a point",
}
OTHER_OPERATOR = "the operators are + - * / and **"
OTHER_OPERATORS: dict[type[ast.AST], str] = {ast.BitXor: "write ** for a power"}


class ExpressionError(StepgradError, ValueError):
    """Say what is wrong with something that was typed, and point at it."""


def parse(text: str, /, **numbers: float) -> Value:
    """Compute what somebody typed, and record it as a graph.

    It knows numbers, names, ``+ - * / **``, brackets, and every function of the table, also with parameters, as
    in ``leaky_relu(x, slope=0.2)``; ``pi`` and ``e`` unless they are given. Several statements stand apart by
    ``;`` or on lines of their own; each but the last gives its result a name, which becomes its label. The text
    is never run as Python.

    Args:
        text: the expression.
        numbers: a number for each name in it; they become labelled leaves.

    Returns:
        The last result. Plain numbers are computed as Python does: ``2 * 3 * a`` is one multiplication.

    Raises:
        ExpressionError: the text is no such expression, or a number is missing or not used.
        DomainError: an operation has no value at these numbers.
        TypeError: a number is none.

    >>> loss = parse("d = a*b; tanh(d + c)", a=2, b=-3, c=5)
    >>> print(loss)
    Value(-0.761594, grad=not computed, op='tanh')
    >>> parse("tanh(a*x) + 1", a=2)
    Traceback (most recent call last):
    engine.notation.expression.ExpressionError: x has no number; give it one, as in x=2
      tanh(a*x) + 1
             ^
    """
    return _Program(text, numbers).root()


def number(text: str) -> float:
    """Return a number that somebody typed, such as ``-3``, ``1e-5``, ``inf`` or ``pi/2``.

    Raises:
        ExpressionError: it is no number.

    >>> number("-3"), number("1/4")
    (-3.0, 0.25)
    """
    try:
        return float(text)
    except ValueError:
        return as_float(Reader(text).expression(), "number")


class Reader:
    """Read one thing that somebody typed; what a name stands for is up to its kind.

    Attributes:
        lines: the text.
        statements: the text by Python's grammar.

    Raises:
        ExpressionError: it is empty, too long, nested too deeply, or against the grammar.
    """

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"an expression is a text, such as 'tanh(a*b)', not {type(text).__name__} {text!r:.40}")
        if len(text) > LONGEST:
            raise ExpressionError(f"the expression has {len(text):,} characters, and the most is {LONGEST:,}")
        text = dedent(re.sub(r"\r\n?", "\n", text).expandtabs()).strip()
        self.lines = text.split("\n")
        self.statements = self._statements(text)
        if not self.statements:
            raise ExpressionError("there is no expression; write one, such as tanh(a*b + c)")

    def _statements(self, text: str) -> list[ast.stmt]:
        try:
            with warnings.catch_warnings(action="ignore"):  # on strange literals, which are refused anyway
                return ast.parse(text).body
        except SyntaxError as error:
            line, column, end = error.lineno or 1, (error.offset or 1) - 1, (error.end_offset or 0) - 1
            reserved = next((word for word in re.findall(r"\w+", text) if iskeyword(word)), "")
            says = f"{reserved} is a word of Python's own; choose another name" if reserved else _plainly(error.msg)
            raise ExpressionError(self._pointed(says, line, column, end)) from None
        except ValueError:
            raise ExpressionError("the expression holds NUL or half of a character, which no text should") from None
        except (RecursionError, MemoryError):
            raise ExpressionError(TOO_DEEP) from None

    # --- pointing -------------------------------------------------------------------------------------

    def wrong(self, node: Any, says: str) -> ExpressionError:
        """Return the error that says what is wrong with a part of the text."""
        return ExpressionError(self.pointed(node, says))

    def pointed(self, node: Any, says: str) -> str:
        """Return a sentence, and below it the line that it is about with the part marked."""
        begin = self._column(node.lineno, node.col_offset)
        end = self._column(node.lineno, node.end_col_offset) if node.end_lineno == node.lineno else 0
        return self._pointed(says, node.lineno, begin, end)

    def _column(self, line: int, offset: int) -> int:
        """Return where in a line something is, in characters; Python's grammar counts in bytes."""
        return len(self.lines[line - 1].encode()[:offset].decode(errors="ignore"))

    def _pointed(self, says: str, line: int, begin: int, end: int) -> str:
        text = "".join(c if c.isprintable() else "?" for c in self.lines[line - 1])
        start = max(0, begin - WIDEST // 2) if len(text) > WIDEST else 0
        shown = text[start : start + WIDEST]
        marks = max(1, min(end, start + WIDEST) - begin)
        return f"{says}\n  {shown}\n  {' ' * (begin - start)}{'^' * marks}"

    # --- computing ------------------------------------------------------------------------------------

    def expression(self) -> Any:
        """Return what the text is, where it is one expression.

        Raises:
            ExpressionError: it is something else.
            DomainError: an operation has no value at the operands.
        """
        first = self.statements[0]
        if len(self.statements) > 1 or not isinstance(first, ast.Expr):
            raise self.wrong(self.statements[-1], "one expression is wanted here, without = and ;")
        return self.computed(first.value)

    def computed(self, node: ast.expr) -> Any:
        """Return what an expression is.

        Raises:
            ExpressionError: it is none, or nested too deeply.
            DomainError: an operation has no value at the operands.
        """
        try:
            return self.value(node)
        except RecursionError:
            raise ExpressionError(TOO_DEEP) from None

    def value(self, node: ast.expr) -> Any:
        """Return what a part of an expression is: a number, or what names stand for and is computed from them."""
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return self._number(node, number)
            case ast.Name():
                return self.named(node)
            case ast.BinOp():
                return self._chain(node)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.apply(node, ops.neg, self.value(operand))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.value(operand)
            case ast.Call():
                return self.call(node)
            case ast.Attribute(attr=name) if name in TABLE:
                raise self.wrong(node, f"write {name}(...), without a dot")
        raise self.wrong(node, OTHER_THINGS.get(type(node), OTHER_THING))

    def named(self, node: ast.Name) -> Any:
        """Return what a name stands for."""
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        raise self.wrong(node, f"{node.id} is no number")

    def call(self, node: ast.Call) -> Any:
        """Return what an operation of the table gives."""
        operation = self._operation(node.func)
        first = self._condition if operation is ops.where else self.value
        given = [self.value(x) if position else first(x) for position, x in enumerate(node.args)]
        operands, more = given[: operation.arity], given[operation.arity :]
        if len(operands) < operation.arity or len(more) > len(operation.parameters):
            raise self.wrong(node, f"{operation.name} takes {_taken(operation)}, not {len(given)}")
        parameters = self._parameters(node, operation, more)
        return self.apply(node, operation.bind(**parameters) if parameters else operation, *operands)

    def _parameters(self, node: ast.Call, operation: Operation, more: Sequence[Any]) -> dict[str, float]:
        """Return the parameters that are given to an operation behind its operands, by place or by name."""
        parameters = dict(zip(operation.parameters, more, strict=False))
        for keyword in node.keywords:
            name = keyword.arg or "**"
            if name not in operation.parameters or name in parameters:
                known = ", ".join(operation.parameters) or "none"
                raise self.wrong(keyword, f"{operation.name} has no such parameter, or has it already; it has {known}")
            parameters[name] = self.value(keyword.value)
        for name, parameter in parameters.items():
            if not isinstance(parameter, float):
                raise self.wrong(node, f"{name} is a parameter of {operation.name}, so it is a plain number, as in 0.2")
        return parameters

    def apply(self, node: ast.expr, operation: Operation, *operands: Any) -> Any:
        """Return what an operation gives, or point at where it has no value."""
        try:
            return operation(*operands)
        except DomainError as error:
            raise type(error)(self.pointed(node, str(error))) from None

    def _number(self, node: ast.expr, number: float) -> float:
        if number > sys.float_info.max:
            raise self.wrong(node, TOO_LARGE)
        return float(number)

    def _chain(self, node: ast.expr) -> Any:
        """Compute operators from left to right without recursion, since a long sum leans to the left."""
        chain: list[ast.BinOp] = []
        while isinstance(node, ast.BinOp):
            chain.append(node)
            node = node.left
        out = self.value(node)
        for link in reversed(chain):
            if type(link.op) not in OPERATORS:
                raise self.wrong(link, OTHER_OPERATORS.get(type(link.op), OTHER_OPERATOR))
            out = self.apply(link, OPERATORS[type(link.op)], out, self.value(link.right))
        return out

    def _condition(self, node: ast.expr) -> Any:
        """Return what is greater than 0 where the first operand of ``where`` holds."""
        match node:
            case ast.Compare(left=left, ops=[ast.Gt()], comparators=[right]):
                pass
            case ast.Compare(left=right, ops=[ast.Lt()], comparators=[left]):
                pass
            case _:
                return self.value(node)
        if isinstance(right, ast.Constant) and right.value == 0:
            return self.value(left)
        return self.apply(node, ops.sub, self.value(left), self.value(right))

    def _operation(self, node: ast.expr) -> Operation:
        name = node.id if isinstance(node, ast.Name) else ""
        if name in TABLE:
            return TABLE[name]
        if not name:
            self.value(node)  # most likely this raises what explains more
            raise self.wrong(node, "only a function can stand before brackets; write * for a product")
        raise self.wrong(node, f"there is no function {name}; {_remedy(name)}")


class _Program(Reader):
    """Read statements that make a graph."""

    def __init__(self, text: str, numbers: dict[str, float]) -> None:
        super().__init__(text)
        self.given = {normalize("NFKC", name): Value(number, name) for name, number in numbers.items()}
        self.known = dict(self.given)
        self.used: set[str] = set()

    def root(self) -> Value:
        """Return the last result."""
        *earlier, last = self.statements
        for statement in earlier:
            if isinstance(statement, ast.Expr):
                raise self.wrong(statement, "nothing is done with this result; give it a name, as in d = a*b")
            self._result(statement)
        root = self._result(last)
        for name in self.given:
            if name not in self.used:
                raise ExpressionError(f"{name} is given a number, but there is no {name} in the expression")
        if not isinstance(root, Value):
            raise self.wrong(last, f"this is the plain number {root:g}; name what can change, as in x**2 with x=3")
        return root

    def _result(self, statement: ast.stmt) -> Any:
        match statement:
            case ast.Expr(value=expression):
                return self.computed(expression)
            case ast.Assign(targets=[ast.Name(id=name)], value=expression):
                return self._assigned(statement, name, self.computed(expression))
        raise self.wrong(statement, OTHER_STATEMENT)

    def _assigned(self, statement: ast.stmt, name: str, result: Any) -> Value:
        if name in self.given:
            raise self.wrong(statement, f"{name} is given a number already, so it cannot be assigned")
        value = result if isinstance(result, Value) else Value(result)
        value.label = value.label or name
        self.known[name] = value
        return value

    def named(self, node: ast.Name) -> Any:
        """Return the Value that a name was given or assigned, or a constant."""
        self.used.add(node.id)
        if node.id in self.known:
            return self.known[node.id]
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        if node.id in TABLE:
            raise self.wrong(node, f"{node.id} is a function; write {TABLE[node.id].written()}")
        missing = self._missing()
        if node.id not in missing:
            raise self.wrong(node, f"{node.id} has no number here yet; assign one on its left, as in {node.id} = 2")
        if len(missing) == 1:
            raise self.wrong(node, f"{node.id} has no number; give it one, as in {node.id}=2")
        remedy = " ".join(f"{name}=2" for name in missing)
        raise self.wrong(node, f"{_enumerated(missing)} have no numbers; give them some, as in {remedy}")

    def _missing(self) -> list[str]:
        """Return all names that have no number, in the order of the text."""
        nodes = [node for statement in self.statements for node in ast.walk(statement)]
        functions = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        names = [node for node in nodes if isinstance(node, ast.Name) and id(node) not in functions]
        assigned = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        names.sort(key=lambda node: (node.lineno, node.col_offset))
        has_number = {*self.given, *CONSTANTS, *assigned, *TABLE}
        return list(dict.fromkeys(node.id for node in names if node.id not in has_number))


def _plainly(message: str) -> str:
    """Return what Python's grammar says, for somebody who types a formula and no program."""
    if message.startswith("Exceeds the limit"):
        return TOO_LARGE
    return message.replace("invalid syntax", "something is missing, wrong or too much here", 1)


def _taken(operation: Operation) -> str:
    """Return what an operation takes, in words."""
    operands = f"{operation.arity} operand{'' if operation.arity == 1 else 's'}"
    return operands + "".join(f" and {name}" for name in operation.parameters)


def _enumerated(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1]


def _remedy(name: str) -> str:
    """Return what to write instead of a function that there is not."""
    from difflib import get_close_matches

    near = [OTHER_NAMES[name]] if name in OTHER_NAMES else get_close_matches(name, TABLE, n=2)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"write * for a product, or one of {', '.join(TABLE)}"

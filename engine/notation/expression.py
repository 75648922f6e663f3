"""Typed expressions, such as ``tanh(a*b + c)``: parsed with Python's grammar, never run as Python."""

import ast
import math
import re
import sys
import warnings
from collections.abc import Iterable, Sequence
from contextlib import suppress
from keyword import iskeyword
from textwrap import dedent
from typing import Any
from unicodedata import normalize

from .. import ops
from ..errors import DomainError, StepgradError
from ..operation import TABLE, Operation, as_float
from ..support.text import counted, did_you_mean, listed
from ..value import Value
from .spelling import OTHER_NAMES, WRITTEN_OTHERWISE, SpellingError, spelled

MAX_LENGTH = 100_000  # characters of an expression
MAX_WIDTH = 76  # characters of a line in a message
CONSTANTS = {"pi": math.pi, "π": math.pi, "e": math.e}
OPERATORS = {
    ast.Add: ops.add, ast.Sub: ops.sub, ast.Mult: ops.mul, ast.Div: ops.div, ast.Mod: ops.mod, ast.Pow: ops.pow,
}  # fmt: skip
TOO_DEEP = "the expression is nested too deeply; give parts of it names, as in d = a*b; tanh(d + c)"
TOO_LARGE = "this number is too large"
OTHER_STATEMENT = "only expressions and assignments such as d = a*b are allowed, separated by ; or line breaks"
OTHER_THING = "only numbers, names, + - * / **, parentheses and functions such as tanh(x) are allowed here"
OTHER_THINGS: dict[type[ast.AST], str] = {
    ast.Compare: "a comparison is only allowed as the first operand of where, as in where(x > 0, y, z)",
    ast.IfExp: "write where(condition, x, y): x if the condition is greater than 0, else y",
    ast.Tuple: "a comma is only allowed between the operands of a function; write decimals with a point",
}


# What Python's errors are about, by what is found in their messages.
SYNTAX_ERROR = "syntax error here"
SYNTAX = (
    ("never closed", "this parenthesis is not closed"),
    ("unmatched|does not match", "this parenthesis does not match one before it"),
    ("Exceeds the limit", TOO_LARGE),
    ("unterminated|f-string|bytes", "quotation marks and primes are not allowed here; write a derivative as a number"),
    ("invalid (non-printable )?character", "this character is not allowed here; write + - * / ** and parentheses"),
    ("leading zeros", "a number must not begin with 0; write decimals with a point, as in 0.5"),
    ("assign|walrus", "only a name can stand in front of =, as in d = a*b"),
    (
        "generator|unpacking|positional argument|keyword",
        "the operands of a function stand in order, with commas between",
    ),
    ("decimal literal|hexadecimal|octal|binary|digit|number", "this is not a number; write decimals with a point"),
    ("indent", "a line must not begin with spaces"),
)


class ExpressionError(StepgradError, ValueError):
    """An invalid expression; the message shows the line and points at the part that is wrong."""


def parse(text: str, /, **numbers: float) -> Value:
    """Compute a typed expression and record it as a graph.

    An expression has numbers, names, ``+ - * / **``, parentheses, and every function of the table of operations, also
    with parameters, as in ``leaky_relu(x, slope=0.2)``; ``pi`` and ``e`` are known unless they are given. Statements
    are separated by ``;`` or line breaks; each but the last gives its result a name, which becomes its label. The
    text is never run as Python.

    Args:
        text: the expression.
        numbers: a number for each name in it; they become labelled leaves.

    Returns:
        The last result. Plain numbers are computed as in Python: ``2 * 3 * a`` records one multiplication.

    Raises:
        ExpressionError: the text is not such an expression, or a number is missing or not used.
        DomainError: an operation has no value at these numbers.
        TypeError: a number is not a real number.

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
    """Return a typed number, such as ``-3``, ``1e-5``, ``inf`` or ``pi/2``.

    Raises:
        ExpressionError: the text is not a number.

    >>> number("-3"), number("1/4")
    (-3.0, 0.25)
    """
    try:
        return float(text)
    except ValueError:
        return as_float(Reader(text).expression(), "number")


class Reader:
    """A reader of typed expressions; a subclass says what names stand for.

    Args:
        text: the expression.
        names: names of the reader's own, which are not functions.

    Raises:
        ExpressionError: the text is empty, too long, nested too deeply, or against the grammar.
    """

    def __init__(self, text: str, names: Iterable[str] = ()) -> None:
        if not isinstance(text, str):
            raise TypeError(f"an expression must be text, such as 'tanh(a*b)', not {type(text).__name__} {text!r:.40}")
        if len(text) > MAX_LENGTH:
            raise ExpressionError(f"an expression must have at most {MAX_LENGTH:,} characters, not {len(text):,}")
        text = dedent(re.sub(r"\r\n?", "\n", text).expandtabs()).strip()
        self.lines, self.own = text.split("\n"), frozenset(names)
        try:
            python = spelled(text, self.own)
        except SpellingError as error:
            line, begin = self._place(error.begin)
            raise ExpressionError(self._pointed(str(error), line, begin, begin + error.end - error.begin)) from None
        self._python_lines = python.text.split("\n")
        self._origin = python.origin
        self.statements = self._statements(python.text)
        if not self.statements:
            raise ExpressionError("the expression is empty; write one, such as tanh(a*b + c)")

    def _statements(self, text: str) -> list[ast.stmt]:
        try:
            with warnings.catch_warnings(action="ignore"):  # on strange literals, which are refused anyway
                return ast.parse(text).body
        except SyntaxError as error:
            line, column, end = error.lineno or 1, (error.offset or 1) - 1, (error.end_offset or 0) - 1
            reserved = next((word for word in re.findall(r"\w+", text) if iskeyword(word)), "")
            says = f"{reserved} is a keyword of Python; choose another name" if reserved else _syntax(error)
            begin = self._typed(line, column)
            if says == SYNTAX_ERROR and begin >= len(self.lines[line - 1]):
                says = f"{says}: a number or a name is missing"
            raise ExpressionError(self._pointed(says, line, begin, self._typed(line, end - 1) + 1)) from None
        except ValueError:
            raise ExpressionError("the expression contains NUL or half a surrogate pair; remove it") from None
        except (RecursionError, MemoryError):
            raise ExpressionError(TOO_DEEP) from None

    # --- pointing -------------------------------------------------------------------------------------

    def wrong(self, node: Any, says: str) -> ExpressionError:
        """Return the error about a part of the text."""
        return ExpressionError(self.pointed(node, says))

    def pointed(self, node: Any, says: str) -> str:
        """Return a message, and below it the line of the text with the part marked."""
        begin = self._typed(node.lineno, self._column(node.lineno, node.col_offset))
        end = self._column(node.lineno, node.end_col_offset) if node.end_lineno == node.lineno else 0
        return self._pointed(says, node.lineno, begin, self._typed(node.lineno, end - 1) + 1)

    def _column(self, line: int, offset: int) -> int:
        """Return a column in characters; Python's grammar counts in bytes."""
        return len(self._python_lines[line - 1].encode()[:offset].decode(errors="ignore"))

    def _typed(self, line: int, column: int) -> int:
        """Return the column in the line that was typed."""
        if column < 0:
            return -1
        before = sum(len(each) + 1 for each in self._python_lines[: line - 1])
        return self._place(self._origin[min(before + column, len(self._origin) - 1)])[1]

    def _place(self, typed: int) -> tuple[int, int]:
        """Return line and column of a place in the text that was typed."""
        for line, text in enumerate(self.lines, 1):
            if typed <= len(text):
                return line, typed
            typed -= len(text) + 1
        return len(self.lines), len(self.lines[-1])

    def _pointed(self, says: str, line: int, begin: int, end: int) -> str:
        text = "".join(c if c.isprintable() else "?" for c in self.lines[line - 1])
        start = max(0, begin - MAX_WIDTH // 2) if len(text) > MAX_WIDTH else 0
        shown = text[start : start + MAX_WIDTH]
        marks = max(1, min(end, start + MAX_WIDTH) - begin)
        return f"{says}\n  {shown}\n  {' ' * (begin - start)}{'^' * marks}"

    # --- computing ------------------------------------------------------------------------------------

    def expression(self) -> Any:
        """Return the value of the text, which must be a single expression."""
        first = self.statements[0]
        if len(self.statements) > 1 or not isinstance(first, ast.Expr):
            raise self.wrong(self.statements[-1], "expected a single expression, without = and ;")
        return self.computed(first.value)

    def computed(self, node: ast.expr) -> Any:
        """Return the value of an expression that may be nested too deeply."""
        try:
            return self.value(node)
        except RecursionError:
            raise ExpressionError(TOO_DEEP) from None

    def value(self, node: ast.expr) -> Any:
        """Return the value of a part of an expression."""
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                if number > sys.float_info.max:
                    raise self.wrong(node, TOO_LARGE)
                return float(number)
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
        """Return the value of a name."""
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        raise self.wrong(node, f"{node.id} is not a number")

    def call(self, node: ast.Call) -> Any:
        """Return the value of a call of an operation of the table."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if not name:
            self.value(node.func)  # raises a better message for most nodes
            raise self.wrong(node.func, "only a function can be called; write * for a product")
        if name in self.own and name not in TABLE:
            raise self.wrong(node.func, f"{name} is a number, not a function; write {name}*(...) for a product")
        name = name if name in TABLE else OTHER_NAMES.get(name, name)
        if name not in TABLE:
            near = did_you_mean(name, TABLE)
            if name in WRITTEN_OTHERWISE:
                near = f"; write {WRITTEN_OTHERWISE[name]}"
            remedy = near or f"; write * for a product, or one of {', '.join(TABLE)}"
            raise self.wrong(node.func, f"unknown function {name}{remedy}")
        operation = TABLE[name]
        first = self._condition if operation is ops.where else self.value
        given = [self.value(x) if position else first(x) for position, x in enumerate(node.args)]
        if not operation.parameters:
            with suppress(TypeError):
                operation = operation.of(len(given))
        operands, more = given[: operation.arity], given[operation.arity :]
        if len(operands) < operation.arity or len(more) > len(operation.parameters):
            expected = " and ".join([counted(operation.arity, "operand"), *operation.parameters])
            point = "; write decimals with a point" if re.search(r"\d,\d", self.lines[node.lineno - 1]) else ""
            raise self.wrong(node, f"{operation.name} takes {expected}, not {len(given)}{point}")
        parameters = self._parameters(node, operation, more)
        return self.apply(node, operation.bind(**parameters) if parameters else operation, *operands)

    def _parameters(self, node: ast.Call, operation: Operation, more: Sequence[Any]) -> dict[str, float]:
        parameters = dict(zip(operation.parameters, more, strict=False))
        for keyword in node.keywords:
            name = keyword.arg or "**"
            if name not in operation.parameters or name in parameters:
                known = f"its parameters are {listed(operation.parameters)}" if operation.parameters else "it has none"
                raise self.wrong(keyword, f"unknown or repeated parameter {name} of {operation.name}; {known}")
            parameters[name] = self.value(keyword.value)
        for name, parameter in parameters.items():
            if not isinstance(parameter, float):
                raise self.wrong(node, f"{name}, a parameter of {operation.name}, must be a plain number such as 0.2")
        return parameters

    def apply(self, node: ast.expr, operation: Operation, *operands: Any) -> Any:
        """Return the result of an operation; if it has no value, point at it."""
        try:
            return operation(*operands)
        except DomainError as error:
            raise type(error)(self.pointed(node, str(error))) from None

    def _chain(self, node: ast.expr) -> Any:
        """Compute binary operators from left to right, without recursion, since a long sum is nested to the left."""
        chain: list[ast.BinOp] = []
        while isinstance(node, ast.BinOp):
            chain.append(node)
            node = node.left
        out = self.value(node)
        for link in reversed(chain):
            if type(link.op) not in OPERATORS:
                is_xor = isinstance(link.op, ast.BitXor)
                raise self.wrong(link, "write ** for a power" if is_xor else "the operators are + - * / % and **")
            out = self.apply(link, OPERATORS[type(link.op)], out, self.value(link.right))
        return out

    def _condition(self, node: ast.expr) -> Any:
        """Return the first operand of ``where``, which counts as true if it is greater than 0."""
        match node:
            case (
                ast.Compare(left=left, ops=[ast.Gt()], comparators=[right])
                | ast.Compare(left=right, ops=[ast.Lt()], comparators=[left])
            ):
                if isinstance(right, ast.Constant) and right.value == 0:
                    return self.value(left)
                return self.apply(node, ops.sub, self.value(left), self.value(right))
        return self.value(node)


def _syntax(error: SyntaxError) -> str:
    """Return what a syntax error of Python is about, in words of expressions."""
    for pattern, says in SYNTAX:
        if re.search(pattern, error.msg):
            return says
    return SYNTAX_ERROR


class _Program(Reader):
    """A reader of statements that make a graph."""

    def __init__(self, text: str, numbers: dict[str, float]) -> None:
        super().__init__(text, numbers)
        self.given = {normalize("NFKC", name): Value(number, name) for name, number in numbers.items()}
        self.known = dict(self.given)
        self.used: set[str] = set()

    def root(self) -> Value:
        """Return the result of the last statement."""
        *earlier, last = self.statements
        for statement in earlier:
            if isinstance(statement, ast.Expr):
                raise self.wrong(statement, "this result is not used; give it a name, as in d = a*b")
            self._result(statement)
        root = self._result(last)
        for name in self.given:
            if name not in self.used:
                raise ExpressionError(f"{name} is given a number, but the expression has no {name}")
        if not isinstance(root, Value):
            raise self.wrong(last, f"the result is the constant {root:g}; give its inputs names, as in x**2 with x=3")
        return root

    def _result(self, statement: ast.stmt) -> Any:
        match statement:
            case ast.Expr(value=expression):
                return self.computed(expression)
            case ast.Assign(targets=[ast.Name(id=name)], value=expression):
                result = self.computed(expression)
                if name in self.given:
                    raise self.wrong(statement, f"{name} is given a number already; assign to another name")
                value = result if isinstance(result, Value) else Value(result)
                value.label = value.label or name
                self.known[name] = value
                return value
        raise self.wrong(statement, OTHER_STATEMENT)

    def named(self, node: ast.Name) -> Any:
        """Return the Value of a name, or a constant."""
        self.used.add(node.id)
        if node.id in self.known:
            return self.known[node.id]
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        if node.id in TABLE:
            raise self.wrong(node, f"{node.id} is a function; write {TABLE[node.id].written()}")
        nodes = [part for statement in self.statements for part in ast.walk(statement)]
        functions = {id(part.func) for part in nodes if isinstance(part, ast.Call)}
        names = [part for part in nodes if isinstance(part, ast.Name) and id(part) not in functions]
        assigned = {part.id for part in names if isinstance(part.ctx, ast.Store)}
        has_number = {*self.given, *CONSTANTS, *assigned, *TABLE}
        in_order = sorted(names, key=lambda part: (part.lineno, part.col_offset))
        missing = list(dict.fromkeys(part.id for part in in_order if part.id not in has_number))
        if node.id not in missing:
            raise self.wrong(node, f"{node.id} has no number yet; assign one before this, as in {node.id} = 2")
        if len(missing) == 1:
            raise self.wrong(node, f"{node.id} has no number; give it one, as in {node.id}=2{self._meant(node.id)}")
        remedy = " ".join(f"{name}=2" for name in missing)
        raise self.wrong(node, f"{listed(missing, len(missing))} have no numbers; give them some, as in {remedy}")

    def _meant(self, name: str) -> str:
        """Return what an unknown name may be meant for: a product of names, or a function without parentheses."""
        for place in range(len(name) - 1, 0, -1):
            first, second = name[:place], name[place:]
            if first in self.given and (second in self.given or second.isdecimal()):
                return f", or write {first}*{second} for a product"
            is_near = second in self.given or len(second) == 1 or second[0].isdecimal()
            if place > 1 and first in {*TABLE, *OTHER_NAMES} and is_near:
                return f", or write {first}(...) for the function"
        return ""

"""Translation: functions of numbers in a language that has doubles alone, such as C or JavaScript.

What a function computes is read from its source, as a `Definition`, and `Kinds` says which of Python's types each of
its expressions may give. Where Python might raise or compute something else than doubles do, the translation reports
*trouble*. A language is a subclass of `Functions`.
"""

from __future__ import annotations

import ast
import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from itertools import count
from types import BuiltinFunctionType
from typing import Any, ClassVar

from ..errors import OperationError
from ..operation import Operation
from .functions import Definition, definition, is_built_in, is_of_house, value_function
from .kinds import FLOAT, REAL, UNSET, WHOLE, Call, Kind, Kinds, of_operation

OF_TWO: set[Any] = {
    math.atan2, math.copysign, math.fmod, math.hypot, math.pow, max, min, operator.add, operator.sub, operator.mul,
    operator.truediv,
}  # fmt: skip
SIGNS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


class Functions(ABC):
    """Functions in a language, translated as they are used: a text of each after those that it calls.

    Attributes:
        language: its name, for messages.
        known: what it calls the functions that come with Python.
        declaration: what stands before a variable where it is declared.
        not_finite: the names of not-a-number and of infinity.
    """

    language: ClassVar[str]
    known: ClassVar[Mapping[Any, str]]
    declaration: ClassVar[str]
    not_finite: ClassVar[tuple[str, str]]

    def __init__(self) -> None:
        self._declared, self._defined = "", ""
        self._names: dict[Call, str] = {}
        self._numbers = count()
        self._open: list[Call] = []  # what is being translated
        self._recursive: set[Call] = set()
        self.results: dict[Call, Kind] = {}

    def named(self, name: str, number: int) -> str:
        """Return what a function is called, given its name in messages and its number among those translated."""
        return f"function_{number}"

    @abstractmethod
    def helper(self, name: str, *numbers: str) -> str:
        """Return a call of a function that every program in the language has, such as ``trouble()``."""

    @abstractmethod
    def checked(self, function: Any, text: str, numbers: Sequence[str]) -> str:
        """Return a call of a built-in function, given its text, that reports trouble where Python might raise."""

    @abstractmethod
    def quotient(self, x: str, y: str, checked: bool) -> str:
        """Return a quotient."""

    @abstractmethod
    def power(self, x: str, y: str, checked: bool) -> str:
        """Return a power."""

    @abstractmethod
    def written(self, name: str, arguments: Sequence[str], body: str, call: Call) -> str:
        """Return a function with a name and a body."""

    def literal(self, number: float) -> str:
        """Return a number, exact to the last bit."""
        if math.isfinite(number):
            return repr(float(number))
        nan, infinity = self.not_finite
        return nan if number != number else infinity if number > 0.0 else f"-{infinity}"

    def applied(self, operation: Operation, numbers: Sequence[str], checked: bool) -> str:
        """Return an operation, applied to operands and parameters."""
        return self.call(value_function(operation)[0], operation.name, numbers, of_operation(operation), checked)

    def call(
        self, function: Callable[..., float], name: str, numbers: Sequence[str], kinds: tuple[Kind, ...], checked: bool
    ) -> str:
        """Return a call of a function, or raise an OperationError if it cannot be translated.

        Args:
            function: what is called.
            name: what to call it in messages.
            numbers: the arguments, as text.
            kinds: what each may be.
            checked: report trouble where Python might raise.
        """
        known = self.known.get(function) if isinstance(function, BuiltinFunctionType | type) else None
        if function in (max, min) and len(numbers) > 1:
            return reduce(lambda x, y: f"{known}({x}, {y})", numbers)
        if (known or is_built_in(function)) and (known is None or len(numbers) != 1 + (function in OF_TWO)):
            written = f"{getattr(function, '__name__', '')}({', '.join('xyzuvw'[: len(numbers)])})"
            remedy = "; use backend='python'" if self.language == "C" else ""
            raise OperationError(f"{name} uses {written}, which {self.language} does not have{remedy}")
        text = f"{known or self._function(function, name, kinds)}({', '.join(numbers)})"
        return self.checked(function, text, numbers) if checked else text

    def _function(self, function: Callable[..., float], name: str, kinds: tuple[Kind, ...]) -> str:
        call = function, kinds
        if call in self._open:
            self._recursive.add(call)
        if call not in self._names:
            found = definition(function, name)
            self._names[call] = self.named(name, next(self._numbers))
            self._open.append(call)
            try:
                translation = Translation(found, name, self, kinds, not is_of_house(function))
                text = self.written(self._names[call], translation.arguments, translation.text(), call)
            except RecursionError:
                del self._names[call]
                raise OperationError(
                    f"{name} is nested too deeply for {self.language}; split it into several functions"
                ) from None
            except OperationError:
                del self._names[call]
                raise
            finally:
                self._open.pop()
            self._defined += text  # behind the functions that it calls
        return self._names[call]


class Translation:
    """The translation of a function's body."""

    def __init__(
        self, found: Definition, name: str, functions: Functions, kinds: tuple[Kind, ...], checked: bool
    ) -> None:
        self.found, self.name, self.functions, self.checked = found, name, functions, checked
        self.kinds = Kinds(found, kinds, functions.results)
        parts = [part for statement in found.body for part in ast.walk(statement)]
        assigned = [part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
        self.variables = {name: f"v{place}" for place, name in enumerate(dict.fromkeys((*found.arguments, *assigned)))}
        self._temporaries: list[str] = []

    @property
    def arguments(self) -> list[str]:
        """The names of the arguments."""
        return list(self.variables.values())[: len(self.found.arguments)]

    def text(self) -> str:
        """Return the body."""
        statements = " ".join(map(self.statement, self.found.body))
        names = [*list(self.variables.values())[len(self.found.arguments) :], *self._temporaries]
        variables = "".join(f"{self.functions.declaration} {name}; " for name in names)
        end = f" return {self.functions.helper('trouble')};" if self.kinds.may_end else ""
        return f"{{ {variables}{statements}{end} }}"

    def statement(self, node: ast.stmt) -> str:
        """Return a statement."""
        match node:
            case ast.Return(value=None):
                return f"return {self.functions.helper('trouble')};"
            case ast.Return(value=ast.expr() as value) | ast.Assign(value=value) | ast.If(test=value) if (
                value not in self.kinds.of
            ):
                return ""  # it stands behind a return
            case ast.Return(value=ast.expr() as value):
                return f"return {self.expression(value)};"
            case ast.If(test=test, body=body, orelse=orelse):
                return f"if ({self.condition(test)}) {self._block(body)} else {self._block(orelse)}"
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return f"{self.variables[name]} = {self.expression(value)};"
        raise self._trouble(node)

    def _block(self, statements: Iterable[ast.stmt]) -> str:
        return f"{{ {' '.join(map(self.statement, statements))} }}"

    def expression(self, node: ast.expr) -> str:
        """Return an expression as a double."""
        kind, functions = self.kinds.of[node], self.functions
        match node:
            case ast.Constant(value=int() | float() as number) if number != number or number == _as_double(number):
                return functions.literal(float(number))
            case ast.Constant(value=None):
                return functions.helper("trouble")
            case ast.Name(id=name) if name in self.variables and not kind & UNSET:
                return self.variables[name]
            case ast.Name(id="nan" | "inf" as name) if name not in self.variables:
                return functions.literal(float(name))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in SIGNS or isinstance(op, ast.Div | ast.Pow):
                x, y = self.expression(left), self.expression(right)
                if isinstance(op, ast.Pow):
                    return self._exact(functions.power(x, y, self.checked), kind)
                if isinstance(op, ast.Div):
                    return self._exact(functions.quotient(x, y, self.checked), kind)
                return self._exact(f"({x} {SIGNS[type(op)]} {y})", kind)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._exact(f"(-{self.expression(operand)})", kind)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.expression(operand)
            case ast.UnaryOp(op=ast.Not()) | ast.Compare():
                return f"({self.condition(node)} ? 1.0 : 0.0)"
            case ast.BoolOp(op=op, values=[*values, last]):  # the value in Python is that of one of them
                text = self.expression(last)
                for value in reversed(values):
                    first = self._temporary()
                    chosen = f"{first} : {text}" if isinstance(op, ast.Or) else f"{text} : {first}"
                    text = f"(({first} = {self.expression(value)}) != 0.0 ? {chosen})"
                return text
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return f"({self.condition(test)} ? {self.expression(body)} : {self.expression(orelse)})"
            case ast.Call(func=ast.Name(id=name), args=given) if name in self.found.calls:
                numbers, kinds = list(map(self.expression, given)), tuple(self.kinds.of[x] for x in given)
                return functions.call(self.found.calls[name], name, numbers, kinds, self.checked)
        raise self._trouble(node)

    def condition(self, node: ast.expr) -> str:
        """Return an expression as a truth."""
        match node:
            case ast.Compare(left=left, ops=signs, comparators=others):
                if not all(type(sign) in SIGNS for sign in signs):
                    raise self._trouble(node)
                pairs, side = [], self.expression(left)
                for sign, other in zip(signs, others, strict=True):
                    text = right = self.expression(other)
                    if other is not others[-1]:  # it is compared twice, and computed once
                        right = self._temporary()
                        text = f"({right} = {text})"
                    pairs.append(f"{side} {SIGNS[type(sign)]} {text}")
                    side = right
                return f"({' && '.join(pairs)})"
            case ast.BoolOp(op=op, values=values):
                return f"({(' || ' if isinstance(op, ast.Or) else ' && ').join(map(self.condition, values))})"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"(!{self.condition(operand)})"
        return f"({self.expression(node)} != 0.0)"

    def _exact(self, text: str, kind: Kind) -> str:
        """Return a result that reports trouble where Python's whole numbers would give another one."""
        kind &= REAL
        return text if kind == FLOAT else self.functions.helper("whole" if kind == WHOLE else "either", text)

    def _temporary(self) -> str:
        self._temporaries.append(f"t{len(self._temporaries)}")
        return self._temporaries[-1]

    def _trouble(self, node: ast.AST) -> OperationError:
        name = self.functions.language
        return OperationError(f"{self.name} contains {ast.unparse(node)!r}, which cannot be translated to {name}")


def _as_double(number: float) -> float | None:
    """Return a number as a double, None if it is too large."""
    try:
        return float(number)
    except OverflowError:
        return None

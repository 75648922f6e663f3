"""Expressions as Python: the values of operations and the contributions of the chain rule."""

import ast
import copy
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import FunctionType
from typing import Any

from ...notation.formulas import Symbol, local_derivatives, partial, write_expression
from ...operation import ATOM, POWER, PRODUCT, SIGN, SUM, TABLE, Operation
from ..functions import Definition, definition, is_built_in, value_function
from ..kinds import FLOAT, Call, Kind, of_call, of_operation

CONDITION = 0  # the precedence of ``x if c else y``, below that of a sum
INFIX = {
    operator.add: (" + ", SUM), operator.sub: (" - ", SUM), operator.mul: (" * ", PRODUCT),
    operator.truediv: (" / ", PRODUCT),
}  # fmt: skip
BINDS: dict[type, int] = {ast.Add: SUM, ast.Sub: SUM, ast.Mult: PRODUCT, ast.Div: PRODUCT, ast.Pow: POWER}
NOT_FINITE = ("inf", "nan")


class Writer:
    """Writes expressions as Python, and collects the imports from `math` and the functions that they need."""

    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.definitions: dict[str, Definition] = {}
        self._names: dict[Any, str] = {}
        self._results: dict[Call, Kind] = {}
        self.value = lru_cache(maxsize=None)(self._value)
        self.step = lru_cache(maxsize=None)(self._step)

    def _value(self, operation: Operation) -> str:
        """Return the formula of an operation's value, with ``{0}``, ``{1}`` for the operands."""
        return self._applied(operation, [(f"{{{place}}}", ATOM) for place in range(operation.arity)])[0]

    def _step(self, operation: Operation, position: int) -> str:
        """Return the formula of a contribution, with ``{0}``, ``{out}``, and ``{d}`` for the upstream gradient."""
        operands = [Symbol(f"{{{place}}}") for place in range(operation.arity)]
        return self._text(local_derivatives(operation, operands, Symbol("{out}"))[position] * Symbol("{d}"))[0]

    def _text(self, expression: Any) -> tuple[str, int]:
        if not isinstance(expression, Symbol):
            return self.number(expression), SIGN if math.copysign(1.0, expression) < 0.0 else ATOM
        if expression.operation is None:
            return expression.name, ATOM
        return self._applied(expression.operation, [self._text(x) for x in expression.operands])

    def number(self, number: float) -> str:
        """Return a number as Python, exact to the last bit."""
        if isinstance(number, int) or math.isfinite(number):
            return repr(number)
        self.imports.add("nan" if number != number else "inf")
        return repr(number)

    def _applied(self, operation: Operation, operands: Sequence[tuple[str, int]]) -> tuple[str, int]:
        function, parameters = value_function(operation)
        text, binds = self._call(function, operation.name, operands, parameters)
        if of_call(function, of_operation(operation), operation.name, self._results) == FLOAT:
            return text, binds
        return f"float({text})", ATOM  # as the operation itself does

    def _call(
        self, function: Callable[..., Any], name: str, operands: Sequence[tuple[str, int]], parameters: Sequence[float]
    ) -> tuple[str, int]:
        if function in INFIX:
            (x, x_binds), (y, y_binds) = operands
            sign, binds = INFIX[function]
            left, right = _bracketed(x, x_binds < binds), _bracketed(y, y_binds <= binds)
            return f"{left}{sign}{right}", binds
        if function is operator.neg:
            return f"-{_bracketed(operands[0][0], operands[0][1] <= SIGN)}", SIGN
        given = [*operands, *map(self._text, parameters)]
        if isinstance(function, FunctionType):
            found = definition(function, name)
            formula = found.formula
            if formula is not None and _is_short(formula, found.arguments, given):
                texts = {**self._called(found), **dict(zip(found.arguments, given, strict=True))}
                atomic = isinstance(formula, ast.Call | ast.Name | ast.Constant)
                binds = BINDS.get(type(getattr(formula, "op", None)), ATOM if atomic else CONDITION)
                return ast.unparse(_Replaced(texts).visit(copy.deepcopy(formula))), binds
        return f"{self._function(function, name)}({', '.join(text for text, _ in given)})", ATOM

    def _function(self, function: Callable[..., Any], name: str) -> str:
        """Return the name of a function in the program; it is imported or defined if necessary."""
        if function is operator.abs:
            return "abs"
        if is_built_in(function):
            if vars(math).get(function.__name__) is function:
                self.imports.add(function.__name__)
            return function.__name__
        if function not in self._names:
            found = definition(function, name)
            self._names[function] = chosen = self._free(function, name)
            replaced = _Replaced(self._called(found))
            body = tuple(replaced.visit(copy.deepcopy(statement)) for statement in found.body)
            self.definitions[chosen] = found._replace(body=body)
        return self._names[function]

    def _called(self, found: Definition) -> dict[str, tuple[str, int]]:
        parts = {part.id for statement in found.body for part in ast.walk(statement) if isinstance(part, ast.Name)}
        self.imports.update(parts.intersection(NOT_FINITE).difference(found.arguments))
        return {name: (self._function(function, name), ATOM) for name, function in found.calls.items()}

    def _free(self, function: Callable[..., Any], name: str) -> str:
        """Return a name for a function that nothing else in a program has; see `source.TAKEN`."""
        name = name.rpartition(".")[2].strip("_")
        operation = TABLE.get(name)
        if operation and value_function(operation)[0] is function and not hasattr(math, operation.name):
            return operation.name
        return f"_{name}_{len(self._names)}"


def _bracketed(text: str, wanted: bool) -> str:
    return f"({text})" if wanted else text


def _is_short(formula: ast.expr, arguments: Sequence[str], given: Sequence[tuple[str, int]]) -> bool:
    """Return whether a formula may replace a call: no operand is then computed twice."""
    used = [part.id for part in ast.walk(formula) if isinstance(part, ast.Name)]
    return all(binds == ATOM or used.count(name) < 2 for name, (_, binds) in zip(arguments, given, strict=True))


class _Replaced(ast.NodeTransformer):
    """Replaces names by texts; a placeholder that a power stands behind gets brackets."""

    def __init__(self, texts: Mapping[str, tuple[str, int]]) -> None:
        self.texts = texts

    def visit_Name(self, node: ast.Name) -> ast.AST:
        text, binds = self.texts.get(node.id, (node.id, ATOM))
        return ast.Name(_bracketed(text, binds < ATOM), node.ctx)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        is_power = isinstance(node.op, ast.Pow) and isinstance(node.left, ast.Name)
        self.generic_visit(node)
        if is_power and node.left.id.startswith("{"):  # type: ignore[attr-defined]
            node.left = ast.Name(f"({node.left.id})", ast.Load())  # type: ignore[attr-defined]
        return node


@lru_cache(maxsize=4096)
def rule_in_words(operation: Operation, position: int) -> str:
    """Return a local derivative as an equation, such as ``∂tanh(x)/∂x = 1 - tanh(x) ** 2``."""
    operands = [Symbol(name) for name in operation.operands]
    applied = Symbol("", operation, tuple(operands))
    derivative = local_derivatives(operation, operands, applied)[position]
    return f"{partial(str(applied), operation.operands[position])} = {write_expression(derivative)}"

"""Expressions as Python: how values and contributions stand in a program."""

from __future__ import annotations

import ast
import copy
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ..ops import ATOM, POWER, PRODUCT, SIGN, SUM, Operation
from ..symbols import Symbol, written
from .code import Definition, definition, is_built_in, value_function
from .plan import derivatives

CONDITION = 0  # how strongly ``x if c else y`` binds: less than a sum
INFIX = {operator.add: " + ", operator.sub: " - ", operator.mul: " * ", operator.truediv: " / "}
BINDS: dict[type, int] = {ast.Add: SUM, ast.Sub: SUM, ast.Mult: PRODUCT, ast.Div: PRODUCT, ast.Pow: POWER}
NOT_FINITE = ("inf", "nan")


class Writer:
    """Write expressions as Python, and remember what the program needs for them.

    Attributes:
        imports: names to import from `math`.
        definitions: functions to define before.
    """

    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.definitions: dict[str, Definition] = {}
        self.value = lru_cache(maxsize=None)(self._value)
        self.step = lru_cache(maxsize=None)(self._step)

    def _value(self, operation: Operation) -> str:
        """Return how an operation's value is computed, with ``{0}``, ``{1}`` in the operands' places."""
        return self._applied(operation, [(f"{{{place}}}", ATOM) for place in range(operation.arity)])[0]

    def _step(self, operation: Operation, position: int) -> str:
        """Return a contribution, with ``{0}``, ``{1}`` for the operands, ``{out}`` and ``{d}``, the upstream gradient."""
        names = {name: f"{{{place}}}" for place, name in enumerate(operation.operands)}
        local = _renamed(derivatives(operation)[position], {**names, "out": "{out}"})
        return self.text(local * Symbol("{d}"))

    def text(self, expression: Any) -> str:
        """Return an expression as Python."""
        return self._text(expression)[0]

    def _text(self, expression: Any) -> tuple[str, int]:
        """Return an expression as Python, and how strongly it binds."""
        if not isinstance(expression, Symbol):
            return self.number(expression), SIGN if math.copysign(1.0, expression) < 0.0 else ATOM
        if expression.operation is None:
            return expression.name, ATOM
        return self._applied(expression.operation, [self._text(x) for x in expression.operands])

    def number(self, number: float) -> str:
        """Return a number as Python writes it, to the last bit."""
        if math.isfinite(number):
            return repr(number)
        self.imports.add("nan" if number != number else "inf")
        return repr(number)

    def _applied(self, operation: Operation, operands: Sequence[tuple[str, int]]) -> tuple[str, int]:
        function, parameters = value_function(operation)
        if function in INFIX:
            (x, x_binds), (y, y_binds) = operands
            binds = operation.precedence
            left, right = _bracketed(x, x_binds < binds), _bracketed(y, y_binds <= binds)
            return f"{left}{INFIX[function]}{right}", binds
        if function is operator.neg:
            return f"-{_bracketed(operands[0][0], operands[0][1] <= SIGN)}", SIGN
        given = [*operands, *((self.number(p), SIGN if p < 0.0 else ATOM) for p in parameters)]
        if is_built_in(function) or function is operator.abs:
            return f"{self._called(function)}({', '.join(text for text, _ in given)})", ATOM
        found = definition(function, operation.name)
        formula = found.formula
        if formula is not None and _is_short(formula, found.arguments, given):
            replaced = _Replaced(dict(zip(found.arguments, given, strict=True))).visit(copy.deepcopy(formula))
            self._needs(found)
            return ast.unparse(replaced), _binds(formula)
        self._define(found)
        return f"{found.name}({', '.join(text for text, _ in given)})", ATOM

    def _called(self, function: Callable[..., Any]) -> str:
        """Return the name that a function of Python's own is called by, imported if need be."""
        if getattr(function, "__module__", "") == "math":
            self.imports.add(function.__name__)
        return function.__name__

    def _needs(self, found: Definition) -> None:
        """Note what a definition calls."""
        for name, function in found.calls.items():
            if is_built_in(function):
                self._called(function)
            else:
                self._define(definition(function, name))
        statements = ast.Module(list(found.body), [])
        self.imports.update(
            part.id for part in ast.walk(statements) if isinstance(part, ast.Name) and part.id in NOT_FINITE
        )

    def _define(self, found: Definition) -> None:
        if found.name not in self.definitions:
            self._needs(found)
            self.definitions[found.name] = found


def _bracketed(text: str, wanted: bool) -> str:
    return f"({text})" if wanted else text


def _is_short(formula: ast.expr, arguments: Sequence[str], given: Sequence[tuple[str, int]]) -> bool:
    """Tell whether a formula may stand in the place of a call: no operand is computed twice."""
    used = [part.id for part in ast.walk(formula) if isinstance(part, ast.Name)]
    return all(binds == ATOM or used.count(name) < 2 for name, (_, binds) in zip(arguments, given, strict=True))


def _binds(formula: ast.expr) -> int:
    """Return how strongly a formula binds."""
    if isinstance(formula, ast.BinOp):
        return BINDS[type(formula.op)]
    return ATOM if isinstance(formula, ast.Call | ast.Name | ast.Constant) else CONDITION


class _Replaced(ast.NodeTransformer):
    """Put texts in the place of names."""

    def __init__(self, texts: Mapping[str, tuple[str, int]]) -> None:
        self.texts = texts

    def visit_Name(self, node: ast.Name) -> ast.AST:
        text, binds = self.texts.get(node.id, (node.id, ATOM))
        return ast.Name(_bracketed(text, binds < ATOM), ast.Load())


def _renamed(expression: Any, names: Mapping[str, str]) -> Any:
    """Return an expression with other names."""
    if not isinstance(expression, Symbol):
        return expression
    if expression.operation is None:
        return Symbol(names[expression.name])
    return Symbol("", expression.operation, tuple(_renamed(x, names) for x in expression.operands))


@lru_cache(maxsize=4096)
def rule_in_words(operation: Operation, position: int) -> str:
    """Return a local derivative as people write it.

    >>> from engine.ops import TABLE
    >>> rule_in_words(TABLE["tanh"], 0)
    'd tanh(x)/dx = 1 - tanh(x) ** 2'
    """
    names = {name: Symbol(name) for name in operation.operands}
    applied = Symbol("", operation, tuple(names.values()))
    derivative = _put(derivatives(operation)[position], {**names, "out": applied})
    whole = written(applied)
    if operation.precedence < ATOM:
        whole = f"({whole})"
    return f"d {whole}/d{operation.operands[position]} = {written(derivative)}"


def _put(expression: Any, parts: Mapping[str, Symbol]) -> Any:
    """Return an expression with other expressions in the place of its names."""
    if not isinstance(expression, Symbol):
        return expression
    if expression.operation is None:
        return parts[expression.name]
    return Symbol("", expression.operation, tuple(_put(x, parts) for x in expression.operands))

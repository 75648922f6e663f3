"""How operations are written in programs: their values, read from the table's own functions."""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
import math
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

from ..errors import OperationError
from ..ops import Operation


class Definition(NamedTuple):
    """Hold a function of numbers, ready to be written in a program.

    Its body knows numbers, its own names, and calls of functions by their plain names, as in ``exp(x)``.

    Attributes:
        name: what the program calls it.
        arguments: its parameters.
        body: its statements; a plain formula is a single ``return``.
        calls: the functions that it calls, by name.
    """

    name: str
    arguments: tuple[str, ...]
    body: tuple[ast.stmt, ...]
    calls: Mapping[str, Callable[..., float]]

    @property
    def formula(self) -> ast.expr | None:
        """What it returns, where it does nothing else."""
        first = self.body[0]
        return first.value if isinstance(first, ast.Return) else None


def value_function(operation: Operation) -> tuple[Callable[..., float], tuple[float, ...]]:
    """Return the function that computes an operation's value, and the parameters that follow the operands.

    >>> from engine.ops import TABLE
    >>> value_function(TABLE["leaky_relu"].bind(slope=0.2))[1]
    (0.2,)
    """
    value = operation.value
    if isinstance(value, partial):
        return value.func, tuple(value.keywords.values())
    return value, ()


def is_built_in(function: object) -> bool:
    """Tell whether a function comes with every Python: one of `math`, or such as ``max``."""
    return getattr(function, "__module__", None) in ("math", "builtins") and inspect.isbuiltin(function)


@lru_cache(maxsize=4096)
def definition(function: Callable[..., float], name: str) -> Definition:
    """Read a Python function of numbers.

    Args:
        function: a function of nothing but formulas, assignments, ``if`` and ``return``; or a lambda.
        name: what the program is to call it.

    Raises:
        OperationError: it holds anything else, or its source cannot be read.

    >>> from engine.ops import TABLE
    >>> ast.unparse(definition(TABLE["relu"].value, "relu").formula)
    '0.0 if x <= 0.0 else x'
    """
    node = _parsed(function, name)
    code = function.__code__  # type: ignore[attr-defined]
    body: list[ast.stmt] = [ast.Return(node.body)] if isinstance(node, ast.Lambda) else node.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]  # a docstring
    reader = _Reader(name, function, set(code.co_varnames))
    statements = tuple(ast.fix_missing_locations(reader.visit(statement)) for statement in body)
    return Definition(name, code.co_varnames[: code.co_argcount], statements, reader.calls)


def _parsed(function: Callable[..., float], name: str) -> ast.Lambda | ast.FunctionDef:
    """Return the syntax tree of a function, anew."""
    code = getattr(function, "__code__", None)
    if code is None:
        raise OperationError(f"{name} has no source that a program could be written from: {function!r}")
    lines = linecache.getlines(code.co_filename)
    places = {(line, column) for line, _, column, _ in code.co_positions()}
    for node in ast.walk(_tree("".join(lines))):
        if isinstance(node, ast.FunctionDef) and (node.name, node.lineno) == (code.co_name, code.co_firstlineno):
            return _again(node)
        if isinstance(node, ast.Lambda) and code.co_name == "<lambda>" and node.lineno == code.co_firstlineno:
            if all((part.lineno, part.col_offset) in places for part in _loads(node.body)):
                return _again(node)
    raise OperationError(f"the source of {name} cannot be found in {code.co_filename}; keep it in a file")


def _loads(body: ast.expr) -> list[Any]:
    """Return the parts of an expression that load a name or a number."""
    return [part for part in ast.walk(body) if isinstance(part, ast.Name)]


@lru_cache(maxsize=8)
def _tree(text: str) -> ast.Module:
    return ast.parse(text)


def _again(node: Any) -> Any:
    return ast.parse(ast.unparse(node)).body[0] if isinstance(node, ast.FunctionDef) else _lambda(ast.unparse(node))


def _lambda(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


class _Reader(ast.NodeTransformer):
    """Put numbers in the place of constants, and plain names in the place of functions."""

    ALLOWED = (
        ast.Return, ast.If, ast.Assign, ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp,
        ast.IfExp, ast.Call, ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.expr_context,
    )  # fmt: skip

    def __init__(self, name: str, function: Any, own: set[str]) -> None:
        self.name, self.own = name, own
        surroundings = inspect.getclosurevars(function)
        self.known = {**vars(builtins), **surroundings.globals, **surroundings.nonlocals}
        self.calls: dict[str, Callable[..., float]] = {}

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, self.ALLOWED):
            raise OperationError(
                f"{self.name} holds {ast.unparse(node)!r}, which no program can hold: its value may be computed "
                "by formulas, assignments, if and return, with functions of math"
            )
        return super().generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and self.known.get(node.value.id) is math:
            return self._meant(node, getattr(math, node.attr))
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return node if node.id in self.own else self._meant(node, self.known.get(node.id))

    def _meant(self, node: ast.expr, thing: Any) -> ast.AST:
        if isinstance(thing, float | int) and not isinstance(thing, bool):
            return ast.Constant(float(thing)) if math.isfinite(thing) else ast.Name(f"{float(thing):f}", ast.Load())
        if isinstance(thing, Operation):
            thing = value_function(thing)[0]
        if not callable(thing):
            raise OperationError(f"{self.name} uses {ast.unparse(node)}, which is neither a number nor a function")
        name = thing.__name__.strip("_")
        self.calls[name] = thing
        return ast.Name(name, ast.Load())

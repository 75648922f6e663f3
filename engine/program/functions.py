"""Functions: the values of operations, read from the source of the table's own functions, to be put into programs."""

import ast
import builtins
import copy
import inspect
import linecache
import math
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from ..errors import OperationError
from ..operation import Operation, as_float


class Definition(NamedTuple):
    """A function of numbers: its body consists of numbers, its own names, and calls of functions, by name."""

    arguments: tuple[str, ...]
    body: tuple[ast.stmt, ...]
    calls: Mapping[str, Callable[..., float]]

    @property
    def formula(self) -> ast.expr | None:
        """The expression that it returns, if it does nothing else."""
        return self.body[0].value if isinstance(self.body[0], ast.Return) else None


@lru_cache(maxsize=4096)
def value_function(operation: Operation) -> tuple[Callable[..., float], tuple[float, ...]]:
    """Return the function of an operation's value, and the parameters and defaults that follow the operands.

    >>> from engine.operation import TABLE
    >>> value_function(TABLE["leaky_relu"].bind(slope=0.2))[1]
    (0.2,)
    """
    value: Any = operation.value
    given: dict[str, float] = {}
    if isinstance(value, partial):
        value, given = value.func, value.keywords
    if not isinstance(value, FunctionType):
        return value, tuple(given.values())
    names = _arguments(value)
    defaults = value.__defaults__ or ()
    code = value.__code__
    known = dict(zip(names[code.co_argcount - len(defaults) : code.co_argcount], defaults, strict=True))
    known |= {**(value.__kwdefaults__ or {}), **given}
    return value, tuple(as_float(known[name], f"{operation.name}, {name}") for name in names[operation.arity :])


def _arguments(function: FunctionType) -> tuple[str, ...]:
    code = function.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


@lru_cache(maxsize=4096)
def is_built_in(function: object) -> bool:
    """Return whether a function comes with every Python: one of `math`, or a built-in such as ``max``."""
    name = getattr(function, "__name__", "")
    return any(callable(function) and vars(module).get(name) is function for module in (math, builtins))


@lru_cache(maxsize=4096)
def definition(function: Callable[..., float], name: str) -> Definition:
    """Read a Python function of numbers, which consists of formulas, assignments, ``if`` and ``return``; or a lambda.

    Raises:
        OperationError: it contains anything else, or its source cannot be read; the message names it.

    >>> from engine.operation import TABLE
    >>> ast.unparse(definition(TABLE["relu"].value, "relu").formula)
    '0.0 if x <= 0.0 else x'
    """
    if not isinstance(function, FunctionType):
        raise OperationError(f"{name} must be a Python function, whose source can be read, not {function!r}")
    node = copy.deepcopy(_parsed(function, name))
    body: list[ast.stmt] = [ast.Return(node.body)] if isinstance(node, ast.Lambda) else node.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]  # a docstring
    reader = _Reader(name, function)
    statements = tuple(ast.fix_missing_locations(reader.visit(statement)) for statement in body)
    return Definition(_arguments(function), statements, reader.calls)


def _parsed(function: FunctionType, name: str) -> ast.Lambda | ast.FunctionDef:
    """Return the syntax tree of a function."""
    code = function.__code__
    found = [node for node in _functions("".join(linecache.getlines(code.co_filename))) if _is_of(node, function)]
    if len(found) > 1:  # on one line
        places = {(line, column) for line, _, column, _ in code.co_positions()}
        for node in found.copy():
            names: list[Any] = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
            if any((part.lineno, part.col_offset) not in places for part in names or [node.body]):
                found.remove(node)
    if not found:
        raise OperationError(f"the source of {name} cannot be found in {code.co_filename}; define it in a file")
    return found[0]


@lru_cache(maxsize=8)
def _functions(text: str) -> list[ast.Lambda | ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Lambda | ast.FunctionDef)]


def _is_of(node: ast.Lambda | ast.FunctionDef, function: FunctionType) -> bool:
    """Return whether a syntax tree has the name, line and arguments of a function."""
    code = function.__code__
    line = min(part.lineno for part in (node, *getattr(node, "decorator_list", ())))
    arguments = tuple(part.arg for part in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
    found = getattr(node, "name", "<lambda>"), line, arguments
    return found == (code.co_name, code.co_firstlineno, _arguments(function))


class _Reader(ast.NodeTransformer):
    """Puts numbers where global constants are read, and collects the functions that are called."""

    ALLOWED = (
        ast.Return, ast.If, ast.Assign, ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp,
        ast.IfExp, ast.Call, ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.expr_context,
    )  # fmt: skip

    def __init__(self, name: str, function: FunctionType) -> None:
        self.name, self.own = name, set(function.__code__.co_varnames)
        surroundings = inspect.getclosurevars(function)
        self.known = {**vars(builtins), **surroundings.globals, **surroundings.nonlocals}
        self.calls: dict[str, Callable[..., float]] = {}

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, self.ALLOWED):
            raise OperationError(
                f"{self.name} contains {ast.unparse(node)!r}, which cannot be put into a program: compute its value "
                "with formulas, assignments, if and return, and functions of math"
            )
        return super().generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        module = self.known.get(node.value.id) if isinstance(node.value, ast.Name) else None
        return self._meant(node) if isinstance(module, ModuleType) else self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return node if node.id in self.own else self._meant(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        thing = self._thing(node.func)
        call = self.generic_visit(node)
        if isinstance(thing, Operation):
            node.args += [_written(number) for number in value_function(thing)[1]]
        return call

    def _thing(self, node: ast.expr) -> Any:
        """Return the global object that an expression names, if any."""
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                return getattr(self.known.get(module), name, None)
            case ast.Name(id=name) if name not in self.own:
                return self.known.get(name)
        return None

    def _meant(self, node: ast.expr) -> ast.AST:
        thing = self._thing(node)
        if isinstance(thing, float | int) and not isinstance(thing, bool):
            return _written(float(thing))
        if isinstance(thing, Operation):
            thing = value_function(thing)[0]
        name = ast.unparse(node)
        if not callable(thing):
            raise OperationError(f"{self.name} may use numbers and functions, not {name}")
        self.calls[name] = thing
        return ast.Name(name, ast.Load())


def _written(number: float) -> ast.expr:
    if math.copysign(1.0, number) < 0.0:
        return ast.UnaryOp(ast.USub(), _written(-number))
    return ast.Constant(number) if math.isfinite(number) else ast.Name(repr(number), ast.Load())

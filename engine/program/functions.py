"""Functions: the values of operations, read from the source of the table's own functions, to be put into programs."""

import ast
import builtins
import copy
import linecache
import math
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from ..errors import OperationError
from ..operation import Operation, as_float
from ..recording.source import HOUSE


class Definition(NamedTuple):
    """A function of numbers: its body consists of numbers, its own names, and calls of functions, by name.

    A call passes all arguments by position.
    """

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

    Raises:
        OperationError: it is neither a Python function nor one that comes with Python.

    >>> from engine.operation import TABLE
    >>> value_function(TABLE["leaky_relu"].bind(slope=0.2))[1]
    (0.2,)
    """
    value: Any = operation.value
    given: dict[str, float] = {}
    if isinstance(value, partial) and not value.args:
        value, given = value.func, value.keywords
    if isinstance(value, BuiltinFunctionType | type):
        return value, tuple(given.values())
    if not isinstance(value, FunctionType):
        raise _unreadable(operation.name, value)
    known = {**_defaults(value), **given}
    names = _arguments(value.__code__)[operation.arity :]
    return value, tuple(_default(known[name], f"{operation.name}, {name}") for name in names)


def _default(number: Any, where: str) -> float:
    """Return a default as a float, or as an int that is exact as a float: Python computes otherwise with ints."""
    return number if isinstance(number, int) and abs(number) <= 2**53 else as_float(number, where)


def _arguments(code: CodeType) -> tuple[str, ...]:
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def _defaults(function: FunctionType) -> dict[str, Any]:
    given = function.__defaults__ or ()
    last = function.__code__.co_varnames[: function.__code__.co_argcount][-len(given) :] if given else ()
    return {**dict(zip(last, given, strict=True)), **(function.__kwdefaults__ or {})}


def _unreadable(name: str, function: object) -> OperationError:
    return OperationError(f"{name} must be a Python function, whose source can be read, not {function!r:.80}")


def is_built_in(function: object) -> bool:
    """Return whether a function comes with every Python: one of `math`, or a built-in such as ``max``."""
    if not isinstance(function, BuiltinFunctionType | type):
        return False
    return any(vars(module).get(function.__name__) is function for module in (math, builtins))


def is_of_house(function: object) -> bool:
    """Return whether a function stands in the engine's own files, as those of the table do."""
    return isinstance(function, FunctionType) and function.__code__.co_filename.startswith(HOUSE)


def definition(function: Callable[..., float], name: str) -> Definition:
    """Read a Python function of numbers, which consists of formulas, assignments, ``if`` and ``return``; or a lambda.

    Raises:
        OperationError: it contains anything else, or its source cannot be read; the message names it.

    >>> from engine.operation import TABLE
    >>> ast.unparse(definition(TABLE["relu"].value, "relu").formula)
    '0.0 if x <= 0.0 else x'
    """
    if not isinstance(function, FunctionType):
        raise _unreadable(name, function)
    # what the names in a function of yours stand for may have changed since the last time
    return _read_once(function, name) if is_of_house(function) else _read(function, name)


def _read(function: FunctionType, name: str) -> Definition:
    code = function.__code__
    if code.co_flags & (CO_VARARGS | CO_VARKEYWORDS):
        raise OperationError(f"{name} must name each of its arguments to be put into a program, without * and **")
    try:
        node = copy.deepcopy(_parsed(code, name))
        body: list[ast.stmt] = [ast.Return(node.body)] if isinstance(node, ast.Lambda) else node.body
        if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            body = body[1:]  # a docstring
        reader = _Reader(name, function)
        statements = [ast.fix_missing_locations(reader.visit(statement)) for statement in body or [ast.Return()]]
    except RecursionError:
        raise OperationError(f"{name} is nested too deeply for a program; split it into several functions") from None
    return Definition(_arguments(code), tuple(statements), reader.calls)


_read_once = lru_cache(maxsize=4096)(_read)


@lru_cache(maxsize=4096)
def _parsed(code: CodeType, name: str) -> ast.Lambda | ast.FunctionDef:
    """Return the syntax tree of a function, given its code."""
    file = code.co_filename
    nodes, codes = _functions("".join(linecache.getlines(file)), file)
    found = [node for node in nodes if _is_of(node, code)]
    if len(found) > 1:  # on one line
        places = {(line, column) for line, _, column, _ in code.co_positions()}
        for node in found.copy():
            names: list[Any] = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
            if any((part.lineno, part.col_offset) not in places for part in names or [node.body]):
                found.remove(node)
    if not found:
        raise OperationError(f"the source of {name} cannot be found in {file}; define it in a file")
    if not any(_is_alike(code, other) for other in codes):
        raise OperationError(f"the source of {name} in {file} has changed since Python read it; start Python again")
    return found[0]


@lru_cache(maxsize=8)
def _functions(text: str, file: str) -> tuple[list[ast.Lambda | ast.FunctionDef], list[CodeType]]:
    """Return the syntax trees of the functions in a source, and the code of everything in it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they were shown when Python read the file
            tree, codes = ast.parse(text), [compile(text, file, "exec", dont_inherit=True)]
    except (SyntaxError, ValueError, RecursionError):  # it has changed
        return [], []
    for code in codes:
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return [node for node in ast.walk(tree) if isinstance(node, ast.Lambda | ast.FunctionDef)], codes


def _is_of(node: ast.Lambda | ast.FunctionDef, code: CodeType) -> bool:
    """Return whether a syntax tree has the name, line and arguments of a function, given its code."""
    line = min(part.lineno for part in (node, *getattr(node, "decorator_list", ())))
    arguments = tuple(part.arg for part in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
    found = getattr(node, "name", "<lambda>"), line, arguments
    return found == (code.co_name, code.co_firstlineno, _arguments(code))


def _is_alike(code: CodeType, other: CodeType) -> bool:
    """Return whether two pieces of code do the same."""
    return code.co_code == other.co_code and all(
        repr(getattr(code, part)) == repr(getattr(other, part))  # by repr: 1 == 1.0 == True
        for part in ("co_consts", "co_names", "co_varnames", "co_freevars")
    )


class _Reader(ast.NodeTransformer):
    """Puts numbers where global constants are read, and collects the functions that are called."""

    ALLOWED = (
        ast.Return, ast.If, ast.Assign, ast.Name, ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp,
        ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.expr_context,
    )  # fmt: skip

    def __init__(self, name: str, function: FunctionType) -> None:
        self.name, self.function, self.own = name, function, set(function.__code__.co_varnames)
        self.calls: dict[str, Callable[..., float]] = {}

    def _trouble(self, node: ast.AST) -> OperationError:
        return OperationError(
            f"{self.name} contains {ast.unparse(node)!r}, which cannot be put into a program: compute its value "
            "with formulas, assignments, if and return, and functions of math"
        )

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, self.ALLOWED):
            raise self._trouble(node)
        return super().generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if not isinstance(node.value, float | int | None):
            raise self._trouble(node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        module = self._meaning(node.value.id) if isinstance(node.value, ast.Name) else None
        return self._meant(node) if isinstance(module, ModuleType) else self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return node if node.id in self.own else self._meant(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        called, given = self._thing(node.func), [self.visit(argument) for argument in node.args]
        named: dict[str, ast.expr] = {keyword.arg or "**": self.visit(keyword.value) for keyword in node.keywords}
        func = self.visit(node.func)
        operation = called if isinstance(called, Operation) else None
        found: list[ast.expr | None] = [*given]
        fits = not named
        if operation:  # it takes floats alone, parameters by name, and gives a float
            called, numbers = value_function(operation)
            names = _arguments(called.__code__)[operation.arity :] if isinstance(called, FunctionType) else ()
            parameters = {**dict(zip(names, map(_written, numbers), strict=False)), **named}
            found = [*map(self._float, given), *map(parameters.get, names)]
            fits = (
                len(given) == operation.arity and len(names) == len(numbers) and operation.parameters.keys() >= {*named}
            )
        elif isinstance(called, FunctionType):
            names = _arguments(called.__code__)
            positional = dict(zip(names[: called.__code__.co_argcount], given, strict=False))
            known = {name: self._number(number, node) for name, number in _defaults(called).items()}
            found = [*map({**known, **positional, **named}.get, names)]
            fits = len(positional) == len(given) and positional.keys().isdisjoint(named) and {*names} >= {*named}
        passed = [argument for argument in found if argument is not None]
        if not fits or len(passed) < len(found):
            raise self._trouble(node)
        call = ast.Call(func, passed, [])
        return self._float(call) if operation and not is_of_house(called) else call

    def _float(self, node: ast.expr) -> ast.expr:
        self.calls["builtins.float"] = float  # no name of a function's own has a dot
        return ast.Call(ast.Name("builtins.float", ast.Load()), [node], [])

    def _number(self, thing: object, node: ast.expr) -> ast.expr:
        """Return a number as an expression."""
        is_of_numpy = isinstance(thing, float) and hasattr(thing, "dtype")
        if not is_of_numpy and type(thing) not in (float, int, bool):
            raise OperationError(f"{self.name} may use numbers and functions, not {ast.unparse(node)}")
        number: Any = float(thing) if isinstance(thing, float) else thing
        if isinstance(number, float) and not math.isfinite(number) and repr(abs(number)) in self.own:
            raise OperationError(f"{self.name} has a variable {abs(number)!r}, which must be called otherwise")
        return _written(number)

    def _meaning(self, name: str) -> Any:
        """Return the object that a name outside the function stands for, if any."""
        function = self.function
        if name in function.__code__.co_freevars:
            cell = (function.__closure__ or ())[function.__code__.co_freevars.index(name)]
            with suppress(ValueError):  # it may not be assigned yet
                return cell.cell_contents
            return None
        return function.__globals__.get(name, vars(builtins).get(name))

    def _thing(self, node: ast.expr) -> Any:
        """Return the object outside the function that an expression names, if any."""
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module not in self.own:
                return getattr(self._meaning(module), name, None)
            case ast.Name(id=name) if name not in self.own:
                return self._meaning(name)
        return None

    def _meant(self, node: ast.Name | ast.Attribute) -> ast.AST:
        thing = self._thing(node)
        if isinstance(thing, Operation):
            thing = value_function(thing)[0]
        if not callable(thing):
            return self._number(thing, node)
        if not isinstance(node.ctx, ast.Load):
            raise self._trouble(node)
        name = ast.unparse(node)
        self.calls[name] = thing
        return ast.Name(name, ast.Load())


def _written(number: float) -> ast.expr:
    if number < 0 or (isinstance(number, float) and math.copysign(1.0, number) < 0.0):
        return ast.UnaryOp(ast.USub(), _written(-number))
    is_plain = isinstance(number, int) or math.isfinite(number)
    return ast.Constant(number) if is_plain else ast.Name(repr(number), ast.Load())

"""Tell ``math.exp(value)``, which would silently leave the graph, from ``float(value)``, which is meant.

Both read the number of a Value by ``__float__``, and neither says why. So the expression that is running is read
from the source, and searched for functions of `math` or `cmath` that may be the one: what is called, and what is
passed on to be called, as in ``list(map(math.exp, values))``. Looking up names, attributes and entries of lists says
which function an expression stands for; nothing else is evaluated.
"""

import ast
import builtins
import cmath
import dis
import linecache
import math
from collections.abc import Iterator
from functools import partial
from itertools import islice
from types import CodeType, FrameType
from typing import Any

HARMLESS = {
    math.isnan, math.isinf, math.isfinite, math.isclose, math.floor, math.ceil, math.trunc,
    cmath.isnan, cmath.isinf, cmath.isfinite, cmath.isclose,
}  # fmt: skip
RENAMED = {"fabs": "abs", "fsum": "sum", "pow": "pow"}

# For each place of call that took a Value's number: the function of `math` that is called there, or "" for none; None
# where a local variable is involved, which may be another function the next time. Then the expressions of the functions
# that may be running there, and the code object, which is kept so that no other one gets its id.
_places: dict[tuple[int, int], tuple[str | None, tuple[ast.expr, ...], CodeType]] = {}


def math_call(frame: FrameType) -> str:
    """Return the function of `math` or `cmath` that a frame is calling, such as ``math.exp``, or an empty text.

    The functions that only ask about a number, such as `math.isnan`, do not count. A place of call is read once.
    """
    code = frame.f_code
    known = _places.get((id(code), frame.f_lasti))
    if known is None:
        functions = _functions_at(frame)
        names = {part.id for each in functions for part in ast.walk(each) if isinstance(part, ast.Name)}
        is_settled = names.isdisjoint(frame.f_locals)
        known = _running(functions, frame) if is_settled else None, functions, code
        _places[id(code), frame.f_lasti] = known
    return _running(known[1], frame) if known[0] is None else known[0]


def _running(functions: tuple[ast.expr, ...], frame: FrameType) -> str:
    """Return the first function of `math` or `cmath` among expressions, or an empty text."""
    for each in functions:
        function = _innermost(_evaluate(each, frame))
        module = getattr(function, "__module__", None)
        if module in ("math", "cmath") and callable(function) and function not in HARMLESS:
            return f"{module}.{getattr(function, '__name__', '')}"
    return ""


def _innermost(function: Any) -> Any:
    """Return what a partial function or a map calls."""
    while True:
        if isinstance(function, partial):
            function = function.func
        elif isinstance(function, map):
            try:
                function = function.__reduce__()[1][0]
            except (TypeError, AttributeError):
                return None
        else:
            return function


def _evaluate(expression: ast.expr, frame: FrameType) -> Any:
    """Return what an expression of names, attributes, entries and `getattr` stands for; None for any other."""
    match expression:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            return -value
        case ast.Name(id=name):
            return {**frame.f_builtins, **frame.f_globals, **frame.f_locals}.get(name)
        case ast.Attribute(value=value, attr=name):
            return getattr(_evaluate(value, frame), name, None)
        case ast.Subscript(value=value, slice=index):
            container = _evaluate(value, frame)
            if type(container) in (list, tuple, dict):
                try:
                    return container[_evaluate(index, frame)]
                except (LookupError, TypeError):
                    return None
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_evaluate(part, frame) for part in parts]
        case ast.Call(func=function, args=[value, name]) if _evaluate(function, frame) is builtins.getattr:
            name = _evaluate(name, frame)
            return getattr(_evaluate(value, frame), name, None) if isinstance(name, str) else None
    return None


def _functions_at(frame: FrameType) -> tuple[ast.expr, ...]:
    """Return the expressions of the functions that may be running at the present instruction of a frame."""
    nowhere = None, None, None, None
    line, end_line, column, end_column = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), nowhere)
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    if line is None or end_line is None:
        return ()
    if not 0 < line <= end_line <= len(lines):  # there is no source
        return tuple(_named(frame.f_code, (line, column)))
    encoded = [text.encode() for text in lines[line - 1 : end_line]]
    encoded[-1] = encoded[-1][:end_column]
    encoded[0] = encoded[0][column:]
    text = b"".join(encoded).decode(errors="replace")
    for attempt in (f"({text}\n)", text):  # brackets: the expression may go over several lines
        try:
            return tuple(_functions_of(ast.parse(attempt).body[0]))
        except SyntaxError:
            continue
    return ()


def _named(code: CodeType, place: tuple[int, int | None]) -> Iterator[ast.expr]:
    """Yield the dotted names that begin at a place of the code, as what is called does."""
    named: ast.expr | None = None
    for instruction in dis.get_instructions(code):
        if instruction.positions is not None and (instruction.positions[0], instruction.positions[2]) == place:
            if instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and named:
                named = ast.Attribute(named, instruction.argval, ast.Load())
                yield named
            elif instruction.opname.startswith("LOAD_") and isinstance(instruction.argval, str):
                named = ast.Name(instruction.argval, ast.Load())
                yield named


def _functions_of(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the functions that an expression or a loop runs itself, or passes on to be run."""
    match node:
        case ast.Expr(value=expression):
            yield from _functions_of(expression)
        case ast.Call(func=ast.IfExp(body=one, orelse=other)):
            yield from (one, other)
        case ast.Call(func=function):
            yield function
            yield from _passed(node)
        case ast.For(iter=iterated):
            yield from _passed(iterated)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            yield from _passed(node.generators[0].iter)
        case _:
            yield from _passed(node)


def _passed(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the functions that an expression may pass on: those among the arguments of its calls, but for sort keys."""
    match node:
        case ast.Call(args=arguments, keywords=keywords):
            yield node
            for argument in [*arguments, *(each.value for each in keywords if each.arg != "key")]:
                yield from _passed(argument)
        case ast.Name() | ast.Attribute() | ast.Subscript():
            yield node
        case ast.Lambda():
            return
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _passed(child)

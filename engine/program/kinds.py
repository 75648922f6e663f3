"""Kinds of numbers: which of Python's types the expressions of a function may give, so that no other program differs.

Python's whole numbers have no -0 and are exact at any size, a power of a negative number may be complex, and a function
may end without a result. A program that computes with floats alone would be wrong there: ``-(x > 1.0)`` is 0 at x = 0,
where the float is -0.0. So what a function may give is followed from statement to statement:

    def f(x):                  x: FLOAT
        if x > 1.0:            x > 1.0: WHOLE
            y = x
        else:
            y = 0
        return -y              y: FLOAT | WHOLE
"""

import ast
import math
import operator
from collections.abc import Callable, Sequence
from enum import Flag, auto
from types import FunctionType
from typing import Any

from ..operation import Operation
from .functions import Definition, definition, value_function


class Kind(Flag):
    """What an expression may give, or a name may stand for."""

    FLOAT = auto()
    WHOLE = auto()  # an int or a bool
    OTHER = auto()  # a complex number, or None
    UNSET = auto()  # nothing was assigned to the name


FLOAT, WHOLE, OTHER, UNSET = Kind.FLOAT, Kind.WHOLE, Kind.OTHER, Kind.UNSET
REAL = FLOAT | WHOLE
ANY = REAL | OTHER

ROUNDING: set[Any] = {math.floor, math.ceil, math.trunc}
ONE_OF: set[Any] = {max, min}
UNSIGNED: set[Any] = {abs, operator.abs}
# Functions that give a float for every real number.
TO_FLOAT: set[Any] = {float, *(getattr(math, name) for name in (
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "copysign", "cos", "cosh", "degrees", "dist",
    "erf", "erfc", "exp", "exp2", "expm1", "fabs", "fmod", "fsum", "gamma", "hypot", "ldexp", "lgamma", "log", "log10",
    "log1p", "log2", "nextafter", "pow", "radians", "remainder", "sin", "sinh", "sqrt", "tan", "tanh", "ulp",
))}  # fmt: skip
ARITHMETIC: dict[Any, type[ast.operator]] = {
    operator.add: ast.Add, operator.sub: ast.Sub, operator.mul: ast.Mult, operator.truediv: ast.Div,
}  # fmt: skip

Known = dict[str, Kind]  # what each name may stand for
Call = tuple[Callable[..., float], tuple[Kind, ...]]  # a function, and the kinds of its arguments


class Kinds:
    """The kinds of everything in a function, for given kinds of its arguments.

    Attributes:
        of: the kind of each expression.
        result: what a call may give.
        may_end: whether it may end without a result.
    """

    def __init__(self, found: Definition, arguments: Sequence[Kind], results: dict[Call, Kind]) -> None:
        self.found, self._results = found, results
        self.of: dict[ast.expr, Kind] = {}
        self.result = Kind(0)
        self.may_end = self._follow(found.body, dict(zip(found.arguments, arguments, strict=True))) is not None
        if self.may_end:
            self.result |= OTHER

    def _follow(self, statements: Sequence[ast.stmt], known: Known) -> Known | None:
        """Return what the names may stand for after some statements; None if these always return."""
        for statement in statements:
            match statement:
                case ast.Return(value=value):
                    self.result |= self._kind(value, known) if value else OTHER
                    return None
                case ast.Assign(targets=targets, value=value):
                    known |= dict.fromkeys(map(ast.unparse, targets), self._kind(value, known))
                case ast.If(test=test, body=body, orelse=orelse):
                    self._kind(test, known)
                    ways = [self._follow(part, known.copy()) for part in (body, orelse)]
                    open_ways = [way for way in ways if way is not None]
                    if not open_ways:
                        return None
                    first, last = open_ways[0], open_ways[-1]
                    known = {name: first.get(name, UNSET) | last.get(name, UNSET) for name in {**first, **last}}
        return known

    def _kind(self, node: ast.expr, known: Known) -> Kind:
        self.of[node] = kind = self._found(node, known)
        return kind

    def _found(self, node: ast.expr, known: Known) -> Kind:
        match node:
            case ast.Constant(value=value):
                return FLOAT if isinstance(value, float) else OTHER if value is None else WHOLE
            case ast.Name(id=name):
                return known.get(name, FLOAT if name in ("inf", "nan") else UNSET)
            case ast.BinOp(left=left, op=op, right=right):
                return of_operator(op, self._kind(left, known), self._kind(right, known), right)
            case ast.UnaryOp(op=op, operand=operand):
                kind = self._kind(operand, known)
                return kind if isinstance(op, ast.USub | ast.UAdd) else WHOLE
            case ast.BoolOp(values=values):
                return _together([self._kind(value, known) for value in values])
            case ast.Compare(left=left, comparators=others):
                for side in (left, *others):
                    self._kind(side, known)
                return WHOLE
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._kind(test, known)
                return self._kind(body, known) | self._kind(orelse, known)
            case ast.Call(func=ast.Name(id=name), args=given) if name in self.found.calls:
                kinds = tuple(self._kind(argument, known) for argument in given)
                return of_call(self.found.calls[name], kinds, name, self._results)
        return ANY


def of_operation(operation: Operation) -> tuple[Kind, ...]:
    """Return the kinds of the operands and parameters of an operation's function."""
    return (FLOAT,) * operation.arity + tuple(
        WHOLE if isinstance(number, int) else FLOAT for number in value_function(operation)[1]
    )


def of_operator(op: ast.operator, left: Kind, right: Kind, exponent: ast.expr | None = None) -> Kind:
    """Return what an operator may give; of a power, the exponent as it is written says more."""
    both = left | right
    kind = both & OTHER
    if isinstance(op, ast.Div):
        return kind | FLOAT
    if isinstance(op, ast.Add | ast.Sub | ast.Mult):
        return kind | both & FLOAT | left & right & WHOLE
    if not isinstance(op, ast.Pow):
        return ANY
    match exponent:  # a constant is not negative: the sign would be an operator
        case ast.Constant(value=float() as number):
            return kind | FLOAT | (Kind(0) if number.is_integer() else OTHER)
        case ast.Constant(value=int()):
            return kind | left & REAL
    return kind | FLOAT | left & right & WHOLE | (OTHER if right & FLOAT else Kind(0))


def of_call(function: Callable[..., float], kinds: tuple[Kind, ...], name: str, results: dict[Call, Kind]) -> Kind:
    """Return what a call of a function may give.

    Args:
        function: what is called.
        kinds: those of its arguments.
        name: what to call the function in messages.
        results: what is known of other calls; this one is added.
    """
    both = _together(kinds)
    if isinstance(function, FunctionType):
        call = function, kinds
        if call not in results:
            results[call] = ANY  # while a recursive function is looked at
            results[call] = Kinds(definition(function, name), kinds, results).result
        return results[call]
    if function in TO_FLOAT:
        return FLOAT
    if function in ROUNDING:
        return WHOLE
    if function in ONE_OF and len(kinds) > 1:
        return both
    if function in UNSIGNED:
        return both & REAL | (FLOAT if both & OTHER else Kind(0))
    if function is operator.neg:
        return both
    return of_operator(ARITHMETIC[function](), *kinds) if function in ARITHMETIC and len(kinds) == 2 else ANY


def _together(kinds: Sequence[Kind]) -> Kind:
    found = Kind(0)
    for kind in kinds:
        found |= kind
    return found

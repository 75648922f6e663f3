"""Functions in JavaScript: those of the table, translated as they are used, and those of Python's `math`.

A program has no other numbers to fall back on, so where Python would raise, JavaScript does: a ``RangeError``.

JavaScript leaves the rounding of `Math` open. In V8, which Node and Chromium run, each of its functions is within 1 or
2 units in the last place of C's; arithmetic and square roots are the same to the last bit. What JavaScript lacks stands
in ``runtime.js``. Against 50 digits, `erf`, `erfc`, `gamma` and `lgamma` there are within 8, 40, 60 and 40 times the
rounding unit, 2**-53, of the result (of 1 where `lgamma` is smaller than that).
"""

import math
import operator
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...name import as_identifier
from ...notation.formulas import Symbol
from ...operation import ATOM, TABLE, Operation
from ...slope import FLAT
from ..functions import value_function
from ..kinds import Call
from ..plan import derivatives
from ..python.expressions import INFIX
from ..python.expressions import Writer as Python
from ..translation import Functions as Language

RUNTIME = Path(__file__).with_name("runtime.js")
CALLED = re.compile(r"(?<![\w.])_[a-z]\w*")
NAME = re.compile(r"^(?:function|const) (\w+)", re.MULTILINE)
IN_MATH = (
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "copysign", "cos", "cosh", "degrees",
    "erf", "erfc", "exp", "exp2", "expm1", "fabs", "floor", "fmod", "gamma", "hypot", "lgamma", "log", "log10", "log1p",
    "log2", "pow", "radians", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
)  # fmt: skip
KNOWN: dict[Any, str] = {
    **{getattr(math, name): f"_{name}" for name in IN_MATH},
    float: "_itself", abs: "_fabs", operator.abs: "_fabs", max: "_larger", min: "_smaller", operator.add: "_add",
    operator.sub: "_sub", operator.mul: "_mul", operator.truediv: "_quotient", operator.neg: "_neg",
}  # fmt: skip


@lru_cache(maxsize=1)
def runtime() -> dict[str, str]:
    """Return the functions that translations call, by name, each with its comment."""
    text = RUNTIME.read_text(encoding="utf-8").strip()
    parts = [(NAME.search(part), part) for part in text.split("\n\n")]
    return {name[1]: part for name, part in parts if name}


class Functions(Language):
    """The functions of the table in JavaScript."""

    language, known, declaration = "JavaScript", MappingProxyType(KNOWN), "let"
    not_finite = "NaN", "Infinity"

    def named(self, name: str, number: int) -> str:
        """Return a name that no node and no function of the runtime has."""
        return f"_{as_identifier(name).strip('_')}_{number}"

    def text(self, code: str) -> str:
        """Return all functions that some code calls, each before those that call it."""
        found = dict[str, str]()

        def collect(part: str) -> None:
            for name in CALLED.findall(part):
                if name in runtime() and name not in found:
                    found[name] = ""  # while a function that calls itself is looked at
                    collect(runtime()[name])
                    found[name] = found.pop(name) or runtime()[name]  # behind what it calls

        collect(self._defined + code)
        return "\n\n".join([*found.values(), *filter(None, [self._defined.strip()])])

    def helper(self, name: str, *numbers: str) -> str:
        """Return a call of a function of the runtime."""
        return f"_{name}({', '.join(numbers)})"

    def checked(self, function: Any, text: str, numbers: Sequence[str]) -> str:
        """Return the call as it is: the functions of the runtime report trouble themselves."""
        return text

    def quotient(self, x: str, y: str, checked: bool) -> str:
        """Return a quotient."""
        return f"_quotient({x}, {y})"

    def power(self, x: str, y: str, checked: bool) -> str:
        """Return a power."""
        return f"_pow({x}, {y})"

    def written(self, name: str, arguments: Sequence[str], body: str, call: Call) -> str:
        """Return a function in JavaScript."""
        return f"function {name}({', '.join(arguments)}) {body}\n"


class Writer(Python):
    """Writes the values of operations and the contributions of the chain rule as JavaScript."""

    def __init__(self) -> None:
        super().__init__()
        self.functions = Functions()

    def number(self, number: float) -> str:
        """Return a number as JavaScript, exact to the last bit."""
        return self.functions.literal(number)

    def _applied(self, operation: Operation, operands: Sequence[tuple[str, int]]) -> tuple[str, int]:
        function, parameters = value_function(operation)
        if (function in INFIX and function is not operator.truediv) or function is operator.neg:
            return self._call(function, operation.name, operands, parameters)
        numbers = [*(text for text, _ in operands), *map(self.number, parameters)]
        return self.functions.applied(operation, numbers, True), ATOM

    def rules(self, operation: Operation, names: Sequence[str], out: str) -> list[str]:
        """Return each local derivative as an expression of names, with ``FLAT`` for that of an edge that is flat."""
        named = Lazy(self, dict(zip((*operation.operands, "out"), (*names, out), strict=True)))
        return list(map(named, derivatives(operation)))


class Lazy:
    """Writes a local derivative, in which `where` computes only what it chooses."""

    def __init__(self, writer: Writer, names: dict[str, str]) -> None:
        self.writer, self.names = writer, names

    def __call__(self, expression: Any) -> str:
        """Return the expression."""
        return self.text(expression)[0]

    def text(self, expression: Any) -> tuple[str, int]:
        """Return an expression, and how strongly it binds."""
        if not isinstance(expression, Symbol):
            return ("FLAT", ATOM) if expression is FLAT else self.writer._text(expression)
        if expression.operation is None:
            return self.names[expression.name], ATOM
        if expression.operation is TABLE["where"]:
            condition, x, y = map(self, expression.operands)
            return f"({condition} > 0 ? {x} : {y})", ATOM
        return self.writer._applied(expression.operation, [self.text(x) for x in expression.operands])

"""Functions of scalars under the names that PyTorch and JAX have for them, beyond those in the table."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import ops
from ..operation import Operation, op
from ..ops import exp, log, sqrt, where
from ..slope import FLAT

# Operations that libraries of tensors have and the table does not.
asin = op("asin", math.asin, lambda x, out: (1.0 / sqrt(1.0 - x * x),), latex=r"\arcsin\left({0}\right)")
acos = op("acos", math.acos, lambda x, out: (-1.0 / sqrt(1.0 - x * x),), latex=r"\arccos\left({0}\right)")
atan = op("atan", math.atan, lambda x, out: (1.0 / (1.0 + x * x),), latex=r"\arctan\left({0}\right)")
asinh: Operation = op("asinh", math.asinh, lambda x, out: (1.0 / sqrt(x * x + 1.0),))
acosh: Operation = op("acosh", math.acosh, lambda x, out: (1.0 / sqrt(x * x - 1.0),), samples=((1.5,), (3.0,)))
atanh = op("atanh", math.atanh, lambda x, out: (1.0 / (1.0 - x * x),), samples=((0.3,), (-0.6,)))
sinh: Operation = op(
    "sinh", math.sinh, lambda x, out: (cosh(x),), latex=r"\sinh\left({0}\right)", samples=((0.7,), (-3.0,))
)  # fmt: skip
cosh: Operation = op(
    "cosh", math.cosh, lambda x, out: (sinh(x),), latex=r"\cosh\left({0}\right)", samples=((0.7,), (-3.0,))
)  # fmt: skip
atan2 = op(
    "atan2",
    math.atan2,
    lambda y, x, out: (x / (x * x + y * y), -y / (x * x + y * y)),
    samples=((0.7, -3.0), (1.0, 2.0)),
)
floor = op("floor", lambda x: float(math.floor(x)), lambda x, out: (FLAT,), latex=r"\left\lfloor {0} \right\rfloor")
ceil = op("ceil", lambda x: float(math.ceil(x)), lambda x, out: (FLAT,), latex=r"\left\lceil {0} \right\rceil")
trunc = op("trunc", lambda x: float(math.trunc(x)), lambda x, out: (FLAT,))
nearest = op("round", lambda x: float(round(x)), lambda x, out: (FLAT,))  # ties to the even number, as theirs


def _series(x: float, order: int) -> float:
    """Return the digamma function (order 0) or trigamma (order 1): recurrence, then the asymptotic series.

    See https://dlmf.nist.gov/5.11#E2 and https://dlmf.nist.gov/5.15.
    """
    found = 0.0
    if x <= 0.0:  # reflection: https://dlmf.nist.gov/5.5#E4
        tangent = math.tan(math.pi * x)
        if order == 0:
            return _series(1.0 - x, 0) - math.pi / tangent
        return (math.pi / math.sin(math.pi * x)) ** 2 - _series(1.0 - x, 1)
    while x < 16.0:
        found += -1.0 / x if order == 0 else 1.0 / (x * x)
        x += 1.0
    y = 1.0 / (x * x)
    numbers = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)  # of Bernoulli: B2, B4, ...
    if order == 0:
        return found + math.log(x) - 0.5 / x - sum(b * y**k / (2 * k) for k, b in enumerate(numbers, 1))
    return found + 1.0 / x + 0.5 * y + sum(b * y**k / x for k, b in enumerate(numbers, 1))


trigamma = op("trigamma", lambda x: _series(x, 1), lambda x, out: (math.nan,), samples=((0.7,), (3.0,)))
digamma = op("digamma", lambda x: _series(x, 0), lambda x, out: (trigamma(x),), samples=((0.7,), (3.0,)))
lgamma = op("lgamma", math.lgamma, lambda x, out: (digamma(x),), samples=((0.7,), (3.0,)))


def square(x: Any) -> Any:
    """Return the square of a scalar."""
    return x**2


def power(x: Any, exponent: Any) -> Any:
    """Return a power; an exponent of 0 gives 1 and one of 1 the number itself."""
    if exponent.__class__ is float or exponent.__class__ is int:
        if exponent == 0:
            return 1.0
        if exponent == 1:
            return x
        if exponent == 0.5:
            return sqrt(x)
        exponent = int(exponent) if float(exponent).is_integer() else exponent
    return x**exponent


def remainder(x: Any, y: Any) -> Any:
    """Return the remainder with the sign of the divisor."""
    return x - y * floor(x / y)


def log_add_exp(x: Any, y: Any) -> Any:
    """Return log(exp(x) + exp(y))."""
    return y + ops.softplus(x - y)


def truncated_remainder(x: Any, y: Any) -> Any:
    """Return the remainder with the sign of the dividend."""
    return x - y * trunc(x / y)


UNARY: dict[str, Operation | Callable[[Any], Any]] = {
    **{name: getattr(ops, name) for name in
       ("exp", "log", "log1p", "expm1", "sin", "cos", "tan", "tanh", "sigmoid", "relu", "silu", "sqrt", "erf", "erfc",
        "abs", "neg", "sign")},
    "asin": asin, "acos": acos, "atan": atan, "sinh": sinh, "cosh": cosh, "asinh": asinh, "acosh": acosh,
    "atanh": atanh, "floor": floor, "ceil": ceil, "trunc": trunc, "round": nearest, "lgamma": lgamma,
    "digamma": digamma, "square": square,
    "rsqrt": lambda x: 1.0 / sqrt(x),
    "reciprocal": lambda x: 1.0 / x,
    "log2": lambda x: log(x) / math.log(2.0),
    "log10": lambda x: log(x) / math.log(10.0),
    "exp2": lambda x: exp(x * math.log(2.0)),
    "log_sigmoid": lambda x: -ops.softplus(-x),
}  # fmt: skip


def hard_tanh(x: Any, low: float, high: float) -> Any:
    """Return a number between bounds; on them, its derivative is 0."""
    return where(x - low, where(high - x, x, high), low)

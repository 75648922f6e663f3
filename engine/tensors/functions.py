"""Functions of scalars under the names that PyTorch and JAX have for them, beyond those in the table."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import ops
from ..operation import Operation, op
from ..ops import sqrt, where
from ..slope import FLAT

# Operations that libraries of tensors have and the table does not.
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


def truncated_remainder(x: Any, y: Any) -> Any:
    """Return the remainder with the sign of the dividend."""
    return x - y * trunc(x / y)


TABLE = """exp log log1p expm1 exp2 log2 log10 sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sigmoid relu
    silu mish hardsigmoid hardswish sqrt cbrt erf erfc abs neg sign floor ceil""".split()  # noqa: SIM905
UNARY: dict[str, Operation | Callable[[Any], Any]] = {
    **{name: getattr(ops, name) for name in TABLE},
    "trunc": trunc,
    "lgamma": lgamma,
    "digamma": digamma,
    "square": square,
    "rsqrt": lambda x: 1.0 / sqrt(x),
    "reciprocal": lambda x: 1.0 / x,
    "log_sigmoid": lambda x: -ops.softplus(-x),
}


def hard_tanh(x: Any, low: float, high: float) -> Any:
    """Return a number between bounds; on them, its derivative is 0."""
    return where(x - low, where(high - x, x, high), low)

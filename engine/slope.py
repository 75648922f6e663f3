"""Local derivatives that are not plain numbers: one that is zero by structure, and one that does not exist.

The derivative of ``where(x > 0, x, y)`` with respect to the operand that is not taken is not a number that happens to
be 0: there is no way along this edge. So whatever arrives from above, infinity and what does not exist too, it passes
on nothing. Both are floats with the two rules that the chain rule needs:

    FLAT * anything      = FLAT         FLAT + anything      = anything
    UNDEFINED * anything = UNDEFINED    UNDEFINED + anything = UNDEFINED       but FLAT * UNDEFINED = FLAT

JAX and PyTorch multiply by the number 0 here and get not-a-number; see https://github.com/jax-ml/jax/issues/5798,
https://github.com/pytorch/pytorch/issues/52248 and https://github.com/tinygrad/tinygrad/issues/12409.
"""

import math
from typing import Any

from .errors import UndefinedDerivativeError


class _Flat(float):
    """The number 0 of an edge along which an operation does not change."""

    __slots__ = ()

    def __mul__(self, other: Any) -> Any:
        return self

    __rmul__ = __mul__

    def __add__(self, other: Any) -> Any:
        return 0.0 + other if other.__class__ is float else other  # never -0.0, as everywhere in a sum from 0.0

    def __radd__(self, other: Any) -> Any:
        return other

    def __neg__(self) -> float:
        return self

    def __truediv__(self, other: Any) -> Any:
        return self

    def __reduce__(self) -> str:
        return "FLAT"


class Undefined(float):
    """Stands for a derivative that does not exist.

    A local derivative that does not exist is like not-a-number. A gradient that does not exist has a reason, and raises
    it where it is used: in an update, a comparison, or as the number of a Value.

    Attributes:
        reason: the sentence of the error; empty for a local derivative.

    >>> from engine import Value, sqrt
    >>> x, y = Value(0.0, "x"), Value(3.0, "y")
    >>> (sqrt(x) + y * y).backward()
    >>> x.grad, y.grad
    (undefined, 6.0)
    >>> x.data -= 0.1 * x.grad
    Traceback (most recent call last):
        ...
    engine.errors.UndefinedDerivativeError: sqrt(x) has no derivative with respect to x at x = 0.0 (labelled 'x'): ...
    """

    __slots__ = ("reason",)

    reason: str

    def __new__(cls, reason: str = "") -> "Undefined":
        """Make one; as a float, it is not-a-number."""
        made = super().__new__(cls, "nan")
        made.reason = reason
        return made

    def __mul__(self, other: Any) -> Any:
        return FLAT if other is FLAT else self

    def __add__(self, other: Any) -> Any:
        return self

    __rmul__, __radd__ = __mul__, __add__

    def _compute(self, *_: Any) -> Any:
        self._compare()
        return self

    __sub__ = __rsub__ = __truediv__ = __rtruediv__ = __pow__ = __rpow__ = __neg__ = __abs__ = __round__ = _compute

    def _compare(self, *_: Any) -> bool:
        if self.reason:
            raise UndefinedDerivativeError(self.reason)
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _compare

    def __float__(self) -> float:
        self._compare()
        return math.nan

    def __repr__(self) -> str:
        return "undefined"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "undefined"

    def __reduce__(self) -> str | tuple[Any, ...]:
        return (Undefined, (self.reason,)) if self.reason else "UNDEFINED"


FLAT = _Flat(0.0)
UNDEFINED = Undefined()


def is_number(slope: Any) -> bool:
    """Return whether a local derivative or a gradient is a number, neither `FLAT` nor undefined."""
    return slope is not FLAT and not isinstance(slope, Undefined)


def shown(gradient: Any) -> Any:
    """Return a gradient to show: one that does not exist without the reason that it raises where it is used."""
    return UNDEFINED if isinstance(gradient, Undefined) else gradient

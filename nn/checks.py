"""Checks of arguments that the rooms of this package share; ``what`` is the argument's name in the message."""

import math
import operator
from collections.abc import Sequence
from numbers import Real
from typing import Any

from engine.support.text import did_you_mean, format_number, listed

from .errors import SettingError


def positive(count: Any, what: str, least: int = 1) -> int:
    """Return a count as an int; raise `SettingError` unless it is a whole number of at least ``least``."""
    if isinstance(count, bool) or not hasattr(count, "__index__") or count < least:
        raise SettingError(f"{what} must be a whole number of at least {least}, not {count!r}")
    return operator.index(count)


def finite(number: Any, what: str, least: float = -math.inf, most: float = math.inf) -> float:
    """Return a number as a float; raise `SettingError` unless it is finite and from ``least`` to ``most``."""
    fits = isinstance(number, Real) and not isinstance(number, bool) and math.isfinite(number)
    if not fits or not least <= number <= most:
        span = f" of at least {format_number(least)}" if least > -math.inf and most == math.inf else ""
        span = f" from {format_number(least)} to {format_number(most)}" if most < math.inf else span
        raise SettingError(f"{what} must be a finite number{span}, not {number!r}")
    return float(number)


def known(name: Any, names: Sequence[str], what: str) -> str:
    """Return a name that is one of many; raise `SettingError`, which says what may have been meant, if it is not."""
    if name not in names:
        raise SettingError(f"unknown {what} {name!r:.60}{did_you_mean(name, names, 'choose from')}")
    return str(name)


def choice(name: Any, names: Sequence[str], what: str) -> str:
    """Return a name that is one of a few; raise `SettingError`, which lists them all, if it is not."""
    if name not in names:
        raise SettingError(f"{what} must be {listed(map(repr, names), last='or')}, not {name!r:.60}")
    return str(name)

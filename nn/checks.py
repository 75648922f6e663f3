"""Checks of arguments and small pieces of text that the rooms of this package share."""

from __future__ import annotations

import difflib
import math
import operator
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any

from .errors import SettingError


def positive(count: Any, what: str, least: int = 1) -> int:
    """Return a count as an int.

    Raises:
        SettingError: it is no whole number, or less than the least one.
    """
    if isinstance(count, bool) or not hasattr(count, "__index__") or count < least:
        raise SettingError(f"{what} must be a whole number of at least {least}, not {count!r}")
    return operator.index(count)


def finite(number: Any, what: str, least: float = -math.inf, most: float = math.inf) -> float:
    """Return a number as a float.

    Raises:
        SettingError: it is no finite number, or out of its range.
    """
    fits = isinstance(number, Real) and not isinstance(number, bool) and math.isfinite(number)
    if not fits or not least <= number <= most:
        span = f" of at least {least:g}" if least > -math.inf and most == math.inf else ""
        span = f" from {least:g} to {most:g}" if most < math.inf else span
        raise SettingError(f"{what} must be a finite number{span}, not {number!r}")
    return float(number)


def known(name: Any, names: Sequence[str], what: str) -> str:
    """Return a name that is among those known.

    Raises:
        SettingError: it is not; the message says which one may have been meant.
    """
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1) if isinstance(name, str) else []
        meant = f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(names)}"
        raise SettingError(f"there is no {what} {name!r}{meant}")
    return str(name)


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "input"), counted(2, "input")
    ('1 input', '2 inputs')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """Return the first five names, and how many more there are."""
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def columns(rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    r"""Return rows of cells as lines, set in columns of equal width.

    Args:
        rows: the cells; all rows have as many.
        right: the numbers of the columns that are set to the right.

    >>> print(*columns([("part", "count"), ("layer 1", "9")], right=[1]), sep="\n")
    part     count
    layer 1      9
    """
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]

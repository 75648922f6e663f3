"""Numbers as texts, and whether two numbers are close."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isclose
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


def format_number(number: float | None, digits: int = 6, *, absent: str = "not computed") -> str:
    """Write a number in a few significant digits, without trailing zeros; None as `absent`.

    >>> format_number(-0.5), format_number(1 / 3, 4), format_number(None)
    ('-0.5', '0.3333', 'not computed')
    """
    return absent if number is None else f"{number:.{digits}g}"


def format_rounded(number: float) -> str:
    """Write a number in four significant digits; trailing zeros mark a rounded value.

    ``1`` is exactly one, ``1.000`` is a number near it. Only zero is written as zero.

    >>> [format_rounded(x) for x in (2.0, -0.70710678, 1.2e-5, 0.99999, 12345.0, 12345.678)]
    ['2', '-0.7071', '1.2e-05', '1.000', '12345', '1.235e+04']
    """
    if number.is_integer() and abs(number) < 1e6:
        return f"{number:.0f}"
    brief = f"{number:.4g}"
    return brief if float(brief) == number else f"{number:#.4g}"


def format_exact(number: float) -> str:
    """Write a number so that it can be read back exactly, in six digits if they suffice.

    >>> format_exact(0.5), format_exact(1 / 3)
    ('0.5', '0.3333333333333333')
    """
    brief = f"{number:.6g}"
    return brief if float(brief) == number else repr(float(number))


def format_range(numbers: Sequence[float], written: Callable[[float], str] = format_rounded) -> str:
    """Write the smallest and the largest of at least one number; or the first that is not finite, and how many are not.

    >>> format_range([2.0, -1.0, 0.5]), format_range([3.0, 3.0])
    ('-1 … 2', '3')
    """
    strange = [number for number in numbers if number - number != 0.0]
    if strange:
        return written(strange[0]) + (f" in {len(strange):,}" if len(numbers) > 1 else "")
    least, most = written(min(numbers)), written(max(numbers))
    return least if least == most else f"{least} … {most}"


def format_count(count: int | Decimal) -> str:
    """Write a count in full, or its size if it has more than 15 digits.

    >>> format_count(1234), format_count(2**1000)
    ('1,234', 'about 1.07e+301')
    """
    if count < 10**15:
        return f"{int(count):,}"
    from decimal import MAX_EMAX, Context, Decimal, localcontext  # takes a millisecond to import

    with localcontext(Context(prec=20, Emax=MAX_EMAX)):
        if isinstance(count, int):  # all digits of a huge number would take long
            spare = max(count.bit_length() - 64, 0)
            count = Decimal(count >> spare) * Decimal(2) ** spare
        return f"about {count:.2e}"


def is_close(x: float, y: float, *, rtol: float = 1e-9, atol: float = 0.0) -> bool:
    """Return whether two numbers are equal except for rounding; not-a-number is close to itself.

    They may differ by `rtol` relative to the larger one, and by `atol` near zero.

    >>> is_close(0.1 + 0.2, 0.3), is_close(1.0, 1.001), is_close(float("nan"), float("nan"))
    (True, False, True)
    """
    return (x != x and y != y) or (isclose(x, y, rel_tol=rtol, abs_tol=atol) and (abs(x) < inf or x == y))

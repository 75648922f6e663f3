"""Numbers, names and tables as texts for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def short(number: float | None, absent: str = "not computed") -> str:
    """Return a number as a person reads it.

    >>> short(-0.5), short(None)
    ('-0.5', 'not computed')
    """
    return absent if number is None else f"{number:.6g}"


def counted(count: int, noun: str) -> str:
    """Return a number of things in words.

    >>> counted(1, "step"), counted(2, "step")
    ('1 step', '2 steps')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def change(before: str, after: str) -> str:
    """Return what became of something, or only what it is if that is the same.

    >>> change("1", "2"), change("1", "1")
    ('1 -> 2', '1')
    """
    return before if before == after else f"{before} -> {after}"


def columns(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return rows of cells as lines, with the columns below each other.

    >>> columns([("a", "data"), ("long", "1")])
    ['a     data', 'long  1']
    """
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def cut(lines: list[str], most: int) -> list[str]:
    """Return lines without those in the middle, where there are too many.

    >>> cut(["1", "2", "3", "4", "5"], 2)
    ['1', '... 3 more ...', '5']
    """
    if len(lines) <= most:
        return lines
    return [*lines[: most // 2], f"... {len(lines) - most:,} more ...", *lines[len(lines) - most // 2 :]]


def near_misses(name: str, known: Iterable[str]) -> str:
    """Return what somebody may have meant, as the rest of a sentence.

    >>> near_misses("wieght", ["weight", "bias"])
    ': did you mean weight?'
    """
    from difflib import get_close_matches
    from itertools import islice

    near = get_close_matches(name, islice(known, 5000), n=3)
    return f": did you mean {' or '.join(near)}?" if near else ""

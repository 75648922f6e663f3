"""Columns of texts, and the numbers that they become: plain ones, decimal commas, dates, categories."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from engine.support.text import counted, listed, printable

MISSING = {
    "", "?", "-", "--", "–", ".", "..", "*", "**", "***", "na", "n/a", "n.a.", "#n/a", "nan", "null", "none", "nil", "missing", r"\n",
    "<na>", "(null)", "#null!", "#value!", "#div/0!", "#ref!",
}  # fmt: skip
MAX_CATEGORIES = 20
DIGITS = set("0123456789.+-eE")
UNIT = re.compile(r"[$€£¥]\s*|\s*[%€$£°]")
EXPONENT = r"(?:[eE][-+]?\d+)?"
# How numbers are written, and the characters that are taken out or replaced to read them.
POINT, COMMA, BY_COMMAS, BY_POINTS, BY_SPACES = (
    re.compile(rf"[-+]?(?:{body})") for body in (
        rf"(?:\d+\.?\d*|\.\d+){EXPONENT}", rf"(?:\d+,?\d*|,\d+){EXPONENT}", r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?",
        r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?", r"[1-9]\d{0,2}(?:[ \u00a0\u202f']\d{3})+(?:[.,]\d*)?",
    )
)  # fmt: skip
DATES = (  # in this order, so that a month and a day that could be either are read as in the United States
    "%Y-%m-%d", "%Y/%m/%d", "%Y-%m", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%Y", "%d.%m.%y",
    "%d-%m-%Y", "%m-%d-%Y", "%m-%d-%y", "%d-%m-%y", "%d-%b-%y", "%d-%b-%Y %H:%M:%S", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%B %d, %Y", "%b %d, %Y", "%b %Y", "%B %Y",
    "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S",
)  # fmt: skip
TIMES = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%H.%M.%S")
EPOCH = datetime(1970, 1, 1)


class Numbers(NamedTuple):
    """The numbers of a column, None where a cell is missing, and how they were read, in words."""

    numbers: list[float | None]
    how: str = ""


def is_missing(cell: str) -> bool:
    """Return whether a cell stands for a number that is not known."""
    return cell.lower() in MISSING


def numbers_of(cells: Sequence[str], is_comma_usual: bool = False) -> Numbers | None:
    """Return the numbers of a column; None if not all cells that are there are numbers.

    Args:
        cells: the texts.
        is_comma_usual: whether ``1,234`` is a number with a decimal comma, as in files whose cells are separated by
            semicolons, rather than one with a comma between the thousands.

    >>> numbers_of(["1.5", "?", "2e3"]).numbers
    [1.5, None, 2000.0]
    >>> numbers_of(["1,234", "12"]), numbers_of(["1,5", "2"])
    (Numbers(numbers=[1234.0, 12.0], how='commas between thousands'), Numbers(numbers=[1.5, 2.0], how='decimal commas'))
    """
    absent = set(filter(is_missing, set(cells)))
    present = [cell for cell in cells if cell not in absent] if absent else list(cells)
    if not present:
        return None
    if set().union(*set(present)) <= DIGITS and _is_plain(present):  # by far the most frequent
        return _with_gaps(cells, absent, map(float, present))
    present = [cell.replace("\u2212", "-") for cell in present]
    units = {unit[0] for cell in present if (unit := UNIT.search(cell))}
    if units and len({unit.strip() for unit in units}) == 1 and all(UNIT.search(cell) for cell in present):
        present = [UNIT.sub("", cell, count=1) for cell in present]
        unit = f"with {units.pop().strip()}"
    else:
        unit = ""
    read = _reader(present, is_comma_usual)
    if read is None:
        return None
    convert, how = read
    return _with_gaps(cells, absent, map(convert, present), ", ".join(filter(None, [how, unit])))


def _with_gaps(cells: Sequence[str], absent: set[str], known: Iterable[float], how: str = "") -> Numbers | None:
    numbers = list(known)
    if not all(map(math.isfinite, numbers)):
        return None
    left = iter(numbers)
    return Numbers([None if cell in absent else next(left) for cell in cells] if absent else [*numbers], how)


def _is_plain(cells: Sequence[str]) -> bool:
    return all(map(POINT.fullmatch, cells))


def _reader(cells: Sequence[str], is_comma_usual: bool) -> tuple[Callable[[str], float], str] | None:
    """Return the function that reads all these cells, and what is unusual about how they are written."""

    def fits(*forms: re.Pattern[str]) -> bool:
        return all(any(form.fullmatch(cell) for form in forms) for cell in cells)

    def without(sign: str, decimal: str = ".") -> Callable[[str], float]:
        return lambda cell: float(re.sub(f"[{sign}]", "", cell).replace(decimal, "."))

    has_points = any("." in cell for cell in cells)
    if fits(POINT):
        is_grouped = is_comma_usual and has_points and fits(BY_POINTS, re.compile(r"[-+]?\d{1,3}"))
        return (without(".", ","), "points between thousands") if is_grouped else (float, "")
    if fits(POINT, BY_COMMAS) and (has_points or not is_comma_usual):
        return without(","), "commas between thousands"
    if fits(COMMA):
        return without("\n", ","), "decimal commas"
    if fits(COMMA, BY_POINTS):
        return without(".", ","), "points between thousands, decimal commas"
    if fits(POINT, COMMA, BY_SPACES) and not (has_points and any("," in cell for cell in cells)):
        return without(" \u00a0\u202f'", ","), "spaces between thousands"
    return None


def dates_of(cells: Sequence[str]) -> Numbers | None:
    """Return the dates of a column in days since 1970-01-01, or its times in hours; None if there is another cell.

    >>> dates_of(["1970-01-02", "", "1970-02-01"]).numbers, dates_of(["12:30"]).numbers
    ([1.0, None, 31.0], [12.5])
    """
    present = list(dict.fromkeys(cell for cell in cells if not is_missing(cell)))
    if not present or not any(map(str.isdigit, present[0])):
        return None
    for forms, unit in ((DATES, "days since 1970-01-01"), (TIMES, "hours")):
        fitting = [form for form in forms if _all_dates(present, form)]
        if not fitting:
            continue
        form = fitting[0]
        also = [other for other in fitting[1:] if {form[:2], other[:2]} == {"%m", "%d"}]
        doubt = ", the month first, though the day could be too" if also else ""
        start = EPOCH if unit.startswith("days") else datetime(1900, 1, 1)
        size = 86400.0 if unit.startswith("days") else 3600.0
        number = {cell: (datetime.strptime(cell, form) - start).total_seconds() / size for cell in present}
        return Numbers(list(map(number.get, cells)), f"{unit}{doubt}")
    return None


def _all_dates(cells: Sequence[str], form: str) -> bool:
    try:
        for cell in cells:
            datetime.strptime(cell, form)
    except ValueError:
        return False
    return True


def categories_of(cells: Sequence[str]) -> list[str] | None:
    """Return the different texts of a column in alphabetical order; None if they are too many to be categories.

    >>> categories_of(["male", "female", "male"]), categories_of(["Ann", "Bob", "Eve"])
    (['female', 'male'], None)
    """
    present = [cell for cell in cells if not is_missing(cell)]
    found = sorted(set(present))
    is_kind = len(found) <= MAX_CATEGORIES and (len(found) < len(present) or len(found) <= 2)
    return found if found and is_kind else None


def one_hot(cells: Sequence[str], categories: Sequence[str]) -> list[list[float]]:
    """Return a column of 0.0 and 1.0 for each category; a missing cell has 0.0 in each.

    >>> one_hot(["b", "a", ""], ["a", "b"])
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    """
    return [[float(cell == category) for cell in cells] for category in categories]


def describe_texts(cells: Sequence[str]) -> str:
    """Return what texts are too many to be categories, for a message."""
    present = list(dict.fromkeys(cell for cell in cells if not is_missing(cell)))
    odd = [cell for cell in present if numbers_of([cell]) is None]
    if len(odd) < len(present) / 2:
        return f"{printable(odd[0])!r:.40} among numbers"
    return f"{counted(len(present), 'different text')}, such as {listed([repr(cell[:20]) for cell in present[:2]])}"

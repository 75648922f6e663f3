"""Columns of texts, and the numbers that they become: plain ones, decimal commas, dates, categories."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple

from engine.support.text import counted, listed, printable

MISSING = {"", "?", "na", "n/a", "n.a.", "#n/a", "nan", "null", r"\n", "<na>", "(null)", "#null!", "#value!", "#div/0!",
           "#ref!", "nat"}  # fmt: skip
MISSING_AMONG_NUMBERS = {"-", "--", "–", "—", ".", "..", "...", "*", "**", "***", "none", "nil", "missing", "unknown"}
MAX_CATEGORIES = 20
DIGITS = set("0123456789.+-eE")
NUMBER = re.compile(r"[-+]?[$€£¥]?[.,]?\d[\d.,]*(e[-+]?\d+)?\s?[%€$£°]?", re.IGNORECASE)  # roughly
UNIT = re.compile(r"[$€£¥]\s*|\s*[%€$£°]")
EXPONENT = r"(?:[eE][-+]?\d+)?"
# How numbers are written, and the characters that are taken out or replaced to read them.
POINT, COMMA, BY_COMMAS, BY_POINTS, BY_SPACES = (
    re.compile(rf"[-+]?(?:{body})") for body in (
        rf"(?:\d+\.?\d*|\.\d+){EXPONENT}", rf"(?:\d+,?\d*|,\d+){EXPONENT}", r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?",
        r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?", r"[1-9]\d{0,2}(?:[ \u00a0\u202f']\d{3})+(?:[.,]\d*)?",
    )
)  # fmt: skip
SPACES = re.compile(r"(?<=\d)[ \u00a0\u202f'](?=\d{3})")
# Besides those of ISO 8601, in this order: a month and a day that could be either are read as in the United States.
DAYS = ("%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%Y", "%d.%m.%y", "%m-%d-%Y", "%d-%m-%Y",
        "%m-%d-%y", "%d-%m-%y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y")  # fmt: skip
WITH_TIMES = [f"{day} {time}" for day in DAYS for time in ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")]
WORDS = re.compile(r"%?\w+")
DATES, TIMES = (  # and the signs between their parts
    {form: WORDS.sub("", form) for form in forms}
    for forms in ([*DAYS, *WITH_TIMES, "%b %Y", "%B %Y"], ["%H:%M", "%H:%M:%S", "%I:%M %p", "%H.%M.%S"])
)
DATE = re.compile(r"\w{1,9}[-/. ]\w{1,9}[-/., ].*|\w{3,9}[- ]\d{4}|\d\d?[:.]\d\d.*")  # roughly, or a time
COMPACT_DATE = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
ISO_DATE = re.compile(r"\d{4}-\d\d(-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?\s?(Z|[-+]\d\d:?\d\d)?)?)?")
EPOCH = datetime(1970, 1, 1)


class Numbers(NamedTuple):
    """The numbers of a column, None where a cell is missing, and how they were read, in words."""

    numbers: list[float | None]
    how: str = ""


class Sign(NamedTuple):
    """The decimal sign of a file's numbers, a point or a comma or an empty text, and whether that is certain."""

    sign: str = ""
    is_certain: bool = False


def _unknown() -> Sign:
    return Sign()


class Column:
    """The cells of a column, and what they mean.

    Args:
        name, cells: its name, and its texts.
        decimal: returns the decimal sign of the file's numbers; it is asked only if this column leaves it open.
    """

    def __init__(self, name: str, cells: Sequence[str], decimal: Callable[[], Sign] = _unknown) -> None:
        self.name, self.cells, self.decimal = name, cells, decimal
        self.kinds = set(cells)

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def title(self) -> str:
        """Its name for a message, not too long; only the first column may have no name."""
        return repr(self.name[:40] or "column 0")

    @cached_property
    def numbers(self) -> Numbers | None:
        """Its numbers; None if not all cells that are there are numbers, dates or times."""
        if "date" in self.name.lower() and all(COMPACT_DATE.fullmatch(cell) or is_missing(cell) for cell in self.kinds):
            return dates_of(self.cells)  # such as 20240229
        return numbers_of(self.cells, self.decimal) or dates_of(self.cells)

    @cached_property
    def missing(self) -> set[str]:
        """The different cells that stand for something that is not known."""
        return {cell for cell in self.kinds if is_missing(cell, self.numbers is not None)}

    @cached_property
    def present(self) -> list[str]:
        """The different cells that are known, in the order of the file."""
        return [cell for cell in dict.fromkeys(self.cells) if cell not in self.missing]

    @cached_property
    def categories(self) -> list[str] | None:
        """The different texts in alphabetical order; None if they are too many to be categories.

        >>> Column("sex", ["male", "female", "male"]).categories, Column("name", ["Ann", "Bob", "Eve"]).categories
        (['female', 'male'], None)
        """
        count = len(self.cells) if not self.missing else sum(cell not in self.missing for cell in self.cells)
        is_kind = 1 < len(self.present) <= MAX_CATEGORIES and (len(self.present) < count or count == 2)
        return sorted(self.present) if is_kind and not self.has_slip else None

    @cached_property
    def odd(self) -> list[str]:
        """The different infinities, or texts among more numbers; empty if this is a column of texts."""
        if endless := [cell for cell in self.present if not is_finite(cell)]:
            return endless
        texts = [cell for cell in self.present if not NUMBER.fullmatch(cell)]
        return texts if len(texts) <= max(1, len(self.present) // 2) and len(texts) < len(self.present) else []

    @property
    def has_slip(self) -> bool:
        """Whether texts among numbers look like mistakes: they come once, or are infinities."""
        return any(not is_finite(text) or self.cells.count(text) == 1 for text in self.odd[:3])

    def without(self, places: set[int]) -> "Column":
        """Return the column without some of its cells."""
        return Column(self.name, [cell for i, cell in enumerate(self.cells) if i not in places], self.decimal)

    def one_hot(self, categories: Sequence[str]) -> list[list[float]]:
        """Return a column of 0.0 and 1.0 for each category; a missing cell has 0.0 in each.

        >>> Column("x", ["b", "a", ""]).one_hot(["a", "b"])
        [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
        """
        return [[float(cell == category) for cell in self.cells] for category in categories]

    def describe(self) -> str:
        """Return why this column is neither numbers nor categories, for a message."""
        if not self.present:
            return "no cell is known"
        if self.odd:
            return f"{printable(self.odd[0])!r:.40} among numbers"
        if len(self.present) == 1:
            return f"always {printable(self.present[0])!r:.40}"
        shown = listed([repr(printable(cell[:20])) for cell in self.present[:2]])
        return f"{counted(len(self.present), 'different text')}, such as {shown}"


def is_missing(cell: str, is_number: bool = True) -> bool:
    """Return whether a cell stands for something that is not known, in a column of numbers or in one of texts."""
    return (lower := cell.lower()) in MISSING or (is_number and lower in MISSING_AMONG_NUMBERS)


def is_finite(text: str) -> bool:
    """Return whether a text is anything but an infinity, or a number that is too large."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return True


def numbers_of(cells: Sequence[str], decimal: Callable[[], Sign] = _unknown) -> Numbers | None:
    """Return the numbers of a column; None if not all cells that are there are numbers.

    Args:
        cells: the texts.
        decimal: returns the decimal sign where cells such as ``1,234`` leave it open, as in `Column`.

    >>> numbers_of(["1.5", "?", "2e3"]).numbers
    [1.5, None, 2000.0]
    >>> numbers_of(["1,234,567", "12"])
    Numbers(numbers=[1234567.0, 12.0], how='commas between thousands')
    >>> numbers_of(["1,5", "2"])
    Numbers(numbers=[1.5, 2.0], how='decimal commas')
    """
    kinds = set(cells)
    absent = set(filter(is_missing, kinds))
    kinds -= absent
    if not kinds:
        return None
    if set().union(*kinds) <= DIGITS and all(map(POINT.fullmatch, kinds)) and not any(map(BY_POINTS.fullmatch, kinds)):
        return _with_gaps(cells, absent, {cell: float(cell) for cell in kinds})  # by far the most frequent
    bare = {cell: cell.replace("\u2212", "-") for cell in kinds}
    units = {found[0].strip() for cell in bare.values() if (found := UNIT.search(cell))}
    unit = units.pop() if len(units) == 1 and all(map(UNIT.search, bare.values())) else ""
    if unit:
        bare = {cell: UNIT.sub("", text, count=1) for cell, text in bare.items()}
    sign, how = _style(list(bare.values()), decimal)
    if not sign:
        return None
    other = "," if sign == "." else "."
    read = {cell: float(SPACES.sub("", text).replace(other, "").replace(sign, ".")) for cell, text in bare.items()}
    return _with_gaps(cells, absent, read, ", ".join(filter(None, [how, f"with {unit}" if unit else ""])))


def _with_gaps(cells: Sequence[str], absent: set[str], read: dict[str, float], how: str = "") -> Numbers | None:
    if not all(map(math.isfinite, read.values())):
        return None
    return Numbers(list(map(read.get if absent else read.__getitem__, cells)), how)


def _style(cells: Sequence[str], decimal: Callable[[], Sign]) -> tuple[str, str]:
    """Return the decimal sign with which all these cells are numbers, and what is unusual about how they are written.

    The sign is an empty text if they are not numbers.
    """
    spaced = [cell for cell in cells if BY_SPACES.fullmatch(cell)]
    plain = [SPACES.sub("", cell) if BY_SPACES.fullmatch(cell) else cell for cell in cells] if spaced else cells
    fitting = [
        sign for sign, forms in ((".", (POINT, BY_COMMAS)), (",", (COMMA, BY_POINTS)))
        if all(any(form.fullmatch(cell) for form in forms) for cell in plain)
    ]  # fmt: skip
    if not fitting:
        return "", ""
    has_comma, has_point = (any(sign in cell for cell in plain) for sign in ",.")
    sign, doubt = fitting[0], ""
    if len(fitting) == 2 and (has_comma or has_point):  # such as 1,234
        told = decimal()
        sign = told.sign or ("," if has_comma else ".")
        is_ungrouped = any(len(cell.lstrip("+-")) > 3 and cell.lstrip("+-").isdecimal() for cell in plain)
        if not told.is_certain and is_ungrouped:  # so it does not stand between thousands
            sign = "," if has_comma else "."
        elif not told.is_certain and (has_comma or not told.sign):
            example = next(cell for cell in plain if "," in cell or "." in cell)
            doubt = f" ({example} could be another number: decimal= says which sign is the decimal one)"
    how = {
        "spaces between thousands": bool(spaced),
        f"{'commas' if sign == '.' else 'points'} between thousands": has_comma if sign == "." else has_point,
        "decimal commas": sign == "," and has_comma,
    }
    return sign, ", ".join(words for words, holds in how.items() if holds) + doubt


def decimal_sign(cells: Iterable[str]) -> str | None:
    """Return the decimal sign of the numbers that leave no doubt; None if they differ or do not tell.

    >>> decimal_sign(["1.234", "2,5"]), decimal_sign(["1.234", "0.5"]), decimal_sign(["1.234", "7"])
    (',', '.', None)
    """
    found = set()
    for cell in cells:
        has_point, has_comma = "." in cell, "," in cell
        if has_point and (BY_COMMAS.fullmatch(cell) or (POINT.fullmatch(cell) and not BY_POINTS.fullmatch(cell))):
            found.add(".")
        elif has_comma and (BY_POINTS.fullmatch(cell) or (COMMA.fullmatch(cell) and not BY_COMMAS.fullmatch(cell))):
            found.add(",")
    return found.pop() if len(found) == 1 else None


def dates_of(cells: Sequence[str]) -> Numbers | None:
    """Return the dates of a column in days since 1970-01-01, or its times in hours; None if there is another cell.

    >>> dates_of(["1970-01-02", "", "1970-02-01"]).numbers, dates_of(["12:30"]).numbers
    ([1.0, None, 31.0], [12.5])
    """
    present = [cell for cell in dict.fromkeys(cells) if not is_missing(cell)]
    if not present:
        return None
    if all(map(ISO_DATE.fullmatch, present)) or all(map(COMPACT_DATE.fullmatch, present)):
        with suppress(ValueError):
            days = {cell: _days(datetime.fromisoformat(cell if len(cell) > 7 else f"{cell}-01")) for cell in present}
            return Numbers(list(map(days.get, cells)), "dates as days since 1970-01-01")
    if not DATE.fullmatch(present[0]) or not any(map(str.isdigit, present[0])):
        return None
    signs = WORDS.sub("", present[0])
    for forms, unit in ((DATES, "dates as days since 1970-01-01"), (TIMES, "times as hours")):
        fitting = [form for form in forms if forms[form] == signs and _all_dates(present, form)]
        if not fitting:
            continue
        form = fitting[0]
        also = [other for other in fitting[1:] if {form[:2], other[:2]} == {"%m", "%d"}]
        doubt = ", the month first, though the day could be too" if also else ""
        read = {cell: datetime.strptime(cell, form) for cell in present}
        if forms is TIMES:
            number = {cell: (time - datetime(1900, 1, 1)).total_seconds() / 3600.0 for cell, time in read.items()}
        else:
            number = {cell: _days(time) for cell, time in read.items()}
        return Numbers(list(map(number.get, cells)), f"{unit}{doubt}")
    return None


def _days(time: datetime) -> float:
    plain = time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
    return (plain - EPOCH).total_seconds() / 86400.0


def _all_dates(cells: Sequence[str], form: str) -> bool:
    try:
        for cell in cells:
            datetime.strptime(cell, form)
    except ValueError:
        return False
    return True

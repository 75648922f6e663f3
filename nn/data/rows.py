"""The rows of a CSV file, whatever program wrote it: its encoding, its delimiter, and what stands around the table."""

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from engine.support.text import counted

from ..errors import DataError, SettingError

MAX_BYTES, MAX_CELLS = 100_000_000, 5_000_000  # read in a few seconds, and in less than 1 GB
MAX_LINES = 200  # that are looked at to find the delimiter
MAX_AROUND = 50  # lines above a table, or below it
DELIMITERS = (",", ";", "\t", "|", " ")
NUMBER = re.compile(r"[-+]?[.,]?\d[\d.,]*(e[-+]?\d+)?", re.IGNORECASE)
# How files begin that are not text, and what they are; https://en.wikipedia.org/wiki/List_of_file_signatures
SIGNATURES = {
    b"PK\x03\x04": "a workbook or a zip archive", b"\xd0\xcf\x11\xe0": "an old workbook", b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF file", b"PAR1": "a Parquet file", b"SQLite format 3": "a database",
}  # fmt: skip


class Row(NamedTuple):
    """A row, and the number of the line in which it begins."""

    line: int
    cells: list[str]


class Rows(NamedTuple):
    """The rows of a table, all of the same length, and what was decided to read them."""

    rows: list[Row]
    delimiter: str
    notes: list[str]


def read_rows(path: str | os.PathLike[str], delimiter: str | None = None) -> Rows:
    """Read the rows of a file, except empty ones, comments, and single lines above and below the table.

    Args:
        path: the file.
        delimiter: the character between cells; without it, the one that cuts the lines most evenly.

    Raises:
        DataError: the file is not a text, or too large, or not a table; the message names the line.
        SettingError: the delimiter is not one character.
        OSError: the file cannot be read.
    """
    name = os.fspath(path)
    text, notes = _text(name)
    lines = list(_without_comments(io.StringIO(text, newline="")))
    if delimiter is None:
        delimiter = _delimiter([line for line in lines if line.strip()][:MAX_LINES])
        called = {",": "", "\t": "tabs", " ": "spaces"}.get(delimiter, repr(delimiter))
        notes += [f"cells are separated by {called}"] if called else []
    rows = _parsed(name, lines, delimiter)
    if not rows:
        raise DataError(f"{name} must have at least one row, but it is empty")
    rows += _commented_header(text, rows, delimiter)
    rows.sort(key=lambda row: row.line)
    return Rows(_even(name, rows, notes), delimiter, notes)


def _text(name: str) -> tuple[str, list[str]]:
    with open(name, "rb") as file:
        if (size := os.fstat(file.fileno()).st_size) > MAX_BYTES:
            given = f"this file has {size / 1e6:,.0f} MB"
            raise DataError(f"{name}: a table must have at most {MAX_BYTES / 1e6:.0f} MB, and {given}; take a part of it")
        content = file.read()
    for begin, kind in SIGNATURES.items():
        if content.startswith(begin):
            raise DataError(f"{name}: this is {kind}, not a text; export the table as CSV")
    try:
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    if b"\x00" in content:
        raise DataError(f"{name}, line {line}: this is not text; export the table as CSV")
    note = f"line {line} is not UTF-8 text, so the file is read as Windows-1252"
    return content.decode("cp1252", errors="replace"), [note]


def _without_comments(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines, an empty one for each comment."""
    is_quoted = False
    for line in lines:
        is_comment = not is_quoted and line.lstrip().startswith(("#", "%"))
        yield "\n" if is_comment else line
        is_quoted ^= not is_comment and line.count('"') % 2 == 1


def _delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter that cuts most lines into the same number of cells, and leaves no other one in them."""

    def fitness(delimiter: str) -> tuple[float, ...]:
        found = [cells for cells in _reader(lines, delimiter) if any(cells)]
        if not found:
            return (0.0,)
        ((width, count),) = Counter(map(len, found)).most_common(1)
        cells = [cell for row in found for cell in row]
        others = ";\t|".replace(delimiter, "")
        dirty = sum(any(other in cell for other in others) for cell in cells) / len(cells)
        share = count / len(found)
        if width < 2 or (delimiter == " " and (share < 1.0 or _share_of_numbers(cells) < 0.5)):
            return (0.0,)
        return float(share > 0.7), -round(dirty, 1), -float(delimiter == " "), share, width

    try:
        return max(DELIMITERS, key=fitness)
    except csv.Error:
        return ","


def _share_of_numbers(cells: Sequence[str]) -> float:
    return sum(NUMBER.fullmatch(cell) is not None for cell in cells) / len(cells)


def _reader(lines: Iterable[str], delimiter: str, strict: bool = False) -> Iterator[list[str]]:
    if delimiter == " ":
        lines = (" ".join(line.split()) + "\n" for line in lines)
    for cells in csv.reader(lines, delimiter=delimiter, strict=strict, skipinitialspace=True):
        yield [cell.strip() for cell in cells]


def _parsed(name: str, lines: Sequence[str], delimiter: str) -> list[Row]:
    read = 0  # lines

    def counting() -> Iterator[str]:
        nonlocal read
        for line in lines:
            read += 1
            yield line

    rows, begin, count = [], 1, 0
    try:
        for cells in _reader(counting(), delimiter, strict=True):
            if len(cells) > 1 or any(cells):
                rows.append(Row(begin, cells))
                count += len(cells)
            if count > MAX_CELLS:
                raise DataError(f"{name}: a table must have at most {MAX_CELLS:,} cells; take a part of it")
            begin = read + 1
    except (TypeError, ValueError):
        raise SettingError(f"the delimiter must be one character, such as ';', not {delimiter!r}") from None
    except csv.Error as error:
        raise DataError(f"{name}, line {begin}: {error}; is a quotation mark missing?") from None
    return rows


def _commented_header(text: str, rows: Sequence[Row], delimiter: str) -> list[Row]:
    """Return the comment right above the first row if it has the names of the columns, as in ``# height, width``."""
    first = rows[0]
    above = next(islice(io.StringIO(text), first.line - 2, None), "").lstrip() if first.line > 1 else ""
    if above.startswith(("#", "%")) and any(map(NUMBER.fullmatch, first.cells)):
        cells = next(_reader([above.lstrip("#% ")], delimiter), [])
        if len(cells) == len(first.cells) > 1 and not any(map(NUMBER.fullmatch, cells)):
            return [Row(first.line - 1, cells)]
    return []


def _even(name: str, rows: list[Row], notes: list[str]) -> list[Row]:
    """Return the rows of the table, without the lines above and below it."""
    ((width, _),) = Counter(len(row.cells) for row in rows).most_common(1)
    if len(rows) > 2 and len(rows[0].cells) == width - 1 > 0 and all(len(row.cells) == width for row in rows[1:]):
        rows[0] = Row(rows[0].line, ["", *rows[0].cells])
        notes.append("the first row has a cell less than the others, so their first cells are taken as names of rows")

    def is_around(row: Row) -> bool:
        return len(row.cells) < width or (width > 2 and sum(map(bool, row.cells)) < 2)

    first = next((i for i, row in enumerate(rows[:MAX_AROUND]) if not is_around(row)), 0)
    last = next((i for i, row in enumerate(rows[: -MAX_AROUND - 1 : -1]) if not is_around(row)), 0)
    for part, place in ((rows[:first], "above"), (rows[len(rows) - last :], "below")):
        if part and width > 2:
            lines = f"line {part[0].line}" if len(part) == 1 else f"lines {part[0].line} to {part[-1].line}"
            notes.append(f"{lines} {'is' if len(part) == 1 else 'are'} left out: there is text {place} the table")
    table = rows[first : len(rows) - last] if width > 2 else rows
    for i, (line, cells) in enumerate(table):
        if not any(cells[width:]):
            table[i] = Row(line, cells[:width])
        if len(table[i].cells) != width:
            needed = f"every row needs {counted(width, 'cell')}, as most have"
            raise DataError(f"{name}, line {line}: {needed}, and this one has {len(cells)}")
    return table

"""The rows of a CSV file, whatever program wrote it: its encoding, its delimiter, and what stands around the table."""

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from engine.support.text import counted, listed, printable

from ..errors import DataError, SettingError
from .columns import NUMBER

MAX_BYTES, MAX_CELLS = 100_000_000, 4_000_000  # read in a few seconds, and in less than 1 GB
MAX_LINES = 200  # that are looked at to find the delimiter
MAX_AROUND = 50  # lines above a table, or below it
DELIMITERS = (",", ";", "\t", "|", " ")
EMPTY = ("\n", "\r\n", "\r")  # lines
NAMED = {"\t": "tabs", " ": "spaces"}  # delimiters in messages
COMMENT = re.compile(r"\s*(?:#(?!(?:N/A|REF!|VALUE!|DIV/0!|NULL!|NAME\?|NUM!)(?:\W|$))|%)")  # not what Excel writes
SUMS = {"total", "totals", "grand total", "sum", "mean", "average"}
# How files begin that are not text, and what they are; https://en.wikipedia.org/wiki/List_of_file_signatures
SIGNATURES = {
    b"PK\x03\x04": "a workbook or a zip archive", b"\xd0\xcf\x11\xe0": "an old workbook", b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF file", b"PAR1": "a Parquet file", b"SQLite format 3": "a database",
    b"<!DOCTYPE": "a web page", b"<html": "a web page", b"{\"": "JSON", b"[{": "JSON",
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
    if delimiter is not None and (not isinstance(delimiter, str) or not re.fullmatch(r'[^"\r\n]', delimiter)):
        raise SettingError(f"the delimiter must be one character, such as ';', not {delimiter!r:.20}")
    text, notes = _text(name)
    lines = list(io.StringIO(text, newline=""))
    del text
    if delimiter is None and lines and (told := re.fullmatch(r'"?sep=(.)"?\s*', lines[0])):  # as Excel writes it
        delimiter, lines[0] = told[1], "\n"
    header = _without_comments(lines, notes)
    if delimiter is None:
        delimiter = _delimiter([line for line in lines[: MAX_AROUND * MAX_LINES] if line.strip()][:MAX_LINES])
        notes += [f"cells are separated by {NAMED.get(delimiter, repr(delimiter))}"] if delimiter != "," else []
    if delimiter != " " and not any('"' in line for line in lines):
        _check_size(name, sum(line.count(delimiter) + 1 for line in lines if line not in EMPTY))
    rows = _parsed(name, lines, delimiter, notes)
    if not any(map(any, (row.cells for row in rows))):
        raise DataError(f"{name} must have at least one row, but it is empty")
    if header and header[0] < rows[0].line and any(map(NUMBER.fullmatch, rows[0].cells)):
        cells = next(_reader([header[1]], delimiter), [])  # as in "# height, width"
        if len(cells) == len(rows[0].cells) > 1 and not any(map(NUMBER.fullmatch, cells)):
            rows.insert(0, Row(header[0], cells))
    return Rows(_even(name, rows, notes), delimiter, notes)


def _text(name: str) -> tuple[str, list[str]]:
    with open(name, "rb") as file:
        if (size := os.fstat(file.fileno()).st_size) > MAX_BYTES:
            given = f"this file has {size / 1e6:,.0f} MB"
            limit = f"a table must have at most {MAX_BYTES / 1e6:.0f} MB"
            raise DataError(f"{name}: {limit}, and {given}; take a part of it")
        content = file.read()
    for begin, kind in SIGNATURES.items():
        if content.lstrip().startswith(begin):
            raise DataError(f"{name}: this is {kind}, not a table of text; export the table as CSV")
    is_wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    encodings = ["utf-16"] if is_wide else ["utf-8-sig", "cp1252", "latin-1"]
    first: UnicodeDecodeError | None = None
    text = ""
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            first = first or error
        else:
            break
    line = 1 + content.count(b"\n", 0, first.start) if first else 1
    if text.count("\x00") > len(text) / 10 or (first and is_wide):  # as in UTF-16 that does not say so
        raise DataError(f"{name}, line {line}: this is not text; export the table as CSV")
    called = "Windows-1252" if encoding == "cp1252" else "Latin-1"
    return text, [f"line {line} is not UTF-8 text, so the file is read as {called}"] if first else []


def _without_comments(lines: list[str], notes: list[str]) -> tuple[int, str] | None:
    """Empty the lines that are comments, and note them; return the last one above the table without its sign."""
    comments: list[int] = []
    is_quoted, last, is_above = False, None, True
    for i, line in enumerate(lines):
        if not is_quoted and COMMENT.match(line):
            comments.append(i)
            last = (i + 1, line.lstrip("#% \t")) if is_above else last
        else:
            is_above &= not line.strip()
            is_quoted ^= '"' in line and line.count('"') % 2 == 1
    if not comments or sum(map(bool, map(str.strip, lines))) - len(comments) < 2:  # these are the rows themselves
        return None
    for i in comments:
        lines[i] = "\n"
    notes.append(f"comments are left out: {_numbered([i + 1 for i in comments])}")
    return last


def _numbered(lines: Sequence[int]) -> str:
    return f"{'line' if len(lines) == 1 else 'lines'} {listed(map(str, lines), 5)}"


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
        is_short = len(found[0]) == width - 1  # the header of R, which does not name the rows
        share = (count + is_short) / len(found)
        numbers = _share_of_numbers([cell for row in found[1:] or found for cell in row])
        is_space, has_tabs = delimiter == " ", all("\t" in line for line in lines)
        if width < 2 or (is_space and (share < 0.9 or has_tabs or numbers < 0.5)):
            return (0.0,)
        return float(share > 0.7), -float(is_space and numbers < 1.0), -round(dirty, 1), share, numbers, width

    try:
        return max(DELIMITERS, key=fitness)
    except csv.Error:
        return ","


def _share_of_numbers(cells: Sequence[str]) -> float:
    return sum(NUMBER.fullmatch(cell) is not None for cell in cells) / len(cells)


def _reader(lines: Iterable[str], delimiter: str, strict: bool = False) -> Iterator[list[str]]:
    if delimiter == " ":
        lines = (" ".join(line.split()) + "\n" for line in lines)
    for cells in csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != " ", strict=strict):
        yield [cell.strip() for cell in cells]


def _parsed(name: str, lines: Sequence[str], delimiter: str, notes: list[str]) -> list[Row]:
    """Return the rows of lines, whose quotation marks are doubled, or follow a backslash, inside of quotations."""
    try:
        return _rows(name, lines, delimiter)
    except csv.Error as error:
        why = error
    if any('\\"' in line for line in lines):
        try:
            rows = _rows(name, [line.replace('\\"', '""') for line in lines], delimiter)
        except csv.Error:
            pass
        else:
            notes.append("a backslash stands before quotation marks inside of quotations")
            return rows
    message, _, line = str(why).rpartition(" at line ")
    raise DataError(f"{name}, line {line}: {message}; is a quotation mark missing?") from None


def _rows(name: str, lines: Sequence[str], delimiter: str) -> list[Row]:
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
                break
            begin = read + 1
    except csv.Error as error:
        raise csv.Error(f"{error} at line {begin}") from None
    _check_size(name, count)
    return rows


def _check_size(name: str, cells: int) -> None:
    if cells > MAX_CELLS:
        raise DataError(f"{name}: a table must have at most {MAX_CELLS:,} cells; take a part of it")


def _even(name: str, rows: list[Row], notes: list[str]) -> list[Row]:
    """Return the rows of the table, without the lines above and below it, and without empty rows."""
    ((width, _),) = Counter(len(row.cells) for row in rows).most_common(1)
    if len(rows) > 2 and len(rows[0].cells) == width - 1 > 0 and all(len(row.cells) == width for row in rows[1:]):
        if any(row.cells[-1] for row in rows[1:]):
            rows[0] = Row(rows[0].line, ["", *rows[0].cells])
            notes.append("the first row has a cell less than the others, so their first cells are the names of rows")
        else:
            rows[0] = Row(rows[0].line, [*rows[0].cells, ""])
    table = [row for row in rows if any(row.cells)]
    if len(table) < len(rows):
        notes.append(f"{counted(len(rows) - len(table), 'row')} without any text left out")
    if width > 2:
        table = _without_surroundings(table, width, notes)
    for i, (line, cells) in enumerate(table):
        if not any(cells[width:]):
            table[i] = Row(line, cells[:width])
        if len(table[i].cells) != width:
            needed = f"every row needs {counted(width, 'cell')}, as most have"
            hint = "; if cells are separated by another character, name it: delimiter=" if width == 1 else ""
            raise DataError(f"{name}, line {line}: {needed}, and this one has {len(cells)}{hint}")
    return table


def _without_surroundings(rows: list[Row], width: int, notes: list[str]) -> list[Row]:
    """Leave out the lines above and below a table of three columns or more, and note them."""
    middle = [NUMBER.fullmatch(row.cells[0]) for row in rows if len(row.cells) == width]
    begins_with_number = sum(map(bool, middle)) > len(middle) / 2

    def is_around(row: Row) -> bool:
        texts = [cell for cell in row.cells if cell]
        if len(texts) == 1 and len(row.cells) == width:
            return not NUMBER.fullmatch(texts[0])
        return len(row.cells) < width

    def is_below(row: Row) -> bool:
        is_sum = row.cells[0].lower().rstrip(":") in SUMS
        return is_sum or (is_around(row) and not (begins_with_number and NUMBER.fullmatch(row.cells[0])))

    first = _count(is_around, rows[:MAX_AROUND])
    last = _count(is_below, rows[: -MAX_AROUND - 1 : -1]) if first < len(rows) else 0
    for part, place in ((rows[:first], "above"), (rows[len(rows) - last :], "below")):
        if part:
            begin = printable(" ".join(filter(None, part[0].cells)))[:30]
            notes.append(f"text {place} the table is left out: {_numbered([row.line for row in part])}, {begin!r}")
    return rows[first : len(rows) - last]


def _count(is_around: Callable[[Row], bool], rows: Sequence[Row]) -> int:
    """Return how many rows at the beginning are around a table; 0 if all are."""
    return next((i for i, row in enumerate(rows) if not is_around(row)), 0)

"""Data sets from CSV files: what is wrong with a file is told with its line."""

from __future__ import annotations

import csv as rows_of
import io
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ..checks import known
from ..errors import DataError, SettingError
from .dataset import Dataset, Targets, Task

MISSING = {"", "?", "na", "n/a", "nan", "null"}  # in small letters
DELIMITERS = {",": "','", ";": "';'", "\t": "'\\t'"}

Column = str | int


class Row(NamedTuple):
    """Hold the cells of a row and the number of the line in which it begins."""

    line: int
    cells: list[str]


class Table(NamedTuple):
    """Hold what a file says: the names of its columns and its rows, all of the same length."""

    path: str
    names: list[str]
    rows: list[Row]

    def trouble(self, row: Row, says: str) -> DataError:
        """Return the error that says what is wrong in a row."""
        return DataError(f"{self.path}, line {row.line}: {says}")

    def number(self, column: Column) -> int:
        """Return the number of a column, from its name or its number; -1 is the last one."""
        if isinstance(column, int) and not isinstance(column, bool):
            if not -len(self.names) <= column < len(self.names):
                raise SettingError(f"there is no column {column}: {self.path} has {len(self.names)}, from 0")
            return column % len(self.names)
        return self.names.index(known(column, self.names, "column"))


def csv(
    path: str | os.PathLike[str],
    target: Column = -1,
    *,
    inputs: Sequence[Column] | None = None,
    task: Task | None = None,
    header: bool | None = None,
    missing: str = "error",
    delimiter: str = ",",
) -> Dataset:
    r"""Return the samples of a CSV file, one in each row.

    Columns are told by their names or by their numbers, from 0; -1 is the last one.

    Args:
        path: the file, in UTF-8.
        target: the column to be learnt. Numbers are for regression; texts are the names of classes, which are
            numbered in the order of the alphabet.
        inputs: the columns to learn from, whose cells are numbers; without them, all others.
        task: ``"classification"`` if numbers in the target's column are the names of classes.
        header: whether the first row names the columns; without it, it does if it holds no number.
        missing: what is done where a cell is empty or ``?``, ``NA``, ``NaN`` or ``null``: ``"error"``; ``"drop"``
            leaves the sample out; ``"mean"`` takes the mean of the column.
        delimiter: what stands between cells.

    Raises:
        DataError: the file is no such table; the message names the line.
        SettingError: there is no such column, task or way with missing numbers.
        OSError: the file cannot be read.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "plants.csv")
    ...     _ = path.write_text("height,width,kind\n1.5,0.2,fern\n2.5,0.4,moss\n")
    ...     data = csv(path)
    >>> data
    Dataset(plants: 2 samples, 2 inputs, classification into fern, moss)
    >>> data.inputs, data.targets
    ([[1.5, 0.2], [2.5, 0.4]], [0, 1])
    """
    known(missing, ["error", "drop", "mean"], "way with missing numbers")
    if task is not None:
        known(task, ["regression", "classification"], "task")
    table = _table(path, header, delimiter)
    wanted = table.number(target)
    chosen = [i for i in range(len(table.names)) if i != wanted] if inputs is None else list(map(table.number, inputs))
    if not chosen or wanted in chosen:
        raise SettingError(f"{table.path} needs columns to learn from besides the target {table.names[wanted]!r}")
    needed = [wanted] if missing == "mean" else [wanted, *chosen]
    table = table._replace(rows=_complete(table, needed, "drop" if missing == "drop" else "error"))
    columns = [_numbers(table, column, _input_trouble) for column in chosen]
    targets, classes = _targets(table, wanted, task)
    return Dataset(
        inputs=[list(row) for row in zip(*columns, strict=True)],
        targets=targets,
        task="classification" if classes else "regression",
        classes=classes,
        features=tuple(table.names[column] for column in chosen),
        name=Path(path).stem,
        source=table.path,
    )


def _table(path: str | os.PathLike[str], header: bool | None, delimiter: str) -> Table:
    rows = _rows(path, delimiter)
    if not rows:
        raise DataError(f"{os.fspath(path)} has no rows")
    first = rows[0]
    if header is None:
        header = all(_number(cell) is None for cell in first.cells)
    named = first.cells if header else [""] * len(first.cells)
    names = [name or f"column {i}" for i, name in enumerate(named)]
    table = Table(os.fspath(path), names, rows[header:])
    if len(names) == 1:
        raise table.trouble(first, f"there is only one column{_other_delimiter(first.cells[0], delimiter)}")
    for name in names:
        if names.count(name) > 1:
            raise table.trouble(first, f"two columns are called {name!r}; rename one")
    for row in table.rows:
        if len(row.cells) != len(names):
            raise table.trouble(row, f"this row has {len(row.cells)} cells, and line {first.line} has {len(names)}")
    if not table.rows:
        raise DataError(f"{table.path} has a header and no samples; if it is none, pass header=False")
    return table


def _rows(path: str | os.PathLike[str], delimiter: str) -> list[Row]:
    """Return the rows of a file, without those that are empty."""
    content = Path(path).read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"{os.fspath(path)}, line {line}: this is no text in UTF-8; save the file in UTF-8") from None
    try:
        reader = rows_of.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except (TypeError, ValueError):
        raise SettingError(f"a delimiter is one character, such as ';', not {delimiter!r}") from None
    rows, line = [], 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if len(stripped) > 1 or any(stripped):
                rows.append(Row(line, stripped))
            line = reader.line_num + 1
    except rows_of.Error as error:
        raise DataError(f"{os.fspath(path)}, line {line}: {error}; is a quotation mark left open?") from None
    return rows


def _other_delimiter(cell: str, delimiter: str) -> str:
    others = [shown for other, shown in DELIMITERS.items() if other in cell and other != delimiter]
    return f"; if cells end with {others[0]}, pass delimiter={others[0]}" if others else ""


def _complete(table: Table, needed: Sequence[int], missing: str) -> list[Row]:
    """Return the rows in which the needed cells are there; refuse others, or leave them out."""
    rows = []
    for row in table.rows:
        absent = [column for column in needed if _is_missing(row.cells[column])]
        if absent and missing == "error":
            raise table.trouble(
                row,
                f"{table.names[absent[0]]!r} is missing; pass missing='drop' to leave such samples out,"
                " or missing='mean' to take the mean of an input",
            )
        if not absent:
            rows.append(row)
    if not rows:
        raise DataError(f"{table.path} has no sample without missing cells")
    return rows


def _is_missing(cell: str) -> bool:
    return cell.lower() in MISSING


def _number(cell: str) -> float | None:
    """Return a cell as a finite number, or None."""
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in cell else None


def _numbers(table: Table, column: int, trouble: Callable[[str], str]) -> list[float]:
    """Return the numbers of a column, with the mean of the others where one is missing."""
    found: list[float | None] = []
    for row in table.rows:
        cell = row.cells[column]
        number = _number(cell)
        if number is None and not _is_missing(cell):
            named = "; if this row names the columns, pass header=True" if row.line == 1 else ""
            says = f"{cell!r} in column {table.names[column]!r} is no finite number; {trouble(cell)}{named}"
            raise table.trouble(row, says)
        found.append(number)
    present = [number for number in found if number is not None]
    if not present:
        raise DataError(f"{table.path}: column {table.names[column]!r} has no numbers")
    mean = math.fsum(present) / len(present)
    return [mean if number is None else number for number in found]


def _input_trouble(cell: str) -> str:
    if _number(cell.replace(",", ".")) is not None:
        return "write decimals with a point"
    return "correct it, or name the columns to learn from with inputs=[...]"


def _targets(table: Table, column: int, task: Task | None) -> tuple[Targets, tuple[str, ...]]:
    """Return the targets and the names of the classes; there are none for regression."""
    labels = [row.cells[column] for row in table.rows]
    are_numbers = [_number(label) is not None for label in labels]
    if task is None and len(set(are_numbers)) == 2:
        odd = table.rows[are_numbers.index(not are_numbers[0])]
        raise table.trouble(
            odd,
            f"{odd.cells[column]!r} in the target's column {table.names[column]!r} does not go with {labels[0]!r} in"
            f" line {table.rows[0].line}; correct it, or pass task='classification' if they are names of classes",
        )
    if task == "regression" or (task is None and are_numbers[0]):
        return _numbers(table, column, lambda _: "correct it, or pass task='classification'"), ()
    classes = sorted(set(labels), key=float if all(are_numbers) else None)
    number = {name: i for i, name in enumerate(classes)}
    return [number[label] for label in labels], tuple(classes)

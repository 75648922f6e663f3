"""Tables in CSV files as data sets; errors name the line."""

import csv as rows_of
import io
import math
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..checks import choice, known
from ..errors import DataError, SettingError
from .dataset import Dataset, Targets, Task

MISSING = {"", "?", "na", "n/a", "nan", "null"}  # in lower case
Column = str | int


class Row(NamedTuple):
    """A row, and the number of the line in which it begins."""

    line: int
    cells: list[str]


class Table(NamedTuple):
    """The names of a file's columns and its rows, all of the same length."""

    path: str
    names: list[str]
    rows: list[Row]

    def error(self, row: Row, message: str) -> DataError:
        """Return an error about a row."""
        return DataError(f"{self.path}, line {row.line}: {message}")

    def number(self, column: Column) -> int:
        """Return the number of a column, given its name or its number; -1 is the last one."""
        if isinstance(column, int) and not isinstance(column, bool):
            if not -len(self.names) <= column < len(self.names):
                last = len(self.names) - 1
                raise SettingError(f"a column of {self.path} must be a name or a number from 0 to {last}, not {column}")
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
    r"""Read a data set from a CSV file with a sample in each row.

    A column is given by its name or by its number, from 0; -1 is the last one.

    Args:
        path: the file, in UTF-8.
        target: the column to predict. Numbers mean regression; texts are the names of classes, which are numbered in
            alphabetical order.
        inputs: the columns to learn from, whose cells are numbers; by default all others.
        task: ``"classification"`` if numbers in the target's column are the names of classes.
        header: whether the first row contains the names of the columns; by default it does if none of its cells is a
            number.
        missing: what to do with a cell that is empty, ``?``, ``NA``, ``N/A``, ``NaN`` or ``null``: ``"error"``
            refuses the file, ``"drop"`` leaves out the sample, ``"mean"`` takes the mean of the column.
        delimiter: the character between cells.

    Raises:
        DataError: the file is not such a table; the message names the line.
        SettingError: a column, the task, ``missing`` or the delimiter is not valid.
        OSError: the file cannot be read.

    >>> from importlib.resources import files
    >>> csv(files("nn.data") / "iris.csv", inputs=["petal length (cm)", "petal width (cm)"])
    Dataset(iris: 150 samples, 2 inputs, classification into setosa, versicolor and virginica)
    """
    choice(missing, ["error", "drop", "mean"], "missing")
    if task is not None:
        choice(task, ["regression", "classification"], "the task")
    table = _table(path, header, delimiter)
    wanted = table.number(target)
    chosen = [i for i in range(len(table.names)) if i != wanted] if inputs is None else list(map(table.number, inputs))
    if not chosen or wanted in chosen:
        raise SettingError(f"inputs must be columns of {table.path} other than the target {table.names[wanted]!r}")
    needed = [wanted] if missing == "mean" else [wanted, *chosen]
    table = table._replace(rows=_complete(table, needed, missing == "drop"))
    columns = [_numbers(table, column, "fix it, or leave out the column by inputs=[...]") for column in chosen]
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
        raise DataError(f"{os.fspath(path)} must have at least one row, but it is empty")
    first = rows[0]
    if header is None:
        header = all(_number(cell) is None for cell in first.cells)
    named = first.cells if header else [""] * len(first.cells)
    names = [name or f"column {i}" for i, name in enumerate(named)]
    table = Table(os.fspath(path), names, rows[header:])
    if len(names) == 1:
        others = [repr(other) for other in ",;\t" if other in first.cells[0] and other != delimiter]
        remedy = f"; if cells are separated by {others[0]}, pass delimiter={others[0]}" if others else ""
        raise table.error(first, f"a table needs at least two columns, not one{remedy}")
    ((name, count),) = Counter(names).most_common(1)
    if count > 1:
        raise table.error(first, f"two columns are called {name!r:.60}; rename one")
    for row in table.rows:
        if len(row.cells) != len(names):
            needed = f"every row needs {len(names)} cells, as in line {first.line}"
            raise table.error(row, f"{needed}, and this one has {len(row.cells)}")
    if not table.rows:
        raise DataError(f"{table.path} has only a header row; if that row is data, pass header=False")
    return table


def _rows(path: str | os.PathLike[str], delimiter: str) -> list[Row]:
    """Return the rows of a file, except empty ones."""
    content = Path(path).read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"{os.fspath(path)}, line {line}: this is not UTF-8 text; save the file as UTF-8") from None
    try:
        reader = rows_of.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except (TypeError, ValueError):
        raise SettingError(f"the delimiter must be one character, such as ';', not {delimiter!r}") from None
    rows, line = [], 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if len(stripped) > 1 or any(stripped):
                rows.append(Row(line, stripped))
            line = reader.line_num + 1
    except rows_of.Error as error:
        raise DataError(f"{os.fspath(path)}, line {line}: {error}; is a quotation mark missing?") from None
    return rows


def _complete(table: Table, needed: Sequence[int], drop: bool) -> list[Row]:
    """Return the rows whose needed cells are not missing; drop or refuse the others."""
    rows = []
    for row in table.rows:
        absent = [table.names[column] for column in needed if row.cells[column].lower() in MISSING]
        if not absent:
            rows.append(row)
        elif not drop:
            remedy = "pass missing='drop' to leave out such samples, or missing='mean' to use the mean of an input"
            raise table.error(row, f"{absent[0]!r} is missing; {remedy}")
    if not rows:
        raise DataError(f"{table.path} must have at least one sample without missing cells")
    return rows


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in cell else None


def _numbers(table: Table, column: int, remedy: str) -> list[float]:
    """Return the numbers of a column; the mean of the others stands in for a missing one."""
    found: list[float | None] = []
    for row in table.rows:
        cell = row.cells[column]
        number = _number(cell)
        if number is None and cell.lower() not in MISSING:
            remedy = remedy if _number(cell.replace(",", ".")) is None else "write decimals with a point"
            header = "; if this row contains the names of the columns, pass header=True" if row.line == 1 else ""
            where = f"{cell!r:.60} in column {table.names[column]!r}"
            raise table.error(row, f"{where} is not a finite number; {remedy}{header}")
        found.append(number)
    present = [number for number in found if number is not None]
    if not present:
        raise DataError(f"{table.path}: column {table.names[column]!r} must have at least one number")
    mean = math.fsum(present) / len(present)
    return [mean if number is None else number for number in found]


def _targets(table: Table, column: int, task: Task | None) -> tuple[Targets, tuple[str, ...]]:
    """Return the targets and the names of the classes, which a regression does not have."""
    labels = [row.cells[column] for row in table.rows]
    are_numbers = [_number(label) is not None for label in labels]
    if task is None and len(set(are_numbers)) == 2:
        odd = table.rows[are_numbers.index(not are_numbers[0])]
        needed = f"the target's column {table.names[column]!r} must have only numbers or only texts"
        given = f"not {odd.cells[column]!r:.60} after {labels[0]!r:.60} in line {table.rows[0].line}"
        remedy = "fix it, or pass task='classification' if these are the names of classes"
        raise table.error(odd, f"{needed}, {given}; {remedy}")
    if task == "regression" or (task is None and are_numbers[0]):
        return _numbers(table, column, "fix it, or pass task='classification'"), ()
    classes = sorted(set(labels), key=float if all(are_numbers) else None)
    number = {name: i for i, name in enumerate(classes)}
    return [number[label] for label in labels], tuple(classes)

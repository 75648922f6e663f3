"""Tables in CSV files as data sets: which columns are learned from, what their cells mean; errors name the line."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from engine.support.text import counted, listed

from ..checks import choice, known
from ..errors import DataError, SettingError
from .columns import categories_of, dates_of, describe_texts, is_missing, numbers_of, one_hot
from .dataset import Dataset, Targets, Task, mean_and_deviation
from .rows import NUMBER, Row, read_rows

Column = str | int
MAX_CLASSES = 100  # of a target that is chosen by itself
INDEX_NAMES = {"", "id", "index", "no", "nr", "row", "rowid", "rownames", "rowname", "unnamed: 0", "#", "obs"}



class Table(NamedTuple):
    """The names of a file's columns and its rows, all of the same length."""

    path: str
    names: list[str]
    rows: list[Row]
    delimiter: str
    notes: list[str]

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
        if column not in self.names and isinstance(column, str) and column.isdecimal():
            return self.number(int(column))
        return self.names.index(known(column, self.names, "column"))

    def cells(self, column: int) -> list[str]:
        """Return the cells of a column."""
        return [row.cells[column] for row in self.rows]


def csv(
    path: str | os.PathLike[str],
    target: Column | None = None,
    *,
    inputs: Sequence[Column] | None = None,
    ignore: Sequence[Column] = (),
    task: Task | None = None,
    header: bool | None = None,
    missing: str = "error",
    delimiter: str | None = None,
) -> Dataset:
    r"""Read a data set from a CSV file with a sample in each row.

    What spreadsheets and statistics programs write is read as it is meant, and what was decided is told by the data
    set's ``notes``: the delimiter, decimal commas, commas between thousands, dates (as days), texts (one-hot: a column
    of 0 and 1 for each), lines around the table, columns that are empty or count the rows.

    A column is given by its name or by its number, from 0; -1 is the last one.

    Args:
        path: the file.
        target: the column to predict; by default the last one that can be a target. Numbers mean regression; texts
            are the names of classes, which are numbered in alphabetical order.
        inputs: the columns to learn from; by default all others that can be read.
        ignore: columns to leave out.
        task: ``"classification"`` if numbers in the target's column are the names of classes.
        header: whether the first row contains the names of the columns; by default it does if it differs in kind from
            the rows below.
        missing: what to do with a cell that is empty, ``?``, ``-``, ``NA``, ``NaN``, ``null`` or the like:
            ``"error"`` refuses the file, ``"drop"`` leaves out the sample, ``"mean"`` takes the mean of the column, no
            category for a text, and leaves out the sample only if its target is missing.
        delimiter: the character between cells; by default the one that cuts the lines most evenly.

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
    left_out = {table.number(column) for column in ignore}
    candidates = [i for i in _useful(table) if i not in left_out]
    wanted = _target_of(table, candidates, task) if target is None else table.number(target)
    chosen = [i for i in candidates if i != wanted] if inputs is None else list(map(table.number, inputs))
    if not chosen or wanted in chosen:
        raise SettingError(f"inputs must be columns of {table.path} other than the target {table.names[wanted]!r}")
    table = _complete(table, [wanted], missing, "the target of")
    if missing != "mean":
        table = _complete(table, chosen, missing, "a cell of")
    features, columns = _features(table, chosen, is_chosen=inputs is not None)
    if not columns:
        table.notes.append("no column can be learned from, so the number of the row is the input")
        features, columns = ["row"], [list(map(float, range(len(table.rows))))]
    targets, classes = _targets(table, wanted, task)
    return Dataset(
        inputs=[list(row) for row in zip(*columns, strict=True)],
        targets=targets,
        task="classification" if classes else "regression",
        classes=classes,
        features=tuple(features),
        name=Path(path).stem,
        source=table.path,
        notes=tuple(table.notes),
    )


def _table(path: str | os.PathLike[str], header: bool | None, delimiter: str | None) -> Table:
    rows, delimiter, notes = read_rows(path, delimiter)
    if header is None:
        header = _has_header(rows)
    first = rows[0]
    named = first.cells if header else [""] * len(first.cells)
    table = Table(os.fspath(path), named, rows[header:], delimiter, notes)
    if len(named) == 1:
        raise table.error(first, "a table needs at least two columns, not one")
    if not table.rows:
        raise DataError(f"{table.path} has only a header row; if that row is data, pass header=False")
    names, used = [], Counter[str]()
    for i, name in enumerate(named):
        name = name or ("" if i == 0 and header else f"column {i}")
        used[name] += 1
        names.append(name if used[name] == 1 else f"{name} ({used[name]})")
    if repeated := [name for name, count in used.items() if count > 1]:
        notes.append(f"several columns are called {listed([repr(name[:40]) for name in repeated], 3)}; they are numbered")
    return table._replace(names=names)


def _has_header(rows: Sequence[Row]) -> bool:
    """Return whether the first row is of another kind than those below."""
    first, below = rows[0].cells, [row.cells for row in rows[1:201]]
    are_numbers = [NUMBER.fullmatch(cell) is not None for cell in first]
    columns = list(zip(*below, strict=True)) or [()] * len(first)
    if any(are_numbers):
        return any(
            cell and not is_number and not is_missing(cell) and numbers_of(column) is not None
            for cell, is_number, column in zip(first, are_numbers, columns, strict=True)
        ) and not all(numbers_of([cell, *column]) for cell, column in zip(first, columns, strict=True) if cell)
    repeats = sum(cell in column for cell, column in zip(first, columns, strict=True) if cell)
    return repeats <= sum(map(bool, first)) / 2


def _useful(table: Table) -> list[int]:
    """Return the columns apart from those that are empty or count the rows, which are noted."""
    found, empty, counting = [], [], []
    for i, name in enumerate(table.names):
        cells = table.cells(i)
        if not any(cells):
            empty.append(name)
        elif name.lower() in INDEX_NAMES and (_counts(cells) or (not name and len(set(cells)) == len(cells))):
            counting.append(name)
        else:
            found.append(i)
    for names, why in ((empty, "empty"), (counting, "the names or numbers of the rows")):
        if names:
            called = listed([repr(name[:40]) if name else "the first one, without a name" for name in names], 5)
            table.notes.append(f"left out as {why}: {called}")
    return found


def _counts(cells: Sequence[str]) -> bool:
    if not all(cell.isdecimal() and len(cell) < 10 for cell in cells):
        return False
    numbers = list(map(int, cells))
    return len(numbers) > 1 and numbers in ([*range(len(numbers))], [*range(1, len(numbers) + 1)])


def _target_of(table: Table, candidates: Sequence[int], task: Task | None) -> int:
    """Return the last column that can be a target; note it if that is not the last one."""
    for i in reversed(candidates):
        cells = [cell for cell in table.cells(i) if not is_missing(cell)]
        kinds = len(set(cells))
        is_number = _numbers_in(table, cells) is not None
        if kinds > 1 and (is_number or (kinds <= MAX_CLASSES and kinds < len(cells)) or len(cells) < 4):
            if i != max(candidates):
                others = listed([repr(table.names[j][:40]) for j in candidates if j > i], 3)
                table.notes.append(
                    f"the target is {table.names[i]!r}, the last column that can be one; target= names another "
                    f"({others}: texts that differ in each row, or always the same)"
                )
            return i
    return (candidates or [len(table.names) - 1])[-1]


def _numbers_in(table: Table, cells: Sequence[str]) -> Any:
    return numbers_of(cells, table.delimiter == ";") or dates_of(cells)


def _complete(table: Table, needed: Sequence[int], missing: str, what: str) -> Table:
    """Return the table with the rows whose needed cells are there; drop or refuse the others."""
    rows, absent = [], Counter[str]()
    for row in table.rows:
        names = [table.names[column] for column in needed if is_missing(row.cells[column])]
        if not names:
            rows.append(row)
        elif missing == "error":
            remedy = "pass missing='drop' to leave out such samples, or missing='mean' to use the mean of an input"
            raise table.error(row, f"{names[0]!r:.60} is missing; {remedy}")
        absent.update(names[:1])
    if not rows:
        raise DataError(f"{table.path} must have at least one sample without missing cells")
    if absent:
        names = [repr(name[:40]) for name in absent]
        table.notes.append(f"{counted(sum(absent.values()), 'sample')} left out, where {what} {listed(names, 3)} is missing")
    return table._replace(rows=rows)


def _features(table: Table, chosen: Sequence[int], is_chosen: bool) -> tuple[list[str], list[list[float]]]:
    """Return the numbers to learn from, column by column, with their names; note how they were read."""
    features: list[str] = []
    columns: list[list[float]] = []
    read: dict[str, list[str]] = {}
    left: list[str] = []
    filled = Counter[str]()
    for place in chosen:
        name, cells = table.names[place] or "column 0", table.cells(place)
        absent = sum(map(is_missing, cells))
        if found := _numbers_in(table, cells):
            known_ones = [number for number in found.numbers if number is not None]
            mean = mean_and_deviation(known_ones)[0]
            features.append(name)
            columns.append([mean if number is None else number for number in found.numbers])
            if found.how:
                read.setdefault(found.how, []).append(repr(name[:40]))
        elif categories := categories_of(cells):
            features += [f"{name}={category}" for category in categories]
            columns += one_hot(cells, categories)
            kinds = listed([repr(category[:20]) for category in categories], 4)
            read.setdefault("one-hot texts", []).append(f"{name[:40]!r} ({kinds})")
        elif is_chosen:
            _refuse(table, place)
        else:
            left.append(f"{name[:40]!r} ({describe_texts(cells) if absent < len(cells) else 'no cells'})")
            continue
        filled.update({name: absent} if absent else {})
    table.notes.extend(f"{how}: {listed(names, 5)}" for how, names in read.items())
    if left:
        table.notes.append(f"left out: {listed(left, 5)}; inputs= chooses columns")
    if filled:
        counts = [f"{count} of {name[:40]!r}" for name, count in filled.items()]
        table.notes.append(f"missing cells, for which the mean or no category stands: {listed(counts, 5)}")
    return features, columns


def _refuse(table: Table, column: int) -> None:
    """Raise the error about the first cell of a column that is not a number, or about all of them."""
    name = table.names[column]
    for row in table.rows:
        cell = row.cells[column]
        if not is_missing(cell) and numbers_of([cell], table.delimiter == ";") is None:
            where = f"{cell!r:.60} in column {name!r:.60}"
            raise table.error(row, f"{where} is not a finite number, nor one of a few categories; fix it, or leave it out")
    raise DataError(f"{table.path}: column {name!r:.60} must have at least one number")


def _targets(table: Table, column: int, task: Task | None) -> tuple[Targets, tuple[str, ...]]:
    """Return the targets and the names of the classes, which a regression does not have."""
    labels, name = table.cells(column), table.names[column]
    found = _numbers_in(table, labels)
    if task == "regression" or (task is None and found):
        if found is None:
            row = next(row for row in table.rows if _numbers_in(table, [row.cells[column]]) is None)
            where = f"{row.cells[column]!r:.60} in column {name!r:.60}"
            raise table.error(row, f"{where} is not a finite number; fix it, or pass task='classification'")
        if found.how:
            table.notes.append(f"{found.how}: the target {name[:40]!r}")
        if 1 < len(set(labels)) <= 2 < len(labels):
            table.notes.append(f"the target {name[:40]!r} has two values only; task='classification' makes them classes")
        return list(map(float, filter(None.__ne__, found.numbers))), ()
    if task is None:
        _refuse_mixture(table, column)
    if found:  # 0 and 0.0 are the same class
        labels = [f"{number:.15g}" for number in found.numbers if number is not None]
    classes = sorted(set(labels), key=float if found else None)
    if len(classes) == 1 and len(labels) > 1:
        raise DataError(f"{table.path}: all targets are {classes[0]!r:.60}; a classification needs two classes or more")
    if len(classes) > MAX_CLASSES and len(classes) > len(labels) / 2:
        remedy = "name another column as the target"
        raise DataError(f"{table.path}: the target {name!r:.60} has {describe_texts(labels)}; {remedy}")
    number = {label: i for i, label in enumerate(classes)}
    return [number[label] for label in labels], tuple(classes)


def _refuse_mixture(table: Table, column: int) -> None:
    """Raise an error if some targets are numbers and others are texts."""
    labels = table.cells(column)
    are_numbers = [numbers_of([label]) is not None for label in labels]
    if len(set(are_numbers)) == 2:
        odd = table.rows[are_numbers.index(not are_numbers[0])]
        needed = f"the target's column {table.names[column]!r:.60} must have only numbers or only texts"
        given = f"not {odd.cells[column]!r:.60} after {labels[0]!r:.60} in line {table.rows[0].line}"
        raise table.error(odd, f"{needed}, {given}; fix it, or pass task='classification' if these are the names of classes")

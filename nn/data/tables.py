"""Tables in CSV files as data sets: which columns are learned from, what their cells mean; errors name the line."""

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from engine import gc_paused
from engine.support.text import counted, did_you_mean, listed, printable

from ..checks import choice, known
from ..errors import DataError, SettingError
from ..frames import is_frame, names_of, texts_of
from ..scaling import mean_and_deviation
from .columns import NUMBER, Column, Sign, decimal_sign, is_finite, is_missing, numbers_of
from .dataset import Dataset, Targets, Task
from .rows import Row, read_rows

Key = str | int
MAX_CLASSES = 100  # of a target that is chosen by itself
INDEX = re.compile(
    r"|#|index|idx|nr?|no\.?|row|row ?id|row ?names?|row ?number|obs|unnamed: 0|x\.?1|(.*[ _.-])?id", re.IGNORECASE
)
SHOWN = 5  # columns in a note


class Table:
    """The columns of a file or of a data frame.

    Args:
        path: its name in messages.
        names, rows: those of the columns, and their cells, with the numbers of their lines.
        delimiter: what separated them, if anything did.
        decimal: the decimal sign, if it is known.
        notes: what was decided to read them.
        unit: what a row is called in messages.
    """

    def __init__(
        self, path: str, names: Sequence[str], rows: Sequence[Row], delimiter: str, decimal: str | None,
        notes: list[str], unit: str = "line",
    ) -> None:  # fmt: skip
        self.path, self.delimiter, self.notes, self.unit, self._given = path, delimiter, notes, unit, decimal
        self.lines = [row.line for row in rows]
        cells = zip(*(row.cells for row in rows), strict=True)
        self.columns = [Column(name, column, lambda: self.decimal) for name, column in zip(names, cells, strict=True)]

    @cached_property
    def decimal(self) -> Sign:
        """The decimal sign of all columns whose cells leave it open."""
        if self._given:
            return Sign(self._given, is_certain=True)
        told = {decimal_sign(column.kinds) for column in self.columns} - {None}
        if len(told) == 1:
            return Sign(str(told.pop()), is_certain=True)
        return Sign("." if self.delimiter == "," and not told else "")

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    def error(self, place: int, message: str) -> DataError:
        """Return an error about a row."""
        return DataError(f"{self.path}, {self.unit} {self.lines[place]}: {message}")

    def number(self, key: Key) -> int:
        """Return the number of a column, given its name or its number; -1 is the last one."""
        names = self.names
        if isinstance(key, int) and not isinstance(key, bool):
            if not -len(names) <= key < len(names):
                last = len(names) - 1
                raise SettingError(f"a column of {self.path} must be a name or a number from 0 to {last}, not {key}")
            return key % len(names)
        if key not in names and isinstance(key, str):
            if re.fullmatch(r"-?\d{1,9}", key):
                return self.number(int(key))
            same = [i for i, name in enumerate(names) if name.strip().lower() == key.strip().lower()]
            if len(same) == 1:
                return same[0]
        return names.index(known(key, names, "column"))

    def drop(self, places: set[int]) -> None:
        """Leave out rows."""
        self.lines = [line for i, line in enumerate(self.lines) if i not in places]
        self.columns = [column.without(places) for column in self.columns]


def csv(
    path: Any,
    target: Key | None = None,
    *,
    inputs: Sequence[Key] | None = None,
    ignore: Sequence[Key] = (),
    task: Task | None = None,
    header: bool | None = None,
    missing: str = "error",
    delimiter: str | None = None,
    decimal: str | None = None,
    ordinal: Mapping[Key, Sequence[str]] | None = None,
) -> Dataset:
    r"""Read a data set from a CSV file, or from a data frame, with a sample in each row.

    What spreadsheets and statistics programs write is read as it is meant, and the data set's ``notes`` say what was
    decided: the delimiter, decimal commas, commas between thousands, dates (as days), texts (one-hot: a column of 0 and
    1 for each), lines around the table, columns that are empty or name the rows, columns that are left out.

    A column is given by its name or by its number, from 0; -1 is the last one.

    Args:
        path: the file; or a data frame of pandas or polars.
        target: the column to predict; by default the last one that can be a target. Numbers mean regression; texts
            are the names of classes, which are numbered in alphabetical order.
        inputs: the columns to learn from; by default all others that can be read.
        ignore: columns to leave out.
        task: ``"classification"`` if numbers in the target's column are the names of classes.
        header: whether the first row contains the names of the columns; by default it does if it differs in kind from
            the rows below.
        missing: what to do with a cell that is empty, ``?``, ``NA``, ``NaN``, ``null`` or the like, or ``-`` among
            numbers: ``"error"`` refuses the file, ``"drop"`` leaves out the sample, ``"mean"`` takes the mean of the
            column, no category for a text, and leaves out the sample only if its target is missing.
        delimiter: the character between cells; by default the one that cuts the lines most evenly.
        decimal: the decimal sign, ``"."`` or ``","``, where ``1,234`` could be two numbers; by default that of the
            numbers that leave no doubt.
        ordinal: for columns whose texts have an order these texts, from the first to the last; they become 0, 1, 2, ...

    Raises:
        DataError: the file is not such a table; the message names the line.
        SettingError: a column, the task, ``missing``, the delimiter or an order is not valid.
        OSError: the file cannot be read.

    >>> from importlib.resources import files
    >>> csv(files("nn.data") / "iris.csv", inputs=["petal length (cm)", "petal width (cm)"])
    Dataset(iris: 150 samples, 2 inputs, classification into setosa, versicolor and virginica)
    """
    choice(missing, ["error", "drop", "mean"], "missing")
    if task is not None:
        choice(task, ["regression", "classification"], "the task")
    if decimal is not None:
        choice(decimal, [".", ","], "decimal")
    with gc_paused():
        table = _framed(path) if is_frame(path) else _table(path, header, delimiter, decimal)
    ranks = {table.number(key): list(order) for key, order in (ordinal or {}).items()}
    left_out = {table.number(key) for key in ignore}
    wanted = None if target is None else table.number(target)
    candidates = [i for i in _useful(table, wanted) if i not in left_out]
    if wanted is None:
        wanted = _target_of(table, candidates)
    chosen = [i for i in candidates if i != wanted] if inputs is None else list(map(table.number, inputs))
    if wanted in chosen or (not chosen and inputs is not None):
        raise SettingError(f"inputs must be columns of {table.path} other than the target {table.names[wanted]!r}")
    _complete(table, [wanted], missing, "the target")
    if missing != "mean":
        _complete(table, [i for i in chosen if inputs is not None or _is_useful(table.columns[i])], missing, "a cell")
    features, columns = _features(table, chosen, ranks, is_chosen=inputs is not None)
    targets, classes = _targets(table, wanted, task)
    return Dataset(
        inputs=[list(row) for row in zip(*columns, strict=True)],
        targets=targets,
        task="classification" if classes else "regression",
        classes=classes,
        features=tuple(features),
        name="" if is_frame(path) else Path(path).stem,
        source="" if is_frame(path) else table.path,
        notes=tuple(table.notes),
    )


def _framed(frame: Any) -> Table:
    columns, notes = texts_of(frame), list[str]()
    if len(columns) < 2 or not columns[0]:
        raise DataError(f"a data frame must have at least two columns and one row, not the shape {frame.shape}")
    rows = [Row(i, list(cells)) for i, cells in enumerate(zip(*columns, strict=True))]
    return Table("the data frame", _numbered(names_of(frame), notes), rows, ",", None, notes, "row")


def _table(path: str | os.PathLike[str], header: bool | None, delimiter: str | None, decimal: str | None) -> Table:
    rows, delimiter, notes = read_rows(path, delimiter)
    name = os.fspath(path)
    if header is None:
        header, note = _header(rows)
        notes += [note] if note else []
    first = rows[0]
    named = first.cells if header else [""] * len(first.cells)
    if len(named) == 1:
        hint = "; if its cells are separated by another character, name it: delimiter="
        raise DataError(f"{name}, line {first.line}: a table needs at least two columns, not one{hint}")
    if len(rows) == header:
        raise DataError(f"{name} has only a header row; if that row is data, pass header=False")
    titles = [title or ("" if i == 0 and header else f"column {i}") for i, title in enumerate(named)]
    return Table(name, _numbered(titles, notes), rows[header:], delimiter, decimal, notes)


def _numbered(titles: Sequence[str], notes: list[str]) -> list[str]:
    """Return names for columns; those that repeat are numbered, which is noted."""
    names, counts, taken = list[str](), Counter[str](), set(titles)
    for title in titles:
        counts[title] += 1
        name = title
        while counts[title] > 1 and (name := f"{title} ({counts[title]})") in taken:
            counts[title] += 1
        names.append(name)
        taken.add(name)
    if repeated := [title for title, count in counts.items() if count > 1]:
        called = listed([repr(title[:40]) for title in repeated], 3)
        example = f"{repeated[0][:40]!r}, {f'{repeated[0][:40]} (2)'!r}"
        notes.append(f"several columns are called {called}; they are numbered: {example} and so on")
    return names


def _header(rows: Sequence[Row]) -> tuple[bool, str]:
    """Return whether the first row has the names of the columns, being of another kind than those below, and a note."""
    first, below = rows[0].cells, [row.cells for row in rows[1:201]]
    is_number = [NUMBER.fullmatch(cell) is not None for cell in first]
    columns = list(zip(*below, strict=True)) or [()] * len(first)
    as_data = "the first row is read as data, not as the names of the columns; header=True changes this"
    if any(is_number):
        texts = [(cell, column) for cell, column, is_one in zip(first, columns, is_number, strict=True)
                 if cell and not is_one and not is_missing(cell)]  # fmt: skip
        above_numbers = sum(numbers_of(column) is not None for _, column in texts)
        if sum(cell in column for cell, column in texts) > above_numbers:
            return False, as_data
        numbers = [(cell, column) for cell, column, is_one in zip(first, columns, is_number, strict=True) if is_one]
        if _are_names(numbers, has_others=len(numbers) < len(first)):
            named = listed([cell for cell, _ in numbers], 4)
            return True, f"the first row, with {named}, has the names of the columns; header=False changes this"
        return above_numbers > 0, "" if above_numbers else as_data
    repeats = sum(cell in column for cell, column in zip(first, columns, strict=True) if cell)
    is_header = repeats <= sum(map(bool, first)) / 2
    return is_header, "" if is_header else as_data


def _are_names(numbers: Sequence[tuple[str, Sequence[str]]], has_others: bool) -> bool:
    """Return whether numbers are names of columns: years, or 0, 1, 2, ..., above other kinds of numbers.

    Args:
        numbers: those in the first row, each with the cells below it.
        has_others: whether there are other cells in the first row.
    """
    if not all(cell.isdecimal() and len(cell) < 5 for cell, _ in numbers):
        return False
    found = [int(cell) for cell, _ in numbers]
    are_years = min(found) > 1000 and max(found) < 3000 and sorted(set(found)) in (found, found[::-1])
    are_counted = found == [*range(found[0], found[0] + len(found))] and found[0] in (0, 1)
    is_enough = len(found) > 1 or has_others if are_years else are_counted and len(found) + 2 * has_others > 3
    return is_enough and all(any(map(_is_no_name, column)) for _, column in numbers)


def _is_no_name(cell: str) -> bool:
    return NUMBER.fullmatch(cell) is not None and (not cell.isdecimal() or len(cell) > 4)


def _useful(table: Table, wanted: int | None) -> list[int]:
    """Return the columns apart from those that are empty or name the rows, which are noted."""
    found, empty, counting = [], [], []
    for i, column in enumerate(table.columns):
        if column.kinds == {""}:
            empty.append(column)
        elif i != wanted and _names_rows(column):
            counting.append(column)
        else:
            found.append(i)
    for columns, why in ((empty, "empty"), (counting, "the names or numbers of the rows")):
        if columns:
            called = [column.title if column.name else "the first one, without a name" for column in columns]
            table.notes.append(f"left out as {why}: {listed(called, SHOWN)}")
    return found


def _names_rows(column: Column) -> bool:
    """Return whether the cells are all different, whole numbers or texts, and the name says so."""
    is_index = INDEX.fullmatch(column.name) or re.search(r"[a-z]I[dD]$", column.name)
    if not is_index or len(column.kinds) < len(column) or len(column) < 2:
        return False
    if column.name.lower() in ("n", "nr", "no", "obs", "x1", "x.1"):  # these may be anything
        return all(cell.isdecimal() for cell in column.cells) and _counts(list(map(int, column.cells[:1000])))
    return column.numbers is None or all(cell.isdecimal() for cell in column.kinds)


def _counts(numbers: Sequence[int]) -> bool:
    return numbers == [*range(numbers[0], numbers[0] + len(numbers))] and numbers[0] in (0, 1)


def _target_of(table: Table, candidates: Sequence[int]) -> int:
    """Return the last column that can be a target; note it if that is not the last one."""
    for i in reversed(candidates):
        column = table.columns[i]
        count = len(column.present)
        if column.numbers is not None or (count <= MAX_CLASSES and count < len(column)) or len(column) < 4:
            others = listed([table.columns[j].title for j in candidates if j > i], 3)
            place = f"that can be one ({others}: texts that differ from row to row)" if others else "of the table"
            table.notes.append(f"the target is {column.title}, the last column {place}; target= names another")
            return i
    return (candidates or [len(table.columns) - 1])[-1]


def _is_useful(column: Column) -> bool:
    return column.numbers is not None or column.categories is not None


def _complete(table: Table, needed: Sequence[int], missing: str, what: str) -> None:
    """Drop the rows where a needed cell is missing, or raise an error about the first one."""
    absent: dict[int, Column] = {}
    for column in (table.columns[i] for i in needed):
        if column.missing:
            for place, cell in enumerate(column.cells):
                if cell in column.missing:
                    absent.setdefault(place, column)
    if absent and missing == "error":
        place = min(absent)
        remedy = "missing='drop' leaves out such samples, missing='mean' uses the mean of an input"
        raise table.error(place, f"{absent[place].name!r:.60} is missing; {remedy}")
    if len(absent) == len(table.lines):
        name = next(iter(absent.values())).name
        raise DataError(f"{table.path} must have at least one sample without missing cells; {name!r:.60} is missing")
    if absent:
        titles = list(dict.fromkeys(column.title for column in absent.values()))
        where = f"where {what} is missing: {listed(titles, 3)}"
        table.notes.append(f"{counted(len(absent), 'sample')} of {len(table.lines):,} left out, {where}")
        table.drop(set(absent))


def _features(
    table: Table, chosen: Sequence[int], ranks: Mapping[int, list[str]], is_chosen: bool
) -> tuple[list[str], list[list[float]]]:
    """Return the numbers to learn from, column by column, with their names; note how they were read."""
    features: list[str] = []
    columns: list[list[float]] = []
    read: dict[str, list[str]] = {}
    left: list[Column] = []
    filled: list[str] = []
    for place in chosen:
        column = table.columns[place]
        name = column.name or "column 0"
        if place in ranks:
            features.append(name)
            columns.append(_ranks(table, column, ranks[place]))
            read.setdefault("numbered in their order", []).append(f"{column.title} ({' < '.join(ranks[place])[:60]})")
        elif found := column.numbers:
            features.append(name)
            columns.append(_filled(found.numbers))
            if found.how:
                read.setdefault(found.how, []).append(column.title)
        elif categories := column.categories:
            features += [f"{name}={category}" for category in categories]
            columns += column.one_hot(categories)
            kinds = listed([repr(printable(category[:20])) for category in categories], 4)
            read.setdefault("texts as columns of 0 and 1", []).append(f"{column.title} ({kinds})")
        elif is_chosen:
            _refuse(table, column)
        else:
            left.append(column)
            continue
        if column.missing:
            filled.append(f"{sum(cell in column.missing for cell in column.cells)} of {column.title}")
    table.notes.extend(f"{how}: {listed(titles, SHOWN)}" for how, titles in read.items())
    if left:
        described = [f"{column.title} ({column.describe()})" for column in left]
        table.notes.append(f"left out: {listed(described, SHOWN)}")
    if filled:
        table.notes.append(f"missing cells, for which the mean or no category stands: {listed(filled, SHOWN)}")
    if not columns:
        slip = next((column for column in left if column.odd), None)
        if slip:
            _refuse(table, slip)
        table.notes.append("no column can be learned from, so the number of the row is the input")
        features, columns = ["row"], [list(map(float, range(len(table.lines))))]
    return features, columns


def _filled(numbers: Sequence[float | None]) -> list[float]:
    known_ones = [number for number in numbers if number is not None]
    if len(known_ones) == len(numbers):
        return known_ones
    mean = mean_and_deviation(known_ones)[0]
    return [mean if number is None else number for number in numbers]


def _ranks(table: Table, column: Column, order: list[str]) -> list[float]:
    """Return the places of the cells in an order."""
    number = {cell: float(i) for i, cell in enumerate(order)}
    for place, cell in enumerate(column.cells):
        if cell not in number and cell not in column.missing:
            near = did_you_mean(cell, order, "choose from")
            raise table.error(place, f"{cell!r:.60} is not in the order given for column {column.title}{near}")
    return _filled([number.get(cell) for cell in column.cells])


def _refuse(table: Table, column: Column) -> None:
    """Raise the error about the first cell of a column that is not a number, or about all of them."""
    if not column.present:
        raise DataError(f"{table.path}: column {column.title} must have at least one cell that is known")
    odd = column.odd[0] if column.odd else column.present[0]
    if len(column.present) == 1 and not column.odd and is_finite(odd):
        raise DataError(f"{table.path}: column {column.title} is always {odd!r:.60}; leave it out")
    where = f"{odd!r:.60} in column {column.title}"
    needed = "is not a finite number" if column.odd or not is_finite(odd) else "is neither a number nor a frequent text"
    raise table.error(column.cells.index(odd), f"{where} {needed}; fix it, or leave out the column")


def _targets(table: Table, wanted: int, task: Task | None) -> tuple[Targets, tuple[str, ...]]:
    """Return the targets and the names of the classes, which a regression does not have."""
    column = table.columns[wanted]
    found = column.numbers
    if task == "regression" or (task is None and found):
        if found is None:
            odd = column.odd[0] if column.odd else column.present[0]
            message = (
                f"{odd!r:.60} in column {column.title} is not a finite number; fix it, or pass task='classification'"
            )
            raise table.error(column.cells.index(odd), message)
        if found.how:
            table.notes.append(f"{found.how}: the target {column.title}")
        if len(column.present) == 1 < len(column):
            table.notes.append(f"the target {column.title} is always {column.present[0]}; there is nothing to learn")
        kinds = len(column.present)
        if kinds == 2 < len(column) or (2 < kinds <= len(column) / 10 and kinds <= 10 and not found.how):
            remedy = "task='classification' makes them classes"
            table.notes.append(f"the target {column.title} has {'two' if kinds == 2 else kinds} values only; {remedy}")
        return [number for number in found.numbers if number is not None], ()
    if task is None:
        _refuse_mixture(table, column)
    labels = list(column.cells)
    if found:  # 0 and 0.0 are the same class
        labels = [f"{number:.15g}" for number in found.numbers if number is not None]
    classes = sorted(set(labels), key=float if found else None)
    if len(classes) == 1:
        given = f"all targets in {column.title} are {classes[0]!r:.60}"
        raise DataError(f"{table.path}: a classification must have two classes, and {given}; name another column")
    if len(classes) > MAX_CLASSES and len(classes) > len(labels) / 2:
        remedy = "name another column as the target"
        raise DataError(f"{table.path}: the target {column.title} has {column.describe()}; {remedy}")
    number = {label: i for i, label in enumerate(classes)}
    return [number[label] for label in labels], tuple(classes)


def _refuse_mixture(table: Table, column: Column) -> None:
    """Raise an error if some targets are numbers and others are texts."""
    are_numbers = [NUMBER.fullmatch(cell) is not None for cell in column.present]
    if len(set(are_numbers)) == 2:
        odd = column.present[are_numbers.index(not are_numbers[0])]
        first = column.present[0]
        needed = f"the target's column {column.title} must have only numbers or only texts"
        given = f"not {odd!r:.60} after {first!r:.60} in {table.unit} {table.lines[column.cells.index(first)]}"
        remedy = "fix it, or pass task='classification' if these are the names of classes"
        raise table.error(column.cells.index(odd), f"{needed}, {given}; {remedy}")
    if any(not is_finite(cell) for cell in column.present):
        _refuse(table, column)

"""Data frames and series of pandas and polars, which are read by what they have, without importing either."""

from collections.abc import Sequence
from datetime import date
from typing import Any


def is_frame(thing: object) -> bool:
    """Return whether a thing is a table with named columns, such as ``pandas.DataFrame`` or ``polars.DataFrame``."""
    return all(hasattr(thing, name) for name in ("columns", "shape", "__getitem__")) and hasattr(thing, "to_numpy")


def column_of(frame: Any, place: int) -> list[Any]:
    """Return the items of a column as plain Python objects."""
    series = frame.iloc[:, place] if hasattr(frame, "iloc") else frame[:, place]
    return list(series.to_list())


def cells_of_frame(frame: Any) -> tuple[list[str], list[Sequence[str]]]:
    """Return the names of a frame's columns, and their cells as texts, from which numbers are read back exactly."""
    names = list(map(str, frame.columns))
    return names, [list(map(_cell, column_of(frame, i))) for i in range(len(names))]


def _cell(item: Any) -> str:
    if item is None or item != item:  # not a number, not a time
        return ""
    if isinstance(item, date):
        return item.isoformat()
    return str(item).strip()

"""Arrays, and data frames and series of pandas and polars, which are read by what they have, without importing them."""

from collections.abc import Sequence
from datetime import date
from typing import Any


def is_frame(thing: object) -> bool:
    """Return whether a thing is a table with named columns, such as ``pandas.DataFrame`` or ``polars.DataFrame``."""
    names = ("columns", "shape", "to_numpy", "__getitem__")
    return not isinstance(thing, type) and all(hasattr(thing, name) for name in names)


def plain(thing: Any) -> Any:
    """Return an array, a series or the rows of a frame as lists of plain Python objects; other things as they are."""
    if is_frame(thing):
        return list(map(list, zip(*_columns(thing), strict=True)))
    for name in ("tolist", "to_list"):
        if hasattr(thing, name):
            return getattr(thing, name)()
    return thing


def names_of(frame: Any) -> list[str]:
    """Return the names of the columns of a frame."""
    return list(map(str, frame.columns))


def texts_of(frame: Any) -> list[Sequence[str]]:
    """Return the columns of a frame as texts, from which numbers are read back exactly; an empty text for nothing."""
    return [list(map(_text, column)) for column in _columns(frame)]


def _columns(frame: Any) -> list[list[Any]]:
    count = len(frame.columns)
    series = [frame.iloc[:, i] if hasattr(frame, "iloc") else frame[:, i] for i in range(count)]
    return [list(plain(each)) for each in series]


def _text(item: Any) -> str:
    text = item.isoformat() if isinstance(item, date) else str(item).strip()
    return "" if item is None or text in ("nan", "NaT", "<NA>") else text

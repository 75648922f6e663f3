"""Assignments to many objects that happen all or not at all, also where Ctrl-C interrupts the program."""

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import Any


def assign_all(*columns: tuple[Iterable[object], str, Sequence[Any]]) -> None:
    """Set an attribute of each of many objects, all or none.

    Python looks for signals between the instructions of functions, but this is one call of a function in C.

    Args:
        columns: objects, the name of an attribute, and its value for each of them.

    >>> from types import SimpleNamespace
    >>> a, b = SimpleNamespace(), SimpleNamespace()
    >>> assign_all(([a, b], "x", [1, 2]), ([a], "y", [3]))
    >>> a, b
    (namespace(x=1, y=3), namespace(x=2))
    """
    deque(chain(*[map(setattr, objects, repeat(name), values) for objects, name, values in columns]), maxlen=0)

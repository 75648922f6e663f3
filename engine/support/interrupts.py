"""What no interrupt comes between: the ends of blocks, and changes that are made as a whole.

Python raises KeyboardInterrupt between two steps of Python code. That may be before the first step of an ``__exit__``,
which then does nothing, or between two statements of a ``finally``. Inside of a function written in C it raises none:
so what must be done, and done as a whole, is one call of such a function, put together from others.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import IOBase
from itertools import chain, repeat
from operator import call, not_
from typing import Any, Self


def at_once(functions: Iterable[Callable[[], object]]) -> Callable[[], object]:
    """Return a function in C that calls functions in C, one after the other. It does so once.

    >>> numbers = [1, 2]
    >>> undo = at_once([numbers.pop, numbers.clear])
    >>> try:
    ...     numbers.append(3)
    ... finally:
    ...     _ = undo()
    >>> numbers
    []
    """
    return partial(deque, map(call, functions), 0)


def assigning(*columns: tuple[Iterable[object], str, Iterable[Any]]) -> Callable[[], object]:
    """Return a function in C that sets an attribute of each of many objects. It does so once.

    Args:
        columns: objects, such as a list of them, the name of an attribute, and its value for each of them.
    """
    return partial(deque, chain(*[map(setattr, objects, repeat(name), values) for objects, name, values in columns]), 0)


def assign_all(*columns: tuple[Iterable[object], str, Iterable[Any]]) -> None:
    """Set an attribute of each of many objects, all or none; the arguments are those of `assigning`.

    >>> from types import SimpleNamespace
    >>> a, b = SimpleNamespace(), SimpleNamespace()
    >>> assign_all(([a, b], "x", [1, 2]), ([a], "y", [3]))
    >>> a, b
    (namespace(x=1, y=3), namespace(x=2))
    """
    assigning(*columns)()


class _Exit(IOBase):
    """Its ``__exit__`` is written in C, takes any arguments, and calls ``close``."""

    closed = True  # so that it does not call it when it is forgotten


class Ending(_Exit):
    """A block with an end that is one call in C; whatever comes, it is called.

    Args:
        end: a function in C; see `at_once`.

    >>> opened = ["outer"]
    >>> with Ending(opened.clear):
    ...     opened.append("inner")
    >>> opened
    []
    """

    def __init__(self, end: Callable[[], object]) -> None:
        self.close = end  # type: ignore[method-assign,assignment]

    def __enter__(self) -> Self:
        return self


def exit_by(*steps: Iterator[object]) -> Callable[..., None]:
    """Return an ``__exit__`` in C that takes a step of each of some endless iterators in C, and lets exceptions pass.

    >>> from itertools import repeat
    >>> opened = ["outer", "inner"]
    >>> leave = exit_by(map(call, repeat(opened.pop)))
    >>> _ = leave(None, None, None)
    >>> opened
    ['outer']
    """
    made = _Exit()
    taken = zip(*(map(not_, each) for each in steps), strict=True)  # not_, so that it keeps nothing that a step returns
    made.close = partial(next, map(not_, taken))  # type: ignore[method-assign]
    return made.__exit__

"""Arguments of a compiled function: taken apart into a structure and numbers, and put together with other numbers."""

import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from numbers import Integral, Real
from typing import Any, NamedTuple

from ..errors import UsageError
from ..support.text import listed
from ..value import Value
from .backend import FloatRows

FLOAT = {float}
Sample = tuple[tuple[Any, ...], Mapping[str, Any]]  # the arguments of a call


class Structure(NamedTuple):
    """The arguments of a call, taken apart.

    >>> structure = structure_of(((2.0, [3.0, 4.0], "mean"), {}))
    >>> structure.numbers, structure.build(iter("abc"))
    ([2.0, 3.0, 4.0], (('a', ['b', 'c'], 'mean'), {}))
    """

    key: Any  # equal for arguments of the same structure
    numbers: list[float]
    sample: Sample

    def build(self, given: Iterator[Any]) -> Sample:
        """Return the arguments with others in the places of the numbers."""
        arguments, keywords = self.sample
        return _put_together((arguments, dict(keywords)), given)  # type: ignore[no-any-return]

    def objects(self) -> list[Any]:
        """Return the arguments, and the parts of arguments, that are passed on as they are."""
        found: list[Any] = []
        waiting = [self.key]
        while waiting:
            match waiting.pop():
                case _Same(thing=thing):
                    found.append(thing)
                case tuple(parts):
                    waiting += reversed(parts)
        return found


class _Same:
    """An object that is compared by identity, and kept."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)


def structure_of(sample: Sample) -> Structure:
    """Take the arguments of a call apart."""
    arguments, keywords = sample
    numbers: list[float] = []
    key = _taken_apart(arguments, numbers)
    return Structure((key, _taken_apart(dict(keywords), numbers)) if keywords else key, numbers, sample)


def _taken_apart(thing: Any, numbers: list[float]) -> Any:
    """Return the structure of a thing as a key, and add its numbers to a list; see `_put_together`."""
    kind = type(thing)
    if kind is float:
        numbers.append(thing)
        return float
    if kind is list and set(map(type, thing)) == FLOAT:  # the most frequent list
        numbers += thing
        return list, float, len(thing)
    if kind is tuple or kind is list:
        return (kind, *[_taken_apart(part, numbers) for part in thing])
    if kind is dict:
        return (dict, *[(type(name), name, _taken_apart(part, numbers)) for name, part in thing.items()])
    if isinstance(thing, Real) and not isinstance(thing, Integral):
        numbers.append(float(thing))
        return float
    if isinstance(thing, Integral | str | bytes | None):
        return kind, thing
    if isinstance(thing, tuple) and hasattr(thing, "_make"):
        return (kind, *[_taken_apart(part, numbers) for part in thing])
    if kind is array:
        return _taken_apart(thing.tolist(), numbers)
    if _is_array(thing):
        key = _taken_apart(thing.tolist(), numbers)
        return (kind, thing.dtype.str, key) if thing.shape else key
    return _Same(thing)


def _put_together(thing: Any, given: Iterator[Any]) -> Any:
    """Return a thing with others in the places of its numbers; an array of NumPy's holds them as objects."""
    kind = type(thing)
    if isinstance(thing, Real) and not isinstance(thing, Integral):
        return next(given)
    if kind is tuple or kind is list:
        return kind([_put_together(part, given) for part in thing])
    if kind is dict:
        return {name: _put_together(part, given) for name, part in thing.items()}
    if isinstance(thing, tuple) and hasattr(thing, "_make"):
        return thing._make([_put_together(part, given) for part in thing])
    if kind is array:
        return _put_together(thing.tolist(), given)
    if isinstance(thing, Integral) or not _is_array(thing):
        return thing
    parts = _put_together(thing.tolist(), given)
    if not thing.shape:
        return parts
    made = sys.modules["numpy"].empty(thing.shape, dtype=object)
    made[...] = parts
    return made


def _is_array(thing: Any) -> bool:
    return type(thing).__module__ == "numpy" and hasattr(thing, "tolist")


def samples_of(arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> list[Sample]:
    """Return the arguments of each sample of a batch: each list among the arguments has an entry for each."""
    every = [*arguments, *keywords.values()]
    lists = [isinstance(thing, list | tuple) or (hasattr(thing, "tolist") and _has_length(thing)) for thing in every]
    counts = {len(thing) for thing, is_list in zip(every, lists, strict=True) if is_list}
    if len(counts) != 1 or not counts.copy().pop():
        found = listed(map(str, sorted(counts))) or "no"
        raise UsageError(f"with batch, every list must have an entry for each sample, not {found} entries")
    samples: list[Sample] = []
    for place in range(counts.pop()):
        chosen = [thing[place] if is_list else thing for thing, is_list in zip(every, lists, strict=True)]
        named = dict(zip(keywords, chosen[len(arguments) :], strict=True))
        samples.append((tuple(chosen[: len(arguments)]), named))
    return samples


def _has_length(thing: Any) -> bool:
    try:
        return len(thing) >= 0
    except TypeError:  # one of NumPy's numbers
        return False


def plain_rows(samples: Sequence[Sequence[Any]]) -> FloatRows | None:
    """Return the numbers in samples of floats, of lists of floats, and of one object each; None for any others.

    This is what `structure_of` gives, fifty times as fast.
    """
    rows = FloatRows([] for _ in samples)
    if len(set(map(len, samples))) > 1:
        return None
    for column in zip(*samples, strict=True):
        kinds = set(map(type, column))
        if kinds == {float}:
            for row, number in zip(rows, column, strict=True):
                row.append(number)
        elif kinds == {list}:
            if len(set(map(len, column))) > 1 or set(map(type, chain.from_iterable(column))) != {float}:
                return None
            for row, numbers in zip(rows, column, strict=True):
                row += numbers
        elif any(thing is not column[0] for thing in column) or structure_of(((column[0],), {})).numbers:
            return None
    return rows


def parameters_in(thing: Any) -> Iterator[Value]:
    """Yield the Values in arguments, and the parameters of models."""
    if isinstance(thing, Value):
        yield thing
    elif isinstance(thing, list | tuple):
        for part in thing:
            yield from parameters_in(part)
    elif isinstance(thing, dict):
        yield from parameters_in(list(thing.values()))
    elif callable(getattr(type(thing), "parameters", None)):
        yield from thing.parameters()

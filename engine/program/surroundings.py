"""Surroundings: what a function could read when it was recorded, to be compared before each replay.

This comes before every replay, so it must be quick. All contents are compared by identity, in one loop that runs inside
of Python. Only where that fails, each place is looked at: an attribute that the function does not read may change, and
a number may be replaced by an equal one.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, starmap
from operator import is_
from typing import Any, NamedTuple

from ..value import Value

END, MISSING = (object(),), object()
SEQUENCES: tuple[Any, ...] = (list, set, deque)
PLAIN = (bool, int, float, complex, str, bytes)


class _Plain:
    """The entries of an object whose class is derived from one of Python's own."""

    def __init__(self, things: Any) -> None:
        self.things = things
        self.kind: Any = next(kind for kind in SEQUENCES if isinstance(things, kind))

    def __iter__(self) -> Iterator[Any]:
        return iter(self.kind.__iter__(self.things))


class Entries(NamedTuple):
    """The entries of a mapping, or the attributes of an object."""

    path: str  # what messages call it
    mapping: Mapping[Any, Any]
    names: frozenset[str] | None = None  # those that matter; None: all
    are_attributes: bool = False
    is_settled: bool = False  # whether a key never takes the place of another, so that their count tells enough

    def read(self) -> list[tuple[Any, Any]]:
        """Return what matters: pairs of a key and what it stands for."""
        pairs = self.kind.items(self.mapping)
        return [pair for pair in pairs if self.names is None or pair[0] in self.names]

    @property
    def kind(self) -> Any:
        """The class whose methods read the mapping as it is, whatever a subclass does."""
        known = (kind for kind in (OrderedDict, dict) if isinstance(self.mapping, kind))
        return next(known, type(self.mapping))


class Items(NamedTuple):
    """The entries of a list, a set or a queue."""

    path: str
    things: Iterable[Any]

    def read(self) -> list[tuple[Any, Any]]:
        """Return the entries, each with its place."""
        return list(enumerate(self.view))

    @property
    def view(self) -> Iterable[Any]:
        """The things as they are, whatever a subclass does."""
        return self.things if type(self.things) in SEQUENCES else _Plain(self.things)


class Attribute(NamedTuple):
    """An attribute that is kept elsewhere than in a dictionary."""

    path: str
    owner: Any
    name: str

    def read(self) -> list[tuple[Any, Any]]:
        """Return the attribute."""
        return [(None, getattr(self.owner, self.name, MISSING))]


class Global(NamedTuple):
    """A variable of a module."""

    path: str
    variables: dict[str, Any]
    name: str

    def read(self) -> list[tuple[Any, Any]]:
        """Return the variable."""
        return [(None, self.variables.get(self.name, MISSING))]


class Measured(NamedTuple):
    """An object whose contents are compared as a whole, by a number or a text."""

    path: str
    owner: Any
    measure: Callable[[Any], Any]

    def read(self) -> list[tuple[Any, Any]]:
        """Return the contents."""
        return [(None, self.measure(self.owner))]


Place = Entries | Items | Attribute | Global | Measured


class Surroundings:
    """Places, and what they hold now.

    >>> settings = {"scale": 2.0}
    >>> around = Surroundings([Entries("settings", settings)])
    >>> around.change()
    ''
    >>> settings["scale"] = 3.0
    >>> around.change()
    "settings['scale']"
    """

    def __init__(self, places: Sequence[Place]) -> None:
        self._contents = [(place, place.read()) for place in places]
        self._noisy: set[int] = set()  # objects with attributes that do not matter and have changed
        self._arrange()

    def _arrange(self) -> None:
        """Prepare for comparing what all places hold now."""
        self._sized: list[Mapping[Any, Any]] = []
        self._lists: list[list[Any]] = []  # of things that are equal only to themselves
        self._views: list[Iterable[Any]] = []  # each is followed by END, so that no entry can take another one's place
        self._attributes: list[tuple[Any, str, Any]] = []
        self._variables: list[tuple[dict[str, Any], str, Any]] = []
        self._measured: list[tuple[Measured, Any]] = []
        self._whole: dict[int, list[Any]] = {}
        for number, (place, contents) in enumerate(self._contents):
            match place:
                case Entries(_, mapping, names) if number in self._noisy:
                    self._variables += [(mapping, name, MISSING) for name in names or ()]  # type: ignore[misc]
                case Entries(_, mapping, names):
                    self._views += [place.kind.values(mapping), END]
                    if place.is_settled:
                        self._sized.append(mapping)
                    else:
                        self._views += [place.kind.keys(mapping), END]
                    if names is not None and type(mapping) is dict:
                        self._whole[number] = [*mapping, *mapping.values()]
                case Items(_, things):
                    if type(things) is list and all(map(_is_alone, set(map(type, things)))):
                        self._lists.append(things)
                    else:
                        self._views += [place.view, END]
                case Attribute(_, owner, name):
                    self._attributes.append((owner, name, MISSING))
                case Global(_, variables, name):
                    self._variables.append((variables, name, MISSING))
                case _:
                    self._measured.append((place, contents))
        self._identities = tuple(self._read())
        self._copies, self._sizes = [[*things] for things in self._lists], [*map(len, self._sized)]

    def _read(self) -> Iterator[Any]:
        entries = chain.from_iterable(self._views)
        return chain(entries, starmap(getattr, self._attributes), starmap(dict.get, self._variables))

    def change(self) -> str:
        """Return the name of a place that holds something else than before; an empty text if all is the same."""
        try:
            has_same_lists = self._lists == self._copies and [*map(len, self._sized)] == self._sizes
            if has_same_lists and all(map(is_, self._read(), self._identities)):
                return next((place.path for place, contents in self._measured if place.read() != contents), "")
        except Exception:
            pass
        for place, contents in self._contents:
            if name := _difference(place, contents):
                return name
        for number, things in self._whole.items():
            mapping = self._contents[number][0].mapping  # type: ignore[union-attr]
            if not all(map(is_, chain(mapping, mapping.values(), END), chain(things, END))):
                self._noisy.add(number)
        self._arrange()
        return ""


def _difference(place: Place, contents: list[tuple[Any, Any]]) -> str:
    """Return the name of what a place holds otherwise; an empty text if it is the same."""
    try:
        now = place.read()
    except Exception:
        return place.path
    if len(now) != len(contents) or not all(_is_equal(key, old) for (key, _), (old, _) in zip(now, contents)):  # noqa: B905
        return place.path
    for (key, new), (_, old) in zip(now, contents, strict=True):
        if not _is_equal(new, old):
            is_attribute = isinstance(place, Entries) and place.are_attributes
            return place.path if key is None else f"{place.path}.{key}" if is_attribute else f"{place.path}[{key!r}]"
    return ""


def _is_alone(kind: type) -> bool:
    """Return whether each object of a class is equal only to itself."""
    equality: Any = kind.__eq__
    return equality in (object.__eq__, Value.__eq__)


def _is_equal(new: Any, old: Any) -> bool:
    """Return whether two things are the same, or equal and of a kind that never changes."""
    if new is old:
        return True
    if type(new) is tuple and type(old) is tuple and len(new) == len(old):
        return all(map(_is_equal, new, old))
    return type(new) is type(old) and type(new) in PLAIN and repr(new) == repr(old)  # so that 0.0 is not -0.0

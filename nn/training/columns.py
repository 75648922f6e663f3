"""What an optimiser remembers, as columns: what a loop hands back for many parameters at once."""

from collections.abc import Iterator, MutableSequence, Sequence
from functools import cached_property
from typing import Any, overload

from ..optimisers import State


class ColumnStates(MutableSequence[State]):
    """The states of an optimiser's parameters, which become a dictionary for each when one is asked for.

    Args:
        before: the states before; those of parameters that are not used stay.
        used: the places of the parameters that are.
        columns: for each name the numbers of these parameters.

    >>> states = ColumnStates([{}, {}], [1], {"mean": [0.5]})
    >>> states.column("mean", 2), states.is_untouched
    ([0.0, 0.5], True)
    >>> states[1], states.is_untouched
    ({'mean': 0.5}, False)
    """

    def __init__(self, before: Sequence[State], used: Sequence[int], columns: dict[str, Sequence[float]]) -> None:
        self._before: Sequence[State] = before if len(used) < len(before) else [{}] * len(before)
        self._used, self._columns = used, columns
        if isinstance(before, ColumnStates) and before.is_untouched and list(before._used) == list(used):
            self._before = before._before  # whose other states are the same, so that none keeps all those before it

    @property
    def is_untouched(self) -> bool:
        """Whether no dictionary has been asked for, so that the columns are still right."""
        return "_rows" not in vars(self)

    def column(self, name: str, count: int) -> list[float]:
        """Return a number for each parameter, 0 where there is not one."""
        if name not in self._columns:
            return [0.0] * count
        if len(self._used) == count:
            return list(self._columns[name])
        found = [0.0] * count
        for place, number in zip(self._used, self._columns[name], strict=True):
            found[place] = number
        return found

    def shared(self, name: str) -> float:
        """Return the number that is the same for all used parameters."""
        return self._columns[name][0]

    @cached_property
    def _rows(self) -> list[State]:
        rows = list(map(dict, self._before))
        for place, *numbers in zip(self._used, *self._columns.values(), strict=True):
            rows[place] = dict(zip(self._columns, numbers, strict=True))
        return rows

    def __len__(self) -> int:
        return len(self._before if self.is_untouched else self._rows)

    @overload
    def __getitem__(self, index: int) -> State: ...
    @overload
    def __getitem__(self, index: slice) -> list[State]: ...
    def __getitem__(self, index: Any) -> Any:
        return self._rows[index]

    def __setitem__(self, index: Any, state: Any) -> None:
        self._rows[index] = state

    def __delitem__(self, index: int | slice) -> None:
        del self._rows[index]

    def insert(self, index: int, state: State) -> None:
        """Insert the state of another parameter before an index."""
        self._rows.insert(index, state)

    def __iter__(self) -> Iterator[State]:
        return iter(self._rows)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._rows)

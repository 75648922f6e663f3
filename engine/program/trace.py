"""Tracing: run a function once with Values that notice when Python itself decides by their numbers."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Real
from typing import Any, NamedTuple

from ..errors import UsageError
from ..graph import topological_order
from ..node import Node
from ..recording.context import Tracing
from ..recording.source import HOUSE, running_statement
from ..value import Value

slot = Node.__dict__["data"]  # reads and writes a Value's number, unnoticed


class Guard(NamedTuple):
    """Hold a decision that Python took by numbers: how two of them compare.

    Attributes:
        compare: the comparison.
        left, right: what was compared.
        held: how it came out.
    """

    compare: Callable[[float, float], bool]
    left: Value
    right: Value | float
    held: bool


class Traced(Value):
    """Be a Value while a function is traced: comparisons are noted, and its number is not given away."""

    __slots__ = ()
    guards: list[Guard] = []  # noqa: RUF012 - replaced for each trace

    @staticmethod
    def take(node: Value, recording: bool) -> None:
        """Make a new node a traced one."""
        if not recording:
            raise UsageError(
                f"no_grad() inside a compiled function would freeze numbers ({running_statement()}); leave it out: "
                "gradients that nobody asks for cost nothing there"
            )
        _become(node, Traced)

    @property
    def data(self) -> float:
        """The number, for the engine alone."""
        if not sys._getframe(1).f_code.co_filename.startswith(HOUSE):
            raise _given_away("reads .data")
        return slot.__get__(self)  # type: ignore[no-any-return]

    @data.setter
    def data(self, number: float) -> None:
        raise _given_away("changes .data")

    def backward(self, *_: Any, **__: Any) -> None:
        """Refuse: a compiled function returns the loss."""
        raise UsageError(f"a compiled function returns the loss and does not backpropagate ({running_statement()})")

    def __float__(self) -> float:
        raise _given_away("takes the number of a Value")

    def __format__(self, spec: str) -> str:
        raise _given_away("prints the number of a Value")

    def __bool__(self) -> bool:
        return _noted(operator.ne, self, 0.0)

    def __lt__(self, other: object) -> bool:
        return _noted(operator.lt, self, other)

    def __le__(self, other: object) -> bool:
        return _noted(operator.le, self, other)

    def __gt__(self, other: object) -> bool:
        return _noted(operator.gt, self, other)

    def __ge__(self, other: object) -> bool:
        return _noted(operator.ge, self, other)

    __hash__ = Value.__hash__
    __eq__ = Value.__eq__


def _become(node: Value, kind: type[Value]) -> None:
    """Make a node one of another kind; both hold the same."""
    node.__class__ = kind


def _given_away(what: str) -> UsageError:
    return UsageError(
        f"a compiled function {what} at {running_statement()}: what follows from it would be the same at every replay. "
        "Compute with the Value itself, compare it, or write where(condition, x, y)"
    )


def _noted(compare: Callable[[float, float], bool], x: Value, other: object) -> bool:
    """Compare a traced Value with another or with a number, and note how it came out."""
    if not isinstance(other, Value | Real):
        return NotImplemented  # type: ignore[no-any-return]
    right = other if isinstance(other, Value) else float(other)
    number: float = slot.__get__(right) if isinstance(right, Value) else right
    held = compare(slot.__get__(x), number)
    Traced.guards.append(Guard(compare, x, right, held))
    return held


class Trace(NamedTuple):
    """Hold what a function computed, as a graph.

    Attributes:
        results: what it returned: the loss alone, or the loss and other Values.
        parameters: the leaves that were there before, and those that were given.
        guards: the decisions that Python took by numbers on the way.
    """

    results: list[Value]
    parameters: list[Value]
    guards: list[Guard]


def trace(
    function: Callable[[], Any], inputs: Sequence[Value], given: Sequence[Value], known: Sequence[Value]
) -> Trace:
    """Run a function and return what it computed.

    Args:
        function: takes nothing and returns a Value.
        inputs: leaves whose numbers will be others at replay.
        given: the parameters, such as those of a model; more of them may be found on the way.
        known: leaves that may be parameters, too.

    Raises:
        UsageError: it returns no Value, or does what cannot be replayed.
    """
    known, kept = list(known), set(given)
    while True:
        with _traced([*inputs, *known]) as guards:
            results = _results(function())
        order = [*_nodes([*results, *_compared(guards)])]
        made = {node for node in order if node.__class__ is Traced}
        for node in made:
            _become(node, Value)
        before = {*inputs, *known}
        found = [node for node in order if node.is_leaf and node not in made and node not in before]
        if not found:
            used = set(order)
            return Trace(results, [leaf for leaf in known if leaf in used or leaf in kept], guards)
        known += found  # they must notice comparisons, too


def _results(returned: Any) -> list[Value]:
    results = list(returned) if isinstance(returned, tuple) else [returned]
    if not results or not all(isinstance(each, Value) for each in results):
        what = f"{type(returned).__name__} {returned!r:.40}"
        raise UsageError(f"a compiled function returns the loss, a Value, or a tuple of it and others, not {what}")
    return results


def _compared(guards: Iterable[Guard]) -> Iterator[Value]:
    for guard in guards:
        yield guard.left
        if isinstance(guard.right, Value):
            yield guard.right


def _nodes(roots: Iterable[Value]) -> dict[Value, None]:
    found: dict[Value, None] = {}
    for root in roots:
        if root not in found:
            found.update(dict.fromkeys(topological_order(root)))
    return found


@contextmanager
def _traced(leaves: Iterable[Value]) -> Iterator[list[Guard]]:
    """Let new nodes, and these leaves, notice what is asked of them."""
    leaves = list(leaves)
    outer, guards = Traced.guards, list[Guard]()
    try:
        Traced.guards = guards
        for leaf in leaves:
            _become(leaf, Traced)
        with Tracing(Traced):
            yield guards
    finally:
        Traced.guards = outer
        for leaf in leaves:
            _become(leaf, Value)

r"""Trace: run a function once, and record its graph and every decision that Python took by comparing Values.

A graph holds operations, but not the `if` that chose between them. So a function is run with *traced* Values. They note
each comparison and its outcome as a `Guard`, and they do not give away their number: ``x.data`` or ``int(x)`` would
become a constant of the program. At x = 2.0 and w = 3.0, the function on the left gives the graph on the right:

    def loss(x):                              w     x
        y = w * x                              \   /
        if y < 10.0:                            mul     guard: mul < 10.0 was True
            return y
        return y * y

The graph may be replayed for all x and w for which each guard comes out the same. For others the function is traced
again, which records the other branch.

The leaves of the graph are the inputs, the parameters that the caller knows, and others that the function uses. Those
are known only after the first run; then the function is run a second time, so that they note comparisons as well.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Real
from typing import Any, NamedTuple

from ..errors import UsageError
from ..node import Node
from ..recording.context import Tracing
from ..recording.source import HOUSE, running_statement
from ..value import Value
from .plan import joint_order

slot = Node.__dict__["data"]  # reads and writes a Value's number, unnoticed


class Guard(NamedTuple):
    """A decision that Python took by comparing two numbers.

    Attributes:
        compare: the comparison.
        left, right: the numbers compared.
        held: the outcome.
    """

    compare: Callable[[float, float], bool]
    left: Value
    right: Value | float
    held: bool


class Traced(Value):
    """A Value while a function is traced: it notes comparisons and does not give away its number."""

    __slots__ = ()
    guards: list[Guard] = []  # noqa: RUF012 - replaced for each trace

    @staticmethod
    def take(node: Value, recording: bool) -> None:
        """Turn a new node into a traced one."""
        if not recording:
            raise UsageError(
                f"no_grad() inside a compiled function would freeze numbers ({running_statement()}); leave it out: "
                "a program computes only the gradients that are asked for"
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
        """Raise an error: a compiled function returns the loss."""
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
    """Change a node's class to one with the same slots."""
    node.__class__ = kind


def _given_away(what: str) -> UsageError:
    return UsageError(
        f"a compiled function {what} at {running_statement()}: the number would stay the same in every replay. "
        "Compute with the Value itself, compare it, or write where(condition, x, y)"
    )


def _noted(compare: Callable[[float, float], bool], x: Value, other: object) -> bool:
    """Compare a traced Value with another one or with a number, and note the outcome."""
    if not isinstance(other, Value | Real):
        return NotImplemented  # type: ignore[no-any-return]
    right = other if isinstance(other, Value) else float(other)
    number: float = slot.__get__(right) if isinstance(right, Value) else right
    held = compare(slot.__get__(x), number)
    Traced.guards.append(Guard(compare, x, right, held))
    return held


class Trace(NamedTuple):
    """The graph that a function computed.

    Attributes:
        results: what the function returned: the loss alone, or the loss and other Values.
        parameters: the leaves that existed before, and those that were given.
        guards: the decisions that Python took by comparing Values.
    """

    results: list[Value]
    parameters: list[Value]
    guards: list[Guard]


def trace(
    function: Callable[[], Any], inputs: Sequence[Value], given: Sequence[Value], known: Sequence[Value]
) -> Trace:
    """Run a function and return the graph that it computed.

    Args:
        function: takes nothing, and returns a Value or a tuple of Values.
        inputs: the leaves whose numbers differ from replay to replay.
        given: the parameters, such as those of a model; others may be found on the way.
        known: leaves that may be parameters, too.

    Raises:
        UsageError: the function does not return Values, or does something that cannot be replayed.
    """
    known, kept = list(known), set(given)
    while True:
        with _traced([*inputs, *known]) as guards:
            results = _results(function())
        compared = [side for guard in guards for side in guard[1:3] if isinstance(side, Value)]
        order = joint_order([*results, *compared])
        made = {node for node in order if node.__class__ is Traced}
        for node in made:
            _become(node, Value)
        before = {*inputs, *known}
        found = [node for node in order if node.is_leaf and node not in made and node not in before]
        if not found:
            used = set(order)
            return Trace(results, [leaf for leaf in known if leaf in used or leaf in kept], guards)
        known += found  # they must note comparisons, too


def _results(returned: Any) -> list[Value]:
    results = list(returned) if isinstance(returned, tuple) else [returned]
    if not results or not all(isinstance(each, Value) for each in results):
        what = f"{type(returned).__name__} {returned!r:.40}"
        raise UsageError(f"a compiled function returns the loss, a Value, or a tuple of it and others, not {what}")
    return results


@contextmanager
def _traced(leaves: Iterable[Value]) -> Iterator[list[Guard]]:
    """Trace new nodes and some leaves inside a ``with`` block; yield the list of guards."""
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

"""Single questions to the doctor: why is this gradient 0, where does not-a-number begin, what did this step do."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..backprop import Backward
from ..derivatives import jacobian
from ..errors import GraphError
from ..graph import recomputed, topological_order
from ..value import Value
from .case import called


def why_zero(x: Value, loss: Value) -> str:
    """Return why the derivative of a loss by a Value is 0: the smallest part of the graph that explains it.

    Args:
        x: the Value with the gradient of 0.
        loss: the root of the graph.

    Raises:
        GraphError: the derivative is not 0.

    >>> x = Value(-2.0, "x")
    >>> print(why_zero(x, x.relu() * 3.0))
    The derivative by x is 0 because every way to the loss goes through a local gradient of 0:
      [relu 0] = relu(x) at x = -2: local gradient 0
    """
    order = topological_order(loss)
    if x not in order:
        return f"The derivative by {called(x)} is 0 because the loss was not computed from it."
    gradient = jacobian([loss], [x])[0][0]
    if gradient != 0.0:
        raise GraphError(f"the derivative by {called(x)} is not 0, but {gradient!r}")
    moved, blocked = {x}, []
    for node in order:
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            if operand in moved and local == 0.0:
                blocked.append((node, operand))
            elif operand in moved:
                moved.add(node)
    if loss in moved:
        ways = [
            f"  through {called(node)}: {local:.6g} * {_upstream(loss, node):.6g} = {local * _upstream(loss, node):.6g}"
            for node in order
            for operand, local in zip(node.inputs, node.local_grads, strict=True)
            if operand is x and node in moved
        ]
        return f"The derivative by {called(x)} is 0 because the contributions cancel:\n" + "\n".join(ways)
    lines = [f"  {_told(node)}: local gradient 0{_at(node)}" for node, _ in dict.fromkeys(blocked)]
    reason = "every way to the loss goes through a local gradient of 0"
    return f"The derivative by {called(x)} is 0 because {reason}:\n" + "\n".join(dict.fromkeys(lines))


def why_nan(loss: Value) -> str:
    """Return where numbers that are not finite begin: the first of them, and how they reach the root.

    Raises:
        GraphError: all numbers are finite.

    >>> x = Value(1e200, "x")
    >>> square = x * x
    >>> print(why_nan(square - square))
    The first number that is not finite is [mul inf]:
      [mul inf] = x * y at x = 1e+200, y = 1e+200
    From there it goes on: [sub nan].
    """
    order = topological_order(loss)
    bad = [node for node in order if not math.isfinite(node.data)]
    if not bad:
        raise GraphError("all numbers of this graph are finite")
    first = bad[0]
    told = f"The first number that is not finite is {called(first)}:\n  {_told(first)}{_at(first)}"
    onward = [called(node) for node in bad[1:6]]
    if len(bad) > 6:
        onward.append(f"and {len(bad) - 6} more")
    return told + (f"\nFrom there it goes on: {', '.join(onward)}." if onward else "")


def _told(node: Value) -> str:
    if not node.inputs:
        return f"{called(node)} was given"
    places = ", ".join(f"{name} = {x.data:.6g}" for name, x in zip(node.op.operands, node.inputs, strict=True))
    return f"{called(node)} = {node.op.written()} at {places}"


def _at(node: Value) -> str:
    return f" ({node.source})" if node.source else ""


def _upstream(loss: Value, node: Value) -> float:
    return jacobian([loss], [node])[0][0]


@dataclass(frozen=True)
class Entry:
    """Hold one contribution to a gradient.

    Attributes:
        call: which backward call it came in, from 1.
        node: the node that it came from.
        local, upstream: its two factors.
        contribution: what it added.
    """

    call: int
    node: Value
    local: float
    upstream: float
    contribution: float


@dataclass
class Ledger:
    """Hold every contribution to the gradient of a Value since the ledger was opened; printing shows the account.

    Attributes:
        value: whose gradient it is.
        opening: the gradient when the ledger was opened.
        entries: the contributions, in order.
    """

    value: Value
    opening: float
    entries: list[Entry] = field(default_factory=list)
    _last: int = -1

    @property
    def total(self) -> float:
        """The opening gradient and all contributions, added in the order in which they came."""
        total = self.opening
        for entry in self.entries:
            total += entry.contribution
        return total

    def _write(self, step: Backward) -> bool:
        call = self.entries[-1].call if self.entries else 0
        if step.index <= self._last or not self.entries:
            call += 1
        self._last = step.index
        self.entries.append(Entry(call, step.node, step.local, step.upstream, step.contribution))
        return False

    def __str__(self) -> str:
        lines = [f"gradient of {called(self.value)}: {self.opening:.6g} at first"]
        lines += [
            f"  call {e.call}: from {called(e.node)}: {e.local:.6g} * {e.upstream:.6g} = {e.contribution:.6g}"
            for e in self.entries
        ]
        return "\n".join([*lines, f"  total {self.total:.6g}"])


@contextmanager
def ledger(x: Value) -> Iterator[Ledger]:
    """Keep account of every contribution to the gradient of a leaf while the block runs.

    Args:
        x: a Value without operands; its gradient accumulates over calls of ``backward()``.

    Raises:
        GraphError: it is no leaf: the gradient of other nodes starts anew at each call.

    >>> x = Value(3.0, "x")
    >>> with ledger(x) as book:
    ...     (x * x).backward()
    >>> print(book)
    gradient of x: 0 at first
      call 1: from [mul 9]: 3 * 1 = 3
      call 1: from [mul 9]: 3 * 1 = 3
      total 6
    >>> book.total == x.grad
    True
    """
    if x.inputs:
        raise GraphError(
            f"a ledger is kept for leaves; {called(x)} has operands, and its gradient starts anew each time"
        )
    before = x.note
    book = Ledger(x, x.grad or 0.0)
    x.break_on_backward(when=book._write)
    try:
        yield book
    finally:
        label, x.note = x.label, before
        x.label = label


@dataclass(frozen=True)
class Change:
    """Hold what a step did to one parameter, and what that did to the loss.

    Attributes:
        parameter: the parameter.
        gradient: its gradient before the step.
        update: how far it moved.
        predicted: gradient times update: the change of the loss to first order.
        actual: the change of the loss when this parameter alone moves.
    """

    parameter: Value
    gradient: float
    update: float
    predicted: float
    actual: float


@dataclass
class Audit:
    """Hold what a step did: for each parameter, and for all together; printing shows the table."""

    changes: list[Change] = field(default_factory=list)
    predicted: float = 0.0
    actual: float = 0.0

    def __str__(self) -> str:
        head = f"{'parameter':<16}{'gradient':>12}{'update':>12}{'predicted':>14}{'actual':>14}"
        rows = [
            f"{called(c.parameter):<16}{c.gradient:>12.4g}{c.update:>12.4g}{c.predicted:>14.4g}{c.actual:>14.4g}"
            for c in self.changes
        ]
        return "\n".join([head, *rows, f"{'all together':<40}{self.predicted:>14.4g}{self.actual:>14.4g}"])


@contextmanager
def step_audit(loss: Value, parameters: Iterable[Value]) -> Iterator[Audit]:
    """Compare what an update does to the loss with what the gradients predicted, parameter by parameter.

    Args:
        loss: the loss, after ``backward()``.
        parameters: what the block updates.

    >>> w = Value(3.0, "w")
    >>> loss = w * w
    >>> loss.backward()
    >>> with step_audit(loss, [w]) as audit:
    ...     w.data -= 0.1 * w.grad
    >>> round(audit.predicted, 6), round(audit.actual, 6)
    (-3.6, -3.24)
    """
    order = topological_order(loss)
    before = {p: (p.data, p.grad or 0.0) for p in parameters}
    audit = Audit()
    yield audit
    at: Callable[[Sequence[Value]], float] = lambda moved: recomputed(
        order, {p: p.data if p in set(moved) else old for p, (old, _) in before.items()}
    )[loss]
    start = at([])
    for p, (old, gradient) in before.items():
        update = p.data - old
        audit.changes.append(Change(p, gradient, update, gradient * update, at([p]) - start))
    audit.predicted = sum(change.predicted for change in audit.changes)
    audit.actual = at(list(before)) - start

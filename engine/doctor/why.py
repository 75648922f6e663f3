"""Single questions: why is this gradient 0, where does not-a-number begin, what did this step do."""

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..backprop import Backward
from ..derivatives import jacobian
from ..errors import GraphError
from ..events import first_not_finite
from ..graph import consumers, recomputed, topological_order
from ..name import Names, callers_variables
from ..recording.context import Note
from ..support.text import format_number, format_table, listed
from ..value import Value
from .case import describe_origin


def why_zero(x: Value, loss: Value, names: Mapping[str, Any] | None = None) -> str:
    """Explain why the derivative of a loss with respect to a Value is 0, by the smallest part of the graph.

    Args:
        x, loss: the Value and the loss.
        names: variables, such as ``locals()``: a Value without a label is called by its variable; by default those of
            the caller, with ``{}`` none.

    Raises:
        GraphError: the derivative is not 0.

    >>> x = Value(-2.0, "x")
    >>> print(why_zero(x, x.relu() * 3.0))
    The derivative with respect to x is 0 because every path to the loss goes through a local gradient of 0:
      v2 = relu(x) with x = -2: local gradient 0
    """
    order = topological_order(loss)
    called = Names(order if x in order else [*order, x], callers_variables(names))
    begin = f"The derivative with respect to {called[x]} is 0 because"
    if x not in order:
        return f"{begin} the loss was not computed from it."
    gradient = jacobian([loss], [x])[0][0]
    if gradient != 0.0:
        raise GraphError(f"the derivative with respect to {called[x]} is not 0, but {gradient!r}")
    moved, lines = {x}, []
    for node in order:
        locals_ = [local for operand, local in zip(node.inputs, node.local_grads, strict=True) if operand in moved]
        if any(locals_):
            moved.add(node)
        if 0.0 in locals_:
            lines.append(f"  {called[node]} = {describe_origin(node)}: local gradient 0{_source(node)}")
    if loss not in moved:
        return "\n".join([f"{begin} every path to the loss goes through a local gradient of 0:", *lines])
    uses = [(user, user.local_grads[index]) for user, index in consumers(order)[x] if user in moved]
    upstream = jacobian([loss], [user for user, _ in uses])[0]
    shares = [
        f"  through {called[user]}: {format_number(local)} * {format_number(grad)} = {format_number(local * grad)}"
        for (user, local), grad in zip(uses, upstream, strict=True)
    ]
    return "\n".join([f"{begin} the contributions cancel:", *shares])


def why_nan(loss: Value, names: Mapping[str, Any] | None = None) -> str:
    """Explain where numbers that are not finite begin, and how they reach the loss.

    They may begin in the backward pass, although the graph's own numbers are finite.

    Args:
        loss: the loss.
        names: variables, such as ``locals()``: a Value without a label is called by its variable; by default those of
            the caller, with ``{}`` none.

    Raises:
        GraphError: all numbers are finite, also the gradients.

    >>> x = Value(1e200, "x")
    >>> square = x * x
    >>> print(why_nan(square - square))
    The first number that is not finite is square = inf:
      square = x * y with x = 1e+200, y = 1e+200
    It goes on in v2.
    >>> x = Value(1e-200, "x")
    >>> print(why_nan(1 / x * 1e-300))
    All numbers of the forward pass are finite; those of the backward pass are not:
      the local derivative ∂v3/∂x = -v3 / x = -inf is not finite, in the backward pass from v3 = 1 / 1e-200 = 1e+200.
      Scale the operands, or use a stable form; if a training diverges, lower its learning rate.
    """
    order = topological_order(loss)
    names = callers_variables(names)
    called = Names(order, names)
    bad = [node for node in order if not math.isfinite(node.data)]
    if not bad:
        event = first_not_finite(loss, names)
        if event is None:
            raise GraphError("all numbers and gradients of this graph are finite")
        head = "All numbers of the forward pass are finite; those of the backward pass are not:"
        return "\n  ".join(filter(None, [head, event.what, event.remedy]))
    first, *others = bad
    made = f"= {describe_origin(first)}" if first.inputs else "was given"
    lines = [f"The first number that is not finite is {called[first]} = {first.data}:"]
    lines.append(f"  {called[first]} {made}{_source(first)}")
    if others:
        lines.append(f"It goes on in {listed(map(called.__getitem__, others))}.")
    return "\n".join(lines)


def _source(node: Value) -> str:
    return f" ({node.source})" if node.source else ""


class Entry(NamedTuple):
    """One contribution to a gradient: local times upstream."""

    call: int  # of backward(), from 1
    node: Value  # that the contribution came from
    name: str
    local: float
    upstream: float
    contribution: float
    before: float  # the gradient before the step

    def __str__(self) -> str:
        local, upstream, contribution = map(format_number, self[3:6])
        return f"call {self.call}: from {self.name}: {local} * {upstream} = {contribution}"


@dataclass
class Ledger:
    """Every contribution to the gradient of a Value while the ledger is open; printing shows them.

    What else changes the gradient is shown between them: `zero_grad`, an assignment, a replay, or that a backward pass
    failed and was taken back.
    """

    value: Value
    opening: float  # the gradient when the ledger was opened
    entries: list[Entry] = field(default_factory=list)
    closing: float | None = None  # the gradient when the ledger was closed; None while it is open
    names: Names = field(default_factory=lambda: Names([]), repr=False)

    @property
    def total(self) -> float:
        """The gradient: the opening one, all contributions, and all other changes."""
        return (self.value.grad or 0.0) if self.closing is None else self.closing

    def __str__(self) -> str:
        lines = [f"gradient of {self.names.given(self.value) or 'the leaf'}: {format_number(self.opening)} at first"]
        known = self.opening
        for entry in self.entries:
            lines += [*self._change(known, entry.before), str(entry)]
            known = entry.before + entry.contribution
        return "\n  ".join([*lines, *self._change(known, self.total), f"total {format_number(self.total)}"])

    def _change(self, known: float, found: float) -> list[str]:
        is_same = repr(0.0 + known) == repr(0.0 + found)  # also where it does not exist
        return [] if is_same else [f"set from {format_number(known)} to {format_number(found)}"]


@contextmanager
def ledger(x: Value, names: Mapping[str, Any] | None = None) -> Iterator[Ledger]:
    """Record every contribution to the gradient of a leaf while the block runs; its breakpoint stays in force.

    Args:
        x: the leaf.
        names: variables, such as ``locals()``: a Value without a label is called by its variable; by default those of
            the caller, with ``{}`` none.

    Raises:
        GraphError: it is not a leaf; the gradients of other nodes start from zero at each ``backward()``.

    >>> x = Value(3.0, "x")
    >>> with ledger(x) as book:
    ...     (x * x).backward()
    >>> print(book)
    gradient of x: 0 at first
      call 1: from v1: 3 * 1 = 3
      call 1: from v1: 3 * 1 = 3
      total 6
    """
    if x.inputs:
        raise GraphError(
            f"a ledger is kept for leaves; {x} has operands, and its gradient starts from zero at each backward()"
        )
    stop = x.note.stop if x.note else None
    variables, known = callers_variables(names), dict[Names, Names]()
    book = Ledger(x, x.grad or 0.0, names=Names([x], variables))
    call, last = 1, -1

    def enter(step: Backward[Value]) -> bool:
        nonlocal call, last
        call += step.index <= last
        last = step.index
        if step.names not in known:  # those of another backward pass
            known.clear()
            known[step.names] = Names(step.names.order, variables)
        name = known[step.names][step.node]
        book.entries.append(Entry(call, step.node, name, step.local, step.upstream, step.contribution, step.before))
        return stop is not None and (stop.when is None or bool(stop.when(step)))

    x.break_on_backward(when=enter)
    try:
        yield book
    finally:
        book.closing = book.total
        x.note = (x.note or Note())._replace(stop=stop)


class Change(NamedTuple):
    """The effect of a step on one parameter, and the effect of that on the loss."""

    parameter: Value
    name: str
    gradient: float  # before the step
    update: float
    predicted: float  # change of the loss to first order: gradient times update
    actual: float  # change of the loss when this parameter alone moves


@dataclass
class Audit:
    """The effect of a step on each parameter, and on the loss, predicted to first order; printing shows a table."""

    changes: list[Change] = field(default_factory=list)
    predicted: float = 0.0
    actual: float = 0.0

    def __str__(self) -> str:
        rows = [[name, *(format_number(x, 4) for x in numbers)] for _, name, *numbers in self.changes]
        total = ["all together", "", "", format_number(self.predicted, 4), format_number(self.actual, 4)]
        return "\n".join(format_table([["parameter", "gradient", "update", "predicted", "actual"], *rows, total], "<>"))


@contextmanager
def step_audit(loss: Value, parameters: Iterable[Value], names: Mapping[str, Any] | None = None) -> Iterator[Audit]:
    """Compare the effect of an update on the loss with what the gradients predicted, parameter by parameter.

    Args:
        loss: the loss, after ``backward()``.
        parameters: the parameters that the block updates.
        names: variables, such as ``locals()``: a Value without a label is called by its variable; by default those of
            the caller, with ``{}`` none.

    >>> w = Value(3.0, "w")
    >>> loss = w * w
    >>> loss.backward()
    >>> with step_audit(loss, [w]) as audit:
    ...     w.data -= 0.1 * w.grad
    >>> print(audit)
    parameter     gradient  update  predicted  actual
    w                    6    -0.6       -3.6   -3.24
    all together                         -3.6   -3.24
    """
    order = topological_order(loss)
    before = {p: (p.data, p.grad or 0.0) for p in parameters}
    called = Names(list(dict.fromkeys([*order, *before])), callers_variables(names))
    audit = Audit()
    yield audit
    old = {p: data for p, (data, _) in before.items()}
    start = recomputed(order, old)[loss]
    for p, (data, gradient) in before.items():
        update = p.data - data
        actual = recomputed(order, {**old, p: p.data})[loss] - start
        audit.changes.append(Change(p, called[p], gradient, update, gradient * update, actual))
    audit.predicted = sum(change.predicted for change in audit.changes)
    audit.actual = recomputed(order, {p: p.data for p in before})[loss] - start

"""finite: stop where the first number that is not finite is made, forward or backward; and what is special at a step.

A step is special where it makes infinity or not-a-number, where an operation sits on its kink, and where it needs a
derivative that does not exist. The debugger stops there, and the doctor names the first one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, NamedTuple

from .backprop import Backward, undefined_at
from .errors import NotFiniteError
from .name import Names, callers_variables
from .notation.formulas import local_derivative, partial, product, with_numbers, write_expression
from .recording.context import Guard
from .slope import Undefined
from .steps.update import Update
from .steps.walk import Forward, Step, Walk
from .support.text import format_number
from .value import Value

NOT_FINITE, KINK, UNDEFINED = "not-finite", "kink", "undefined"
EVENTS = {
    NOT_FINITE: "infinity or not-a-number is made",
    KINK: "an operation sits on its kink",
    UNDEFINED: "a derivative does not exist",
}
REMEDY = "Scale the operands, or use a stable form; if a training diverges, lower its learning rate."
GIVEN = "Check the numbers that go in."


class Event(NamedTuple):
    """What is special at a step."""

    kind: str  # one of `EVENTS`
    node: Value  # that is made, or whose gradient is passed on
    what: str  # a sentence
    remedy: str

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".rstrip()


class finite(Guard):  # noqa: N801 - reads as a statement
    """A block that raises where the first number that is not finite is made, in a forward or a backward pass.

    The error names the operation or the step of the chain rule, the numbers that go into it, the line of your program
    (which `record_source` notes) and a remedy. Gradients are as before the backward pass then. Inside, compiled
    functions and trainings are not replayed, so that each number is looked at.

    >>> from engine import Value
    >>> x = Value(1e200, "x")
    >>> with finite():
    ...     x * x
    Traceback (most recent call last):
        ...
    engine.errors.NotFiniteError: x * y is inf at x = 1e+200 (labelled 'x'), y = 1e+200 (labelled 'x'): ...
    """

    def take(self, node: Value) -> None:
        """Raise an error for a node whose number is not finite."""
        if not isfinite(node.data):
            raise NotFiniteError(" ".join(_number(node, node.label)))

    def watch(self, stops: Callable[[Any], bool] | None) -> Callable[[Any], bool]:
        """Return a watch that raises an error at the first step that makes a number that is not finite."""

        def look(step: Backward[Value]) -> bool:
            if not isfinite(step.after):
                names = Names(step.names.order, callers_variables(None))
                step = Backward(*(getattr(step, field) for field in step.__slots__[:-1]), names)
                raise NotFiniteError(str(event_at(step) or f"a gradient is not finite before the step: {step}"))
            return stops is not None and stops(step)

        return look


def check_finite(root: Value) -> None:
    """Make sure that all numbers of a graph, and the gradients of a backward pass through it, are finite.

    Raises:
        NotFiniteError: one is not.
    """
    found = first_not_finite(root)
    if found:
        raise NotFiniteError(str(found))


def first_not_finite(root: Value, names: Mapping[str, Any] | None = None) -> Event | None:
    """Return the event at the first number that is not finite in a forward and a backward pass; None without one."""
    steps = Walk(root, 1.0, names or {}, accumulate=False, now=False, refuse=False)
    return next((event for step in steps if (event := event_at(step)) and event.kind != KINK), None)


def event_at(step: Step) -> Event | None:
    """Return what is special at a step; None where nothing is.

    What is not finite because of an operand is not: only the step that makes it.
    """
    if isinstance(step, Forward):
        return _event_of_node(step.node, step.data, step.names)
    if isinstance(step, Update):
        return _event_of_update(step)
    return _event_of_contribution(step) if isinstance(step, Backward) else None


def _event_of_node(node: Value, data: float, names: Names) -> Event | None:
    operands = [x.data for x in node.inputs]
    if not isfinite(data):
        return Event(NOT_FINITE, node, *_number(node, names[node])) if all(map(isfinite, operands)) else None
    if node.inputs and node.op.kink and node.op.kink(*operands) == 0.0:
        what = f"{names[node]} = {with_numbers(node)} sits on the kink of {node.op.name}{_made(node)}."
        convention = f"the derivative there is a convention: {node.op.convention}."
        return Event(KINK, node, what, f"{convention[0].upper()}{convention[1:]}")
    return None


def _number(node: Value, name: str) -> tuple[str, str]:
    """Return the sentence about a number that is not finite, and the remedy."""
    if not node.is_result:
        return f"{name} = {node.data} was given{_made(node)}.".removeprefix(" = "), GIVEN
    says = node.op.not_finite(node.data, [x.data for x in node.inputs], [x.label for x in node.inputs])
    return f"{says}{_made(node)}.", REMEDY


def _made(node: Value) -> str:
    return f", made at {node.source}" if node.source else ""


def _event_of_update(step: Update) -> Event | None:
    if isfinite(step.after) or not all(map(isfinite, (step.before, step.gradient))):
        return None
    change = f"{format_number(step.before)} -> {step.after}, with the gradient {format_number(step.gradient)}"
    what = f"the update of {step.names[step.node]}, {change}, is not finite."
    return Event(NOT_FINITE, step.node, what, "Lower the learning rate.")


def _event_of_contribution(step: Backward[Value]) -> Event | None:
    node, local, upstream = step.node, step.local, step.upstream
    if isinstance(step.contribution, Undefined):
        if isinstance(upstream, Undefined):
            return None
        return Event(UNDEFINED, node, str(undefined_at(node, step.position)), "")
    before = upstream, step.before, node.data, *(x.data for x in node.inputs)
    if isfinite(step.after) or not all(map(isfinite, before)):
        return None
    sign = partial(step.names[node], step.names[step.operand])
    if not isfinite(local):
        formula = local_derivative(node, step.position, step.names.__getitem__)
        parts = [sign, "" if formula is None else write_expression(formula), str(local)]
        what = f"the local derivative {' = '.join(dict.fromkeys(filter(None, parts)))} is not finite"
    elif not isfinite(step.contribution):
        factors = product(format_number(local), format_number(upstream))
        what = f"the contribution {sign} * {step.names[node]}.grad = {factors} is {step.contribution}"
    else:
        terms = f"{format_number(step.before)} + {format_number(step.contribution)}"
        what = f"the sum of contributions to {step.names[step.operand]}.grad, {terms}, is {step.after}"
    where = f"in the backward pass from {step.names[node]} = {with_numbers(node)} = {format_number(node.data)}"
    return Event(NOT_FINITE, node, f"{what}, {where}{_made(node)}.", REMEDY)

"""Examinations of training: the direction and the size of updates."""

import math
from collections.abc import Iterable, Iterator

from ..support.text import format_number
from .case import Case
from .finding import Finding

UPHILL = 0.5  # the cosine between update and gradient above which an update counts as uphill
SMALL = 1e-3  # the part of an update that is tried to see its direction
LOWER = "lower the learning rate, for instance to a tenth"


def find_wrong_direction(case: Case) -> Iterator[Finding]:
    """Find gradients with the wrong sign, and updates that went uphill or too far."""
    yield from _negated_gradients(case)
    updates = {p: p.data - case.recorded[p] for p in case.moved if p in case.gradients}
    if not case.is_differentiated or not updates:
        return
    predicted = sum(case.gradients[p] * change for p, change in updates.items())
    before, after = case.loss.data, case.loss_at({p: p.data for p in updates})
    p = max(updates, key=lambda q: abs(case.gradients[q] * updates[q]))
    gradient = format_number(case.gradients[p], 3)
    evidence = f"{case.name(p)} moved by {format_number(updates[p], 3)}, and its gradient is {gradient}; "
    evidence += f"the loss goes from {format_number(before)} to {format_number(after)}"
    if predicted > UPHILL * math.hypot(*updates.values()) * math.hypot(*(case.gradients[q] for q in updates)):
        history = case.history
        if len(history) > 2 and history[-1] < history[0]:  # momentum may well carry an update uphill for a moment
            return
        sentence = "the update went up the gradient, so the loss rises."
        remedy = "subtract: p.data -= learning_rate * p.grad"
        yield Finding("wrong-sign", "error", sentence, evidence, remedy, p)
        return
    little = case.loss_at({q: case.recorded[q] + SMALL * change for q, change in updates.items()})
    if predicted < 0.0 and not after <= before and little < before:
        sentence = "the update went too far: the loss rises, although a smaller step in the same direction lowers it."
        evidence += f"; a thousandth of the step would give {format_number(little)}"
        yield Finding("rate-too-large", "warning", sentence, evidence, LOWER, p)


def _negated_gradients(case: Case) -> Iterator[Finding]:
    """Find gradients against which even a tiny step raises the loss."""
    held = {p: p.grad for p in case.reached if p.grad is not None}
    if not case.is_differentiated or not held or not case.gradients or case.moved:
        return
    along = sum(case.gradients[p] * g for p, g in held.items())
    size = sum(g * g for g in held.values())
    if along < 0.0 and size:
        step = 1e-6 / math.sqrt(size)
        before, after = case.loss.data, case.loss_at({p: p.data - step * g for p, g in held.items()})
        sentence = "the loss rises along the negative gradient even for a tiny step: the gradients have the wrong sign."
        evidence = f"a step of {step:.1e} times the gradient takes the loss from {before:.12g} to {after:.12g}"
        remedy = "check what changes .grad after backward(); it must be the derivative of the loss itself"
        yield Finding("wrong-sign", "error", sentence, evidence, remedy)


def find_no_progress(case: Case) -> Iterator[Finding]:
    """Find training that diverges or stands still, from the losses so far."""
    losses = case.history
    if len(losses) < 3:
        return
    first, last = losses[0], losses[-1]
    best = min((x for x in losses if math.isfinite(x)), default=math.inf)
    if not math.isfinite(last) or last > 2.0 * max(first, best) > 0.0:
        sentence = "the loss grows instead of falling: training diverges."
        numbers = f"{format_number(first)} at first, {format_number(best)} at best, and is {format_number(last)}"
        remedy = f"{LOWER}; check that updates subtract the gradient"
        yield Finding("diverging", "error", sentence, f"it was {numbers} after {len(losses)} steps", remedy)
    elif len(losses) >= 10 and 0.0 <= first - last < 1e-3 * abs(first) and is_steep(case):
        sentence = "the loss hardly moves, although the gradients are not small: the learning rate is too small."
        largest = format_number(max(map(abs, case.gradients.values())), 3)
        change = f"from {format_number(first)} to {format_number(last)}"
        evidence = f"in {len(losses)} steps it went {change}; the largest gradient is {largest}"
        yield Finding("rate-too-small", "warning", sentence, evidence, "raise the learning rate, for instance tenfold")


def is_steep(case: Case, rates: Iterable[float] = (0.3, 0.1, 0.03, 0.01), least: float = 0.01) -> bool:
    """Return whether a step down the gradient, at one of some rates, would lower the loss by this share of it."""
    downhill = {p: (case.recorded.get(p, p.data), g) for p, g in case.gradients.items()}
    losses = (case.loss_at({p: x - rate * g for p, (x, g) in downhill.items()}) for rate in rates)
    return bool(downhill) and any(case.loss.data - loss > least * abs(case.loss.data) for loss in losses)

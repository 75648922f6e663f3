"""Examinations of training: the direction and the size of updates."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ..value import Value
from .case import Case
from .finding import Finding

UPHILL = 0.5  # the cosine between update and gradient from which it counts as going up
SMALL = 1e-3  # the part of an update that is tried to see its direction


def direction(case: Case) -> Iterator[Finding]:
    """Find gradients that point the wrong way, and updates that went uphill or too far."""
    yield from _held_gradients(case)
    updates = {p: p.data - case.recorded[p] for p in case.moved if p in case.gradients}
    if not case.differentiated or not updates:
        return
    predicted = sum(case.gradients[p] * change for p, change in updates.items())
    before, after = case.loss.data, case.loss_at({p: p.data for p in updates})
    p = max(updates, key=lambda q: abs(case.gradients[q] * updates[q]))
    evidence = f"{case.name(p)} moved by {updates[p]:.3g} where its gradient is {case.gradients[p]:.3g}"
    if predicted > UPHILL * math.hypot(*updates.values()) * math.hypot(*(case.gradients[q] for q in updates)):
        if case.falling:  # momentum may well carry an update uphill for a moment
            return
        yield Finding(
            "wrong-sign",
            "error",
            "the update went up the gradient, so the loss rises.",
            f"{evidence}; the loss goes from {before:.6g} to {after:.6g}",
            "subtract: p.data -= learning_rate * p.grad",
            p,
        )
        return
    little = case.loss_at({q: case.recorded[q] + SMALL * change for q, change in updates.items()})
    if predicted < 0.0 and not after <= before and little < before:
        yield Finding(
            "rate-too-large",
            "warning",
            "the update went too far: the loss rises, though a smaller step in the same direction lowers it.",
            f"{evidence}; the loss goes from {before:.6g} to {after:.6g}, by a thousandth of the step to {little:.6g}",
            "lower the learning rate, for instance to a tenth",
            p,
        )


def _held_gradients(case: Case) -> Iterator[Finding]:
    """Find gradients in ``grad`` along which, downhill, the loss rises even by a tiny step."""
    held = {p: p.grad for p in case.reached if p.grad is not None}
    if not case.differentiated or not held or not case.gradients or case.moved:
        return
    along = sum(case.gradients[p] * g for p, g in held.items())
    size = sum(g * g for g in held.values())
    if along < 0.0 and size:
        step = 1e-6 / math.sqrt(size)
        before, after = case.loss.data, case.loss_at({p: p.data - step * g for p, g in held.items()})
        yield Finding(
            "wrong-sign",
            "error",
            "the loss rises along the negative gradient, even for a tiny step: the gradients have the wrong sign.",
            f"a step of {step:.1e} times the gradient takes the loss from {before:.12g} to {after:.12g}",
            "check what changes .grad after backward(); it must be the derivative of the loss itself",
        )


def progress(case: Case) -> Iterator[Finding]:
    """Find, in the losses so far, training that diverges or stands still."""
    losses = case.history
    if len(losses) < 3:
        return
    best = min((x for x in losses if math.isfinite(x)), default=math.inf)
    if not math.isfinite(losses[-1]) or losses[-1] > 2.0 * max(losses[0], best) > 0.0:
        yield Finding(
            "diverging",
            "error",
            "the loss grows instead of falling: training diverges.",
            f"it began at {losses[0]:.6g}, was {best:.6g} at best and is {losses[-1]:.6g} after {len(losses)} steps",
            "lower the learning rate, for instance to a tenth; check that updates subtract the gradient",
        )
    elif len(losses) >= 10 and 0.0 <= losses[0] - losses[-1] < 1e-3 * abs(losses[0]) and _steep(case):
        yield Finding(
            "rate-too-small",
            "warning",
            "the loss hardly moves, though the gradients are not small: the learning rate is too small.",
            f"in {len(losses)} steps it went from {losses[0]:.6g} to {losses[-1]:.6g}; the largest gradient is "
            f"{max(map(abs, case.gradients.values())):.3g}",
            "raise the learning rate, for instance tenfold",
        )


def _steep(case: Case) -> bool:
    """Tell whether a step of usual size down the gradient would lower the loss by a hundredth or more."""
    if not case.gradients:
        return False
    at: dict[Value, float] = {p: case.recorded.get(p, p.data) for p in case.gradients}
    steps = (case.loss_at({p: at[p] - rate * g for p, g in case.gradients.items()}) for rate in (0.3, 0.1, 0.03, 0.01))
    return any(case.loss.data - loss > 0.01 * abs(case.loss.data) for loss in steps)

"""Rules on the length of updates: too long, too short, and why."""

import math
from collections.abc import Iterator
from itertools import pairwise
from statistics import mean, median

from ..support.text import counted, format_number, is_close
from .course import Course, Step
from .finding import Edit, Finding
from .network import LARGE_INPUT, SCALE
from .training import is_steep

CODES = "inputs-not-scaled", "sum-not-mean", "rate-too-large", "momentum-too-large"
MANY_TERMS = 8
LITTLE = 0.005  # of the loss, by which it falls where steps are too short
TRIED = 40  # steps that are computed again
MUCH_MOMENTUM = 0.97
RESTLESS = 0.3  # of the steps after which the loss is higher than before
PARTS = (0.5, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10, 1e-12)


def find_long_steps(course: Course) -> Iterator[Finding]:
    """Find training that diverges, or does not get on, because its steps go too far."""
    if not course.losses:
        return
    steps = [step for step in course.steps if step.passes and all(each.order for each in step.passes)]
    tried = steps[:TRIED] if len(steps) <= TRIED else steps[: TRIED // 2] + steps[-TRIED // 2 :]
    results = [(step, *_overshoot(course, step)) for step in tried]
    too_far = [(step, after, part) for step, after, part in results if part]
    first, last = _at_first_and_last(course)
    diverges = not math.isfinite(last) or last > 3.0 * first > 0.0 or (course.failure is not None and len(results) < 4)
    stalls = first > 0.0 and last > 0.7 * first and len(too_far) >= 0.4 * len(results) and len(results) > 3
    if too_far and (diverges or stalls):
        yield _too_far(course, *too_far[0])


def _too_far(course: Course, step: Step, after: float, part: float) -> Finding:
    """Return the finding that a step goes too far, and why."""
    each, before = step.passes[0], sum(each.loss for each in step.passes)
    evidence = f"the update at step {course.steps.index(step) + 1} takes its loss from {format_number(before)} to "
    evidence += (
        f"{format_number(after)}; {format_number(part)} of it would lower the loss. In {course.count_of_passes}, "
    )
    evidence += f"the loss goes {course.from_first_to_last}"
    terms = [term for each in step.passes for term in course.compared(each)]
    largest = course.case(each).largest_input
    if largest >= LARGE_INPUT:
        sentence = f"the inputs are not scaled: they go up to {format_number(largest)}, so the update goes far too far."
        return Finding(
            "inputs-not-scaled", "error", sentence, evidence, SCALE, None, terms[0].node.source or each.source
        )
    count = len(terms)
    if count >= MANY_TERMS and all(is_close(abs(term.weight), 1.0) for term in terms) and part >= 0.5 / count:
        root, backward = course.root_name(each), course.innermost(each.places)
        sentence = f"the loss is a sum over {count} samples, not their mean, so the update is {count} times as long."
        remedy = f"divide the loss by the count of samples: {root or 'loss'} = {root or 'loss'} / {count}"
        edits: tuple[Edit, ...] = ()
        if root and backward:
            edits = (Edit("before", backward.line, f"{root} = {root} / {count}"),)
        return Finding("sum-not-mean", "error", sentence, evidence, remedy, None, each.source, edits)
    sentence = "the learning rate is too large: the update goes too far, and the loss does not fall."
    remedy = f"lower the learning rate, here to {format_number(part / 2)} of it or less"
    source = course.statement(step.changes[0].places)
    return Finding("rate-too-large", "error", sentence, evidence, remedy, None, source)


def _at_first_and_last(course: Course) -> tuple[float, float]:
    """Return the losses at the beginning and at the end; if samples change, the mean loss of those that are known."""
    samples = {tuple((term.inputs, term.target) for term in course.terms(each)): each for each in course.kept}
    if len(samples) < 2 or course.watch.is_rehearsed:
        losses = course.losses[-max(len(course.losses) // 4, 1) :]
        return course.losses[0], median(losses) if all(map(math.isfinite, losses)) else math.nan
    numbers = [dict(zip(each.leaves, each.numbers, strict=True)) for each in (course.kept[0], course.kept[-1])]
    cases = [course.case(each) for each in [*samples.values()][:TRIED]]
    trained = [{leaf: x for leaf, x in known.items() if leaf in course.trained} for known in numbers]
    first, last = ([case.loss_at(known) for case in cases] for known in trained)
    return mean(first), mean(last)


def _overshoot(course: Course, step: Step) -> tuple[float, float]:
    """Return the loss of a step's graph after the update, and the part of the update that would lower it.

    The part is 0 if the update itself lowers it, or no part would.
    """
    cases = [course.case(each) for each in step.passes]
    moves = {leaf: move for leaf, move in step.moves.items() if leaf in course.trained and move.change}

    def loss_after(part: float) -> float:
        there = {leaf: move.old + part * move.change for leaf, move in moves.items()}
        return sum(case.loss_at(there) for case in cases)

    before, after = sum(each.loss for each in step.passes), loss_after(1.0)
    if after <= before or not moves or not math.isfinite(before):
        return after, 0.0
    return after, next((part for part in PARTS if loss_after(part) < before), 0.0)


def find_momentum(course: Course) -> Iterator[Finding]:
    """Find a momentum so large that the parameters swing past the minimum again and again."""
    losses = course.losses
    momentum, rate = _momentum(course)
    if momentum < MUCH_MOMENTUM or len(losses) < 12:
        return
    late = losses[-max(len(losses) // 4, 4) :]
    ups = sum(after > before for before, after in pairwise(losses))
    if not median(late) > max(0.2 * losses[0], 1.5 * min(losses)) or ups < RESTLESS * len(losses):
        return
    step = course.steps[-1]
    length = math.hypot(*(move.change for move in step.moves.values()))
    gradient = rate * math.hypot(*(move.grad for move in step.moves.values()))
    sentence = f"the momentum of {momentum:.4g} is too large: old updates carry the parameters past the minimum."
    evidence = (
        f"after {ups} of {len(losses)} steps the loss is higher than before; it was {format_number(min(losses))} "
    )
    evidence += f"at best and is {format_number(losses[-1])}. The last update is {format_number(length, 3)} long; the "
    evidence += f"gradient times the learning rate is {format_number(gradient, 3)}"
    source = course.statement(step.changes[0].places)
    yield Finding("momentum-too-large", "warning", sentence, evidence, "lower the momentum, to 0.9", None, source)


def _momentum(course: Course) -> tuple[float, float]:
    """Return the momentum and the learning rate of updates ``momentum * last update - rate * grad``; 0 if they differ.

    They are found by least squares, over the steps in the middle.
    """
    moves = [
        (last.moves[leaf].change, now.moves[leaf].grad, now.moves[leaf].change)
        for last, now in pairwise(course.steps[: TRIED + 1]) for leaf in now.moves if leaf in last.moves
    ]  # fmt: skip
    if len(moves) < 5:
        return 0.0, 0.0
    before, grads, after = ([*map(float, series)] for series in zip(*moves, strict=True))
    bb, bg, gg, ba, ga = (
        sum(map(float.__mul__, x, y))
        for x, y in ((before, before), (before, grads), (grads, grads), (before, after), (grads, after))
    )
    determinant = bb * gg - bg * bg
    if not determinant > 1e-12 * bb * gg:
        return 0.0, 0.0
    momentum, rate = (ba * gg - ga * bg) / determinant, (ba * bg - ga * bb) / determinant
    rest = math.hypot(*(a - momentum * b + rate * g for b, g, a in zip(before, grads, after, strict=True)))
    return (momentum, rate) if rest < 1e-6 * math.hypot(*after) and rate > 0.0 else (0.0, 0.0)


def find_vanishing_rate(course: Course) -> Iterator[Finding]:
    """Find learning rates that fall to next to nothing while there is still much to learn."""
    steps = [step for step in course.steps if step.moves]
    if not steps or not course.kept:
        return
    rates = [
        sum(abs(move.change) for move in step.moves.values()) / sum(abs(move.grad) for move in step.moves.values())
        for step in steps if any(move.grad for move in step.moves.values())
    ]  # fmt: skip
    late, size = steps[len(steps) // 2 :], math.hypot(*(move.old for move in steps[-1].moves.values()))
    moved = sum(math.hypot(*(move.change for move in step.moves.values())) for step in late)
    if (
        len(rates) < 10
        or not rates[-1] < 1e-3 * rates[0]
        or moved > 1e-3 * size
        or not is_steep(course.case(course.kept[-1]))
    ):
        return
    sentence = "the learning rate falls to next to nothing, long before the loss has."
    evidence = (
        f"an update is {format_number(rates[0], 3)} of the gradient at first, and {format_number(rates[-1], 3)} at "
    )
    evidence += f"the end; in {counted(len(course.losses), 'step')}, the loss went {course.from_first_to_last}"
    remedy = "let the learning rate fall more slowly, for instance by a factor of 0.99 for each step"
    source = course.statement(steps[-1].changes[0].places)
    yield Finding("rate-too-small", "warning", sentence, evidence, remedy, None, source)


def find_short_steps(course: Course) -> Iterator[Finding]:
    """Find training that does not get on because its steps are far too short."""
    if len(course.losses) < 10 or not course.kept or not course.steps:
        return
    first, last = (dict(zip(each.leaves, each.numbers, strict=True)) for each in (course.passes[0], course.passes[-1]))
    leaves = [leaf for leaf in course.trained if leaf in first and leaf in last]
    grads = [move.grad for step in course.steps for leaf, move in step.moves.items() if leaf in course.trained]
    size = math.hypot(*(first[leaf] for leaf in leaves))
    distance = math.hypot(*(last[leaf] - first[leaf] for leaf in leaves))
    if not leaves or sum(map(bool, grads)) < 0.5 * len(grads) or not distance < 1e-3 * max(size, 1e-3):
        return
    start, end = _at_first_and_last(course)
    is_flat = not is_steep(course.case(course.kept[-1]), (10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01), 0.003)
    if is_flat or not start - end < LITTLE * abs(start):
        return
    change = next(change for change in course.steps[0].changes if change.leaf in course.trained)
    sentence = "the learning rate is too small: the parameters hardly move, although the gradients are not small."
    if not distance:
        sentence = "the learning rate is 0: the parameters do not move, although the gradients are not 0."
    evidence = f"in {counted(len(course.losses), 'step')} the parameters moved by {format_number(distance, 3)}, and "
    evidence += f"their size is {format_number(size, 3)}; the loss went {course.from_first_to_last}"
    remedy = "raise the learning rate tenfold until the loss falls, for instance to 0.01"
    yield Finding("rate-too-small", "warning", sentence, evidence, remedy, None, course.statement(change.places))

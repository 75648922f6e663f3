"""Rules on updates: whether they go down the gradient, and down that of the right parameter."""

import math
import operator
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..ops import log
from ..support.text import counted, format_number, is_close
from ..value import Value
from .course import Course, Move, Step
from .finding import Edit, Finding
from .samples import Term
from .watch import Pass

UPHILL = 0.5  # the cosine between update and gradient above which an update counts as uphill
WITHERED = 0.05  # of the size of all parameters, where next to nothing is left of them
NEGLIGIBLE = 1e-6  # an old number, relative to a new one, that cannot be seen in it
MANY = 0.8  # the share of the steps in which something must be seen
LOSS = r"loss|cost|err|mse|nll|crit|penalt|risk|entropy|divergence|resid"  # how programs call what is to fall
GOAL = r"reward|score|return|height|utilit|fitness|profit|gain|likelihood|elbo|objective"  # and what is to rise


def find_uphill(course: Course) -> Iterator[Finding]:
    """Find updates along the gradient instead of against it."""
    cosines = [(step, cosine) for step in course.steps if (cosine := _cosine(step, course)) is not None]
    if not cosines or cosines[0][1] < UPHILL or sum(c > 0.1 for _, c in cosines) < MANY * len(cosines):
        return
    step, cosine = cosines[0]
    if not step.passes or not _is_to_fall(course, step) or course.is_input_trained:
        return
    if _negated(course, _is_of_a_kind):  # a likelihood, for instance, whatever its name
        return
    change = max(step.changes, key=lambda each: abs(each.new - each.old))
    turned = [r for r in course.derived if r.leaf is change.leaf and r.new and r.old == -r.new]
    source = course.innermost((turned[0] if turned else change).places)
    name, move = course.name(change.leaf), step.moves[change.leaf]
    losses = f"the loss goes from {format_number(course.losses[0])} to {format_number(course.losses[-1])}"
    evidence = (
        f"the gradient of {name} is {format_number(move.grad, 3)}, and it moves by {format_number(move.change, 3)}; "
    )
    evidence += f"{losses} in {course.count_of_passes}"
    sentence = "the update goes up the gradient, so the loss rises."
    remedy = "subtract the gradient: p.data -= learning_rate * p.grad"
    edits: tuple[Edit, ...] = ()
    if source and "+=" in source.text and source.text.count("+=") == 1 and "-" not in source.text:
        code = source.text.replace("+=", "-=")
        remedy, edits = f"subtract the gradient: {code}", (Edit("instead", source.line, code),)
    if turned:
        remedy = "do not change the sign of .grad after backward()"
    yield Finding("wrong-sign", "error", sentence, evidence, remedy, change.leaf, source, edits)


def _cosine(step: Step, course: Course) -> float | None:
    """Return the cosine between a step and the gradient; None where one of them is 0."""
    moves = [move for leaf, move in step.moves.items() if leaf in course.trained]
    last, first = step.passes[-1:], step.changes[0].time
    if last and any(last[0].time < reset.time < first for reset in course.derived):
        grads = [
            last[0].gradient(leaf) for leaf in step.moves if leaf in course.trained
        ]  # before the program changed it
    else:
        grads = [move.grad for move in moves]
    length = math.hypot(*(move.change for move in moves)) * math.hypot(*grads)
    if not length or not math.isfinite(length):
        return None
    return sum(move.change * grad for move, grad in zip(moves, grads, strict=True)) / length


def _is_to_fall(course: Course, step: Step) -> bool:
    """Return whether what is differentiated is a loss, by its name or by its squared errors."""
    last = step.passes[-1]
    name = course.root_name(last)
    if re.search(GOAL, name, re.IGNORECASE):
        return False
    if re.search(LOSS, name, re.IGNORECASE):
        return True
    return bool(last.order) and any(term.kind == "error" and term.weight > 0.0 for term in course.terms(last))


def find_negated_loss(course: Course) -> Iterator[Finding]:
    """Find losses that fall where the errors grow, and penalties that reward large weights."""
    if not course.steps or (cosine := _cosine(course.steps[0], course)) is None or cosine > 0.0:
        return
    each = course.passes[0]
    root = course.root_name(each) or "the loss"
    numbers = f"{root} goes {course.from_first_to_last}"
    if (errors := _negated(course, _is_of_a_kind)) and not all(term.target == 0.0 for term in errors):
        what = "logarithm of a probability" if errors[0].kind == "surprise" else "squared error"
        sentence = f"{root} has the wrong sign: it falls when the errors grow."
        evidence = f"each {what} enters {root} with the factor {format_number(errors[0].weight)}; {numbers}"
        right = "-log(p)" if errors[0].kind == "surprise" else "(output - target)**2"
        remedy = f"minimise {right}: change the sign of {root}"
        yield Finding("negated-loss", "error", sentence, evidence, remedy, None, each.source)
    elif penalties := _negated(course, lambda term: term.kind == "penalty"):
        sentence = f"the penalty has the wrong sign: {root} falls when the parameters grow."
        evidence = (
            f"each square of a parameter enters {root} with the factor {format_number(penalties[0].weight)}; {numbers}"
        )
        remedy = "add the penalty to the loss, do not subtract it"
        yield Finding("negated-loss", "error", sentence, evidence, remedy, penalties[0].node)


def _negated(course: Course, is_meant: Callable[[Term], bool]) -> list[Term]:
    """Return the terms of a kind in the first loss, if in all losses all of them have the wrong sign."""
    every = [[term for term in course.terms(each) if is_meant(term)] for each in course.kept]
    signs = [term.weight * (-1.0 if term.node.op is log else 1.0) for terms in every for term in terms]
    is_alike = all(len({round(abs(term.weight), 12) for term in terms}) == 1 for terms in every)
    return every[0] if every and is_alike and max(signs) < 0.0 else []


def _is_of_a_kind(term: Term) -> bool:
    """Return whether a term must have a certain sign in a loss: a square, or the logarithm of a probability."""
    if term.kind == "error":
        return term.node.op.name == "power" or (term.node.op.name == "mul" and len(set(term.node.inputs)) == 1)
    return term.kind == "surprise" and term.node.op is log and _is_probability(term.output)


def _is_probability(node: Value | None) -> bool:
    if node is None or not node.inputs:
        return False
    return node.op.range == (0.0, 1.0) or (node.op.name == "div" and node.inputs[0].op.name == "exp")


def find_plain_errors(course: Course) -> Iterator[Finding]:
    """Find losses that are sums of errors without a square: they fall for ever, below 0."""
    losses = course.losses
    if len(losses) < 3 or not losses[-1] < min(losses[0], 0.0) or any(map(course.compared, course.kept)):
        return
    for each in course.kept[-1:]:
        errors = _plain_errors(course, each)
        root = course.root_name(each)
        if len({target for _, target in errors}) < 2 or not re.search(LOSS, root, re.IGNORECASE):
            return
        sentence = f"{root} adds up errors as they are, so it has no minimum: it falls below 0, and goes on falling."
        evidence = f"{counted(len(errors), 'error')} enter {root} without a square; it goes {course.from_first_to_last}"
        remedy = "square each error: (output - target)**2, or take its size: abs(output - target)"
        yield Finding("error-not-squared", "error", sentence, evidence, remedy, errors[0][0])


def _plain_errors(course: Course, each: Pass) -> list[tuple[Value, float]]:
    """Return the differences of outputs and targets that a loss is a plain sum of, with the targets."""
    found: list[tuple[Value, float]] = []
    waiting = [(each.order or [])[-1]]
    while waiting:
        node = waiting.pop()
        if node.op.name == "sub" and course.is_plain(node.inputs[0]) != course.is_plain(node.inputs[1]):
            found.append((node, next(x.data for x in node.inputs if course.is_plain(x))))
        elif node.op.role == "linear" or node.op.name == "div":
            waiting += [x for x in node.inputs if x.inputs]
    return found


def find_assigned_updates(course: Course) -> Iterator[Finding]:
    """Find updates that throw the old number away: ``p.data = -rate * p.grad``, or ``=-`` for ``-=``."""
    ratios: list[float] = []
    for step in course.steps[1:]:
        for leaf, move in step.moves.items():
            if leaf in course.trained and move.grad and abs(move.old) > NEGLIGIBLE * abs(move.new) > 0.0:
                ratios.append(move.new / move.grad)
    if len(ratios) < 3 or not all(is_close(ratio, ratios[0], rtol=1e-9) for ratio in ratios) or ratios[0] > 0.0:
        return
    change = next(c for c in course.steps[1].changes if c.leaf in course.trained)
    source, name = course.innermost(change.places), course.name(change.leaf)
    sentence = f"the update throws the old number of {name} away: it is assigned, not subtracted from."
    evidence = f"{name} was {format_number(change.old)} and became {format_number(change.new)}, which is "
    evidence += f"{format_number(ratios[0])} * {name}.grad"
    remedy = "subtract from the old number: p.data -= learning_rate * p.grad"
    edits: tuple[Edit, ...] = ()
    if source and (found := re.fullmatch(r"(.+?\.data)\s*=\s*-(.+)", source.text)):
        code = f"{found[1]} -= {found[2].strip()}"
        remedy, edits = f"subtract from the old number: {code}", (Edit("instead", source.line, code),)
    yield Finding("update-assigned", "error", sentence, evidence, remedy, change.leaf, source, edits)


def find_other_gradients(course: Course) -> Iterator[Finding]:
    """Find parameters that are moved by the gradient of another one."""
    leaves = list(course.trained)
    series: dict[Value, list[Move]] = {
        leaf: [step.moves[leaf] for step in course.steps if leaf in step.moves and step.moves[leaf].grad]
        for leaf in leaves
    }
    if not 1 < len(leaves) <= 40 or len({len(s) for s in series.values()}) > 1 or len(series[leaves[0]]) < 3:
        return
    moves = [[move.change for move in series[leaf]] for leaf in leaves]
    grads = [[move.grad for move in series[leaf]] for leaf in leaves]
    if not any(map(any, moves)):
        return
    for i, leaf in enumerate(leaves):
        if not _varies([move / grad for move, grad in zip(moves[i], grads[i], strict=True)]):
            continue
        for j, other in enumerate(leaves):
            rate = _rate(moves[i], grads[j])
            if rate is None or rate >= 0.0 or not _varies(grads[j]):
                continue
            change = next(c for c in course.steps[0].changes if c.leaf is leaf)
            name, source = course.name(leaf), course.innermost(change.places)
            first = series[leaf][0]
            sentence = f"{name} is moved by the gradient of {course.name(other)}."
            evidence = f"{name} moves by {format_number(first.change)} = {format_number(rate)} * "
            evidence += f"{format_number(grads[j][0])}, which is the gradient of {course.name(other)}; its own is "
            evidence += format_number(first.grad)
            remedy = f"move each parameter by its own gradient: {name}.data -= {format_number(-rate)} * {name}.grad"
            yield Finding("other-gradient", "error", sentence, evidence, remedy, leaf, source)
            return


def _rate(moves: list[float], grads: list[float]) -> float | None:
    """Return the factor between two series; None if it is not always the same."""
    if not all(grads) or not all(moves) or len(moves) != len(grads):
        return None
    ratios = [move / grad for move, grad in zip(moves, grads, strict=True)]
    return ratios[0] if all(is_close(ratio, ratios[0], rtol=1e-6) for ratio in ratios) else None


def _varies(series: list[float]) -> bool:
    return max(map(abs, series)) > 1.05 * min(map(abs, series))


def find_decay(course: Course) -> Iterator[Finding]:
    """Find a weight decay, or a penalty, that is stronger than the data."""
    steps = [step for step in course.steps if step.passes and step.passes[-1].order]
    if len(steps) < 3:
        return
    step, each = steps[-1], steps[-1].passes[-1]
    case, data = course.case(each), course.compared(each)
    penalties = [term for term in course.terms(each) if term.kind == "penalty" and term.weight > 0.0]
    leaves = [leaf for leaf in step.moves if leaf in case.gradients]
    if not data or not leaves:
        return
    numbers, gradients = ([known[leaf] for leaf in leaves] for known in (case.recorded, case.gradients))
    if penalties:
        pulls = dict.fromkeys(leaves, 0.0)
        for term in penalties:
            for leaf, local in zip(term.node.inputs, term.node.local_grads, strict=True):
                pulls[leaf] = pulls.get(leaf, 0.0) + term.weight * local
        pull = [pulls[leaf] for leaf in leaves]
        drive = gradients = list(map(operator.sub, gradients, pull))
    else:
        shrink = _shrinkage(course.steps[-5:], leaves)
        pull = [-shrink * number for number in numbers]
        drive = [step.moves[leaf].change - p for leaf, p in zip(leaves, pull, strict=True)]
    first = course.steps[0].moves
    start = math.hypot(*(move.old for move in first.values()))
    end = math.hypot(*(move.new for move in step.moves.values()))
    size, strength = math.hypot(*drive), math.hypot(*pull)
    is_withered = end < WITHERED * start and (
        bool(penalties) or any(pull) or _shrinkage(course.steps[:5], leaves) > 0.0
    )
    is_balanced = size and strength >= 0.5 * size and _dot(drive, pull) <= -0.5 * size * strength
    if not (is_withered or is_balanced):
        return
    if is_withered:  # where all is 0, no slope shows the way: look from where the training began
        case, data = course.case(course.kept[0]), course.compared(course.kept[0])
        leaves = [leaf for leaf in leaves if leaf in case.gradients]
        numbers, gradients = ([known[leaf] for leaf in leaves] for known in (case.recorded, case.gradients))
    before = sum(term.weight * term.node.data for term in data)
    best = before
    for rate in (1.0, 0.3, 0.1, 0.03, 0.01):
        there = {leaf: x - rate * g for leaf, x, g in zip(leaves, numbers, gradients, strict=True)}
        values = case.values_at(there, [term.node for term in data])
        best = min([best, *([sum(t.weight * v for t, v in zip(data, values, strict=True))] if values else [])])
    if best > (0.99 if is_withered else 0.7) * before:
        return
    what = "the penalty in the loss" if penalties else "the weight decay"
    sentence = f"{what} is stronger than the data: it pulls the parameters to 0."
    evidence = (
        f"the size of all updated parameters together goes from {format_number(start, 3)} to {format_number(end, 3)}; "
    )
    evidence += (
        f"at the end, {what} pulls with {format_number(strength, 3)} against {format_number(size, 3)} of the data"
    )
    source = next((term.node.source for term in penalties), None) or course.statement(step.changes[0].places)
    remedy = "make it much smaller, for instance a thousandth of it"
    yield Finding("decay-too-large", "warning", sentence, evidence, remedy, None, source)


def _shrinkage(steps: list[Step], leaves: list[Value]) -> float:
    """Return the share by which updates shrink the parameters, beside following the gradient; 0 if they do not.

    It is known of an optimiser with ``lr`` and ``weight_decay``. Else, for updates ``-rate * grad - share * number``,
    it is found by least squares.
    """
    actor: Any = steps[-1].changes[0].actor
    if all(isinstance(getattr(actor, name, None), int | float) for name in ("lr", "weight_decay")):
        return float(actor.lr * actor.weight_decay)
    moves = [step.moves[leaf] for step in steps for leaf in leaves if leaf in step.moves]
    changes, grads, numbers = ([getattr(move, name) for move in moves] for name in ("change", "grad", "old"))
    gg, gp, pp, gm, pm = (
        _dot(x, y)
        for x, y in ((grads, grads), (grads, numbers), (numbers, numbers), (grads, changes), (numbers, changes))
    )
    determinant = gg * pp - gp * gp
    if len(moves) < 5 or not determinant > 1e-12 * gg * pp:
        return 0.0
    rate, share = -(gm * pp - pm * gp) / determinant, -(pm * gg - gm * gp) / determinant
    rest = math.hypot(*(c + rate * g + share * p for c, g, p in zip(changes, grads, numbers, strict=True)))
    return share if rate > 0.0 < share and rest < 1e-6 * math.hypot(*(rate * g for g in grads)) else 0.0


def _dot(x: Sequence[float], y: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(x, y, strict=True))

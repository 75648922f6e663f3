"""Rules on the order of things in a training loop: set to 0, backward pass, update."""

import re
from bisect import bisect
from collections.abc import Iterator
from itertools import pairwise

from ..recording.source import Source
from ..support.text import counted, format_number
from ..value import Value
from .course import Course
from .finding import Edit, Finding
from .statements import calls
from .updates import LOSS
from .watch import Change, Pass, Reset, moved

MANY = 8  # backward passes


def find_no_backward(course: Course) -> Iterator[Finding]:
    """Find training without a backward pass."""
    if course.passes or course.losses:
        return
    resets, tries = course.resets, [change for change in course.changes if change.is_update]
    made = [node for node in course.watch.recent if node.inputs]
    if any(reset.new for reset in resets) or any(change.grad for change in tries):  # by hand, or by a program
        return
    failed = isinstance(course.failure, TypeError) and course.watch.missing
    is_told = any(calls(file, "step") for file in course.files) and not any(calls(f, "backward") for f in course.files)
    if not made or not (resets or tries or failed or is_told):
        return
    root = made[-1]
    name = next((n for n, thing in course.variables.items() if thing is root), "loss")
    places = [*(c.places for c in tries), *(r.places for r in resets), *course.watch.missing.values()]
    source = course.innermost(places[0]) if places else root.source
    sentence = "backward() is never called, so there are no gradients to follow."
    held = "0" if any(change.grad == 0.0 for change in tries) else "None"
    evidence = f"the program computed {counted(len(made), 'result')}; all gradients are still {held}"
    remedy = f"call backward() on the loss between the forward pass and the update: {name}.backward()"
    edits = (Edit("after", root.source.line, f"{name}.backward()"),) if root.source else ()
    yield Finding("no-backward", "error", sentence, evidence, remedy, root, source, edits)


def find_wrong_root(course: Course) -> Iterator[Finding]:
    """Find backward passes of a prediction, with a loss that is computed from it and never differentiated."""
    kept = course.kept
    each = next((each for each in reversed(kept) if each.beyond), None)
    if not each or not all(each.beyond or each.born < 0 for each in kept) or any(map(course.compared, kept)):
        return
    backward, root = course.innermost(each.places), course.root_name(each) or "a prediction"
    source, number = each.beyond or (None, 0.0)
    if not source or not re.search(LOSS, source.text, re.IGNORECASE) or re.search(LOSS, root, re.IGNORECASE):
        return
    name = source.text.partition("=")[0].strip()
    name = name if name.isidentifier() else "the loss"
    sentence = f"backward() is called on {root}, not on the loss that is computed from it: {source.text}."
    evidence = (
        f"{root} is {format_number(each.loss)}, and {name} is {format_number(number)}; in {course.count_of_passes}, "
    )
    evidence += "no target enters what is differentiated"
    is_named = bool(backward and name.isidentifier())
    edits = (Edit("instead", backward.line, f"{name}.backward()"),) if backward and is_named else ()
    remedy = f"differentiate the loss: {name}.backward()" if edits else "call backward() on the loss"
    yield Finding("not-the-loss", "error", sentence, evidence, remedy, None, backward, edits)


def find_early_zeros(course: Course) -> Iterator[Finding]:
    """Find gradients that are set to 0 after the backward pass and before the update."""
    early: list[tuple[Change, Reset]] = []
    count = 0
    for leaf, events in course.by_leaf.items():
        gradient, reset = 0.0, None
        for event in events:
            if isinstance(event, Pass):
                gradient, reset = event.gradient(leaf), None
            elif isinstance(event, Reset):
                if not event.new and event.old and gradient and not event.is_used:
                    reset = event
            elif event.is_update:
                count += bool(gradient)
                if reset and not event.grad:
                    early.append((event, reset))
                gradient = 0.0
    if not early or len(early) < 0.8 * (count - len(course.by_leaf)):
        return
    change, reset = early[0]
    updates, zeros = course.statement(change.places), course.statement(reset.places)
    last = max((each for each in course.passes if each.time < reset.time), key=lambda each: each.time)
    backward, root = course.innermost(last.places), course.root_name(last)
    name = course.name(change.leaf)
    text = zeros.text if zeros else "zero_grad()"
    sentence = (
        f"the gradients are set to 0 between backward() and the update, so the update has nothing to go by: {text}."
    )
    evidence = f"backward() gave {name}.grad = {format_number(reset.old)}; the update of {name} reads 0"
    remedy = "keep the order: set the gradients to 0, then backward(), then the update"
    edits: tuple[Edit, ...] = ()
    if zeros and updates and backward and root and zeros.line != updates.line:
        remedy += f". Take this line away, and write {root}.zero_grad() before {backward.text}"
        edits = (Edit("instead", zeros.line, "pass"), Edit("before", backward.line, f"{root}.zero_grad()"))
        if backward.line > updates.line:  # the update comes before backward() altogether
            remedy = f"call backward() before the update: put {backward.text} above {updates.text}"
            edits = (
                Edit("instead", updates.line, "pass"), Edit("instead", zeros.line, "pass"),
                Edit("before", backward.line, f"{root}.zero_grad()"), Edit("after", backward.line, updates.text),
            )  # fmt: skip
    yield Finding("zeroed-before-step", "error", sentence, evidence, remedy, change.leaf, zeros, edits)


def find_lost_gradients(course: Course) -> Iterator[Finding]:
    """Find gradients that are taken away before the update: clipped to nothing, or set to 0 unused."""
    derived = [reset for reset in course.derived if reset.old and reset.leaf in course.tried]
    clipped = [reset for reset in derived if not reset.new]
    if clipped and len(clipped) >= 0.8 * len(derived):
        first = clipped[0]
        source = course.innermost(first.places)
        sentence = "every gradient becomes 0 between backward() and the update."
        evidence = (
            f"{course.name(first.leaf)}.grad was {format_number(first.old)} and is 0 after {source and source.text}"
        )
        evidence += f"; the same {counted(len(clipped), 'time')}"
        remedy = "clip to a limit above 0, such as 1.0, or leave this line out"
        edits = (Edit("instead", source.line, "pass"),) if source else ()
        yield Finding("gradients-lost", "error", sentence, evidence, remedy, first.leaf, source, edits)
        return
    if not course.steps or not course.trained:
        return
    dropped = [each for each in course.passes if _is_dropped(each, course)]
    if len(dropped) < 0.4 * len(course.passes) or len(course.passes) < 4:
        return
    first = next(r for r in course.resets if r.time > dropped[0].time and r.leaf in course.trained)
    source = course.statement(first.places)
    sentence = "gradients are set to 0 before an update has used them, so that only those of the last backward() count."
    evidence = f"of {course.count_of_passes}, the gradients of {len(dropped)} "
    evidence += f"were thrown away; {course.name(first.leaf)}.grad was {format_number(first.old)} at the first"
    remedy = "set the gradients to 0 once for each update, before the first of its backward passes"
    yield Finding("gradients-lost", "error", sentence, evidence, remedy, first.leaf, source)


def _is_dropped(each: Pass, course: Course) -> bool:
    """Return whether all that a pass gave was set to 0 before it was read."""
    leaves = [leaf for leaf in each.leaves if leaf in course.trained]
    for leaf in leaves:
        events = course.by_leaf[leaf]
        after = next((event for event in events[events.index(each) + 1 :]), None)
        if not isinstance(after, Reset) or after.is_used or after.new:
            return False
    return bool(leaves)


def find_stale_gradients(course: Course) -> Iterator[Finding]:
    """Find updates whose gradients still contain those of the update before."""
    stale: dict[Value, tuple[Pass, float]] = {}
    for leaf, events in course.by_leaf.items():
        count = wrong = 0
        last: Change | None = None
        reset, passed = False, None
        for event in events:
            if isinstance(event, Pass):
                passed = passed or event
            elif isinstance(event, Reset):
                reset = True
            elif event.is_update:
                if last and passed:
                    count += 1
                    if not reset and (before := passed.before[passed.position[leaf]]):
                        wrong += 1
                        stale.setdefault(leaf, (passed, before))
                if passed:
                    reset, passed, last = False, None, event
        if wrong < 0.5 * max(count, 1):
            stale.pop(leaf, None)
    if not stale:
        return
    leaf, (each, before) = next(iter(stale.items()))
    name, own = course.name(leaf), each.gradient(leaf)
    backward, root = course.innermost(each.places), course.root_name(each)
    names = "all parameters" if len(stale) == len(course.trained) > 1 else course.listed(stale)
    sentence = f"the gradients of {names} still contain those of earlier steps: they were not set back to 0."
    evidence = f"at step {course.passes.index(each) + 1}, backward() adds {format_number(own)} to {name}.grad, but it "
    evidence += f"becomes {format_number(before + own)}: {format_number(before)} is left from before"
    remedy = "set the gradients to 0 before each backward(): model.zero_grad(), or loss.zero_grad()"
    edits: tuple[Edit, ...] = ()
    if root and backward:
        remedy = f"set the gradients to 0 before each backward(): write {root}.zero_grad() before {backward.text}"
        edits = (Edit("before", backward.line, f"{root}.zero_grad()"),)
    yield Finding("stale-gradients", "error", sentence, evidence, remedy, leaf, backward, edits)


def find_early_updates(course: Course) -> Iterator[Finding]:
    """Find updates between the forward pass and its backward pass."""
    found: list[tuple[Pass, Change]] = []
    times = [change.time for change in course.changes]
    for each in course.passes:
        between = course.changes[bisect(times, each.born) : bisect(times, each.time)] if each.born >= 0 else []
        early = next((change for change in between if change.old != change.new and change.leaf in each.leaves), None)
        if early:
            found.append((each, early))
    if not found or len(found) < 0.5 * (len(course.passes) - 1):
        return
    each, change = found[0]
    name = course.name(change.leaf)
    sentence = (
        f"{name}.data is changed between the forward pass and backward(), which still differentiates at the old number."
    )
    evidence = f"the loss was computed with {name} = {format_number(change.old)}; at backward() it is "
    evidence += f"{format_number(change.new)}, in {len(found)} of {course.count_of_passes}"
    remedy = "keep the order: forward pass, backward(), then the update"
    source, backward = course.statement(change.places), course.innermost(each.places)
    edits: tuple[Edit, ...] = ()
    if source and backward and source.text:
        remedy += f": move {source.text} below {backward.text}"
        edits = (Edit("instead", source.line, "pass"), Edit("after", backward.line, source.text))
    yield Finding("updated-before-backward", "error", sentence, evidence, remedy, change.leaf, source, edits)


def find_early_reads(course: Course) -> Iterator[Finding]:
    """Find updates by gradients that were read before the backward pass."""
    early = {leaf: places for leaf, places in course.watch.early.items() if leaf in course.reached}
    if not early or course.steps or len(course.passes) < 3:
        return
    leaf, (read, changed) = next(iter(early.items()))
    source, update, name = course.innermost((read,)), course.innermost(changed), course.name(leaf)
    backward = course.innermost(course.passes[-1].places)
    sentence = f"the gradient of {name} is read before backward(), so the update uses the one of before."
    evidence = f"{name}.grad is {format_number(course.passes[-1].gradient(leaf))} after the last backward(); the "
    evidence += f"update, {update.text if update else ''}, has another number"
    remedy = "read the gradients after backward()" + (f": move this line below {backward.text}" if backward else "")
    moved_line = (Edit("instead", source.line, "pass"),) if source else ()
    edits = (*moved_line, Edit("after", backward.line, source.text)) if source and backward else ()
    yield Finding("gradient-read-early", "error", sentence, evidence, remedy, leaf, source, edits)


def find_double_passes(course: Course) -> Iterator[Finding]:
    """Find gradients that count twice: from a loss, and again from another that contains it."""
    doubled: list[tuple[Pass, Pass]] = []
    for passes in [*(step.passes for step in course.steps), course.pending]:
        for first, second in pairwise(passes):
            leaves = first.old_leaves | set(first.leaves)
            resets = [r for r in course.resets if first.time < r.time < second.time and r.leaf in leaves]
            if second.old_count and not resets and (second.contains_last or second.born < 0):
                doubled.append((first, second))
    if not doubled or 2 * len(doubled) < len(course.steps):
        return
    first, second = doubled[0]
    leaf = next((leaf for leaf in second.leaves if leaf in course.trained), second.leaves[0])
    source = course.innermost(first.places)
    again = course.innermost(second.places)
    sentence = "backward() is called twice on the same part of the graph, so its gradients count twice."
    held = second.before[second.position[leaf]]
    evidence = f"{course.name(leaf)}.grad is {format_number(held)} after the first call and "
    evidence += f"{format_number(held + second.gradient(leaf))} after the second, without an update between them"
    remedy = "call backward() once for each forward pass"
    edits: tuple[Edit, ...] = ()
    if source and again and source.line != again.line:
        remedy += f": take {source.text} away, and keep {again.text}"
        edits = (Edit("instead", source.line, "pass"),)
    yield Finding("backward-twice", "error", sentence, evidence, remedy, leaf, source, edits)


def find_no_step(course: Course) -> Iterator[Finding]:
    """Find training whose parameters never change."""
    passes = course.passes
    if len(passes) < 3 or any(
        change.leaf in course.reached for change in course.changes if change.time > passes[0].time
    ):
        return
    again = [each for each in passes[1:] if each.born >= 0]
    resets = [reset for reset in course.resets if reset.time > passes[0].time and reset.leaf in course.reached]
    is_repeated = len(set(course.losses)) < len(course.losses)  # else, gradients may be what the program is about
    is_ignored = len(passes) >= MANY and not any(reset.is_used for reset in resets)
    if max(course.reached.values()) < 0.5 * len(passes):  # each step makes its parameters anew, of new numbers
        return
    if not again or not resets or not (is_repeated or is_ignored):
        return
    lost = [lost for each in [*(each.lost for each in passes), moved(course.watch.recent)] for lost in each]
    lost = [(leaf, source) for leaf, source in lost if leaf in course.reached]
    leaf = next(iter(course.reached))
    losses = f"in {course.count_of_passes}, the loss goes {course.from_first_to_last}"
    if lost:
        leaf, source = lost[0]
        yield _rebound(course, leaf, source, losses)
        return
    backward = course.innermost(passes[-1].places)
    optimiser = next((path for path, thing in course.belongings if _is_optimiser(thing)), "")
    sentence = "the parameters are never updated: the gradients are computed, and nothing follows them."
    evidence = f"{course.name(leaf)}.data is {format_number(leaf.data)} all the time; {losses}"
    code = f"{optimiser}.step()" if optimiser else "p.data -= learning_rate * p.grad"
    remedy = f"update after backward(): {code}" + ("" if optimiser else " for each parameter p")
    edits = (Edit("after", backward.line, code),) if backward and optimiser else ()
    yield Finding("no-step", "error", sentence, evidence, remedy, leaf, backward, edits)


def _is_optimiser(thing: object) -> bool:
    return all(callable(getattr(thing, name, None)) for name in ("step", "zero_grad")) and not isinstance(thing, type)


def _rebound(course: Course, leaf: Value, source: Source | None, evidence: str) -> Finding:
    name = source.text.partition("=")[0].strip() if source else ""
    sentence = "the update makes a new node and binds a name to it; the parameter itself keeps its number."
    evidence = f"{course.name(leaf)}.data is {format_number(leaf.data)} all the time; {evidence}"
    code = f"{name}.data = {name}.data{source.text.partition('=')[2].strip().removeprefix(name)}" if source else ""
    is_simple = bool(source and name.isidentifier() and source.text.partition("=")[2].strip().startswith(f"{name} "))
    remedy = f"change the number, not the name: {code if is_simple else 'p.data -= learning_rate * p.grad'}"
    edits = (Edit("instead", source.line, code),) if is_simple and source else ()
    return Finding("rebound-parameter", "error", sentence, evidence, remedy, leaf, source, edits)

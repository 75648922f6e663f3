"""Rules on graphs that live too long: recorded once, grown from step to step, or made of new parameters each time."""

from collections.abc import Iterator
from itertools import pairwise

from ..recording.source import Source
from ..support.text import counted, format_number
from .course import Course
from .finding import Edit, Finding
from .watch import Pass


def find_old_graphs(course: Course) -> Iterator[Finding]:
    """Find losses that are computed from results of earlier steps."""
    passes = course.passes
    if len(passes) < 2:
        return
    sizes = f"the graph has {counted(passes[0].size, 'node')} at the first backward() and "
    sizes += f"{format_number(passes[-1].size)} at number {len(passes)}"
    rebound = [each for each in passes if each.is_rebound]
    grows = len(rebound) > 1 and rebound[-1].old_count > rebound[0].old_count
    if grows and len(rebound) >= 0.5 * (len(passes) - 2):
        yield _rebound(course, rebound[0], sizes)
        return
    stale = [each for before, each in pairwise(passes) if _is_stale(course, before, each)]
    if len(stale) < 0.5 * (len(passes) - 1) or not stale:
        return
    first = next((each for each in stale if each.old), stale[0])
    backward, root = course.innermost(first.places), course.root_name(first) or "the loss"
    if first.contains_last:
        sentence = f"{root} is never set back: at each step it contains the losses of all earlier steps."
        name = first.label or root
        remedy = f"begin each step with a new sum, {name} = 0, or call backward() on the loss of this step alone"
        yield Finding("growing-loss", "error", sentence, sizes, remedy, None, first.source or backward)
        return
    leaf = next(leaf for leaf in first.leaves if leaf in first.old_leaves and leaf in course.trained)
    numbers = [change.new for change in course.changes if change.leaf is leaf and change.time < first.time]
    changed = f"{course.name(leaf)} is {format_number(numbers[-1])} by now, but "
    where = first.old[0].source if first.old else first.source
    if first.born < 0:
        sentence = f"the forward pass is outside the loop: {root} is computed once and never again."
        changed += f"{root} stays {format_number(first.loss)}, as it was computed at first"
        edits = _again(where, backward)
    else:
        made = f" ({where.text})" if where else ""
        sentence = f"a part of the forward pass is outside the loop: it is computed once and never again{made}."
        changed += "this part was computed with its old number"
        edits = _again(where, first.source)
        if stale[-1].old_count > first.old_count:
            sentence = (
                "the graph of each step goes on into the graphs of earlier steps, whose parameters have changed since."
            )
            changed, edits = sizes, ()
    remedy = "compute it in the loop, after each update"
    if edits:
        remedy += f": write {edits[0].code} before line {edits[0].line}"
    elif changed is sizes:
        remedy = "carry numbers from step to step, not nodes: h = Value(h.data)"
    yield Finding("fixed-graph", "error", sentence, changed, remedy, None, where, edits)


def _is_stale(course: Course, before: Pass, each: Pass) -> bool:
    """Return whether a pass has results that were computed before the last update of their parameters."""
    return bool(each.old_leaves) and any(
        before.time < change.time < each.time and change.leaf in each.old_leaves and change.is_update
        for change in course.changes
    )


def _again(made: Source | None, before: Source | None) -> tuple[Edit, ...]:
    """Return the edit that computes something again before a line."""
    if made and before and made.file == before.file and made.function == before.function and "=" in made.text:
        return (Edit("before", before.line, made.text),)
    return ()


def _rebound(course: Course, each: Pass, sizes: str) -> Finding:
    source = next((node.source for node in each.old), None) if each.old else None
    source = source or next((other.old[0].source for other in course.passes if other.old), None)
    text = source.text if source else ""
    name = text.partition("=")[0].strip()
    sentence = (
        "the update makes a new node instead of changing the parameter's number, so the graph grows at each step."
    )
    remedy = "change the number: p.data -= learning_rate * p.grad"
    edits: tuple[Edit, ...] = ()
    right = text.partition("=")[2].strip()
    if source and right.startswith(f"{name} -"):
        code = f"{name}.data = {name}.data{right.removeprefix(name)}"
        remedy, edits = f"change the number: {code}", (Edit("instead", source.line, code),)
    return Finding("rebound-parameter", "error", sentence, sizes, remedy, None, source, edits)


def find_rebuilt_models(course: Course) -> Iterator[Finding]:
    """Find parameters that are made anew for each step."""
    sets = [{leaf for leaf in each.leaves if leaf in course.trained} for each in course.passes]
    models: list[list[Pass]] = []  # the passes of each model
    for last, now, each in zip([set(), *sets], sets, course.passes, strict=False):
        if not now & last or not models:
            models.append([])
        models[-1].append(each)
    if len(models) < 3 or not all(sets) or any(course.reached[leaf] > max(map(len, models)) for leaf in course.trained):
        return
    if max(map(len, models)) > 1 and not all(_is_one_epoch(course, passes) for passes in models):
        return
    leaf = next(iter(sets[1]))
    sentence = "the parameters are made anew again and again, so what was learned is thrown away."
    evidence = f"in {counted(len(sets), 'step')}, {len(models)} models were trained, one after another, "
    evidence += f"with {len(course.trained)} parameters in all"
    losses = ", ".join(format_number(x, 3) for x in course.losses[:4])
    remedy = "make the model and its optimiser once, before the loop"
    source = leaf.source
    yield Finding("rebuilt-model", "error", sentence, f"{evidence}; the losses: {losses}", remedy, leaf, source)


def _is_one_epoch(course: Course, passes: list[Pass]) -> bool:
    """Return whether no sample comes twice in some passes."""
    samples = [(t.inputs, t.target) for each in passes if each.order for t in course.terms(each) if t.kind != "penalty"]
    return bool(samples) and len(set(samples)) == len(samples)

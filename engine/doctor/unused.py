"""Rules on samples that never get into the loss, and on predictions that do not use their inputs."""

import ast
from collections.abc import Iterator

from ..recording.source import Source
from ..support.text import counted, format_number
from .course import Course
from .data import Inputs, row_of
from .finding import Finding
from .samples import Term, shapes_of
from .statements import (
    is_call_of,
    is_overwritten,
    loops_around,
    unconditional_exit,
    unused_arguments,
    unused_targets,
)  # fmt: skip
from .watch import Pass


def find_unused_samples(course: Course) -> Iterator[Finding]:
    """Find loops over samples only one of which gets into the loss."""
    for each in course.kept[-1:]:
        made, used = each.source, course.innermost(each.places)
        if made and used:
            yield from _overwritten(course, each, made, used)
            yield from _first_turn_alone(course, [made, used])


def _overwritten(course: Course, each: Pass, made: Source, used: Source) -> Iterator[Finding]:
    count = each.strays[made]
    samples = {tuple(term.inputs for term in course.compared(other)) for other in course.kept}
    is_one = len(samples) == len(course.compared(each)) == 1 and all(other.strays[made] for other in course.kept)
    if not count or not (is_one or is_overwritten(made, used)):
        return
    sentence = "only one of the losses that this line computes is differentiated; the other samples never count."
    if is_overwritten(made, used):
        sentence = "each sample's loss overwrites the one before, so that only the last sample counts."
    evidence = f"of {count + 1} losses that this line computed before backward(), 1 is in the graph"
    remedy = f"add the losses up: loss = loss + ..., starting from 0, and divide the sum by {count + 1}"
    yield Finding("unused-samples", "error", sentence, evidence, remedy, None, made)


def _first_turn_alone(course: Course, sources: list[Source]) -> Iterator[Finding]:
    for source in sources:
        if len(course.passes) < 2 or not (found := unconditional_exit(source)):
            continue
        loop, end = found
        word = "break" if isinstance(end, ast.Break) else "return"
        sentence = f"{word} ends the loop in its first turn, so that only the first sample counts."
        seen = {term.inputs for each in course.kept for term in course.terms(each)}
        evidence = f"in {course.count_of_passes}, {counted(len(seen), 'sample')} got into the loss; the loop: "
        evidence += f"for {ast.unparse(loop.target)} in {ast.unparse(loop.iter)}"
        remedy = "take break away" if word == "break" else "move return out of the loop: indent it as far as for"
        where = Source(source.file, end.lineno, ast.unparse(end), source.function)
        yield Finding("unused-samples", "error", sentence, evidence, remedy, None, where)
        return


def find_unused_inputs(course: Course) -> Iterator[Finding]:
    """Find predictions that are the same for all samples, and batches that are always the same."""
    for each in course.kept[-1:]:
        used = course.innermost(each.places)
        sources = list(dict.fromkeys(node.source for node in each.order or () if node.source and node.inputs))
        unused = [(s, name) for s in [*sources, *([used] if used else [])] for name in unused_targets(s)]
        unused = [(s, name) for s, name in unused if not isinstance(course.variables.get(name), str)]
        terms = course.compared(each)
        if not terms:
            return
        if _are_alike(course, each, terms):
            yield from _unused_input(course, terms, sources, unused)
        elif _is_same_batch(course) and (seeds := _seeds(course, used)):
            sentence = "the random numbers begin anew in each turn of the loop, so each batch is the same."
            evidence = f"{course.count_of_passes} had the same {counted(len(terms), 'sample')}"
            remedy = "set the seed once, before the loop"
            yield Finding("unused-samples", "error", sentence, evidence, remedy, None, seeds[0])
        elif (unused := unused or _fixed_slices(course, used)) and _is_same_batch(course):
            source, name = unused[0]
            sentence = f"the loop does not use its variable {name}, so each batch is the same."
            evidence = f"{course.count_of_passes} had the same {counted(len(terms), 'sample')}"
            yield Finding("unused-samples", "error", sentence, evidence, f"choose the batch by {name}", None, source)


def _are_alike(course: Course, each: Pass, terms: list[Term]) -> bool:
    """Return whether all predictions for different targets are computed alike from the same numbers."""
    if len(terms) == 1:  # one sample a step
        others = [course.compared(other) for other in course.kept]
        is_same = len({tuple(term.inputs for term in other) for other in others}) == 1
        return is_same and bool(terms[0].inputs) and len({term.target for other in others for term in other}) > 2
    shapes = shapes_of(each.order or ())
    outputs = [term.output for term in terms if term.output is not None and term.output.inputs]
    is_same = len(outputs) == len(terms) and len({shapes[output] for output in outputs}) == 1
    return is_same and len({term.target for term in terms}) > 1


def _unused_input(
    course: Course, terms: list[Term], sources: list[Source], unused: list[tuple[Source, str]]
) -> Iterator[Finding]:
    arguments = [(source, name) for source in sources for name in unused_arguments(source)]
    numbers = ", ".join(format_number(x, 4) for x in terms[0].inputs[:6])
    targets = {term.target for each in course.kept for term in course.compared(each)}
    evidence = (
        f"predictions for {len(targets)} different targets are computed from the same numbers: {numbers or 'none'}"
    )
    if unused:
        source, name = unused[0]
        sentence = f"the loop does not use its variable {name}, so all predictions are the same."
        yield Finding("unused-samples", "error", sentence, evidence, f"use {name} in this line", None, source)
    elif arguments:
        source, name = arguments[0]
        sentence = f"the function does not use its argument {name}, so its result is the same for all samples."
        yield Finding("input-unused", "error", sentence, evidence, f"compute the result from {name}", None, source)
    elif numbers:
        sentence = "the prediction does not depend on the input: it is the same for all samples."
        yield Finding("input-unused", "error", sentence, evidence, "compute it from the input", terms[0].output)


def _seeds(course: Course, used: Source | None) -> list[Source]:
    """Return the statements in the loops around a line that set a seed, if a list has more samples than the batch."""
    seeds = [
        Source(used.file, node.lineno, ast.unparse(node))
        for loop in (loops_around(used) if used else []) for statement in loop.body for node in ast.walk(statement)
        if used and (is_call_of(node, "seed") or is_call_of(node, "manual_seed"))
    ]  # fmt: skip
    batch = {term.inputs for term in course.compared(course.kept[-1])}
    rows = ({*map(row_of, thing)} for _, thing in course.lists)
    is_chosen = any(len(known) > len(batch) and all(known & _beginnings(x) for x in batch) for known in rows)
    return seeds if is_chosen else []


def _beginnings(inputs: Inputs) -> set[Inputs]:
    return {inputs[:width] for width in range(1, len(inputs) + 1)}


def _is_same_batch(course: Course) -> bool:
    batches = {tuple((term.inputs, term.target) for term in course.compared(each)) for each in course.kept}
    return len(batches) == 1 and len(course.kept) > 2


def _fixed_slices(course: Course, used: Source | None) -> list[tuple[Source, str]]:
    """Return the variable of an inner loop that cuts its batches from a list without it."""
    for loop in loops_around(used)[1:] if used else []:
        names = {each.id for each in ast.walk(loop.target) if isinstance(each, ast.Name)}
        nodes = [node for statement in loop.body for node in ast.walk(statement)]
        if any(isinstance(node, ast.Name) and node.id in names for node in nodes):
            continue
        for node in nodes:
            if not used or not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Slice):
                continue
            if isinstance(course.variables.get(ast.unparse(node.value)), list | tuple):
                return [(Source(used.file, node.lineno, ast.unparse(node)), min(names))]
    return []

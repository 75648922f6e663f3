"""Rules on parameters: which of them the loss depends on, which are updated, and which are one by accident."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from types import FunctionType
from typing import Any

from ..graph import topological_order
from ..recording.source import Source, source_at
from ..support.text import counted, format_number, listed
from ..value import Value
from .course import INTENDED, Course, belongings_of
from .finding import Finding
from .samples import shapes_of
from .statements import assigned_names
from .watch import Pass

# How programs call what they train, and what they do not.
WEIGHTS = (
    r"(w|b|v|u|m|k|c|a|theta|beta|weights?|bias(es)?|slope|offset|intercept|coef\w*|param\w*|enc\w*|dec\w*|emb\w*)"
)
DATA = r"(x|y|t|xs|ys|inputs?|targets?|labels?|data|image|pixel|noise|z|lr|lam\w*|eps|scale|temp\w*|gamma|alpha|rate)"
LOADED = "load|copy|state|pretrain"
MANY_DIGITS = 9  # of a number that was drawn at random


def find_shared(course: Course) -> Iterator[Finding]:
    """Find parameters that are one and the same by accident, as in ``[row] * 3``."""
    alike = _alike_units(course)
    for path, thing in course.belongings:
        if not isinstance(thing, list | tuple) or len(thing) < 2:
            continue
        first = thing[0]
        times = sum(item is first for item in thing)
        if times < 2 or times < len(thing):
            continue
        leaves = [x for x in _leaves_below(course, f"{path}[0]", first) if x in course.reached]
        is_trained = any(leaf in course.trained or leaf in course.parameters for leaf in leaves)
        is_row = isinstance(first, list) and all(isinstance(item, Value) for item in first)
        if is_trained and (isinstance(first, Value) or is_row or alike):
            kind = "parameter" if isinstance(first, Value) else "list" if isinstance(first, list) else "unit"
            sentence = f"{path} holds one and the same {kind} {times} times, so its {times} places can never differ."
            evidence = (
                f"{path}[0] is {path}[1] is True; {counted(len(leaves), 'parameter')} instead of {times * len(leaves)}"
            )
            remedy = f"make a new one for each place, as in {path} = [... for _ in range({times})]"
            yield Finding("shared-parameter", "error", sentence, evidence, remedy, leaves[0], leaves[0].source)
            return
    for made, kept, source in _kept_defaults(course):
        leaves = [x for x in kept if isinstance(x, Value)]
        sentence = f"{made} keeps one and the same list for all that it makes: its default value, which is made once."
        evidence = f"the default list has {counted(len(leaves), 'parameter')} by now: {course.listed(leaves)}"
        remedy = "let the default be None, and make a new list in the function: if weights is None: weights = []"
        yield Finding("shared-parameter", "error", sentence, evidence, remedy, leaves[0], source)
        return
    if alike:
        units, leaves = alike
        sentence = (
            f"{counted(units, 'unit')} of a layer are computed from the same parameters, so they can never differ."
        )
        evidence = f"all of them use {course.listed(leaves)}"
        remedy = "give each unit parameters of its own: make them in __init__, or anew for each unit"
        yield Finding("shared-parameter", "error", sentence, evidence, remedy, leaves[0], leaves[0].source)


def _kept_defaults(course: Course) -> Iterator[tuple[str, list[Any], Source]]:
    """Yield lists of parameters that are default arguments of the program's functions, with these functions."""
    classes = {type(thing) for _, thing in course.belongings if hasattr(thing, "__dict__")}
    functions = [f for kind in classes for f in vars(kind).values() if isinstance(f, FunctionType)]
    for function in [*functions, *(f for f in course.variables.values() if isinstance(f, FunctionType))]:
        for default in [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]:
            if isinstance(default, list) and any(x in course.reached for x in default if isinstance(x, Value)):
                code = function.__code__
                yield function.__qualname__, default, source_at(code, code.co_firstlineno)


def _leaves_below(course: Course, path: str, thing: object) -> list[Value]:
    if isinstance(thing, Value):
        return [thing]
    return [x for _, x in belongings_of({path: thing}) if isinstance(x, Value) and x.is_leaf]


def _alike_units(course: Course) -> tuple[int, list[Value]] | None:
    """Return how many terms of a weighted sum are computed alike from the same parameters, and these."""
    for each in course.kept[:1]:
        assert each.order
        shapes = shapes_of(each.order)
        inside = {x for node in each.order if node.op.name == "add" for x in node.inputs if x.op.name == "add"}
        for top in each.order:
            if top.op.name == "add" and top not in inside and (found := _alike_terms(course, top, shapes)):
                return found
    return None


def _alike_terms(course: Course, top: Value, shapes: dict[Value, int]) -> tuple[int, list[Value]] | None:
    groups: dict[int, list[tuple[Value, Value]]] = defaultdict(list)
    waiting = [top]
    while waiting:
        node = waiting.pop()
        if node.op.name == "add":
            waiting += node.inputs
        elif node.op.name == "mul" and node.inputs:
            for weight, unit in (node.inputs, node.inputs[::-1]):
                if weight.is_leaf and not course.is_plain(weight) and unit.inputs:
                    groups[shapes[unit]].append((weight, unit))
    for group in groups.values():
        weights, units = {weight for weight, _ in group}, {unit for _, unit in group}
        leaves = [x for x in topological_order(group[0][1]) if x in course.trained]
        if len(weights) > 1 and len(units) > 1 and leaves:
            return len(units), leaves
    return None


def find_listed_twice(course: Course) -> Iterator[Finding]:
    """Find parameters that an update changes twice, and others once, because a list has them twice."""
    twice: list[Value] = []
    for step in course.steps:
        counts = Counter((change.leaf, change.places) for change in step.changes)
        double = [leaf for (leaf, _), count in counts.items() if count == 2]
        if not double or len(double) == len(counts):
            return
        twice = double
    if len(course.steps) < 2:
        return
    lists = [path for path, thing in course.belongings if isinstance(thing, list) and _has_twice(thing, twice[0])]
    path = lists[0] if lists else "the list of parameters"
    change = next(change for change in course.steps[0].changes if change.leaf is twice[0])
    them = "it" if len(twice) == 1 else "them"
    sentence = f"{path} has {course.listed(twice)} twice, so each update moves {them} twice."
    first, second = (c for c in course.steps[0].changes if c.leaf is twice[0])
    evidence = f"at the first step, {course.name(twice[0])} goes from {format_number(first.old)} to "
    evidence += f"{format_number(first.new)}, and at once to {format_number(second.new)}"
    remedy = "list each parameter once: list(dict.fromkeys(parameters)) leaves out what comes again"
    source = course.innermost(change.places)
    yield Finding("parameters-twice", "error", sentence, evidence, remedy, twice[0], source)


def _has_twice(things: list[Any], leaf: Value) -> bool:
    return sum(thing is leaf for thing in things) > 1


def find_unreached(course: Course) -> Iterator[Finding]:
    """Find parameters that the loss does not depend on because the graph is cut."""
    if not course.passes:
        return
    wanted = list({**course.tried, **course.watch.missing}) or [
        p for _, parameters in course.models for p in parameters
    ]
    lost = [leaf for leaf in wanted if leaf not in course.reached]
    whole = len(lost) == len(wanted)
    if not lost or (whole and any(is_like_a_parameter(course, leaf) for leaf in course.reached)):
        return
    last = course.passes[-1]
    node, evidence = _cut(course, last, set(lost))
    if node is None and not whole:
        part = next(
            (p for p, parameters in course.models[::-1] if len(parameters) > 1 and set(parameters) <= set(lost)), ""
        )
        if not part:
            yield from _forgotten(course, lost)
            return
        sentence = f"{part} is never used: the loss does not depend on any of its parameters."
        evidence = f"in {course.count_of_passes}, none of {course.listed(lost)} "
        evidence += "was in the graph, although they are updated"
        yield Finding(
            "unreached-parameter", "error", sentence, evidence, f"use {part} in the forward pass", lost[0], last.source
        )
        return
    if node is None:
        evidence = f"the loss depends on {course.listed(last.leaves) or 'plain numbers'} only"
        evidence += f"; after {course.count_of_passes} it is "
        evidence += f"{format_number(last.loss)}, at first {format_number(course.losses[0])}"
    source = node.source if node is not None else last.source
    them = "it" if len(lost) == 1 else "them"
    sentence = f"the loss does not depend on {course.listed(lost)}: the graph is cut, and no gradient can reach {them}."
    remedy = (
        "compute the loss from the parameters by operations on Values alone; float(v), v.data, round(), a comparison, "
        "the place of the largest score and no_grad() give plain numbers"
    )
    yield Finding("unreached-parameter", "error", sentence, evidence, remedy, node, source)


def _forgotten(course: Course, lost: Sequence[Value]) -> Iterator[Finding]:
    """Find parameters of one name in all units, such as their biases, that no unit uses."""
    if any(is_like_a_parameter(course, leaf) for leaf in course.reached if leaf not in course.tried):  # used instead
        return
    assigned = {name for file in course.files for name in assigned_names(file)}  # not by loops, as p is
    names = {thing: name for name, thing in course.variables.items() if isinstance(thing, Value) and name in assigned}
    for _, thing in course.belongings:
        if not isinstance(thing, Value) and hasattr(thing, "__dict__"):
            names |= {x: name for name, x in vars(thing).items() if isinstance(x, Value)}
    for name in dict.fromkeys(names[leaf] for leaf in lost if leaf in names):
        leaves = [leaf for leaf in names if names[leaf] == name]
        if not set(leaves) <= set(lost):
            continue
        sentence = f"the loss does not depend on {course.listed(leaves)}: nothing is computed from {name}."
        evidence = f"in {course.count_of_passes}, none of {counted(len(leaves), 'parameter')} named {name} "
        evidence += "was in the graph"
        last = course.passes[-1]
        is_fresh = [not x.is_constant and course.reached[x] == 1 and bool(last.gradient(x)) for x in last.leaves]
        remedy = f"use {name} in the forward pass" + (", which makes a new Value each time" if any(is_fresh) else "")
        source = last.source
        yield Finding("unreached-parameter", "error", sentence, evidence, remedy, leaves[0], source)
        return


def _cut(course: Course, each: Pass, lost: set[Value]) -> tuple[Value | None, str]:
    """Return the node at which the graph is cut from lost parameters, if it is found, and the evidence."""
    for node in each.order or ():
        if node.is_result and not node.inputs:
            what = f"{node.op.written()} = {format_number(node.data)}"
            return node, f"{what} was computed inside no_grad(), so its operands were not recorded"
    for copy, origin in each.copies.items():
        if lost.intersection(topological_order(origin)):
            return copy, (
                f"the loss was computed from the plain number {format_number(copy.data)}; a result of this number was "
                f"computed from {course.name(next(x for x in topological_order(origin) if x in lost))}, but is left out"
            )
    return None, ""


def find_other_parameters(course: Course) -> Iterator[Finding]:
    """Find updates of parameters that are not those of the loss."""
    if course.trained or not course.tried or not course.passes:
        return
    ours = [leaf for leaf in course.reached if is_like_a_parameter(course, leaf)]
    if not ours:
        return
    change = course.steps[0].changes[0]
    source = course.statement(change.places)
    sentence = "the parameters that are updated are not those that the loss depends on: they belong to another model."
    evidence = (
        f"{counted(len(course.tried), 'parameter')} are updated, and the loss depends on none of them; it depends on "
    )
    evidence += f"{len(ours)} others"
    model = next((path for path, parameters in course.models if set(ours) & set(parameters)), "")
    remedy = "make the optimiser with the parameters of the model that is trained, after the model is made"
    if model:
        remedy += f": {model}.parameters()"
    yield Finding("other-parameters", "error", sentence, evidence, remedy, ours[0], source)


def find_not_updated(course: Course) -> Iterator[Finding]:
    """Find parameters that get gradients, but are never updated, while others are."""
    if not course.trained or len(course.passes) < 2:
        return
    forgotten = [leaf for leaf in course.reached if leaf not in course.tried and is_like_a_parameter(course, leaf)]
    if not forgotten or course.says(INTENDED):
        return
    leaf = forgotten[0]
    last = next(each for each in reversed(course.passes) if leaf in each.leaves)
    parts = _parts_of(course, forgotten)
    what = f"the parameters of {listed(parts)}" if parts else course.listed(forgotten)
    sentence = f"{what} {'is' if len(forgotten) == 1 else 'are'} never updated, unlike others."
    evidence = (
        f"{len(forgotten)} of {counted(len(forgotten) + len(course.trained), 'parameter')} keep their numbers; the "
    )
    evidence += f"last gradient of {course.name(leaf)} is {format_number(last.gradient(leaf), 3)}"
    remedy = "update all parameters"
    if parts:
        remedy += f": give the optimiser {' + '.join(f'{part}.parameters()' for part in parts)}, too"
    source = course.statement(course.steps[0].changes[0].places)
    yield Finding("not-updated", "error", sentence, evidence, remedy, leaf, source)


def _parts_of(course: Course, leaves: list[Value]) -> list[str]:
    """Return the largest models that consist of some leaves, if they are all."""
    rest, found = set(leaves), list[str]()
    for path, parameters in course.models:
        if parameters and rest.issuperset(parameters):
            rest.difference_update(parameters)
            found.append(path)
    return [] if rest else found


def is_like_a_parameter(course: Course, leaf: Value) -> bool:
    """Return whether a leaf that is not updated is meant to be, as far as that can be seen."""
    if course.reached[leaf] < 2 or any(c.leaf is leaf and _is_loaded(course, c) for c in course.changes):
        return False
    if leaf in course.members:
        return not course.is_input_trained
    if course.uses[leaf] & {"input", "target"}:
        return False
    name = course.names.given(leaf)
    own = re.sub(r"[\d_\[\]'\"]+$", "", name.rpartition(".")[2].partition("[")[0]).lower()
    if re.fullmatch(DATA, own):
        return False
    return bool(re.fullmatch(WEIGHTS, own)) or len(f"{abs(leaf.data)!r}".replace(".", "")) > MANY_DIGITS


def _is_loaded(course: Course, change: object) -> bool:
    source = course.statement(change.places)  # type: ignore[attr-defined]
    after = change.time > course.passes[0].time  # type: ignore[attr-defined]
    return after or bool(source and re.search(LOADED, source.text, re.IGNORECASE))


def find_rebuilt_optimisers(course: Course) -> Iterator[Finding]:
    """Find optimisers with a memory that are made anew for each step."""
    actors = [step.changes[0].actor for step in course.steps]
    if len(actors) < 3 or None in actors or len(set(map(id, actors))) < 0.8 * len(actors):
        return
    if all(course.reached[leaf] < 2 for leaf in course.trained) or not _has_memory(actors[0]):
        return
    kind = type(actors[0]).__name__
    sentence = f"a new {kind} is made for each step, so it never remembers the steps before."
    evidence = f"in {counted(len(actors), 'step')}, {len(set(map(id, actors)))} different optimisers took one step each"
    source = course.statement(course.steps[0].changes[0].places)
    yield Finding(
        "rebuilt-optimiser", "warning", sentence, evidence, "make the optimiser once, before the loop", None, source
    )


def _has_memory(optimiser: object) -> bool:
    """Return whether an object remembers numbers from step to step."""
    for thing in vars(optimiser).values():
        items = list(thing.values() if isinstance(thing, dict) else thing) if isinstance(thing, list | dict) else []
        if any(isinstance(item, float) or (isinstance(item, dict) and item) for item in items):
            return True
    return False

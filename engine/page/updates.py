"""The updates of a walk on a page: their scenes, and the optimiser's rule as JavaScript, to update anew.

The rule is read with symbols, once for each set of numbers that it remembers of a parameter: before the first step
these are often none.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..drawing.picture import Picture
from ..errors import UsageError
from ..name import Names
from ..notation.formulas import Symbol
from ..program.javascript.functions import Lazy, Writer
from ..steps.update import Formulas, Update
from ..support.text import counted, format_range, isolated
from ..value import Value

MOST_STATES = 3  # sets of remembered numbers that the rule is read with


def plain(x: float) -> float | str:
    """Return a number for JSON, which has no sign for those that are not finite."""
    return x if math.isfinite(x) else str(x)


def _plain_all(numbers: Mapping[str, float]) -> dict[str, float | str]:
    return {name: plain(x) for name, x in numbers.items()}


def update_scenes(
    picture: Picture, called: Sequence[str], places: dict[Value, int], steps: Sequence[Update], names: Names
) -> Iterator[dict[str, Any]]:
    """Yield a scene for each box with Values that are updated.

    Args:
        picture, called: the picture, and what its boxes are called.
        places: the place of each node in the walk's order.
        steps: the updates.
        names: the names of the nodes.
    """
    box_of = {node: place for place, box in enumerate(picture.boxes) for node in box.members}
    updates = defaultdict[int, list[Update]](list)
    for step in steps:
        updates[box_of[step.node]].append(step)
    for place, found in updates.items():
        step = found[0]
        scene = {
            "kind": "update",
            "box": place,
            "through": place,
            "arrows": [],
            "shapes": [],
            "at": max(each.index for each in found) + 1,
            "updated": [places[each.node] for each in found],
        }
        if picture.boxes[place].is_several:
            line = f"{called[place]}: {counted(len(found), 'update')} inside"
            yield {**scene, "line": line, "steps": len(found), "after": format_range([each.after for each in found])}
            continue
        numbers = {"before": plain(step.before), "gradient": plain(step.gradient), "after": plain(step.after)}
        yield {**scene, "line": _statement(step, isolated(names[step.node])), **numbers}


def _statement(step: Update, name: str) -> str:
    try:
        return f"{name} = {step.rule.statement(name, f'{name}.grad')}" if step.rule else f"update {name}"
    except UsageError:  # the name is one of those that the optimiser uses
        return f"update {name}"


def rule_of(steps: Sequence[Update], places: dict[Value, int], name: str, writer: Writer) -> tuple[dict[str, Any], str]:
    """Return an optimiser's rule and what it remembers as data, and the rule as JavaScript.

    Args:
        steps: its updates.
        places: the place of each node in the walk's order.
        name: of the optimiser.
        writer: writes the rule, and collects the functions that it calls.
    """
    rule = steps[0].rule
    data = {
        "name": name,
        "states": {places[step.node]: _plain_all(step.state) for step in steps},
        "after": {places[step.node]: _plain_all(step.state_after) for step in steps},
        "formulas": rule.assignments if rule else [],
        "settings": _plain_all(rule.settings) if rule else {},
    }
    rules = dict[str, str]()
    for step in steps:
        if step.rule:
            _read(step.rule, tuple(sorted(step.state)), writer, rules)
    code = ",\n".join(f"{_text(key)}: {function}" for key, function in rules.items())
    return data, f"const optimiserRules = {{ {code} }};"


def _read(rule: Formulas, state: tuple[str, ...], writer: Writer, found: dict[str, str]) -> None:
    """Add a rule as a function of a parameter, its gradient and what is remembered, and those for what comes later."""
    key = ",".join(state)
    if key in found or len(found) == MOST_STATES:
        return
    letters = {name: f"x{place}" for place, name in enumerate(state)}
    write = Lazy(writer, {"p": "p", "g": "g", **letters})
    try:
        after, kept = rule.applied(Symbol("p"), Symbol("g"), {name: Symbol(name) for name in state})
        fields = ", ".join(f"{_text(name)}: {_number(x, write, writer)}" for name, x in kept.items())
        result = f"[{_number(after, write, writer)}, {{ {fields} }}]"
    except Exception:  # a rule of your own may do anything with what it remembers
        return
    found[key] = f"(p, g, [{', '.join(letters.values())}]) => {result}"
    _read(rule, tuple(sorted(map(str, kept))), writer, found)


def _number(x: Any, write: Lazy, writer: Writer) -> str:
    return write(x) if isinstance(x, Symbol) else writer.number(float(x))


def _text(name: str) -> str:
    """Return a text as JavaScript that ends no script."""
    return '"' + "".join(f"\\u{{{ord(sign):x}}}" if not sign.isalnum() else sign for sign in name) + '"'

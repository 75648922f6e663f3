"""A whole training step as one Python function: forward, backward, update."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .plan import ABSENT
from .python.expressions import Writer
from .python.source import INDENT, Line, Unrolled, definitions

if TYPE_CHECKING:
    from .program import Program
    from .training import Rule


def step_source(program: Program, rule: Rule) -> list[str]:
    """Return the source of a function ``step`` of inputs, parameters, states and rate.

    It returns the loss, the next parameters and the next states: first those that are common to all parameters,
    then those of each parameter.
    """
    writer = Writer()
    lines = Unrolled(program.plan, program.identifiers, writer)
    update = _Update(rule, writer, _parameter_names(program), lines.gradients())
    states = [*update.common, *(name for own in update.own for name in own)]
    body = [
        'def step(inputs, parameters, _states, _rate):',
        f'{INDENT}"""Return the loss, and the parameters and states after one step."""',
        *_unpacked(lines.homes(), update.parameters),
        *([f"{INDENT}({', '.join(states)},) = _states"] if states else []),
        *_written("forward", lines.forward()),
        *_written("backward", lines.backward()),
        *_written("update", update.lines()),
        f"{INDENT}return {lines.names[program.plan.root]}, ({', '.join(update.parameters)},), ({_tuple(states)})",
    ]  # fmt: skip
    return [*definitions(writer), "\n".join(body)]


def _parameter_names(program: Program) -> list[str]:
    """Return what the parameters are called, also those that the loss does not depend on."""
    numbers = enumerate(program.plan.parameters)
    return [f"_unused_{place}" if number == ABSENT else program.identifiers[number] for place, number in numbers]


def _tuple(names: Sequence[str]) -> str:
    return "".join(f"{name}, " for name in names)


def _unpacked(homes: dict[str, str], parameters: Sequence[str]) -> Iterator[str]:
    yield f"{INDENT}({_tuple(parameters)}) = parameters"
    for name, home in homes.items():
        if home.startswith("inputs"):
            yield f"{INDENT}{name} = {home}"


def _written(heading: str, lines: Iterator[Line]) -> Iterator[str]:
    yield f"\n{INDENT}# {heading}"
    yield from (f"{INDENT}{line.text}" for line in lines)


def update_source(rule: Rule) -> list[str]:
    """Return the source of a function ``update`` of columns, common states and rate, for any count of parameters.

    The columns are the parameters, the gradients and the own states; it returns the next columns, without
    gradients, and the next common states.
    """
    writer = Writer()
    common, own = [f"_common_{name}" for name in rule.common], [f"_own_{name}" for name in rule.own]
    lines = Unrolled(rule.plan, _names(rule, "p", "g", own, common), writer)
    roots = [lines.names[root] for root in rule.plan.roots]
    forward = list(lines.forward())
    each = [line for line in forward if line.target.startswith("_each_")]
    following = [f"next_{column}" for column in range(1 + len(own))]
    body = [
        "def update(columns, _states, _rate):",
        f'{INDENT}"""Return the columns and states after one step."""',
        *([f"{INDENT}({_tuple(common)}) = _states"] if common else []),
        *(f"{INDENT}{line.text}" for line in forward if line not in each),
        *(f"{INDENT}{name} = []" for name in following),
        f"{INDENT}for {', '.join(['p', 'g', *own])} in zip(*columns):",
        *(f"{INDENT * 2}{line.text}" for line in each),
        *(f"{INDENT * 2}{name}.append({root})" for name, root in zip(following, roots[len(common) :], strict=True)),
        f"{INDENT}return ({_tuple(following)}), ({_tuple(roots[: len(common)])})",
    ]
    return [*definitions(writer), "\n".join(body)]


def _names(rule: Rule, parameter: str, gradient: str, own: Sequence[str], common: Sequence[str]) -> list[str]:
    """Return what the nodes of a rule are called: ``_each_...`` for what differs from parameter to parameter."""
    plan, differs = rule.plan, rule.plan.differing()
    names = [f"_each_{number}" if differs[number] else f"_all_{number}" for number in range(len(plan.order))]
    given = dict(zip(plan.inputs, [parameter, gradient, *own], strict=True))
    given.update(zip(plan.parameters, ["_rate", *common], strict=True))
    for number, name in given.items():
        if number != ABSENT:
            names[number] = name
    return names


class _Update:
    """Write an optimiser's rule for every parameter."""

    def __init__(self, rule: Rule, writer: Writer, parameters: list[str], gradients: list[str]) -> None:
        self.rule, self.writer, self.parameters, self.gradients = rule, writer, parameters, gradients
        self.common = [f"_common_{name}" for name in rule.common]
        self.own = [[f"_{state}_of_{name}" for state in rule.own] for name in parameters]

    def lines(self) -> Iterator[Line]:
        """Yield the lines of the update."""
        plan = self.rule.plan
        roots: list[str] = []
        for place, (parameter, own) in enumerate(zip(self.parameters, self.own, strict=True)):
            names = _names(self.rule, parameter, self.gradients[place], own, self.common)
            lines = Unrolled(plan, names, self.writer)
            yield from (line for line in lines.forward() if place == 0 or not line.target.startswith("_all_"))
            roots = [lines.names[root] for root in plan.roots]
            yield from _moved([parameter, *own], roots[len(self.common) :])
        yield from _moved(self.common, roots[: len(self.common)])


def _moved(targets: Sequence[str], sources: Sequence[str]) -> Iterator[Line]:
    for target, source in zip(targets, sources, strict=True):
        yield Line(target, source, (source,))

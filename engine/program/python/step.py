"""A training step as Python: one function for forward pass, backward pass and update, or one for the update alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from ..backend import Update
from ..plan import ABSENT, Plan
from .expressions import Writer
from .source import INDENT, Line, Unrolled, definitions


def step_source(plan: Plan, identifiers: Sequence[str], update: Update) -> list[str]:
    """Return the source of a function of inputs, parameters, states and rate that takes a step.

    It returns the loss, the next parameters and the next states: shared ones, then the own ones of each parameter.
    """
    writer = Writer()
    lines = Unrolled(plan, identifiers, writer)
    parameters = [
        f"_unused_{place}" if number == ABSENT else identifiers[number] for place, number in enumerate(plan.parameters)
    ]
    shared = [f"_shared_{name}" for name in update.shared]
    own = [[f"_{state}_of_{name}" for state in update.own] for name in parameters]
    states = [*shared, *chain.from_iterable(own)]
    body = [
        'def step(inputs, parameters, _states, _rate):',
        f'{INDENT}"""Return the loss, and the parameters and states after one step."""',
        f"{INDENT}({_tuple(parameters)}) = parameters",
        *(f"{INDENT}{name} = {home}" for name, home in lines.homes().items() if home.startswith("inputs")),
        *([f"{INDENT}({_tuple(states)}) = _states"] if states else []),
        *_written("forward", lines.forward()),
        *_written("backward", lines.backward()),
        *_written("update", _update(update, writer, parameters, lines.gradients(), shared, own)),
        f"{INDENT}return {lines.names[plan.root]}, ({_tuple(parameters)}), ({_tuple(states)})",
    ]  # fmt: skip
    return [*definitions(writer), "\n".join(body)]


def update_source(update: Update) -> list[str]:
    """Return the source of a function of columns (parameters, gradients and own states), shared states and rate.

    It returns the next columns, without the gradients, and the next shared states.
    """
    writer = Writer()
    shared, own = [f"_shared_{name}" for name in update.shared], [f"_own_{name}" for name in update.own]
    lines = Unrolled(update.plan, _names(update.plan, ["p", "g", *own], shared), writer)
    roots = [lines.names[root] for root in update.plan.roots]
    forward = list(lines.forward())
    each = [line for line in forward if line.target.startswith("_each_")]
    following = [f"next_{column}" for column in range(1 + len(own))]
    body = [
        "def update(columns, _states, _rate):",
        f'{INDENT}"""Return the columns and states after one step."""',
        *([f"{INDENT}({_tuple(shared)}) = _states"] if shared else []),
        *(f"{INDENT}{line.text}" for line in forward if line not in each),
        *(f"{INDENT}{name} = []" for name in following),
        f"{INDENT}for {', '.join(['p', 'g', *own])} in zip(*columns):",
        *(f"{INDENT * 2}{line.text}" for line in each),
        *(f"{INDENT * 2}{name}.append({root})" for name, root in zip(following, roots[len(shared) :], strict=True)),
        f"{INDENT}return ({_tuple(following)}), ({_tuple(roots[: len(shared)])})",
    ]
    return [*definitions(writer), "\n".join(body)]


def _update(
    update: Update, writer: Writer, parameters: Sequence[str], gradients: Sequence[str], shared: Sequence[str],
    own: Sequence[Sequence[str]],
) -> Iterator[Line]:  # fmt: skip
    """Yield the lines that update every parameter."""
    plan, roots = update.plan, list[str]()
    for place, parameter in enumerate(parameters):
        lines = Unrolled(plan, _names(plan, [parameter, gradients[place], *own[place]], shared), writer)
        yield from (line for line in lines.forward() if place == 0 or not line.target.startswith("_all_"))
        roots = [lines.names[root] for root in plan.roots]
        yield _assigned([parameter, *own[place]], roots[len(shared) :])
    if shared:
        yield _assigned(shared, roots[: len(shared)])


def _names(plan: Plan, inputs: Sequence[str], shared: Sequence[str]) -> list[str]:
    """Return the names of an update's nodes: ``_each_...`` for those that differ from parameter to parameter."""
    differs = plan.dependent(plan.inputs)
    names = [f"_each_{number}" if differs[number] else f"_all_{number}" for number in range(len(plan.order))]
    given = zip((*plan.inputs, *plan.parameters), (*inputs, "_rate", *shared), strict=True)
    for number, name in given:
        if number != ABSENT:
            names[number] = name
    return names


def _assigned(targets: Sequence[str], sources: Sequence[str]) -> Line:
    """Return a line that sets all targets at once, since the sources may be among them."""
    return Line(", ".join(targets), ", ".join(sources), tuple(sources))


def _tuple(names: Sequence[str]) -> str:
    return "".join(f"{name}, " for name in names)


def _written(heading: str, lines: Iterator[Line]) -> Iterator[str]:
    yield f"\n{INDENT}# {heading}"
    yield from (f"{INDENT}{line.text}" for line in lines)

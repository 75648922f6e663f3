"""The walk as a program: a statement for each step, what a step does, and the lines around a place."""

from collections.abc import Iterator

from ..backprop import Backward
from ..notation.formulas import (
    expression,
    local_derivative,
    partial,
    product,
    statement,
    total,
    with_numbers,
    write_expression,
)
from ..steps.update import Update
from ..steps.walk import Forward, Seed, Step
from ..support.text import counted, format_number
from ..value import Value
from .command import Line
from .session import Session
from .stop import changed_node

MAX_EXPRESSION = 500  # nodes of a graph that is written out as an expression
MAX_STATEMENT = 60  # characters of a statement before its result is moved to the right


def describe_graph(session: Session) -> list[str]:
    """Return the first lines on the screen: what is computed, in how many steps, and which commands to begin with."""
    steps, root, names = session.walk, session.walk.root, session.names.__getitem__
    formula = expression(steps.order, names) if len(steps.order) <= MAX_EXPRESSION else statement(root, names)
    seed, last = steps.seed_index, steps.update_index - 1
    backward = f"backward {seed + 1} to {last}" if last > seed else "no backward steps"
    if steps.update_index < session.end:
        first, last = steps.update_index, session.end - 1
        backward += f", update {first} to {last}" if first < last else f", update {last}"
    return [
        " = ".join(dict.fromkeys([names(root), formula, format_number(root.data)])),
        f"{counted(session.end, 'step')}: forward 0 to {seed - 1}, the seed {seed}, {backward}.",
        *session.notices,
        "Commands: next, back, continue, break NAME, why NAME, list, quit; type help for all commands.",
    ]


def write_equation(session: Session, node: Value) -> str:
    """Return a node and how it is computed, such as ``d = a * b``; of a leaf only its name."""
    names = session.names.__getitem__
    return f"{names(node)} = {statement(node, names)}" if node.inputs else names(node)


def write_step(session: Session, step: Step) -> str:
    """Return a step as a statement of a program."""
    names = session.names.__getitem__
    node = names(step.node)
    match step:
        case Forward() if session.names.is_number(step.node):
            return f"constant {node}"
        case Forward():
            return write_equation(session, step.node) if step.inputs else f"{node} = {format_number(step.data)}"
        case Seed():
            return f"{node}.grad {'=' if step.node.inputs else '+='} {format_number(step.seed)}"
        case Update():
            return f"{node} = {step.rule.statement(node, f'{node}.grad') if step.rule else format_number(step.after)}"
        case _:
            local = local_derivative(step.node, step.position, names)
            factor = write_local(session, step) if local is None else local
            return f"{write_grad(session, step.operand)} += {product(factor, f'{node}.grad')}"


def write_grad(session: Session, node: Value) -> str:
    """Return the name of a node's gradient, such as ``a.grad``."""
    name = session.names[node]
    return f"({name}).grad" if session.names.is_number(node) else f"{name}.grad"


def write_local(session: Session, step: Backward[Value]) -> str:
    """Return the sign of a step's local derivative, such as ``∂d/∂a``."""
    return partial(session.names[step.node], session.names[step.operand])


def describe_step(session: Session, step: Step) -> list[str]:
    """Return what a step does, with its numbers, as lines."""
    digits = len(str(session.end))
    first, *more = _describe(session, step)
    source = step.node.source
    made_at = f"   ({source.place})" if source and not isinstance(step, Seed) else ""
    return [f"{step.index:>{digits}}  {first}{made_at}", *(f"{'':>{digits}}  {line}" for line in more)]


def _describe(session: Session, step: Step) -> list[str]:
    if isinstance(step, Forward):
        said = write_step(session, step)
        return [f"{said} = {with_numbers(step.node)} = {format_number(step.data)}" if step.inputs else said]
    names = session.names.__getitem__
    root, touched = names(session.walk.root), changed_node(step)
    change = f"{write_grad(session, touched)} {_result(step)}"
    if isinstance(step, Seed):
        return [f"{total(root, root)} = {format_number(step.seed)}, the seed   ({change})"]
    if isinstance(step, Update):
        return [f"{write_step(session, step)}   ({names(step.node)} {_result(step)})", *step.lines]
    reached = session.walk.reached_in(touched)
    if len(reached) > 1:
        change += f", contribution {reached.index(step.index) + 1} of {len(reached)}"
    is_twice = step.node.inputs.count(touched) > 1
    which = f"with respect to operand {step.position + 1}, " if is_twice else ""
    sign, formula = write_local(session, step), local_derivative(step.node, step.position, names)
    local = [sign, "" if formula is None else write_expression(formula), format_number(step.local)]
    numbers = f"{product(format_number(step.local), format_number(step.upstream))} = {format_number(step.contribution)}"
    upstream, result = total(root, names(step.node)), total(root, names(touched))
    return [
        f"{write_equation(session, step.node)}, so {which}{' = '.join(dict.fromkeys(filter(None, local)))}",
        f"{result} += {sign} * {upstream} = {numbers}   ({change})",
    ]


def _result(step: Step) -> str:
    if isinstance(step, Forward):
        return format_number(step.data) if step.inputs else ""
    return f"{format_number(step.before)} -> {format_number(step.after)}"


def list_steps(session: Session, first: int, last: int) -> Iterator[Line]:
    """Yield the lines of some steps: results, marks of breakpoints, and ``->`` at what comes next."""
    digits = len(str(session.end))
    steps = session.walk[first:last]
    statements = [write_step(session, step) for step in steps]
    width = min(MAX_STATEMENT, max(map(len, statements), default=0))
    for step, said in zip(steps, statements, strict=True):
        stop = "B" if any(each.stands_at(session.walk, step) for each in session.breakpoints.values()) else " "
        mark = "->" if step.index == session.position else "  "
        result = _result(step) if step.index < session.position else ""
        style = "next" if step.index == session.position else "to come" * (step.index > session.position)
        yield Line(f"{step.index:>{digits}} {stop}{mark} {said:<{width}}   {result}".rstrip(), style)

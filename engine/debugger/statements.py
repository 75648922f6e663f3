"""The walk as a program: a statement for each step, what a step does, and the lines around a place."""

from __future__ import annotations

from collections.abc import Iterator

from ..notation.formulas import expression, local_derivative, product, statement, with_numbers
from ..notation.symbols import written
from ..step import Backward
from ..steps.walk import Forward, Seed, Step
from ..support.text import counted, short
from .session import Session

MOST_WRITTEN = 500  # nodes of a graph that is written out as an expression
WIDEST = 60  # characters of a statement before its result stands out of line


def opening(session: Session) -> list[str]:
    """Return the first screen: what is computed, and in how many steps."""
    steps, root = session.walk, session.walk.root
    is_small = len(steps.order) <= MOST_WRITTEN
    formula = expression(steps.order, session.called) if is_small else statement(root, session.called)
    seed, last = steps.seed_index, len(steps) - 1
    backward = f"backward {seed + 1} to {last}" if last > seed else "no step backward"
    return [
        " = ".join(dict.fromkeys([session.called(root), formula, short(root.data)])),
        f"{counted(len(steps), 'step')}: forward 0 to {seed - 1}, the seed {seed}, {backward}.",
        "Commands: next, back, continue, break NAME, why NAME, list, quit; help tells of all.",
    ]


def command(session: Session, step: Step) -> str:
    """Return a step as a statement of a program."""
    node = session.called(step.node)
    match step:
        case Forward() if session.is_plain(step.node):
            return f"constant {node}"
        case Forward():
            return f"{node} = {statement(step.node, session.called) or short(step.data)}"
        case Seed():
            return f"{node}.grad {'=' if step.node.inputs else '+='} {short(step.seed)}"
        case _:
            local = local_derivative(step.node, step.position, session.called)
            factor = derivative(session, step) if local is None else local
            return f"{session.grad_of(step.operand)} += {product(factor, f'{node}.grad')}"


def account(session: Session, step: Step) -> list[str]:
    """Return what a step does, with its numbers."""
    digits = len(str(len(session.walk)))
    first, *more = _account(session, step)
    made_at = f"   ({step.node.source.place})" if step.node.source and not isinstance(step, Seed) else ""
    return [f"{step.index:>{digits}}  {first}{made_at}", *(f"{'':>{digits}}  {line}" for line in more)]


def _account(session: Session, step: Step) -> list[str]:
    said, node = command(session, step), session.called(step.node)
    match step:
        case Forward(inputs=()):
            return [said]
        case Forward():
            return [f"{said} = {with_numbers(step.node)} = {short(step.data)}"]
        case Seed():
            return [f"d({node})/d({node}) = {short(step.seed)}, the seed   ({_grad(session, step)})"]
        case _:
            root, operand = session.called(session.walk.root), session.called(step.operand)
            by, local = derivative(session, step), local_derivative(step.node, step.position, session.called)
            formula = "" if local is None else written(local)
            equals = " = ".join(dict.fromkeys(filter(None, [by, formula, short(step.local)])))
            numbers = f"{product(short(step.local), short(step.upstream))} = {short(step.contribution)}"
            change = f"({_grad(session, step)}{_share(session, step)})"
            return [
                f"{node} = {statement(step.node, session.called)}, so {_which_operand(step)}{equals}",
                f"d({root})/d({operand}) += {by} * d({root})/d({node}) = {numbers}   {change}",
            ]


def derivative(session: Session, step: Backward) -> str:
    """Return the sign for a step's local derivative, such as ``d(d)/d(a)``."""
    return f"d({session.called(step.node)})/d({session.called(step.operand)})"


def _grad(session: Session, step: Seed | Backward) -> str:
    touched = step.operand if isinstance(step, Backward) else step.node
    return f"{session.grad_of(touched)} {short(step.before)} -> {short(step.after)}"


def _which_operand(step: Backward) -> str:
    """Return which operand a step is about, where a node has the same one twice."""
    return f"by operand {step.position + 1}, " if step.node.inputs.count(step.operand) > 1 else ""


def _share(session: Session, step: Backward) -> str:
    reached = session.walk.reached_in(step.operand)
    return f", contribution {reached.index(step.index) + 1} of {len(reached)}" if len(reached) > 1 else ""


def arrow(session: Session) -> str:
    """Return the line that says what comes next."""
    step = session.step
    if step is None:
        return f"-> the end: all {counted(session.end, 'step')} are taken"
    return f"-> {step.index}  {command(session, step)}"


def listing(session: Session, first: int, last: int) -> Iterator[tuple[Step, str]]:
    """Yield steps and their lines of the program, with results, marks of breakpoints and ``->`` at what comes next."""
    digits = len(str(len(session.walk)))
    steps = session.walk[first:last]
    commands = [command(session, step) for step in steps]
    width = min(WIDEST, max(map(len, commands), default=0))
    for step, said in zip(steps, commands, strict=True):
        stop = "B" if session.stands_at(step) else " "
        mark = "->" if step.index == session.position else "  "
        result = _result(step) if step.index < session.position else ""
        yield step, f"{step.index:>{digits}} {stop}{mark} {said:<{width}}   {result}".rstrip()


def _result(step: Step) -> str:
    if isinstance(step, Forward):
        return short(step.data) if step.inputs else ""
    return f"{short(step.before)} -> {short(step.after)}"

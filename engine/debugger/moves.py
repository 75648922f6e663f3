"""Commands that move through time: one step, to a breakpoint, to a position, and back to the original numbers."""

from collections.abc import Iterable, Iterator

from ..backprop import Backward
from ..support.text import change, counted, cut, format_number, format_table
from .command import MAX_ROWS, Line, command
from .session import UNITS, Session
from .statements import describe_step, write_step
from .stop import CommandError

MAX_DESCRIBED = 10  # steps that are described when several are taken at once
MAX_COUNT = 999_999_999


@command("next [COUNT | node | line]", "n", "s", "step")
def next_steps(session: Session, argument: str) -> Iterable[str]:
    """Take the next step, or several, and describe each.

    next         the next step
    next COUNT   so many steps
    next node    all steps of a node: it is made, or its gradient is passed on to all its inputs
    next line    all steps of a line of your program
    """
    return run_to(session, _target(session, argument, 1), MAX_DESCRIBED)


@command("back [COUNT | node | line]", "reverse-next", "reverse-step", "rn", "rs")
def back(session: Session, argument: str) -> Iterable[str]:
    """Undo the last step, or several, or all of a node or of a line of your program, as next takes them."""
    return run_to(session, _target(session, argument, -1))


@command("continue", "c")
def run_forward(session: Session, argument: str) -> Iterable[str]:
    """Run to the next breakpoint, watch or condition, or else to the end."""
    return run_to(session, session.end)


@command("reverse-continue", "rc")
def run_backward(session: Session, argument: str) -> Iterable[str]:
    """Run back to the previous breakpoint, or else to the beginning."""
    return run_to(session, 0)


@command("until", "u")
def until(session: Session, argument: str) -> Iterable[str]:
    """Run until a node is done, or to a step.

    until          until the node of the next step is done: made, or its gradient passed on to all its inputs
    until NAME     until this node is made, or else until its gradient is complete, or until it is updated
    until NUMBER   until this step comes next
    """
    walk, step = session.walk, session.moment.next
    if not argument:
        done = walk.left_in(step.node)[-1] + 1 if isinstance(step, Backward) else session.position + 1
        return run_to(session, min(done, session.end))
    if argument.isdecimal() and session.names.find(argument) is None:
        target = parse_position(session, argument)
    else:
        node = session.node(argument)
        ways = walk.made_in(node), walk.reached_in(node)[-1], walk.updated_in(node)
        target = next((way + 1 for way in ways if way is not None and way >= session.position), 0)
    if target <= session.position:
        raise CommandError(f"{argument} has passed already; goto, back and reverse-continue go back")
    return run_to(session, target)


@command("finish")
def finish(session: Session, argument: str) -> Iterable[str]:
    """Run to the end of this pass, forward or backward, or of the update."""
    ends = session.walk.seed_index, session.walk.update_index, session.end
    return run_to(session, next((end for end in ends if session.position < end), session.end))


@command("goto NUMBER | end", "g", repeats=False)
def goto(session: Session, argument: str) -> Iterable[str]:
    """Go to a step without stopping on the way."""
    session.position = session.end if argument == "end" else parse_position(session, argument)
    return describe_here(session)


@command("set NAME=NUMBER", repeats=False)
def set_number(session: Session, argument: str) -> Iterable[str]:
    """Give a leaf another number, and show what changes; the position and your program's graph stay."""
    name, equals, text = argument.rpartition("=")
    if not (equals and text.strip()):
        raise CommandError("expected NAME=NUMBER, as in: set a=2")
    before = session.set_leaf(session.node(name.strip()), text)
    rows = []
    old_end, new_end = before.at(session.end), session.walk.at(session.end)
    for old, new in zip(before.order, session.walk.order, strict=True):
        grads = old_end.grad(old), new_end.grad(new)
        if repr((old.data, grads[0])) != repr((new.data, grads[1])) and not session.names.is_number(new):
            data = change(format_number(old.data), format_number(new.data))
            rows.append((session.names[new], data, change(*map(format_number, grads))))
    heading, *lines = format_table([("", "data", "grad at the end"), *rows])
    yield from [heading, *cut(lines, MAX_ROWS)] if rows else ["nothing changes"]
    yield from describe_here(session)


@command("restart", "r", repeats=False)
def restart(session: Session, argument: str) -> Iterable[str]:
    """Go back to the beginning and to the original numbers; breakpoints stay."""
    session.walk, session.changed, session.position = session.original, {}, 0
    return describe_here(session)


def run_to(session: Session, target: int, most: int = 1) -> Iterator[str]:
    """Run to a position or to the first stop on the way; describe the last steps that are taken, and the position."""
    since = session.position
    if target == since:
        here = "the end; back goes back" if target else "the beginning; next takes the first step"
        raise CommandError(f"this is {here}")
    stopped = session.run(target)
    taken = session.walk[since : session.position]  # none on the way back
    if len(taken) > most > 1:
        yield f"... {len(taken) - most:,} steps ..."
    for step in taken[-most:]:
        first, *more = describe_step(session, step)
        yield Line(first, step.kind)
        yield from more
    for each in stopped:
        yield Line(str(each), "stop")
    yield from describe_here(session)


def describe_here(session: Session) -> Iterator[str]:
    """Describe what comes next, and what is displayed."""
    session.listed = None
    step = session.moment.next
    end = f"the end: all {counted(session.end, 'step')} are taken"
    yield Line(f"-> {step.index}  {write_step(session, step)}" if step else f"-> {end}", "next")
    yield from show_displays(session)


def show_displays(session: Session) -> Iterator[str]:
    """Describe what is printed after every move."""
    for key, text in session.displays.items():
        node = session.names.find(text)
        if node is None:
            yield f"{key}: {session.evaluate(text)}"
        else:
            data, grad = session.numbers(node)
            yield f"{key}: {text} = {data}, {text}.grad = {grad}"


def parse_position(session: Session, argument: str) -> int:
    """Return the position that a user typed."""
    position = _whole_number(argument)
    if position is None or position > session.end:
        wrong = f"there is no step {argument[:40]}" if argument else "the number of a step is missing"
        raise CommandError(f"{wrong}; steps run from 0 to {session.end - 1:,}, and {session.end:,} is the end")
    return position


def _target(session: Session, argument: str, direction: int) -> int:
    if argument in UNITS:
        return session.beyond(argument, direction)
    return min(max(session.position + direction * _count(argument), 0), session.end)


def _count(argument: str) -> int:
    count = _whole_number(argument or "1")
    if not count:
        raise CommandError(f"the count must be from 1 to {MAX_COUNT:,}, not {argument[:40]}")
    return count


def _whole_number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= len(str(MAX_COUNT)) else None

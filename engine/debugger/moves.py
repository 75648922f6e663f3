"""Commands that move through time: one step, to a breakpoint, to a position, and back to the original numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..notation.expression import number
from ..support.text import listed
from .command import Line, command
from .nodes import compare_walks, describe_display
from .session import Breakpoint, CommandError, Session
from .statements import describe_next, describe_step

MAX_DESCRIBED = 10  # steps that are described when several are taken at once
MAX_COUNT = 999_999_999


@command("next", "n", "s", "step")
def next_steps(session: Session, argument: str) -> Iterable[str]:
    """Take the next step, or several, and describe each.

    next [COUNT]
    """
    since = session.position
    target = min(since + _count(argument), session.end)
    _require_move(session, target)
    return describe_arrival(session, since, session.run(target))


@command("back", "reverse-next", "reverse-step", "rn", "rs")
def back(session: Session, argument: str) -> Iterable[str]:
    """Undo the last step, or several.

    back [COUNT]
    """
    return run_to(session, max(session.position - _count(argument), 0))


@command("continue", "c")
def run_forward(session: Session, argument: str) -> Iterable[str]:
    """Run to the next breakpoint, watch or condition, or else to the end.

    continue
    """
    return run_to(session, session.end)


@command("reverse-continue", "rc")
def run_backward(session: Session, argument: str) -> Iterable[str]:
    """Run back to the previous breakpoint, or else to the beginning.

    reverse-continue
    """
    return run_to(session, 0)


@command("until", "u")
def until(session: Session, argument: str) -> Iterable[str]:
    """Run until a node is done, or to a step.

    until          until the node of the next step is done: made, or its gradient passed on to all its inputs
    until NAME     until this node is made, or else until its gradient is complete
    until NUMBER   until this step comes next
    """
    if not argument:
        return run_to(session, session.end_of_step_node())
    is_number = argument.isdecimal() and session.names.find(argument) is None
    target = parse_position(session, argument) if is_number else session.end_of(session.node(argument))
    if target <= session.position:
        raise CommandError(f"{argument} has passed already; goto, back and reverse-continue go back")
    return run_to(session, target)


@command("finish")
def finish(session: Session, argument: str) -> Iterable[str]:
    """Run to the end of this pass, forward or backward.

    finish
    """
    return run_to(session, session.end_of_pass())


@command("goto", "g", repeats=False)
def goto(session: Session, argument: str) -> Iterable[str]:
    """Go to a step without stopping on the way.

    goto NUMBER | end
    """
    session.position = session.end if argument == "end" else parse_position(session, argument)
    return describe_here(session)


@command("set", repeats=False)
def set_number(session: Session, argument: str) -> Iterable[str]:
    """Give a leaf another number, and show what changes.

    set NAME=NUMBER   the position stays, and your program's graph is not touched
    """
    name, equals, text = argument.rpartition("=")
    if not (equals and text.strip()):
        raise CommandError("expected NAME=NUMBER, as in: set a=2")
    node = session.node(name.strip())
    if node.inputs:
        inputs = listed(dict.fromkeys(session.names[x] for x in node.inputs))
        raise CommandError(f"only leaves can be set, and {name.strip()} is computed from {inputs}")
    before = session.set({session.walk.made_in(node): number(text)})
    yield from compare_walks(session, before)
    yield from describe_here(session)


@command("restart", "r", repeats=False)
def restart(session: Session, argument: str) -> Iterable[str]:
    """Go back to the beginning and to the original numbers; breakpoints stay.

    restart
    """
    session.unset()
    session.position = 0
    return describe_here(session)


# --- moving -------------------------------------------------------------------------------------------


def run_to(session: Session, target: int) -> Iterator[str]:
    """Run to a position or to the first stop on the way, and describe the last step if the run went forward."""
    since = session.position
    _require_move(session, target)
    stopped = session.run(target)
    yield from describe_arrival(session, max(since, session.position - 1), stopped)


def describe_arrival(session: Session, since: int, stopped: Sequence[Breakpoint]) -> Iterator[str]:
    """Describe the steps taken since a position, what stopped the run, and what comes next."""
    taken = range(since, session.position)
    if len(taken) > MAX_DESCRIBED:
        yield f"... {len(taken) - MAX_DESCRIBED:,} steps ..."
    for step in map(session.walk.__getitem__, taken[-MAX_DESCRIBED:]):
        first, *more = describe_step(session, step)
        yield Line(first, step.kind)
        yield from more
    for each in stopped:
        yield Line(str(each), "stop")
    yield from describe_here(session)


def describe_here(session: Session) -> Iterator[str]:
    """Describe what comes next, and what is displayed."""
    session.listed = None
    yield Line(describe_next(session), "next")
    yield from show_displays(session)


def show_displays(session: Session) -> Iterator[str]:
    """Describe what is printed after every move."""
    return (f"{number}: {describe_display(session, text)}" for number, text in session.displays.items())


def parse_position(session: Session, argument: str) -> int:
    """Return the position that a user typed.

    Raises:
        CommandError: there is no such position.
    """
    position = _whole_number(argument)
    if position is None or position > session.end:
        wrong = f"there is no step {argument[:40]}" if argument else "the number of a step is missing"
        raise CommandError(f"{wrong}; steps run from 0 to {session.end - 1:,}, and {session.end:,} is the end")
    return position


def _require_move(session: Session, target: int) -> None:
    if target == session.position:
        raise CommandError(
            "this is the end; back goes back" if target else "this is the beginning; next takes the first step"
        )


def _count(argument: str) -> int:
    count = _whole_number(argument or "1")
    if not count:
        raise CommandError(f"the count must be from 1 to {MAX_COUNT:,}, not {argument[:40]}")
    return count


def _whole_number(text: str) -> int | None:
    """Return the whole number that a text is; None if it is not one, or too large."""
    return int(text) if text.isdecimal() and len(text) <= len(str(MAX_COUNT)) else None

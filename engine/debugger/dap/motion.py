"""Requests that move through time, in both directions, or go to a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..statements import write_step
from .protocol import Arguments, Body, ProtocolError
from .request import request
from .stops import is_listing
from .view import STATEMENT, frame_of

if TYPE_CHECKING:
    from .adapter import Adapter

GRANULARITIES = {"instruction": "step", "line": "line"}  # a statement is the unit that was chosen


@request("continue")
def _continue(adapter: Adapter, arguments: Arguments) -> Body:
    adapter.then = lambda: adapter.run(adapter.session.end)
    return {"allThreadsContinued": True}


@request("reverseContinue")
def _reverse_continue(adapter: Adapter, arguments: Arguments) -> None:
    adapter.then = lambda: adapter.run(0)


@request("next")
def _next(adapter: Adapter, arguments: Arguments) -> None:
    _go(adapter, _unit(adapter, arguments), 1)


@request("stepBack")
def _step_back(adapter: Adapter, arguments: Arguments) -> None:
    _go(adapter, _unit(adapter, arguments), -1)


@request("stepIn")
def _step_in(adapter: Adapter, arguments: Arguments) -> None:
    _go(adapter, "step", 1)


@request("stepOut")
def _step_out(adapter: Adapter, arguments: Arguments) -> None:
    step = adapter.session.moment.next
    _go(adapter, "line" if step and step.node.source else "node", 1)


def _go(adapter: Adapter, unit: str, direction: int) -> None:
    adapter.then = lambda: adapter.run(adapter.session.beyond(unit, direction))


def _unit(adapter: Adapter, arguments: Arguments) -> str:
    return GRANULARITIES.get(arguments.get("granularity", str, "statement"), adapter.unit)


@request("pause")
def _pause(adapter: Adapter, arguments: Arguments) -> None:
    adapter.then = lambda: adapter.stopped("pause", [])


@request("restartFrame")
def _restart_frame(adapter: Adapter, arguments: Arguments) -> None:
    """Go back to the beginning of the pass, or to the first step of the user's statement in it."""
    session, frame = adapter.session, arguments.get("frameId", int)
    starts = session.walk.update_index, session.walk.seed_index + 1, 0
    first = next(start for start in starts if start <= session.position and start < session.end)
    if frame_of(adapter, frame) == STATEMENT:
        session.position = _statement_begins(adapter)
    else:
        session.position = first
    adapter.then = lambda: adapter.stopped("restart", [])


def _statement_begins(adapter: Adapter) -> int:
    session = adapter.session
    here = session.position
    session.position = min(here + 1, session.end)
    first = session.beyond("line", -1)
    session.position = here
    return first


@request("gotoTargets")
def _targets(adapter: Adapter, arguments: Arguments) -> Body:
    source, line = arguments.inside("source"), arguments.get("line", int) - adapter.first + 1
    positions = _positions(adapter, source, line)
    return {"targets": [
        {"id": each, "label": _label(adapter, each), "line": arguments.get("line", int)} for each in positions
    ]}  # fmt: skip


def _positions(adapter: Adapter, source: Arguments, line: int) -> list[int]:
    walk = adapter.session.walk
    if is_listing(source):
        position = adapter.listing.position_of(line)
        return [] if position is None else [position]
    found = adapter.stops.lines.at(source.get("path", str), line)
    if found is None:
        return []
    nodes = [walk.order[place] for place in found[1]]
    left = [steps[0] for node in nodes if (steps := walk.left_in(node))]
    return sorted({min(map(walk.made_in, nodes)), *([min(left)] if left else [])})


def _label(adapter: Adapter, position: int) -> str:
    step = adapter.session.walk.at(position).next
    return f"step {position}: {write_step(adapter.session, step)}" if step else "the end"


@request("goto")
def _goto(adapter: Adapter, arguments: Arguments) -> None:
    target = arguments.get("targetId", int)
    if not 0 <= target <= adapter.session.end:
        raise ProtocolError(f"there is no target {target}")
    adapter.session.position = target
    adapter.then = lambda: adapter.stopped("goto", [])

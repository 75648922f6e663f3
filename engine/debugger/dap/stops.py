"""Breakpoints as an editor sets them: whole lists at a time, each turned into breakpoints of the session."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ...errors import StepgradError
from ...events import EVENTS, KINK, NOT_FINITE, UNDEFINED
from ..breakpoints import location
from ..condition import Formula
from ..session import Session
from ..stop import Breakpoint, CommandError, HitCount
from .listing import NAME, Lines, Listing
from .protocol import Arguments, Body, ProtocolError
from .request import request

if TYPE_CHECKING:
    from .adapter import Adapter

About = tuple[str, dict[str, Any], Body]  # the text, what it is about, and what the editor is told besides

FILTERS = [
    {"filter": NOT_FINITE, "label": "Infinity or not-a-number", "default": True,
     "description": "Stop where the first number that is not finite is made, forward or backward"},
    {"filter": UNDEFINED, "label": "Derivative undefined", "default": True,
     "description": "Stop where a derivative is needed that does not exist, such as that of sqrt at 0"},
    {"filter": KINK, "label": "Kink", "default": False,
     "description": "Stop where an operation sits on its kink, such as relu at 0, and its derivative is a convention"},
]  # fmt: skip
for each in FILTERS:
    each |= {"supportsCondition": True, "conditionDescription": "A condition, such as |grad| > 1"}


class Stops:
    """What an editor asked a session to stop at.

    A breakpoint that is in the next list again stays as it is, with its count of hits.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.lines = Lines(session.walk)
        self._known: dict[object, dict[str, Breakpoint]] = {}  # by what sets them, and by how they were asked for

    def at_lines(self, source: Arguments, listing: Listing, wanted: Iterable[Arguments]) -> list[Body]:
        """Set the breakpoints of a source: of the program that is stepped, or of a file of the user."""
        if is_listing(source):
            return self._set("listing", wanted, lambda asked: self._at_step(asked, listing))
        path = source.get("path", str)
        return self._set(path, wanted, lambda asked: self._at_line(path, asked))

    def at_operations(self, wanted: Iterable[Arguments]) -> list[Body]:
        """Set the breakpoints at operations, or at nodes, by their names."""
        return self._set("operations", wanted, self._at_name)

    def at_changes(self, wanted: Iterable[Arguments]) -> list[Body]:
        """Set the breakpoints at changes of gradients."""
        return self._set("changes", wanted, self._at_change)

    def at_events(self, arguments: Arguments) -> list[Body]:
        """Set the breakpoints at numbers that are not finite, kinks and derivatives that do not exist."""
        filters = [Arguments({"filterId": each}) for each in arguments.get("filters", list, [])]
        return self._set("events", [*filters, *arguments.objects("filterOptions")], self._at_event)

    def _set(self, key: object, wanted: Iterable[Arguments], about: Callable[[Arguments], About]) -> list[Body]:
        before, after, bodies = self._known.get(key, {}), dict[str, Breakpoint](), []
        for asked in wanted:
            try:
                sign = repr(sorted(asked.given.items(), key=repr))
                text, what, told = about(asked)
                more = _conditions(asked, self.session)
            except StepgradError as error:
                if isinstance(error, ProtocolError):
                    raise
                bodies.append({"verified": False, "message": str(error).splitlines()[0]})
                continue
            kept = before.get(sign)
            if kept is None or kept.number not in self.session.breakpoints:
                kept = after.get(sign) or self.session.add_breakpoint(text, **what, **more)
            after[sign] = kept
            bodies.append({"id": kept.number, "verified": True, **told})
        for each in before.values():
            if each not in after.values():
                self.session.breakpoints.pop(each.number, None)
        self._known[key] = after
        return bodies

    # --- what each is about ---------------------------------------------------------------------------

    def _at_step(self, asked: Arguments, listing: Listing) -> About:
        position = listing.position_of(asked.get("line", int))
        if position is None or position == self.session.end:
            raise CommandError("there is no step on this line")
        return f"step {position}", {"index": position}, {"line": listing.line_of(position)}

    def _at_line(self, path: str, asked: Arguments) -> About:
        line = asked.get("line", int)
        found = self.lines.at(path, line)
        if found is None:
            raise CommandError("no number of this graph was computed on this line or below it")
        name = os.path.basename(path)
        return f"{name}:{found[0]}", {"places": frozenset(found[1])}, {"line": found[0]}

    def _at_name(self, asked: Arguments) -> About:
        name = asked.get("name", str).strip()
        try:
            return f"op {name}", location(self.session, f"op {name}"), {}
        except CommandError:
            if self.session.names.find(name) is None:
                raise
        return name, location(self.session, name), {}

    def _at_change(self, asked: Arguments) -> About:
        name = asked.get("dataId", str).removesuffix(".grad")
        place = self.session.walk.made_in(self.session.node(name))
        return f"{name}.grad changes", {"place": place, "changes": True}, {}

    def _at_event(self, asked: Arguments) -> About:
        event = asked.get("filterId", str)
        if event not in EVENTS:
            raise CommandError(f"there is no exception {event[:40]}")
        return EVENTS[event], {"event": event}, {}


def _conditions(asked: Arguments, session: Session) -> dict[str, Any]:
    """Return the condition, the count of hits and the message that were asked for."""
    found: dict[str, Any] = {}
    if condition := asked.get("condition", str, "").strip():
        found["condition"] = Formula(condition, session.names)
    if count := asked.get("hitCondition", str, "").strip():
        found["count"] = HitCount(count)
    if message := asked.get("logMessage", str, ""):
        found["message"] = message
    return found


def is_listing(source: Arguments) -> bool:
    """Return whether a source is the program that is stepped; editors may know only its name."""
    if source.get("sourceReference", int, 0) > 0:
        return True
    path = source.get("path", str, "")
    return os.path.basename(path or source.get("name", str, "")) == NAME and not os.path.exists(path)


# --- requests ------------------------------------------------------------------------------------------


@request("setBreakpoints")
def _set_breakpoints(adapter: Adapter, arguments: Arguments) -> Body:
    wanted = arguments.objects("breakpoints")
    if not arguments.has("breakpoints"):
        wanted = [Arguments({"line": line}) for line in arguments.get("lines", list, [])]
    shifted = [Arguments({**each.given, "line": each.get("line", int) - adapter.first + 1}) for each in wanted]
    return _told(adapter, adapter.stops.at_lines(arguments.inside("source"), adapter.listing, shifted))


def _told(adapter: Adapter, bodies: Iterable[Body]) -> Body:
    shifted = [{**each, "line": each["line"] - 1 + adapter.first} if "line" in each else each for each in bodies]
    return {"breakpoints": shifted}


@request("setFunctionBreakpoints")
def _set_function_breakpoints(adapter: Adapter, arguments: Arguments) -> Body:
    return _told(adapter, adapter.stops.at_operations(arguments.objects("breakpoints")))


@request("setDataBreakpoints")
def _set_data_breakpoints(adapter: Adapter, arguments: Arguments) -> Body:
    return _told(adapter, adapter.stops.at_changes(arguments.objects("breakpoints")))


@request("setExceptionBreakpoints")
def _set_exception_breakpoints(adapter: Adapter, arguments: Arguments) -> Body:
    return _told(adapter, adapter.stops.at_events(arguments))


@request("dataBreakpointInfo")
def _data_breakpoint(adapter: Adapter, arguments: Arguments) -> Body:
    name = arguments.get("name", str).strip().removesuffix(".grad")
    node = adapter.session.names.find(name)
    if node is None and arguments.has("variablesReference"):
        items = adapter.variables.items(arguments.get("variablesReference", int))
        node = next((each.node for each in items if each.name == arguments.get("name", str)), None)
    if node is None or adapter.session.names.is_number(node):
        return {"dataId": None, "description": f"{name[:40]} has no gradient to watch"}
    name = adapter.session.names[node]
    return {"dataId": f"{name}.grad", "description": f"{name}.grad changes", "accessTypes": ["write"],
            "canPersist": True}  # fmt: skip


@request("breakpointLocations")
def _locations(adapter: Adapter, arguments: Arguments) -> Body:
    source, line = arguments.inside("source"), arguments.get("line", int)
    last = min(arguments.get("endLine", int, line), line + 1000)
    found = []
    for each in range(line, last + 1):
        number = each - adapter.first + 1
        if is_listing(source):
            position = adapter.listing.position_of(number)
            is_one = position is not None and adapter.listing.line_of(position) == number
            is_one = is_one and position != adapter.session.end
        else:
            at = adapter.stops.lines.at(source.get("path", str), number)
            is_one = at is not None and at[0] == number
        found += [{"line": each}] * is_one
    return {"breakpoints": found}

"""Requests about where the session stands: frames, sources, variables, pictures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ... import __version__
from ...drawing.drawing import draw
from ...page.page import show_steps
from ...steps.walk import Step
from ..statements import write_step
from .listing import NAME
from .protocol import Arguments, Body, ProtocolError
from .request import request
from .variables import Item

if TYPE_CHECKING:
    from .adapter import Adapter

THREAD = 1
PROGRAM, STATEMENT = 1, 2  # frames: the program that is stepped, and the user's statement that it belongs to


@request("threads", needs="initialized")
def _threads(adapter: Adapter, arguments: Arguments) -> Body:
    return {"threads": [{"id": THREAD, "name": "backpropagation"}]}


@request("stackTrace")
def _stack(adapter: Adapter, arguments: Arguments) -> Body:
    session, step = adapter.session, adapter.session.moment.next or adapter.session.moment.last
    here = session.moment.next
    frames: list[Body] = [{
        "id": PROGRAM, "name": f"{here.kind}: {write_step(session, here)}" if here else "the end",
        "line": adapter.listing.line_of(session.position) - 1 + adapter.first, "column": adapter.first,
        "source": _source(adapter),
    }]  # fmt: skip
    frames += [_statement(adapter, step)] if step and step.node.source else []
    first, most = arguments.get("startFrame", int, 0), arguments.get("levels", int, 0)
    shown = frames[max(first, 0) :][: most if most > 0 else None]
    return {"stackFrames": shown, "totalFrames": len(frames)}


def _statement(adapter: Adapter, step: Step) -> Body:
    source = step.node.source
    assert source is not None
    body: Body = {"id": STATEMENT, "name": source.function, "line": source.line - 1 + adapter.first,
                  "column": adapter.first}  # fmt: skip
    if os.path.isfile(source.file):
        path = os.path.abspath(source.file)
        return {**body, "source": {"name": os.path.basename(path), "path": path}}
    return {**body, "presentationHint": "subtle"}


def _source(adapter: Adapter) -> Body:
    return {"name": NAME, "sourceReference": adapter.version, "origin": "the program of the graph"}


@request("source")
def _text(adapter: Adapter, arguments: Arguments) -> Body:
    reference = arguments.get("sourceReference", int, 0) or arguments.inside("source").get("sourceReference", int)
    if not 1 <= reference <= adapter.version:
        raise ProtocolError(f"there is no source {reference}")
    return {"content": adapter.listing.text, "mimeType": "text/x-python"}


@request("loadedSources")
def _sources(adapter: Adapter, arguments: Arguments) -> Body:
    return {"sources": [_source(adapter)]}


def frame_of(adapter: Adapter, number: int) -> int:
    """Return the number of a frame.

    Raises:
        ProtocolError: there is no such frame.
    """
    step = adapter.session.moment.next or adapter.session.moment.last
    has_statement = step is not None and step.node.source is not None
    if number != PROGRAM and not (number == STATEMENT and has_statement):
        raise ProtocolError(f"there is no frame {number} at this moment")
    return number


@request("scopes")
def _scopes(adapter: Adapter, arguments: Arguments) -> Body:
    frame = frame_of(adapter, arguments.get("frameId", int))
    if frame == PROGRAM:
        scopes = adapter.variables.of_program()
    else:
        step = adapter.session.moment.next or adapter.session.moment.last
        assert step is not None
        scopes = adapter.variables.of_line(step.node)
    return {"scopes": [
        {"name": name, "variablesReference": adapter.variables.refer(children), "expensive": False,
         **({"presentationHint": "locals"} if name in ("This step", "Made here") else {})}
        for name, children in scopes
    ]}  # fmt: skip


@request("variables")
def _rows(adapter: Adapter, arguments: Arguments) -> Body:
    items = adapter.variables.items(arguments.get("variablesReference", int))
    start, most = arguments.get("start", int, 0), arguments.get("count", int, 0)
    shown = items[max(start, 0) :][: most if most > 0 else None]
    return {"variables": [_row(adapter, item) for item in shown]}


def _row(adapter: Adapter, item: Item) -> Body:
    node = item.node
    can_set = node is not None and item.is_number and not node.inputs and not node.is_constant
    return {
        "name": item.name, "value": item.value, "variablesReference": adapter.variables.refer(item.children),
        **({"evaluateName": item.formula} if item.formula else {}),
        **({} if can_set else {"presentationHint": {"attributes": ["readOnly"]}}),
    }  # fmt: skip


@request("exceptionInfo")
def _exception(adapter: Adapter, arguments: Arguments) -> Body:
    event = adapter.event()
    if event is None:
        raise ProtocolError("the session is not stopped on an exception")
    return {
        "exceptionId": event.kind, "description": f"{event.what} {event.remedy}".rstrip(), "breakMode": "always",
        "details": {"message": event.what, "typeName": event.kind},
    }  # fmt: skip


@request("stepgrad/drawing")
def _drawing(adapter: Adapter, arguments: Arguments) -> Body:
    session, direction = adapter.session, arguments.get("direction", str, "LR")
    if direction not in ("LR", "TB"):
        raise ProtocolError(f"direction must be 'LR' or 'TB', not {direction!r:.40}")
    drawing = draw(session.walk.root, names=session.variables, values=session.moment, direction=direction)
    return {"svg": drawing.svg, "position": session.position, "notices": list(map(str, drawing.notices))}


@request("stepgrad/page")
def _page(adapter: Adapter, arguments: Arguments) -> Body:
    session = adapter.session
    page = show_steps(session.walk.root, names=session.variables, accumulate=True)
    return {"html": page.html, "position": session.position, "version": adapter.version}


@request("stepgrad/position")
def _position(adapter: Adapter, arguments: Arguments) -> Body:
    """Say where the session stands, and after which changes of numbers."""
    return {"position": adapter.session.position, "end": adapter.session.end, "version": adapter.version,
            "program": f"stepgrad {__version__}"}  # fmt: skip

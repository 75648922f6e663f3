"""Requests with expressions: watches, the console, and numbers to try out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.terminal import BETWEEN_WORDS
from ...value import Value
from ..commands import complete, run_line
from ..session import UNITS
from .protocol import Arguments, Body, ProtocolError
from .request import request

if TYPE_CHECKING:
    from .adapter import Adapter


@request("evaluate")
def _evaluate(adapter: Adapter, arguments: Arguments) -> Body:
    text, session = arguments.get("expression", str).strip(), adapter.session
    if arguments.get("context", str, "watch") == "repl":
        return _command(adapter, text)
    node = session.names.find(text)
    if node is not None:
        row = adapter.variables.row(node)
        return {"result": row.value, "variablesReference": adapter.variables.refer(row.children)}
    return {"result": session.evaluate(text).removeprefix(f"{text} = "), "variablesReference": 0}


def _command(adapter: Adapter, line: str) -> Body:
    """Run a command of the debugger that was typed in the console."""
    session = adapter.session
    words = line.split()
    if words[:2] == ["step", "by"]:
        if words[2:] not in ([each] for each in UNITS):
            raise ProtocolError("step by must be followed by step, node or line")
        adapter.unit = words[2]
        return {"result": f"Step Over and Step Back go by {adapter.unit}", "variablesReference": 0}
    position, walk, log = session.position, session.walk, session.log
    said = [*run_line(session, line), *log]
    session.log = []
    if session.walk is not walk:
        adapter.renew()
    if session.is_over:
        adapter.then = adapter.end
    elif session.position != position or session.walk is not walk:
        adapter.then = lambda: adapter.stopped("step", [])
    return {"result": "\n".join(said), "variablesReference": 0}


@request("setVariable")
def _set_variable(adapter: Adapter, arguments: Arguments) -> Body:
    name, text = arguments.get("name", str), arguments.get("value", str)
    items = adapter.variables.items(arguments.get("variablesReference", int))
    item = next((each for each in items if each.name == name), None)
    if item is None:
        raise ProtocolError(f"there is no variable {name[:40]} here")
    if item.node is None or not item.is_number or item.node.is_constant:
        raise ProtocolError(f"{name[:40]} cannot be set; only the numbers of leaves can")
    return _set(adapter, item.node, text)


@request("setExpression")
def _set_expression(adapter: Adapter, arguments: Arguments) -> Body:
    name = arguments.get("expression", str).strip().removesuffix(".data")
    return _set(adapter, adapter.session.node(name), arguments.get("value", str))


def _set(adapter: Adapter, node: Value, text: str) -> Body:
    session = adapter.session
    place = session.walk.made_in(node)
    session.set_leaf(node, text)
    adapter.renew()
    row = adapter.variables.row(session.walk.order[place])
    return {"value": row.value, "variablesReference": adapter.variables.refer(row.children)}


@request("completions")
def _completions(adapter: Adapter, arguments: Arguments) -> Body:
    text, column = arguments.get("text", str), arguments.get("column", int)
    first = 1 if adapter.client.get("columnsStartAt1", bool, True) else 0
    before = text[: max(column - first, 0)].split("\n")[-1]
    begin = len(before)
    while begin and before[begin - 1] not in BETWEEN_WORDS:
        begin -= 1
    found = complete(adapter.session, before, begin)
    length = len(before) - begin
    return {"targets": [{"label": each, "start": begin, "length": length} for each in found]}

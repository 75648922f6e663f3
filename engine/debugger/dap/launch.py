"""From initialize to disconnect: what is debugged, and how a session begins and ends."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import chdir, nullcontext, redirect_stderr, redirect_stdout
from functools import partial
from io import TextIOBase
from typing import TYPE_CHECKING

from ...errors import StepgradError
from ...events import check_finite, finite
from ...graph import topological_order
from ...value import Value
from ..commands import run_line
from ..session import UNITS, Session
from ..statements import describe_graph
from .listing import Listing
from .protocol import Arguments, Body, ProtocolError
from .request import request
from .stops import FILTERS, Stops
from .variables import Variables

if TYPE_CHECKING:
    from .adapter import Adapter

CAPABILITIES = (
    "supportsConfigurationDoneRequest", "supportsFunctionBreakpoints", "supportsConditionalBreakpoints",
    "supportsHitConditionalBreakpoints", "supportsEvaluateForHovers", "supportsStepBack", "supportsSetVariable",
    "supportsRestartFrame", "supportsGotoTargetsRequest", "supportsCompletionsRequest",
    "supportsExceptionInfoRequest", "supportsExceptionFilterOptions", "supportsLogPoints", "supportsSetExpression",
    "supportsTerminateRequest", "supportsDataBreakpoints", "supportsBreakpointLocationsRequest",
    "supportsSteppingGranularity", "supportsLoadedSourcesRequest", "supportsDelayedStackTraceLoading",
    "supportsClipboardContext",
)  # fmt: skip


@request("initialize", needs="")
def _initialize(adapter: Adapter, arguments: Arguments) -> Body:
    if adapter.is_initialized:
        raise ProtocolError("initialize was called before")
    adapter.first = 1 if arguments.get("linesStartAt1", bool, True) else 0
    adapter.client, adapter.is_initialized = arguments, True
    found: Body = dict.fromkeys(CAPABILITIES, True)
    return {**found, "exceptionBreakpointFilters": FILTERS, "completionTriggerCharacters": [".", " "]}


@request("launch", needs="initialized")
def _launch(adapter: Adapter, arguments: Arguments) -> None:
    if adapter.started is not None:
        raise ProtocolError("launch was called before")
    text, numbers = _target_of(arguments)
    unit = arguments.get("stepBy", str, "step")
    start = arguments.get("start", str, "forward")
    if unit not in UNITS or start not in ("forward", "backward", "update"):
        raise ProtocolError("stepBy must be 'step', 'node' or 'line', and start 'forward', 'backward' or 'update'")
    now, is_finite = arguments.get("now", bool, False), arguments.get("finite", bool, False)
    update = arguments.given.get("update")
    if update is not None and (isinstance(update, bool) or not isinstance(update, str | int | float)):
        raise ProtocolError(f"update must be a learning rate or the name of an optimiser, not {update!r:.40}")
    is_run = arguments.get("noDebug", bool, False)
    stops_first = arguments.get("stopOnEntry", bool, True)
    folder = arguments.get("cwd", str, "")
    adapter.is_launching = True
    try:
        with (
            _Output(adapter, "stdout") as said, _Output(adapter, "stderr") as wrong,
            redirect_stdout(said), redirect_stderr(wrong),
        ):  # fmt: skip
            with chdir(folder) if folder else nullcontext(), finite() if is_finite else nullcontext():
                target = adapter.load(text, numbers)
            if is_finite:
                check_finite(target.root)
        session = Session(target.root, target.variables, now, None if update is None else target.update(update))
    except ValueError as error:  # such as a NUL in the name of a file
        raise error if isinstance(error, StepgradError) else ProtocolError(str(error)) from None
    finally:
        adapter.is_launching = False
    adapter.started, adapter.unit = session, unit
    adapter.variables = Variables(session, map(_stand_in(target.root, session), target.parameters or ()))
    adapter.stops, adapter.listing, adapter.version = Stops(session), Listing(session), 1
    if start != "forward":
        session.position = session.walk.seed_index if start == "backward" else session.walk.update_index
    adapter.entry = "run" if is_run else "stop" if stops_first else "go"
    adapter.output("\n".join(describe_graph(session)) + "\n")
    adapter.then = lambda: adapter.tell("initialized")


@request("attach", needs="initialized")
def _attach(adapter: Adapter, arguments: Arguments) -> None:
    raise ProtocolError("there is nothing to attach to; use a configuration with request: launch")


@request("configurationDone")
def _begin(adapter: Adapter, arguments: Arguments) -> None:
    if adapter.is_configured:
        raise ProtocolError("configurationDone was called before")
    adapter.is_configured = True
    if adapter.entry == "stop":
        adapter.then = lambda: adapter.stopped("entry", [])
    elif adapter.entry == "go":
        adapter.then = lambda: adapter.run(adapter.session.end)
    else:
        adapter.then = partial(_only_run, adapter)


def _only_run(adapter: Adapter) -> None:
    adapter.session.position = adapter.session.end
    adapter.output("\n".join(run_line(adapter.session, "print")) + "\n", "stdout")
    adapter.end()


@request("disconnect", "terminate", needs="")
def _quit(adapter: Adapter, arguments: Arguments) -> None:
    is_told, adapter.is_over = adapter.is_over, True
    if not is_told:
        adapter.then = lambda: adapter.tell("terminated")


def _target_of(arguments: Arguments) -> tuple[str, dict[str, float]]:
    """Return what to debug: a program or an expression, as the command line takes it, and numbers."""
    program, text = arguments.get("program", str, ""), arguments.get("expression", str, "")
    if bool(program) == bool(text):
        raise ProtocolError("a launch needs either program, such as train.py:loss, or expression, such as tanh(a*b)")
    numbers = arguments.get("numbers", dict, {})
    for name, number in numbers.items():
        if type(number) not in (int, float):
            raise ProtocolError(f"numbers must map names to numbers, and {name[:40]} is {number!r:.40}")
    if not program:
        return text, dict(numbers)
    folder = arguments.get("cwd", str, "")
    value = arguments.get("value", str, "")
    path = os.path.abspath(os.path.join(folder, program))
    return f"{path}:{value}" if value else path, dict(numbers)


def _stand_in(root: Value, session: Session) -> Callable[[Value], Value]:
    """Return the function from nodes of the user's graph to those of the session's walk, which may be copies."""
    found = dict(zip(topological_order(root), session.walk.order, strict=True))
    return lambda node: found.get(node, node)


class _Output(TextIOBase):
    """A stream whose lines are shown in the editor's console."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, adapter: Adapter, category: str) -> None:
        self._adapter, self._category, self._text = adapter, category, ""

    def writable(self) -> bool:
        """Return that it can be written."""
        return True

    def write(self, text: str) -> int:
        """Show the lines that are complete."""
        lines, newline, self._text = (self._text + text).rpartition("\n")
        self._adapter.output(lines + newline, self._category)
        return len(text)

    def close(self) -> None:
        """Show what is left."""
        if not self.closed:
            self._adapter.output(self._text, self._category)
        super().close()

"""The adapter: it answers an editor's requests about a session, and tells it where the session stands.

A request is answered by the function that is registered for it, in one of the modules beside this one. Where a session
moves, the answer comes first and the event ``stopped`` after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event, RLock
from traceback import format_exc
from typing import Any, Protocol

from ...errors import StepgradError
from ...events import Event as Special
from ...events import event_at
from ...value import Value
from ..session import Session
from ..statements import write_step
from ..stop import Breakpoint
from . import console, launch, motion, stops, view  # noqa: F401 - they fill the table of requests
from .listing import Listing
from .protocol import Arguments, Body, Message, ProtocolError
from .request import REQUESTS
from .stops import Stops
from .variables import Variables
from .view import THREAD


class Target(Protocol):
    """What is debugged: the root of a graph, and what is known of the program that made it."""

    @property
    def root(self) -> Value:
        """The Value to differentiate."""

    @property
    def variables(self) -> Mapping[str, Any]:
        """The program's variables."""

    @property
    def parameters(self) -> list[Value] | None:
        """What the program trains; None if that is not known."""

    def update(self, wish: str | float) -> Any:
        """Return what updates it, given a learning rate or the name of an optimiser of the program."""


Load = Callable[[str, Mapping[str, float]], Target]  # makes the target of a program or an expression, with numbers


class Adapter:
    """An adapter for one editor and one session.

    Args:
        send: sends a message to the editor.
        load: makes the target of a launch.
    """

    def __init__(self, send: Callable[[Message], None], load: Load) -> None:
        self._send, self.load = send, load
        self._lock, self._sent = RLock(), 0
        self.is_initialized = self.is_over = False
        self.is_launching = False  # while the user's program runs, in which nothing is answered
        self.interrupt = Event()  # set by a reader of messages, to end a run
        self.first = 1  # the number of the first line, as the editor counts
        self.client: Arguments = Arguments({})
        self.then: Callable[[], None] | None = None  # what to do when the answer is sent
        self.is_configured = False
        self.unit = "step"
        self.last = 0  # the number of the last request; some editors count from 0
        self.entry = "stop"  # what to do when it is configured: "stop", "go" or "run" without stops
        self.started: Session | None = None
        self.variables: Variables  # these from the launch on
        self.stops: Stops
        self.listing: Listing
        self.version = 1  # of the numbers, and so of the program's text
        self.stopped_by: list[Breakpoint] = []

    # --- messages -------------------------------------------------------------------------------------

    def handle(self, message: Message) -> None:
        """Answer a message; one that is not right is answered by an error."""
        number, command = message.get("seq"), message.get("command")
        self.last = number = number if type(number) is int and 0 <= number < 2**31 else self.last + 1
        command = command if isinstance(command, str) else ""
        try:
            if message.get("type") != "request":
                raise ProtocolError(f"only requests are answered, not {message.get('type')!r:.40}")
            body = self._answer(command, Arguments(message.get("arguments")))
        except (StepgradError, OSError) as error:
            self.refuse(str(error), number, command)
            return
        except Exception:  # a mistake of ours must not end the user's session
            self.refuse(f"an internal error:\n{format_exc()}", number, command)
            return
        self.respond(number, command, body)
        then, self.then = self.then, None
        if then:
            then()

    def _answer(self, command: str, arguments: Arguments) -> Body | None:
        found = REQUESTS.get(command)
        if found is None:
            raise ProtocolError(f"the request {command[:40] or 'without a command'} is not supported")
        if self.is_over and command not in ("disconnect", "terminate"):
            raise ProtocolError("the session is over")
        if found.needs and not self.is_initialized:
            raise ProtocolError(f"{command} comes too early: initialize first")
        if found.needs == "launched" and self.started is None:
            raise ProtocolError(f"{command} comes too early: launch first")
        return found.answer(self, arguments)

    def respond(self, number: int, command: str, body: Body | None = None) -> None:
        """Send the answer to a request."""
        answer = {"type": "response", "request_seq": number, "success": True, "command": command}
        self.send({**answer, "body": body} if body is not None else answer)

    def refuse(self, says: str, number: int | None = None, command: str = "") -> None:
        """Send an error as the answer to a request, or to what is not a message, and so has no number."""
        if number is None:
            self.last = number = self.last + 1
        said = says.replace("{", "(").replace("}", ")")  # braces are for variables
        error = {"id": 1, "format": said, "showUser": command in ("launch", "attach")}
        answer = {"type": "response", "request_seq": number, "success": False, "command": command, "message": says}
        self.send({**answer, "body": {"error": error}})

    def tell(self, event: str, **body: Any) -> None:
        """Send an event."""
        self.send({"type": "event", "event": event, "body": body} if body else {"type": "event", "event": event})

    def output(self, text: str, category: str = "console") -> None:
        """Show text in the editor's console."""
        if text:
            self.tell("output", category=category, output=text)

    def send(self, message: Message) -> None:
        """Send a message, numbered."""
        with self._lock:
            self._sent += 1
            self._send({"seq": self._sent, **message})

    # --- the session ----------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The session."""
        if self.started is None:
            raise ProtocolError("launch first")
        return self.started

    def run(self, target: int, reason: str = "step") -> None:
        """Move to a position, or to the first stop on the way, and say so."""
        session, since = self.session, self.session.position
        self.interrupt.clear()
        stopped = session.run(target, self.interrupt.is_set)
        log, session.log = session.log, []
        for text in log:
            self.output(f"{text}\n")
        if not stopped and session.position != target:
            reason = "pause"
        if since == target:
            self.output("this is the end; step back, or stop the session\n" if since else "this is the beginning\n")
        self.stopped(reason, stopped)

    def stopped(self, reason: str, stopped: list[Breakpoint]) -> None:
        """Say that the session has stopped, and why: the breakpoints count first."""
        session, step = self.session, self.session.moment.next
        self.variables.forget()
        self.stopped_by = stopped
        here = write_step(session, step) if step else "the end: all steps are taken"
        body: Body = {"threadId": THREAD, "allThreadsStopped": True, "description": f"Stopped before {here}"}
        if step is None:
            body["description"] = f"Stopped at {here}"
        if stopped:
            reason, text = _reason(stopped[0]), str(stopped[0])
            event = self.event()
            if reason == "exception" and event:
                body["description"], text = "Stopped on " + stopped[0].text, str(event)
            body |= {"hitBreakpointIds": [each.number for each in stopped], "text": text}
        self.tell("stopped", reason=reason, **body)

    def event(self) -> Special | None:
        """Return what was special at the last step, if the session is stopped on that."""
        last = self.session.moment.last
        return event_at(last) if last and any(each.event for each in self.stopped_by) else None

    def renew(self) -> None:
        """Let the editor see that numbers were changed, also in the text of the program."""
        self.variables.forget()
        self.listing, self.version = Listing(self.session), self.version + 1
        if self.client.get("supportsInvalidatedEvent", bool, False):
            self.tell("invalidated", areas=["stacks", "variables"])

    def end(self) -> None:
        """End the session."""
        self.is_over = True
        self.tell("terminated")
        self.tell("exited", exitCode=0)


def _reason(stop: Breakpoint) -> str:
    """Return why a run stopped, in the protocol's words."""
    if stop.event:
        return "exception"
    return "data breakpoint" if stop.changes else "function breakpoint" if stop.op else "breakpoint"

"""Contexts around the recording of a graph: scopes, sources, and whether to record at all.

The recorders look at one list, `entered`, and only while it is not empty at anything else here, so that
code that uses no context pays next to nothing. The contexts themselves belong to their thread or task.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, ContextDecorator, nullcontext
from contextvars import ContextVar, copy_context
from functools import lru_cache, partial, wraps
from itertools import repeat
from operator import attrgetter, call
from typing import Any, NamedTuple, Self

from ..support.interrupts import at_once, exit_by
from .source import Source, running_statement

CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR = 0x20, 0x80, 0x200  # as in `inspect`, which takes long to import


class Break(NamedTuple):
    """A breakpoint of backpropagation at a node: always, or where a function of the step says so."""

    when: Callable[[Any], bool] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()  # a break belongs to the running program: pickling leaves it out


class Note(NamedTuple):
    """What is known about a node beside its numbers; nodes made at one place share one note."""

    label: str = ""  # the name that the user gave the node
    scope: tuple[str, ...] = ()  # the names of the scopes that the node was made in, outermost first
    source: Source | None = None  # the statement that made the node, where `record_source` was on
    stop: Break | None = None  # where backpropagation is to stop in a debugger
    leaves: Sequence[float] | None = None  # of a root: its leaves' numbers, in order, in the first backward pass

    def __repr__(self) -> str:
        fields = zip(self._fields, self, strict=True)
        known = (f"{name}={thing!r}" for name, thing in fields if thing and name != "leaves")  # there may be many
        return f"Note({', '.join(known)})"


class State(NamedTuple):
    """What the contexts around the running code ask for."""

    note: Note | None = None
    recording: bool = True
    locating: bool = False
    outside: State | None = None  # what was asked for around the innermost context
    trace: Any = None  # what takes each new node while a function is traced; see `engine.program.tracing`
    observer: Any = None  # what looks at each new node and each backward pass; see `Observer`
    compact: bool = False  # whether `dot` records a sum of products as one node
    guard: Any = None  # what raises an error at numbers that are not finite; see `Guard`


entered: list[State] = []  # an item for each context that is open, in all threads together
_state: ContextVar[State] = ContextVar("stepgrad", default=State())  # noqa: B039 - it is immutable
current_state = _state.get  # what the contexts around the caller ask for

# What closes a context, in C: see `engine.support.interrupts`.
states = map(call, repeat(current_state))  # at each step, the state of the moment
CLOSING = map(call, repeat(entered.pop)), map(_state.set, map(attrgetter("outside"), states))


class _Context(ContextDecorator):
    """A context that changes the state inside its block; it may be entered again and nested.

    An interrupt finds it open or closed, never half, and no block stays open behind one.
    """

    _change: tuple[State, State] | None = None  # the state outside and inside, last time

    def _changed(self, state: State) -> State:
        raise NotImplementedError

    def __enter__(self) -> Self:
        global entered  # it stays the same list
        outside, change = current_state(), self._change
        if change is None or change[0] is not outside:
            self._change = change = outside, self._changed(outside)._replace(outside=outside)
        inside = change[1]
        try:
            entered += [inside]
            _state.set(inside)
            return self
        except BaseException:  # an interrupt that came meanwhile
            if current_state() is inside:
                self.__exit__(None, None, None)
            elif inside in entered:
                entered.remove(inside)
            raise

    __exit__ = staticmethod(exit_by(*CLOSING))

    def __getstate__(self) -> dict[str, Any]:  # what was asked for around it last time is not part of a copy
        return {name: thing for name, thing in vars(self).items() if name != "_change"}

    def __call__(self, function: Any) -> Any:
        """Return the function with its body inside the context; that of a generator is inside while it runs."""
        flags = getattr(getattr(function, "__code__", None), "co_flags", 0)
        if flags & CO_ASYNC_GENERATOR:
            raise TypeError(f"a context cannot decorate an asynchronous generator; write it inside {function.__name__}")

        def resumed(*given: Any, **named: Any) -> Generator[Any, Any, Any]:
            return (yield from self._resumed(function(*given, **named)))

        async def awaited(*given: Any, **named: Any) -> Any:
            with self:
                return await function(*given, **named)

        inside: Any = resumed if flags & CO_GENERATOR else awaited if flags & CO_COROUTINE else None
        return wraps(function)(inside) if inside else super().__call__(function)

    def _resumed(self, generator: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """Run a generator, each time from where it is resumed to where it yields, inside the context."""
        resume, given = generator.send, None
        while True:
            with self:
                try:
                    found = resume(given)
                except StopIteration as stop:
                    return stop.value
            try:
                resume, given = generator.send, (yield found)
            except BaseException as error:  # also GeneratorExit
                resume, given = generator.throw, error


class scope(_Context):  # noqa: N801 - reads as a statement
    """A named part of the graph: the nodes made inside belong to it; scopes nest.

    Args:
        name: what to call the part, such as ``"layer 1"``.

    Raises:
        TypeError: the name is not a text.
        ValueError: the name is empty.

    >>> from engine import Value
    >>> with scope("layer 1"), scope("neuron 0"):
    ...     z = Value(2.0) * 3.0
    >>> z.scope
    ('layer 1', 'neuron 0')
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"a scope's name must be a text, as in scope('layer 1'), not {name!r}")
        if not name:
            raise ValueError("a scope's name must not be empty; write scope('layer 1')")
        self.name = name

    def _changed(self, state: State) -> State:
        outer = state.note.scope if state.note else ()
        return state._replace(note=Note(scope=(*outer, self.name)))


class no_grad(_Context):  # noqa: N801 - reads as a statement
    """A block that computes without recording: results have no operands, so no gradient flows through them.

    >>> from engine import Value
    >>> with no_grad():
    ...     z = Value(2.0) * 3.0
    >>> z.inputs
    ()
    """

    def _changed(self, state: State) -> State:
        return state._replace(recording=False)


class record_source(_Context):  # noqa: N801 - reads as a statement
    """A block whose nodes keep the line of your program that made them, as ``value.source``.

    It is the innermost statement outside engine and nn: file, line, text and function. Errors, the walk, the step
    page and the debugger name it.

    >>> from engine import Value
    >>> with record_source():
    ...     z = Value(2.0) * 3.0
    >>> z.source.line, z.source.text
    (2, 'z = Value(2.0) * 3.0')
    """

    def _changed(self, state: State) -> State:
        return state._replace(locating=True)


class noted(_Context):  # noqa: N801 - reads as a statement
    """A block whose nodes belong to a given statement, and to scopes inside those around the block."""

    def __init__(self, source: Source, scope: tuple[str, ...]) -> None:
        self.source, self.scope = source, scope

    def _changed(self, state: State) -> State:
        outer = state.note.scope if state.note else ()
        return state._replace(note=Note(scope=(*outer, *self.scope), source=self.source), locating=False)


class compact(_Context):  # noqa: N801 - reads as a statement
    """A block in which `engine.dot` records a sum of products as one node, for graphs that are not looked at."""

    def _changed(self, state: State) -> State:
        return state._replace(compact=True)


class _Traced(_Context):
    """A block whose nodes are all handed to a trace, if there is one, and recorded in any case."""

    def __init__(self, trace: Any) -> None:
        self.trace = trace

    def _changed(self, state: State) -> State:
        return state._replace(trace=self.trace, recording=True, compact=self.trace is not None)

    def call(self, function: Callable[[], Any]) -> Any:
        """Call a function inside the block."""
        with self:
            return function()


def traced(trace: Any, function: Callable[[], Any]) -> Any:
    """Call a function whose nodes are all handed to a trace, in a context of its own; see `engine.program.tracing`.

    Whatever contexts are open around the caller, graphs are recorded inside.
    """
    return copy_context().run(_Traced(trace).call, function)


def recorded(function: Callable[[], Any]) -> Any:
    """Call a function so that it records graphs, also where the caller is inside of `no_grad`."""
    return function() if _state.get().recording else traced(None, function)


def hand_out(what: str) -> None:
    """Raise an error while a function is traced: a number that is handed out would be the same in each replay.

    Args:
        what: what hands out numbers, such as ``"calls jvp()"``.

    Raises:
        UsageError: a function is traced, by `engine.compiled`.
    """
    if entered and (trace := current_state().trace):
        raise trace.refusal(what)


def note_unseen(why: str) -> None:
    """Note, if a function is traced, that it may go another way next time though all comparisons come out the same."""
    if entered and (trace := current_state().trace):
        trace.unseen = trace.unseen or why


class Observer(_Context):
    """Base class of contexts that look on while their block runs; see `engine.doctor.watch`."""

    def _changed(self, state: State) -> State:
        return state._replace(observer=self)

    def take(self, node: Any, recording: bool) -> None:
        """Look at a new node, whose inputs are still there when it is not recorded."""

    def backward(self, order: Sequence[Any]) -> AbstractContextManager[None]:
        """Return a context for a backward pass through a graph in topological order, to look at it before and after."""
        raise NotImplementedError


class Guard(_Context):
    """Base class of contexts that refuse numbers; see `engine.finite`."""

    def _changed(self, state: State) -> State:
        return state._replace(guard=self)

    def take(self, node: Any) -> None:
        """Look at a new node, and raise an error if its number is refused."""
        raise NotImplementedError

    def watch(self, stops: Callable[[Any], bool] | None) -> Callable[[Any], bool]:
        """Return a watch of a backward pass that raises an error at a step that is refused, and else stops as asked."""
        raise NotImplementedError


def observed(order: Sequence[Any]) -> AbstractContextManager[None]:
    """Return the context that the observer around the caller has for a backward pass; one that does nothing without."""
    observer = _state.get().observer
    return observer.backward(order) if observer else UNOBSERVED


UNOBSERVED = nullcontext()


def located(note: Note | None) -> Note:
    """Return a note with the source of the running statement, one for all nodes that are made there."""
    return _located(note, running_statement())


@lru_cache(maxsize=4096)
def _located(note: Note | None, source: Source) -> Note:
    return (note or Note())._replace(source=source)


_paused: list[Callable[[], object]] = []  # for each block that is open, in all threads together, what it undoes


class gc_paused(ContextDecorator):  # noqa: N801 - reads as a statement
    """A block in which Python's garbage collector does not scan a graph again and again while it is recorded.

    A graph has no reference cycles, so it is freed without the collector; but while a large one grows, the
    collector reads it over and over. Put a training loop, or each of its steps, inside. Afterwards the
    collector is as it was found, also after an exception.

    >>> import gc
    >>> with gc_paused():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """

    def __enter__(self) -> None:
        undo = partial(gc.enable) if gc.isenabled() else partial(bool)
        try:
            at_once([partial(_paused.append, undo), gc.disable])()
        except BaseException:  # an interrupt that came meanwhile
            if undo in _paused:
                _paused.remove(undo)
                undo()
            raise

    __exit__ = staticmethod(exit_by(map(call, map(call, repeat(_paused.pop)))))

r"""Tracing: a function runs with Values that note what Python asks about their numbers.

A graph holds operations, but not the `if` that chose between them. So while a function is traced, its Values note each
comparison and its outcome as a `Guard`, and do not give away their numbers: ``x.data`` or ``int(x)`` would become a
constant of every replay. At x = 2.0 and w = 3.0, the function on the left gives the graph on the right:

    def loss(x):                              w     x
        y = w * x                              \   /
        if y < 10.0:                            mul     guard: mul < 10.0 was True
            return y
        return y * y

There are two kinds of traced Values. The inputs, and what is computed from them alone, are floats when the function is
called without tracing, so they pass for floats: `TracedNumber`. All others are Values then, too: `TracedValue`. While
they stay the same, they have another class, which is taken back at the end.
"""

import operator
import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from itertools import repeat, starmap
from numbers import Real
from operator import getitem
from threading import Lock
from typing import Any, NamedTuple, NoReturn, Self

from ..errors import UsageError
from ..graph import Node
from ..operation import leaf
from ..recording.context import current_state, traced
from ..recording.source import HOUSE, HOUSES, LIBRARY, running_statement
from ..support.interrupts import Ending, at_once
from ..value import Value

number_of: Callable[[Any], float] = Node.__dict__["data"].__get__  # reads a node's number, unnoticed
set_class: Callable[[Any, type], None] = object.__dict__["__class__"].__set__
DEBUGGERS = ("bdb", "pdb", "pydevd", "_pydevd", "debugpy", "engine.debugger")

# What these modules read of a traced Value goes into operations, and none of it to the function that is traced.
READERS = {HOUSE + name for name in ("value.py", "derivatives.py", f"micrograd{HOUSE[-1]}value.py")}
MESSAGE = HOUSE + "backprop.py", "undefined_at"  # nor what this function reads, which writes a message


# The ends of messages: what is wrong with it, and the remedy.
STAYS = (
    "the number would stay the same in every replay. Compute with the Value itself, compare it, or write "
    "where(condition, x, y)"
)
ONCE = "a replay would not do that again. Do it before or after the call"
COPIED = "the number of the copy would stay the same in every replay. Use the Value itself"


class Guard(NamedTuple):
    """A decision that Python took by comparing two numbers, and its outcome."""

    compare: Callable[[float, float], bool]
    left: Value
    right: Value | float
    held: bool


class Trace:
    """What happened while a function ran with traced Values.

    Attributes:
        results: what it returned: a Value, or several as a list.
        guards: the comparisons that it made.
        refused: the error for a number that it asked for; to be raised, even if the function caught it.
        unseen: why its way may depend on more than the guards; empty if it does not.
        made: the nodes that were made meanwhile, each with its own class.
    """

    def __init__(self, subject: str) -> None:
        self.subject = subject  # what the messages speak of
        self.results: list[Value] = []
        self.guards: list[Guard] = []
        self.refused: UsageError | None = None
        self.unseen = ""
        self.made: list[tuple[Node, type]] = []

    def take(self, made: Value, recording: bool) -> None:
        """Turn a new node into a traced one, which has the same slots."""
        if not recording:
            raise self.refusal(
                "computes inside no_grad()",
                "numbers would be cut off from the graph. Leave it out: a program computes only the gradients that are "
                "asked for",
            )
        kind: Any = type(made)
        self.made.append((made, kind))
        if made.op is leaf or kind is not Value:
            set_class(made, traced_class(kind))
            return
        for operand in made.inputs:
            if type(operand) is not TracedNumber:  # type: ignore[comparison-overlap]
                set_class(made, TracedValue)
                return
        set_class(made, TracedNumber)

    def refusal(self, what: str, why: str = STAYS) -> UsageError:
        """Return the error for something that cannot be replayed, with the user's line.

        It is raised in the end, even if the function catches it.
        """
        error = UsageError(f"{self.subject} {what} at {running_statement((*HOUSES, *LIBRARY))}: {why}")
        self.refused = self.refused or error
        return error

    def note(self, compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
        """Compare two numbers, and note the outcome."""
        held = compare(number_of(left), number_of(right) if isinstance(right, Node) else right)
        self.guards.append(Guard(compare, left, right, held))
        return held


def sides_of(guards: Iterable[Guard]) -> list[Value]:
    """Return the Values that some guards compare."""
    return [side for guard in guards for side in (guard.left, guard.right) if isinstance(side, Value)]


def trace(
    function: Callable[[], Any], inputs: Sequence[Value], leaves: Iterable[Value] = (),
    subject: str = "a compiled function",
) -> Trace:  # fmt: skip
    """Run a function with traced Values, once.

    Args:
        function: takes nothing, and returns a Value or a tuple of Values.
        inputs: the Values that stand for floats.
        leaves: other Values that it can reach; those that it makes itself are traced anyway.
        subject: what messages call the function.

    Raises:
        UsageError: it asks for a number, or returns something else.
        Exception: what the function itself raises.

    >>> x, w = Value(2.0, "x"), Value(3.0, "w")
    >>> found = trace(lambda: w * x if x > 1.0 else x, [x], [w])
    >>> found.results[0].data, found.guards[0].held
    (6.0, True)
    """
    found, watched = Trace(subject), _Watched(inputs, leaves)
    undone = Ending(at_once([watched.undo, found.made.reverse, partial(deque, starmap(set_class, found.made), 0)]))
    try:
        with undone:
            watched.begin()
            returned = traced(found, function)
    except Exception:
        if found.refused:
            raise found.refused from None
        raise
    finally:
        watched.forget()
    if found.refused:
        raise found.refused
    found.results = results_of(returned, subject)
    return found


def results_of(returned: Any, subject: str = "a compiled function", takes_numbers: bool = False) -> list[Value]:
    """Return what a function returned as a list of Values.

    Args:
        returned: a Value, or a tuple of Values.
        subject: what messages call the function.
        takes_numbers: whether plain numbers are welcome as well.

    Raises:
        UsageError: it is something else.
    """
    results = list(returned) if isinstance(returned, tuple) else [returned]
    if takes_numbers:
        results = [Value(float(each)) if isinstance(each, Real) else each for each in results]
    if not results or not all(isinstance(each, Value) for each in results):
        what = f"{type(returned).__name__} {returned!r:.40}"
        raise UsageError(f"{subject} returns the loss, a Value, or a tuple of it and others, not {what}")
    return results


_lock = Lock()
_watching: dict[Value, list[type]] = {}  # the own class of each Value that is watched, once for each trace


class _Watched:
    """Values that have their traced classes for a while; several threads may watch the same ones.

    An interrupt finds all of them traced or none: what changes classes is one call of a function in C.

    Attributes:
        undo: gives them their own classes back, in such a call, if they were taken.
    """

    def __init__(self, inputs: Sequence[Value], leaves: Iterable[Value]) -> None:
        given = set(inputs)
        self.inputs, self.leaves = inputs, [each for each in dict.fromkeys(leaves) if each not in given]
        self.kinds: tuple[list[type], list[type]] = [], []  # the own classes of the leaves, and the traced ones
        self.others: list[list[type]] = []  # for each leaf, the entries of all traces that watch it
        back = map(getitem, zip(*self.kinds, strict=True), map(bool, self.others))  # traced, if another trace watches
        self.undo = at_once([
            partial(deque, map(list.pop, self.others), 0), partial(deque, map(set_class, self.leaves, back), 0),
            partial(deque, map(set_class, self.inputs, repeat(Value)), 0),
        ])  # fmt: skip

    def begin(self) -> None:
        """Let all Values have their traced classes."""
        with _lock:
            own = [[*_watching.get(each, ()), type(each)][0] for each in self.leaves]
            others, kinds = [_watching.setdefault(each, []) for each in self.leaves], list(map(traced_class, own))
            at_once([
                partial(self.kinds[0].extend, own), partial(self.kinds[1].extend, kinds),
                partial(self.others.extend, others), partial(deque, map(list.append, others, own), 0),
                partial(deque, map(set_class, self.leaves, kinds), 0),
                partial(deque, map(set_class, self.inputs, repeat(TracedNumber)), 0),
            ])()  # fmt: skip

    def forget(self) -> None:
        """Keep no Values alive that are not watched any more."""
        with _lock:
            for each in self.leaves:
                if not _watching.get(each, True):
                    del _watching[each]


# --- the classes --------------------------------------------------------------------------------------


def _asking() -> Any:
    """Return the frame that asks a traced Value for something; `isinstance` asks in the name of its caller."""
    frame: Any = sys._getframe(2)
    while frame.f_code.co_filename == __file__ or frame.f_code.co_name == "__instancecheck__":
        frame = frame.f_back
    return frame


def _check(what: str, why: str = STAYS, houses: tuple[str, ...] = ()) -> None:
    """Raise an error if a number would get out of the trace that is running.

    Args:
        what: what asks for it.
        why: what is wrong with that, and the remedy.
        houses: the folders whose code may have it; without any, the modules `READERS`.
    """
    frame = _asking()
    file = frame.f_code.co_filename
    if file.startswith(houses) if houses else file in READERS or (file, frame.f_code.co_qualname[:12]) == MESSAGE:
        return
    running = current_state().trace
    if running is None:  # another thread asks
        return
    while frame and frame.f_code is not traced.__code__:
        if frame.f_globals.get("__name__", "").startswith(DEBUGGERS):
            return
        frame = frame.f_back
    raise running.refusal(what, why)


def _hidden(name: str) -> property:
    """Return a property for a slot of a node that only the engine reads and writes."""
    slot = Node.__dict__[name]

    read_slot, frame_of = slot.__get__, sys._getframe

    def read(self: Node) -> Any:
        if frame_of(1).f_code.co_filename not in READERS:  # for most callers this is all
            _check(f"reads .{name}")
        return read_slot(self)

    def write(self: Node, thing: Any) -> None:
        _check(f"changes .{name}", ONCE)
        slot.__set__(self, thing)

    return property(read, write)


def _noting(compare: Callable[[Any, Any], bool]) -> Callable[[Any, object], bool]:
    """Return a method that compares a traced Value with another one or with a number, and notes the outcome."""

    def compared(self: Any, other: object) -> bool:
        if not isinstance(other, Node | Real):
            return NotImplemented  # type: ignore[no-any-return]
        running: Trace | None = current_state().trace
        if running is None:
            return compare(number_of(self), number_of(other) if isinstance(other, Node) else other)
        return running.note(compare, self, other)

    return compared


_is_not = _noting(operator.ne)
_equals = _noting(operator.eq)


class _Guarded:
    """What both kinds of traced Values do: note comparisons, and keep their numbers to themselves."""

    __slots__ = ()

    data, grad, local_grads = map(_hidden, ("data", "grad", "local_grads"))

    def backward(self, *_: Any, **__: Any) -> NoReturn:
        """Raise an error: a compiled function returns the loss."""
        raise current_state().trace.refusal("backpropagates", "return the loss instead, and it is done for you")

    def __float__(self) -> float:
        _check("takes the number of a Value")
        return number_of(self)

    def __format__(self, spec: str) -> str:
        _check("prints the number of a Value", houses=HOUSES)
        return format(number_of(self), spec) if spec else str(self)

    def __repr__(self) -> str:
        _check("prints the number of a Value", houses=HOUSES)
        twin = object.__new__(Value)
        for name in Node.__slots__:
            setattr(twin, name, Node.__dict__[name].__get__(self))
        return repr(twin)

    def __bool__(self) -> bool:
        return _is_not(self, 0.0)

    __lt__, __le__, __gt__, __ge__ = map(_noting, (operator.lt, operator.le, operator.gt, operator.ge))


class TracedValue(_Guarded, Value):
    """A Value while a function is traced."""

    __slots__ = ()

    def __copy__(self) -> Value:
        _check("copies a Value", COPIED)
        return super().__copy__()

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        _check("copies a Value", COPIED)
        return super().__deepcopy__(memo)

    def __reduce__(self) -> tuple[Any, ...]:
        _check("pickles a Value", COPIED)
        return super().__reduce__()


class TracedNumber(_Guarded, Node):
    """What is a float while the function is not traced: an input, or what is computed from inputs alone.

    It passes for a float where the function asks for its class, and ``==`` compares its number.
    """

    __slots__ = ()

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        if sys._getframe(1).f_code.co_filename.startswith(HOUSE):
            return TracedNumber
        return TracedNumber if _asking().f_code.co_filename.startswith(HOUSE) else float

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Value):
            return Value.__eq__(other, number_of(self))  # the error for a number
        return _equals(self, other)

    def __hash__(self) -> int:
        _check("uses a number as a key", houses=HOUSES)
        return object.__hash__(self)

    def __repr__(self) -> str:
        _check("prints a number", houses=HOUSES)
        return repr(number_of(self))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __getattr__(self, name: str) -> Any:
        if hasattr(float, name):
            _check(f"uses {name} of a number")
        if name not in vars(Value):
            raise AttributeError(f"'float' object has no attribute {name!r}")
        return vars(Value)[name].__get__(self)


def _converting(what: str, name: str) -> Callable[..., Any]:
    """Return a special method of numbers that a graph has no operation for."""

    def method(self: TracedNumber, *operands: Any) -> Any:
        _check(f"uses {what} on a number")
        return getattr(number_of(self), name)(*operands)

    return method


for name, thing in vars(Value).items():
    if name not in {*vars(TracedNumber), *vars(_Guarded), "__init__", "__reduce__"}:
        setattr(TracedNumber, name, thing)
for what, names in {
    "int()": "int trunc", "round()": "round", "floor()": "floor", "ceil()": "ceil", "//": "floordiv rfloordiv",
    "%": "mod rmod", "divmod()": "divmod rdivmod",
}.items():  # fmt: skip
    for name in names.split():
        setattr(TracedNumber, f"__{name}__", _converting(what, f"__{name}__"))


@lru_cache(maxsize=256)
def traced_class(kind: type) -> type:
    """Return the class that a Value of this class has while it is traced."""
    return TracedValue if kind is Value else type(kind.__name__, (kind, TracedValue), {"__slots__": ()})

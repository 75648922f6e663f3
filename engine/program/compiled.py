r"""Compiled functions: each records its graph once, and replays it as a program from then on.

A graph holds operations, but not the `if` that chose between them. So a function is run with *traced* Values. They note
each comparison and its outcome as a `Guard`, and they do not give away their number: ``x.data`` or ``int(x)`` would
become a constant of the program. At x = 2.0 and w = 3.0, the function on the left gives the graph on the right:

    def loss(x):                              w     x
        y = w * x                              \   /
        if y < 10.0:                            mul     guard: mul < 10.0 was True
            return y
        return y * y

The graph may be replayed for all x and w for which each guard comes out the same. For others the function is traced
again, which records the other branch.

The leaves of the graph are the inputs, the parameters that the caller knows, and others that the function uses. Those
are known only after the first run; then the function is run a second time, so that they note comparisons as well.
"""

import operator
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, update_wrapper
from inspect import getclosurevars
from itertools import chain, islice
from numbers import Integral, Real
from typing import Any, NamedTuple, overload

from ..errors import UsageError
from ..graph import Node, topological_order
from ..recording.context import Tracing
from ..recording.source import HOUSE, running_statement
from ..support.text import counted, listed
from ..value import Value
from .plan import Plan
from .program import Program
from .python.backend import function_of

Function = Callable[..., Any]  # returns the loss, or a tuple of the loss and other Values
slot = Node.__dict__["data"]  # reads and writes a Value's number, unnoticed


class Guard(NamedTuple):
    """A decision that Python took by comparing two numbers, and its outcome."""

    compare: Callable[[float, float], bool]
    left: Value
    right: Value | float
    held: bool


@dataclass(eq=False)
class Recording:
    """What a function returned for one structure of arguments, and on one way through its branches: a loss first."""

    program: Program
    results: Sequence[Value]
    guards: Sequence[Guard]

    @cached_property
    def _compared(self) -> Callable[..., Sequence[float]]:
        return function_of(Plan(_sides(self.guards), self.program.inputs, self.program.parameters, backward=False))

    def fits(self, numbers: Sequence[float]) -> bool:
        """Return whether every branch is taken as it was when this was recorded."""
        if not self.guards:
            return True
        compared = self._compared  # outside of `try`: an operation without source is an error
        try:
            sides = iter(compared(numbers, [leaf.data for leaf in self.program.parameters]))
        except (ArithmeticError, ValueError):
            return False
        return all(
            guard.compare(next(sides), next(sides) if isinstance(guard.right, Value) else guard.right) == guard.held
            for guard in self.guards
        )

    def values(self, rows: Sequence[Sequence[float]]) -> list[list[float]]:
        """Compute the results for many rows of inputs."""
        return self.prepare(rows)()

    def prepare(self, rows: Sequence[Sequence[float]]) -> Callable[[], list[list[float]]]:
        """Return a function that computes the results for rows, with the parameters of the moment."""
        return self.program.prepare(self.results, rows)


class Compiled:
    """A function and the programs of what it recorded; see `compiled`."""

    def __init__(self, function: Function, batch: str | None, backend: str) -> None:
        if batch not in (None, "mean", "sum"):
            raise ValueError(f"batch must be 'mean', 'sum' or None (one sample at a time), not {batch!r}")
        update_wrapper(self, function)
        self.function, self.batch, self.backend = function, batch, backend
        self._recordings: dict[Any, list[Recording]] = {}

    def __call__(self, *arguments: Any, **keywords: Any) -> float:
        """Compute the loss, and add the gradients to the ``grad`` of the parameters, as ``backward()`` does."""
        total, gradients = 0.0, dict[Value, float]()
        for recording, _, rows, share in self._replays(arguments, keywords):
            program = recording.program
            loss, found = program(*rows[0]) if self.batch is None else program.batch(rows, self.batch)
            total += loss * share
            if program.parameters:  # else the gradients are with respect to the inputs
                for leaf, gradient in zip(program.parameters, found, strict=True):
                    gradients[leaf] = gradients.get(leaf, 0.0) + gradient * share
        for leaf, gradient in gradients.items():
            leaf.grad = (leaf.grad or 0.0) + gradient
        return total

    def forward(self, *arguments: Any, **keywords: Any) -> float:
        """Compute the loss alone."""
        total = 0.0
        for recording, _, rows, share in self._replays(arguments, keywords):
            losses = [loss for (loss,) in recording.program.values([recording.program.loss], rows)]
            total += share * sum(losses) / (len(rows) if self.batch == "mean" else 1)
        return total

    def values(self, *arguments: Any, **keywords: Any) -> list[list[float]]:
        """Compute what the function returns, the loss and other Values, for each sample; no gradients."""
        found: dict[int, list[float]] = {}
        for recording, places, rows, _ in self._replays(arguments, keywords):
            found.update(zip(places, recording.values(rows), strict=True))
        return [found[place] for place in sorted(found)]

    def program(self, *arguments: Any, **keywords: Any) -> Program:
        """Return the program that replays these arguments, of one sample."""
        return self._recording(*_flat(arguments, keywords)).program

    def is_straight(self, *arguments: Any, **keywords: Any) -> bool:
        """Return whether all arguments like these, of one sample, go the same way: the function does not branch."""
        return not self._recording(*_flat(arguments, keywords)).guards

    def rows(self, samples: Sequence[Sequence[Any]]) -> tuple[Recording, list[list[float]]]:
        """Return the one recording that fits all samples, each the arguments of a call, and the inputs of each.

        Raises:
            UsageError: the samples differ in structure, or the function branches on their numbers.
        """
        first, rows = _flat(tuple(samples[0]), {}), _plain_rows(samples)
        if rows is None:
            structures = [_flat(tuple(sample), {}) for sample in samples]
            if any(key != first[0] for key, _, _ in structures):
                raise UsageError("the samples differ in structure: in the lengths of lists, or in what is not a float")
            rows = [row for _, row, _ in structures]
        recording = self._recording(*first)
        if recording.guards:
            raise UsageError("the function branches on numbers; write where(condition, x, y) instead of an if")
        return recording, rows

    def _replays(
        self, arguments: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> list[tuple[Recording, list[int], list[list[float]], float]]:
        """Return each recording that is needed, the places and rows of its samples, and the share of its result."""
        samples = [(arguments, keywords)] if self.batch is None else list(_samples(arguments, keywords))
        groups: dict[Recording, tuple[list[int], list[list[float]]]] = {}
        for place, sample in enumerate(samples):
            structure = _flat(*sample)
            places, rows = groups.setdefault(self._recording(*structure), ([], []))
            places.append(place)
            rows.append(structure[1])
        every = len(samples) if self.batch == "mean" else None
        return [(recording, *group, len(group[1]) / every if every else 1.0) for recording, group in groups.items()]

    def _recording(self, key: Any, numbers: list[float], build: Callable[[Iterator[Any]], Any]) -> Recording:
        """Return the recording that fits, made now if necessary."""
        known = self._recordings.setdefault(key, [])
        for recording in known:
            if recording.fits(numbers):
                return recording
        inputs = [Value(number) for number in numbers]
        arguments, keywords = build(iter(inputs))
        given = dict.fromkeys(_parameters((arguments, keywords), set(inputs)))
        leaves = list(dict.fromkeys([*given, *_parameters(self._surroundings(), set(inputs))]))
        results, guards = _trace(lambda: self.function(*arguments, **keywords), inputs, leaves)
        order = set(topological_order(*results, *_sides(guards)))
        parameters = [leaf for leaf in leaves if leaf in order or leaf in given]
        program = Program(results[0], inputs, parameters, backend=self.backend, outputs=results[1:])
        recording = Recording(program, results, guards)
        known.append(recording)
        return recording

    def _surroundings(self) -> list[Any]:
        """Return the objects that the function uses from the code around it."""
        try:
            found = getclosurevars(self.function)
        except TypeError:  # it is not a plain function
            return []
        return [*found.nonlocals.values(), *(x for x in found.globals.values() if isinstance(x, Value | list))]

    def __repr__(self) -> str:
        count = sum(map(len, self._recordings.values()))
        name = getattr(self.function, "__name__", "function")
        return f"<compiled {name}: {counted(count, 'recording')}>"


@overload
def compiled(function: Function, *, batch: str | None = None, backend: str = "auto") -> Compiled: ...
@overload
def compiled(
    function: None = None, *, batch: str | None = None, backend: str = "auto"
) -> Callable[[Function], Compiled]: ...
def compiled(
    function: Function | None = None, *, batch: str | None = None, backend: str = "auto"
) -> Compiled | Callable[[Function], Compiled]:
    """Make a function that builds a loss record its graph once, and replay it as a program from then on.

    The function is recorded again for each structure of its arguments. Floats are inputs, also those in lists, tuples
    and dictionaries. Integers and texts are part of the structure, and so are models and Values, which are compared by
    identity and whose numbers are read at each call. Where Python branches by comparing Values, the branch is
    remembered, and the other one is recorded when it is taken for the first time.

    Args:
        function: takes numbers, lists and models, and returns the loss, a Value; or a tuple of the loss and other
            Values, which ``.values(...)`` computes.
        batch: with ``"mean"`` or ``"sum"``, each list among the arguments has an entry for each sample: one
            sample is recorded and replayed for all, and loss and gradients are the means or the sums.
        backend: ``"python"``, ``"native"``, or ``"auto"``: native where there is a C compiler.

    Returns:
        The compiled function. It returns the loss as a float and adds the gradients to the ``grad`` of the
        parameters, as ``backward()`` would; ``.forward(...)`` only returns the loss; ``.values(...)`` returns all
        that the function does; ``.program(...)`` returns the `Program`. `nn.training.Training` trains with it.

    Raises:
        UsageError: the function does something that cannot be replayed, such as reading ``.data``.

    >>> w = Value(3.0, "w")
    >>> @compiled
    ... def loss(x):
    ...     return (w * x - 1.0) ** 2 if x > 0.0 else w * x
    >>> loss(2.0), w.grad
    (25.0, 20.0)
    >>> loss(-1.0), w.grad
    (-3.0, 19.0)
    """
    if function is None:
        return lambda function: Compiled(function, batch, backend)
    return Compiled(function, batch, backend)


def _samples(
    arguments: tuple[Any, ...], keywords: Mapping[str, Any]
) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Yield the arguments of each sample."""
    every = [*arguments, *keywords.values()]
    lists = [isinstance(thing, list | tuple) or hasattr(thing, "tolist") for thing in every]
    counts = {len(thing) for thing, is_list in zip(every, lists, strict=True) if is_list}
    if len(counts) != 1 or not counts.copy().pop():
        found = listed(map(str, sorted(counts))) or "no"
        raise UsageError(f"with batch, every list must have an entry for each sample, not {found} entries")
    for place in range(counts.pop()):
        chosen = [thing[place] if is_list else thing for thing, is_list in zip(every, lists, strict=True)]
        yield tuple(chosen[: len(arguments)]), dict(zip(keywords, chosen[len(arguments) :], strict=True))


def _flat(
    arguments: tuple[Any, ...], keywords: Mapping[str, Any]
) -> tuple[Any, list[float], Callable[[Iterator[Any]], Any]]:
    """Return the structure of arguments as a key, their numbers, and a function that puts others in their places."""
    numbers: list[float] = []
    key, build = _taken_apart((arguments, dict(keywords)), numbers)
    return key, numbers, build


def _plain_rows(samples: Sequence[Sequence[Any]]) -> list[list[float]] | None:
    """Return the numbers in samples of floats, of lists of floats, and of one object each; None for any others.

    This is what `_flat` gives, fifty times as fast.
    """
    rows: list[list[float]] = [[] for _ in samples]
    if len(set(map(len, samples))) > 1:
        return None
    for column in zip(*samples, strict=True):
        kinds = set(map(type, column))
        if kinds == {float}:
            for row, number in zip(rows, column, strict=True):
                row.append(number)
        elif kinds == {list}:
            if len(set(map(len, column))) > 1 or set(map(type, chain.from_iterable(column))) != {float}:
                return None
            for row, numbers in zip(rows, column, strict=True):
                row += numbers
        elif any(thing is not column[0] for thing in column) or _flat((column[0],), {})[1]:
            return None
    return rows


def _taken_apart(thing: Any, numbers: list[float]) -> tuple[Any, Callable[[Iterator[Any]], Any]]:
    if isinstance(thing, float) or (isinstance(thing, Real) and not isinstance(thing, Integral)):
        numbers.append(float(thing))
        return float, next
    if isinstance(thing, list) and set(map(type, thing)) == {float}:  # the most frequent case
        numbers += thing
        count = len(thing)
        return (list, float, count), lambda given: list(islice(given, count))
    if isinstance(thing, list | tuple):
        parts = [_taken_apart(part, numbers) for part in thing]
        kind = list if isinstance(thing, list) else tuple
        return (kind, *(key for key, _ in parts)), lambda given: kind([build(given) for _, build in parts])
    if isinstance(thing, dict):
        named = {name: _taken_apart(part, numbers) for name, part in thing.items()}
        key = (dict, *((name, key) for name, (key, _) in named.items()))
        return key, lambda given: {name: build(given) for name, (_, build) in named.items()}
    if hasattr(thing, "tolist") and not isinstance(thing, Value):  # NumPy's and similar arrays
        return _taken_apart(thing.tolist(), numbers)
    if isinstance(thing, Integral | str | None):
        return (type(thing), thing), lambda given: thing
    return _Same(thing), lambda given: thing


class _Same:
    """An object that is compared by identity, and kept."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)


def _parameters(thing: Any, inputs: set[Value]) -> Iterator[Value]:
    """Yield the Values and the parameters of models in arguments."""
    if isinstance(thing, Value):
        if thing not in inputs:
            yield thing
    elif isinstance(thing, list | tuple):
        for part in thing:
            yield from _parameters(part, inputs)
    elif isinstance(thing, dict):
        yield from _parameters(list(thing.values()), inputs)
    elif callable(getattr(thing, "parameters", None)) and not isinstance(thing, type):
        yield from thing.parameters()


def _given_away(what: str) -> UsageError:
    return UsageError(
        f"a compiled function {what} at {running_statement()}: the number would stay the same in every replay. "
        "Compute with the Value itself, compare it, or write where(condition, x, y)"
    )


def _noting(compare: Callable[[float, float], bool]) -> Callable[[Value, object], bool]:
    """Return a method that compares a traced Value with another one or with a number, and notes the outcome."""

    def compared(self: Value, other: object) -> bool:
        if not isinstance(other, Value | Real):
            return NotImplemented  # type: ignore[no-any-return]
        right = other if isinstance(other, Value) else float(other)
        held = compare(slot.__get__(self), slot.__get__(right) if isinstance(right, Value) else right)
        Traced.guards.append(Guard(compare, self, right, held))
        return held

    return compared


class Traced(Value):
    """A Value while a function is traced: it notes comparisons and does not give away its number."""

    __slots__ = ()
    guards: list[Guard] = []  # noqa: RUF012 - replaced for each trace

    @staticmethod
    def take(node: Value, recording: bool) -> None:
        """Turn a new node into a traced one, which has the same slots."""
        if not recording:
            raise UsageError(
                f"no_grad() inside a compiled function would freeze numbers ({running_statement()}); leave it out: "
                "a program computes only the gradients that are asked for"
            )
        node.__class__ = Traced

    @property
    def data(self) -> float:
        """The number, for the engine alone."""
        if not sys._getframe(1).f_code.co_filename.startswith(HOUSE):
            raise _given_away("reads .data")
        return slot.__get__(self)  # type: ignore[no-any-return]

    @data.setter
    def data(self, number: float) -> None:
        raise _given_away("changes .data")

    def backward(self, *_: Any, **__: Any) -> None:
        """Raise an error: a compiled function returns the loss."""
        raise UsageError(f"a compiled function returns the loss and does not backpropagate ({running_statement()})")

    def __float__(self) -> float:
        raise _given_away("takes the number of a Value")

    def __format__(self, spec: str) -> str:
        raise _given_away("prints the number of a Value")

    def __bool__(self) -> bool:
        return _noting(operator.ne)(self, 0.0)

    __lt__, __le__, __gt__, __ge__ = map(_noting, (operator.lt, operator.le, operator.gt, operator.ge))
    __hash__ = Value.__hash__
    __eq__ = Value.__eq__


def _sides(guards: Sequence[Guard]) -> list[Value]:
    return [side for guard in guards for side in (guard.left, guard.right) if isinstance(side, Value)]


def _trace(
    function: Callable[[], Any], inputs: Sequence[Value], leaves: list[Value]
) -> tuple[list[Value], list[Guard]]:
    """Run a function, and return its results and guards; leaves that it uses besides those known are added to them."""
    outer = Traced.guards
    while True:
        traced, guards = [*inputs, *leaves], list[Guard]()
        try:
            Traced.guards = guards
            for leaf in traced:
                leaf.__class__ = Traced
            with Tracing(Traced):
                returned = function()
        finally:
            Traced.guards = outer
            for leaf in traced:
                leaf.__class__ = Value
        results = list(returned) if isinstance(returned, tuple) else [returned]
        if not results or not all(isinstance(each, Value) for each in results):
            what = f"{type(returned).__name__} {returned!r:.40}"
            raise UsageError(f"a compiled function returns the loss, a Value, or a tuple of it and others, not {what}")
        order = topological_order(*results, *_sides(guards))
        made: set[Value] = {node for node in order if node.__class__ is Traced}
        for node in made:
            node.__class__ = Value
        before = made.union(traced)
        found = [node for node in order if node.is_leaf and node not in before]
        if not found:
            return results, guards
        leaves += found  # they must note comparisons, too

"""Recordings: what a compiled function has recorded, and which of it fits a call.

A recording is replayed only where the function would do the same again: all that it could read besides its inputs is
as it was (`Surroundings`), and every comparison of numbers comes out as it did (`Guard`). Otherwise the function is
traced again, once. Where the trace shows that it would do something else each time, for instance draw random numbers,
its results are used, and from then on it runs as if it was not compiled.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from inspect import getclosurevars
from itertools import repeat
from typing import Any, NamedTuple

from ..errors import UsageError
from ..graph import leaves, topological_order
from ..recording.context import recorded
from ..sums import in_order, scalars
from ..support.interrupts import assign_all, assigning
from ..value import Value
from .arguments import Sample, Structure, parameters_in, structure_of
from .plan import Plan, forget_rules
from .program import Program
from .python.backend import function_of
from .reach import Reach
from .surroundings import Surroundings
from .tracing import Guard, results_of, sides_of, trace

MAX_STRUCTURES = 256  # of arguments, whose recordings are kept
MAX_STATES = 8  # of the surroundings, for each structure
MAX_RECORDINGS = 1024  # ways through the branches, for each state


@dataclass(eq=False)
class Recording:
    """What a function returned for one structure of arguments, and on one way through its branches: a loss first."""

    program: Program
    results: Sequence[Value]
    guards: Sequence[Guard]
    surroundings: Surroundings

    @cached_property
    def _compared(self) -> tuple[Callable[..., Sequence[float]], list[Value]]:
        """A function that computes what the guards compare, and the parameters that it depends on."""
        sides = scalars(sides_of(self.guards))
        used = set(topological_order(*sides)).intersection(self.program.parameters)
        parameters = [leaf for leaf in self.program.parameters if leaf in used] if used else []
        return function_of(Plan(sides, self.program.inputs, parameters, backward=False)), parameters

    @cached_property
    def present(self) -> list[tuple[int, Value]]:
        """The parameters that the loss depends on, with their places; `backward` would give the others no gradient."""
        pairs = zip(self.program.parameters, self.program.reached, strict=False)
        return [(place, leaf) for place, (leaf, is_reached) in enumerate(pairs) if is_reached]

    def fits(self, numbers: Sequence[float]) -> bool:
        """Return whether every branch is taken as it was when this was recorded."""
        if not self.guards:
            return True
        compared, parameters = self._compared  # outside of `try`: an operation without source is an error
        try:
            sides = iter(compared(numbers, [leaf.data for leaf in parameters]))
        except (ArithmeticError, ValueError):
            return False
        return all(
            guard.compare(next(sides), next(sides) if isinstance(guard.right, Value) else guard.right) == guard.held
            for guard in self.guards
        )

    def fits_always(self, rows: Sequence[Sequence[float]]) -> bool:
        """Return whether it fits many rows of inputs, whatever the numbers of the parameters."""
        if not self.guards:
            return True
        return not self._compared[1] and all(map(self.fits, rows))

    def change(self) -> str:
        """Return the name of something that the function could read and that has changed; "" if a replay is right."""
        return self.surroundings.change()

    def values(self, rows: Sequence[Sequence[float]]) -> list[list[float]]:
        """Compute the results for many rows of inputs."""
        return self.prepare(rows)()

    def prepare(self, rows: Sequence[Sequence[float]]) -> Callable[[], list[list[float]]]:
        """Return a function that computes the results for rows, with the parameters of the moment."""
        return self.program.prepare(self.results, rows)


class Outcome(NamedTuple):
    """The results of a call that was not a replay, a loss first, and why it was not."""

    results: Sequence[Value]
    why: str

    def numbers(self) -> list[float]:
        """Return the numbers of the results."""
        return [each.data for each in self.results]

    def gradients(self) -> dict[Value, float]:
        """Return the derivatives of the loss with respect to its leaves; their ``grad`` does not change."""
        loss = self.results[0]
        found = leaves(loss)
        restore = assigning((found, "grad", [leaf.grad for leaf in found]))
        try:
            assign_all((found, "grad", repeat(None)))
            loss.backward()
            return {leaf: 0.0 if leaf.grad is None else leaf.grad for leaf in found}
        finally:
            restore()


@dataclass(eq=False)
class State:
    """The recordings that were made while the surroundings were the same.

    Attributes:
        values: the Values that the function can use.
        generators: functions that return the states of the random generators that it can draw from.
        obstacle: why it is not replayed; empty if it is.
    """

    surroundings: Surroundings
    values: Sequence[Value]
    generators: Sequence[Callable[[], Any]]
    obstacle: str = ""
    recordings: list[Recording] = field(default_factory=list)


class Recordings:
    """What a function has recorded, by the structure of its arguments and the state of its surroundings.

    Args:
        function: what is recorded.
        backend: what replays.
    """

    def __init__(self, function: Callable[..., Any], backend: str) -> None:
        self.function, self.backend = function, backend
        self.name = getattr(function, "__name__", type(function).__name__)
        self._states: dict[Any, list[State]] = {}
        self.unused = 0  # how many of the last calls were not replays

    def __len__(self) -> int:
        return sum(len(state.recordings) for states in self._states.values() for state in states)

    def find(self, structure: Structure, checked: set[State]) -> Recording | Outcome | str:
        """Return the recording that fits, made now if necessary.

        Args:
            structure: the arguments of a call.
            checked: the states that have not changed since the call began; it is kept up to date.

        Returns:
            Where a recording would not be right the next time: what it gave. Where this is known from the outset: why.

        Raises:
            UsageError: the function does what cannot be traced, such as reading ``.data``.
        """
        states = self._states_of(structure.key)
        state = next((each for each in states if each in checked or not each.surroundings.change()), None)
        if state is None:
            reach = Reach([(self.name, self.function), *(("an argument", thing) for thing in structure.objects())])
            state = State(Surroundings(reach.places), list(reach.values), reach.generators, reach.obstacle)
            if reach.operations:
                forget_rules()  # which may read what has changed
            states[:] = [state, *states[: MAX_STATES - 1]]
        checked.add(state)
        for recording in state.recordings:
            if recording.fits(structure.numbers):
                self.unused = 0
                return recording
        checked.clear()  # the function runs, and may change anything
        return state.obstacle or self._record(structure, state)

    def _states_of(self, key: Any) -> list[State]:
        """Return the states that are known for a structure of arguments, and forget those of the oldest structure."""
        states = self._states.get(key)
        if states is None:
            if len(self._states) >= MAX_STRUCTURES:
                del self._states[next(iter(self._states))]
            states = self._states[key] = []
        return states

    def run(self, sample: Sample, why: str) -> Outcome:
        """Call the function as if it was not compiled."""
        arguments, keywords = sample
        self.unused += 1
        returned = recorded(lambda: self.function(*arguments, **keywords))
        return Outcome(results_of(returned, takes_numbers=True), why)

    def _record(self, structure: Structure, state: State) -> Recording | Outcome:
        inputs = [Value(number) for number in structure.numbers]
        arguments, keywords = structure.build(iter(inputs))
        given = dict.fromkeys(parameters_in(structure.objects()))
        known = dict.fromkeys([*given, *parameters_in(_around(self.function)), *state.values])
        key, drawn = structure_of((arguments, keywords)).key, [state_of() for state_of in state.generators]
        found = trace(lambda: self.function(*arguments, **keywords), inputs, known)
        if structure_of((arguments, keywords)).key != key:
            raise UsageError(
                "a compiled function must not change its arguments, since a replay would not do it again; "
                f"{self.name} changes a list or a dictionary that it is given. Change a copy, such as list(x)"
            )
        order = topological_order(*found.results, *sides_of(found.guards))
        used, mine = set(order), {*inputs, *(node for node, _ in found.made)}
        foreign = [node for node in order if node not in mine]
        obstacle = found.unseen or _obstacle(foreign, known)
        if drawn != [state_of() for state_of in state.generators]:
            obstacle = "it draws random numbers"
        change = state.surroundings.change()
        if change or obstacle:
            state.obstacle = "" if change else obstacle
            self.unused += 1
            return Outcome(in_order(found.results, {*foreign}), obstacle or f"it changes {change}")
        parameters = [leaf for leaf in known if leaf in given or leaf in used]
        results = in_order(found.results)
        program = Program(results[0], inputs, parameters, backend=self.backend, outputs=results[1:])
        if program.backend == "python":  # which shows every scalar
            results = scalars(results)
            program = Program(results[0], inputs, parameters, backend="python", outputs=results[1:])
        recording = Recording(program, results, found.guards, state.surroundings)
        state.recordings = [recording, *state.recordings[: MAX_RECORDINGS - 1]]
        return recording


def _obstacle(nodes: Sequence[Value], known: Container[Value]) -> str:
    """Return why nodes that were made before a recording stand in the way of replays; "" if none does."""
    results = [node for node in nodes if node.is_result]
    if results:
        return f"it uses {results[-1]!r}, which was computed before: a replay would compute it again"
    unknown = [node for node in nodes if node not in known]
    return f"it uses {unknown[0]!r}, which it finds in a way that is not followed" if unknown else ""


def _around(function: Callable[..., Any]) -> list[Any]:
    """Return the objects that a function names from the code around it."""
    try:
        found = getclosurevars(function)
    except TypeError:  # it is not a plain function
        return []
    return [*found.nonlocals.values(), *(each for each in found.globals.values() if isinstance(each, Value | list))]

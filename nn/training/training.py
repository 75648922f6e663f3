"""Training: a program and an optimiser, step after step, without recording anything.

The optimiser's rule becomes a program, too: it is recorded once, with Values for a parameter, its gradient and its
states.
"""

import copy
import math
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Any, NamedTuple

from engine import Program, UsageError, Value, topological_order
from engine.program.backend import Loop, Numbers, Update
from engine.program.compiled import Compiled
from engine.program.plan import Plan
from engine.support.interrupts import assign_all

from .. import optimisers
from ..checks import positive
from ..errors import SettingError
from ..optimisers import Optimiser, State
from .backends import gradients_of, set_gradients, step
from .columns import ColumnStates
from .settings import Shaping

SLICE = 0.05  # seconds of steps between two looks at progress and interruption
LIBRARY = [getattr(optimisers, name) for name in ("SGD", "RMSprop", "Adagrad", "Adam", "AdamW")]
DATA = attrgetter("data")
CHANGING = ("parameters", "states", "lr")  # what differs from step to step
SHAPED = "shaped_gradient"  # where gradients are shaped, a state besides the optimiser's own: the last one used


class _Kept(NamedTuple):
    """A loop, and what it was made from."""

    reads: tuple[dict[str, Any], list[str]]  # the optimiser's settings, and the names of the states
    update: Update
    loop: Loop


class Training:
    """Steps of an optimiser on the parameters of a program.

    The steps are taken by the program's backend: in Python, by a function that holds forward pass, backward pass and
    update, for debuggers to step through; natively, by a loop in C. The numbers are those of a loop of your own that
    sets each ``grad`` to None, computes the loss, and calls ``backward()`` and ``step()``: what a loop cannot do, such
    as the rule of an optimiser of your own, the optimiser does itself at each step. After each `run`, also after an
    interrupted one, the parameters and the optimiser's states have the numbers of the last complete step.

    Args:
        program: computes the loss of one row of inputs; or a compiled function.
        optimiser: updates the program's parameters.
        rows: the data: for each sample a number for each input, or the arguments of the compiled function.
        batch_size: how many rows a step takes, in turn; None takes all.
        shaping: penalties on parameters and limits of gradients.
        loop: makes what takes the steps; the program's backend, without another one.

    Attributes:
        batches: the places of the rows of each step, in turn.
        taken: how many steps have been taken.
        pace: how many steps to take until the next look at progress and interruption.

    Raises:
        UsageError: the optimiser does not update the program's parameters; or the samples of a compiled function
            differ in structure, or it branches on numbers.
        ValueError: there are no rows.
        SettingError: the batch size is not positive.
        TypeError: a row does not have a number for each input.

    >>> from engine import Value
    >>> from nn import SGD
    >>> x, w = Value(1.0, "x"), Value(0.0, "w")
    >>> program = Program((w * x - 3.0 * x) ** 2, [x], [w])
    >>> losses = Training(program, SGD([w], lr=0.1), [[1.0], [2.0]], batch_size=1).run(100)
    >>> losses[0], round(w.data, 6)
    (9.0, 3.0)
    """

    def __init__(
        self, program: Program | Compiled, optimiser: Optimiser, rows: Sequence[Sequence[Any]],
        batch_size: int | None = None, shaping: Shaping | None = None,
        loop: Callable[[Program, Update, int], Loop] = Program.loop,
    ) -> None:  # fmt: skip
        if not rows:
            raise ValueError("a training needs at least one row of data")
        if isinstance(program, Compiled):
            recording, rows = program.rows(rows)
            program = recording.program
        size = len(rows) if batch_size is None else positive(batch_size, "batch_size")
        self.program, self.optimiser, self.shaping, self._make_loop = program, optimiser, shaping, loop
        self.require_parameters()
        self._used = [i for i, is_used in enumerate(program.reached) if is_used]
        self._rows, self._order = program.rows(rows), list(range(len(rows)))
        self.batches = [range(start, min(start + size, len(rows))) for start in range(0, len(rows), size)]
        self.taken, self.pace = 0, 1
        self._kept: _Kept | None = None
        self._handed_back: ColumnStates | None = None  # the states after the last run

    def require_parameters(self) -> None:
        """Make sure that the optimiser updates the program's parameters."""
        if list(self.optimiser.parameters) != list(self.program.parameters):
            raise UsageError("the optimiser updates other parameters than the program; give both the same list")

    def is_for(self, optimiser: Optimiser, rows: Sequence[Sequence[float]] | None) -> bool:
        """Return whether these are the steps of an optimiser on rows."""
        is_same = self.optimiser is optimiser and list(optimiser.parameters) == list(self.program.parameters)
        return is_same and self._rows == rows

    def reorder(self, order: Sequence[int]) -> None:
        """Take the rows in another order, given by their places, and begin with its first batch.

        Raises:
            ValueError: a row is missing or comes twice.
        """
        if sorted(order) != list(range(len(self._rows))):
            raise ValueError(f"an order of {len(self._rows)} rows has each number from 0 to {len(self._rows) - 1} once")
        self._order = list(order)
        self.taken = 0
        if self._kept:
            self._kept.loop.load_batches(self._places)

    @property
    def _places(self) -> list[list[int]]:
        """The places of the rows of each batch."""
        return [self._order[batch.start : batch.stop] for batch in self.batches]

    def run(
        self, steps: int, rates: Sequence[float] | None = None, progress: Callable[[list[float]], object] | None = None
    ) -> list[float]:
        """Take steps, from where the last run ended; return the loss of each, from before its update.

        Args:
            steps: how many.
            rates: the learning rate at each step; without them, the optimiser's.
            progress: called now and then with the losses so far.

        Raises:
            DomainError: an operation has no value; the parameters are those after the last complete step.
            KeyboardInterrupt: Ctrl-C was pressed; likewise.
        """
        if rates is not None and len(rates) != steps:
            raise ValueError(f"{steps} steps need {steps} rates, one for each, not {len(rates)}")
        losses: list[float] = []

        def note(found: list[float]) -> None:
            losses.extend(found)
            if progress:
                progress(losses)

        while (done := len(losses)) < steps:
            rest = [self.optimiser.lr] * (steps - done) if rates is None else rates[done:]
            if len(self.take(rest, note)) < len(rest):
                note([self._one_step(None if rates is None else rates[len(losses)])])
        return losses

    def take(self, rates: Sequence[float], progress: Callable[[list[float]], object]) -> list[float]:
        """Take a step for each rate; return the losses up to a step that the optimiser has to take itself.

        After it, also after an interruption, the parameters and the states are those of the last step whose loss
        `progress` was given.

        Args:
            progress: called now and then with the losses of the steps since the last call.
        """
        losses: list[float] = []
        kept = self._loop()
        if kept is None:
            return losses
        numbers = self._numbers(kept)
        kept.loop.load(numbers)
        try:
            try:
                while len(losses) < len(rates):
                    wanted = rates[len(losses) : len(losses) + self.pace]
                    found = self._slice(kept, numbers, wanted)
                    numbers, self.taken = kept.loop.numbers(), self.taken + len(found)
                    if found:
                        losses += found
                        progress(found)
                    if len(found) < len(wanted):
                        break
            finally:
                self._hand_back(kept, numbers)
        except BaseException:  # an interruption of the line above
            self._hand_back(kept, numbers)
            raise
        return losses

    def _slice(self, kept: _Kept, before: Numbers, rates: Sequence[float]) -> list[float]:
        """Take some steps in the backend's loop; return the losses up to a step that it cannot take."""
        start = time.perf_counter()
        losses = kept.loop.take(self.taken, rates)
        finite = next((i for i, loss in enumerate(losses) if not math.isfinite(loss)), len(losses))
        is_slow = time.perf_counter() - start > SLICE or finite < len(rates)
        self.pace = max(1, self.pace // 2) if is_slow else max(self.pace, 2 * len(losses))
        if finite < len(rates):  # that step has spoilt numbers or gradients: those before it are taken again
            kept.loop.load(before)
            losses = kept.loop.take(self.taken, rates[:finite]) if finite else []
        return losses

    def _loop(self) -> _Kept | None:
        """Return the backend's loop; None if it cannot take the next step."""
        optimiser, kept = self.optimiser, self._kept
        self.require_parameters()
        if own_rule(optimiser) or (self.shaping and self.shaping.clip_norm is not None):  # of all gradients together
            return None
        if kept and self._is_handed_back(kept) and kept.reads[0] == settings_of(optimiser):
            return kept
        states = self._of_used(optimiser.states)
        if not states or (any(states) and len(set(map(frozenset, states))) > 1):
            return None
        reads = settings_of(optimiser), list(states[0])
        if kept is None or kept.reads != reads or not all(is_shared(states, name) for name in kept.update.shared):
            update = update_of(optimiser, states, self.shaping)
            if update is None:
                return None
            kept = self._kept = _Kept(reads, update, self._make_loop(self.program, update, max(map(len, self.batches))))
            kept.loop.load_rows(self._rows)
            kept.loop.load_batches(self._places)
        return kept

    def _is_handed_back(self, kept: _Kept) -> bool:
        """Return whether the states are those that this training has handed back, and were not asked for since."""
        states = self.optimiser.states
        return isinstance(states, ColumnStates) and states is self._handed_back and states.is_untouched

    def _numbers(self, kept: _Kept) -> Numbers:
        """Return the numbers of now; parameters that the program does not depend on may have no states."""
        states, leaves = self.optimiser.states, self.optimiser.parameters
        data = list(map(DATA, leaves))
        if isinstance(states, ColumnStates) and self._is_handed_back(kept):
            own = [states.column(name, len(leaves)) for name in kept.update.own]
            return Numbers(data, own, list(map(states.shared, kept.update.shared)))
        own = [[state.get(name, 0.0) for state in states] for name in kept.update.own]
        shared = [states[self._used[0]][name] for name in kept.update.shared]
        return Numbers(data, own, shared)

    def _hand_back(self, kept: _Kept, numbers: Numbers) -> None:
        """Give the parameters and the optimiser's states these numbers, all or none."""
        leaves, states, names = self.optimiser.parameters, self.optimiser.states, kept.reads[1]
        known = dict(zip(kept.update.own, numbers.own, strict=True))
        known.update((name, [x] * len(leaves)) for name, x in zip(kept.update.shared, numbers.shared, strict=True))
        if names:
            states = ColumnStates(states, self._used, {name: self._of_used(known[name]) for name in names})
            self._handed_back = states
        used = self._of_used(leaves)
        changes: list[tuple[Iterable[object], str, Iterable[Any]]] = [([self.optimiser], "states", [states])]
        changes.append((used, "data", self._of_used(numbers.parameters)))
        if numbers.gradients:
            if len(used) < len(leaves):
                changes.append((leaves, "grad", repeat(None)))
            changes.append((used, "grad", self._of_used(known.get(SHAPED, numbers.gradients))))
        assign_all(*changes)

    def _of_used(self, column: Sequence[Any]) -> Sequence[Any]:
        """Return the entries of the parameters that the loss depends on."""
        return column if len(self._used) == len(column) else [column[i] for i in self._used]

    def _one_step(self, rate: float | None) -> float:
        """Take one step by the optimiser itself, which raises the usual errors."""
        rows = [self._rows[place] for place in self._places[self.taken % len(self.batches)]]
        loss = set_gradients(self.optimiser, lambda: gradients_of(self.program, rows))
        step(self.optimiser, self.shaping, rate)
        self.taken += 1
        return loss


def own_rule(optimiser: Any) -> str:
    """Return why only an optimiser itself can follow its rule; an empty text if a loop can, too."""
    if type(optimiser) in LIBRARY and set(vars(optimiser)).isdisjoint(vars(Optimiser)):
        return ""
    return f"{type(optimiser).__name__} has a rule of its own"


def require_rule(optimiser: Any, backend: str) -> None:
    """Make sure that a backend that was asked for can follow an optimiser's rule.

    Raises:
        SettingError: it cannot; the message says why.
    """
    if backend in ("native", "jax") and (why := own_rule(optimiser)):
        remedy = "backend='auto' lets the optimiser take each step itself"
        raise SettingError(f"backend={backend!r} cannot take the steps of this optimiser: {why}; {remedy}")


def settings_of(optimiser: Optimiser) -> dict[str, Any]:
    """Return what a rule reads besides a parameter, its gradient, its states and the rate."""
    return {name: thing for name, thing in vars(optimiser).items() if name not in CHANGING}


def update_of(optimiser: Optimiser, states: Sequence[State], shaping: Shaping | None = None) -> Update | None:
    """Return an optimiser's rule as the update of a training step; None if it cannot be read, or not yet.

    In the first step there are no states, so the second one may follow another rule.

    Args:
        optimiser: its rule is read with Values.
        states: those of the parameters to update; one that is equal for all, and stays so, is shared by them.
        shaping: what is done to each gradient first.
    """
    p, g, rate = Value(1.0, "p"), Value(0.5, "g"), Value(1.0, "rate")
    leaves = {name: Value(1.0, name) for name in states[0]}
    like = copy.copy(optimiser)
    like.lr = rate  # type: ignore[assignment]
    try:
        shaped = shaping.shaped(p, g) if shaping else g
        number, changed = like.updated(p, shaped, dict(leaves))  # type: ignore[arg-type]
    except Exception:
        return None
    if any(state.keys() != changed.keys() for state in states):
        return None
    following = {name: _value(changed[name]) for name in leaves}
    shared, before = [name for name in leaves if is_shared(states, name)], None
    while shared != before:
        varying = {p, g, *(leaf for name, leaf in leaves.items() if name not in shared)}
        before = shared
        shared = [name for name in shared if varying.isdisjoint(topological_order(following[name]))]
    own = [name for name in leaves if name not in shared]
    if shaping:
        own, leaves, following = [*own, SHAPED], {**leaves, SHAPED: Value(0.0, SHAPED)}, {**following, SHAPED: shaped}
    roots = [*(following[name] for name in shared), _value(number), *(following[name] for name in own)]
    inputs, parameters = [p, g, *(leaves[name] for name in own)], [rate, *(leaves[name] for name in shared)]
    return Update(Plan(roots, inputs, parameters, backward=False), shared, own)


def is_shared(states: Sequence[State], name: str) -> bool:
    """Return whether a state is equal for all parameters."""
    return all(state[name] == states[0][name] for state in states)


def _value(thing: Any) -> Value:
    return thing if isinstance(thing, Value) else Value(thing)

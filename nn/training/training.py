"""Training: a program and an optimiser, step after step, without recording anything.

The optimiser's rule becomes a program, too: it is recorded once, with Values for a parameter, its gradient and its
states.
"""

import copy
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any

from engine import Program, UsageError, Value, topological_order
from engine.program.backend import Loop, Numbers, Update
from engine.program.compiled import Compiled
from engine.program.plan import Plan

from ..checks import positive
from ..optimisers import Optimiser

SLICE = 0.05  # seconds of steps between two looks at progress and interruption


class Training:
    """Steps of an optimiser on the parameters of a program.

    The steps are taken by the program's backend: in Python, by a function that holds forward pass, backward pass and
    update, for debuggers to step through; natively, by a loop in C. After each `run`, also after an interrupted
    one, the parameters and the optimiser's states have the numbers of the last complete step.

    Args:
        program: computes the loss of one row of inputs; or a compiled function.
        optimiser: updates the program's parameters.
        rows: the data: for each sample a number for each input, or the arguments of the compiled function.
        batch_size: how many rows a step takes, in turn; None takes all.

    Attributes:
        taken: how many steps have been taken.

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
        batch_size: int | None = None,
    ) -> None:  # fmt: skip
        if not rows:
            raise ValueError("a training needs at least one row of data")
        if isinstance(program, Compiled):
            recording, rows = program.rows(rows)
            program = recording.program
        if list(optimiser.parameters) != list(program.parameters):
            raise UsageError("the optimiser updates other parameters than the program; give both the same list")
        size = len(rows) if batch_size is None else positive(batch_size, "batch_size")
        self.program, self.optimiser = program, optimiser
        self._rows = [program.numbers(row) for row in rows]
        self._order = list(range(len(rows)))
        self.batches = [range(start, min(start + size, len(rows))) for start in range(0, len(rows), size)]
        self.taken = 0
        self._pace = 1  # how many steps are taken between two looks
        self._kept: tuple[dict[str, Any], Update, Loop] | None = None

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
            self._kept[2].load_batches(self._places)

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
        optimiser, before = self.optimiser, self.optimiser.lr
        losses: list[float] = []
        loop: Loop | None = None
        try:
            while len(losses) < steps:
                done, part = len(losses), list[float]()
                if loop is None and _is_settled(optimiser):
                    loop = self._loop()
                if loop:
                    start = time.perf_counter()
                    count = min(self._pace, steps - done)
                    part = loop.take(self.taken, rates[done : done + count] if rates else [optimiser.lr] * count)
                    slow = time.perf_counter() - start > SLICE
                    self._pace = max(1, self._pace // 2) if slow else max(self._pace, 2 * count)
                if not part:
                    if loop:
                        self._hand_back(loop)
                        loop = None
                    part = [self._one_step(rates[done] if rates else optimiser.lr)]
                losses += part
                self.taken += len(part)
                if progress:
                    progress(losses)
        finally:
            optimiser.lr = before
            if loop:
                self._hand_back(loop)
        return losses

    def _one_step(self, rate: float) -> float:
        """Take one step by the optimiser itself, which raises the usual errors."""
        batch = self._places[self.taken % len(self.batches)]
        loss, gradients = self.program.batch([self._rows[place] for place in batch])
        for leaf, gradient in zip(self.program.parameters, gradients, strict=True):
            leaf.grad = gradient
        self.optimiser.lr = rate
        self.optimiser.step()
        return loss

    @property
    def _places(self) -> list[list[int]]:
        """The places of the rows of each batch."""
        return [self._order[batch.start : batch.stop] for batch in self.batches]

    def _loop(self) -> Loop:
        """Return the backend's loop, which continues from the numbers of now."""
        optimiser = self.optimiser
        changing = ("parameters", "states", "lr")  # from step to step
        settings = {name: thing for name, thing in vars(optimiser).items() if name not in changing}
        kept = self._kept
        if kept is None or kept[0] != settings or not all(_is_equal(optimiser, name) for name in kept[1].shared):
            update = update_of(optimiser)
            loop = self.program.loop(update, max(map(len, self.batches)))
            loop.load_rows(self._rows)
            loop.load_batches(self._places)
            self._kept = kept = settings, update, loop
        _, update, loop = kept
        own = [[state[name] for state in optimiser.states] for name in update.own]
        shared = [optimiser.states[0][name] for name in update.shared]
        loop.load(Numbers([leaf.data for leaf in optimiser.parameters], own, shared))
        return loop

    def _hand_back(self, loop: Loop) -> None:
        """Give the parameters and the optimiser's states the numbers after the last step."""
        assert self._kept
        parameters, own, shared = loop.numbers()
        for leaf, number in zip(self.optimiser.parameters, parameters, strict=True):
            leaf.data = number
        columns: dict[str, Iterable[float]] = dict(zip(self._kept[1].shared, map(repeat, shared), strict=True))
        columns.update(zip(self._kept[1].own, own, strict=True))
        names = list(self.optimiser.states[0])
        if names:
            rows = zip(parameters, *(columns[name] for name in names), strict=False)
            self.optimiser.states[:] = [dict(zip(names, row, strict=True)) for _, *row in rows]


def update_of(optimiser: Optimiser) -> Update:
    """Return an optimiser's rule as the update of a training step.

    A state that is equal for all parameters, and stays so, is shared by them.
    """
    p, g, rate = Value(1.0, "p"), Value(1.0, "g"), Value(1.0, "rate")
    states = {name: Value(1.0, name) for name in optimiser.states[0]}
    like = copy.copy(optimiser)
    like.lr = rate  # type: ignore[assignment]
    number, changed = like.updated(p, g, dict(states))  # type: ignore[arg-type]
    following = {name: _value(changed[name]) for name in states}
    shared, before = [name for name in states if _is_equal(optimiser, name)], None
    while shared != before:
        varying = {p, g, *(leaf for name, leaf in states.items() if name not in shared)}
        before = shared
        shared = [name for name in shared if varying.isdisjoint(topological_order(following[name]))]
    own = [name for name in states if name not in shared]
    roots = [*(following[name] for name in shared), _value(number), *(following[name] for name in own)]
    inputs, parameters = [p, g, *(states[name] for name in own)], [rate, *(states[name] for name in shared)]
    return Update(Plan(roots, inputs, parameters, backward=False), shared, own)


def _is_equal(optimiser: Optimiser, name: str) -> bool:
    return all(state[name] == optimiser.states[0][name] for state in optimiser.states)


def _is_settled(optimiser: Optimiser) -> bool:
    """Return whether all later steps follow the same rule: in the first step, there are no states yet."""
    known = optimiser.states[0].keys()
    try:
        _, following = optimiser.updated(1.0, 1.0, dict.fromkeys(known, 1.0))
    except ArithmeticError:
        return False  # the rule cannot be read
    return following.keys() == known and all(state.keys() == known for state in optimiser.states)


def _value(thing: Any) -> Value:
    return thing if isinstance(thing, Value) else Value(thing)

"""Training: forward pass, backward pass and update, step after step, without a graph and without Values."""

from __future__ import annotations

import copy
import time
from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from itertools import chain, repeat
from math import isfinite
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import UsageError
from ..graph import topological_order
from ..value import Value
from .plan import Plan
from .program import loaded
from .stepping import step_source, update_source

if TYPE_CHECKING:
    from .program import Program

CHANGING = ("parameters", "states", "lr")  # what of an optimiser is no part of its rule
MOST_UNROLLED = 2_000  # operations and steps of the chain rule in one Python function
SLICE = 0.05  # seconds of native steps between two looks at progress and interruption


class Optimiser(Protocol):
    """Describe what the training needs of an optimiser; those of `nn` have it.

    Attributes:
        parameters: what it updates.
        lr: the learning rate.
        states: for each parameter what it remembers.
    """

    parameters: list[Value]
    lr: float
    states: list[dict[str, float]]

    def step(self) -> None:
        """Update all parameters by their gradients."""

    def updated(self, p: Any, g: Any, state: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Return a parameter's next number and state."""


class Rule:
    """Hold an optimiser's rule as a plan, recorded once.

    Attributes:
        common: the states that are the same for all parameters, such as the count of steps.
        own: the states that each parameter has for itself.
        plan: computes the next common states, the next number and the next own states, in this order; its
            parameters are the rate and the common states, its inputs number, gradient and own states.
    """

    def __init__(self, optimiser: Optimiser) -> None:
        p, g, rate = Value(1.0, "p"), Value(1.0, "g"), Value(1.0, "rate")
        states = {name: Value(1.0, name) for name in optimiser.states[0]}
        like = copy.copy(optimiser)
        like.lr = rate  # type: ignore[assignment]
        number, following = like.updated(p, g, dict(states))
        following = {name: _value(following[name]) for name in states}
        self.common = _common(optimiser, states, following, {p, g})
        self.own = [name for name in states if name not in self.common]
        roots = [*(following[name] for name in self.common), _value(number), *(following[name] for name in self.own)]
        shared = [rate, *(states[name] for name in self.common)]
        self.plan = Plan(roots, [p, g, *(states[name] for name in self.own)], shared, backward=False)

    def fits(self, optimiser: Optimiser) -> bool:
        """Tell whether what is common to all parameters still is."""
        first = optimiser.states[0]
        return all(state[name] == first[name] for name in self.common for state in optimiser.states)


def is_settled(optimiser: Optimiser) -> bool:
    """Tell whether the optimiser's rule is the one of all later steps: at first, there is nothing to remember."""
    known = optimiser.states[0].keys()
    try:
        _, following = optimiser.updated(1.0, 1.0, dict.fromkeys(known, 1.0))
    except ArithmeticError:
        return False  # nobody knows which rule it is
    return following.keys() == known and all(state.keys() == known for state in optimiser.states)


def _value(thing: Any) -> Value:
    return thing if isinstance(thing, Value) else Value(thing)


def _common(optimiser: Optimiser, states: dict[str, Value], following: dict[str, Value], own: set[Value]) -> list[str]:
    """Return the states that are equal for all parameters, and stay so."""
    first = optimiser.states[0]
    common = [name for name in states if all(state[name] == first[name] for state in optimiser.states)]
    while True:
        varying = own | {leaf for name, leaf in states.items() if name not in common}
        still = [name for name in common if varying.isdisjoint(topological_order(following[name]))]
        if still == common:
            return common
        common = still


class Training:
    """Train the parameters of a program by an optimiser.

    The numbers of the parameters and what the optimiser remembers are there again after each `run`, also after
    one that was interrupted: then they are those of the last complete step.

    Args:
        program: what computes the loss of one row of inputs.
        optimiser: what updates its parameters.
        rows: the data: for each sample a number for each input.
        batch_size: how many rows a step takes, in turn; None takes all.
        native: whether to train in native code.

    Attributes:
        taken: how many steps have been taken.

    Raises:
        UsageError: the optimiser does not update the program's parameters.
        ValueError: there are no rows, or the batch size is not positive.
        TypeError: a row has another count of numbers than the program has inputs.
    """

    def __init__(
        self,
        program: Program,
        optimiser: Optimiser,
        rows: Sequence[Sequence[float]],
        batch_size: int | None = None,
        native: bool = True,
    ) -> None:
        if list(optimiser.parameters) != list(program.parameters):
            raise UsageError("the optimiser updates other parameters than the program; give both the same list")
        if not rows:
            raise ValueError("there are no rows to train on")
        size = len(rows) if batch_size is None else batch_size
        if size < 1:
            raise ValueError(f"batch_size={batch_size!r} is none: it must be at least 1")
        self.program, self.optimiser, self.native = program, optimiser, native
        self.rows = self._given = [program.numbers(row) for row in rows]
        self.starts = list(range(0, len(rows), size))
        self.counts = [min(size, len(rows) - start) for start in self.starts]
        self.taken = 0
        self._pace = 1  # how many steps are taken between two looks
        self._kept: tuple[dict[str, Any], Loop] | None = None

    def reorder(self, order: Sequence[int]) -> None:
        """Take the rows in another order, and begin with its first batch.

        Args:
            order: the places of the rows among those that were given.

        Raises:
            ValueError: not every row is in it once.
        """
        if sorted(order) != list(range(len(self.rows))):
            raise ValueError(f"an order of {len(self.rows)} rows has the numbers 0 to {len(self.rows) - 1}, each once")
        self.rows = [self._given[place] for place in order]
        self.taken = 0
        if self._kept:
            self._kept[1].take_rows()

    def run(
        self,
        steps: int,
        rates: Sequence[float] | None = None,
        progress: Callable[[list[float]], object] | None = None,
    ) -> list[float]:
        """Take steps, from where the last run ended; return the loss at each, from before its update.

        Args:
            steps: how many.
            rates: the learning rate at each step; without them, the optimiser's.
            progress: called now and then with the losses so far.

        Raises:
            DomainError: an operation has no value; the parameters are those after the last complete step.
            KeyboardInterrupt: somebody interrupted; likewise.
        """
        if rates is not None and len(rates) != steps:
            raise ValueError(f"there are {len(rates)} rates for {steps} steps; give one for each")
        before = self.optimiser.lr
        losses: list[float] = []
        try:
            with closing(self._steps(steps, rates)) as parts:
                for part in parts:
                    losses += part
                    if progress:
                        progress(losses)
        finally:
            self.optimiser.lr = before
        return losses

    def _steps(self, steps: int, rates: Sequence[float] | None) -> Generator[list[float]]:
        done = 0
        loop: Loop | None = None
        try:
            while done < steps:
                if loop is None and is_settled(self.optimiser):
                    loop = self._loop()
                part: list[float] = []
                if loop:
                    start = time.perf_counter()
                    count = min(self._pace, steps - done)
                    part = loop.take(self.taken, rates[done : done + count] if rates else [self.optimiser.lr] * count)
                    slow = time.perf_counter() - start > SLICE
                    self._pace = max(1, self._pace // 2) if slow else max(self._pace, 2 * count)
                if not part:
                    if loop:
                        loop.hand_back()
                        loop = None
                    part = [self._one(self.taken, rates[done] if rates else self.optimiser.lr)]
                done += len(part)
                self.taken += len(part)
                yield part
        finally:
            if loop:
                loop.hand_back()

    def _loop(self) -> Loop:
        """Return what takes steps without Values, with the numbers of the moment."""
        settings = {name: thing for name, thing in vars(self.optimiser).items() if name not in CHANGING}
        if self._kept is None or self._kept[0] != settings or not self._kept[1].rule.fits(self.optimiser):
            small = max(self.counts) == 1 and self.program.plan.length <= MOST_UNROLLED
            kind = NativeLoop if self.native else UnrolledLoop if small else PythonLoop
            self._kept = settings, kind(self, Rule(self.optimiser))
        loop = self._kept[1]
        loop.take_over()
        return loop

    def _one(self, step: int, rate: float) -> float:
        """Take one step with Values; it tells what has no value."""
        batch = step % len(self.starts)
        start = self.starts[batch]
        loss, gradients = self.program.batch(self.rows[start : start + self.counts[batch]])
        for leaf, gradient in zip(self.program.parameters, gradients, strict=True):
            leaf.grad = gradient
        self.optimiser.lr = rate
        self.optimiser.step()
        return loss


class Loop(ABC):
    """Hold what many steps need, and take them without Values."""

    def __init__(self, training: Training, rule: Rule) -> None:
        self.training, self.rule = training, rule

    def take_over(self) -> None:
        """Take the numbers of the parameters and of what the optimiser remembers."""
        optimiser, first = self.training.optimiser, self.training.optimiser.states[0]
        own = [[state[name] for state in optimiser.states] for name in self.rule.own]
        self.set_numbers([leaf.data for leaf in optimiser.parameters], own, [first[name] for name in self.rule.common])

    def take_rows(self) -> None:  # noqa: B027 - most loops read those of the training
        """Notice that the rows come in another order."""

    def hand_back(self) -> None:
        """Give the parameters and the optimiser's states the numbers after the last step."""
        optimiser = self.training.optimiser
        parameters, own, common = self.numbers()
        for leaf, number in zip(optimiser.parameters, parameters, strict=True):
            leaf.data = number
        columns: dict[str, Iterable[float]] = {
            name: repeat(number) for name, number in zip(self.rule.common, common, strict=True)
        }
        columns.update(zip(self.rule.own, own, strict=True))
        names = list(optimiser.states[0])
        if names:
            rows = zip(range(len(parameters)), *(columns[name] for name in names), strict=False)
            optimiser.states[:] = [dict(zip(names, row, strict=True)) for _, *row in rows]

    def batches(self, first: int, count: int) -> list[int]:
        """Return which batch each step takes."""
        return [step % len(self.training.starts) for step in range(first, first + count)]

    @abstractmethod
    def set_numbers(self, parameters: list[float], own: list[list[float]], common: list[float]) -> None:
        """Go on from these numbers: parameters, a column for each own state, and the common states."""

    @abstractmethod
    def numbers(self) -> tuple[Sequence[float], Sequence[Sequence[float]], Sequence[float]]:
        """Return the numbers of now, as `set_numbers` takes them."""

    @abstractmethod
    def take(self, first: int, rates: Sequence[float]) -> list[float]:
        """Take a step for each rate; return the losses of those that are complete."""


class NativeLoop(Loop):
    """Take steps in native code."""

    def __init__(self, training: Training, rule: Rule) -> None:
        super().__init__(training, rule)
        self.unit, self.update = training.program.native_pair(rule.plan, max(training.counts) > 1)
        self.take_rows()

    def take_rows(self) -> None:
        """Lay the rows out one behind the other."""
        self.rows = array("d", chain.from_iterable(self.training.rows))

    def set_numbers(self, parameters: list[float], own: list[list[float]], common: list[float]) -> None:
        """Go on from these numbers."""
        self.columns = array("d", chain(parameters, [0.0] * len(parameters), *own))  # the zeros become the gradients
        self.common = array("d", [0.0, *common])  # the zero becomes the rate

    def numbers(self) -> tuple[Sequence[float], Sequence[Sequence[float]], Sequence[float]]:
        """Return the numbers of now."""
        count = len(self.training.optimiser.parameters)
        parameters, _, *own = (self.columns[start : start + count] for start in range(0, len(self.columns), count))
        return parameters, own, self.common[1:]

    def take(self, first: int, rates: Sequence[float]) -> list[float]:
        """Take a step for each rate; return the losses of those that are complete."""
        batches = self.batches(first, len(rates))
        starts = array("q", [self.training.starts[batch] for batch in batches])
        counts = array("q", [self.training.counts[batch] for batch in batches])
        return self.unit.train(self.update, self.common, self.columns, self.rows, starts, counts, array("d", rates))


class PythonLoop(Loop):
    """Take steps by a Python program and a Python function for the update."""

    def __init__(self, training: Training, rule: Rule) -> None:
        super().__init__(training, rule)
        self.update = loaded(update_source(rule), "update")

    def set_numbers(self, parameters: list[float], own: list[list[float]], common: list[float]) -> None:
        """Go on from these numbers."""
        self.parameters, self.own, self.common = parameters, own, common

    def numbers(self) -> tuple[Sequence[float], Sequence[Sequence[float]], Sequence[float]]:
        """Return the numbers of now."""
        return self.parameters, self.own, self.common

    def take(self, first: int, rates: Sequence[float]) -> list[float]:
        """Take a step for each rate; return the losses of those that are complete."""
        training, losses = self.training, list[float]()
        for batch, rate in zip(self.batches(first, len(rates)), rates, strict=True):
            start = training.starts[batch]
            rows = training.rows[start : start + training.counts[batch]]
            try:
                loss, gradients = training.program.mean(rows, self.parameters)
                (parameters, *own), common = self.update((self.parameters, gradients, *self.own), self.common, rate)
            except (ArithmeticError, ValueError):
                break
            if not isfinite(loss + sum(parameters)):
                break
            self.set_numbers(parameters, own, common)
            losses.append(loss)
        return losses


class UnrolledLoop(Loop):
    """Take steps of one row each in one Python function."""

    def __init__(self, training: Training, rule: Rule) -> None:
        super().__init__(training, rule)
        self.step = loaded(step_source(training.program, rule), "step")

    def set_numbers(self, parameters: list[float], own: list[list[float]], common: list[float]) -> None:
        """Go on from these numbers."""
        self.parameters = tuple(parameters)
        self.states = (*common, *chain.from_iterable(zip(*own, strict=True)))

    def numbers(self) -> tuple[Sequence[float], Sequence[Sequence[float]], Sequence[float]]:
        """Return the numbers of now."""
        shared, width = len(self.rule.common), len(self.rule.own)
        own = self.states[shared:]
        return self.parameters, [own[start::width] for start in range(width)], self.states[:shared]

    def take(self, first: int, rates: Sequence[float]) -> list[float]:
        """Take a step for each rate; return the losses of those that are complete."""
        step, rows, losses = self.step, self.training.rows, list[float]()
        for batch, rate in zip(self.batches(first, len(rates)), rates, strict=True):
            try:
                loss, parameters, states = step(rows[batch], self.parameters, self.states, rate)
            except (ArithmeticError, ValueError):
                break
            if not isfinite(loss + sum(parameters)):
                break
            self.parameters, self.states = parameters, states
            losses.append(loss)
        return losses

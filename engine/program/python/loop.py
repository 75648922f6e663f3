"""Training steps in Python: one function for a whole step, or one for the program and one for the update.

Both stop in front of a step whose numbers may not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from math import isfinite
from typing import Any

from ..backend import Loop, Numbers, Replay, Rows, Update


class UnrolledLoop(Loop):
    """Training steps of one row each, by one function for the whole step.

    Args:
        update: the rule of the update.
        step: a function of `step_source`.
    """

    def __init__(self, update: Update, step: Callable[..., Any]) -> None:
        self.update, self.step = update, step

    def load_rows(self, rows: Rows, batches: Sequence[range]) -> None:
        """Use these rows for the steps that follow."""
        self.rows = [rows[batch.start] for batch in batches]

    def load(self, numbers: Numbers) -> None:
        """Continue from these numbers."""
        self.parameters = tuple(numbers.parameters)
        self.states = (*numbers.shared, *chain.from_iterable(zip(*numbers.own, strict=True)))

    def numbers(self) -> Numbers:
        """Return the numbers after the last complete step."""
        shared, width = len(self.update.shared), len(self.update.own)
        own = self.states[shared:]
        return Numbers(self.parameters, [own[start::width] for start in range(width)], self.states[:shared])

    def take(self, first: int, rates: Sequence[float]) -> list[float]:
        """Take a step for each rate; return the losses of the complete steps."""
        step, rows, losses = self.step, self.rows, list[float]()
        for number, rate in enumerate(rates, first):
            try:
                loss, parameters, states = step(rows[number % len(rows)], self.parameters, self.states, rate)
            except (ArithmeticError, ValueError):
                break
            if not isfinite(loss + sum(parameters)):
                break
            self.parameters, self.states = parameters, states
            losses.append(loss)
        return losses


class BatchLoop(Loop):
    """Training steps of many rows, or of a long program: gradients by one function, the update by another.

    Args:
        total: returns the sums of loss and gradients over rows, times a weight.
        update: a function of `update_source`.
    """

    def __init__(self, total: Callable[[Rows, Sequence[float], float], Replay], update: Callable[..., Any]) -> None:
        self.total, self.update = total, update

    def load_rows(self, rows: Rows, batches: Sequence[range]) -> None:
        """Use these rows for the steps that follow."""
        self.batches = [rows[batch.start : batch.stop] for batch in batches]

    def load(self, numbers: Numbers) -> None:
        """Continue from these numbers."""
        self._numbers = numbers

    def numbers(self) -> Numbers:
        """Return the numbers after the last complete step."""
        return self._numbers

    def take(self, first: int, rates: Sequence[float]) -> list[float]:
        """Take a step for each rate; return the losses of the complete steps."""
        losses: list[float] = []
        for number, rate in enumerate(rates, first):
            p, own, shared = self._numbers
            rows = self.batches[number % len(self.batches)]
            try:
                loss, gradients = self.total(rows, p, 1.0 / len(rows))
                (p, *own), shared = self.update((p, gradients, *own), shared, rate)
            except (ArithmeticError, ValueError):
                break
            if not isfinite(loss + sum(p)):
                break
            self._numbers = Numbers(p, own, shared)
            losses.append(loss)
        return losses

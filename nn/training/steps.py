"""Steps: how an epoch of a training goes through the samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from engine import UsageError

from ..optimisers import Optimiser
from .backends import Eager, Replayed
from .samples import Samples
from .shaping import Shaping
from .training import Training


class Steps:
    """The steps of an epoch: by a `Training` where that is possible, else one by one.

    Attributes:
        count: how many steps an epoch has.
    """

    def __init__(
        self, backend: Eager, optimiser: Optimiser, shaping: Shaping, samples: Samples, size: int, stepwise: bool
    ) -> None:
        self.backend, self.optimiser, self.shaping = backend, optimiser, shaping
        self.pairs, self.size = samples.pairs, size
        self.count = -(-len(samples) // size)
        self.training: Training | None = None
        if isinstance(backend, Replayed) and not stepwise and shaping.clip_norm is None:
            rows = [(backend.subject, *pair) for pair in self.pairs]
            with suppress(UsageError):  # samples go different ways, or not all parameters are optimised
                self.training = Training(backend.step, shaping.within(optimiser), rows, size)

    def take(self, order: Sequence[int], rates: Sequence[float], progress: Callable[[list[float]], object]) -> None:
        """Take a step for each batch of samples.

        Args:
            order: the numbers of the samples.
            rates: the learning rate at each step.
            progress: is called with the losses so far, after complete steps.
        """
        if self.training:
            self.training.reorder(order)
            self.training.run(len(rates), rates, progress)
            return
        losses: list[float] = []
        before = self.optimiser.lr
        try:
            for start, rate in zip(range(0, len(order), self.size), rates, strict=True):
                losses.append(self.backend.gradients([self.pairs[i] for i in order[start : start + self.size]]))
                self.shaping.shape(self.optimiser)
                self.optimiser.lr = rate
                self.optimiser.step()
                progress(losses)
        finally:
            self.optimiser.lr = before

    def sizes(self) -> list[int]:
        """Return how many samples each step takes."""
        return [min(self.size, len(self.pairs) - start) for start in range(0, len(self.pairs), self.size)]

"""Schedules: how the learning rate changes from step to step.

A schedule is a function of a step's number, from 0, and of the count of all steps; it returns the factor of the
optimiser's own rate. The formulas are PyTorch's, with a step of the schedule after each training step:
https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from ..checks import finite, known, positive

Schedule = Callable[[int, int], float]


def constant() -> Schedule:
    """Keep the rate unchanged."""
    return lambda step, steps: 1.0


def step(every: int, factor: float = 0.1) -> Schedule:
    """Multiply the rate by a factor every few steps, as `torch.optim.lr_scheduler.StepLR`.

    >>> [step(2, 0.5)(i, 6) for i in range(6)]
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    """
    every, factor = positive(every, "every"), finite(factor, "the factor", 0.0)
    return lambda step, steps: factor ** (step // every)


def cosine(least: float = 0.0) -> Schedule:
    """Let the rate fall along half a cosine, as `torch.optim.lr_scheduler.CosineAnnealingLR`.

    See I. Loshchilov and F. Hutter, https://arxiv.org/abs/1608.03983.

    Args:
        least: the rate at the end, as a share of the optimiser's.

    >>> [round(cosine()(i, 4), 4) for i in range(4)]
    [1.0, 0.8536, 0.5, 0.1464]
    """
    least = finite(least, "the least share", 0.0)
    return lambda step, steps: least + (1.0 - least) * (1.0 + math.cos(math.pi * step / steps)) / 2.0


def linear(last: float = 0.0) -> Schedule:
    """Let the rate fall in a straight line, as `torch.optim.lr_scheduler.LinearLR` that starts with 1.

    Args:
        last: the rate one step after the last, as a share of the optimiser's.

    >>> [linear()(i, 4) for i in range(4)]
    [1.0, 0.75, 0.5, 0.25]
    """
    last = finite(last, "the last share", 0.0)
    return lambda step, steps: 1.0 + (last - 1.0) * step / steps


def one_cycle(rise: float = 0.3, first: float = 1 / 25, last: float = 1 / 250_000) -> Schedule:
    """Let the rate rise to the optimiser's and then fall, as `torch.optim.lr_scheduler.OneCycleLR`.

    See L. N. Smith and N. Topin, https://arxiv.org/abs/1708.07120.

    Args:
        rise: the share of the steps in which it rises.
        first, last: the rates at the beginning and the end, as shares of the optimiser's.

    >>> [round(one_cycle()(i, 10), 4) for i in range(10)]
    [0.04, 0.52, 1.0, 0.9505, 0.8117, 0.6113, 0.3887, 0.1883, 0.0495, 0.0]
    """
    rise = finite(rise, "the share of the steps that the rate rises", 0.0, 1.0)
    first, last = finite(first, "the first share", 0.0), finite(last, "the last share", 0.0)

    def factor(step: int, steps: int) -> float:
        top = rise * steps - 1.0  # may fall between two steps
        if step <= top:
            return _along(first, 1.0, step / top if top else 1.0)
        return _along(1.0, last, (step - top) / (steps - 1.0 - top))

    return factor


def _along(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2.0 * (1.0 + math.cos(math.pi * share))


BY_NAME: dict[str, Callable[[], Schedule]] = {
    "constant": constant,
    "cosine": cosine,
    "linear": linear,
    "one_cycle": one_cycle,
}


def schedule_of(schedule: str | Schedule | None) -> Schedule:
    """Return a schedule that is given or named.

    Raises:
        SettingError: there is no schedule of this name.
    """
    if schedule is None or isinstance(schedule, str):
        return BY_NAME[known(schedule or "constant", list(BY_NAME), "schedule")]()
    return schedule

"""Settings of a training: schedules of the learning rate, the shaping of gradients, and early stopping.

A schedule is a function of a step's number, from 0, and of the count of all steps; it returns the factor of the
optimiser's own rate. The formulas are PyTorch's, with a step of the schedule after each training step:
https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine import maximum, minimum, sign
from engine.support.interrupts import assign_all

from ..checks import finite, known, positive
from ..errors import SettingError
from ..optimisers import Optimiser

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
    """Let the rate fall along half a cosine to a share of itself, as `torch.optim.lr_scheduler.CosineAnnealingLR`.

    See I. Loshchilov and F. Hutter, https://arxiv.org/abs/1608.03983.

    >>> [round(cosine()(i, 4), 4) for i in range(4)]
    [1.0, 0.8536, 0.5, 0.1464]
    """
    least = finite(least, "the least share", 0.0)
    return lambda step, steps: least + (1.0 - least) * (1.0 + math.cos(math.pi * step / steps)) / 2.0


def linear(last: float = 0.0) -> Schedule:
    """Let the rate fall in a straight line, as `torch.optim.lr_scheduler.LinearLR` that starts with 1.

    One step after the last, it would be the last share of the optimiser's rate.

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
            start, end, share = first, 1.0, step / top if top else 1.0
        else:
            start, end, share = 1.0, last, (step - top) / (steps - 1.0 - top)
        return end + (start - end) / 2.0 * (1.0 + math.cos(math.pi * share))

    return factor


SCHEDULES: dict[str, Callable[[], Schedule]] = {
    "constant": constant, "cosine": cosine, "linear": linear, "one_cycle": one_cycle,
}  # fmt: skip


def schedule_of(schedule: str | Schedule) -> Schedule:
    """Return a schedule that is given or named."""
    if isinstance(schedule, str):
        return SCHEDULES[known(schedule, list(SCHEDULES), "schedule")]()
    if schedule in (step, *SCHEDULES.values()):
        raise SettingError(f"a schedule must be called first, as in nn.training.{schedule.__name__}(), or be a name")
    if not callable(schedule):
        raise SettingError(
            f"a schedule must be a function of a step and the count of steps, or a name, not {schedule!r}"
        )
    return schedule


@dataclass(frozen=True)
class Shaping:
    """Penalties on the size of parameters, and limits on the size of gradients.

    Attributes:
        l1, l2: the factors of the sum of |p| and of the sum of p^2 over all parameters in the objective; the losses in
            a history are without them.
        clip_value: the largest absolute value of a gradient; None for no limit.
        clip_norm: the largest norm of the whole gradient; None for no limit.

    Raises:
        SettingError: a number is out of its range.
    """

    l1: float = 0.0
    l2: float = 0.0
    clip_value: float | None = None
    clip_norm: float | None = None

    def __post_init__(self) -> None:
        finite(self.l1, "l1", 0.0)
        finite(self.l2, "l2", 0.0)
        for name, limit in ("clip_value", self.clip_value), ("clip_norm", self.clip_norm):
            if limit is not None and not finite(limit, name, 0.0):
                raise SettingError(f"{name} must be positive, or None for no limit, not {limit!r}")

    def shaped(self, p: Any, g: Any) -> Any:
        """Return the gradient of a parameter with penalties added, clipped to its limit."""
        if self.l2:
            g = g + 2.0 * self.l2 * p
        if self.l1:
            g = g + self.l1 * sign(p)
        if self.clip_value is not None:
            g = minimum(maximum(g, -self.clip_value), self.clip_value)
        return g

    def shape(self, optimiser: Optimiser) -> None:
        """Shape the gradients of all parameters of an optimiser, as `torch.nn.utils.clip_grad_norm_` limits them."""
        leaves = [leaf for leaf in optimiser.parameters if leaf.grad is not None]
        gradients = [self.shaped(leaf.data, leaf.grad) for leaf in leaves]
        if self.clip_norm is not None:
            factor = min(self.clip_norm / (math.hypot(*gradients) + 1e-6), 1.0)
            gradients = [factor * gradient for gradient in gradients]
        assign_all((leaves, "grad", gradients))


class EarlyStopping:
    """The rule to stop when the loss no longer falls: that of the validation data, or else of the training data.

    Args:
        patience: how many epochs in a row may bring no better loss.
        least: by how much a loss must fall to count as better.
        restore: whether the parameters get back the numbers of the best epoch.

    Raises:
        SettingError: the patience is not a whole number of at least 1, or least is negative.
    """

    def __init__(self, patience: int = 10, least: float = 0.0, restore: bool = True) -> None:
        self.patience, self.least = positive(patience, "the patience"), finite(least, "least", 0.0)
        self.restore = restore

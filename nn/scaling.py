"""Scaling: numbers with mean 0 and deviation 1, as networks learn well from, and the way back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .errors import ShapeError

HUGE = 1e290  # less than half of what the largest floats differ by: beside such a mean, no difference overflows
Moments = tuple[tuple[float, float], ...]  # for each of some numbers its mean and its standard deviation


@dataclass(frozen=True)
class Scaling:
    """What a model does with its inputs before it computes, and with its outputs after.

    Args:
        inputs: for each input the mean that is subtracted, and the deviation by which it is divided, unless that is 0.
        targets: for each output the deviation by which it is multiplied, and the mean that is added, given as
            (mean, deviation); empty if the outputs stay as they are.

    >>> scaling = Scaling(((10.0, 2.0),), ((100.0, 50.0),))
    >>> scaling.scaled([12.0]), scaling.restored(0.5)
    ([1.0], 125.0)
    """

    inputs: Moments
    targets: Moments = ()

    def scaled(self, x: Sequence[Any]) -> list[Any]:
        """Return inputs as the network takes them."""
        if len(x) != len(self.inputs):
            raise ShapeError(f"a model that was standardised on {len(self.inputs)} inputs needs as many, not {len(x)}")
        return [scaled(number, *moments) for number, moments in zip(x, self.inputs, strict=True)]

    def restored(self, outputs: Any) -> Any:
        """Return outputs of the network as numbers of the size of the targets."""
        if not self.targets:
            return outputs
        every = list(outputs) if isinstance(outputs, Sequence) else [outputs]
        if len(every) != len(self.targets):
            needed = f"a model that was standardised for {len(self.targets)} outputs must return as many"
            raise ShapeError(f"{needed}, not {len(every)}")
        found = [output * (spread or 1.0) + mean for output, (mean, spread) in zip(every, self.targets, strict=True)]
        return found if isinstance(outputs, Sequence) else found[0]


def scaled(number: Any, mean: float, spread: float) -> Any:
    """Return a number minus the mean, divided by the deviation unless that is 0.

    The difference does not overflow: beside huge moments all three are halved first. The moments decide, not the
    number, so a recording for one number is right for all.
    """
    spread = spread or 1.0
    if max(abs(mean), spread) > HUGE:
        number, mean, spread = 0.5 * number, 0.5 * mean, 0.5 * spread
    return (number - mean) / spread


def moments(rows: Sequence[Sequence[float]], what: str) -> Moments:
    """Return the mean and the deviation of each column of rows.

    Raises:
        ShapeError: a column has a number that is not finite, or rows differ in length.
    """
    if len({len(row) for row in rows}) != 1:
        raise ShapeError(f"{what} cannot be standardised: they must all have the same length")
    found = tuple(map(mean_and_deviation, zip(*rows, strict=True)))
    for place, (mean, _) in enumerate(found):
        if not math.isfinite(mean):
            raise ShapeError(f"{what} cannot be standardised: not all numbers at place {place} are finite")
    return found


def mean_and_deviation(numbers: Sequence[float]) -> tuple[float, float]:
    """Return the mean and the population standard deviation of some numbers, exactly x and 0 if all equal x.

    Neither overflows: numbers are brought near 1 first, by a power of 2, which changes no digit.
    """
    if not all(map(math.isfinite, numbers)):
        return math.nan, math.nan
    if min(numbers) == max(numbers):
        return numbers[0], 0.0
    count, size = len(numbers), math.frexp(max(map(abs, numbers)))[1]
    mean = math.ldexp(math.fsum(math.ldexp(x, -size) for x in numbers) / count, size)
    away = [math.ldexp(x, -size) - math.ldexp(mean, -size) for x in numbers]
    return mean, math.ldexp(math.sqrt(math.fsum(x**2 for x in away) / count), size)

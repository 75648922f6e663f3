"""The shaping of gradients: penalties and clipping, before the optimiser sees them."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import Any

from engine import maximum, minimum, sign

from ..checks import finite
from ..errors import SettingError
from ..optimisers import Optimiser, State


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
            if limit is not None and not finite(limit, name):
                raise SettingError(f"{name} must be positive, or None for no limit, not {limit!r}")
            if limit is not None:
                finite(limit, name, 0.0)

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
        for leaf in leaves:
            leaf.grad = self.shaped(leaf.data, leaf.grad)
        if self.clip_norm is not None:
            norm = math.sqrt(sum(leaf.grad * leaf.grad for leaf in leaves if leaf.grad is not None))
            factor = min(self.clip_norm / (norm + 1e-6), 1.0)
            for leaf in leaves:
                leaf.grad = factor * leaf.grad  # type: ignore[operator]

    def within(self, optimiser: Optimiser) -> Optimiser:
        """Return an optimiser that shapes each gradient itself, and shares parameters and states with this one.

        It does not clip the norm, which takes all gradients at once.
        """
        if self == Shaping():
            return optimiser
        shaped = copy.copy(optimiser)
        shaped.__class__ = type(type(optimiser).__name__, (_Shaped, type(optimiser)), {})
        shaped.shaping = self  # type: ignore[attr-defined]
        return shaped


class _Shaped(Optimiser):
    """Mixin for an optimiser that shapes each gradient before it uses it."""

    shaping: Shaping

    def updated(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        """Return the next number and state of a parameter."""
        return super().updated(p, self.shaping.shaped(p, g), state)

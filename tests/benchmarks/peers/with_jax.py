"""JAX, https://github.com/jax-ml/jax: a step traced once and compiled, in float64 like the others."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.peers import arrays
from tests.benchmarks.peers.base import Training
from tests.benchmarks.workloads import BETA1, BETA2, TINY, Workload


def train(workload: Workload) -> Training:
    """Return the training with arrays, each step one compiled call."""
    return Compiled(workload)


class Compiled(arrays.ArrayTraining):
    """Train arrays by a compiled function of parameters, Adam's means and data."""

    def __init__(self, workload: Workload) -> None:
        import jax
        from jax import numpy as np

        super().__init__(workload)
        jax.config.update("jax_enable_x64", True)
        self.p = {name: np.asarray(array) for name, array in self.p.items()}
        zeros = {name: np.zeros_like(array) for name, array in self.p.items()}
        self.moments: Any = (zeros, zeros)
        self._gradients = jax.grad(lambda p, data: arrays.loss(workload, p, data, np))

        def step(p: Any, moments: Any, data: Any, rate: Any, count: Any) -> Any:
            loss, gradients = jax.value_and_grad(lambda p: arrays.loss(workload, p, data, np))(p)
            if workload.update == "descent":
                return loss, jax.tree.map(lambda x, g: x - rate * g, p, gradients), moments
            means = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, moments[0], gradients)
            squares = jax.tree.map(lambda s, g: BETA2 * s + (1 - BETA2) * g * g, moments[1], gradients)
            mean_share, square_share = 1 - BETA1**count, 1 - BETA2**count
            p = jax.tree.map(
                lambda x, m, s: x - rate * (m / mean_share) / (np.sqrt(s / square_share) + TINY), p, means, squares
            )
            return loss, p, (means, squares)

        self._step = jax.jit(step)

    def step(self) -> float:
        """Do one training step; return the loss of its last update."""
        every, rate = self.data, self.workload.rate(self.steps)
        self.steps += 1
        for data in every:
            loss, self.p, self.moments = self._step(self.p, self.moments, data, rate, float(self.steps))
        return float(loss)

    def gradients(self) -> list[float]:
        """Return the gradients that the next update would use."""
        return arrays.in_order(self.workload, self._gradients(self.p, self.data[0]))

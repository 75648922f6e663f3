"""HIPS autograd, https://github.com/HIPS/autograd: NumPy that can be differentiated."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.peers import arrays
from tests.benchmarks.peers.base import Training
from tests.benchmarks.workloads import Functions, Graph, Workload


def train(workload: Workload) -> Training:
    """Return the training with arrays; chains and fans with numbers."""
    return Chain(workload) if isinstance(workload, Graph) else WithArrays(workload)


class WithArrays(arrays.ArrayTraining):
    """Train arrays."""

    def __init__(self, workload: Workload) -> None:
        from autograd import numpy as np
        from autograd import value_and_grad

        super().__init__(workload)
        self.update = arrays.Update(workload, self.p)
        self._loss_and_gradients = value_and_grad(lambda p, data: arrays.loss(workload, p, data, np))

    def step(self) -> float:
        """Do one training step; return the loss of its last update."""
        for data in self.data:
            loss, gradients = self._loss_and_gradients(self.p, data)
            self.update(gradients, self.steps)
        self.steps += 1
        return float(loss)

    def gradients(self) -> list[float]:
        """Return the gradients that the next update would use."""
        return arrays.in_order(self.workload, self._loss_and_gradients(self.p, self.data[0])[1])


class Chain(Training):
    """Differentiate a function of one number."""

    def __init__(self, workload: Workload) -> None:
        from autograd import numpy as np
        from autograd import value_and_grad

        super().__init__(workload)
        functions = Functions(lambda x: np.maximum(x, 0.0), np.exp, np.log, lambda xs: 0.0)
        self._root_and_gradient: Any = value_and_grad(lambda w: workload.loss([w], functions, 0))

    def step(self) -> float:
        """Compute the root and the gradient; return the root."""
        return float(self._root_and_gradient(self.workload.numbers[0])[0])

    def gradients(self) -> list[float]:
        """Return the gradient."""
        return [float(self._root_and_gradient(self.workload.numbers[0])[1])]

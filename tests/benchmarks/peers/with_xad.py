"""XAD, https://github.com/auto-differentiation/xad-py: a tape of C++ under Python's operators."""

from __future__ import annotations

import numpy

from tests.benchmarks.peers.arrays import Update
from tests.benchmarks.peers.base import Training
from tests.benchmarks.workloads import Functions, Workload


def train(workload: Workload) -> Training:
    """Return the training with XAD's reals, recorded anew in each step."""
    return Taped(workload)


class Taped(Training):
    """Train numbers by a tape."""

    def __init__(self, workload: Workload) -> None:
        from xad import math
        from xad.adj_1st import Real, Tape

        super().__init__(workload)
        self.Real, self.tape = Real, Tape()
        self.functions = Functions(
            lambda x: math.max(x, 0.0), math.exp, math.log, lambda xs: max(x.getValue() for x in xs)
        )
        self.numbers = numpy.array(workload.numbers)
        self.update = Update(workload, {"p": self.numbers})

    def _loss_and_gradients(self) -> tuple[float, list[float]]:
        parameters = [self.Real(x) for x in self.numbers.tolist()]
        with self.tape as tape:
            tape.registerInputs(parameters)
            tape.newRecording()
            loss = self.workload.loss(parameters, self.functions, self.steps)
            tape.registerOutput(loss)
            loss.derivative = 1.0
            tape.computeAdjoints()
            gradients = [p.derivative for p in parameters]
            number = loss.getValue()
            tape.clearAll()
        return number, gradients

    def step(self) -> float:
        """Do one training step; return the loss."""
        loss, gradients = self._loss_and_gradients()
        self.update({"p": numpy.array(gradients)}, self.steps)
        self.steps += 1
        return loss

    def gradients(self) -> list[float]:
        """Return the gradients that the next step would use."""
        return self._loss_and_gradients()[1]

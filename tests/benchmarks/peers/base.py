"""What every peer gives: a training."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.workloads import BETA1, BETA2, LEARNING_RATE, TINY, Functions, Network, Workload


class LeftOut(Exception):  # noqa: N818 - a library that is not made for a workload is not an error
    """The reason why a library takes no part in a workload."""


class Training:
    """Train on a workload, one step after the other.

    Attributes:
        steps: how many steps are done.
    """

    def __init__(self, workload: Workload) -> None:
        self.workload = workload
        self.steps = 0

    def settle(self) -> None:
        """Set what is global in the library; called before each measurement."""

    def step(self) -> float:
        """Do one training step; return the loss."""
        raise NotImplementedError

    def run(self, steps: int) -> list[float]:
        """Do several steps, as a script's loop does; return their losses."""
        return [self.step() for _ in range(steps)]

    def restart(self) -> None:
        """Go back to the first parameters, where a training does so many steps that numbers come to be denormal."""

    def forget(self) -> None:
        """Drop what only a running script would hold; called after each measurement."""

    def gradients(self) -> list[float]:
        """Return the gradients that the next step would use, in the order of the workload's parameters."""
        raise NotImplementedError


class DataAndGrad(Training):
    """Train scalars that have ``data`` and ``grad``, with loops over the parameters, as in micrograd's demo.

    Args:
        parameters: the scalars to update.
        functions: what to write the loss with.
    """

    def __init__(self, workload: Workload, parameters: list[Any], functions: Functions) -> None:
        super().__init__(workload)
        self.parameters, self.functions = parameters, functions
        for parameter, number in zip(parameters, workload.numbers, strict=True):
            parameter.data = number
        if workload.update == "adam":
            self.means, self.squares = [0.0] * len(parameters), [0.0] * len(parameters)

    def loss(self) -> Any:
        """Return the loss of the next step."""
        return self.workload.loss(self.parameters, self.functions, self.steps)

    def backward(self) -> Any:
        """Compute the loss and all gradients; return the loss."""
        loss = self.loss()
        for p in self.parameters:
            p.grad = 0.0
        loss.backward()
        return loss

    def step(self) -> float:
        """Do one training step; return the loss."""
        self.last_loss = self.backward()  # a script's variable holds the graph until the next step has made another
        if self.workload.update == "descent":
            for p in self.parameters:
                p.data -= LEARNING_RATE * p.grad
        elif self.workload.update == "adam":
            self._follow_adam()
        self.steps += 1
        return float(self.last_loss.data)

    def _follow_adam(self) -> None:
        rate, means, squares = self.workload.rate(self.steps), self.means, self.squares
        mean_share, square_share = 1.0 - BETA1 ** (self.steps + 1), 1.0 - BETA2 ** (self.steps + 1)
        for i, p in enumerate(self.parameters):
            means[i] = BETA1 * means[i] + (1.0 - BETA1) * p.grad
            squares[i] = BETA2 * squares[i] + (1.0 - BETA2) * p.grad**2
            p.data -= rate * (means[i] / mean_share) / ((squares[i] / square_share) ** 0.5 + TINY)

    def forget(self) -> None:
        """Drop the last graph."""
        self.last_loss = None

    def gradients(self) -> list[float]:
        """Return the gradients that the next step would use."""
        self.backward()
        return [float(p.grad) for p in self.parameters]


class WithModules(DataAndGrad):
    """Train a network that is made of a library's own neurons and layers.

    Args:
        model: maps a list of inputs to one output.
        wrap: makes a scalar of an input.
    """

    workload: Network

    def __init__(self, workload: Network, model: Any, parameters: list[Any], functions: Functions, wrap: Any) -> None:
        super().__init__(workload, parameters, functions)
        self.model, self.wrap = model, wrap

    def loss(self) -> Any:
        """Return the loss over all samples."""
        inputs = [list(map(self.wrap, x)) for x in self.workload.inputs]
        return self.workload.loss_of(list(map(self.model, inputs)), self.parameters, self.functions.relu)


def largest_data(scalars: list[Any]) -> float:
    """Return the largest number of scalars that have ``data``."""
    return float(max(x.data for x in scalars))

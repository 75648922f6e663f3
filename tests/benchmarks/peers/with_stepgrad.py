"""This project, in each of its ways to compute."""

from __future__ import annotations

from functools import reduce
from typing import Any

import engine
import nn
from engine import Program, Value, gc_paused
from engine.program.native.compiler import CompilerError, compiler
from tests.benchmarks.peers.base import DataAndGrad, LeftOut, Training, WithModules, largest_data
from tests.benchmarks.workloads import BETA1, BETA2, EDGE, LEARNING_RATE, SYMBOLS, Functions, Gpt, Network, Workload

FUNCTIONS = Functions(engine.relu, engine.exp, engine.log, largest_data)


def eager(workload: Workload) -> Training:
    """Return the training with Values, recorded anew in each step; large ones with the collector paused."""
    if not isinstance(workload, Network):
        return Paused(workload, list(map(Value, workload.numbers)), FUNCTIONS)
    if workload.script:
        return DataAndGrad(workload, list(map(Value, workload.numbers)), FUNCTIONS)
    model = nn.MLP(workload.sizes[0], workload.sizes[1:], activation="relu")
    parameters = [p for layer in model.layers for neuron in layer.neurons for p in (*neuron.weights, neuron.bias)]
    return PausedModules(workload, model, parameters, FUNCTIONS, float)


class Paused(DataAndGrad):
    """Train in a loop with the collector paused."""

    def run(self, steps: int) -> list[float]:
        """Do several steps; return their losses."""
        with gc_paused():
            return super().run(steps)


class PausedModules(Paused, WithModules):
    """Train modules in a loop with the collector paused."""


def program(workload: Workload) -> Training:
    """Return the training by a Python program."""
    return Replayed(workload, "python")


def native(workload: Workload) -> Training:
    """Return the training by native code."""
    try:
        return Replayed(workload, "native")
    except CompilerError as error:
        raise LeftOut(str(error)) from None


class Replayed(Training):
    """Train by replaying what was recorded once; in native code, a network's samples are replayed one by one."""

    def __init__(self, workload: Workload, backend: str) -> None:
        super().__init__(workload)
        with gc_paused():
            if isinstance(workload, Gpt) and len(workload.names) > 1:
                self._record_gpt(workload, backend)
            elif isinstance(workload, Network) and workload.batch_size:
                self._record_classifier(workload, backend)
            elif isinstance(workload, Network) and len(workload.inputs) > 2 and backend == "native":
                self._record_sample(workload)
            else:
                parameters = list(map(Value, workload.numbers))
                loss = workload.loss(parameters, FUNCTIONS._replace(largest=_largest), 0)
                self.program = Program(loss, [], parameters, backend=backend)
                self.rows: list[list[float]] = [[]]
        if backend == "native":
            compiler()
        self.training, self.updates = None, 1
        if workload.update != "none":
            # A name a step; of a network, all samples, or all batches.
            batch_size = 1 if isinstance(workload, Gpt) else getattr(workload, "batch_size", None)
            self.training = nn.training.Training(self.program, self._optimiser(), self.rows, batch_size)
            self.updates = 1 if isinstance(workload, Gpt) else len(self.training.batches)

    def _optimiser(self) -> Any:
        if self.workload.update == "descent":
            return nn.SGD(self.program.parameters, lr=LEARNING_RATE)
        return nn.Adam(self.program.parameters, lr=LEARNING_RATE, betas=(BETA1, BETA2))

    def _record_sample(self, workload: Network) -> None:
        """Record the loss of one sample, to be replayed for all."""
        parameters = list(map(Value, workload.numbers))
        x, y = [Value(0.5) for _ in range(workload.sizes[0])], Value(1.0)

        class OfOne:
            inputs, targets = [x], [y]
            sizes, criterion = workload.sizes, workload.criterion
            layers, loss_of = Network.layers, Network.loss_of

        loss = Network.loss(OfOne(), parameters, FUNCTIONS, 0)  # type: ignore[arg-type]
        self.program = Program(loss, [*x, y], parameters, backend="native")
        self.rows = [[*inputs, target] for inputs, target in zip(workload.inputs, workload.targets, strict=True)]

    def _record_classifier(self, workload: Network, backend: str) -> None:
        """Record the loss of one sample, whose target is a probability for each class, with our own modules."""
        model, classes = nn.MLP(workload.sizes[0], workload.sizes[1:], activation="relu"), range(workload.sizes[-1])
        for parameter, number in zip(model.parameters(), workload.numbers, strict=True):
            parameter.data = number
        targets = [[float(target == each) for each in classes] for target in workload.targets]
        self.rows = [[*x, *target] for x, target in zip(workload.inputs, targets, strict=True)]

        def loss_of(model: nn.MLP, x: list[float], target: list[float]) -> Value:
            return nn.cross_entropy([model(x)], [target])

        self.program = engine.compiled(loss_of, backend=backend).program(model, workload.inputs[0], targets[0])

    def _record_gpt(self, workload: Gpt, backend: str) -> None:
        """Record the GPT of `demos/names.py`, whose graph fits every name."""
        from random import Random

        from demos.names import GPT, loss_of, spread_out

        if backend == "python":
            raise LeftOut("a graph that fits every name is large; native code replays it")
        model = GPT(SYMBOLS, Random(0))
        for parameter, number in zip(model.parameters(), workload.numbers, strict=True):
            parameter.data = number
        samples = [spread_out(workload.tokens(step), model.context, EDGE + 1) for step in range(workload.steps)]
        replayed = engine.compiled(loss_of, backend=backend)
        self.program = replayed.program(model, *samples[0])
        self.rows = [[x for part in (*read, *to_come, weights) for x in part] for read, to_come, weights in samples]  # type: ignore[union-attr]

    def restart(self) -> None:
        """Go back to the first parameters."""
        for parameter, number in zip(self.program.parameters, self.workload.numbers, strict=True):
            parameter.data = number
        if self.training is not None:
            self.training.optimiser.states = [{} for _ in self.program.parameters]
        self.steps = 0

    def step(self) -> float:
        """Do one training step; return the loss."""
        return self.run(1)[0]

    def run(self, steps: int) -> list[float]:
        """Do several steps; return the losses of their last updates."""
        if self.training is None:
            return [self.program().loss for _ in range(steps)]
        rates = [self.workload.rate(step) for step in range(self.steps, self.steps + steps)]
        losses = self.training.run(steps * self.updates, rates if self.workload.update == "adam" else None)
        self.steps += steps
        return losses[self.updates - 1 :: self.updates]

    def gradients(self) -> list[float]:
        """Return the gradients that the next update would use."""
        rows = self.rows
        if isinstance(self.workload, Gpt):
            rows = [rows[self.steps % len(rows)]]
        elif isinstance(self.workload, Network) and self.workload.batch_size:
            rows = rows[self.workload.batches[0]]
        return list(self.program.batch(rows).gradients)


def _largest(scalars: list[Any]) -> Any:
    return reduce(engine.maximum, scalars)

"""Engines: three ways to the same numbers, a graph for each sample, a Python program, and native code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from engine import OperationError, UsageError, Value, compiled, no_grad, topological_order

from ..checks import known
from ..errors import SettingError
from ..modules import Module
from ..optimisers import Optimiser
from ..random import random_state, restore_random_state
from .samples import Loss, Outputs, Samples
from .shaping import Shaping
from .training import Training

Rows = Sequence[list[float]]
Told = Callable[[list[float]], object]  # is called with the losses of the epoch so far

ENGINES = ("auto", "eager", "program", "native")
WORTH_BUILDING = 5_000_000  # nodes to compute in the whole training: about half a second in Python


class Subject:
    """Hold what is trained: a model, the loss of a sample, and the parameters that an optimiser updates."""

    def __init__(self, model: Callable[[Any], Outputs], loss: Loss, optimised: Sequence[Value]) -> None:
        self.model, self.loss, self.optimised = model, loss, optimised
        self.outputs: list[Value] = []  # of the last sample

    def parameters(self) -> Sequence[Value]:
        """Return the parameters."""
        return self.optimised


def sample_loss(subject: Subject, x: list[float], y: Any) -> Value:
    """Return the loss of one sample, and keep the outputs."""
    outputs = subject.model(x)
    subject.outputs = as_list(outputs)
    return subject.loss(outputs, y)


def as_list(outputs: Outputs) -> list[Value]:
    """Return outputs as a list of Values."""
    every = outputs if isinstance(outputs, Sequence) else [outputs]
    return [output if isinstance(output, Value) else Value(output) for output in every]


@contextmanager
def in_use(model: object) -> Iterator[None]:
    """Let a model be used and not trained for a while, so that nothing is dropped."""
    modules = [module for _, module in model.modules()] if isinstance(model, Module) else []
    modes = [module.training for module in modules]
    try:
        for module in modules:
            module.training = False
        yield
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode


class Work(NamedTuple):
    """Hold what is trained, on what, and how.

    Attributes:
        subject: the model and the loss.
        samples: the data.
        optimiser: updates the parameters.
        shaping: what is done to gradients before.
        size: how many samples a batch has.
    """

    subject: Subject
    samples: Samples
    optimiser: Optimiser
    shaping: Shaping
    size: int


class Eager:
    """Record a graph for each sample at each step."""

    name = "eager"

    def __init__(self, work: Work) -> None:
        self.subject, self.samples, self.optimiser, self.shaping, self.size = work

    def epoch(self, order: Sequence[int], rates: Sequence[float], told: Told) -> None:
        """Take a step for each batch of samples in this order.

        Args:
            order: the numbers of the samples.
            rates: the learning rate at each step.
            told: is called with the losses so far, after complete steps.
        """
        losses: list[float] = []
        before = self.optimiser.lr
        try:
            for start, rate in zip(range(0, len(order), self.size), rates, strict=True):
                losses.append(self.gradients(order[start : start + self.size]))
                self.shaping.shape(self.optimiser)
                self.optimiser.lr = rate
                self.optimiser.step()
                told(losses)
        finally:
            self.optimiser.lr = before

    def gradients(self, batch: Sequence[int]) -> float:
        """Give the parameters the mean of the gradients of some samples; return the mean of the losses."""
        leaves, share = self.optimiser.parameters, 1.0 / len(batch)
        losses, columns = [], []
        for i in batch:
            self.optimiser.zero_grad()
            loss = sample_loss(self.subject, self.samples.inputs[i], self.samples.targets[i])
            loss.backward()
            losses.append(loss.data)
            columns.append([leaf.grad or 0.0 for leaf in leaves])
        for leaf, gradients in zip(leaves, zip(*columns, strict=True), strict=True):
            leaf.grad = sum(gradients) * share
        return sum(losses) * share

    def measured(self, samples: Samples) -> list[tuple[float, list[float]]]:
        """Return the loss and the outputs of each sample."""
        subject, found = self.subject, []
        with in_use(subject.model), no_grad():
            for x, y in zip(samples.inputs, samples.targets, strict=True):
                loss = sample_loss(subject, x, y).data
                found.append((loss, [output.data for output in subject.outputs]))
        return found

    def outputs(self, inputs: Rows) -> list[list[float]]:
        """Return the outputs for inputs."""
        with in_use(self.subject.model), no_grad():
            return [[output.data for output in as_list(self.subject.model(x))] for x in inputs]


class Replayed(Eager):
    """Replay a program for each batch.

    Raises:
        UsageError, OperationError: the model or the loss cannot be replayed.
    """

    def __init__(self, work: Work, backend: str) -> None:
        super().__init__(work)
        subject, samples = work.subject, work.samples
        self.compiled = compiled(sample_loss, batch="mean", backend=backend)
        first = subject, samples.inputs[0], samples.targets[0]
        self.program = self.compiled.program(*first)
        self.nodes = [self.program.loss, *subject.outputs]
        self.name = "native" if self.program.backend == "native" else "program"
        every = [_numbers(target) for target in samples.targets]
        self.is_one_program = (
            self.compiled.is_straight(*first) and len(set(map(_form, every))) == 1 and None not in every
        )

    def gradients(self, batch: Sequence[int]) -> float:
        """Give the parameters the mean of the gradients of some samples; return the mean of the losses."""
        self.optimiser.zero_grad()
        inputs, targets = ([column[i] for i in batch] for column in (self.samples.inputs, self.samples.targets))
        return self.compiled(self.subject, inputs, targets)

    def measured(self, samples: Samples) -> list[tuple[float, list[float]]]:
        """Return the loss and the outputs of each sample."""
        if not self.is_one_program:
            return super().measured(samples)
        rows = [[*x, *_numbers(y)] for x, y in zip(samples.inputs, samples.targets, strict=True)]  # type: ignore[misc]
        return [(loss, outputs) for loss, *outputs in self.program.values(self.nodes, rows)]

    def outputs(self, inputs: Rows) -> list[list[float]]:
        """Return the outputs for inputs."""
        if not self.is_one_program:
            return super().outputs(inputs)
        target = _numbers(self.samples.targets[0]) or []
        return self.program.values(self.nodes[1:], [[*x, *target] for x in inputs])


class Looped(Replayed):
    """Take the steps of an epoch in one go."""

    def __init__(self, work: Work, backend: str) -> None:
        super().__init__(work, backend)
        every = [(work.subject, x, y) for x, y in zip(work.samples.inputs, work.samples.targets, strict=True)]
        self.loop = Training(self.compiled, work.shaping.within(work.optimiser), every, work.size)

    def epoch(self, order: Sequence[int], rates: Sequence[float], told: Told) -> None:
        """Take a step for each batch of samples in this order."""
        self.loop.reorder(order)
        self.loop.run(len(rates), rates, told)


def _numbers(target: Any) -> list[float] | None:
    """Return the numbers of a target as a program takes them; None for one that is a part of the program."""
    if isinstance(target, list):
        return target
    return [target] if isinstance(target, float) else None


def _form(numbers: list[float] | None) -> int:
    return -1 if numbers is None else len(numbers)


def chosen(name: str, work: Work, epochs: int, stepwise: bool) -> Eager:
    """Return the engine of a name.

    Args:
        name: one of `ENGINES`.
        work: what is to be done.
        epochs: how often all samples are taken.
        stepwise: whether somebody wants to see every step.

    Raises:
        SettingError: there is no such engine, or it cannot compute this.
    """
    known(name, ENGINES, "engine")
    if name == "eager":
        return Eager(work)
    state = random_state()
    try:
        backend = {"native": "native", "program": "python"}.get(name) or _backend(work, epochs)
        made = _replayed(work, backend, stepwise or work.shaping.clip_norm is not None)
        why = "it draws random numbers at each call" if random_state() != state else ""
    except (UsageError, OperationError) as error:
        why = str(error)
    finally:
        restore_random_state(state)
    if not why:
        return made
    if name != "auto":
        raise SettingError(f"engine={name!r} cannot replay this model: {why}; engine='eager' records each step anew")
    return Eager(work)


def _backend(work: Work, epochs: int) -> str:
    """Return what replays a training: native code where it is worth building."""
    loss = sample_loss(work.subject, work.samples.inputs[0], work.samples.targets[0])
    nodes = len(topological_order(loss)) * len(work.samples) * epochs
    return "auto" if nodes >= WORTH_BUILDING else "python"


def _replayed(work: Work, backend: str, stepwise: bool) -> Replayed:
    if not stepwise:
        try:
            return Looped(work, backend)
        except UsageError:  # samples go different ways, or not all parameters are optimised
            pass
    return Replayed(work, backend)


def predict(model: Callable[[Any], Outputs], inputs: Sequence[Sequence[float]], engine: str = "auto") -> list[Any]:
    """Return the outputs of a model for many inputs, quickly: as numbers for one output, else as lists.

    Args:
        model: maps a list of numbers to a Value, or to a list of them.
        inputs: for each sample its numbers.
        engine: as for `fit`.

    Raises:
        SettingError: there is no such engine, or it cannot compute this.

    >>> from nn import Neuron
    >>> predict(Neuron(2, weights=[1.0, -1.0], bias=0.5), [[1.0, 2.0], [3.0, 0.0]])
    [-0.5, 3.5]
    """
    if not len(inputs):
        return []
    samples = Samples((inputs, [0.0] * len(inputs)), "the inputs")
    leaves = list(model.parameters()) if isinstance(model, Module) else []
    subject = Subject(model, lambda outputs, _: sum(as_list(outputs), Value(0.0)), leaves)
    idle = Optimiser(leaves or [Value(0.0)])
    with in_use(model):
        work = Work(subject, samples, idle, Shaping(), len(inputs))
        rows = chosen(engine, work, 1, stepwise=True).outputs(samples.inputs)
        with no_grad():
            single = not isinstance(model(samples.inputs[0]), Sequence)
    return [row[0] for row in rows] if single else rows

"""Backends of a training: a graph recorded for each sample, or one recording replayed by a program."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from engine import OperationError, Program, UsageError, Value, compiled, no_grad
from engine.program.program import BACKENDS as REPLAYING
from engine.support.assignment import assign_all

from ..checks import known
from ..errors import SettingError
from ..modules import MLP, Layer, Module, Neuron, Sequential
from ..optimisers import Optimiser
from ..random import random_state, restore_random_state
from .objective import Objective, Outputs, Samples, first_outputs, in_use, try_lengths
from .settings import Shaping

BACKENDS = ("auto", "eager", *reversed(REPLAYING))
WORTH_BUILDING = 5_000_000  # nodes to compute in all: about half a second in Python

Sample = tuple[Any, ...]  # an input, and for an objective a target
Gradients = dict[Value, float | None]  # None for a parameter that the loss does not depend on


def set_gradients(
    optimiser: Any, compute: Callable[[], tuple[float, Gradients]], others: Sequence[Value] = ()
) -> float:
    """Compute loss and gradients of a step; set the gradients, and return the loss. After an error, they are as before.

    Args:
        optimiser: what its own ``zero_grad`` leaves, if it has one, the gradients are added to.
        compute: may change the gradients.
        others: leaves whose gradients stay as they are, unless they are computed.
    """
    leaves, left, ours = list(optimiser.parameters), Gradients(), Optimiser.zero_grad
    before = [leaf.grad for leaf in (*leaves, *others)]
    try:
        if "zero_grad" in vars(optimiser) or getattr(type(optimiser), "zero_grad", ours) is not ours:
            optimiser.zero_grad()
            left = {leaf: leaf.grad for leaf in leaves if leaf.grad is not None}
        loss, gradients = compute()
    except BaseException:
        assign_all(((*leaves, *others), "grad", before))
        raise
    for leaf, rest in left.items():
        gradients[leaf] = (gradients.get(leaf) or 0.0) + (rest or 0.0)
    kept = dict(zip((*leaves, *others), before, strict=True))
    kept.update(gradients)
    assign_all((kept, "grad", list(kept.values())))
    return loss


def step(optimiser: Any, shaping: Shaping | None, rate: float | None) -> None:
    """Let an optimiser take a step at a rate, or at its own, with gradients that may be shaped first."""
    if shaping:
        shaping.shape(optimiser)
    before = optimiser.lr
    try:
        if rate is not None:
            optimiser.lr = rate
        optimiser.step()
    finally:
        if rate is not None:
            optimiser.lr = before


class Eager:
    """Records a graph for each sample."""

    name = "eager"

    def __init__(self, subject: Objective) -> None:
        self.subject = subject

    def values(self, samples: Sequence[Sample]) -> Callable[[], list[list[float]]]:
        """Return a function that computes the subject for samples, with the parameters of the moment."""

        def compute() -> list[list[float]]:
            with in_use(self.subject.model), no_grad():
                return [[value.data for value in self.subject(*sample)] for sample in samples]

        return compute

    def gradients(self, batch: Sequence[Sample]) -> tuple[float, Gradients]:
        """Return the mean of the losses of some samples, and the parameters' gradients."""
        leaves, share = self.subject.parameters(), 1.0 / len(batch)
        total, gradients = 0.0, Gradients.fromkeys(leaves)
        for sample in batch:
            for leaf in leaves:
                leaf.grad = None
            loss = self.subject(*sample)[0]
            loss.backward()
            total += loss.data
            for leaf in leaves:
                if leaf.grad is not None:
                    gradients[leaf] = (gradients[leaf] or 0.0) + leaf.grad
        return total * share, {leaf: None if g is None else g * share for leaf, g in gradients.items()}


class Replayed(Eager):
    """Records a graph for one sample, and replays it as a program for all.

    Args:
        subject: what is computed.
        example: the sample.
        backend: what replays.
        is_strict: whether it is an error that the subject cannot be replayed somewhere; else a graph is recorded there.

    Raises:
        SettingError: the subject cannot be replayed.
    """

    def __init__(self, subject: Objective, example: Sample, backend: str, is_strict: bool) -> None:
        super().__init__(subject)
        self.is_strict = is_strict

        def compute(subject: Objective, *sample: Any) -> tuple[Value, ...]:
            return subject(*sample)

        self.step = self.use = compiled(compute, batch="mean", backend=backend)
        state = random_state()
        try:
            self.program = self.step.program(subject, *example)
            if random_state() != state:
                raise UsageError("it draws random numbers at each call")
        except (UsageError, OperationError) as error:
            raise _refusal(backend, error) from error
        finally:
            restore_random_state(state)
        if subject.loss and not _is_alike_in_use(subject.model):
            self.use = compiled(compute, batch="mean", backend=backend)

    @property
    def name(self) -> str:  # type: ignore[override]
        """The name of the program's backend, which changes if native code cannot be built."""
        return self.program.backend

    def values(self, samples: Sequence[Sample]) -> Callable[[], list[list[float]]]:
        """Return a function that computes the subject for samples, with the parameters of the moment."""
        columns, eagerly = list(map(list, zip(*samples, strict=True))), super().values(samples)
        try:
            with in_use(self.subject.model):
                recording, rows = self.use.rows([(self.subject, *sample) for sample in samples])
        except (UsageError, OperationError):
            pass  # the samples go different ways
        else:
            return recording.prepare(rows)

        def compute() -> list[list[float]]:
            try:
                with in_use(self.subject.model):
                    return self.use.values(self.subject, *columns)
            except (UsageError, OperationError) as error:
                if self.is_strict:
                    raise _refusal(self.name, error) from error
                return eagerly()

        return compute

    def gradients(self, batch: Sequence[Sample]) -> tuple[float, Gradients]:
        """Return the mean of the losses of some samples, and the parameters' gradients."""
        try:
            return self._replayed(batch)
        except (UsageError, OperationError) as error:
            if self.is_strict:
                raise _refusal(self.name, error) from error
            return super().gradients(batch)

    def _replayed(self, batch: Sequence[Sample]) -> tuple[float, Gradients]:
        leaves = self.subject.parameters()
        try:
            recording, rows = self.step.rows([(self.subject, *sample) for sample in batch])
        except UsageError:  # the samples go different ways
            for leaf in leaves:
                leaf.grad = None
            loss = self.step(self.subject, *map(list, zip(*batch, strict=True)))
            return loss, {leaf: leaf.grad for leaf in leaves}
        loss, gradients = gradients_of(recording.program, rows)
        return loss, {leaf: gradients.get(leaf) for leaf in leaves}


def gradients_of(program: Program, rows: Sequence[Sequence[float]]) -> tuple[float, Gradients]:
    """Return the mean of a program's losses for some rows, and the gradients, None for a parameter without one."""
    loss, gradients = program.batch(rows)
    given = [gradient if used else None for gradient, used in zip(gradients, program.used, strict=True)]
    return loss + 0.0, dict(zip(program.parameters, given, strict=True))


def _is_alike_in_use(model: object) -> bool:
    """Return whether a model surely computes the same in training as in use."""
    modules = model.modules() if isinstance(model, Module) else []
    return all(type(module) in (Neuron, Layer, MLP, Sequential) for _, module in modules)


def _refusal(backend: str, why: Exception) -> SettingError:
    return SettingError(f"backend={backend!r} cannot replay this model: {why}; backend='eager' records each step anew")


def chosen(name: str, subject: Objective, example: Sample, nodes: int = 0) -> Eager:
    """Return the backend of a name; ``"auto"`` builds native code only if many nodes will be computed in all.

    Raises:
        SettingError: there is no such backend, or it cannot compute this.
    """
    if known(name, BACKENDS, "backend") == "eager":
        return Eager(subject)
    if name != "auto":
        return Replayed(subject, example, name, is_strict=True)
    with suppress(SettingError):
        return Replayed(subject, example, "auto" if nodes >= WORTH_BUILDING else "python", is_strict=False)
    return Eager(subject)


def predict(model: Callable[[Any], Outputs], inputs: Sequence[Sequence[float]], backend: str = "auto") -> list[Any]:
    """Return the outputs of a model for many inputs, quickly: as numbers for one output, else as lists.

    Args:
        model: maps a list of numbers to a Value, or to a list of them.
        inputs: for each sample its numbers.
        backend: as for `fit`.

    Raises:
        SettingError: there is no such backend, or it cannot compute this.

    >>> from nn import Neuron
    >>> predict(Neuron(2, weights=[1.0, -1.0], bias=0.5), [[1.0, 2.0], [3.0, 0.0]])
    [-0.5, 3.5]
    """
    if not len(inputs):
        return []
    samples = Samples((inputs, [0.0] * len(inputs)), "the inputs")
    outputs, _, nodes = first_outputs(model, samples)
    try_lengths(model, samples)
    every = [(x,) for x in samples.inputs]
    with in_use(model):
        rows = chosen(backend, Objective(model), every[0], nodes * len(every)).values(every)()
    return rows if isinstance(outputs, Sequence) else [row[0] for row in rows]

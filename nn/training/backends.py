"""Backends of a training: a graph recorded for each sample, or one recording replayed by a program."""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

from engine import DomainError, OperationError, Program, UsageError, Value, compiled, no_grad
from engine import leaves as leaves_of
from engine.program.arguments import plain_rows, structure_of
from engine.program.backend import Loop, Update
from engine.program.program import BACKENDS as REPLAYING
from engine.program.recordings import Outcome, Recording
from engine.recording.context import current_state
from engine.support.interrupts import assign_all

from ..checks import known
from ..errors import SettingError
from ..modules import Module
from ..optimisers import Optimiser
from ..random import random_state, restore_random_state
from .objective import Objective, Outputs, Samples, copied, first_outputs, in_use, try_lengths
from .settings import Shaping

BACKENDS = ("auto", "eager", *reversed(REPLAYING), "jax")
KNOWN = 4  # lists of samples whose rows are kept: those of the training and the validation, for both modes
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
    """Records a graph for each sample.

    Attributes:
        subject: what is computed.
        name: the backend that has computed it.
    """

    name = "eager"

    def __init__(self, subject: Objective) -> None:
        self.subject = subject

    def again(self, subject: Objective) -> "Eager":
        """Return a backend of the same kind for something else."""
        return Eager(subject)

    def gradients(self, batch: Sequence[Sample]) -> tuple[float, Gradients]:
        """Return the mean of the losses of some samples, and the parameters' gradients."""
        leaves, share = self.subject.parameters(), 1.0 / len(batch)
        total, sums = 0.0, list[float | None]()
        for sample in batch:
            loss, found = self._gradients(sample, leaves)
            total += loss
            if sums:
                found = [b if a is None else a if b is None else a + b for a, b in zip(sums, found, strict=True)]
            sums = found
        return total * share, {leaf: None if g is None else g * share for leaf, g in zip(leaves, sums, strict=True)}

    def values(self, samples: Sequence[Sample]) -> Callable[[], list[list[float]]]:
        """Return a function that computes the subject in use for samples, with the parameters of the moment."""

        def compute() -> list[list[float]]:
            with in_use(self.subject.model), no_grad():
                return list(map(self._values, samples))

        return compute

    def _gradients(self, sample: Sample, leaves: Sequence[Value]) -> tuple[float, list[float | None]]:
        for leaf in leaves:
            leaf.grad = None
        loss = self.subject(*sample)[0]
        if isinstance(self.subject.model, Module):
            loss.backward()
        else:  # it may have leaves besides
            others = list(set(leaves_of(loss)).difference(leaves))
            before = [leaf.grad for leaf in others]
            loss.backward()
            assign_all((others, "grad", before))
        return loss.data, [leaf.grad for leaf in leaves]

    def _values(self, sample: Sample) -> list[float]:
        return [value.data for value in self.subject(*sample)]


class _Fitting:
    """Samples that a recording fits all."""

    def __init__(self, recording: Recording, samples: Sequence[Sample], rows: list[list[float]]) -> None:
        self.recording, self.samples, self.rows = recording, samples, rows

    @cached_property
    def values(self) -> Callable[[], list[list[float]]]:
        """A function that computes the results for them, with the parameters of the moment."""
        return self.recording.prepare(self.rows)


class Replayed(Eager):
    """Records a graph for one sample, and replays it as a program for all of which this is right.

    Args:
        subject: what is computed.
        backend: what replays.
        is_strict: whether it is an error that something cannot be replayed; else graphs are recorded from then on.

    Attributes:
        obstacle: why graphs are recorded; empty if they are not.
    """

    def __init__(self, subject: Objective, backend: str, is_strict: bool) -> None:
        super().__init__(subject)
        self.asked, self.is_strict, self.obstacle = backend, is_strict, ""
        self.compiled = compiled(lambda subject, *sample: subject(*sample), backend=backend)
        self._program: Program | None = None  # the last one that was used
        self._outcome: tuple[Sample, Outcome] | None = None  # of a call that was not worth a recording
        self._error: Exception | None = None  # what a sample raised when it was to be recorded
        self._known: list[_Fitting] = []  # those that were asked for last

    @property
    def name(self) -> str:  # type: ignore[override]
        """What computes; native code that cannot be built becomes Python."""
        return Eager.name if self.obstacle else self._program.backend if self._program else self.asked

    def again(self, subject: Objective) -> Eager:
        """Return a backend of the same kind for something else."""
        return Eager(subject) if self.obstacle else Replayed(subject, self.name, self.is_strict)

    def recording(self, sample: Sample) -> Recording | None:
        """Return the recording that fits a sample; None where a graph must be recorded.

        Raises:
            SettingError: that was not asked for.
        """
        if self.obstacle:
            return None
        drawn, self._error = (random.getstate(), random_state()), None
        try:
            found = self.compiled.find(self.subject, *sample)
        except Exception as error:
            random.setstate(drawn[0])
            restore_random_state(drawn[1])
            if self.is_strict and not isinstance(error, UsageError | OperationError):
                self._error = error  # it is likely to be raised again where the sample is computed
                return None
            found = str(error)
        if isinstance(found, Recording):
            self._program = found.program
            return found
        self._refuse(found.why if isinstance(found, Outcome) else found)
        if isinstance(found, Outcome):
            self._outcome = sample, found
        return None

    def _refuse(self, why: str) -> None:
        """Record graphs from now on; raise an error if that was not asked for."""
        if self.is_strict:
            raise SettingError(
                f"backend={self.asked!r} cannot replay this model: {why}; backend='eager' records each step anew"
            )
        self.obstacle = why

    def loop(self, program: Program, update: Update, batch_size: int) -> Loop:
        """Return what takes training steps of at most so many rows, for a `Training`."""
        return program.loop(update, batch_size)

    def rows(self, recording: Recording, samples: Sequence[Sample]) -> list[list[float]] | None:
        """Return the inputs of a recording for samples; None unless it fits them all."""
        fitting = self._fitting(recording, samples)
        return fitting.rows if fitting else None

    def _fitting(self, recording: Recording, samples: Sequence[Sample]) -> _Fitting | None:
        for each in self._known:
            if each.recording is recording and each.samples == samples:
                return each
        rows = plain_rows([(self.subject, *sample) for sample in samples])
        if rows is None or not recording.fits_always(rows):
            return None
        if not self.subject.loss:
            return _Fitting(recording, samples, rows)
        self._known = [_Fitting(recording, copied(list(samples)), rows), *self._known[: KNOWN - 1]]
        return self._known[0]

    def gradients(self, batch: Sequence[Sample]) -> tuple[float, Gradients]:
        """Return the mean of the losses of some samples, and the parameters' gradients."""
        recording = self.recording(batch[0])
        rows = plain_rows([(self.subject, *sample) for sample in batch]) if recording else None
        if recording and rows is not None and recording.fits_always(rows):
            with suppress(DomainError):  # the model itself may catch it
                loss, gradients = gradients_of(recording.program, rows)
                return loss, {leaf: gradients.get(leaf) for leaf in self.subject.parameters()}
        return super().gradients(batch)

    def values(self, samples: Sequence[Sample]) -> Callable[[], list[list[float]]]:
        """Return a function that computes the subject in use for samples, with the parameters of the moment."""
        one_by_one = super().values(samples)
        with in_use(self.subject.model):
            recording = self.recording(samples[0])
            fitting = self._fitting(recording, samples) if recording else None
        if not fitting:
            return one_by_one
        together = fitting.values

        def compute() -> list[list[float]]:
            with suppress(DomainError):
                return together()
            return one_by_one()

        return compute

    def _gradients(self, sample: Sample, leaves: Sequence[Value]) -> tuple[float, list[float | None]]:
        if recording := self.recording(sample):
            with suppress(DomainError):
                loss, gradients = gradients_of(recording.program, [structure_of((sample, {})).numbers])
                return loss, list(map(gradients.get, leaves))
        if outcome := self._taken(sample):
            return outcome.results[0].data, list(map(outcome.gradients().get, leaves))
        found = super()._gradients(sample, leaves)
        if self._error:
            self._refuse(str(self._error))
        return found

    def _values(self, sample: Sample) -> list[float]:
        if recording := self.recording(sample):
            with suppress(DomainError):
                return recording.values([structure_of((sample, {})).numbers])[0]
        outcome = self._taken(sample)
        return outcome.numbers() if outcome else super()._values(sample)

    def _taken(self, sample: Sample) -> Outcome | None:
        """Return the results of a call that were kept, once."""
        kept, self._outcome = self._outcome, None
        return kept[1] if kept and kept[0] is sample else None


def gradients_of(program: Program, rows: Sequence[Sequence[float]]) -> tuple[float, Gradients]:
    """Return the mean of a program's losses for some rows, and the gradients, None for a parameter without one."""
    loss, gradients = program.batch(rows)
    given = [gradient if reached else None for gradient, reached in zip(gradients, program.reached, strict=True)]
    return loss + 0.0, dict(zip(program.parameters, given, strict=True))


def chosen(
    name: str, subject: Objective, example: Sample, nodes: int = 0, mesh: Any = None, dtype: str = "float64"
) -> Eager:
    """Return the backend of a name; ``"auto"`` builds native code only if many nodes will be computed in all.

    Raises:
        SettingError: there is no such backend, or it cannot compute this, or has no mesh and one precision alone.
        StepgradError: JAX is asked for and not installed.
    """
    if known(name, BACKENDS, "backend") == "jax":
        from .jax import Devices, Jax

        by_jax = Jax(subject, Devices(mesh, dtype))
        by_jax.recording(example)
        return by_jax
    if mesh is not None or dtype != "float64":
        given = "mesh" if mesh is not None else f"dtype={dtype!r}"
        raise SettingError(f"{given} needs backend='jax', not {name!r}, which computes on one processor in float64")
    if name == "eager" or current_state().guard:  # which looks at each number
        return Eager(subject)
    if name == "auto":
        return Replayed(subject, "auto" if nodes >= WORTH_BUILDING else "python", is_strict=False)
    replayed = Replayed(subject, name, is_strict=True)
    replayed.recording(example)
    return replayed


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

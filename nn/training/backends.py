"""Backends of a training: a graph recorded for each sample, or one recording replayed by a program."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Real
from typing import Any

from engine import OperationError, UsageError, Value, compiled, no_grad
from engine.program.plan import joint_order
from engine.program.program import BACKENDS as REPLAYING

from ..checks import known
from ..errors import SettingError, ShapeError
from ..modules import Module
from ..random import random_state, restore_random_state
from .samples import Loss, Outputs, Samples

BACKENDS = ("auto", "eager", *reversed(REPLAYING))
WORTH_BUILDING = 5_000_000  # nodes to compute in all: about half a second in Python

Sample = tuple[Any, ...]  # an input, and for an objective a target


class Objective:
    """What is computed for a sample, as a tuple of Values: the outputs of a model, behind the loss if there is one."""

    def __init__(
        self, model: Callable[[Any], Outputs], loss: Loss | None = None, optimised: Sequence[Value] | None = None
    ) -> None:
        self.model, self.loss, self.optimised = model, loss, optimised

    def parameters(self) -> Sequence[Value]:
        """Return the Values whose numbers may change from replay to replay."""
        if self.optimised is None:
            return self.model.parameters() if isinstance(self.model, Module) else []
        return self.optimised

    def __call__(self, x: list[float], target: Any = None) -> tuple[Value, ...]:
        """Return the loss, if there is one, and the outputs for an input and its target."""
        outputs = self.model(x)
        losses = [self.loss(outputs, target)] if self.loss else []
        return (*losses, *as_list(outputs))


def as_list(outputs: Outputs) -> list[Value]:
    """Return outputs as a list of Values."""
    every = outputs if isinstance(outputs, Sequence) else [outputs]
    return [output if isinstance(output, Value) else Value(output) for output in every]


@contextmanager
def in_use(model: object) -> Iterator[None]:
    """Switch a model from training to use for a while, so that nothing is dropped."""
    modules = [module for _, module in model.modules()] if isinstance(model, Module) else []
    modes = [module.training for module in modules]
    try:
        for module in modules:
            module.training = False
        yield
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode


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

    def gradients(self, batch: Sequence[Sample]) -> float:
        """Set the parameters' gradients to the mean over some samples; return the mean of the losses."""
        leaves, share = self.subject.parameters(), 1.0 / len(batch)
        losses, columns = [], []
        for sample in batch:
            for leaf in leaves:
                leaf.grad = 0.0
            loss = self.subject(*sample)[0]
            loss.backward()
            losses.append(loss.data)
            columns.append([leaf.grad or 0.0 for leaf in leaves])
        for leaf, gradients in zip(leaves, zip(*columns, strict=True), strict=True):
            leaf.grad = sum(gradients) * share
        return sum(losses) * share


class Replayed(Eager):
    """Records a graph for one sample, and replays it as a program for all."""

    def __init__(self, subject: Objective, example: Sample, backend: str) -> None:
        super().__init__(subject)
        self.step = compiled(lambda subject, *sample: subject(*sample), batch="mean", backend=backend)
        self.name = self.step.program(subject, *example).backend

    def values(self, samples: Sequence[Sample]) -> Callable[[], list[list[float]]]:
        """Return a function that computes the subject for samples, with the parameters of the moment."""
        try:
            recording, rows = self.step.rows([(self.subject, *sample) for sample in samples])
        except UsageError:  # the samples go different ways
            columns = list(map(list, zip(*samples, strict=True)))
            return lambda: self.step.values(self.subject, *columns)
        return lambda: recording.values(rows)

    def gradients(self, batch: Sequence[Sample]) -> float:
        """Set the parameters' gradients to the mean over some samples; return the mean of the losses."""
        for leaf in self.subject.parameters():
            leaf.grad = 0.0
        return self.step(self.subject, *map(list, zip(*batch, strict=True)))


def chosen(name: str, subject: Objective, example: Sample, nodes: int = 0) -> Eager:
    """Return the backend of a name; ``"auto"`` builds native code only if many nodes will be computed in all.

    Raises:
        SettingError: there is no such backend, or it cannot compute this.
    """
    if known(name, BACKENDS, "backend") == "eager":
        return Eager(subject)
    state = random_state()
    try:
        replayed = Replayed(subject, example, "python" if name == "auto" and nodes < WORTH_BUILDING else name)
        why = "it draws random numbers at each call" if random_state() != state else ""
    except (UsageError, OperationError) as error:
        why = str(error)
    finally:
        restore_random_state(state)
    if why and name != "auto":
        raise SettingError(f"backend={name!r} cannot replay this model: {why}; backend='eager' records each step anew")
    return Eager(subject) if why else replayed


def first_outputs(model: Callable[[Any], Outputs], samples: Samples) -> tuple[Outputs, int]:
    """Return the outputs for the first of some samples, and the count of nodes of their graph.

    Raises:
        SettingError: the model is not a function, or returns something else than numbers.
        ShapeError: an input has too few or too many numbers for the model.
    """
    if not callable(model) or isinstance(model, type):
        raise SettingError(f"a model must be a Module or a function of a list of numbers, not {model!r:.60}")
    lengths = dict.fromkeys(map(len, samples.inputs))
    with in_use(model):
        tried = [
            _outputs(model, samples, next(i for i, x in enumerate(samples.inputs) if len(x) == n)) for n in lengths
        ]
    return tried[0], len(joint_order(as_list(tried[0])))


def _outputs(model: Callable[[Any], Outputs], samples: Samples, place: int) -> Outputs:
    try:
        outputs = model(samples.inputs[place])
    except (ShapeError, IndexError) as error:
        raise ShapeError(f"input {place} of {samples.what}: {error}") from error
    for output in outputs if isinstance(outputs, Sequence) and not isinstance(outputs, str) else [outputs]:
        if not isinstance(output, Value | Real):
            raise SettingError(
                f"a model must return a Value or a list of them, not {type(outputs).__name__} {outputs!r:.60}"
            )
    return outputs


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
    outputs, nodes = first_outputs(model, samples)
    every = [(x,) for x in samples.inputs]
    with in_use(model):
        rows = chosen(backend, Objective(model), every[0], nodes * len(every)).values(every)()
    return rows if isinstance(outputs, Sequence) else [row[0] for row in rows]

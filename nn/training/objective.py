"""What a training computes: a loss between a model's outputs and the targets of samples."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from itertools import repeat
from numbers import Real
from typing import Any

from engine import DomainError, NotFiniteError, StepgradError, Value, no_grad, topological_order
from engine.recording.context import compact
from engine.support.interrupts import assign_all, assigning
from engine.support.text import counted

from .. import losses
from ..checks import known
from ..errors import SettingError, ShapeError
from ..frames import is_frame, plain
from ..modules import Module
from ..optimisers import Optimiser
from ..scaling import Scaling, scaled

Loss = Callable[[Any, Any], Value]
Outputs = Any  # a Value, or a list of them
Sample = tuple[Any, ...]  # an input, and for an objective a target

BY_NAME: dict[str, Loss] = {name: getattr(losses, name) for name in (
    "mean_squared_error", "half_squared_error", "mean_absolute_error", "huber", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "hinge", "cross_entropy",
)}  # fmt: skip
# The threshold of a single output between two classes; for other losses it is 0.5.
NUMBERS = {float, int}
MIDDLE: dict[Loss, float] = {losses.binary_cross_entropy_with_logits: 0.0, losses.hinge: 0.0}
FOR_NUMBERS: dict[Loss, int] = {
    losses.mean_squared_error: 2,
    losses.half_squared_error: 2,
    losses.mean_absolute_error: 1,
    losses.huber: 0,
}  # and the power of a factor of all numbers that it grows with, if it does
FOR_CLASSES = {losses.cross_entropy, losses.binary_cross_entropy, *MIDDLE}


class Samples:
    """Inputs and targets, as lists of floats.

    The data are an object with ``inputs`` and ``targets``, such as `nn.data.Dataset`, or a pair of these.

    Attributes:
        inputs: for each sample a list of numbers.
        given: the targets as they were given.
        targets: the targets in the form that the loss needs, after `fit_to`.
        classes: for a classification the number of each sample's class, after `fit_to`.
        task: ``"classification"``, ``"regression"``, or an empty text if the data do not say.

    Raises:
        ShapeError: the data have another form, or no samples.
    """

    def __init__(self, data: Any, what: str = "the data") -> None:
        if hasattr(data, "inputs") and hasattr(data, "targets"):
            inputs, targets = data.inputs, data.targets
        elif isinstance(data, tuple | list) and len(data) == 2:
            inputs, targets = data
        else:
            given = f"a list of {len(data)}" if isinstance(data, tuple | list) else type(data).__name__
            remedy = "; nn.data.csv(frame, target) makes them" if is_frame(data) else ""
            raise ShapeError(f"{what} must have inputs and targets, or be a pair of them, not {given}{remedy}")
        inputs, targets = _listed(inputs, f"the inputs of {what}"), _listed(targets, f"the targets of {what}")
        if len(inputs) != len(targets) or not inputs:
            counts = f"{counted(len(inputs), 'input')} and {counted(len(targets), 'target')}"
            raise ShapeError(f"{what} must have at least one input, and a target for each, not {counts}")
        self.what = what
        self.inputs = [_numbers(row, f"input {i} of {what}") for i, row in enumerate(inputs)]
        self.given = list(map(copied, targets))
        self.task: str = getattr(data, "task", "")
        self.targets: list[Any] = self.given
        self.classes: list[int] | None = None

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def pairs(self) -> list[tuple[list[float], Any]]:
        """The inputs, each with its target."""
        return list(zip(self.inputs, self.targets, strict=True))

    def standardise(self, scaling: Scaling) -> None:
        """Scale the inputs, and after `fit_to` also the targets."""
        if scaling.targets:
            self.targets = [
                [scaled(number, *by) for number, by in zip(target, scaling.targets, strict=True)]
                if isinstance(target, list) else scaled(target, *scaling.targets[0])
                for target in self.targets
            ]  # fmt: skip
        else:
            self.inputs = [scaling.scaled(row) for row in self.inputs]

    def fit_to(self, outputs: Outputs, loss: Loss) -> None:
        """Bring the targets into the form that the first outputs and the loss need, and try the loss at each.

        Raises:
            ShapeError: a target does not fit the outputs or the loss.
        """
        width = len(outputs) if isinstance(outputs, Sequence) else 0
        whole = all(map(_is_whole, self.given)) and (width > 1 or loss in FOR_CLASSES)
        if self.task == "classification" or (whole and not self.task):
            self.classes = [_class_of(target) for target in self.given]
        is_own = loss in BY_NAME.values()
        self.targets = []
        tried: dict[Any, int] = {}  # where each class comes first: trying it once will do
        with no_grad():
            for i, target in enumerate(self.given):
                if is_own and target.__class__ is int and tried.setdefault(target, i) < i:
                    self.targets.append(copied(self.targets[tried[target]]))
                    continue
                try:
                    self.targets.append(_target(target, width, loss, self.classes is not None) if is_own else target)
                    try:
                        found = loss(outputs, self.targets[i])
                    except (DomainError, NotFiniteError):  # these are not the outputs for this target
                        continue
                except (StepgradError, TypeError, ValueError, IndexError) as error:
                    raise ShapeError(f"target {i} of {self.what}: {error}") from error
                require_value(found, "a loss must return a Value, computed from the outputs themselves")


class Core(Module):
    """A model without its scaling, which is what a training on standardised samples changes."""

    def __init__(self, model: Module) -> None:
        self.model = model

    def __call__(self, x: Any) -> Any:
        """Compute the model's outputs for inputs that are scaled already."""
        with self.model._scope:
            return self.model.forward(x)

    def parts(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield the parts of the model."""
        return self.model.parts()

    def modules(self) -> Iterator[tuple[str, Module]]:
        """Yield the model and all modules inside it."""
        return self.model.modules()

    def __repr__(self) -> str:
        return repr(self.model)


def require_value(thing: object, requirement: str) -> None:
    """Raise `SettingError` with a requirement and what was given, unless a thing is a Value."""
    if not isinstance(thing, Value):
        raise SettingError(f"{requirement}, not {type(thing).__name__} {thing!r:.60}")


def copied(target: Any) -> Any:
    """Return a target with lists of its own, so that nothing that changes them changes the others."""
    target = plain(target)
    if target.__class__ not in (list, tuple):
        return target
    return target.__class__(target if set(map(type, target)) <= NUMBERS else map(copied, target))


def _listed(things: Any, what: str) -> list[Any]:
    if not hasattr(things, "__len__") or isinstance(things, str | Mapping | Set):
        raise ShapeError(f"{what} must be a list or an array, not {type(things).__name__} {things!r:.60}")
    return list(plain(things))


def _numbers(row: Any, what: str) -> list[float]:
    row = plain(row)
    try:
        if set(map(type, row)) == {float}:
            return list(row)
        return [number if number.__class__ is float else Value(number).data for number in row]
    except TypeError:
        raise ShapeError(f"{what} must be a list of numbers, not {row!r:.60}") from None
    except DomainError as error:
        raise ShapeError(f"{what}: {error}") from None


def _is_whole(target: Any) -> bool:
    return hasattr(target, "__index__") and not isinstance(target, bool)


def _class_of(target: Any) -> int:
    """Return the number of a class that is given by its number, by a sign, or by a list with one largest number."""
    if isinstance(target, Sequence):
        return largest(target)
    return max(int(target), 0) if _is_whole(target) else int(target > 0.5)


def _target(target: Any, width: int, loss: Loss, is_class: bool) -> Any:
    """Return a target as floats: a class becomes a one-hot list, or a number for a single output."""
    if isinstance(target, Sequence) and not isinstance(target, str):
        return [Value(number).data for number in target]
    if width and is_class and _is_whole(target):
        if not 0 <= target < width:
            return target  # the loss raises an error that says what is wrong
        low = -1.0 if loss is losses.hinge else 0.0
        return [1.0 if place == target else low for place in range(width)]
    if loss is losses.hinge and is_class and target == 0:
        return -1.0
    return Value(target).data


def largest(numbers: Sequence[float]) -> int:
    """Return the place of the largest number."""
    return max(range(len(numbers)), key=numbers.__getitem__)


def loss_of(loss: str | Loss | None, samples: Samples, outputs: Outputs) -> Loss:
    """Return a loss that is given, or named, or chosen to suit the data."""
    if isinstance(loss, str):
        return BY_NAME[known(loss, list(BY_NAME), "loss")]
    if callable(loss):
        return loss
    if loss is not None:
        raise SettingError(f"a loss is a function such as nn.mean_squared_error, or its name, not {loss!r}")
    if isinstance(outputs, Sequence):
        whole = samples.task == "classification" or all(map(_is_whole, samples.given))
        return losses.cross_entropy if whole else losses.mean_squared_error
    return losses.binary_cross_entropy_with_logits if samples.task == "classification" else losses.mean_squared_error


class Objective:
    """What is computed for a sample, as a tuple of Values: the outputs of a model, behind the loss if there is one.

    Args:
        model, loss: what computes them.
        optimiser: what updates parameters, if anything does.
        leaves: what the outputs depend on; the gradients of those that are not parameters stay as they are.
    """

    def __init__(
        self, model: Callable[[Any], Outputs], loss: Loss | None = None, optimiser: Optimiser | None = None,
        leaves: Iterable[Value] = (),
    ) -> None:  # fmt: skip
        self.model, self.loss, self.optimiser, self.leaves = model, loss, optimiser, list(leaves)

    def parameters(self) -> list[Value]:
        """Return the Values whose numbers may change from replay to replay: first those that are optimised."""
        optimised = self.optimiser.parameters if self.optimiser else []
        return list(dict.fromkeys([*optimised, *(self.model.parameters() if isinstance(self.model, Module) else [])]))

    def __call__(self, x: Sequence[float], target: Any = None) -> tuple[Value, ...]:
        """Return the loss, if there is one, and the outputs for an input and its target, which stay as they are."""
        outputs = self.model(list(x))
        losses = [self.loss(outputs, copied(target))] if self.loss else []
        return (*losses, *as_list(outputs))


def as_list(outputs: Outputs) -> list[Value]:
    """Return outputs as a list of Values."""
    every = outputs if isinstance(outputs, Sequence) else [outputs]
    return [output if isinstance(output, Value) else Value(output) for output in every]


@contextmanager
def in_use(model: object) -> Iterator[None]:
    """Switch a model from training to use for a while, so that nothing is dropped."""
    modules = [module for _, module in model.modules()] if isinstance(model, Module) else []
    restore = assigning((modules, "training", [module.training for module in modules]))
    try:
        assign_all((modules, "training", repeat(False)))
        yield
    finally:
        restore()


def first_outputs(model: Callable[[Any], Outputs], samples: Samples) -> tuple[Outputs, list[Value], int]:
    """Return the outputs for the first of some samples, the leaves of their graph, and the count of its nodes.

    Raises:
        SettingError: the model is not a function, or returns something else than numbers.
        ShapeError: the input does not fit the model.
    """
    if not callable(model) or isinstance(model, type):
        raise SettingError(f"a model must be a Module or a function of a list of numbers, not {model!r:.60}")
    with in_use(model), compact():
        outputs = _outputs(model, samples, 0)
    nodes = topological_order(*as_list(outputs))
    return outputs, [node for node in nodes if node.is_leaf], sum(max(1, len(node.inputs)) for node in nodes)


def try_lengths(model: Callable[[Any], Outputs], *given: Samples) -> None:
    """Compute a model for an input of each length but that of the very first, to name one that does not fit.

    Raises:
        ShapeError: an input does not fit the model.
    """
    lengths = {len(given[0].inputs[0])}
    for samples in given:
        for place, x in enumerate(samples.inputs):
            if len(x) not in lengths:
                lengths.add(len(x))
                with in_use(model), no_grad():
                    _outputs(model, samples, place)


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

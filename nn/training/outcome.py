"""The outcome of a training in words: how well the model answers, beside an answer that looks at no input."""

import math
from collections import Counter
from dataclasses import dataclass

from engine.support.text import format_number

from .. import losses
from ..data import Dataset
from ..modules import Module
from .backends import predict
from .objective import MIDDLE, largest


@dataclass(frozen=True)
class Outcome:
    """How well a model answers for samples.

    Attributes:
        samples: which samples, ``"validation"`` or ``"training"``.
        measure: what ``model`` and ``constant`` are: the root mean square error, or the accuracy.
        model: that of the model.
        constant: that of always answering with the same: the mean of the training targets, or their most frequent
            class.
    """

    samples: str
    measure: str
    model: float
    constant: float

    @property
    def is_better(self) -> bool:
        """Whether the model answers better than a constant."""
        return self.model > self.constant if self.measure == "accuracy" else self.model < self.constant

    @property
    def remedy(self) -> str:
        """What to do about a model that is not better."""
        answer = "the most frequent class" if self.measure == "accuracy" else "the mean of the targets"
        remedy = "try --layers 0 (a linear model), --l2 0.01, other --inputs, or more --epochs"
        return f"on the {self.samples} samples the model is not better than {answer}; {remedy}"

    def __str__(self) -> str:
        if self.measure == "accuracy":
            return f"{self.samples}: {self.model:.1%} correct; the most frequent class alone: {self.constant:.1%}"
        numbers = f"{format_number(self.model, 4)}; the mean of the targets alone: {format_number(self.constant, 4)}"
        return f"{self.samples}: {self.measure} {numbers}"


def measure(model: Module, train: Dataset, held_out: Dataset | None, loss: str | None = None) -> Outcome:
    """Return how well a model answers for the validation samples, or without any for the training samples.

    Args:
        model: the trained model, of one output for a regression.
        train, held_out: the training samples, and the validation samples.
        loss: the name of the loss, by which the threshold between two classes is chosen.
    """
    data, called = (held_out, "validation") if held_out else (train, "training")
    outputs = predict(model, data.inputs)
    if train.task == "regression":
        mean = math.fsum(train.targets) / len(train)
        away, constant = (
            math.hypot(*(y - given for y, given in zip(data.targets, answers, strict=True))) / math.sqrt(len(data))
            for answers in (outputs, [mean] * len(data))
        )
        return Outcome(called, "root mean square error", away, constant)
    middle = MIDDLE.get(getattr(losses, loss), 0.5) if loss else 0.0
    answers = [largest(y) if isinstance(y, list) else int(y > middle) for y in outputs]
    ((usual, _),) = Counter(train.targets).most_common(1)
    right, constant = (
        sum(y == given for y, given in zip(data.targets, each, strict=True)) / len(data)
        for each in (answers, [usual] * len(data))
    )
    return Outcome(called, "accuracy", right, constant)

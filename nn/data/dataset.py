"""Dataset: samples, each an input and its target, and what is done with them before training."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from ..checks import columns, counted, finite, positive
from ..errors import SettingError, ShapeError
from ..random import Generator, generator_of

Task = Literal["regression", "classification"]
Targets = list[Any]  # list[float], list[int] or list[list[float]]
T = TypeVar("T")

ROWS_SHOWN = 12


@dataclass(frozen=True, repr=False)
class Dataset:
    """Hold samples, each an input (a list of numbers) and a target.

    Args:
        inputs: for each sample its numbers.
        targets: for each sample a number, a list of numbers, or (for classification) the number of its class, from 0.
        task: ``"regression"`` or ``"classification"``.
        classes: the names of the classes.
        features: the names of the numbers of an input.
        name: what to call the data.
        source: where they come from, and their licence.
        scale: for each feature the mean that was subtracted and the deviation that was divided by, if it is not 0;
            see `standardised`.

    Raises:
        ShapeError: counts do not fit, or a target is no class.
        SettingError: there is no such task.

    >>> data = Dataset([[0.0, 1.0], [2.0, 3.0]], [0, 1], "classification", classes=("no", "yes"))
    >>> len(data), list(data)
    (2, [([0.0, 1.0], 0), ([2.0, 3.0], 1)])
    """

    inputs: list[list[float]]
    targets: Targets
    task: Task
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    name: str = ""
    source: str = ""
    scale: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if self.task not in ("regression", "classification"):
            raise SettingError(f"the task is 'regression' or 'classification', not {self.task!r}")
        if len(self.inputs) != len(self.targets) or not len(self.inputs):
            raise ShapeError(f"a data set got {len(self.inputs)} inputs and {len(self.targets)} targets")
        width = len(self.inputs[0])
        if self.features and len(self.features) != width:
            raise ShapeError(f"a data set got {len(self.features)} names of features for inputs of {width} numbers")
        for index, row in enumerate(self.inputs):
            if len(row) != width:
                raise ShapeError(f"input {index} has {len(row)} numbers, and the first one has {width}")
        if self.task == "classification":
            self._check_classes()

    def _check_classes(self) -> None:
        for index, target in enumerate(self.targets):
            if isinstance(target, Sequence):
                fits = len(target) == (len(self.classes) or len(target))
            else:
                fits = hasattr(target, "__index__") and 0 <= target < (len(self.classes) or math.inf)
            if not fits:
                span = f"0 to {len(self.classes) - 1}" if self.classes else "whole numbers from 0"
                raise ShapeError(f"target {index} is {target!r}, but the classes are {span}")

    def __len__(self) -> int:
        return len(self.inputs)

    def __iter__(self) -> Iterator[tuple[list[float], Any]]:
        return zip(self.inputs, self.targets, strict=True)

    def _chosen(self, order: Sequence[int]) -> Dataset:
        return replace(self, inputs=_picked(self.inputs, order), targets=_picked(self.targets, order))

    def split(self, share: float = 0.8, seed: int | Generator = 0) -> tuple[Dataset, Dataset]:
        """Return two data sets: a share of the samples, drawn by chance, and the rest.

        The samples are those of `torch.utils.data.random_split` with a generator of the same seed.

        Args:
            share: how much of the samples the first one gets, between 0 and 1; both get at least one sample.
            seed: an integer, or a generator that goes on from where it stands.

        Raises:
            SettingError: the share is no number between 0 and 1.
            ShapeError: there are less than two samples.

        >>> train, validation = Dataset([[float(i)] for i in range(10)], list(range(10)), "regression").split(0.8)
        >>> len(train), validation.targets
        (8, [6, 2])
        """
        share = finite(share, "the share of a split", 0.0, 1.0)
        if len(self) < 2:
            raise ShapeError("a data set of one sample cannot be split")
        first = min(max(round(share * len(self)), 1), len(self) - 1)
        order = generator_of(seed).shuffled(len(self))
        return self._chosen(order[:first]), self._chosen(order[first:])

    def standardised(self, like: Dataset | None = None) -> Dataset:
        """Return the data with inputs of mean 0 and standard deviation 1, feature by feature.

        A feature that is the same in all samples becomes 0. What is standardised already stays as it is.

        Args:
            like: the data whose means and deviations are used, as they were before they were standardised
                themselves: validation data are measured by the training data. Without it, those of this data.

        Raises:
            ShapeError: the other data have another count of features, or these are standardised otherwise.

        >>> train = Dataset([[1.0], [3.0]], [0.0, 1.0], "regression")
        >>> train.standardised().inputs
        [[-1.0], [1.0]]
        >>> Dataset([[4.0]], [1.0], "regression").standardised(like=train).inputs
        [[2.0]]
        """
        like = like or self
        scale = like.scale or tuple(map(_mean_and_deviation, zip(*like.inputs, strict=True)))
        if len(scale) != len(self.inputs[0]):
            raise ShapeError(f"inputs of {len(self.inputs[0])} features cannot be standardised like {like!r}")
        if self.scale:
            if self.scale != scale:
                raise ShapeError(f"{self!r} is standardised already, but not like {like!r}")
            return self
        by_feature = [
            [(x - mean) / (spread or 1.0) for x in column]
            for column, (mean, spread) in zip(zip(*self.inputs, strict=True), scale, strict=True)
        ]
        inputs = [list(row) for row in zip(*by_feature, strict=True)]
        return replace(self, inputs=inputs, scale=scale)

    def batches(self, size: int, seed: int | Generator | None = None) -> Iterator[tuple[list[list[float]], list[Any]]]:
        """Yield the samples in small groups, each as a list of inputs and a list of targets; the last may be smaller.

        Args:
            size: how many samples are in a group.
            seed: an integer, or a generator that goes on from where it stands, to shuffle the samples; without
                it they come in order.

        Raises:
            SettingError: the size is not positive.

        >>> data = Dataset([[1.0], [2.0], [3.0]], [0.1, 0.2, 0.3], "regression")
        >>> for inputs, targets in data.batches(2):
        ...     print(inputs, targets)
        [[1.0], [2.0]] [0.1, 0.2]
        [[3.0]] [0.3]
        """
        size = positive(size, "the size of a batch")
        order = range(len(self)) if seed is None else generator_of(seed).shuffled(len(self))
        groups = (order[start : start + size] for start in range(0, len(self), size))
        return ((_picked(self.inputs, group), _picked(self.targets, group)) for group in groups)

    def one_hot(self) -> Dataset:
        """Return the data with a list for each target: 1.0 at the number of its class and 0.0 elsewhere.

        Raises:
            ShapeError: the targets are no numbers of classes.

        >>> Dataset([[0.0], [1.0]], [1, 0], "classification").one_hot().targets
        [[0.0, 1.0], [1.0, 0.0]]
        """
        if self.task != "classification" or isinstance(self.targets[0], Sequence):
            raise ShapeError(f"one_hot takes targets that are numbers of classes, which those of {self!r} are not")
        width = len(self.classes) or 1 + max(self.targets)
        return replace(self, targets=[[float(i == target) for i in range(width)] for target in self.targets])

    def table(self) -> str:
        """Return a table of the features, the targets and the source.

        >>> print(Dataset([[1.0], [3.0]], [0, 1], "classification", classes=("no", "yes"), features=("x",)).table())
        Dataset(2 samples, 1 input, classification into no, yes)
        input  mean  deviation  least  most
        x         2          1      1     3
        class  samples
        no           1
        yes          1
        """
        names = self.features or [f"x{i}" for i in range(len(self.inputs[0]))]
        rows = [_described(name, column) for name, column in zip(names, zip(*self.inputs, strict=True), strict=True)]
        lines = [repr(self), *_shown(["input", "mean", "deviation", "least", "most"], rows)]
        if self.task == "classification":
            counts = Counter(t.index(max(t)) if isinstance(t, Sequence) else t for t in self.targets)
            named = {i: self.classes[i] if self.classes else str(i) for i in sorted(counts)}
            lines += _shown(["class", "samples"], [[name, str(counts[i])] for i, name in named.items()])
        elif not isinstance(self.targets[0], Sequence):
            lines += _shown(["target", "mean", "deviation", "least", "most"], [_described("y", self.targets)])
        return "\n".join([*lines, f"source: {self.source}"] if self.source else lines)

    def __repr__(self) -> str:
        name = f"{self.name}: " if self.name else ""
        into = f" into {', '.join(self.classes)}" if self.classes else ""
        scaled = ", standardised" if self.scale else ""
        sizes = f"{counted(len(self), 'sample')}, {counted(len(self.inputs[0]), 'input')}"
        return f"Dataset({name}{sizes}, {self.task}{into}{scaled})"


def _picked(things: Sequence[T], order: Sequence[int]) -> list[T]:
    return [things[i] for i in order]


def _mean_and_deviation(column: Sequence[float]) -> tuple[float, float]:
    """Return the mean and the standard deviation of the numbers themselves; of equal ones the number and 0."""
    if min(column) == max(column):
        return column[0], 0.0
    mean = math.fsum(column) / len(column)
    return mean, math.sqrt(math.fsum((x - mean) ** 2 for x in column) / len(column))


def _described(name: str, column: Sequence[float]) -> list[str]:
    return [name, *(f"{number:.4g}" for number in (*_mean_and_deviation(column), min(column), max(column)))]


def _shown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the first rows as lines of a table, and a line about how many more there are."""
    lines = columns([head, *rows[:ROWS_SHOWN]], right=range(1, len(head)))
    return [*lines, f"... and {len(rows) - ROWS_SHOWN} more"] if len(rows) > ROWS_SHOWN else lines

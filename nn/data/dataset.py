"""Dataset: samples to learn from, and their preparation for training."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from engine.support.text import counted, format_number, format_table, listed, printable

from ..checks import choice, finite, positive
from ..errors import ShapeError
from ..frames import is_frame, names_of, plain
from ..random import Generator, generator_of
from ..scaling import mean_and_deviation, scaled

Task = Literal["regression", "classification"]
Targets = list[Any]  # list[float], list[int] or list[list[float]]

MAX_ROWS = 12  # of a table


@dataclass(frozen=True, repr=False)
class Dataset:
    """Samples, each an input (a list of numbers) and a target.

    Args:
        inputs: for each sample its numbers: lists, an array, or a data frame of pandas or polars.
        targets: for each sample a number, a list of numbers, or (for classification) the number of its class, from 0.
        task: ``"regression"`` or ``"classification"``.
        classes, features: the names of the classes, and of the numbers of an input.
        name, source: what it is called, and its origin and licence.
        notes: what was decided to read it, in words.
        scale: for each feature the mean that was subtracted and the deviation by which it was divided, if that is
            not 0; see `standardised`.

    Raises:
        ShapeError: counts do not fit, or a target is not a class.
        SettingError: the task is unknown.

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
    notes: tuple[str, ...] = ()
    scale: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if is_frame(self.inputs) and not self.features:
            object.__setattr__(self, "features", tuple(names_of(self.inputs)))
        for name in ("inputs", "targets"):
            object.__setattr__(self, name, plain(getattr(self, name)))
        choice(self.task, ["regression", "classification"], "the task")
        if len(self.inputs) != len(self.targets) or not len(self.inputs):
            given = f"{len(self.inputs)} inputs and {len(self.targets)} targets"
            raise ShapeError(f"a data set needs one target for each input and at least one sample, not {given}")
        width = len(self.inputs[0])
        if self.features and len(self.features) != width:
            raise ShapeError(f"inputs of {width} numbers need as many features, not {len(self.features)}")
        for index, row in enumerate(self.inputs):
            if len(row) != width:
                raise ShapeError(f"every input must have {width} numbers like input 0; input {index} has {len(row)}")
        for index, target in enumerate(self.targets if self.task == "classification" else ()):
            if isinstance(target, Sequence):
                fits = len(target) == (len(self.classes) or len(target))
            else:
                fits = hasattr(target, "__index__") and 0 <= target < (len(self.classes) or math.inf)
            if not fits:
                span = f"0 to {len(self.classes) - 1}" if self.classes else "whole numbers from 0"
                raise ShapeError(f"the targets must be classes, {span}, not {target!r:.60} (target {index})")

    def __len__(self) -> int:
        return len(self.inputs)

    def __iter__(self) -> Iterator[tuple[list[float], Any]]:
        return zip(self.inputs, self.targets, strict=True)

    def split(self, share: float = 0.8, seed: int | Generator = 0) -> tuple[Dataset, Dataset]:
        """Return two data sets: a share of the samples, drawn as by `torch.utils.data.random_split`, and the rest.

        Args:
            share: the share of the first data set, from 0 to 1; both get at least one sample.
            seed: an integer, or a generator, which continues from its current state.

        Raises:
            SettingError: the share is not a number from 0 to 1.
            ShapeError: there are fewer than two samples.

        >>> train, validation = Dataset([[float(i)] for i in range(10)], list(range(10)), "regression").split(0.8)
        >>> len(train), validation.targets
        (8, [6, 2])
        """
        share = finite(share, "the share of a split", 0.0, 1.0)
        if len(self) < 2:
            raise ShapeError("a data set must have at least two samples to be split, not one")
        first = min(max(round(share * len(self)), 1), len(self) - 1)
        order = generator_of(seed).shuffled(len(self))
        parts = [self._picked(order[:first]), self._picked(order[first:])]
        train, rest = (replace(self, inputs=inputs, targets=targets) for inputs, targets in parts)
        return train, rest

    def _picked(self, order: Sequence[int]) -> tuple[list[list[float]], Targets]:
        return [self.inputs[i] for i in order], [self.targets[i] for i in order]

    def standardised(self, like: Dataset | None = None) -> Dataset:
        """Return the data with each feature scaled to mean 0 and standard deviation 1.

        A feature that is the same in all samples becomes 0. Data that are already standardised stay as they are.

        Args:
            like: the data whose original means and deviations are used, even if they are standardised now: scale
                validation data like the training data. Without it, those of this data.

        Raises:
            ShapeError: the other data have another number of features, or these are standardised differently, or a
                number is not finite.

        >>> train = Dataset([[1.0], [3.0]], [0.0, 1.0], "regression")
        >>> Dataset([[4.0]], [1.0], "regression").standardised(like=train).inputs
        [[2.0]]
        """
        like = like or self
        scale = like.scale or tuple(map(mean_and_deviation, zip(*like.inputs, strict=True)))
        if len(scale) != len(self.inputs[0]):
            raise ShapeError(f"data standardised like {like!r} must have as many features, not {len(self.inputs[0])}")
        if self.scale:
            if self.scale != scale:
                raise ShapeError(f"{self!r} is already standardised, but not like {like!r}; pass the original data")
            return self
        for place, (mean, _) in enumerate(scale):
            if not math.isfinite(mean):
                raise ShapeError(f"{like!r} cannot be standardised: not all numbers of input {place} are finite")
        inputs = [[scaled(x, *by) for x, by in zip(row, scale, strict=True)] for row in self.inputs]
        return replace(self, inputs=inputs, scale=scale)

    def batches(self, size: int, seed: int | Generator | None = None) -> Iterator[tuple[list[list[float]], list[Any]]]:
        """Yield the samples in batches, each a list of inputs and a list of targets; the last one may be smaller.

        Args:
            size: the number of samples in a batch.
            seed: as for `split`, to shuffle the samples; without it they come in order.

        Raises:
            SettingError: the size is not positive.

        >>> list(Dataset([[1.0], [2.0], [3.0]], [0.1, 0.2, 0.3], "regression").batches(2))
        [([[1.0], [2.0]], [0.1, 0.2]), ([[3.0]], [0.3])]
        """
        size = positive(size, "the size of a batch")
        order = range(len(self)) if seed is None else generator_of(seed).shuffled(len(self))
        return (self._picked(order[start : start + size]) for start in range(0, len(self), size))

    def one_hot(self) -> Dataset:
        """Return the data with one-hot targets: lists with 1.0 at the number of the class and 0.0 elsewhere.

        Raises:
            ShapeError: the targets are not numbers of classes.

        >>> Dataset([[0.0], [1.0]], [1, 0], "classification").one_hot().targets
        [[0.0, 1.0], [1.0, 0.0]]
        """
        if self.task != "classification" or isinstance(self.targets[0], Sequence):
            raise ShapeError(f"one_hot needs targets that are numbers of classes, unlike those of {self!r}")
        width = len(self.classes) or 1 + max(self.targets)
        return replace(self, targets=[[float(i == target) for i in range(width)] for target in self.targets])

    def table(self) -> str:
        """Return a table of the features, the targets and the source.

        >>> print(Dataset([[1.0], [3.0]], [0, 1], "classification", classes=("no", "yes"), features=("x",)).table())
        Dataset(2 samples, 1 input, classification into no and yes)
        input  mean  deviation  min  max
        x         2          1    1    3
        class  samples
        no           1
        yes          1
        """
        names = self.features or [f"x{i}" for i in range(len(self.inputs[0]))]
        lines = [repr(self), *_statistics("input", dict(zip(names, zip(*self.inputs, strict=True), strict=True)))]
        if self.task == "classification":
            counts = Counter(t.index(max(t)) if isinstance(t, Sequence) else t for t in self.targets)
            named = {i: self.classes[i] if self.classes else str(i) for i in sorted(counts)}
            lines += _table(["class", "samples"], [[name, str(counts[i])] for i, name in named.items()])
        elif not isinstance(self.targets[0], Sequence):
            lines += _statistics("target", {"y": self.targets})
        return "\n".join([*lines, f"source: {printable(self.source)}"] if self.source else lines)

    def __repr__(self) -> str:
        name = f"{printable(self.name)}: " if self.name else ""
        into = f" into {listed(map(printable, self.classes), 10)}" if self.classes else ""
        scaled = ", standardised" if self.scale else ""
        sizes = f"{counted(len(self), 'sample')}, {counted(len(self.inputs[0]), 'input')}"
        return f"Dataset({name}{sizes}, {self.task}{into}{scaled})"


def _statistics(title: str, columns: Mapping[str, Sequence[float]]) -> list[str]:
    numbers = {name: (*mean_and_deviation(column), min(column), max(column)) for name, column in columns.items()}
    rows = [[name, *(format_number(number, 4) for number in row)] for name, row in numbers.items()]
    return _table([title, "mean", "deviation", "min", "max"], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the first rows as lines of a table, and a line with the number of the others."""
    more = [f"... and {len(rows) - MAX_ROWS} more"] if len(rows) > MAX_ROWS else []
    shown = [list(map(printable, row)) for row in rows[:MAX_ROWS]]
    return [*format_table([head, *shown], "<>"), *more]

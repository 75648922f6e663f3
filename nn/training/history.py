"""The history of a training."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import overload

from engine.support.text import counted, format_table

HEAD = {
    "number": "epoch", "loss": "loss", "accuracy": "accuracy", "validation_loss": "validation loss",
    "validation_accuracy": "validation accuracy", "rate": "rate", "seconds": "seconds",
}  # fmt: skip
SHOWN = 20  # rows of the table


@dataclass(frozen=True)
class Epoch:
    """One pass over the training data.

    Attributes:
        number: from 1.
        step: the number of its last step, from 1.
        loss: the mean loss over the samples, each from before the update that it was used for.
        rate: the learning rate of the last step.
        seconds: how long it took, with the measurements after it.
        accuracy: the share of the training samples that are classified correctly after it; None for a regression.
        validation_loss, validation_accuracy: the same for the validation samples, after it; None without any.
    """

    number: int
    step: int
    loss: float
    rate: float
    seconds: float
    accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None


@dataclass(repr=False)
class History(Sequence[Epoch]):
    """The course of a training: a sequence of its complete epochs; print it to see a table.

    Attributes:
        losses: the loss at each step, from before its update.
        rates: the learning rate at each step.
        epochs: the complete epochs.
        backend: what computed: ``"eager"``, ``"python"`` or ``"native"``.
        stopped: why the training ended early; an empty text if it did not.
        best: the number of the epoch whose parameters were restored, if any.
        standardised: whether the losses are those of standardised targets.

    >>> history = History(epochs=[Epoch(number, number, 1.0 / number, 0.1, 0.0) for number in range(1, 9)])
    >>> [epoch.number for epoch in history[::3]], history[-1].loss, len(history)
    ([1, 4, 7], 0.125, 8)
    """

    losses: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    backend: str = ""
    stopped: str = ""
    best: int | None = None
    standardised: bool = False

    @overload
    def __getitem__(self, index: int) -> Epoch: ...
    @overload
    def __getitem__(self, index: slice) -> list[Epoch]: ...
    def __getitem__(self, index: int | slice) -> Epoch | list[Epoch]:
        return self.epochs[index]

    def __len__(self) -> int:
        return len(self.epochs)

    def __iter__(self) -> Iterator[Epoch]:
        return iter(self.epochs)

    @property
    def last(self) -> Epoch:
        """The last complete epoch."""
        return self.epochs[-1]

    @property
    def seconds(self) -> float:
        """How long all complete epochs took."""
        return sum(epoch.seconds for epoch in self.epochs)

    def __repr__(self) -> str:
        last = f", last loss {self.losses[-1]:.4g}" if self.losses else ""
        return f"History({counted(len(self.epochs), 'epoch')}, {counted(len(self.losses), 'step')}{last})"

    def __str__(self) -> str:
        table = format_table(self._rows(), ">") if self.epochs else []
        steps = f"{counted(len(self.losses), 'step')} in {self.seconds:.2f} s, backend: {self.backend}"
        ends = [f"stopped: {self.stopped}"] if self.stopped else []
        ends += [f"parameters restored: those after epoch {self.best}"] if self.best else []
        ends += ["the losses are those of standardised targets"] if self.standardised else []
        return "\n".join([*table, steps, *ends])

    def _rows(self) -> list[list[str]]:
        """Return the table: columns that are not empty, and epochs evenly spread, with the first and the last."""
        last = len(self.epochs) - 1
        places = range(last + 1) if last < SHOWN else [round(i * last / (SHOWN - 1)) for i in range(SHOWN)]
        columns = [[HEAD[name], *(_cell(name, getattr(self.epochs[i], name)) for i in places)] for name in HEAD]
        return list(map(list, zip(*(column for column in columns if any(column[1:])), strict=True)))


def _cell(name: str, number: float | None) -> str:
    if number is None:
        return ""
    if name.endswith("accuracy"):
        return f"{number:.1%}"
    return format(number, {"number": "d", "seconds": ".3f"}.get(name, ".4g"))

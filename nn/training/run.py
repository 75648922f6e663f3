"""fit: train a model on data, and tell what happens."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from engine import StepgradError, gc_paused, no_grad

from ..checks import finite, positive
from ..errors import SettingError
from ..modules import Module
from ..optimisers import Adam, Optimiser
from ..random import Generator, epoch_order, generator_of
from .backends import Eager, Subject, Work, chosen, in_use
from .history import Epoch, History
from .samples import MIDDLE, Loss, Outputs, Samples, largest, loss_of
from .schedules import Schedule, schedule_of
from .shaping import Shaping


class Run:
    """Hold a training while it is running, for callbacks to look at.

    Attributes:
        model, optimiser, loss, history: what is trained, by what, and what has happened so far.
        epoch: the number of the epoch, from 1.
        epochs: how many there will be.
        samples: the training data.
    """

    def __init__(
        self, model: Any, optimiser: Optimiser, loss: Loss, samples: Samples, epochs: int, history: History
    ) -> None:
        self.model, self.optimiser, self.loss, self.samples = model, optimiser, loss, samples
        self.epoch, self.epochs, self.history = 0, epochs, history
        self._engine: Eager

    def stop(self, why: str = "a callback asked for it") -> None:
        """End the training after this step."""
        raise _Stopped(why)

    def outputs(self, inputs: Sequence[list[float]]) -> list[list[float]]:
        """Return the model's outputs for inputs, quickly; a list for each."""
        return self._engine.outputs(inputs)


class Callback:
    """Be told of a training. A function of a `Run` will do, too: it is called after each epoch."""

    def after_step(self, run: Run) -> None:
        """Look at the training after a step; the parameters have the gradients that were used."""

    def after_epoch(self, run: Run) -> None:
        """Look at the training after an epoch, when it stands in the history."""


def _sees_steps(callback: object) -> bool:
    return isinstance(callback, Callback) and type(callback).after_step is not Callback.after_step


class EarlyStopping:
    """Stop when the loss gets no better: that of the validation data, or else of the training data.

    Args:
        patience: for how many epochs it may get no better.
        least: by how much it must fall to count as better.
        restore: whether the parameters get the numbers that they had when it was best.

    Raises:
        SettingError: the patience is no whole number of at least 1, or least is negative.
    """

    def __init__(self, patience: int = 10, least: float = 0.0, restore: bool = True) -> None:
        self.patience = positive(patience, "the patience")
        self.least = finite(least, "least", 0.0)
        self.restore = restore


class _Stopped(Exception):  # noqa: N818 - it is no error
    """Say that a training ends, and why."""


class _Best:
    """Keep the parameters of the best epoch so far."""

    def __init__(self, rule: EarlyStopping, run: Run) -> None:
        self.rule, self.run = rule, run
        self.loss, self.epoch, self.numbers = math.inf, 0, list[float]()

    def after_epoch(self) -> None:
        """Notice whether the last epoch is the best one.

        Raises:
            _Stopped: the best one was too long ago.
        """
        last = self.run.history.last
        loss = last.loss if last.validation_loss is None else last.validation_loss
        if loss < self.loss - self.rule.least or not self.epoch:
            self.loss, self.epoch = loss, last.number
            self.numbers = [leaf.data for leaf in self.run.optimiser.parameters]
        elif last.number - self.epoch >= self.rule.patience:
            raise _Stopped(f"the loss got no better for {self.rule.patience} epochs")

    def restore(self) -> None:
        """Give the parameters their best numbers."""
        if self.rule.restore and self.numbers:
            for leaf, number in zip(self.run.optimiser.parameters, self.numbers, strict=True):
                leaf.data = number
            self.run.history.best = self.epoch


def fit(
    model: Callable[[Any], Outputs],
    data: Any,
    loss: str | Loss | None = None,
    optimiser: Optimiser | None = None,
    epochs: int = 10,
    batch_size: int | None = None,
    validation: Any = None,
    callbacks: Sequence[Callback | Callable[[Run], object]] = (),
    engine: str = "auto",
    *,
    schedule: str | Schedule | None = None,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    l1: float = 0.0,
    l2: float = 0.0,
    early_stopping: EarlyStopping | int | None = None,
    shuffle: bool = True,
    seed: int | Generator | None = None,
    progress: bool | None = None,
) -> History:
    """Train a model on data.

    Every engine gives the same numbers: ``"eager"`` records a graph for each sample at each step, to step through;
    ``"program"`` records one and replays it as a Python program, with the same bits; ``"native"`` replays it as
    compiled C, the same but for rounding. They are the numbers of a training in PyTorch with the same seed and a
    `DataLoader` that shuffles.

    Args:
        model: maps the list of numbers of a sample to a Value or a list of Values; usually a `Module`.
        data: something with ``inputs`` and ``targets``, such as an `nn.data` set, or a pair of these. Targets are
            numbers, lists of numbers, or whole numbers of classes.
        loss: compares the outputs for a sample with its target: a function, or the name of one of `nn`. A batch
            has the mean of its samples' losses. Without one: ``cross_entropy`` for classes and several outputs,
            ``binary_cross_entropy_with_logits`` for two classes and one output, else ``mean_squared_error``.
        optimiser: updates the parameters; without one, ``Adam(model.parameters(), lr=0.01)``.
        epochs: how often all samples are taken.
        batch_size: how many samples a step takes; None takes all.
        validation: data of the same form to measure the model by after each epoch.
        callbacks: are called after each epoch with the `Run`, or are `Callback` objects.
        engine: what computes; ``"auto"`` chooses native code where that is worth building, and records each step
            anew where the model cannot be replayed, as with `Dropout`.
        schedule: how the learning rate changes: a function such as ``nn.training.cosine()``, or its name.
        clip_norm, clip_value: limits of the size of all gradients together, and of each.
        l1, l2: how strongly the sum of the sizes and that of the squares of all parameters enter what is minimised;
            losses are told without them.
        early_stopping: when to stop early; a number is an `EarlyStopping` of that patience.
        shuffle: whether each epoch takes the samples in a new order.
        seed: of the order; without one, nn's generator goes on.
        progress: whether to show a bar; None shows it in a terminal.

    Returns:
        What happened. Ctrl-C ends the training after a step, and returns what there is.

    Raises:
        ShapeError: data, outputs and loss do not fit.
        SettingError: a setting is out of its range, or an engine cannot compute this.
        DomainError: an operation has no value; the parameters are those after the last complete step.

    >>> import nn
    >>> nn.manual_seed(2)
    >>> model = nn.MLP(2, [8, 1], activation="tanh")
    >>> history = nn.fit(model, nn.data.xor(), optimiser=nn.Adam(model.parameters(), lr=0.1), epochs=100)
    >>> history.last.accuracy, history.last.loss < 0.05
    (1.0, True)
    """
    samples, outputs = Samples(data), None
    with in_use(model), no_grad():
        outputs = model(samples.inputs[0])
    compare = loss_of(loss, samples, outputs)
    samples.fit_to(outputs, compare)
    held_out = None if validation is None else Samples(validation, "the validation data")
    if held_out:
        held_out.task = held_out.task or samples.task
        held_out.fit_to(outputs, compare)
    generator = None if seed is None else generator_of(seed)
    epochs = positive(epochs, "epochs")
    size = len(samples) if batch_size is None else positive(batch_size, "batch_size")
    optimiser = optimiser or _usual_optimiser(model)
    if isinstance(early_stopping, int):
        early_stopping = EarlyStopping(early_stopping)
    run = Run(model, optimiser, compare, samples, epochs, History())
    stepwise = any(map(_sees_steps, callbacks))
    subject, shaping = Subject(model, compare, optimiser.parameters), Shaping(l1, l2, clip_value, clip_norm)
    run._engine = chosen(engine, Work(subject, samples, optimiser, shaping, size), epochs, stepwise)
    run.history.engine = run._engine.name
    best = _Best(early_stopping, run) if early_stopping else None
    course = _Course(run, size, schedule_of(schedule), callbacks, held_out, best)
    with gc_paused(), _bar(epochs * course.steps_in_epoch, progress) as bar, _interruptible() as asked:
        course.bar, course.asked = bar, asked
        course.take(lambda: epoch_order(len(samples), generator) if shuffle else list(range(len(samples))))
    return run.history


def _usual_optimiser(model: Any) -> Optimiser:
    if not isinstance(model, Module):
        raise SettingError("name an optimiser, such as nn.Adam(parameters): the model is no Module that knows its own")
    return Adam(model.parameters(), lr=0.01)


class _Course:
    """Take the epochs of a training."""

    bar: Any
    asked: list[bool]

    def __init__(
        self,
        run: Run,
        size: int,
        schedule: Schedule,
        callbacks: Sequence[Callback | Callable[[Run], object]],
        held_out: Samples | None,
        best: _Best | None,
    ) -> None:
        self.run, self.size, self.schedule, self.held_out, self.best = run, size, schedule, held_out, best
        self.after_step = [each.after_step for each in callbacks if isinstance(each, Callback)]
        self.after_epoch = [each.after_epoch if isinstance(each, Callback) else each for each in callbacks]
        self.steps_in_epoch = -(-len(run.samples) // size)

    def take(self, order: Callable[[], list[int]]) -> None:
        """Take all epochs, or as many as there are until something stops them."""
        history = self.run.history
        try:
            for number in range(1, self.run.epochs + 1):
                self.run.epoch = number
                self._epoch(order())
        except _Stopped as stopped:
            history.stopped = str(stopped)
        except StepgradError:
            if not self.asked:
                raise
            history.stopped = "interrupted"  # and with it the compiler
        if self.best and history.stopped != "interrupted":
            self.best.restore()

    def _epoch(self, order: list[int]) -> None:
        run, history, count = self.run, self.run.history, self.steps_in_epoch
        start, first = time.perf_counter(), len(history.losses)
        rate, steps = run.optimiser.lr, run.epochs * count
        rates = [rate * self.schedule((run.epoch - 1) * count + i, steps) for i in range(count)]

        def told(losses: list[float]) -> None:
            new = losses[len(history.losses) - first :]
            history.rates += rates[len(history.losses) - first : len(losses)]
            history.losses += new
            self._told(len(new))

        run._engine.epoch(order, rates, told)
        sizes = [min(self.size, len(order) - place * self.size) for place in range(count)]
        losses = zip(history.losses[first:], sizes, strict=True)
        mean = sum(loss * size for loss, size in losses) / len(order)
        history.epochs.append(self._measured(mean, rates[-1], start))
        for call in self.after_epoch:
            call(run)
        if self.best:
            self.best.after_epoch()

    def _told(self, count: int) -> None:
        """Notice that so many steps more are complete."""
        history = self.run.history
        self.bar.set_postfix_str(self._shown(), refresh=False)
        self.bar.update(count)
        if not math.isfinite(history.losses[-1]):
            where = next(i for i, loss in enumerate(history.losses, 1) if not math.isfinite(loss))
            raise _Stopped(f"the loss is {history.losses[where - 1]} at step {where}; lower the learning rate")
        for call in self.after_step:
            call(self.run)
        if self.asked:
            raise _Stopped("interrupted")

    def _shown(self) -> str:
        history = self.run.history
        shown = [f"epoch {self.run.epoch}/{self.run.epochs}", f"loss {history.losses[-1]:.4g}"]
        if history.epochs and history.last.accuracy is not None:
            shown.append(f"accuracy {history.last.accuracy:.1%}")
        if history.epochs and history.last.validation_loss is not None:
            shown.append(f"validation {history.last.validation_loss:.4g}")
        return ", ".join(shown)

    def _measured(self, mean: float, rate: float, start: float) -> Epoch:
        run = self.run
        accuracy = None if run.samples.classes is None else self._measure(run.samples)[1]
        held_out = self._measure(self.held_out) if self.held_out else (None, None)
        seconds = time.perf_counter() - start
        return Epoch(run.epoch, len(run.history.losses), mean, rate, seconds, accuracy, *held_out)

    def _measure(self, samples: Samples) -> tuple[float, float | None]:
        """Return the mean loss, and for classes the share of samples that are classified rightly."""
        found = self.run._engine.measured(samples)
        loss = sum(each for each, _ in found) / len(samples)
        if samples.classes is None:
            return loss, None
        right = sum(
            self._class_of(outputs) == its_class for (_, outputs), its_class in zip(found, samples.classes, strict=True)
        )
        return loss, right / len(samples)

    def _class_of(self, outputs: list[float]) -> int:
        if len(outputs) > 1:
            return largest(outputs)
        return int(outputs[0] > MIDDLE.get(self.run.loss, 0.5))


@contextmanager
def _bar(steps: int, progress: bool | None) -> Iterator[Any]:
    from tqdm import tqdm

    with tqdm(total=steps, unit="step", leave=False, disable=None if progress is None else not progress) as bar:
        yield bar


@contextmanager
def _interruptible() -> Iterator[list[bool]]:
    """Yield a list that is filled by the first Ctrl-C; the second one interrupts as ever."""
    asked: list[bool] = []
    if threading.current_thread() is not threading.main_thread():  # only that one gets signals
        yield asked
        return
    before = signal.getsignal(signal.SIGINT)

    def note(*_: Any) -> None:
        asked.append(True)
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)

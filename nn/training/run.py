"""Fitting: train a model on data, with callbacks, early stopping, a progress bar and Ctrl-C."""

import math
import operator
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

from engine import DomainError, StepgradError, UsageError, Value, Watch, gc_paused, topological_order
from engine.support.interrupts import assign_all

from ..checks import finite, positive
from ..errors import SettingError
from ..modules import Module
from ..optimisers import Adam, Optimiser
from ..random import Generator, epoch_order, generator_of, random_state, restore_random_state
from .backends import Eager, Replayed, chosen, set_gradients, step
from .history import Epoch, History
from .objective import (
    MIDDLE,
    Loss,
    Objective,
    Outputs,
    Samples,
    first_outputs,
    in_use,
    largest,
    loss_of,
    try_lengths,
)  # fmt: skip
from .settings import EarlyStopping, Schedule, Shaping, schedule_of
from .standards import Standards
from .training import Training, own_rule, require_rule


class _Stopped(Exception):  # noqa: N818 - it is not an error
    """The end of a training before its last epoch, and the reason."""


SHOWN = 32  # samples that the doctor looks at


class Run:
    """A training while it is running, for callbacks to look at.

    Attributes:
        model, optimiser, loss, history: what is trained, by what, and what has happened so far.
        epoch: the number of the epoch, from 1.
        epochs: how many there will be.
        samples: the training data, standardised if that was asked for.
        core: what these samples go through: the model, without its scaling if they are standardised.
    """

    def __init__(
        self, model: Any, core: Any, optimiser: Optimiser, loss: Loss, samples: Samples, epochs: int, backend: Eager,
        asked: str,
    ) -> None:  # fmt: skip
        self.model, self.core, self.optimiser, self.loss, self.samples = model, core, optimiser, loss, samples
        self.epoch, self.epochs, self.history = 0, epochs, History(backend=backend.name)
        self.backend, self.asked_backend = backend, asked
        self._prediction: Eager | None = None

    def stop(self, why: str = "a callback asked for it") -> NoReturn:
        """End the training after this step."""
        raise _Stopped(why)

    def outputs(self, inputs: Sequence[list[float]]) -> list[list[float]]:
        """Return the model's outputs for inputs, quickly; a list for each."""
        if self._prediction is None:
            self._prediction = self.backend.again(Objective(self.model))
        return self._prediction.values([(x,) for x in inputs])()


class Callback:
    """An observer of a training. A function of a `Run` is one, too: it is called after each epoch."""

    def after_step(self, run: Run) -> None:
        """Look at the training after a step; the parameters have the gradients that were used."""

    def after_epoch(self, run: Run) -> None:
        """Look at the training after an epoch, which is in the history already."""


def fit(
    model: Callable[[Any], Outputs], data: Any, loss: str | Loss | None = None, optimiser: Optimiser | None = None,
    epochs: int = 10, batch_size: int | None = None, validation: Any = None,
    callbacks: Sequence[Callback | Callable[[Run], object]] = (), backend: str = "auto", *,
    schedule: str | Schedule | None = None, shaping: Shaping | None = None,
    early_stopping: EarlyStopping | int | None = None, shuffle: bool = True, seed: int | Generator | None = None,
    standardise: bool = False, progress: bool | None = None, mesh: Any = None, dtype: str = "float64",
) -> History:  # fmt: skip
    """Train a model on data.

    Every backend gives the same numbers: ``"eager"`` records a graph for each sample at each step, to step through;
    ``"python"`` records one and replays it as a Python program, with the same bits; ``"native"`` replays it as
    compiled C, which adds up in the same order: with the same bits, where C's exp, tanh and so on are Python's;
    ``"jax"`` replays it as a function of arrays on all devices that JAX has, with the same numbers up to rounding. They
    are the numbers of a training in PyTorch with the same seed and a `DataLoader` that shuffles.

    Args:
        model: maps the list of numbers of a sample to a Value or a list of Values; usually a `Module`.
        data: an object with ``inputs`` and ``targets``, such as an `nn.data` set, or a pair of these. Targets are
            numbers, lists of numbers, or whole numbers of classes.
        loss: compares the outputs for a sample with its target: a function, or the name of one of `nn`. The loss of
            a batch is the mean over its samples. Without one: ``cross_entropy`` for classes and several outputs,
            ``binary_cross_entropy_with_logits`` for two classes and one output, else ``mean_squared_error``.
        optimiser: updates the parameters; without one, ``Adam(model.parameters(), lr=0.01)``.
        epochs: the number of passes over all samples.
        batch_size: how many samples a step takes; None takes all.
        validation: data of the same form to measure the model by after each epoch.
        callbacks: functions of a `Run` to call after each epoch, or `Callback` objects.
        backend: what computes; ``"auto"`` chooses native code where it is worth building, and records each step
            anew where the model cannot be replayed, as with `Dropout`. An optimiser with a rule of its own takes each
            step itself.
        schedule: how the learning rate changes: a function such as ``nn.training.cosine()``, or its name.
        shaping: penalties and clipping, such as ``nn.training.Shaping(l2=0.01, clip_norm=1.0)``.
        early_stopping: when to stop early; a number is an `EarlyStopping` of that patience.
        shuffle: whether each epoch takes the samples in a new order.
        seed: of the order; without one, nn's generator continues.
        standardise: whether to train on inputs of mean 0 and deviation 1, and on such targets too if they are numbers,
            the loss is that of a regression and the last layer has no activation. The model keeps the `Scaling`, as
            ``model.scaling``, and is saved with it: it takes and returns numbers like those of the data. The losses
            in the history are those of the original targets, except ``huber`` and those of several targets.
        progress: whether to show a bar; None shows it in a terminal.
        mesh: for ``backend="jax"`` a `jax.sharding.Mesh`, whose devices each take a part of every batch; None takes all
            devices that JAX has, in all processes.
        dtype: for ``backend="jax"``, ``"float64"`` or ``"float32"``.

    Returns:
        The course of the training. Ctrl-C ends the training after the current step, and returns what there is.

    Raises:
        ShapeError: data, outputs and loss do not fit together.
        SettingError: a setting is out of its range, or the backend cannot compute this.
        DomainError: an operation has no value; the parameters are those after the last complete step.

    >>> import nn
    >>> nn.manual_seed(2)
    >>> model = nn.MLP(2, [8, 1], activation="tanh")
    >>> history = nn.fit(model, nn.data.xor(), optimiser=nn.Adam(model.parameters(), lr=0.1), epochs=100)
    >>> history.last.accuracy, history.last.loss < 0.05
    (1.0, True)
    """
    samples = Samples(data)
    held_out = None if validation is None else Samples(validation, "the validation data")
    every = [each for each in (samples, held_out) if each]
    standards = Standards(model, every) if standardise else None
    core: Any = standards.core if standards else model
    outputs, leaves, nodes = first_outputs(core, samples)
    compare = loss_of(loss, samples, outputs)
    for each in every:
        each.task = each.task or samples.task
        each.fit_to(outputs, compare)
    if standards:
        standards.scale_targets(compare)
    try_lengths(core, *every)
    generator = None if seed is None else generator_of(seed)
    epochs = positive(epochs, "epochs")
    size = len(samples) if batch_size is None else positive(batch_size, "batch_size")
    optimiser = _optimiser_of(optimiser, model)
    if isinstance(early_stopping, int):
        early_stopping = EarlyStopping(early_stopping)
    for name, thing, kind in ("shaping", shaping, Shaping), ("early_stopping", early_stopping, EarlyStopping):
        if thing is not None and not isinstance(thing, kind):
            raise SettingError(f"{name} must be made by nn.training.{kind.__name__}, not be {thing!r:.60}")
    if not isinstance(callbacks, Sequence) or not all(map(_is_observer, callbacks)):
        raise SettingError(f"callbacks must be a list of functions of a run, or of Callbacks, not {callbacks!r:.60}")
    objective = Objective(core, compare, optimiser, leaves)
    _check_parameters(optimiser, objective, samples)
    require_rule(optimiser, backend)
    nodes_in_all = 0 if own_rule(optimiser) else nodes * len(samples) * epochs
    computes = chosen(backend, objective, samples.pairs[0], nodes_in_all, mesh, dtype)
    run = Run(model, core, optimiser, compare, samples, epochs, computes, backend)
    schedule = None if schedule is None else schedule_of(schedule)
    unit = standards.unit if standards else 1.0
    run.history.standardised = unit is None
    course = _Course(run, size, shaping, schedule, callbacks, held_out, early_stopping, unit or 1.0)
    from tqdm import tqdm

    is_hidden = None if progress is None else not progress  # None: unless this is a terminal
    bar = tqdm(total=epochs * course.count, unit="step", leave=False, disable=is_hidden)
    with gc_paused(), bar, _watched(run, objective, 0 if shuffle else size), _interruptible() as asked:
        course.bar, course.asked = bar, asked
        if standards:
            standards.keep()
        course.take(lambda: epoch_order(len(samples), generator) if shuffle else list(range(len(samples))))
    return run.history


def _optimiser_of(optimiser: Optimiser | None, model: object) -> Optimiser:
    if optimiser is None:
        if not isinstance(model, Module):
            raise SettingError("a model that is not a Module needs an optimiser, such as nn.Adam(parameters)")
        return Adam(model.parameters(), lr=0.01)
    if isinstance(optimiser, type) or not all(hasattr(optimiser, name) for name in ("parameters", "lr", "step")):
        example = "such as nn.SGD(model.parameters(), lr=0.1)"
        raise SettingError(f"the optimiser must be an Optimiser, {example}, not {optimiser!r:.60}")
    return optimiser


def _is_observer(thing: object) -> bool:
    return isinstance(thing, Callback) or (callable(thing) and not isinstance(thing, type))


def _check_parameters(optimiser: Optimiser, objective: Objective, samples: Samples) -> None:
    """Make sure that the optimiser updates something that the loss of some sample depends on."""
    trained = set(optimiser.parameters)
    if isinstance(objective.model, Module) and not trained.isdisjoint(objective.model.parameters()):
        return
    with in_use(objective.model):
        if any(not trained.isdisjoint(topological_order(*objective(*pair)[:1])) for pair in samples.pairs):
            return
    raise SettingError(
        "the optimiser updates no parameter of the model; make it from those that the model computes with, as in "
        "nn.SGD(model.parameters(), lr=0.1)"
    )


class _Course:
    """The epochs of a training. A `Training` takes their steps where that is possible; else they are taken one by one.

    Args:
        run: what callbacks look at.
        size: how many samples a step takes.
        shaping: penalties on parameters and limits of gradients.
        schedule: how the learning rate changes; None leaves it to the optimiser.
        callbacks: what to call after steps and epochs.
        held_out: the validation data, if any.
        rule: when to stop early, if at all.
        unit: by what losses are multiplied in the history.
    """

    bar: Any
    asked: Sequence[bool] = ()  # gets an item when Ctrl-C is pressed

    def __init__(
        self, run: Run, size: int, shaping: Shaping | None, schedule: Schedule | None,
        callbacks: Sequence[Callback | Callable[[Run], object]], held_out: Samples | None, rule: EarlyStopping | None,
        unit: float,
    ) -> None:  # fmt: skip
        self.run, self.size, self.shaping, self.schedule = run, size, shaping, schedule
        self.held_out, self.rule, self.unit = held_out, rule, unit
        self.best_loss, self.best_epoch, self.best = math.inf, 0, dict[Value, float]()
        self.count = -(-len(run.samples) // size)  # the count of steps in an epoch
        observers = [each for each in callbacks if isinstance(each, Callback)]
        self.after_step = [x.after_step for x in observers if type(x).after_step is not Callback.after_step]
        self.after_epoch = [each.after_epoch if isinstance(each, Callback) else each for each in callbacks]
        self.measured: dict[Samples, Callable[[], list[list[float]]]] = {}
        is_ours = schedule is None or getattr(schedule, "__module__", "") == EarlyStopping.__module__
        self.is_observed = bool(callbacks) or not is_ours  # whether code of the user's runs between epochs
        self.steps: Training | None = None

    def take(self, order: Callable[[], list[int]]) -> None:
        """Take all epochs, unless something stops the training."""
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
            history.stopped = "interrupted"  # and with it what was computing
        history.backend = self.run.backend.name  # it may have changed
        if self.rule and self.rule.restore and self.best and history.stopped != "interrupted":
            assign_all((self.best, "data", list(self.best.values())))
            history.best = self.best_epoch

    def _epoch(self, order: list[int]) -> None:
        run, history = self.run, self.run.history
        start, first = time.perf_counter(), len(history.losses)
        rates = self._rates()
        self._prepare(order[0])
        self._take_steps(order, rates)
        sizes = [min(self.size, len(order) - start) for start in range(0, len(order), self.size)]
        mean = sum(map(operator.mul, history.losses[first:], sizes)) / len(order)
        accuracy = None if run.samples.classes is None else self._measure(run.samples)[1]
        held_out = self._measure(self.held_out) if self.held_out else (None, None)
        seconds = time.perf_counter() - start
        last = Epoch(run.epoch, len(history.losses), mean, history.rates[-1], seconds, accuracy, *held_out)
        history.epochs.append(last)
        for call in self.after_epoch:
            call(run)
        if self.rule:
            measured = last.loss if last.validation_loss is None else last.validation_loss
            if measured < self.best_loss - self.rule.least or not self.best_epoch:
                self.best_loss, self.best_epoch = measured, last.number
                self.best = {leaf: leaf.data for leaf in run.optimiser.parameters}
            elif last.number - self.best_epoch >= self.rule.patience:
                raise _Stopped(f"the loss got no better for {self.rule.patience} epochs")

    def _rates(self) -> list[float] | None:
        """Return the learning rate of each step of this epoch; None where the optimiser's own holds."""
        run, count = self.run, self.count
        rate = finite(run.optimiser.lr, "the learning rate", 0.0)
        if self.schedule is None:
            return None
        rates = []
        for i in range((run.epoch - 1) * count, run.epoch * count):
            factor = self.schedule(i, run.epochs * count)
            rates.append(rate * finite(factor, f"what the schedule returns at step {i}", 0.0))
        return rates

    def _prepare(self, first: int) -> None:
        """Look at what code of the user's may have changed since the last epoch; in the first one, at everything.

        Args:
            first: the place of the first sample of the epoch.
        """
        run, backend = self.run, self.run.backend
        if run.epoch > 1 and not self.is_observed:
            return
        require_rule(run.optimiser, run.asked_backend)
        self.measured.clear()
        self.pairs = run.samples.pairs
        before, self.steps = self.steps, None
        backend.subject.optimiser = run.optimiser
        if isinstance(backend, Replayed) and not self.after_step:
            recording = backend.recording(self.pairs[first])
            rows = backend.rows(recording, self.pairs) if recording else None
            with suppress(UsageError):  # not all parameters are optimised
                if recording and before and before.program is recording.program and before.is_for(run.optimiser, rows):
                    self.steps = before
                elif recording and rows:
                    self.steps = Training(recording.program, run.optimiser, rows, self.size, self.shaping, backend.loop)

    def _take_steps(self, order: list[int], rates: list[float] | None) -> None:
        """Take a step for each batch of samples, in an order."""
        run, steps, done = self.run, self.steps, 0
        if steps:
            steps.reorder(order)
        history, first = run.history, len(run.history.losses)

        def note(losses: list[float]) -> None:
            taken = len(history.losses) - first
            history.losses += [loss * self.unit for loss in losses]
            history.rates += part[taken : taken + len(losses)]
            self._progress(len(losses))

        while done < self.count:
            part = rates or [float(run.optimiser.lr)] * self.count
            done += len(steps.take(part[done:], note)) if steps else 0
            if done < self.count:  # a step that only the optimiser itself can take
                places = order[done * self.size : (done + 1) * self.size]
                note([self._one_step(places, part[done], rates is not None)])
                if steps:
                    steps.taken += 1
                done += 1

    def _one_step(self, places: list[int], rate: float, is_scheduled: bool) -> float:
        """Let the optimiser take a step with the gradients of some samples; return the loss before it."""
        run, batch = self.run, [self.pairs[place] for place in places]
        try:
            subject = run.backend.subject
            loss = set_gradients(run.optimiser, lambda: run.backend.gradients(batch), subject.leaves)
        except (DomainError, OverflowError) as error:
            if not run.history.losses or not _has_overflowed(error):
                raise
            loss = math.inf
        if not math.isfinite(loss):
            run.history.losses.append(loss)
            run.history.rates.append(rate)
            raise _Stopped(f"the loss is {loss} at step {len(run.history.losses)}{self._why(places)}")
        step(run.optimiser, self.shaping, rate if is_scheduled else None)
        return loss

    def _why(self, places: list[int]) -> str:
        """Return why the loss is not finite, and the remedy."""
        for place in places:
            for what, numbers in ("input", self.pairs[place][0]), ("target", self.pairs[place][1]):
                if not all(map(math.isfinite, _floats(numbers))):
                    return f": {what} {place} of the data is not finite: {numbers!r:.60}"
        if len(self.run.history.losses) > 1:
            return "; lower the learning rate"
        for parameter in self.run.optimiser.parameters:
            if not math.isfinite(parameter.data):
                return f": the parameter {parameter!r} is not finite from the beginning"
        return ", before any update; scale the data, or begin with smaller parameters"

    def _progress(self, count: int) -> None:
        """Show progress, and end the training after this step if there is a reason to."""
        history = self.run.history
        shown = [f"epoch {self.run.epoch}/{self.run.epochs}", f"loss {history.losses[-1]:.4g}"]
        for last in history.epochs[-1:]:
            if last.accuracy is not None:
                shown.append(f"accuracy {last.accuracy:.1%}")
            if last.validation_loss is not None:
                shown.append(f"validation {last.validation_loss:.4g}")
        self.bar.set_postfix_str(", ".join(shown), refresh=False)
        self.bar.update(count)
        for call in self.after_step:
            call(self.run)
        if self.asked:
            raise _Stopped("interrupted")

    def _measure(self, samples: Samples) -> tuple[float, float | None]:
        """Return the mean loss and, for classes, the accuracy."""
        if samples not in self.measured:
            self.measured[samples] = self.run.backend.values(samples.pairs)
        found = self.measured[samples]()
        loss = sum(each for each, *_ in found) / len(samples) * self.unit
        if samples.classes is None:
            return loss, None
        middle = MIDDLE.get(self.run.loss, 0.5)
        classes = [largest(outputs) if len(outputs) > 1 else int(outputs[0] > middle) for _, *outputs in found]
        return loss, sum(map(operator.eq, classes, samples.classes)) / len(samples)


def _has_overflowed(error: BaseException | None) -> bool:
    """Return whether an error comes from a number that was too large."""
    return error is not None and (isinstance(error, OverflowError) or _has_overflowed(error.__context__))


def _floats(thing: Any) -> Iterator[float]:
    if isinstance(thing, float):
        yield thing
    elif isinstance(thing, list | tuple):
        for part in thing:
            yield from _floats(part)


@contextmanager
def _watched(run: Run, objective: Objective, size: int) -> Iterator[None]:
    """Show a training to the doctor's watch, if one is open: its loss for some samples, and its first update.

    Args:
        run, objective: the training.
        size: that of its batches if the samples are not shuffled, else 0.
    """
    watch = Watch.current()
    if watch is None:
        yield
        return

    def loss() -> Value:
        pairs, state = run.samples.pairs[:SHOWN], random_state()
        with in_use(run.model):
            total: Value = sum(objective(*pair)[0] for pair in pairs)  # type: ignore[assignment]
        restore_random_state(state)
        return total * (1.0 / len(pairs))

    def update(number: float, gradient: float) -> float:
        return run.optimiser.updated(number, gradient, {})[0]  # type: ignore[no-any-return]

    targets = run.samples.given
    batches = [targets[start : start + size] for start in range(0, len(targets), size)] if size else []
    with watch.training(loss, run.optimiser.parameters, update, run.history.losses, batches):
        yield


@contextmanager
def _interruptible() -> Iterator[list[bool]]:
    """Yield a list that is filled by the first Ctrl-C; the second one interrupts as usual."""
    asked: list[bool] = []
    if threading.current_thread() is not threading.main_thread():  # only that one gets signals
        yield asked
        return

    def note(*_: Any) -> None:
        asked.append(True)
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)

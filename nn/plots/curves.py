"""Curves: the losses of a training, and the outputs of a model with one input."""

from collections.abc import Callable
from typing import Any

from ..errors import ShapeError
from ..training.backends import predict
from ..training.history import History
from ..training.objective import Samples
from .canvas import FAINT, INK, as_label, canvas, colour

POINTS = 400


def losses(history: History) -> Any:
    """Plot the losses of a training, and the accuracies if it has any.

    The steps form a faint line; each epoch is a point at its last step. The axis is logarithmic if the losses are
    spread widely.

    Raises:
        ShapeError: no step was taken.
    """
    if not history.losses:
        raise ShapeError("there are no losses to plot, because no step was taken: train for at least one step")
    has_accuracy = bool(history.epochs) and history.last.accuracy is not None
    figure, axes = canvas(1 + has_accuracy, height=5.6 if has_accuracy else 4.0, shared=True)
    ends = [epoch.step for epoch in history.epochs]
    axes[0].plot(range(1, len(history.losses) + 1), history.losses, color=FAINT, linewidth=1.0, label="each step")
    curves = [(0, "loss", "training, mean of the epoch"), (0, "validation_loss", "validation"),
              (1, "accuracy", "training"), (1, "validation_accuracy", "validation")]  # fmt: skip
    for row, attribute, label in curves[: 2 * len(axes)]:
        numbers = [getattr(epoch, attribute) for epoch in history.epochs]
        if numbers and None not in numbers:
            marker, paint = "o" if len(numbers) <= 40 else None, colour(label == "validation")
            axes[row].plot(ends, numbers, color=paint, linewidth=1.6, marker=marker, markersize=3.5, label=label)
    low, high = min(history.losses), max(history.losses)
    if low > 0.0 and high / low > 50.0:
        axes[0].set_yscale("log")
    axes[0].set_ylabel("loss")
    if has_accuracy:
        axes[1].set_ylabel("accuracy")
        axes[1].yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    for each in axes:
        if history.best:
            each.axvline(ends[history.best - 1], color=INK, linewidth=0.8, linestyle=":", label="best, restored")
        each.legend(frameon=False, labelcolor=INK)
    axes[-1].set_xlabel("step")
    return figure


def curve(model: Callable[[Any], Any], data: Any, truth: Callable[[float], float] | None = None) -> Any:
    """Plot samples with one input, and the outputs of a model as a curve.

    Args:
        model: maps a list of one number to a Value.
        data: inputs of one number, and targets.
        truth: the function behind the targets, for comparison.

    Raises:
        ShapeError: the inputs consist of more than one number.
    """
    samples = Samples(data)
    if len(samples.inputs[0]) != 1:
        raise ShapeError(f"curve needs inputs of one number, not of {len(samples.inputs[0])}")
    places = [x for (x,) in samples.inputs]
    low, high = min(places), max(places)
    grid = [low + (high - low) * i / (POINTS - 1) for i in range(POINTS)]
    figure, (axes,) = canvas()
    axes.scatter(places, samples.given, s=16, color=FAINT, edgecolor=INK, linewidth=0.4, label="samples")
    if truth:
        axes.plot(grid, [truth(x) for x in grid], color=INK, linewidth=1.0, linestyle=":", label="truth")
    axes.plot(grid, predict(model, [[x] for x in grid]), color=colour(0), linewidth=2.0, label="model")
    axes.set(xlabel=as_label((getattr(data, "features", ()) or ("x",))[0]), ylabel="y")
    axes.legend(frameon=False, labelcolor=INK)
    return figure

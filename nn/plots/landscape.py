"""The landscape: the loss along two directions in parameter space, with the path that a training took."""

from collections.abc import Callable, Sequence
from typing import Any

from engine import StepgradError, Value, gc_paused
from engine.support.interrupts import assigning

from ..checks import finite, positive
from ..random import Generator
from ..training.backends import chosen
from ..training.objective import Loss, Objective, Samples, first_outputs, loss_of
from ..training.run import Callback, Run
from .canvas import INK, canvas, widened


class Track(Callback):
    """A record of the parameters in ``places``: pass it to `nn.fit` as a callback, then to `surface`.

    Args:
        every: the number of epochs from one record to the next.
    """

    def __init__(self, every: int = 1) -> None:
        self.every = positive(every, "every")
        self.places: list[list[float]] = []

    def after_epoch(self, run: Run) -> None:
        """Record the parameters."""
        if run.epoch % self.every == 0 or run.epoch == 1:
            self.places.append([leaf.data for leaf in run.optimiser.parameters])


def surface(
    model: Any,
    data: Any,
    loss: str | Loss | None = None,
    track: Track | None = None,
    points: int = 31,
    reach: float = 1.0,
    seed: int = 0,
) -> Any:
    """Plot the loss around the parameters of a model along two directions, with the path that a training took.

    After H. Li et al., https://arxiv.org/abs/1712.09913.

    Args:
        model: a `Module`; its parameters are unchanged afterwards.
        data, loss: as for `nn.fit`.
        track: the path of the training; the directions are its principal components.
        points: the number of grid points along each direction.
        reach, seed: without a track, how far to go in each direction, relative to the length of the vector of
            parameters, and the seed of the random directions.

    Raises:
        ShapeError: data, outputs and loss do not fit.
        StepgradError: the track has fewer than three places.
    """
    points, reach = positive(points, "points", least=3), finite(reach, "reach", 0.0)
    leaves = model.parameters()
    figure, (axes,) = canvas(width=6.0, height=4.8)
    import numpy

    here = numpy.array([leaf.data for leaf in leaves])
    (first, second), walked = _directions(track, here, seed)
    spans = [(-reach, reach)] * 2 if walked is None else [widened(column.tolist(), 0.3) for column in walked.T]
    across, up = (numpy.linspace(low, high, points) for low, high in spans)
    measure = _measure(model, data, loss, points * points)
    restore = assigning((leaves, "data", here.tolist()))
    try:
        with gc_paused():
            heights = [[_at(here + x * first + y * second, leaves, measure) for x in across] for y in up]
    finally:
        restore()
    heights = numpy.array(heights)
    levels, norm = 24, None
    if heights.min() > 0.0:
        levels, norm = numpy.geomspace(heights.min(), heights.max(), levels), "log"
    filled = axes.contourf(across, up, heights, levels=levels, cmap="viridis_r", norm=norm)
    axes.contour(across, up, heights, levels=levels, colors="white", linewidths=0.4, alpha=0.5)
    bar = figure.colorbar(filled, ax=axes, label="loss", format="%.2g")
    bar.outline.set_visible(False)
    if walked is not None:
        axes.plot(*walked.T, color=INK, linewidth=1.4, marker="o", markersize=2.5)
        axes.scatter(*walked[0], s=48, color="white", edgecolor=INK, zorder=3, label="start")
    axes.scatter(0.0, 0.0, s=90, marker="*", color="white", edgecolor=INK, zorder=3, label="now")
    axes.set(xlabel="first direction", ylabel="second direction")
    axes.grid(visible=False)
    axes.legend(frameon=True, framealpha=0.9, labelcolor=INK)
    return figure


def _directions(track: Track | None, here: Any, seed: int) -> tuple[Any, Any]:
    """Return the first two principal components of a track, and its places along them; or random directions, and None.

    The places are relative to the parameters; random directions are as long as the vector of parameters.
    """
    import numpy

    if track is None:
        drawn = numpy.array(Generator(seed).randn(2, len(here)))
        size = float(numpy.linalg.norm(here)) or 1.0
        return drawn / numpy.linalg.norm(drawn, axis=1, keepdims=True) * size, None
    if len(track.places) < 3:
        remedy = "pass it to nn.fit(..., callbacks=[track]) for some epochs first"
        raise StepgradError(f"a track needs at least three places: {remedy}")
    away = numpy.array(track.places) - here
    _, _, directions = numpy.linalg.svd(away, full_matrices=False)
    return directions[:2], away @ directions[:2].T


def _measure(model: Any, data: Any, loss: str | Loss | None, places: int) -> Callable[[], float]:
    """Return a function that computes the mean loss, prepared for being called at so many places."""
    samples = Samples(data)
    outputs, _, nodes = first_outputs(model, samples)
    compare = loss_of(loss, samples, outputs)
    samples.fit_to(outputs, compare)
    objective = Objective(model, compare)
    values = chosen("auto", objective, samples.pairs[0], nodes * len(samples) * places).values(samples.pairs)
    return lambda: sum(loss for loss, *_ in values()) / len(samples)


def _at(place: Any, leaves: Sequence[Value], measure: Callable[[], float]) -> float:
    for leaf, number in zip(leaves, place.tolist(), strict=True):
        leaf.data = number
    return measure()

"""The activity of layers: how activations and gradients change in each of them during a training."""

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from engine import StepgradError, no_grad

from ..checks import positive
from ..errors import SettingError
from ..modules import Layer, Module
from ..scaling import mean_and_deviation
from ..training.objective import as_list, in_use
from ..training.run import Callback, Run
from .canvas import INK, as_label, canvas, colour


class Watch(Callback):
    """A record of the layers of a model: pass it to `nn.fit` as a callback, and plot it with `layers`.

    It needs to be called after every step, so training is slower with it.

    Args:
        every: the number of steps from one measurement to the next.

    Attributes:
        steps, names: the numbers of the steps at which it measured, and the names of the layers.
        activations: for each measurement, for each layer, the mean and the standard deviation of its outputs.
        gradients: for each measurement, for each layer, the root mean square of its parameters' gradients.
    """

    def __init__(self, every: int = 5) -> None:
        self.every = positive(every, "every")
        self.steps: list[int] = []
        self.names: list[str] = []
        self.activations: list[list[tuple[float, float]]] = []
        self.gradients: list[list[float]] = []

    def after_step(self, run: Run) -> None:
        """Measure the layers."""
        step = len(run.history.losses)
        if step % self.every and step != 1:
            return
        modules = run.model.modules() if isinstance(run.model, Module) else ()
        found = {layer: name or layer.name for name, layer in modules if isinstance(layer, Layer)}
        if not found:
            raise SettingError(f"Watch needs a model with Layers, and {run.model!r} has none")
        self.names = [*found.values()]
        self.steps.append(step)
        squares = [[(p.grad or 0.0) ** 2 for p in layer.parameters()] for layer in found]
        self.gradients.append([math.sqrt(sum(each) / len(each)) for each in squares])
        self.activations.append(_spreads(run, found))


def _spreads(run: Run, found: Iterable[Layer]) -> list[tuple[float, float]]:
    """Return the mean and the standard deviation of the outputs of each layer over 32 samples."""
    outputs: dict[Layer, list[float]] = {layer: [] for layer in found}

    def noted(layer: Layer, forward: Callable[[Any], Any], x: Any) -> Any:
        made = forward(x)
        outputs[layer] += [value.data for value in as_list(made)]
        return made

    with in_use(run.model), no_grad():
        try:
            for layer in found:
                layer.forward = partial(noted, layer, layer.forward)  # type: ignore[method-assign]
            for x in run.samples.inputs[:32]:
                run.core(x)
        finally:
            for layer in found:
                vars(layer).pop("forward", None)
    return [mean_and_deviation(numbers) for numbers in outputs.values()]


def layers(watch: Watch) -> Any:
    """Plot the spread of each layer's activations and the size of its gradients.

    Activations without spread say nothing about the samples; gradients that shrink from layer to layer towards the
    inputs are vanishing.

    Raises:
        StepgradError: there are no measurements.
    """
    if not watch.steps:
        raise StepgradError("there is nothing to plot: pass the watch to nn.fit(..., callbacks=[watch]) first")
    figure, (above, below) = canvas(2, height=5.6, shared=True)
    for number, name in enumerate(watch.names):
        spreads = [row[number][1] for row in watch.activations]
        sizes = [row[number] for row in watch.gradients]
        for axes, numbers in (above, spreads), (below, sizes):
            axes.plot(watch.steps, numbers, color=colour(number), linewidth=1.6, label=as_label(name))
            if min(numbers) > 0.0:
                axes.set_yscale("log")
    above.set_ylabel("spread of activations")
    below.set(ylabel="size of gradients", xlabel="step")
    above.legend(frameon=False, labelcolor=INK, ncols=min(len(watch.names), 4))
    return figure

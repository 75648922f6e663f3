"""The plane of two inputs, with the class that a model chooses at each point."""

from collections.abc import Callable, Sequence
from typing import Any

from ..checks import positive
from ..errors import ShapeError
from ..training.backends import predict
from ..training.objective import Samples, largest
from .canvas import FAINT, INK, as_label, canvas, colour, widened

POINTS = 160  # along each side of the grid


class Plane:
    """A grid over samples of two inputs, on which classes are drawn."""

    def __init__(self, data: Any, points: int = POINTS) -> None:
        samples = Samples(data)
        if len(samples.inputs[0]) != 2:
            raise ShapeError(f"a decision boundary needs inputs of two numbers, not of {len(samples.inputs[0])}")
        self.inputs, self.points = samples.inputs, positive(points, "points", least=2)
        self.targets = [largest(t) if isinstance(t, Sequence) else max(int(t), 0) for t in samples.given]
        self.names = tuple(map(as_label, getattr(data, "classes", ()) or map(str, range(1 + max(self.targets)))))
        self.features = tuple(map(as_label, getattr(data, "features", ()) or ("x", "y")))
        self.spans = [widened(column, 0.12) for column in zip(*self.inputs, strict=True)]
        across, up = ([low + (high - low) * i / (points - 1) for i in range(points)] for low, high in self.spans)
        self.grid = [[x, y] for y in up for x in across]

    def draw(self, axes: Any, outputs: Sequence[Any], middle: float) -> list[Any]:
        """Draw the class of each grid point, more strongly the more certain the model is; return what was drawn."""
        import numpy
        from matplotlib.colors import to_rgb

        given = numpy.array(outputs)
        if given.ndim == 1:  # logits or probabilities of the second of two classes
            share = given.clip(0.0, 1.0) if middle else 0.5 * (1.0 + numpy.tanh(0.5 * given))
            shares = numpy.stack([1.0 - share, share], axis=1)
        else:  # a score for each class
            powers = numpy.exp(given - given.max(axis=1, keepdims=True))
            shares = powers / powers.sum(axis=1, keepdims=True)
        paints = numpy.array([to_rgb(colour(i)) for i in range(shares.shape[1])])
        sure = (shares.max(axis=1) - 1.0 / shares.shape[1]) / (1.0 - 1.0 / shares.shape[1])
        strength = (0.06 + 0.34 * sure)[:, None]
        pixels = 1.0 - strength * (1.0 - paints[shares.argmax(axis=1)])
        extent = [*self.spans[0], *self.spans[1]]
        size = self.points, self.points
        image = axes.imshow(pixels.reshape(*size, 3), extent=extent, origin="lower", aspect="auto",
                            interpolation="bilinear")  # fmt: skip
        drawn = [image]
        across, up = (numpy.linspace(*span, self.points) for span in self.spans)
        for i in range(shares.shape[1])[shares.shape[1] == 2 :]:  # one line between two classes is enough
            ahead = (shares[:, i] - numpy.delete(shares, i, axis=1).max(axis=1)).reshape(size)
            if ahead.min() < 0.0 < ahead.max():
                drawn.append(axes.contour(across, up, ahead, [0.0], colors=INK, linewidths=1.0))
        return drawn

    def draw_samples(self, axes: Any) -> None:
        """Draw the samples in the colours of their classes."""
        for number, name in enumerate(self.names):
            mine = [x for x, target in zip(self.inputs, self.targets, strict=True) if target == number]
            if mine:
                axes.scatter(*zip(*mine, strict=True), s=22, color=colour(number), edgecolor="white", linewidth=0.7,
                             label=name, zorder=3)  # fmt: skip
        axes.set(xlim=self.spans[0], ylim=self.spans[1], xlabel=self.features[0], ylabel=self.features[1])
        axes.grid(visible=False)
        axes.legend(frameon=True, framealpha=0.9, edgecolor=FAINT, labelcolor=INK, loc="best")


def boundary(model: Callable[[Any], Any], data: Any, middle: float = 0.0, points: int = POINTS) -> Any:
    """Plot the class that a model chooses at each point, more strongly the more certain it is, and the samples.

    Args:
        model: maps a list of two numbers to a Value, which separates two classes, or to a score for each class.
        data: inputs of two numbers, and targets that are numbers of classes.
        middle: where a single output separates the classes: 0 for logits, 0.5 for probabilities.
        points: the number of grid points along each side.

    Raises:
        ShapeError: the inputs do not consist of two numbers.
    """
    plane = Plane(data, points)
    figure, (axes,) = canvas(width=5.6, height=4.8)
    plane.draw(axes, predict(model, plane.grid), middle)
    plane.draw_samples(axes)
    return figure

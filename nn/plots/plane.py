"""The plane: where a model draws the line between classes, also while it learns."""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from engine import StepgradError

from ..checks import positive
from ..errors import SettingError, ShapeError
from ..training.backends import predict
from ..training.run import Callback, Run
from ..training.samples import MIDDLE, Samples, largest
from .canvas import FAINT, INK, canvas, colour, pyplot

POINTS = 160  # along each side of the grid
MARGIN = 0.12  # of the span of the samples, on each side
DPI = 90
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>A training</title>
<style>body { font-family: sans-serif; text-align: center } input { width: 20em; vertical-align: middle }</style>
<p><img id="picture" alt="where the model draws the line between the classes"></p>
<p><button id="play">play</button> <input id="place" type="range" min="0" value="0" aria-label="picture"></p>
<script>
const pictures = PICTURES;
const [picture, play, place] = ["picture", "play", "place"].map(id => document.getElementById(id));
let timer = 0;
function show() { picture.src = pictures[place.value]; }
function stop() { clearInterval(timer); timer = 0; play.textContent = "play"; }
function next() { if (+place.value === pictures.length - 1) stop(); else { place.value++; show(); } }
function start() {
  if (+place.value === pictures.length - 1) place.value = 0;
  timer = setInterval(next, PAUSE);
  play.textContent = "pause";
}
play.onclick = () => { if (timer) stop(); else start(); };
place.oninput = () => { stop(); show(); };
place.max = pictures.length - 1;
show();
start();
</script>
</html>
"""


class Plane:
    """Hold a grid over samples of two inputs, and draw classes on it."""

    def __init__(self, data: Any, points: int = POINTS) -> None:
        samples = Samples(data)
        if len(samples.inputs[0]) != 2:
            raise ShapeError(f"a decision boundary takes inputs of two numbers, not of {len(samples.inputs[0])}")
        self.inputs, self.points = samples.inputs, positive(points, "points", least=2)
        self.targets = [largest(t) if isinstance(t, Sequence) else max(int(t), 0) for t in samples.given]
        self.names = tuple(getattr(data, "classes", ())) or tuple(map(str, range(1 + max(self.targets))))
        self.features = tuple(getattr(data, "features", ())) or ("x", "y")
        self.spans = [_widened(min(column), max(column)) for column in zip(*self.inputs, strict=True)]
        across, up = ([low + (high - low) * i / (points - 1) for i in range(points)] for low, high in self.spans)
        self.grid = [[x, y] for y in up for x in across]

    def draw(self, axes: Any, outputs: Sequence[Any], middle: float) -> list[Any]:
        """Draw what a model says at the grid, the surer the stronger; return what was drawn."""
        import numpy

        shares = numpy.array([_shares(output, middle) for output in outputs])
        paints = numpy.array([_rgb(colour(i)) for i in range(shares.shape[1])])
        sure = (shares.max(axis=1) - 1.0 / shares.shape[1]) / (1.0 - 1.0 / shares.shape[1])
        strength = (0.06 + 0.34 * sure)[:, None]
        pixels = 1.0 - strength * (1.0 - paints[shares.argmax(axis=1)])
        extent = [*self.spans[0], *self.spans[1]]
        size = self.points, self.points
        image = axes.imshow(pixels.reshape(*size, 3), extent=extent, origin="lower", aspect="auto",
                            interpolation="bilinear")  # fmt: skip
        drawn = [image]
        ordered = numpy.sort(shares, axis=1)
        first = shares.argmax(axis=1).reshape(size)
        if first.min() != first.max():
            across, up = (numpy.linspace(*span, self.points) for span in self.spans)
            if shares.shape[1] == 2:
                drawn.append(axes.contour(across, up, (shares[:, 1] - shares[:, 0]).reshape(size), [0.0], colors=INK,
                                          linewidths=1.0))  # fmt: skip
            else:
                for i in range(shares.shape[1]):
                    others = numpy.where(shares.argmax(axis=1) == i, ordered[:, -2], ordered[:, -1])
                    ahead = (shares[:, i] - others).reshape(size)
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


def _widened(low: float, high: float) -> tuple[float, float]:
    margin = MARGIN * (high - low or 1.0)
    return low - margin, high + margin


def _shares(output: Any, middle: float) -> list[float]:
    """Return how sure a model is of each class, from its output: a logit, a probability, or a score for each."""
    if isinstance(output, Sequence):
        most = max(output)
        powers = [math.exp(score - most) for score in output]
        return [power / sum(powers) for power in powers]
    share = min(max(output, 0.0), 1.0) if middle else 0.5 * (1.0 + math.tanh(0.5 * output))
    return [1.0 - share, share]


def _rgb(code: str) -> list[float]:
    return [int(code[i : i + 2], 16) / 255.0 for i in (1, 3, 5)]


def boundary(model: Callable[[Any], Any], data: Any, middle: float = 0.0, points: int = POINTS) -> Any:
    """Plot which class a model chooses where, the surer the stronger, and the samples.

    Args:
        model: maps a list of two numbers to a Value, which parts two classes, or to a score for each class.
        data: inputs of two numbers, and targets that are numbers of classes.
        middle: where an only output parts the classes: 0 for logits, 0.5 for probabilities.
        points: how many points the grid has along each side.

    Raises:
        ShapeError: the inputs are not of two numbers.
        StepgradError: matplotlib is not installed.
    """
    plane = Plane(data, points)
    figure, (axes,) = canvas(width=5.6, height=4.8)
    plane.draw(axes, predict(model, plane.grid), middle)
    plane.draw_samples(axes)
    return figure


class Film(Callback):
    """Film a training on samples of two inputs: pass it to `nn.fit` as a callback, and save it afterwards.

    Args:
        data: inputs of two numbers, and targets that are numbers of classes.
        every: after how many epochs there is a picture.
        points: how many points the grid has along each side.

    Raises:
        ShapeError: the inputs are not of two numbers.
        SettingError: every is no whole number of at least 1.
    """

    def __init__(self, data: Any, every: int = 1, points: int = 80) -> None:
        self.plane, self.every = Plane(data, points), positive(every, "every")
        self.pictures: list[tuple[int, list[Any]]] = []
        self.losses: list[float] = []
        self.middle = 0.0

    def after_epoch(self, run: Run) -> None:
        """Take a picture."""
        self.losses.append(run.history.last.loss)
        if run.epoch % self.every == 0 or run.epoch == 1:
            outputs = run.outputs(self.plane.grid)
            self.middle = MIDDLE.get(run.loss, 0.5)
            self.pictures.append((run.epoch, [row[0] if len(row) == 1 else row for row in outputs]))

    def save(self, path: str | Path, rate: int = 12) -> Path:
        """Write the film into a file.

        Args:
            path: a .gif, or a .html that any browser shows, with buttons to go on and back.
            rate: pictures in a second.

        Raises:
            SettingError: the file is of another kind.
            StepgradError: there are no pictures, or matplotlib is not installed.
            OSError: the file cannot be written.
        """
        path, rate = Path(path), positive(rate, "rate")
        if path.suffix not in (".gif", ".html"):
            raise SettingError(f"a film is written as .gif or .html, not as {path.name}")
        if not self.pictures:
            raise StepgradError("there are no pictures: pass the film to nn.fit(..., callbacks=[film]) first")
        plt = pyplot()
        from matplotlib import animation

        figure, (above, below) = canvas(2, width=5.2, height=6.2, first=4.0)
        self.plane.draw_samples(above)
        below.plot(range(1, len(self.losses) + 1), self.losses, color=colour(0), linewidth=1.4)
        below.set(xlabel="epoch", ylabel="loss")
        now = below.axvline(1, color=INK, linewidth=0.9)
        drawn: list[Any] = []

        def show(number: int) -> list[Any]:
            epoch, outputs = self.pictures[number]
            while drawn:
                drawn.pop().remove()
            drawn.extend(self.plane.draw(above, outputs, self.middle))
            above.set_title(f"epoch {epoch}: loss {self.losses[epoch - 1]:.3g}", color=INK, fontsize=10)
            now.set_xdata([epoch, epoch])
            return drawn

        if path.suffix == ".gif":
            film = animation.FuncAnimation(figure, show, frames=len(self.pictures), init_func=list)
            film.save(path, writer=animation.PillowWriter(fps=rate), dpi=DPI)
        else:
            path.write_text(_page([_picture(figure, show, i) for i in range(len(self.pictures))], rate), "utf-8")
        plt.close(figure)
        return path


def _picture(figure: Any, show: Callable[[int], object], number: int) -> str:
    """Return a picture of a film as text that an HTML page shows."""
    show(number)
    stream = BytesIO()
    figure.savefig(stream, dpi=DPI)
    return f"data:image/png;base64,{b64encode(stream.getvalue()).decode()}"


def _page(pictures: Sequence[str], rate: int) -> str:
    """Return a page that shows pictures one after the other, and needs nothing from elsewhere."""
    return PAGE.replace("PICTURES", json.dumps(pictures)).replace("PAUSE", str(1000 // rate))

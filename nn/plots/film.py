"""The film of a training: the decision boundary, epoch by epoch, in matplotlib's player."""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engine import StepgradError
from engine.support.files import check_writable, write_whole
from engine.support.text import format_number, printable

from ..checks import positive
from ..errors import SettingError
from ..training.objective import MIDDLE
from ..training.run import Callback, Run
from .canvas import INK, canvas, colour, pyplot
from .plane import Plane

DPI = 90
RATE = 12  # pictures per second
# The player loads the icons of its buttons from the web; these characters make it work offline.
ICONS = {"minus": "−", "fast-backward": "«", "step-backward": "‹", "play": "▸", "pause": "❙❙", "step-forward": "›",
         "fast-forward": "»", "plus": "+"}  # fmt: skip
BUTTONS = " ".join(f'.fa-{name}::before {{ content: "{icon}" }}' for name, icon in ICONS.items())
STYLE = f"""\
<style>.fa {{ font-style: normal; display: inline-block }} .fa-flip-horizontal {{ transform: scaleX(-1) }}
{BUTTONS}</style>"""
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Decision boundary during training</title>
<style>body {{ font-family: sans-serif; text-align: center }}</style>
{}
<script>onload = () => setTimeout(() => document.querySelector("[title=Play]").click(), 100)</script>
</html>
"""


class Film(Callback):
    """A film of a training on samples of two inputs: pass it to `nn.fit` as a callback, then save or display it.

    Args:
        data: inputs of two numbers, and targets that are numbers of classes.
        every: the number of epochs from one picture to the next.
        points: the number of grid points along each side.

    Raises:
        ShapeError: the inputs do not consist of two numbers.
        SettingError: a number is not a whole number of at least 1.
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

    def save(self, path: str | Path, rate: int = RATE) -> Path:
        """Save the film to a file.

        Args:
            path: a .gif, or a .html page with a player that works offline.
            rate: pictures per second.

        Raises:
            SettingError: the file is of another kind.
            StepgradError: there are no pictures.
            OSError: the file cannot be written.
        """
        path, rate = Path(path), positive(rate, "rate")
        if path.suffix.lower() not in (".gif", ".html"):
            raise SettingError(f"a film must be saved as .gif or .html, not as {printable(path.name)}")
        check_writable(path)
        if path.suffix.lower() == ".html":
            write_whole(path, PAGE.format(self._repr_html_(rate)).encode())
        else:
            from matplotlib.animation import PillowWriter

            with self._animation() as film, TemporaryDirectory() as folder:
                made = Path(folder, "film.gif")
                film.save(made, PillowWriter(fps=rate), dpi=DPI)
                write_whole(path, made.read_bytes())
        return path

    def _repr_html_(self, rate: int = RATE) -> str:
        settings = {"animation.embed_limit": math.inf, "savefig.dpi": DPI}
        with self._animation() as film, pyplot().rc_context(settings):
            player: str = film.to_jshtml(fps=rate, default_mode="once")
        return re.sub(r"<link[^>]*>", STYLE, player)

    @contextmanager
    def _animation(self) -> Iterator[Any]:
        if not self.pictures:
            raise StepgradError("there are no pictures: pass the film to nn.fit(..., callbacks=[film]) first")
        figure, (above, below) = canvas(2, width=5.2, height=6.2, first=4.0)
        from matplotlib.animation import FuncAnimation

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
            above.set_title(f"epoch {epoch}: loss {format_number(self.losses[epoch - 1], 3)}", color=INK, fontsize=10)
            now.set_xdata([epoch, epoch])
            return drawn

        try:
            yield FuncAnimation(figure, show, frames=len(self.pictures), init_func=list)
        finally:
            pyplot().close(figure)

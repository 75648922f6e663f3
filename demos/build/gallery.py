"""Build the gallery, its pictures and its step page: `make gallery`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from random import Random
from unittest.mock import patch

import engine
import nn
from demos import backprop
from engine import Value, tanh
from engine.drawing.drawing import Drawing

HERE = Path(__file__).parents[1] / "gallery"
BROWSERS = "chromium", "chromium-browser", "google-chrome"


def expression() -> Value:
    """Return tanh(a * b + c), differentiated."""
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(5.0, "c")
    d = a * b + c
    d.label = "d"
    e: Value = tanh(d)
    e.label = "e"
    e.backward()
    return e


def neuron() -> Value:
    """Return a neuron's output, differentiated."""
    x = [Value(2.0, "x0"), Value(0.5, "x1")]
    out: Value = nn.Neuron(2, "tanh", "neuron", weights=[-1.0, 1.5], bias=0.8)(x)
    out.label = "out"
    out.backward()
    return out


def network() -> tuple[Value, list[Value]]:
    """Return the loss of the network of `demos/backprop.py`, differentiated, and the network's parameters."""
    network = backprop.random_network(42)
    loss = backprop.forward(network, backprop.ACTIVATIONS["tanh"].recorded, 1.0)
    loss.backward()
    return loss, backprop.parameters_of(network)


def trained_on(samples: int, *sizes: int) -> Value:
    """Return the loss of a network of these sizes on so many random points, differentiated."""
    nn.manual_seed(42)
    chance = Random(42)
    model = nn.MLP(sizes[0], sizes[1:], activation="tanh")
    points = [[Value(chance.uniform(-1, 1), f"x{i}") for i in range(sizes[0])] for _ in range(samples)]
    loss = nn.mean_squared_error([model(point) for point in points], [chance.choice((-1.0, 1.0)) for _ in points])
    loss.label = "loss"
    loss.backward()
    return loss


def draw_moment() -> Drawing:
    """Draw the expression right after the third step of the chain rule."""
    root = expression()
    root.zero_grad()
    steps = engine.walk(root)
    return engine.draw(root, values=steps.at(steps.seed_index + 4), local_gradients=True)


def draw_network(depth: int | None = None) -> Drawing:
    """Draw this network: every operation of both samples, or both as one, with folded layers."""
    loss, parameters = network()
    return engine.draw(loss, parameters=parameters, depth=depth)


PICTURES: dict[str, Callable[[], Drawing]] = {
    "expression": lambda: engine.draw(expression()),
    "moment": draw_moment,
    "neuron": lambda: engine.draw(neuron(), local_gradients=True),
    "neuron-dark": lambda: engine.draw(neuron(), local_gradients=True, theme="dark", direction="TB"),
    "network": draw_network,
    "network-folded": lambda: draw_network(depth=2),
    "one-neuron-open": lambda: engine.draw(trained_on(10, 2, 3, 1), depth=2, expand="layer 2.neuron 0"),
    "layers": lambda: engine.draw(trained_on(100, 2, 16, 16, 1), depth=1),
    "neurons": lambda: engine.draw(trained_on(100, 2, 16, 16, 1)),
}


def boundary(folder: Path) -> Path | None:
    """Plot the decision boundary of a network for two moons; return the file, or None without matplotlib."""
    if not find_spec("matplotlib"):
        return None
    nn.manual_seed(42)
    moons = nn.data.moons(200, noise=0.15)
    model = nn.MLP(2, [16, 16, 1], activation="tanh")
    optimiser = nn.Adam(model.parameters(), lr=0.02)
    nn.fit(model, moons.split(0.8)[0], optimiser=optimiser, epochs=40, batch_size=20, progress=False)
    picture = folder / "moons.png"
    nn.plots.boundary(model, moons).savefig(picture, dpi=110)
    return picture


def screenshot(page: Path) -> Path | None:
    """Take a screenshot of the page; return its file, or None without a browser."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return None
    picture = page.with_suffix(".png")
    flags = ["--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1280,800", "--virtual-time-budget=2000"]
    address = f"{page.resolve().as_uri()}#step=100"
    subprocess.run([browser, *flags, f"--screenshot={picture}", address], check=True, capture_output=True, timeout=60)
    return picture


def one_graphviz() -> AbstractContextManager[object]:
    """Hide the program dot, so that every machine lays pictures out with the same Graphviz, the package's."""
    return patch.dict(os.environ, PATH=os.devnull)


def main(arguments: Sequence[str] = ()) -> None:
    """Write everything into a folder (default: demos/gallery)."""
    folder = Path(arguments[0]) if arguments else HERE
    folder.mkdir(parents=True, exist_ok=True)
    with one_graphviz():
        for name, make in PICTURES.items():
            print(make().save(folder / f"{name}.svg"))
        loss, parameters = network()
        title = "Two samples through a network of 2, 3 and 1, step by step"
        page = engine.write_page(loss, folder / "backprop.html", parameters=parameters, title=title)
    print(page)
    print(screenshot(page) or "no screenshot: neither Chromium nor Chrome was found")
    print(boundary(folder) or "no picture of the moons: matplotlib was not found; pip install matplotlib")


if __name__ == "__main__":
    main(sys.argv[1:])

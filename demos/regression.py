"""Regression: a network with twelve hidden neurons fits a sine through noisy samples.

python demos/regression.py         # with matplotlib, it also draws out/regression.png
"""

import math
from importlib.util import find_spec
from pathlib import Path

import nn

NOISE = 0.1
OUT = Path("out")


def main() -> None:
    """Train on noisy samples, and compare the network with the sine behind them."""
    data = nn.data.sine(80, noise=NOISE, seed=0)
    nn.manual_seed(0)
    model = nn.MLP(1, [12, 1], activation="tanh")
    optimiser = nn.Adam(model.parameters(), lr=0.05)
    print(nn.fit(model, data, optimiser=optimiser, epochs=200, batch_size=20, schedule="cosine"))
    grid = [[math.pi * (i / 50 - 1.0)] for i in range(101)]
    errors = [y - math.sin(x) for y, (x,) in zip(nn.predict(model, grid), grid, strict=True)]
    error = math.sqrt(sum(e * e for e in errors) / len(errors))
    print(f"root mean square distance from the sine: {error:.3f} for the network, {NOISE} for the samples")
    if find_spec("matplotlib"):
        OUT.mkdir(exist_ok=True)
        nn.plots.curve(model, data, math.sin).savefig(OUT / "regression.png")
        print(f"saved {OUT / 'regression.png'}")
    assert error < NOISE / 2.0, "a smooth curve averages out the noise"


if __name__ == "__main__":
    main()

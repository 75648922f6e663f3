"""Regression: twelve hidden neurons bend a line into a sine, through samples with noise.

python demos/regression.py             # numbers; with matplotlib also the picture out/regression.png
"""

import math
from importlib.util import find_spec
from pathlib import Path

import nn

NOISE = 0.1
OUT = Path("out")


def main() -> None:
    """Train on noisy samples, and compare with the sine that they were made of."""
    data = nn.data.sine(80, noise=NOISE, seed=0)
    nn.manual_seed(0)
    model = nn.MLP(1, [12, 1], activation="tanh")
    optimiser = nn.Adam(model.parameters(), lr=0.05)
    history = nn.fit(model, data, optimiser=optimiser, epochs=200, batch_size=20, schedule="cosine")
    print(history)
    places = [[math.pi * (i / 50 - 1.0)] for i in range(101)]
    errors = [y - math.sin(x) for y, (x,) in zip(nn.predict(model, places), places, strict=True)]
    error = math.sqrt(sum(e * e for e in errors) / len(errors))
    print(f"the model is {error:.3f} away from the sine; the samples are {NOISE}")
    if find_spec("matplotlib"):
        OUT.mkdir(exist_ok=True)
        nn.plots.curve(model, data, math.sin).savefig(OUT / "regression.png")
        print(OUT / "regression.png")
    assert error < NOISE / 2.0, "a smooth curve averages the noise out"


if __name__ == "__main__":
    main()

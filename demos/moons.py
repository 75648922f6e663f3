"""Two moons: a network learns to separate two classes, and draws its decision boundary.

python demos/moons.py              # with matplotlib, it also draws out/moons.png and the film out/moons.gif
"""

from importlib.util import find_spec
from pathlib import Path

import nn

OUT = Path("out")


def main() -> None:
    """Train, and draw the decision boundary."""
    train, validation = nn.data.moons(200, noise=0.15, seed=1).split(0.7)
    nn.manual_seed(3)
    model = nn.MLP(2, [16, 16, 1], activation="tanh")
    can_draw = bool(find_spec("matplotlib"))
    film = [nn.plots.Film(train, every=4, points=40)] if can_draw else []
    optimiser = nn.Adam(model.parameters(), lr=0.02)
    history = nn.fit(model, train, optimiser=optimiser, epochs=60, batch_size=20, validation=validation,
                     callbacks=film, early_stopping=20)  # fmt: skip
    print(history)
    if can_draw:
        OUT.mkdir(exist_ok=True)
        nn.plots.boundary(model, train).savefig(OUT / "moons.png")
        print(f"saved {OUT / 'moons.png'} and {film[0].save(OUT / 'moons.gif')}")
    outputs = nn.predict(model, validation.inputs)
    correct = sum((output > 0.0) == target for output, target in zip(outputs, validation.targets, strict=True))
    print(f"{correct} of {len(validation)} unseen points are on the right side")
    assert correct >= 0.95 * len(validation)


if __name__ == "__main__":
    main()

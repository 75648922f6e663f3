"""Exclusive or: four samples that no single neuron can learn, and a hidden layer of four that can.

python demos/xor.py
"""

import nn
from engine import sigmoid


def train(hidden: int) -> tuple[nn.Module, nn.training.History]:
    """Return a trained network with so many hidden neurons (none: a single neuron), and its history."""
    nn.manual_seed(3)
    model = nn.MLP(2, [hidden, 1] if hidden else [1], activation="tanh")
    optimiser = nn.Adam(model.parameters(), lr=0.1)
    return model, nn.fit(model, nn.data.xor(), optimiser=optimiser, epochs=200)


def main() -> None:
    """Train a single neuron and a network; print what they make of the four samples."""
    data = nn.data.xor()
    _, alone = train(0)
    model, history = train(4)
    print(f"a single neuron:     loss {alone.last.loss:.4f}")
    print(f"four hidden neurons: loss {history.last.loss:.4f}")
    for (a, b), target in data:
        share = sigmoid(model([a, b]))
        print(f"  {a:.0f} xor {b:.0f} = {target}: the network says {share.data:.3f}")
    assert alone.last.accuracy != 1.0, "no straight line parts the four points"
    assert alone.last.loss > 0.69, "the best that a single neuron can do is to guess: log(2)"
    assert history.last.accuracy == 1.0
    assert history.last.loss < 0.01


if __name__ == "__main__":
    main()

"""Exclusive or: four samples that no single neuron can learn, but a network with four hidden neurons can."""

import nn
from engine import sigmoid


def train(sizes: list[int]) -> tuple[nn.Module, nn.training.History]:
    """Train a network with layers of these sizes; return it and the history of its training."""
    nn.manual_seed(3)
    model = nn.MLP(2, sizes, activation="tanh")
    optimiser = nn.Adam(model.parameters(), lr=0.1)
    return model, nn.fit(model, nn.data.xor(), optimiser=optimiser, epochs=200)


def main() -> None:
    """Compare a single neuron with a network, and print the network's answer for each sample."""
    _, alone = train([1])
    model, history = train([4, 1])
    print(f"a single neuron:     loss {alone.last.loss:.4f}")
    print(f"four hidden neurons: loss {history.last.loss:.4f}")
    for (a, b), target in nn.data.xor():
        probability = sigmoid(model([a, b]))
        print(f"  {a:.0f} xor {b:.0f} = {target}: the network's probability of 1 is {probability.data:.3f}")
    assert alone.last.accuracy != 1.0, "no straight line separates the two classes"
    assert alone.last.loss > 0.69, "a single neuron can only guess, with a loss of log(2)"
    assert history.last.accuracy == 1.0
    assert history.last.loss < 0.01


if __name__ == "__main__":
    main()

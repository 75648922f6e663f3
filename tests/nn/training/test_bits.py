"""Trainings with every backend have the same bits."""

import random

import pytest

import nn

OPTIMISERS = (
    lambda p: nn.SGD(p, lr=0.05), lambda p: nn.SGD(p, lr=0.05, momentum=0.9), lambda p: nn.Adam(p, lr=0.01),
    lambda p: nn.RMSprop(p, lr=0.01), lambda p: nn.AdamW(p, lr=0.01), lambda p: nn.SGD(p, lr=0.05, weight_decay=0.01),
)  # fmt: skip


def trained(seed, backend):
    """Return the bits of the losses and parameters of a random training."""
    draw = random.Random(seed)
    inputs, outputs, count = draw.randint(1, 6), draw.choice([1, 2, 3, 5]), draw.randint(2, 40)
    hidden = [draw.randint(1, 9) for _ in range(draw.randint(0, 3))]
    activation = draw.choice(["relu", "tanh", "sigmoid", "gelu", "silu", "elu", "leaky_relu", "softplus"])
    x = [[draw.gauss(0.0, 1.0) for _ in range(inputs)] for _ in range(count)]
    y = [draw.gauss(0.0, 1.0) if outputs == 1 else draw.randrange(outputs) for _ in range(count)]
    loss = draw.choice(["mean_squared_error", "huber"]) if outputs == 1 else "cross_entropy"
    batch_size, optimiser = draw.choice([None, 1, 2, 7, 16]), draw.choice(OPTIMISERS)
    nn.manual_seed(seed)
    model = nn.MLP(inputs, [*hidden, outputs], activation=activation)
    history = nn.fit(
        model, (x, y), loss, optimiser=optimiser(model.parameters()), epochs=2, batch_size=batch_size,
        backend=backend, seed=seed, progress=False,
    )  # fmt: skip
    return [loss.hex() for loss in history.losses], [leaf.data.hex() for leaf in model.parameters()]


@pytest.mark.needs_compiler
@pytest.mark.parametrize("seed", range(12))
def test_native_trainings_have_the_bits_of_eager_ones(seed):
    assert trained(seed, "native") == trained(seed, "eager")

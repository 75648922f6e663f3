"""Training gives the numbers of PyTorch, with the same seed: recorded over 100 steps."""

import json
from pathlib import Path

import pytest

import nn
from nn.random import epoch_order
from nn.training import Shaping

FILE = json.loads((Path(__file__).parents[2] / "recorded" / "fit.json").read_text())
MODELS = {
    "regression": (1, lambda: nn.MLP(2, [6, 1], "tanh")),
    "two classes": (2, lambda: nn.MLP(2, [5, 1], "relu")),
    "three classes": (3, lambda: nn.MLP(2, [6, 3], "tanh")),
    "penalties": (4, lambda: nn.MLP(2, [4, 1], "tanh")),
    "everything": (5, lambda: nn.MLP(2, [4, 3], "sigmoid")),
}
SETTINGS = {
    "regression": {
        "optimiser": lambda ps: nn.SGD(ps, lr=0.1, momentum=0.9), "batch_size": 4, "schedule": nn.training.linear(0.2),
    },
    "two classes": {
        "loss": "binary_cross_entropy_with_logits", "optimiser": lambda ps: nn.AdamW(ps, lr=0.05), "batch_size": 5,
        "schedule": "one_cycle", "shaping": Shaping(clip_value=0.02),
    },
    "three classes": {
        "optimiser": lambda ps: nn.Adam(ps, lr=0.02), "batch_size": 6, "schedule": nn.training.cosine(0.1),
        "shaping": Shaping(clip_norm=0.3),
    },
    "penalties": {
        "optimiser": lambda ps: nn.SGD(ps, lr=0.1), "schedule": nn.training.step(30, 0.5),
        "shaping": Shaping(l1=0.003, l2=0.02),
    },
    "everything": {
        "loss": nn.cross_entropy, "optimiser": lambda ps: nn.RMSprop(ps, lr=0.01), "batch_size": 7,
        "shaping": Shaping(l1=0.001, l2=0.001, clip_value=0.1, clip_norm=0.25),
    },
}  # fmt: skip


def numbers(model):
    return [[[w.data for w in n.weights] + [n.bias.data] for n in layer.neurons] for layer in model.layers]


def flat(layers):
    return [number for layer in layers for neuron in layer for number in neuron]


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["eager", "python", pytest.param("native", marks=pytest.mark.needs_compiler)])
@pytest.mark.parametrize("kind", MODELS)
def test_a_training_is_pytorch_s(kind, backend):
    recorded = FILE["trainings"][kind]
    seed, make = MODELS[kind]
    nn.manual_seed(seed)
    model = make()
    assert flat(numbers(model)) == pytest.approx(flat(recorded["start"]), rel=1e-6)
    for layer, rows in zip(model.layers, recorded["start"], strict=True):  # PyTorch's are rounded to 32 bits
        for neuron, row in zip(layer.neurons, rows, strict=True):
            for parameter, number in zip([*neuron.weights, neuron.bias], row, strict=True):
                parameter.data = number
    settings = dict(SETTINGS[kind])
    optimiser = settings.pop("optimiser")(model.parameters())
    steps_in_epoch = -(-20 // settings.get("batch_size", 20))
    epochs = -(-100 // steps_in_epoch)
    history = nn.fit(model, (recorded["inputs"], recorded["targets"]), optimiser=optimiser, epochs=epochs,
                     backend=backend, **settings)  # fmt: skip
    assert history.backend == backend
    assert len(history.losses) >= 100
    assert history.rates == pytest.approx(recorded["rates"], rel=1e-12)
    assert history.losses == pytest.approx(recorded["losses"], rel=1e-9)
    assert flat(numbers(model)) == pytest.approx(flat(recorded["end"]), rel=1e-7)


@pytest.mark.parametrize("seed", FILE["orders"])
def test_samples_come_in_the_order_of_a_data_loader(seed):
    nn.manual_seed(int(seed))
    own = nn.Generator(int(seed))
    for common, owned in zip(FILE["orders"][seed]["common"], FILE["orders"][seed]["own"], strict=True):
        assert (epoch_order(7), epoch_order(7, own)) == (common, owned)

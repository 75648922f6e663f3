"""First weights, against those recorded from PyTorch by `tests/recorded/record_pytorch.py`."""

import json
from pathlib import Path

import pytest

import nn

RECORDED = json.loads((Path(__file__).parents[1] / "recorded" / "training.json").read_text())


def weights(layer):
    return [[weight.data for weight in neuron.weights] for neuron in layer.neurons]


def biases(layer):
    return [neuron.bias.data for neuron in layer.neurons]


@pytest.mark.parametrize(
    "case", RECORDED["first weights"], ids=lambda c: f"{c['init']} {c['inputs']} {c['outputs']} {c['seed']}"
)
def test_weights_are_those_of_pytorch_and_biases_are_0(case):
    nn.manual_seed(case["seed"])
    layer = nn.Layer(case["inputs"], case["outputs"], init=case["init"])
    assert weights(layer) == [pytest.approx(row, rel=1e-5, abs=1e-6) for row in case["weights"]]
    assert biases(layer) == [0.0] * case["outputs"]


def test_the_default_is_pytorch_s():
    nn.manual_seed(1)
    unnamed = nn.MLP(2, [3, 1]).state_dict()
    nn.manual_seed(1)
    assert nn.MLP(2, [3, 1], init="pytorch").state_dict() == unnamed


def test_a_neuron_draws_as_a_layer_of_one():
    for init in ("pytorch", "xavier_normal", "he_uniform"):
        nn.manual_seed(2)
        layer = nn.Layer(3, 1, init=init)
        nn.manual_seed(2)
        neuron = nn.Neuron(3, init=init)
        assert [w.data for w in neuron.weights] == weights(layer)[0]
        assert neuron.bias.data == layer.neurons[0].bias.data


def test_each_layer_of_a_network_is_drawn_by_its_own_counts():
    nn.manual_seed(4)
    model = nn.MLP(30, [40, 50], init="he_normal")
    for layer, inputs in zip(model.layers, (30, 40), strict=True):
        squares = [w * w for row in weights(layer) for w in row]
        assert sum(squares) / len(squares) == pytest.approx(2.0 / inputs, rel=0.1)


def test_what_goes_wrong_with_zeros():
    model = nn.MLP(2, [3, 1], activation="tanh", init="zeros")
    nn.mean_squared_error(model([1.0, 2.0]), 1.0).backward()
    assert [name for name, p in model.named_parameters() if p.grad] == ["layer 2.neuron 0.b"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Neuron(2, init="he_norml"),
        lambda: nn.Layer(2, 3, init="he_norml"),
        lambda: nn.MLP(2, [3, 1], init="he_norml"),
    ],
)
def test_an_unknown_initialisation_is_refused_and_draws_no_random_number(make):
    nn.manual_seed(0)
    with pytest.raises(nn.SettingError, match="unknown initialisation 'he_norml'; did you mean 'he_normal'"):
        make()
    assert nn.rand(2) == nn.Generator(0).rand(2)

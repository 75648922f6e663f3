"""Sequential, Dropout and the table of a module; PyTorch's numbers are in `tests/recorded/training.json`."""

import json
from pathlib import Path

import pytest

import nn
from engine import Value

RECORDED = json.loads((Path(__file__).parents[1] / "recorded" / "training.json").read_text())


def test_a_sequence_computes_what_a_network_does():
    nn.manual_seed(3)
    network = nn.MLP(2, [3, 2, 1], activation="tanh")
    nn.manual_seed(3)
    sequence = nn.Sequential(nn.Layer(2, 3, "tanh"), nn.Layer(3, 2, "tanh"), nn.Layer(2, 1))
    assert list(sequence.state_dict().values()) == list(network.state_dict().values())
    assert sequence([0.3, -0.8]).data == network([0.3, -0.8]).data
    assert [out.data for out in nn.Sequential(*network.layers[:2])([0.3, -0.8])] == [
        out.data for out in network.layers[1](network.layers[0]([0.3, -0.8]))
    ]


def test_sequences_may_be_nested_and_hold_networks_and_neurons():
    nn.manual_seed(3)
    one, neuron, out = nn.MLP(2, [3, 1]), nn.Neuron(1, "tanh"), nn.Layer(1, 2)
    model = nn.Sequential(nn.Sequential(one, neuron), out)
    expected = out([neuron([one([0.5, 1.0])])])
    assert [y.data for y in model([0.5, 1.0])] == [y.data for y in expected]
    assert nn.Sequential(one, neuron)([0.5, 1.0]).data == neuron([one([0.5, 1.0])]).data


def test_the_parts_of_a_sequence_have_numbers():
    model = nn.Sequential(nn.Layer(2, 1), nn.Layer(1, 1), name="all")
    assert len(model) == 2
    assert model[-1] is model[1]
    assert [name for name, _ in model.named_parameters()] == [
        "0.neuron 0.w0", "0.neuron 0.w1", "0.neuron 0.b", "1.neuron 0.w0", "1.neuron 0.b",
    ]  # fmt: skip
    assert model([1.0, 2.0]).scope == ("all", "layer", "neuron 0")


def test_a_sequence_is_made_of_modules():
    with pytest.raises(nn.SettingError, match="Sequential takes modules, such as"):
        nn.Sequential()
    with pytest.raises(nn.SettingError, match="Sequential takes modules, not str 'tanh'"):
        nn.Sequential(nn.Layer(2, 1), "tanh")


@pytest.mark.parametrize("case", RECORDED["dropout"], ids=lambda c: c["p"])
def test_dropout_is_that_of_pytorch(case):
    nn.manual_seed(case["seed"])
    x = [Value(float(i + 1)) for i in range(len(case["outputs"]))]
    out = nn.Dropout(case["p"])(x)
    assert [y.data for y in out] == pytest.approx(case["outputs"], rel=1e-6)
    sum(out[1:], out[0] * 1.0).backward()
    assert [x_i.grad for x_i in x] == pytest.approx(case["gradients"], rel=1e-6)


def test_dropout_keeps_the_mean():
    nn.manual_seed(0)
    out = nn.Dropout(0.3)([1.0] * 20_000)
    assert sum(out) / len(out) == pytest.approx(1.0, abs=0.02)
    assert {round(y, 9) for y in out} == {0.0, round(1 / 0.7, 9)}


def test_dropout_drops_nothing_when_not_training_and_draws_no_random_number():
    nn.manual_seed(0)
    model = nn.Sequential(nn.Sequential(nn.Dropout(0.9)), nn.Dropout(0.9))
    assert model.eval() is model
    assert model([1.0, 2.0, 3.0]) == [1.0, 2.0, 3.0]
    assert nn.Dropout(0.0)([1.0]) == [1.0]
    assert [module.training for _, module in model.modules()] == [False] * 4
    assert nn.rand(2) == nn.Generator(0).rand(2)
    assert model.train().training
    assert 0.0 in model([1.0] * 50)


@pytest.mark.parametrize("p", [-0.1, 1.1, "0.5", None])
def test_a_probability_is_from_0_to_1(p):
    with pytest.raises(nn.SettingError, match="the probability of Dropout must be a finite number from 0 to 1"):
        nn.Dropout(p)


def test_modules_are_told_of_with_their_names():
    model = nn.Sequential(nn.Layer(1, 1), nn.Dropout())
    assert [(name, type(module).__name__) for name, module in model.modules()] == [
        ("", "Sequential"), ("0", "Layer"), ("0.neuron 0", "Neuron"), ("1", "Dropout"),
    ]  # fmt: skip


def test_the_table_tells_of_parts_within_parts():
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.factor = Value(2.0)
            self.body = nn.Sequential(nn.MLP(2, [3, 1]), nn.Dropout(0.25))
            self.again = self.body

    assert nn.summary(Own()) == (
        "part         module                             parameters\n"
        "factor                                                   1\n"
        "body         Sequential                                 13\n"
        "  0          MLP                                        13\n"
        "    layer 1  Layer(2 inputs, 3 neurons, relu)            9\n"
        "    layer 2  Layer(3 inputs, 1 neuron, linear)           4\n"
        "  1          Dropout(0.25)                               0\n"
        "again        Sequential                                 13\n"
        "  0          MLP                                        13\n"
        "    layer 1  Layer(2 inputs, 3 neurons, relu)            9\n"
        "    layer 2  Layer(3 inputs, 1 neuron, linear)           4\n"
        "  1          Dropout(0.25)                               0\n"
        "all          Own                                        14"
    )


def test_the_table_of_a_single_layer_or_neuron():
    assert nn.summary(nn.Layer(2, 3)).splitlines()[1:] == ["all   Layer            9"]
    assert nn.summary(nn.Neuron(1)).splitlines()[1:] == [
        "w0                     1",
        "b                      1",
        "all   Neuron           2",
    ]

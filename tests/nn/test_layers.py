"""Neurons, layers and networks of layers; PyTorch's numbers for Dropout are in `tests/recorded/training.json`."""

import json
import math
from pathlib import Path

import pytest

import engine
import nn
from engine import Value, topological_order

RECORDED = json.loads((Path(__file__).parents[1] / "recorded" / "training.json").read_text())


# --- neurons, layers and MLPs ---------------------------------------------------------------------------


def test_a_neuron_computes_an_activation_of_a_weighted_sum():
    neuron = nn.Neuron(2, "sigmoid", weights=[0.5, -1.0], bias=0.25)
    assert neuron([2.0, 3.0]).data == pytest.approx(1 / (1 + math.exp(1.75)), rel=1e-15)
    assert nn.Neuron(1, weights=[2.0], bias=1.0)([Value(3.0)]).data == 7.0


def test_activations_by_name_by_function_and_none():
    x = [0.3]
    for activation in ("tanh", engine.tanh, lambda z: z.tanh()):
        neuron = nn.Neuron(1, activation, weights=[1.0], bias=0.0)
        assert neuron(x).data == math.tanh(0.3)
    assert [nn.Neuron(1, a).activation for a in ("tanh", engine.relu, None, "linear")] == [
        "tanh", "relu", "linear", "linear",
    ]  # fmt: skip
    assert "lambda" in repr(nn.Neuron(1, lambda z: z))
    with pytest.raises(ValueError, match="did you mean 'relu'"):
        nn.Neuron(1, "rellu")
    with pytest.raises(ValueError, match="choose from 'linear', "):
        nn.Neuron(1, "zzz")
    with pytest.raises(ValueError, match="unknown activation 'maximum'"):
        nn.Neuron(1, "maximum")


@pytest.mark.parametrize("activation", ["rleu", "ReLU"])
@pytest.mark.parametrize("sizes", [[3, 1], [1]])
def test_an_activation_of_a_similar_name_is_proposed(activation, sizes):
    for settings in ({"activation": activation}, {"output_activation": activation}):
        with pytest.raises(nn.SettingError, match=f"unknown activation '{activation}'; did you mean 'relu'?"):
            nn.MLP(2, sizes, **settings)


@pytest.mark.parametrize("activation", [3, nn.Dropout, Value(1.0), ["relu"]])
def test_what_is_no_activation_is_refused(activation):
    with pytest.raises(
        nn.SettingError, match="an activation must be a function of a Value or the name of an operation, not"
    ):
        nn.MLP(2, [3, 1], activation=activation)


def test_every_operation_of_one_operand_is_an_activation():
    for operation in engine.TABLE.values():
        if operation.arity == 1 and operation.name not in ("log", "sqrt", "acosh"):
            assert nn.Neuron(1, operation.name, weights=[1.0], bias=0.0)([0.5]).op is operation


@pytest.mark.parametrize("module", [nn.Neuron(2), nn.Layer(2, 3), nn.MLP(2, [3, 1])])
def test_the_wrong_number_of_inputs_is_an_error(module):
    with pytest.raises(ValueError, match="needs 2 inputs, not 3"):
        module([1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match=r"needs a list of 2 inputs, not float 1\.0"):
        module(1.0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Neuron(0),
        lambda: nn.Layer(2, 0),
        lambda: nn.Layer(1.5, 2),
        lambda: nn.MLP(True, [1]),
        lambda: nn.MLP(2, [3, -1]),
    ],
)
def test_counts_must_be_positive(make):
    with pytest.raises(ValueError, match="whole number of at least 1"):
        make()


def test_sizes_and_weights_must_fit():
    with pytest.raises(ValueError, match="size of each layer"):
        nn.MLP(2, [])
    with pytest.raises(ValueError, match="size of each layer"):
        nn.MLP(2, 3)
    with pytest.raises(ValueError, match="as many weights, not 1"):
        nn.Neuron(2, weights=[1.0])


def test_one_output_is_a_value_and_several_are_a_list():
    assert isinstance(nn.MLP(2, [3, 1])([0.0, 0.0]), Value)
    assert len(nn.MLP(2, [3, 2])([0.0, 0.0])) == 2


def test_a_graph_knows_which_neuron_and_layer_made_which_node():
    model = nn.MLP(2, [3, 1])
    out = model([1.0, 2.0])
    scopes = {node.scope for node in topological_order(out) if node.inputs}
    assert scopes == {
        ("layer 1", "neuron 0"), ("layer 1", "neuron 1"), ("layer 1", "neuron 2"), ("layer 2", "neuron 0"),
    }  # fmt: skip


def test_an_activation_may_be_a_module_whose_parameters_are_trained():
    class Leaky(nn.Module):
        def __init__(self):
            super().__init__("leaky")
            self.slope = Value(0.1)

        def forward(self, x):
            return engine.maximum(x, self.slope * x)

    leaky = Leaky()
    neuron = nn.Neuron(1, leaky, weights=[-2.0], bias=0.0)
    out = neuron([1.0])
    out.backward()
    assert (out.data, out.scope, leaky.slope.grad) == (-0.2, ("neuron", "leaky"), -2.0)
    assert ("activation.slope", leaky.slope) in neuron.named_parameters()


def test_parameters_are_made_in_the_scope_of_their_neuron():
    model = nn.MLP(1, [2])
    assert [p.scope for p in model.parameters()] == [("layer 1", "neuron 0")] * 2 + [("layer 1", "neuron 1")] * 2
    assert nn.Layer(1, 1, name="").neurons[0].bias.scope == ("neuron 0",)


def test_a_module_that_is_refused_draws_no_random_number():
    for make in (
        lambda: nn.MLP(2, [3, 1], output_activation="nope"),
        lambda: nn.MLP(2, [3, 0]),
        lambda: nn.Layer(2, 3, "nope"),
        lambda: nn.Neuron(2, "nope"),
    ):
        nn.manual_seed(0)
        with pytest.raises(nn.SettingError):
            make()
        assert nn.rand(2) == nn.Generator(0).rand(2)


def test_counts_and_inputs_may_be_numpy_s():
    numpy = pytest.importorskip("numpy")
    model = nn.MLP(numpy.int64(2), [numpy.int32(3), 1])
    assert model(numpy.array([0.5, 1.0])).data == model([0.5, 1.0]).data


def test_modules_print_themselves():
    assert repr(nn.MLP(2, [16, 1])) == "MLP(2 inputs, 16 relu, 1 linear; 65 parameters)"
    assert repr(nn.Layer(1, 1, "tanh")) == "Layer(1 input, 1 neuron, tanh)"
    assert repr(nn.Neuron(3)) == "Neuron(3 inputs, linear)"


# --- Sequential and Dropout -----------------------------------------------------------------------------


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
    with pytest.raises(nn.SettingError, match="Sequential needs modules, such as"):
        nn.Sequential()
    with pytest.raises(nn.SettingError, match="Sequential needs modules, not str 'tanh'"):
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


def test_modules_are_listed_with_their_names():
    model = nn.Sequential(nn.Layer(1, 1), nn.Dropout())
    assert [(name, type(module).__name__) for name, module in model.modules()] == [
        ("", "Sequential"), ("0", "Layer"), ("0.neuron 0", "Neuron"), ("1", "Dropout"),
    ]  # fmt: skip


# --- the table of parts ----------------------------------------------------------------------------------


def test_the_table_shows_parts_within_parts():
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

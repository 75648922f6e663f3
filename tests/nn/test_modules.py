"""Neurons, layers, networks: numbers, names, states, errors."""

import copy
import math
import pickle

import pytest

import engine
import nn
from engine import Value, leaves, topological_order


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
    with pytest.raises(ValueError, match="there are: linear, "):
        nn.Neuron(1, "zzz")
    with pytest.raises(ValueError, match="no activation 'maximum'"):
        nn.Neuron(1, "maximum")


def test_every_operation_of_one_operand_is_an_activation():
    for operation in engine.TABLE.values():
        if operation.arity == 1 and operation.name not in ("log", "sqrt"):
            assert nn.Neuron(1, operation.name, weights=[1.0], bias=0.0)([0.5]).op is operation


@pytest.mark.parametrize("module", [nn.Neuron(2), nn.Layer(2, 3), nn.MLP(2, [3, 1])])
def test_the_wrong_number_of_inputs_is_an_error(module):
    with pytest.raises(ValueError, match="takes 2 inputs, but got 3"):
        module([1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match=r"takes a list of 2 inputs, not float 1\.0"):
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


def test_parameters_are_named_by_their_scopes_and_labels():
    model = nn.MLP(2, [2, 1])
    named = model.named_parameters()
    assert [name for name, _ in named] == [
        "layer 1.neuron 0.w0", "layer 1.neuron 0.w1", "layer 1.neuron 0.b",
        "layer 1.neuron 1.w0", "layer 1.neuron 1.w1", "layer 1.neuron 1.b",
        "layer 2.neuron 0.w0", "layer 2.neuron 0.w1", "layer 2.neuron 0.b",
    ]  # fmt: skip
    for name, parameter in named:
        assert name == ".".join([*parameter.scope, parameter.label])
    assert model.parameters() == [parameter for _, parameter in named]
    assert set(leaves(model([1.0, 2.0]))) <= set(model.parameters())


def test_two_parameters_of_one_name_are_refused():
    model = nn.MLP(1, [1])
    model.layers += [nn.Layer(1, 1), nn.Layer(1, 1)]
    assert len(model.parameters()) == 6
    with pytest.raises(nn.StateError, match=r"two parameters are called 'layer\.neuron 0\.w0'"):
        model.state_dict()


def test_a_module_of_ones_own_finds_parameters_in_any_container():
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = {"k": Value(1.0), "part": nn.Neuron(1)}
            self.shared = self.table["k"]
            self.computed = self.shared * 2.0  # no leaf, so no parameter
            self.text = "text"

    own = Own()
    assert [name for name, _ in own.named_parameters()] == ["table['k']", "table['part'].w0", "table['part'].b"]
    assert repr(own) == "Own(3 parameters)"
    with pytest.raises(NotImplementedError, match=r"Own defines no forward\(self, x\)"):
        own([1.0])


def test_a_module_of_ones_own_needs_no_name_nor_constructor():
    class Own(nn.Module):
        def __init__(self):  # of the parent's nothing is needed
            self.factor = Value(2.0)

        def forward(self, x):
            return self.factor * x

    own = Own()
    assert own(Value(3.0)).scope == ()
    assert own.parameters() == [own.factor]


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


def test_zero_grad():
    model = nn.MLP(2, [1])
    model([1.0, 2.0]).backward()
    assert model.parameters()[1].grad == 2.0
    model.zero_grad()
    assert [p.grad for p in model.parameters()] == [0.0, 0.0, 0.0]


def test_a_state_is_saved_and_loaded():
    one, other = nn.MLP(2, [3, 1]), nn.MLP(2, [3, 1])
    other.load_state_dict(one.state_dict())
    assert one([0.1, 0.2]).data == other([0.1, 0.2]).data


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda s: s.pop("b"), "missing: b"),
        (lambda s: s.update(extra=1.0), "unknown: extra"),
        (lambda s: s.update(b="1"), "not one number: '1' for b"),
        (lambda s: s.update(w0=[1.0]), r"not one number: \[1.0\] for w0"),
        (
            lambda s: (s.pop("b"), s.update(extra=1, w1=None)),
            "missing: b; unknown: extra; not one number: None for w1",
        ),
        (lambda s: s.update({f"x{i}": 0.0 for i in range(9)}), "x4 and 4 more"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(change, says):
    neuron = nn.Neuron(2)
    before = neuron.state_dict()
    state = {name: number + 1.0 for name, number in before.items()}
    change(state)
    with pytest.raises(nn.StateError, match=says):
        neuron.load_state_dict(state)
    assert neuron.state_dict() == before


def test_a_state_is_a_mapping():
    with pytest.raises(nn.StateError, match=r"a number for each name, as state_dict\(\) returns it; this is 3"):
        nn.Neuron(1).load_state_dict(3)


def test_modules_are_copied_and_pickled():
    model = nn.MLP(2, [3, 1], activation="tanh")
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin([0.1, 0.2]).data == model([0.1, 0.2]).data
        assert not set(twin.parameters()) & set(model.parameters())


def test_modules_print_themselves():
    assert repr(nn.MLP(2, [16, 1])) == "MLP(2 inputs, 16 relu, 1 linear; 65 parameters)"
    assert repr(nn.Layer(1, 1, "tanh")) == "Layer(1 input, 1 neuron, tanh)"
    assert repr(nn.Neuron(3)) == "Neuron(3 inputs, linear)"


def test_a_network_of_modules_has_the_gradients_of_one_written_out():
    nn.manual_seed(5)
    model = nn.MLP(2, [2, 1], activation="tanh")
    w = [Value(p.data) for p in model.parameters()]
    x = [0.3, -0.8]
    h = [(w[2] + w[0] * x[0] + w[1] * x[1]).tanh(), (w[5] + w[3] * x[0] + w[4] * x[1]).tanh()]
    (w[8] + w[6] * h[0] + w[7] * h[1]).backward()
    model(x).backward()
    assert [p.grad for p in model.parameters()] == pytest.approx([p.grad for p in w], rel=1e-12)


def test_check_gradients_checks_a_network():
    nn.manual_seed(0)
    model = nn.MLP(2, [3, 1], activation="tanh")
    report = engine.check_gradients(lambda *_: nn.mean_squared_error(model([0.5, 1.0]), 1.0), model.parameters())
    assert len(report.rows) == 13

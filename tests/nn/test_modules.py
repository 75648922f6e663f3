"""Modules: names of parameters, states, copies, errors."""

import copy
import pickle

import pytest

import engine
import nn
from engine import Value, leaves


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


def test_a_custom_module_finds_parameters_in_any_container():
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
    with pytest.raises(NotImplementedError, match=r"Own must define forward\(self, x\)"):
        own([1.0])


def test_a_custom_module_needs_no_name_nor_constructor():
    class Own(nn.Module):
        def __init__(self):  # of the parent's nothing is needed
            self.factor = Value(2.0)

        def forward(self, x):
            return self.factor * x

    own = Own()
    assert own(Value(3.0)).scope == ()
    assert own.parameters() == [own.factor]


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
        (lambda s: s.update(b="1"), "not a number: '1' for b"),
        (lambda s: s.update(w0=[1.0]), r"not a number: \[1.0\] for w0"),
        (
            lambda s: (s.pop("b"), s.update(extra=1, w1=None)),
            "missing: b; unknown: extra; not a number: None for w1",
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
    with pytest.raises(nn.StateError, match=r"as state_dict\(\) returns it, not be 3"):
        nn.Neuron(1).load_state_dict(3)


def test_modules_are_copied_and_pickled():
    model = nn.MLP(2, [3, 1], activation="tanh")
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin([0.1, 0.2]).data == model([0.1, 0.2]).data
        assert not set(twin.parameters()) & set(model.parameters())


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

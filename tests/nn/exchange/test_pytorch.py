"""Exchange with PyTorch: recorded outputs, with a stand-in for PyTorch, and PyTorch itself where it is installed."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

import nn
from engine import StepgradError, elu, leaky_relu
from nn.exchange.network import COUNTERPARTS

MODULES = json.loads((Path(__file__).parents[2] / "recorded" / "fit.json").read_text())["modules"]


class Numbers(list):
    """A stand-in for a tensor."""

    def tolist(self):
        return list(self)

    def copy_(self, other):
        self[:] = other


class Part:
    """A stand-in for a module."""

    def __init__(self, *_, **settings):
        self.training = True
        vars(self).update(settings)

    def train(self, mode):
        self.training = mode
        return self

    def __repr__(self):
        return f"{type(self).__name__}()"


class Linear(Part):
    def __init__(self, inputs=0, outputs=0, dtype=None, weight=(), bias=()):
        super().__init__(inputs=inputs, outputs=outputs, dtype=dtype)
        self.weight, self.bias = Numbers(weight), None if bias is None else Numbers(bias)


class Sequential(Part):
    def __init__(self, *parts):
        super().__init__()
        self.parts = parts

    def __iter__(self):
        return iter(self.parts)


class Dropout(Part):
    def __init__(self, p=0.5):
        super().__init__(p=p)


USUAL = {
    "ELU": {"alpha": 1.0},
    "GELU": {"approximate": "none"},
    "Hardtanh": {"min_val": -1.0, "max_val": 1.0},
    "LeakyReLU": {"negative_slope": 0.01},
    "Softplus": {"beta": 1.0, "threshold": 20.0},
}
KINDS = {name: type(name, (Part,), {}) for name in (*MODULES, "Identity", "Conv2d")}


def part(name, **settings):
    return KINDS[name](**{**USUAL.get(name, {}), **settings})


@pytest.fixture
def torch(monkeypatch):
    """Stand in for PyTorch."""
    modules = SimpleNamespace(Linear=Linear, Sequential=Sequential, Dropout=Dropout, **KINDS)
    stand_in = SimpleNamespace(nn=modules, float64="float64", no_grad=nullcontext, tensor=lambda x, dtype: Numbers(x))
    monkeypatch.setitem(sys.modules, "torch", stand_in)
    return stand_in


def recorded(activation):
    first, last = MODULES[activation]["parts"]
    return Sequential(Sequential(Linear(**first), part(activation)), part("Identity"), Linear(**last))


@pytest.mark.parametrize("activation", MODULES)
def test_a_network_from_pytorch_has_its_outputs(activation):
    model = nn.from_torch(recorded(activation))
    for x, expected in zip(MODULES[activation]["inputs"], MODULES[activation]["outputs"], strict=True):
        assert [output.data for output in model(x)] == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("activation", MODULES)
def test_a_network_for_pytorch_has_the_same_parts_and_numbers(activation, torch):
    first, behind, last = nn.to_torch(nn.from_torch(recorded(activation)))
    assert type(behind).__name__ == activation
    for made, expected in zip((first, last), MODULES[activation]["parts"], strict=True):
        assert (made.weight, made.bias, made.dtype) == (expected["weight"], expected["bias"], "float64")
    assert (first.inputs, first.outputs, last.inputs, last.outputs) == (3, 4, 4, 2)


def test_dropout_and_the_mode_go_along(torch):
    model = nn.Sequential(nn.Layer(2, 3, "tanh"), nn.Dropout(0.25), nn.MLP(3, [2, 1])).eval()
    made = nn.to_torch(model)
    assert [type(each).__name__ for each in made] == ["Linear", "Tanh", "Dropout", "Linear", "ReLU", "Linear"]
    assert not made.training
    back = nn.from_torch(made)
    assert [p.data for p in back.parameters()] == [p.data for p in model.parameters()]
    assert repr(back[1]) == "Dropout(0.25)"
    assert not back[0].training
    assert back([0.5, 1.0]).data == model([0.5, 1.0]).data


@pytest.mark.parametrize(
    ("module", "setting", "activation"),
    [("LeakyReLU", "negative_slope", leaky_relu.bind(slope=0.3)), ("ELU", "alpha", elu.bind(alpha=0.5))],
)
def test_parameters_of_an_operation_go_along(torch, module, setting, activation):
    model = nn.Sequential(nn.Layer(2, 3, activation), nn.Layer(3, 1))
    made = nn.to_torch(model)
    (behind,) = (each for each in made if type(each).__name__ == module)
    assert vars(behind)[setting] == next(iter(activation.parameters.values()))
    back = nn.from_torch(made)
    assert back[0].neurons[0].function is activation
    assert back([0.5, -1.0]).data == model([0.5, -1.0]).data


def test_a_model_from_pytorch_can_be_saved(tmp_path):
    nn.save(nn.from_torch(recorded("LeakyReLU")), tmp_path / "model.json")
    assert nn.load(tmp_path / "model.json")[0].neurons[0].activation == "leaky_relu"


def test_a_lone_layer_is_a_network_too(torch):
    layer = nn.Layer(2, 1)
    assert nn.from_torch(next(iter(nn.to_torch(layer))))([1.0, 2.0]).data == layer([1.0, 2.0])[0].data


def test_no_random_number_is_drawn():
    before = nn.random_state()
    nn.from_torch(recorded("Tanh"))
    assert nn.random_state() == before


@pytest.mark.parametrize(
    ("module", "says"),
    [
        (lambda: Sequential(Linear(weight=[[1.0]], bias=None)), "needs layers with a bias, and Linear"),
        (lambda: Sequential(part("Tanh")), "each activation right behind a Linear, and Tanh"),
        (lambda: Sequential(Linear(weight=[[1.0]], bias=[0.0]), part("Tanh"), part("ReLU")), "right behind a Linear"),
        (lambda: Sequential(Dropout(), part("Tanh")), "right behind a Linear"),
        (lambda: Sequential(part("Conv2d")), r"knows Linear, Dropout, .* but not Conv2d"),
        (
            lambda: Sequential(Linear(weight=[[1.0]], bias=[0.0]), part("Softplus", beta=2.0)),
            "takes Softplus with beta=1.0 only",
        ),
    ],
)
def test_what_cannot_be_imported_is_refused(module, says):
    with pytest.raises(nn.SettingError, match=says):
        nn.from_torch(module())


def test_what_has_no_counterpart_is_refused(torch):
    with pytest.raises(nn.SettingError, match="to_torch takes MLP, Layer, Sequential and Dropout, but there is Neuron"):
        nn.to_torch(nn.Neuron(2))
    with pytest.raises(nn.SettingError, match="to_torch knows the activations linear, elu, .*, not 'sin'"):
        nn.to_torch(nn.MLP(2, [3, 1], "sin"))


def test_without_pytorch_the_error_names_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(StepgradError, match="pip install torch"):
        nn.to_torch(nn.MLP(2, [1]))


@pytest.mark.needs_torch
@pytest.mark.parametrize("activation", [None, *COUNTERPARTS, leaky_relu.bind(slope=0.3), elu.bind(alpha=0.5)])
def test_pytorch_itself_computes_the_same(activation):
    import torch

    nn.manual_seed(1)
    model = nn.MLP(3, [5, 2], activation)
    module = nn.to_torch(model)
    inputs = nn.randn(7, 3)
    outputs = [[output.data for output in model(x)] for x in inputs]
    found = module(torch.tensor(inputs, dtype=torch.float64)).tolist()
    for row, expected in zip(found, outputs, strict=True):
        assert row == pytest.approx(expected, rel=1e-9, abs=1e-12)
    back = nn.from_torch(module)
    assert [p.data for p in back.parameters()] == [p.data for p in model.parameters()]

"""Exchange with JAX: recorded outputs and gradients, NumPy as a stand-in, and JAX itself where it is installed."""

import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import nn
from engine import StepgradError, elu, leaky_relu, tanh
from nn.exchange.network import COUNTERPARTS

np = pytest.importorskip("numpy")
RECORDED = json.loads((Path(__file__).parents[2] / "recorded" / "jax.json").read_text())
INPUTS = RECORDED["inputs"]


def network(activation):
    """Return the network that was recorded."""
    nn.manual_seed(7)
    return nn.MLP(3, [4, 2], activation)


@pytest.fixture
def jax(monkeypatch):
    """Stand in for JAX."""
    erf = np.vectorize(math.erf)
    functions = SimpleNamespace(
        elu=lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(x)),
        gelu=lambda x, approximate: approximate or x * (1 + erf(x / math.sqrt(2))) / 2,
        leaky_relu=lambda x, negative_slope: np.where(x > 0, x, negative_slope * x),
        hard_sigmoid=lambda x: np.clip(x / 6 + 0.5, 0, 1),
        hard_swish=lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
        hard_tanh=lambda x: np.clip(x, -1, 1),
        mish=lambda x: x * np.tanh(np.log1p(np.exp(x))),
        relu=lambda x: np.maximum(x, 0),
        selu=lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
        sigmoid=lambda x: 1 / (1 + np.exp(-x)),
        silu=lambda x: x / (1 + np.exp(-x)),
        soft_sign=lambda x: x / (1 + np.abs(x)),
        softplus=lambda x: np.log1p(np.exp(x)),
        tanh=np.tanh,
    )
    monkeypatch.setitem(sys.modules, "jax", SimpleNamespace(numpy=np, nn=functions))


@pytest.mark.parametrize("activation", ["linear", *COUNTERPARTS])
def test_the_engine_computes_what_jax_computed(activation):
    model, recorded = network(activation), RECORDED["networks"][activation]
    outputs = [model(x) for x in INPUTS]
    assert [[y.data for y in row] for row in outputs] == [pytest.approx(row) for row in recorded["outputs"]]
    sum(y * y for row in outputs for y in row).backward()
    for layer, (weights, biases) in zip(model.layers, recorded["gradients"], strict=True):
        for place, neuron in enumerate(layer.neurons):
            assert [w.grad for w in neuron.weights] == pytest.approx([row[place] for row in weights])
            assert neuron.bias.grad == pytest.approx(biases[place])


@pytest.mark.usefixtures("jax")
@pytest.mark.parametrize("activation", ["linear", *COUNTERPARTS])
def test_the_function_computes_what_was_recorded(activation):
    apply, parameters = nn.to_jax(network(activation))
    outputs = apply(parameters, np.asarray(INPUTS))
    assert outputs.tolist() == [pytest.approx(row) for row in RECORDED["networks"][activation]["outputs"]]
    assert [(weights.shape, biases.shape) for weights, biases in parameters] == [((3, 4), (4,)), ((4, 2), (2,))]


@pytest.mark.usefixtures("jax")
def test_parameters_come_back():
    model = nn.Sequential(nn.MLP(3, [4], "tanh"), nn.Dropout(0.3), nn.Layer(4, 2))
    _, parameters = nn.to_jax(model.eval())
    other = nn.Sequential(nn.MLP(3, [4], "tanh"), nn.Dropout(0.3), nn.Layer(4, 2))
    nn.from_jax(parameters, other)
    assert [p.data for p in other.parameters()] == [p.data for p in model.parameters()]


@pytest.mark.usefixtures("jax")
@pytest.mark.parametrize("activation", [leaky_relu.bind(slope=0.3), elu.bind(alpha=0.5), elu, tanh])
def test_parameters_of_an_operation_go_along(activation):
    model = network(activation)
    apply, parameters = nn.to_jax(model)
    outputs = apply(parameters, np.asarray(INPUTS)).tolist()
    assert outputs == [pytest.approx([y.data for y in model(x)]) for x in INPUTS]


def mixed():
    layer = nn.Layer(2, 2, "tanh")
    layer.neurons[1] = nn.Neuron(2, "relu", "neuron 1")
    return layer


def named_tanh(z):
    return 2.0 * z


named_tanh.__name__ = "tanh"


class Doubled(nn.Layer):
    def forward(self, x):
        return [2.0 * y for y in super().forward(x)]


@pytest.mark.usefixtures("jax")
@pytest.mark.parametrize(
    ("model", "says"),
    [
        (
            nn.Sequential(nn.Layer(2, 2), nn.Dropout(0.5)),
            r"to_jax cannot export an active Dropout\(0.5\).*call model.eval",
        ),
        (nn.Neuron(2), "to_jax takes MLP, Layer, Sequential and Dropout, but there is Neuron"),
        (Doubled(2, 2), "to_jax takes MLP, Layer, Sequential and Dropout, but there is Layer"),
        (nn.MLP(2, [3, 1], "sin"), "to_jax knows the activations linear, elu, .*, not 'sin'"),
        (nn.MLP(2, [3, 1], named_tanh), "to_jax knows the activations linear, elu, .*, not 'tanh'"),
        (mixed(), "to_jax needs one activation in each layer"),
    ],
)
def test_what_has_no_counterpart_is_refused(model, says):
    with pytest.raises(nn.SettingError, match=says):
        nn.to_jax(model)


@pytest.mark.usefixtures("jax")
@pytest.mark.parametrize("shape", [[(2, 3)], [(3, 3), (4, 2)], [(3, 4), (4, 2), (2, 2)]])
def test_arrays_of_another_shape_change_nothing(shape):
    model = network("tanh")
    before = [p.data for p in model.parameters()]
    arrays = [(np.zeros(size), np.zeros(size[1])) for size in shape]
    with pytest.raises(nn.ShapeError, match=r"\(inputs, outputs\) \[\(3, 4\), \(4, 2\)\], not \["):
        nn.from_jax(arrays, model)
    with pytest.raises(nn.ShapeError):
        nn.from_jax([(np.zeros((3, 5)), np.zeros(4)), (np.zeros((4, 2)), np.zeros(2))], model)
    assert [p.data for p in model.parameters()] == before


def test_without_jax_the_error_names_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(StepgradError, match="pip install jax"):
        nn.to_jax(nn.MLP(2, [1]))


@pytest.mark.needs_jax
@pytest.mark.parametrize("activation", ["linear", *COUNTERPARTS])
def test_jax_itself_computes_the_same(activation):
    import jax

    with jax.experimental.enable_x64() if hasattr(jax.experimental, "enable_x64") else jax.enable_x64(True):
        apply, parameters = nn.to_jax(network(activation))
        x = jax.numpy.asarray(INPUTS)
        recorded = RECORDED["networks"][activation]
        assert jax.jit(apply)(parameters, x).tolist() == [pytest.approx(row) for row in recorded["outputs"]]
        gradients = jax.grad(lambda p: (apply(p, x) ** 2).sum())(parameters)
    for found, expected in zip(gradients, recorded["gradients"], strict=True):
        assert found[0].tolist() == [pytest.approx(row) for row in expected[0]]
        assert found[1].tolist() == pytest.approx(expected[1])


@pytest.mark.needs_jax
@pytest.mark.parametrize("activation", [leaky_relu.bind(slope=0.3), elu.bind(alpha=0.5)])
def test_jax_itself_computes_with_the_parameters_of_an_operation(activation):
    import jax

    model = network(activation)
    apply, parameters = nn.to_jax(model)
    outputs = apply(parameters, jax.numpy.asarray(INPUTS)).tolist()
    assert outputs == [pytest.approx([y.data for y in model(x)], rel=1e-5, abs=1e-6) for x in INPUTS]

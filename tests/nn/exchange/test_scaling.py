"""Models that scale their inputs and outputs, saved and exported: they give the same numbers everywhere."""

import json

import pytest

import nn
from nn.scaling import Scaling

SCALING = Scaling(((1000.0, 20.0), (0.001, 0.0)), ((50.0, 7.0),))
X = [[1003.0, 0.5], [990.0, 0.002]]


def made(*sizes, **settings):
    nn.manual_seed(2)
    model = nn.MLP(2, sizes, "tanh", **settings)
    model.scaling = SCALING
    return model


def test_a_scaling_is_saved_with_the_model(tmp_path):
    model = made(3, 1)
    nn.save(model, tmp_path / "model.json")
    loaded = nn.load(tmp_path / "model.json")
    assert loaded.scaling == SCALING
    assert nn.predict(loaded, X) == nn.predict(model, X)
    other = nn.MLP(2, [3, 1], "tanh")
    nn.load_into(other, tmp_path / "model.json")
    assert other.scaling == SCALING
    nn.save(nn.MLP(2, [3, 1], "tanh"), tmp_path / "plain.json")
    assert "scaling" not in json.loads((tmp_path / "plain.json").read_text())
    nn.load_into(other, tmp_path / "plain.json")
    assert other.scaling is None


def test_a_scaling_inside_a_model_and_in_a_checkpoint_comes_back(tmp_path):
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = made(3, 1)

        def forward(self, x):
            return self.inner(x) * 2.0

    model = Own()
    nn.save_checkpoint(tmp_path / "own.json", model, nn.Adam(model.parameters()))
    twin = Own()
    twin.inner.scaling = None
    nn.load_checkpoint(tmp_path / "own.json", twin, nn.Adam(twin.parameters()))
    assert twin.inner.scaling == SCALING
    assert nn.predict(twin, X) == nn.predict(model, X)


@pytest.mark.parametrize(
    ("scaling", "says"),
    [
        ([], "scaling: this must be a mapping by names"),
        ({"layer 9": {}}, "scaling: unknown: layer 9"),
        ({"": []}, "scaling: the model: this must be a mapping by names"),
        ({"": {"inputs": []}}, "scaling: the model: missing: targets"),
        ({"": {"inputs": {}, "targets": []}}, "scaling: the model: inputs: this must be a list"),
        ({"": {"inputs": [1.0], "targets": []}}, "scaling: the model: inputs: this must be a list, not 1.0"),
        ({"": {"inputs": [[1.0]], "targets": []}}, r"inputs: this must be a mean and a deviation, not \[1.0\]"),
        ({"": {"inputs": [[1.0, "2"]], "targets": []}}, "inputs: this must be a number, not '2'"),
        ({"": {"inputs": [[1.0, 2.0]], "targets": []}}, "inputs: there must be 2 pairs, not 1"),
    ],
)
def test_a_damaged_scaling_is_refused_with_its_place(tmp_path, scaling, says):
    path, model = tmp_path / "model.json", made(3, 1)
    nn.save(model, path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"scaling": scaling}))
    before = model.state_dict()
    for read in (nn.load, lambda path: nn.load_into(model, path)):
        with pytest.raises(nn.StateError, match=says):
            read(path)
    assert (model.state_dict(), model.scaling) == (before, SCALING)


@pytest.mark.needs_torch
@pytest.mark.parametrize("sizes", [(3, 1), (1,), (4, 3, 1)])
def test_pytorch_gets_a_network_of_the_same_outputs(sizes):
    import torch

    model = made(*sizes)
    found = nn.to_torch(model)(torch.tensor(X, dtype=torch.float64)).tolist()
    assert found == [[pytest.approx(y, rel=1e-12)] for y in nn.predict(model, X)]


@pytest.mark.needs_jax
def test_jax_gets_a_network_of_the_same_outputs_and_gives_it_back():
    import jax

    model = made(3, 1)
    expected = nn.predict(model, X)
    jax.config.update("jax_enable_x64", True)
    try:
        apply, parameters = nn.to_jax(model)
        assert apply(parameters, jax.numpy.asarray(X)).tolist() == [[pytest.approx(y, rel=1e-12)] for y in expected]
        nn.from_jax(parameters, model)
    finally:
        jax.config.update("jax_enable_x64", False)
    assert model.scaling is None
    assert nn.predict(model, X) == pytest.approx(expected, rel=1e-12)


@pytest.mark.needs_torch
def test_only_the_scaling_of_inputs_can_be_folded_before_an_activation():
    import torch

    model = made(3, 1, output_activation="sigmoid")
    with pytest.raises(
        nn.SettingError, match="to_torch needs a last layer without activation where outputs are scaled"
    ):
        nn.to_torch(model)
    model.scaling = Scaling(SCALING.inputs)
    found = nn.to_torch(model)(torch.tensor(X, dtype=torch.float64)).flatten().tolist()
    assert found == pytest.approx(nn.predict(model, X), rel=1e-12)
    for wrong in (nn.Sequential(nn.Dropout(0.1), nn.Layer(2, 1)), nn.Sequential(made(2, 2), nn.Layer(2, 1))):
        wrong.scaling = wrong.scaling or SCALING
        with pytest.raises(
            nn.SettingError, match="takes a scaling of the whole network, which begins and ends with a layer"
        ):
            nn.to_torch(wrong)

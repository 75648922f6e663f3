"""Backends of a training: which one is chosen, and predictions."""

import pytest

import nn
from engine import Value
from nn.training import backends


@pytest.mark.needs_compiler
def test_native_code_is_chosen_where_it_is_worth_building(monkeypatch):
    data = nn.data.sine(10)
    assert nn.fit(nn.MLP(1, [2, 1]), data, epochs=1).backend == "python"
    monkeypatch.setattr(backends, "WORTH_BUILDING", 100)
    assert nn.fit(nn.MLP(1, [2, 1]), data, epochs=1).backend == "native"


@pytest.mark.parametrize(
    "backend", ["auto", "eager", "python", pytest.param("native", marks=pytest.mark.needs_compiler)]
)
def test_predictions_are_the_model_s_outputs(backend):
    inputs = [[0.1 * i, 1.0 - 0.2 * i] for i in range(20)]
    one, two = nn.MLP(2, [3, 1], "tanh"), nn.MLP(2, [3, 2], "tanh")
    assert nn.predict(one, inputs, backend) == pytest.approx([one(x).data for x in inputs], rel=1e-12)
    for row, x in zip(nn.predict(two, inputs, backend), inputs, strict=True):
        assert row == pytest.approx([output.data for output in two(x)], rel=1e-12)


def test_predictions_of_functions_and_of_nothing():
    w = Value(2.0, "w")
    assert nn.predict(lambda x: w * x[0], [[1.0], [3.0]]) == [2.0, 6.0]
    assert nn.predict(lambda x: [w, 3.0, x[0]], [[1.0]]) == [[2.0, 3.0, 1.0]]
    assert nn.predict(lambda x: w, []) == []


def test_nothing_is_dropped_in_predictions():
    model = nn.Sequential(nn.Layer(2, 8, "tanh"), nn.Dropout(0.5), nn.Layer(8, 1))
    (found,) = nn.predict(model, [[0.5, 1.0]], "python")
    assert model.training
    assert found == model.eval()([0.5, 1.0]).data
    (still,) = nn.predict(model, [[0.5, 1.0]])
    assert (still, model.training) == (found, False)


def test_a_model_that_branches_predicts_rightly():
    def model(x):
        w = Value(2.0)
        return w * x[0] if w * x[0] > 0.0 else w * 0.0

    assert nn.predict(model, [[1.0], [-1.0], [2.0]], "python") == [2.0, 0.0, 4.0]

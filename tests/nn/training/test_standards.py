"""Training on standardised numbers: the same as standardising by hand, undone in what the model returns."""

import statistics

import pytest

import engine
import nn
from nn.scaling import Scaling
from nn.training.objective import Core
from nn.training.outcome import Outcome, measure

INPUTS = [[1000.0 + 10.0 * i, 0.001 * (i % 3), 7.0] for i in range(12)]
TARGETS = [50_000.0 + 300.0 * i - 2000.0 * (i % 3) for i in range(12)]


def standard(numbers):
    mean, spread = statistics.fmean(numbers), statistics.pstdev(numbers) or 1.0
    return [(number - mean) / spread for number in numbers]


def columns(rows):
    return list(map(list, zip(*rows, strict=True)))


BY_HAND = columns(map(standard, columns(INPUTS)))


def trained(data, model=None, loss="mean_squared_error", **settings):
    nn.manual_seed(4)
    model = model or nn.MLP(3, [4, 1], activation="tanh")
    return model, nn.fit(model, data, loss, epochs=30, seed=1, batch_size=5, **settings)


@pytest.mark.parametrize("backend", ["eager", "python", "native"])
@pytest.mark.parametrize(
    ("loss", "power"), [("mean_squared_error", 2), ("half_squared_error", 2), ("mean_absolute_error", 1)]
)
def test_it_is_the_training_on_numbers_standardised_by_hand(backend, loss, power):
    model, history = trained(
        (INPUTS, TARGETS), loss=loss, standardise=True, backend=backend, validation=(INPUTS, TARGETS)
    )
    twin, theirs = trained((BY_HAND, standard(TARGETS)), loss=loss)
    assert history.losses == pytest.approx([x * statistics.pstdev(TARGETS) ** power for x in theirs.losses], rel=1e-8)
    expected = [y * statistics.pstdev(TARGETS) + statistics.fmean(TARGETS) for y in nn.predict(twin, BY_HAND)]
    assert nn.predict(model, INPUTS) == pytest.approx(expected, rel=1e-9)
    assert [model(x).data for x in INPUTS] == pytest.approx(expected, rel=1e-9)
    away = [abs(y - target) ** power for y, target in zip(expected, TARGETS, strict=True)]
    half = 0.5 if loss.startswith("half") else 1.0
    assert history.last.validation_loss == pytest.approx(half * statistics.fmean(away))
    assert not history.standardised


def test_losses_that_no_factor_restores_are_called_standardised():
    _, history = trained((INPUTS, TARGETS), loss="huber", standardise=True)
    _, theirs = trained((BY_HAND, standard(TARGETS)), loss="huber")
    assert history.losses == pytest.approx(theirs.losses)
    assert str(history).endswith("the losses are those of standardised targets")


def test_several_targets_have_scales_of_their_own():
    targets = [[y, -0.001 * y, 3.0] for y in TARGETS]
    model = nn.MLP(3, [8, 3], activation="tanh")
    _, history = trained((INPUTS, targets), model, standardise=True)
    assert history.standardised
    assert len(model.scaling.targets) == 3
    nn.fit(model, (INPUTS, targets), epochs=500, standardise=True)
    for found, given in zip(nn.predict(model, INPUTS), targets, strict=True):
        assert found == pytest.approx(given, rel=0.05, abs=0.1)


@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy_with_logits", "hinge"])
def test_the_numbers_of_classes_stay(loss):
    data = nn.data.Dataset(INPUTS, [i % 2 for i in range(12)], "classification")
    model = nn.MLP(3, [4, 2 if loss == "cross_entropy" else 1], activation="tanh")
    trained(data, model, loss, standardise=True)
    assert model.scaling == Scaling(model.scaling.inputs)
    assert len(model.scaling.inputs) == 3


def test_a_bounded_last_layer_keeps_the_targets():
    model = nn.MLP(3, [4, 1], "tanh", "sigmoid")
    trained((INPUTS, [0.0, 1.0] * 6), model, standardise=True)
    assert model.scaling.targets == ()


def test_a_training_goes_on_where_it_ended():
    model, _ = trained((INPUTS, TARGETS), standardise=True)
    scaling, other = model.scaling, [[x + 1.0 for x in row] for row in INPUTS]
    away = [y - target for y, target in zip(nn.predict(model, other), TARGETS, strict=True)]
    history = nn.fit(model, (other, TARGETS), epochs=1, standardise=True)
    assert history.losses == [pytest.approx(statistics.fmean(x * x for x in away))]
    assert model.scaling == scaling


def test_callbacks_see_the_model_in_the_numbers_of_the_data():
    seen = []

    def look(run):
        seen.append((run.outputs(INPUTS)[0][0], run.model(INPUTS[0]).data, run.core(run.samples.inputs[0]).data))

    model, _ = trained((INPUTS, TARGETS), standardise=True, callbacks=[look])
    outputs, called, core = seen[-1]
    mean, spread = model.scaling.targets[0]
    assert repr(Core(model)) == repr(model)
    assert outputs == pytest.approx(called) == pytest.approx(core * spread + mean)


def test_a_module_of_your_own_with_modes_is_trained_and_used():
    class Noisy(nn.Module):
        def __init__(self):
            super().__init__("noisy")
            self.line = nn.Layer(1, 1)
            self.seen = []

        def forward(self, x):
            self.seen.append(self.training)
            return self.line(x)[0]

    nn.manual_seed(1)
    model = Noisy()
    history = nn.fit(model, ([[0.0], [10.0]], [100.0, 300.0]), epochs=300, standardise=True, backend="eager")
    assert {True, False} == set(model.seen)
    assert history.losses[-1] < 100.0
    assert model([5.0]).data == pytest.approx(200.0, abs=20.0)
    assert "noisy" in model([5.0]).inputs[0].inputs[0].scope


def test_a_graph_shows_the_scaling_and_gradients_go_through_it():
    model, _ = trained((INPUTS, TARGETS), standardise=True)
    x = [engine.Value(number, name) for name, number in zip("abc", INPUTS[3], strict=True)]
    out = model(x)
    out.backward()
    step = 0.01
    moved = [number + step * (i == 0) for i, number in enumerate(INPUTS[3])]
    assert x[0].grad == pytest.approx((model(moved).data - out.data) / step, rel=1e-3)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (
            (lambda x: engine.Value(x[0]), ([[1.0]], [1.0])),
            nn.SettingError,
            "standardise=True needs a Module, which keeps",
        ),
        (
            (nn.Neuron(1), ([[1.0], [float("inf")]], [1.0, 2.0])),
            nn.ShapeError,
            "the inputs of the data cannot be stan.*0 are",
        ),
        ((nn.Neuron(1), ([[1.0], [1.0, 2.0]], [1.0, 2.0])), nn.ShapeError, "they must all have the same length"),
        (
            (nn.Neuron(1), ([[1.0], [2.0]], [1.0, float("nan")])),
            nn.ShapeError,
            "the targets of the data cannot be stan",
        ),
        ((nn.Neuron(2), ([[1.0], [2.0]], [1.0, 2.0])), nn.ShapeError, "needs 2 inputs, not 1"),
    ],
)
def test_what_cannot_be_standardised_is_refused_and_nothing_changes(arguments, error, says):
    with pytest.raises(error, match=says):
        nn.fit(*arguments, epochs=1, standardise=True)
    assert getattr(arguments[0], "scaling", None) is None


def test_a_scaled_model_takes_as_many_numbers_as_it_was_scaled_for():
    model = nn.Neuron(2)
    model.scaling = Scaling(((1.0, 2.0),) * 2, ((0.0, 1.0),) * 2)
    with pytest.raises(nn.ShapeError, match="standardised on 2 inputs needs as many, not 1"):
        model([1.0])
    with pytest.raises(nn.ShapeError, match="standardised for 2 outputs must return as many, not 1"):
        model([1.0, 2.0])
    with pytest.raises(nn.SettingError, match="explain_layer takes a network that does not scale its inputs"):
        nn.explain_layer(trained((INPUTS, TARGETS), standardise=True)[0], INPUTS, TARGETS)


def test_enormous_numbers_are_scaled_without_overflow():
    inputs, targets = [[-1.7e308], [1.7e308], [0.0]], [1e-300, 2e-300, 3e-300]
    model, _ = trained((inputs, targets), nn.MLP(1, [2, 1], "tanh"), standardise=True)
    assert all(1e-301 < y < 1e-299 for y in nn.predict(model, inputs))


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("size", [1.0, 1.6e305])
def test_a_scaled_model_is_replayed(backend, size):
    """It is recorded once for all inputs, so nothing in its scaling may depend on one of them."""
    inputs = [[size * number for number in row] for row in INPUTS]
    model, _ = trained((inputs, TARGETS), standardise=True)
    assert nn.predict(model, inputs, backend) == nn.predict(model, inputs, "eager")


@pytest.mark.parametrize("samples", ["validation", "training"])
def test_an_outcome_compares_with_a_constant(samples):
    train = nn.data.Dataset([[0.0], [1.0], [2.0], [3.0]], [0.0, 1.0, 2.0, 3.0], "regression")
    held_out = nn.data.Dataset([[4.0], [5.0]], [4.0, 4.5], "regression") if samples == "validation" else None
    line = nn.Neuron(1, weights=[1.0], bias=0.0)
    found = measure(line, train, held_out)
    wanted = (0.125**0.5, (0.5 * (2.5**2 + 3.0**2)) ** 0.5) if held_out else (0.0, 1.25**0.5)
    assert (found.model, found.constant) == pytest.approx(wanted)
    assert (found.samples, found.is_better) == (samples, True)
    assert str(found).startswith(f"{samples}: root mean square error 0")
    flat = measure(nn.Neuron(1, weights=[0.0], bias=9.0), train, held_out)
    assert not flat.is_better
    assert flat.remedy.startswith(f"on the {samples} samples the model is not better than the mean of the targets; try")


@pytest.mark.parametrize(
    ("loss", "bias", "accuracy"), [(None, -0.5, 0.75), ("binary_cross_entropy", 0.0, 0.75), ("hinge", -1.5, 1.0)]
)
def test_an_outcome_of_classes_is_an_accuracy(loss, bias, accuracy):
    train = nn.data.Dataset([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1], "classification", ("a", "b"))
    found = measure(nn.Neuron(1, weights=[1.0], bias=bias), train, None, loss)
    assert found == Outcome("training", "accuracy", accuracy, 0.5)
    assert str(found) == f"training: {accuracy:.1%} correct; the most frequent class alone: 50.0%"
    found = measure(nn.Layer(1, 2), train, None)
    assert found.model in (0.0, 0.25, 0.5, 0.75, 1.0)

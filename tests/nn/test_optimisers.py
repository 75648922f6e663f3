"""Optimisers, against trajectories recorded from PyTorch by `tests/recorded/record_pytorch.py`, and their errors."""

import json
import math
from pathlib import Path

import pytest

import nn
from engine import StepgradError, Value, sin
from tests.interrupts import interrupted_everywhere

RECORDED = json.loads((Path(__file__).parents[1] / "recorded" / "optimisers.json").read_text())


def valley(x, y, z):
    return (1 - x) ** 2 + 3 * (y - x * x) ** 2 + sin(z * x) + 0.5 * z * z


def names(run):
    return run["optimiser"] + str(run["options"])


@pytest.mark.parametrize("run", RECORDED["runs"], ids=names)
def test_trajectories_are_those_of_pytorch(run):
    p = [Value(x) for x in RECORDED["start"]]
    optimiser = getattr(nn, run["optimiser"])(p, **run["options"])
    for expected in run["path"]:
        optimiser.zero_grad()
        valley(*p).backward()
        optimiser.step()
        assert [x.data for x in p] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("run", RECORDED["runs"], ids=names)
def test_training_a_network_goes_as_with_pytorch(run):
    data = RECORDED["mlp"]
    model = nn.MLP(2, [3, 1], activation="tanh")
    for layer, neurons in zip(model.layers, data["layers"], strict=True):
        for neuron, numbers in zip(layer.neurons, neurons, strict=True):
            for parameter, number in zip([*neuron.weights, neuron.bias], numbers, strict=True):
                parameter.data = number
    optimiser = getattr(nn, run["optimiser"])(model.parameters(), **run["options"])
    losses = []
    for _ in range(25):
        loss = nn.mean_squared_error([model(x) for x in data["inputs"]], data["targets"])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.data)
    assert losses == pytest.approx(run["mlp"]["losses"], rel=1e-9)
    for layer, neurons in zip(model.layers, run["mlp"]["layers"], strict=True):
        for neuron, numbers in zip(layer.neurons, neurons, strict=True):
            assert [p.data for p in [*neuron.weights, neuron.bias]] == pytest.approx(numbers, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("run", RECORDED["runs"], ids=names)
def test_a_saved_state_goes_on_exactly(run):
    p = [Value(x) for x in RECORDED["start"]]
    optimiser = getattr(nn, run["optimiser"])(p, **run["options"])

    def steps(values, by, count):
        for _ in range(count):
            by.zero_grad()
            valley(*values).backward()
            by.step()
        return [x.data for x in values]

    steps(p, optimiser, 3)
    q = [Value(x.data) for x in p]
    other = getattr(nn, run["optimiser"])(q)
    other.load_state_dict(json.loads(json.dumps(optimiser.state_dict())))
    assert steps(q, other, 3) == steps(p, optimiser, 3)


def test_parameters_without_a_gradient_are_left_alone():
    p, q = Value(1.0), Value(1.0)
    p.grad = 1.0
    nn.SGD([p, q], lr=0.5, weight_decay=0.1).step()
    assert p.data == pytest.approx(0.45)
    assert q.data == 1.0


def test_a_step_is_all_or_nothing():
    p, q = Value(1.0), Value(1.0)
    p.grad, q.grad = 1.0, "broken"
    optimiser = nn.Adam([p, q])
    with pytest.raises(TypeError):
        optimiser.step()
    assert p.data == 1.0
    assert optimiser.state_dict()["states"] == [{}, {}]


class Editing(nn.Optimiser):
    """An optimiser that edits the state that it gets."""

    def updated(self, p, g, state):
        state["count"] = state.get("count", 0) + 1
        return p - self.lr * math.sqrt(g), state


def test_a_state_that_is_edited_in_place_is_whole_too():
    p, q = Value(1.0), Value(1.0)
    optimiser = Editing([p, q], lr=0.5)
    p.grad = q.grad = 4.0
    optimiser.step()
    q.grad = -4.0
    with pytest.raises(ValueError, match="math domain error"):
        optimiser.step()
    assert (p.data, q.data, optimiser.states) == (0.0, 0.0, [{"count": 1}, {"count": 1}])


@pytest.mark.parametrize("kind", [nn.SGD, nn.Adam, lambda ps, lr: Editing(ps, lr=lr)])
def test_an_interrupted_step_is_whole_or_has_not_happened(kind):
    def make(steps=0):
        optimiser = kind([Value(1.0) for _ in range(4)], lr=0.1)
        for p in optimiser.parameters:
            p.grad = 4.0
        for _ in range(steps):
            optimiser.step()
        return optimiser

    def numbers(optimiser):
        return [p.data for p in optimiser.parameters], optimiser.states

    none, whole = numbers(make()), numbers(make(1))
    found = [(numbers(made), place) for made, place in interrupted_everywhere(make, lambda made: made.step())]
    assert len(found) > 8
    for each, place in found:
        assert each in (none, whole), place


def test_numbers_of_a_rule_become_floats():
    numpy = pytest.importorskip("numpy")

    class Returning(nn.Optimiser):
        def updated(self, p, g, state):
            return self.number, state

    p = Value(1.0)
    p.grad = 1.0
    optimiser = Returning([p], number=3)
    for number in (3, numpy.float32(3.0), numpy.float64(3.0), Value(3.0).data):
        optimiser.number = number
        optimiser.step()
        assert (p.data, type(p.data)) == (3.0, float)
    for number in (None, 1j, "3", Value(3.0)):
        optimiser.number = number
        with pytest.raises(TypeError, match="expected a real number, got|this is a Value already"):
            optimiser.step()
        assert p.data == 3.0


def test_a_division_by_zero_is_named_and_changes_nothing():
    p, q = Value(1.0), Value(1.0, "q")
    p.grad, q.grad = 1.0, 0.0
    with pytest.raises(nn.SettingError, match=r"eps=0\.0.* divides by 0 at .*'q'.*; set eps"):
        nn.Adagrad([p, q], eps=0.0).step()
    assert p.data == 1.0


def test_centered_rmsprop_takes_gradients_that_stay_the_same():
    for gradient in (0.1, 0.3, -0.7, 1.9, 2.3):  # the variance is 0, and rounding leaves it below 0 for some
        p = Value(0.0)
        optimiser = nn.RMSprop([p], lr=1.0, alpha=0.5, centered=True, eps=1.0)
        for _ in range(100):
            p.grad = gradient
            before = p.data
            optimiser.step()
        assert before - p.data == pytest.approx(gradient, rel=1e-6)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda p: nn.SGD(p, lr=-0.1), "SGD: lr must be a finite number that is not negative, not -0.1"),
        (lambda p: nn.SGD(p, lr=math.nan), "lr must be"),
        (lambda p: nn.SGD(p, lr=math.inf), "lr must be"),
        (lambda p: nn.SGD(p, nesterov=True), "nesterov needs a momentum"),
        (lambda p: nn.SGD(p, nesterov=True, momentum=0.9, dampening=0.1), "no dampening"),
        (lambda p: nn.Adam(p, betas=(1.0, 0.5)), r"betas must be two numbers from 0 to below 1, not \(1.0, 0.5\)"),
        (lambda p: nn.Adam(p, betas=0.5), "betas must be two numbers"),
        (lambda p: nn.Adam(p, betas=(0.5,)), "betas must be two numbers"),
        (lambda p: nn.RMSprop(p, alpha=1.5), "alpha must be"),
        (lambda p: nn.AdamW(p, weight_decay=-1.0), "AdamW: weight_decay must be"),
        (lambda p: nn.SGD(p, lr="0.1"), "SGD: lr must be a finite number that is not negative, not '0.1'"),
        (lambda p: nn.SGD(p, lr=True), "lr must be a finite number"),
        (lambda p: nn.SGD(p, nesterov="yes", momentum=0.9), "nesterov must be True or False, not 'yes'"),
        (lambda p: nn.SGD([p[0] * 2.0]), "can only update leaves; Value.* is computed from others"),
        (lambda p: nn.SGD([]), "needs at least one parameter"),
        (lambda p: nn.SGD(p + p), "each parameter once; one is given twice"),
    ],
)
def test_bad_settings_are_named(make, says):
    with pytest.raises(ValueError, match=says):
        make([Value(1.0)])


def test_parameters_must_be_values():
    with pytest.raises(TypeError, match=r"updates Values, not float 1\.0"):
        nn.SGD([1.0])
    for no_list in (Value(1.0), nn.Neuron(1)):
        with pytest.raises(TypeError, match=r"takes a list of Values such as model.parameters\(\), not "):
            nn.SGD(no_list)


def test_a_state_of_another_optimiser_is_refused():
    optimiser = nn.SGD([Value(1.0)])
    for state, says in [
        (nn.Adam([Value(1.0)]).state_dict(), "must be of SGD with dampening, .*, not of Adam with amsgrad"),
        (nn.SGD([Value(1.0), Value(2.0)]).state_dict(), "must have 1 parameter, as the optimiser has, not 2"),
        ({"optimiser": "SGD"}, "must be one that an optimiser's state_dict"),
        ("text", "must be one that an optimiser's state_dict"),
        ({**optimiser.state_dict(), "states": [3]}, "must be one that an optimiser's state_dict"),
        ({**optimiser.state_dict(), "states": [{"direction": "x"}]}, "state_dict\\(\\) returned: .*got str 'x'"),
        ({**optimiser.state_dict(), "settings": {**optimiser.state_dict()["settings"], "lr": -1}}, "lr must be"),
    ]:
        with pytest.raises(StepgradError, match=says):
            optimiser.load_state_dict(state)
    assert optimiser.lr == 1e-3


def test_an_optimiser_of_ones_own_defines_its_rule():
    class Sign(nn.Optimiser):
        def updated(self, p, g, state):
            return p - self.lr * (1.0 if g > 0 else -1.0), state

    p = Value(1.0)
    p.grad = 5.0
    Sign([p], lr=0.25).step()
    assert p.data == 0.75
    with pytest.raises(NotImplementedError, match="must define updated"):
        nn.Optimiser([p], lr=0.25).step()


def test_optimisers_print_themselves():
    assert repr(nn.Adagrad([Value(1.0)], lr=0.5)) == (
        "Adagrad(1 parameters, lr=0.5, lr_decay=0.0, weight_decay=0.0, initial_accumulator_value=0.0, eps=1e-10)"
    )

"""The doctor: every mistake is found, in its words, and nothing is found in healthy training."""

import math
import runpy
from pathlib import Path

import pytest

import engine
import nn
from demos import backprop
from engine import Value, diagnose, exp, no_grad, record_source, sqrt
from engine.doctor.finding import Diagnosis, Finding

MISTAKES = sorted((Path(__file__).parents[3] / "demos" / "mistakes").glob("[a-z]*.py"))


@pytest.mark.parametrize("path", MISTAKES, ids=lambda p: p.stem)
def test_each_mistake_is_found(path, capsys):
    runpy.run_path(str(path), run_name="__main__")  # it asserts the doctor's words itself
    printed = capsys.readouterr().out
    assert "evidence:" in printed
    assert "remedy:" in printed


def moons(count):
    points = [(math.cos(i), math.sin(i)) if i % 2 else (1 - math.cos(i), 0.5 - math.sin(i)) for i in range(count)]
    return [list(p) for p in points], [float(i % 2) for i in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu", "leaky_relu"])
@pytest.mark.parametrize("kind", ["SGD", "Adam", "RMSprop"])
@pytest.mark.parametrize("seed", [0, 1])
def test_healthy_training_gives_no_alarm(activation, kind, seed):
    nn.manual_seed(seed)
    model = nn.MLP(2, [4, 4, 1], activation=activation)
    optimiser = getattr(nn, kind)(model.parameters(), lr=0.05 if kind == "SGD" else 0.01)
    x, y = moons(8)
    history = []

    def findings(loss):
        found = diagnose(loss, model.parameters(), history)
        # units of small networks may well be dead from the start, and then the doctor is right to say so
        return [f for f in found if f.code != "dead-relu"]

    for _ in range(6):
        loss = nn.mean_squared_error([model(sample) for sample in x], y)
        history.append(loss.data)
        assert findings(loss) == []
        model.zero_grad()
        loss.backward()
        assert findings(loss) == []
        optimiser.step()
        assert [f for f in findings(loss) if f.code != "rate-too-large"] == []


@pytest.mark.parametrize("loss_of", [nn.binary_cross_entropy_with_logits, nn.hinge, nn.mean_squared_error])
def test_healthy_classification_gives_no_alarm(loss_of):
    nn.manual_seed(3)
    model = nn.MLP(2, [5, 1], activation="tanh")
    x, y = moons(12)
    targets = [2 * t - 1 for t in y] if loss_of is nn.hinge else y
    loss = loss_of([model(sample) for sample in x], targets)
    assert diagnose(loss, model.parameters(), variables={"x": x, "targets": targets}).codes == []
    scores = nn.MLP(2, [5, 3], activation="tanh")
    loss = nn.cross_entropy([scores(sample) for sample in x], [i % 3 for i in range(12)])
    loss.backward()
    assert diagnose(loss, scores.parameters()).codes == []


@pytest.mark.parametrize("activation", backprop.ACTIVATIONS)
@pytest.mark.parametrize("seed", [0, 1, 2, 42])
def test_the_demonstration_gives_no_alarm(activation, seed):
    network = backprop.random_network(seed)
    loss = backprop.forward(network, backprop.ACTIVATIONS[activation].recorded, 1.0)
    loss.backward()
    found = diagnose(loss, backprop.parameters_of(network))
    assert {f.code for f in found} <= {"dead-relu"}  # of two samples, both may switch a unit off
    assert all(f.severity == "note" for f in found)
    assert {f.code for f in diagnose(loss)} <= {"dead-relu"}  # without parameters, inputs count as trained


def test_it_changes_nothing():
    w = Value(3.0, "w")
    loss = (w * 2.0 - 1.0) ** 2
    loss.backward()
    w.data = 4.0
    diagnose(loss, [w], [1.0, 2.0, 3.0])
    assert (w.data, w.grad, loss.data, loss.grad) == (4.0, 20.0, 25.0, 1.0)


def test_a_finding_names_the_line_where_the_source_was_recorded():
    with record_source():
        w = Value(3.0, "w")
        h = w * 1e200
        loss = h * 1e200
    found = diagnose(loss, [w])
    assert "where:" in str(found)
    assert "loss = h * 1e200" in str(found)


def test_a_healthy_case_says_what_was_examined():
    w = Value(3.0, "w")
    found = diagnose(w * 2.0, [w])
    assert str(found) == repr(found) == "No trouble found (3 nodes and 1 parameter examined)."
    assert len(found) == 0


def test_the_gravest_come_first_and_can_be_sliced():
    note = Finding("a", "note", "s", "e", "r")
    error = Finding("b", "error", "s", "e", "r")
    found = Diagnosis([note, error], "")
    assert found[0] is error
    assert found[:] == [error, note]


def test_only_a_value_is_examined():
    with pytest.raises(TypeError, match="diagnose takes a Value, such as a loss, not float 1.0"):
        diagnose(1.0)


# --- single examinations ----------------------------------------------------------------------------------


def test_three_backward_passes_are_counted():
    w = Value(3.0)
    loss = w * w
    for _ in range(3):
        loss.backward()
    assert "called 3 times" in str(diagnose(loss))
    assert "3 times too large" in str(diagnose(loss))


def test_a_seed_is_not_taken_for_a_second_pass():
    w = Value(3.0)
    loss = w * w
    loss.backward(seed=2.0)
    assert diagnose(loss).codes == []


def test_where_nothing_tells_where_the_way_is_cut_the_leaves_are_listed():
    w, v = Value(3.0, "w"), Value(2.0, "v")
    found = diagnose(v * 2.0, [w, v])
    assert found.codes == ["unreached-parameter"]
    assert "the loss depends only on v" in str(found)
    assert "with variables=locals()" in found[0].remedy
    many = [Value(float(i), f"p{i}") for i in range(6)]
    assert "p3 and 2 more" in str(diagnose(v * 2.0, many))
    with no_grad():
        cut = w * 2.0
    constant = (Value(1.0) * 0).inputs[1]
    assert "the loss depends only on constants" in str(diagnose(2.0 * constant, [w]))
    assert "inside no_grad" in str(diagnose(cut * 2.0, [w]))


def test_the_place_of_a_cut_is_found_among_what_variables_lead_to():
    w = Value(3.0, "w")
    hidden = (w * 2.0).tanh()
    loss = Value(hidden.data, "number") * 5.0
    left_behind = {"outputs": [hidden * 7.0], "other": w * 4.0}
    found = diagnose(loss, [w], variables=left_behind)
    assert "was computed from w, but the loss was computed from another node" in str(found)
    assert found[0].node.label == "number"
    assert "variables=locals()" not in str(found)
    assert "the loss depends only on number" in str(diagnose(loss, [w]))
    assert "the loss depends only on number" in str(diagnose(loss, [w], variables={"other": w * 4.0}))


def test_what_is_found_does_not_depend_on_other_objects_of_the_process():
    w = Value(3.0, "w")
    elsewhere = [(w * 2.0).tanh() for _ in range(3)]
    loss = Value(elsewhere[0].data, "number") * 5.0
    assert "the loss depends only on number" in str(diagnose(loss, [w]))


@pytest.mark.parametrize(
    "make",
    [
        lambda w, x: w * x.tanh(),
        lambda w, x: w + x.tanh(),
        lambda w, x: x.tanh() + w,
        lambda w, x: w - x.tanh(),
        lambda w, x: x.tanh() - w,
        lambda w, x: -w * x,
        lambda w, x: w + 5,
    ],
)
def test_edits_of_leaves_are_read_off_the_graph(make):
    w, x = Value(3.0, "w"), Value(2.0, "x")
    loss = make(w, x)
    w.data = 7.0
    found = diagnose(loss, [w])
    assert found.codes == ["edited-data"]
    assert "computed with 3; now .data is 7" in str(found)


@pytest.mark.parametrize("make", [lambda w: w * w, lambda w: w + w, lambda w: w.tanh()])
def test_an_edited_leaf_that_cannot_be_read_off_shows_in_what_follows(make):
    w = Value(0.5, "w")
    loss = make(w)
    w.data = 0.7
    assert diagnose(loss, [w]).codes == ["edited-data"]


def test_an_edited_interior_number_is_found():
    w = Value(3.0, "w")
    h = w * 2.0
    loss = h.tanh()
    h.data = 100.0
    assert diagnose(loss, [w]).codes == ["edited-data"]


def test_an_edit_out_of_the_domain_does_not_stop_the_doctor():
    w = Value(0.5, "w")
    loss = w.log()
    w.data = -1.0
    assert diagnose(loss, [w]).codes == []


def test_a_gradient_that_is_not_finite_is_found():
    w = Value(3.0, "w")
    loss = w * 2.0
    loss.backward()
    w.grad = math.inf
    assert "the gradient of w is not finite" in str(diagnose(loss, [w]))
    nan = Value(math.nan, "given")
    assert "it was given" in str(diagnose(nan * 2.0))


def test_an_undefined_derivative_does_not_stop_the_doctor():
    x = Value(0.0, "x")
    w = Value(1.0, "w")
    h = (w * sqrt(x)).tanh()
    loss = h * w
    assert diagnose(loss, [w, x]).codes == []
    w.grad = x.grad = 1.0
    loss.grad = 1.0
    assert diagnose(loss, [w, x], [1.0] * 12).codes == []


def test_a_loss_that_cannot_be_computed_with_the_update_is_a_step_too_far():
    w = Value(1.0, "w")
    loss = -(w * 1.0).log()
    w.grad = None
    loss.backward()
    w.data -= -5.0 * w.grad * -1.0 * -1.0  # to a negative number, where log has no value
    w.data = -4.0
    found = diagnose(loss, [w])
    assert "wrong-sign" in found.codes


def test_a_step_out_of_the_domain_is_too_far():
    w = Value(1.0, "w")
    loss = (w * 1.0).log() + w * 1.0
    loss.backward()
    w.data -= 3.0 * w.grad
    assert diagnose(loss, [w]).codes == ["rate-too-large"]


def test_losses_that_are_not_finite_diverge_and_short_histories_say_nothing():
    w = Value(1.0, "w")
    loss = w * w
    assert diagnose(loss, [w], [1.0, 2.0, math.nan]).codes == ["diverging"]
    assert diagnose(loss, [w], [1.0, 100.0]).codes == []
    assert diagnose(loss, [w], [1.0, 0.9, 0.8]).codes == []


def test_a_loss_at_its_minimum_is_not_too_slow():
    w = Value(0.0, "w")
    assert diagnose(w * w + 1.0, [w], [1.0] * 20).codes == []


def test_relu_outputs_of_hand_written_networks_are_grouped_by_their_weights():
    w, b = Value(1.0, "w"), Value(-10.0, "b")
    v = Value(2.0, "v")
    units = [(w * x + b).relu() for x in (0.5, 1.0, 2.0)]
    loss = sum(v * unit for unit in units)
    found = diagnose(loss, [w, b, v])
    assert found.codes == ["dead-relu"]
    assert "the relu unit v8" in str(found)


def test_a_constant_unit_has_no_twins():
    model = nn.Layer(1, 2, "relu")
    for p in model.parameters():
        p.data = -1.0
    loss = sum(model([1.0]))
    assert "symmetric-units" not in diagnose(loss, model.parameters()).codes


@pytest.fixture
def registered():
    """Operations that only their entries describe: an activation with a kink and a limit, and a smooth one."""
    yield (
        engine.register(
            "cap", lambda x: min(max(x, 0.0), 6.0),
            lambda x, out: (engine.where(x, engine.where(6.0 - x, 1.0, 0.0), 0.0),),
            kink=lambda x: x, role="activation", range=(0.0, 6.0),
        ),
        engine.register(
            "squash", lambda x: x / (1.0 + abs(x)), lambda x, out: (1.0 / (1.0 + engine.abs(x)) ** 2,),
            role="activation", range=(-1.0, 1.0),
        ),
    )  # fmt: skip
    engine.unregister("cap")
    engine.unregister("squash")


def test_registered_activations_are_examined_as_those_of_the_table(registered):
    cap, squash = registered
    w, v = Value(1.0, "w"), Value(2.0, "v")
    dead = diagnose(sum(v * cap(w * -x) for x in (1.0, 2.0, 3.0)), [w, v])
    assert dead.codes == ["dead-relu"]
    assert "cap is off for every sample" in str(dead)
    flat = diagnose(sum(v * squash(w * x) for x in (100.0, 200.0)), [w, v])
    assert flat.codes == ["inputs-not-scaled"]
    outside = diagnose((cap(w * 2.0) - 7.0) ** 2, [w])
    assert "the output is a cap, which stays between 0 and 6" in str(outside)


def test_exponentials_that_are_no_loss_are_left_alone():
    x = Value(0.3, "x")
    assert diagnose(exp(x.sigmoid()).tanh()).codes == []
    assert diagnose(exp(x * 2.0) + 1.0).codes == []
    assert diagnose((x.tanh() - 0.5) ** 2).codes == []


def test_lists_of_other_things_are_left_alone():
    w = Value(1.0, "w")
    h = [w * 1.0, w * 2.0]
    loss = h[0] + h[1]
    variables = {"h": h, "n": [1, 2], "w": [w], "empty": [], "elsewhere": [w * 5.0]}
    assert diagnose(loss, [w], variables=variables).codes == []


def test_an_undefined_derivative_above_an_activation_does_not_stop_the_doctor():
    x = Value(-1.0, "x")
    assert diagnose(sqrt(x.relu() * 1.0), [x]).codes == []


def test_a_value_elsewhere_with_the_same_number_is_not_taken_for_the_cut():
    w, v = Value(3.0, "w"), Value(2.0, "v")
    elsewhere = Value(1.0) * 2.0  # the number of v, but not computed from w
    found = diagnose(v * 5.0, [w, v], variables={"elsewhere": elsewhere})
    assert "the loss depends only on v" in str(found)
    assert elsewhere.data == v.data


def test_an_update_uphill_while_the_loss_falls_is_momentum():
    w = Value(3.0, "w")
    loss = (w * 2.0 - 1.0) ** 2
    loss.backward()
    w.data += 0.01 * w.grad
    assert diagnose(loss, [w], [80.0, 40.0, 25.0]).codes == []


def test_a_target_below_the_range_of_an_activation_is_named():
    x = engine.Value(1.0, "x")
    error = (x * 2.0).relu() - (-3.0)
    (found,) = [each for each in engine.diagnose(error * error, parameters=[x]) if each.code == "scale-mismatch"]
    assert "a target is -3, but the output is a relu, which is never below 0" in str(found)

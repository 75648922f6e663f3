"""Losses, against numbers recorded from PyTorch by `tests/recorded/record_pytorch.py`, and their errors."""

import json
import math
from pathlib import Path

import pytest

import nn
from engine import DomainError, Value, check_gradients, hessian, jacobian

FILE = json.loads((Path(__file__).parents[1] / "recorded" / "losses.json").read_text())
RECORDED = FILE["losses"]
DELTAS = {"huber, delta 0.4": {"delta": 0.4}}
PAIRWISE = [
    nn.mean_squared_error, nn.half_squared_error, nn.mean_absolute_error, nn.huber, nn.binary_cross_entropy,
    nn.binary_cross_entropy_with_logits, nn.hinge,
]  # fmt: skip


def as_values(nested):
    return [as_values(x) for x in nested] if isinstance(nested, list) else Value(nested)


def flat(nested):
    return [x for part in nested for x in flat(part)] if isinstance(nested, list) else [nested]


@pytest.mark.parametrize("name", RECORDED)
def test_loss_gradients_and_second_derivatives_are_those_of_pytorch(name):
    case = RECORDED[name]
    outputs = as_values(case["outputs"])
    loss = getattr(nn, name.partition(",")[0])(outputs, case["targets"], **DELTAS.get(name, {}))
    assert loss.data == pytest.approx(case["loss"], rel=1e-9)
    assert jacobian([loss], flat(outputs))[0] == pytest.approx(case["gradients"], rel=1e-9, abs=1e-15)
    for found, expected in zip(hessian(loss, flat(outputs)), case["second"], strict=True):
        assert found == pytest.approx(expected, rel=1e-8, abs=1e-12)  # PyTorch adds 1e-12 inside binary_cross_entropy


@pytest.mark.parametrize("loss", PAIRWISE, ids=lambda f: f.__name__)
def test_plain_numbers_give_a_value_too(loss):
    for outputs, targets in (([0.25, 0.5], [1.0, 1.0]), (0.25, 1), ([[0.25]], [[1]])):
        found = loss(outputs, targets)
        assert type(found) is Value
        assert found.data == loss(as_values(outputs), targets).data


def test_plain_scores_give_values_too():
    for given in ([0.5, 0.25], [0.5], (0.5, Value(0.25))):
        for found in (*nn.softmax(given), *nn.log_softmax(given), nn.cross_entropy(given, 0)):
            assert type(found) is Value
    assert nn.softmax([0.5, 0.25])[0].data == nn.softmax([Value(0.5), Value(0.25)])[0].data


@pytest.mark.parametrize("loss", PAIRWISE, ids=lambda f: f.__name__)
def test_single_numbers_lists_and_nested_lists(loss):
    p = Value(0.25)
    one = loss(p, 1.0)
    assert loss([p], [1.0]).data == one.data
    assert loss([[p, p], [p, p]], [[1.0, 1.0], [1.0, 1.0]]).data == pytest.approx(one.data)
    assert loss((p, p), (1.0, 1.0)).data == pytest.approx(one.data)


@pytest.mark.parametrize("loss", PAIRWISE, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    ("outputs", "targets", "says"),
    [
        ([0.5, 0.5], [1.0], "not a list of 2 and a list of 1"),
        ([0.5], 1.0, "not a list of 1 and a single number"),
        (0.5, [1.0], "not a single number and a list of 1"),
        ([[0.5]], [1.0], "not a list of 1 and a single number"),
        ([], [], "at least one output"),
        ([[]], [[]], "at least one output"),
    ],
)
def test_shapes_that_differ_are_named(loss, outputs, targets, says):
    with pytest.raises(ValueError, match=says):
        loss(as_values(outputs), targets)


def test_targets_may_be_values():
    target = Value(0.3)
    loss = nn.binary_cross_entropy(Value(0.6), target)
    assert loss.data == pytest.approx(-(0.3 * math.log(0.6) + 0.7 * math.log(0.4)))
    loss.backward()
    assert target.grad == pytest.approx(math.log(0.4 / 0.6))


def test_a_sure_and_right_probability_costs_nothing_and_a_sure_and_wrong_one_100():
    case = FILE["certain binary_cross_entropy"]
    assert nn.binary_cross_entropy(as_values(case["outputs"]), case["targets"]).data == pytest.approx(case["loss"])
    assert nn.binary_cross_entropy(Value(1.0), 1).data == 0.0
    p = Value(0.0)
    loss = nn.binary_cross_entropy(p, 1)
    loss.backward()
    assert (loss.data, p.grad) == (pytest.approx(100.0), 0.0)


@pytest.mark.parametrize(("probability", "target"), [(1.5, 0.5), (1.5, 1), (-0.5, 0), (math.nan, 1)])
def test_an_error_names_what_is_not_a_probability(probability, target):
    with pytest.raises(DomainError, match=r"probabilities from 0 to 1, not .*sigmoid"):
        nn.binary_cross_entropy(Value(probability), target)


@pytest.mark.parametrize("loss", PAIRWISE, ids=lambda f: f.__name__)
def test_an_error_names_what_is_not_a_number(loss):
    for outputs, targets in ((Value(0.5), "1"), ([Value(0.5)], ["1"]), ("ab", "cd"), (None, 1.0)):
        with pytest.raises(TypeError, match="expected a real number"):
            loss(outputs, targets)


def test_numpy_s_numbers_and_arrays_are_welcome():
    numpy = pytest.importorskip("numpy")
    outputs = [Value(1.0), Value(2.0)]
    assert nn.mean_squared_error(outputs, numpy.array([0.0, 4.0])).data == 2.5
    assert nn.mean_squared_error(outputs, [numpy.float32(0.0), numpy.int64(4)]).data == 2.5
    assert nn.cross_entropy([outputs], numpy.array([1])).data == nn.cross_entropy(outputs, numpy.int64(1)).data


@pytest.mark.parametrize("loss", [nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits])
def test_targets_outside_0_to_1_are_named(loss):
    with pytest.raises(ValueError, match=r"from 0 to 1, not -1; .*\(y \+ 1\) / 2"):
        loss(Value(0.5), -1)


def test_hinge_takes_signs():
    assert nn.hinge(Value(0.5), Value(-1.0)).data == 1.5
    with pytest.raises(ValueError, match=r"-1 and 1, not 0; .*2 \* y - 1"):
        nn.hinge(Value(0.5), 0)


def test_huber_needs_a_positive_delta():
    assert nn.huber(Value(3.0), 0.0, delta=2.0).data == 4.0
    for delta in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="delta must be positive"):
            nn.huber(Value(1.0), 0.0, delta=delta)


def test_softmax_is_stable_sums_to_one_and_has_right_gradients_at_ties():
    for scores in ([1000.0, 1001.0, -1000.0], [0.0, 0.0, 0.0], [-1e6, -1e6 + 1, -1e6]):
        values = [Value(x) for x in scores]
        probabilities = nn.softmax(values)
        assert sum(p.data for p in probabilities) == pytest.approx(1.0, rel=1e-14)
        # closed form: dp_i/dx_j = p_i (delta_ij - p_j)
        p = [x.data for x in probabilities]
        expected = [[p[i] * ((i == j) - p[j]) for j in range(3)] for i in range(3)]
        for found, row in zip(jacobian(probabilities, values), expected, strict=True):
            assert found == pytest.approx(row, abs=1e-15)
    with pytest.raises(ValueError, match="at least one score"):
        nn.softmax([])


def test_cross_entropy_takes_one_sample_or_several():
    scores = [Value(2.0), Value(0.0)]
    one = nn.cross_entropy(scores, 0)
    assert one.data == pytest.approx(math.log(1 + math.exp(-2.0)))
    assert nn.cross_entropy([scores, scores], [0, 0]).data == pytest.approx(one.data)
    check_gradients(lambda a, b, c: nn.cross_entropy([a, b, c], 1), [0.3, -2.0, 1.0])


def test_cross_entropy_takes_probabilities_of_classes():
    scores = [Value(2.0), Value(0.0), Value(-1.0)]
    logarithms = [x.data for x in nn.log_softmax(scores)]
    shares = [0.7, 0.1, 0.2]
    one = nn.cross_entropy(scores, shares)
    assert one.data == pytest.approx(-sum(x * share for x, share in zip(logarithms, shares, strict=True)))
    assert nn.cross_entropy([scores, scores], [shares, [1.0, 0.0, 0.0]]).data == pytest.approx(
        (one.data - logarithms[0]) / 2.0
    )
    assert nn.cross_entropy(scores, [0.0, 1.0, 0.0]).data == nn.cross_entropy(scores, 1).data
    target = [Value(share) for share in shares]
    nn.cross_entropy(scores, target).backward()
    assert [t.grad for t in target] == pytest.approx([-x for x in logarithms])


@pytest.mark.parametrize(
    ("scores", "targets", "says"),
    [
        ([1.0, 2.0], [0.5, 0.2, 0.3], "each of 2 scores, not 3"),
        ([[1.0, 2.0]], [[0.5]], "each of 2 scores, not 1"),
        ([1.0, 2.0], [1.5, -0.5], "targets from 0 to 1, not 1.5"),
        ([[1.0, 2.0]], [2], "a class from 0 to 1, .*not 2"),
        ([[1.0, 2.0]], [-1], "class from 0 to 1, .*not -1"),
        ([[1.0, 2.0]], [0.0], "class from 0 to 1, .*not 0.0"),
        ([[1.0, 2.0]], [True], "class from 0 to 1, .*not True"),
        ([[1.0, 2.0]], [0, 1], "1 samples and 2 targets"),
        ([], [], "0 samples and 0 targets"),
        ([1.0, 2.0], [0, 1], "a list of scores for each sample"),
    ],
)
def test_cross_entropy_names_what_does_not_fit(scores, targets, says):
    with pytest.raises(ValueError, match=says):
        nn.cross_entropy(as_values(scores), targets)

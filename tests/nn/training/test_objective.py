"""Samples: targets in the form that outputs and loss ask for, and what is wrong with data."""

import pytest

import nn
from engine import Value
from nn.training.objective import Samples


def fitted(targets, outputs, loss, task=""):
    samples = Samples(([[float(i)] for i in range(len(targets))], targets))
    samples.task = task
    samples.fit_to(outputs, loss)
    return samples


ONE, TWO = Value(0.5), [Value(0.5), Value(0.25)]


@pytest.mark.parametrize(
    ("targets", "outputs", "loss", "task", "expected", "classes"),
    [
        ([0, 1], ONE, nn.mean_squared_error, "", [0.0, 1.0], None),
        ([0, 1], ONE, nn.mean_squared_error, "classification", [0.0, 1.0], [0, 1]),
        ([0, 1], ONE, nn.binary_cross_entropy_with_logits, "", [0.0, 1.0], [0, 1]),
        ([0.25, 1.0], ONE, nn.binary_cross_entropy, "", [0.25, 1.0], None),
        ([0.25, 1.0], ONE, nn.binary_cross_entropy, "classification", [0.25, 1.0], [0, 1]),
        ([0, 1], ONE, nn.hinge, "", [-1.0, 1.0], [0, 1]),
        ([-1, 1], ONE, nn.hinge, "", [-1.0, 1.0], [0, 1]),
        ([0, 1], TWO, nn.cross_entropy, "", [[1.0, 0.0], [0.0, 1.0]], [0, 1]),
        ([0, 1], TWO, nn.hinge, "", [[1.0, -1.0], [-1.0, 1.0]], [0, 1]),
        ([0, 1], TWO, nn.mean_squared_error, "", [[1.0, 0.0], [0.0, 1.0]], [0, 1]),
        ([[1, 0], [0.3, 0.7]], TWO, nn.cross_entropy, "classification", [[1.0, 0.0], [0.3, 0.7]], [0, 1]),
        ([[1, 2]], TWO, nn.mean_squared_error, "", [[1.0, 2.0]], None),
        ([0, 1], TWO, lambda outputs, target: outputs[target], "", [0, 1], [0, 1]),
    ],
)
def test_targets_get_the_form_that_is_asked_for(targets, outputs, loss, task, expected, classes):
    samples = fitted(targets, outputs, loss, task)
    assert samples.targets == expected
    assert samples.classes == classes


@pytest.mark.parametrize(
    ("targets", "outputs", "loss", "says"),
    [
        ([0, 2], TWO, nn.cross_entropy, "target 1 of the data: the target must be a class from 0 to 1"),
        ([10**400], ONE, nn.mean_squared_error, "target 0 of the data: .*too large for 64 bits"),
        ([0.5], TWO, nn.mean_squared_error, "target 0 of the data: outputs and targets must have the same shape"),
        (["no"], ONE, nn.mean_squared_error, "target 0 of the data: .*expected a real number, got str 'no'"),
        ([0, 3], ONE, nn.binary_cross_entropy_with_logits, "target 1 of the data: .*from 0 to 1, not 3"),
        ([5], TWO, lambda outputs, target: outputs[target], "target 0 of the data: list index out of range"),
    ],
)
def test_a_target_that_does_not_fit_is_named(targets, outputs, loss, says):
    with pytest.raises(nn.ShapeError, match=says):
        fitted(targets, outputs, loss)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (3, "the data must have inputs and targets, or be a pair of them, not int"),
        ([([1.0], 1.0)] * 3, "be a pair of them, not a list of 3"),
        (([], []), "must have at least one input, and a target for each, not 0 inputs and 0 targets"),
        (([[1.0]], [1.0, 2.0]), "1 input and 2 targets"),
        ((5, [1.0]), "the inputs of the data must be a list or an array, not int 5"),
        ((iter([[1.0]]), [1.0]), "the inputs of the data must be a list or an array, not list_iterator"),
        (([[1.0]], {1.0}), "the targets of the data must be a list or an array, not set"),
        (([[10**400]], [1.0]), "input 0 of the data: .*too large for 64 bits"),
        (([["a"]], [1.0]), "input 0 of the data must be a list of numbers, not"),
        (([1.0], [1.0]), "input 0 of the data must be a list of numbers, not 1.0"),
    ],
)
def test_what_are_no_data_are_refused(data, says):
    with pytest.raises(nn.ShapeError, match=says):
        Samples(data)


def test_numpy_s_arrays_are_welcome():
    numpy = pytest.importorskip("numpy")
    samples = Samples((numpy.array([[1.0, 2.0]]), numpy.array([[3.0, 4.0]])))
    assert (samples.inputs, samples.given) == ([[1.0, 2.0]], [[3.0, 4.0]])
    samples = Samples(([[1.0]], [numpy.array([1.0, 0.0])]))
    samples.fit_to(TWO, nn.cross_entropy)
    assert samples.targets == [[1.0, 0.0]]

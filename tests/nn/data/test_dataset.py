"""Data sets: splitting, standardising, batches, one-hot, tables, errors."""

import dataclasses
import json
import math
import statistics
from pathlib import Path

import pytest

import nn
from nn.data import Dataset

RECORDED = json.loads((Path(__file__).parents[2] / "recorded" / "training.json").read_text())


def numbered(count):
    return Dataset([[float(i), 2.0 * i] for i in range(count)], [float(i) for i in range(count)], "regression")


def test_a_data_set_is_frozen_and_iterates_over_samples():
    data = numbered(3)
    assert list(data) == [([0.0, 0.0], 0.0), ([1.0, 2.0], 1.0), ([2.0, 4.0], 2.0)]
    assert len(data) == 3
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.name = "other"


@pytest.mark.parametrize("case", RECORDED["random split"], ids=str)
def test_a_split_is_that_of_pytorch(case):
    first, second = case["parts"]
    count = len(first) + len(second)
    parts = numbered(count).split(len(first) / count, seed=case["seed"])
    assert [part.targets for part in parts] == [first, second]
    assert [part.inputs for part in parts] == [[[i, 2.0 * i] for i in part] for part in (first, second)]


def test_a_split_keeps_everything_once_and_both_parts_have_samples():
    for share in (0.0, 0.001, 0.3, 0.999, 1.0):
        train, validation = numbered(7).split(share, seed=1)
        assert sorted(train.targets + validation.targets) == list(range(7))
        assert len(train)
        assert len(validation)
    with pytest.raises(nn.ShapeError, match="must have at least two samples to be split"):
        numbered(1).split()
    with pytest.raises(nn.SettingError, match=r"share of a split must be a finite number from 0 to 1, not 1\.5"):
        numbered(2).split(1.5)
    with pytest.raises(TypeError, match="a seed must be an integer"):
        numbered(2).split(0.5, seed="1")


def test_a_generator_goes_on():
    generator = nn.Generator(0)
    splits = [numbered(20).split(0.5, generator)[0].targets for _ in range(2)]
    assert splits[0] == numbered(20).split(0.5, 0)[0].targets
    assert splits[0] != splits[1]


def test_standardised_inputs_have_mean_0_and_deviation_1():
    data = nn.data.iris().standardised()
    for column in zip(*data.inputs, strict=True):
        assert statistics.fmean(column) == pytest.approx(0.0, abs=1e-12)
        assert statistics.pstdev(column) == pytest.approx(1.0, rel=1e-12)
    assert data.scale[0] == pytest.approx((5.843333333, 0.825301291), rel=1e-8)


def test_a_feature_that_is_always_the_same_becomes_0():
    assert Dataset([[0.1, 1.0]] * 3, [0.0] * 3, "regression").standardised().inputs == [[0.0, 0.0]] * 3


@pytest.mark.parametrize("column", [
    [1e200, -1e200], [1e200, 3e200, -5e199], [1e308, -1e308, 1e308], [1.7e308, -1.7e308, -1.7e308], [1e-200, 3e-200],
    [3e-310, 1e-310],
])  # fmt: skip
def test_features_of_any_size_are_standardised(column):
    (found,) = zip(
        *Dataset([[x] for x in column], [0.0] * len(column), "regression").standardised().inputs, strict=True
    )
    assert sum(found) == pytest.approx(0.0, abs=1e-12)
    assert sum(x * x for x in found) / len(found) == pytest.approx(1.0)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_features_that_are_not_finite_are_not_standardised(number):
    data = Dataset([[1.0, 2.0], [3.0, number]], [0.0] * 2, "regression")
    with pytest.raises(nn.ShapeError, match="cannot be standardised: not all numbers of input 1 are finite"):
        data.standardised()
    assert str(data)


def test_validation_data_are_standardised_like_the_training_data_before_or_after():
    train, validation = Dataset([[1.0], [3.0]], [0.0] * 2, "regression"), Dataset([[5.0]], [0.0], "regression")
    done = train.standardised()
    for like in (train, done):
        assert validation.standardised(like=like).inputs == [[3.0]]
    assert done.standardised() is done
    assert done.standardised(like=train) is done


def test_what_cannot_be_standardised_alike_is_refused():
    train = Dataset([[1.0], [3.0]], [0.0] * 2, "regression")
    with pytest.raises(nn.ShapeError, match="must have as many features, not 2"):
        numbered(2).standardised(like=train)
    with pytest.raises(nn.ShapeError, match="is already standardised, but not like"):
        Dataset([[7.0], [8.0]], [0.0] * 2, "regression").standardised().standardised(like=train)


def test_batches_come_in_order_or_shuffled():
    data = numbered(7)
    assert [targets for _, targets in data.batches(3)] == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0]]
    shuffled = list(data.batches(3, seed=5))
    assert [y for _, targets in shuffled for y in targets] == nn.Generator(5).shuffled(7)
    assert [x for inputs, _ in shuffled for x, _ in inputs] == nn.Generator(5).shuffled(7)
    assert len(list(data.batches(100))) == 1
    generator = nn.Generator(5)
    assert list(data.batches(3, generator)) == shuffled
    assert list(data.batches(3, generator)) != shuffled
    with pytest.raises(nn.SettingError, match="the size of a batch must be a whole number of at least 1, not 0"):
        data.batches(0)


def test_one_hot():
    named = Dataset([[0.0]] * 3, [2, 0, 1], "classification", classes=("a", "b", "c", "d"))
    hot = named.one_hot()
    assert hot.targets == [[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]
    assert hot.classes == named.classes
    assert Dataset([[0.0]] * 2, [2, 0], "classification").one_hot().targets == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    for data in (numbered(2), hot):
        with pytest.raises(nn.ShapeError, match="one_hot needs targets that are numbers of classes"):
            data.one_hot()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (
            lambda: Dataset([[1.0]], [0.0], "guessing"),
            "'regression' or 'classification', not 'guessing'",
        ),
        (lambda: Dataset([[1.0]], [0.0, 1.0], "regression"), "not 1 inputs and 2 targets"),
        (lambda: Dataset([], [], "regression"), "not 0 inputs and 0 targets"),
        (lambda: Dataset([[1.0], [1.0, 2.0]], [0.0, 1.0], "regression"), "1 numbers like input 0; input 1 has 2"),
        (
            lambda: Dataset([[1.0]], [0.0], "regression", features=("a", "b")),
            "need as many features, not 2",
        ),
        (lambda: Dataset([[1.0]], [0.5], "classification"), r"classes, whole numbers from 0, not 0\.5 .target 0"),
        (lambda: Dataset([[1.0]], [-1], "classification"), "not -1 .target 0"),
        (lambda: Dataset([[1.0]], [2], "classification", ("a", "b")), "classes, 0 to 1, not 2 .target 0"),
        (lambda: Dataset([[1.0]], [[1.0]], "classification", ("a", "b")), r"not \[1\.0\] .target 0"),
    ],
)
def test_what_does_not_fit_is_named(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_data_sets_print_themselves():
    assert repr(numbered(1)) == "Dataset(1 sample, 2 inputs, regression)"
    assert repr(nn.data.xor().standardised()) == (
        "Dataset(xor: 4 samples, 2 inputs, classification into same and different, standardised)"
    )


def test_tables():
    assert Dataset([[1.0], [2.5]], [3.0, 4.0], "regression", source="here").table() == (
        "Dataset(2 samples, 1 input, regression)\n"
        "input  mean  deviation  min  max\n"
        "x0     1.75       0.75    1  2.5\n"
        "target  mean  deviation  min  max\n"
        "y        3.5        0.5    3    4\n"
        "source: here"
    )
    assert Dataset([[1.0]], [[3.0, 4.0]], "regression").table().splitlines()[1:] == [
        "input  mean  deviation  min  max",
        "x0        1          0    1    1",
    ]
    counts = ["class  samples", "0            1", "2            2"]
    data = Dataset([[0.0]] * 3, [2, 0, 2], "classification")
    assert data.table().splitlines()[-3:] == data.one_hot().table().splitlines()[-3:] == counts


def test_a_long_table_is_cut_short():
    lines = Dataset([[0.0] * 20], [0.0], "regression").table().splitlines()
    assert lines[13].startswith("x11 ")
    assert lines[14] == "... and 8 more"

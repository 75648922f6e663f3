"""Data frames of pandas and polars, by stand-ins with the methods that are used, which both libraries have."""

import math
from datetime import date, datetime

import pytest

import nn
from nn.frames import is_frame, plain


class Series:
    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def to_list(self):
        return list(self.items)


class ArraySeries(Series):
    def tolist(self):
        return list(self.items)


class Polars:
    """Indexed by rows and columns."""

    series: type = Series

    def __init__(self, columns):
        self.held, self.columns = columns, list(columns)

    @property
    def shape(self):
        return len(next(iter(self.held.values()), [])), len(self.held)

    def __len__(self):
        return self.shape[0]

    def to_numpy(self):
        raise AssertionError("this would lose the kinds of the columns")

    def __getitem__(self, place):
        rows, column = place
        assert rows == slice(None)
        return self.series(self.held[self.columns[column]])


class Pandas(Polars):
    """Indexed by names, and by places through ``iloc``."""

    series = ArraySeries

    def __getitem__(self, name):
        return self.series(self.held[name])

    @property
    def iloc(self):
        return _Places(self)


class _Places:
    def __init__(self, frame):
        self.frame = frame

    def __getitem__(self, place):
        return Polars.__getitem__(self.frame, place)


class NotThere:
    """A stand-in for ``pandas.NA``, which cannot be compared."""

    def __str__(self):
        return "<NA>"

    def __bool__(self):
        raise TypeError


both = pytest.mark.parametrize("kind", [Pandas, Polars])
NUMBERS = {"height": [1.5, 2.5, 3.5, 0.1 + 0.2], "width": [1, 2, 3, 2**70]}


@both
def test_a_frame_is_read_like_a_file(kind):
    data = nn.data.csv(kind({
        **NUMBERS, "when": [date(1970, 1, 2), datetime(1970, 1, 3, 12), None, date(1970, 1, 4)],
        "kind": ["moss", None, "fern", "moss"], 7: [1.0, math.nan, NotThere(), 4.0], "yes": [True, False, True, True],
    }), "height", missing="mean")  # fmt: skip
    assert data.features == ("width", "when", "kind=fern", "kind=moss", "7", "yes=False", "yes=True")
    assert data.inputs == [
        [1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0],
        [2.0, 2.5, 0.0, 0.0, 2.5, 1.0, 0.0],
        [3.0, 6.5 / 3.0, 1.0, 0.0, 2.5, 0.0, 1.0],
        [float(2**70), 3.0, 0.0, 1.0, 4.0, 0.0, 1.0],
    ]
    assert data.targets == NUMBERS["height"]
    assert "1 of 'when', 1 of 'kind' and 2 of '7'" in data.notes[-1]
    assert (data.name, data.source) == ("", "")


@both
def test_rows_of_a_frame_are_named_in_errors(kind):
    with pytest.raises(nn.DataError, match="the data frame, row 1: 'a' is missing"):
        nn.data.csv(kind({"a": [1.0, None], "y": [1, 2]}))
    for empty in ({}, {"a": [1]}, {"a": [], "y": []}):
        with pytest.raises(nn.DataError, match="at least two columns and one row, not the shape"):
            nn.data.csv(kind(empty))


@both
def test_frames_and_series_are_inputs_and_targets_everywhere(kind):
    frame, series = kind({name: column[:3] for name, column in NUMBERS.items()}), kind.series([2, 4, 6])
    rows = [[1.5, 1], [2.5, 2], [3.5, 3]]
    data = nn.data.Dataset(frame, series, "regression")
    assert (data.inputs, data.targets, data.features) == (rows, [2, 4, 6], ("height", "width"))
    assert nn.data.Dataset(frame, series, "regression", features=("a", "b")).features == ("a", "b")
    model = nn.Neuron(2, weights=[1.0, 0.5], bias=0.0)
    assert nn.predict(model, frame) == nn.predict(model, rows) == [2.0, 3.5, 5.0]
    losses = [nn.fit(nn.Neuron(2, weights=[1.0, 0.5], bias=0.0), each, epochs=3, seed=0).losses
              for each in ((frame, series), (rows, [2, 4, 6]))]  # fmt: skip
    assert losses[0] == losses[1]
    two = nn.fit(nn.Layer(2, 2), (frame, frame), epochs=1)
    assert len(two.losses) == 1
    with pytest.raises(nn.ShapeError, match=r"or be a pair of them, not .*; nn.data.csv\(frame, target\) makes them"):
        nn.fit(model, frame)


def test_what_is_not_a_frame():
    assert not any(map(is_frame, [Polars, [1], "a", {"columns": 1}, None]))
    assert plain([1]) == [1]
    assert plain("a") == "a"

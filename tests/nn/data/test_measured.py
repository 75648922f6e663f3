"""The measured data, against what is published about them."""

import statistics
from collections import Counter
from pathlib import Path

import pytest

import nn
from nn.data import digits, iris


def test_iris_is_as_fisher_published_it():
    data = iris()
    columns = list(zip(*data.inputs, strict=True))
    assert data.features == ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
    assert [(min(c), max(c)) for c in columns] == [(4.3, 7.9), (2.0, 4.4), (1.0, 6.9), (0.1, 2.5)]
    assert [statistics.fmean(c) for c in columns] == pytest.approx([5.843333, 3.057333, 3.758, 1.199333], rel=1e-6)
    assert data.targets == [0] * 50 + [1] * 50 + [2] * 50
    # the two samples that the copy of the UCI repository has wrong
    assert data.inputs[34] == [4.9, 3.1, 1.5, 0.2]
    assert data.inputs[37] == [4.9, 3.6, 1.4, 0.1]


def test_digits_are_those_of_the_uci_repository():
    data = digits()
    assert [Counter(data.targets)[i] for i in range(10)] == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert {len(image) for image in data.inputs} == {64}
    assert {pixel for image in data.inputs for pixel in image} == set(map(float, range(17)))
    # sums over the numbers as scikit-learn 1.9.1 has them, each digit as the 65th number of its row
    rows = [[*image, digit] for image, digit in data]
    assert sum(map(sum, data.inputs)) == 561718
    assert sum((i + 1) * (j + 1) * x for i, row in enumerate(rows) for j, x in enumerate(row)) == 16809934574


def test_an_image_can_be_seen():
    picture = ["".join(" #"[pixel > 7] for pixel in digits().inputs[0][i * 8 : i * 8 + 8]) for i in range(8)]
    assert picture == [
        "   ##   ",
        "  ####  ",
        "  #  ## ",
        "  #  ## ",
        "  #  ## ",
        "  #  #  ",
        "  # ##  ",
        "   ##   ",
    ]


def test_the_sources_and_licences_stand_beside_the_data():
    notes = (Path(nn.data.__file__).parent / "SOURCES.md").read_text()
    assert all(text in notes for text in ("iris.csv", "Fisher", "digits.txt", "Alpaydin", "Kaynak", "CC BY 4.0"))
    assert "public domain" in iris().source
    assert "CC BY 4.0" in digits().source

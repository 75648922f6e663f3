"""Measured data sets; their origins are in SOURCES.md."""

from dataclasses import replace
from pathlib import Path

from .dataset import Dataset
from .tables import csv

HERE = Path(__file__).parent


def iris() -> Dataset:
    """Return 150 irises of three species, each with four lengths in cm.

    >>> iris()
    Dataset(iris: 150 samples, 4 inputs, classification into setosa, versicolor and virginica)
    """
    source = "R. A. Fisher, The use of multiple measurements in taxonomic problems (1936); public domain"
    return replace(csv(HERE / "iris.csv", "species"), name="iris", source=source)


def digits() -> Dataset:
    """Return 1797 images of handwritten digits: 8 x 8 pixels from 0 (white) to 16 (black), row after row.

    >>> data = digits()
    >>> len(data), data.targets[:5], data.inputs[0][:8]
    (1797, [0, 1, 2, 3, 4], [0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0])
    """
    lines = (HERE / "digits.txt").read_text(encoding="ascii").splitlines()
    return Dataset(
        inputs=[[float(int(digit, 17)) for digit in line[2:]] for line in lines],
        targets=[int(line[0]) for line in lines],
        task="classification",
        classes=tuple("0123456789"),
        features=tuple(f"row {i} column {j}" for i in range(8) for j in range(8)),
        name="digits",
        source="E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI (1998); CC BY 4.0",
    )

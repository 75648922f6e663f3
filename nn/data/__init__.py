"""Data sets to learn from: made ones, two real ones, and those of CSV files.

>>> from nn import data
>>> data.moons(200, noise=0.1, seed=0)
Dataset(moons: 200 samples, 2 inputs, classification into upper, lower)
"""

from .dataset import Dataset
from .made import blobs, circles, linear, moons, sine, spirals, xor
from .real import digits, iris
from .tables import csv

__all__ = ["Dataset", "blobs", "circles", "csv", "digits", "iris", "linear", "moons", "sine", "spirals", "xor"]

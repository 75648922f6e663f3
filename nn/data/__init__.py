"""Data sets to learn from: synthetic ones, two measured ones, and those in CSV files.

>>> from nn import data
>>> data.moons(200, noise=0.1, seed=0)
Dataset(moons: 200 samples, 2 inputs, classification into upper and lower)
"""

from typing import TYPE_CHECKING

from engine.support.public import import_on_first_use, public_names

if TYPE_CHECKING:  # the list of public names; see `engine.support.public`
    from .dataset import Dataset as Dataset
    from .measured import digits as digits
    from .measured import iris as iris
    from .synthetic import blobs as blobs
    from .synthetic import circles as circles
    from .synthetic import linear as linear
    from .synthetic import moons as moons
    from .synthetic import sine as sine
    from .synthetic import spirals as spirals
    from .synthetic import xor as xor
    from .tables import csv as csv

__all__ = list(public_names(__file__))
__getattr__, __dir__ = import_on_first_use(__name__, public_names(__file__))

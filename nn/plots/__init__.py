"""Plots of data, models and trainings, by matplotlib: ``pip install 'stepgrad[plots]'``.

Each function returns a figure: ``figure.savefig("loss.png")`` writes it, a notebook shows it, and so does
``matplotlib.pyplot.show()``.
"""

from .curves import curve, losses
from .landscape import Track, surface
from .layers import Watch, layers
from .plane import Film, boundary

__all__ = ["Film", "Track", "Watch", "boundary", "curve", "layers", "losses", "surface"]

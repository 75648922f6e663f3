"""Plots of data, models and trainings with matplotlib: ``pip install 'stepgrad[plots]'``.

Each function returns a figure: ``figure.savefig("loss.png")`` saves it; a notebook or ``matplotlib.pyplot.show()``
displays it. If matplotlib is not installed, each raises `StepgradError`.
"""

from typing import TYPE_CHECKING

from engine.support.public import import_on_first_use, public_names

if TYPE_CHECKING:  # the list of public names; see `engine.support.public`
    from .activity import Watch as Watch
    from .activity import layers as layers
    from .curves import curve as curve
    from .curves import losses as losses
    from .film import Film as Film
    from .landscape import Track as Track
    from .landscape import surface as surface
    from .plane import boundary as boundary

__all__ = list(public_names(__file__))
__getattr__, __dir__ = import_on_first_use(__name__, public_names(__file__))

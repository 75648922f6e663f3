"""The canvas: figures and colours in the style of all plots."""

from collections.abc import Sequence
from typing import Any

from engine import StepgradError
from engine.support.text import printable

INK, FAINT = "#333333", "#c9ccd1"
# Distinguishable with any colour vision: M. Okabe and K. Ito, https://jfly.uni-koeln.de/color/
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d31", "#7f7f7f", "#b2df8a", "#6a3d9a")


def pyplot() -> Any:
    """Return `matplotlib.pyplot`; raise `StepgradError` if matplotlib is not installed."""
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise StepgradError("plots need matplotlib: pip install 'stepgrad[plots]', or pip install matplotlib") from None
    return plt


def canvas(
    rows: int = 1, width: float = 6.4, height: float = 4.0, shared: bool = False, first: float = 1.0
) -> tuple[Any, list[Any]]:
    """Return a new figure, with its size in inches, and its axes, one above the other.

    They may share the horizontal axis; ``first`` is the height of the first axes, relative to the others.
    """
    ratios = [first, *[1.0] * (rows - 1)]
    figure, axes = pyplot().subplots(rows, figsize=(width, height), layout="constrained", sharex=shared,
                                     squeeze=False, height_ratios=ratios)  # fmt: skip
    for each in axes.flat:
        each.spines[["top", "right"]].set_visible(False)
        each.spines[["left", "bottom"]].set_color(FAINT)
        each.tick_params(color=FAINT, labelcolor=INK)
        each.grid(axis="y", color=FAINT, linewidth=0.5, alpha=0.6)
        each.set_axisbelow(True)
    return figure, list(axes.flat)


def colour(number: int) -> str:
    """Return the colour of a class or curve, by its number."""
    return COLOURS[number % len(COLOURS)]


def as_label(text: str) -> str:
    r"""Return a text that matplotlib shows as it is: not as a formula, nor hidden as what begins with an underscore.

    >>> print(as_label("$x$"), as_label("_a"), sep="|")
    \$x\$| _a
    """
    shown = printable(text).replace("$", r"\$")
    return f" {shown}" if shown.startswith("_") else shown


def widened(numbers: Sequence[float], margin: float) -> tuple[float, float]:
    """Return the range of some numbers with a margin on each side, relative to their extent."""
    low, high = min(numbers), max(numbers)
    added = margin * (high - low or 1.0)
    return low - added, high + added

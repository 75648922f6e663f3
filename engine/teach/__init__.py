"""Teaching with the engine: a quiz, sheets for printing, a lab for broken rules, and what gradients cost."""

from .asking import Score, ask, items, new_seed, quiz
from .costs import Costs, costs
from .lab import Failure, listed, smallest_failure, told
from .rules import RULES
from .sheets import sheets

__all__ = [
    "RULES",
    "Costs",
    "Failure",
    "Score",
    "ask",
    "costs",
    "items",
    "listed",
    "new_seed",
    "quiz",
    "sheets",
    "smallest_failure",
    "told",
]

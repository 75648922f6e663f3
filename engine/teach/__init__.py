"""Teaching with the engine: a quiz, sheets for printing, a lab for broken rules, and what gradients cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..support.public import import_on_first_use, public_names

if TYPE_CHECKING:  # the list of public names; see `engine.support.public`
    from .cost import Costs as Costs
    from .cost import costs as costs
    from .lab import Failure as Failure
    from .lab import listed as listed
    from .lab import smallest_failure as smallest_failure
    from .lab import told as told
    from .quiz import Score as Score
    from .quiz import ask as ask
    from .quiz import items as items
    from .quiz import new_seed as new_seed
    from .quiz import take_quiz as take_quiz
    from .rules import RULES as RULES
    from .sheet import sheets as sheets

__all__ = list(public_names(__file__))
__getattr__, __dir__ = import_on_first_use(__name__, public_names(__file__))

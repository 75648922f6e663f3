"""Teaching with the engine: a quiz, sheets for printing, a lab for broken rules, and what gradients cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..support.public import import_on_first_use, public_names

if TYPE_CHECKING:  # the list of public names; see `engine.support.public`
    from .cost import Costs as Costs
    from .cost import count_costs as count_costs
    from .lab import Failure as Failure
    from .lab import describe_failure as describe_failure
    from .lab import find_smallest_failure as find_smallest_failure
    from .lab import list_rules as list_rules
    from .quiz import Score as Score
    from .quiz import ask_items as ask_items
    from .quiz import draw_seed as draw_seed
    from .quiz import make_items as make_items
    from .quiz import take_quiz as take_quiz
    from .quiz_page import quiz_widget as quiz_widget
    from .quiz_page import write_quiz as write_quiz
    from .rules import RULES as RULES
    from .sheet import write_sheets as write_sheets

__all__ = list(public_names(__file__))
if not TYPE_CHECKING:  # so that type checkers refuse a name that is not in the list
    __getattr__, __dir__ = import_on_first_use(__name__, public_names(__file__))

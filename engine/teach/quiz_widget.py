"""The quiz as a widget in a notebook, which tells Python the score and the answers."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..page.frame import PageFrame
from .quiz import Score


class Answer(NamedTuple):
    """An answer that was given."""

    question: int  # counted from 1
    text: str
    is_right: bool


class QuizWidget(PageFrame):
    """A quiz in a notebook.

    Attributes:
        score: how many questions were answered, and how many of them right.
        answers: all answers, in the order in which they were given.
    """

    def __init__(self, page: str, height: int) -> None:
        self.score, self.answers = Score(), list[Answer]()
        super().__init__(page=page, height=height, title="Quiz")

    def _hear(self, told: Mapping[str, Any]) -> None:
        """Take what the page tells, as data that might be anything."""
        score, answers = told.get("score"), told.get("answers")
        if not isinstance(score, dict) or not isinstance(answers, list):
            return
        self.score = Score(*(_whole(score.get(name)) for name in ("right", "asked", "second")))
        known = (each for each in answers if isinstance(each, dict))
        self.answers = [
            Answer(_whole(each.get("question")), str(each.get("answer")), each.get("isRight") is True) for each in known
        ]


def _whole(number: Any) -> int:
    return number if isinstance(number, int) else 0

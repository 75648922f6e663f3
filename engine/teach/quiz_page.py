"""The quiz as a page: questions, hints, diagnoses and solutions in one HTML file that works offline."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..page.alone import asset, colours, standing_alone
from ..page.page import SUFFIXES
from ..support.files import FilePath, write_whole, wrong_suffix
from .item import ChoiceItem, Item, LetteredItem, NumberItem
from .quiz import make_items

if TYPE_CHECKING:
    from .quiz_widget import QuizWidget

QUIZZES = 10  # on a page, with seeds that follow one another
HINTS = {
    "value": "Compute the lines one after the other, from the top.",
    "local": "Look at that one line alone: how fast does its result change with this operand, the others fixed?",
    "path": "Multiply the local gradients along the path, from the result to the input.",
    "gradient": "Multiply the local gradients along each path from the result to the input, and add the paths.",
    "step": "A node passes its gradient on when every node that is computed from it has done so.",
    "update": "The new number is the old one minus the learning rate times the gradient.",
    "find": "Compute each gradient from those of the nodes above it.",
}


def write_quiz(
    path: FilePath, level: int | None = None, topics: Sequence[str] = (), seed: int = 0, count: int = 10
) -> Path:
    """Write quizzes as a page, a single HTML file, and return its path.

    The page asks one question at a time, names the mistake behind a wrong answer as the terminal does, and keeps the
    score. It has ten quizzes; ``#seed=`` in its address chooses one, so that two readers can get the same questions.

    Args:
        path: the file, ending in .html or .htm; it is written whole or not at all.
        level, topics, count: see `make_items`, which checks them.
        seed: that of the first quiz.

    Raises:
        UsageError: the suffix is another one, or as in `make_items`.
        OSError: the file cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_quiz(folder + "/quiz.html", level=1, count=2).name
    'quiz.html'
    """
    check_quiz(path)
    quizzes = [make_items(level, topics, seed + number, count) for number in range(QUIZZES)]
    write_whole(Path(path), quiz_page(quizzes, seed).encode())
    return Path(path)


def check_quiz(path: FilePath) -> None:
    """Raise `UsageError` if a page cannot have this name."""
    if wrong := wrong_suffix(path, SUFFIXES, "a page"):
        raise UsageError(wrong)


def quiz_widget(
    level: int | None = None, topics: Sequence[str] = (), seed: int = 0, count: int = 10, height: int = 520
) -> "QuizWidget":
    """Show a quiz in a notebook, as a widget that tells Python the score; see `write_quiz`.

    It needs the package anywidget: ``pip install 'stepgrad[widget]'``.

    Args:
        level, topics, seed, count: see `make_items`, which checks them.
        height: in pixels.

    Raises:
        UsageError: as in `make_items`.
        StepgradError: anywidget is missing.

    >>> print(quiz_widget(level=1, count=3).score)
    score: 0 of 0 right
    """
    from .quiz_widget import QuizWidget

    return QuizWidget(quiz_page([make_items(level, topics, seed, count)], seed, is_widget=True), height)


def quiz_page(quizzes: Sequence[Sequence[Item]], seed: int = 0, is_widget: bool = False) -> str:
    """Return the page of some quizzes; `seed` is that of the first one, and a widget hears of the score."""
    data = {"first": seed, "quizzes": [list(map(_item, items)) for items in quizzes], "isWidget": is_widget}
    script = "\n".join(["(() => {", asset("judge.js"), asset("quiz.js"), "})();"])
    return standing_alone("quiz.html", "Quiz", f"{colours()}\n{asset('quiz.css')}", script, data)


def _item(item: Item) -> dict[str, Any]:
    """Return an item as the page's data."""
    shared = {
        "topic": item.topic, "level": item.level, "given": item.given, "question": item.question,
        "answer": item.answer, "solution": item.solution, "hint": item.hint or HINTS.get(item.topic, ""),
    }  # fmt: skip
    if isinstance(item, NumberItem):
        mistakes: dict[float, str] = {}
        for each in item.mistakes:
            if isfinite(each.number):
                mistakes.setdefault(each.number, each.sentence)
        return {**shared, "number": item.number, "mistakes": list(mistakes.items()), "known": item.known}
    if isinstance(item, ChoiceItem):
        lettered = item.lettered if isinstance(item, LetteredItem) else ()
        options = [*zip(ascii_lowercase, lettered, strict=False)] or [
            (x, x) for x in sorted({*item.right, *item.wrong})
        ]
        return {**shared, "right": item.right, "wrong": item.wrong, "options": options}
    raise UsageError(f"a page cannot ask a question of the kind {type(item).__name__}")

"""Items of a quiz: what is asked, what is right, and what a wrong answer shows."""

from __future__ import annotations

import ast
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import Any, NamedTuple

from ..notation.expression import ExpressionError, Reader
from ..ops import as_float
from ..support.escape import printable
from ..support.text import near_misses
from ..words.mistakes import WrongNumber

DIGITS = 4  # a number with more decimals than these may be rounded in an answer
ROUNDED = 2e-3  # so far a rounded answer may be off, relatively: three significant digits
SAME = 1e-9


class Verdict(NamedTuple):
    """Whether an answer is right, and what to say if it is not.

    Attributes:
        is_right: whether it is right.
        sentence: what is wrong with it; empty where that is not known.
        code: the code of the mistake behind it, as in `engine.words.mistakes`; empty where that is not known.
    """

    is_right: bool
    sentence: str = ""
    code: str = ""


@dataclass(frozen=True)
class Item(ABC):
    """Hold one item.

    Attributes:
        topic: its topic.
        level: its level; 0 where it has none.
        given: what is given, line by line, as text.
        latex: the same as formulas, where they are formulas.
        question: what is asked.
        solution: the way to the answer, line by line.
    """

    topic: str
    level: int
    given: tuple[str, ...]
    latex: tuple[str, ...]
    question: str
    solution: tuple[str, ...]

    @property
    @abstractmethod
    def answer(self) -> str:
        """The right answer as text."""

    @property
    def options(self) -> tuple[str, ...]:
        """The answers to choose from, line by line, where there are such."""
        return ()

    @abstractmethod
    def judge(self, text: str) -> Verdict:
        """Judge an answer.

        Raises:
            StepgradError: it is no answer to this question at all.
        """


class _Answer(Reader):
    """Read a number that somebody typed, in which the names of the problem may stand."""

    def __init__(self, text: str, known: Mapping[str, float]) -> None:
        super().__init__(text)
        self.known = known

    def named(self, node: ast.Name) -> Any:
        if node.id in self.known:
            return self.known[node.id]
        return super().named(node)


def read(text: str, known: Mapping[str, float]) -> float:
    """Return the number that somebody typed: a decimal, a fraction or an expression.

    Raises:
        ExpressionError: it is none.
        DomainError: an operation has no value there.

    >>> read("-3/4", {}), read("2*a + 1", {"a": 3.0})
    (-0.75, 7.0)
    """
    return as_float(_Answer(text, known).expression(), "answer")


def is_near(number: float, answer: float) -> bool:
    """Tell whether a number is the answer: exactly, or in three digits where the answer has many decimals.

    >>> is_near(0.333, 1 / 3), is_near(0.33, 1 / 3), is_near(0.2501, 0.25)
    (True, False, False)
    """
    if math.isclose(round(answer, DIGITS), answer, rel_tol=SAME, abs_tol=SAME):
        return math.isclose(number, answer, rel_tol=SAME, abs_tol=SAME)
    return math.isclose(number, answer, rel_tol=ROUNDED)


def shown(number: float) -> str:
    """Return a number as an answer shows it.

    >>> shown(-0.0), shown(2 / 3)
    ('0', '0.666667')
    """
    return f"{number + 0.0:.6g}"


@dataclass(frozen=True)
class NumberItem(Item):
    """Ask for a number.

    Attributes:
        number: the right one.
        mistakes: wrong ones that classic mistakes give; of equal ones the first counts.
        known: the names that an answer may use, and their numbers.
    """

    number: float
    mistakes: tuple[WrongNumber, ...]
    known: Mapping[str, float] = field(repr=False)

    @property
    def answer(self) -> str:
        """The right number."""
        return shown(self.number)

    def judge(self, text: str) -> Verdict:
        """Judge a number; a wrong one may show which mistake leads to it."""
        number = read(text, self.known)
        if is_near(number, self.number):
            return Verdict(True)
        for mistake in self.mistakes:
            if is_near(number, mistake.number) and not is_near(mistake.number, self.number):
                return Verdict(False, mistake.sentence, mistake.code)
        return Verdict(False)


@dataclass(frozen=True)
class ChoiceItem(Item):
    """Ask for one of several words.

    Attributes:
        right: the right words; any of them will do.
        wrong: the wrong ones, and what is wrong with each.
    """

    right: tuple[str, ...]
    wrong: Mapping[str, str]

    @property
    def answer(self) -> str:
        """The right words."""
        return " or ".join(self.right)

    def judge(self, text: str) -> Verdict:
        """Judge a word; spaces do not count."""
        known = {_squeezed(word): word for word in (*self.right, *self.wrong)}
        word = known.get(_squeezed(text))
        if word is None:
            raise ExpressionError(
                f"'{printable(text.strip()):.60}' is none of the possible answers"
                f"{near_misses(text, known.values()) or ', such as ' + ' or '.join(sorted(known.values())[:3])}"
            )
        return Verdict(word in self.right, self.wrong.get(word, ""))


def _squeezed(text: str) -> str:
    return "".join(text.split())


@dataclass(frozen=True)
class LetteredItem(ChoiceItem):
    """Ask for the letter of an answer that is written out.

    Attributes:
        lettered: the answers, in the order of their letters.
    """

    lettered: tuple[str, ...]

    @property
    def options(self) -> tuple[str, ...]:
        """The answers with their letters."""
        return tuple(f"{letter}) {text}" for letter, text in zip(ascii_lowercase, self.lettered, strict=False))

    def judge(self, text: str) -> Verdict:
        """Judge a letter, also a capital or one with a bracket."""
        return super().judge(text.strip().rstrip(").").lower())

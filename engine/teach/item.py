"""Items: a question, its answer, and what each wrong answer shows."""

import ast
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from string import ascii_lowercase
from typing import Any, NamedTuple

from ..errors import StepgradError, UsageError
from ..notation.expression import CONSTANTS, SYNTAX_ERROR, ExpressionError, Reader
from ..notation.spelling import notes_on
from ..operation import as_float
from ..support.text import did_you_mean, format_number, is_close, listed, printable
from ..value import Value
from ..words.mistakes import WrongNumber

DIGITS = 4  # a number with more decimals than these may be rounded in an answer
ROUNDING = 2e-3  # the relative error of a rounded answer: three significant digits
DECIMAL_COMMA = re.compile(r"^(\s*[-+−]?\d+),(\d+)\s*$")
THOUSANDS = re.compile(r"[-+−]?[1-9]\d{0,2},\d{3}")
HOW = "write a number, a fraction or an expression, such as -3/4 or 2*b"
DERIVATIVE = r"[d∂]\w+\s*/\s*[d∂]\w+"
BEFORE = re.compile(rf"\s*({DERIVATIVE}|[^\W\d][\w.]*)?\s*[=≈~](?!=)")  # such as dL/da = in front of an answer
BEHIND = re.compile(r"(?<=[\w)|])\s*[.,;…]+\s*$")
SAME = 1e-9


class Verdict(NamedTuple):
    """Whether an answer is right, and if not, what is wrong and the code of its mistake; both empty where not known."""

    is_right: bool
    sentence: str = ""
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class Item(ABC):
    """A question, its answer, and what to say to an answer."""

    question: str
    topic: str = ""
    level: int = 0  # 0 for a question without one
    given: tuple[str, ...] = ()  # what is given, line by line, as text
    latex: tuple[str, ...] = ()  # the same as formulas, as far as it can be written so
    solution: tuple[str, ...]  # the way to the answer, line by line
    hint: str = ""  # what to try after a wrong answer that no classic mistake explains
    root: Value | None = field(default=None, repr=False)  # the graph that it asks about, to draw and to walk

    @property
    @abstractmethod
    def answer(self) -> str:
        """The right answer as text."""

    @property
    def options(self) -> tuple[str, ...]:
        """The answers to choose from, line by line; empty where the answer is free."""
        return ()

    @abstractmethod
    def judge(self, answer: object) -> Verdict:
        """Judge an answer.

        Args:
            answer: a text that was typed, or what such a text stands for.

        Raises:
            StepgradError: it is not an answer to this question at all.
        """

    def notes(self, answer: object) -> list[str]:
        """Return how an answer was read, in sentences, where that may surprise."""
        return []

    def respond(self, answer: object) -> str:
        """Return what to say to an answer: whether it is right, and if not, what is wrong or what to try."""
        try:
            verdict = self.judge(answer)
        except StepgradError as error:
            return str(error)
        if verdict.is_right:
            return f"Right: {self._fact()}."
        return " ".join(["Not yet.", *self.notes(answer), verdict.sentence or self.hint]).rstrip()

    def _fact(self) -> str:
        return self.answer


class _Answer(Reader):
    """A reader of numbers in which names of the problem may occur."""

    def __init__(self, text: str, known: Mapping[str, float]) -> None:
        bare = _bare(text)
        if re.fullmatch(rf"{DERIVATIVE}|\w+\.grad", bare):
            raise ExpressionError(f"{printable(bare):.40} is what the question may ask for; answer with its number")
        if bare.endswith("%"):
            raise ExpressionError(f"write {printable(bare):.40} without %: 50% is 0.5 or 50/100")
        if THOUSANDS.fullmatch(bare):
            ways = f"{bare.replace(',', '')} or as {bare.replace(',', '.')}"
            raise ExpressionError(f"{bare} can be read as {ways}; write the one that is meant")
        try:
            super().__init__(DECIMAL_COMMA.sub(r"\1.\2", bare), known)
        except ExpressionError as error:
            raise ExpressionError(str(error).replace(f"{SYNTAX_ERROR}\n", f"{SYNTAX_ERROR}; {HOW}\n")) from None
        self.known = known

    def named(self, node: ast.Name) -> Any:
        if node.id in self.known:
            return self.known[node.id]
        if node.id not in CONSTANTS and self.known:
            raise self.wrong(node, f"{node.id} has no number here; the names are {listed(sorted(self.known), 12)}")
        return super().named(node)


def _bare(text: str) -> str:
    """Return an answer without what may stand in front of a number, such as ``dL/da =``, and behind it."""
    return BEHIND.sub("", BEFORE.sub("", text, count=1) if BEFORE.match(text) else text).strip()


def notes_on_answer(text: str) -> list[str]:
    """Return how the spelling of an answer was read, in sentences, where it is not as in Python.

    >>> notes_on_answer("0,0816")
    ['0,0816 is read as 0.0816, a decimal.']
    """
    bare = _bare(text)
    comma = DECIMAL_COMMA.fullmatch(bare)
    notes = [f"{bare} is read as {comma[1].strip()}.{comma[2]}, a decimal"] if comma else notes_on(bare)
    return [note if note.endswith(".") else f"{note}." for note in notes]


def read_number(text: str, known: Mapping[str, float]) -> float:
    """Read a number that was typed: a decimal, a fraction, or an expression with names that have known numbers.

    Raises:
        ExpressionError: it is not a number.
        DomainError: an operation has no value there.

    >>> read_number("-3/4", {}), read_number("2*a + 1", {"a": 3.0})
    (-0.75, 7.0)
    """
    return as_float(_Answer(text, known).expression(), "answer")


def is_near(number: float, answer: float) -> bool:
    """Return whether a number is the answer: exactly, or in three digits if the answer has many decimals.

    >>> is_near(0.333, 1 / 3), is_near(0.33, 1 / 3), is_near(0.2501, 0.25)
    (True, False, False)
    """
    if is_close(round(answer, DIGITS), answer, rtol=SAME, atol=SAME):
        return is_close(number, answer, rtol=SAME, atol=SAME)
    return is_close(number, answer, rtol=ROUNDING)


def format_answer(number: float) -> str:
    """Write a number as an answer; zero has no sign.

    >>> format_answer(-0.0), format_answer(2 / 3)
    ('0', '0.666667')
    """
    return format_number(number + 0.0)


@dataclass(frozen=True, kw_only=True)
class NumberItem(Item):
    """A question that a number answers."""

    number: float
    mistakes: tuple[WrongNumber, ...] = ()  # of equal numbers the first counts; those right by chance are left out
    known: Mapping[str, float] = field(default_factory=dict, repr=False)  # numbers of the names in an answer
    asked: str = "the answer"  # the name of the number, such as df/da

    def __post_init__(self) -> None:
        wrong = tuple(mistake for mistake in self.mistakes if not is_near(mistake.number, self.number))
        object.__setattr__(self, "mistakes", wrong)

    @property
    def answer(self) -> str:
        """The right number."""
        return format_answer(self.number)

    def _fact(self) -> str:
        return f"{self.asked} = {self.answer}"

    def notes(self, answer: object) -> list[str]:
        """Return how a text was read, where that may surprise."""
        return notes_on_answer(answer) if isinstance(answer, str) else []

    def judge(self, answer: object) -> Verdict:
        """Judge a number, a Value or a text; a wrong number may show which mistake gives it."""
        if isinstance(answer, str):
            number = read_number(answer, self.known)
        elif isinstance(answer, Value):
            number = answer.data
        elif isinstance(answer, Real):
            number = float(answer)
        else:
            raise UsageError(f"An answer is a number, such as -2 or 1/3, not {type(answer).__name__} {answer!r:.40}.")
        if is_near(number, self.number):
            return Verdict(True)
        found = (Verdict(False, each.sentence, each.code) for each in self.mistakes if is_near(number, each.number))
        return next(found, Verdict(False))


@dataclass(frozen=True, kw_only=True)
class ChoiceItem(Item):
    """A question that any of the right words answers; each wrong one has a sentence on what is wrong with it."""

    right: tuple[str, ...]
    wrong: Mapping[str, str]

    @property
    def answer(self) -> str:
        """The right words."""
        return " or ".join(self.right)

    def judge(self, answer: object) -> Verdict:
        """Judge a word; spaces do not count."""
        text = str(answer)
        known = {"".join(word.split()): word for word in (*self.right, *self.wrong)}
        word = known.get("".join(text.split()))
        if word is None:
            near = did_you_mean(text, sorted(known.values()), "choose from")  # sorted, so that none stands out
            raise ExpressionError(f"'{printable(text.strip()):.60}' is not one of the possible answers{near}")
        return Verdict(word in self.right, self.wrong.get(word, ""))


@dataclass(frozen=True, kw_only=True)
class LetteredItem(ChoiceItem):
    """A question that the letter of one of several answers answers; `lettered` has them in order."""

    lettered: tuple[str, ...]

    @property
    def options(self) -> tuple[str, ...]:
        """The answers with their letters."""
        return tuple(f"{letter}) {text}" for letter, text in zip(ascii_lowercase, self.lettered, strict=False))

    def judge(self, answer: object) -> Verdict:
        """Judge a letter, also a capital or one with a bracket."""
        return super().judge(str(answer).strip().rstrip(").").lower())


@dataclass(frozen=True, kw_only=True)
class OrderItem(Item):
    """A question that any topological order of the nodes answers; `operands` has those of each, in a right order."""

    operands: Mapping[str, tuple[str, ...]]

    @property
    def answer(self) -> str:
        """One right order."""
        return ", ".join(self.operands)

    def _fact(self) -> str:
        return "that is a topological order"

    def judge(self, answer: object) -> Verdict:
        """Judge the names in an order: a sequence, or a text with spaces or commas between them."""
        names = answer.replace(",", " ").split() if isinstance(answer, str) else answer
        if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
            given = f"{type(answer).__name__} {answer!r:.40}"
            raise UsageError(f"An answer is the names in order, such as 'a b f', not {given}.")
        problem = next(self._problems(names), "")
        return Verdict(not problem, problem)

    def _problems(self, names: Sequence[str]) -> Iterator[str]:
        for name in names:
            if name not in self.operands:
                yield f"There is no node {name!r}; the nodes are {listed(sorted(self.operands), 20)}."
            if names.count(name) > 1:
                yield f"{name} occurs {names.count(name)} times; each node is visited once."
        for place, name in enumerate(names):
            for operand in self.operands[name]:
                if operand not in names[:place]:
                    yield f"{name} is computed from {operand}, so {operand} must come before {name}."
        yield from (f"{name} is missing." for name in self.operands if name not in names)

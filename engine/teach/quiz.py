"""The quiz: items of chosen levels and topics, asked on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from secrets import randbelow

from ..errors import StepgradError, UsageError
from ..support.escape import printable
from ..support.terminal import has_colours, paint
from ..support.text import counted, did_you_mean
from . import ideas
from .item import Item
from .problems import LEVELS, make_problem
from .topics import TOPICS, make_item

ALL_TOPICS = *TOPICS, ideas.TOPIC
SEEDS = 10_000
PATIENCE = 200  # problems tried to find one that was not asked before
INSTRUCTIONS = """\
Answers are numbers, fractions or expressions, such as -3/4 or 2*b; three digits of a long decimal suffice.
Enter alone shows the solution; Ctrl-D quits."""
PROMPT = "answer> "


@dataclass
class Score:
    """How many items were asked, and how many were answered right."""

    right: int = 0
    asked: int = 0

    def __str__(self) -> str:
        return f"score: {self.right} of {self.asked} right"


def draw_seed() -> int:
    """Draw a random seed."""
    return randbelow(SEEDS)


def make_items(level: int | None = None, topics: Sequence[str] = (), seed: int = 0, count: int = 10) -> list[Item]:
    """Make items for a quiz or a sheet; the same seed gives the same items.

    Args:
        level: 1 to 6; without it, the items get harder from level 1 to 6.
        topics: what to ask for: value, local, path, gradient, step, update, find, or ideas, which has a bank of
            questions without levels. If empty, all but ideas.
        seed: a whole number.
        count: how many items.

    Raises:
        UsageError: there is no such level or topic, or the count is less than 1.
        GradientMismatchError: an answer does not agree with central differences.

    >>> first, *_ = make_items(level=1, topics=["gradient"], seed=1)
    >>> first.given, first.question, first.answer
    (('a = -5, b = 3', 'L = a + b'), 'What is dL/da?', '1')
    """
    if level is not None and level not in LEVELS:
        raise UsageError(f"level must be from {min(LEVELS)} to {max(LEVELS)}, not {level}")
    if count < 1:
        raise UsageError(f"count must be at least 1, not {count}")
    for topic in topics:
        if topic not in ALL_TOPICS:
            raise UsageError(f"unknown topic {topic!r}{did_you_mean(topic, ALL_TOPICS, 'choose from')}")
    random = Random(seed)
    made = _made(topics or list(TOPICS), level, random, count)
    return [next(made) for _ in range(count)]


def _made(topics: Sequence[str], level: int | None, random: Random, count: int) -> Iterator[Item]:
    """Yield items without end; none is repeated while there are others."""
    bank = _bank(random)
    seen: set[tuple[tuple[str, ...], str]] = set()
    deck: list[str] = []
    place = tries = 0
    while True:
        deck = deck or random.sample(topics, len(topics))
        topic = deck[-1]
        its_level = level or 1 + place * len(LEVELS) // count
        problem = make_problem(its_level, random) if topic != ideas.TOPIC else None
        found = make_item(topic, problem, random, its_level) if problem else next(bank)
        tries += 1
        if found is None:
            continue
        if tries > PATIENCE:
            seen.clear()
        asked = (found.given, found.question)
        if asked not in seen or topic == ideas.TOPIC:
            seen.add(asked)
            deck.pop()
            place, tries = place + 1, 0
            yield found


def _bank(random: Random) -> Iterator[Item]:
    """Yield all questions on ideas in a random order, then again in another one."""
    while True:
        for entry in random.sample(ideas.BANK, len(ideas.BANK)):
            yield ideas.make_idea_item(entry, random)


def take_quiz(level: int | None = None, topics: Sequence[str] = (), seed: int | None = None, count: int = 10) -> Score:
    """Ask questions on the terminal; a wrong answer is explained by the mistake that gives it.

    Args:
        level, topics, count: see `make_items`.
        seed: the same seed gives the same questions; without it, a random one is drawn.

    Returns:
        The score.

    Raises:
        UsageError: there is no such level or topic, or the count is less than 1.
    """
    seed = draw_seed() if seed is None else seed
    return ask_items(make_items(level, topics, seed, count), seed)


def ask_items(asked: Sequence[Item], seed: int) -> Score:
    """Ask items on the terminal, until the end of the input or an interrupt at most, and return the score."""
    screen, score = _Screen(), Score()
    screen.say(f"{counted(len(asked), 'question')} (--seed {seed} asks the same again)\n{INSTRUCTIONS}")
    try:
        for place, item in enumerate(asked, 1):
            screen.show(item, f"{place}/{len(asked)}")
            right = screen.answered(item)
            score.asked += 1
            score.right += right
    except (EOFError, KeyboardInterrupt):
        screen.say("")
    screen.say(str(score), "next")
    return score


class _Screen:
    """The terminal of a quiz."""

    def __init__(self) -> None:
        self.paints = has_colours(sys.stdout)

    def say(self, text: str, style: str = "") -> None:
        print(paint(text, style) if style and self.paints else text)

    def show(self, item: Item, place: str) -> None:
        level = f", level {item.level}" if item.level else ""
        self.say(f"\n{place} {item.topic}{level}", "to come")
        for line in item.given:
            self.say(f"  {line}", "forward")
        self.say(item.question, "next")
        for line in item.options:
            self.say(f"  {line}")

    def answered(self, item: Item) -> bool:
        """Read an answer, judge it and show the solution if it is wrong; return whether it was right."""
        while True:
            text = input(PROMPT)
            try:
                verdict = item.judge(text) if text.strip() else None
            except StepgradError as error:
                self.say(str(error), "stop")
                continue
            break
        if verdict and verdict.is_right:
            self.say("right", "seed")
            return True
        if verdict:
            self.say(f"not {printable(text.strip())}. {verdict.sentence}".rstrip(), "error")
        self.say(f"the answer is {item.answer}")
        for line in item.solution:
            self.say(f"  {line}", "backward")
        return False

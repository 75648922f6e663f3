"""The quiz: items of chosen levels and topics, asked on a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from secrets import randbelow

from ..errors import StepgradError, UsageError
from ..support.streams import ask, say
from ..support.text import counted, did_you_mean
from . import ideas
from .item import Item
from .problems import LEVELS, make_problem
from .topics import TOPICS, make_item

ALL_TOPICS = *TOPICS, ideas.TOPIC
MAX_COUNT = 10_000  # items, which take half a minute
PATIENCE = 200  # problems tried to find one that was not asked before
INSTRUCTIONS = """\
Answers are numbers, fractions or expressions, such as -3/4 or 2*b; three digits of a long decimal suffice.
After a wrong answer you may try once more. Enter alone shows the solution; Ctrl-D quits."""
PROMPT = "answer> "
TRIES, AGAIN = 2, "Try once more."


@dataclass
class Score:
    """The number of items that were answered right at the first try, of those that were asked, and of second tries."""

    right: int = 0
    asked: int = 0
    second: int = 0  # that were answered right at the second try

    def __str__(self) -> str:
        second = f", and {self.second} at the second try" if self.second else ""
        return f"score: {self.right} of {self.asked} right{second}"


def draw_seed() -> int:
    """Draw a random seed."""
    return randbelow(10_000)


def make_items(level: int | None = None, topics: Sequence[str] = (), seed: int = 0, count: int = 10) -> list[Item]:
    """Make items for a quiz or a sheet; the same seed gives the same items.

    Args:
        level: 1 to 6; without it, the items get harder from level 1 to 6.
        topics: what to ask for: value, local, path, gradient, step, update, find, or ideas, which has a bank of
            questions without levels. If empty, all but ideas.
        seed, count: a whole number, and how many items to make.

    Raises:
        UsageError: there is no such level or topic, or the count is not from 1 to 10,000.
        GradientMismatchError: an answer does not agree with central differences.

    >>> first, *_ = make_items(level=1, topics=["gradient"], seed=1)
    >>> first.given, first.question, first.answer
    (('a = -5, b = 3', 'L = a + b'), 'What is dL/da?', '1')
    """
    if level is not None and level not in LEVELS:
        raise UsageError(f"level must be from {min(LEVELS)} to {max(LEVELS)}, not {level}")
    if not 1 <= count <= MAX_COUNT:
        raise UsageError(f"count must be from 1 to {MAX_COUNT:,}, not {count}")
    for topic in topics:
        if topic not in ALL_TOPICS:
            raise UsageError(f"unknown topic {topic!r}{did_you_mean(topic, ALL_TOPICS, 'choose from')}")
    return _drawn_items(topics or list(TOPICS), level, Random(seed), count)


def _drawn_items(topics: Sequence[str], level: int | None, random: Random, count: int) -> list[Item]:
    """Return random items, none twice while there are others; each topic comes before one comes again."""
    items: list[Item] = []
    asked: set[tuple[tuple[str, ...], str]] = set()
    deck: list[str] = []
    bank: list[ideas.Idea] = []
    tries = 0
    while len(items) < count:
        deck = deck or random.sample(topics, len(topics))
        is_idea = deck[-1] == ideas.TOPIC
        if is_idea:
            bank = bank or random.sample(ideas.BANK, len(ideas.BANK))
            found: Item | None = ideas.make_idea_item(bank.pop(0), random)
        else:
            its_level = level or 1 + len(items) * len(LEVELS) // count
            found = make_item(deck[-1], make_problem(its_level, random), random, its_level)
        tries += 1
        if tries > PATIENCE:
            asked.clear()
        if found and (is_idea or (found.given, found.question) not in asked):
            items.append(found)
            asked.add((found.given, found.question))
            deck.pop()
            tries = 0
    return items


def take_quiz(level: int | None = None, topics: Sequence[str] = (), seed: int | None = None, count: int = 10) -> Score:
    """Ask questions on the terminal and return the score; a wrong answer is explained by the mistake that gives it.

    Args:
        level, topics, count: see `make_items`, which checks them.
        seed: the same seed gives the same questions; without it, a random one is drawn.
    """
    seed = draw_seed() if seed is None else seed
    return ask_items(make_items(level, topics, seed, count), seed)


def ask_items(asked: Sequence[Item], seed: int) -> Score:
    """Ask items on the terminal, until the end of the input or an interrupt at most, and return the score."""
    score = Score()
    say(f"{counted(len(asked), 'question')} (--seed {seed} asks the same again)\n{INSTRUCTIONS}")
    try:
        for place, item in enumerate(asked, 1):
            level = f", level {item.level}" if item.level else ""
            say(f"\n{place}/{len(asked)} {item.topic}{level}", "to come")
            _ask(item, score)
    except (EOFError, KeyboardInterrupt):
        say("")
    say(str(score), "next")
    return score


def _ask(item: Item, score: Score) -> None:
    """Ask an item, twice if the first answer is wrong; then show the solution."""
    for line in item.given:
        say(f"  {line}", "forward")
    say(item.question, "next")
    for line in item.options:
        say(f"  {line}")
    tried = 0
    while tried < TRIES:
        text = ask(PROMPT)
        try:
            verdict = item.judge(text) if text.strip() else None
        except StepgradError as error:
            say(str(error), "stop")
            continue
        tried += 1
        score.asked += tried == 1
        if verdict is None:
            break
        for note in item.notes(text):
            say(note)
        if verdict.is_right:
            say("right", "seed")
            score.right += tried == 1
            score.second += tried == 2
            return
        said = [f"not {text.strip()}.", verdict.sentence or item.hint, AGAIN if tried < TRIES else ""]
        say(" ".join(filter(None, said)), "error")
    say(f"the answer is {item.answer}")
    for line in item.solution:
        say(f"  {line}", "backward")

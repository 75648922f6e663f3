"""The quiz as people meet it: questions from a seed, answers typed, mistakes told, a score at the end."""

import builtins
import io
import os
import re
import sys
from pathlib import Path

import pytest

from engine.errors import UsageError
from engine.teach.ideas import BANK
from engine.teach.quiz import ask_items, draw_seed, make_items, take_quiz
from engine.teach.topics import TOPICS

ROOT = Path(__file__).parents[3]


# --- items --------------------------------------------------------------------------------------------


def test_the_same_seed_asks_the_same():
    assert [x.question for x in make_items(seed=5)] == [x.question for x in make_items(seed=5)]
    assert [x.given for x in make_items(seed=5)] != [x.given for x in make_items(seed=6)]


def test_items_are_those_of_the_first_version():
    """A sheet that was printed keeps its seed: the items of a seed do not change unnoticed."""
    first, second = make_items(level=3, topics=["gradient"], seed=1, count=2)
    assert first.given == ("a = -4, b = 1", "p = a + b", "q = p ** 2", "L = q + q")
    assert (first.question, first.answer) == ("What is dL/db?", "-12")
    assert second.given != first.given


def test_without_a_level_they_go_from_the_first_to_the_last():
    levels = [item.level for item in make_items(count=12)]
    assert levels == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    assert {item.level for item in make_items(level=4)} == {4}


def test_every_topic_comes_before_one_comes_again():
    assert {item.topic for item in make_items(level=5, count=len(TOPICS))} == set(TOPICS)
    assert {item.topic for item in make_items(topics=["path", "local"], level=5)} == {"path", "local"}


def test_no_item_comes_twice():
    asked = [(item.given, item.question) for item in make_items(level=1, topics=["gradient"], count=60)]
    assert len(set(asked)) == len(asked)


@pytest.mark.slow
def test_items_come_again_where_there_are_no_others():
    assert len(make_items(level=1, topics=["local"], count=1200)) == 1200


def test_the_bank_of_ideas_begins_again_when_it_is_through():
    asked = [item.question for item in make_items(topics=["ideas"], count=2 * len(BANK))]
    assert set(asked[: len(BANK)]) == set(asked[len(BANK) :]) == {entry.question for entry in BANK}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"level": 7}, "level must be from 1 to 6, not 7"),
        ({"count": 0}, "count must be from 1 to 10,000, not 0"),
        ({"count": 10**20}, "count must be from 1 to 10,000, not 1000"),
        ({"topics": ["gradent"]}, "unknown topic 'gradent'; did you mean 'gradient'?"),
    ],
)
def test_wrong_arguments_are_refused(arguments, says):
    with pytest.raises(UsageError, match=re.escape(says)):
        make_items(**arguments)


def test_seeds_differ():
    assert len({draw_seed() for _ in range(20)}) > 1


# --- without a terminal ---------------------------------------------------------------------------------


class Screen(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def typed(monkeypatch, capsys):
    """Type lines, or raise what is given instead; return the score and what is on the screen."""

    def run(*lines, **arguments):
        waiting = iter(lines)

        def answer(prompt=""):
            print(prompt, end="")
            line = next(waiting, EOFError)
            if isinstance(line, type):
                raise line
            print(line)
            return line

        monkeypatch.setattr(builtins, "input", answer)
        score = take_quiz(**{"seed": 1, "level": 3, "topics": ["gradient"], "count": 2} | arguments)
        return score, capsys.readouterr().out

    return run


def answers(**arguments):
    return [
        item.answer for item in make_items(**{"seed": 1, "level": 3, "topics": ["gradient"], "count": 2} | arguments)
    ]


def test_right_answers_are_counted(typed):
    score, out = typed(*answers())
    assert (score.right, score.asked) == (2, 2)
    assert out.count("\nright\n") == 2
    assert out.endswith("score: 2 of 2 right\n")
    assert "2 questions (--seed 1 asks the same again)" in out


def test_a_wrong_answer_shows_the_mistake_and_the_way(typed):
    score, out = typed("12", "", "")
    assert (score.right, score.asked) == (0, 2)
    assert "not 12. The size is right, the sign is not. Try once more.\n" in out
    assert "the answer is -12\n  L -> q: 1 * dL/dL = 1 * 1 = 1\n" in out
    score, out = typed("1234", "4321", EOFError)
    assert (score.right, score.second, score.asked) == (0, 0, 1)
    assert "not 1234. Try once more.\n" in out
    assert "not 4321.\nthe answer is -12\n" in out


def test_a_second_try_is_counted_apart(typed):
    first, second = answers()
    score, out = typed("12", "2 +", first, second)
    assert (score.right, score.second, score.asked) == (1, 1, 2)
    assert "the answer is" not in out
    assert out.endswith("score: 1 of 2 right, and 1 at the second try\n")


@pytest.mark.parametrize("level", range(2, 7))
def test_answers_are_neither_guessed_nor_long(level):
    """A learner who knows no calculus would say 0, 1 or -1; see also `STEPGRAD_ITEMS` for more items."""
    count = int(os.environ.get("STEPGRAD_ITEMS", "100"))
    for topic in ("gradient", "path", "update"):
        asked = make_items(level=level, topics=[topic], seed=level, count=count)
        assert sum(abs(item.number) in (0.0, 1.0) for item in asked) <= 0.1 * count
        if level < 6:
            assert all(len(item.answer.lstrip("-0.").replace(".", "")) <= 3 for item in asked)
    for item in make_items(level=level, topics=["gradient"], seed=level, count=20):
        assert sum("->" in line for line in item.solution) >= 2, item.solution


def test_enter_alone_shows_the_way_and_counts_as_wrong(typed):
    score, out = typed("", "  ")
    assert (score.right, score.asked) == (0, 2)
    assert "not" not in out.partition("> ")[2]


def test_an_answer_that_cannot_be_read_is_asked_for_again(typed):
    score, out = typed("2 +", "1/0", "-12")
    assert score.right == 1
    assert "syntax error here" in out
    assert "has no value" in out


@pytest.mark.parametrize("end", [EOFError, KeyboardInterrupt])
def test_the_end_of_the_input_and_an_interrupt_end_it_with_the_score(typed, end):
    score, out = typed("-12", end)
    assert (score.right, score.asked) == (1, 1)
    assert out.endswith("> \nscore: 1 of 1 right\n")


def test_a_seed_is_made_up_where_none_is_given(typed):
    _, out = typed(EOFError, seed=None)
    assert re.search(r"--seed \d+ asks", out)


def test_an_idea_has_options_and_no_level(typed):
    arguments = {"topics": ["ideas"], "count": 1}
    score, out = typed(*answers(**arguments), **arguments)
    assert score.right == 1
    assert "1/1 ideas\n" in out
    assert re.search(r"^  a\) .*\n  b\) .*\n  c\) .*\n  d\) ", out, re.MULTILINE)


def test_what_was_typed_cannot_command_the_terminal(typed):
    _, out = typed("7+\x1b[31m", EOFError)
    assert "\x1b" not in out.replace("answer> 7+\x1b[31m", "")


@pytest.mark.parametrize(("environment", "expected"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_for_terminals(monkeypatch, environment, expected):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("WT_SESSION", "1")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(builtins, "input", lambda prompt: "1234")
    ask_items(make_items(topics=["gradient"], count=2), 0)
    assert ("\x1b[31mnot 1234" in screen.getvalue()) is expected
    assert ("\x1b" in screen.getvalue()) is expected


# --- the real program ---------------------------------------------------------------------------------


@pytest.fixture
def opened():
    """Start the real quiz in a pseudo-terminal; it waits for the first answer."""
    import pexpect

    running = []

    def start(*arguments, **environment):
        known = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "INPUTRC")}
        known |= {"TERM": "xterm", "INPUTRC": os.devnull, **environment}
        command = ["-m", "engine", "quiz", *arguments]
        program = pexpect.spawn(
            sys.executable, command, env=known, cwd=str(ROOT), encoding="utf-8", timeout=20, dimensions=(40, 150)
        )
        running.append(program)
        program.expect_exact("answer> ")
        return program

    yield start
    for program in running:
        program.close(force=True)


def ended(program):
    import pexpect

    program.expect(pexpect.EOF)
    program.close()
    return program.before, program.exitstatus


GRADIENTS = ("--level", "3", "--topic", "gradient", "--seed", "1", "--count", "3")


@pytest.mark.needs_terminal
def test_right_and_wrong_answers_on_a_terminal(opened):
    right = [item.answer for item in make_items(level=3, topics=["gradient"], seed=1, count=3)]
    program = opened(*GRADIENTS)
    assert "dL/db?" in program.before
    program.sendline(f"2*({right[0]})/2")
    program.expect_exact("answer> ")
    assert "\x1b[33mright\x1b[0m" in program.before
    program.sendline(f"-({right[1]})")
    program.expect_exact("answer> ")
    assert "At p, the minus is missing" in program.before
    program.sendline("")
    program.expect_exact("answer> ")
    assert f"the answer is {right[1]}" in program.before
    program.sendline("one")
    program.expect_exact("answer> ")
    assert "one has no number here" in program.before
    program.sendline(right[2])
    out, status = ended(program)
    assert "score: 2 of 3 right" in out
    assert status == 0


@pytest.mark.needs_terminal
@pytest.mark.parametrize("end", ["sendeof", "sendintr"])
def test_ctrl_d_and_ctrl_c_end_cleanly_with_the_score(opened, end):
    program = opened(*GRADIENTS)
    program.sendline("1234")
    program.expect_exact("answer> ")
    getattr(program, end)()
    out, status = ended(program)
    assert "score: 0 of 1 right" in out
    assert "Traceback" not in out
    assert status == 0


@pytest.mark.needs_terminal
def test_there_are_no_colours_if_they_are_not_wanted(opened):
    program = opened(*GRADIENTS, NO_COLOR="1")
    assert "\x1b[3" not in program.before
    program.sendline("1234")
    program.expect_exact("answer> ")
    assert "\x1b[3" not in program.before

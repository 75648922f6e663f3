"""The commands to learn with, quiz and lab; and costs."""

import io
import re
import sys
from pathlib import Path

import pytest


def test_costs_counts_paths_and_edges(run):
    status, out, _ = run("costs", "p = a*b; p*p", "a=2", "b=3")
    assert status == 0
    assert "one path at a time              4 paths   8 multiplications" in out


@pytest.fixture
def no_input(monkeypatch):
    """Let nobody be there to type anything."""
    monkeypatch.setattr(sys, "stdin", io.StringIO())


@pytest.mark.usefixtures("no_input")
def test_quiz_asks_what_its_options_say(run):
    status, out, _ = run(
        "quiz", "--level", "3", "--topic", "path,local", "--topic", "find", "--seed", "2", "--count", "4"
    )
    assert status == 0
    assert "4 questions (--seed 2 asks the same again)" in out
    assert re.search(r"^1/4 (path|local|find), level 3$", out, re.MULTILINE)
    assert out.endswith("score: 0 of 0 right\n")
    assert re.search(r"--seed \d+ asks", run("quiz")[1])


def test_quiz_writes_sheets(run, folder):
    assert run("quiz", "--seed", "2", "--export", "s.html", "--solutions", "s.tex") == (0, "s.html\ns.tex\n", "")
    assert "no. 2" in Path("s.html").read_text()
    assert run("quiz", "--solutions", "only.md") == (0, "only.md\n", "")
    status, _, err = run("quiz", "--export", "s.doc")
    assert (status, err[:48]) == (1, "stepgrad: unsupported file type '.doc' of 's.doc")


def test_a_wrong_call_of_the_quiz_is_said(run):
    status, _, err = run("quiz", "--topic", "nothing")
    assert (status, err[:34]) == (1, "stepgrad: unknown topic 'nothing';")
    assert run("quiz", "--level", "7")[0] == 2
    status, _, err = run("quiz", "a=3")
    assert (status, err.splitlines()[0]) == (2, "stepgrad quiz: unknown argument a=3")
    status, _, err = run("quiz", "-x")
    assert status == 2


def test_lab_lists_and_shows_rules(run, folder):
    status, out, _ = run("lab")
    assert status == 0
    assert "seed-left-out         leave out the seed\n" in out
    status, out, _ = run("lab", "assigned-not-added", "-o", "g.dot")
    assert status == 0
    assert "operand.grad = local * node.grad" in out
    assert out.endswith("g.dot\n")
    assert Path("g.dot").is_file()
    assert "did you mean 'seed-left-out'?" in run("lab", "seed-left")[2]


MINE = """
def backward(root):
    root.grad = 1.0

def right(root):
    root.backward()
"""


def test_lab_tries_a_function_of_ones_own(run, program):
    status, out, _ = run("lab", program(MINE))
    assert status == 1
    assert out.startswith("It goes wrong on L = a + a with a = 2")
    status, out, _ = run("lab", "program.py:right", "-o", "g.dot")
    assert status == 0
    assert re.fullmatch(r"It is right on all [\d,]+ graphs of up to 4 nodes.\n", out)
    assert not Path("g.dot").exists()
    assert "has no function named 'forward'; it has 'backward' and 'right'\n" in run("lab", "program.py:forward")[2]
    assert run("lab", "none.py")[2] == "stepgrad: there is no file none.py\n"

"""The command quiz."""

import io
import json
import re
import sys
from pathlib import Path

import pytest


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


def test_sheets_and_json_go_together(run, folder):
    status, out, err = run("quiz", "--seed", "2", "--count", "1", "--json", "--export", "s.md")
    assert (status, err) == (0, "")
    assert json.loads(out)["files"] == ["s.md"]
    assert json.loads(out)["items"][0]["answer"]
    assert "no. 2" in Path("s.md").read_text()

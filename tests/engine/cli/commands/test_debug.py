"""The command debug, without a terminal."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.engine.cli.programs import TRAINING


@pytest.mark.parametrize(("went_well", "status"), [(True, 0), (False, 1)])
def test_debug_hands_the_value_and_commands_to_the_debugger(run, program, monkeypatch, went_well, status):
    asked = []

    def debug(root, commands, **more):
        asked.append((root.data, list(commands), more["update"]))
        return went_well

    monkeypatch.setitem(sys.modules, "engine.debugger.shell", SimpleNamespace(debug=debug))
    Path("lesson.txt").write_text("break a\ncontinue\n")
    assert run("debug", "a*2", "a=3")[0] == status
    assert run("debug", "a*2", "a=3", "-x", "lesson.txt")[0] == status
    assert asked == [(6.0, [], None), (6.0, ["break a", "continue"], None)]
    assert run("debug", "a*2", "a=3", "-x", "absent.txt")[0] == 1
    Path("lesson.txt").write_bytes(b"\xff")
    status, _, err = run("debug", "a*2", "a=3", "-x", "lesson.txt")
    assert status == 1
    assert err.startswith("stepgrad: 'utf-8' codec can't decode")


def test_debug_and_explain_tell_the_update(run, program):
    Path("lesson.txt").write_text("goto end\nback 2\nnext\n")
    status, out, _ = run("debug", "w*x", "w=1", "x=2", "--update", "0.25", "-x", "lesson.txt")
    assert status == 0
    assert "6  w = w - 0.25 * w.grad   (w 1 -> 0.5)" in out
    name = program(TRAINING.replace("for step", "import nn\nsgd = nn.SGD(parameters, lr=0.1)\nfor step"))
    status, out, err = run("explain", name, "--wrt", "w[0]", "--update", "sgd", "--now")
    assert status == 0, err
    assert "p = p - lr * g = " in out
    status, _, err = run("explain", name, "--update", "sdg")
    assert (status, err.splitlines()[-1]) == (
        1, "stepgrad: the program has no optimiser named 'sdg'; did you mean 'sgd'?",
    )  # fmt: skip
    status, out, _ = run("explain", name, "--node", "w[0]", "--update", "0.1")
    assert "update" not in out
    Path("lesson.txt").write_text("goto end\nback\n")
    status, out, _ = run("debug", name, "--update", "0.25", "-x", "lesson.txt")  # of the program's parameters
    assert "-> 17  b = b - 0.25 * b.grad" in out

"""The command `stepgrad`."""

import subprocess
import sys

import pytest

from engine.cli import main

PROGRAM = """
from engine import Value
a, b = Value(2.0), Value(3.0)
c = a * b
d = c.tanh()
n = 5
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "program.py").write_text(PROGRAM)
    return tmp_path


def test_version(capsys):
    with pytest.raises(SystemExit) as status:
        main(["--version"])
    assert status.value.code == 0
    assert capsys.readouterr().out == "stepgrad 0.1.0\n"


def test_draw_takes_the_last_root_and_names_by_variables(program, capsys):
    assert main(["draw", "program.py"]) == 0
    assert capsys.readouterr().out == "graph.svg\n"
    picture = (program / "graph.svg").read_text()
    assert "tanh" in picture
    assert ">a<" in picture


def test_draw_takes_a_variable(program):
    assert main(["draw", "program.py:c", "-o", "c.dot", "--direction", "TB"]) == 0
    assert "tanh" not in (program / "c.dot").read_text()


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("absent.py", "there is no file absent.py"),
        ("program.py:z", "no Value named 'z'; its Values: a, b, c, d"),
        ("program.py:n", "no Value named 'n'"),
        ("broken.py", "broken.py failed with ZeroDivisionError: division by zero"),
        ("empty.py", "leaves no Value in a variable"),
        ("empty.py:a", "its Values: none"),
    ],
)
def test_errors_are_one_line_and_exit_status_1(program, capsys, target, says):
    (program / "broken.py").write_text("1 / 0")
    (program / "empty.py").write_text("")
    assert main(["draw", target]) == 1
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.err.count("\n") == 1
    assert not list(program.glob("*.svg"))


def test_a_wrong_call_is_exit_status_2():
    run = subprocess.run(
        [sys.executable, "-c", "from engine.cli import main; main([])"], capture_output=True, text=True
    )
    assert run.returncode == 2
    assert "usage: stepgrad" in run.stderr

"""The command `stepgrad` as a whole."""

import contextlib
import importlib
import io
import os
import re
import runpy
import shlex
import sys
from importlib.metadata import EntryPoint

import pytest

import engine
from engine import Value
from engine.cli import COMMANDS, all_commands, main

from .programs import PROGRAM, TRAINING

NAMES = [command.name for command in all_commands()]


def test_version(run):
    assert run("--version") == (0, f"stepgrad {engine.__version__}\n", "")


def test_help_tells_of_all_commands(run):
    status, out, _ = run("--help")
    assert status == 0
    assert [name for name in NAMES if re.search(rf"^ +{name}\s+[A-Z]", out, re.MULTILINE)] == NAMES
    assert {"draw", "debug", "check", "doctor"} <= set(NAMES)


@pytest.mark.parametrize("command", all_commands(), ids=NAMES)
def test_help_of_a_command_shows_how_to_call_it(run, command):
    status, out, _ = run(command.name, "--help")
    assert status == 0
    assert command.help in out
    assert ("FILE.py:NAME" in out) == command.has_target
    assert "The exit status is" in out
    assert len(command.examples) > 1
    for line in command.examples:
        assert f"\n  {line}\n" in out


EXAMPLES = [line for command in COMMANDS for line in command.examples]  # those of train take longer than an example may


@pytest.mark.needs_bash
@pytest.mark.parametrize("line", EXAMPLES)
def test_the_examples_of_the_help_run(shell, line):
    (shell.folder / "train.py").write_text(TRAINING)
    (shell.folder / "lesson.txt").write_text("quit\n")
    (shell.folder / "mine.py").write_text("from engine.backprop import backward\n")
    ran = shell(line)
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["paint", "a"], "invalid choice: 'paint'"),
        (["draw"], "the following arguments are required: TARGET"),
        (["draw", "a*b", "a"], "'a' is none; write for instance a=2"),
        (["draw", "a*b", "a=", "b=2"], "'a=': the expression is empty"),
        (["draw", "a*b", "2a=3"], "'2a=3' is none"),
        (["draw", "a*b", "a=2,5"], "'a=2,5': a comma is only allowed between"),
        (["draw", "a*b", "a=1/0"], "'a=1/0': x / y has no value at x = 1.0, y = 0.0"),
        (["draw", "a*b", "a=2", "-o", "x.svg", "b"], "argument NAME=NUMBER: 'b' is none"),
        (["draw", "a*b", "a=2", "b=3", "-o", "x.svg", "a=4"], "a is given 2 numbers"),
        (["draw", "a*b", "--upside-down", "a=2"], "unrecognized arguments: --upside-down\n"),
        (["draw", "-a*b", "a=2"], "unrecognized arguments: -a*b (put -- before an expression"),
        (["draw", "a", "--direction", "up"], "invalid choice: 'up'"),
        (["check", "a", "--by"], "expected one argument"),
    ],
)
def test_a_wrong_call_is_exit_status_2(run, arguments, says):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert "usage: stepgrad" in err
    assert says in err


def test_an_interrupt_ends_with_130(run, program):
    assert run("draw", program("raise KeyboardInterrupt")) == (130, "", "stepgrad: interrupted\n")


@pytest.mark.parametrize("text", ["", "for _ in range(9999): print('a long line of text, again and again')\n"])
def test_a_reader_who_leaves_is_no_error(program, monkeypatch, text):
    read, write = os.pipe()
    os.close(read)
    with open(write, "w") as nobody, monkeypatch.context() as patch, contextlib.redirect_stderr(io.StringIO()) as err:
        patch.setattr(sys, "stdout", nobody)
        assert main(["check", program(text + PROGRAM)]) == 1
    assert err.getvalue() == ""


def test_a_stream_that_is_no_terminal_will_do(program):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert main(["check", program()]) == 0
    assert "ok" in out.getvalue()


@pytest.mark.needs_bash
def test_labels_of_any_characters_are_shown_on_any_terminal(shell):
    ran = shell("PYTHONIOENCODING=ascii PYTHONUTF8=0 stepgrad check 'größe*2' größe=3")
    assert (ran.returncode, ran.stdout.splitlines()[1][:12]) == (0, r"gr\xf6\xdfe ")


@pytest.mark.needs_bash
def test_the_command_works_in_a_shell(shell):
    assert shell("stepgrad --version").stdout == f"stepgrad {engine.__version__}\n"
    assert shell("stepgrad").returncode == 2
    assert shell("stepgrad check 'a*a' a=3 | head -n 1").stdout.startswith("input ")
    assert shell(f"{shlex.quote(sys.executable)} -m engine check 'a*a' a=3").returncode == 0


def test_python_m_engine_is_the_command(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "engine.__main__", raising=False)
    monkeypatch.setattr(sys, "argv", ["stepgrad", "--version"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("engine", run_name="__main__")
    assert end.value.code == 0
    assert capsys.readouterr().out == f"stepgrad {engine.__version__}\n"
    importlib.import_module("engine.__main__")  # looking at it runs nothing
    assert capsys.readouterr().out == ""
    assert isinstance(engine.parse("a", a=1), Value)


# --- commands of other packages -------------------------------------------------------------------------


def entry(name, value):
    return EntryPoint(name, value, "stepgrad.commands")


@pytest.fixture
def plugged_in(monkeypatch):
    """Return a function that makes entry points those that are installed."""
    return lambda *entries: monkeypatch.setattr("engine.cli.entry_points", lambda group: entries)


def test_a_package_adds_a_command(run, plugged_in):
    plugged_in(entry("train", "nn.training.command:train"))
    assert "    train " in run("--help")[1]
    assert run("train", "--help")[1].startswith("usage: stepgrad train")
    plugged_in()
    assert "    train " not in run("--help")[1]
    assert run("train", "xor")[0] == 2


def test_a_command_of_a_package_takes_the_place_of_none_of_ours(run, plugged_in):
    plugged_in(entry("draw", "nn.training.command:train"))
    assert run("draw", "a*2", "a=1") == (0, "graph.svg\n", "")


def test_a_command_that_cannot_be_loaded_is_said_when_it_is_called(run, plugged_in):
    plugged_in(entry("fly", "no_such_module:fly"))
    status, out, _ = run("--help")
    assert status == 0
    assert "(Not there: fly of no_such_module:fly" in " ".join(out.split())
    status, out, err = run("fly", "high")
    assert (status, out) == (1, "")
    assert err.startswith("stepgrad: fly of no_such_module:fly cannot be loaded: ModuleNotFoundError: ")
    assert run("draw", "a*2", "a=1")[0] == 0

"""The command `stepgrad` as a whole."""

import contextlib
import importlib
import io
import os
import re
import runpy
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import engine
from engine import Value
from engine.cli import app
from engine.cli.app import COMMANDS, all_commands, load_command, main
from engine.cli.entry_points import entry_points

from .programs import OPERATIONS, PROGRAM, TRAINING

ROOT = Path(__file__).parents[3]
NAMES = [command.name for command in all_commands()]


def test_version(run):
    assert run("--version") == (0, f"stepgrad {engine.__version__}\n", "")


def test_the_version_takes_no_more_than_it_needs():
    code = (
        "import sys; sys.argv = ['stepgrad', '--version']; from engine.__main__ import main\n"
        "main(); print(*sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    modules = ran.stdout.splitlines()[-1].split()
    assert "engine.__main__" in modules
    assert not set(modules) & {"typing", "re", "argparse", "importlib.metadata"}
    assert {name for name in modules if name.startswith("engine.")} == {
        "engine.__main__", "engine.support", "engine.support.public"
    }  # fmt: skip


def test_the_help_imports_no_more_than_it_needs():
    code = (
        "import sys; sys.argv = ['stepgrad', '--help']; from engine.__main__ import main\n"
        "try: main()\nfinally: print(*sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    modules = ran.stdout.splitlines()[-1].split()
    assert "engine.cli.commands.draw" in modules
    assert not set(modules) & {"importlib.metadata", "inspect", "engine.value", "engine.ops"}


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
    assert "Exit status: 0 success" in out
    assert len(command.examples) > 1
    for line in command.examples:
        assert f"\n  {line}\n" in out


EXAMPLES = [
    line
    for name in COMMANDS
    for line in load_command(name).examples
    if "--port" not in line  # it waits for editors
]  # train's take longer than an example may


@pytest.mark.needs_bash
@pytest.mark.parametrize("line", EXAMPLES)
def test_the_examples_of_the_help_run(shell, line):
    (shell.folder / "train.py").write_text(TRAINING)
    (shell.folder / "lesson.txt").write_text("quit\n")
    (shell.folder / "mine.py").write_text("from engine.backprop import backward\n")
    (shell.folder / "my_ops.py").write_text(OPERATIONS)
    ran = shell(line)
    assert ran.returncode == 0 or (line.startswith("stepgrad diff ") and ran.returncode == 1), ran.stdout
    assert ran.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "stepgrad: the name of a command is missing\nusage: stepgrad"),
        (["drwa", "a"], "stepgrad: unknown command 'drwa'; did you mean 'draw'"),
        (["draw"], "stepgrad draw: the following arguments are required: TARGET\n"),
        (["draw", "a*b", "a"], "argument NAME=NUMBER: expected NAME=NUMBER, such as a=2, not 'a'"),
        (["draw", "a*b", "a=", "b=2"], "'a=': the expression is empty"),
        (["draw", "a*b", "2a=3"], "not '2a=3'"),
        (["draw", "a*b", "a=2,5"], "'a=2,5': a comma is only allowed between"),
        (["draw", "a*b", "a=1/0"], "'a=1/0': x / y has no value at x = 1.0, y = 0.0"),
        (
            ["draw", "a*b", "a=2", "-o", "x.svg", "b"],
            "expected NAME=NUMBER, such as a=2, not 'b'",
        ),
        (["draw", "a*b", "a=2", "b=3", "-o", "x.svg", "a=4"], "a is given 2 numbers"),
        (["draw", "a*b", "--upside-down", "a=2"], "stepgrad draw: unknown option --upside-down\nusage: stepgrad draw"),
        (["draw", "a*b", "a=2", "--ligend"], "unknown option --ligend; did you mean '--legend'"),
        (["draw", "-a*b", "a=2"], "unknown option -a*b; put -- before an expression"),
        (["quiz", "a=3"], "stepgrad quiz: unknown argument a=3"),
        (["--verbose"], "stepgrad: unknown option --verbose\n"),
        (["-x"], "stepgrad: unknown option -x\n"),
        (["doctor", "a", "--jsn"], "stepgrad doctor: unknown option --jsn; did you mean '--json'?"),
        (["draw", "a", "--direction", "up"], "invalid choice: 'up'"),
        (["check", "a", "--wrt"], "expected one argument"),
    ],
)
def test_a_wrong_call_is_exit_status_2(run, arguments, says):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert says in err
    _, usage, remedy = err.splitlines()
    assert usage.startswith("usage: stepgrad ")
    assert remedy.endswith(" --help for details.")


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


@pytest.fixture
def plugged_in(monkeypatch):
    """Return a function that makes entry points those that are installed."""
    return lambda **entries: monkeypatch.setattr(app, "entry_points", lambda: entries)


def test_entry_points_are_those_that_python_finds():
    known = {each.name: each.value for each in metadata.entry_points(group="stepgrad.commands")}
    assert entry_points() == known


def test_entry_points_are_read_from_what_installers_write(tmp_path, monkeypatch):
    for name, text in {
        "one.dist-info": "[console_scripts]\nfly = no:script\n\n[stepgrad.commands]\n# a = b\nfly = bird:fly \n",
        "two.egg-info": "[stepgrad.commands]\nfly=other:fly\nswim=fish.sea:Swim.command\n[other]\nrun = no:run\n",
        "three.dist-info": "[stepgrad.commands]",
        "four": "[stepgrad.commands]\nwalk = no:walk",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "entry_points.txt").write_text(text)
    (tmp_path / "five.dist-info").mkdir()
    (tmp_path / "six.dist-info").write_text("a file")
    monkeypatch.setattr("sys.path", [str(tmp_path / "missing"), str(tmp_path)])
    assert entry_points() == {"fly": "bird:fly", "swim": "fish.sea:Swim.command"}


def test_a_package_adds_a_command(run, plugged_in):
    plugged_in(train="nn.training.command:train")
    assert "    train " in run("--help")[1]
    assert run("train", "--help")[1].startswith("usage: stepgrad train")
    plugged_in()
    assert "    train " not in run("--help")[1]
    assert run("train", "xor")[0] == 2


def test_a_command_of_a_package_takes_the_place_of_none_of_ours(run, plugged_in):
    plugged_in(draw="nn.training.command:train")
    assert run("draw", "a*2", "a=1") == (0, "graph.svg\n", "")


def test_a_command_that_cannot_be_loaded_is_said_when_it_is_called(run, plugged_in):
    plugged_in(fly="no_such_module:fly")
    status, out, _ = run("--help")
    assert status == 0
    assert "(Not available: the command fly cannot be loaded from no_such_module:fly" in " ".join(out.split())
    status, out, err = run("fly", "high")
    assert (status, out) == (1, "")
    assert err.startswith("stepgrad: the command fly cannot be loaded from no_such_module:fly: ModuleNotFoundError: ")
    assert run("draw", "a*2", "a=1")[0] == 0

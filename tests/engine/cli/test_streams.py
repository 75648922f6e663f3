"""Standard streams that are closed, full, or left by their reader: a sensible status, and no traceback."""

import io
import json
import os
import signal
import subprocess
import sys
import warnings

import pytest

import engine
from engine.cli.app import main
from engine.support import streams

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(engine.__file__))}
pytestmark = pytest.mark.needs_bash
CLOSED = "stepgrad: cannot write to the standard output: Bad file descriptor\n"
FULL = "stepgrad: cannot write to the standard output: No space left on device\n"


@pytest.mark.parametrize(
    ("line", "status", "printed"),
    [
        ("stepgrad check 'a*a' a=3 >&-", 1, CLOSED),
        ("stepgrad --version >&-", 1, CLOSED),
        ("stepgrad quiz >&- </dev/null", 1, CLOSED),
        ("stepgrad check 'a*a' a=3 2>&- | tail -n 1 | cut -c 1-10", 0, "a      3  \n"),
        ("stepgrad check 'a*' a=3 2>&-", 1, ""),
        ("stepgrad check 'a*' 2>&- >&- <&-", 1, ""),
        ("stepgrad check - a=3 <&-", 1, "stepgrad: the expression is empty; write one, such as tanh(a*b + c)\n"),
        ("stepgrad quiz <&- | tail -n 1", 0, "score: 0 of 0 right\n"),
        ("stepgrad quiz <&- 2>&- | tail -n 1", 0, "score: 0 of 0 right\n"),
        ("stepgrad debug 'a*a' a=3 <&- | tail -n 1", 0, "-> 0  a = 3\n"),
        ("stepgrad debug 'a*a' a=3 -x - <&- | tail -n 1", 0, "-> 0  a = 3\n"),
        ("stepgrad lab - <&-", 1, "stepgrad: <stdin> has no function named 'backward'\n"),
        ("stepgrad check 'a*a' a=3 >/dev/full", 1, FULL),
        ("PYTHONUNBUFFERED= stepgrad --help >/dev/full", 1, FULL),
        ("stepgrad check 'a*' a=3 2>/dev/full", 1, ""),
        ("stepgrad explain 'a*a' a=3 | true", 0, ""),
        ("stepgrad draw --help | head -n 1 | cut -c 1-5", 0, "usage\n"),
        ("printf '\\377' | stepgrad check -", 1, ("stepgrad: syntax error here\n"
                                                "  \\xff\n   ^\n")),
    ],
)  # fmt: skip
def test_a_stream_that_is_not_there_is_not_a_traceback(shell, line, status, printed):
    ran = shell(line)
    assert (ran.returncode, ran.stdout) == (status, printed)


def test_what_is_written_does_not_get_the_number_of_a_closed_stream(shell):
    ran = shell("stepgrad draw 'a*a' a=3 -o x.svg >&- 2>&- <&-")
    assert ran.returncode == 1
    assert (shell.folder / "x.svg").read_text().endswith("</svg>\n")


def test_the_standard_input_that_cannot_be_read_is_said(monkeypatch, capsys):
    class Broken(io.StringIO):
        def read(self, size=-1):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(sys, "stdin", Broken())
    assert main(["check", "-"]) == 1
    assert capsys.readouterr().err == "stepgrad: cannot read the standard input: Input/output error\n"


def test_warnings_are_messages(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.py").write_text(
        "import warnings\nfrom engine import Value\nx = Value(1.0) * 2.0\nwarnings.warn('old \x1b', FutureWarning)\n"
    )
    shown = warnings.showwarning
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert main(["costs", "p.py"]) == 0
    assert warnings.showwarning is shown
    assert "p.py:4: FutureWarning: old \\x1b\n" in capsys.readouterr().err


def test_a_long_message_is_cut(capsys):
    streams.complain("a" * 3000 + "\n" + "b")
    assert capsys.readouterr().err == "a" * 1997 + "...\nb\n"


def test_what_a_program_prints_is_not_mixed_with_json(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.py").write_text(
        "from engine import Value\nprint('from the program')\nclass Model:\n"
        "    def parameters(self):\n        print('from its method')\n        return [a]\n"
        "a, model = Value(2.0), Model()\nloss = a * a\n"
        "def backward(root):\n    print('from its rule')\n    root.grad = 1.0\n"
    )
    for arguments in (
        ["doctor", "p.py"],
        ["check", "p.py"],
        ["explain", "p.py"],
        ["costs", "p.py"],
        ["lab", "p.py:backward"],
    ):
        main([*arguments, "--json"])
        out, err = capsys.readouterr()
        json.loads(out)
        assert err.startswith("from the program\n")
    assert "from its rule\n" in err
    assert sys.stdout is not sys.stderr
    main(["costs", "p.py"])
    assert capsys.readouterr().out.startswith("from the program\n")


# The terminal resets itself when its last program ends, so another one has to stay and look.
LOOKER = """
import subprocess, sys, termios
command = subprocess.Popen([sys.executable, "-m", "engine", *sys.argv[1:]])
print("process", command.pid, flush=True)
status = command.wait()
print("echo" if termios.tcgetattr(0)[3] & termios.ECHO else "silence", "and status", status, flush=True)
"""


@pytest.mark.needs_terminal
@pytest.mark.parametrize("command", [["debug", "a*a", "a=3"], ["quiz"]])
@pytest.mark.parametrize("number", [signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)])
def test_the_terminal_gets_its_echo_back_when_a_signal_ends_the_command(command, number):
    import pexpect

    with pexpect.spawn(sys.executable, ["-c", LOOKER, *command], env=ENVIRONMENT, timeout=30) as child:
        child.expect(r"process (\d+)")
        process = int(child.match[1])
        child.expect_exact("(stepgrad) " if command[0] == "debug" else "answer> ")
        os.kill(process, number)
        child.expect_exact(f"echo and status {-number}")


def test_an_interrupt_of_the_import_is_a_line():
    code = (
        "import sys\nclass Finder:\n    def find_spec(self, name, *_):\n        if name == 'engine.support.text':\n"
        "            raise KeyboardInterrupt\nsys.meta_path.insert(0, Finder())\nfrom engine.__main__ import main\n"
        "sys.argv = ['stepgrad', '--help']\nsys.exit(main())"
    )
    ran = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "stepgrad: interrupted\n")

"""The debugger on a terminal: the real program in a pseudo-terminal, and what it asks of Python's readline."""

import builtins
import io
import os
import re
import sys
import types
from pathlib import Path

import pytest

from engine.debugger.commands import complete
from engine.debugger.session import Session
from engine.debugger.shell import Shell, debug
from engine.notation.expression import parse
from engine.support import terminal

ROOT = Path(__file__).parents[3]
PROMPT = "(stepgrad) "
COLOUR = "\x1b["


# --- a terminal that is none --------------------------------------------------------------------------


class Screen(io.StringIO):
    """Be a terminal, as far as a program can see."""

    def isatty(self):
        return True


class Readline(types.ModuleType):
    """Be the module readline."""

    def __init__(self, account):
        super().__init__("readline", account)
        self.bound = []
        self.completer = None
        self.line = ""
        self.delims = "before"
        self.seen = []

    def parse_and_bind(self, text):
        self.bound.append(text)

    def get_completer_delims(self):
        return self.delims

    def set_completer_delims(self, delims):
        self.delims = delims
        self.seen.append(delims)

    def get_completer(self):
        return self.completer

    def set_completer(self, completer):
        self.completer = completer

    def get_line_buffer(self):
        return self.line

    def get_begidx(self):
        return self.line.rindex(" ") + 1

    def get_endidx(self):
        return len(self.line)


@pytest.fixture
def typed(monkeypatch, capsys):
    """Let somebody type lines, or what happens instead, about a graph; return what is on the screen."""

    def run(*lines, **environment):
        waiting = iter(lines)

        def answer(prompt=""):
            line = next(waiting, EOFError)
            if isinstance(line, type):
                raise line
            return line

        monkeypatch.setattr(sys, "stdin", Screen())
        monkeypatch.setattr(builtins, "input", answer)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert debug(parse("d = a*b; d + a", a=2, b=-3), names={})
        return capsys.readouterr().out

    return run


def test_somebody_types_until_they_quit_or_end_the_input(typed):
    assert typed("next", "quit", "next").endswith("-> 1  b = -3\n")
    assert typed("next").endswith("-> 1  b = -3\n\n")


def test_enter_repeats_what_can_be_repeated(typed):
    assert "-> 3  v3 = d + a" in typed("next", "", "", "quit")
    assert "-> 4" in typed("next 2", "", "quit")
    assert typed("", "# nothing", "quit").count("->") == 1
    out = typed("break a", "", "info", "quit")
    assert out.count("breakpoint 1: a") == 2
    assert "breakpoint 2" not in out


def test_wrong_commands_of_somebody_who_types_are_no_failure(typed):
    assert "*** unknown command nxt" in typed("nxt", "quit")


def test_an_interrupt_at_the_prompt_comes_back_to_it(typed):
    out = typed("next", KeyboardInterrupt, "next", "quit")
    assert "(quit ends the debugger)" in out
    assert out.endswith("-> 2  d = a * b\n")


def test_an_interrupt_ends_a_run_and_keeps_the_place(typed, monkeypatch):
    def interrupted(session, target):
        session.position = 2
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "run", interrupted)
    out = typed("continue", "list 2,2", "quit")
    assert "interrupted before step 2" in out
    assert "2  -> d = a * b" in out


def test_an_interrupt_ends_a_script(monkeypatch):
    def interrupted(session, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        debug(parse("a*b", a=1, b=2), ["continue"], names={})


def test_a_notebook_asks_in_its_own_way(typed, monkeypatch):
    assert "-> 1" in typed("next", "quit")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert terminal.is_asked()
    monkeypatch.undo()
    assert not terminal.is_asked()


def test_commands_come_first_and_then_somebody_types(monkeypatch, typed, capsys):
    typed("quit")
    assert debug(parse("a*b", a=1, b=2), ["next"], names={})
    assert "(stepgrad) next\n0  a = 1\n" in capsys.readouterr().out


def test_words_are_completed_as_the_debugger_means_them(monkeypatch):
    readline = Readline("GNU readline")
    monkeypatch.setitem(sys.modules, "readline", readline)
    with terminal.line_editing(lambda line, begin: []):
        assert "[" not in readline.delims
    assert readline.delims == "before"
    assert readline.bound == ["tab: complete"]


def test_the_readline_of_macos_is_told_in_its_own_way(monkeypatch):
    readline = Readline("Importing this module enables command line editing using libedit readline.")
    monkeypatch.setitem(sys.modules, "readline", readline)
    with terminal.line_editing(lambda line, begin: []):
        assert readline.bound == ["bind ^I rl_complete"]


def test_it_works_without_readline(monkeypatch, typed):
    monkeypatch.setitem(sys.modules, "readline", None)
    assert "-> 1" in typed("next", "quit")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
    ],
)
def test_colours_are_for_terminals(monkeypatch, environment, expected):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("WT_SESSION", "1")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert terminal.has_colours(Screen()) is expected
    assert not terminal.has_colours(io.StringIO())


def test_lines_are_painted(monkeypatch, capsys):
    debugger = Shell(Session(parse("d = a*b; d + a", a=2, b=-3), {}))
    with terminal.colours("always"):
        debugger.play(["next 6", "list", "nonsense", "watch b", "c"])
    out = capsys.readouterr().out
    for style, line in [
        ("36", "0  a = 2"),
        ("33", "4  dv3"),
        ("35", "5  v3 = d + a"),
        ("1", "-> 6"),
        ("2", "8     b.grad"),
        ("31", "*** unknown"),
        ("1;33", "watch 1"),
    ]:
        assert re.search(rf"\x1b\[{style}m{re.escape(line)}[^\x1b]*\x1b\[0m", out), line
    assert "\n3     v3 = d + a" in out


# --- completing ---------------------------------------------------------------------------------------


def completed(line, word_begins):
    """Return what completes a line, of which the last word begins somewhere."""
    root = parse("d = weight*bias; weird = d + weight", weight=2, bias=-3)
    root.inputs[0].label = "two words"
    return complete(Session(root), line, word_begins)


@pytest.mark.parametrize(
    ("line", "word_begins", "found"),
    [
        ("why we", 4, ["weight", "weird"]),
        ("why weight.", 4, ["weight.data", "weight.grad"]),
        ("why weight.g", 4, ["weight.grad"]),
        ("break if |bi", 10, ["bias"]),
        ("why two w", 8, ["weight", "weird", "words"]),
        ("why zz", 4, []),
        ("reverse-c", 8, ["continue "]),
    ],
)
def test_names_are_completed(line, word_begins, found):
    assert completed(line, word_begins) == found


def test_commands_are_completed():
    session = Session(parse("a*b", a=1, b=2))
    assert complete(session, "wh", 0) == complete(session, "help wh", 5) == ["where ", "why "]
    assert complete(session, "help reverse-c", 13) == ["continue "]


def test_readline_is_given_one_completion_after_the_other(monkeypatch):
    readline = Readline("GNU readline")
    monkeypatch.setitem(sys.modules, "readline", readline)
    readline.line = "why we"
    with terminal.line_editing(lambda line, begin: [f"{line[begin:]}ight", f"{line[begin:]}ird"]):
        assert [readline.completer("we", which) for which in range(3)] == ["weight", "weird", None]
    assert readline.completer is None


# --- the real program ---------------------------------------------------------------------------------


@pytest.fixture
def opened():
    """Start the real program in a pseudo-terminal; it is at its prompt."""
    import pexpect

    running = []

    def start(*arguments, **environment):
        known = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "INPUTRC")}
        known |= {"TERM": "xterm", "INPUTRC": os.devnull, **environment}
        command = ["-m", "engine", "debug", *arguments]
        size = (40, 150)
        program = pexpect.spawn(
            sys.executable, command, env=known, cwd=str(ROOT), encoding="utf-8", timeout=20, dimensions=size
        )
        running.append(program)
        program.expect_exact(PROMPT)
        return program

    yield start
    for program in running:
        program.close(force=True)


def answer(program, line):
    """Type a line and return what the program says to it."""
    program.sendline(line)
    program.expect_exact(PROMPT)
    return program.before


EXPRESSION = ("d = alpha*b; d + alpha", "alpha=2", "b=-3")


@pytest.mark.needs_terminal
def test_a_session_on_a_terminal(opened):
    program = opened(*EXPRESSION)
    assert "9 steps" in program.before
    assert "-> 1  b = -3" in answer(program, "n")
    assert "-> 2  d = alpha * b" in answer(program, "")
    assert "breakpoint 1: d" in answer(program, "b d")
    assert "alpha.grad is -2 at the end" in answer(program, "why alpha")
    assert "unknown command nxt; did you mean 'next'?" in answer(program, "nxt")
    program.sendline("q")
    program.expect(EOF())
    program.close()
    assert program.exitstatus == 0


def EOF():
    import pexpect

    return pexpect.EOF


@pytest.mark.needs_terminal
def test_the_tabulator_completes_names_and_commands(opened):
    program = opened(*EXPRESSION)
    program.send("why al\t")
    program.expect_exact("why alpha")
    assert "alpha.grad is -2 at the end" in answer(program, "")
    program.send("revers\t")
    program.expect_exact("reverse-continue ")
    assert "this is the beginning" in answer(program, "")


@pytest.mark.needs_terminal
def test_the_arrow_up_brings_back_what_was_typed(opened):
    program = opened(*EXPRESSION)
    answer(program, "print b.data * 7")
    answer(program, "next")
    program.send("\x1b[A\x1b[A")
    program.expect_exact("print b.data * 7")
    assert "b.data * 7 = not known here" in answer(program, "")


@pytest.mark.needs_terminal
def test_the_end_of_input_quits(opened):
    program = opened(*EXPRESSION)
    program.sendeof()
    program.expect(EOF())
    program.close()
    assert program.exitstatus == 0


@pytest.mark.needs_terminal
def test_an_interrupt_during_a_long_run_comes_back_to_the_prompt(opened, tmp_path):
    long = tmp_path / "long.py"
    long.write_text(
        "from engine import Value\n"
        "loss = Value(1.0, 'x')\n"
        "for _ in range(20_000):\n"
        "    loss = loss * 0.999\n"
    )  # fmt: skip
    program = opened(str(long))
    for _ in range(30):
        answer(program, "break if sin(grad) * cos(grad) + tanh(grad) > 5")
    program.sendline("continue")
    program.expect_exact("continue")
    with pytest.raises(TIMEOUT()):
        program.expect_exact(PROMPT, timeout=0.5)
    program.sendintr()
    program.expect_exact("interrupted before step ")
    program.expect_exact(PROMPT)
    assert "-> " in answer(program, "next")
    program.sendintr()
    program.expect_exact("quit ends the debugger")
    program.expect_exact(PROMPT)


def TIMEOUT():
    import pexpect

    return pexpect.TIMEOUT


@pytest.mark.needs_terminal
def test_colours_are_on_the_terminal_unless_somebody_wants_none(opened):
    program = opened(*EXPRESSION)
    assert COLOUR + "36m" in answer(program, "next")
    plain = opened(*EXPRESSION, NO_COLOR="1")
    said = plain.before + answer(plain, "next") + answer(plain, "nonsense") + answer(plain, "list")
    assert not re.search(r"\x1b\[\d*(;\d+)*m", said)


@pytest.mark.needs_terminal
def test_commands_of_a_file_come_first_on_a_terminal(opened, tmp_path):
    lesson = tmp_path / "lesson.txt"
    lesson.write_text("goto 3\n")
    program = opened(*EXPRESSION, "-x", str(lesson))
    program.expect_exact(PROMPT)  # the first one was that of the script
    assert "-> 4" in answer(program, "next")

"""The debugger on a terminal: it reads commands, prints what they say, repeats the last one and completes names."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import StepgradError
from ..graph import require_value
from ..name import callers_variables
from ..support.streams import ask, say
from ..support.terminal import is_asked, line_editing, width_of
from ..support.text import broken
from ..value import Value
from .command import Line
from .commands import complete, parse_line
from .moves import describe_here
from .session import Session
from .statements import describe_graph

PROMPT = "(stepgrad) "


def debug(
    root: Value, commands: Iterable[str] = (), names: Mapping[str, Any] | None = None, *, now: bool = False,
    update: Any = None,
) -> bool:  # fmt: skip
    """Step through the computation of a Value and through backpropagation from it, forwards and backwards.

    Commands come from the terminal, or from the standard input if that is a file or a pipe; the command ``help``
    lists them. The graph itself is not changed.

    Args:
        root: the Value to debug, usually a loss.
        commands: commands to run first; without a terminal, the debugger exits after them.
        names: variables, such as ``locals()``: a Value without a label is called by its variable; by default those of
            the caller, with ``{}`` none.
        now: compute the graph anew, with the numbers that its leaves have now, if they were changed since.
        update: what updates the leaves behind the backward pass, as in `engine.walk`: an optimiser or a learning rate.

    Returns:
        Whether every command of a script succeeded.

    Raises:
        TypeError: the root is not a Value.
        UndefinedDerivativeError: a derivative that is needed does not exist.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> debug(a * b, ["goto 5", "next", "quit"], names={})
    v2 = a * b = -6
    6 steps: forward 0 to 2, the seed 3, backward 4 to 5.
    Commands: next, back, continue, break NAME, why NAME, list, quit; type help for all commands.
    -> 0  a = 2
    (stepgrad) goto 5
    -> 5  b.grad += a * v2.grad
    (stepgrad) next
    5  v2 = a * b, so ∂v2/∂b = a = 2
       dv2/db += ∂v2/∂b * dv2/dv2 = 2 * 1 = 2   (b.grad 0 -> 2)
    -> the end: all 6 steps are taken
    (stepgrad) quit
    True
    """
    require_value(root, "debug")
    shell = Shell(Session(root, callers_variables(names), now, update))
    for line in (*describe_graph(shell.session), *describe_here(shell.session)):
        shell.say(line)
    commands = list(commands)
    shell.play(commands)
    if not shell.session.is_over and is_asked():
        shell.ask()
        return True
    if not (shell.session.is_over or commands):
        shell.play(sys.stdin or ())
    return not shell.has_failed


class Shell:
    """A terminal for a session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.has_failed = False  # whether a command failed
        self._last = ""  # the line that an empty line repeats

    def ask(self) -> None:
        """Ask for commands until one of them, or the end of the input, ends the session."""
        with line_editing(lambda line, begin: complete(self.session, line, begin)):
            while not self.session.is_over:
                try:
                    self.run(ask(PROMPT))
                except EOFError:
                    say()
                    return
                except KeyboardInterrupt:
                    self.say("  (quit ends the debugger)")

    def play(self, lines: Iterable[str]) -> None:
        """Run the commands of a script until ``quit``, printing each before its output; skip empty lines."""
        for line in filter(None, map(str.strip, lines)):
            self.say(PROMPT + line)
            self.run(line, is_script=True)
            if self.session.is_over:
                return

    def run(self, line: str, *, is_script: bool = False) -> None:
        """Run a line and print its output; an empty line repeats the last command."""
        line = line.strip() or self._last
        if not line or line.startswith("#"):
            return
        try:
            command, argument = parse_line(self.session, line)
            self._last = line if command.repeats else ""
            for each in command.run(self.session, argument):
                self.say(each)
        except (StepgradError, OSError) as error:
            self.has_failed = True
            self.say(Line(f"*** {error}", "error"))
        except KeyboardInterrupt:
            if is_script:
                raise
            self.say(Line(f"interrupted before step {self.session.position}", "stop"))

    def say(self, text: str) -> None:
        """Print a text in its style."""
        for line in broken(text, width_of(sys.stdout)):
            say(line, text.style if isinstance(text, Line) else "")

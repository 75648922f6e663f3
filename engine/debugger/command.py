"""What a command of the debugger is, and the table of all commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import cleandoc
from typing import NamedTuple

MAX_ROWS = 40  # of a table that a command prints
Run = Callable[..., Iterable[str]]  # takes the session and the rest of the typed line, and returns lines of output


class Line(str):
    """A line of output with a style: one of `engine.support.terminal.STYLES`, or none."""

    style: str

    def __new__(cls, text: str, style: str = "") -> Line:
        """Make a line of a text and its style."""
        line = super().__new__(cls, text)
        line.style = style
        return line


class Command(NamedTuple):
    """A command."""

    name: str
    run: Run
    help: list[str]  # as lines: a sentence, an empty line, and how to call it
    aliases: tuple[str, ...]
    repeats: bool  # whether an empty line on a terminal repeats it


COMMANDS: dict[str, Command] = {}  # filled by the modules of commands, in the order of the help


def command(usage: str, *aliases: str, repeats: bool = True) -> Callable[[Run], Run]:
    """Register a function as a command; its docstring is the help, and may say more than one line on the usage."""

    def register(run: Run) -> Run:
        name, help = usage.split()[0], cleandoc(run.__doc__ or "").split("\n")
        COMMANDS[name] = Command(name, run, help if len(help) > 1 else [*help, "", usage], aliases, repeats)
        return run

    return register

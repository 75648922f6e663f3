"""All commands of the debugger: looked up by a name or its beginning, run and completed, for any front end."""

import re
from collections.abc import Iterable
from contextlib import suppress

from ..errors import StepgradError
from ..support.text import did_you_mean, format_table
from . import breakpoints, moves, views  # noqa: F401 - they fill the table of commands
from .command import COMMANDS, Command, command
from .condition import Formula
from .session import Session
from .stop import CommandError


@command("help [COMMAND]", "h")
def show_help(session: Session, argument: str) -> Iterable[str]:
    """List all commands, or describe one."""
    if argument:
        return parse_line(session, argument)[0].help
    rows = [(name, ", ".join(alias for alias in each.aliases if len(alias) < 5), each.help[0])
            for name, each in COMMANDS.items()]  # fmt: skip
    return [
        *format_table(rows),
        "The name of a node prints it, and so does a formula, such as a.grad * 2.",
        "Commands can be abbreviated; Enter repeats the last one; # begins a comment.",
    ]


@command("quit", "q", "exit")
def quit_session(session: Session, argument: str) -> Iterable[str]:
    """End the debugger."""
    session.is_over = True
    return ()


LONGEST_SHORT = 2  # letters of an alias that gives way to a node of the same name
ALIASES = {alias: name for name, each in COMMANDS.items() for alias in each.aliases}


def parse_line(session: Session, line: str) -> tuple[Command, str]:
    """Return the command that a line calls, by a name, an alias or an abbreviation, and its argument.

    Raises:
        CommandError: the line is empty, there is no such command, or the abbreviation fits several.
    """
    line = re.sub(r"^\?", "help ", line.strip())
    if not line:
        raise CommandError("the name of a command is missing; type help for a list")
    if _is_about_node(session, line):
        return COMMANDS["print"], line
    parts = re.match(r"([\w-]+)\s*(.*)", line, re.DOTALL)
    name, argument = parts.groups() if parts else (line.split()[0], "")
    name = ALIASES.get(name, name)
    found = [name] if name in COMMANDS else [each for each in COMMANDS if each.startswith(name)]
    if len(found) > 1:
        raise CommandError(f"{name} is ambiguous: {' or '.join(found)}")
    if found:
        return COMMANDS[found[0]], argument
    with suppress(StepgradError):
        Formula(line, session.names)
        return COMMANDS["print"], line
    remedy = did_you_mean(name, [*COMMANDS, *ALIASES]) or "; type help for a list"
    raise CommandError(f"unknown command {name}{remedy}")


def _is_about_node(session: Session, line: str) -> bool:
    """Return whether a line is the name of a node or a formula that begins with one, and not a command in full."""
    if line in COMMANDS or (len(line) > LONGEST_SHORT and line in ALIASES):
        return False
    if session.names.find(line) is not None:
        return True
    parts = re.match(r"([\w.\[\]]+?)(\.grad|\.data)?\s*($|[-+*/<>]|[=!]=)", line)
    return parts is not None and session.names.find(parts[1]) is not None


def run_line(session: Session, line: str) -> Iterable[str]:
    """Run the command on a line and return the lines of its output.

    Raises:
        StepgradError: the command is unknown or cannot be carried out; the message says why.
        OSError: a file cannot be written.

    >>> from engine import Value
    >>> session = Session(Value(2.0, "a") * 3.0)
    >>> list(run_line(session, "n 2")), session.position
    (['0  a = 2', '1  constant 3', '-> 2  v2 = a * 3'], 2)
    """
    command, argument = parse_line(session, line)
    return command.run(session, argument)


def complete(session: Session, line: str, begin: int) -> list[str]:
    """Return completions of the last word of a line, which begins at an index: commands, then names of nodes."""
    text = line[begin:]  # the command or the name may have begun before
    name, space, argument = line.lstrip().partition(" ")
    typed = argument.lstrip() if space else name
    if not space or ALIASES.get(name, name) == "help":
        return [f"{each[len(typed) - len(text) :]} " for each in COMMANDS if each.startswith(typed)]
    names = session.names.findable
    found = [each for each in names if each.startswith(text)]
    found += [each[len(typed) - len(text) :] for each in names if each.startswith(typed)]
    owner, dot, attribute = text.rpartition(".")
    if dot and owner in names:
        found += [f"{owner}.{each}" for each in ("data", "grad") if each.startswith(attribute)]
    return list(dict.fromkeys(found))

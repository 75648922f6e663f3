"""The command loop: reads commands, finds what is meant, says what is wrong, repeats and completes."""

from __future__ import annotations

import cmd
import inspect
import sys
from collections.abc import Iterable
from typing import Any

from ..errors import StepgradError
from ..support.escape import printable
from ..support.terminal import has_colours, line_editing, painted
from ..support.text import columns, near_misses
from .session import CommandError, Session

PROMPT = "(stepgrad) "


class Shell(cmd.Cmd):
    """Run the commands that its methods ``do_...`` are, each with the rest of the line as its argument.

    The docstring of such a method is its help: a sentence, then lines of usage. Commands can be shortened as
    long as it is clear which is meant. The empty line repeats the last one.

    Attributes:
        session: what the commands are about.
        failed: whether a command could not be carried out.
        paints: whether lines are in colours.
    """

    prompt = PROMPT
    identchars = cmd.Cmd.identchars + "-"
    short: dict[str, str]  # abbreviations, and what they mean
    once: frozenset[str]  # commands that the empty line does not repeat

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.failed = False
        self.paints = has_colours(sys.stdout)
        self._is_alone = False
        kinds = type(self).__mro__
        own = [*reversed(kinds[: kinds.index(Shell)]), Shell]  # help and quit come last
        self.commands = {
            name.removeprefix("do_").replace("_", "-"): getattr(self, name)
            for name in (name for kind in own for name in vars(kind) if name.startswith("do_"))
        }

    # --- reading --------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask for commands until one of them ends it."""
        with line_editing():
            while True:
                try:
                    self.cmdloop()
                    return
                except KeyboardInterrupt:
                    self.say("  (quit ends the debugger)")

    def play(self, lines: Iterable[str]) -> bool:
        """Run commands that stand somewhere, and show each with what comes of it; return whether one was ``quit``.

        Lines that begin with ``#`` are shown and not run; empty ones are skipped.
        """
        self._is_alone = True
        try:
            for line in filter(None, map(str.strip, lines)):
                self.say(PROMPT + line)
                if self.onecmd(line):
                    return True
            return False
        finally:
            self._is_alone = False

    def say(self, lines: str | Iterable[str], style: str = "") -> None:
        """Write lines, with signs in the place of what a terminal would obey or cannot show."""
        encoding = sys.stdout.encoding or "utf-8"
        for line in lines.split("\n") if isinstance(lines, str) else lines:
            text = printable(line).encode(encoding, "backslashreplace").decode(encoding)
            print(painted(text, style) if style and self.paints else text)

    # --- running --------------------------------------------------------------------------------------

    def onecmd(self, line: str) -> bool:
        """Run a line; return whether it ends the debugger."""
        if line == "EOF":  # what cmd.Cmd makes of Ctrl-D
            print()
            return True
        if not line.strip():
            return self.emptyline()
        if line.startswith("#"):
            return False
        name, argument = self._parted(line)
        try:
            name = self.meant(name)
            self.lastcmd = "" if name in self.once else line
            return bool(self.commands[name](argument))
        except (StepgradError, OSError) as error:
            self.failed = True
            self.say(f"*** {error}", "error")
        except KeyboardInterrupt:
            if self._is_alone:
                raise
            self.say(f"interrupted before step {self.session.position}", "stop")
        return False

    def emptyline(self) -> bool:
        """Run the last command again."""
        return self.onecmd(self.lastcmd) if self.lastcmd else False

    def _parted(self, line: str) -> tuple[str, str]:
        name, argument, _ = self.parseline(line)
        return (name, (argument or "").strip()) if name else (line.split()[0], "")

    def meant(self, name: str) -> str:
        """Return the command of a name or an abbreviation.

        Raises:
            CommandError: there is no such command, or there are several.
        """
        if name in self.commands or name in self.short:
            return self.short.get(name, name)
        found = [command for command in self.commands if command.startswith(name)]
        if len(found) > 1:
            raise CommandError(f"{name} may be {' or '.join(found)}; type more of it")
        if not found:
            here = f"; print {name} prints the node" if name in self.session.places else "; help tells what there is"
            near = near_misses(name, [*self.commands, *self.short]) or here
            raise CommandError(f"there is no command {name}{near}")
        return found[0]

    # --- helping --------------------------------------------------------------------------------------

    def do_help(self, argument: str) -> None:
        """Tell what commands there are, or all about one.

        help [COMMAND]
        """
        if argument:
            self.say(_told(self.commands[self.meant(argument)]))
            return
        also = {name: [s for s, long in self.short.items() if long == name and len(s) < 5] for name in self.commands}
        self.say(columns((name, ", ".join(also[name]), _told(self.commands[name])[0]) for name in self.commands))
        self.say("The beginning of a command is enough if it is clear; Enter repeats the last; # begins a comment.")

    def do_quit(self, argument: str) -> bool:
        """End the debugger.

        quit
        """
        return True

    # --- completing -----------------------------------------------------------------------------------

    def completenames(self, text: str, *ignored: Any) -> list[str]:
        """Return the commands that begin as a text does."""
        return [name + " " for name in self.commands if name.startswith(text)]

    def completedefault(self, text: str, line: str, begin: int, end: int) -> list[str]:
        """Return the names of nodes that begin as a text does; a name may contain what ends a word."""
        command, space, typed = line[:end].lstrip().partition(" ")
        if not space:  # a command with a - in it
            return [name[len(command) - len(text) :] for name in self.completenames(command)]
        before = len(typed.lstrip()) - len(text)
        found = [name for name in self.session.places if name.startswith(text)]
        found += [name[before:] for name in self.session.places if name.startswith(typed.lstrip())]
        owner, dot, attribute = text.rpartition(".")
        if dot and owner in self.session.places:
            found += [f"{owner}.{each}" for each in ("data", "grad") if each.startswith(attribute)]
        return list(dict.fromkeys(found))

    def complete_help(self, text: str, *ignored: Any) -> list[str]:
        """Return the commands that begin as a text does."""
        return self.completenames(text)


def _told(command: Any) -> list[str]:
    """Return the help of a command as lines."""
    return inspect.cleandoc(command.__doc__ or "").split("\n")

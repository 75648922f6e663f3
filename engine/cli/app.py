"""The application `stepgrad`: it reads the arguments, imports the command that they call, and reports its errors.

Other packages add commands by the entry points ``stepgrad.commands``, as `nn` adds ``train``.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from importlib import import_module
from operator import attrgetter
from typing import Any, NoReturn

from .. import __version__
from ..errors import StepgradError
from ..support.streams import flush, own_streams, prints_as_messages
from ..support.text import did_you_mean, printable
from .command import FINITE, MINUS, STATUS, TARGET, Command, assignment, notify, option
from .entry_points import entry_points

COMMANDS = (
    "draw", "page", "explain", "debug", "dap", "program", "save", "diff", "check", "verify", "doctor", "costs", "quiz",
    "lab", "editor", "completion",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `stepgrad`, and report errors in a line.

    Args:
        arguments: the arguments; by default those of the process.

    Returns:
        The exit status: 0 success, 1 failure, 130 interrupted.

    Raises:
        SystemExit: the arguments are wrong (status 2), or ask for help or the version (status 0).
    """
    options: argparse.Namespace | None = None
    with own_streams():
        try:
            try:
                options = parse_arguments(sys.argv[1:] if arguments is None else list(arguments))
                status = _run(options)
            except SystemExit:
                flush()
                raise
            flush()
        except BrokenPipeError:
            return 1
        except (StepgradError, OSError, UnicodeError) as error:
            says = str(error)
            if isinstance(error, OSError) and error.filename is not None:
                says = f"{error.filename}: {error.strerror}"
            notify([says], options.command.options if options else ())
            return 1
        except KeyboardInterrupt:
            notify(["interrupted"])
            return 130
    return status


def load_command(name: str) -> Command:
    """Import a command of our own."""
    return getattr(import_module(f"..commands.{name}", __name__), name)  # type: ignore[no-any-return]


def all_commands() -> list[Command]:
    """Return all commands, including those of other packages."""
    found = {name: load_command(name) for name in COMMANDS}
    for name, place in entry_points().items():
        if name not in found:
            found[name] = _load_entry(name, place)
    return list(found.values())


def _load_entry(name: str, place: str) -> Command:
    """Return a command of another package; if it cannot be loaded, calling it says why."""
    module, _, attribute = place.partition(":")
    try:
        return attrgetter(attribute)(import_module(module))  # type: ignore[no-any-return]
    except Exception as error:
        why = f"the command {name} cannot be loaded from {place}: {type(error).__name__}: {error}"

    def run(options: argparse.Namespace) -> int:
        raise StepgradError(why)

    run.__doc__ = f"(Not available: {why})"
    return Command(name, run, [option("arguments", nargs="*")], has_target=False)


class Parser(argparse.ArgumentParser):
    """A parser of arguments whose error stands above the usage."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and how to call the command, and exit with status 2."""
        self.exit(2, f"{self.prog}: {printable(message)}\n{self.format_usage()}Run {self.prog} --help for details.\n")


def build_parser(commands: Iterable[Command], files: Any = None) -> Parser:
    """Return a parser for commands; `shtab` says how shells complete the names of files."""
    parser = Parser(
        prog="stepgrad",
        usage="stepgrad COMMAND ...",
        description="See backpropagation: draw graphs, step through the chain rule, check gradients, find mistakes.",
        epilog="Run stepgrad COMMAND --help for details.",
    )
    parser.add_argument("--version", action="version", version=f"stepgrad {__version__}")
    parser.set_defaults(command=None, parser=parser)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", prog=parser.prog)
    for each in commands:
        _add_command(subparsers, each, files)
    return parser


def _add_command(subparsers: Any, each: Command, files: Any) -> None:
    target = [
        option("target", metavar="TARGET", help="a program or an expression, see above"),
        option("numbers", metavar="NAME=NUMBER", nargs="*", type=assignment, default=[], help="a number for a name"),
    ]
    finite = [FINITE] if each.has_target and not each.open else []
    options = [*(target if each.has_target else ()), *each.options, *finite]
    shapes = {"*": "[{} ...]", "?": "[{}]"}
    positional = [
        shapes.get(settings.get("nargs", ""), "{}").format(settings.get("metavar", flags[0]))
        for flags, settings in options
        if not flags[0].startswith("-")
    ]
    examples = "".join(f"\n  {example}" for example in each.examples)
    parser = subparsers.add_parser(
        each.name,
        usage=" ".join(["stepgrad", each.name, *positional, "[OPTION ...]"]),
        help=each.help.partition("\n")[0].replace("%", "%%"),
        description=f"{each.help}\n\n{TARGET if each.has_target else ''}",
        epilog=f"examples:{examples}\n\n{STATUS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for flags, settings in options:
        action = parser.add_argument(*flags, **settings)
        if any(word in settings.get("metavar", "") for word in ("TARGET", "FILE", "DIR")):
            action.complete = files
    parser.set_defaults(command=each, parser=parser)


def parse_arguments(given: Sequence[str]) -> argparse.Namespace:
    """Return what a call of a command asks for; exit with a message if the call is wrong."""
    first = given[0] if given else ""
    commands = [load_command(first)] if first in COMMANDS else []
    if not commands and first != "--version":
        commands = all_commands()
    parser, names = build_parser(commands), [each.name for each in commands]
    if given and not first.startswith("-") and first not in names:
        parser.error(f"unknown command {first!r}{did_you_mean(first, names)}")
    options, more = parser.parse_known_args(given)
    command, parser = options.command, options.parser
    unknown = [text for text in more if text.startswith("-") or command is None or not command.has_target]
    if unknown:
        kind = "option" if unknown[0].startswith("-") else "argument"
        known = [flag for flags, _ in command.options for flag in flags] if command else []
        is_expression = command is not None and command.has_target and not unknown[0].startswith("--")
        remedy = f"; {MINUS}" if is_expression else ""
        parser.error(f"unknown {kind} {unknown[0]}{did_you_mean(unknown[0], known) or remedy}")
    if command is None:
        parser.error("the name of a command is missing")
    try:  # before Python 3.12, argparse does not see arguments behind an option
        numbers = [*getattr(options, "numbers", ()), *map(assignment, more)]
    except argparse.ArgumentTypeError as error:
        parser.error(f"argument NAME=NUMBER: {error}")
    for name, count in Counter(name for name, _ in numbers).items():
        if count > 1:
            parser.error(f"{name} is given {count} numbers")
    options.numbers = dict(numbers)
    return options


def _run(options: argparse.Namespace) -> int:
    """Run a command and return its exit status."""
    command: Command = options.command
    if command.check:
        command.check(options)
    is_json = getattr(options, "json", False)
    with (prints_as_messages if is_json else nullcontext)() as output:
        options.output = output
        if not command.has_target:
            return command.run(options)
        from .target import load

        if not getattr(options, "finite", False):
            return command.run((command.open or load)(options.target, options.numbers), options)
        from ..events import check_finite, finite

        with finite():
            target = load(options.target, options.numbers)
        check_finite(target.root)
        return command.run(target, options)

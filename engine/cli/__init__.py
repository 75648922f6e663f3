"""The command `stepgrad`: look at a program's graph, or at that of an expression.

Each module here holds commands that belong together; other packages add theirs by the entry points
``stepgrad.commands``, as `nn` adds ``train``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from .. import __version__
from ..errors import StepgradError
from ..notation.expression import number
from .command import MINUS, STATUS, TARGET, Command, command, option
from .completion import SHELLS, script
from .judging import check, costs, doctor
from .looking import debug, draw, explain, page, program
from .target import load
from .teaching import lab, quiz

__all__ = ["Command", "main", "option"]

GROUP = "stepgrad.commands"


@command(
    "completion",
    option("shell", choices=SHELLS, help="the script says how to install it"),
    examples=["stepgrad completion bash", "stepgrad completion fish"],
    has_target=False,
)
def completion(options: argparse.Namespace) -> int:
    """Print a script that lets a shell complete this command."""
    commands = all_commands()
    parsers = _parsers(commands)[1]
    print(script(options.shell, {each.name: (each.summary, parsers[each.name]) for each in commands}), end="")
    return 0


COMMANDS = [draw, page, explain, debug, program, check, doctor, costs, quiz, lab, completion]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0 for done, 1 for an error, 2 for a wrong call."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    own = {each.name for each in COMMANDS}
    commands = COMMANDS if given and given[0] in own else all_commands()
    options = _options(_parsers(commands)[0], given)
    return _guarded(lambda: _called(options))


def all_commands() -> list[Command]:
    """Return all commands, those of other packages too."""
    found = {each.name: each for each in COMMANDS}
    for entry in entry_points(group=GROUP):
        found.setdefault(entry.name, _loaded(entry))
    return list(found.values())


def _loaded(entry: EntryPoint) -> Command:
    """Return a command of another package; what went wrong with it is said when it is called."""
    try:
        loaded: Command = entry.load()
        return loaded
    except Exception as error:
        why = f"{entry.name} of {entry.value} cannot be loaded: {type(error).__name__}: {error}"

    def run(options: argparse.Namespace) -> int:
        raise StepgradError(why)

    run.__doc__ = f"(Not there: {why})"
    return Command(entry.name, run, [option("arguments", nargs="*")], has_target=False)


def _called(options: argparse.Namespace) -> int:
    command: Command = options.command
    return command.run(*([load(options.target, dict(options.numbers))] if command.has_target else []), options)


def _guarded(call: Callable[[], int]) -> int:
    """Return the status of a command; what goes wrong is told in a line."""
    for stream in sys.stdout, sys.stderr:
        if hasattr(stream, "reconfigure"):  # labels may hold any character, and not every terminal shows all
            stream.reconfigure(errors="backslashreplace")
    try:
        status = call()
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains when it closes stdout
        return 1
    except (StepgradError, OSError, UnicodeError) as error:
        print(f"stepgrad: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stepgrad: interrupted", file=sys.stderr)
        return 130


def _parsers(each_of: Iterable[Command]) -> tuple[argparse.ArgumentParser, Mapping[str, argparse.ArgumentParser]]:
    """Return what reads a call, and what reads the rest of it for each command."""
    parser = argparse.ArgumentParser(
        prog="stepgrad",
        description="See backpropagation: draw graphs, step through the chain rule, check gradients, find mistakes.",
        epilog="stepgrad COMMAND --help tells more of each.",
    )
    parser.add_argument("--version", action="version", version=f"stepgrad {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for each in each_of:
        _add(commands, each)
    return parser, commands.choices


def _options(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """Return what the call asks for; end with a message and status 2 if it is wrong."""
    options, more = parser.parse_known_args(arguments)
    unknown = [text for text in more if text.startswith("-")]
    if unknown:
        remedy = "" if unknown[0].startswith("--") else f" {MINUS}"
        parser.error(f"unrecognized arguments: {' '.join(unknown)}{remedy}")
    if not options.command.has_target:
        if more:
            parser.error(f"unrecognized arguments: {' '.join(more)}")
        return options
    try:  # argparse in older Pythons does not see numbers that stand behind an option
        options.numbers += map(_assignment, more)
    except argparse.ArgumentTypeError as error:
        parser.error(f"argument NAME=NUMBER: {error}")
    for name, count in Counter(name for name, _ in options.numbers).items():
        if count > 1:
            parser.error(f"{name} is given {count} numbers")
    return options


def _add(commands: Any, each: Command) -> None:
    examples = "\n".join(f"  {example}" for example in each.examples)
    parser = commands.add_parser(
        each.name,
        help=each.summary.replace("%", "%%"),
        description=f"{each.help}\n\n{TARGET if each.has_target else ''}",
        epilog=f"examples:\n{examples}\n\n{STATUS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if each.has_target:
        parser.add_argument("target", metavar="TARGET", help="a program or an expression, see above")
        parser.add_argument(
            "numbers", metavar="NAME=NUMBER", nargs="*", type=_assignment, help="a name of the expression"
        )
    for flags, settings in each.options:
        parser.add_argument(*flags, **settings)
    parser.set_defaults(command=each)


def _assignment(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is none; write for instance a=2")
    try:
        return name.strip(), number(value)
    except StepgradError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from None


# --- the target ---------------------------------------------------------------------------------------

"""What a command of `stepgrad` is, and what commands share: options, pictures, notices, results as JSON."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import StepgradError
from ..support.files import check_writable, wrong_suffix
from ..support.streams import complain, say

if TYPE_CHECKING:
    from pathlib import Path

    from ..name import Names
    from ..value import Value

MINUS = "put -- before an expression that begins with a minus sign"
TARGET = f"""\
TARGET is a program, an expression or a saved graph:
  FILE.py        runs the program and takes its final result: the last top-level Value that nothing else uses
  FILE.py:NAME   takes this Value; NAME may be an item of a list, as in 'train.py:losses[0]'
  FILE.json      opens a graph that engine.save_graph or stepgrad save wrote; FILE.json:NAME one of its nodes
  "EXPRESSION"   such as "tanh(a*b + c)" or "d = a*b; tanh(d + c)", with a number for each name: a=2 b=-3 c=10
                 ({MINUS})
  -              reads any of these from standard input
"""
STATUS = "Exit status: 0 success, 1 failure, 2 usage error."

Run = Callable[..., int]  # takes the target, if the command has one, and the options, and returns the exit status
Option = tuple[tuple[str, ...], dict[str, Any]]


def option(*flags: str, **settings: Any) -> Option:
    """Describe an option or an argument of a command, as `argparse.ArgumentParser.add_argument` takes it."""
    return flags, settings


def as_path(text: str) -> Path:
    """Return the path that an argument is."""
    from pathlib import Path  # takes 10 ms to import, which the help need not wait for

    return Path(text)


def assignment(text: str) -> tuple[str, float]:
    """Return the name and the number that an argument gives it, as in ``a=2``."""
    from ..notation.expression import number

    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise argparse.ArgumentTypeError(f"expected NAME=NUMBER, such as a=2, not {text!r}")
    try:
        return name.strip(), number(value)
    except StepgradError as error:
        says = str(error).partition("\n")[0]
        raise argparse.ArgumentTypeError(f"{text!r}: {says}") from None


MAX_SECONDS = 1e6  # for what waits


def positive(text: str) -> int:
    """Return the whole number, 1 or more, that an argument is."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"must be a whole number, 1 or more, not {text!r}")
    return int(text)


def seconds(text: str) -> float:
    """Return the time that an argument is."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0.0 < found <= MAX_SECONDS:
        raise argparse.ArgumentTypeError(f"must be a number of seconds, from above 0 to {MAX_SECONDS:g}, not {text!r}")
    return found


COLOR = option("--color", choices=("auto", "always", "never"), default="auto",
               help="colour the output; auto: on a terminal, unless NO_COLOR is set (auto)")  # fmt: skip
NOW = option(
    "--now",
    action="store_true",
    help="compute the graph anew, with the numbers that its leaves have now, if they were changed since",
)
UPDATE = option("--update", metavar="RATE|NAME",
                help="also show the update: gradient descent with this learning rate, or the program's optimiser of "
                     "this name")  # fmt: skip
FINITE = option(
    "--finite",
    action="store_true",
    help="stop where the first infinity or not-a-number is made, in the program or in backpropagation",
)
JSON = option("--json", action="store_true", help="print the result as JSON")
LAYOUT = (  # options of pictures and of pages
    option("--direction", choices=("LR", "TB"), default="LR", help="left to right, or top to bottom (LR)"),
    option("--depth", metavar="N", type=positive,
           help="fold scopes deeper than N: 1 shows a network as layers, 2 as neurons"),
    option("--expand", metavar="SCOPE", action="append", default=[],
           help="open this scope while the others stay folded, such as 'layer 2.neuron 0'; may be repeated"),
    option("--every-sample", action=argparse.BooleanOptionalAction,
           help="draw every sample, or one to stand for all with the same structure (every, unless scopes are folded)"),
    option("--limit", metavar="N", type=positive, default=400, help="fold scopes if there are more boxes (400)"),
    option("--timeout", metavar="SECONDS", type=seconds, default=20.0, help="the longest time for the layout (20)"),
    NOW,
)  # fmt: skip


class Command(NamedTuple):
    """A command of `stepgrad`.

    A package adds commands of its own by naming one of these in its entry points, in the group
    ``stepgrad.commands``; see https://packaging.python.org/en/latest/specifications/entry-points/.
    """

    name: str
    run: Run  # its docstring, up to the arguments, is the help
    options: Sequence[Option] = ()
    examples: Sequence[str] = ()  # calls, for the help
    has_target: bool = True  # whether ``run`` gets a `Target` before the options
    check: Callable[[argparse.Namespace], object] | None = None  # called before the target is loaded; raises an error
    open: Callable[[str, Mapping[str, float]], Any] | None = (
        None  # what makes the target, if not `engine.cli.target.load`
    )

    @property
    def help(self) -> str:
        """What the command does, in a sentence and perhaps more."""
        described = re.split(r"\n\s*\n *Args:", self.run.__doc__ or "")[0]
        return "\n".join(map(str.strip, described.strip().split("\n")))


def command(name: str, *options: Option, examples: Sequence[str], **more: Any) -> Callable[[Run], Command]:
    """Make a function a command; see `Command`."""
    return lambda run: Command(name, run, options, examples, **more)


def check_out(options: argparse.Namespace, what: str = "", suffixes: Collection[str] = ()) -> None:
    """Make sure, before any work, that the file of the option ``--out`` can be written.

    Args:
        what, suffixes: what is to be written, such as ``"a page"``, and the suffixes that it can have; empty for any.

    Raises:
        StepgradError: the suffix is another one, or the file is the program itself.
        OSError: the file cannot be written.
    """
    path: Path | None = options.out
    if path is None:
        return
    if suffixes and (wrong := wrong_suffix(path, suffixes, what)):
        raise StepgradError(wrong)
    check_writable(path)
    program = file_of(getattr(options, "target", ""))
    if os.path.exists(program) and os.path.exists(path) and os.path.samefile(program, path):
        raise StepgradError(f"--out must be another file than the target {program}")


def file_of(target: str) -> str:
    """Return the file of a program or of a saved graph that is a target, or an empty text.

    >>> file_of("train.py:loss"), file_of("graph.json"), file_of("a*b")
    ('train.py', 'graph.json', '')
    """
    found = re.fullmatch(r"(.+\.(?:pyw?|json))(?::.*)?", target, re.DOTALL)
    return found[1] if found else ""


def check_picture(options: argparse.Namespace) -> None:
    """Make sure that the picture can be written."""
    from ..drawing.drawing import SUFFIXES

    check_out(options, "a drawing", SUFFIXES)


def notify(notices: Iterable[str], options: Iterable[Option] = ()) -> None:
    """Print notices of the library on the standard error; its parameters become options, as ``--limit 9``."""
    for notice in notices:
        for flag in (flags[-1] for flags, _ in options if flags[-1].startswith("--")):
            parameter = flag[2:].replace("-", "_")
            notice = re.sub(rf"\b{parameter}=True\b|^{parameter}(?= must )", flag, notice)
            notice = re.sub(rf"\b{parameter}=False\b", f"--no-{flag[2:]}", notice)
            notice = re.sub(rf"\b{parameter}=(?=\S)", f"{flag} ", notice)
            notice = re.sub(rf"\b{parameter}=", flag, notice)
        complain(f"stepgrad: {notice}")


def save_picture(
    make: Callable[..., Any], wishes: Iterable[str], options: argparse.Namespace, *paths: Path
) -> list[Path]:
    """Make a picture or a page with those of the options that it knows, save it, and print where, and its notices.

    It is written to the paths, or without any to that of the option ``--out``.
    """
    chosen = {name: getattr(options, name) for name in {*wishes, "now"} if name in options}
    try:
        picture = make(**chosen)
    except ValueError as error:  # a bad option, which is reported like any other error
        raise StepgradError(str(error)) from None
    written: list[Path] = list(map(picture.save, paths or [options.out]))
    for path in written:
        say(path)
    notify(picture.notices, options.command.options)
    return written


def print_result(options: argparse.Namespace, text: object, result: Any) -> None:
    """Print a result as a text, or with ``--json`` as JSON."""
    if options.json:
        print_json(options, result)
    else:
        say(text)


def print_json(options: argparse.Namespace, result: Any) -> None:
    """Print a result as JSON, made plain by `as_plain`; what else is printed with ``--json`` are messages."""
    say(write_json(result), stream=options.output)


def write_json(result: Any) -> str:
    r"""Return a result as JSON, with JSON's own escapes for characters that a terminal would obey.

    >>> print(write_json(["größe", "\x9b\u202e"]))
    [
      "größe",
      "\u009b\u202e"
    ]
    """
    import json

    text = json.dumps(as_plain(result), indent=2, ensure_ascii=False, allow_nan=False)
    return "\n".join(
        line if line.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)
        for line in text.split("\n")
    )


def describe_node(node: Value, names: Names) -> dict[str, Any]:
    """Return what a node is and what it was computed from, for JSON."""
    return {
        "name": names[node],
        "operation": node.op.name if node.inputs else None,
        "inputs": [names[x] for x in node.inputs],
        "data": node.data,
    }


def as_plain(thing: Any) -> Any:
    """Return a thing made of what JSON has; numbers that JSON does not have become texts.

    >>> as_plain({"x": (1.5, float("inf")), 2: None})
    {'x': [1.5, 'inf'], '2': None}
    """
    from dataclasses import fields, is_dataclass
    from decimal import Decimal

    from ..value import Value

    if thing is None or isinstance(thing, bool | int | str):
        return thing
    if isinstance(thing, float):
        return thing if thing - thing == 0.0 else str(thing)
    if isinstance(thing, Decimal):
        return int(thing) if thing < 10**15 else str(thing)
    if isinstance(thing, Value):
        return {"name": thing.label, "data": as_plain(thing.data), "grad": as_plain(thing.grad)}
    if is_dataclass(thing):
        return {field.name: as_plain(getattr(thing, field.name)) for field in fields(thing)}
    if isinstance(thing, Mapping):
        return {str(key): as_plain(value) for key, value in thing.items()}
    return list(map(as_plain, thing)) if isinstance(thing, Iterable) else str(thing)

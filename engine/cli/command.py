"""What a command of `stepgrad` is: what it does, and how it is called."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from inspect import cleandoc
from typing import Any, NamedTuple

MINUS = "(put -- before an expression that begins with a minus sign)"
TARGET = f"""\
TARGET is a program or an expression:
  FILE.py        runs the program and takes the last Value at its top level that no other is computed from
  FILE.py:NAME   takes this one; NAME may be a place in a list, as in 'train.py:losses[0]'
  "EXPRESSION"   such as "tanh(a*b + c)" or "d = a*b; tanh(d + c)", with a number for each name: a=2 b=-3 c=10
                 {MINUS}
"""
STATUS = "The exit status is 0 if all went well, 1 if not, 2 for a wrong call."

Run = Callable[..., int]  # takes the target, if it is about one, and the options, and returns the exit status
Option = tuple[tuple[str, ...], dict[str, Any]]


def option(*flags: str, **settings: Any) -> Option:
    """Describe an option or an argument of a command, as `argparse.ArgumentParser.add_argument` takes it."""
    return flags, settings


class Command(NamedTuple):
    """Hold one command.

    A package adds commands of its own to `stepgrad` by naming one of these in its entry points, in the group
    ``stepgrad.commands``; see https://packaging.python.org/en/latest/specifications/entry-points/.

    Attributes:
        name: what it is called by.
        run: does it; its docstring, up to what it says of arguments, is the command's help.
        options: what it can be called with.
        examples: calls, for its help.
        has_target: whether it is about a TARGET, which ``run`` then gets before the options.
    """

    name: str
    run: Run
    options: Sequence[Option] = ()
    examples: Sequence[str] = ()
    has_target: bool = True

    @property
    def help(self) -> str:
        """What the command does, in a sentence and perhaps more."""
        return cleandoc(self.run.__doc__ or "").partition("\n\nArgs:")[0]

    @property
    def summary(self) -> str:
        """What the command does, in a sentence."""
        return self.help.partition("\n")[0]


def command(name: str, *options: Option, examples: Sequence[str], has_target: bool = True) -> Callable[[Run], Command]:
    """Make a function a command; see `Command`."""
    return lambda run: Command(name, run, options, examples, has_target)


def positive(text: str) -> int:
    """Return a whole number of at least 1."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of at least 1")
    return int(text)

"""The standard streams: the one exit for all text that is shown, and what is read from users.

Labels, file names, data sets and the messages of other programs may contain characters that a terminal obeys, such as
escape sequences, or that show a text in another order than it has. `say` writes their escapes instead.
"""

from __future__ import annotations

import builtins
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import Any, TextIO

from .terminal import has_colours, kept_terminal, paint
from .text import MAX_LINE, printable, shorten

CLOSED = {"stdin": os.O_RDONLY, "stdout": os.O_RDONLY, "stderr": os.O_WRONLY}  # how os.devnull stands in for them


def say(text: object = "", style: str = "", stream: TextIO | None = None) -> None:
    r"""Write lines of text on a stream, by default the standard output, with escapes for control characters.

    Args:
        style: one of `engine.support.terminal.STYLES`, for a terminal with colours.

    Raises:
        OSError: the stream cannot be written.

    >>> say("one\ntwo \x1b[31m")
    one
    two \x1b[31m
    """
    stream = stream or sys.stdout
    encoding = stream.encoding or "utf-8"
    paints = style and has_colours(stream)
    for line in str(text).split("\n"):
        shown = printable(line).encode(encoding, "backslashreplace").decode(encoding)
        with _told():
            stream.write(f"{paint(shown, style) if paints else shown}\n")


def complain(text: str) -> None:
    """Write a message on the standard error, if that can be written, each line of it shortened."""
    with suppress(OSError):
        say("\n".join(shorten(line, MAX_LINE) for line in text.split("\n")), stream=sys.stderr)


def flush() -> None:
    """Write out what waits on the standard output, so that an error is reported like any other."""
    with _told():
        sys.stdout.flush()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # the reader has left
        raise
    except OSError as error:
        raise OSError(f"cannot write to the standard output: {error.strerror}") from None


def ask(prompt: str) -> str:
    """Return a line that a user types, as `input` does; the terminal is given back as it was.

    Raises:
        EOFError: there is no more input.
    """
    if not (sys.stdin and sys.stdout and sys.stderr):  # without any of them, input raises a RuntimeError
        raise EOFError
    with kept_terminal():
        return builtins.input(prompt)  # which a notebook replaces


def read_input() -> str:
    """Return all that is on the standard input.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return sys.stdin.read()
    except OSError as error:
        raise OSError(f"cannot read the standard input: {error.strerror}") from None


@contextmanager
def own_streams() -> Iterator[None]:
    """Prepare the standard streams for a command: any character, a closed stream and a reader who leaves will do.

    Warnings are shown as messages. Afterwards, what cannot be written out any more is dropped, since Python would
    complain about it.
    """
    for name, flags in CLOSED.items():
        if getattr(sys, name) is None:  # the next file would get its number, and what is meant for the stream
            setattr(sys, name, open(os.open(os.devnull, flags), "r" if name == "stdin" else "w"))  # noqa: SIM115
    for stream in sys.stdin, sys.stdout, sys.stderr:
        if hasattr(stream, "reconfigure"):  # not every terminal shows, and not every text is in, its encoding
            stream.reconfigure(errors="backslashreplace")
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning  # type: ignore[assignment]
            yield
    finally:
        for stream in sys.stdout, sys.stderr:
            try:
                stream.flush()
            except OSError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _show_warning(message: Any, category: Any, filename: str, lineno: int, *_: object) -> None:
    complain(warnings.formatwarning(message, category, filename, lineno).rstrip())


@contextmanager
def prints_as_messages() -> Iterator[TextIO]:
    """Send what programs print to the standard error, and yield the standard output."""
    output = sys.stdout
    with redirect_stdout(sys.stderr):
        yield output

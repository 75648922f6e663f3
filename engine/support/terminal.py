"""The terminal: whether it has colours, and how lines are edited and completed on it."""

import builtins
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from types import BuiltinFunctionType
from typing import TextIO

from .files import before_the_end

# Escape sequences of ECMA-48, 8.3.117 (SGR), https://ecma-international.org/publications-and-standards/standards/ecma-48/
STYLES = {"forward": "36", "seed": "33", "backward": "35", "next": "1", "stop": "1;33", "error": "31", "to come": "2"}
BETWEEN_WORDS = " \t\n|<>=+-*/(),!"  # what a word that can be completed does not contain

_wish = ContextVar("colours", default="auto")


@contextmanager
def colours(wish: str) -> Iterator[None]:
    """Choose whether the code inside writes in colours: ``"auto"``, ``"always"`` or ``"never"``."""
    token = _wish.set(wish)
    try:
        yield
    finally:
        _wish.reset(token)


def has_colours(stream: TextIO) -> bool:
    """Return whether to write in colours: on a terminal, unless NO_COLOR is set; see https://no-color.org/."""
    if _wish.get() != "auto":
        return _wish.get() == "always"
    is_able = os.environ.get("TERM") != "dumb" and (os.name != "nt" or "WT_SESSION" in os.environ)
    return stream.isatty() and not os.environ.get("NO_COLOR") and is_able


def width_of(stream: TextIO) -> int | None:
    """Return the columns of a terminal; None for a stream that is not a terminal."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def paint(text: str, style: str) -> str:
    r"""Return a text in a colour.

    >>> paint("a = 2", "forward")
    '\x1b[36ma = 2\x1b[0m'
    """
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m"


def is_asked() -> bool:
    """Return whether a user can type commands; in a notebook, ``input`` is a function of its own."""
    return bool(sys.stdin and sys.stdin.isatty()) or not isinstance(builtins.input, BuiltinFunctionType)


@contextmanager
def kept_terminal() -> Iterator[None]:
    """Give the terminal back as it was, with its echo, also if a signal ends the process while a line is typed."""
    try:
        import termios  # which Windows does not have

        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
    except (ImportError, OSError, termios.error):
        yield
        return
    give_back = partial(termios.tcsetattr, terminal, termios.TCSANOW, before)
    with before_the_end(give_back):
        try:
            yield
        finally:
            give_back()


@contextmanager
def line_editing(complete: Callable[[str, int], list[str]]) -> Iterator[None]:
    """Let the Tab key complete words in `input`; afterwards readline is as it was before.

    `complete` takes a line up to the cursor and where its last word begins, and returns what may replace the word.
    """
    try:
        import readline
    except ImportError:  # Windows has none
        yield
        return

    def completion(text: str, which: int) -> str | None:
        found = complete(readline.get_line_buffer()[: readline.get_endidx()], readline.get_begidx())
        return found[which] if which < len(found) else None

    before = readline.get_completer_delims(), readline.get_completer()
    readline.set_completer_delims(BETWEEN_WORDS)
    readline.set_completer(completion)
    is_libedit = "libedit" in (readline.__doc__ or "")  # the readline of macOS, which has commands of its own
    readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")
    try:
        yield
    finally:
        readline.set_completer_delims(before[0])
        readline.set_completer(before[1])

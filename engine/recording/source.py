"""Find the user's statement that created a node."""

import contextlib
import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType, FrameType
from typing import NamedTuple

HOUSE = os.path.dirname(os.path.dirname(__file__)) + os.sep  # the engine
# The engine and nn, and what runs their contexts: files that are not the user's program.
HOUSES = (HOUSE, os.path.join(os.path.dirname(HOUSE[:-1]), "nn") + os.sep, contextlib.__file__)
LIBRARY = (os.path.dirname(os.__file__) + os.sep, "<frozen ")  # Python's own modules
LONGEST = 100  # characters of a statement that are kept
MAX_KNOWN = 4096  # statements


class Source(NamedTuple):
    """The place where a node was made."""

    file: str  # or a sign such as ``<stdin>`` where there is no file
    line: int  # counted from 1
    text: str = ""  # the statement, on one line and without comments; empty where it can no longer be read
    function: str = "<module>"  # the function around it

    @property
    def place(self) -> str:
        """The file's name and the line, such as ``train.py:12``."""
        return _printable(f"{os.path.basename(self.file)}:{self.line}")

    def __str__(self) -> str:
        return _printable(f"{self.file}:{self.line}" + (f": {self.text}" if self.text else ""))


def _printable(text: str) -> str:
    from ..support.text import printable

    return printable(text)


def running_frame(passed: tuple[str, ...] = HOUSES) -> FrameType:
    """Return the innermost frame outside engine and nn, or other folders: a function of the user's program."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename.startswith(passed) and frame.f_back:
        frame = frame.f_back
    return frame


def running_statement(passed: tuple[str, ...] = HOUSES) -> Source:
    """Return the innermost statement outside engine and nn, or other folders: a line of the user's program."""
    frame = running_frame(passed)
    return source_at(frame.f_code, frame.f_lineno)


def source_of(error: BaseException) -> Source | None:
    """Return the innermost statement of the user's program in the traceback of an error; None without one."""
    found, traceback = None, error.__traceback__
    while traceback:
        code = traceback.tb_frame.f_code
        if not code.co_filename.startswith((*HOUSES, *LIBRARY)):
            found = code, traceback.tb_lineno
        traceback = traceback.tb_next
    return source_at(*found) if found else None


def source_at(code: CodeType, line: int) -> Source:
    """Return the statement that runs over a line of a code object."""
    place = id(code), line  # hashing the code itself reads all of it
    known = _known.get(place)
    if known and known[0] is code:
        return known[1]
    if len(_known) >= MAX_KNOWN:
        _known.clear()
    source = _read(code.co_filename, line, code.co_name)
    _known[place] = code, source  # so the code stays, and its id is of no other
    return source


_known: dict[tuple[int, int], tuple[CodeType, Source]] = {}


def _read(file: str, line: int, function: str) -> Source:
    import linecache  # takes a millisecond to import, as tokenize does

    linecache.checkcache(file)
    return Source(file, line, statement_at(tuple(linecache.getlines(file)), line), function)


def statement_at(lines: tuple[str, ...], line: int) -> str:
    r"""Return the statement that runs over a line, on one line, shortened, without comments.

    Args:
        lines: the program's lines.
        line: counted from 1.

    >>> statement_at(("loss = sum(\n", "    losses,  # of the batch\n", ")\n"), 2)
    'loss = sum(losses,)'
    """
    if not 0 < line <= len(lines):
        return ""
    text = _statements(lines).get(line) or " ".join(lines[line - 1].split())
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


@lru_cache(maxsize=16)
def _statements(lines: tuple[str, ...]) -> dict[int, str]:
    """Return for each line the statement that runs over it; nothing for lines that are not Python."""
    import tokenize

    found: dict[int, str] = {}
    try:
        for first, last, text in _logical_lines(lines):
            found.update(dict.fromkeys(range(first, last + 1), text))
    except (SyntaxError, tokenize.TokenError):
        pass  # such as a cell of a notebook with commands in it: what stands above them is found
    return found


def _logical_lines(lines: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    """Yield each logical line of a program: its first and last line, and its text on one line."""
    import io
    import tokenize

    passed = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)
    first, text, end = 0, "", (0, 0)
    for token in tokenize.generate_tokens(io.StringIO("".join(lines)).readline):
        if token.type == tokenize.NEWLINE:
            yield first, token.start[0], text
            text = ""
        elif token.type not in passed:
            if not text:
                first, end = token.start[0], token.start
            if token.start[0] == end[0]:
                text += " " * (token.start[1] - end[1])
            elif text[-1] not in "([{" and token.string not in ")]}":
                text += " "
            text += token.string
            end = token.end

"""Ctrl-C at every place where Python looks for signals, one after the other."""

import _thread
import linecache
import signal
import sys
from collections.abc import Callable, Iterator
from dis import opmap
from functools import partial
from io import IOBase
from itertools import chain, repeat
from operator import call
from pathlib import Path
from typing import Any

import engine
import nn

HOUSES = tuple(str(Path(package.__file__).parent) for package in (engine, nn) if package.__file__)


class At:
    """Raise KeyboardInterrupt before the count-th line of stepgrad that begins a turn of a loop or holds a call."""

    def __init__(self, count: int) -> None:
        self.count, self.place = count, ""

    def __enter__(self) -> None:
        self.before = sys.gettrace()
        sys.settrace(self._call)

    def __exit__(self, *_: object) -> None:
        sys.settrace(self.before)

    def _call(self, frame: Any, event: str, argument: object) -> Any:
        return self._line if frame.f_code.co_filename.startswith(HOUSES) else None

    def _line(self, frame: Any, event: str, argument: object) -> Any:
        text = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
        if event == "line" and not _is_leaving(frame) and (text.startswith(("for ", "while ")) or "(" in text):
            self.count -= 1
            if not self.count:
                self.place = f"{frame.f_code.co_filename}:{frame.f_lineno}: {text}"
                raise KeyboardInterrupt
        return self._line


def _is_leaving(frame: Any) -> bool:
    """Return whether a ``with`` block ends here; Python looks for no signal between its last line and ``__exit__``."""
    code, at = frame.f_code.co_code, frame.f_lasti
    return bytes([opmap["LOAD_CONST"]]) * 3 in code[at : at + 8 : 2]  # __exit__(None, None, None), perhaps in a return


def interrupted_everywhere(
    make: Callable[[], Any], run: Callable[[Any], object], stride: int = 1
) -> Iterator[tuple[Any, str]]:
    """Make something and run it, interrupted at one place after the other; yield it each time, and the place."""
    for count in range(1, 10_000, stride):
        made, at = make(), At(count)
        try:
            with at:
                run(made)
        except KeyboardInterrupt:
            yield made, at.place
        else:
            assert count > 1
            return
    raise AssertionError("it has no end")


class _Arriving(IOBase):
    """Its ``__exit__``, which is written in C, lets a signal arrive at the count-th call, as Ctrl-C does.

    Python looks for signals in every function that is not in C, so a trace function in Python would be interrupted
    itself, and not the next place in the program where Python looks.
    """

    closed = True

    def __init__(self, count: int) -> None:
        nothing = [].clear
        arriving = chain(repeat(nothing, count - 1), [partial(_thread.interrupt_main, signal.SIGINT)], repeat(nothing))
        self.close = partial(next, map(call, arriving))


def signals_at_every_instruction(
    action: Callable[[], object], prepare: Callable[[], object] = lambda: None
) -> Iterator[int]:
    """Call a function, and let Ctrl-C arrive at its first instruction, then at the second, and so on.

    Yield the number of the instruction after each call that was interrupted. Before each call, `prepare` is called.
    Python loses an interrupt of a generator that is just being closed; so several calls in a row must go through.
    """
    went_through = 0
    for count in range(1, 5_000):
        prepare()
        arriving, before = _Arriving(count).__exit__, sys.gettrace()

        def trace(frame: Any, event: str, argument: object) -> Any:
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            return arriving

        try:
            sys.settrace(trace)
            try:
                action()
            finally:
                sys.settrace(before)
        except KeyboardInterrupt:
            went_through = 0
            yield count
        else:
            went_through += 1
            if went_through > 3:
                return
    raise AssertionError("it has no end")

"""Signals that end the process, such as those of ``kill`` and of a terminal that is closed: what is done before."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]  # Windows has no SIGHUP

_cleaners: list[Callable[[], object]] = []


@contextmanager
def before_the_end(clean: Callable[[], object]) -> Iterator[None]:
    """Call a function if a signal ends the process while the block runs.

    A program that handles the signal itself is left to do so. Python sets and calls handlers in the main thread alone:
    what a block in another thread needs is done if the main thread is in such a block too.
    """
    before: dict[int, Any] = {}
    try:
        _cleaners.append(clean)
        for number in ENDING if threading.current_thread() is threading.main_thread() else ():
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.SIG_DFL
                signal.signal(number, _end)
        yield
    finally:
        if clean in _cleaners:
            _cleaners.remove(clean)
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: object) -> None:
    """Call the functions, the latest first, and end the process by the same signal."""
    for clean in reversed(_cleaners):
        with suppress(Exception):
            clean()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)

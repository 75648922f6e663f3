"""A debugger for backpropagation that goes back in time."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from ..support.terminal import is_asked
from ..value import Value
from .looking import Looking
from .session import CommandError, Session
from .statements import opening

__all__ = ["CommandError", "Debugger", "debug"]

SHORT = {
    "b": "break", "bt": "where", "c": "continue", "d": "delete", "exit": "quit", "g": "goto", "h": "help", "i": "info",
    "l": "list", "n": "next", "p": "print", "q": "quit", "r": "restart", "rc": "reverse-continue",
    "reverse-next": "back", "reverse-step": "back", "rn": "back", "rs": "back", "s": "next", "step": "next",
    "u": "until", "w": "where",
}  # fmt: skip


class Debugger(Looking):
    """Hold the whole debugger: a session, and the commands about it."""

    short = SHORT
    once = frozenset({"restart", "break", "tbreak", "delete", "display", "undisplay", "set", "goto"})

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.displays = {}


def debug(root: Value, commands: Iterable[str] = (), names: Mapping[str, Any] | None = None) -> bool:
    """Step through the computation of a Value and through backpropagation from it, forward and back in time.

    It asks for commands on the terminal, or reads them from the standard input if that is a file or a pipe; the
    command ``help`` tells what there is. The graph itself stays as it is.

    Args:
        root: the Value to debug, usually a loss.
        commands: commands to run first; if nobody sits at a terminal, the debugger ends after them.
        names: variables, such as ``locals()``: a Value without a label gets the name of its variable; without
            ``names``, those of the caller.

    Returns:
        Whether every command of a script could be carried out.

    Raises:
        TypeError: the root is not a Value.
        UndefinedDerivativeError: a derivative that is needed does not exist.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> debug(a * b, ["goto 5", "next", "quit"], names={})
    mul_2 = a * b = -6
    6 steps: forward 0 to 2, the seed 3, backward 4 to 5.
    Commands: next, back, continue, break NAME, why NAME, list, quit; help tells of all.
    -> 0  a = 2
    (stepgrad) goto 5
    -> 5  b.grad += a * mul_2.grad
    (stepgrad) next
    5  mul_2 = a * b, so d(mul_2)/d(b) = a = 2
       d(mul_2)/d(b) += d(mul_2)/d(b) * d(mul_2)/d(mul_2) = 2 * 1 = 2   (b.grad 0 -> 2)
    -> the end: all 6 steps are taken
    (stepgrad) quit
    True
    """
    if not isinstance(root, Value):
        raise TypeError(f"debug takes the Value to debug, such as a loss, not {type(root).__name__} {root!r:.40}")
    debugger = Debugger(Session(root, sys._getframe(1).f_locals if names is None else names))
    debugger.say(opening(debugger.session))
    debugger.here()
    commands = list(commands)
    is_over = debugger.play(commands)
    if is_over or (commands and not is_asked()):
        return not debugger.failed
    if is_asked():
        debugger.ask()
        return True
    debugger.play(sys.stdin)
    return not debugger.failed

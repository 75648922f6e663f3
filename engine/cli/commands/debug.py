"""The command ``stepgrad debug``: the debugger for backpropagation."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ...support.streams import read_input
from ...support.terminal import colours
from ..command import COLOR, NOW, UPDATE, as_path, command, option

if TYPE_CHECKING:
    from ..target import Target


@command(
    "debug",
    option("-x", "--commands", metavar="FILE",
           help="run the commands in FILE (- for standard input) first; exit afterwards if there is no terminal"),
    UPDATE, NOW, COLOR,
    examples=[
        'stepgrad debug "tanh(a*b + c)" a=2 b=-3 c=10', "stepgrad debug train.py:loss -x lesson.txt",
        "stepgrad debug train.py:loss --update 0.1",
        'echo "break a; continue; why a" | tr ";" "\\n" | stepgrad debug "a*a + a" a=3',
    ],
)  # fmt: skip
def debug(target: Target, options: argparse.Namespace) -> int:
    """Step through backpropagation in a debugger that also goes back in time.

    Without a terminal, it reads its commands from the standard input.
    """
    from ...debugger.shell import debug as debug_value

    text = ""
    if options.commands:
        text = read_input() if options.commands == "-" else as_path(options.commands).read_text(encoding="utf-8")
    with colours(options.color):
        update = target.update(options.update)
        has_succeeded = debug_value(target.root, text.splitlines(), names={}, now=options.now, update=update)
        return 0 if has_succeeded else 1

"""The command ``stepgrad program``: backpropagation as a Python program."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ...support.streams import say
from ..command import as_path, check_out, command, option

if TYPE_CHECKING:
    from ..target import Target


@command(
    "program",
    option("-o", "--out", metavar="FILE", type=as_path, help="write to this file instead of the standard output"),
    option("--plain", action="store_true", help="write every step of backpropagation; simplify and leave out nothing"),
    examples=['stepgrad program "tanh(a*b + c)" a=2 b=-3 c=10', "stepgrad program train.py:loss -o unrolled.py"],
    check=check_out,
)
def program(target: Target, options: argparse.Namespace) -> int:
    """Write backpropagation out as a Python program that runs on its own.

    Each step of the forward and the backward pass is a line; the program imports the module math alone.
    """
    from ...program.program import Program

    way = not options.plain
    written = Program(target.root, names=target.variables, fold=way, share=way, prune=way)
    say(written.save(options.out) if options.out else written.source.rstrip("\n"))
    return 0

"""The command ``stepgrad program``: backpropagation as a program in Python or JavaScript."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ...support.files import write_whole
from ...support.streams import say
from ..command import as_path, check_out, command, option

if TYPE_CHECKING:
    from ..target import Target


@command(
    "program",
    option("-o", "--out", metavar="FILE", type=as_path, help="write to this file instead of the standard output"),
    option("--language", choices=("python", "js"),
           help="python or js, which is JavaScript (js if the file ends in .js, otherwise python)"),
    option("--plain", action="store_true", help="write every step of backpropagation; simplify and leave out nothing"),
    examples=['stepgrad program "tanh(a*b + c)" a=2 b=-3 c=10', "stepgrad program train.py:loss -o unrolled.py",
              "stepgrad program train.py:loss --language js"],
    check=check_out,
)  # fmt: skip
def program(target: Target, options: argparse.Namespace) -> int:
    """Write backpropagation out as a program that runs on its own, in Python or JavaScript.

    Each step of the forward and the backward pass is a line. In Python, the program imports the module math alone.
    """
    from ...program.program import Program

    way = not options.plain
    written = Program(target.root, names=target.variables, fold=way, share=way, prune=way)
    language = options.language or ("js" if options.out and options.out.suffix.lower() == ".js" else "python")
    source = written.javascript if language == "js" else written.source
    if options.out:
        write_whole(options.out, source.encode())
    say(options.out or source.rstrip("\n"))
    return 0

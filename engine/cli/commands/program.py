"""The command ``stepgrad program``: backpropagation as a program in Python and other languages."""

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
    option("--language", choices=("python", "javascript", "js", "c", "jax", "torch", "numpy"),
           help="the language: a line a step in python, javascript or c; whole arrays for jax, torch or numpy "
           "(without it, javascript or c if the file ends so, otherwise python)"),
    option("--plain", action="store_true", help="write every step of backpropagation; simplify and leave out nothing"),
    examples=['stepgrad program "tanh(a*b + c)" a=2 b=-3 c=10', "stepgrad program train.py:loss -o unrolled.py",
              "stepgrad program train.py:loss --language jax"],
    check=check_out,
)  # fmt: skip
def program(target: Target, options: argparse.Namespace) -> int:
    """Write backpropagation out as a program that runs on its own.

    In Python, JavaScript and C, each step of the forward and the backward pass is a line. For JAX, PyTorch and NumPy,
    the program is a function of whole arrays, which these differentiate, for many samples at once.
    """
    from ...program.program import Program, language_of

    way = not options.plain
    written = Program(target.root, names=target.variables, fold=way, share=way, prune=way)
    language = options.language or (language_of(options.out) if options.out else "python")
    if options.out and language == "onnx":
        say(written.save(options.out, language))
        return 0
    source = written.written("javascript" if language == "js" else language)
    if options.out:
        write_whole(options.out, source.encode())
    say(options.out or source.rstrip("\n"))
    return 0

"""The command ``stepgrad save``: a graph in a file."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ...support.streams import say
from ..command import as_path, check_out, command, option

if TYPE_CHECKING:
    from ..target import Target

SUFFIXES = (".json",)


def check_save(options: argparse.Namespace) -> None:
    """Make sure that the file can be written."""
    check_out(options, "a graph", SUFFIXES)


@command(
    "save",
    option("-o", "--out", metavar="FILE", type=as_path, default="graph.json", help="the file to write (graph.json)"),
    option("--backward", action=argparse.BooleanOptionalAction,
           help="run backward() first (default: only if the program has not)"),
    examples=['stepgrad save "tanh(a*b + c)" a=2 b=-3 c=10', "stepgrad save train.py:loss -o loss.json"],
    check=check_save,
)  # fmt: skip
def save(target: Target, options: argparse.Namespace) -> int:
    """Save a graph with its numbers, names and source lines, for every command to open without the program."""
    from ...capsule import save_graph

    if options.backward or options.backward is None:
        target.differentiate(again=bool(options.backward))
    say(save_graph(target.root, options.out, {}, parameters=target.parameters))
    return 0

"""The command `stepgrad`."""

from __future__ import annotations

import argparse
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import __version__, draw, topological_order
from .errors import StepgradError
from .value import Value


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0 for done, 1 for an error, 2 for a wrong call."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (StepgradError, OSError) as error:
        print(f"stepgrad: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stepgrad", description="See backpropagation: draw graphs of computation.")
    parser.add_argument("--version", action="version", version=f"stepgrad {__version__}")
    commands = parser.add_subparsers(title="commands", required=True)
    draw_command = commands.add_parser(
        "draw",
        help="draw the graph of a Value that a program computes",
        description="Run a program and draw the graph of one of its Values.",
        epilog="example: stepgrad draw train.py:loss -o loss.svg",
    )
    draw_command.add_argument("target", metavar="FILE.py[:NAME]", help="the program; the variable, or its last root")
    draw_command.add_argument("-o", "--out", type=Path, default=Path("graph.svg"), help="picture to write (graph.svg)")
    draw_command.add_argument("--direction", choices=("LR", "TB"), default="LR", help="left to right, or top to bottom")
    draw_command.set_defaults(run=_draw)
    return parser


def _draw(options: argparse.Namespace) -> int:
    root, variables = load(options.target)
    print(draw(root, direction=options.direction, names=variables).save(options.out))
    return 0


def load(target: str) -> tuple[Value, dict[str, Any]]:
    """Run a program and return one of its Values, and all its variables.

    Args:
        target: the program's file, and after a colon the name of a variable; without a name the last
            Value that no other of the program's Values is computed from.

    Raises:
        StepgradError: there is no such file or variable, or the program failed.
    """
    path, _, name = target.partition(".py:")
    file = Path(path + ".py") if name else Path(path)
    if not file.is_file():
        raise StepgradError(f"there is no file {file}")
    try:
        variables = runpy.run_path(str(file), run_name="__main__")
    except Exception as error:
        raise StepgradError(f"{file} failed with {type(error).__name__}: {error}") from error
    if name:
        if not isinstance(variables.get(name), Value):
            known = ", ".join(n for n, thing in variables.items() if isinstance(thing, Value)) or "none"
            raise StepgradError(f"{file} has no Value named {name!r}; its Values: {known}")
        return variables[name], variables
    values = [thing for thing in variables.values() if isinstance(thing, Value)]
    below = {node for value in values for node in topological_order(value)[:-1]}
    roots = [value for value in values if value not in below]
    if not roots:
        raise StepgradError(f"{file} leaves no Value in a variable; assign one, such as loss = ...")
    return roots[-1], variables

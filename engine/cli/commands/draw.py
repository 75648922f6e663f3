"""The command ``stepgrad draw``: a picture of a graph."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from ..command import LAYOUT, as_path, check_picture, command, option, save_picture

if TYPE_CHECKING:
    from ..target import Target


@command(
    "draw",
    option("-o", "--out", metavar="FILE", type=as_path, default="graph.svg",
           help="the picture to write: .svg, .png, .pdf or .dot (graph.svg)"),
    *LAYOUT,
    option("--theme", choices=("light", "dark", "auto"), default="light",
           help="colour theme; auto follows the viewer's system (light)"),
    option("--gradients", action=argparse.BooleanOptionalAction, default=True, help="show gradients, or only data"),
    option("--local-gradients", action="store_true",
           help="show local gradients on the arrows, thicker for larger contributions"),
    option("--number-format", metavar="FORMAT", default="", help="format of numbers, such as .3f"),
    option("--legend", action=argparse.BooleanOptionalAction, default=True, help="explain the signs below the graph"),
    option("--backward", action=argparse.BooleanOptionalAction,
           help="run backward() first (default: only if the program has not)"),
    examples=['stepgrad draw "tanh(a*b + c)" a=2 b=-3 c=10', "stepgrad draw train.py:loss -o loss.svg --direction TB",
              "stepgrad draw train.py --depth 1 --theme dark --local-gradients"],
    check=check_picture,
)  # fmt: skip
def draw(target: Target, options: argparse.Namespace) -> int:
    """Draw the graph of a Value, with numbers and gradients.

    If there are too many values to draw, scopes are folded, and a message says how to open them.
    """
    from ...drawing.drawing import draw as draw_graph
    from ...drawing.picture import Wishes

    if options.backward or options.backward is None:
        target.differentiate(again=bool(options.backward))
    make = partial(draw_graph, target.root, names={}, parameters=target.parameters)
    save_picture(make, Wishes.__annotations__, options)
    return 0

"""The command ``stepgrad draw``: a picture of a graph."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import StepgradError
from ..command import command, notify, option, positive

if TYPE_CHECKING:
    from ..target import Target

LAYOUT = (  # options of pictures and of pages
    option("--direction", choices=("LR", "TB"), default="LR", help="left to right, or top to bottom (LR)"),
    option("--depth", metavar="N", type=positive,
           help="fold scopes deeper than N: 1 shows a network as layers, 2 as neurons"),
    option("--expand", metavar="SCOPE", action="append", default=[],
           help="open this scope while the others stay folded, such as 'layer 2.neuron 0'; may be repeated"),
    option("--every-sample", action=argparse.BooleanOptionalAction,
           help="draw every sample, or one to stand for all with the same structure (every, unless scopes are folded)"),
    option("--limit", metavar="N", type=positive, default=400, help="fold scopes if there are more boxes (400)"),
    option("--timeout", metavar="SECONDS", type=float, default=20.0, help="the longest time for the layout (20)"),
)  # fmt: skip


@command(
    "draw",
    option("-o", "--out", metavar="FILE", type=Path, default=Path("graph.svg"),
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
)  # fmt: skip
def draw(target: Target, options: argparse.Namespace) -> int:
    """Draw the graph of a Value, with numbers and gradients.

    If there are too many values to draw, scopes are folded, and a message says how to open them.
    """
    from ...drawing.drawing import draw as draw_graph
    from ...drawing.folding import Wishes

    if options.backward or options.backward is None:
        target.differentiate(again=bool(options.backward))
    save_picture(draw_graph, Wishes.__annotations__, target, options)
    return 0


def save_picture(make: Callable[..., Any], wishes: Iterable[str], target: Target, options: argparse.Namespace) -> Path:
    """Make a picture or a page with the options that it knows, save it, and print its path and notices."""
    chosen = {name: getattr(options, name) for name in wishes if name in options}
    try:
        picture = make(target.root, parameters=target.parameters, **chosen)
    except ValueError as error:  # a bad option, which is reported like any other error
        raise StepgradError(str(error)) from None
    path: Path = picture.save(options.out)
    print(path)
    notify(picture.notices, options.command.options)
    return path

"""The command ``stepgrad page``: a page to step through backpropagation."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..command import command, notify, option, wrong_options_as_errors
from .draw import LAYOUT

if TYPE_CHECKING:
    from ..target import Target


@command(
    "page",
    option("-o", "--out", metavar="FILE", type=Path, default=Path("backprop.html"),
           help="the page to write (backprop.html)"),
    *LAYOUT,
    option("--title", default="", help="the title of the page (default: the Value and its number)"),
    option("--open", action="store_true", help="show the page in the browser"),
    examples=['stepgrad page "tanh(a*b + c)" a=2 b=-3 c=10', "stepgrad page train.py:loss -o loss.html --depth 2"],
)  # fmt: skip
def page(target: Target, options: argparse.Namespace) -> int:
    """Write a page that steps through backpropagation, forwards and backwards.

    The page is a single HTML file that works offline.
    """
    from ...page.page import Options, show_steps

    wishes: Any = {name: wish for name, wish in vars(options).items() if name in Options.__annotations__}
    with wrong_options_as_errors():
        steps = show_steps(target.root, parameters=target.parameters, **wishes)
    path = steps.save(options.out)
    print(path)
    notify(steps.notices, page.options)
    if options.open:
        import webbrowser

        webbrowser.open(path.resolve().as_uri())
    return 0

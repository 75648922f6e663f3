"""The command ``stepgrad page``: a page to step through backpropagation."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from ..command import LAYOUT, UPDATE, as_path, check_out, command, option, save_picture

if TYPE_CHECKING:
    from ..target import Target


def check_page(options: argparse.Namespace) -> None:
    """Make sure that the page can be written."""
    from ...page.page import SUFFIXES

    check_out(options, "a page", SUFFIXES)


@command(
    "page",
    option("-o", "--out", metavar="FILE", type=as_path, default="backprop.html",
           help="the page to write (backprop.html)"),
    *LAYOUT, UPDATE,
    option("--title", default="", help="the title of the page (default: the Value and its number)"),
    option("--open", action="store_true", help="show the page in the browser"),
    examples=['stepgrad page "tanh(a*b + c)" a=2 b=-3 c=10', "stepgrad page train.py:loss -o loss.html --depth 2",
              "stepgrad page train.py:loss --update 0.1"],
    check=check_page,
)  # fmt: skip
def page(target: Target, options: argparse.Namespace) -> int:
    """Write a page that steps through backpropagation, forwards and backwards.

    The page is a single HTML file that works offline.
    """
    from ...page.page import Options, show_steps

    update = target.update(options.update)
    make = partial(show_steps, target.root, names={}, parameters=target.parameters, update=update)
    path = save_picture(make, Options.__annotations__.keys() - {"update"}, options)
    if options.open:
        import webbrowser

        webbrowser.open(path.resolve().as_uri())
    return 0

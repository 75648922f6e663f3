"""The command ``stepgrad page``: a page to step through backpropagation, a film of it, or slides."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..command import LAYOUT, UPDATE, as_path, check_out, command, option, save_picture, seconds

if TYPE_CHECKING:
    from ..target import Target

PAGE = Path("backprop.html")
FILMS = "gif", "mp4", "svg"  # options, and suffixes


def check_page(options: argparse.Namespace) -> None:
    """Make sure that the page, the films and the slides can be written."""
    from ...errors import StepgradError
    from ...page.film import check_slides
    from ...page.page import SUFFIXES
    from ...support.files import check_writable, wrong_suffix

    films = _films(options)
    if options.open or not films:
        options.out = options.out or PAGE
    check_out(options, "a page", SUFFIXES)
    for name in FILMS:
        if path := getattr(options, name):
            if wrong := wrong_suffix(path, [f".{name}"], f"the file of --{name}"):
                raise StepgradError(wrong)
            check_writable(path)
    if options.slides:
        check_slides(options.slides)
    if any(path.suffix.lower() in (".gif", ".mp4", ".pdf") for path in films):
        from ...page.video import require_libraries

        require_libraries()


def _films(options: argparse.Namespace) -> list[Path]:
    return [path for name in (*FILMS, "slides") if (path := getattr(options, name))]


@command(
    "page",
    option("-o", "--out", metavar="FILE", type=as_path,
           help=f"the page to write ({PAGE}, unless there are films or slides)"),
    *LAYOUT, UPDATE,
    option("--title", default="", help="the title of the page (default: the Value and its number)"),
    option("--open", action="store_true", help="show the page in the browser"),
    option("--gif", metavar="FILE", type=as_path, help="write a film of the passes: a picture for each step"),
    option("--mp4", metavar="FILE", type=as_path, help="write it as a video"),
    option("--svg", metavar="FILE", type=as_path, help="write it as an animated picture, sharp at every size"),
    option("--slides", metavar="PATH", type=as_path,
           help="write the pictures as pages of a PDF, or into a folder as SVG"),
    option("--seconds", metavar="S", type=seconds, default=1.5, help="how long each picture of a film stays (1.5)"),
    option("--theme", choices=("light", "dark"), default="light", help="colour theme of films and slides (light)"),
    examples=['stepgrad page "tanh(a*b + c)" a=2 b=-3 c=10', "stepgrad page train.py:loss -o loss.html --depth 2",
              "stepgrad page train.py:loss --update 0.1",
              'stepgrad page "tanh(a*b + c)" a=2 b=-3 c=10 --svg passes.svg --slides slides'],
    check=check_page,
)  # fmt: skip
def page(target: Target, options: argparse.Namespace) -> int:
    """Write a page that steps through backpropagation, forwards and backwards, or a film or slides of it.

    The page is a single HTML file that works offline.
    """
    from ...page.film import film
    from ...page.page import show_steps
    from ...page.stage import Options

    update = target.update(options.update)
    settings = {"names": {}, "parameters": target.parameters, "update": update}
    known = Options.__annotations__.keys() - {"update"}
    if options.out:
        (path,) = save_picture(partial(show_steps, target.root, **settings), known, options)
        if options.open:
            import webbrowser

            webbrowser.open(path.resolve().as_uri())
    if films := _films(options):
        save_picture(partial(film, target.root, **settings), known | {"seconds", "theme"}, options, *films)
    return 0

"""The command ``stepgrad diff``: two graphs side by side."""

from __future__ import annotations

import argparse
from html import escape
from typing import TYPE_CHECKING, Any

from ...errors import StepgradError
from ...support.files import write_whole
from ...support.streams import say
from ...support.text import printable, printable_lines
from ..command import JSON, NOW, as_path, assignment, check_out, command, notify, option, print_json, write_json

if TYPE_CHECKING:
    from ...comparison.alignment import Row
    from ...comparison.comparison import Comparison
    from ..target import Target

ISOLATES = {0x2068: None, 0x2069: None}  # marks around texts that run from right to left
SUFFIXES = (".html", ".htm", ".md", ".txt")


def check_diff(options: argparse.Namespace) -> None:
    """Make sure that the file can be written."""
    check_out(options, "a comparison", SUFFIXES)


@command(
    "diff",
    option("first", metavar="A", help="a program, a saved graph or an expression"),
    option("second", metavar="B", help="another one"),
    option("numbers", metavar="NAME=NUMBER", nargs="*", type=assignment, default=[],
           help="a number for a name in expressions"),
    option("--b", metavar="NAME=NUMBER", type=assignment, action="append", default=[],
           help="another number in B, if both are expressions; may be repeated"),
    option("--rtol", metavar="NUMBER", type=float, default=0.0,
           help="numbers count as equal if they differ by less, relative to their size (0)"),
    option("-o", "--out", metavar="FILE", type=as_path,
           help="write to this file instead of the standard output: .html, .md or .txt"),
    NOW, JSON,
    examples=['stepgrad diff "tanh(w*x)" "tanh(w*x)" w=2 x=0.5 --b w=2.5', "stepgrad diff train.py train.py:loss",
              'stepgrad diff "a*b + c" "a*b - c" a=2 b=3 c=4 -o diff.html'],
    has_target=False, check=check_diff,
)  # fmt: skip
def diff(options: argparse.Namespace) -> int:
    """Compare two programs, saved graphs or expressions: the first difference, and its effect on the result.

    The nodes are aligned by order. If both graphs have the same structure, the difference of the results is split over
    the inputs that differ, into parts that add up to it. The exit status is 1 if anything differs, as that of diff.
    """
    from ...comparison.comparison import compare

    first, second = (_load(options, place) for place in (0, 1))
    found = compare(
        first.root, second.root, first.variables, names_of_second=second.variables, rtol=options.rtol, now=options.now,
        called=(options.first, options.second),
    )  # fmt: skip
    notify(found.notices, options.command.options)
    first_row = found.first_difference
    result: dict[str, Any] = {
        "a": options.first,
        "b": options.second,
        "same_structure": found.is_alike,
        "first_difference": None if first_row is None else found.describe(first_row),
        "difference": found.difference,
        "parts": found.parts,
        "rows": [_row(found, row) for row in found.rows],
    }
    if options.out:
        written = write_json(result) if options.json else _written(found, options.out.suffix.lower())
        write_whole(options.out, f"{written}\n".encode())
        result = {"file": str(options.out)}
    if options.json:
        print_json(options, result)
    else:
        say(options.out or found)
    return int(bool(found.different))


def _load(options: argparse.Namespace, place: int) -> Target:
    """Return one of the two targets, with gradients; numbers are for expressions."""
    from ..target import load, split

    texts = options.first, options.second
    if texts == ("-", "-"):
        raise StepgradError("only one of A and B can be read from standard input")
    takes_numbers = [text == "-" or not split(text)[0] for text in texts]
    if options.b and not takes_numbers[1]:
        raise StepgradError(f"--b gives numbers to an expression, and {texts[1]} has its own")
    numbers = dict(options.numbers) | (dict(options.b) if place else {})
    is_for_others = any(takes_numbers) and not takes_numbers[place]
    target = load(texts[place], {} if is_for_others else numbers)
    target.differentiate()
    return target


def _row(found: Comparison, row: Row) -> dict[str, Any]:
    nodes = row.first, row.second
    return {
        "name": row.name,
        "differences": row.differences,
        "a": None if nodes[0] is None else {"data": nodes[0].data, "grad": nodes[0].grad},
        "b": None if nodes[1] is None else {"data": nodes[1].data, "grad": nodes[1].grad},
    }


def _written(found: Comparison, suffix: str) -> str:
    """Return a comparison in the format of a file; a page has the drawings of both graphs below."""
    from ...words.paper import write_page

    if suffix == ".txt":
        return found.document.text
    if suffix == ".md":
        return found.document.markdown
    return write_page("Two graphs side by side", "", f"{found.document.html}<h3>What differs</h3>\n{_drawings(found)}")


def _drawings(found: Comparison) -> str:
    """Return drawings of both graphs side by side, in HTML, with what differs marked: numbers, or else gradients."""
    from ...comparison.alignment import GRADIENT
    from ...drawing.drawing import draw

    rows = [row for row in found.different if {*row.differences} != {GRADIENT}] or found.different
    figures = []
    for place, root in enumerate((found.first, found.second)):
        different = {node for row in rows if (node := (row.first, row.second)[place]) is not None}
        names = found.names[place]
        given = {name: node for name, node in names.findable.items() if names.given(node)}
        drawing = draw(root, names=given, direction="TB", legend=False).mark(different)
        caption = f"{'AB'[place]}: {escape(printable(found.called[place]))}"
        shown = printable_lines(drawing.svg.translate(ISOLATES))  # as the names in the document are
        figures.append(f'<figure style="margin: 0">\n<figcaption>{caption}</figcaption>\n{shown}</figure>')
    style = "display: grid; grid-template-columns: 1fr 1fr; gap: 0.5cm; align-items: start"
    return f'<div style="{style}">\n' + "\n".join(figures) + "\n</div>\n"

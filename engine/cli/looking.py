"""Commands that look at a graph: draw, page, explain, debug, program."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from .. import Program, topological_order
from ..errors import StepgradError
from ..support.files import write_whole
from ..value import Value
from .command import command, option, positive
from .target import Target, chosen

DRAW = (
    "direction", "depth", "expand", "every_sample", "limit", "timeout", "theme", "gradients", "local_gradients",
    "number_format", "legend",
)  # fmt: skip
PAGE = "direction", "depth", "expand", "every_sample", "limit", "timeout", "title"
MOST_EXPLAINED = 5  # gradients, where nobody says which
T = TypeVar("T")


DIRECTION = option("--direction", choices=("LR", "TB"), default="LR", help="from left to right, or from top to bottom")
FOLDING = (  # of what is drawn, in pictures and on pages
    option("--depth", metavar="N", type=positive,
           help="fold what is deeper than N scopes: 1 shows a network as layers, 2 as neurons"),
    option("--expand", metavar="SCOPE", action="append", default=[],
           help="open this scope while the others stay folded, such as 'layer 2.neuron 0'; may be repeated"),
    option("--every-sample", action=argparse.BooleanOptionalAction,
           help="draw each of several samples that go the same way, or one for all (each, unless something is folded)"),
    option("--limit", metavar="N", type=positive, default=400, help="fold scopes if there are more boxes (400)"),
    option("--timeout", metavar="SECONDS", type=float, default=20.0, help="the longest time for the layout (20)"),
)  # fmt: skip


@command(
    "draw",
    option("-o", "--out", metavar="FILE", type=Path, default=Path("graph.svg"),
           help="the picture to write: .svg, .png, .pdf or .dot (graph.svg)"),
    DIRECTION, *FOLDING,
    option("--theme", choices=("light", "dark", "auto"), default="light", help="colours; auto: as the reader's system"),
    option("--gradients", action=argparse.BooleanOptionalAction, default=True, help="show gradients, or only data"),
    option("--local-gradients", action="store_true",
           help="show at each arrow the local gradient, and by its thickness the size of the contribution"),
    option("--number-format", metavar="FORMAT", default="", help="how to write numbers, such as .3f"),
    option("--legend", action=argparse.BooleanOptionalAction, default=True, help="explain the signs below the graph"),
    option("--backward", action=argparse.BooleanOptionalAction,
           help="compute the gradients first, or leave them as the program left them (compute them if it did not)"),
    examples=['stepgrad draw "tanh(a*b + c)" a=2 b=-3 c=10', "stepgrad draw train.py:loss -o loss.svg --direction TB",
              "stepgrad draw train.py --depth 1 --theme dark --local-gradients"],
)  # fmt: skip
def draw(target: Target, options: argparse.Namespace) -> int:
    """Draw the graph of a Value, with numbers and gradients.

    Scopes are folded if there are too many values to draw; the command then says how to open them.
    """
    from ..drawing.drawing import draw

    root = target.root
    if options.backward or options.backward is None:
        _differentiate(root, again=bool(options.backward))
    asked = {name: getattr(options, name) for name in DRAW}
    drawing = _asked(lambda: draw(root, parameters=target.parameters, **asked))
    print(drawing.save(options.out))
    _notice(drawing.notices)
    return 0


@command(
    "page",
    option("-o", "--out", metavar="FILE", type=Path, default=Path("backprop.html"), help="the page (backprop.html)"),
    DIRECTION, *FOLDING,
    option("--title", default="", help="what the page is about (the Value and its number)"),
    option("--open", action="store_true", help="show the page in the browser"),
    examples=['stepgrad page "tanh(a*b + c)" a=2 b=-3 c=10', "stepgrad page train.py:loss -o loss.html --depth 2"],
)  # fmt: skip
def page(target: Target, options: argparse.Namespace) -> int:
    """Write a page that steps through backpropagation, forwards and backwards in time.

    The page is one file that any browser shows, without a network.
    """
    from ..page.page import show_steps

    asked: Any = {name: getattr(options, name) for name in PAGE}
    page = _asked(lambda: show_steps(target.root, parameters=target.parameters, **asked))
    path = page.save(options.out)
    print(path)
    _notice(page.notices)
    if options.open:
        import webbrowser

        webbrowser.open(path.resolve().as_uri())
    return 0


def _differentiate(root: Value, again: bool = False) -> None:
    """Compute the gradients, if nobody has or if they are to be computed again."""
    if again or root.grad is None:
        root.zero_grad()
        root.backward()


def _asked(show: Callable[[], T]) -> T:
    """Return what is to be shown; an option that is no good is said as other errors are."""
    try:
        return show()
    except ValueError as error:
        raise StepgradError(str(error)) from None


def _notice(notices: Iterable[str]) -> None:
    for notice in notices:
        print(f"stepgrad: {notice}", file=sys.stderr)


@command(
    "explain",
    option("--by", metavar="NAMES",
           help=f"the inputs whose gradients to explain, such as a,b (the first {MOST_EXPLAINED})"),
    option("--node", metavar="NAME", help="explain this one node instead: its rule, what it receives and hands on"),
    option("--format", choices=("text", "markdown", "latex"), default="text", help="how it is written (text)"),
    option("-o", "--out", metavar="FILE", type=Path, help="write it there, and do not print it"),
    examples=['stepgrad explain "a*b + tanh(a)" a=2 b=-3 --by a',
              "stepgrad explain train.py:loss --node loss --format markdown"],
)  # fmt: skip
def explain(target: Target, options: argparse.Namespace) -> int:
    """Explain gradients by the chain rule, in words, formulas and numbers.

    The gradient of each input comes along paths; as text, a tree of the whole graph stands before them.
    """
    from ..words.explanation import explain
    from ..words.tree import tree

    root = target.root
    _differentiate(root)
    if options.node:
        known = {called: node for node in topological_order(root) if (called := node.label)}
        said = [explain(chosen(options.node, known, "the Value", "node"), root=root)]
    else:
        inputs = target.inputs(options.by)
        shown = inputs if options.by else inputs[:MOST_EXPLAINED]
        said = [explain(root, each) for each in shown]
        if len(shown) < len(inputs):
            print(f"stepgrad: {len(inputs) - len(shown):,} more inputs; name them with --by", file=sys.stderr)
    texts = [getattr(each, options.format).rstrip("\n") for each in said]
    if options.format == "text" and not options.node:
        texts.insert(0, str(tree(root)))
    text = "\n\n".join(texts) + "\n"
    if options.out:
        write_whole(options.out, text.encode())
    print(options.out if options.out else text, end="\n" if options.out else "")
    return 0


@command(
    "debug",
    option("-x", "--commands", metavar="FILE", type=Path,
           help="run the debugger's commands in this file first; without a terminal, then end"),
    examples=[
        'stepgrad debug "tanh(a*b + c)" a=2 b=-3 c=10',
        "stepgrad debug train.py:loss -x lesson.txt",
        'echo "break a; continue; why a" | tr ";" "\\n" | stepgrad debug "a*a + a" a=3',
    ],
)  # fmt: skip
def debug(target: Target, options: argparse.Namespace) -> int:
    """Step through backpropagation in a debugger that also goes back in time."""
    from ..debugger.shell import debug

    commands = options.commands.read_text(encoding="utf-8").splitlines() if options.commands else ()
    return 0 if debug(target.root, commands=commands, names={}) else 1


@command(
    "program",
    option("-o", "--out", metavar="FILE", type=Path, help="write the program there, and do not print it"),
    option("--plain", action="store_true",
           help="every step as backpropagation takes it: nothing folded, shared or left out"),
    examples=['stepgrad program "tanh(a*b + c)" a=2 b=-3 c=10', "stepgrad program train.py:loss -o unrolled.py"],
)  # fmt: skip
def program(target: Target, options: argparse.Namespace) -> int:
    """Write backpropagation out as a Python program that runs on its own.

    Forward and backward pass, each step of the chain rule a line, with nothing but the module math.
    """
    way = not options.plain
    program = Program(target.root, names=target.variables, fold=way, share=way, prune=way)
    if options.out:
        print(program.save(options.out))
    else:
        print(program.source, end="")
    return 0

"""Commands that show numbers, the program, the graph, and where a gradient comes from; they change nothing."""

from __future__ import annotations

from collections.abc import Iterable

from ..drawing.drawing import draw
from ..graph import topological_order
from ..steps.numbers import Then
from ..words.tree import draw_tree
from .breakpoints import choose_numbers
from .command import Line, command
from .moves import parse_position, show_displays
from .nodes import describe_display, describe_formula, describe_node, describe_path, explain_gradient, list_nodes
from .session import CommandError, Session
from .statements import list_steps

LINES_AROUND = 5  # lines of the program above and below a place
MAX_TREE = 200  # lines
MAX_DEPTH = 30  # levels of a tree


@command("print", "p")
def show(session: Session, argument: str) -> Iterable[str]:
    """Print a node, a formula, or all current numbers.

    print [NAME | FORMULA]   such as print a, print a.grad * 2, print |local|
    """
    if not argument:
        return list_nodes(session)
    node = session.names.find(argument)
    return [describe_formula(session, argument)] if node is None else describe_node(session, node)


@command("display", repeats=False)
def display(session: Session, argument: str) -> Iterable[str]:
    """Print a node or a formula after every move.

    display [NAME | FORMULA]
    """
    if argument:
        describe_display(session, argument)  # raises if it cannot be displayed
        session.add_display(argument)
    return show_displays(session)


@command("undisplay", repeats=False)
def undisplay(session: Session, argument: str) -> Iterable[str]:
    """Stop printing something after every move, or everything.

    undisplay [NUMBER]
    """
    for number in choose_numbers(argument, session.displays, "display", "display"):
        del session.displays[number]
    return ()


@command("list", "l")
def list_program(session: Session, argument: str) -> Iterable[str]:
    """List the program around the next step.

    Each line is a step; B marks breakpoints, and -> what comes next.

    list            around the next step; again: what follows
    list NUMBER     around this step
    list FROM, TO   these steps
    """
    first, last = _range(session, argument)
    if first >= session.end:
        raise CommandError("this is the end of the program; list NUMBER lists around a step")
    for step, line in list_steps(session, first, last):
        yield Line(line, "next" if step.index == session.position else "to come" * (step.index > session.position))
    session.listed = last


def _range(session: Session, argument: str) -> tuple[int, int]:
    """Return the first step to list, and the one after the last."""
    if not argument and session.listed is not None:
        return session.listed, session.listed + 2 * LINES_AROUND + 1
    if "," in argument:
        first, last = (parse_position(session, each.strip()) for each in argument.split(",", 1))
        return first, last + 1
    middle = parse_position(session, argument) if argument else session.position
    first = max(min(middle, session.end - 1) - LINES_AROUND, 0)
    return first, first + 2 * LINES_AROUND + 1


@command("where", "w", "bt")
def where(session: Session, argument: str) -> Iterable[str]:
    """Show the path from the root to the node of the next step.

    where
    """
    return describe_path(session)


@command("why")
def why(session: Session, argument: str) -> Iterable[str]:
    """Show every contribution to the gradient of a node, those so far and those to come.

    why NAME
    """
    if not argument:
        raise CommandError("the name of a node is missing: why NAME")
    return explain_gradient(session, session.node(argument))


@command("graph")
def graph(session: Session, argument: str) -> Iterable[str]:
    """Show the graph as a tree, or write a picture of it.

    graph [NAME]     the whole graph, or the part that this node is computed from
    graph FILE.svg   a picture; or .png, .pdf, .dot
    """
    if "." in argument and session.names.find(argument) is None:
        drawing = draw(session.walk.root, names=session.variables, values=session.moment)
        return [f"wrote {drawing.save(argument)}"]
    part = topological_order(session.node(argument) if argument else session.walk.root)
    return draw_tree(part, Then(session.moment), session.names, MAX_DEPTH, MAX_TREE, part="graph NAME").lines

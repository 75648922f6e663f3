"""Commands that show numbers, the program, the graph, and where a gradient comes from; they change nothing."""

import sys
from collections.abc import Iterable

from ..backprop import Backward
from ..drawing.drawing import draw
from ..graph import topological_order
from ..notation.formulas import partial, product
from ..paths import Paths, multiply_locals
from ..steps.walk import Seed
from ..support.terminal import width_of
from ..support.text import counted, cut, format_count, format_number, format_table
from ..value import Edge, Value
from ..words.tree import draw_tree
from .breakpoints import choose_numbers
from .command import MAX_ROWS, command
from .moves import parse_position, show_displays
from .session import Session
from .statements import list_steps, write_equation, write_local
from .stop import CommandError, changed_node

LINES_AROUND = 5  # lines of the program above and below a place
MAX_TREE = 200  # lines
MAX_DEPTH = 30  # levels of a tree, or of a path that is indented


@command("print [NAME | FORMULA]", "p")
def show(session: Session, argument: str) -> Iterable[str]:
    """Print a node, a formula such as a.grad * 2 or |local|, or all numbers computed so far."""
    node = session.names.find(argument)
    if argument:
        return [session.evaluate(argument)] if node is None else _describe_node(session, node)
    made = session.moment.data
    shown = [x for x in session.walk.order if not session.names.is_number(x) and made(x) is not None]
    if not shown:
        return ["nothing is computed yet; next takes the first step"]
    rows = [(session.names[node], *session.numbers(node)) for node in shown[:MAX_ROWS]]
    more = len(shown) - MAX_ROWS
    return [*format_table([("", "data", "grad"), *rows]), *[f"... {more:,} more; name one: print NAME"] * (more > 0)]


def _describe_node(session: Session, node: Value) -> list[str]:
    """Return a node's current numbers, and where it was made, as lines."""
    place, (data, grad) = session.walk.made_in(node), session.numbers(node)
    known = [f"step {place}", " / ".join(node.scope), str(node.source or ""), "set by you" * (place in session.changed)]
    reached = session.walk.reached_in(node)
    so_far = sum(index < session.position for index in reached)
    return [
        f"{write_equation(session, node)} = {data}   ({', '.join(filter(None, known))})",
        f"{session.names[node]}.grad = {grad}   ({so_far} of {counted(len(reached), 'contribution')} so far)",
    ]


@command("display [NAME | FORMULA]", repeats=False)
def display(session: Session, argument: str) -> Iterable[str]:
    """Print a node or a formula after every move."""
    if argument:
        if session.names.find(argument) is None:
            session.evaluate(argument)  # raises if it is not a formula
        session.displays[next(session.display_numbers)] = argument
    return show_displays(session)


@command("undisplay NUMBER | all", repeats=False)
def undisplay(session: Session, argument: str) -> Iterable[str]:
    """Stop printing something after every move, or everything."""
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
    begin, comma, end = argument.partition(",")
    if comma:
        first, last = parse_position(session, begin.strip()), parse_position(session, end.strip()) + 1
    else:
        middle = parse_position(session, argument) if argument else session.position
        around = max(min(middle, session.end - 1) - LINES_AROUND, 0)
        first = around if argument or session.listed is None else session.listed
        last = first + 2 * LINES_AROUND + 1
    if first >= session.end:
        raise CommandError("this is the end of the program; list NUMBER lists around a step")
    yield from list_steps(session, first, last)
    session.listed = last


@command("where", "w", "bt")
def where(session: Session, argument: str) -> Iterable[str]:
    """Show the path from the root to the node of the next step."""
    order, root, step = session.walk.order, session.walk.root, session.moment.next
    node = root if step is None else changed_node(step)
    if isinstance(step, Backward):  # it goes along this edge, even if another path is shorter
        path = [*Paths(order, step.node).shortest(), Edge(step.node, step.position)]
    else:
        path = Paths(order, node).shortest()
    lines = [f"{write_equation(session, root)}   the root"]
    for depth, edge in enumerate(path, 1):
        sign = partial(session.names[edge.node], session.names[edge.operand])
        equation = "  " * min(depth, MAX_DEPTH) + write_equation(session, edge.operand)
        lines.append(f"{equation}   {sign} = {format_number(edge.local)}")
    lines[-1] += "   <- here"
    if not path:
        return lines
    count = Paths(order, node).count()
    which = "the only path" if count == 1 else f"one of {format_count(count)} paths"
    factors = f"{product(*(format_number(edge.local) for edge in path))} = " if len(path) == 2 else ""
    result = f"{factors}{format_number(multiply_locals(path))}"
    return [*cut(lines, MAX_ROWS), f"the local derivatives multiply to {result}; this is {which} from the root"]


@command("why NAME")
def why(session: Session, argument: str) -> Iterable[str]:
    """Show every contribution to the gradient of a node, those so far and those to come."""
    node, walk = session.node(argument), session.walk
    start = None if node.inputs else walk.at(0).grad(node)
    reached = [step for index in walk.reached_in(node) if isinstance(step := walk[index], Seed | Backward)]
    rows = [("   ", "", "from before this backward pass", "", f"sum {format_number(start)}")] * bool(start)
    rows += [_contribution(session, step) for step in reached]
    total, count = format_number(walk.at(session.end).grad(node)), counted(len(reached), "contribution")
    yield f"{session.names[node]}.grad is {total} at the end, the sum of {count}:"
    yield from cut(format_table(rows), MAX_ROWS)
    to_come = [step for step in reached if step.index >= session.position]
    if to_come:
        coming = format_number(sum(step.contribution if isinstance(step, Backward) else step.seed for step in to_come))
        count = counted(len(to_come), "contribution")
        yield f"so far {format_number(to_come[0].before)}; still to come {coming} in {count} (marked . or ->)"
    else:
        yield "the gradient is complete"


def _contribution(session: Session, step: Seed | Backward[Value]) -> tuple[str, str, str, str, str]:
    """Return a contribution as a row of a table."""
    mark = "->" if step.index == session.position else " ." if step.index > session.position else "  "
    row, result = (mark, f"step {step.index}"), f"sum {format_number(step.after)}"
    if isinstance(step, Seed):
        return *row, "the seed", format_number(step.seed), result
    factors = f"{write_local(session, step)} * {session.names[step.node]}.grad"
    numbers = product(format_number(step.local), format_number(step.upstream))
    said = f"{factors} = {numbers} = {format_number(step.contribution)}"
    return *row, write_equation(session, step.node), said, result


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
    width = width_of(sys.stdout)
    return draw_tree(part, session.moment, session.names, MAX_DEPTH, MAX_TREE, part="graph NAME", width=width).lines

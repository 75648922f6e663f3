"""Descriptions of nodes: their numbers, the path to them, where a gradient comes from, what other numbers change."""

from __future__ import annotations

from collections.abc import Sequence

from ..backprop import Backward
from ..notation.formulas import partial, product, statement
from ..paths import Edge, Paths, multiply_locals
from ..steps.walk import Forward, Seed, Walk
from ..support.numbers import format_count, format_number
from ..support.text import change, counted, cut, format_table
from ..value import Value
from .condition import Formula
from .session import Session, changed_node
from .statements import write_local

MAX_ROWS = 40  # of a table
MAX_INDENT = 30  # levels of a path


def describe_node(session: Session, node: Value) -> list[str]:
    """Return a node's current numbers, and where it was made, as lines."""
    name, place = session.names[node], session.walk.made_in(node)
    made = filter(None, [name, statement(node, session.names.__getitem__), _data(session, node)])
    known = [f"step {place}", " / ".join(node.scope), str(node.source or ""), "set by you" * (place in session.changed)]
    reached = session.walk.reached_in(node)
    so_far = sum(index < session.position for index in reached)
    grad = format_number(session.moment.grad(node))
    return [
        f"{' = '.join(made)}   ({', '.join(filter(None, known))})",
        f"{name}.grad = {grad}   ({so_far} of {counted(len(reached), 'contribution')} so far)",
    ]


def describe_formula(session: Session, text: str) -> str:
    """Return a formula with its current number; its words for a step are about the last step."""
    found = Formula(text, session.names).at(session.moment, session.moment.last, session.names)
    return f"{text} = {found if isinstance(found, bool) else format_number(found, absent='not known here')}"


def describe_display(session: Session, text: str) -> str:
    """Return what is printed after every move for a node or a formula."""
    node = session.names.find(text)
    if node is None:
        return describe_formula(session, text)
    return f"{text} = {_data(session, node)}, {text}.grad = {format_number(session.moment.grad(node))}"


def list_nodes(session: Session) -> list[str]:
    """Return a table of the current number and gradient of every node."""
    shown = [node for node in session.walk.order if not session.names.is_number(node)]
    moment, names = session.moment, session.names
    rows = [(names[node], _data(session, node), format_number(moment.grad(node))) for node in shown[:MAX_ROWS]]
    more = len(shown) - MAX_ROWS
    return [*format_table([("", "data", "grad"), *rows]), *[f"... {more:,} more; name one: print NAME"] * (more > 0)]


def _data(session: Session, node: Value) -> str:
    return format_number(session.moment.data(node), absent="not made yet")


# --- where a gradient comes from ----------------------------------------------------------------------


def explain_gradient(session: Session, node: Value) -> list[str]:
    """Return each contribution to a node's gradient, those so far and those to come, as lines."""
    steps = session.walk
    start = None if node.inputs else steps.at(0).grad(node)
    reached = [step for index in steps.reached_in(node) if not isinstance(step := steps[index], Forward)]
    rows = [("   ", "", "from before this backward pass", "", f"sum {format_number(start)}")] * bool(start)
    rows += [_contribution(session, step) for step in reached]
    total = format_number(steps.at(session.end).grad(node))
    return [
        f"{session.names[node]}.grad is {total} at the end, the sum of {counted(len(reached), 'contribution')}:",
        *cut(format_table(rows), MAX_ROWS),
        _balance(session, reached),
    ]


def _contribution(session: Session, step: Seed | Backward) -> tuple[str, str, str, str, str]:
    mark = "->" if step.index == session.position else " ." if step.index > session.position else "  "
    row, result = (mark, f"step {step.index}"), f"sum {format_number(step.after)}"
    if isinstance(step, Seed):
        return *row, "the seed", format_number(step.seed), result
    name = session.names[step.node]
    numbers = product(format_number(step.local), format_number(step.upstream))
    return (
        *row,
        f"{name} = {statement(step.node, session.names.__getitem__)}",
        f"{write_local(session, step)} * {name}.grad = {numbers} = {format_number(step.contribution)}",
        result,
    )


def _balance(session: Session, reached: Sequence[Seed | Backward]) -> str:
    """Return how much of a gradient is there, and how much is still to come."""
    to_come = [step for step in reached if step.index >= session.position]
    if not to_come:
        return "the gradient is complete"
    coming = sum(step.contribution if isinstance(step, Backward) else step.seed for step in to_come)
    return (
        f"so far {format_number(to_come[0].before)}; still to come {format_number(coming)} "
        f"in {counted(len(to_come), 'contribution')} (marked . or ->)"
    )


# --- where in the graph -------------------------------------------------------------------------------


def describe_path(session: Session) -> list[str]:
    """Return the path from the root to the node that the next step is about, as lines."""
    order, root, step = session.walk.order, session.walk.root, session.step
    node = root if step is None else changed_node(step)
    if isinstance(step, Backward):  # it goes along this edge, even if another path is shorter
        path = [*(Paths(order, step.node).shortest() or ()), Edge(step.node, step.position)]
    else:
        path = Paths(order, node).shortest() or []
    lines = [_equation(session, root) + "   the root"]
    for depth, edge in enumerate(path, 1):
        sign = partial(session.names[edge.node], session.names[edge.operand])
        indent = "  " * min(depth, MAX_INDENT)
        lines.append(f"{indent}{_equation(session, edge.operand)}   {sign} = {format_number(edge.local)}")
    lines[-1] += "   <- here"
    if not path:
        return lines
    count = Paths(order, node).count()
    which = "the only path" if count == 1 else f"one of {format_count(count)} paths"
    numbers = [product(*(format_number(edge.local) for edge in path))] if len(path) == 2 else []
    numbers.append(format_number(multiply_locals(path)))
    said = f"the local derivatives multiply to {' = '.join(numbers)}; this is {which} from the root"
    return [*cut(lines, MAX_ROWS), said]


def _equation(session: Session, node: Value) -> str:
    return " = ".join(filter(None, [session.names[node], statement(node, session.names.__getitem__)]))


# --- what if ------------------------------------------------------------------------------------------


def compare_walks(session: Session, before: Walk) -> list[str]:
    """Return a table of what differs from another walk of the same graph: data, and gradients at the end."""
    old_end, new_end = before.at(len(before)), session.walk.at(session.end)
    rows = []
    for old, new in zip(before.order, session.walk.order, strict=True):
        grads = old_end.grad(old), new_end.grad(new)
        if repr((old.data, grads[0])) != repr((new.data, grads[1])) and not session.names.is_number(new):
            data = change(format_number(old.data), format_number(new.data))
            rows.append((session.names[new], data, change(*map(format_number, grads))))
    if not rows:
        return ["nothing changes"]
    heading, *lines = format_table([("", "data", "grad at the end"), *rows])
    return [heading, *cut(lines, MAX_ROWS)]

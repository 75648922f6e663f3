"""What there is to say about nodes: their numbers, where a gradient comes from, what a change of numbers does."""

from __future__ import annotations

from collections.abc import Sequence

from ..notation.formulas import product, statement
from ..step import Backward
from ..steps.walk import Forward, Seed, Walk
from ..support.text import change, columns, counted, cut, short
from ..value import Value
from .session import Session
from .statements import derivative

MOST = 40  # lines of a table


def data(session: Session, node: Value) -> str:
    """Return a node's number at this moment."""
    return short(session.moment.data(node), "not made yet")


def grad(session: Session, node: Value) -> str:
    """Return a node's gradient at this moment."""
    return short(session.moment.grad(node))


def about(session: Session, place: int) -> list[str]:
    """Return everything about a node at this moment."""
    node, name = session.walk.order[place], session.names[place]
    made = filter(None, [name, statement(node, session.called), data(session, node)])
    known = [f"step {place}", " / ".join(node.scope), str(node.source or ""), "set by you" * (place in session.changed)]
    reached = session.walk.reached_in(node)
    so_far = sum(index < session.position for index in reached)
    return [
        f"{' = '.join(made)}   ({', '.join(filter(None, known))})",
        f"{name}.grad = {grad(session, node)}   ({so_far} of {counted(len(reached), 'contribution')} so far)",
    ]


def table(session: Session) -> list[str]:
    """Return the number and the gradient of every node at this moment."""
    shown = [node for node in session.walk.order if not session.is_plain(node)]
    rows = [(session.called(node), data(session, node), grad(session, node)) for node in shown[:MOST]]
    more = len(shown) - MOST
    return [*columns([("", "data", "grad"), *rows]), *[f"... {more:,} more; name one: print NAME"] * (more > 0)]


def why(session: Session, place: int) -> list[str]:
    """Return where a node's gradient comes from: each contribution, those taken and those to come."""
    node, name, steps = session.walk.order[place], session.names[place], session.walk
    start = None if node.inputs else steps.at(0).grad(node)
    reached = [step for index in steps.reached_in(node) if not isinstance(step := steps[index], Forward)]
    rows = [("   ", "", "from before this backward pass", "", f"sum {short(start)}")] * bool(start)
    rows += [_contribution(session, step) for step in reached]
    total = steps.at(session.end).grad(node)
    return [
        f"{name}.grad is {short(total)} at the end, the sum of {counted(len(reached), 'contribution')}:",
        *cut(columns(rows), MOST),
        _balance(session, reached),
    ]


def _contribution(session: Session, step: Seed | Backward) -> tuple[str, str, str, str, str]:
    mark = "->" if step.index == session.position else " ." if step.index > session.position else "  "
    if isinstance(step, Seed):
        return mark, f"step {step.index}", "the seed", short(step.seed), f"sum {short(step.after)}"
    origin = f"{session.called(step.node)} = {statement(step.node, session.called)}"
    share = f"{product(short(step.local), short(step.upstream))} = {short(step.contribution)}"
    upstream = f"{session.called(step.node)}.grad"
    return (
        mark,
        f"step {step.index}",
        origin,
        f"{derivative(session, step)} * {upstream} = {share}",
        f"sum {short(step.after)}",
    )


def _balance(session: Session, reached: Sequence[Seed | Backward]) -> str:
    """Return what of a sum is there, and what is still to come."""
    to_come = [step for step in reached if step.index >= session.position]
    if not to_come:
        return "all of it has arrived"
    coming = sum(step.contribution if isinstance(step, Backward) else step.seed for step in to_come)
    so_far = short(to_come[0].before)
    return f"so far {so_far}; still to come {short(coming)} in {counted(len(to_come), 'contribution')} (marked . or ->)"


def comparison(session: Session, before: Walk) -> list[str]:
    """Return what is different from another walk of the same graph: data, and gradients at the end."""
    old_end, new_end = before.at(len(before)), session.walk.at(session.end)
    rows = []
    for name, old, new in zip(session.names, before.order, session.walk.order, strict=True):
        grads = old_end.grad(old), new_end.grad(new)
        if repr((old.data, grads[0])) != repr((new.data, grads[1])) and not session.is_plain(new):
            rows.append((name, change(short(old.data), short(new.data)), change(*map(short, grads))))
    if not rows:
        return ["nothing changes"]
    heading, *lines = columns([("", "data", "grad at the end"), *rows])
    return [heading, *cut(lines, MOST)]

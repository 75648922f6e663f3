"""explain: where a gradient comes from, by the chain rule, in words and formulas."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ..backprop import check_recorded
from ..derivatives import arriving, jacobian
from ..errors import GraphError
from ..graph import require_value, topological_order
from ..name import Names, callers_variables
from ..numbers import Numbers
from ..paths import Paths, multiply_locals
from ..recording.context import gc_paused
from ..slope import shown
from ..steps.update import Update
from ..steps.walk import Walk
from ..support.text import counted, without_middle
from ..value import Edge, Value
from .document import Document, Formula, Part
from .equations import (
    product_of,
    sum_of,
    write_local_gradient,
    write_name,
    write_number,
    write_operation,
    write_partial,
    write_rule,
    write_total,
)

DOTS = Formula("...", r"\cdots")
MAX_SHOWN = 5  # paths or contributions to show
MAX_EDGES = 24  # local gradients of a path to show
MAX_FACTORS = 6  # numbers of a product to write out
MAX_ROUTE = 8  # nodes of a path to name in its title


class Explanation(Document):
    """An explanation of a gradient.

    Attributes:
        gradient: the gradient, to the last digit; None if it is not computed.
        paths: how many paths contribute to it; None if the explanation is about a single node.
    """

    gradient: float | None = None
    paths: int | None = None


def explain(
    output: Value, wrt: Value | None = None, *, root: Value | None = None, names: Mapping[str, Any] | None = None,
    most: int = MAX_SHOWN, now: bool = False, update: Any = None,
) -> Explanation:  # fmt: skip
    """Explain a gradient by the chain rule, or one node of a graph.

    ``explain(loss, w)`` follows every path from ``w`` to ``loss``: the local gradients on it as formulas and numbers,
    their product, and the sum over all paths, which is ``w.grad``. If there are many paths, it counts them and shows
    the strongest. ``explain(node)`` describes one node: its rule, its local gradients, its upstream gradient, and what
    it passes on to each input; with ``root=loss`` also what the node itself receives.

    The graph is not changed; it does not matter whether `backward` has been called.

    Args:
        output: the Value to differentiate, usually a loss; or the node to describe.
        wrt: the Value to differentiate with respect to.
        root: for one node, the Value that backpropagation starts from.
        names: variables, such as ``locals()``: a Value without a label is called by its variable; by default those of
            the caller, with ``{}`` none.
        most: how many paths, or contributions, to show.
        now: compute the graph anew, with the numbers that its leaves have now, if they were changed since.
        update: what updates ``wrt``, as in `engine.walk`: explain its next number, too.

    Returns:
        The explanation: printing it writes plain text, notebooks display its formulas.

    Raises:
        UndefinedDerivativeError: a derivative that is needed does not exist.
        GraphError: the node is not part of the root's graph, or the root was made inside `no_grad`.
        ValueError: ``most`` is less than 1.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> print(explain(a * b, a))
    dv2/da = -3
    ===========
    <BLANKLINE>
    One path leads from a to v2. Multiply the local gradients along it.
    <BLANKLINE>
      a          =  2
      b          = -3
      v2 = a * b = -6
    <BLANKLINE>
    The path: v2 <- a
    -----------------
    <BLANKLINE>
      ∂v2/∂a = b = -3
    <BLANKLINE>
    a.grad is not computed yet; backward() makes it this number.
    """
    for value in (output, *(x for x in (wrt, root) if x is not None)):
        require_value(value, "explain")
    if wrt is not None and root is not None:
        raise TypeError("root can only be given with a single node, as in explain(node, root=loss)")
    if update is not None and wrt is None:
        raise TypeError("update can only be given with a derivative, as in explain(loss, w, update=optimiser)")
    if most < 1:
        raise ValueError(f"most must be at least 1, not {most!r}")
    check_recorded(output if root is None else root)
    with gc_paused():
        order = topological_order(output if root is None else root)
        numbers = Numbers(order, now)
        names = callers_variables(names)
        variables, stand_in = numbers.variables(names), numbers.stand_in
        if wrt is not None:
            says = _explain_derivative(stand_in(output), stand_in(wrt), variables, most)
            if update is not None:
                explain_update(says, Walk(output, 1.0, names, accumulate=False, now=now, update=update), wrt)
        else:
            says = _explain_node(stand_in(output), None if root is None else stand_in(root), variables, most)
        for notice in numbers.notices(Names(order, names)):
            says.say(notice)
        return says


def _explain_derivative(root: Value, wrt: Value, variables: Mapping[str, Any] | None, most: int) -> Explanation:
    order = topological_order(root)
    paths = Paths(order, wrt)
    names = Names(order if wrt in paths.edges else [*order, wrt], variables)
    says = Explanation()
    says.gradient, says.paths = jacobian([root], [wrt])[0][0], paths.count()
    start, end = write_name(wrt, names), write_name(root, names)
    sign = write_total(end, start)
    says.heading(sign, " = ", write_number(says.gradient))
    if root is wrt:
        says.say(end, " is the root itself: its gradient is the seed of backpropagation, 1.")
    elif not says.paths:
        says.say("No path leads from ", start, " to ", end, ", so ", sign, " is 0.")
    else:
        shown = paths.strongest(most)
        lead, task = "One path leads", "Multiply the local gradients along it."
        if says.paths > 1:
            lead = f"{counted(says.paths, 'path')} lead"
            task = "Multiply the local gradients along each path, and add the products."
        says.say(lead[0].upper() + lead[1:], " from ", start, " to ", end, ". ", task)
        nodes = {edge.node for path in shown for edge in without_middle(path, MAX_EDGES, None) if edge}
        mentioned = nodes.union(*(node.inputs for node in nodes))
        says.equations(_equation(node, names) for node in order if node in mentioned and not names.is_number(node))
        for index, path in enumerate(shown, 1):
            _explain_path(says, f"Path {index}: " if says.paths > 1 else "The path: ", path, names)
        if says.paths > 1:
            _explain_sum(says, sign, shown)
    if says.paths:
        _compare(says, start, wrt)
    return says


def _explain_path(says: Explanation, which: str, path: Sequence[Edge], names: Names) -> None:
    nodes = [*(edge.node for edge in path), path[-1].operand]
    route = [DOTS if node is None else write_name(node, names) for node in without_middle(nodes, MAX_ROUTE, None)]
    arrows = Formula(" <- ".join(x.text for x in route), r" \leftarrow ".join(x.latex for x in route))
    says.heading(which, arrows, level=2)
    rows: list[Sequence[Part]] = [
        _local_equation(*edge, names) if edge else [f"... {len(path) - MAX_EDGES:,} more ..."]
        for edge in without_middle(path, MAX_EDGES, None)
    ]
    if len(path) > 1:
        factors: Part = product_of([edge.local for edge in path]) if len(path) <= MAX_FACTORS else ""
        rows.append(["product", factors, write_number(multiply_locals(path))])
    says.equations(rows)


def _explain_sum(says: Explanation, sign: Formula, shown: Sequence[Sequence[Edge]]) -> None:
    assert says.gradient is not None
    products = [multiply_locals(path) for path in shown]
    parts: list[Part] = []
    if len(shown) == says.paths:
        says.heading("The sum", level=2)
        parts += [sum_of(products)] if len(products) <= MAX_SHOWN else []
    else:
        says.heading("The sum of all paths", level=2)
        says.say("These are the ", str(len(shown)), " strongest; their sum is ", write_number(sum(products)), ". The "
                 "sum over all paths, computed node by node as in backpropagation:")  # fmt: skip
    says.equations([[sign, *parts, write_number(says.gradient)]])


def explain_update(says: Explanation, steps: Walk, wrt: Value) -> None:
    """Add the update of a leaf to the explanation of its gradient.

    Args:
        says: the explanation.
        steps: a walk with the update.
        wrt: the leaf, a node of the walk.
    """
    index = steps.updated_in(wrt)
    name = write_name(wrt, steps.names)
    says.heading("The update", level=2)
    if index is None:
        says.say("The update does not change ", name, ".")
        return
    step = cast("Update", steps[index])
    says.say(name, " changes from ", write_number(step.before), " to ", write_number(step.after), ".")
    if step.rule:
        says.say("With ", Formula("p", "p"), " for ", name, " and ", Formula("g", "g"), " for its gradient:")
        says.code(step.lines)
    else:
        says.say("The optimiser's rule cannot be read as formulas.")


def _compare(says: Explanation, name: Formula, node: Value) -> None:
    grad = Formula(f"{name.text}.grad", rf"{name.latex}\text{{.grad}}")
    held = shown(node.grad)
    if held is None:
        says.say(grad, " is not computed yet; backward() makes it this number.")
    elif repr(held) == repr(says.gradient):
        says.say("This is ", grad, ".")
    else:
        says.say(grad, " is now a different number, ", write_number(held), ": it accumulated over several "
                 "backward passes, or comes from another root.")  # fmt: skip


def _explain_node(node: Value, root: Value | None, variables: Mapping[str, Any] | None, most: int) -> Explanation:
    order = topological_order(node if root is None else root)
    if node not in order:
        raise GraphError(f"{node} is not part of the graph of {root}")
    names = Names(order, variables)
    says = Explanation()
    says.heading(*[part for said in _equation(node, names) if str(said) for part in (" = ", said)][1:])
    gradients: dict[Value, float] = {}  # of the nodes between the two, the root first, as in backpropagation
    if root is not None:
        between = list(Paths(order, node).edges)
        gradients = dict(zip(reversed(between), reversed(arriving(root, between)), strict=True))
    says.gradient = gradients.get(node, shown(node.grad))
    if node.inputs:
        _explain_rule(says, node, names)
    if root is not None and root is not node:
        _list_contributions(says, node, root, gradients, names, most)
    elif root is node:
        says.say(write_name(node, names), " is the root: its gradient is the seed, 1.")
    elif not node.inputs:
        says.say("It is a leaf: it has no operands. Its gradient comes from the nodes that are computed from it; "
                 "explain it with root=loss, or by explain(loss, leaf).")  # fmt: skip
    elif node.grad is None:
        says.say("Its own gradient, the upstream one, is not computed yet. As the root it has the seed, 1.")
    else:
        upstream = write_number(shown(node.grad))
        says.say("Its own gradient, the upstream one, is ", upstream, " since the last backward pass.")
    if node.inputs:
        _list_passed_on(says, node, 1.0 if says.gradient is None else says.gradient, names)
    if root is not None:
        _compare(says, write_name(node, names), node)
    return says


def _explain_rule(says: Explanation, node: Value, names: Names) -> None:
    if equations := write_rule(node.op):
        says.say(f"The rule of {node.op.name}:").equations(equations)
        if node.op.convention:
            says.say(f"At a kink, the derivative is a convention: {node.op.convention}.")
        says.say("Its local gradients here:")
    else:
        says.say(f"The rule of {node.op.name} cannot be read as a formula. Its local gradients here:")
    says.equations(_local_equation(node, place, names) for place in range(len(node.inputs)))


def _list_contributions(
    says: Explanation, node: Value, root: Value, gradients: Mapping[Value, float], names: Names, most: int
) -> None:
    edges = [(user, place) for user in gradients for place, x in enumerate(user.inputs) if x is node]
    shares = {edge: edge[0].local_grads[edge[1]] * gradients[edge[0]] for edge in edges if edge[0] is not node}
    shown = sorted(shares, key=lambda edge: -abs(shares[edge]))[:most] if len(shares) > most else list(shares)
    says.heading("What ", write_name(node, names), " receives", level=2)
    if len(shown) < len(shares):
        says.say(f"The {len(shown)} largest of {len(shares):,} contributions:")
    rows: list[list[Part]] = []
    for user, place in shown:
        formula = write_local_gradient(user, place, names) or ""
        numbers = user.local_grads[place], gradients[user], shares[user, place]
        rows.append([write_name(user, names), formula, *map(write_number, numbers)])
    says.table(["from", "local gradient", "number", "times upstream", "contribution"], rows)
    sign = write_total(write_name(root, names), write_name(node, names))
    if len(shares) > 1:
        parts: list[Part] = [sum_of(list(shares.values()))] if len(shares) <= MAX_SHOWN else []
        says.say("Their sum is the gradient:").equations([[sign, *parts, write_number(gradients[node])]])


def _list_passed_on(says: Explanation, node: Value, upstream: float, names: Names) -> None:
    says.heading("What ", write_name(node, names), " passes on", level=2)
    rows = []
    for x, local in zip(node.inputs, node.local_grads, strict=True):
        rows.append([write_name(x, names), *map(write_number, (local, upstream, local * upstream))])
    says.table(["to", "local gradient", "times upstream", "contribution"], rows)


def _equation(node: Value, names: Names) -> list[Part]:
    return [write_name(node, names), write_operation(node, names) if node.inputs else "", write_number(node.data)]


def _local_equation(node: Value, place: int, names: Names) -> list[Part]:
    """Return a local gradient: its sign, its formula unless that is the number, and its number."""
    number = write_number(node.local_grads[place])
    formula = write_local_gradient(node, place, names) or Formula("", "")
    operand = node.inputs[place]
    wrt = write_name(operand, names)
    if node.inputs.count(operand) > 1:
        wrt = Formula(f"operand {place + 1}", rf"\text{{operand {place + 1}}}")
    sign = write_partial(write_name(node, names), wrt)
    return [sign, "" if formula.text == number.text else formula, number]

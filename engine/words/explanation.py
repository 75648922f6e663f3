"""explain: where a gradient comes from, in words and formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..backprop import check_recorded, jacobian
from ..errors import GraphError
from ..graph import topological_order
from ..ops import UNDEFINED
from ..paths import Edge, Paths, carried
from ..recording.context import gc_paused
from ..support.text import counted, without_middle
from ..value import Value
from .document import Document, Formula, Part
from .equations import computed, derivative, local_gradient, numeric, product, rule, total
from .names import Names, require_value

OPERAND = "operand {}", r"\text{{operand {}}}"  # one of a node's operands where it has the same one twice
DOTS = Formula("...", r"\cdots")
MOST = 5  # paths or contributions to show
LONGEST = 24  # local gradients of a path to show
FACTORS = 6  # numbers of a product to write out
ROUTE = 8  # nodes of a path to name in its title


class Explanation(Document):
    """Hold what is said about a gradient, and the gradient.

    Attributes:
        gradient: the gradient that is explained, to the last digit; None where nothing is known of it.
        paths: how many paths it comes along; None where one node is explained.
    """

    gradient: float | None = None
    paths: int | None = None


def explain(
    output: Value,
    by: Value | None = None,
    *,
    root: Value | None = None,
    names: Mapping[str, Any] | None = None,
    most: int = MOST,
) -> Explanation:
    """Explain a gradient by the chain rule, or one node of a graph.

    ``explain(loss, w)`` goes along every path from ``w`` to ``loss``, with the local gradients on it as formulas and as
    numbers, their products and the sum, which is ``w.grad``. Where there are too many paths it tells how many, and
    shows the strongest. ``explain(node)`` tells of one node: its rule, the local gradients, the upstream gradient and
    what each input receives; with ``root=loss`` also what the node itself receives.

    Nothing is changed, and it does not matter whether `backward` has been called.

    Args:
        output: the Value whose derivative it is, usually a loss; or the node to explain.
        by: the Value by which it is differentiated.
        root: for one node, the Value that backpropagation starts from.
        names: variables, such as ``locals()``: a Value without a label gets the name of its variable.
        most: how many paths, or contributions, to show.

    Returns:
        The explanation: printing it writes plain text, a notebook shows its formulas; ``.text``, ``.markdown``,
        ``.latex``, ``.gradient``.

    Raises:
        UndefinedDerivativeError: a derivative that is needed does not exist.
        GraphError: the node is no part of the root's graph, or the root was made inside `no_grad`.
        ValueError: ``most`` is less than 1.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> product = a * b
    >>> print(explain(product + a, a, names={"p": product}))
    d(add_3)/d(a) = -2
    ==================
    <BLANKLINE>
    2 paths lead from a to add_3. Multiply the local gradients along each path, and add the products.
    <BLANKLINE>
      a             =  2
      b             = -3
      p     = a * b = -6
      add_3 = p + a = -4
    <BLANKLINE>
    Path 1: add_3 <- p <- a
    -----------------------
    <BLANKLINE>
      d(add_3)/d(p)            =  1
      d(p)/d(a)     = b        = -3
      product       = 1 * (-3) = -3
    <BLANKLINE>
    Path 2: add_3 <- a
    ------------------
    <BLANKLINE>
      d(add_3)/d(a) = 1
    <BLANKLINE>
    The sum
    -------
    <BLANKLINE>
      d(add_3)/d(a) = -3 + 1 = -2
    <BLANKLINE>
    a.grad is not computed yet; backward() makes it this number.
    """
    for value in (output, *(x for x in (by, root) if x is not None)):
        require_value(value, "explain")
    if by is not None and root is not None:
        raise TypeError("explain takes a root only with one node, as in explain(node, root=loss)")
    if most < 1:
        raise ValueError(f"most={most!r} is none: it must be at least 1")
    check_recorded(output if root is None else root)
    with gc_paused():
        if by is not None:
            return _derivative(output, by, names or {}, most)
        return _node(output, root, names or {}, most)


# --- a derivative, by paths ---------------------------------------------------------------------------


def _derivative(root: Value, by: Value, variables: Mapping[str, Any], most: int) -> Explanation:
    order = topological_order(root)
    paths = Paths(order, by)
    names = Names(order if by in paths.edges else [*order, by], variables)
    says = Explanation()
    says.gradient, says.paths = jacobian([root], [by])[0][0], paths.count()
    sign = derivative(names[root], names[by])
    says.heading(sign, " = ", numeric(says.gradient))
    if root is by:
        says.say(names[root], " is the root itself: its gradient is the seed of backpropagation, 1.")
    elif not says.paths:
        says.say("No path leads from ", names[by], " to ", names[root], ", so ", sign, " is 0.")
    else:
        shown = paths.strongest(most)
        _introduction(says, names[by], names[root])
        says.equations(_equation(node, names) for node in _named_on(shown, order, names))
        for index, path in enumerate(shown, 1):
            _path(says, f"Path {index}: " if says.paths > 1 else "The path: ", path, names)
        if says.paths > 1:
            _sum(says, sign, shown)
    if says.paths:
        _compare(says, names[by], by)
    return says


def _introduction(says: Explanation, by: Formula, root: Formula) -> None:
    if says.paths == 1:
        says.say("One path leads from ", by, " to ", root, ". Multiply the local gradients along it.")
    else:
        rest = ". Multiply the local gradients along each path, and add the products."
        paths = counted(says.paths or 0, "path")
        says.say(paths[0].upper() + paths[1:], " lead from ", by, " to ", root, rest)


def _named_on(paths: Sequence[Sequence[Edge]], order: Sequence[Value], names: Names) -> list[Value]:
    """Return the nodes that are shown of paths, and what they are computed from, operands first."""
    shown = {edge[0] for path in paths for edge in without_middle(path, LONGEST, None) if edge}
    mentioned = shown.union(*(node.inputs for node in shown))
    return [node for node in order if node in mentioned and not names.is_number(node)]


def _path(says: Explanation, which: str, path: Sequence[Edge], names: Names) -> None:
    nodes = [node for node, _ in path] + [path[-1][0].inputs[path[-1][1]]]
    route = [DOTS if node is None else names[node] for node in without_middle(nodes, ROUTE, None)]
    arrows = Formula(" <- ".join(x.text for x in route), r" \leftarrow ".join(x.latex for x in route))
    says.heading(which, arrows, level=2)
    rows: list[Sequence[Part]] = [
        _local_equation(*edge, names) if edge else [f"... {len(path) - LONGEST:,} more ..."]
        for edge in without_middle(path, LONGEST, None)
    ]
    if len(path) > 1:
        locals_ = [node.local_grads[place] for node, place in path]
        factors: Part = product(locals_) if len(path) <= FACTORS else ""
        rows.append(["product", factors, numeric(carried(path))])
    says.equations(rows)


def _sum(says: Explanation, sign: Formula, shown: Sequence[Sequence[Edge]]) -> None:
    assert says.gradient is not None
    assert says.paths is not None
    products = [carried(path) for path in shown]
    if len(shown) == says.paths:
        says.heading("The sum", level=2)
        parts: list[Part] = [total(products)] if len(products) <= MOST else []
        says.equations([[sign, *parts, numeric(says.gradient)]])
    else:
        says.heading("The sum of all paths", level=2)
        says.say("These are the ", str(len(shown)), " strongest; they add up to ", numeric(sum(products)), ". All of "
                 "them together, added up node by node as backpropagation does:")  # fmt: skip
        says.equations([[sign, numeric(says.gradient)]])


def _compare(says: Explanation, name: Formula, node: Value) -> None:
    """Say how an explained gradient and the one that a node holds go together."""
    grad = Formula(f"{name.text}.grad", rf"{name.latex}\text{{.grad}}")
    if node.grad is None:
        says.say(grad, " is not computed yet; backward() makes it this number.")
    elif repr(float(node.grad)) == repr(says.gradient):
        says.say("This is ", grad, ".")
    else:
        says.say(grad, " is another number now, ", numeric(node.grad), ": it adds up over several backward passes, "
                 "or comes from another root.")  # fmt: skip


# --- a node -------------------------------------------------------------------------------------------


def _node(node: Value, root: Value | None, variables: Mapping[str, Any], most: int) -> Explanation:
    order = topological_order(node if root is None else root)
    if node not in order:
        raise GraphError(f"{node} is no part of what {root} is computed from")
    names = Names(order, variables)
    says = Explanation()
    says.heading(*_spaced(_equation(node, names)))
    gradients = {} if root is None else _gradients(root, node, order)
    says.gradient = gradients.get(node, node.grad)
    if node.inputs:
        _rule(says, node, names)
    if root is not None and root is not node:
        _received(says, node, root, gradients, names, most)
    elif node.inputs:
        _upstream(says, node, root, names)
    else:
        says.say("It was given, not computed: a leaf, with no operands. What it receives as a gradient comes from the "
                 "nodes that are computed from it; explain it with root=loss, or by explain(loss, leaf).")  # fmt: skip
    if node.inputs:
        _handed_on(says, node, 1.0 if says.gradient is None else says.gradient, names)
    if root is not None:
        _compare(says, names[node], node)
    return says


def _gradients(root: Value, node: Value, order: Sequence[Value]) -> dict[Value, float]:
    """Return the derivative of the root by each node between the two, the last first as in backpropagation."""
    between = list(Paths(order, node).edges)
    return dict(zip(reversed(between), reversed(jacobian([root], between)[0]), strict=True))


def _rule(says: Explanation, node: Value, names: Names) -> None:
    assert node.op is not None
    written = rule(node.op)
    if written:
        says.say(f"The rule of {node.op.name}:").equations(written)
        if node.op.convention:
            says.say(f"Where the derivative jumps, it is taken by convention: {node.op.convention}.")
        says.say("Its local gradients here:")
    else:
        says.say(f"The rule of {node.op.name} cannot be read as a formula. Its local gradients here:")
    says.equations(_local_equation(node, place, names) for place in range(len(node.inputs)))


def _received(
    says: Explanation, node: Value, root: Value, gradients: Mapping[Value, float], names: Names, most: int
) -> None:
    """Tell of what comes to a node from each that is computed from it."""
    edges = [(user, place) for user in gradients for place, x in enumerate(user.inputs) if x is node]
    shares = {edge: edge[0].local_grads[edge[1]] * gradients[edge[0]] for edge in edges if edge[0] is not node}
    shown = sorted(shares, key=lambda edge: -abs(shares[edge]))[:most] if len(shares) > most else list(shares)
    says.heading("What ", names[node], " receives", level=2)
    if len(shown) < len(shares):
        says.say(f"The {len(shown)} largest of {len(shares):,} contributions:")
    says.table(
        ["from", "local gradient", "number", "times upstream", "contribution"],
        [
            [
                names[user],
                local_gradient(user, place, names) or "",
                numeric(user.local_grads[place]),
                numeric(gradients[user]),
                numeric(shares[user, place]),
            ]
            for user, place in shown
        ],
    )
    sign = derivative(names[root], names[node])
    if len(shares) > 1:
        parts: list[Part] = [total(list(shares.values()))] if len(shares) <= MOST else []
        says.say("Their sum is the gradient:").equations([[sign, *parts, numeric(gradients[node])]])


def _upstream(says: Explanation, node: Value, root: Value | None, names: Names) -> None:
    if root is node:
        says.say(names[node], " is the root: its gradient is the seed, 1.")
    elif node.grad is None:
        says.say("Its own gradient, the upstream one, is not computed yet. Taken as the root it has the seed, 1.")
    else:
        says.say("Its own gradient, the upstream one, is ", numeric(node.grad), " since the last backward pass.")


def _handed_on(says: Explanation, node: Value, upstream: float, names: Names) -> None:
    """Tell of what goes from a node to each of its inputs."""
    says.heading("What ", names[node], " hands on", level=2)
    says.table(
        ["to", "local gradient", "times upstream", "contribution"],
        [
            [names[x], numeric(local), numeric(upstream), numeric(local if local is UNDEFINED else local * upstream)]
            for x, local in zip(node.inputs, node.local_grads, strict=True)
        ],
    )


# --- parts of both ------------------------------------------------------------------------------------


def _equation(node: Value, names: Names) -> list[Part]:
    """Return a node's name, how it is computed, and its number."""
    return [names[node], *([computed(node, names)] if node.inputs else [""]), numeric(node.data)]


def _local_equation(node: Value, place: int, names: Names) -> list[Part]:
    """Return a local gradient: its sign, its formula and its number, said once where they are the same."""
    number = numeric(node.local_grads[place])
    formula = local_gradient(node, place, names) or Formula("", "")
    operand = node.inputs[place]
    by = names[operand] if node.inputs.count(operand) == 1 else Formula(*[form.format(place + 1) for form in OPERAND])
    sign = derivative(names[node], by)
    return [sign, "" if formula.text == number.text else formula, number]


def _spaced(equation: Sequence[Part]) -> list[Part]:
    """Return what is equal with signs between."""
    return [part for said in equation if str(said) for part in (" = ", said)][1:]

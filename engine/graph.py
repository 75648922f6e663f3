"""What a graph is, for anyone who walks one: its order, its leaves, its scopes, its names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from .errors import GraphError
from .ops import constant
from .value import Value, method, new


def topological_order(root: Value) -> list[Value]:
    """Return every node that the root is computed from, operands before results, the root last.

    Nodes without operands come first; the others follow in the order in which the expression is evaluated.
    It is a depth-first search that visits operands from left to right, with a stack of its own, so that the
    depth of a graph is not limited by Python's recursion.

    Raises:
        GraphError: the graph has a cycle.

    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> [node.data for node in topological_order(a * b + a)]
    [2.0, 3.0, 6.0, 8.0]
    """
    if not root.inputs:
        return [root]
    without_operands: dict[Value, None] = {}  # a set that keeps the order
    interior: list[Value] = []
    finished = {root: False}  # the interior nodes met so far, and whether all below them has been met too
    above: list[tuple[Value, Iterator[Value]]] = []  # the way back to the root
    node, operands = root, iter(root.inputs)
    while True:
        for operand in operands:
            if not operand.inputs:
                without_operands[operand] = None
            elif operand not in finished:
                finished[operand] = False
                above.append((node, operands))
                node, operands = operand, iter(operand.inputs)
                break
            elif not finished[operand]:
                raise GraphError(f"the graph has a cycle through {operand}: a node's inputs must not be changed")
        else:
            finished[node] = True
            interior.append(node)
            if not above:
                return [*without_operands, *interior]
            node, operands = above.pop()


def recomputed(order: Iterable[Value], numbers: Mapping[Value, float]) -> dict[Value, float]:
    """Return what every node would be with other numbers in some of them; the graph is not changed.

    Args:
        order: all nodes, as `topological_order` gives them.
        numbers: the nodes that have other numbers, and these numbers.

    Raises:
        DomainError: an operation has no value then.

    >>> a, b = Value(2.0), Value(3.0)
    >>> product = a * b
    >>> recomputed(topological_order(product), {a: 10.0})[product]
    30.0
    """
    found: dict[Value, float] = {}
    for node in order:
        if node in numbers:
            found[node] = numbers[node]
        elif node.inputs and node.op is not None:
            found[node] = node.op.evaluate([found[x] for x in node.inputs], [x.label for x in node.inputs])
        else:
            found[node] = node.data
    return found


def recorded_again(order: Iterable[Value], numbers: Mapping[Value, float]) -> dict[Value, Value]:
    """Record a graph anew, as a graph of its own: return the new node for each node.

    Args:
        order: all nodes, as `topological_order` gives them.
        numbers: the nodes that get other numbers, and these numbers.

    Raises:
        DomainError: an operation has no value then.

    >>> a = Value(2.0, "a")
    >>> square = a * a
    >>> recorded_again(topological_order(square), {a: 3.0})[square]
    Value(9, grad=not computed, op='*')
    """
    made: dict[Value, Value] = {}
    for node in order:
        if node.inputs and node.op is not None and node not in numbers:
            made[node] = Value.__apply__(node.op, tuple(made[x] for x in node.inputs))
        else:
            made[node] = _made((), _fields(node))
            made[node].data = numbers.get(node, node.data)
            made[node].grad = None
        made[node].note = node.note
    return made


def leaves(root: Value) -> list[Value]:
    """Return the Values that people gave the graph: those without operands, but for plain numbers.

    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> [leaf.label for leaf in leaves(a * b + 1)]
    ['a', 'b']
    """
    return [node for node in topological_order(root) if node.op is None]


def distinct_names(
    order: Iterable[Value], variables: Mapping[Value, str], made: str = "{} {}", again: str = "{} ({})"
) -> dict[Value, str]:
    """Return a name for each node, each different.

    It is the node's label, with the scopes before it where a label comes more than once; else the reader's variable,
    else the number of a constant, else what made the node and its place in the order.

    Args:
        order: the nodes.
        variables: names of the reader's variables, as `names` returns them.
        made: how the operation and the place make a name.
        again: how a name that is taken already and a count make another one.

    >>> a = Value(2.0, "a")
    >>> list(distinct_names([a, twin := Value(3.0, "a"), a * twin], {}).values())
    ['a', 'a (2)', 'mul 2']
    """
    order = list(order)
    times = Counter(node.label for node in order)
    found: dict[Value, str] = {}
    taken: set[str] = set()
    alike: dict[str, Iterator[int]] = {}
    for place, node in enumerate(order):
        label = ".".join([*node.scope, node.label]) if node.label and times[node.label] > 1 else node.label
        number = f"{node.data:.6g}" if node.op is constant else ""
        by = node.op.name if node.op else "leaf"
        wanted = name = label or variables.get(node) or number or made.format(by, place)
        while name in taken:
            name = again.format(wanted, next(alike.setdefault(wanted, count(2))))
        taken.add(name)
        found[node] = name
    return found


# --- copying ------------------------------------------------------------------------------------------
# Python would copy and pickle a graph by recursion, a node at a time; a long chain would break it.


def _fields(node: Value) -> tuple[Any, ...]:
    return node.data, node.grad, node.op, node.local_grads, node.note


def _made(inputs: Iterable[Value], fields: tuple[Any, ...]) -> Value:
    node = new(Value)
    node.inputs = tuple(inputs)
    node.data, node.grad, node.op, node.local_grads, node.note = fields
    return node


@method
def __copy__(node: Value) -> Value:
    return _made(node.inputs, _fields(node))


@method
def __deepcopy__(root: Value, memo: dict[int, Any]) -> Value:
    for node in topological_order(root):
        if id(node) not in memo:
            memo[id(node)] = _made((memo[id(operand)] for operand in node.inputs), _fields(node))
    return memo[id(root)]  # type: ignore[no-any-return]


@method
def __reduce__(root: Value) -> tuple[Any, ...]:
    """Describe the whole graph below the root in one flat list.

    Leaves are pickled as objects, so that they stay the same objects for everything in one pickle; the nodes
    between belong to the root that they are pickled with.
    """
    if not root.inputs:
        return _made, ((), _fields(root))
    order = topological_order(root)
    place = {node: i for i, node in enumerate(order)}
    return _unpickled, ([([place[x] for x in node.inputs], _fields(node)) if node.inputs else node for node in order],)


def _unpickled(flat: list[Any]) -> Value:
    nodes: list[Value] = []
    for entry in flat:
        nodes.append(entry if isinstance(entry, Value) else _made((nodes[i] for i in entry[0]), entry[1]))
    return nodes[-1]

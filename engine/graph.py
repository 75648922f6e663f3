"""A graph: its nodes, their topological order, leaves and consumers; compute it again, record it again, copy it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from .errors import GraphError
from .operation import Operation, constant, leaf
from .recording.context import Note, recorded
from .recording.source import Source

N = TypeVar("N", bound="Node")
new = object.__new__


class Node:
    """A number and how it was computed: one node of the graph of scalar operations.

    Attributes:
        data: the number, a float.
        grad: the derivative of the root of the last backward pass with respect to this node; None: not computed.
        op: the `Operation` that made the node; `leaf` for a number that the user gave, `constant` for a plain
            number in an expression.
        inputs: the operands, in order; ``a * a`` has ``a`` twice.
        local_grads: the derivative of this node with respect to each operand, at the numbers recorded.
        note: label, scope and source; see `engine.recording.context.Note`.
    """

    __slots__ = ("data", "grad", "inputs", "local_grads", "note", "op")

    data: float
    grad: float | None
    op: Operation
    inputs: tuple[Node, ...]
    local_grads: tuple[float, ...]
    note: Note | None

    @property
    def is_leaf(self) -> bool:
        """Whether the user gave this number."""
        return self.op is leaf

    @property
    def is_constant(self) -> bool:
        """Whether this is a plain number in an expression."""
        return self.op is constant

    @property
    def is_result(self) -> bool:
        """Whether an operation made this node, also inside `no_grad`, where it has no inputs."""
        return self.op is not leaf and self.op is not constant

    @property
    def label(self) -> str:
        """The name that the user gave the node, or an empty text."""
        return self.note.label if self.note else ""

    @label.setter
    def label(self, label: str) -> None:
        if not isinstance(label, str):
            raise TypeError(f"a label must be a text, not {type(label).__name__} {label!r}")
        self.note = Note(label, *self.note[1:]) if self.note else Note(label)

    @property
    def scope(self) -> tuple[str, ...]:
        """The names of the scopes that the node was made in, outermost first."""
        return self.note.scope if self.note else ()

    @property
    def source(self) -> Source | None:
        """The statement that made the node, where `record_source` was on."""
        return self.note.source if self.note else None

    def attributes(self) -> dict[str, Any]:
        """Return the attributes that a subclass or the user added, which copies have too."""
        return dict(getattr(self, "__dict__", ()))

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        grad = "not computed" if self.grad is None else f"{self.grad:.6g}"
        made = f", op={self.op.symbol!r}" if self.op is not leaf else ""
        label = f", label={self.label!r}" if self.label else ""
        source = f", source={self.source.place!r}" if self.source else ""
        return f"Value({self.data:.6g}, grad={grad}{made}{label}{source})"


def require_value(thing: object, taker: str) -> None:
    """Require a Value as an argument.

    Args:
        thing: the argument.
        taker: the function that takes it, for the message.

    Raises:
        TypeError: the argument is not a Value.
    """
    if not isinstance(thing, Node):
        raise TypeError(f"{taker} takes a Value, such as a loss, not {type(thing).__name__} {thing!r:.40}")


def topological_order(*roots: N) -> list[N]:
    """Return every node that some roots are computed from, operands before results, a single root last.

    Nodes without operands come first; the others follow in the order in which the expression is evaluated.
    It is a depth-first search that visits operands from left to right, with a stack of its own, so that the
    depth of a graph is not limited by Python's recursion.

    Raises:
        GraphError: the graph has a cycle.

    >>> from engine import Value
    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> [node.data for node in topological_order(a * b + a)]
    [2.0, 3.0, 6.0, 8.0]
    """
    ends, interior = ordered(*roots)
    return [*ends, *interior]


def ordered(*roots: N) -> tuple[list[N], list[N]]:
    """Return the two parts of the topological order: the nodes without operands, and the others."""
    without_operands: dict[Any, None] = {}  # a set that keeps the order
    interior: list[Any] = []
    finished: dict[Any, bool] = {}  # the interior nodes met so far; whether all below was met too
    above: list[tuple[Any, Iterator[Any]]] = []  # the way back to a root
    node: Any = None
    operands: Iterator[Any] = iter(roots)
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
            if node is None:
                return list(without_operands), interior
            finished[node] = True
            interior.append(node)
            node, operands = above.pop()


def leaves(root: N) -> list[N]:
    """Return the leaves that the user created, without the constants in expressions.

    >>> from engine import Value
    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> [leaf.label for leaf in leaves(a * b + 1)]
    ['a', 'b']
    """
    return [node for node in topological_order(root) if node.is_leaf]


def consumers(order: Iterable[N]) -> dict[N, list[tuple[N, int]]]:
    """Return for each node the nodes that are computed from it, with the index of the operand that it is."""
    found: dict[Any, list[tuple[Any, int]]] = {}
    for node in order:
        found[node] = []
        for index, operand in enumerate(node.inputs):
            found[operand].append((node, index))
    return found


def recomputed(order: Iterable[N], numbers: Mapping[N, float]) -> dict[N, float]:
    """Return the number that every node would have with other numbers in some of them; the graph is not changed.

    Args:
        order: all nodes, as `topological_order` gives them.
        numbers: the nodes that have other numbers, and these numbers.

    Raises:
        DomainError: an operation has no value then.
    """
    found: dict[Any, float] = {}
    for node in order:
        if node in numbers:
            found[node] = numbers[node]
        elif node.inputs:
            found[node] = node.op.evaluate([found[x] for x in node.inputs], [x.label for x in node.inputs])
        else:
            found[node] = node.data
    return found


def record_again(order: Iterable[N], numbers: Mapping[N, float]) -> dict[N, N]:
    """Record a graph anew, as a graph of its own, also inside `no_grad`: return the new node for each node.

    Args:
        order: all nodes, as `topological_order` gives them.
        numbers: the nodes that get other numbers, and these numbers; what they are computed from is left out.

    Raises:
        DomainError: an operation has no value then.
    """
    made: dict[Any, Any] = {}

    def record() -> None:
        for node in order:
            if node.inputs and node not in numbers:
                kind: Any = type(node)
                made[node] = kind.__apply__(node.op, tuple(made[x] for x in node.inputs))
                made[node].note = node.note and node.note._replace(leaves=None)
            else:
                made[node] = twin = _made((), _fields(node))
                twin.data, twin.grad = numbers.get(node, node.data), None

    recorded(record)
    return made


# --- copying ------------------------------------------------------------------------------------------
# Python would copy and pickle a graph by recursion, a node at a time; a long chain would break it.


def copy_node(node: Node) -> Any:
    """Return a copy of one node, with the same operands; what ``copy.copy`` does."""
    return _made(node.inputs, _fields(node))


def copy_graph(root: Node, memo: dict[int, Any]) -> Any:
    """Return a copy of a graph; what ``copy.deepcopy`` does."""
    for node in topological_order(root):
        if id(node) not in memo:
            memo[id(node)] = _made([memo[id(operand)] for operand in node.inputs], _fields(node))
    return memo[id(root)]


def flat_graph(root: Node) -> tuple[Any, ...]:
    """Return the whole graph below the root as one flat list, and the function that reads it, for ``pickle``.

    Leaves are pickled as objects, so that they stay the same objects for everything in one pickle; the nodes
    between belong to the root that they are pickled with.
    """
    if not root.inputs:
        return _made, ((), _fields(root))
    order = topological_order(root)
    place = {node: i for i, node in enumerate(order)}
    return _unpickled, ([([place[x] for x in node.inputs], _fields(node)) if node.inputs else node for node in order],)


def _fields(node: Node) -> tuple[Any, ...]:
    return type(node), node.data, node.grad, node.op, node.local_grads, node.note, node.attributes()


def _made(inputs: Sequence[Any], fields: tuple[Any, ...]) -> Any:
    kind, *rest, attributes = fields
    node = new(kind)
    node.inputs = tuple(inputs)
    node.data, node.grad, node.op, node.local_grads, node.note = rest
    if attributes:
        node.__dict__.update(attributes)
    return node


def _unpickled(flat: list[Any]) -> Any:
    nodes: list[Any] = []
    for entry in flat:
        nodes.append(entry if isinstance(entry, Node) else _made([nodes[i] for i in entry[0]], entry[1]))
    return nodes[-1]

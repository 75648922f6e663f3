"""The numbers of a graph: those that it was recorded with, even if its leaves have others now; or those of now.

After ``loss.backward(); w.data -= 0.1 * w.grad`` a graph holds two kinds of numbers: its results and local gradients
are those of the forward pass, its leaves those of the next one. Side by side they would be false arithmetic, such as
``w * 3 = -1 * 3 = 6``. So what shows a graph asks here, and gets numbers of one time.

Recording keeps no copy of an operand's number; it is found again when it is needed. `backward` notes the leaves'
numbers in its root. Without that, the local gradients of a product are its operands, and other operands follow from
the result. What is found counts only if every result and every local gradient of the graph follows from it; if nothing
does, as where both operands of a sum were changed, the graph is computed anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import ops
from .backprop import chain_rule, settle, twins_of
from .errors import StepgradError
from .graph import consumers, copy_graph
from .name import Names, names
from .slope import UNDEFINED, shown
from .support.text import Notice, is_close, listed

if TYPE_CHECKING:
    from .value import Value

SOLVING_STEPS = 60  # of Newton's method
MAX_LISTED = 3  # names in a notice
REMEDY = "now=True computes the graph anew."
LOST = "Numbers of this graph have been changed since the forward pass, and the earlier ones are lost"


class Numbers:
    """The numbers of a graph as it was recorded, or as it is computed now; kept even if the graph changes later.

    Args:
        order: the nodes, as `topological_order` gives them.
        now: compute the graph anew from the present numbers of its leaves.

    Attributes:
        changed: the nodes that have another number than the one shown, in order.
        is_asked, is_anew: whether the graph was to be computed anew, and whether it was.
        last: the step of a walk that led to these numbers: None, since there is no walk.

    Raises:
        DomainError: computed anew, an operation has no value.
        UndefinedDerivativeError: computed anew, a gradient does not exist.

    >>> from engine import Value
    >>> w = Value(2.0, "w")
    >>> loss = w * 3.0
    >>> w.data = -1.0
    >>> numbers = Numbers([w, loss.inputs[1], loss])
    >>> numbers.data(w), numbers.data(loss), numbers.changed == [w]
    (2.0, 6.0, True)
    >>> Numbers([w, loss.inputs[1], loss], now=True).data(loss)
    -3.0
    """

    last = None

    def __init__(self, order: Sequence[Value], now: bool = False) -> None:
        self.order = order
        found = None if now else next((guess for guess in _guesses(order) if _explains(guess, order)), None)
        self.is_asked, self.is_anew = now, found is None
        self._data = found or {node: node.data for node in order}
        self._grads: dict[Value, float | None] = {node: shown(node.grad) for node in order}
        self._locals: dict[Value, tuple[float, ...]] = {}
        if self.is_anew:
            try:
                self._compute()
            except StepgradError:
                if now:
                    raise
        self.changed = [node for node, number in self._data.items() if number != node.data and number == number]

    def _compute(self) -> None:
        """Compute the graph anew from its leaves, and its gradients if it has any."""
        data, locals_, twins = dict(self._data), {}, twins_of(self.order)
        for node in self.order:
            if node.inputs:
                operands = [data[x] for x in node.inputs]
                data[node] = out = node.op.evaluate(operands, [x.label for x in node.inputs])
                twins[node].local_grads = locals_[node] = node.op.local_derivatives(operands, out)
        root = self.order[-1]
        if root.grad is not None:
            twins[root].grad = root.grad
            chain_rule([twin for twin in twins.values() if twin.inputs])
            settle(list(twins.values()))
            self._grads = {node: shown(twin.grad) for node, twin in twins.items()}
        self._data, self._locals = data, locals_

    def data(self, node: Value) -> float:
        """Return a node's number."""
        return self._data[node]

    def grad(self, node: Value) -> float | None:
        """Return the gradient that a node has."""
        return self._grads[node]

    def locals(self, node: Value) -> tuple[float, ...]:
        """Return a node's local gradients."""
        return self._locals.get(node, node.local_grads)

    def contribution(self, node: Value, position: int) -> float | None:
        """Return a local gradient times the node's gradient."""
        grad = self.grad(node)
        return None if grad is None else self.locals(node)[position] * grad

    def notices(self, called: Names) -> tuple[Notice, ...]:
        """Return a sentence on what is shown, if nodes have other numbers by now, given the nodes' names."""
        if self.is_asked or not (self.is_anew or self.changed):
            return ()
        if self.is_anew:
            how = "it is shown as computed anew" if self._locals else "with the present ones it has no value"
            return (Notice(f"{LOST}; {how}."),)
        leaves = listed([called[node] for node in self.changed], MAX_LISTED)
        have = "has" if len(self.changed) == 1 else "have"
        fact = f"{leaves} {have} been changed since the forward pass; these are the numbers of the forward pass."
        return (Notice(fact, REMEDY),)

    # --- a graph with these numbers -------------------------------------------------------------------

    @cached_property
    def _copies(self) -> dict[int, Value]:
        found: dict[int, Value] = {}
        root = copy_graph(self.order[-1], found)
        for node in self.order:
            copy = found[id(node)]
            copy.data, copy.local_grads, copy.grad = self._data[node], self.locals(node), self._grads[node]
        if root.note:
            root.note = root.note._replace(leaves=None)
        return found

    def stand_in(self, node: Value) -> Value:
        """Return a node with these numbers: the node itself, or if any number differs, that of a copy of the graph.

        A node that is not part of the graph stands for itself.
        """
        return self._copies.get(id(node), node) if self.changed else node

    def variables(self, variables: Mapping[str, Any] | None) -> dict[str, Value]:
        """Return variables with stand-ins in place of the nodes."""
        return {name: self.stand_in(node) for node, name in names(variables or {}).items()}


# --- the numbers of the forward pass -----------------------------------------------------------------------


def _guesses(order: Sequence[Value]) -> Iterator[dict[Value, float]]:
    """Yield what the numbers of all nodes may have been, the likeliest first."""
    now = {node: node.data for node in order}
    kept = order[-1].note and order[-1].note.leaves
    if kept is not None and order[-1].inputs:
        yield {**now, **dict(zip(order, kept, strict=False))}
    yield now
    yield {**now, **_solve(order)}


def _explains(numbers: Mapping[Value, float], order: Sequence[Value]) -> bool:
    """Return whether all recorded results and local gradients follow from numbers."""
    for node in order:
        if node.inputs:
            operands = [numbers[x] for x in node.inputs]
            try:
                out = node.op.value(*operands)
                if out == node.data and node.op.rule(*operands, out) == node.local_grads:
                    continue
            except (ArithmeticError, ValueError, TypeError):
                pass
            if not _agree(node, operands):
                return False
    return True


def _agree(node: Value, operands: Sequence[float]) -> bool:
    """Return whether a node's number and local gradients follow from those of its operands, except for rounding."""
    try:
        out = node.op.evaluate(operands)
        pairs = [(out, node.data), *zip(node.op.local_derivatives(operands, node.data), node.local_grads, strict=True)]
    except (StepgradError, TypeError):
        return False
    size = max(map(abs, operands), default=0.0)
    return all(x is y or (x is not UNDEFINED and is_close(x, y, atol=1e-12 * size)) for x, y in pairs)


def _solve(order: Sequence[Value]) -> dict[Value, float]:
    """Return the numbers of changed leaves, as far as they follow from results and local gradients."""
    uses = {leaf: users for leaf, users in consumers(order).items() if leaf.is_leaf}
    users = dict.fromkeys(node for each in uses.values() for node, _ in each)
    odd = {node for node in users if not _agree(node, [x.data for x in node.inputs])}
    unknown = {leaf for leaf, users in uses.items() if any(node in odd for node, _ in users)}
    found: dict[Value, float] = {}
    for node in users:
        if node.op is ops.mul:
            found.update((x, node.local_grads[1 - i]) for i, x in enumerate(node.inputs) if x in unknown)
    unknown -= found.keys()
    waiting = [node for node in users if not unknown.isdisjoint(node.inputs)]
    while waiting:
        left = []
        for node in waiting:
            asked = unknown.intersection(node.inputs)
            if len(asked) == 1:
                (leaf,) = asked
                found[leaf] = _solve_for(leaf, node, found)
                unknown.remove(leaf)
            elif asked:
                left.append(node)
        if len(left) == len(waiting):
            break
        waiting = left
    return found


def _solve_for(leaf: Value, node: Value, known: Mapping[Value, float]) -> float:
    """Return the number of a leaf from which a node's number follows, by Newton's method from its present one."""
    number = leaf.data
    for _ in range(SOLVING_STEPS):
        operands = [number if x is leaf else known.get(x, x.data) for x in node.inputs]
        try:
            out = node.op.evaluate(operands)
            slopes = node.op.local_derivatives(operands, out)
            nearer = number + (node.data - out) / sum(slopes[i] for i, x in enumerate(node.inputs) if x is leaf)
        except (StepgradError, ArithmeticError):
            break
        if nearer == number:
            break
        number = nearer
    return number

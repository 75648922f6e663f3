"""Backpropagation: the chain rule, applied from the root of a graph to its leaves, into ``grad``.

The method is reverse accumulation; see A. Griewank and A. Walther, *Evaluating Derivatives* (2nd edition,
SIAM 2008), chapter 3, and D. E. Rumelhart, G. E. Hinton and R. J. Williams, "Learning representations by
back-propagating errors", Nature 323 (1986), https://doi.org/10.1038/323533a0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import count, repeat
from math import isfinite
from typing import Any, Generic, NoReturn

from .errors import GraphError, UndefinedDerivativeError
from .graph import N, Node, ordered, topological_order
from .name import Names, callers_variables
from .operation import as_float
from .recording.context import Break, Note, current_state, entered, observed
from .slope import FLAT, Undefined
from .support.interrupts import assign_all
from .support.text import did_you_mean, format_number

new_note = tuple.__new__
Watch = Callable[["Backward[Any]"], bool]


class Backward(Generic[N]):
    """One step of the chain rule: what a node passes on to one of its operands."""

    __slots__ = ("index", "node", "operand", "position", "local", "upstream", "before", "names")  # noqa: RUF023

    kind = "backward"
    index: int  # the step's place in the whole walk, counted from 0 at the first step of the forward pass
    node: N  # the node whose gradient is passed on
    operand: N  # the input of the node that receives it
    position: int  # which input of the node that is; ``a * a`` has ``a`` at 0 and at 1
    local: float  # the local gradient: the derivative of the node with respect to this input
    upstream: float  # the node's own gradient
    before: float  # the operand's gradient before the step
    names: Names  # the names of the graph's nodes

    def __init__(self, *fields: Any) -> None:
        for name, thing in zip(self.__slots__, fields, strict=True):
            object.__setattr__(self, name, thing)

    def __setattr__(self, name: str, thing: object) -> NoReturn:
        raise AttributeError("a step cannot be changed")

    def _fields(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__[:-1])

    def __eq__(self, other: object) -> bool:
        return self._fields() == other._fields() if isinstance(other, Backward) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        return f"<{self}>"

    @property
    def contribution(self) -> float:
        """What the step adds to the operand's gradient."""
        return self.local * self.upstream

    @property
    def after(self) -> float:
        """The operand's gradient after the step."""
        return self.before + self.contribution

    def __str__(self) -> str:
        local, upstream, contribution, before, after = map(
            format_number, (self.local, self.upstream, self.contribution, self.before, self.after)
        )
        return (
            f"backward  {self.names[self.node]} -> {self.names[self.operand]}: local {local} * upstream {upstream} "
            f"= {contribution}; grad {before} -> {after}{place_of(self.node)}"
        )


def place_of(node: Node) -> str:
    """Return the place where a node was made as the end of a line about it; empty where it is not known."""
    return f"  ({node.source.place})" if node.source else ""


def backward(root: Node, seed: float = 1.0, stop_at: Node | str | None = None, when: Watch | None = None) -> None:
    """Compute the derivative of the root with respect to every node below it, into ``grad``.

    The gradients of leaves accumulate over calls; those of all other nodes start from zero at each call. A derivative
    that does not exist, such as that of sqrt at 0, does not keep the others from being computed: ``grad`` is then
    *undefined*, and computing with it raises; see `engine.slope.Undefined`. The derivatives are those at the numbers
    that the graph was recorded with, even if leaves were changed since.

    With ``stop_at`` or ``when`` it drops into Python's ``breakpoint()`` on the way, so that the next line to
    run is the chain rule, with ``node``, ``operand`` and ``local`` to look at; see also `break_on_backward`.

    Args:
        root: the Value to differentiate, usually a loss.
        seed: the root's own gradient.
        stop_at: a node, or its name: stop before each step from it to an operand; a leaf has none,
            there it is each step that reaches it.
        when: takes a `Backward` step and returns whether to stop before it; alone, it is asked at every step.

    Raises:
        UndefinedDerivativeError: the derivative exists with respect to none of the leaves; no ``grad`` is changed then.
        GraphError: the graph has a cycle, or the root was made inside `no_grad`, or there is no node to stop at.

    >>> from engine import Value
    >>> a, b = Value(2.0), Value(-3.0)
    >>> (a * b + a).backward()
    >>> a.grad, b.grad
    (-2.0, 2.0)
    """
    if seed.__class__ is not float:
        seed = as_float(seed, "seed")
    ends, interior = ordered(root)
    order = [*ends, *interior]
    watch = _stops(order, stop_at, when)
    check_recorded(root)
    note = root.note  # keeps the leaves' numbers for `engine.numbers`
    if note is None:
        root.note = new_note(Note, ("", (), None, None, [node.data for node in ends]))  # the class takes longer
    elif note.leaves is None:
        root.note = note._replace(leaves=[node.data for node in ends])
    if entered:
        if guard := current_state().guard:
            watch = guard.watch(watch)
        with observed(order):
            _propagate(order, ends, interior, seed, watch)
    else:
        _propagate(order, ends, interior, seed, watch)


def _propagate(
    order: Sequence[Node], ends: Sequence[Node], interior: Sequence[Node], seed: float, watch: Watch | None
) -> None:
    """Compute the gradients of all nodes of an order; leave them as they were after an error."""
    root = order[-1]
    before = [node.grad for node in order]
    try:
        if watch is None:
            _begin(ends, interior, 0.0)
            root.grad += seed  # type: ignore[operator]
            chain_rule(interior)
            if isfinite(sum([node.grad for node in ends])):  # type: ignore[misc]
                return
            for node, grad in zip(order, before, strict=True):
                node.grad = grad
        _begin(ends, interior, FLAT)  # so that what nothing arrives at passes nothing on, rather than 0 * inf
        root.grad += seed  # type: ignore[operator]
        chain_rule(interior, watch and step_recorder(watch, order))
        settle(order)
    except BaseException:
        for node, grad in zip(order, before, strict=True):
            node.grad = grad
        raise


def _begin(ends: Sequence[Node], interior: Sequence[Node], nothing: float) -> None:
    """Let nodes without operands start from the gradients that they have, and the others from nothing."""
    for node in ends:
        if node.grad.__class__ is not float:
            if node.grad is None:
                node.grad = 0.0
            elif not isinstance(node.grad, Undefined):
                node.grad = as_float(node.grad, f"grad of {node.label or node}")
    for node in interior:
        node.grad = nothing


def check_recorded(root: Node) -> None:
    """Make sure that a Value's operands were recorded.

    Raises:
        GraphError: the Value was made inside `no_grad`.
    """
    if not root.inputs and root.is_result:
        raise GraphError(f"{root} was made inside no_grad(), so its operands are not known; compute it outside")


def chain_rule(order: Sequence[Any], stop: Callable[[Any, Any, Any], object] | None = None) -> None:
    """Pass each node's gradient on to its operands, from the last node of the order to the first.

    Local gradients and gradients are numbers, or `FLAT` or `UNDEFINED`, which multiply and add as `engine.slope` says.

    Args:
        order: nodes, or twins of nodes, operands before results; each one's ``grad`` holds a number.
        stop: called before each step with node, operand and local gradient; returns whether to stop there.
    """
    for node in reversed(order):
        for operand, local in zip(node.inputs, node.local_grads):  # noqa: B905 - the hot loop
            if stop is not None and stop(node, operand, local):
                breakpoint()  # noqa: T100 - asked for by stop_at, when or break_on_backward
            operand.grad += local * node.grad  # the chain rule


def settle(order: Sequence[Any], refuse: bool = True) -> None:
    """Name the reason in gradients that the chain rule left undefined; those of leaves are plain numbers otherwise.

    Args:
        order: nodes, or twins of nodes, operands before results, after `chain_rule`.
        refuse: whether to raise if there is no leaf with a derivative.

    Raises:
        UndefinedDerivativeError: the derivative exists with respect to none of the leaves.
    """
    reasons: dict[Any, Undefined] = {}
    for node in reversed(order):
        for index, (operand, local) in enumerate(zip(node.inputs, node.local_grads, strict=True)):
            if operand not in reasons and isinstance(local * node.grad, Undefined):
                reasons[operand] = reasons.get(node) or Undefined(str(undefined_at(node, index)))
    for node in order:
        node.grad = reasons.get(node) or (node.grad if node.inputs else 0.0 + node.grad)
    leaves = [node for node in order if not node.inputs and not real_node(node).is_constant]
    if refuse and leaves and all(isinstance(leaf.grad, Undefined) for leaf in leaves):
        raise UndefinedDerivativeError(leaves[0].grad.reason)


def real_node(thing: Any) -> Any:
    """Return a node, given it or its twin."""
    return thing.node if isinstance(thing, Twin) else thing


class Twin:
    """A stand-in for a node, with a gradient of its own, so that looking at derivatives changes no node.

    Attributes:
        node: the node it stands for.
        grad, inputs, local_grads: as those of a node; the inputs are twins.
    """

    __slots__ = ("grad", "inputs", "local_grads", "node")

    def __init__(self, node: Node, inputs: tuple[Twin, ...], local_grads: tuple[Any, ...], grad: Any = FLAT) -> None:
        self.node, self.inputs, self.local_grads, self.grad = node, inputs, local_grads, grad


def twins_of(order: Iterable[N]) -> dict[N, Twin]:
    """Return a twin for each node, at which nothing has arrived.

    Args:
        order: all nodes of a graph, as `topological_order` gives them.
    """
    found: dict[Any, Twin] = {}
    for node in order:
        found[node] = Twin(node, tuple(found[operand] for operand in node.inputs), node.local_grads)
    return found


def step_recorder(
    watch: Callable[[Backward[Any]], object], order: Sequence[Node], names: Names | None = None
) -> Callable[[Any, Any, float], object]:
    """Return a function for `chain_rule` that makes a record of each step before it is taken.

    Args:
        watch: takes the record, and returns whether to stop; nothing is taken for no.
        order: all nodes of the graph.
        names: their names; without them, labels and operations name the nodes.
    """
    indices = count(len(order) + 1)
    names = names or Names(order)
    last: Any = None
    position = 0

    def stop(node: Any, operand: Any, local: float) -> object:
        nonlocal last, position
        position = position + 1 if node is last else 0
        last = node
        ends = real_node(node), real_node(operand)
        return watch(Backward(next(indices), *ends, position, local, node.grad, operand.grad, names))

    return stop


_any_breaks = False  # whether break_on_backward was ever called; until then no graph is searched for breaks


def break_on_backward(node: Node, when: Watch | None = None) -> None:
    """Drop into Python's ``breakpoint()`` in every backward pass, before each step from this node to an operand.

    The next line to run is then the chain rule, with ``node``, ``operand`` and ``local`` to look at. A leaf has
    no operands: there it is before each step that reaches it. `clear_break` undoes it.

    Args:
        when: takes a `Backward` step and returns whether to stop before it; without it, every step stops.

    >>> import sys
    >>> sys.breakpointhook = lambda: print("here a debugger would open")
    >>> from engine import Value
    >>> a = Value(2.0, "a")
    >>> b = a * 3.0
    >>> b.break_on_backward(when=lambda step: step.operand is a)
    >>> b.backward()
    here a debugger would open
    >>> b.clear_break()
    >>> b.backward()
    >>> sys.breakpointhook = sys.__breakpointhook__
    """
    global _any_breaks
    _check_condition(when)
    _any_breaks = True
    node.note = (node.note or Note())._replace(stop=Break(when))


def clear_break(node: Node) -> None:
    """Undo `break_on_backward`; do nothing where there is no break."""
    if node.note and node.note.stop:
        node.note = node.note._replace(stop=None)


def _stops(order: Sequence[Node], stop_at: Node | str | None, when: Watch | None) -> Watch | None:
    """Return the stop condition, or None without one."""
    _check_condition(when)
    breaks = {n: n.note.stop.when for n in order if n.note and n.note.stop} if _any_breaks else {}
    asked = {} if stop_at is None else dict.fromkeys(_nodes_named(order, stop_at), when)

    def stops_here(step: Backward[Any]) -> bool:
        found = stop_at is None and when is not None and bool(when(step))
        for conditions in (breaks, asked):  # each is asked, since a condition may also record the steps
            place = step.operand if step.operand in conditions and not step.operand.inputs else step.node
            if place in conditions:
                condition = conditions[place]
                found |= condition is None or bool(condition(step))
        return found

    return stops_here if breaks or asked or when is not None else None


def _nodes_named(order: Sequence[Node], stop_at: Node | str) -> list[Node]:
    """Return the nodes that ``stop_at`` names."""
    if isinstance(stop_at, Node):
        if stop_at not in order:
            raise GraphError(f"cannot stop at {stop_at}: it is not a node of this graph")
        return [stop_at]
    if not isinstance(stop_at, str):
        raise TypeError(f"stop_at must be a name or a Value, not {type(stop_at).__name__} {stop_at!r}")
    names = Names(order, callers_variables(None))
    found = [node for node in order if stop_at in (node.label, names[node])]
    if not found:
        near = did_you_mean(stop_at, names.findable, "it has")
        raise GraphError(f"cannot stop at {stop_at!r}: no node of this graph has this name{near}")
    return found


def _check_condition(when: Watch | None) -> None:
    if when is not None and not callable(when):
        raise TypeError(f"when must be a function of a step, such as lambda step: abs(step.local) > 1, not {when!r}")


def undefined_at(node: Any, index: int) -> UndefinedDerivativeError:
    """Return the error for a derivative of a node, or of its twin, that does not exist.

    Args:
        node: the node.
        index: which of its operands the derivative is taken with respect to.
    """
    node = real_node(node)
    numbers, labels = [x.data for x in node.inputs], [x.label for x in node.inputs]
    sentence = node.op.undefined_derivative(index, numbers, labels)
    made = f", made at {node.source}" if node.source else ""
    return UndefinedDerivativeError(f"{sentence} Backpropagation needs it at the node {node}{made}.")


def zero_grad(root: Node) -> None:
    """Set ``grad`` to 0.0 in the root and every node below it.

    >>> from engine import Value
    >>> a = Value(2.0)
    >>> loss = a * a
    >>> loss.backward(); loss.zero_grad(); a.grad
    0.0
    """
    assign_all((topological_order(root), "grad", repeat(0.0)))

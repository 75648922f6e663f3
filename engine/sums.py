"""Sums of products, what networks compute most: scalar by scalar, or as one node while a function is traced.

A trace is for replay, so there a sum ``b + w0 * x0 + w1 * x1`` may be one node with five operands instead of four nodes
with two each. It is a node as any other, with a value and local gradients; `scalars` writes it out again.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from .graph import Node, topological_order
from .operation import Operation
from .ops import add, mul
from .recording.context import current_state, recorded
from .value import Number, Value, in_context, lift, new

PLAIN = {Value, float}
number_of = Node.__dict__["data"].__get__  # reads a node's number, also of one that is traced


class Dot(Operation):
    """The operation ``start + w0 * x0 + w1 * x1 + ...`` of a node with the operands start, w0, x0, w1, x1, ..."""


@lru_cache(maxsize=256)
def dot_of(pairs: int) -> Dot:
    """Return the operation for a count of products."""
    names = ["start", *chain.from_iterable((f"w{i}", f"x{i}") for i in range(pairs))]

    def value(start: float, *factors: float) -> float:
        for w, x in zip(factors[::2], factors[1::2], strict=True):
            start = start + w * x
        return start

    def rule(start: Any, *rest: Any) -> tuple[Any, ...]:
        *factors, _ = rest
        return (1.0, *chain.from_iterable(zip(factors[1::2], factors[::2], strict=True)))

    return Dot(name="dot", arity=len(names), operands=tuple(names), value=value, rule=rule, symbol="dot")


def dot(weights: Sequence[Value | Number], x: Sequence[Value | Number], start: Value | Number | None = None) -> Any:
    """Return start + w0 * x0 + w1 * x1 + ..., added up from left to right.

    Args:
        weights, x: the factors of the products, as many of one as of the other.
        start: what the sum begins with; without it, the first product.

    Returns:
        A Value; a float if all numbers are.

    Raises:
        ValueError: there is another count of weights than of x, or nothing to add up.

    >>> w = [Value(2.0), Value(3.0)]
    >>> dot(w, [10.0, 1.0], start=0.5)
    Value(23.5, grad=not computed, op='+')
    """
    if len(weights) != len(x):
        raise ValueError(f"dot needs as many weights as x, not {len(weights)} and {len(x)}")
    if start is None:
        if not weights:
            raise ValueError("dot needs at least one product, or a start")
        start, weights, x = weights[0] * x[0], weights[1:], x[1:]
    state = current_state()
    if state.compact and len(x) > 1:
        return _in_one_node(start, weights, x)
    is_plain, note = state.recording and not (state.locating or state.trace or state.observer), state.note
    w_i: Any
    x_i: Any
    for w_i, x_i in zip(weights, x, strict=True):
        if not (is_plain and start.__class__ is w_i.__class__ is Value and x_i.__class__ in PLAIN):
            start = start + w_i * x_i
            continue
        # What the line above records, without its calls: networks spend most of their forward pass here.
        if x_i.__class__ is float:
            x_i = lift(x_i)
        try:
            added = w_i.data * x_i.data
            out = start.data + added if added.__class__ is float else None
        except TypeError:
            out = None
        if out.__class__ is not float:  # such as a number of NumPy's in a weight
            start = start + w_i * x_i
            continue
        product, total = new(Value), new(Value)
        product.data, total.data = added, out
        product.local_grads, total.local_grads = (x_i.data, w_i.data), (1.0, 1.0)
        product.grad = total.grad = None
        product.note = total.note = note
        product.op, total.op = mul, add
        product.inputs, total.inputs = (w_i, x_i), (start, product)
        start = total
    return start


def _in_one_node(start: Any, weights: Sequence[Any], x: Sequence[Any]) -> Any:
    given = (start, *chain.from_iterable(zip(weights, x, strict=True)))
    operation, operands = dot_of(len(x)), tuple([each if each.__class__ is Value else lift(each) for each in given])
    node = new(Value)
    numbers = list(map(number_of, operands))
    node.data, node.local_grads = operation.value(*numbers), operation.rule(*numbers, None)
    node.grad = node.note = None
    node.op, node.inputs = operation, operands
    return in_context(node)


def scalars(roots: Sequence[Value], those: Container[Value] | None = None) -> list[Value]:
    """Return roots whose graphs have no `Dot`, computed from the same leaves; nodes that depend on none are kept.

    Args:
        roots: the roots of graphs.
        those: the nodes to write out; None for all.
    """
    order = topological_order(*roots)
    if not any(isinstance(node.op, Dot) for node in order):
        return list(roots)
    made: dict[Value, Value] = {}

    def record() -> None:
        for node in order:
            operands = tuple([made[x] for x in node.inputs])
            if isinstance(node.op, Dot) and (those is None or node in those):
                made[node] = dot(operands[1::2], operands[2::2], operands[0])
            elif operands == node.inputs:
                made[node] = node
            else:
                made[node] = Value.__apply__(node.op, operands)

    recorded(record)
    return [made[root] for root in roots]


def in_order(roots: Sequence[Value], kept: Container[Value] = ()) -> list[Value]:
    """Return roots in whose graphs gradients are added up in the same order as scalar by scalar.

    A `Dot` for which that is not so is written out: it has an operand twice, or what its factors are read by comes
    between its products. Scalar by scalar, ``w1 * x1`` follows what ``x1`` is computed from; if that reads ``x0``, its
    contribution comes between those of the products.

    Args:
        roots: the roots of graphs.
        kept: nodes that stay as they are in any case.
    """
    roots = list(roots)
    while those := [node for node in _out_of_order(topological_order(*roots)) if node not in kept]:
        roots = scalars(roots, {*those})
    return roots


def _out_of_order(order: Sequence[Value]) -> set[Value]:
    place = {node: number for number, node in enumerate(order)}
    begin: dict[Value, int] = {}  # where what is computed for a node alone begins
    last_use: dict[Value, int] = {}
    found = set()
    for number, node in enumerate(order):
        begin[node] = number
        if node.inputs and order[number - 1] in {*node.inputs}:
            begin[node] = _begin(node.inputs, number, place, begin)
        if isinstance(node.op, Dot):
            is_read = begin[node] < number and _is_read_between(node, place, begin, last_use)
            if is_read or len(set(node.inputs)) < len(node.inputs):
                found.add(node)
        last_use.update(dict.fromkeys(node.inputs, number))
    return found


def _is_read_between(node: Value, place: dict[Value, int], begin: dict[Value, int], last_use: dict[Value, int]) -> bool:
    """Return whether what a product's factors are read by comes after it and before the end of the sum."""
    reached, start = begin[node] - 1, node.inputs[0]
    reached = max(reached, place[start])
    for w, x in zip(node.inputs[1::2], node.inputs[2::2], strict=True):
        reached = max(reached, place[w], place[x])
        if max(last_use.get(w, -1), last_use.get(x, -1), last_use.get(start, -1)) > reached:
            return True
        start = x  # it is looked at once, with the first product
    return False


def _begin(operands: Sequence[Value], number: int, place: dict[Value, int], begin: dict[Value, int]) -> int:
    """Return where what is computed for a node alone begins: for its last operand right before it, and so on."""
    start = number
    for operand in reversed(operands):
        if operand.inputs and place[operand] == start - 1:
            start = begin[operand]
    return start

"""What repeats in a graph: the same computation with the same parameters, done for one sample after the other."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..ops import add
from ..value import Value

Uses = dict[Value, list[tuple[Value, int]]]
NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Repeats:
    """Hold which nodes are copies of each other.

    Attributes:
        kind: for each node a number; copies have the same one.
        sums: the sums of copies.
        partial: the partial sums inside them; they have the kind of the whole sum.
    """

    kind: dict[Value, int]
    sums: Collection[Value] = ()
    partial: Collection[Value] = ()


def uses_of(order: Sequence[Value]) -> Uses:
    """Return for each node the nodes that it is an operand of, and its places there."""
    uses: Uses = defaultdict(list)
    for node in order:
        for place, x in enumerate(node.inputs):
            uses[x].append((node, place))
    return uses


def no_repeats(order: Sequence[Value]) -> Repeats:
    """Return that every node is for itself."""
    return Repeats({node: i for i, node in enumerate(order)})


def repeats(order: Sequence[Value], uses: Uses, parameters: Collection[Value]) -> Repeats:
    """Return which nodes of a graph are copies of each other.

    Two results are copies if they are made by the same operations from the same parameters and from any inputs and
    constants, in scopes whose names differ in numbers at most. What depends on no parameter, such as the inputs
    themselves, is a copy of what is used in the same place of the same computation.

    Args:
        order: all nodes, operands before results.
        uses: of each node, as `uses_of` tells them.
        parameters: the leaves that are trained.

    >>> w, xs = Value(2.0, "w"), [Value(1.0), Value(3.0)]
    >>> loss = w * xs[0] + w * xs[1]
    >>> order = [w, *xs, *loss.inputs, loss]
    >>> kind = repeats(order, uses_of(order), {w}).kind
    >>> kind[xs[0]] == kind[xs[1]], len(set(kind.values()))
    (True, 4)
    """
    rests_on_parameters = _resting_on(order, parameters)
    shapes, sums, whole = _shapes(order, uses, parameters, rests_on_parameters)
    numbers: dict[Hashable, int] = {}
    kind: dict[Value, int] = {}
    for node in reversed(order):
        key: Hashable
        if node in whole:
            kind[node] = kind[whole[node]]
            continue
        if node in rests_on_parameters:
            key = shapes[node]
        elif node in uses:
            key = (
                shapes[node],
                frozenset((kind[user], user not in sums and user not in whole and place) for user, place in uses[node]),
            )
        else:
            key = "root"
        kind[node] = numbers.setdefault(key, len(numbers))
    return Repeats(kind, sums, whole.keys())


def _shapes(
    order: Sequence[Value], uses: Uses, parameters: Collection[Value], rests_on_parameters: Collection[Value]
) -> tuple[dict[Value, int], set[Value], dict[Value, Value]]:
    """Return a number for each node, the same for the same structure; the sums of copies; and what sum parts are of."""
    shapes: dict[Value, int] = {}
    numbers: dict[Hashable, int] = {}
    sums: set[Value] = set()
    whole: dict[Value, Value] = {}
    for node in order:
        shape: Hashable
        if node in parameters:
            shape = id(node), "parameter"
        elif not node.inputs:
            shape = node.is_constant
        else:
            scope = _alike(node.scope)
            shape = node.op, scope, *(shapes[x] for x in node.inputs)
            if node.op is add and not _is_partial(node, uses):
                terms, partial = _terms(node, uses)
                found = Counter(shapes[x] for x in dict.fromkeys(terms) if x in rests_on_parameters)
                if max(found.values(), default=0) > 1:
                    shape = "sum", scope, frozenset(found.items())
                    sums.add(node)
                    whole.update(dict.fromkeys(partial, node))
        shapes[node] = numbers.setdefault(shape, len(numbers))
    return shapes, sums, whole


def _resting_on(order: Sequence[Value], parameters: Collection[Value]) -> set[Value]:
    found = set(parameters)
    for node in order:
        if not found.isdisjoint(node.inputs):
            found.add(node)
    return found


def _is_partial(node: Value, uses: Uses) -> bool:
    """Say whether a sum is only added to, so that it is part of a longer sum."""
    users = uses.get(node, ())
    return node.op is add and len(users) == 1 and users[0][0].op is add and users[0][0].scope == node.scope


def _terms(node: Value, uses: Uses) -> tuple[list[Value], list[Value]]:
    """Return what a sum adds up, and the partial sums on the way."""
    terms: list[Value] = []
    partial: list[Value] = []
    waiting = list(node.inputs)
    while waiting:
        x = waiting.pop()
        if _is_partial(x, uses):
            partial.append(x)
            waiting.extend(x.inputs)
        else:
            terms.append(x)
    return terms, partial


@lru_cache(maxsize=4096)
def _alike(scope: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(without_numbers, scope))


def without_numbers(name: str) -> str:
    """Return a name with a sign for each number in it."""
    return NUMBER.sub("#", name)

"""Folding: which nodes of a graph share a box.

A network's graph is too large to read box by box, and says the same thing many times. So nodes go together in three
ways. *Scopes* fold: everything made inside "layer 1" becomes one box. *Samples* that repeat one another are drawn
once, with a count. And where that is still too much, only what is *nearest to the root* is drawn, and one box stands
for the rest. Each way gives every node a key, and nodes with the same key share a box.

Take the loss of two samples, with w and b as parameters::

    w * x + b -> tanh -> - y        sample 0
    w * x + b -> tanh -> - y        sample 1, the same operations on the same parameters
          sum of both -> loss       the additions of copies become one box, Σ

The two x are copies of one another, and so are the two products, the two sums with b, and so on: 6 boxes show them,
each marked "× 2"; w and b are boxes of their own, since both samples use the same ones. Two results are copies if the
same operations made them from the same parameters, in scopes whose names differ at most in numbers ("sample 0" and
"sample 1"). What depends on no parameter, such as an input, is a copy if it is *used* in the same place of the same
computation; that is why kinds are found from the root backwards, once the structure below each node is known.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..errors import DrawingError
from ..graph import consumers
from ..ops import add
from ..support.text import Notice, did_you_mean
from ..value import Value
from .picture import Folded, Group, Scope, Wishes

Keys = dict[Value, Hashable]
Uses = Mapping[Value, Sequence[tuple[Value, int]]]  # as `consumers` returns them
SUBSCRIPT = re.compile(r"\[[^\[\]]*\]")
NUMBER = re.compile(r"\d+")


def fold(order: Sequence[Value], wishes: Wishes, parameters: Collection[Value]) -> Folded:
    """Return the nodes of a graph in groups, at most as many as the limit of the options allows.

    Operands come before results, except between groups that form a cycle.

    Args:
        order: the nodes, as `topological_order` gives them.
        wishes: the options; ``depth``, ``expand``, ``every_sample`` and ``limit`` are used here.
        parameters: the trained leaves.

    Raises:
        DrawingError: a scope to be opened does not exist.
    """
    return _Folding(order, wishes, parameters).folded()


class _Folding:
    def __init__(self, order: Sequence[Value], wishes: Wishes, parameters: Collection[Value]) -> None:
        paths = (wishes.expand,) if isinstance(wishes.expand, str) else wishes.expand
        self._depth = 1 if paths and wishes.depth is None else wishes.depth
        self._order, self._wishes, self._parameters = order, wishes, parameters
        self._uses = consumers(order)
        each_one = Repeats({node: i for i, node in enumerate(order)})
        self._same = each_one if wishes.every_sample else repeats(order, self._uses, parameters)
        self._joined = _joined_scopes(order, self._same)
        self._opened = _opened(self._joined, paths)
        self.kind = self._same.kind

    def folded(self) -> Folded:
        keys, notices = self._keys_within(self._depth, self._wishes.limit)
        count = len(set(self.kind.values())) + len(self._same.partial)
        if self._wishes.every_sample is None and count < len(self._order):
            notices.append(
                Notice("Identical samples are drawn once, with a count.", "every_sample=True draws them all.")
            )
        members: dict[Hashable, list[Value]] = {}
        for node in self._order:
            members.setdefault(keys[node], []).append(node)
        number = {key: i for i, key in enumerate(members)}
        groups = tuple(self._group(key, nodes) for key, nodes in members.items())
        return Folded(groups, {node: number[key] for node, key in keys.items()}, self.kind, tuple(notices))

    def _keys_within(self, depth: int | None, limit: int) -> tuple[Keys, list[Notice]]:
        """Return the keys of the nodes, with scopes folded as far as the limit requires, and notices."""
        order, keys = self._order, self._keys(depth)
        boxes = len(set(keys.values()))
        if boxes <= limit:
            return keys, []
        many = f"{len(order):,} values are too many to draw one by one, so"
        needed = f"They would need {boxes:,} boxes, more than limit={limit}"
        scopes = {node.scope for node in order}
        deepest = max(map(len, scopes))
        for tried in range(min(deepest, depth - 1 if depth else deepest), 0, -1):
            keys = self._keys(tried)
            if len(set(keys.values())) <= limit:
                example = min(".".join(scope[:tried]) for scope in scopes if len(scope) >= tried)
                remedy = f"{needed}; depth={tried} is shown. Open one with expand={example!r}, or raise limit."
                return keys, [Notice(f"{many} scopes are folded.", remedy)]
        remedy = f"{needed}. Draw an inner value to see more, or raise limit."
        return _near_the_root(order, keys, limit), [Notice(f"{many} only those nearest to the root are shown.", remedy)]

    def _keys(self, depth: int | None) -> Keys:
        """Return the key of each node when scopes are open down to a depth; those in ``expand`` always are."""
        kind = self.kind
        if depth is None:
            return dict(kind)
        closed: dict[Scope, Hashable] = {}  # the outermost folded scope around a scope
        for scope in {node.scope for node in self._order}:
            around = (self._joined[scope[:length]] for length in range(max(depth, 1), len(scope) + 1))
            folded = next((name for name in around if name not in self._opened), None)
            closed[scope] = folded and ("scope", folded)
        keys: Keys = {node: closed[node.scope] or kind[node] for node in self._order}
        for node in self._order:
            if not node.inputs and keys[node] == kind[node]:
                keys[node] = self._key_of_leaf(node, keys)
        return keys

    def _key_of_leaf(self, leaf: Value, keys: Keys) -> Hashable:
        """Join the leaves of one array, or with the same consumers, if only folded scopes use them."""
        users = frozenset(keys[user] for user, _ in self._uses[leaf])
        if not users or not all(isinstance(key, tuple) and key[0] == "scope" for key in users):
            return keys[leaf]
        name = SUBSCRIPT.sub("", leaf.label)
        if name and name == leaf.label:
            return keys[leaf]
        return "array", name or users, leaf.is_constant, leaf in self._parameters, leaf.scope

    def _group(self, key: Hashable, nodes: list[Value]) -> Group:
        members = tuple(node for node in nodes if node not in self._same.partial) or tuple(nodes)
        first = members[0]
        frame = self._joined[first.scope]
        if key == "rest":
            return Group("rest", f"{len(nodes):,} more values", (), tuple(nodes), 1)
        if isinstance(key, tuple) and key[0] == "scope":
            copies = Counter(self.kind[node] for node in members if node.inputs)
            return Group("scope", key[1][-1], key[1][:-1], tuple(nodes), min(copies.values(), default=1))
        if isinstance(key, tuple) and len(members) > 1:
            sort = "constants" if first.is_constant else "parameters" if first in self._parameters else "inputs"
            return Group("array", SUBSCRIPT.sub("", first.label) or sort, frame, members, 1)
        return Group("value", "", frame, members, len(members), first in self._same.sums)


def _near_the_root(order: Sequence[Value], keys: Keys, limit: int) -> Keys:
    """Keep the groups nearest to the root, each measured by its farthest node, and join the others."""
    level = dict.fromkeys(order, 0)
    farthest: dict[Hashable, int] = defaultdict(int)
    for node in reversed(order):
        for x in node.inputs:
            level[x] = max(level[x], level[node] + 1)
        farthest[keys[node]] = max(farthest[keys[node]], level[node])
    near = set(sorted(farthest, key=farthest.__getitem__)[: max(limit - 1, 1)])
    return {node: key if key in near else "rest" for node, key in keys.items()}


def _joined_scopes(order: Sequence[Value], same: Repeats) -> dict[Scope, Scope]:
    """Return the name of each scope: those that contain copies of the same nodes share one, as 'sample 0 … 9'."""
    inner: dict[Scope, set[int]] = defaultdict(set)
    for node in order:
        inner[node.scope].add(same.kind[node])
    content: dict[Scope, set[int]] = defaultdict(set)  # with that of the scopes inside
    for scope, kinds in inner.items():
        for length in range(1, len(scope) + 1):
            content[scope[:length]] |= kinds
    joined: dict[Scope, Scope] = {(): ()}
    for depth in range(1, max(map(len, content), default=0) + 1):
        alike: dict[Hashable, list[Scope]] = defaultdict(list)
        for scope in [scope for scope in content if len(scope) == depth]:
            alike[joined[scope[:-1]], NUMBER.sub("#", scope[-1]), frozenset(content[scope])].append(scope)
        for scopes in alike.values():
            for scope in scopes:
                joined[scope] = (*joined[scope[:-1]], _from_to(scopes[0][-1], scopes[-1][-1]))
    return joined


def _from_to(first: str, last: str) -> str:
    if first == last:
        return first
    same = next(i for i, (a, b) in enumerate(zip(first + "a", last + "b", strict=False)) if a != b)
    return f"{first} … {last[len(first[:same].rstrip('0123456789')) :]}"


def _opened(joined: Mapping[Scope, Scope], paths: Iterable[str]) -> set[Scope]:
    """Return the scopes to be opened, with those around them."""
    known = {".".join(name): name for scope in joined if scope for name in (scope, joined[scope])}
    for path in paths:
        if path not in known:
            remedy = did_you_mean(path, sorted(known), "choose from") or "; the graph has no scopes, see engine.scope"
            raise DrawingError(f"expand must name a scope of the graph, not {path!r}{remedy}")
    names = [joined.get(known[path], known[path]) for path in paths]
    return {name[:length] for name in names for length in range(1, len(name) + 1)}


@dataclass(frozen=True)
class Repeats:
    """The nodes that are copies of one another."""

    kind: dict[Value, int]  # copies have the same number
    sums: Collection[Value] = ()  # the sums of copies
    partial: Collection[Value] = ()  # the partial sums inside them; they have the kind of the whole sum


def repeats(order: Sequence[Value], uses: Uses, parameters: Collection[Value]) -> Repeats:
    """Return which nodes of a graph, given with its trained leaves, are copies; the module's docstring says which are.

    >>> w, xs = Value(2.0, "w"), [Value(1.0), Value(3.0)]
    >>> loss = w * xs[0] + w * xs[1]
    >>> order = [w, *xs, *loss.inputs, loss]
    >>> kind = repeats(order, consumers(order), {w}).kind
    >>> kind[xs[0]] == kind[xs[1]], len(set(kind.values()))
    (True, 4)
    """
    dependent = set(parameters)  # the nodes that depend on a parameter
    for node in order:
        if not dependent.isdisjoint(node.inputs):
            dependent.add(node)
    shapes, sums, whole = _shapes(order, uses, parameters, dependent)
    numbers: dict[Hashable, int] = {}
    kind: dict[Value, int] = {}
    for node in reversed(order):
        if node in whole:
            kind[node] = kind[whole[node]]
            continue
        key: Hashable = "root"
        if node in dependent:
            key = shapes[node]
        elif uses[node]:
            users = ((kind[user], user not in sums and user not in whole and place) for user, place in uses[node])
            key = shapes[node], frozenset(users)
        kind[node] = numbers.setdefault(key, len(numbers))
    return Repeats(kind, sums, whole.keys())


def _shapes(
    order: Sequence[Value], uses: Uses, parameters: Collection[Value], dependent: Collection[Value]
) -> tuple[dict[Value, int], set[Value], dict[Value, Value]]:
    """Return a number for the structure below each node, the sums of copies, and the whole sum of each partial one."""
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
            scope = _without_numbers(node.scope)
            shape = node.op, scope, *(shapes[x] for x in node.inputs)
            if node.op is add and not _is_partial(node, uses):
                terms, partial = _terms(node, uses)
                found = Counter(shapes[x] for x in dict.fromkeys(terms) if x in dependent)
                if max(found.values(), default=0) > 1:
                    shape = "sum", scope, frozenset(found.items())
                    sums.add(node)
                    whole.update(dict.fromkeys(partial, node))
        shapes[node] = numbers.setdefault(shape, len(numbers))
    return shapes, sums, whole


def _is_partial(node: Value, uses: Uses) -> bool:
    """Return whether a sum is used once, in another sum, so that it is part of a longer one."""
    users = uses[node]
    return node.op is add and len(users) == 1 and users[0][0].op is add and users[0][0].scope == node.scope


def _terms(node: Value, uses: Uses) -> tuple[list[Value], list[Value]]:
    """Return the terms of a sum, and the partial sums between."""
    terms: list[Value] = []
    partial: list[Value] = []
    waiting = list(node.inputs)
    while waiting:
        x = waiting.pop()
        is_partial = _is_partial(x, uses)
        (partial if is_partial else terms).append(x)
        waiting += x.inputs if is_partial else ()
    return terms, partial


@lru_cache(maxsize=4096)
def _without_numbers(scope: Scope) -> Scope:
    return tuple(NUMBER.sub("#", name) for name in scope)

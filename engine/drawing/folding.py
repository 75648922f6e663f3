"""Which nodes of a graph are drawn as one box: scopes that are folded, samples that repeat, and what is too much."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from ..value import Value
from .errors import DrawingError
from .repeats import Repeats, Uses, no_repeats, repeats, uses_of, without_numbers

Scope = tuple[str, ...]
Keys = dict[Value, Hashable]
SUBSCRIPT = re.compile(r"\[[^\[\]]*\]")


class Wish(NamedTuple):
    """Hold what a reader wants to see.

    Attributes:
        depth: how many scopes, one in another, are open; None: all.
        expand: scopes to open whatever the depth is, as ``"layer 2.neuron 0"``.
        every_sample: whether repeated samples are drawn one by one; None: unless something is folded.
        limit: the largest number of boxes.
    """

    depth: int | None = None
    expand: tuple[str, ...] = ()
    every_sample: bool | None = None
    limit: int = 400


@dataclass(frozen=True)
class Group:
    """Hold the nodes that one box shows.

    Attributes:
        sort: "value" (copies of one node, or one alone), "scope", "array" (leaves alike) or "rest".
        title: what to call it; empty for a value.
        scope: the scopes that the box is drawn in.
        members: the nodes, in the graph's order, without partial sums.
        count: how often the same was computed.
        is_sum: whether it is a sum of copies, without its partial sums.
    """

    sort: str
    title: str
    scope: Scope
    members: tuple[Value, ...]
    count: int
    is_sum: bool = False


@dataclass(frozen=True)
class Folded:
    """Hold a graph's nodes in groups; operands come before results where nothing goes round in circles.

    Attributes:
        groups: all groups.
        group_of: the group of each node.
        kind: copies of a node have the same kind.
        notices: what was folded without being asked for, in sentences that say how to open it.
    """

    groups: tuple[Group, ...]
    group_of: Mapping[Value, int]
    kind: Mapping[Value, int]
    notices: tuple[str, ...]


def fold(order: Sequence[Value], wish: Wish, parameters: Collection[Value]) -> Folded:
    """Put the nodes of a graph into groups, at most as many as the limit allows.

    Args:
        order: all nodes, operands before results, the root last.
        wish: what the reader wants to see.
        parameters: the leaves that are trained.

    Raises:
        DrawingError: there is no scope such as one that is to be opened.
    """
    depth = 1 if wish.expand and wish.depth is None else wish.depth
    few = depth is None and len(order) <= wish.limit
    every_sample = few if wish.every_sample is None else wish.every_sample
    uses = uses_of(order)
    same = no_repeats(order) if every_sample else repeats(order, uses, parameters)
    folding = _Folding(order, uses, same, wish.expand, parameters)
    keys, notices = _keys_within(folding, depth, wish.limit)
    folded_samples = wish.every_sample is None and len(set(same.kind.values())) + len(same.partial) < len(order)
    if folded_samples:
        notices = [*notices, "What repeats for each sample is drawn once, with a count; every_sample=True draws each."]
    return folding.grouped(keys, tuple(notices))


def _keys_within(folding: _Folding, depth: int | None, limit: int) -> tuple[Keys, list[str]]:
    """Return what goes together, folded as far as the limit requires."""
    order, deepest = folding.order, max(len(node.scope) for node in folding.order)
    keys = folding.keys(depth)
    boxes = len(set(keys.values()))
    if boxes <= limit:
        return keys, []
    notice = f"{len(order):,} values would be {boxes:,} boxes, more than limit={limit}: "
    for tried in range(min(deepest, depth - 1 if depth else deepest), 0, -1):
        keys = folding.keys(tried)
        if len(set(keys.values())) <= limit:
            example = min(".".join(node.scope[:tried]) for node in order if len(node.scope) >= tried)
            notice += f"scopes are folded to depth={tried}; expand={example!r} opens one, a higher limit more."
            return keys, [notice]
    keys = _near_the_root(folding, keys, limit)
    return keys, [f"{notice}those nearest to the root are drawn. Draw an inner value to see more, or raise the limit."]


def _near_the_root(folding: _Folding, keys: Keys, limit: int) -> Keys:
    """Keep the groups with the shortest way to the root, each as far as its farthest node, and join the others."""
    level = dict.fromkeys(folding.order, 0)
    for node in reversed(folding.order):
        for x in node.inputs:
            level[x] = max(level[x], level[node] + 1)
    farthest: dict[Hashable, int] = defaultdict(int)
    for node in reversed(folding.order):
        farthest[keys[node]] = max(farthest[keys[node]], level[node])
    near = set(sorted(farthest, key=farthest.__getitem__)[: max(limit - 1, 1)])
    return {node: key if key in near else "rest" for node, key in keys.items()}


class _Folding:
    """Put nodes together, by keys: nodes of the same key share a box."""

    def __init__(
        self,
        order: Sequence[Value],
        uses: Uses,
        same: Repeats,
        expand: Iterable[str],
        parameters: Collection[Value],
    ) -> None:
        self.order, self.uses, self.same, self.parameters = order, uses, same, parameters
        self.joined = _joined_scopes(order, same)
        self.opened = _opened(self.joined, expand)

    def keys(self, depth: int | None) -> Keys:
        """Return the key of each node when scopes are open as deep as this, and those to be opened."""
        kind = self.same.kind
        if depth is None:
            return {node: kind[node] for node in self.order}
        closed = {scope: self._closed(scope, depth) for scope in {node.scope for node in self.order}}
        keys: Keys = {}
        for node in self.order:
            scope = closed[node.scope]
            keys[node] = ("scope", scope) if scope else kind[node]
        for node in self.order:
            if not node.inputs and keys[node] == kind[node]:
                keys[node] = self._key_of_leaf(node, keys)
        return keys

    def _closed(self, scope: Scope, depth: int) -> Scope | None:
        """Return the outermost scope around that is folded, if any is."""
        for length in range(max(depth, 1), len(scope) + 1):
            name = self.joined[scope[:length]]
            if name not in self.opened:
                return name
        return None

    def _key_of_leaf(self, leaf: Value, keys: Keys) -> Hashable:
        """Join the leaves of one array, or with the same users, if they are used in folded scopes alone."""
        users = frozenset(keys[user] for user, _ in self.uses[leaf])
        if not users or not all(isinstance(user, tuple) and user[0] == "scope" for user in users):
            return keys[leaf]
        name = SUBSCRIPT.sub("", leaf.label)
        if name and name == leaf.label:
            return keys[leaf]
        return "array", name or users, leaf.is_constant, leaf in self.parameters, leaf.scope

    def grouped(self, keys: Keys, notices: tuple[str, ...]) -> Folded:
        """Return the groups that the keys describe."""
        members: dict[Hashable, list[Value]] = {}
        for node in self.order:
            members.setdefault(keys[node], []).append(node)
        number = {key: i for i, key in enumerate(members)}
        groups = tuple(self._group(key, nodes) for key, nodes in members.items())
        return Folded(groups, {node: number[key] for node, key in keys.items()}, self.same.kind, notices)

    def _group(self, key: Hashable, nodes: list[Value]) -> Group:
        members = tuple(node for node in nodes if node not in self.same.partial) or tuple(nodes)
        frame = self.joined[members[0].scope]
        if key == "rest":
            return Group("rest", f"{len(nodes):,} more values", (), tuple(nodes), 1)
        if isinstance(key, tuple) and key[0] == "scope":
            return Group("scope", key[1][-1], key[1][:-1], tuple(nodes), self._visits(members))
        if isinstance(key, tuple) and len(members) > 1:
            return Group("array", SUBSCRIPT.sub("", members[0].label) or self._sort_of(members[0]), frame, members, 1)
        return Group("value", "", frame, members, len(members), members[0] in self.same.sums)

    def _sort_of(self, leaf: Value) -> str:
        return "constants" if leaf.is_constant else "parameters" if leaf in self.parameters else "inputs"

    def _visits(self, members: Iterable[Value]) -> int:
        """Return how often a scope did the same."""
        copies: dict[int, int] = defaultdict(int)
        for node in members:
            if node.inputs:
                copies[self.same.kind[node]] += 1
        return min(copies.values(), default=1)


def _joined_scopes(order: Sequence[Value], same: Repeats) -> dict[Scope, Scope]:
    """Return how each scope is called: those that hold copies of the same nodes share a name, as 'sample 0 … 9'."""
    content: dict[Scope, set[int]] = {}
    inner: dict[Scope, set[int]] = defaultdict(set)
    for node in order:
        inner[node.scope].add(same.kind[node])
    for scope, kinds in inner.items():
        for length in range(1, len(scope) + 1):
            content.setdefault(scope[:length], set()).update(kinds)
    joined: dict[Scope, Scope] = {(): ()}
    for depth in range(1, max(map(len, content), default=0) + 1):
        alike: dict[Hashable, list[Scope]] = defaultdict(list)
        for scope in [scope for scope in content if len(scope) == depth]:
            name = without_numbers(scope[-1])
            alike[joined[scope[:-1]], name, frozenset(content[scope])].append(scope)
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
    """Return the scopes that are to be opened, with those around them."""
    known = {".".join(name): name for scope in joined if scope for name in (scope, joined[scope])}
    for path in paths:
        if path not in known:
            near = get_close_matches(path, known, n=3) or sorted(known)[:5]
            remedy = f"there are {', '.join(map(repr, near))}" if near else "the graph has none; see engine.scope"
            raise DrawingError(f"there is no scope {path!r} to expand: {remedy}")
    names = [joined.get(known[path], known[path]) for path in paths]
    return {name[:length] for name in names for length in range(1, len(name) + 1)}

"""Which nodes of two graphs belong together: aligned by order, as `diff` aligns lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from ..name import Names
from ..support.text import is_close
from ..value import Value

MAX_MATCHED = 1_000_000  # pairs of nodes between the first and the last difference; larger parts are paired in order
Key = Callable[[Value], Hashable]
Places = tuple[int | None, int | None]

ONLY_FIRST, ONLY_SECOND = "only in A", "only in B"
PARAMETERS, OPERANDS, NUMBER, GRADIENT = "parameters", "operands", "number", "gradient"
STRUCTURE = {ONLY_FIRST, ONLY_SECOND, PARAMETERS, OPERANDS}


class Row(NamedTuple):
    """Two nodes that belong together, or one that belongs to none."""

    first: Value | None
    second: Value | None
    name: str
    differences: tuple[str, ...]  # such as "number"; empty where nothing differs


class Graph(NamedTuple):
    """One of the graphs."""

    order: Sequence[Value]
    names: Names


def align(first: Graph, second: Graph, rtol: float) -> list[Row]:
    """Return the rows of two graphs: nodes without operands first, then the others in the order of evaluation.

    Args:
        first, second: the graphs.
        rtol: how far numbers may differ relative to their size and still count as equal.
    """
    rows, partner = list[Row](), dict[Value, Value]()
    for part in (0, 1):  # nodes without operands, and the others
        a, b = ([node for node in graph.order if bool(node.inputs) == bool(part)] for graph in (first, second))
        keys = _keys(first.names, a, second.names, b)
        for i, j in _in_order(_named_alike(a, b, first.names, second.names) if not part else {}, a, b, keys):
            x, y = (None if i is None else a[i]), (None if j is None else b[j])
            if x is not None and y is not None:
                partner[x] = y
            name = first.names[x] if x is not None else second.names[y] if y is not None else ""
            rows.append(Row(x, y, name, tuple(_differences(x, y, partner, rtol))))
    return rows


def _differences(x: Value | None, y: Value | None, partner: Mapping[Value, Value], rtol: float) -> Iterator[str]:
    if x is None or y is None:
        yield ONLY_SECOND if x is None else ONLY_FIRST
        return
    if repr({**x.op.parameters}) != repr({**y.op.parameters}):
        yield PARAMETERS
    if [partner.get(operand) for operand in x.inputs] != list(y.inputs):
        yield OPERANDS
    for what, one, other in ((NUMBER, x.data, y.data), (GRADIENT, x.grad, y.grad)):
        if one is not None and other is not None and not _equal(one, other, rtol):
            yield what


def _equal(one: float, other: float, rtol: float) -> bool:
    return repr(one) == repr(other) or (rtol > 0.0 and is_close(one, other, rtol=rtol))


def _keys(names_a: Names, a: Sequence[Value], names_b: Names, b: Sequence[Value]) -> list[Key]:
    """Return what nodes that belong together have in common, at first much, then less."""
    given = {**{node: names_a.given(node) for node in a}, **{node: names_b.given(node) for node in b}}

    def closest(node: Value) -> Hashable:
        number = repr(node.data) if not node.inputs else ""
        text = node.source.text if node.source else ""
        return node.op.name, repr({**node.op.parameters}), given[node], number, text

    return [closest, lambda node: (node.op.name, given[node]), lambda node: node.op.name]


def _named_alike(a: Sequence[Value], b: Sequence[Value], names_a: Names, names_b: Names) -> dict[int, int]:
    """Return the places of nodes whose name occurs once in each graph, wherever they stand."""
    places = []
    for nodes, names in ((a, names_a), (b, names_b)):
        given = [(names.given(node), tuple(node.scope)) for node in nodes]
        times = Counter(given)
        places.append({name: i for i, name in enumerate(given) if name[0] and times[name] == 1})
    return {i: places[1][name] for name, i in places[0].items() if name in places[1]}


def _in_order(known: Mapping[int, int], a: Sequence[Value], b: Sequence[Value], keys: Sequence[Key]) -> list[Places]:
    """Return the places of nodes that belong together, given some that do, in the order of the first graph."""
    left, right = [i for i in range(len(a)) if i not in known], set(range(len(b))) - set(known.values())
    rest = sorted(right)
    pairs: list[Places] = [
        (None if i is None else left[i], None if j is None else rest[j])
        for i, j in _matched([a[i] for i in left], [b[j] for j in rest], keys)
    ]
    if not known:
        return pairs
    found = {i: (i, j) for i, j in (*known.items(), *pairs) if i is not None}
    return [*(found[i] for i in sorted(found)), *(pair for pair in pairs if pair[0] is None)]


def _matched(a: Sequence[Value], b: Sequence[Value], keys: Sequence[Key]) -> Iterator[Places]:
    """Yield the places of nodes that belong together, in order: those with the first key, between these by others."""
    key, *others = keys
    x, y = list(map(key, a)), list(map(key, b))
    begin = 0
    while begin < min(len(x), len(y)) and x[begin] == y[begin]:
        begin += 1
    end = 0
    while end < min(len(x), len(y)) - begin and x[-1 - end] == y[-1 - end]:
        end += 1
    yield from ((i, i) for i in range(begin))
    for tag, i, i_end, j, j_end in _steps(x[begin : len(x) - end], y[begin : len(y) - end]):
        i, i_end, j, j_end = i + begin, i_end + begin, j + begin, j_end + begin
        if tag == "equal":
            yield from zip(range(i, i_end), range(j, j_end), strict=True)
        elif tag == "replace" and others:
            for one, other in _matched(a[i:i_end], b[j:j_end], others):
                yield None if one is None else i + one, None if other is None else j + other
        else:
            yield from ((place, None) for place in range(i, i_end))
            yield from ((None, place) for place in range(j, j_end))
    yield from ((len(x) - back, len(y) - back) for back in range(end, 0, -1))


def _steps(x: list[Hashable], y: list[Hashable]) -> list[tuple[str, int, int, int, int]]:
    """Return how one sequence becomes another, as `difflib` tells it."""
    if len(x) * len(y) <= MAX_MATCHED:
        return SequenceMatcher(None, x, y, autojunk=False).get_opcodes()  # type: ignore[return-value]
    both = min(len(x), len(y))
    alike = [("equal" if x[i] == y[i] else "replace", i, i + 1, i, i + 1) for i in range(both)]
    return [*alike, ("replace", both, len(x), both, len(y))]

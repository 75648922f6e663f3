"""Names: what each node of a graph is called, in every room the same.

A node is called by its label; without one, by the variable that holds it; else by its operation and its place in
the order, as in ``mul_3``. A plain number in an expression is called by its digits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import count
from typing import Any

from .graph import Node
from .support.text import format_number, latex_of_name, latex_of_number, printable

LONGEST_IDENTIFIER = 40  # characters of a name that go into an identifier


def names(variables: Mapping[str, Any]) -> dict[Any, str]:
    """Return a name for each Value among variables, also those inside lists, tuples and dictionaries.

    With ``locals()`` these are the names in your own program. The first name of a Value counts; names that begin
    with an underscore do not.

    >>> from engine import Value
    >>> w = [Value(1.0), Value(2.0)]
    >>> list(names({"w": w}).values())
    ['w[0]', 'w[1]']
    """
    found: dict[Any, str] = {}
    waiting: list[tuple[str, Any]] = [item for item in variables.items() if not item[0].startswith("_")][::-1]
    opened: set[int] = set()  # containers may hold themselves
    while waiting:
        name, thing = waiting.pop()
        if isinstance(thing, Node):
            found.setdefault(thing, name)
        elif isinstance(thing, list | tuple | dict) and id(thing) not in opened:
            opened.add(id(thing))
            items = thing.items() if isinstance(thing, dict) else enumerate(thing)
            waiting.extend([(f"{name}[{key!r}]", item) for key, item in items][::-1])
    return found


def label(**values: Any) -> None:
    """Label Values with the names they are passed under; lists and dictionaries label what is in them.

    ``label(**locals())`` labels every Value with the variable that holds it.

    >>> from engine import Value
    >>> a, w = Value(1.0), [Value(2.0), Value(3.0)]
    >>> label(a=a, w=w)
    >>> a.label, w[1].label
    ('a', 'w[1]')
    """
    for value, name in names(values).items():
        value.label = name


class Names:
    r"""The names of a graph's nodes: one for each, and no two alike but for plain numbers.

    Where a label occurs more than once, the scopes stand before it, as in ``layer1.neuron0.w0``; where that is not
    enough, a count stands behind it, as in ``w_2``. A name is one line without control characters.

    Args:
        order: the nodes, as `topological_order` gives them.
        variables: variables of the caller, such as ``locals()``.

    >>> from engine import Value
    >>> a = Value(2.0, "alpha")
    >>> b = a * 3.0
    >>> names = Names([a, b.inputs[1], b])
    >>> names[b], names[b.inputs[1]], names.latex(a)
    ('mul_2', '3', '\\alpha')
    """

    def __init__(self, order: Sequence[Any], variables: Mapping[str, Any] | None = None) -> None:
        self.order = order
        self._variables = names(variables or {})

    def given(self, node: Node) -> str:
        """Return the name that the caller gave a node, by a label or by a variable; empty without one."""
        return printable(node.label or self._variables.get(node, "")).strip()

    def is_number(self, node: Node) -> bool:
        """Return whether a node is a plain number in an expression, without a name of its own."""
        return node.is_constant and not self.given(node)

    def __getitem__(self, node: Node) -> str:
        return self._texts[node]

    def __contains__(self, node: object) -> bool:
        return node in self._texts

    def in_scope(self, node: Node) -> str:
        """Return a node's name without the scopes before it, for a place that shows them otherwise."""
        return self[node].removeprefix(f"{_scopes(node)}.") if node.scope else self[node]

    def latex(self, node: Node) -> str:
        """Return a node's name in LaTeX, for math mode."""
        return latex_of_number(node.data) if self.is_number(node) else latex_of_name(self[node])

    def find(self, name: str) -> Any | None:
        """Return the node of this name; None if no node has it. Plain numbers are not found."""
        return self.findable.get(name)

    @cached_property
    def findable(self) -> dict[str, Any]:
        """The nodes that `find` finds, by their names."""
        return {name: node for node, name in self._texts.items() if not self.is_number(node)}

    @cached_property
    def _texts(self) -> dict[Any, str]:
        wanted = list(map(self.given, self.order))
        times = Counter(wanted)
        found: dict[Node, str] = {}
        taken: set[str] = set()
        counts: dict[str, Iterator[int]] = {}
        for place, (node, name) in enumerate(zip(self.order, wanted, strict=True)):
            if not name and node.is_constant:
                found[node] = format_number(node.data)
                continue
            if name and times[name] > 1:
                name = ".".join(filter(None, (_scopes(node), name)))
            name = plain = name or f"{node.op.name}_{place}"
            while name in taken:
                name = f"{plain}_{next(counts.setdefault(plain, count(2)))}"
            taken.add(name)
            found[node] = name
        return found

    def identifiers(self, taken: Collection[str] = (), convert: Callable[[str], str] | None = None) -> list[str]:
        """Return an identifier for each node in the order, each different; ``d_`` before it is free as well.

        Args:
            taken: names that are not to be used.
            convert: makes a name an identifier; by default `as_identifier`.
        """
        used = set(taken)
        found = []
        for place, node in enumerate(self.order):
            wanted = name = f"number_{place}" if self.is_number(node) else (convert or as_identifier)(self[node])
            counts = count(2)
            while name in used or f"d_{name}" in used:
                name = f"{wanted}_{next(counts)}"
            used |= {name, f"d_{name}"}
            found.append(name)
        return found


def _scopes(node: Node) -> str:
    return printable(".".join(part.replace(" ", "") for part in node.scope))


def as_identifier(text: str) -> str:
    """Return a text as an identifier of ASCII characters."""
    import re  # takes milliseconds to import

    found = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")[:LONGEST_IDENTIFIER]
    return found if found and not found[0].isdigit() else f"_{found}"

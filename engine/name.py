"""Names: what each node of a graph is called, in every room the same.

A node is called by its label; without one, by the variable that holds it; else by its place in the order, as in ``v3``,
which step 3 of the walk computes. A plain number in an expression is called by its digits.

A letter and a number is what the literature calls the lines of an evaluation trace; see A. Griewank and A. Walther,
*Evaluating Derivatives* (2nd edition, SIAM 2008), section 2.2. The name of an operation would read as a function, as in
``1 - v3 ** 2``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import count
from typing import Any

from .graph import Node
from .recording.source import running_frame
from .support.text import format_number, latex_of_name, latex_of_number, printable

LONGEST_IDENTIFIER = 40  # characters of a name that go into an identifier
MAX_SEARCHED = 100_000  # things in containers that are looked at for names
NOT_NAMES = {"In", "Out"}  # what IPython keeps of a session
PLAIN = int | float | str | bytes


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
    opened: set[int] = set()  # containers may hold themselves
    left = MAX_SEARCHED
    for variable, holder in variables.items():
        waiting = [] if variable[:1] in "_@" or variable in NOT_NAMES else [(variable, holder)]
        while waiting:
            name, thing = waiting.pop()
            if isinstance(thing, Node):
                found.setdefault(thing, name)
            elif isinstance(thing, list | tuple | dict) and id(thing) not in opened and len(thing) <= left:
                opened.add(id(thing))
                items = list(thing.items() if isinstance(thing, dict) else enumerate(thing))
                if not items or isinstance(items[0][1], PLAIN):  # data
                    continue
                left -= len(items)
                waiting.extend([(f"{name}[{key!r}]", item) for key, item in reversed(items)])
    return found


def callers_variables(variables: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the variables that name nodes: those given, or without any those of the caller outside engine and nn."""
    return running_frame().f_locals if variables is None else variables


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
    ('v2', '3', '\\alpha')
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
            is_given = bool(name)
            name = plain = name or f"v{place}"
            while name in taken or (name in times and not is_given):
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

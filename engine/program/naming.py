"""What the variables of a program are called."""

from __future__ import annotations

import builtins
import keyword
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..operation import TABLE
from ..value import Value

# Programs also have names that begin with an underscore and a letter; no identifier of a node does.
TAKEN = {
    *dir(builtins),
    *keyword.kwlist,
    *keyword.softkwlist,
    *dir(math),
    "inputs",
    "parameters",
}
LONGEST = 40  # characters of a name that are taken over


def plain(text: str) -> str:
    """Return a text as an identifier of ASCII characters."""
    found = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")[:LONGEST]
    return found if found and not found[0].isdigit() else f"_{found}"


def identifiers(
    order: Sequence[Value],
    named: Mapping[Value, str],
    taken: Iterable[str] = TAKEN,
    as_identifier: Callable[[str], str] = plain,
) -> list[str]:
    """Return an identifier for each node, each different, and different from all gradients, ``d_`` and a name.

    They come from labels, with the scopes before them where a label comes more than once; else from the reader's
    variables; else from the operation and the place in the order.

    Args:
        order: the nodes.
        named: names of the reader's variables.
        taken: what is no name of a node, besides the operations of the table.
        as_identifier: makes an identifier of a text.

    >>> a = Value(2.0, "learning rate")
    >>> identifiers([a, a.exp()], {})
    ['learning_rate', 'exp_1']
    """
    said = [node.label or named.get(node, "") for node in order]
    count = Counter(said)
    used = {*taken, *TABLE}
    found = []
    for place, (node, name) in enumerate(zip(order, said, strict=True)):
        if name and count[name] > 1:
            name = " ".join([*node.scope, name])
        name = name or f"{node.op.name if node.is_result else 'number'}_{place}"
        found.append(_free(as_identifier(name), used))
    return found


def _free(name: str, used: set[str]) -> str:
    """Return a name, or with a number behind it, that is not used yet, and note that it is."""
    chosen, number = name, 2
    while chosen in used or f"d_{chosen}" in used:
        chosen, number = f"{name}_{number}", number + 1
    used.update((chosen, f"d_{chosen}"))
    return chosen

"""debug_view: a graph as JSON, for the extension Debug Visualizer of VS Code.

The format: https://github.com/hediet/vscode-debug-visualizer, the kind ``graph``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..graph import require_value, topological_order
from ..name import Names, callers_variables
from ..numbers import Numbers
from ..support.text import format_number, visible
from ..value import Value

MAX_NODES = 400  # that the extension lays out in a few seconds
COLOURS = {"leaf": "#dcefe0", "constant": "#eeeeee", "root": "#ffe3c2"}


def debug_view(root: Value, *, names: Mapping[str, Any] | None = None, limit: int = MAX_NODES) -> str:
    """Return the graph of a Value as JSON that VS Code's extension Debug Visualizer draws.

    Args:
        root: the Value to draw, with everything it is computed from.
        names: variables, such as ``locals()``: a Value without a label is called by its variable; by default those of
            the caller, with ``{}`` none.
        limit: how many nodes to draw, those nearest to the root.

    >>> a = Value(2.0, "a")
    >>> print(debug_view(a * a, names={}))
    {"kind": {"graph": true}, "nodes": [{"id": "0", "label": "a = 2", "color": "#dcefe0"}, ...
    """
    require_value(root, "debug_view")
    order = topological_order(root)
    called, numbers = Names(order, callers_variables(names)), Numbers(order)
    place = {node: str(index) for index, node in enumerate(order)}
    shown = set(_nearest(root, limit))
    nodes, edges = [], []
    for node in order:
        if node not in shown:
            continue
        grad = numbers.grad(node)
        number = format_number(numbers.data(node))
        first = number if called.is_number(node) else f"{called[node]} = {number}"
        lines = [first, f"grad {format_number(grad)}" * (grad is not None), node.op.symbol * bool(node.inputs)]
        kind = "root" if node is root else "constant" if node.is_constant else "leaf" if node.is_leaf else ""
        look = {"color": COLOURS[kind]} if kind else {}
        nodes.append({"id": place[node], "label": visible("\n".join(filter(None, lines))), **look})
        edges += [
            {"from": place[operand], "to": place[node], "label": format_number(local)}
            for operand, local in zip(node.inputs, numbers.locals(node), strict=True)
            if operand in shown
        ]
    return json.dumps({"kind": {"graph": True}, "nodes": nodes, "edges": edges}, ensure_ascii=False)


def _nearest(root: Value, limit: int) -> list[Value]:
    """Return the nodes nearest to the root, as many as a limit allows."""
    found = {root: None}
    for node in (nodes := [root]):
        for operand in node.inputs:
            if operand not in found and len(found) < limit:
                found[operand] = None
                nodes.append(operand)
    return list(found)

"""The command ``stepgrad explain``: gradients in words, formulas and numbers."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ...support.streams import say
from ..command import (
    JSON,
    NOW,
    UPDATE,
    as_path,
    check_out,
    command,
    describe_node,
    notify,
    option,
    print_json,
    write_json,
)

if TYPE_CHECKING:
    from ...name import Names
    from ...value import Value
    from ..target import Target

MAX_EXPLAINED = 5  # gradients, unless inputs are named
MAX_PATHS = 10  # paths to an input in JSON


@command(
    "explain",
    option("--wrt", metavar="NAMES",
           help=f"explain the gradients with respect to these inputs, such as a,b (the first {MAX_EXPLAINED})"),
    option("--node", metavar="NAME",
           help="explain this one node instead: its rule, what it receives and what it passes on"),
    option("--format", choices=("text", "markdown", "latex"), default="text", help="the format (text)"),
    option("-o", "--out", metavar="FILE", type=as_path, help="write to this file instead of the standard output"),
    UPDATE, NOW, JSON,
    examples=['stepgrad explain "a*b + tanh(a)" a=2 b=-3 --wrt a',
              'stepgrad explain "(w*x - 1)**2" w=1 x=2 --wrt w --update 0.1',
              "stepgrad explain train.py:loss --node loss --format markdown"],
    check=check_out,
)  # fmt: skip
def explain(target: Target, options: argparse.Namespace) -> int:
    """Explain gradients by the chain rule, in words, formulas and numbers.

    The gradient of each input is the sum over its paths; in text, a tree of the whole graph comes first.
    """
    from ...steps.walk import Walk
    from ...support.files import write_whole
    from ...words.explanation import explain as explain_value
    from ...words.explanation import explain_update
    from ...words.tree import tree
    from ..target import choose

    given, target = target, target.settled(options)
    target.differentiate()
    root = target.root
    if options.node:
        shown = [choose(options.node, target.names.findable, "the graph", "node")]
        found = [explain_value(shown[0], root=root, names={})]
    else:
        inputs = target.inputs(options.wrt)
        shown = inputs if options.wrt else inputs[:MAX_EXPLAINED]
        found = [explain_value(root, each, names={}) for each in shown]
        if len(shown) < len(inputs):
            notify([f"{len(inputs) - len(shown):,} more inputs; name them with --wrt"])
    if options.update and not options.node:
        steps = Walk(given.root, 1.0, {}, accumulate=False, now=options.now, update=given.update(options.update))
        place_of = {node: place for place, node in enumerate(target.names.order)}
        for says, each in zip(found, shown, strict=True):
            explain_update(says, steps, steps.order[place_of[each]])
    if options.json:
        described = [describe(root, node, target.names) for node in shown]
        result = [about | {"text": each.text} for about, each in zip(described, found, strict=True)]
        if options.out:
            write_whole(options.out, f"{write_json(result)}\n".encode())
            result = {"file": str(options.out)}  # type: ignore[assignment]
        print_json(options, result)
        return 0
    texts = [getattr(each, options.format).rstrip("\n") for each in found]
    if options.format == "text" and not options.node:
        texts.insert(0, str(tree(root, names={})))
    text = "\n\n".join(texts)
    if options.out:
        write_whole(options.out, f"{text}\n".encode())
    say(options.out or text)
    return 0


def describe(root: Value, node: Value, names: Names) -> dict[str, Any]:
    """Return a node, its gradient and the strongest paths from the root to it, for JSON."""
    from ...paths import Paths, multiply_locals
    from ...support.text import format_count

    paths = Paths(names.order, node)
    count = paths.count()
    return {
        **describe_node(node, names),
        "local_gradients": node.local_grads,
        "gradient": node.grad,
        "of": names[root],
        "paths": count if count < 10**15 else format_count(count),
        "strongest_paths": [
            {"nodes": [*(names[edge.node] for edge in path), names[node]],
             "local_gradients": [edge.local for edge in path],
             "product": multiply_locals(path)}
            for path in paths.strongest(MAX_PATHS)
        ],
    }  # fmt: skip

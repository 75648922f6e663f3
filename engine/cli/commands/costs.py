"""The command ``stepgrad costs``: what the gradients of a graph cost."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..command import JSON, as_plain, command, print_result

if TYPE_CHECKING:
    from ..target import Target


@command(
    "costs", JSON,
    examples=['stepgrad costs "p = a*b; q = p*p; q*p" a=2 b=3', "stepgrad costs train.py:loss"],
)  # fmt: skip
def costs(target: Target, options: argparse.Namespace) -> int:
    """Count paths and edges, and compare forward mode with reverse mode, on a graph.

    Gradients can be computed path by path, or as backpropagation does: each edge once.
    """
    from ...teach.cost import count_costs

    found = count_costs(target.root)
    result = as_plain(found) | {"forward_mode": found.forward_mode, "by_input": dict(found.by_input)}
    print_result(options, found, result)
    return 0

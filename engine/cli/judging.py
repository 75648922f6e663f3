"""Commands that judge a graph: check, doctor, costs."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

from .. import check_gradients, diagnose, topological_order
from ..errors import StepgradError
from ..value import Value
from .command import command, option
from .target import Target

MOST_EVALUATIONS = 20_000_000  # of single operations, for one check: about half a minute
HISTORIES = "history", "losses", "loss_history"  # what programs call the losses of their steps


@command(
    "check",
    option("--by", metavar="NAMES", help="the inputs to check, such as a,b (all)"),
    examples=['stepgrad check "a*b + tanh(a)" a=2 b=-3', "stepgrad check train.py:loss --by 'w[0],b'"],
)
def check(target: Target, options: argparse.Namespace) -> int:
    """Check the gradients of a Value against central differences."""
    order = topological_order(target.root)
    inputs = target.inputs(options.by)
    evaluations = 26 * len(inputs) * len(order)  # a central difference with up to 12 halvings of its step, for each
    if evaluations > MOST_EVALUATIONS:
        raise StepgradError(
            f"the graph has {len(order):,} values and {len(inputs):,} inputs: checking all of them takes minutes; "
            "choose some with --by NAMES"
        )
    print(check_gradients(lambda *_: _computed_again(order), inputs))
    return 0


def _computed_again(order: Sequence[Value]) -> Value:
    """Return a new graph of the same operations on the same leaves."""
    made: dict[Value, Any] = {}
    for node in order:
        made[node] = node.op(*(made[x] for x in node.inputs)) if node.inputs else node
    return made[order[-1]]  # type: ignore[no-any-return]


@command(
    "doctor",
    examples=["stepgrad doctor train.py", 'stepgrad doctor "sigmoid(sigmoid(w*x))" w=40 x=2'],
)
def doctor(target: Target, options: argparse.Namespace) -> int:
    """Find what is wrong with a loss, its gradients and its training.

    The parameters are those of the program's models (things with a method parameters), and of its list parameters or
    params; without any, all leaves of the graph. A list history, losses or loss_history is the loss of each step.
    Notes leave the exit status at 0, warnings and errors make it 1.
    """
    root, variables = target
    found = diagnose(root, target.parameters, _history(root, variables), variables=variables)
    print(found)
    return int(any(finding.severity != "note" for finding in found))


def _history(root: Value, variables: Mapping[str, Any]) -> list[float] | None:
    """Return the losses of a program's steps, where it kept them; not those that a loss is the mean of."""
    inside = set(topological_order(root)) - {root}
    for kept in [variables[name] for name in HISTORIES if name in variables]:
        is_numbers = isinstance(kept, list | tuple) and all(isinstance(x, Real | Value) for x in kept)
        if is_numbers and inside.isdisjoint(x for x in kept if isinstance(x, Value)):
            return [float(x) for x in kept]
    return None


@command(
    "costs",
    examples=['stepgrad costs "p = a*b; q = p*p; q*p" a=2 b=3', "stepgrad costs train.py:loss"],
)
def costs(target: Target, options: argparse.Namespace) -> int:
    """Count paths against edges, and forward mode against reverse mode, on a graph.

    The gradients of a Value can be had path by path, or as backpropagation has them: each edge once.
    """
    from ..teach.cost import count_costs

    print(count_costs(target.root))
    return 0

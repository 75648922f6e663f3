"""The command ``stepgrad doctor``: what is wrong with a loss, its gradients and its training."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..command import JSON, command, print_json

if TYPE_CHECKING:
    from ...value import Value
    from ..target import Target

HISTORIES = "history", "losses", "loss_history"  # names that programs give to the losses of their steps


@command(
    "doctor",
    JSON,
    examples=["stepgrad doctor train.py", 'stepgrad doctor "sigmoid(sigmoid(w*x))" w=40 x=2'],
)
def doctor(target: Target, options: argparse.Namespace) -> int:
    """Find what is wrong with a loss, its gradients and its training.

    The parameters are those of the program's models (objects with a method parameters) and of its list parameters or
    params; without any, all leaves of the graph. A list history, losses or loss_history holds the loss of each step.
    Warnings and errors make the exit status 1; notes leave it at 0.
    """
    from ...doctor.diagnosis import diagnose

    history = _history(target.root, target.variables)
    found = diagnose(target.root, target.parameters, history, variables=target.variables)
    if options.json:
        print_json({"examined": found.examined, "findings": found})
    else:
        print(found)
    return int(any(finding.severity != "note" for finding in found))


def _history(root: Value, variables: Mapping[str, Any]) -> list[float] | None:
    """Return the losses of a program's steps, if it kept them; a list whose mean is the loss is not that."""
    from numbers import Real

    from ...graph import topological_order
    from ...value import Value

    inside = set(topological_order(root)) - {root}
    for kept in [variables[name] for name in HISTORIES if name in variables]:
        is_numbers = isinstance(kept, list | tuple) and all(isinstance(x, Real | Value) for x in kept)
        if is_numbers and inside.isdisjoint(x for x in kept if isinstance(x, Value)):
            return [float(x) for x in kept]
    return None

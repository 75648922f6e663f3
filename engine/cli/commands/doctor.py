"""The command ``stepgrad doctor``: what is wrong with a loss, its gradients and its training."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..command import JSON, command, print_result

if TYPE_CHECKING:
    from ..target import Target

HISTORIES = "history", "losses", "loss_history"  # names that programs give to the losses of their steps


@command("doctor", JSON, examples=["stepgrad doctor train.py", 'stepgrad doctor "sigmoid(sigmoid(w*x))" w=40 x=2'])
def doctor(target: Target, options: argparse.Namespace) -> int:
    """Find what is wrong with a loss, its gradients and its training.

    The parameters are those of the program's models (objects with a method parameters) and of its list parameters or
    params; without any, all leaves of the graph. A list history, losses or loss_history holds the loss of each step.
    Warnings and errors make the exit status 1; notes leave it at 0.
    """
    from ...doctor.diagnosis import diagnose

    found = diagnose(target.root, target.parameters, _history(target), variables=target.variables)
    print_result(options, found, {"examined": found.examined, "findings": found})
    return int(any(finding.severity != "note" for finding in found))


def _history(target: Target) -> list[float] | None:
    """Return the losses of a program's steps, if it kept them; a list whose mean is the loss is not that."""
    from numbers import Real

    from ...value import Value

    inside = set(target.names.order) - {target.root}
    for kept in map(target.variables.get, HISTORIES):
        if not isinstance(kept, list | tuple) or not all(isinstance(x, Real | Value) for x in kept):
            continue
        if inside.isdisjoint(x for x in kept if isinstance(x, Value)):
            return [float(x) for x in kept]
    return None

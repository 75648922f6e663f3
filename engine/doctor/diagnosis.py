"""diagnose: find what learners get wrong, in their own graph, and say it in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..value import Value
from . import gradients, network, training
from .case import Case
from .finding import Diagnosis

EXAMINATIONS = (
    gradients.finiteness,
    gradients.reach,
    gradients.edits,
    gradients.accumulation,
    training.direction,
    training.progress,
    network.symmetry,
    network.dead_units,
    network.layers,
    network.outputs,
)


def diagnose(
    loss: Value,
    parameters: Iterable[Value] | None = None,
    history: Sequence[float] | None = None,
    *,
    variables: Mapping[str, Any] | None = None,
) -> Diagnosis:
    """Find what is wrong with a loss, its gradients and its training, and say it with evidence and remedy.

    It may be asked at any time: after the forward pass, after ``backward()``, and after the update. It
    changes nothing.

    Args:
        loss: the Value that is trained on.
        parameters: what is trained, such as ``model.parameters()``; without them all leaves of the graph.
        history: the losses of the steps so far.
        variables: the program's variables, such as ``locals()``, for names and for lists of outputs.

    Returns:
        The findings, the gravest first; printing them shows them.

    Raises:
        TypeError: the loss is not a Value.

    >>> w = Value(3.0, "w")
    >>> loss = (w - 1.0) ** 2
    >>> loss.backward(); loss.backward()
    >>> diagnose(loss).codes
    ['backward-twice']
    """
    if not isinstance(loss, Value):
        raise TypeError(f"diagnose takes the loss, a Value, not {type(loss).__name__} {loss!r:.40}")
    case = Case(loss, parameters, history, variables)
    findings = list(gradients.finiteness(case))
    if not findings:  # what is not finite makes nonsense of all else
        findings = [finding for examine in EXAMINATIONS[1:] for finding in examine(case)]
    return Diagnosis(findings, f"{len(case.order)} nodes and {len(case.parameters)} parameters examined")

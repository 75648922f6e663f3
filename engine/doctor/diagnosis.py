"""diagnose: find what learners get wrong in their own graph, and explain it in words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..graph import require_value
from ..support.text import counted
from ..value import Value
from . import gradients, network, training
from .case import Case
from .finding import Diagnosis

EXAMINATIONS = (
    gradients.find_unreached, gradients.find_edits, gradients.find_accumulation,
    training.find_wrong_direction, training.find_no_progress,
    network.find_symmetry, network.find_dead_units, network.find_vanishing,
    network.find_wrong_range, network.find_unused_outputs, network.find_probabilities,
)  # fmt: skip


def diagnose(
    loss: Value, parameters: Iterable[Value] | None = None, history: Sequence[float] | None = None, *,
    variables: Mapping[str, Any] | None = None,
) -> Diagnosis:  # fmt: skip
    """Find what is wrong with a loss, its gradients and its training, with evidence and remedies.

    Call it at any time: after the forward pass, after ``backward()``, or after the update. Nothing is changed.

    Args:
        loss: the Value that is trained on.
        parameters: the Values that are trained, such as ``model.parameters()``; without them all leaves of the graph.
        history: the losses of the steps so far.
        variables: the program's variables, such as ``locals()``: for names, for lists of outputs, and for results
            that were left behind.

    Returns:
        The findings, the most severe first; print them.

    Raises:
        TypeError: the loss is not a Value.

    >>> w = Value(3.0, "w")
    >>> loss = (w - 1.0) ** 2
    >>> loss.backward(); loss.backward()
    >>> diagnose(loss).codes
    ['backward-twice']
    """
    require_value(loss, "diagnose")
    case = Case(loss, parameters, history, variables)
    findings = list(gradients.find_not_finite(case))
    if not findings:  # nothing else can be concluded from numbers that are not finite
        findings = [finding for examine in EXAMINATIONS for finding in examine(case)]
    sizes = f"{counted(len(case.order), 'node')} and {counted(len(case.parameters), 'parameter')}"
    return Diagnosis(findings, f"{sizes} examined")

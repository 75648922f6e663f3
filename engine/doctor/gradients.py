"""Examinations of gradients: whether they belong to the loss, and whether they reach the parameters."""

import math
from collections.abc import Iterator

from ..errors import DomainError
from ..events import first_not_finite
from ..graph import topological_order
from ..support.text import format_number, is_close
from ..value import Value
from .case import Case, describe_origin
from .finding import Finding


def find_accumulation(case: Case) -> Iterator[Finding]:
    """Find gradients that contain more than one backward pass."""
    if not case.is_differentiated:
        return
    seed = case.loss.grad or 0.0
    pairs = [(p, p.grad, seed * g) for p, g in case.gradients.items() if p.grad is not None]
    wrong = [(p, held, due) for p, held, due in pairs if not is_close(held, due, atol=1e-12)]
    if not wrong:
        return
    p, held, due = wrong[0]
    name, right = case.name(p), format_number(due)
    evidence = f"{name}.grad is {format_number(held)}; the derivative of this loss with respect to {name} is {right}"
    ratios = {round(held / due, 9) for _, held, due in pairs if due}
    ratio = ratios.pop() if len(ratios) == 1 and len(wrong) == len(pairs) else 0.0
    if ratio > 1.0 and ratio.is_integer():
        times, size = ("twice", "doubled") if ratio == 2.0 else (f"{ratio:.0f} times", f"{ratio:.0f} times too large")
        sentence = f"backward() was called {times} on this loss, so every gradient is {size}."
        remedy = "call backward() once for each forward pass, after setting the gradients to 0 (model.zero_grad())"
        yield Finding("backward-twice", "error", sentence, evidence, remedy, p)
    else:
        listed = case.listed(w[0] for w in wrong)
        sentence = f"the gradients of {listed} still contain an earlier backward(): they were not zeroed."
        evidence += f"; {format_number(held - due)} is left from before"
        remedy = "set the gradients to 0 before each backward(): model.zero_grad(), or loss.zero_grad()"
        yield Finding("stale-gradients", "error", sentence, evidence, remedy, p)


def find_unreached(case: Case) -> Iterator[Finding]:
    """Find parameters that the loss does not depend on, and the place where the graph is cut."""
    lost = [p for p in case.parameters if p not in case.nodes]
    if not lost:
        return
    cut, evidence = _cut(case, lost)
    them = "it" if len(lost) == 1 else "them"
    sentence = f"the loss does not depend on {case.listed(lost)}: no gradient can reach {them}."
    remedy = "compute the loss from the parameters by operations on Values alone, without float(v), v.data or no_grad()"
    if cut is None and not case.variables:
        remedy += "; with variables=locals(), diagnose looks for the place where the graph is cut"
    yield Finding("unreached-parameter", "error", sentence, evidence, remedy, lost[0] if cut is None else cut)


def _cut(case: Case, lost: list[Value]) -> tuple[Value | None, str]:
    """Return the node at which the graph is cut from lost parameters, if it is found, and the evidence."""
    for node in case.order:
        if node.is_result and not node.inputs:
            return node, f"{case.name(node)} was computed inside no_grad(), so its operands were not recorded"
    ends = {leaf.data: leaf for leaf in case.order if not leaf.inputs}
    for node in case.outside:
        if node.inputs and node.data in ends and (sources := set(lost).intersection(topological_order(node))):
            end, source = ends[node.data], next(p for p in lost if p in sources)
            return end, (
                f"{case.name(node)} was computed from {case.name(source)}, but the loss was computed from another node "
                f"with the same number, {format_number(end.data)}: a float() or a new Value(v.data) is in between"
            )
    return None, f"the loss depends only on {case.listed(case.leaves) or 'constants'}"


def find_edits(case: Case) -> Iterator[Finding]:
    """Find numbers that were edited after the forward pass, except by an update after backward()."""
    updated = case.trained if case.is_differentiated else set()
    edited = [(leaf, case.recorded[leaf]) for leaf in case.moved if leaf not in updated]
    if not case.moved:
        computed = [(node, _computed(node)) for node in case.order if node.inputs]
        edited = [(x, was) for x, was in computed if not is_close(was, x.data, atol=1e-12) and not math.isnan(was)]
    for node, was in edited[:1]:
        sentence = f"{case.name(node)}.data was changed after the loss had been computed from it."
        evidence = (
            f"the graph was computed with {format_number(was)}; now .data is {format_number(node.data)}, but the "
            "recorded local gradients and the loss still belong to the old number"
        )
        remedy = "compute the loss again after changing .data, and then call backward()"
        yield Finding("edited-data", "error", sentence, evidence, remedy, node)


def _computed(node: Value) -> float:
    """Return the number that a node would have now; not-a-number if it has none."""
    try:
        return node.op.evaluate([x.data for x in node.inputs])
    except DomainError:
        return math.nan


def find_not_finite(case: Case) -> Iterator[Finding]:
    """Find the first number that is not finite."""
    for node in case.order:
        if not math.isfinite(node.data) and all(math.isfinite(x.data) for x in node.inputs):
            sentence = f"{case.name(node)} is {node.data}, the first number of the graph that is not finite."
            evidence = f"it was computed as {describe_origin(node)}" if node.inputs else "it was given"
            remedy = "check the numbers that go in: scale the inputs, lower the learning rate, or use a stable form"
            yield Finding("not-finite", "error", sentence, evidence, remedy, node)
            return
    bad = [p for p in case.reached if p.grad is not None and not math.isfinite(p.grad)]
    if bad:
        sentence = f"the gradient of {case.listed(bad)} is not finite, although all numbers of the graph are."
        first = first_not_finite(case.loss)
        begins = f"; it begins here: {first.what[:-1]}" if first else ""
        evidence = f"{case.name(bad[0])}.grad is {bad[0].grad}{begins}"
        remedy = "clip the gradients, lower the learning rate, or scale the inputs"
        yield Finding("not-finite", "error", sentence, evidence, remedy, first.node if first else bad[0])

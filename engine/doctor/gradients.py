"""Examinations of gradients: whether they are those of the loss, and whether they reach the parameters."""

from __future__ import annotations

import gc
import math
from collections.abc import Iterator

from ..graph import topological_order
from ..value import Value
from .case import Case
from .finding import Finding


def accumulation(case: Case) -> Iterator[Finding]:
    """Find gradients that hold more than one backward pass."""
    if not case.differentiated or not case.gradients:
        return
    seed = case.loss.grad or 0.0
    pairs = [(p, p.grad, seed * g) for p, g in case.gradients.items() if p.grad is not None]
    wrong = [(p, held, due) for p, held, due in pairs if not math.isclose(held, due, rel_tol=1e-9, abs_tol=1e-12)]
    if not wrong:
        return
    times = {round(held / due, 9) for _, held, due in pairs if due}
    p, held, due = wrong[0]
    evidence = f"{case.name(p)}.grad is {held:.6g}; the derivative of this loss by it is {due:.6g}"
    if len(times) == 1 and (count := times.pop()) == int(count) and count > 1 and len(wrong) == len(pairs):
        yield Finding(
            "backward-twice",
            "error",
            f"backward() was called {int(count)} times on this loss, so every gradient counts {int(count)} times.",
            f"{evidence}, {int(count)} times less",
            "call backward() once for each forward pass, with the gradients set to 0 before (model.zero_grad())",
            p,
        )
        return
    yield Finding(
        "stale-gradients",
        "error",
        f"the gradients of {case.listed([w[0] for w in wrong])} hold more than this loss: they were not set to 0 "
        "after an earlier backward().",
        f"{evidence}; {held - due:.6g} is left from before",
        "set the gradients to 0 before each backward(): model.zero_grad(), or loss.zero_grad()",
        p,
    )


def reach(case: Case) -> Iterator[Finding]:
    """Find parameters that the loss does not depend on, and where the way to them is cut."""
    lost = [p for p in case.parameters if p not in case.nodes]
    if not lost:
        return
    cut, why = _cut(case, lost)
    yield Finding(
        "unreached-parameter",
        "error",
        f"the loss does not depend on {case.listed(lost)}: no gradient can reach {'it' if len(lost) == 1 else 'them'}.",
        why,
        "compute the loss from the parameters by operations on Values alone, without float(v), v.data or no_grad()",
        cut or lost[0],
    )


def _cut(case: Case, lost: list[Value]) -> tuple[Value | None, str]:
    """Return the node at which the way from lost parameters ends, and a sentence about it."""
    for node in case.order:
        if node.is_result and not node.inputs:
            return node, f"{case.name(node)} was computed inside no_grad(), so it does not remember its operands"
    ends = {leaf.data: leaf for leaf in case.order if not leaf.inputs}
    for thing in gc.get_objects():
        if isinstance(thing, Value) and thing.inputs and thing not in case.nodes and thing.data in ends:
            end = ends[thing.data]
            if not set(lost).isdisjoint(topological_order(thing)):
                return end, (
                    f"{case.name(thing)} was computed from {case.name(lost[0])}, and the graph goes on from another "
                    f"node with the same number, {end.data:.6g}: a float() or a new Value(v.data) stands between"
                )
    inside = case.listed(case.leaves) or "no leaves at all"
    return None, f"the leaves that the loss does depend on: {inside}"


def edits(case: Case) -> Iterator[Finding]:
    """Find numbers that were edited after the forward pass, other than by an update after backward()."""
    moved = [leaf for leaf in case.moved if not (case.differentiated and leaf in set(case.parameters))]
    interior = _edited_interior(case)
    for node, was in [*((leaf, case.recorded[leaf]) for leaf in moved), *interior][:1]:
        yield Finding(
            "edited-data",
            "error",
            f"{case.name(node)}.data was changed after the loss had been computed from it.",
            f"the graph was computed with {was:.6g}; now .data is {node.data:.6g}, but the recorded local gradients "
            "and the loss are still those of the old number",
            "compute the loss anew after changing .data, and then call backward()",
            node,
        )


def _edited_interior(case: Case) -> list[tuple[Value, float]]:
    if case.moved:
        return []
    found = []
    for node in case.order:
        if node.inputs:
            value = node.op.evaluate([x.data for x in node.inputs])
            if not math.isclose(value, node.data, rel_tol=1e-9, abs_tol=1e-12) and not math.isnan(value):
                found.append((node, value))
    return found


def finiteness(case: Case) -> Iterator[Finding]:
    """Find the first number that is not finite."""
    for node in case.order:
        if not math.isfinite(node.data) and all(math.isfinite(x.data) for x in node.inputs):
            yield Finding(
                "not-finite",
                "error",
                f"{case.name(node)} is {node.data}, the first number of the graph that is not finite.",
                _origin(node),
                "look at the numbers that go in: scale the inputs, lower the learning rate, or use a stable form",
                node,
            )
            return
    bad = [p for p in case.reached if p.grad is not None and not math.isfinite(p.grad)]
    if bad:
        yield Finding(
            "not-finite",
            "error",
            f"the gradient of {case.listed(bad)} is not finite, though all numbers of the graph are.",
            f"{case.name(bad[0])}.grad is {bad[0].grad}",
            "clip the gradients, lower the learning rate, or scale the inputs",
            bad[0],
        )


def _origin(node: Value) -> str:
    if not node.inputs:
        return "it was given"
    return f"it is {node.op.written()} of {', '.join(f'{x.data:.6g}' for x in node.inputs)}"

"""Examinations of networks: units that do nothing, layers that gradients do not pass, losses that do not fit."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

from ..value import Value
from .case import Case
from .finding import Finding

FLAT = 1e-3  # a sigmoid or tanh whose local gradient is below this, of at most 0.25 or 1, is saturated
VANISHED = 1e-4  # gradients of the first layer's units relative to those of the last
EXPLODED = 1e4
RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, math.inf)}


def dead_units(case: Case) -> Iterator[Finding]:
    """Find relu units that are off for every sample, and sigmoid and tanh units that are flat for every sample."""
    dead, flat = [], []
    for unit in case.units:
        name = unit[0].op.name
        if name == "relu" and all(node.inputs[0].data <= 0.0 for node in unit) and len(unit) > 1:
            dead.append(unit)
        if name in ("sigmoid", "tanh") and case.hidden(unit[0]) and all(abs(n.local_grads[0]) < FLAT for n in unit):
            flat.append(unit)
    if dead:
        unit = dead[0]
        yield Finding(
            "dead-relu",
            "warning" if len(unit) > 4 and 2 * len(dead) >= _count(case, "relu") else "note",
            f"{', '.join(map(case.unit_name, dead[:4]))}: relu is off for every sample, so nothing below it learns.",
            f"over {len(unit)} samples its weighted sum is at most {max(n.inputs[0].data for n in unit):.6g}; "
            f"the local gradient is 0",
            "lower the learning rate, start from smaller weights or a positive bias, or use leaky_relu",
            unit[0],
        )
    if flat:
        unit = flat[0]
        yield Finding(
            "saturated",
            "warning",
            f"{', '.join(map(case.unit_name, flat[:4]))}: the activation is saturated for every sample, so hardly any "
            "gradient passes.",
            f"over {len(unit)} samples its local gradient is at most {max(abs(n.local_grads[0]) for n in unit):.1e}",
            "scale the inputs (standardise them), or start from smaller weights",
            unit[0],
        )


def _count(case: Case, name: str) -> int:
    return sum(unit[0].op.name == name for unit in case.units)


def layers(case: Case) -> Iterator[Finding]:
    """Find gradients that vanish or explode on their way to the first layer."""
    sizes: dict[int, list[float]] = defaultdict(list)
    for activation, gradient in case.activation_gradients.items():
        sizes[case.depths[activation]].append(abs(gradient))
    if len(sizes) < 3:
        return
    means = {depth: sum(values) / len(values) for depth, values in sizes.items()}
    first, last = means[max(means)], means[min(means)]
    listed = ", ".join(f"{means[depth]:.1e}" for depth in sorted(means, reverse=True))
    if last and first / last < VANISHED:
        yield Finding(
            "vanishing-gradients",
            "warning",
            "the gradients vanish on their way to the first layer.",
            f"mean size of the gradients of the units, from the first layer to the last: {listed}",
            "use relu or its relatives in the place of sigmoid and tanh, fewer layers, or larger first weights",
        )
    if last and first / last > EXPLODED:
        yield Finding(
            "exploding-gradients",
            "warning",
            "the gradients explode on their way to the first layer.",
            f"mean size of the gradients of the units, from the first layer to the last: {listed}",
            "start from smaller weights, or clip the gradients",
        )


def symmetry(case: Case) -> Iterator[Finding]:
    """Find weights that are all 0, and units that are the same."""
    weights = [p for unit in case.units for node in unit[:1] for p in case.weights_of(node)]
    if len(weights) > 1 and all(case.recorded.get(p, p.data) == 0.0 for p in weights):
        yield Finding(
            "zero-weights",
            "error",
            "all weights of the hidden units are 0, so the units are the same and stay the same.",
            f"{len(weights)} weights and biases are 0.0",
            "draw the first weights at random, as nn.Layer does",
            weights[0],
        )
        return
    same: dict[tuple[object, ...], list[list[Value]]] = defaultdict(list)
    for unit in case.units:
        numbers = tuple(case.recorded.get(p, p.data) for p in case.weights_of(unit[0]))
        outgoing = tuple(round(g, 12) for g in _gradients_of(case, unit))
        if numbers and outgoing:
            same[(case.depths[unit[0]], numbers, tuple(n.data for n in unit), outgoing)].append(unit)
    for twins in same.values():
        if len(twins) > 1 and any(node.data for node in twins[0]):
            yield Finding(
                "symmetric-units",
                "warning",
                f"{', '.join(map(case.unit_name, twins[:4]))} have the same weights and the same gradients: they will "
                "always stay the same, and count as one unit.",
                f"their weights: {', '.join(f'{p.data:.6g}' for p in case.weights_of(twins[0][0])[:4])}",
                "draw the first weights at random, as nn.Layer does",
                twins[0][0],
            )
            return


def _gradients_of(case: Case, unit: list[Value]) -> list[float]:
    return [case.gradients[p] for p in case.weights_of(unit[0]) if p in case.gradients]


def outputs(case: Case) -> Iterator[Finding]:
    """Find targets outside the range of the outputs, lists of outputs that are not all used, and double softmax."""
    yield from _ranges(case)
    yield from _lengths(case)
    yield from _probabilities(case)


def _ranges(case: Case) -> Iterator[Finding]:
    for node in case.order:
        if node.op.name != "sub" or case.depths[node] > 0 or not node.inputs:
            continue
        for output, target in (node.inputs, node.inputs[::-1]):
            known = not target.inputs and (target.is_constant or target not in set(case.parameters))
            if not known or not output.inputs or output.op.name not in RANGES:
                continue
            low, high = RANGES[output.op.name]
            if not low <= target.data <= high:
                yield Finding(
                    "scale-mismatch",
                    "error",
                    f"a target is {target.data:.6g}, but the output is a {output.op.name}, which stays between "
                    f"{low:g} and {high:g}: it can never get there.",
                    f"the output is {output.data:.6g}; the error {node.data:.6g}",
                    "scale the targets into that range, or use an output without activation",
                    node,
                )
                return


def _lengths(case: Case) -> Iterator[Finding]:
    for name, thing in case.variables.items():
        if not isinstance(thing, list | tuple) or not all(isinstance(x, Value) and x.inputs for x in thing):
            continue
        used = [x for x in thing if x in case.nodes]
        if used and len(used) < len(thing):
            yield Finding(
                "length-mismatch",
                "error",
                f"of the {len(thing)} values in {name!r} only {len(used)} enter the loss.",
                f"{case.name(next(x for x in thing if x not in case.nodes))} is not in the loss's graph",
                "give as many targets as outputs; zip() stops at the shorter list without a word, unless strict=True",
            )
            return


def _probabilities(case: Case) -> Iterator[Finding]:
    """Find exponentials of what is a probability already: a softmax of a softmax, logits that went through sigmoid."""
    for node in case.order:
        if node.op.name not in ("exp", "softplus") or not node.inputs:
            continue
        inner = node.inputs[0]
        if inner.op.name == "sub" and inner.inputs:  # the shift of a stable softmax
            inner = inner.inputs[0]
        sigmoid = inner.op.name == "sigmoid"
        softmax = (
            inner.op.name == "div" and bool(inner.inputs)
            and inner.inputs[0].op.name == "exp"
        )  # fmt: skip
        if case.depths[node] == 0 and (sigmoid or softmax):
            yield Finding(
                "probabilities-as-scores",
                "error",
                "the loss takes scores, but gets probabilities: they go through softmax or sigmoid twice.",
                f"{case.name(inner)} is {inner.data:.6g}, already a {'sigmoid' if sigmoid else 'softmax'}",
                "pass the scores themselves: the network's last layer without sigmoid or softmax",
                node,
            )
            return

"""Examinations of networks: units that do nothing, layers that block gradients, losses that do not fit."""

import math
from collections import defaultdict
from collections.abc import Iterator

from .. import ops
from ..support.text import counted, format_number
from ..value import Value
from .case import MAX_LISTED, Case
from .finding import Finding

FLAT = 1e-3  # an activation with a smaller local gradient is saturated
VANISHED = 1e-4  # gradients of the first layer's units relative to those of the last
EXPLODED = 1e4
INITIALISE = "initialise the weights at random, as nn.Layer does"


def find_dead_units(case: Case) -> Iterator[Finding]:
    """Find units that are off for every sample, and units that are saturated for every sample."""
    weighted = [node for node in case.order if node.op is ops.mul and not case.trained.isdisjoint(node.inputs)]
    hidden = {x for node in weighted for x in node.inputs}  # not the outputs of the network
    dead, flat = [], []
    for unit in case.units:
        steepest = max(abs(node.local_grads[0]) for node in unit)
        has_kink = unit[0].op.kink is not None
        if has_kink and steepest == 0.0 and len(unit) > 1:
            dead.append(unit)
        if not has_kink and steepest < FLAT and unit[0] in hidden:
            flat.append(unit)
    if dead:
        unit, name = dead[0], dead[0][0].op.name
        alike = sum(other[0].op.name == name for other in case.units)
        severity = "warning" if len(unit) > 4 and 2 * len(dead) >= alike else "note"
        sentence = f"{case.listed_units(dead)}: {name} is off for every sample, so nothing below it learns."
        most = format_number(max(node.inputs[0].data for node in unit))
        evidence = f"over {counted(len(unit), 'sample')} its weighted sum is at most {most}; the local gradient is 0"
        remedy = "lower the learning rate, start from smaller weights or a positive bias, or use leaky_relu"
        yield Finding("dead-relu", severity, sentence, evidence, remedy, unit[0])
    if flat:
        units, unit = case.listed_units(flat), flat[0]
        sentence = f"{units}: the activation is saturated for every sample, so hardly any gradient passes."
        steepest = max(abs(node.local_grads[0]) for node in unit)
        evidence = f"over {counted(len(unit), 'sample')} its local gradient is at most {steepest:.1e}"
        remedy = "scale the inputs (standardise them), or start from smaller weights"
        yield Finding("saturated", "warning", sentence, evidence, remedy, unit[0])


def find_vanishing(case: Case) -> Iterator[Finding]:
    """Find gradients that vanish or explode on their way to the first layer."""
    sizes: dict[int, list[float]] = defaultdict(list)
    for activation, gradient in case.gradients_of([node for unit in case.units for node in unit]).items():
        sizes[case.depths[activation]].append(abs(gradient))
    if len(sizes) < 3:
        return
    means = [sum(sizes[depth]) / len(sizes[depth]) for depth in sorted(sizes, reverse=True)]
    ratio = means[0] / means[-1] if means[-1] else 1.0
    shown = ", ".join(f"{mean:.1e}" for mean in means)
    evidence = f"mean size of the units' gradients, from the first layer to the last: {shown}"
    if ratio < VANISHED:
        sentence = "the gradients vanish on their way to the first layer."
        remedy = "use relu or a similar activation instead of sigmoid and tanh, fewer layers, or larger initial weights"
        yield Finding("vanishing-gradients", "warning", sentence, evidence, remedy)
    if ratio > EXPLODED:
        sentence = "the gradients explode on their way to the first layer."
        remedy = "start from smaller weights, or clip the gradients"
        yield Finding("exploding-gradients", "warning", sentence, evidence, remedy)


def find_symmetry(case: Case) -> Iterator[Finding]:
    """Find weights that are all 0, and units that are identical."""
    weights = [p for unit in case.units for p in case.weights_of(unit[0])]
    if len(weights) > 1 and all(case.recorded.get(p, p.data) == 0.0 for p in weights):
        sentence = "all weights of the hidden units are 0, so the units are identical and remain so."
        evidence = f"{len(weights)} weights and biases are 0.0"
        yield Finding("zero-weights", "error", sentence, evidence, INITIALISE, weights[0])
        return
    same: dict[tuple[object, ...], list[list[Value]]] = defaultdict(list)
    for unit in case.units:
        weights = case.weights_of(unit[0])
        numbers = tuple(case.recorded.get(p, p.data) for p in weights)
        gradients = tuple(round(case.gradients[p], 12) for p in weights if p in case.gradients)
        if numbers and gradients:
            same[case.depths[unit[0]], numbers, tuple(node.data for node in unit), gradients].append(unit)
    for twins in same.values():
        if len(twins) > 1 and any(node.data for node in twins[0]):
            units = case.listed_units(twins)
            sentence = f"{units} have the same weights and the same gradients: they stay alike, and count as one unit."
            shown = ", ".join(format_number(p.data) for p in case.weights_of(twins[0][0])[:MAX_LISTED])
            yield Finding("symmetric-units", "warning", sentence, f"their weights: {shown}", INITIALISE, twins[0][0])
            return


def find_wrong_range(case: Case) -> Iterator[Finding]:
    """Find targets outside the range of the outputs."""
    for node in case.order:
        if node.op is not ops.sub or case.depths[node] > 0 or not node.inputs:
            continue
        for output, target in (node.inputs, node.inputs[::-1]):
            is_target = target.is_constant or (target.is_leaf and target not in case.trained)
            low, high = output.op.range
            if not is_target or not output.inputs or low <= target.data <= high:
                continue
            limits = f"stays between {low:g} and {high:g}"
            if math.inf in (-low, high):
                limits = f"is never below {low:g}" if high == math.inf else f"is never above {high:g}"
            reason = f"the output is a {output.op.name}, which {limits}"
            sentence = f"a target is {format_number(target.data)}, but {reason}: it cannot get there."
            evidence = f"the output is {format_number(output.data)}; the error is {format_number(node.data)}"
            remedy = "scale the targets into that range, or use an output without activation"
            yield Finding("scale-mismatch", "error", sentence, evidence, remedy, node)
            return


def find_unused_outputs(case: Case) -> Iterator[Finding]:
    """Find lists of outputs that enter the loss in part."""
    for name, thing in case.variables.items():
        if not isinstance(thing, list | tuple) or not all(isinstance(x, Value) and x.inputs for x in thing):
            continue
        unused = [x for x in thing if x not in case.nodes]
        if unused and len(unused) < len(thing):
            sentence = f"only {len(thing) - len(unused)} of the {len(thing)} values in {name!r} enter the loss."
            evidence = f"{case.name(unused[0])} is not in the loss's graph"
            remedy = "give as many targets as outputs; zip() silently stops at the shorter list, unless strict=True"
            yield Finding("length-mismatch", "error", sentence, evidence, remedy)
            return


def find_probabilities(case: Case) -> Iterator[Finding]:
    """Find exponentials of probabilities: a softmax of a softmax, or logits that went through sigmoid."""
    for node in case.order:
        if node.op not in (ops.exp, ops.softplus) or not node.inputs or case.depths[node] > 0:
            continue
        inner = node.inputs[0]
        if inner.op is ops.sub and inner.inputs:  # the shift of a stable softmax
            inner = inner.inputs[0]
        is_softmax = inner.op is ops.div and bool(inner.inputs) and inner.inputs[0].op is ops.exp
        if is_softmax or inner.op.range == (0.0, 1.0):
            sentence = "the loss takes scores, but gets probabilities: softmax or sigmoid is applied twice."
            kind = "softmax" if is_softmax else inner.op.name
            evidence = f"{case.name(inner)} is {format_number(inner.data)}, already a {kind}"
            remedy = "pass the scores themselves: the network's last layer without sigmoid or softmax"
            yield Finding("probabilities-as-scores", "error", sentence, evidence, remedy, node)
            return

"""Examinations of networks: units that do nothing, layers that block gradients, losses that do not fit."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from .. import ops
from ..support.text import counted, format_number
from ..value import Value
from .case import MAX_LISTED, Case, describe_origin
from .finding import Finding
from .samples import below_softmax

FLAT = 1e-2  # an activation with a smaller local gradient is saturated
MOSTLY = 0.7  # the share of a layer's activations that must be saturated
FAR = 5.0  # how far below 0 a weighted sum must be, for a unit that is off for ever
VANISHED = 1e-4  # gradients of the first layer's units relative to those of the last
EXPLODED = 1e4
STEPS = "sign", "floor", "ceil", "round"
LARGE_INPUT = 20.0
SCALE = "scale the inputs to about -1 to 1: subtract their mean, and divide by their standard deviation"
INITIALISE = "initialise the weights at random, as nn.Layer does"

Unit = list[Value]  # the activations of a unit, one for each sample
Layers = list[list[Unit]]


def layers_of(cases: Sequence[Case]) -> Layers:
    """Return the hidden units of a network by layers, each with its activations in all graphs."""
    layers: dict[int, dict[Any, Unit]] = defaultdict(lambda: defaultdict(list))
    for case in cases:
        for unit in case.units:
            if unit[0] in case.hidden:
                layers[case.depths[unit[0]]][frozenset(case.weights_of(unit[0])) or unit[0].scope or unit[0]] += unit
    return [list(layer.values()) for layer in layers.values()]


def find_dead_units(cases: Sequence[Case], layers: Layers) -> Iterator[Finding]:
    """Find units that are off for every sample: a whole layer of them, or one that is too far off to come back."""
    dead: list[Unit] = []
    for layer in layers:
        off = [
            unit for unit in layer
            if len(unit) > 1 and unit[0].op.kink is not None and not any(node.local_grads[0] for node in unit)
        ]  # fmt: skip
        dead += off if len(off) == len(layer) else [unit for unit in off if _is_far_off(unit)]
    if dead:
        unit, name = dead[0], dead[0][0].op.name
        sentence = f"{cases[0].listed_units(dead)}: {name} is off for every sample, so nothing below it learns."
        most = format_number(max(node.inputs[0].data for node in unit))
        evidence = f"over {counted(len(unit), 'sample')} its weighted sum is at most {most}; the local gradient is 0"
        remedy = "lower the learning rate, start from smaller weights or a positive bias, or use leaky_relu"
        yield Finding("dead-relu", "warning", sentence, evidence, remedy, unit[0])


def _is_far_off(unit: Unit) -> bool:
    sums = [node.inputs[0].data for node in unit]
    return max(sums) < -max(FAR, 3.0 * (max(sums) - min(sums)))


def find_saturated_layers(cases: Sequence[Case], layers: Layers) -> Iterator[Finding]:
    """Find layers whose activations are flat for most samples."""
    for layer in layers:
        nodes = [node for unit in layer for node in unit if node.op.kink is None]
        flat = [node for node in nodes if abs(node.local_grads[0]) < FLAT]
        if len(nodes) < 2 or len(flat) < MOSTLY * len(nodes) or len(layer[0]) < 2:
            continue
        units = cases[0].listed_units(layer)
        samples = "every sample" if len(flat) == len(nodes) else "most samples"
        sentence = f"{units}: the activation is saturated for {samples}, so hardly any gradient passes."
        sums = [abs(node.inputs[0].data) for node in nodes]
        evidence = f"{len(flat)} of {len(nodes)} local gradients are below {FLAT:g}; the weighted sums go up to "
        evidence += format_number(max(sums), 4)
        code, remedy = "saturated", "start from smaller weights, or scale the inputs"
        largest = max(case.largest_input for case in cases)
        if largest >= LARGE_INPUT:
            code, remedy = "inputs-not-scaled", SCALE
            sentence = f"the inputs are not scaled: they go up to {format_number(largest)}, so {units} are saturated."
        yield Finding(code, "warning", sentence, evidence, remedy, flat[0])
        return


def find_vanishing(case: Case) -> Iterator[Finding]:
    """Find gradients that vanish or explode on their way to the first layer."""
    sizes: dict[int, list[float]] = defaultdict(list)
    for activation, gradient in case.gradients_of([node for unit in case.units for node in unit]).items():
        sizes[case.depths[activation]].append(abs(gradient))
    layers = {case.depths[unit[0]]: frozenset(case.weights_of(unit[0])) for unit in case.units}
    if len(sizes) < 3 or len(set(layers.values())) < len(layers):  # a recurrent network uses its weights again
        return
    means = [sum(sizes[depth]) / len(sizes[depth]) for depth in sorted(sizes, reverse=True)]
    ratio = means[0] / means[-1] if means[-1] else 1.0
    shown = ", ".join(f"{mean:.1e}" for mean in means)
    evidence = f"mean size of the units' gradients, from the first layer to the last: {shown}"
    first = max(case.units, key=lambda unit: case.depths[unit[0]])[0]
    if ratio < VANISHED:
        sentence = "the gradients vanish on their way to the first layer."
        remedy = "use relu or a similar activation instead of sigmoid and tanh, fewer layers, or larger initial weights"
        yield Finding("vanishing-gradients", "warning", sentence, evidence, remedy, first)
    if ratio > EXPLODED:
        sentence = "the gradients explode on their way to the first layer."
        remedy = "start from smaller weights, or clip the gradients"
        yield Finding("exploding-gradients", "warning", sentence, evidence, remedy, first)


def find_symmetry(case: Case) -> Iterator[Finding]:
    """Find weights that are all 0, and units that are identical."""
    hidden = [unit for unit in case.units if unit[0] in case.hidden]
    weights = [p for unit in hidden for p in case.weights_of(unit[0])]
    if len(hidden) > 1 and weights and all(case.recorded.get(p, p.data) == 0.0 for p in weights):
        sentence = "all weights of the hidden units are 0, so the units are identical and remain so."
        evidence = f"{len(weights)} weights and biases are 0.0"
        yield Finding("zero-weights", "error", sentence, evidence, INITIALISE, weights[0])
        return
    same: dict[tuple[object, ...], list[list[Value]]] = defaultdict(list)
    for unit in hidden:
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


def has_twins(case: Case) -> bool:
    """Return whether two hidden units have the same weights."""
    units = [case.weights_of(unit[0]) for unit in case.units if unit[0] in case.hidden]
    numbers = [tuple(case.recorded.get(p, p.data) for p in weights) for weights in units]
    return len(set(numbers)) < len(numbers)


def find_wrong_range(case: Case) -> Iterator[Finding]:
    """Find targets outside the range of the outputs."""
    for term in case.terms:
        output = term.output
        if output is None or not output.inputs:
            continue
        low, high = _reach(output)
        name, inner = output.op.name, output.inputs[0].op
        is_twice = inner.role == "activation" and output.op.range == (0.0, 1.0) and (low, high) != (0.0, 1.0)
        if term.kind == "surprise" and is_twice:
            sentence = f"a {name} is applied to a {inner.name}: a probability cannot come near 0 and 1."
            evidence = f"the output stays between {low:.3g} and {high:.3g}; it is {format_number(output.data)}"
            remedy = f"leave the {inner.name} out: the last layer without an activation before {name}"
            yield Finding("scale-mismatch", "error", sentence, evidence, remedy, output)
            return
        score = below_softmax(output)
        if term.kind == "surprise" and output.op.range != (0.0, 1.0) and score.op.role == "activation":
            low, high = score.op.range
            if -math.inf < low or high < math.inf:
                limits = f"between {low:.3g} and {high:.3g}" if math.isfinite(high - low) else f"above {low:.3g} only"
                sentence = f"the scores come out of a {score.op.name}, and a cross entropy needs scores of any size."
                evidence = f"a {score.op.name} stays {limits}; this score is {format_number(score.data)}"
                remedy = f"leave the {score.op.name} of the last layer out"
                yield Finding("scale-mismatch", "error", sentence, evidence, remedy, score)
                return
        if term.kind != "error" or not isinstance(term.target, float) or low <= term.target <= high:
            continue
        limits = f"stays between {low:.4g} and {high:.4g}"
        if math.inf in (-low, high):
            limits = f"is never below {low:.4g}" if high == math.inf else f"is never above {high:.4g}"
        what = f"{name} of a {inner.name}" if is_twice else name
        sentence = f"a target is {format_number(term.target)}, but the output is a {what}, which {limits}: it cannot "
        sentence += "get there."
        evidence = (
            f"the output is {format_number(output.data)}; the error is {format_number(output.data - term.target)}"
        )
        remedy = "scale the targets into that range, or use an output without activation"
        yield Finding("scale-mismatch", "error", sentence, evidence, remedy, output)
        return


def _reach(node: Value) -> tuple[float, float]:
    """Return the limits of a node, with those of what it is applied to."""
    inner = _reach(node.inputs[0]) if node.op.role == "activation" and node.inputs else (-math.inf, math.inf)
    if inner == (-math.inf, math.inf):
        return node.op.range
    low, high = sorted(node.op.value(x) for x in inner)
    return low, high


def find_unused_outputs(case: Case) -> Iterator[Finding]:
    """Find lists of outputs that enter the loss in part."""
    for name, thing in case.variables.items():
        if not isinstance(thing, list | tuple) or not all(isinstance(x, Value) and x.inputs for x in thing):
            continue
        if case.loss in thing:  # a list of the losses of all steps
            continue
        used = [x in case.nodes for x in thing]
        count = sum(used)
        unused = [x for x in thing[count:] if not case.nodes.issuperset(x.inputs)]
        if (
            1 < count < len(thing)
            and all(used[:count])
            and len(case.terms) >= count
            and len(unused) == len(thing) - count
        ):
            sentence = f"only {count} of the {len(thing)} values in {name!r} enter the loss."
            evidence = f"{case.name(unused[0])} is not in the loss's graph"
            remedy = "give as many targets as outputs; zip() silently stops at the shorter list, unless strict=True"
            yield Finding("length-mismatch", "error", sentence, evidence, remedy, unused[0])
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


def find_softmax_of_one(case: Case) -> Iterator[Finding]:
    """Find a softmax of a single score, which is always 1."""
    for node in case.order:
        if node.op is not ops.div or node.inputs[0].op is not ops.exp or not node.inputs[0].inputs:
            continue
        below = node.inputs[1]
        while below.op is ops.add and any(x.is_constant and x.data == 0.0 for x in below.inputs):
            below = next(x for x in below.inputs if not x.is_constant)
        if below is node.inputs[0]:
            sentence = "the softmax of a single score is always 1, so no gradient passes."
            evidence = f"{case.name(node)} is {format_number(node.data)}; the score may be any number"
            remedy = "use a sigmoid for a single output, or give softmax a score for each class"
            yield Finding("zero-slope", "error", sentence, evidence, remedy, node)
            return


def find_shares_of_scores(case: Case) -> Iterator[Finding]:
    """Find scores that are divided by their sum, as if that made probabilities of them."""
    for node in case.order:
        share = node.inputs[0] if node.op is ops.log and node.inputs else None
        if (
            share is None
            or share.op is not ops.div
            or share.inputs[0].op.role != "linear"
            or not share.inputs[0].inputs
        ):
            continue
        score, total = share.inputs
        terms, waiting = set[Value](), [total]
        while waiting:
            each = waiting.pop()
            terms.add(each)
            waiting += each.inputs if each.op is ops.add and each is not score else ()
        if score in terms and score is not total:
            sentence = (
                "scores are divided by their sum: that makes no probabilities of them, since scores may be negative."
            )
            evidence = f"here, {format_number(score.data)} / {format_number(total.data)} = {format_number(share.data)}"
            remedy = "take the exponentials first, as softmax does: exp(score) / sum(exp(s) for s in scores)"
            yield Finding("scores-as-probabilities", "error", sentence, evidence, remedy, share)
            return


def find_zero_slopes(case: Case) -> Iterator[Finding]:
    """Find graphs through which no gradient passes, because an operation on the way has the slope 0."""
    gradients = case.gradients.values()
    if not gradients or any(gradients):
        return
    above = {case.loss}  # what a gradient reaches
    for node in reversed(case.order):
        if node in above:
            above.update(x for x, local in zip(node.inputs, node.local_grads, strict=True) if local)
    below = {node for node in case.order if node in case.trained}
    for node in case.order:
        if not below.isdisjoint(node.inputs):
            below.add(node)
    blocks = [
        node for node in case.order if node in above
        and any(x in below and not local for x, local in zip(node.inputs, node.local_grads, strict=True))
    ]  # fmt: skip
    for node in blocks:
        is_factor = node.op is ops.mul and any(
            not x.inputs and x.data == 0.0 and x not in case.trained and other.inputs  # and not data
            for x, other in (node.inputs, node.inputs[::-1])
        )
        if not (is_factor or node.op.name in STEPS):
            continue
        origin = "a factor that is 0" if is_factor else f"{node.op.name}, whose slope is 0"
        sentence = f"no gradient passes: every path to the loss goes through {origin}."
        evidence = (
            f"the gradients of all {counted(len(gradients), 'parameter')} are 0; {case.name(node)} was computed as "
        )
        evidence += describe_origin(node)
        remedy = f"use a smooth operation such as tanh instead of {node.op.name}"
        if is_factor:
            remedy = "leave the factor out; in Python, 1 // n is 0, and 1 / n is not"
        yield Finding("zero-slope", "error", sentence, evidence, remedy, node)
        return

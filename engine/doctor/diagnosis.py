"""diagnose: find what learners get wrong in their own graph, and explain it in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..graph import require_value
from ..support.text import counted, listed
from ..value import Value
from . import (
    data,
    failure,
    gradients,
    graphs,
    linear,
    loop,
    network,
    order,
    parameters,
    rates,
    targets,
    training,
    unused,
    updates,
)
from .case import Case
from .course import Course
from .finding import Diagnosis, Finding

EXAMINATIONS = (
    gradients.find_unreached, gradients.find_edits, gradients.find_accumulation,
    training.find_wrong_direction, training.find_no_progress, network.find_unused_outputs,
    network.find_symmetry, network.find_zero_slopes, network.find_vanishing, network.find_wrong_range,
    network.find_probabilities,
)  # fmt: skip

# The likeliest root causes first: what follows from one of them comes later.
RULES = (
    loop.find_used_up, failure.find_failure, order.find_no_backward, order.find_wrong_root, loop.find_never_trained,
    parameters.find_shared, parameters.find_listed_twice, parameters.find_unreached, parameters.find_other_parameters,
    graphs.find_old_graphs, graphs.find_rebuilt_models,
    order.find_early_zeros, order.find_lost_gradients, order.find_early_updates, order.find_double_passes,
    order.find_stale_gradients, order.find_early_reads, order.find_no_step,
    updates.find_assigned_updates, updates.find_other_gradients, updates.find_uphill, updates.find_negated_loss,
    updates.find_plain_errors, parameters.find_not_updated,
    loop.find_ended_early, unused.find_unused_samples, targets.find_constant_inputs, unused.find_unused_inputs,
    data.find_shuffled_apart, targets.find_sorted_alone, targets.find_new_inputs, targets.find_given_away,
    targets.find_constant_targets, targets.find_unused_columns,
)  # fmt: skip
LATER_RULES = (
    targets.find_shifted_targets, data.find_sorted_data, updates.find_decay, rates.find_momentum,
    rates.find_long_steps, rates.find_short_steps, rates.find_vanishing_rate,
    parameters.find_rebuilt_optimisers, loop.find_heavy_dropout, loop.find_dropout,
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
        layers = network.layers_of([case])
        findings += [*network.find_dead_units([case], layers), *network.find_saturated_layers([case], layers)]
    if any(finding.code in ("rate-too-large", "wrong-sign") for finding in findings):  # it follows from them
        findings = [finding for finding in findings if finding.code != "diverging"]
    sizes = f"{counted(len(case.order), 'node')} and {counted(len(case.parameters), 'parameter')}"
    return Diagnosis(findings, f"{sizes} examined")


def diagnose_course(course: Course) -> Diagnosis:
    """Find what is wrong with a program that was watched; the root cause comes first."""
    found = [finding for rule in RULES for finding in rule(course)] if not course.watch.is_rehearsed else []
    causes = {finding.code for finding in found} - {*failure.OF_NUMBERS}
    found += examine_networks(course)
    found += [finding for rule in LATER_RULES for finding in rule(course)]
    if any(finding.code in rates.CODES for finding in found) and not _are_dead_at_first(course):
        found.sort(key=lambda finding: finding.code == "dead-relu")
    if causes or any(finding.code in rates.CODES for finding in found):  # which may well lead to such a number
        found.sort(key=lambda finding: finding.code in failure.OF_NUMBERS)
    counts = course.count_of_passes, counted(len(course.steps), "update"), counted(len(course.tried), "parameter")
    return Diagnosis(found, f"{listed(counts)} examined", is_ordered=True)


def _are_dead_at_first(course: Course) -> bool:
    cases = [*map(course.case, course.kept[:1])]
    return any(network.find_dead_units(cases, network.layers_of(cases)))


GROUP = 24  # passes that are looked at together; at the beginning only until there are
ENOUGH = 4  # samples


def examine_networks(course: Course) -> Iterator[Finding]:
    """Find what is wrong with the network, at the beginning of the training and at its end."""
    if not course.kept:
        return
    first = list(map(course.case, course.kept[:GROUP]))
    while len(first) > 1 and sum(len(case.terms) for case in first[:-1]) >= ENOUGH:
        first.pop()
    last = list(map(course.case, course.kept[-min(GROUP, (len(course.kept) + 1) // 2) :]))
    for case in {id(case): case for case in (first[0], last[-1])}.values():
        yield from network.find_unused_outputs(case)
        yield from network.find_probabilities(case)
        yield from network.find_softmax_of_one(case)
        yield from network.find_shares_of_scores(case)
    for case in dict.fromkeys([*first, *last]):
        yield from network.find_wrong_range(case)
        yield from targets.find_zero_labels(case)
        yield from targets.find_one_sided_entropy(case)
    if network.has_twins(last[-1]):
        yield from network.find_symmetry(first[0])
    if all(any(network.find_zero_slopes(case)) for case in last):
        yield from network.find_zero_slopes(last[0])
    yield from network.find_dead_units(last, network.layers_of(last))
    yield from network.find_saturated_layers(first, network.layers_of(first))
    if len(course.kept) > 1 and course.trained.keys() >= {leaf for leaf in course.parameters if leaf in course.reached}:
        yield from linear.find_linear_layers(last[-1])
        yield from linear.find_missing_bias(last[-1])
        yield from linear.find_linear_unit(last[-1])
    vanishing = [[finding.code for finding in network.find_vanishing(case)] for case in (first[0], last[-1])]
    if vanishing[0] == vanishing[1]:
        yield from network.find_vanishing(first[0])

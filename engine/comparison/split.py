"""The difference of a result, split over the inputs that differ.

Each operation's change is shared among its operands by their Shapley value: the mean, over the orders in which the
operands can change one after the other, of what the operation changes by when it is an operand's turn (L. S. Shapley,
"A value for n-person games", 1953). A share divided by the operand's own change is a multiplier, and multipliers chain
from the result back to the inputs as local gradients do: A. Shrikumar, P. Greenside and A. Kundaje, "Learning important
features through propagating activation differences" (DeepLIFT), https://arxiv.org/abs/1704.02685, with the Shapley
values of S. Lundberg and S.-I. Lee, https://arxiv.org/abs/1705.07874. The shares of an operation add up to its change,
so the parts of the inputs add up to the difference of the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import permutations

from ..errors import DomainError
from ..operation import Operation
from ..slope import is_number
from ..value import Value

MAX_ORDERED = 3  # operands that are changed in every order; of more, from the first to the last and back
FORMULA = (
    "Each operation's change is shared among its operands by their Shapley value; a share divided by the operand's "
    "change is a multiplier, and multipliers chain from the result back to the inputs (DeepLIFT, "
    "https://arxiv.org/abs/1704.02685). So the parts add up to the difference."
)


def split(order: Sequence[Value], partner: Mapping[Value, Value]) -> dict[Value, float]:
    """Return the part of each node without operands in the difference between two results.

    Args:
        order: the nodes of the first graph.
        partner: the node of the second graph for each, of the same structure.
    """
    multipliers = dict.fromkeys(order, 0.0)
    multipliers[order[-1]] = 1.0
    for node in reversed(order):
        if not node.inputs or not multipliers[node]:
            continue
        other = partner[node]
        shares = share([x.data for x in node.inputs], [y.data for y in other.inputs], node.data, other.data, node.op)
        for x, local, part in zip(node.inputs, node.local_grads, shares, strict=True):
            change = partner[x].data - x.data
            slope = part / change if change else local if is_number(local) else 0.0
            multipliers[x] += multipliers[node] * slope
    return {x: multipliers[x] * (partner[x].data - x.data) for x in order if not x.inputs}


def share(
    before: Sequence[float], after: Sequence[float], out: float, out_after: float, operation: Operation
) -> list[float]:
    """Return the share of each operand in an operation's change; the shares add up to it.

    >>> from engine import mul
    >>> share([2.0, 3.0], [4.0, 5.0], 6.0, 20.0, mul)
    [8.0, 6.0]
    """
    count = len(before)
    found = []
    for turns in _orders(count):
        numbers, last, shares = list(before), out, [0.0] * count
        try:
            for done, place in enumerate(turns, 1):
                numbers[place] = after[place]
                now = out_after if done == count else operation.evaluate(numbers)
                shares[place], last = now - last, now
        except DomainError:  # there is no value half way
            continue
        found.append(shares)
    if not found:
        changed = [x != y for x, y in zip(before, after, strict=True)]
        return [(out_after - out) / sum(changed) if is_changed else 0.0 for is_changed in changed]
    return [sum(each) / len(found) for each in zip(*found, strict=True)]


def _orders(count: int) -> Iterable[Sequence[int]]:
    every = range(count)
    return permutations(every) if count <= MAX_ORDERED else (every, every[::-1])

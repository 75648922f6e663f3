"""Values and gradients of an unrolled graph, laid beside those of the library it comes from."""

import engine


def flat(things):
    """Return the elements of nested lists and tuples."""
    return [x for each in things for x in flat(each)] if isinstance(things, list | tuple) else [things]


def label(name, place):
    return name + "".join(f"[{i}]" for i in place)


def largest_difference(unrolled, outputs, gradients):
    """Return how far an unrolled graph is from what a library computes, relative to numbers above 1.

    Args:
        unrolled: the Values.
        outputs: the library's numbers, in the same order.
        gradients: the library's gradients by the label of the leaf, of the outputs times 0.5 ... 1.5.
    """
    found = flat(unrolled)
    assert len(found) == len(outputs)
    weights = [0.5 + i / max(1, len(found) - 1) for i in range(len(found))]
    total = sum(weight * value for weight, value in zip(weights, found, strict=True))
    total.backward()
    leaves = {leaf.label: leaf for leaf in engine.leaves(total)}
    pairs = [(value.data, number) for value, number in zip(found, outputs, strict=True)]
    for name, number in gradients.items():
        leaf = leaves.get(name)
        pairs.append(((leaf.grad or 0.0) if leaf is not None else 0.0, number))
    return max(abs(mine - theirs) / max(1.0, abs(theirs)) for mine, theirs in pairs)

"""Graphs to make programs of."""

import random
import struct

import engine
from engine import Value

UNARY = [  # those that are defined for all numbers that come up
    o for o in engine.TABLE.values() if o.arity == 1 and (not o.domain or "a finite" in o.domain or o.name == "power")
]
BINARY = [engine.add, engine.sub, engine.mul, engine.maximum, engine.minimum]


def random_graph(seed, size=30):
    """Return the root and the leaves of a random graph with shared nodes, equal subexpressions and constants."""
    draw = random.Random(seed)
    leaves = [Value(draw.choice([draw.uniform(-2.0, 2.0), 0.0, -0.0, 1.0]), f"x{i}") for i in range(draw.randint(1, 5))]
    nodes = list(leaves)
    for _ in range(draw.randint(1, size)):
        kind = draw.random()
        if kind < 0.3:
            made = draw.choice(UNARY)(draw.choice(nodes))
        elif kind < 0.4:
            made = draw.choice(nodes) * draw.choice([draw.uniform(-1.0, 1.0), 2, -1.0, 0.0])
        elif kind < 0.45:
            made = engine.where(draw.choice(nodes), draw.choice(nodes), draw.choice(nodes))
        elif kind < 0.5:
            made = draw.choice(nodes) ** draw.choice([1, 2, 3])
        elif kind < 0.55:
            first = draw.choice(nodes)
            made = (first + 1.0) * (first + 1.0) + Value(2.0, "") * 0.5 * 3.0
        else:
            made = draw.choice(BINARY)(draw.choice(nodes), draw.choice(nodes))
        if abs(made.data) < 1e6:
            nodes.append(made)
    return nodes[-1], leaves


def bits(*numbers):
    """Return numbers as their bits, so that 0.0 and -0.0 differ."""
    return struct.pack(f"<{len(numbers)}d", *numbers)


def backpropagated(root, leaves):
    """Return what backward() gives: the root's number, and the gradients of leaves."""
    for leaf in leaves:
        leaf.grad = None
    root.backward()
    return root.data, [leaf.grad or 0.0 for leaf in leaves]

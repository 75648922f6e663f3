"""Graphs to explain, and what is known of them without the code that is tried."""

import functools
import math
import random

from engine import Value, tanh, topological_order


def example():
    """Return the nodes of a small graph with a shared node: f = e * d + a, e = tanh(d), d = a * b + c."""
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(5.0, "c")
    d = a * b + c
    d.label = "d"
    e = tanh(d)
    e.label = "e"
    f = e * d + a
    f.label = "f"
    return a, b, c, d, e, f


def layered(seed, layers=3, width=3):
    """Return the root and a leaf of a small graph with many paths, none of whose products are equal."""
    draw = random.Random(seed)
    nodes = [Value(draw.uniform(0.5, 2.0), f"x{i}") for i in range(width)]
    leaf = nodes[0]
    for _ in range(layers):
        nodes = [tanh(functools.reduce(lambda s, x: s + x * draw.uniform(-1.0, 1.0), nodes)) for _ in nodes]
    return sum(nodes), leaf


def all_paths(root, source):
    """Return every path from a root down to a source, by going along each of them."""
    if root is source:
        return [[]]
    return [[(root, place), *rest] for place, operand in enumerate(root.inputs) for rest in all_paths(operand, source)]


def product(path):
    """Return the product of the local gradients on a path."""
    return math.prod(node.local_grads[place] for node, place in path)


def backpropagated(root, node):
    """Return the gradient of a node by backward(), and leave the graph as it was."""
    order = topological_order(root)
    before = [x.grad for x in order]
    for x in order:
        x.grad = None
    root.backward()
    found = node.grad
    for x, grad in zip(order, before, strict=True):
        x.grad = grad
    return found

"""Sums of products: scalar by scalar, or as one node that has the same bits."""

import copy
import math
import random
from contextlib import nullcontext
from fractions import Fraction

import numpy as np
import pytest

import nn
from engine import Value, compiled, dot, no_grad, record_source, scope, tanh, topological_order
from engine.recording.context import compact
from engine.slope import FLAT
from engine.sums import Dot, dot_of, in_order, scalars
from tests.engine.program.graphs import bits


def test_a_sum_is_recorded_scalar_by_scalar():
    w, x, b = [Value(2.0), Value(3.0)], [Value(10.0), 1.0], Value(0.5)
    result, plain = dot(w, x, b), b + w[0] * x[0] + w[1] * 1.0
    assert [node.op.name for node in topological_order(result) if node.inputs] == ["mul", "add", "mul", "add"]
    assert result.data == plain.data == 23.5
    assert dot(w, [1.0, 1.0]).data == 5.0
    assert dot([1.0, 2.0], [3.0, 4.0]) == 11.0
    assert dot([], [], b) is b


class Mine(Value):
    """A subclass, which computes as its base does."""


def spoilt(data):
    """Return a Value with something in its data that the user put there."""
    made = Value(1.0)
    made.data = data
    return made


OPERANDS = [
    lambda rng: Value(rng.gauss(0.0, 1.0), rng.choice(["", "a"])),
    lambda rng: rng.gauss(0.0, 1.0),
    lambda rng: rng.choice([Value(2.0) * 3.0, Value(math.inf), Value(-0.0), Value(math.nan), Value(1e308)]),
    lambda rng: rng.choice([0, 3, True, Fraction(1, 3), np.float32(0.1), np.int64(2), Mine(0.5), math.inf, -0.0]),
    lambda rng: spoilt(rng.choice([3, np.float32(0.1), np.float64(0.7), Fraction(1, 3), FLAT])),
]
AROUND = [nullcontext, lambda: scope("layer"), no_grad, record_source]


def facts(node):
    """Return all that is known about a graph, apart from where its nodes are in memory."""
    if not isinstance(node, Value):
        return node
    order = topological_order(node)
    place = {each: number for number, each in enumerate(order)}
    return [
        (
            type(n), n.op, repr(n.data), type(n.data), n.grad, [place[x] for x in n.inputs],
            list(map(repr, n.local_grads)), list(map(type, n.local_grads)), n.label, n.scope,
        )
        for n in order
    ]  # fmt: skip


@pytest.mark.filterwarnings("ignore:.* encountered in ")  # NumPy's, of the numbers that were put there
@pytest.mark.parametrize("seed", range(60))
def test_a_sum_records_what_the_operators_record(seed):
    rng = random.Random(seed)
    kinds = OPERANDS[: rng.randint(1, len(OPERANDS))]
    w, x = ([rng.choice(kinds)(rng) for _ in range(4)] for _ in "wx")
    start, around = rng.choice([None, rng.choice(kinds)(rng)]), rng.choice(AROUND)
    recorded = copy.deepcopy((w, x, start))

    def plain(w, x, start):
        total = w[0] * x[0] if start is None else start + w[0] * x[0]
        for w_i, x_i in zip(w[1:], x[1:], strict=True):
            total = total + w_i * x_i
        return total

    with around():
        first, second = facts(plain(w, x, start)), facts(dot(*recorded))
    assert repr(second) == repr(first)


def test_what_cannot_be_added_up_is_named():
    with pytest.raises(ValueError, match="as many weights as x, not 1 and 0"):
        dot([1.0], [])
    with pytest.raises(ValueError, match="at least one product"):
        dot([], [])


def test_one_node_has_the_value_and_the_gradients_of_the_scalars():
    draw = random.Random(0)
    for _ in range(50):
        count = draw.randint(2, 9)
        w, x = ([Value(draw.gauss(0.0, 1.0)) for _ in range(count)] for _ in range(2))
        b = Value(draw.gauss(0.0, 1.0))
        with compact():
            node = dot(w, x, b)
        assert node.op is dot_of(count)
        (plain,) = scalars([node])
        assert bits(node.data) == bits(plain.data)
        found = []
        for root in (node, plain):
            for leaf in (*w, *x, b):
                leaf.grad = None
            (root * root).backward()
            found.append(bits(*(leaf.grad for leaf in (*w, *x, b))))
        assert found[0] == found[1]


def test_scalars_leave_a_graph_without_sums_as_it_is():
    y = tanh(Value(1.0)) * 2.0
    assert scalars([y])[0] is y


def gradients(root, leaves):
    for leaf in leaves:
        leaf.grad = None
    root.backward()
    return bits(*(leaf.grad or 0.0 for leaf in leaves))


def drawn(draw):
    """Return a graph with sums as nodes whose operands are computed from one another, and its leaves."""
    leaves = [Value(draw.gauss(0.0, 1.0)) for _ in range(draw.randint(4, 9))]
    known = list(leaves)
    for _ in range(draw.randint(2, 7)):
        count = draw.randint(2, 3)
        enough = len(known) > 2 * count and draw.random() < 0.9
        operands = draw.sample(known, 2 * count + 1) if enough else draw.choices(known, k=2 * count + 1)
        form = draw.choice([tanh, lambda y: y, lambda y: y * 0.5])
        known.append(form(dot(operands[:count], operands[count:-1], operands[-1])))
    return known[-1] + draw.choice(known), leaves


def test_gradients_are_added_up_in_the_order_of_the_scalars():
    kept, changed = 0, 0
    for seed in range(1000):
        draw = random.Random(seed)
        with compact():
            root, leaves = drawn(draw)
        (plain,), (ordered,) = scalars([root]), in_order([root])
        expected = gradients(plain, leaves)
        changed += gradients(root, leaves) != expected
        kept += any(isinstance(node.op, Dot) for node in topological_order(ordered))
        assert gradients(ordered, leaves) == expected, seed
    assert kept > 300
    assert changed > 100


@pytest.mark.parametrize("backend", ["python", pytest.param("native", marks=pytest.mark.needs_compiler)])
def test_a_compiled_network_keeps_every_bit(backend):
    nn.manual_seed(0)
    model = nn.MLP(5, [7, 4, 2], activation="tanh")
    loss = compiled(lambda model, x: nn.cross_entropy(model(x), 1), backend=backend)
    x = [0.1, -0.5, 2.0, 0.0, 1.0]
    model.zero_grad()
    expected = nn.cross_entropy(model(x), 1)
    expected.backward()
    eager = [p.grad for p in model.parameters()]
    model.zero_grad()
    assert bits(loss(model, x), *(p.grad for p in model.parameters())) == bits(expected.data, *eager)
    names = {node.op.name for node in loss.program(model, x).plan.order}
    assert ("dot" in names) == (backend == "native")
    assert "dot" not in loss.program(model, x).source

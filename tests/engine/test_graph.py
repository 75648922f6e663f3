"""The order of a graph, its leaves and consumers, copies and pickles."""

import copy
import pickle
import random

import pytest

import engine
from engine import GraphError, Value, leaves, topological_order
from engine.graph import consumers, recomputed, record_again


def random_graph(seed, size=40):
    """Return some leaves and the root of a random graph over them, with much sharing."""
    draw = random.Random(seed)
    nodes = [Value(draw.uniform(-2, 2), f"leaf{i}") for i in range(4)]
    first = nodes[:]
    for _ in range(size):
        a, b = draw.choice(nodes), draw.choice(nodes)
        nodes.append(draw.choice([lambda: a + b, lambda: a * b, lambda: a - b, lambda: a.tanh(), lambda: b.sin()])())
    return first, nodes[-1]


@pytest.mark.parametrize("seed", range(50))
def test_every_node_comes_once_and_after_its_operands(seed):
    _, root = random_graph(seed)
    order = topological_order(root)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is root
    for node in order:
        assert all(place[operand] < place[node] for operand in node.inputs)


def test_leaves_come_first_and_the_rest_in_the_order_of_evaluation():
    a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    product = a * b
    total = product + c
    root = total.tanh()
    assert topological_order(root) == [a, b, c, product, total, root]


def test_a_cycle_is_an_error_that_names_a_node():
    a = Value(1.0, "a")
    b = a * 2.0
    c = b + 1.0
    b.inputs = (c, b.inputs[1])
    with pytest.raises(GraphError, match="cycle through"):
        c.backward()
    a.inputs = (a,)
    with pytest.raises(GraphError, match="cycle through .*label='a'"):
        topological_order(a)


def test_leaves_are_what_people_gave():
    a, b = Value(1.0), Value(2.0)
    assert leaves(a * 3 + b * a) == [a, b]
    assert leaves(a) == [a]


def same_structure(one, other):
    first, second = topological_order(one), topological_order(other)
    assert len(first) == len(second)
    for x, y in zip(first, second, strict=True):
        assert x is not y
        assert (x.data, x.op, x.label, x.scope, x.grad, x.local_grads) == (
            y.data, y.op, y.label, y.scope, y.grad, y.local_grads,
        )  # fmt: skip


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_a_whole_graph_is_copied(duplicate):
    with engine.scope("part"):
        first, root = random_graph(7)
    root.backward()
    twin = duplicate(root)
    same_structure(root, twin)
    twin.zero_grad()
    twin.backward()
    reached = [leaf.grad for leaf in topological_order(root) if not leaf.inputs]
    assert [leaf.grad for leaf in topological_order(twin) if not leaf.inputs] == reached
    assert all(leaf.grad is None or leaf in topological_order(root) for leaf in first)


def test_copies_keep_what_is_shared():
    a = Value(2.0, "a")
    root = a * a + a
    b, twin = copy.deepcopy((a, root))
    assert twin.inputs[1] is b
    c, other = pickle.loads(pickle.dumps((a, root)))
    other.backward()
    assert c.grad == 5.0
    assert a.grad is None


def test_a_shallow_copy_is_another_node_on_the_same_operands():
    a = Value(2.0)
    square = a * a
    twin = copy.copy(square)
    assert twin is not square
    assert twin.inputs == (a, a)


@pytest.mark.slow
def test_deep_chains_are_copied_and_pickled():
    x = Value(1.0)
    total = x
    for _ in range(20_000):
        total = total + x
    for twin in (copy.deepcopy(total), pickle.loads(pickle.dumps(total))):
        twin.backward()
        assert leaves(twin)[0].grad == 20_001.0


def test_consumers_are_counted_with_multiplicity():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    out = a * a + b
    found = consumers(topological_order(out))
    square = out.inputs[0]
    assert found[a] == [(square, 0), (square, 1)]
    assert found[b] == [(out, 1)]
    assert found[out] == []


def test_a_graph_is_recorded_again_with_other_numbers_and_cut_there():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    inner = a * b
    out = inner + 1.0
    out.backward()
    twins = record_again(topological_order(out), {inner: 10.0})
    assert (twins[out].data, twins[out].grad, twins[inner].inputs) == (11.0, None, ())
    assert twins[a] is not a
    assert twins[a].label == "a"
    assert out.data == 7.0


class Weight(Value):
    """A Value of the user's own kind."""


def test_copies_and_pickles_keep_the_kind_of_a_node():
    weight = Weight(2.0, "w")
    for twin in copy.copy(weight), copy.deepcopy(weight * 3.0).inputs[0], pickle.loads(pickle.dumps(weight)):
        assert type(twin) is Weight
        assert (twin.data, twin.label) == (2.0, "w")


def test_what_a_debugger_shows_of_a_node_is_short():
    root = sum([Value(1.0, f"x{i}") for i in range(500)], Value(0.0))
    root.backward()
    shown = [getattr(root, name) for name in dir(root) if not name.startswith("_")]
    assert max(len(repr(thing)) for thing in shown if not callable(thing)) < 200
    assert len(repr(root)) < 80


def test_other_numbers_are_computed_beside_the_graph():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    product = a * b
    root = product + a
    order = topological_order(root)
    assert recomputed(order, {a: 4.0}) == {a: 4.0, b: -3.0, product: -12.0, root: -8.0}
    assert recomputed(order, {product: 1.0}) == {a: 2.0, b: -3.0, product: 1.0, root: 3.0}
    assert [node.data for node in (a, b, product, root)] == [2.0, -3.0, -6.0, -4.0]

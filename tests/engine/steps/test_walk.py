"""The walk: the steps, the moments, the names; equal to backward() bit for bit."""

import random

import pytest

import engine
from engine import GraphError, UndefinedDerivativeError, Value, topological_order, walk
from engine.backprop import Backward
from engine.steps.walk import Forward, Seed, moment_of
from tests.engine.program.graphs import BINARY, UNARY


def random_graph(seed):
    """Return the root of a random graph of operations of the table, with sharing and leaves that have gradients."""
    draw = random.Random(seed)
    nodes = [Value(draw.uniform(-2.0, 2.0)) for _ in range(draw.randint(1, 5))]
    for leaf in nodes:
        if draw.random() < 0.4:
            leaf.grad = draw.uniform(-1.0, 1.0)
    for _ in range(draw.randint(0, 30)):
        if draw.random() < 0.3:
            nodes.append(draw.choice(UNARY)(draw.choice(nodes)))
        elif draw.random() < 0.1:
            nodes.append(draw.choice(nodes) * draw.uniform(-1.0, 1.0))
        else:
            nodes.append(draw.choice(BINARY)(draw.choice(nodes), draw.choice(nodes)))
        if abs(nodes[-1].data) > 1e6:
            nodes.pop()
    return nodes[-1]


def state(root):
    return [(n.data, n.grad, n.inputs, n.local_grads) for n in topological_order(root)]


def same_bits(a, b):
    return repr(a) == repr(b)


@pytest.mark.parametrize("block", range(20))
def test_the_final_state_is_that_of_backward_bit_for_bit(block):
    for seed in range(50 * block, 50 * block + 50):
        root = random_graph(seed)
        for _ in range(seed % 2):  # every other graph has been differentiated before
            root.backward()
        before = state(root)
        steps = walk(root)
        assert same_bits(state(root), before)  # walking changes nothing
        final = steps.at(len(steps)).all_grads()
        root.backward()
        assert same_bits(list(final.values()), [node.grad for node in topological_order(root)])


def test_the_steps_come_in_the_order_of_backward():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    c = a * b
    root = c + a
    steps = walk(root, seed=2.0)
    assert [type(s) for s in steps] == [Forward] * 4 + [Seed] + [Backward] * 4
    assert [s.kind for s in steps[:5]] == ["forward"] * 4 + ["seed"]
    assert [s.index for s in steps] == list(range(9))
    assert [(s.node, s.operand, s.position) for s in steps[5:]] == [(root, c, 0), (root, a, 1), (c, a, 0), (c, b, 1)]
    last = steps[-2]
    assert (last.local, last.upstream, last.contribution, last.before, last.after) == (-3.0, 2.0, -6.0, 2.0, -4.0)
    assert steps[2].op is engine.mul
    assert steps[2].inputs == (a, b)
    assert list(reversed(steps)) == list(steps)[::-1]
    assert (steps.root, steps.seed_index) == (root, 4)
    assert steps[4].after == 2.0


def test_a_step_cannot_be_changed():
    steps = walk(Value(2.0) * 3.0)
    with pytest.raises(AttributeError):
        steps[0].data = 5.0
    with pytest.raises(AttributeError, match="a step cannot be changed"):
        steps[-1].local = 5.0


def test_moments_know_what_is_there_and_what_is_not_yet():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    b.grad = 7.0
    root = a * b
    steps = walk(root)
    start = steps.at(0)
    assert start.all_data() == {a: None, b: None, root: None}
    assert start.all_grads() == {a: None, b: 7.0, root: None}
    assert (start.last, start.next) == (None, steps[0])
    made = steps.at(3)
    assert (made.data(root), made.grad(root), made.grad(a)) == (-6.0, None, None)
    seeded = steps.at(4)
    assert (seeded.grad(root), seeded.grad(a), seeded.grad(b)) == (1.0, 0.0, 7.0)
    end = steps.at(len(steps))
    assert (end.grad(a), end.grad(b), end.next, end.last) == (-3.0, 9.0, None, steps[-1])
    assert len(list(steps.moments())) == len(steps) + 1
    assert "nothing is computed yet" in str(start)
    assert str(end) == "after 6 of 6 steps: " + str(steps[-1])


def test_a_walk_keeps_its_numbers_when_the_graph_is_edited():
    a = Value(2.0, "a")
    root = a * a
    steps = walk(root)
    a.data, a.grad = 99.0, 99.0
    assert steps.at(len(steps)).all_data() == {a: 2.0, root: 4.0}
    assert steps.at(len(steps)).grad(a) == 4.0


def test_a_leaf_as_root_accumulates():
    a = Value(2.0)
    a.grad = 3.0
    steps = walk(a)
    assert (steps[1].before, steps[1].after, len(steps)) == (3.0, 4.0, 2)
    assert a.grad == 3.0


def test_indices_outside_and_strangers_are_errors():
    a = Value(2.0)
    steps = walk(a * a)
    for index in (-1, len(steps) + 1):
        with pytest.raises(IndexError, match="must be from 0 to 5, not "):
            steps.at(index)
    with pytest.raises(GraphError, match="not a node of this walk"):
        steps.at(0).data(Value(1.0))
    with pytest.raises(IndexError):
        steps[99]


def test_steps_of_a_node():
    a = Value(3.0, "a")
    root = a * a
    steps = walk(root, names={})
    assert (steps.made_in(a), list(steps.reached_in(a)), list(steps.left_in(a))) == (0, [3, 4], [])
    assert steps.steps_of(root) == [1, 2, 3, 4]
    assert "walk to v1 and back: 5 steps" in repr(steps)


def test_names_are_labels_variables_or_what_made_them_and_differ():
    a, x = Value(1.0, "a"), Value(2.0)
    twin = Value(3.0, "a")
    root = (a + twin) * x * 5 + 5
    steps = walk(root, names={"x": x, "elsewhere": Value(0.0)})
    called = [steps.names[node] for node in steps.order]
    assert called == ["a", "a_2", "x", "5", "5", "v5", "v6", "v7", "v8"]
    assert str(steps[5]) == "forward   v5 = a + a_2 = 4"
    alone = walk(Value(1.0), names={})
    assert alone.names[alone.root] == "v0"


def test_a_derivative_that_does_not_exist_stops_the_walk_and_changes_nothing():
    x = Value(0.0, "x")
    root = engine.sqrt(x) + x
    before = state(root)
    with pytest.raises(UndefinedDerivativeError):
        walk(root)
    assert state(root) == before


@pytest.mark.slow
def test_any_moment_of_a_hundred_thousand_steps_is_near(calls):
    x = Value(1.0)
    total = x
    for _ in range(34_000):
        total = total * x
    steps = walk(total)
    assert len(steps) >= 100_000
    draw = random.Random(0)
    for _ in range(20):
        moment = steps.at(draw.randrange(len(steps)))
        assert calls(lambda moment=moment: (moment.grad(x), moment.data(total), moment.last, moment.next)) < 100
        assert calls(lambda: steps.at(draw.randrange(len(steps)))) < 100


def test_steps_of_two_walks_through_one_graph_are_equal():
    a = Value(2.0, "a")
    root = a * a
    first, second = walk(root), walk(root)
    assert list(first) == list(second)
    assert {*first} == {*second}
    assert first[-1] != first[-2]
    assert first[-1] != "a step"
    assert repr(first[-1]) == "<backward  root -> a: local 2 * upstream 1 = 2; grad 2 -> 4>"


def test_a_step_stands_for_the_moment_after_it():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    root = (a * b + a).tanh()
    steps = walk(root)
    for step in steps:
        moment = moment_of(root, step)
        assert (moment.index, moment.last) == (step.index + 1, step)

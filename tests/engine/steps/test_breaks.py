"""Stopping backpropagation in a debugger: stop_at, when, break_on_backward."""

import copy
import pickle
import sys

import pytest

from engine import GraphError, Value


@pytest.fixture
def stops(monkeypatch):
    """Note in which state each breakpoint was hit."""
    seen = []

    def hook():
        local = sys._getframe(1).f_locals
        seen.append((local["node"].label, local["operand"].label, local["local"], local["operand"].grad))

    monkeypatch.setattr(sys, "breakpointhook", hook)
    return seen


@pytest.fixture
def graph():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    d = a * b
    d.label = "d"
    loss = d + a
    loss.label = "loss"
    return a, b, d, loss


def test_stop_at_a_label_stops_before_the_chain_rule_of_that_node(graph, stops):
    graph[3].backward(stop_at="d")
    assert stops == [("d", "a", -3.0, 1.0), ("d", "b", 2.0, 0.0)]
    assert graph[0].grad == -2.0


def test_stop_at_a_value_and_at_a_leaf(graph, stops):
    a, _, d, loss = graph
    loss.backward(stop_at=d)
    assert [s[:2] for s in stops] == [("d", "a"), ("d", "b")]
    stops.clear()
    loss.backward(stop_at=a)
    assert [s[:2] for s in stops] == [("loss", "a"), ("d", "a")]


def test_when_chooses_among_the_steps(graph, stops):
    loss = graph[3]
    loss.backward(when=lambda step: abs(step.contribution) > 2.5)
    assert [s[:2] for s in stops] == [("d", "a")]
    stops.clear()
    loss.backward(stop_at="d", when=lambda step: step.position == 1)
    assert [s[:2] for s in stops] == [("d", "b")]


def test_break_on_backward_stays_until_it_is_cleared(graph, stops):
    _, b, d, loss = graph
    d.break_on_backward(when=lambda step: step.operand is b)
    loss.backward()
    loss.backward()
    assert [s[:2] for s in stops] == [("d", "b")] * 2
    stops.clear()
    loss.backward(when=lambda step: step.node is loss and step.operand is d)
    assert [s[:2] for s in stops] == [("loss", "d"), ("d", "b")]
    stops.clear()
    d.clear_break()
    d.clear_break()
    loss.backward()
    assert stops == []
    assert d.label == "d"


def test_a_break_without_condition_stops_at_each_step(graph, stops):
    d, loss = graph[2:]
    d.break_on_backward()
    loss.backward()
    assert len(stops) == 2
    assert copy.deepcopy(d).note.stop is not None
    assert pickle.loads(pickle.dumps(d)).note.stop is None


def test_square_positions_are_counted(stops):
    a = Value(3.0, "a")
    positions = []
    (a * a).backward(when=lambda step: positions.append((step.index, step.position)) or False)
    assert positions == [(3, 0), (4, 1)]


def test_labels_that_are_not_there_name_near_misses(graph):
    loss = graph[3]
    with pytest.raises(GraphError, match="did you mean 'loss'"):
        loss.backward(stop_at="los")
    with pytest.raises(GraphError, match="it has 'a', 'b', .*'d'"):
        loss.backward(stop_at="zzz")
    with pytest.raises(GraphError, match="it has 'v0', 'v1' and 'v2'"):
        (Value(1.0) * Value(2.0)).backward(stop_at="d")
    many = sum(Value(float(i), f"quite different {i}") for i in range(12))
    with pytest.raises(GraphError, match="and [0-9]+ more"):
        many.backward(stop_at="zzz")
    with pytest.raises(GraphError, match="not a node of this graph"):
        loss.backward(stop_at=Value(1.0))
    with pytest.raises(TypeError, match="stop_at must be a name or a Value, not int 3"):
        loss.backward(stop_at=3)
    with pytest.raises(TypeError, match="when must be a function"):
        loss.backward(when=3)
    with pytest.raises(TypeError, match="when must be a function"):
        graph[0].break_on_backward(when=3)
    loss.backward(when=lambda step: False)
    assert loss.grad == 1.0


def test_a_node_without_a_label_is_stopped_at_by_its_name(stops):
    a = Value(2.0, "a")
    root = (a * 3.0).tanh()
    root.backward(stop_at="v2")
    assert len(stops) == 2

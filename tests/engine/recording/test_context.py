"""Scopes and no_grad."""

import gc
import threading

import pytest

from engine import GraphError, Value, gc_paused, no_grad, scope
from engine.recording import context


def test_scopes_mark_and_nest():
    a = Value(1.0)
    with scope("layer 1"):
        b = a * 2.0
        with scope("neuron 0"):
            c = b.tanh()
            leaf = Value(3.0, "w")
        d = a.where(b, c)
    e = a + 1
    assert [v.scope for v in (a, b, c, leaf, d, e)] == [
        (), ("layer 1",), ("layer 1", "neuron 0"), ("layer 1", "neuron 0"), ("layer 1",), (),
    ]  # fmt: skip
    assert b.inputs[1].scope == ("layer 1",)
    assert leaf.label == "w"


def test_a_scope_ends_with_its_block_also_by_an_exception():
    with pytest.raises(ZeroDivisionError), scope("broken"):
        _ = 1 / 0
    assert Value(1.0).scope == ()
    assert not context.entered


def test_a_scope_may_be_entered_again_and_decorates_functions():
    again = scope("again")
    with again, again:
        assert Value(1.0).scope == ("again", "again")

    @scope("neuron")
    def neuron(x, depth=1):
        return neuron(x, depth - 1) if depth else x * 2.0

    assert neuron(Value(1.0)).scope == ("neuron", "neuron")


def test_names_of_scopes_are_checked():
    with pytest.raises(TypeError, match=r"scope\('layer 1'\), not 1"):
        scope(1)
    with pytest.raises(ValueError, match="empty"):
        scope("")


def test_threads_do_not_share_scopes_or_no_grad():
    seen = []
    with scope("mine"), no_grad():
        thread = threading.Thread(target=lambda: seen.append(Value(1.0) * 2.0))
        thread.start()
        thread.join()
    assert seen[0].scope == ()
    assert len(seen[0].inputs) == 2


def test_threads_may_share_one_scope():
    shared, wrong = scope("shared"), []

    def enter_often():
        for _ in range(2000):
            with shared:
                if Value(1.0).scope != ("shared",):
                    wrong.append(1)
            if Value(1.0).scope != ():
                wrong.append(2)

    threads = [threading.Thread(target=enter_often) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert not context.entered


def test_no_grad_records_nothing():
    a = Value(3.0)
    with no_grad():
        b = a * a + 1
        c = a.where(a, a)
    assert b.data == 10.0
    assert b.inputs == b.local_grads == c.inputs == ()
    with pytest.raises(GraphError, match="no_grad"):
        b.backward()
    d = a * b
    d.backward()
    assert a.grad == 10.0
    assert b.grad == 3.0


def test_no_grad_decorates_functions():
    @no_grad()
    def evaluate(x):
        return x * x

    assert evaluate(Value(2.0)).inputs == ()
    assert (Value(2.0) * 2).inputs


def test_the_state_of_a_context_must_be_defined():
    with pytest.raises(NotImplementedError), context._Context():
        pass
    context.entered.clear()


def test_the_collector_is_left_as_it_was_found():
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), gc_paused():
        assert not gc.isenabled()
        _ = 1 / 0
    assert gc.isenabled()
    gc.disable()
    try:
        with gc_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()

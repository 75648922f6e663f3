"""Scopes and no_grad."""

import asyncio
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


def test_a_decorated_generator_is_inside_only_while_it_runs():
    x = Value(2.0)
    ended = []

    @scope("inner")
    @no_grad()
    def squares(count):
        try:
            for _ in range(count):
                factor = yield x * x
                while factor is not None:
                    factor = yield x * factor
        except GraphError:
            yield x * 100.0
        finally:
            ended.append(x * 1.0)
        return "done"

    def outer():
        yield (yield from squares(1))

    found = []
    for square in squares(2):
        found.append(square)
        assert (x * x).inputs == (x, x)  # outside
        assert (x * x).scope == ()
    assert [(v.data, v.inputs, v.scope) for v in found] == [(4.0, (), ("inner",))] * 2
    generator = squares(1)
    next(generator)
    assert (generator.send(5.0).data, generator.throw(GraphError("now")).data) == (10.0, 200.0)
    generator.close()
    assert list(outer())[1] == "done"
    assert [v.inputs for v in ended] == [()] * 3
    assert not context.entered


def test_a_decorated_coroutine_is_inside_until_it_ends():
    x = Value(2.0)

    @no_grad()
    async def inside():
        before = x * x
        await asyncio.sleep(0.0)
        return before, x * x

    async def outside():
        found = []
        for _ in range(5):
            found.append(x * x)
            await asyncio.sleep(0.0)
        return found

    async def both():
        return await asyncio.gather(inside(), outside())

    here, there = asyncio.run(both())
    assert [v.inputs for v in here] == [(), ()]
    assert all(v.inputs == (x, x) for v in there)
    assert not context.entered


def test_an_asynchronous_generator_is_refused():
    with pytest.raises(TypeError, match="asynchronous generator; write it inside numbers"):

        @no_grad()
        async def numbers():
            yield 1.0


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

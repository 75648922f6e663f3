"""Ctrl-C in contexts: whenever it comes, no block stays open behind it, and none is half open."""

import copy
import gc
import pickle
import random
import signal
import sys
import threading
import weakref
from contextlib import ExitStack

import pytest

import engine
import nn
from engine import Value, compiled, finite, gc_paused, no_grad, record_source, scope
from engine.doctor.watch import Watch
from engine.recording import context
from engine.recording.context import compact, current_state, recorded, traced
from engine.support.interrupts import exit_by
from tests.interrupts import signals_at_every_instruction

BLOCKS = {
    "scope": lambda: scope("part"),
    "no_grad": no_grad,
    "record_source": record_source,
    "compact": compact,
    "finite": finite,
    "gc_paused": gc_paused,
    "watch": Watch,
}
USUAL = random.shuffle, random.Random.shuffle


@pytest.fixture(autouse=True)
def _own_collector():
    """Leave out JAX's callback for the garbage collector, once JAX is imported: errors raised in it are lost."""
    callbacks, gc.callbacks[:] = gc.callbacks[:], []
    yield
    gc.callbacks[:] = callbacks


def what_stays():
    """Return what an interrupted block has left behind."""
    found = {
        "state": current_state() is not BEFORE,
        "entered": context.entered,
        "collector": not gc.isenabled() or context._paused,
        "properties": {"data", "grad"} & set(vars(Value)),
        "shuffle": (random.shuffle, random.Random.shuffle) != USUAL,
    }
    return [name for name, is_there in found.items() if is_there]


BEFORE = current_state()


def mend():
    """Let the next test begin afresh, should this one fail."""
    context._state.set(BEFORE)
    context.entered.clear()
    gc.enable()


@pytest.fixture(autouse=True)
def _mended():
    yield
    mend()


@pytest.mark.parametrize("make", BLOCKS.values(), ids=BLOCKS)
def test_a_signal_at_any_instruction_leaves_no_block_open(make):
    block = make()

    def once():
        with block:
            pass

    def twice():
        with block, make():
            _ = 1.0

    interrupted = 0
    for action in (once, twice, block(twice)):
        for instruction in signals_at_every_instruction(action):
            interrupted += 1
            assert what_stays() == [], (action, instruction)
        assert what_stays() == []
    assert interrupted > 60


@pytest.mark.parametrize("make", BLOCKS.values(), ids=BLOCKS)
def test_a_signal_inside_of_a_block_leaves_what_is_around_it(make):
    with scope("outer"), gc_paused():
        state, entered = current_state(), list(context.entered)

        def nested():
            with make():
                Value(1.0)

        nested()  # which reads the source, once
        for instruction in signals_at_every_instruction(nested):
            assert current_state() is state, instruction
            assert context.entered == entered, instruction
            assert not gc.isenabled(), instruction
    assert what_stays() == []


@pytest.mark.parametrize("make", BLOCKS.values(), ids=BLOCKS)
def test_an_error_at_any_line_on_the_way_in_leaves_no_block_open(make):
    """Also where Python does not look for signals, such as for an error of the memory."""
    steps = 0

    def trace(frame, event, _):
        nonlocal left
        if frame.f_code.co_filename.endswith(("context.py", "interrupts.py", "watch.py")) and event == "line":
            left -= 1
            if left == 0:
                raise MemoryError
        return trace

    while True:
        steps += 1
        left, block, before = steps, make(), sys.gettrace()
        try:
            sys.settrace(trace)
            with block:
                sys.settrace(before)
                break
        except MemoryError:
            sys.settrace(before)
            assert what_stays() == [], steps
    assert steps > 3


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers that send signals")
def test_signals_at_random_moments_leave_no_block_open():
    again, part = no_grad(), scope("part")

    def open_and_close():
        while True:
            with again, part, part, record_source(), finite():
                pass
            with scope("other"), gc_paused(), gc_paused(), compact():
                recorded(lambda: Value(1.0))

    def interrupt(*_):
        raise KeyboardInterrupt

    before, moments = signal.signal(signal.SIGALRM, interrupt), random.Random(0)
    try:
        for _ in range(300):
            try:
                signal.setitimer(signal.ITIMER_REAL, moments.uniform(1e-5, 3e-4), 1.0)  # again if it was ignored
                open_and_close()
            except KeyboardInterrupt:
                signal.setitimer(signal.ITIMER_REAL, 0)
                assert what_stays() == []  # while the error with all its frames is still there
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_signal_while_a_function_is_traced_leaves_no_trace():
    w = Value(2.0, "w")

    def work():
        return traced(None, lambda: w * 3.0)

    for instruction in signals_at_every_instruction(work):
        assert what_stays() == [], instruction
        assert type(w) is Value
    with no_grad():
        assert traced(None, lambda: w * 3.0).inputs  # and what it leaves open ends with it
        traced(None, record_source().__enter__)
        assert current_state().recording is False
        assert not current_state().locating


@pytest.mark.parametrize("make", BLOCKS.values(), ids=BLOCKS)
def test_a_stack_of_contexts_opens_and_closes_blocks(make):
    with ExitStack() as stack:
        stack.enter_context(make())
        assert what_stays()
    assert what_stays() == []


def test_blocks_let_errors_pass():
    for make in BLOCKS.values():
        with pytest.raises(ZeroDivisionError), make():
            _ = 1 / 0
    assert what_stays() == []


def test_the_collector_rests_until_the_last_thread_is_done():
    inside, go_on = threading.Event(), threading.Event()

    def work():
        with gc_paused():
            inside.set()
            go_on.wait(10)

    thread = threading.Thread(target=work)
    with gc_paused():
        thread.start()
        inside.wait(10)
    assert not gc.isenabled()
    go_on.set()
    thread.join()
    assert gc.isenabled()


def test_a_block_that_has_ended_keeps_nothing_alive():
    watch = Watch()
    with watch, scope("part") as part:
        Value(1.0)
    found = weakref.ref(watch)
    part._change = None  # a scope knows what was around it last time
    del watch
    gc.collect()
    assert found() is None


def test_copies_of_a_scope_leave_out_what_was_around_it():
    with Watch(), scope("part") as part:
        pass
    for copied in (copy.deepcopy(part), pickle.loads(pickle.dumps(part))):
        assert vars(copied) == {"name": "part"}
        with copied:
            assert Value(1.0).scope == ("part",)


def test_an_exit_by_steps_takes_what_with_gives_it():
    calls = []
    leave = exit_by(map(calls.append, iter("abc")))
    for _ in range(2):
        assert not leave(None, None, None)
    assert calls == ["a", "b"]


def gradients(leaves):
    return [leaf.grad for leaf in leaves]


def chain():
    leaves = [Value(float(number), f"x{number}") for number in range(1, 6)]
    return leaves, sum(leaf * leaf for leaf in leaves)


def by_backward():
    leaves, loss = chain()
    return leaves, loss.backward


def by_zero_grad():
    leaves, loss = chain()
    loss.backward()
    return leaves, loss.zero_grad


def by_program():
    leaves, loss = chain()
    program = engine.Program(loss, parameters=leaves)
    program()  # which compiles it
    return leaves, program.backward


def by_compiled():
    leaves, _ = chain()
    replay = compiled(lambda: sum(leaf * leaf for leaf in leaves), backend="python")
    replay()
    return leaves, replay


def by_optimiser():
    leaves, loss = chain()
    loss.backward()
    return leaves, nn.SGD(leaves, lr=0.1).zero_grad


def by_module():
    model = nn.Layer(2, 2)
    model.load_state_dict(dict.fromkeys(model.state_dict(), 0.5))
    sum(model([1.0, 2.0])).backward()
    return model.parameters(), model.zero_grad


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("make", [by_backward, by_zero_grad, by_program, by_compiled, by_optimiser, by_module])
def test_gradients_change_all_or_not_at_all(make):
    made = []

    def prepare():
        made[:] = make()

    prepare()
    leaves, action = made
    old = gradients(leaves)
    action()
    new = gradients(leaves)
    assert old != new
    for instruction in signals_at_every_instruction(lambda: made[1](), prepare):
        assert gradients(made[0]) in (old, new), instruction


def test_a_label_and_a_state_are_set_whole():
    x, model = Value(1.0, "before"), nn.Layer(2, 2)
    old = model.state_dict()
    new = {name: number + 1.0 for name, number in old.items()}

    def work():
        x.label = "after"
        model.load_state_dict(new)

    for _ in signals_at_every_instruction(work):
        assert x.label in ("before", "after")
        assert model.state_dict() in (old, new)
        x.label = "before"
        model.load_state_dict(old)

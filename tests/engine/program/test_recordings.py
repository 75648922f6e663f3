"""Recordings: when a function is replayed, recorded again, or run; each case with the numbers of the plain function."""

import gc
import math
import random
import warnings

import pytest

import engine
import nn
from engine import DomainError, UsageError, Value, compiled, log
from engine.program import recordings
from engine.program.compiled import PATIENCE


class Box:
    """An object with attributes."""

    def __init__(self, **attributes):
        vars(self).update(attributes)


@pytest.fixture
def w():
    return Value(3.0, "w")


def count_of(step):
    return int(repr(step).split(": ")[1].split()[0])


# --- what has changed ---------------------------------------------------------------------------------


def test_it_is_recorded_again_when_something_has_changed(w):
    box = Box(scale=2.0, steps=0)
    step = compiled(lambda x: w * x * box.scale, backend="python")
    for scale, count in ((2.0, 1), (2.0, 1), (5.0, 2), (2.0, 2), (5.0, 2), (7.0, 3)):
        box.scale = scale
        box.steps += 1  # which it does not read
        w.grad = None
        assert step(2.0) == 6.0 * scale
        assert w.grad == 2.0 * scale
        assert count_of(step) == count


def test_states_that_were_used_long_ago_are_forgotten(w, monkeypatch):
    monkeypatch.setattr(recordings, "MAX_STATES", 3)
    monkeypatch.setattr(recordings, "MAX_STRUCTURES", 2)
    monkeypatch.setattr(recordings, "MAX_RECORDINGS", 2)
    box = Box(scale=1.0)
    step = compiled(lambda xs: w * sum(xs) * box.scale, backend="python")
    for scale in range(1, 6):
        box.scale = float(scale)
        assert step([2.0]) == 6.0 * scale
    assert count_of(step) == 3
    for length in range(1, 5):
        step([1.0] * length)
    assert count_of(step) == 2
    ways = compiled(lambda x: next((w * x * k for k in (1.0, 2.0, 3.0) if x < k), w), backend="python")
    for _ in range(2):
        assert [ways(x) for x in (0.5, 1.5, 2.5, 3.5)] == [1.5, 9.0, 22.5, 3.0]
    assert count_of(ways) == 2


def test_objects_of_a_recording_are_not_kept_by_others(w):
    step = compiled(lambda box, x: w * x * box.scale, backend="python")
    for _ in range(recordings.MAX_STRUCTURES + 10):
        assert step(Box(scale=2.0), 1.0) == 6.0
    gc.collect()
    assert sum(type(each) is Box and "scale" in vars(each) for each in gc.get_objects()) < 300


# --- what is run --------------------------------------------------------------------------------------

NOT_REPLAYED = {
    "it draws random numbers": lambda w, x: w * x * random.random(),
    "it can call math_time.time(), which may return something else each time": lambda w, x: (
        w * x + 0.0 * math_time.time()
    ),
    "it uses Value(6, grad=not computed, op='*'), which was computed before": lambda w, x: DOUBLED * x + w,
}
math_time = __import__("time")
LEAF = Value(3.0)
DOUBLED = LEAF * 2.0


@pytest.mark.parametrize("why", NOT_REPLAYED)
def test_a_warning_says_once_why_a_function_is_not_replayed(why, w):
    step, function = compiled(NOT_REPLAYED[why]), NOT_REPLAYED[why]

    def seeded(call):
        random.seed(1)
        return call(w, 2.0)

    with pytest.warns(UserWarning, match="compiled <lambda> runs without a replay, which is slow: it") as caught:
        found = [seeded(call) for call in (step, step, step.forward)]
    assert found == [seeded(function).data] * 3
    assert seeded(step.values) == [found[:1]]
    (warning,) = caught
    assert why in str(warning.message)
    assert warning.filename == __file__
    for ask in (step.program, step.is_straight, lambda *sample: step.rows([sample])):
        with pytest.raises(UsageError, match="so no replay would be right"):
            ask(w, 2.0)


def test_programs_are_refused_before_and_after_a_trace(w):
    seen = []
    for _ in range(2):
        with pytest.raises(UsageError, match="it changes seen, so no replay would be right"):
            compiled(lambda x: seen.append(1) or w * x).program(2.0)
    assert seen == [1, 1]
    drawing = compiled(lambda x: w * x * random.random())
    for _ in range(2):
        with pytest.raises(UsageError, match="it draws random numbers, so no replay would be right"):
            drawing.program(2.0)


def test_a_function_that_changes_what_it_reads_is_recorded_each_time(w):
    calls = []
    step = compiled(lambda x: calls.append(x) or w * x * len(calls), backend="python")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [step(1.0) for _ in range(PATIENCE - 1)] == [3.0 * count for count in range(1, PATIENCE)]
    with pytest.warns(UserWarning, match="it changes calls"):
        step(1.0)
    assert [float(call.data) for call in calls] == [1.0] * PATIENCE  # readable, as everything from a call
    assert w.grad == sum(range(1, PATIENCE + 1))
    assert count_of(step) == 0


def test_what_is_made_at_the_first_call_is_replayed_from_the_second_one_on():
    box = Box()

    def function(x):
        if not hasattr(box, "w"):
            box.w = Value(2.0)
        return box.w * x

    step = compiled(function, backend="python")
    assert (step(3.0), box.w.grad) == (6.0, 3.0)
    box.w.data = 5.0
    assert (step(3.0), box.w.grad) == (15.0, 6.0)
    assert count_of(step) == 1


def test_the_function_itself_catches_errors_of_a_replay(w):
    def function(x):
        try:
            return w * log(x)
        except DomainError:
            return w * x * x

    step = compiled(function, batch="mean", backend="python")
    xs = [1.0, -2.0, math.e, -1.0]
    assert step(xs) == pytest.approx((0.0 + 12.0 + 3.0 + 3.0) / 4.0)
    assert w.grad == pytest.approx((0.0 + 4.0 + 1.0 + 1.0) / 4.0)
    assert step.forward(xs) == pytest.approx(18.0 / 4.0)
    assert step.values(xs) == [[0.0], [12.0], [pytest.approx(3.0)], [3.0]]
    assert compiled(function, backend="python")(2.0) == 3.0 * math.log(2.0)


def test_an_error_that_nothing_catches_is_that_of_the_function(w):
    step = compiled(lambda x: w * log(x), batch="sum", backend="python")
    assert step([1.0, 1.0]) == 0.0
    w.grad = None
    with pytest.raises(DomainError, match=r"log\(x\) has no value at x = -1.0"):
        step([1.0, -1.0])
    assert w.grad is None


def test_dropout_draws_at_each_call_while_it_trains():
    nn.manual_seed(1)
    dropout, w = nn.Dropout(0.5), Value(1.0)
    step = compiled(lambda x: sum(dropout([w * x, w, w, x])), backend="python")
    with pytest.warns(UserWarning, match="it draws random numbers"):
        drawn = [step(2.0) for _ in range(8)]
    nn.manual_seed(1)
    assert drawn == [sum(dropout([2.0, 1.0, 1.0, 2.0])) for _ in range(8)]
    dropout.eval()
    assert [step(2.0), step(3.0)] == [6.0, 8.0]
    assert count_of(step) == 1
    dropout.train()
    assert {step(2.0) for _ in range(20)} != {6.0}


def test_a_parameter_that_the_loss_does_not_depend_on_gets_no_gradient(w):
    unused = Value(5.0)
    step = compiled(lambda leaves, x: leaves[0] * x, backend="python")
    assert step([w, unused], 2.0) == 6.0
    assert (w.grad, unused.grad) == (2.0, None)
    nn.SGD([w, unused], lr=0.1, weight_decay=1.0).step()
    assert unused.data == 5.0
    program = engine.Program(w * 2.0, parameters=[w, unused])
    assert program.backward() == pytest.approx(w.data * 2.0)
    assert unused.grad is None
    assert program.reached == (True, False)


# --- how it is called ---------------------------------------------------------------------------------


class Line:
    """Something with a compiled method."""

    def __init__(self, slope):
        self.slope, self.bias = Value(slope), 1.0

    @compiled(backend="python")
    def loss(self, x):
        """Return the loss."""
        return self.slope * x + self.bias

    @compiled(batch="mean", backend="python")
    def mean(self, x):
        return self.slope * x + self.bias


def test_a_method_may_be_compiled():
    line, other = Line(2.0), Line(5.0)
    assert (line.loss(3.0), other.loss(x=3.0)) == (7.0, 16.0)
    assert (line.slope.grad, other.slope.grad) == (3.0, 3.0)
    line.bias = 0.0
    assert (line.loss(3.0), Line.loss(line, 3.0), line.loss.forward(3.0)) == (6.0, 6.0, 6.0)
    assert (line.mean([1.0, 3.0]), line.mean.values([1.0, 3.0])) == (4.0, [[2.0], [6.0]])
    assert line.loss.program(1.0).parameters == (line.slope,)
    assert Line.loss.__doc__ == "Return the loss."


def test_no_grad_around_a_call_changes_nothing(w):
    step = compiled(lambda x: w * x)
    with engine.no_grad():
        assert step(2.0) == step(2.0) == 6.0
        with pytest.warns(UserWarning, match="draws random numbers"):
            compiled(lambda x: w * x * random.random())(2.0)
    assert w.grad > 4.0


def test_numbers_of_numpy_beside_lists_are_the_same_for_each_sample(w):
    np = pytest.importorskip("numpy")
    step = compiled(lambda x, scale: w * x * scale, batch="mean", backend="python")
    assert step([1.0, 2.0], np.float64(2.0)) == step(np.array([1.0, 2.0]), 2.0) == 9.0
    assert step([1.0, 2.0], scale=np.int64(2)) == 9.0


def test_a_function_must_not_change_its_arguments(w):
    numbers = [1.0, 2.0]
    step = compiled(lambda xs: w * xs.pop())
    with pytest.raises(UsageError, match=r"<lambda> changes a list or a dictionary that it is given. Change a copy"):
        step(numbers)
    assert numbers == [1.0, 2.0]


def test_values_that_were_made_beside_the_loss_stay_readable(w):
    seen = []

    def function(x, fails):
        y = w * x
        seen.append(y * 2.0)
        if fails:
            raise ValueError("no")
        return y

    compiled(function)(3.0, False)
    with pytest.raises(ValueError, match="no"):
        compiled(function)(3.0, True)
    assert [each.data for each in seen] == [18.0, 18.0]
    for each in seen:
        each.backward()
    assert w.grad == 3.0 + 6.0 + 6.0


def test_a_subclass_of_value_stays_what_it_is():
    class Weight(Value):
        pass

    weight = Weight(3.0)
    weight.unit = 2.0
    step = compiled(lambda x: weight * x * weight.unit, backend="python")
    assert [step(1.0), step(2.0)] == [6.0, 12.0]
    weight.unit = 1.0
    assert (step(1.0), type(weight), weight.grad) == (3.0, Weight, 7.0)


def test_a_loss_of_negative_zero_keeps_its_sign():
    zero = Value(-0.0)
    step = compiled(lambda x: zero * x, backend="python")
    assert [math.copysign(1.0, step(1.0)), math.copysign(1.0, step(1.0))] == [-1.0, -1.0]


def test_rows_that_go_one_way_may_have_guards_on_inputs(w):
    step = compiled(lambda x: w * x if x > 0.0 else w, backend="python")
    recording, rows = step.rows([(1.0,), (2.0,)])
    assert (recording.values(rows), recording.change(), recording.fits_always(rows)) == ([[3.0], [6.0]], "", True)
    assert not recording.fits_always([[-1.0]])
    assert compiled(lambda x: w * x).rows([(1.0,)])[0].fits_always([[-1.0]])
    assert not step.is_straight(1.0)

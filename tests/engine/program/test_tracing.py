"""Tracing: Values that note what Python asks, and keep their numbers to themselves."""

import copy
import json
import math
import numbers
import operator
import pickle
import threading
from contextlib import suppress
from contextvars import copy_context
from functools import singledispatch

import pytest

import engine
from engine import DomainError, UsageError, Value, grad, log, maximum, relu, sqrt, where
from engine.program import tracing
from engine.program.tracing import TracedNumber, TracedValue, trace
from tests.interrupts import signals_at_every_instruction


class Named(Value):
    """A Value with attributes."""


@pytest.fixture
def x():
    return Value(2.0, "x")


@pytest.fixture
def w():
    return Value(3.0, "w")


def test_every_node_is_what_it_was_afterwards(x, w):
    named = Named(5.0)
    named.unit = "m"
    found = trace(lambda: (w * x + Value(1.0) * named, Named(2.0) * x), [x], [w, named])
    assert {type(node) for node in engine.topological_order(found.results[0])} == {Value, Named}
    assert (type(x), type(w), type(named), named.unit) == (Value, Value, Named, "m")
    assert found.results[0].data == 11.0


def test_inputs_pass_for_floats(x, w):
    @singledispatch
    def kind_of(thing):
        return "something"

    kind_of.register(float)(lambda thing: "float")

    def function():
        for number in (x, x * 2.0, -x, x + x, maximum(x, 1.0), where(x, x, 0.5)):
            assert isinstance(number, float)
            assert isinstance(number, numbers.Real)
            assert isinstance(number, int | float)
            assert not isinstance(number, int | Value)
            assert number.__class__ is float
            assert kind_of(number) == "float"
            match number:
                case float():
                    pass
                case _:
                    raise AssertionError
        for value in (w, x * w, Value(1.0), Value(x), Value(1.0) + x):
            assert isinstance(value, Value)
            assert not isinstance(value, float)
        assert type(x) is TracedNumber
        assert type(w) is TracedValue
        assert copy.copy(x) is copy.deepcopy([x])[0] is x
        with pytest.raises(AttributeError, match="'float' object has no attribute 'weights'"):
            x.weights  # noqa: B018
        return w * x

    assert trace(function, [x], [w]).results[0].data == 6.0


def test_operations_that_are_registered_later_are_methods_of_inputs_too(x, w):
    engine.register("thrice", lambda x: 3.0 * x, lambda x, out: (3.0 + 0.0 * x,))
    try:
        assert trace(lambda: x.thrice() * w, [x], [w]).results[0].data == 18.0
    finally:
        engine.unregister("thrice")


def test_a_value_of_an_input_goes_on_from_it(x, w):
    found = trace(lambda: Value(x, "y") * w, [x], [w])
    product = found.results[0]
    assert product.data == 6.0
    assert product.inputs[0].label == "y"
    assert product.inputs[0].inputs[0] is x


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne])
def test_comparisons_of_numbers_are_noted(compare, x):
    y = Value(2.0)
    for other in (y, 1, 2.0, 3.5):
        number = other.data if other is y else other
        found = trace(lambda other=other: x if compare(x, other) else x * 2.0, [x, y])
        (guard,) = found.guards
        assert (guard.left, guard.right) == (x, other) if other is not y else (guard.left, guard.right)[1] is y
        assert found.results[0].data == (2.0 if compare(2.0, number) else 4.0)


def test_values_are_compared_by_identity_as_ever(x, w):
    def function():
        assert w == w
        assert w != Value(3.0)
        assert x != "a"
        for equals in (lambda: w == 3.0, lambda: w == x, lambda: x == w):
            with pytest.raises(UsageError, match="== tells whether two Values are the same node"):
                equals()
        return w if w else x

    assert len(trace(function, [x], [w]).guards) == 1  # of the last line


GIVEN_AWAY = {
    "reads .data": lambda x, w: w.data,
    "reads .grad": lambda x, w: w.grad,
    "reads .local_grads": lambda x, w: (w * x).local_grads,
    "changes .data": lambda x, w: setattr(w, "data", 1.0),
    "changes .grad": lambda x, w: (w * x).zero_grad(),
    "takes the number of a Value": lambda x, w: math.exp(x),
    "takes the number of a Value ": lambda x, w: float(w),
    "uses int() on a number": lambda x, w: int(x),
    "uses round() on a number": lambda x, w: round(x, 1),
    "uses floor() on a number": lambda x, w: math.floor(x),
    "uses ceil() on a number": lambda x, w: math.ceil(x),
    "uses // on a number": lambda x, w: 7 // x,
    "uses % on a number": lambda x, w: x % 2,
    "uses divmod() on a number": lambda x, w: divmod(x, 2),
    "uses hex of a number": lambda x, w: x.hex(),
    "uses a number as a key": lambda x, w: {2.0: 1}.get(x),
    "prints a number": lambda x, w: str(x),
    "prints the number of a Value": lambda x, w: f"{w:.2f}",
    "prints the number of a Value ": lambda x, w: repr(w),
    "copies a Value": lambda x, w: copy.copy(w),
    "copies a Value ": lambda x, w: copy.deepcopy([w]),
    "pickles a Value": lambda x, w: pickle.dumps(w),
    "backpropagates": lambda x, w: (w * x).backward(),
    "calls jvp()": lambda x, w: engine.jvp(w * x, {w: 1.0}),
    "calls jacobian()": lambda x, w: engine.jacobian([w * x], [w]),
    "calls hessian()": lambda x, w: engine.hessian(w * x, [w]),
    "makes a program": lambda x, w: engine.Program(w * x),
    "calls a program": lambda x, w: PROGRAM(1.0),
    "calls <compiled compiled_before: 0 recordings>": lambda x, w: compiled_before(1.0),
    "reads .data ": lambda x, w: engine.walk(w * x),
    "reads .data  ": lambda x, w: engine.explain(w * x),
    "reads .data   ": lambda x, w: engine.tree(w * x),
    "computes inside no_grad()": lambda x, w: engine.no_grad()(lambda: w * x)(),
}
PROGRAM = engine.Program(Value(1.0, "a") * 2.0)


@engine.compiled
def compiled_before(x):
    return x * Value(2.0)


@pytest.mark.parametrize("what", GIVEN_AWAY)
@pytest.mark.parametrize("is_caught", [False, True])
def test_what_would_give_a_number_away_is_refused_with_its_line(what, is_caught, x, w):
    def function():
        try:
            GIVEN_AWAY[what](x, w)
        except TypeError:
            if not is_caught:
                raise
        return w * x

    with pytest.raises(UsageError) as error:
        trace(function, [x], [w])
    assert str(error.value).startswith(f"a compiled function {what.strip()} at {__file__}:")
    assert (w.data, w.grad, type(w)) == (3.0, None, Value)


def test_the_subject_of_messages_can_be_another(x):
    with pytest.raises(UsageError, match=r"a rule uses int\(\) on a number"):
        trace(lambda: int(x), [x], subject="a rule")
    with pytest.raises(UsageError, match="a rule returns the loss, a Value, or a tuple of it and others, not int 1"):
        trace(lambda: 1, [x], subject="a rule")


def test_errors_of_the_function_are_its_own(x):
    with pytest.raises(ZeroDivisionError):
        trace(lambda: 1 // 0, [x])
    with pytest.raises(TypeError, match="list indices must be integers"):
        trace(lambda: [1.0][x], [x])
    with pytest.raises(TypeError, match="not JSON serializable"):
        trace(lambda: json.dumps(x), [x])
    assert type(x) is Value


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda x, w, other: attempt(log, x - 5.0) or w, "an operation has no value"),
        (lambda x, w, other: w if other > 1.0 else x, "it reads the number of a Value"),
        (lambda x, w, other: w if other else x, "it reads the number of a Value"),
        (lambda x, w, other: w * float(other), "it reads the number of a Value"),
        (
            lambda x, w, other: grad(sqrt(w - 3.0) + w * other, [w, other])[1] * x,
            "an operation has no value",
        ),
        (lambda x, w, other: grad(relu(-w) * w, w) * x, ""),
        (lambda x, w, other: w * x if x > 1.0 else x, ""),
    ],
)
def test_ways_that_guards_do_not_tell_are_noted(function, says, x, w):
    other = Value(4.0)  # not among the leaves
    assert trace(lambda: function(x, w, other), [x], [w]).unseen.startswith(says)
    assert bool(trace(lambda: function(x, w, other), [x], [w]).unseen) == bool(says)


def attempt(function, *arguments):
    with suppress(DomainError):
        function(*arguments)


def test_derivatives_inside_may_be_differentiated(x, w):
    found = trace(lambda: grad(w * w * w * x, w), [x], [w])
    assert found.results[0].data == 54.0
    found = trace(lambda: grad(w * x, w) * w, [x], [w])  # which is the input alone
    assert found.results[0].data == 6.0


def test_only_the_thread_that_traces_is_watched(x, w):
    seen = []

    def look():
        seen.append((w.data, repr(w), f"{w:.1f}", bool(w), w > 1.0, w >= w, float(w), copy.copy(w).data, w.grad))
        seen.append(
            (copy.deepcopy(w).data, pickle.loads(pickle.dumps(w)).data, (w * 2.0).data, x.data, x == 2.0, x % 2)
        )

    def function():
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        return w * x

    found = trace(function, [x], [w])
    assert found.guards == []
    assert seen == [
        (3.0, "Value(3, grad=not computed, label='w')", "3.0", True, True, True, 3.0, 3.0, None),
        (3.0, 3.0, 6.0, 2.0, True, 0.0),
    ]


def test_two_threads_may_trace_functions_of_the_same_values(w):
    meet, results = threading.Barrier(2), []

    def work():
        y = Value(2.0)

        def function():
            meet.wait()
            product = w * y if w > 1.0 else y
            meet.wait()
            return product

        results.append(trace(function, [y], [w]))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(found.results[0].data, len(found.guards)) for found in results] == [(6.0, 1)] * 2
    assert type(w) is Value


def test_a_trace_that_leaks_into_another_context_still_refuses(x, w):
    kept = []
    trace(lambda: kept.append(copy_context()) or w * x, [x], [w])

    with pytest.raises(UsageError):
        trace(lambda: kept[0].run(lambda: w.data) * x, [x], [w])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_at_any_instruction_leaves_no_value_traced():
    class Weight(Value):
        __slots__ = ()

    x, w, own = Value(2.0, "x"), Value(3.0, "w"), Weight(4.0)
    made = []

    def function():
        made.append(Value(1.0))
        return made[-1] + own * w * x

    def work():
        made.clear()
        trace(function, [x], [w, own])

    interrupted = 0
    for instruction in signals_at_every_instruction(work):
        interrupted += 1
        assert [type(each) for each in (x, w, own, *made)] == [Value, Value, Weight, *[Value] * len(made)], instruction
    assert interrupted > 200
    assert not [each for each in (x, w, own) if tracing._watching.get(each)]
    work()
    assert not {x, w, own} & {*tracing._watching}


def test_a_value_stays_traced_while_another_trace_watches_it():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    kinds = []

    def outer():
        trace(lambda: w * x, [], [w])
        kinds.append(type(w))
        return w * x

    trace(outer, [x], [w])
    assert kinds == [TracedValue]
    assert type(w) is Value

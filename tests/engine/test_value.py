"""Value: construction, operators, comparisons, text, slips, memory."""

import gc
import math
import operator
import tracemalloc
import warnings

import numpy
import pytest

import engine
from engine import TABLE, UsageError, Value, gc_paused, ops
from engine.operation import constant
from engine.recording import math_call


@pytest.mark.parametrize("number", [3, 3.0, True, numpy.float32(3), numpy.int64(3), numpy.float64(3)])
def test_any_real_number_is_data(number):
    value = Value(number)
    assert type(value.data) is float
    assert value.data == float(number)


@pytest.mark.parametrize(
    ("thing", "remedy"),
    [
        ("1.5", "float"),
        (b"1", "float"),
        (1j, "real"),
        (None, "an int or a float"),
        ([1.0], "one by one"),
        (numpy.ones(2), r"\.item"),
        (Value(1.0), "Value already"),
    ],
)
def test_anything_else_is_refused_with_a_remedy(thing, remedy):
    with pytest.raises(TypeError, match=remedy):
        Value(thing)


def test_long_things_are_shortened_in_messages():
    with pytest.raises(TypeError, match=r"\.\.\.") as caught:
        Value("x" * 1000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow])
def test_operators_and_reflected_operators(op):
    expected = op(3.0, 2.0)
    for x, y in [(Value(3.0), Value(2.0)), (Value(3.0), 2), (3.0, Value(2.0)), (numpy.float64(3), Value(2.0))]:
        result = op(x, y)
        assert type(result) is Value
        assert result.data == expected


def test_unary_operators():
    x = Value(-3.0)
    assert (-x).data == 3.0
    assert (+x) is x
    assert abs(x).data == 3.0


@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow])
def test_what_is_no_number_is_left_to_python(op):
    for thing in (None, {}, object()):
        with pytest.raises(TypeError, match="unsupported operand"):
            op(Value(1.0), thing)
        with pytest.raises(TypeError, match="unsupported operand"):
            op(thing, Value(1.0))


def test_subtraction_and_division_are_nodes_of_their_own():
    a, b = Value(6.0), Value(3.0)
    assert (a - b).op is ops.sub
    assert (a / b).op is ops.div
    assert (a - b).inputs == (a, b)


def test_a_square_has_two_edges():
    a = Value(3.0)
    square = a * a
    assert square.inputs == (a, a)
    square.backward()
    assert a.grad == 6.0


def test_subclasses_take_part():
    class Named(Value):
        __slots__ = ()

    assert (Value(2.0) * Named(3.0)).data == 6.0


def test_sum_adds_no_zero():
    a, b = Value(1.0), Value(2.0)
    total = sum([a, b])
    assert total.inputs == (a, b)
    assert (0.0 + a).op is ops.add  # a zero that somebody wrote stays visible


@pytest.mark.parametrize("operation", TABLE.values(), ids=lambda o: o.name)
def test_each_operation_is_a_method(operation):
    first, *others = map(Value, operation.samples[0])
    node = getattr(first, operation.name)(*others)
    assert node.op is operation or operation.name == "pow"
    assert node.data == operation(*operation.samples[0])


def test_methods_take_plain_numbers_and_parameters():
    assert Value(1.0).maximum(3).data == 3.0
    assert Value(-2.0).leaky_relu(slope=0.5).data == -1.0
    assert Value(-2.0).pow(3).op.parameters == {"exponent": 3.0}
    assert engine.pow(Value(-2.0), 3).data == -8.0
    assert engine.pow(2.0, Value(3.0)).data == 8.0


def test_constants_are_known_as_such():
    node = Value(2.0) * 3
    assert node.inputs[1].op is constant
    assert node.inputs[0].is_leaf


def test_comparisons_are_on_data():
    a, b = Value(1.0), Value(2.0)
    assert a < b and a <= b and b > a and b >= a
    assert a < 1.5 and 1.5 > a and a <= 1 and numpy.float64(0.5) < a
    assert sorted([b, a]) == [a, b]
    with pytest.raises(TypeError, match="not supported"):
        a < "b"  # noqa: B015


def test_equality_is_identity():
    a = Value(1.0)
    assert a == a
    assert a != Value(1.0)
    assert a != "a"
    assert a in [Value(1.0), a]
    assert {a: 1}[a] == 1
    assert len({a, a, Value(1.0)}) == 2


@pytest.mark.parametrize("number", [1.0, 1, numpy.float64(1)])
def test_comparing_a_value_with_a_number_for_equality_names_the_right_call(number):
    with pytest.raises(UsageError, match=r"v\.data == .*isclose"):
        Value(1.0) == number  # noqa: B015
    with pytest.raises(UsageError):
        Value(1.0) != number  # noqa: B015


def test_truth_is_that_of_the_number():
    assert Value(0.5)
    assert not Value(0.0)


def test_float_and_format():
    v = Value(0.123456)
    assert float(v) == 0.123456
    assert f"{v:.3f}" == "0.123"
    assert f"{v}" == repr(v) == str(v)
    assert round(float(v), 2) == 0.12


def test_repr_shows_data_grad_op_and_label():
    a = Value(2.0, "a")
    b = (a * 3).tanh()
    b.label = "b"
    assert repr(a) == "Value(2, grad=not computed, label='a')"
    b.backward()
    assert repr(b) == "Value(0.999988, grad=1, op='tanh', label='b')"


def test_label_may_be_set_at_any_time_and_must_be_a_text():
    v = Value(1.0)
    assert v.label == ""
    v.label = "w"
    assert v.label == "w"
    with engine.scope("layer"):
        w = Value(1.0, "w")
    w.label = "u"
    assert (w.label, w.scope) == ("u", ("layer",))
    with pytest.raises(TypeError, match="label must be a text"):
        v.label = 3
    with pytest.raises(TypeError, match="label must be a text"):
        Value(1.0, 3)


# --- slips ----------------------------------------------------------------------------------------------


def test_functions_of_math_name_the_right_call():
    v = Value(0.5)
    from math import exp as imported_exp

    for slip, right in [
        (lambda: math.exp(v), r"engine\.exp\(v\).*math\.exp\(v\.data\)"),
        (lambda: imported_exp(v), r"engine\.exp"),
        (lambda: math.pow(v, 2), r"engine\.pow"),
        (lambda: math.fabs(v), r"engine\.abs"),
        (lambda: math.fsum([v]), r"sum\(values\)"),
        (lambda: math.sinh(v), r"register"),
        (lambda: 1.0 + math.sqrt(v) * 2.0, r"engine\.sqrt"),
    ]:
        with pytest.raises(UsageError, match=right):
            slip()


def test_what_only_asks_about_the_number_is_allowed():
    v = Value(0.5)
    assert not math.isnan(v)
    assert math.isclose(v, 0.5)
    assert math.floor(v) == 0
    assert list(map(float, [v])) == [0.5]
    assert [float(x) for x in [v]] == [0.5]
    assert (lambda: float)()(v) == 0.5


def test_slips_are_found_without_source_and_without_positions():
    v = Value(0.5)
    code = compile("math.exp(v)", "<typed>", "eval")
    with pytest.raises(UsageError, match="engine.exp"):
        eval(code, {"math": math, "v": v})
    bare = code.replace(co_linetable=b"")
    assert eval(bare, {"math": math, "v": v}) == math.exp(0.5)  # nothing to go by: the number it is


def test_numpy_functions_record_through_the_methods():
    v = Value(0.5)
    assert numpy.tanh(v).op is ops.tanh
    assert (numpy.array([1.0, 2.0]) * v)[1].data == 1.0


# --- memory and size --------------------------------------------------------------------------------------


def test_a_node_takes_at_most_240_bytes():
    x, w = Value(1.0), Value(1.0001)
    count = 20_000
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(count):
            x = x * w
        forward = (tracemalloc.get_traced_memory()[0] - before) / count
        x.backward()
        after = (tracemalloc.get_traced_memory()[0] - before) / count
    finally:
        tracemalloc.stop()
    assert forward <= 240
    assert after <= forward + 32  # the gradient itself is a float of 24 bytes


def test_a_graph_is_freed_when_its_root_is_dropped():
    gc.disable()
    gc.freeze()  # so that the collector knows only of what is made from here on
    try:
        x = Value(1.0)
        y = (x * 2 + 1).tanh()
        y.backward()
        made = sum(type(thing) is Value for thing in gc.get_objects())  # isinstance asks lazy objects of libraries
        del x, y
        assert (made, sum(type(thing) is Value for thing in gc.get_objects())) == (6, 0)
    finally:
        gc.unfreeze()
        gc.enable()


@pytest.mark.slow
def test_a_chain_of_a_million_nodes_records_backpropagates_and_is_freed():
    x = Value(1.0)
    total = x
    with gc_paused():
        for _ in range(1_000_000):
            total = total + x
        total.backward()
    assert x.grad == 1_000_001.0
    del total


def test_nothing_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (Value(1.0) + numpy.float64(2)).backward()


def test_a_place_of_call_is_read_once(monkeypatch):
    read = []
    called = math_call._called
    monkeypatch.setattr(math_call, "_called", lambda frame: read.append(frame) or called(frame))
    v = Value(2.0)
    assert sum(float(v) for _ in range(1000)) == 2000.0
    assert len(read) <= 2  # the interpreter may move on to a quicker instruction once


def test_a_local_name_is_looked_up_each_time():
    v = Value(2.0)
    seen = []
    for function in (float, math.exp):
        try:
            seen.append(function(v))
        except UsageError as error:
            seen.append(str(error).partition("(")[0])
    assert seen == [2.0, "math.exp"]


def test_a_wrong_count_of_operands_names_the_method():
    with pytest.raises(TypeError, match=r"Value\.relu\(\) takes 1 positional argument"):
        Value(1.0).relu(0.1)

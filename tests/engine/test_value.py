"""Value: construction, operators, comparisons, text, slips, memory."""

import builtins
import cmath
import functools
import gc
import math
import operator
import tracemalloc
import warnings
from decimal import Decimal

import numpy
import pytest

import engine
from engine import TABLE, DomainError, UsageError, Value, gc_paused, ops
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
        (lambda: math.gamma(v), r"register"),
        (lambda: math.sinh(v), r"engine\.sinh"),
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
    functions_at = math_call._functions_at
    monkeypatch.setattr(math_call, "_functions_at", lambda frame: read.append(frame) or functions_at(frame))
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


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "maximum", "minimum", "pow", "exponent_slope", "where"])
@pytest.mark.parametrize("wrong", ["a", None, Decimal(1), numpy.ones(2), [1.0], 1j])
def test_each_method_refuses_what_is_not_a_number(name, wrong):
    operands = [wrong] * (TABLE[name].arity - 1)
    with pytest.raises(TypeError, match="expected a real number"):
        getattr(Value(1.0), name)(*operands)
    with pytest.raises(TypeError, match="expected a real number"):
        TABLE[name](Value(1.0), *operands)


@pytest.mark.parametrize("name", [entry.name for entry in TABLE.values() if entry.arity == 2])
def test_a_method_of_two_operands_speaks_of_itself(name):
    with pytest.raises(TypeError, match=rf"{name}(\(\)| takes)"):
        getattr(Value(1.0), name)()


@pytest.mark.parametrize("compute", [
    lambda v: v * 10**400, lambda v: 10**400 - v, lambda v: v**10**400, lambda v: v < 10**400,
    lambda v: v.maximum(10**400),
])  # fmt: skip
def test_integers_beyond_64_bits_are_too_large(compute):
    with pytest.raises(DomainError, match=r"too large for 64 bits; the largest is 1.8e\+308"):
        compute(Value(2.0))


# --- numbers that would leave the graph -------------------------------------------------------------------

HALF, TWO = Value(0.5, "half"), Value(2.0)
VALUES = [HALF, TWO]
FUNCTIONS = {"exp": math.exp, "float": float}
ACTIVATIONS = [math.tanh, float, functools.partial(math.pow, 2.0)]


class Holder:
    act = math.exp


def by_a_loop():
    for _ in map(math.exp, VALUES):
        pass


def by_an_iterator():
    found = map(math.exp, VALUES)
    return next(found)


def by_a_loop_over_an_iterator():
    found = map(math.exp, VALUES)
    for _ in found:
        pass


@pytest.mark.parametrize(
    ("leave", "function"),
    [
        (lambda: math.exp(HALF), "math.exp"),
        (lambda: list(map(math.exp, VALUES)), "math.exp"),
        (lambda: sum(map(math.log, VALUES)), "math.log"),
        (lambda: [*map(math.sin, VALUES)], "math.sin"),
        (lambda: tuple(map(functools.partial(math.pow, 2.0), VALUES)), "math.pow"),
        (lambda: [x for x in map(math.exp, VALUES)], "math.exp"),  # noqa: C416
        (lambda: list(x for x in map(math.exp, VALUES)), "math.exp"),  # noqa: C400
        (lambda: dict(zip("ab", map(math.exp, VALUES), strict=True)), "math.exp"),
        (lambda: functools.reduce(math.pow, VALUES), "math.pow"),
        (lambda: ACTIVATIONS[0](HALF), "math.tanh"),
        (lambda: ACTIVATIONS[-1](HALF), "math.pow"),
        (lambda: FUNCTIONS["exp"](HALF), "math.exp"),
        (lambda: getattr(math, "exp")(HALF), "math.exp"),  # noqa: B009
        (lambda: [math.sqrt, float][0](HALF), "math.sqrt"),
        (lambda: (math.exp if HALF.data else float)(HALF), "math.exp"),
        (lambda: Holder.act(HALF), "math.exp"),
        (lambda: cmath.exp(HALF), "cmath.exp"),
        (lambda: math.fsum(VALUES), "math.fsum"),
        (lambda: math.hypot(
            1.0,
            HALF), "math.hypot"),
        (by_a_loop, "math.exp"),
        (by_an_iterator, "math.exp"),
        (by_a_loop_over_an_iterator, "math.exp"),
    ],
)  # fmt: skip
def test_functions_of_math_are_refused_however_they_are_called(leave, function):
    for _ in range(3):  # also where the place is known
        with pytest.raises(UsageError, match=rf"^{function}\(v\) would give a plain number, cut off from the graph"):
            leave()


@pytest.mark.parametrize(
    ("read", "number"),
    [
        (lambda: float(HALF), 0.5),
        (lambda: list(map(float, VALUES)), [0.5, 2.0]),
        (lambda: ACTIVATIONS[1](HALF), 0.5),
        (lambda: FUNCTIONS["float"](HALF), 0.5),
        (lambda: getattr(builtins, "float")(HALF), 0.5),  # noqa: B009
        (lambda: "%.1f" % HALF, "0.5"),  # noqa: UP031
        (lambda: max(VALUES, key=math.fabs), TWO),
        (lambda: sorted(VALUES, key=math.cos), [TWO, HALF]),
        (lambda: float(HALF) + math.exp(0.0), 1.5),
        (lambda: math.isnan(HALF), False),
        (lambda: cmath.isinf(HALF), False),
        (lambda: math.isclose(HALF, 0.5), True),
        (lambda: list(map(math.isfinite, VALUES)), [True, True]),
        (lambda: float(numpy.array([HALF], dtype=float)[0]), 0.5),
        (lambda: complex(HALF), 0.5),
        (lambda: math.exp(HALF.data), math.exp(0.5)),
        (lambda: list(map(math.exp, (v.data for v in VALUES))), [math.exp(0.5), math.exp(2.0)]),
        (lambda: {}.get("none", float)(HALF), 0.5),
        (lambda: ACTIVATIONS[{}.get(0, 1)](HALF), 0.5),
    ],
)
def test_plain_numbers_that_are_meant_are_given(read, number):
    for _ in range(3):
        assert read() == number


def test_code_without_source_gives_the_number():
    names = {"math": math, "v": Value(0.5)}
    exec(compile("y = math.exp(float(v))", "<no source>", "exec"), names)
    assert names["y"] == math.exp(0.5)


@pytest.mark.parametrize(
    "name",
    ["exp", "sin", "cos", "tan", "sqrt", "tanh", "log", "log1p", "expm1", "abs", "square", "negative", "cbrt"],
)
def test_ufuncs_of_numpy_record(name):
    v = Value(0.5)
    out = getattr(numpy, name)(v)
    assert isinstance(out, Value)
    out.backward()
    step = 1e-6
    slope = (getattr(numpy, name)(0.5 + step) - getattr(numpy, name)(0.5 - step)) / (2 * step)
    assert v.grad == pytest.approx(slope, rel=1e-9)


@pytest.mark.parametrize("name", ["arctan", "nextafter", "heaviside", "isnan"])
def test_other_ufuncs_of_numpy_are_refused(name):
    operands = [Value(0.5)] * getattr(numpy, name).nin
    if not hasattr(Value, name):  # it is not in the table
        with pytest.raises((TypeError, AttributeError)):
            getattr(numpy, name)(*operands)

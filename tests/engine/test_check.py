"""The checker: that it passes what is right, and that it notices what is wrong."""

import math
import random

import pytest

import engine
from engine import DomainError, GradientMismatchError, Value, check_gradients


def test_a_right_gradient_passes_with_a_table():
    report = check_gradients(lambda a, b, c: engine.tanh(a * b + c), [2.0, -3.0, 6.1])
    assert report.agrees
    assert [row.name for row in report.rows] == ["a", "b", "c"]
    assert max(row.relative_error for row in report.rows) < 1e-9
    head, *lines = str(report).splitlines()
    assert head.split() == ["input", "at", "backpropagated", "numeric", "relative", "error"]
    assert all(line.endswith("ok") for line in lines)


@pytest.mark.parametrize("factor", [1.0 + 1e-4, -1.0, 0.0])
def test_a_wrong_gradient_is_noticed(factor):
    engine.register("wrong", lambda x: x * x, lambda x, out: (2.0 * factor * x,))
    try:
        with pytest.raises(GradientMismatchError, match="DISAGREES") as caught:
            check_gradients(lambda x: engine.TABLE["wrong"](x), [3.0])
        assert isinstance(caught.value, AssertionError)
    finally:
        engine.unregister("wrong")


def test_a_cut_graph_is_noticed():
    with pytest.raises(GradientMismatchError):
        check_gradients(lambda x: Value(x.data) * x, [3.0])
    with pytest.raises(TypeError, match=r"not a Value: does it compute with v\.data"):
        check_gradients(lambda x: x.data * 2.0, [3.0])


@pytest.mark.parametrize("x", [1e-8, 1.0, 1e8])
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_the_steps_suit_small_and_large_numbers(x, scale):
    check_gradients(lambda v: (v * v + v) * scale, [x])


def test_steep_functions_pass():
    check_gradients(lambda v: engine.exp(v * 5.0), [8.0])
    check_gradients(lambda v: engine.tan(v), [1.55])
    check_gradients(lambda v: engine.sin(v * 50.0), [0.3])


def test_points_near_the_border_of_the_domain_are_reached_with_smaller_steps():
    for at in (1e-4, 1e-9, 1e-300):
        assert check_gradients(lambda v: engine.log(v), [at]).agrees
    assert check_gradients(engine.sqrt, [1e-12]).agrees
    with pytest.raises(DomainError, match="log"):
        check_gradients(lambda v: engine.log(v), [0.0])


@pytest.mark.parametrize(
    ("function", "point"),
    [
        (lambda r, c: 1 / (2 * math.pi * r * c), [1e3, 1e-9]),  # the corner frequency of a filter
        (lambda t, tau: engine.exp(-t / tau), [1e-6, 2e-6]),
        (lambda wavelength: 6.62607015e-34 * 3e8 / wavelength, [5e-7]),
        (lambda x: x**-1, [4.2168413364531433e-05]),
        (engine.relu, [3e-6]),
        (lambda x: engine.sin(1e6 * x), [0.3]),
        (lambda x: (x - 0.005) / (x - 0.005) * x, [0.0]),  # a hole at 0.005
        (lambda x, y: x + y, [1e8, 1e-8]),
        (lambda x, y: x + 0.0 * y, [1e8, 1.0]),
        (lambda x: engine.softplus(1e9 * x), [1e-9]),
        (lambda x: engine.log1p(x), [-1.0 + 1e-11]),
    ],
)
def test_steps_suit_the_input_and_the_function(function, point):
    report = check_gradients(function, point)
    assert report.agrees
    assert max(row.relative_error for row in report.rows) < 1e-4


@pytest.mark.parametrize("at", [1e-9, 5e-7, 3.0, 1e8])
@pytest.mark.parametrize("factor", [1.0 + 1e-4, 0.0, 2.0])
def test_a_wrong_gradient_is_noticed_at_every_size(at, factor):
    engine.register("wrong", lambda x: 1e-19 / x, lambda x, out: (-1e-19 * factor / (x * x),))
    try:
        with pytest.raises(GradientMismatchError, match="DISAGREES"):
            check_gradients(lambda x: engine.TABLE["wrong"](x), [at])
    finally:
        engine.unregister("wrong")


def test_what_cannot_be_measured_is_said_and_is_not_a_disagreement():
    draw = random.Random(0)
    engine.register("noise", lambda x: x + draw.uniform(-1.0, 1.0), lambda x, out: (1.0,))
    try:
        report = check_gradients(lambda x: engine.TABLE["noise"](x), [1.0])
    finally:
        engine.unregister("noise")
    assert not report.agrees
    assert "could not be measured: differences with smaller and smaller steps do not settle" in str(report)


@pytest.mark.parametrize("function", [engine.relu, engine.abs, engine.leaky_relu])
def test_on_a_kink_the_report_says_so_and_accepts_a_slope_between(function):
    report = check_gradients(lambda x: function(x) * 3.0, [0.0])
    assert report.rows[0].kink == function.name
    assert "on the kink" in str(report)


def test_on_a_kink_a_slope_outside_is_still_wrong():
    engine.register("steep", lambda x: max(x, 0.0), lambda x, out: (1.5,), kink=lambda x: x)
    try:
        with pytest.raises(GradientMismatchError, match="kink of steep at z"):
            check_gradients(lambda x: _labelled(engine.TABLE["steep"](x), "z"), [0.0])
    finally:
        engine.unregister("steep")


def _labelled(value, label):
    value.label = label
    return value


def test_a_kink_elsewhere_is_not_reported():
    report = check_gradients(lambda a, b: engine.maximum(a, a) + engine.relu(b) + engine.relu(a - a), [1.0, 2.0])
    assert [row.kink for row in report.rows] == ["", ""]


def test_a_gradient_near_but_not_on_a_kink_passes():
    report = check_gradients(lambda x: engine.relu(x), [0.003])
    assert report.rows[0].kink == ""


def test_inputs_may_be_values_that_the_function_closes_over():
    w = Value(2.0, "w")
    w.grad = 7.0
    report = check_gradients(lambda *_: w * w, [w])
    assert report.rows[0].backpropagated == 4.0
    assert report.rows[0].name == "w"
    assert (w.data, w.grad) == (2.0, 7.0)


def test_data_are_put_back_after_an_error():
    w = Value(2.0)

    def fails(x):
        if x.data != 2.0:
            raise RuntimeError
        return x * 1.0

    with pytest.raises(RuntimeError):
        check_gradients(fails, [w])
    assert w.data == 2.0


def test_names_for_functions_of_many_arguments():
    report = check_gradients(lambda first, *rest: first + sum(rest), [1.0, 2.0, 3.0])
    assert [row.name for row in report.rows] == ["first", "x1", "x2"]
    assert [row.name for row in check_gradients(engine.mul, [1.0, 2.0]).rows] == ["x", "y"]


def test_a_gradient_of_zero_has_no_relative_error():
    row = check_gradients(lambda x: x * 0.0, [1.0]).rows[0]
    assert row.relative_error == 0.0


def test_something_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match="check_gradients: expected a real number"):
        check_gradients(lambda x: x, ["1"])


def test_a_gradient_below_what_the_function_can_show_cannot_be_measured():
    report = check_gradients(lambda x: engine.log(engine.erf(engine.exp(x))), [2.0])  # erf(e ** 2) is 1.0
    assert report.rows[0].trouble
    assert str(report).splitlines()[1].split()[:5] == ["x", "2", "1.619454466e-23", "-", "-"]
    assert check_gradients(lambda x: x * engine.gelu(x), [0.0]).agrees


def test_a_small_rest_of_large_numbers_is_right_or_cannot_be_measured():
    row = check_gradients(lambda x: engine.softplus(x**x) - x**x, [3.0]).rows[0]
    assert row.agrees or row.trouble


def test_what_is_infinite_right_beside_the_point_cannot_be_measured():
    report = check_gradients(lambda x: x * 1.7976931348623157e308, [1.0])
    assert not report.agrees
    assert "could not be measured: the function is inf beside the point" in str(report)


def test_a_gradient_far_outside_the_uncertainty_is_wrong_although_differences_do_not_settle():
    engine.register("offset", lambda x: 1e-3 * x, lambda x, out: (1.0,))
    try:
        with pytest.raises(GradientMismatchError, match="DISAGREES"):
            check_gradients(lambda x: engine.TABLE["offset"](x) + 1e6, [3.0])
    finally:
        engine.unregister("offset")


def test_larger_steps_stop_at_a_kink():
    report = check_gradients(lambda x, y: y + engine.relu(x), [3e-6, 1e8])  # a step that y lets see crosses the kink
    assert report.rows[0].agrees or report.rows[0].trouble
    assert report.rows[1].agrees


@pytest.mark.parametrize(
    ("function", "at"),
    [(engine.sin, 1e9), (engine.sin, 1e15), (engine.cos, 1e12), (engine.tan, 1.5707963267948966), (engine.exp, -745.0)],
)
def test_a_right_gradient_is_never_accused(function, at):
    check_gradients(function, [at])
    check_gradients(lambda x: x**2, [1e-200])
    check_gradients(lambda x, y: x * y, [1e-308, 1e-308])
    for tiny in (1e-310, 1e-320):
        for each in (engine.log, engine.sqrt, lambda x: 1 / x):
            check_gradients(each, [tiny])


def test_a_wrong_gradient_is_not_ok_where_nothing_could_be_measured():
    engine.register("far", lambda x: x + 1e17, lambda x, out: (5.0,))
    try:
        assert not check_gradients(lambda x: engine.TABLE["far"](x), [1.0]).agrees
    finally:
        engine.unregister("far")
    assert not check_gradients(lambda x, y: x - y, [1e17, 1.0]).agrees


@pytest.mark.parametrize("at", [1.0, 1.0000001])
def test_a_jump_is_not_taken_for_a_kink(at):
    row = check_gradients(lambda x: engine.where(x - 1.0, x, 2.0 * x), [at]).rows[0]
    assert row.trouble == "the function jumps at the point"
    assert not row.agrees


@pytest.mark.parametrize("x", [5e-324, -5e-324, 1e-323, 1e-322, 2e-322, 2.3e-308])
def test_the_smallest_numbers_are_measured_or_said_to_be_too_small(x):
    report = check_gradients(lambda a: a * 3.0, [x])
    assert report.rows[0].numeric in (pytest.approx(3.0), 0.0)

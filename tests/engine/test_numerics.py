"""Numbers that `math` does not have: against mpmath and Python's own, at usual points, extremes and borders."""

import math
import os
from random import Random

import pytest

import engine
from engine import TABLE, DomainError, Value

from .routes.truth import troubles

POINTS = int(os.environ.get("STEPGRAD_POINTS", "150"))  # of each operation
SPECIAL = (
    0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 0.5, 2.0, 1 - 2**-53, 1 + 2**-52, -1 + 2**-53, 3 + 2**-51, -3 - 2**-51, 5e-324,
    -5e-324, 1e-310, 1e-200, 1e200, -1e200, 1.7e308, 710.0, -710.0, 1023.9, -1074.0, 1e16, 2.0**53, 1e5, 40.0, -40.0,
)  # fmt: skip
OPERATIONS = (
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "clip", "cosh", "exp2", "floor",
    "hardsigmoid", "hardswish", "hardtanh", "hypot", "log10", "log2", "logaddexp", "mish", "mod", "selu", "sinc",
    "sinc_slope", "sinh", "softsign",
)  # fmt: skip


def drawn(draw):
    """Return a number: special, in a usual range, of any size, near a border, or near a whole number."""
    return draw.choice((
        lambda: draw.choice(SPECIAL),
        lambda: draw.uniform(-1.0, 1.0),
        lambda: draw.gauss(0.0, 5.0),
        lambda: draw.choice((1, -1)) * 10.0 ** draw.uniform(-300, 300),
        lambda: draw.choice((1, -1, 3, -3)) * (1 + draw.choice((1, -1)) * 10.0 ** draw.uniform(-16, -1)),
        lambda: draw.randint(-20, 20) + draw.choice((0.0, draw.uniform(-1e-9, 1e-9))),
    ))()  # fmt: skip


@pytest.mark.parametrize("name", OPERATIONS)
def test_values_and_slopes_are_right_to_the_last_digits(name):
    looked_at = 0
    for place in range(POINTS):
        draw = Random(f"{name} {place}")
        operation = TABLE[name].bind(order=float(draw.randint(0, 6))) if name == "sinc_slope" else TABLE[name]
        operands = [Value(drawn(draw)) for _ in range(operation.arity)]
        if operation.arity > 1 and draw.random() < 0.1:
            operands[1] = Value(operands[0].data)
        try:
            out = operation(*operands)
        except DomainError:
            continue
        wrong, count = troubles(out)
        assert not wrong
        looked_at += count
    assert looked_at > POINTS / 4


@pytest.mark.parametrize("x", [7.5, -7.5, 0.0, -0.0, 6.0, -6.0, 1e300, math.inf, -1e-20])
@pytest.mark.parametrize("y", [2.0, -2.0, 0.1, math.inf, 0.0])
def test_the_rest_of_a_division_is_that_of_python(x, y):
    try:
        expected = x % y
    except ZeroDivisionError:
        expected = None
    if expected is None or math.isinf(x):
        with pytest.raises(DomainError, match=r"x % y has no value .* y != 0"):
            Value(x) % y
    else:
        assert repr((Value(x) % y).data) == repr(expected)
        assert repr((x % Value(y)).data) == repr(expected)


def test_whole_parts_keep_the_sign_of_0_and_infinity():
    assert [repr(engine.floor(x)) for x in (-0.0, 0.5, -0.5, math.inf, 1e300)] == [
        "-0.0",
        "0.0",
        "-1.0",
        "inf",
        "1e+300",
    ]
    assert [repr(engine.ceil(x)) for x in (-0.0, 0.5, -0.5, -math.inf)] == ["-0.0", "1.0", "-0.0", "-inf"]


def test_distances_of_whole_numbers_are_whole():
    for a, b, c in ((3, 4, 5), (5, 12, 13), (8, 15, 17), (119, 120, 169)):
        assert engine.hypot(a, -b) == c
    assert engine.hypot(math.inf, 1.0) == math.inf
    assert engine.hypot(0.0, 0.0) == 0.0
    assert math.isnan(engine.hypot(math.nan, 1.0))
    with pytest.raises(DomainError, match="no derivative .* x != 0 or y != 0"):
        x = Value(0.0)
        engine.hypot(x, 0.0).backward()


def test_not_a_number_is_not_clipped():
    assert math.isnan(engine.clip(math.nan, 0.0, 1.0))
    assert math.isnan(engine.clip(2.0, math.nan, 1.0))


def test_derivatives_of_sinc_of_high_order_at_0():
    x = Value(0.0)
    node, found = engine.sinc(x), []
    for _ in range(6):
        node = engine.grad(node, x)
        found.append(node.data)
    expected = [0.0, -(math.pi**2) / 3, 0.0, math.pi**4 / 5, 0.0, -(math.pi**6) / 7]  # of 1 - u**2/3! + u**4/5! - ...
    assert found == pytest.approx(expected)


def test_far_out_sinc_is_0():
    x = Value(math.inf, "x")
    out = engine.sinc(x)
    assert out.data == 0.0
    with pytest.raises(DomainError, match="no derivative .* a finite x"):
        out.backward()


@pytest.mark.parametrize("order", [-1.0, 0.5])
def test_a_derivative_has_a_whole_order(order):
    with pytest.raises(DomainError, match="an order of 0, 1, 2"):
        Value(1.0).sinc_slope(order=order)


@pytest.mark.parametrize("order", [0.0, 1.0, 2.0, 3.0])
def test_the_slopes_of_sinc_at_what_is_not_a_number(order):
    assert math.isnan(engine.TABLE["sinc_slope"](math.nan, order=order))

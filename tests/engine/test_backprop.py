"""backward, grad, jvp, jacobian, hessian."""

import math

import pytest

import engine
from engine import UndefinedDerivativeError, Value, grad, hessian, jacobian, jvp
from tests.engine.test_graph import random_graph


def test_leaves_accumulate_and_interior_nodes_restart():
    a = Value(3.0)
    b = a * 2.0
    c = b * b
    c.backward()
    assert (a.grad, b.grad, c.grad) == (24.0, 12.0, 1.0)
    c.backward()
    assert (a.grad, b.grad, c.grad) == (48.0, 12.0, 1.0)


def test_the_seed_scales_and_a_leaf_as_root_accumulates():
    a = Value(3.0)
    (a * 2.0).backward(seed=5)
    assert a.grad == 10.0
    a.backward()
    assert a.grad == 11.0
    with pytest.raises(TypeError, match="seed: expected a real number"):
        a.backward("1")


def test_zero_grad_reaches_the_whole_graph():
    a = Value(3.0)
    b = a * 2.0
    c = b.tanh()
    c.backward()
    c.zero_grad()
    assert a.grad == b.grad == c.grad == 0.0


def test_an_undefined_derivative_is_an_error_only_when_it_is_needed():
    x = Value(0.0, "x")
    root = engine.sqrt(x)
    assert root.data == 0.0
    assert repr(root.local_grads) == "(undefined,)"
    with pytest.raises(
        UndefinedDerivativeError, match=r"sqrt\(x\) has no derivative with respect to x at x = 0.0 \(labelled 'x'\)"
    ):
        root.backward()
    with pytest.raises(UndefinedDerivativeError, match="at the node Value"):
        grad(root, x)
    with pytest.raises(UndefinedDerivativeError):
        jvp(root, {x: 1.0})
    y = Value(2.0)
    assert grad(root + y, y).data == 1.0  # not needed on the way to y
    assert jvp(root + y, {y: 1.0}) == 1.0


def test_after_an_error_no_gradient_is_changed():
    x = Value(0.0)
    (x * 3.0).backward()
    root = engine.sqrt(x) + x
    with pytest.raises(UndefinedDerivativeError):
        root.backward()
    assert x.grad == 3.0
    assert root.grad is None


def test_a_negative_base_has_no_derivative_by_the_exponent():
    base, exponent = Value(-2.0), Value(3.0)
    root = base**exponent
    assert root.data == -8.0
    assert grad(root, base).data == 12.0
    root.backward()
    assert (base.grad, repr(exponent.grad)) == (12.0, "undefined")
    with pytest.raises(UndefinedDerivativeError, match="with respect to y at x = -2.0, y = 3.0.*plain number"):
        exponent.data -= 0.1 * exponent.grad
    zero = Value(0.0) ** Value(2.0)
    zero.backward()
    assert [x.grad for x in zero.inputs] == [0.0, 0.0]


# --- grad -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", range(1, 6))
def test_derivatives_of_any_order(order):
    x = Value(0.4)
    derivative = engine.exp(x * 2.0)
    for _ in range(order):
        derivative = grad(derivative, x)
    assert derivative.data == pytest.approx(2.0**order * math.exp(0.8), rel=1e-12)


def test_the_fourth_derivative_of_sine_is_sine():
    x = Value(0.7)
    derivative = x.sin()
    for _ in range(4):
        derivative = grad(derivative, x)
    assert derivative.data == pytest.approx(math.sin(0.7), rel=1e-14)


@pytest.mark.parametrize("seed", range(30))
def test_grad_equals_backward_and_changes_nothing(seed):
    first, root = random_graph(seed)
    root.backward()
    expected = [x.grad or 0.0 for x in first]
    before = [(n.grad, n.inputs, n.local_grads) for n in engine.topological_order(root)]
    assert [g.data for g in grad(root, first)] == expected
    assert jacobian([root], first) == [expected]
    assert before == [(n.grad, n.inputs, n.local_grads) for n in engine.topological_order(root)]


def test_grad_by_one_by_several_by_none_and_by_an_interior_node():
    a, b, elsewhere = Value(2.0), Value(3.0), Value(1.0)
    elsewhere.grad = 9.0
    inner = a * b
    root = inner * inner
    assert grad(root, a).data == 36.0
    assert [g.data for g in grad(root, [b, elsewhere, inner])] == [24.0, 0.0, 12.0]
    assert grad(root, []) == []
    assert grad(root, root).data == 1.0
    assert grad(a, elsewhere).data == 0.0
    assert elsewhere.grad == 9.0


def test_a_gradient_can_be_part_of_a_loss():
    # d/dx (dy/dx)^2 for y = x^3: 2 * 3x^2 * 6x = 36 x^3
    x = Value(0.5)
    (grad(x**3, x) ** 2).backward()
    assert x.grad == pytest.approx(36.0 * 0.125, rel=1e-14)


def test_derivatives_of_edited_data_are_those_of_the_recording():
    x = Value(2.0)
    root = x * x
    x.data = 3.0
    assert grad(root, x).data == 4.0
    assert grad(grad(root, x), x).data == 2.0
    root.backward()
    assert x.grad == 4.0


def test_not_a_number_does_not_count_as_edited():
    x = Value(math.nan)
    assert math.isnan(grad(x * x, x).data)


# --- forward mode, Jacobian, Hessian -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_forward_mode_agrees_with_reverse_mode(seed):
    first, root = random_graph(seed)
    direction = [0.3, -1.0, 2.0, 0.7]
    gradient = jacobian([root], first)[0]
    expected = sum(g * d for g, d in zip(gradient, direction, strict=True))
    assert jvp(root, dict(zip(first, direction, strict=True))) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_jvp_of_what_stands_still_and_of_an_input_itself():
    x, y = Value(2.0), Value(3.0)
    assert jvp(x * 2, {y: 1.0}) == 0.0
    assert jvp(x, {x: 5}) == 5.0
    with pytest.raises(TypeError, match="tangent: expected a real number"):
        jvp(x, {x: "fast"})


def test_jacobian_of_both_shapes():
    x, y = Value(2.0), Value(3.0)
    tall = [x * y, x + y, x / y]
    assert jacobian(tall, [x, y]) == [[3.0, 2.0], [1.0, 1.0], [1.0 / 3.0, -2.0 / 9.0]]
    assert jacobian([x * y], [x, y, Value(0.0)]) == [[3.0, 2.0, 0.0]]
    assert jacobian([Value(1.0)], [x, y]) == [[0.0, 0.0]]
    assert jacobian([], [x]) == []


def test_the_hessian_of_the_rosenbrock_function():
    # closed form: [[1200 x^2 - 400 y + 2, -400 x], [-400 x, 200]]
    x, y = Value(1.2), Value(-0.7)
    found = hessian((1 - x) ** 2 + 100 * (y - x * x) ** 2, [x, y])
    expected = [1200 * 1.44 + 280 + 2, -480.0, -480.0, 200.0]
    assert [*found[0], *found[1]] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_hessians_are_symmetric(seed):
    first, root = random_graph(seed, size=15)
    rows = hessian(root, first)
    for i in range(4):
        for j in range(i):
            assert rows[i][j] == pytest.approx(rows[j][i], rel=1e-9, abs=1e-9)

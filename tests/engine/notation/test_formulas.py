"""Formulas as the debugger writes them."""

import pytest

import engine
from engine import Value
from engine.notation.formulas import expression, local_derivative, product, statement, with_numbers


@pytest.fixture
def a():
    return Value(-2.0, "a")


def called(node):
    return node.label or f"{node.data:g}"


def test_a_statement_stands_as_it_was_computed(a):
    """Nothing is simplified, for each operand gets a contribution of its own."""
    assert statement(a * a, called) == "a * a"
    assert statement(a * 1.0, called) == "a * 1"
    assert statement(a, called) == ""


def test_numbers_get_the_brackets_that_they_need(a):
    assert with_numbers(a * a) == "-2 * (-2)"
    assert with_numbers(a**2) == "(-2) ** 2"
    assert with_numbers(a - 3.0) == "-2 - 3"


def test_a_local_derivative_is_read_from_the_table(a):
    b = Value(3.0, "b")
    out = engine.tanh(a)
    out.label = "t"
    assert str(local_derivative(out, 0, called)) == "1 - t ** 2"
    assert str(local_derivative(a * b, 0, called)) == "b"
    assert local_derivative(a + b, 0, called) == 1.0
    assert local_derivative(a * 3.0, 0, called) == 3.0


def test_a_rule_that_is_not_for_symbols_has_no_formula(a):
    step = engine.register("steplike", lambda x: float(x > 0), lambda x, out: (1.0 if x > 0 else 0.0,))
    try:
        assert local_derivative(step(a), 0, called) is None
    finally:
        engine.unregister("steplike")


def test_a_product_keeps_its_factors():
    assert product("1", "-3") == "1 * (-3)"
    assert product(1.0, "d.grad") == "1 * d.grad"


def test_an_expression_names_what_is_labelled_or_long(a):
    b = a + 1.0
    b.label = "b"
    root = b * b
    assert expression([*engine.topological_order(root)], called) == "b * b"
    total = Value(0.0, "x")
    for _ in range(40):
        total = total + a
    order = engine.topological_order(total)
    text = expression(order, lambda node: node.label or f"v{order.index(node)}")
    assert text.endswith(" + a")
    assert len(text) < 80

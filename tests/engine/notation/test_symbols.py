"""Symbols: the rules of the table, read as formulas."""

import ast
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import TABLE, OperationError, ops
from engine.notation.formulas import Symbol, local_derivatives, names_in, write_expression, write_number

NAMES = ("x", "y", "z")
ARITHMETIC = [ops.add, ops.sub, ops.mul, ops.div]
FUNCTIONS = {name: TABLE[name] for name in ("tanh", "sin", "relu")}
POWERS = [ops.power.bind(exponent=float(n)) for n in (1, 2, 3, -2)]


def computed(expression, numbers):
    """Return the number of an expression."""
    if not isinstance(expression, Symbol):
        return expression
    if expression.name:
        return numbers[expression.name]
    return expression.operation(*(computed(x, numbers) for x in expression.operands))


def bits(number):
    return struct.pack("<d", number)


symbols = st.sampled_from([Symbol(name) for name in NAMES])


def trees(leaves):
    functions = st.sampled_from([ops.neg, *FUNCTIONS.values(), *POWERS])
    return st.recursive(
        leaves,
        lambda parts: st.tuples(st.sampled_from(ARITHMETIC), parts, parts) | st.tuples(functions, parts),
    )


def built(tree, leaf):
    """Return what a tree of operations is, of what its names stand for."""
    if isinstance(tree, tuple):
        return tree[0](*(built(part, leaf) for part in tree[1:]))
    return leaf(tree)


numbers = st.fixed_dictionaries({name: st.floats(-3.0, 3.0) for name in NAMES})


@given(trees(symbols | st.sampled_from([1.0, -1.0, 2.0, -0.5])), numbers)
def test_simplification_changes_no_bit(tree, at):
    try:
        expected = built(tree, lambda leaf: at[leaf.name] if isinstance(leaf, Symbol) else leaf)
        expression = built(tree, lambda leaf: leaf)
    except ArithmeticError:
        return  # outside the domain
    assert bits(computed(expression, at)) == bits(expected)


@given(trees(symbols), numbers)
def test_what_is_written_means_the_same(tree, at):
    try:
        expression = built(tree, lambda leaf: leaf)
        expected = computed(expression, at)
    except ArithmeticError:
        return
    text = write_expression(expression).replace("relu", "relu_")
    ast.parse(text, mode="eval")
    known = {**at, "tanh": math.tanh, "sin": math.sin, "relu_": lambda x: max(x, 0.0)}
    assert eval(text, known) == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("operation", TABLE.values(), ids=lambda op: op.name)
def test_rules_read_with_symbols_are_rules_read_with_numbers(operation):
    operands = [Symbol(name) for name in operation.operands]
    derivatives = local_derivatives(operation, operands, Symbol("out"))
    for sample in operation.samples:
        at = {**dict(zip(operation.operands, sample, strict=True)), "out": operation.value(*sample)}
        assert [computed(d, at) for d in derivatives] == list(map(float, operation.rule(*sample, at["out"])))


@pytest.mark.parametrize(
    ("expression", "text", "latex"),
    [
        (lambda x, y: (x - y) - (x - y), "x - y - (x - y)", r"x - y - \left(x - y\right)"),
        (lambda x, y: x / y / (x / y), "x / y / (x / y)", r"\frac{\frac{x}{y}}{\frac{x}{y}}"),
        (lambda x, y: -(x + y) * y, "-(x + y) * y", r"-\left(x + y\right) \cdot y"),
        (lambda x, y: (-x) ** 2.0, "(-x) ** 2", r"{\left(-x\right)}^{2}"),
        (lambda x, y: -(x**2.0), "-x ** 2", r"-{x}^{2}"),
        (lambda x, y: x ** (y**2.0), "x ** y ** 2", r"{x}^{{y}^{2}}"),
        (lambda x, y: (x**y) ** 2.0, "(x ** y) ** 2", r"{\left({x}^{y}\right)}^{2}"),
        (lambda x, y: 2.0**x - -y, "2 ** x - (-y)", r"{2}^{x} - \left(-y\right)"),
        (lambda x, y: ops.exp(x + y) + 1.0, "exp(x + y) + 1", "e^{x + y} + 1"),
        (lambda x, y: ops.exp(x) ** 2.0 / y, "exp(x) ** 2 / y", r"\frac{{\left(e^{x}\right)}^{2}}{y}"),
        (
            lambda x, y: (x / y) ** 2.0 * (x / y),
            "(x / y) ** 2 * (x / y)",
            r"{\left(\frac{x}{y}\right)}^{2} \cdot \frac{x}{y}",
        ),
        (lambda x, y: x ** (x + y), "x ** (x + y)", "{x}^{x + y}"),
        (
            lambda x, y: (x * 1e-7) ** 2.0,
            "(x * 1e-07) ** 2",
            r"{\left(x \cdot \left(1 \cdot 10^{-7}\right)\right)}^{2}",
        ),
    ],
)
def test_brackets_stand_where_they_are_needed(expression, text, latex):
    found = expression(Symbol("x"), Symbol("y"))
    assert str(found) == repr(found) == text
    assert write_expression(found, latex=True) == latex


@pytest.mark.parametrize(
    ("x", "text", "exact", "latex"),
    [
        (2.0, "2", "2", "2"),
        (-1 / 3, "-0.333333", "-0.3333333333333333", "-0.333333"),
        (1e300, "1e+300", "1e+300", r"1 \cdot 10^{300}"),
        (-2.5e-7, "-2.5e-07", "-2.5e-07", r"-2.5 \cdot 10^{-7}"),
        (math.inf, "inf", "inf", r"\infty"),
    ],
)
def test_numbers_are_written_short_or_exactly(x, text, exact, latex):
    assert (write_number(x)[0], write_number(x, exact=True)[0], write_number(x, latex=True)[0]) == (text, exact, latex)


def test_what_changes_no_bit_is_simplified():
    x = Symbol("x")
    assert ops.neg(ops.neg(x)) is 1.0 * x is x * 1.0 is x / 1.0 is x**1.0 is x
    assert str(-1.0 * x) == "-x"


@pytest.mark.parametrize(
    "rule",
    [
        lambda x, out: (math.exp(x),),
        lambda x, out: (1.0 if x > 0.0 else 0.0,),
        lambda x, out: (1.0 if x else 0.0,),
    ],
)
def test_a_rule_that_only_numbers_can_follow_is_told_of(rule):
    operation = ops.op("bent", math.sin, rule)
    with pytest.raises(OperationError, match=r"rule of bent cannot be read as a formula.*where\("):
        local_derivatives(operation, [Symbol("x")], Symbol("out"))


def test_names_are_found_once_each():
    x, y = Symbol("x"), Symbol("y")
    assert names_in(y + x * y - 2.0) == ["y", "x"]
    assert names_in(1.0) == []


def test_numbers_of_any_kind_become_floats():
    product = 3 * Symbol("x")
    assert product.operands[0] == 3.0
    assert isinstance(product.operands[0], float)

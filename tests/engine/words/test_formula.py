"""Formulas: what is written means what was computed, and reads well."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import TABLE, Formula, GraphError, Value, abs, exp, formula, label, leaves, parse, tanh
from engine.words.formula import MAX_LENGTH
from tests.engine.program.graphs import bits, random_graph

from .graphs import example


def read_back(root, **how):
    """Return the number that the written formula of a graph has, read by `parse`."""
    for place, leaf in enumerate(leaves(root)):
        leaf.label = leaf.label or f"given_{place}"
    return parse(formula(root, **how).text, **{leaf.label: leaf.data for leaf in leaves(root)}).data


@given(st.integers(0, 10**9))
def test_what_is_written_is_what_was_computed(seed):
    root, _ = random_graph(seed)
    assert bits(read_back(root)) == bits(root.data)


@given(st.integers(0, 10**9))
def test_labels_change_lines_and_no_number(seed):
    root, _ = random_graph(seed)
    waiting, draw = [root], random.Random(seed)
    while waiting:
        node = waiting.pop()
        if draw.random() < 0.3 and not node.label and node.inputs:
            node.label = draw.choice(["part", "w[0]", "two words", "lambda", "tanh", "θ", "e", "ﬁ", "1st"])
        waiting.extend(draw.sample(node.inputs, min(1, len(node.inputs))))
    assert bits(read_back(root)) == bits(root.data)


@given(st.integers(0, 10**9))
def test_small_graphs_are_right_in_one_expression_too(seed):
    root, _ = random_graph(seed, size=8)
    assert bits(read_back(root, inline=True)) == bits(root.data)
    assert "=" not in formula(root, inline=True).text.replace(f"{root.label} = ", "", 1)


@pytest.mark.parametrize("operation", TABLE.values(), ids=lambda operation: operation.name)
def test_every_operation_is_written_so_that_it_can_be_read(operation):
    for sample in operation.samples:
        root = operation(*[Value(number, f"x{place}") for place, number in enumerate(sample)])
        assert read_back(root) == pytest.approx(root.data, rel=1e-12, nan_ok=True)
        assert formula(root).latex == operation.written_in_latex(*[f"x_{{{i}}}" for i in range(len(sample))])


def test_labelled_parts_get_lines_of_their_own():
    *_, f = example()
    assert formula(f).text == "d = a * b + c\ne = tanh(d)\nf = e * d + a"
    assert formula(f, inline=True).text == "f = tanh(a * b + c) * (a * b + c) + a"
    assert str(formula(f)) == formula(f).text


def test_in_latex_the_result_comes_first():
    *_, e, f = example()
    assert formula(f).latex == (
        "\\begin{aligned}\nf &= e \\cdot d + a \\\\\n\\text{where } e &= \\tanh\\left(d\\right) \\\\\n"
        "d &= a \\cdot b + c\n\\end{aligned}"
    )
    unnamed = formula(e + 1.0).latex
    assert unnamed.startswith("\\begin{aligned}\n&e + 1 \\\\\n\\text{where } e &= ")
    assert formula(e, inline=True).latex == r"e = \tanh\left(a \cdot b + c\right)"
    assert formula(f)._repr_latex_() == formula(f)._repr_markdown_() == f"$$\n{formula(f).latex}\n$$"
    assert formula(e, inline=True)._repr_latex_().startswith(r"$\displaystyle e = ")


def test_parts_that_are_big_get_a_line_where_they_are_used_again():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    small, big = a + b, tanh(a * b + exp(a))
    assert formula(small * small + big).text == "(a + b) * (a + b) + tanh(a * b + exp(a))"
    assert formula(small * small + big / big).text == "v7 = tanh(a * b + exp(a))\n(a + b) * (a + b) + v7 / v7"


def test_long_expressions_are_broken():
    total = Value(1.0, "x0")
    for place in range(1, 60):
        total = total + Value(1.0, f"x{place}")
    text = formula(total).text
    assert max(map(len, text.split("\n"))) < MAX_LENGTH + 30
    assert len(text.split("\n")) > 3
    assert len(formula(total, inline=True).text.split("\n")) == 1


def test_variables_name_what_has_no_label():
    w = [Value(2.0), Value(3.0)]
    product = w[0] * w[1]
    assert formula(product + 1.0, names={"w": w, "p": product}).text == "p = w_0 * w_1\np + 1"
    assert formula(product, names={"w": w}).latex == r"w_{0} \cdot w_{1}"
    assert formula(w[0]).text == "v0"


def test_numbers_are_exact_in_text_and_short_in_latex():
    x = Value(1.0, "x")
    written = formula(x * (1.0 / 3.0) - 1e-7)
    assert written == Formula("x * 0.3333333333333333 - 1e-07", r"x \cdot 0.333333 - 1 \cdot 10^{-7}")
    assert formula(x * -math.inf).latex == r"x \cdot \left(-\infty\right)"


def test_brackets_in_latex_keep_powers_apart():
    x, y = Value(2.0, "x"), Value(3.0, "y")
    assert formula((x / y) ** 2).latex == r"{\left(\frac{x}{y}\right)}^{2}"
    assert formula(exp(x) ** 2).latex == r"{\left(e^{x}\right)}^{2}"
    assert formula(exp(x) * (x / y)).latex == r"e^{x} \cdot \frac{x}{y}"
    assert formula(x ** (x + y)).latex == "{x}^{x + y}"
    assert formula(abs(x) ** 2).latex == r"{\left|x\right|}^{2}"


def test_an_expression_that_explodes_is_refused_only_inline():
    y = Value(1.0, "x")
    for _ in range(60):
        y = y * y
    with pytest.raises(GraphError, match="leave inline=True out"):
        formula(y, inline=True)
    assert len(formula(y).text) < 5000


def test_a_long_chain_is_no_trouble():
    x = y = Value(1.0, "x")
    for _ in range(20_000):
        y = tanh(y)
    assert read_back_lines(formula(y).text, x.data) == y.data


def read_back_lines(text, x):
    """Return the number of a program of nested tanh, too long for `parse`."""
    for line in text.split("\n"):
        for _ in range(line.count("tanh(")):
            x = math.tanh(x)
    return x


def test_names_that_are_taken_get_numbers():
    first, second = Value(1.0, "w"), Value(2.0, "w")
    assert formula(first * second).text == "w * w_2"
    label(θ=first)
    assert formula(first * second) == Formula("θ * w", r"\theta  \cdot w")

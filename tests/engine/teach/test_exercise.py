"""Exercises on expressions of one's own: any can be asked about, and each wrong answer gets its hint."""

import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import DomainError, ExpressionError, GradientMismatchError, UsageError, Value, leaves
from engine.teach.exercise import (
    ask_gradient,
    ask_nudge,
    ask_number,
    ask_order,
    ask_path_count,
    ask_second_derivative,
    ask_speed,
    ask_update,
)
from engine.teach.item import is_near
from engine.words.mistakes import wrong_number


@pytest.mark.parametrize("answer", [Fraction(1, 4), Value(0.25), True * 0.25, "1/4", "sigmoid(0) / 2"])
def test_answers_may_be_numbers_of_any_kind(answer):
    assert ask_gradient("sigmoid(x)", "x", x=0).respond(answer) == "Right: df/dx = 0.25."


@pytest.mark.parametrize("answer", [None, [0.25], 1j])
def test_what_is_not_a_number_is_not_an_answer(answer):
    said = ask_gradient("sigmoid(x)", "x", x=0).respond(answer)
    assert said.startswith("An answer is a number, such as -2 or 1/3, not ")


def test_not_a_number_is_not_yet_right():
    assert ask_gradient("sigmoid(x)", "x", x=0).respond(float("nan")).startswith("Not yet. ")


def test_an_answer_may_contain_the_names_of_the_expression():
    assert ask_gradient("d = a*b; d*d", "a", a=2, b=3).respond("2*d*b") == "Right: df/da = 36."


def test_an_update_names_the_step():
    item = ask_update("L = w*w", "w", 0.25, w=2)
    assert item.question.endswith(
        "One step of gradient descent on w, with the learning rate 0.25: what is w after the step?"
    )
    assert item.number == 1.0
    assert item.judge(3).code == "uphill"
    assert item.solution[-1] == "w = 2 - 0.25 * 4 = 1"


def test_a_question_of_ones_own():
    item = ask_number("How much?", "it", 2.0, "Think.", (3.0, "Too much."), wrong_number(-2.0, "sign"))
    assert item.respond(3) == "Not yet. Too much."
    assert item.judge(-2).code == "sign"
    assert item.respond(7) == "Not yet. Think."


def test_an_order_of_ones_own():
    item = ask_order("p = x*x; q = p + y; q*p", x=1, y=2)
    assert item.judge("x y p q f").is_right
    assert item.solution == ("x, y, p, q, f",)


def test_an_expression_of_ones_own():
    mine = ask_gradient("tanh(a*b) + a", "a", a=0.5, b=2)
    assert mine.root is not None
    assert [leaf.label for leaf in leaves(mine.root)] == ["a", "b"]
    assert mine.question == "f = tanh(a*b) + a, with a = 0.5, b = 2. What is df/da?"
    assert mine.respond(2 * 0.41997434 + 1) == "Right: df/da = 1.83995."
    assert "Missing: f -> a" in mine.respond(0.84)
    assert "is left out" in ask_gradient("3*tanh(a*b)", "a", a=0.5, b=2).respond(6)


def test_the_result_has_a_name_that_is_free():
    assert ask_gradient("f*g", "f", f=2, g=3).question == "y = f*g, with f = 2, g = 3. What is dy/df?"
    assert ask_gradient("d = 2*x\nL = d*d", "x", x=1).question == "d = 2*x; L = d*d, with x = 1. What is dL/dx?"


def test_all_paths_through_many_nodes_are_no_matter():
    text = "; ".join(["d0 = x + x", *(f"d{i} = d{i - 1} + d{i - 1}" for i in range(1, 40))])
    mine = ask_gradient(text, "x", x=1.0)
    assert mine.number == 2.0**40
    assert ask_path_count(text, "x", x=1.0).number == 2**40


def test_a_part_that_does_not_reach_the_result_changes_nothing():
    assert ask_gradient("d = a*b; e = d + a; d*2", "a", a=2, b=3).respond(6) == "Right: df/da = 6."


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: ask_gradient("a*b", "c", a=2, b=3), UsageError, "no node 'c'; it has 'a', 'b' and 'f'"),
        (lambda: ask_gradient("a*b", "a", a=2), ExpressionError, "b has no number"),
        (lambda: ask_gradient("relu(x)", "x", x=0), GradientMismatchError, "on a kink"),
        (lambda: ask_gradient("log(x)", "x", x=0), DomainError, "needs x > 0"),
        (lambda: ask_second_derivative("relu(x)*x", "x", "x", x=0), GradientMismatchError, "on a kink"),
        (lambda: ask_nudge("a*b", "z", 0.1, a=2, b=3), UsageError, "no node 'z'"),
        (lambda: ask_speed("a*b", {"z": 1}, a=2, b=3), UsageError, "no node 'z'"),
    ],
)
def test_what_cannot_be_asked_is_an_error(make, error, says):
    with pytest.raises(error, match=re.escape(says)):
        make()


def test_nothing_is_left_of_the_numbers_power_of_zero():
    """Rules that would divide by an exponent of 0, or have no other operand, are not broken."""
    assert ask_gradient("x**0 + x", "x", x=2).number == 1.0
    assert ask_gradient("-x", "x", x=2).number == -1.0


EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b", "2"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["tanh", "sigmoid", "sin"]), inner).map(lambda t: f"{t[0]}({t[1]})"),
        inner.map(lambda t: f"({t})**2"),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(EXPRESSIONS, st.sampled_from([-2.0, -0.5, 0.5, 3.0]), st.sampled_from([-1.0, 0.25, 2.0]))
def test_any_expression_can_be_asked_about(text, a, b):
    mine = ask_gradient(f"{text} + a*b", "a", a=a, b=b)
    assert mine.judge(mine.number).is_right
    for mistake in mine.mistakes:
        assert mine.judge(mistake.number).is_right == is_near(mistake.number, mine.number)

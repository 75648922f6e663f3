"""Conditions: read, never run as Python."""

import pytest

from engine import Value
from engine.debugger.condition import Formula
from engine.debugger.session import Session
from engine.notation.expression import ExpressionError


@pytest.fixture
def session():
    """Steps: a 0, b 1, d = a*b 2, e = d + w[0] 4, seed 5, then d, w[0], a, b."""
    a, b, w = Value(2.0, "a"), Value(-3.0, "b"), [Value(0.5)]
    d = a * b
    d.label = "d"
    return Session(d + w[0], {"w": w})


@pytest.fixture
def at(session):
    return lambda text, index: Formula(text, session.names).at(session.walk.at(index))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("a.grad", -3.0),
        ("a.data * b", -6.0),
        ("w[0] + w[0].grad", 1.5),
        ('"w[0]".data', 0.5),
        ("'a'.grad", -3.0),
        ("|b| + |a|", 5.0),
        ("tanh(0) + pi", pytest.approx(3.141592653589793)),
        ("a.grad < 0", True),
        ("1 < a <= 2 and not b > 0", True),
        ("a > 5 or isnan(a.grad) or isinf(b)", False),
        ("a == 2 and b != 2 and b >= -3", True),
        ("1 / (a - 2)", None),  # no value
    ],
)
def test_numbers_of_nodes(at, session, text, number):
    assert at(text, session.end) == number


def test_what_is_not_there_yet_is_not_known(at):
    assert at("d", 2) is None
    assert at("a.grad > -9", 3) is None
    assert at("d", 4) == -6.0


def test_words_of_a_step(at, session):
    last = session.end - 1
    assert at("grad", session.end) == 2.0
    assert at("step", session.end) == last
    assert at("local * upstream - contribution", session.end) == 0.0
    assert at("after - before", session.end) == 2.0
    seed = session.walk.seed_index
    assert [at(word, seed + 1) for word in ("grad", "contribution", "before", "after")] == [1.0, 1.0, 0.0, 1.0]
    assert at("local", seed + 1) is None
    assert at("data", 3) == session.walk[2].data
    assert at("step", 3) == 2.0
    assert at("grad", 3) is None
    assert at("grad", 0) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the expression is empty"),
        ("loss > 1", "there is no loss here"),
        ("grda > 1", "did you mean 'grad'"),
        ("w[7] > 1", r"there is no w\[7\] here"),
        ("a.gradient > 1", "there is no a.gradient here"),
        ("a in b", "the comparisons are"),
        ("__import__('os')", "unknown function __import__"),
        ("a.grad = 1", "a single expression"),
        ("lambda: 1", "only numbers"),
        ("(" * 5000 + ")" * 5000, "."),
        ("-" * 3000 + "1", "nested too deeply"),
    ],
)
def test_what_is_no_formula_is_pointed_at(session, text, says):
    with pytest.raises(ExpressionError, match=says):
        Formula(text, session.names)

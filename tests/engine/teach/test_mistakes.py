"""Classic mistakes: the wrong numbers that they give, computed by hand."""

import re

import pytest

from engine.notation.expression import parse
from engine.teach import mistakes
from engine.teach.problems import Edge, Problem


def of(text, **numbers):
    return Problem(parse(text, **numbers))


def told(found, number):
    """Return what is said about a wrong number: the first thing."""
    return next((each.told for each in found if each.number == pytest.approx(number)), None)


@pytest.mark.parametrize(
    ("text", "wrong", "says"),
    [
        ("L = a * b", 5, "added where it says \\*, in L"),
        ("L = a * b", -6, "a sign lost in the product"),
        ("L = a + b", 6, "multiplied where it says \\+"),
        ("L = a + b", -1, "subtracted where it says"),
        ("L = a - b", 5, "added where it says -"),
        ("L = a - b", 1, "the wrong way round"),
        ("L = a / b", 1.5, "upside down"),
        ("L = a / b", 6, "multiplied where it says /"),
        ("L = maximum(a, b)", 2, "the smaller one"),
        ("L = minimum(a, b)", 3, "the larger one"),
        ("p = b ** 2; L = p + a", 8, "doubled where it says squared, in p"),
        ("p = b ** 2; L = p + a", -7, "a square has no minus sign, in p"),
        ("p = a - b; q = relu(p); L = q + b", 2, "relu lets nothing below 0 through"),
        ("p = a - b; q = abs(p); L = q + b", 2, "abs takes the sign away"),
        ("p = b ** 2; L = p + a", -11, "the sign is not"),
    ],
)
def test_wrong_values(text, wrong, says):
    assert re.search(says, told(mistakes.of_value(of(text, a=2, b=3).root), wrong))


def test_a_mistake_that_has_no_value_is_left_out():
    assert told(mistakes.of_value(of("L = a / b", a=0, b=3).root), 0.0)  # 3 / 0 is not among them
    found = of("p = a * b; L = log(p)", a=2, b=3)  # log(-6) is not
    assert next(each.told for each in mistakes.of_value(found.root)) == "added where it says *, in p"


def edge(found, name, position):
    return Edge(found.nodes[name], position)


def test_wrong_local_gradients():
    found = of("p = a * b; L = p * c", a=2, b=3, c=5)
    slips = list(mistakes.of_local(found, edge(found, "p", 0)))
    assert "by the wrong operand: by b, not by a" in told(slips, 2)
    assert "upstream gradient dL/dp is in it already" in told(slips, 15)
    assert "this is the value of p" in told(slips, 6)
    assert "the sign is not" in told(slips, -3)


@pytest.mark.parametrize(
    ("text", "wrong", "says"),
    [
        ("L = tanh(a)", 1 - 0.9640275800758169, "the square is missing"),
        ("L = sigmoid(a)", 1 - 0.8807970779778823, "a factor is missing"),
        ("L = log(a)", 2.0, "upside down"),
        ("L = exp(a)", 2.0, "its own derivative"),
        ("L = a ** 2", 2.0, "the factor 2 is missing"),
    ],
)
def test_wrong_slopes_of_functions(text, wrong, says):
    found = of(text, a=2)
    assert says in told(mistakes.of_local(found, edge(found, "L", 0)), wrong)


def test_wrong_slopes_of_quotients_and_differences():
    found = of("L = a / b", a=3, b=2)
    assert "by the wrong operand" in told(mistakes.of_local(found, edge(found, "L", 0)), -0.75)
    assert "1 / y by the operand above" in told(mistakes.of_local(found, edge(found, "L", 1)), 0.75)
    found = of("L = a - b", a=3, b=2)
    assert told(mistakes.of_local(found, edge(found, "L", 1)), 1.0)


def test_wrong_products_along_a_path():
    found = of("p = a * b; L = p * c", a=2, b=3, c=5)
    (path,) = found.paths(found.nodes["a"])
    slips = list(mistakes.of_path(found, path))
    assert told(slips, 8).startswith("added instead of multiplied: 5 + 3;")
    assert "∂L/∂p = 5 is forgotten: it is the upstream gradient" in told(slips, 3)
    assert told(slips, 5).endswith("∂p/∂a = 3 is forgotten")
    assert "at L, this takes the derivative by the wrong operand: by c, not by p" in told(slips, 18)
    assert "at p, this takes the derivative by the wrong operand: by b, not by a" in told(slips, 10)
    assert "the sign is not" in told(slips, -15)


def test_a_path_is_not_the_whole_gradient():
    found = of("p = a ** 2; q = 5 * p; L = q + a", a=3)
    path, _ = found.paths(found.nodes["a"])
    slips = list(mistakes.of_path(found, path))
    assert "the whole gradient of a" in told(slips, 31)
    assert "at p: the factor 2 is missing" in told(slips, 15)


def test_a_path_of_one_edge_has_nothing_to_add_or_forget():
    found = of("L = a * b", a=2, b=3)
    (path,) = found.paths(found.nodes["a"])
    assert not any("forgotten" in each.told or "added" in each.told for each in mistakes.of_path(found, path))


def test_wrong_gradients():
    found = of("p = a * b; q = p * c; L = q + a", a=2, b=3, c=5)  # dL/da = 15 + 1
    slips = list(mistakes.of_gradient(found, found.nodes["a"]))
    assert told(slips, 1) == "forgot a path: L -> q -> p -> a brings another 15"
    assert told(slips, 15) in ("forgot the other paths: this is L -> q -> p -> a alone",
                               "forgot a path: L -> a brings another 1")  # fmt: skip
    assert told(slips, 10).startswith("added instead of multiplied")  # 1 + 5 + 3, and 1
    assert told(slips, 4) == "forgot the upstream gradient: ∂L/∂a and ∂p/∂a alone, without what comes from L"
    assert "at p, this takes the derivative by the wrong operand" in told(slips, 11)
    assert "the sign is not" in told(slips, -16)
    assert "this is the value of a" in told(slips, 2)


def test_paths_are_added_not_multiplied():
    found = of("p = a * b; L = p * a", a=2, b=3)  # 6 + 6
    slips = list(mistakes.of_gradient(found, found.nodes["a"]))
    assert told(slips, 36) == "multiplied the paths, where they are added: 6 + 6"
    assert told(slips, 6).startswith("forgot a path")


def test_wrong_updates():
    found = of("L = a * b", a=2, b=3)
    slips = list(mistakes.of_update(found, found.nodes["a"], 0.1))
    expected = {
        2.3: "uphill", -1: "forgot the learning rate", 1.9: "forgot the gradient", 0.3: "the step alone",
        -0.3: "the change alone", 1.8: "the step has a itself", 2: "before the step",
    }  # fmt: skip
    assert {number: told(slips, number).find(says) >= 0 for number, says in expected.items()} == dict.fromkeys(
        expected, True
    )
    found = of("p = a * b; L = p * a", a=2, b=3)
    assert told(mistakes.of_update(found, found.nodes["a"], 0.1), 1.4).startswith("the gradient is not right: forgot a")


def test_wrong_results_after_an_update():
    found = of("p = a ** 2; L = p + 1", a=3)  # dL/da = 6; a = 3 - 0.6; L = 6.76
    slips = list(mistakes.of_result(found, found.nodes["a"], 0.1))
    assert "before the step" in told(slips, 10)
    assert "uphill" in told(slips, 3.6**2 + 1)
    assert told(slips[1:], 10.0) == "forgot the learning rate"  # from 3 to -3
    assert "the slope at the old place predicts" in told(slips, 10 - 3.6)
    assert "changes a, not L" in told(slips, 10 - 0.6)
    found = of("L = log(a)", a=0.5)  # without the learning rate, a would be -1.5
    assert "forgot the learning rate" not in [each.told for each in mistakes.of_result(found, found.nodes["a"], 0.1)]

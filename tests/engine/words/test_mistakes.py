"""Classic mistakes: the wrong numbers that they give, computed by hand."""

from pathlib import Path

import pytest

from engine.name import Names
from engine.notation.expression import parse
from engine.paths import Paths
from engine.steps.walk import walk
from engine.teach.rules import RULES
from engine.value import Edge
from engine.words import mistakes
from engine.words.mistakes import LOCAL_RULES, MISTAKES, VALUE_RULES


class Graph:
    """An expression with numbers whose nodes have names."""

    def __init__(self, text, **numbers):
        self.walk = walk(parse(text, **numbers))
        self.order, self.root = self.walk.order, self.walk.root
        self.names = Names(self.order)
        self.called = self.names.__getitem__

    def __getitem__(self, name):
        return self.names.find(name)

    def grad(self, node):
        return self.walk.at(len(self.walk)).grad(node)

    def paths(self, name):
        return list(Paths(self.order, self[name]))


def first(found, number):
    """Return the code of a wrong number and what is said about it: of the first mistake that gives it."""
    return next((each[1:] for each in found if each.number == pytest.approx(number)), ("", ""))


# --- the bank -----------------------------------------------------------------------------------------


def test_each_mistake_is_described_once():
    assert len(set(MISTAKES.values())) == len(MISTAKES)
    assert all(sentence.endswith(".") for sentence in MISTAKES.values())
    assert len({rule.__doc__ for rule in RULES.values()}) == len(RULES)


def test_each_mistake_is_used():
    root = Path(__file__).parents[3]
    files = "engine/words/mistakes.py", "engine/teach/exercise.py", "engine/teach/rules.py"
    text = "".join((root / file).read_text() for file in files)
    assert [code for code in MISTAKES if text.count(f'"{code}"') < 2] == []


def test_rules_are_for_mistakes_of_the_bank():
    codes = [code for code, *_ in LOCAL_RULES] + [code for rules in VALUE_RULES.values() for code, *_ in rules]
    assert {*codes, *RULES} <= set(MISTAKES)


def test_names_with_braces_stay_as_they_are():
    assert mistakes.wrong_number(1.0, "step-alone", node="{w}").sentence.endswith("Subtract it from {w}.")


# --- values -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wrong", "code", "says"),
    [
        ("L = a * b", 5, "wrong-operation", "At L, this adds instead of multiplying."),
        ("L = a * b", -6, "sign-lost", "At L"),
        ("L = a + b", 6, "wrong-operation", "this multiplies instead of adding"),
        ("L = a + b", -1, "wrong-operation", "this subtracts instead of adding"),
        ("L = a - b", 5, "wrong-operation", "this adds instead of subtracting"),
        ("L = a - b", 1, "operands-swapped", "At L"),
        ("L = a / b", 1.5, "operands-swapped", "At L"),
        ("L = a / b", 6, "wrong-operation", "this multiplies instead of dividing"),
        ("L = maximum(a, b)", 2, "wrong-operation", "the smaller number"),
        ("L = minimum(a, b)", 3, "wrong-operation", "the larger number"),
        ("p = b ** 2; L = p + a", 8, "wrong-operation", "At p, this doubles instead of squaring."),
        ("p = b ** 2; L = p + a", -7, "sign-lost", "At p"),
        ("p = a - b; q = relu(p); L = q + b", 2, "kink-ignored", "At q, relu"),
        ("p = a - b; q = abs(p); L = q + b", 2, "kink-ignored", "At q, abs"),
        ("p = b ** 2; L = p + a", -11, "sign", "the sign is not"),
    ],
)
def test_wrong_values(text, wrong, code, says):
    graph = Graph(text, a=2, b=3)
    found, said = first(mistakes.of_value(graph.root, graph.called), wrong)
    assert found == code
    assert says in said


def test_a_mistake_that_has_no_value_is_left_out():
    graph = Graph("L = a / b", a=0, b=3)
    assert first(mistakes.of_value(graph.root, graph.called), 0.0)[0] == "wrong-operation"  # 3 / 0 is not among them
    graph = Graph("p = a * b; L = log(p)", a=2, b=3)  # log(-6) is not
    assert [each.code for each in mistakes.of_value(graph.root, graph.called)] == ["wrong-operation", "sign"]


# --- local gradients ----------------------------------------------------------------------------------


def of_local(text, name, place, **numbers):
    graph = Graph(text, **numbers)
    edge = Edge(graph[name], place)
    return list(mistakes.of_local(edge, graph.grad(edge.node), graph.called))


def test_wrong_local_gradients():
    found = of_local("p = a * b; L = p * c", "p", 0, a=2, b=3, c=5)
    code, said = first(found, 2)
    assert code == "wrong-operand"
    assert "with respect to the wrong operand (b, not a)" in said
    code, said = first(found, 15)
    assert code == "upstream-included"
    assert "∂p/∂a alone" in said
    assert first(found, 6)[0] == "value-for-slope"
    assert first(found, -3)[0] == "sign"
    assert first(found, 1)[0] == "product-as-sum"


@pytest.mark.parametrize(
    ("text", "wrong", "code", "says"),
    [
        ("L = tanh(a)", 1 - 0.9640275800758169, "square-left-out", "1 - tanh**2"),
        ("L = tanh(a)", 1 - 2**2, "slope-at-input", "the function's output"),
        ("L = sigmoid(a)", 1 - 0.8807970779778823, "output-left-out", "sigmoid * (1 - sigmoid)"),
        ("L = log(a)", 2.0, "upside-down", "1 / x"),
        ("L = exp(a)", 2.0, "input-for-slope", "its own derivative"),
        ("L = a ** 3", 4.0, "exponent-left-out", "n*x**(n-1)"),
        ("L = a ** 3", 24.0, "exponent-kept", "n*x**(n-1)"),
        ("L = sin(a)", 0.9092974268256817, "value-for-slope", "the value of L"),
        ("L = sin(a)", 1.0, "slope-left-out", "The derivative of L"),
        ("L = -a", 1.0, "minus-left-out", "At L"),
    ],
)
def test_wrong_slopes_of_functions(text, wrong, code, says):
    found, said = first(of_local(text, "L", 0, a=2), wrong)
    assert found == code
    assert says in said


def test_wrong_slopes_of_quotients_and_differences():
    assert first(of_local("L = a / b", "L", 0, a=3, b=2), -0.75)[0] == "wrong-operand"
    assert first(of_local("L = a / b", "L", 1, a=3, b=2), 0.75)[0] == "quotient-rule"
    assert first(of_local("L = a / b", "L", 1, a=3, b=2), 3)[0] == "quotient-rule"
    assert first(of_local("L = a - b", "L", 1, a=3, b=2), 1.0)[0] == "minus-left-out"
    assert first(of_local("L = a - b", "L", 0, a=3, b=2), -1.0)[0] == "sign"


# --- steps --------------------------------------------------------------------------------------------


def test_wrong_numbers_at_a_step_of_the_chain_rule():
    graph = Graph("p = a * b; L = p * c + a", a=2, b=3, c=5)
    step = next(each for each in graph.walk if each.kind == "backward" and each.node is graph["p"])
    assert (step.operand, step.local, step.upstream, step.before) == (graph["a"], 3, 5, 1)
    found = list(mistakes.of_step(step, graph.called))
    expected = {
        3: "upstream-left-out", 5: "local-left-out", 8: "added-not-multiplied", 16: "total-for-contribution",
        10: "wrong-operand", -15: "sign",
    }  # fmt: skip
    assert {number: first(found, number)[0] for number in expected} == expected
    assert "∂p/∂a alone" in first(found, 3)[1]
    assert "the whole gradient of a" in first(found, 16)[1]


def test_wrong_numbers_at_the_other_steps():
    graph = Graph("p = a * b; L = p + c", a=2, b=3, c=5)
    found = list(mistakes.of_step(graph.walk[graph.walk.seed_index], graph.called))
    assert first(found, 11)[0] == "value-for-seed"
    assert first(found, 0)[0] == "seed-left-out"
    found = list(mistakes.of_step(graph.walk[graph.walk.made_in(graph.root)], graph.called))
    assert first(found, 30)[0] == "wrong-operation"
    assert first(found, 10) == ("", "")  # 2 + 3 + 5: p is given


# --- paths and gradients ------------------------------------------------------------------------------


def test_wrong_products_along_a_path():
    graph = Graph("p = a * b; L = p * c", a=2, b=3, c=5)
    (path,) = graph.paths("a")
    found = list(mistakes.of_path(path, graph.grad(graph["a"]), graph.called))
    code, said = first(found, 8)
    assert code == "added-not-multiplied"
    assert said == "Local gradients along a path (here 5 and 3) are multiplied, not added."
    assert first(found, 3) == ("factor-left-out", "The factor ∂L/∂p = 5 is missing.")
    assert first(found, 5) == ("factor-left-out", "The factor ∂p/∂a = 3 is missing.")
    assert "derivative of L with respect to the wrong operand (c, not p)" in first(found, 18)[1]
    assert "derivative of p with respect to the wrong operand (b, not a)" in first(found, 10)[1]
    assert first(found, -15)[0] == "sign"


def test_a_path_is_not_the_whole_gradient():
    graph = Graph("p = a ** 2; q = 5 * p; L = q + a", a=3)
    path, _ = graph.paths("a")
    found = list(mistakes.of_path(path, graph.grad(graph["a"]), graph.called))
    assert "the whole gradient of a" in first(found, 31)[1]
    assert first(found, 15)[0] == "exponent-left-out"


def test_a_path_of_one_edge_has_nothing_to_add_or_leave_out():
    graph = Graph("L = a * b", a=2, b=3)
    (path,) = graph.paths("a")
    codes = {each.code for each in mistakes.of_path(path, 3.0, graph.called)}
    assert not codes & {"factor-left-out", "added-not-multiplied"}


def of_gradient(text, name, **numbers):
    graph = Graph(text, **numbers)
    return list(mistakes.of_gradient(graph.order, graph[name], graph.called, hints=True))


def test_wrong_gradients():
    found = of_gradient("p = a * b; q = p * c; L = q + a", "a", a=2, b=3, c=5)  # dL/da = 15 + 1
    assert first(found, 1) == ("path-left-out", "You have 1 of 2 paths from L back to a. Missing: L -> q -> p -> a.")
    assert first(found, 15) == ("path-left-out", "You have 1 of 2 paths from L back to a. Missing: L -> a.")
    assert first(found, 10)[0] == "added-not-multiplied"  # 1 + 5 + 3, and 1
    assert first(found, 4)[0] == "upstream-left-out"
    assert "∂p/∂a + ∂L/∂a alone" in first(found, 4)[1]
    code, said = first(found, 11)
    assert code == "wrong-operand"
    assert said.endswith("Look at p = a * b: ∂p/∂a = 3, ∂p/∂b = 2.")
    assert first(found, -16)[0] == "sign"
    assert first(found, 2)[0] == "product-as-sum"  # 1 * 1 + 1 at both, and the value of a by chance
    assert [each.number for each in found if each.code == "value-for-gradient"] == [2]
    assert first(found, 32)[0] == "result-for-gradient"


def test_a_mistake_may_be_made_at_all_nodes():
    found = of_gradient("p = a ** 3; L = p ** 3", "a", a=2)  # 3 * 64 * 3 * 4
    assert first(found, 64 * 4)[0] == "exponent-left-out"
    assert first(found, 3 * 64 * 4)[0] == "exponent-left-out"


@pytest.mark.parametrize(
    ("text", "wrong", "says"),
    [
        ("u = 5*a; v = a + b; L = u * v", 5 * 1, "At L, the derivative of a product u*v is u'*v + u*v', not u'*v'."),
        ("u = a ** 3; L = u * a", 12 * 1, "At L, the derivative of a product"),  # a is 2
        ("u = 5*a; v = a + b; p = u * v; L = 7 * p", 7 * 5, "At p, the derivative of a product"),
        ("u = 5*a; v = 3*a; p = u * v; q = p + a; L = 7 * q", 7 * 16, "At p, the derivative of a product"),
        ("u = 5*a; p = u * u; v = 3*a; L = p * v", 25 * 3, "At p, the derivative of a product"),  # at both
        ("u = 5*a; v = 4*a + b; L = u / v", 5 / 4, "At L, the derivative of a quotient u/v is (u'*v - u*v')/v**2"),
    ],
)
def test_the_slopes_of_both_factors_multiplied(text, wrong, says):
    code, said = first(of_gradient(text, "a", a=2, **({"b": 3} if "b" in text else {})), wrong)
    assert code in ("product-of-slopes", "quotient-of-slopes")
    assert said.startswith(says)


def test_a_quotient_of_slopes_needs_one_that_is_not_0():
    found = of_gradient("v = a - a; w = v + b; L = a / w", "a", a=2, b=3)
    assert "quotient-of-slopes" not in {each.code for each in found}


def test_a_factor_is_left_out_on_one_of_several_paths():
    found = of_gradient("q = 3 * a; r = q * b; L = r * a", "a", a=2, b=7)  # 2 * 7 * 3 on one path, 42 on the other
    assert first(found, 7 * 3 + 42) == ("factor-left-out", "The factor ∂L/∂r = 2 is missing.")


def test_local_gradients_that_are_the_answer_are_not_told():
    assert all("Look at" not in sentence for _, _, sentence in of_gradient("L = a * b", "a", a=2, b=3))


def test_paths_are_added_not_multiplied():
    found = of_gradient("p = a * b; L = p * a", "a", a=2, b=3)  # 6 + 6
    assert first(found, 36)[0] == "multiplied-not-added"
    assert first(found, 6)[0] == "path-left-out"


def test_very_many_paths_are_not_listed():
    text = "; ".join(["d0 = x + x", *(f"d{i} = d{i - 1} + d{i - 1}" for i in range(1, 40))])
    assert {"path-left-out"}.isdisjoint(each.code for each in of_gradient(text, "x", x=1.0))


# --- updates ------------------------------------------------------------------------------------------


def test_wrong_updates():
    graph = Graph("L = a * b", a=2, b=3)
    found = list(mistakes.of_update(graph["a"], graph.root, 3.0, 0.1, graph.called))
    expected = {
        2.3: "uphill", -1: "rate-left-out", 1.9: "gradient-left-out", 0.3: "step-alone", -0.3: "change-alone",
        3: "gradient-alone", 1.8: "value-in-step", 1.4: "result-in-step", 2: "before-the-step",
    }  # fmt: skip
    assert {number: first(found, number)[0] for number in expected} == expected
    graph = Graph("p = a * b; L = p * a", a=2, b=3)
    wrong = mistakes.of_gradient(graph.order, graph["a"], graph.called)
    code, said = first(mistakes.of_update(graph["a"], graph.root, 12.0, 0.1, graph.called, wrong), 1.4)
    assert code == "path-left-out"
    assert said.startswith("The step is right, the gradient is not. You have 1 of 2 paths")


def test_wrong_results_after_an_update():
    graph = Graph("p = a ** 2; L = p + 1", a=3)  # dL/da = 6; a = 3 - 0.6; L = 6.76
    found = list(mistakes.of_result(graph.order, graph["a"], 6.0, 0.1, graph.called))
    assert first(found, 10)[0] == "before-the-step"
    assert first(found, 3.6**2 + 1)[0] == "uphill"
    assert first(found[1:], 10.0)[0] == "rate-left-out"  # from 3 to -3
    assert first(found, 10 - 3.6)[0] == "slope-for-change"
    assert first(found, 10 - 0.6)[0] == "step-on-result"
    graph = Graph("L = log(a)", a=0.5)  # without the learning rate, a would be -1.5
    assert "rate-left-out" not in [x.code for x in mistakes.of_result(graph.order, graph["a"], 2.0, 0.1, graph.called)]

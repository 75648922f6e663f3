"""Topics: what is asked, whether the answer stands an independent check, and the way that is shown."""

from random import Random

import pytest

from engine.errors import GradientMismatchError
from engine.notation.expression import parse
from engine.teach import topics
from engine.teach.item import ChoiceItem, NumberItem, format_answer, is_near
from engine.teach.problems import LEVELS, Problem, make_problem
from engine.teach.topics import TOPICS, make_item


def of(text, **numbers):
    return Problem(parse(text, **numbers))


def made(topic, level, count=12):
    random = Random(100 * level + len(topic))
    items = []
    while len(items) < count:
        item = make_item(topic, make_problem(level, random), random, level)
        items += [item] if item else []
    return items


def again(item):
    """Return the problem of an item, and numbers by hand: the gradient by plain differences of the typed lines."""
    given, *lines = item.given
    numbers = {name: float(number) for name, _, number in (part.partition(" = ") for part in given.split(", "))}
    lines = [line for line in lines if " = " in line and ":" not in line]

    def result(name="L", **other):
        values = {leaf: other.get(leaf, number) for leaf, number in numbers.items()}
        root = parse("\n".join([line for line in lines if line.split(" = ")[0] <= name or name == "L"]), **values)
        return root.data

    def slope(name):
        h = 1e-5
        return (result(**{name: numbers[name] + h}) - result(**{name: numbers[name] - h})) / (2 * h)

    return numbers, result, slope


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("topic", TOPICS)
def test_the_answer_that_is_shown_is_judged_right(topic, level):
    for item in made(topic, level):
        for text in item.right if isinstance(item, ChoiceItem) else [item.answer]:
            assert item.judge(text) == (True, "", "")
        assert item.solution
        assert (item.topic, item.level) == (topic, level)


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic not in ("step", "find")])
def test_the_solution_ends_with_the_answer(topic, level):
    for item in made(topic, level):
        assert item.solution[-1].endswith(item.answer)


@pytest.mark.parametrize("level", LEVELS)
def test_gradients_are_the_slopes_of_the_lines_as_they_are_typed(level):
    for item in made("gradient", level):
        _, _, slope = again(item)
        assert item.number == pytest.approx(slope(item.question[-2]), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("level", LEVELS)
def test_updates_go_against_the_slope(level):
    for item in made("update", level):
        numbers, result, slope = again(item)
        name = item.question.partition(" on ")[2][0]
        rate = float(item.question.partition("learning rate ")[2].partition(":")[0])
        after = numbers[name] - rate * slope(name)
        expected = result(**{name: after}) if "what is L" in item.question else after
        assert item.number == pytest.approx(expected, rel=1e-4, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("topic", TOPICS)
def test_classic_mistakes_are_called_wrong_and_told(topic, level):
    for item in made(topic, level):
        if isinstance(item, NumberItem):
            for mistake in item.mistakes:
                if abs(mistake.number) > 1e-3 and not is_near(mistake.number, item.number):
                    verdict = item.judge(repr(mistake.number))
                    assert not verdict.is_right and verdict.sentence and verdict.code
        else:
            assert item.wrong
            assert all(item.judge(word) == (False, why, "") and why for word, why in item.wrong.items())


def test_a_value_is_asked_with_the_steps_that_lead_to_it():
    item = topics.choose_value(of("p = a * b; L = p + a", a=2, b=-3), Random(0))
    assert item.question in ("What is p?", "What is L?")
    assert item.solution[0] == "p = a * b = 2 * (-3) = -6"
    assert item.judge("a*b + a" if item.question == "What is L?" else "a*b").is_right


def test_a_local_gradient_is_shown_as_a_formula():
    items = [topics.choose_local(of("L = a * b", a=2, b=-3), Random(seed)) for seed in range(9)]
    assert {item.solution for item in items} == {("L = a * b", "∂L/∂a = b = -3"), ("L = a * b", "∂L/∂b = a = 2")}


def test_a_path_is_a_product():
    found = of("p = a * b; L = c * p", a=2, b=-3, c=5)
    items = {item.question: item for item in (topics.choose_path(found, Random(seed)) for seed in range(9))}
    item = items["What does the path L -> p -> b contribute to dL/db?"]
    assert item.solution == (
        "∂L/∂p = c = 5", "∂p/∂b = a = 2", "multiplied along the path: 5 * 2 = 10",
    )  # fmt: skip


def test_a_path_over_an_operand_used_twice_is_not_asked_for():
    assert topics.choose_path(of("p = a + b; L = p * p", a=1, b=2), Random(0)) is None


def test_a_gradient_is_shown_step_by_step_with_its_sum():
    item = topics.choose_gradient(of("p = a * a; L = p + a", a=3), Random(0))
    assert item.solution == (
        "L -> p: 1 * dL/dL = 1 * 1 = 1",
        "L -> a: 1 * dL/dL = 1 * 1 = 1",
        "p -> a: a * dL/dp = 3 * 1 = 3",
        "p -> a: a * dL/dp = 3 * 1 = 3",
        "dL/da = 1 + 3 + 3 = 7",
    )


def steps_asked(found):
    return {item.answer: item for item in (topics.choose_step(found, Random(seed)) for seed in range(40))}


def test_any_step_of_a_complete_node_can_come_next():
    items = steps_asked(of("p = a * b; L = p + c", a=2, b=3, c=5))
    first = items["L -> p or L -> c"]
    assert "no step is taken yet; L.grad is 1" in first.given
    assert first.judge("p->a") == (False, "p has not received all of its gradient yet.", "")
    assert first.judge("p -> L") == (False, "This is the direction of the forward pass.", "")
    second = items["L -> c or p -> a or p -> b"]
    assert second.given[-2:] == ("steps taken so far:", "L -> p: p.grad = 1")
    assert second.judge("L -> p") == (False, "This step is already taken.", "")
    assert second.solution[-1] == "L -> c: 1 * dL/dL = 1 * 1 = 1"


def test_a_step_of_an_operand_used_twice_may_come_again():
    items = steps_asked(of("p = a + b; L = p * p", a=2, b=3))
    assert {"L -> p", "p -> a or p -> b", "p -> b"} == set(items)
    again = [topics.choose_step(of("p = a + b; L = p * p", a=2, b=3), Random(seed)) for seed in range(40)]
    assert any("L -> p: p.grad = 5" in item.given and item.answer == "L -> p" for item in again)


def test_an_update_where_the_new_place_has_no_result_asks_for_the_place():
    found = of("p = log(a); q = p * 9; L = q + 1", a=0.5)  # dL/da = 18
    items = [topics.choose_update(found, Random(seed)) for seed in range(30)]
    anew = [item for item in items if "what is L" in item.question]
    assert anew and len(anew) < len(items)
    assert all("0.01" in item.question for item in anew)  # with the others, a falls below 0


def test_exactly_one_of_the_gradients_is_wrong():
    for level in LEVELS:
        for item in made("find", level):
            _, _, slope = again(item)
            table = next(line for line in item.given if line.startswith("gradients: "))
            for part in table.removeprefix("gradients: ").split(", "):
                name, _, grad = part.partition(".grad = ")
                if name in "abc":
                    is_right = float(grad) == pytest.approx(slope(name), rel=1e-4, abs=1e-5)
                    assert is_right == (name != item.answer)
            assert item.solution[-1].startswith("How you get ")


def test_slopes_are_taken_without_the_chain_rule():
    found = of("p = a * b; L = p * a", a=2, b=3)
    node = found.find("a")
    assert found.slope(node) == pytest.approx(12)
    assert [found.slope_along(path) for path in found.paths(node)] == [pytest.approx(6), pytest.approx(6)]
    node.inputs or found.find("p").local_grads  # the graph is as it was
    assert found.root.data == 12.0


@pytest.mark.parametrize("topic", ["gradient", "step", "update", "find"])
def test_an_answer_that_does_not_stand_the_check_is_refused(topic, monkeypatch):
    monkeypatch.setattr(Problem, "grad", lambda found, node: 1.25)
    with pytest.raises(GradientMismatchError, match="by the graph and .* without it"):
        make_item(topic, of("p = a * b; L = p * c", a=2, b=3, c=5), Random(0), 2)


@pytest.mark.parametrize(("topic", "changed"), [("local", "local_grads"), ("path", "local_grads"), ("value", "data")])
def test_a_graph_that_was_tampered_with_is_noticed(topic, changed):
    found = of("p = a * b; L = p * c", a=2, b=3, c=5)
    found.lines()
    for node in found.results:
        setattr(node, changed, (9.0, 9.0) if changed == "local_grads" else 9.0)
    with pytest.raises(GradientMismatchError):
        make_item(topic, found, Random(0), 2)


def test_numbers_are_shown_as_people_write_them():
    item = topics.choose_update(of("L = a * b", a=2, b=-3), Random(0))
    assert f"= {format_answer(item.number)}" in item.solution[-1]

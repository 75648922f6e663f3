"""Random problems: friendly, sensible, of their level, and the same for the same seed."""

from random import Random

import pytest

from engine.notation.expression import parse
from engine.teach.problems import FINENESS, LEVELS, MAX_SIZE, Problem, make_problem
from engine.words.mistakes import format_path


def made(level, count=25):
    random = Random(level)
    return [make_problem(level, random) for _ in range(count)]


@pytest.mark.parametrize("level", LEVELS)
def test_a_problem_is_as_its_level_says(level):
    wanted = LEVELS[level]
    for each in made(level):
        assert len(each.inputs) == wanted.inputs
        assert len(each.results) == wanted.operations
        assert max(each.paths(leaf).count() for leaf in each.inputs) >= wanted.paths
        grads = [each.grad(leaf) for leaf in each.inputs]
        assert all(grads) if wanted.is_alive else any(grads)


@pytest.mark.parametrize("level", LEVELS)
def test_the_numbers_are_friendly_at_every_node(level):
    for each in made(level):
        for node in each.named:
            for number in (node.data, each.grad(node)):
                assert abs(number) <= MAX_SIZE
                assert not LEVELS[level].is_exact or (FINENESS * number).is_integer()


@pytest.mark.parametrize("level", [4, 6])
def test_higher_levels_have_the_operations_that_they_are_about(level):
    names = {form.partition("(")[0].replace("{0} / {1}", "div") for form in LEVELS[level].needed}
    assert all({node.op.name for node in each.results} & names for each in made(level))


@pytest.mark.parametrize("level", LEVELS)
def test_no_problem_sits_on_a_kink_or_plays_tricks(level):
    for each in made(level):
        for node in each.results:
            assert len(set(node.inputs)) == len(node.inputs) or node.op.name in ("add", "mul")
            assert not node.op.kink or abs(node.op.kink(*(x.data for x in node.inputs))) >= 0.25


def test_steps_are_named_in_their_order():
    for each in made(5):
        assert [node.label for node in each.results] == ["p", "q", "r", "s", "L"]
        assert [line.partition(" = ")[0] for line in each.lines()[1:]] == ["p", "q", "r", "s", "L"]


def test_the_lines_are_the_problem():
    for each in made(6):
        numbers = {leaf.label: leaf.data for leaf in each.inputs}
        assert parse("\n".join(each.lines()[1:]), **numbers).data == each.root.data


def test_the_same_seed_gives_the_same_problem():
    assert [each.lines() for each in made(3)] == [each.lines() for each in made(3)]


def test_paths_are_those_that_one_finds_by_hand():
    found = Problem(parse("p = a*b; q = p*p; L = q + a", a=2, b=3))
    assert [format_path(path, found.called) for path in found.paths(found.find("a"))] == [
        "L -> q -> p -> a", "L -> q -> p -> a", "L -> a",
    ]  # fmt: skip
    assert [edge.local for edge in next(iter(found.paths(found.find("a"))))] == [1.0, 6.0, 3.0]
    assert [*found.paths(found.root)] == [[]]


def test_formulas_stand_in_latex_too():
    found = Problem(parse("p = a / b; L = 2 * p ** 2", a=2, b=-4))
    assert found.lines(latex=True)[:2] == ["a = 2, b = -4", r"p = \frac{a}{b}"]
    assert found.lines()[0] == "a = 2, b = -4"

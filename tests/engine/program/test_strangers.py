"""compiled functions give the numbers of the plain function, or say why not; see `strangers`."""

import random
import re

import pytest

from engine.program.surroundings import Surroundings
from tests.engine.program.strangers import FEATURES, World, compare

pytestmark = pytest.mark.filterwarnings("ignore:compiled f runs without a replay")


# With the line; or the arguments that are changed; or the operation that cannot be put into a program.
REFUSED = r"refused: a compiled function .* at <stranger>:\d+: .*|refused: .*list\(x\)|refused: own\d+ contains"


def worlds(name, count):
    return [World(random.Random(f"{name} {number}"), [name]) for number in range(count)]


@pytest.mark.parametrize("name", FEATURES)
def test_whatever_a_function_reads_its_numbers_are_those_of_the_plain_function(name):
    for world in worlds(name, 3):
        problem = compare(world.run(), world.run("python"))
        assert not problem or re.match(REFUSED, problem)


@pytest.mark.parametrize("number", range(40))
def test_functions_that_do_several_of_these(number):
    rng = random.Random(f"several {number}")
    world = World(rng, rng.sample(list(FEATURES), rng.randint(2, 5)))
    problem = compare(world.run(), world.run("python"))
    assert not problem or re.match(REFUSED, problem)


def test_without_a_look_at_the_surroundings_numbers_would_be_wrong(monkeypatch):
    monkeypatch.setattr(Surroundings, "change", lambda self: "")
    found = [compare(world.run(), world.run("python")) for world in worlds("attribute", 5)]
    assert any("instead of" in problem for problem in found)


@pytest.mark.parametrize(
    ("plain", "found", "says"),
    [
        ([[1.0, None]], [[1.0, None]], ""),
        ([[0.0, -0.0]], [[-0.0, 0.0]], ""),
        ([[1.0, None]], [[1.0, 0.0]], "call 0: gives [1.0, 0.0] instead of [1.0, None]"),
        ([[1.0], [2.0]], [[1.0], [2.0000000000000004]], "call 1: gives [2.0000000000000004] instead of [2.0]"),
        ([[1.0]], [ValueError("no")], "call 0: raises ValueError: no"),
        ([ValueError("no")], [[1.0]], "call 0: gives [1.0] where the function raises ValueError: no"),
        ([ValueError("no")], [TypeError("no")], ""),
    ],
)
def test_the_judge_itself(plain, found, says):
    assert compare(plain, found) == says

"""All routes agree on random graphs; and where they do not, they are found out."""

import os
import time
from random import Random

import pytest

import engine
from engine import TABLE, Value
from engine.operation import constant, leaf
from engine.routes import agreement
from engine.routes.agreement import disagreements, higher_disagreements
from engine.routes.recipe import Part, Recipe, pruned, random_recipe, shrunk
from engine.routes.route import Route, native_as, routes

pytestmark = pytest.mark.slow

GRAPHS = int(os.environ.get("STEPGRAD_GRAPHS", "300"))
OPERATIONS = list(TABLE.values())


def recipes(seed, count, sizes=(2, 4, 6, 10, 20, 40)):
    for number in range(count):
        draw = Random(f"{seed} {number}")
        yield random_recipe(
            draw, OPERATIONS, draw.choice(sizes), draw.randint(1, 5), draw.choice((0.0, 0.0, 0.05, 0.25))
        )


def said(found):
    return "\n\n".join(map(str, found[:3]))


def test_all_routes_agree_by_python():
    for recipe in recipes("python", GRAPHS):
        assert not (found := disagreements(recipe, routes(["python"]))), said(found)


@pytest.mark.needs_compiler
@pytest.mark.parametrize(("form", "share"), [("list", 1.0), ("tape", 1.0), ("code", 0.03)])
def test_all_routes_agree_by_native_programs(form, share):
    ways = [routes(["python"])[0], *(route for route in routes(["native"]) if "native" in route.name)]
    with native_as(form):
        for recipe in recipes(form, int(GRAPHS * share)):
            assert not (found := disagreements(recipe, ways)), said(found)


def test_all_routes_to_second_and_third_derivatives_agree():
    for recipe in recipes("higher", GRAPHS, sizes=(2, 4, 6, 10)):
        assert not (found := higher_disagreements(recipe)), said(found)


# --- the harness itself, tried with what is wrong ------------------------------------------------------------


def a_route_that(change):
    """Return a route that changes the gradients that backward() gives."""
    first = routes([])[0]

    def run(recipe):
        loss, *gradients = first.run(recipe)
        return [loss, *change(gradients)]

    return run


@pytest.mark.parametrize("agrees", ["bits", "numbers", "rounding"])
@pytest.mark.parametrize(
    ("change", "is_noticed"),
    [
        (lambda gradients: gradients, ()),
        (lambda gradients: [-x for x in gradients], ("bits", "numbers", "rounding")),
        (lambda gradients: [x * (1.0 + 1e-12) for x in gradients], ("bits", "numbers", "rounding")),
        (lambda gradients: [x * (1.0 + 2e-16) for x in gradients], ("bits", "numbers")),
        (lambda gradients: [-x if x == 0.0 else x for x in gradients], ("bits",)),
        (lambda gradients: 1 / 0, ("bits", "numbers", "rounding")),
    ],
)
def test_a_wrong_route_is_found_out_with_a_small_graph(change, is_noticed, agrees):
    found = []
    for recipe in recipes("wrong", 60):
        found += disagreements(recipe, [routes([])[0], Route("wrong", a_route_that(change), agrees)])
    assert bool(found) == (agrees in is_noticed)
    for each in found[:1]:
        assert len(each.recipe.parts) <= 3
        assert str(each).startswith("wrong gives ")
        assert "instead of" in str(each)


def test_a_disagreement_that_does_not_come_again_is_told_as_it_was():
    product, first, given = Recipe((Part(leaf, number=2.0), Part(TABLE["mul"], (0, 0)))), routes([])[0], iter([7.0])

    def once_wrong(recipe):
        loss, gradient = first.run(recipe)
        return [loss, next(given, gradient)]

    (found,) = disagreements(product, [first, Route("once", once_wrong)])
    assert (found.found, found.expected) == ("4, 7", "4, 4 by backward()")


def test_a_replay_that_raises_where_there_is_a_graph_is_found_out():
    def outside(recipe):
        raise engine.DomainError("log(x) has no value at x = 2.0")

    away = Route("Program, recorded elsewhere", outside)
    square = Recipe((Part(leaf, number=2.0), Part(TABLE["mul"], (0, 0))))
    assert disagreements(square, [routes([])[0], away])
    root_of_less = Recipe(
        (Part(leaf, number=2.0), Part(constant, number=1.0), Part(TABLE["sub"], (0, 1)), Part(TABLE["log"], (2,)))
    )
    assert not disagreements(root_of_less, [routes([])[0], away])  # at 0.75 there is no graph to replay


def test_an_operation_whose_rule_depends_on_the_way_it_is_read_is_found_out():
    def slope(x, out):
        return (2.0 * x if isinstance(x, float) else 3.0 * x,)  # with Values and symbols it is another one

    engine.register("twofold", lambda x: x * x, slope)
    try:
        twofold = TABLE["twofold"]
        found = []
        for number in range(20):
            found += disagreements(random_recipe(Random(number), [twofold], 3, 2), routes(["python"]))
        assert {"grad()", "Program, python"} <= {each.route for each in found}
    finally:
        engine.unregister("twofold")


def test_looking_that_changes_the_graph_is_found_out(monkeypatch):
    def careless(root, tangents):
        root.label = "looked at"
        return engine.jvp(root, tangents)

    monkeypatch.setattr("engine.routes.route.jvp", careless)
    product = Recipe((Part(leaf, number=2.0), Part(TABLE["mul"], (0, 0))))
    found = disagreements(product, routes([]))[0]
    assert "looking at the derivatives changed the graph" in found.found
    assert found.route == "jvp()"


def test_higher_derivatives_that_disagree_are_found_out(monkeypatch):
    monkeypatch.setattr(agreement, "second_order", lambda recipe: {"one": [1.0], "other": [2.0]})
    product = Recipe((Part(leaf, number=2.0), Part(TABLE["mul"], (0, 0))))
    (found,) = higher_disagreements(product)
    assert str(found).startswith("a route to second derivatives gives {'one'")
    monkeypatch.setattr(agreement, "second_order", lambda recipe: {"one": [engine.slope.UNDEFINED], "other": [2.0]})
    assert higher_disagreements(product)

    def broken(recipe):
        raise RuntimeError("broken")

    monkeypatch.setattr(agreement, "second_order", broken)
    assert "RuntimeError: broken" in str(higher_disagreements(product)[0])


# --- recipes ------------------------------------------------------------------------------------------------


def test_a_recipe_is_a_program_to_paste():
    for recipe in recipes("paste", 50):
        names = {name: getattr(engine, name, operation) for name, operation in TABLE.items()}
        try:
            root = recipe.root()
        except engine.DomainError:
            continue
        exec(str(recipe), {**names, "Value": Value}, found := {})
        pasted = found[f"v{len(recipe.parts) - 1}"]
        data = [x.data if isinstance(x, Value) else x for x in (root, pasted)]
        assert repr(data[0]) == repr(data[1])


def test_shrinking_ends_with_the_smallest_graph_that_fails():
    recipe = next(r for r in recipes("shrink", 100) if any(p.operation.name == "tanh" for p in r.parts))

    def fails(smaller):
        return any(part.operation.name == "tanh" for part in smaller.parts)

    small, found = shrunk(recipe, True, fails)
    assert found is True
    assert [part.operation.name for part in small.parts] in (["leaf", "tanh"], ["constant", "tanh"])
    assert shrunk(recipe, "at first", fails, tries=0) == (recipe, "at first")


def test_pruning_keeps_what_the_root_needs():
    add, mul = TABLE["add"], TABLE["mul"]
    ends = Part(leaf, number=1.0), Part(constant, number=2.0), Part(leaf, number=3.0)
    parts = (*ends, Part(mul, (0, 0)), Part(add, (2, 2)))
    assert pruned(Recipe(parts)) == Recipe((parts[2], Part(add, (0, 0))))
    assert Recipe(parts).numbers == [1.0, 3.0]
    assert Recipe(parts).at([5.0, 6.0]).numbers == [5.0, 6.0]


def test_a_graph_takes_milliseconds():
    started = time.process_time()
    for recipe in recipes("time", 50):
        disagreements(recipe, routes(["python"]))
    assert time.process_time() - started < 20.0

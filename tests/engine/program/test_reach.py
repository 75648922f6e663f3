"""Reach: what a function can read, found from its code."""

import contextvars
import functools
import itertools
import math
import operator
import random
import sys
import threading
import time
import types
from array import array
from collections import ChainMap, namedtuple

import pytest

import engine
import nn
from engine import Value
from engine.program import reach
from engine.program.reach import Reach, names_in
from engine.program.surroundings import Surroundings


class Box:
    """An object with attributes."""

    def __init__(self, **attributes):
        vars(self).update(attributes)


class Slotted:
    """An object with slots."""

    __slots__ = ("k", "other")


class Child(Slotted):
    """An object with slots and attributes."""


w, v = Value(1.0, "w"), Value(2.0, "v")
settings, module = Box(scale=2.0, weights=[w, v], unread=v), types.ModuleType("somewhere")
module.rate = [0.5]
exec("def later(): return rate[0] * other", vars(module))


def found(*roots):
    return Reach([("f", root) for root in roots])


def paths(*roots):
    return {place.path for place in found(*roots).places}


def test_names_are_those_of_the_code_and_of_what_it_defines():
    def function(a):
        import math as m
        from os import path

        def inner():
            return [settings.scale for _ in a], undefined  # noqa: F821

        match a:
            case Box(unread=1):
                a.given = {"text": 1, "no name!": 2}
        return inner, m.pi, path.join, getattr(a, "named")  # noqa: B009

    names = names_in(function.__code__)
    assert {"settings", "undefined", "Box", "getattr"} == set(names.variables)
    assert {"scale", "pi", "join", "given", "path"} <= set(names.attributes)
    assert set(names.modules) == {"math", "os"}
    assert {"text", "named", "unread"} <= set(names.texts)
    assert names.computing == ()


@pytest.mark.parametrize(
    ("function", "is_computed"),
    [
        (lambda o: getattr(o, "k"), False),  # noqa: B009
        (lambda o: getattr(o.a.b, "k", 1.0), False),
        (lambda o: getattr(o[0], "k", o.f(1, 2)), False),
        (lambda o: hasattr(o["a"], "k"), False),
        (lambda o: setattr(o(1)(2), "k", 3), False),
        (lambda o, n: getattr(o, n), True),
        (lambda o, n: getattr(o, "k" + n), True),
        (lambda o, n: getattr(o, "k" + n, 1.0), True),
        (lambda o, n: getattr(o["k"], n), True),
        (lambda o, n: getattr(o, "k".join(n)), True),
        (lambda o, n: getattr(o, "k" if n else n), True),
        (lambda o, n: getattr(o if n else n, "k"), True),  # noqa: B009 - too much is no harm
        (lambda o, n: map(getattr, o, n), True),
    ],
)
def test_names_that_code_computes(function, is_computed):
    assert bool(names_in(function.__code__).computing) == is_computed


def test_values_are_found_where_code_can_use_them():
    inside = {"a": [v, (w, 1.0)]}
    assert list(found(lambda: settings.weights).values) == [w, v]
    assert list(found(lambda: settings.scale).values) == []
    assert list(found(lambda: inside).values) == [v, w]
    assert list(found(lambda x=w: x).values) == [w]
    assert list(found(lambda *, x=w: x).values) == [w]
    assert list(found(functools.partial(max, w, key=v)).values) == [w, v]
    assert list(found([w], {"v": v}, {w: 1}).values) == [w, v]
    model = nn.MLP(2, [2, 1])
    assert list(found(lambda x: model(x)).values) == model.parameters()
    assert list(found(lambda: Box).values) == []


def test_places_are_named_as_in_the_code():
    around = [1.0]
    assert {"settings", "settings.weights"} <= paths(lambda: settings.weights)
    assert {"around"} <= paths(lambda: around)
    assert {"module", "module.rate"} <= paths(lambda: module.rate)
    assert {"rate", "other"} <= paths(lambda: module.later())
    assert "the label of " + repr(w) in paths(lambda: w.label)


def test_slots_are_attributes():
    child = Child()
    child.k = w
    reached = found(lambda: child.k)
    assert list(reached.values) == [w]
    assert {"child.k", "child.other", "child"} <= {place.path for place in reached.places}


def test_what_is_assigned_later_is_not_read():
    def outer():
        def function():
            return later

        yield function
        later = 1.0

    function = next(outer())
    assert not found(function).obstacle


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda: time.time(), "it can call time.time()"),
        (lambda: open("x"), "it can call open()"),  # noqa: SIM115
        (lambda: eval("x"), "it can call eval()"),
        (lambda: threading.Thread(target=print), "it can"),
        (lambda: sys._getframe(), "it can call sys._getframe()"),
        (lambda: random.Random(), "it can call"),
        (lambda: random.SystemRandom().random(), "it can"),
        (lambda x: type(x) is float, "it can ask for type()"),
        (lambda: generator, "it can use generator, a generator"),
        (lambda: counting, "it can use counting, a count"),
        (lambda: variable, "it can use variable, a ContextVar"),
        (lambda: system, "it can draw from system, which draws from the operating system"),
        (lambda: contextvars.ContextVar("x"), "it can call contextvars.ContextVar()"),
    ],
)
def test_what_cannot_be_compared_is_named(function, says):
    assert found(function).obstacle.startswith(says)


generator, counting, variable = (x for x in [1.0]), itertools.count(), contextvars.ContextVar("variable")
system, own_random = random.SystemRandom(), random.Random(1)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: math.exp(x) + sum(map(abs, [x])) + functools.reduce(operator.add, [x]),
        lambda: list(itertools.count(1)) or sorted(zip([1], [2], strict=True)),
        lambda x: isinstance(x, float) and str(x) and print(x, file=sys.stdout),
        lambda: Point(1.0, 2.0).first + ChainMap({}).get("a", 1.0),
        lambda: ValueError("text") and error,
        lambda: engine.tanh(1.0) + nn.mean_squared_error([w], [1.0]),
        lambda: lock and pattern,
        lambda: OwnError("text"),
    ],
)
def test_what_needs_no_comparison(function):
    reached = found(function)
    assert (reached.obstacle, reached.generators) == ("", [])


class OwnError(ValueError):
    """An error with a class in Python."""


Point, lock, error = namedtuple("Point", "first second"), threading.Lock(), ValueError("text", [w])
pattern = __import__("re").compile("a")


def test_random_generators_are_found():
    for function in (
        random.random,
        lambda: random.gauss(0.0, 1.0),
        lambda: own_random.random(),
        own_random.choice,
        nn.rand,
    ):
        (state_of,) = found(function).generators
        before = state_of()
        function([1, 2]) if function == own_random.choice else function()
        assert state_of() != before


def test_arrays_are_compared_by_their_contents():
    numbers, raw = array("d", [1.0]), bytearray(b"1")
    for thing in (numbers, raw):
        (place,) = (each for each in found(lambda thing=thing: thing).places if each.path.endswith("[0]"))
        before = place.read()
        thing.append(thing[0])
        assert place.read() != before


def test_numpy_is_pure_except_for_its_random_numbers():
    np = pytest.importorskip("numpy")
    array_of_values = np.array([w, v], dtype=object)
    assert list(found(lambda: array_of_values).values) == [w, v]
    for function in (lambda: np.exp(1.0), lambda: np.mean([1.0]) + np.dot([1.0], [2.0]), lambda: np.float64(1.0)):
        assert not found(function).obstacle
    assert found(lambda: np.random.default_rng()).obstacle
    iterator = array_of_values.flat
    assert found(lambda: iterator).obstacle.startswith("it can use iterator, a flatiter")
    (state_of,) = found(np.random.default_rng(1)).generators
    assert state_of() == state_of()
    (state_of,) = found(np.random.RandomState(1)).generators
    assert state_of() == state_of()


def test_attributes_that_no_code_names():
    box = Box(weights=[w])
    assert list(found(lambda n: getattr(box, n)).values) == [w]
    assert list(found(lambda: vars(box)).values) == [w]
    assert list(found(lambda: box.__dict__).values) == [w]
    assert list(found(lambda: f"{box.weights}").values) == [w]
    assert list(found(lambda g=operator.attrgetter("weights"): g(box)).values) == [w]
    assert list(found(lambda: box).values) == []
    penalised = nn.MLP(1, [1])
    penalised.more = v
    assert v in found(lambda: sum(p * p for p in penalised.parameters())).values


def test_operations_of_your_own_may_read_variables():
    scale = [2.0]
    own = engine.register("own", lambda x: x * scale[0], lambda x, out: (scale[0] + 0.0 * x,))
    try:
        assert found(lambda x: x).operations == [own]
        assert {"scale", "the operation own"} <= paths(lambda x: x)
    finally:
        engine.unregister("own")


def test_modules_that_are_imported_inside(tmp_path, monkeypatch):
    def function():
        import a_module_of_mine

        return a_module_of_mine.rate

    names = {"__package__": "a.package", "__builtins__": __builtins__}
    relative = types.FunctionType(function.__code__, names)
    assert {"module a_module_of_mine", "module a.package.a_module_of_mine"} <= paths(relative)
    assert "module a_module_of_mine" in paths(function)


def test_modules_that_answer_with_errors_of_their_own():
    class Lazy(types.ModuleType):
        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            raise RuntimeError(f"{name} is not registered")

    modules = {"lazy_stranger": Lazy("lazy_stranger")}  # of our own: other programs change what sys.modules reaches
    missing = types.ModuleType("missing_stranger")
    missing.__all__ = ["scale"]
    missing.__getattr__ = Lazy("other").__getattr__
    modules["missing_stranger"] = missing
    reach = Reach([("loss", lambda x: x * modules.get("lazy_stranger").scale)])
    around = Surroundings(reach.places)
    assert around.change() == ""
    modules["lazy_stranger"].scale = 5.0
    assert around.change().endswith(".scale")


def test_a_reach_without_end_is_an_obstacle(monkeypatch):
    monkeypatch.setattr(reach, "MAX_OBJECTS", 10)
    things = [[] for _ in range(20)]
    assert found(lambda: things).obstacle == "it can reach more than 10 objects besides Values"
    parameters = [Value(0.0) for _ in range(20)]
    assert not found(lambda: parameters).obstacle

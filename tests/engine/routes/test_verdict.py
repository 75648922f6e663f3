"""The verdict on an operation of one's own."""

import math

import pytest

import engine
from engine import Value, verify_operation
from engine.program.native.compiler import CompilerError
from engine.routes import route

pytestmark = pytest.mark.slow


@pytest.fixture
def registered():
    """Return a function that registers an operation for one test."""
    names = []

    def enter(name, *entry, **details):
        names.append(name)
        return engine.register(name, *entry, **details)

    yield enter
    for name in names:
        engine.unregister(name)


RIGHT = {
    "smooth": (lambda x: x * x * x, lambda x, out: (3.0 * x * x,), {}),
    "kinked": (
        lambda x, y: max(0.0, 1.0 - x * y),
        lambda x, y, out: (engine.where(out, -y, 0.0), engine.where(out, -x, 0.0)),
        {"samples": ((0.3, 0.7), (2.0, 1.5)), "kink": lambda x, y: 1.0 - x * y},
    ),
    "flat": (math.floor, lambda x, out: (0.0,), {"samples": ((0.5,), (2.3,))}),
    "narrow": (math.acos, lambda x, out: (-1.0 / engine.sqrt(1.0 - x * x),), {"samples": ((0.5,), (-0.3,))}),
}


@pytest.mark.parametrize(("value", "rule", "details"), RIGHT.values(), ids=RIGHT)
def test_right_operations_are_right(registered, value, rule, details):
    verdict = verify_operation(registered("own", value, rule, **details), graphs=40)
    assert verdict.is_right, verdict.trouble
    assert (verdict.graphs, verdict.limits) == (40, ())
    assert str(verdict).startswith("own: ok, ")


@pytest.mark.parametrize(
    ("value", "rule", "says"),
    [
        (lambda x: x * x, lambda x, out: (x,), "by its rule 0.7 with respect to x, by central differences 1.4"),
        (lambda x: x * x, lambda x, out: (2.0 * float(getattr(x, "data", x)),), "by its rule 0 with respect to"),
        (
            lambda x: x * x,
            lambda x, out: (2.0 * x * (1.0 if isinstance(x, float) else 1.0 + 1e-9),),
            "at a sample, the rule of own gives (1.4,) with numbers and (1.4000000014,) with Values",
        ),
        (
            lambda x: x * x,
            lambda x, out: ((2.0 if isinstance(x, float | Value) else 3.0) * x,),
            "routes disagree: Program, ",
        ),
        (
            lambda x: x * x,
            lambda x, out: (2.0 * x if isinstance(x, float) else x.data,),
            "gives (1.4,) with numbers and (0.7,) with Values",
        ),
    ],
)
def test_wrong_operations_are_found_out(registered, value, rule, says):
    verdict = verify_operation(registered("own", value, rule), graphs=100)
    assert not verdict.is_right
    assert says in verdict.trouble
    assert str(verdict).startswith("own: WRONG, ")
    assert "\n" not in str(verdict)


def test_what_programs_cannot_do_is_told(registered):
    def careful(x):
        try:
            return x * x
        except OverflowError:
            return math.inf

    verdict = verify_operation(registered("careful", careful, lambda x, out: (2.0 * x,)), graphs=10)
    assert verdict.is_right
    assert verdict.routes == 9
    assert "not in programs: " in str(verdict)


def test_an_operation_without_graphs_is_not_right(registered):
    def never(x):
        if x != 0.123:
            raise ValueError
        return 1.0

    operation = registered("never", never, lambda x, out: (0.0,), samples=((0.123,),))
    assert not verify_operation(operation, graphs=3).is_right


def test_a_wrong_operation_beside_it_does_not_count(registered):
    slip = registered("slip", lambda x: x * x, lambda x, out: ((2.0 if isinstance(x, float | Value) else 3.0) * x,))
    cube = registered("cube", lambda x: x * x * x, lambda x, out: (3.0 * x * x,))
    assert verify_operation(cube, graphs=60).is_right
    assert not verify_operation(slip, graphs=60).is_right


@pytest.mark.needs_compiler
def test_native_code_that_cannot_be_built_on_the_way_is_a_limit_and_not_a_mistake(registered, monkeypatch):
    cube = registered("cube", lambda x: x * x * x, lambda x, out: (3.0 * x * x,))
    counts = iter(range(1_000))

    class Full(route.Program):
        def __init__(self, *given, backend="python", **more):
            super().__init__(*given, backend=backend, **more)
            if backend == "native" and next(counts) == 40:
                raise CompilerError("no space left on the device")

    monkeypatch.setattr(route, "Program", Full)
    verdict = verify_operation(cube, graphs=40)
    assert verdict.is_right
    assert (verdict.graphs, verdict.routes) == (40, 14)
    assert str(verdict).endswith("; not in C: no space left on the device")

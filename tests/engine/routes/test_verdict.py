"""The verdict on an operation of one's own."""

import math

import pytest

import engine
from engine import Value, verify_operation


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

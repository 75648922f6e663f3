"""Every operation, its derivatives and its second derivatives, against numbers recorded from PyTorch.

The numbers were recorded by `tests/recorded/record_pytorch.py`.
"""

import json
from pathlib import Path

import pytest

import engine
from engine import Value, hessian, jacobian

RECORDED = json.loads((Path(__file__).parents[1] / "recorded" / "operations.json").read_text())["operations"]
CASES = [(name, case) for name, cases in RECORDED.items() for case in cases]


def operation(name):
    """Return the operation that a recorded name means, such as ``power -1.5``."""
    bare, _, number = name.partition(" ")
    entry = engine.TABLE[bare]
    return entry.bind(**{next(iter(entry.parameters)): float(number)}) if number else entry


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name} at {case['at']}" for name, case in CASES])
def test_value_and_derivatives_are_those_of_pytorch(name, case):
    x = [Value(number) for number in case["at"]]
    out = operation(name)(*x)
    assert out.data == pytest.approx(case["value"], rel=1e-9, abs=1e-300)
    # PyTorch takes the slope of expm1 from its value, which rounds it by up to 1e-16
    assert jacobian([out], x)[0] == pytest.approx(case["first"], rel=1e-9, abs=1e-16)
    out.backward()
    assert [v.grad for v in x] == pytest.approx(case["first"], rel=1e-9, abs=1e-16)
    for found, expected in zip(hessian(out, x), case["second"], strict=True):
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_every_operation_of_the_table_was_recorded():
    known = {name.partition(" ")[0] for name in RECORDED}
    helpers = {"where", "base_slope", "exponent_slope", "sinc_slope", "cbrt"}  # of rules; PyTorch has no such functions
    assert set(engine.TABLE) - known == helpers

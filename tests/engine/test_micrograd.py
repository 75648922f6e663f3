"""micrograd's own two tests, against the numbers that PyTorch gave for them.

The expressions are those of https://github.com/karpathy/micrograd/blob/master/test/test_engine.py; the numbers
were recorded by `tests/recorded/record_micrograd_tests.py`.
"""

import json
from pathlib import Path

import pytest

from engine import Value

RECORDED = json.loads((Path(__file__).parents[1] / "recorded" / "micrograd_tests.json").read_text())


def test_sanity_check():
    x = Value(-4.0)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    y.backward()
    assert {"y": y.data, "dy/dx": x.grad} == RECORDED["sanity"]


def test_more_ops():
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert {"g": g.data, "dg/da": a.grad, "dg/db": b.grad} == pytest.approx(RECORDED["more operations"], rel=1e-12)

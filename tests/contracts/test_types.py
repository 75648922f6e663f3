"""Type checkers know what arithmetic with Values gives, and refuse names that are misspelled."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("mypy")]  # which share a cache

RIGHT = """
from typing import assert_type

import engine
from engine import Value

a, b = Value(2.0, "a"), Value(3.0)
assert_type(a * 2.0, Value)
assert_type(2.0 * a, Value)
assert_type(a + b, Value)
assert_type(1 - a, Value)
assert_type(a / b, Value)
assert_type(a**2, Value)
assert_type(2.0**a, Value)
assert_type(-a, Value)
assert_type(abs(a), Value)
assert_type(a.tanh(), Value)
assert_type(a.maximum(0.0), Value)
assert_type(a.leaky_relu(slope=0.1), Value)
assert_type(engine.tanh(a), Value)
assert_type(engine.tanh(0.5), float)
assert_type(a > b, bool)
assert_type(a.backward(), None)
assert_type(engine.grad(a, b), Value)
assert_type(engine.grad(a, [b]), list[Value])
assert_type(a.inputs, tuple[Value, ...])
"""

WRONG = ["a.tahn()", "a.bakward()", "a * 'x'", "engine.thanh(a)", "Value(2.0, 3)", "a.data = 'x'"]


def check(folder, text):
    (folder / "program.py").write_text(text)
    shared = "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache")  # as `make types`
    command = [sys.executable, "-m", "mypy", "--strict", *shared, "program.py"]
    environment = {**os.environ, "MYPYPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_arithmetic_with_values_has_types(tmp_path):
    run = check(tmp_path, RIGHT)
    assert "program.py" not in run.stdout, run.stdout + run.stderr
    assert "1 source file" in run.stdout, run.stdout + run.stderr


def test_each_misspelled_name_and_wrong_operand_is_an_error(tmp_path):
    start = RIGHT[: RIGHT.index("assert_type(a * 2.0")]
    run = check(tmp_path, start + "\n".join(WRONG) + "\n")
    first = start.count("\n") + 1
    wrong = {
        int(line.split(":")[1])
        for line in run.stdout.splitlines()
        if line.startswith("program.py") and ": error:" in line
    }
    assert wrong == set(range(first, first + len(WRONG))), run.stdout

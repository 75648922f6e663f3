"""What debugpy shows of a Value that is opened; pydevd itself is tried, which debugpy brings along."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[3] / "engine" / "top"
PROGRAM = """
import json, sys
import debugpy._vendored
sys.path.insert(0, debugpy._vendored.project_root("pydevd"))
from _pydevd_bundle.pydevd_resolver import defaultResolver
from _pydevd_bundle.pydevd_xml import get_type
from engine import Value

class Weight(Value):
    pass

a, b = Weight(2.0, "a"), Value(-3.0)
product = a * b
product.backward()
_, name, resolver = get_type(product)
rows = resolver.get_dictionary(product)
print(json.dumps([
    {key: row if isinstance(row, (str, float, type(None))) else "node" for key, row in rows.items()},
    resolver.resolve(product, "input 1 (a)") is a,
    list(get_type(a)[2].get_dictionary(a)),
    get_type([a])[2] is get_type(product)[2],
]))
"""


def test_an_opened_value_shows_its_numbers_and_its_inputs_by_name():
    pytest.importorskip("debugpy")
    ran = subprocess.run(
        [sys.executable, "-X", "frozen_modules=off", "-W", "ignore", "-c", PROGRAM],
        env={"PYTHONPATH": f"{TOP.parents[1]}:{TOP}", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    rows, is_the_input, of_leaf, of_list = json.loads(ran.stdout.splitlines()[-1])
    assert rows == {
        "data": -6.0,
        "grad": 1.0,
        "operation": "mul",
        "input 1 (a)": "node",
        "input 1 (a): local gradient": -3.0,
        "input 2": "node",
        "input 2: local gradient": 2.0,
    }
    assert is_the_input
    assert of_leaf == ["data", "grad", "operation"]
    assert not of_list

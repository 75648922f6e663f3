"""The command verify."""

import json

import pytest

from engine import TABLE, unregister
from engine.value import BUILT_IN

pytestmark = pytest.mark.slow

GOOD = """
import engine

engine.register("cube", lambda x: x * x * x, lambda x, out: (3.0 * x * x,))
engine.register("scaled", lambda x, by: x * by, lambda x, out, by: (by,), parameters={"by": 2.0})
"""
WRONG = """
import engine

engine.register("halved", lambda x: x / 2.0, lambda x, out: (0.5,))
engine.register("squared", lambda x: x * x, lambda x, out: (x,))
"""


@pytest.fixture(autouse=True)
def _table_as_it_was():
    yield
    for name in [name for name in TABLE if name not in BUILT_IN]:
        unregister(name)


def test_each_operation_has_a_line(run, program):
    status, out, error = run("verify", program(GOOD), "--graphs", "10")
    assert (status, error) == (0, "")
    assert out.split("\n") == [
        "cube: ok, 4 samples, 10 graphs by 18 routes", "scaled: ok, 4 samples, 10 graphs by 18 routes", "",
    ]  # fmt: skip


def test_a_wrong_rule_is_a_failure_with_its_numbers(run, program):
    status, out, _ = run("verify", program(WRONG), "--graphs", "5")
    assert status == 1
    assert out.startswith("halved: ok, ")
    assert "\nsquared: WRONG, by its rule 0.7 with respect to x, by central differences 1.4\n" in out
    assert out.rstrip().endswith("DISAGREES")


def test_one_operation_can_be_chosen_and_the_result_is_json(run, program):
    file = program(WRONG)
    status, out, _ = run("verify", f"{file}:halved", "--json", "--graphs", "5", "--seed", "3")
    assert status == 0
    assert json.loads(out) == [
        {"operation": "halved", "samples": 4, "graphs": 5, "routes": 18, "trouble": "", "limits": [], "is_right": True}
    ]


def test_what_is_not_a_program_with_operations_is_refused(run, program):
    assert "registers no operation; call engine.register(name, value, rule) in it\n" in run("verify", program(""))[2]
    assert "'a*b' is not a program; write for instance my_ops.py\n" in run("verify", "a*b")[2]
    assert "has no operation named 'cub'; did you mean 'cube'?" in run("verify", program(GOOD) + ":cub")[2]


def test_without_a_program_the_table_is_tried_out(run):
    status, out, _ = run("verify", "--graphs", "1")
    assert status == 0
    assert [line.partition(":")[0] for line in out.rstrip().split("\n")] == list(BUILT_IN & TABLE.keys() and TABLE)

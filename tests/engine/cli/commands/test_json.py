"""Results as JSON, of every command that reports."""

import json

import pytest

from ..programs import TRAINING


@pytest.fixture
def result(run):
    """Run a command with ``--json``; return its status and what its standard output says as JSON."""

    def call(*arguments):
        status, out, err = run(*arguments, "--json")
        assert err == ""
        return status, json.loads(out, parse_constant=pytest.fail)

    return call


def test_check(result):
    status, found = result("check", "a*b", "a=2", "b=-3")
    assert (status, found["agrees"]) == (0, True)
    assert [(row["name"], row["backpropagated"]) for row in found["rows"]] == [("a", -3.0), ("b", 2.0)]


def test_doctor(result, program):
    status, found = result("doctor", program(TRAINING))
    assert (status, found["findings"]) == (0, [])
    status, found = result("doctor", "square = x*x; square - 1", "x=1e200")
    assert status == 1
    (finding,) = found["findings"]
    assert (finding["code"], finding["node"]["name"], finding["node"]["data"]) == ("not-finite", "square", "inf")


def test_explain(result):
    status, (a, b) = result("explain", "d = a*b; d + a", "a=2", "b=-3")
    assert status == 0
    assert (a["name"], a["gradient"], a["of"], a["paths"]) == ("a", -2.0, "v3", 2)
    assert {tuple(path["nodes"]): path["product"] for path in a["strongest_paths"]} == {
        ("v3", "d", "a"): -3.0,
        ("v3", "a"): 1.0,
    }
    assert (b["name"], b["gradient"]) == ("b", 2.0)
    halves = "; ".join(["x1 = x + x", *(f"x{i + 1} = x{i} + x{i}" for i in range(1, 100)), "x100"])
    assert result("explain", halves, "x=1")[1][0]["paths"] == "about 1.27e+30"
    status, (d,) = result("explain", "d = a*b; d + a", "a=2", "b=-3", "--node", "d")
    assert (d["operation"], d["inputs"], d["local_gradients"]) == ("mul", ["a", "b"], [-3.0, 2.0])
    assert "What d receives" in d["text"]


def test_costs(result):
    status, found = result("costs", "p = a*b; p*p", "a=2", "b=3")
    assert (status, found["edges"], found["paths"], found["by_input"]) == (0, 4, 4, {"a": 2, "b": 2})
    doubled = "; ".join(["x1 = x + x", *(f"x{i + 1} = x{i} + x{i}" for i in range(1, 100)), "x100"])
    assert float(result("costs", doubled, "x=1")[1]["paths"]) == 2.0**100


def test_quiz(result):
    status, found = result("quiz", "--seed", "2", "--count", "3", "--topic", "gradient")
    assert (status, found["seed"], len(found["items"])) == (0, 2, 3)
    assert all(item["topic"] == "gradient" and item["question"] and item["answer"] for item in found["items"])
    assert result("quiz", "--seed", "2", "--count", "3", "--topic", "gradient")[1] == found


def test_lab(result, program):
    status, rules = result("lab")
    assert (status, rules["seed-left-out"]) == (0, "Leave out the seed.")
    status, found = result("lab", "assigned-not-added")
    assert (status, found["is_right"]) == (0, False)
    assert [(n["name"], n["gradient"], n["found"]) for n in found["failure"]["nodes"]] == [("a", 2, 1), ("L", 1, 1)]
    found = result("lab", "assigned-not-added", "-o", "g.dot")[1]
    assert found["drawing"] == "g.dot"
    program("def right(root):\n    root.backward()", "mine.py")
    assert result("lab", "mine.py:right") == (0, {"rule": "mine.py:right", "is_right": True, "failure": None})

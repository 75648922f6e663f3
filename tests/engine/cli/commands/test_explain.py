"""The command explain."""

import json
import re
from pathlib import Path

import pytest

import engine
from engine import leaves, parse

from ..programs import TRAINING


def test_explain_draws_the_tree_and_tells_of_every_input(run):
    status, out, err = run("explain", "a*b + a", "a=2", "b=-3")
    assert (status, err) == (0, "")
    root = parse("a*b + a", a=2, b=-3)
    root.backward()
    a, b = leaves(root)
    assert (
        out
        == "\n\n".join(map(str, (engine.tree(root, names={}), *(engine.explain(root, x, names={}) for x in (a, b)))))
        + "\n"
    )


def test_explain_tells_of_the_inputs_that_are_named(run, program):
    status, out, err = run("explain", program(TRAINING), "--wrt", "b")
    assert status == 0
    notice = "w[0] and b have been changed since the forward pass; these are the numbers of the forward pass."
    assert err == f"stepgrad: {notice} --now computes the graph anew.\n"
    assert run("explain", program(TRAINING), "--wrt", "b", "--now")[2] == ""
    assert re.findall(r"^d\(loss\)/d\((.*)\) = ", out, re.MULTILINE) == ["b"]
    assert run("explain", "a*b", "a=1", "b=2", "--wrt", "w")[2] == (
        "stepgrad: the graph has no input named 'w'; it has 'a' and 'b'\n"
    )


def test_explain_says_how_many_inputs_it_left_out(run):
    status, out, err = run("explain", "a+b+c+d+e+f+g", *(f"{x}=1" for x in "abcdefg"))
    assert (status, err) == (0, "stepgrad: 2 more inputs; name them with --wrt\n")
    assert out.count("\n====") == 5


def test_explain_tells_of_one_node(run):
    status, out, _ = run("explain", "d = a*b; tanh(d)", "a=2", "b=-3", "--node", "d")
    assert status == 0
    assert out.startswith("d = a * b = -6\n")
    assert "What d receives" in out
    status, _, err = run("explain", "weight*2", "weight=1", "--node", "wieght")
    assert (status, err) == (1, "stepgrad: the graph has no node named 'wieght'; did you mean 'weight'?\n")


@pytest.mark.parametrize(("form", "says"), [("markdown", "### $\\frac{"), ("latex", "\\section*{$\\frac{")])
def test_explain_writes_formulas_into_files(run, form, says):
    assert run("explain", "a*b", "a=2", "b=-3", "--wrt", "a", "--format", form, "-o", "x.txt") == (0, "x.txt\n", "")
    assert Path("x.txt").read_text(encoding="utf-8").startswith(says)


def test_json_goes_to_the_file_that_is_asked_for(run, folder):
    status, out, err = run("explain", "a*b", "a=2", "b=3", "--json", "-o", "e.json")
    assert (status, err) == (0, "")
    assert json.loads(out) == {"file": "e.json"}
    assert json.loads(run("explain", "a*b", "a=2", "b=3", "--json")[1]) == json.loads(Path("e.json").read_text())

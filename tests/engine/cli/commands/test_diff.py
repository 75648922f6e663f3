"""The command diff: two targets of any kind."""

import io
import json
import re
import sys
from pathlib import Path

import pytest

from tests.engine.cli.programs import TRAINING


def test_two_expressions_with_numbers_of_their_own(run):
    status, out, err = run("diff", "tanh(w*x)", "tanh(w*x)", "w=2", "x=0.5", "--b", "w=2.5")
    assert (status, err) == (1, "")
    assert "The first difference: w is 2 in A and 2.5 in B." in out
    assert "all together" in out
    assert run("diff", "tanh(w*x)", "tanh(w*x)", "w=2", "x=0.5")[0] == 0


def test_json_says_what_the_text_says(run):
    status, out, _ = run("diff", "a*b + c", "a*b + c", "a=2", "b=3", "c=4", "--b", "c=5", "--json")
    found = json.loads(out)
    assert (status, found["same_structure"], found["difference"]) == (1, True, 1.0)
    assert found["first_difference"] == "c is 4 in A and 5 in B"
    assert found["parts"] == [{"name": "c", "first": 4.0, "second": 5.0, "part": 1.0}]
    assert [row["name"] for row in found["rows"] if row["differences"]] == ["c", "v4"]
    assert found["rows"][0] == {"name": "a", "differences": [], "a": {"data": 2.0, "grad": 3.0},
                                "b": {"data": 2.0, "grad": 3.0}}  # fmt: skip
    status, out, _ = run("diff", "a*b", "a*b + 1", "a=2", "b=3", "--json", "-o", "x.txt")
    assert json.loads(out) == {"file": "x.txt"}
    assert json.loads(Path("x.txt").read_text())["rows"][2] == {
        "name": "1", "differences": ["only in B"], "a": None, "b": {"data": 1.0, "grad": 1.0},
    }  # fmt: skip
    assert json.loads(run("diff", "a*b", "a*b", "a=2", "b=3", "--json")[1])["first_difference"] is None


def test_a_program_and_its_saved_graph_are_equal(run, program):
    program(TRAINING, "one.py")
    program(TRAINING.replace("range(3)", "range(4)"), "two.py")
    run("save", "one.py", "-o", "one.json")
    assert run("diff", "one.py", "one.json")[0] == 0
    status, out, err = run("diff", "one.json", "two.py", "--now")
    assert (status, err) == (1, "")
    assert "The first difference: w[0] is " in out
    status, out, err = run("diff", "one.json", "a*b", "a=1", "b=2")
    assert (status, "differ in structure" in out) == (1, True)
    assert "have been changed since" in err


@pytest.mark.parametrize("suffix", [".html", ".md", ".txt"])
def test_files_in_three_formats(run, suffix):
    status, out, _ = run("diff", "a*b", "b*a", "a=2", "b=3", "-o", f"x{suffix}")
    assert (status, out) == (1, f"x{suffix}\n")
    text = Path(f"x{suffix}").read_text()
    assert "a * b" in text or "a \\* b" in text
    assert text.startswith("<!DOCTYPE html>") == (suffix == ".html")


def test_wrong_calls(run, program, monkeypatch):
    program(TRAINING, "one.py")
    for arguments, status, says in [
        (["one.py", "one.py", "--b", "a=1"], 1, "--b gives numbers to an expression, and one.py has its own"),
        (["one.py", "one.py", "a=1"], 1, "numbers such as a=... are for expressions; one.py has its own"),
        (["-", "-"], 1, "only one of A and B can be read from standard input"),
        (["one.py"], 2, "the following arguments are required: B"),
        (["a", "b", "x"], 2, "expected NAME=NUMBER, such as a=2, not 'x'"),
        (["one.py", "one.py", "-o", "x.svg"], 1, "a comparison must be saved as .html, .htm, .md or .txt"),
    ]:
        found, _, err = run("diff", *arguments)
        assert (found, says in err) == (status, True), err
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a*b")))
    assert run("diff", "-", "a*b", "a=1", "b=2")[0] == 0


def test_a_page_has_both_drawings_with_what_differs_marked(run):
    assert run("diff", "tanh(w*x)", "tanh(w*x)", "w=2", "x=0.5", "--b", "w=2.5", "-o", "d.html")[0] == 1
    first, second = re.findall(r"<figure.*?</figure>", Path("d.html").read_text(encoding="utf-8"), re.DOTALL)
    for figure, number in ((first, "2"), (second, "2.5")):
        marked = re.findall(r'class="value \w+(?: root)? current" data-name="(\w+)"', figure)
        assert marked == ["v0", "v2", "v3"]  # w, the product and the root, not x
        assert f">{number}</text>" in figure
    assert run("diff", "a*b", "a*b", "a=2", "b=3", "-o", "d.html")[0] == 0
    assert "current" not in Path("d.html").read_text(encoding="utf-8")

"""The command draw: pictures."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from ..programs import TRAINING


def test_draw_writes_a_picture(run, program):
    assert run("draw", program()) == (0, "graph.svg\n", "")
    picture = Path("graph.svg").read_text()
    assert "tanh" in picture
    assert ">a<" in picture


def test_draw_takes_a_file_and_a_direction(run, program):
    assert run("draw", f"{program()}:c", "-o", "c.dot", "--direction", "TB") == (0, "c.dot\n", "")
    assert "tanh" not in Path("c.dot").read_text()
    assert "rankdir=TB" in Path("c.dot").read_text()


def test_numbers_may_stand_anywhere_behind_the_expression(run):
    assert run("draw", "a*b - c", "a=2", "-o", "g.dot", "b=-3", "--direction=TB", "c = 1e-3")[0] == 0
    assert "-6.001" in Path("g.dot").read_text()
    assert run("draw", "-o", "g.dot", "--", "-a*b", "a=2", "b=1/3")[0] == 0
    assert "-0.6667" in Path("g.dot").read_text()


@pytest.mark.parametrize(
    ("grad", "option", "expected"),
    [
        (None, [], 3.0), (None, ["--backward"], 3.0), (None, ["--no-backward"], None),
        (7.0, [], 7.0), (7.0, ["--backward"], 3.0), (7.0, ["--no-backward"], 7.0),
    ],
)  # fmt: skip
def test_draw_computes_gradients_unless_they_are_there(run, program, monkeypatch, grad, option, expected):
    drawn = []

    def draw(root, **options):
        drawn.append(root)
        return SimpleNamespace(save=lambda path: path, notices=())

    monkeypatch.setattr("engine.drawing.drawing.draw", draw)
    program(f"from engine import Value\na = Value(2.0)\nroot = a * 3.0\nroot.grad = a.grad = {grad}")
    assert run("draw", "program.py", *option)[0] == 0
    assert drawn[0].inputs[0].grad == expected


def test_draw_folds_opens_and_paints_as_asked(run, program):
    text = "import nn\nmodel = nn.MLP(2, [3, 1])\nloss = model([0.5, 1.0]) ** 2"

    def drawn(*options):
        assert run("draw", program(text), "-o", "g.svg", *options) == (0, "g.svg\n", "")
        return Path("g.svg").read_text()

    assert drawn("--depth", "1").count('class="folded scope') == 2
    opened = drawn("--expand", "layer 1.neuron 2", "--expand", "layer 2")
    assert opened.count('class="folded scope') == 3
    assert "#11161d" in drawn("--theme", "dark")
    assert 'class="legend"' not in drawn("--no-legend")
    assert 'class="grad"' not in drawn("--no-gradients")
    assert 'class="local"' in drawn("--local-gradients")
    assert re.search(r'class="data"[^>]*>0\.5000<', drawn("--number-format", ".4f"))


def test_draw_takes_the_programs_own_word_for_what_is_trained(run, program):
    assert run("draw", program(TRAINING), "-o", "g.svg")[0] == 0
    assert Path("g.svg").read_text().count('class="value parameter') == 2


def test_draw_says_what_it_did_not_draw(run, program):
    text = "from engine import *\nx = Value(0.5)\nfor _ in range(50):\n    x = tanh(x)"
    status, out, err = run("draw", program(text), "-o", "g.dot", "--limit", "9")
    assert (status, out) == (0, "g.dot\n")
    assert "They would need 51 boxes, more than --limit 9." in err


@pytest.mark.parametrize(
    ("options", "status", "says"),
    [
        (["--number-format", "zz"], 1, "stepgrad: --number-format must be a format such as '.3f' or '.2e', not 'zz'"),
        (["--timeout", "0"], 2, "argument --timeout: must be a number of seconds, from above 0 to 1e+06, not '0'"),
        (
            ["--expand", "layer"],
            1,
            "stepgrad: --expand must name a scope of the graph, not 'layer'; the graph has no scopes",
        ),
        (["--depth", "0"], 2, "stepgrad draw: argument --depth: must be a whole number, 1 or more, not '0'"),
        (["--limit", "x"], 2, "argument --limit: must be a whole number, 1 or more, not 'x'"),
    ],
)
def test_what_cannot_be_drawn_so_is_said(run, options, status, says):
    found, out, err = run("draw", "a*2", "a=1", *options)
    assert (found, out) == (status, "")
    assert says in err


@pytest.mark.parametrize("out", ["graph.txt", "absent/graph.svg"])
def test_a_picture_that_cannot_be_written_is_said(run, out):
    status, printed, err = run("draw", "a*2", "a=1", "-o", out)
    assert (status, printed) == (1, "")
    assert err.startswith("stepgrad: ")
    assert err.count("\n") == 1

"""The commands that look at a graph: draw, page, explain, debug, program."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import engine
from engine import leaves, parse

from .programs import TRAINING

# --- draw ---------------------------------------------------------------------------------------------


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
    assert err.startswith("stepgrad: 51 values would need 51 boxes, more than --limit 9, so only ")


@pytest.mark.parametrize(
    ("options", "status", "says"),
    [
        (["--number-format", "zz"], 1, "stepgrad: --number-format must be a format such as '.3f' or '.2e', not 'zz'"),
        (["--timeout", "0"], 1, "stepgrad: --timeout must be greater than 0, not 0.0"),
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


# --- page ---------------------------------------------------------------------------------------------


def test_page_writes_a_page(run, program):
    assert run("page", program()) == (0, "backprop.html\n", "")
    page = Path("backprop.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "<title>d = 0.999988, step by step</title>" in page


def test_page_takes_options(run):
    said = run("page", "a*b", "a=2", "b=3", "-o", "p.html", "--title", "A product", "--direction", "TB")
    assert said == (0, "p.html\n", "")
    assert "<title>A product</title>" in Path("p.html").read_text(encoding="utf-8")


def test_page_says_what_it_folds_and_what_it_cannot_write(run, program):
    text = "from engine import *\nx = Value(0.5)\nfor _ in range(50):\n    x = tanh(x)"
    status, out, err = run("page", program(text), "--limit", "9")
    assert (status, out) == (0, "backprop.html\n")
    assert err.startswith("stepgrad: 51 values would need 51 boxes, more than --limit 9, so only ")
    status, out, err = run("page", "a*2", "a=1", "-o", "page.svg")
    assert (status, out) == (1, "")
    assert "a page must be saved as .html" in err
    assert run("page", "a*2", "a=1", "--timeout", "-1")[2].startswith("stepgrad: --timeout ")


def test_page_opens_the_page(run, folder, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert run("page", "a*2", "a=1", "--open")[0] == 0
    assert opened == [(folder / "backprop.html").resolve().as_uri()]


# --- explain ------------------------------------------------------------------------------------------


def test_explain_draws_the_tree_and_tells_of_every_input(run):
    status, out, err = run("explain", "a*b + a", "a=2", "b=-3")
    assert (status, err) == (0, "")
    root = parse("a*b + a", a=2, b=-3)
    root.backward()
    a, b = leaves(root)
    assert out == f"{engine.tree(root)}\n\n{engine.explain(root, a)}\n\n{engine.explain(root, b)}\n"


def test_explain_tells_of_the_inputs_that_are_named(run, program):
    status, out, err = run("explain", program(TRAINING), "--by", "b")
    assert (status, err) == (0, "")
    assert re.findall(r"^d\(loss\)/d\((.*)\) = ", out, re.MULTILINE) == ["b"]
    assert run("explain", "a*b", "a=1", "b=2", "--by", "w")[2] == (
        "stepgrad: the graph has no input named 'w'; it has 'a' and 'b'\n"
    )


def test_explain_says_how_many_inputs_it_left_out(run):
    status, out, err = run("explain", "a+b+c+d+e+f+g", *(f"{x}=1" for x in "abcdefg"))
    assert (status, err) == (0, "stepgrad: 2 more inputs; name them with --by\n")
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
    assert run("explain", "a*b", "a=2", "b=-3", "--by", "a", "--format", form, "-o", "x.txt") == (0, "x.txt\n", "")
    assert Path("x.txt").read_text(encoding="utf-8").startswith(says)


# --- debug --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("went_well", "status"), [(True, 0), (False, 1)])
def test_debug_hands_the_value_and_commands_to_the_debugger(run, program, monkeypatch, went_well, status):
    asked = []

    def debug(root, **more):
        asked.append((root.data, list(more["commands"])))
        return went_well

    monkeypatch.setitem(sys.modules, "engine.debugger.shell", SimpleNamespace(debug=debug))
    Path("lesson.txt").write_text("break a\ncontinue\n")
    assert run("debug", "a*2", "a=3")[0] == status
    assert run("debug", "a*2", "a=3", "-x", "lesson.txt")[0] == status
    assert asked == [(6.0, []), (6.0, ["break a", "continue"])]
    assert run("debug", "a*2", "a=3", "-x", "absent.txt")[0] == 1
    Path("lesson.txt").write_bytes(b"\xff")
    status, _, err = run("debug", "a*2", "a=3", "-x", "lesson.txt")
    assert status == 1
    assert err.startswith("stepgrad: 'utf-8' codec can't decode")


# --- program ------------------------------------------------------------------------------------------


def test_program_prints_a_program_that_computes_the_gradients(run):
    status, out, _ = run("program", "d = a*b; tanh(d + c)", "a=2", "b=-3", "c=5")
    assert status == 0
    namespace = {}
    exec(out, namespace)
    expected = parse("d = a*b; tanh(d + c)", a=2, b=-3, c=5)
    expected.backward()
    loss, gradients = namespace["backpropagate"]([], [2.0, -3.0, 5.0])
    assert loss == expected.data
    assert list(gradients) == [leaf.grad for leaf in leaves(expected)]


def test_program_writes_a_file_and_shows_the_plain_steps(run, tmp_path):
    path = tmp_path / "unrolled.py"
    status, out, _ = run("program", "a * 2 * 3", "a=2", "--plain", "-o", str(path))
    assert (status, out) == (0, f"{path}\n")
    assert "d_number_1 = " in path.read_text()

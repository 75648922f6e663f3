"""The command page."""

import sys
from pathlib import Path


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
    assert "They would need 51 boxes, more than --limit 9." in err
    status, out, err = run("page", "a*2", "a=1", "-o", "page.svg")
    assert (status, out) == (1, "")
    assert "a page must be saved as .html" in err
    assert "argument --timeout: must be a number of seconds" in run("page", "a*2", "a=1", "--timeout", "-1")[2]


def test_page_opens_the_page(run, folder, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert run("page", "a*2", "a=1", "--open")[0] == 0
    assert opened == [(folder / "backprop.html").resolve().as_uri()]


def test_page_writes_films_and_slides(run):
    status, out, err = run(
        "page", "a*b", "a=2", "b=3", "--svg", "f.svg", "--slides", "s", "--update", "0.1", "--seconds", "2"
    )
    assert (status, out, err) == (0, "f.svg\ns\n", "")
    assert not Path("backprop.html").exists()
    assert Path("f.svg").read_text(encoding="utf-8").count("update, step") == 2
    assert "animation: 16s step-end" in Path("f.svg").read_text(encoding="utf-8")
    assert len(list(Path("s").iterdir())) == 7
    assert run("page", "a*b", "a=2", "b=3", "--svg", "g.svg", "-o", "p.html") == (0, "p.html\ng.svg\n", "")


def test_what_a_film_needs_is_looked_for_before_any_work(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    status, out, err = run("page", "a*b", "a=2", "b=3", "-o", "p.html", "--gif", "f.gif")
    assert (status, out, Path("p.html").exists()) == (1, "", False)
    assert "resvg_py is missing: pip install 'stepgrad[film]'" in err


def test_page_refuses_other_endings_before_any_work(run):
    assert (
        run("page", "a*b", "a=2", "b=3", "--gif", "f.mp4")[2]
        == "stepgrad: the file of --gif must be saved as .gif, not 'f.mp4'\n"
    )
    err = run("page", "a*b", "a=2", "b=3", "--slides", "f.ppt")[2]
    assert err == "stepgrad: slides are a file that ends in .pdf, or a folder without an ending, not f.ppt\n"
    status, _, err = run("page", "a*b", "a=2", "b=3", "--mp4", "no/f.mp4")
    assert (status, "no/f.mp4" in err) == (1, True)
    Path("full").mkdir()
    Path("full", "x").touch()
    err = run("page", "a*b", "a=2", "b=3", "--slides", "full", "-o", "p.html")[2]
    assert err == "stepgrad: full is not empty; slides need a new folder, or an empty one\n"
    assert not Path("p.html").exists()

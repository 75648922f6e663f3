"""Standard input as a target or a script, and colours."""

import io
import sys

import pytest

from engine.cli.target import load

from .programs import PROGRAM


@pytest.fixture
def typed(monkeypatch):
    """Return a function that puts a text on the standard input."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_an_expression_comes_from_standard_input(run, typed):
    typed("d = a*b\ntanh(d)\n")
    status, out, _ = run("check", "-", "a=0.5", "b=1")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["a", "b"]
    typed("a*")
    assert run("check", "-", "a=0.5")[0] == 1


def test_a_program_comes_from_standard_input(typed, folder):
    (folder / "sibling.py").write_text("factor = 2.0")
    typed(f"import sibling\n{PROGRAM}\nroot = d * sibling.factor\n")
    target = load("-", {})
    assert target.root.label == "root"
    assert target.root.source.text == "root = d * sibling.factor"


def test_what_is_wrong_with_standard_input_names_it(run, typed):
    typed("import engine")
    assert run("check", "-")[2].startswith("stepgrad: <stdin> leaves no Value in a top-level variable")
    typed("import engine\nx = 1 / 0")
    status, _, err = run("check", "-")
    assert status == 1
    assert 'File "<stdin>", line 2, in <module>\n    x = 1 / 0' in err


def test_a_function_for_the_lab_comes_from_standard_input(run, typed):
    typed("def backward(root):\n    root.grad = 1.0\n")
    assert run("lab", "-")[0] == 1
    typed("def backward(root):\n    root.backward()\n")
    assert run("lab", "-")[0] == 0


def test_a_script_for_the_debugger_comes_from_standard_input(run, typed):
    typed("next\nwhy a\n")
    status, out, err = run("debug", "a*a", "a=3", "-x", "-")
    assert (status, err) == (0, "")
    assert "(stepgrad) why a\na.grad is 6 at the end" in out


@pytest.mark.parametrize(
    ("options", "environment", "painted"),
    [
        ([], {}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color=never"], {}, False),
        (["--color", "auto"], {}, False),
    ],
)
@pytest.mark.parametrize("command", [["debug", "a*a", "a=3"], ["quiz"]])
def test_colours_are_chosen(run, typed, monkeypatch, command, options, environment, painted):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    typed("")
    assert ("\x1b[" in run(*command, *options)[1]) is painted
    assert "\x1b[" not in run(*command)[1]

"""The README: its examples run, and print what it says."""

import contextlib
import io
import re
from pathlib import Path

import pytest

import engine

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.fixture
def table():
    """Leave the table of operations as it was."""
    before = set(engine.TABLE)
    yield
    for name in set(engine.TABLE) - before:
        engine.unregister(name)


@pytest.mark.usefixtures("table")
def test_the_examples_print_what_the_readme_says():
    blocks = re.findall(r"```(python|text)\n(.*?)```", README, re.DOTALL)
    namespace: dict = {}
    printed, checked = "", 0
    for kind, text in blocks:
        if kind == "python" and "import" in text:
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(text, "README.md", "exec"), namespace)
            printed = out.getvalue()
        elif kind == "text" and printed:
            assert printed == text
            printed, checked = "", checked + 1
    assert checked >= 3


def test_the_chain_rule_stands_in_the_readme_as_in_the_code():
    code = (ROOT / "engine" / "backprop.py").read_text()
    line = "operand.grad += local * node.grad  # the chain rule"
    assert code.count(line) == README.count(line) == 1


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_what_the_readme_links_to_is_there(link):
    assert (ROOT / link).exists()

"""The README: its examples run, and print what it says."""

import contextlib
import io
import re
import shutil
from pathlib import Path

import pytest

import engine

ROOT = Path(__file__).parents[2]
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


def commands(block):
    """Return each command of a block of the README and what it says that the command prints."""
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)


CONSOLE = re.findall(r"```console\n(.*?)```", README, re.DOTALL)


@pytest.mark.needs_bash
@pytest.mark.parametrize("block", CONSOLE, ids=lambda block: commands(block)[0][0])
def test_the_commands_print_what_the_readme_says(block, shell):
    shutil.copytree(ROOT / "demos", shell.folder / "demos")
    for line, says in commands(block):
        assert f"$ {line}\n{shell(line).stdout}" == f"$ {line}\n{says}"


def test_all_of_a_block_of_commands_is_tried():
    block = "$ one | two\nprinted\n\n  more $ \n$ silent\n$ three\n"
    assert commands(block) == [("one | two", "printed\n\n  more $ \n"), ("silent", ""), ("three", "")]
    assert CONSOLE
    assert all("".join(f"$ {line}\n{says}" for line, says in commands(text)) == text for text in CONSOLE)


def test_the_chain_rule_stands_in_the_readme_as_in_the_code():
    code = (ROOT / "engine" / "backprop.py").read_text()
    line = "operand.grad += local * node.grad  # the chain rule"
    assert code.count(line) == README.count(line) == 1


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_what_the_readme_links_to_is_there(link):
    assert (ROOT / link).exists()

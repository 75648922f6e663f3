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
PAGES = [
    ROOT / "README.md",
    *(page for room in (".github", "engine", "tests", "demos") for page in (ROOT / room).rglob("*.md")),
]


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


def links(page):
    """Return the relative links of a page, without the places in a page that they lead to."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [link for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if ":" not in link]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_links_to_is_there(page):
    assert [link for link in links(page) if not (page.parent / link).exists()] == []


def test_links_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("[a](b.md) ![c](d/e.svg)\n[f](https://g.h) [i](#j) [k](l.md#m)\n```\n[n](o)\n```\n`[p](q)`")
    assert links(page) == ["b.md", "d/e.svg", "l.md"]

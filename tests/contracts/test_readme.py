"""The README and the guide: their examples run and print what they say, and their links lead somewhere."""

import re
import shutil
from pathlib import Path

import pytest

import engine
from demos.build import pages

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [
    ROOT / "README.md",
    *(page for room in (".github", "engine", "tests", "demos") for page in (ROOT / room).rglob("*.md")),
]
NEEDS = {
    "torch_and_jax.md": [pytest.mark.needs_torch, pytest.mark.needs_jax],
    "onward.md": [pytest.mark.needs_jax, pytest.mark.needs_compiler],
}
RUN = [pytest.param(page, id=page.relative_to(ROOT).as_posix(), marks=NEEDS.get(page.name, ())) for page in pages.PAGES]


@pytest.fixture
def table():
    """Leave the table of operations as it was."""
    before = set(engine.TABLE)
    yield
    for name in set(engine.TABLE) - before:
        engine.unregister(name)


@pytest.mark.needs_bash
@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("page", RUN)
def test_the_examples_print_what_a_page_says(page, shell, monkeypatch):
    """If outputs changed on purpose, `make pages` writes the new ones."""
    shutil.copytree(ROOT / "demos", shell.folder / "demos")
    monkeypatch.chdir(shell.folder)
    text = page.read_text(encoding="utf-8")
    assert pages.run(text, lambda command: shell(command).stdout) == text


@pytest.mark.parametrize(
    ("text", "anew"),
    [
        ("```python\nx = 2\n```\n", "```python\nx = 2\n```\n"),
        ("```python\nprint(2)\n```\n", "```python\nprint(2)\n```\n\n```text\n2\n```\n"),
        ("```python\nprint(2)\n```\n\n```text\n3\n```\n", "```python\nprint(2)\n```\n\n```text\n2\n```\n"),
        ("```python\nx = 2\n```\n\n```text\n3\n```\nb\n", "```python\nx = 2\n```\nb\n"),
        ("```console\n$ a | b\nold\n\n  more $ \n$ c\n```\n", "```console\n$ a | b\nA | B\n$ c\nC\n```\n"),
        ("```json\n1\n```\n\n```text\nas it is\n```\n", "```json\n1\n```\n\n```text\nas it is\n```\n"),
    ],
)
def test_outputs_are_written_anew(text, anew):
    assert pages.run(text, lambda command: command.upper() + "\n") == anew


def test_blocks_of_a_page_share_their_names_and_errors_are_not_hidden():
    run = pages.run("```python\nx = 2\n```\nthen\n```python\nprint(x)\n```\n", shell=str)
    assert run.endswith("```text\n2\n```\n")
    with pytest.raises(NameError):
        pages.run("```python\ny\n```\n", shell=str)


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

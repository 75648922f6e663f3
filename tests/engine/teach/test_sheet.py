"""Sheets for printing: the same items in HTML, Markdown and LaTeX, without and with their solutions."""

import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from engine.errors import UsageError
from engine.teach.quiz import make_items
from engine.teach.sheet import write_sheets

ASKED = [*make_items(count=14, seed=4), *make_items(topics=["ideas"], count=3, seed=4)]
HOSTILE = r"<b>&\input{x}$_^~%#`*|</b>"


def written(folder, suffix, asked=ASKED, seed=4):
    """Return the texts of the two sheets."""
    paths = write_sheets(asked, folder / f"sheet{suffix}", folder / f"solutions{suffix}", seed=seed)
    return [path.read_text(encoding="utf-8") for path in paths]


class Reader(HTMLParser):
    """Read what a page shows, and whether its tags are closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.shown = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.shown += data


def test_html_is_whole_and_asks_everything(tmp_path):
    questions, solutions = (Reader(text) for text in written(tmp_path, ".html"))
    assert questions.open == solutions.open == []
    for item in ASKED:
        for line in (*item.given, item.question, *item.options):
            assert line in questions.shown
            assert line in solutions.shown
        for line in (item.answer, *item.solution):
            assert line in solutions.shown
    assert "Quiz (no. 4)" in questions.shown
    assert "Solutions (no. 4)" in solutions.shown


def test_markdown_is_numbered_and_asks_everything(tmp_path):
    raw, solutions = written(tmp_path, ".md")
    questions, solutions = (re.sub(r"\\(.)", r"\1", text) for text in (raw, solutions))
    for place, item in enumerate(ASKED, 1):
        assert f"## {place}. {item.topic}" in questions
        assert all(f"${formula}$" in raw for formula in item.latex)
        for text in (*item.given[len(item.latex) :], item.question, *item.options):
            assert text in questions
        assert f"Answer: {item.answer}" in solutions
        assert "\n".join(item.solution) in solutions
    assert questions.count("```") % 2 == solutions.count("```") % 2 == 0


@pytest.mark.parametrize("suffix", [".html", ".md", ".tex"])
def test_the_questions_do_not_give_the_answers_away(tmp_path, suffix):
    questions, solutions = written(tmp_path, suffix)
    assert "Answer:" not in questions and "Answer:" in solutions
    ways = [item.solution[-1] for item in ASKED if " = " in item.solution[-1]]
    assert not any(way in questions for way in ways if suffix != ".tex")
    assert len(solutions) != len(questions)


def test_latex_has_formulas_and_balanced_braces(tmp_path):
    for text in written(tmp_path, ".tex"):
        assert r"\begin{document}" in text and text.count(r"\section*") == len(ASKED) + 1
        assert any(f"${formula}$" in text for formula in ASKED[5].latex)
        bare = re.sub(r"\\[{}\\]", "", text)
        assert bare.count("{") == bare.count("}")
        assert all(sign.isascii() for sign in text)


@pytest.mark.needs_latex
def test_latex_compiles(tmp_path):
    hostile = replace(ASKED[0], question=HOSTILE, solution=(HOSTILE,))
    written(tmp_path, ".tex", [*ASKED, hostile])
    for name in ("sheet.tex", "solutions.tex"):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-draftmode", name]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=100)
        assert run.returncode == 0, run.stdout[-2000:]


def test_signs_of_the_languages_are_escaped(tmp_path):
    item = replace(ASKED[0], question=HOSTILE, solution=(HOSTILE,), given=("a = <1>",))
    page, _ = written(tmp_path, ".html", [item])
    assert HOSTILE in Reader(page).shown and "<b>&" not in page
    markdown, _ = written(tmp_path, ".md", [item])
    assert r"\<b\>\&\\input\{x\}\$\_\^\~%\#\`\*\|\</b\>" in markdown
    latex, _ = written(tmp_path, ".tex", [item])
    assert r"\textbackslash{}input\{x\}\$\_\textasciicircum{}\textasciitilde{}\%\#" in latex


def test_the_room_for_an_answer_goes_with_its_way(tmp_path):
    long = replace(ASKED[0], solution=("step",) * 20)
    page, _ = written(tmp_path, ".html", [ASKED[0], long])
    assert page.count('class="blank"') == len(ASKED[0].solution) + 6
    page, _ = written(tmp_path, ".html", ASKED[-1:])
    assert page.count('class="blank"') == 1


def test_one_of_the_sheets_is_enough(tmp_path):
    assert write_sheets(ASKED, None, tmp_path / "only.HTM") == [tmp_path / "only.HTM"]
    assert "<title>Solutions</title>" in (tmp_path / "only.HTM").read_text()


def test_another_suffix_is_refused_and_nothing_written(tmp_path):
    with pytest.raises(UsageError, match="'.doc' of 'solutions.doc'; use .html, "):
        write_sheets(ASKED, tmp_path / "sheet.md", tmp_path / "solutions.doc")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".html", ".md", ".tex"])
def test_the_same_items_make_the_same_sheets(tmp_path, suffix):
    assert written(tmp_path, suffix) == written(tmp_path, suffix, make_items(count=14, seed=4) + ASKED[14:])

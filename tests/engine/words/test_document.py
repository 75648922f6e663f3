"""Documents: one content in plain text, Markdown and LaTeX."""

import pytest

from engine import Document, Formula
from engine.words.document import escape_latex, escape_markdown

X = Formula("x", "x")
ABS = Formula("|x|", r"\left|x\right|")
COLUMN = Formula("[ 1 ]\n[ 2 ]\n[ 3 ]", r"\begin{pmatrix} 1 \\ 2 \\ 3 \end{pmatrix}")


def document():
    return (
        Document()
        .heading("About ", X)
        .say("50% of ", ABS, " is a_b.")
        .heading("Part", level=2)
        .equations([[X, ABS, Formula("-1.5", "-1.5")], ["product_1", "", Formula("10", "10")]])
        .table(["what", ABS], [[X, Formula("2", "2")], ["a|b", Formula("-0.25", "-0.25")]])
    )


def test_plain_text():
    assert str(document()) == repr(document()) == document().text
    assert document().text.split("\n") == [
        "About x",
        "=======",
        "",
        "50% of |x| is a_b.",
        "",
        "Part",
        "----",
        "",
        "  x         = |x| = -1.5",
        "  product_1       = 10",
        "",
        "  what  |x|",
        "  x      2",
        "  a|b   -0.25",
    ]


def test_markdown():
    assert document()._repr_markdown_() == document().markdown
    assert document().markdown.split("\n") == [
        "### About $x$",
        "",
        r"50% of $\left|x\right|$ is a\_b.",
        "",
        "#### Part",
        "",
        "$$",
        r"\begin{aligned}",
        r"x &= \left|x\right| &&= -1.5 \\",
        r"\text{product\_1} & &&= 10",
        r"\end{aligned}",
        "$$",
        "",
        r"| what | $\left\vert x\right\vert $ |",
        "| --- | --- |",
        "| $x$ | $2$ |",
        r"| a\|b | $-0.25$ |",
        "",
    ]


def test_latex():
    assert document()._repr_latex_() == document().latex
    assert document().latex.split("\n") == [
        "\\section*{About $x$}",
        "",
        r"50\% of $\left|x\right|$ is a\_b.",
        "",
        "\\subsection*{Part}",
        "",
        "$$",
        r"\begin{aligned}",
        r"x &= \left|x\right| &&= -1.5 \\",
        r"\text{product\_1} & &&= 10",
        r"\end{aligned}",
        "$$",
        "",
        "$$",
        r"\begin{array}{ll}",
        r"\text{what} & \left|x\right|\\",
        r"\hline",
        r"x & 2\\",
        r"\text{a|b} & -0.25",
        r"\end{array}",
        "$$",
        "",
    ]


def test_texts_stay_on_one_line():
    assert Document().heading("a\nb\x1b").say("\t").text.startswith("a\\nb\\x1b\n========\n\n\\t")


def test_columns_that_are_empty_are_left_out():
    assert Document().equations([["a", "", X], ["b", "", ABS]]).text == "  a = x\n  b = |x|"


def test_formulas_of_several_lines_stand_in_the_middle():
    assert X.beside(Formula("+", "+"), COLUMN).text == "    [ 1 ]\nx + [ 2 ]\n    [ 3 ]"
    rows = [[X, COLUMN], [ABS, X.beside(X)]]
    assert Document().equations(rows).text == "        [ 1 ]\n  x   = [ 2 ]\n        [ 3 ]\n\n  |x| = x x"


def test_long_sentences_are_wrapped_and_long_titles_underlined_once():
    lines = Document().heading("word " * 40).say("word " * 40).text.split("\n")
    assert max(len(line) for line in lines[1:]) == 100
    assert lines[1] == "=" * 100


@pytest.mark.parametrize("written", ["1e-05", "-3", "0.25", "inf", "-2.5e+300", "nan"])
def test_numbers_are_aligned_at_the_point(written):
    text = Document().table(["n"], [["1000.5"], [written]]).text.split("\n")
    whole = len(written.split(".")[0].split("e")[0])
    assert text[2].index(written) + whole == text[1].index(".")


def test_signs_that_mean_something_are_escaped():
    assert escape_latex(r"\{}$&#%_~^") == (r"\textbackslash{}\{\}\$\&\#\%\_\textasciitilde{}\textasciicircum{}")
    assert escape_markdown(r"\`*_[]<>#|$~^&!") == r"\\\`\*\_\[\]\<\>\#\|\$\~\^\&!"


def test_code_and_blanks():
    document = Document().code(["a <- ```b```", "50%"]).blanks(2)
    assert document.text.splitlines()[:2] == ["  a <- ```b```", "  50%"]
    assert document.markdown.startswith("````text\na <- ```b```\n50%\n````\n")
    assert r"\texttt{50\%}" in document.latex
    assert document.latex.count(r"\hrulefill") == document.html.count('class="blank"') == 2
    assert "<pre>a &lt;- ```b```\n50%</pre>" in document.html


def test_html():
    document = Document().heading("A & B").say("See ", Formula("a < b", "a < b"), ".")
    document.table(["name", "value"], [["<a>", Formula("1", "1")]]).equations([[Formula("c", "c"), Formula("2", "2")]])
    assert "<h2>A &amp; B</h2>\n<p>See <code>a &lt; b</code>.</p>" in document.html
    assert "<tr><td>&lt;a&gt;</td><td><code>1</code></td></tr>" in document.html
    assert "<pre>  c = 2</pre>" in document.html

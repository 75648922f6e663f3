"""LaTeX: a real LaTeX sets what is written, whatever things are called."""

import string
import subprocess

import pytest

import nn
from engine import TABLE, Document, Value, explain, formula

from .graphs import example, layered

WITH = "\\documentclass{article}\n\\usepackage[utf8]{inputenc}\n\\usepackage{amsmath}\n\\begin{document}\n"


@pytest.fixture
def latex(tmp_path):
    """Set LaTeX; return what went wrong, or nothing."""

    def run(text):
        (tmp_path / "words.tex").write_text(f"{WITH}{text}\n\\end{{document}}\n", "utf-8")
        command = ["pdflatex", "-draftmode", "-no-shell-escape", "-interaction=nonstopmode", "words.tex"]
        subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60)
        log = (tmp_path / "words.log").read_text("utf-8", "replace")
        return "\n".join(line for line in log.split("\n") if line.startswith(("!", "l.")))

    return run


pytestmark = pytest.mark.needs_latex


def test_formulas_of_all_operations_are_set(latex):
    written = []
    for operation in TABLE.values():
        root = operation(*[Value(number, f"x_{place}") for place, number in enumerate(operation.samples[0])])
        written += [f"$${formula(root).latex}$$", explain(root).latex]
    assert latex("\n\n".join(written)) == ""


def test_explanations_are_set(latex):
    a, _, _, d, _, f = example()
    root, leaf = layered(1, layers=4, width=4)
    model = nn.MLP(2, [3, 1], activation="leaky_relu")
    written = [
        formula(f)._repr_latex_(),
        formula(f * 1e-7, inline=True)._repr_latex_(),
        explain(f, a).latex,
        explain(d, root=f).latex,
        explain(root, leaf, most=2).latex,
        explain(a, d).latex,
        nn.explain_layer(model, [[0.5, 1e-9], [1.5, -0.5]], [1.0, 0.0]).latex,
    ]
    assert latex("\n\n".join(written)) == ""


def test_no_name_breaks_latex_or_gets_into_it(latex):
    names = [
        *string.printable,
        "Ω",
        "λ",
        "é",
        r"\input{secret}",
        "^^41",
        "$x$",
        "}{",
        "a%b",
        "\\",
        "x\x1b[31m",
        "_",
        "&&",
    ]
    nodes = [Value(1.0, name * times) for name in names for times in (1, 2)]
    written = [explain(node * 2.0, node).latex + f"$${formula(node**2).latex}$$" for node in nodes]
    assert latex("\n\n".join(written)) == ""


def test_no_text_breaks_latex(latex):
    document = Document().heading(string.printable).say(string.printable).table([string.printable], [["x"]])
    assert latex(document.equations([[string.printable, "x"]]).latex) == ""


def test_what_is_wrong_would_be_noticed(latex):
    assert "Undefined control sequence" in latex(r"$\fraction{1}{2}$")

"""Names in LaTeX: no name breaks it."""

import pytest

from engine.support.text import latex_of_name


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("x", "x"),
        ("loss", r"\mathrm{loss}"),
        ("alpha", r"\alpha"),
        ("Omega", r"\Omega"),
        ("Alpha", r"\mathrm{Alpha}"),
        ("λ", r"\lambda "),
        ("Σ", r"\Sigma "),
        ("Α", r"\text{Α}"),
        ("w1", "w_{1}"),
        ("w_12", "w_{12}"),
        ("W[0][1]", "W_{0,1}"),
        ("W1[0]", r"\mathrm{W1}_{0}"),
        ("y_hat", r"\hat{y}"),
        ("y_hat[2]", r"\hat{y}_{2}"),
        ("v3", "v_{3}"),
        ("learning rate", r"\mathrm{learning\ rate}"),
        ("a_b", r"\mathrm{a\_b}"),
        ("50%", r"\mathrm{50\%}"),
        ("x'", r"\mathrm{x\text{'}}"),
        ("漢1", r"\text{漢}_{1}"),
        ("naïve", r"\mathrm{na\text{ï}ve}"),
        (r"\x^2~|{}$&#", r"\mathrm{\backslash x\wedge 2\sim \vert \{\}\$\&\#}"),
    ],
)
def test_names_in_latex(name, latex):
    assert latex_of_name(name) == latex

"""Formulas as MathML, which browsers show without anything else; see https://www.w3.org/TR/mathml-core/."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape

SPARE = re.compile(r' (?:stretchy|fence|form|xmlns|display)="[^"]*"')  # what browsers take for granted
MATH = re.compile(r"<math><mrow>(.*)</mrow></math>", re.DOTALL)
LETTERS = re.compile(r'(?:<mi mathvariant="normal">[^<]*</mi>){2,}')
TEXTS = re.compile(r"(?:<mtext>[^<]*</mtext>){2,}")
MINUS, SIGN = "<mo>(</mo><mo>−</mo>", '<mo>(</mo><mo form="prefix">−</mo>'  # a sign, which nothing stands before

# The converter hands on what has a meaning in markup, so it gets characters for private use in the places of these.
HIDDEN = {r"\&": "\ue000", "&": "\ue000", "<": "\ue001", ">": "\ue002"}
SHOWN = str.maketrans({"\ue000": "&amp;", "\ue001": "&lt;", "\ue002": "&gt;"})


@lru_cache(maxsize=4096)
def mathml(latex: str) -> str:
    r"""Return LaTeX for math mode as the inside of a ``math`` element.

    What is no LaTeX, as an operation of somebody's own may say, is shown as it was typed.

    >>> mathml(r"\frac{a}{b}"), mathml("a > b")
    ('<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>', '<mi>a</mi><mi>&gt;</mi><mi>b</mi>')
    """
    from latex2mathml.converter import convert  # takes a while to import

    hidden = latex
    for sign, stand_in in HIDDEN.items():
        hidden = hidden.replace(sign, stand_in)
    try:
        found = MATH.fullmatch(SPARE.sub("", convert(hidden)))
    except Exception:  # it has many errors of its own, and meets others
        found = None
    if not found:
        return f"<mtext>{escape(latex)}</mtext>"
    with_signs = re.sub(r"&#x[0-9A-F]+;", lambda sign: escape(unescape(sign[0])), found[1])
    joined = TEXTS.sub(lambda texts: _joined(texts[0], "mtext"), with_signs)
    return LETTERS.sub(lambda letters: _joined(letters[0], "mi"), joined).replace(MINUS, SIGN).translate(SHOWN)


def _joined(letters: str, tag: str) -> str:
    """Join letters in one element: so words are upright by themselves, and those from right to left run so."""
    return f"<{tag}>{re.sub('<[^>]*>', '', letters)}</{tag}>"

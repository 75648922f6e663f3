"""LaTeX as MathML, which browsers show without any help."""

import re
from functools import lru_cache
from html import escape, unescape

SPARE = re.compile(r' (?:stretchy|fence|form|xmlns|display)="[^"]*"')  # what browsers assume anyway
MATH = re.compile(r"<math><mrow>(.*)</mrow></math>", re.DOTALL)
LETTERS = re.compile(r'(?:<mi mathvariant="normal">[^<]*</mi>){2,}')
TEXTS = re.compile(r"(?:<mtext>[^<]*</mtext>){2,}")
TAG = re.compile("<[^>]*>")
MINUS, SIGN = "<mo>(</mo><mo>−</mo>", '<mo>(</mo><mo form="prefix">−</mo>'  # a sign, with nothing before it

# The converter passes characters of markup on unescaped, so characters for private use replace them on the way.
HIDDEN = {r"\&": "\ue000", "&": "\ue000", "<": "\ue001", ">": "\ue002"}
SHOWN = str.maketrans({"\ue000": "&amp;", "\ue001": "&lt;", "\ue002": "&gt;"})


@lru_cache(maxsize=4096)
def mathml(latex: str) -> str:
    r"""Return LaTeX for math mode as the content of a ``math`` element; see https://www.w3.org/TR/mathml-core/.

    What is not LaTeX, such as the symbol of a registered operation, is shown as typed.

    >>> mathml(r"\frac{a}{b}"), mathml("a > b")
    ('<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>', '<mi>a</mi><mi>&gt;</mi><mi>b</mi>')
    """
    from latex2mathml.converter import convert  # takes a while to import

    hidden = latex
    for sign, stand_in in HIDDEN.items():
        hidden = hidden.replace(sign, stand_in)
    try:
        found = MATH.fullmatch(SPARE.sub("", convert(hidden)))
    except Exception:  # it raises errors of its own and of other kinds
        found = None
    if not found:
        return f"<mtext>{escape(latex)}</mtext>"
    math = re.sub(r"&#x[0-9A-F]+;", lambda sign: escape(unescape(sign[0])), found[1])
    # Letters in one element: words become upright, and those from right to left run so.
    math = TEXTS.sub(lambda texts: f"<mtext>{TAG.sub('', texts[0])}</mtext>", math)
    math = LETTERS.sub(lambda letters: f"<mi>{TAG.sub('', letters[0])}</mi>", math)
    return math.replace(MINUS, SIGN).translate(SHOWN)

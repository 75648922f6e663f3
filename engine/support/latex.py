"""Names, numbers and plain text in LaTeX."""

import re
import unicodedata

from .numbers import format_number

# Letters that LaTeX has a command for; the other capitals look like Latin ones.
GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
    "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
}  # fmt: skip
SIGNS = {
    " ": r"\ ", "\\": r"\backslash ", "~": r"\sim ", "^": r"\wedge ", "|": r"\vert ",
    **{sign: "\\" + sign for sign in "{}$&#%_"},
}  # fmt: skip
# A word, perhaps with a hat, and indices: w1, w_1, W[0][1], W1[0][1], mul_3, y_hat
SIMPLE = re.compile(r"([^\W\d_]+(?:\d+(?=\[))?)(_hat)?((?:_?\d+)?(?:\[\d+\])*)")


def latex_of_name(name: str) -> str:
    r"""Write a name as LaTeX for math mode, with digits and brackets as indices.

    >>> print(*map(latex_of_name, ["x", "theta", "loss", "w_1", "W[0][1]", "y_hat[2]", "learning rate"]))
    x \theta \mathrm{loss} w_{1} W_{0,1} \hat{y}_{2} \mathrm{learning\ rate}
    """
    simple = SIMPLE.fullmatch(name)
    if not simple:
        return rf"\mathrm{{{''.join(map(_character, name))}}}"
    word, hat, indices = simple.groups()
    base = "".join(map(_character, word))
    if word in GREEK:
        base = rf"\{word}"
    elif len(word) > 1:
        base = rf"\mathrm{{{base}}}"
    index = ",".join(re.findall(r"\d+", indices))
    return (rf"\hat{{{base}}}" if hat else base) + (f"_{{{index}}}" if index else "")


def latex_of_number(number: float, digits: int = 6) -> str:
    r"""Write a number as LaTeX for math mode, in a few significant digits.

    >>> latex_of_number(-1e-5)
    '-1 \\cdot 10^{-5}'
    """
    text = format_number(number, digits)
    mantissa, has_exponent, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if has_exponent else text.replace("inf", r"\infty")


def _character(character: str) -> str:
    if character.isascii():
        return character if character.isalnum() else SIGNS.get(character) or rf"\text{{{character}}}"
    found = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(character, ""))
    letter = found[2].replace("LAMDA", "LAMBDA").lower() if found else ""
    letter = letter.capitalize() if found and found[1] == "CAPITAL" else letter
    return rf"\{letter} " if letter in GREEK else rf"\text{{{character}}}"

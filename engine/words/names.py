"""What nodes are called in formulas, in plain text and in LaTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..graph import distinct_names
from ..graph import names as names_among
from ..notation.symbols import Symbol, written
from ..ops import constant
from ..support.text import printable
from ..value import Value
from .document import Formula

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

Called = Callable[[Value], Symbol | float]


class Names:
    r"""Hold what each node of a graph is called: its label, else the reader's variable, else as in ``mul_3``.

    Constants are called by their numbers.

    >>> a = Value(2.0, "alpha")
    >>> b = a * 3.0
    >>> names = Names([a, b.inputs[1], b], {})
    >>> names[b], names[b.inputs[1]]
    (Formula(text='mul_2', latex='\\mathrm{mul}_{2}'), Formula(text='3', latex='3'))
    """

    def __init__(self, order: Iterable[Value], variables: Mapping[str, Any]) -> None:
        self._variables = names_among(variables)
        self._names = distinct_names(order, self._variables, made="{}_{}", again="{}_{}")

    def given(self, node: Value) -> bool:
        """Tell whether somebody gave the node a name."""
        return bool(node.label or self._variables.get(node))

    def is_number(self, node: Value) -> bool:
        """Tell whether the node is a constant without a name, so that it is called by its number."""
        return node.op is constant and not self.given(node)

    def operand(self, node: Value, latex: bool = False) -> Symbol | float:
        """Return what stands for a node in an expression: its name, or the number of a constant."""
        if self.is_number(node):
            return node.data
        name = printable(self._names[node])
        return Symbol(in_latex(name) if latex else name)

    def formula(self, expression: Callable[[Called], Any]) -> Formula:
        """Return an expression as a formula.

        Args:
            expression: takes what gives a node's name, and returns the expression.
        """
        text = expression(self.operand)
        latex = expression(lambda node: self.operand(node, latex=True))
        return Formula(written(text), written(latex, latex=True))

    def __getitem__(self, node: Value) -> Formula:
        return self.formula(lambda operand: operand(node))


def require_value(thing: object, where: str) -> None:
    """Make sure that something is a Value.

    Raises:
        TypeError: it is something else; the message names ``where`` it was met.
    """
    if not isinstance(thing, Value):
        raise TypeError(f"{where} takes a Value, such as a loss, not {type(thing).__name__} {thing!r:.40}")


def in_latex(name: str) -> str:
    r"""Return a name as LaTeX for math mode: letters as such, digits and brackets as indices, all else as it is.

    >>> print(*map(in_latex, ["x", "theta", "loss", "w_1", "W[0][1]", "W1[0]", "y_hat[2]", "learning rate"]))
    x \theta \mathrm{loss} w_{1} W_{0,1} \mathrm{W1}_{0} \hat{y}_{2} \mathrm{learning\ rate}
    """
    simple = SIMPLE.fullmatch(name)
    if not simple:
        return rf"\mathrm{{{''.join(map(_character, name))}}}"
    word, hat, indices = simple.groups()
    base = _word(word)
    index = ",".join(re.findall(r"\d+", indices))
    return (rf"\hat{{{base}}}" if hat else base) + (f"_{{{index}}}" if index else "")


def _word(word: str) -> str:
    if word in GREEK:
        return rf"\{word}"
    characters = "".join(map(_character, word))
    return characters if len(word) == 1 else rf"\mathrm{{{characters}}}"


def _character(character: str) -> str:
    """Return a character of a name as LaTeX for math mode."""
    if character.isascii():
        return character if character.isalnum() else _sign(character)
    found = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(character, ""))
    letter = found[2].replace("LAMDA", "LAMBDA").lower() if found else ""
    letter = letter.capitalize() if found and found[1] == "CAPITAL" else letter
    return rf"\{letter} " if letter in GREEK else rf"\text{{{character}}}"


def _sign(sign: str) -> str:
    return SIGNS.get(sign) or rf"\text{{{sign}}}"

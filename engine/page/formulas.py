"""Formulas on the step page: how nodes are computed, in names and in numbers, as text and as MathML."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape, unescape
from typing import Any, NamedTuple
from unicodedata import bidirectional

from ..notation.formulas import Symbol, derivative, partial, product, write_expression, write_number
from ..support.text import latex_of_name
from ..value import Value

SPARE = re.compile(r' (?:stretchy|fence|form|xmlns|display)="[^"]*"')  # what browsers assume anyway
MATH = re.compile(r"<math><mrow>(.*)</mrow></math>", re.DOTALL)
LETTERS = re.compile(r'(?:<mi mathvariant="normal">[^<]*</mi>){2,}')
TEXTS = re.compile(r"(?:<mtext>[^<]*</mtext>){2,}")
TAG = re.compile("<[^>]*>")
MINUS, SIGN = "<mo>(</mo><mo>−</mo>", '<mo>(</mo><mo form="prefix">−</mo>'  # a sign, with nothing before it

# The converter passes characters of markup on unescaped, so characters for private use replace them on the way.
HIDDEN = {r"\&": "\ue000", "&": "\ue000", "<": "\ue001", ">": "\ue002"}
SHOWN = str.maketrans({"\ue000": "&amp;", "\ue001": "&lt;", "\ue002": "&gt;"})

Sign = Callable[[Value], Symbol | float]  # what stands for a node in a formula


class Written(NamedTuple):
    """A formula as text and as MathML; one that would only repeat the resulting number is empty."""

    text: str
    math: str
    numbers: str  # in MathML, with numbers instead of names


class Formulas:
    """The formulas of a graph, from the names and numbers of its nodes.

    Nodes that share a box share a name. The plain numbers among the nodes stand in formulas without a name.
    """

    def __init__(self, names: Mapping[Value, str], numbers: Mapping[Value, float], plain: set[Value]) -> None:
        self._names, self._numbers, self._plain = names, numbers, plain

    def name(self, node: Value) -> str:
        """Return a node's name, for a text."""
        return isolated(self._names[node])

    def math(self, node: Value) -> str:
        """Return a node's name or its plain number as MathML."""
        return mathml(write_expression(self._in_latex(node), latex=True))

    def value(self, node: Value) -> Written:
        """Return how a node is computed from its operands."""
        return self._written(lambda sign: Symbol("", node.op, tuple(map(sign, node.inputs))), self._numbers[node])

    def local(self, node: Value, place: int, number: float) -> Written | None:
        """Return a local derivative, given its number; None if the operation's rule cannot be read as a formula."""

        def rule(sign: Sign) -> Any:
            return derivative(node.op, place, list(map(sign, node.inputs)), sign(node))

        return None if rule(self._symbol) is None else self._written(rule, number)

    def step(self, node: Value, place: int) -> str:
        """Return the chain rule from a node to one of its inputs as a statement."""
        operand, result = node.inputs[place], self.name(node)
        name = self.name(operand)
        local = derivative(node.op, place, list(map(self._symbol, node.inputs)), self._symbol(node))
        if local is None:
            local = Symbol(partial(result, name))
        return f"{f'({name})' if operand in self._plain else name}.grad += {product(local, f'{result}.grad')}"

    def _written(self, expression: Callable[[Sign], Any], result: float) -> Written:
        said = write_number(result, latex=True)[0]
        latex = write_expression(expression(self._in_latex), latex=True)
        # Numbers as symbols: nothing is simplified, and minus signs get brackets.
        as_it_stands = expression(lambda node: Symbol(write_number(self._numbers[node], latex=True)[0]))
        numbers = write_expression(as_it_stands, latex=True)
        return Written(
            write_expression(expression(self._symbol)),
            "" if latex == said else mathml(latex),
            "" if numbers in (said, latex) else mathml(numbers),
        )

    def _symbol(self, node: Value) -> Symbol | float:
        return self._numbers[node] if node in self._plain else Symbol(self.name(node))

    def _in_latex(self, node: Value) -> Symbol | float:
        return self._numbers[node] if node in self._plain else Symbol(latex_of_name(self._names[node]))


def isolated(text: str) -> str:
    """Return a text that leaves the direction of its surroundings alone, even if parts run from right to left.

    See https://www.unicode.org/reports/tr9/.
    """
    is_from_the_right = any(bidirectional(character) in ("R", "AL", "AN") for character in text)
    return f"\u2068{text}\u2069" if is_from_the_right else text


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

"""How calculus is written on paper, spelled as Python: ``2x²|x - 1|`` is ``2*x**2*abs(x - 1)``.

Only what has one meaning is read. What people read in two ways, such as ``1/2x``, ``sin^2 x`` or ``|x|y|``, is refused
with a word on how to write it. Where the spelling may surprise, as with ``^``, a note says how it was read.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from keyword import iskeyword
from typing import NamedTuple
from unicodedata import normalize

from ..operation import TABLE

# Other names of functions, in lessons and in other libraries.
OTHER_NAMES = {
    "fabs": "abs", "ln": "log", "logistic": "sigmoid", "max": "maximum", "min": "minimum", "sigma": "sigmoid",
    "swish": "silu", "σ": "sigmoid", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2",
    "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "arsinh": "asinh", "arcosh": "acosh", "artanh": "atanh",
    "tg": "tan", "arctg": "atan", "sh": "sinh", "ch": "cosh", "th": "tanh", "lg": "log10", "ld": "log2", "lb": "log2",
    "sgn": "sign", "signum": "sign", "clamp": "clip", "ceiling": "ceil", "remainder": "mod",
}  # fmt: skip
WRITTEN_OTHERWISE = {
    "cot": "1/tan(x)", "ctg": "1/tan(x)", "sec": "1/cos(x)", "csc": "1/sin(x)", "coth": "1/tanh(x)",
    "sech": "1/cosh(x)", "csch": "1/sinh(x)", "root": "x**(1/3), or sqrt(x)", "square": "x**2",
    "arccot": "pi/2 - atan(x)",
}  # fmt: skip
INVERSE = {"sin": "asin", "cos": "acos", "tan": "atan", "sinh": "asinh", "cosh": "acosh", "tanh": "atanh"}
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))
FRACTIONS = "¼-¾⅐-⅞"  # single characters, such as ½
SIGNS = {"·": "*", "⋅": "*", "∙": "*", "×": "*", "∗": "*", "÷": "/", "∕": "/", "−": "-", "–": "-"}
TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<text>\"[^\"\n]*\"|'[^'\n]*'|#.*)|(?P<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    rf"|(?P<fraction>[{FRACTIONS}])|(?P<name>[^\W\d⁰¹²³⁴-⁹{FRACTIONS}][^\W⁰¹²³⁴-⁹{FRACTIONS}]*)|(?P<power>\*\*|\^)|(?P<raised>[⁺⁻]?[⁰¹²³⁴-⁹]+)|(?P<sign>.)",
    re.DOTALL,
)


class SpellingError(ValueError):
    """A spelling that can be read in several ways, or in none; its place in the text, and what to write."""

    def __init__(self, says: str, begin: int, end: int) -> None:
        super().__init__(says)
        self.begin, self.end = begin, end


class Spelled(NamedTuple):
    """A text as Python spells it.

    Attributes:
        text: the text.
        origin: for each of its characters, and its end, the place in the text that was typed.
        notes: what to tell the reader about the spelling, each once.
    """

    text: str
    origin: tuple[int, ...]
    notes: tuple[str, ...]


class _Token(NamedTuple):
    kind: str  # space, text, number, name, power, raised, sign, product; function of a name; bar of an opening bar
    text: str
    begin: int
    before: str  # of an operand: the operator in front of it

    @property
    def end(self) -> int:
        return self.begin + len(self.text)

    @property
    def is_operand(self) -> bool:
        return self.kind in ("number", "name", "function", "raised", "closed", "text")


@lru_cache(maxsize=256)
def spelled(text: str, names: frozenset[str] = frozenset()) -> Spelled:
    """Return an expression as Python spells it.

    Args:
        text: the expression.
        names: names of the reader's own, which are not functions.

    Raises:
        SpellingError: it can be read in several ways, or in none.

    >>> spelled("2x² + |x - 1|").text
    '2*x**2 + abs(x - 1)'
    >>> spelled("1/2x")
    Traceback (most recent call last):
    engine.notation.spelling.SpellingError: 1/2x can be read as (1/2)*x or as 1/(2*x); write the one that is meant
    """
    return _Speller(text, names).spelled()


class _Speller:
    """One pass over the tokens of a text, from left to right."""

    def __init__(self, text: str, names: frozenset[str]) -> None:
        self.typed, self.names = text, names
        self.pieces: list[tuple[str, int, int]] = []  # of the spelled text: where it comes from, and how long it was
        self.notes: dict[str, None] = {}
        self.last = _Token("start", "", 0, "")  # the last token that is not space
        self.open: list[_Token] = []  # parentheses and bars
        self.root: _Token | None = None  # an open √ without parentheses

    def spelled(self) -> Spelled:
        """Return the text as Python spells it."""
        for found in TOKEN.finditer(self.typed):
            kind, text, begin = str(found.lastgroup), found.group(), found.start()
            if kind == "space":
                if "\n" in text and not self.open:
                    self.last = _Token("start", "", begin, "")
                self._write(text, begin, len(text))
            else:
                self.last = self._take(kind, text, begin)
        for bar in self.open:
            if bar.kind == "bar":
                raise SpellingError("a | has no second |; write abs(x) for |x|", bar.begin, bar.end)
        text = "".join(piece for piece, *_ in self.pieces)
        origin = [begin + min(i, size - 1) for piece, begin, size in self.pieces for i in range(len(piece))]
        return Spelled(text, (*origin, len(self.typed)), tuple(self.notes))

    def _write(self, text: str, begin: int, size: int = 1) -> None:
        self.pieces.append((text, begin, size))

    def _wrong(self, says: str, token: _Token, end: int = 0) -> SpellingError:
        return SpellingError(says, token.begin, end or token.end)

    def _take(self, kind: str, text: str, begin: int) -> _Token:
        """Write one token, with what stands between it and the one before; return it as the last one."""
        last = self.last
        if kind == "name" and iskeyword(normalize("NFKC", text)):
            self._write(text, begin, len(text))
            return _Token("sign", text, begin, "")
        is_function = kind == "name" and self._is_function(text)
        token = _Token("function" if is_function else kind, text, begin, self._operator_before(last))
        if last.is_operand and (kind in ("number", "name", "text") or text in "(√"):
            token = token._replace(before=self._join(last, token))
        if kind in ("power", "raised"):
            return self._raise(last, token)
        if kind == "fraction":
            return self._write_fraction(last, token)
        if text == "|":
            return self._bar(last, token)
        if text == "√":
            return self._take_root(token)
        if text in ("(", "[", "{"):
            self.open.append(token)
        elif text in (")", "]", "}"):
            return self._close(token)
        if kind == "number":
            self._note_number(text)
        if self.root is not None and kind in ("number", "name") and last.text == "√":
            self._write(f"{text})", begin, len(text))
            self.root = None
            return token._replace(kind="closed")
        self.root = None if text == "(" else self.root
        self._write(SIGNS.get(text, normalize("NFKC", text) if kind in ("name", "number") else text), begin, len(text))
        return token

    def _is_function(self, name: str) -> bool:
        plain = normalize("NFKC", name)
        if plain in self.names or plain in ("sigma", "σ", "th"):  # which are names of numbers, too
            return False
        return plain in TABLE or plain in OTHER_NAMES

    def _operator_before(self, last: _Token) -> str:
        """Return the operator in front of an operand; a sign is not one."""
        if last.kind in ("power", "sign", "product"):
            return last.before if last.text in ("+", "-", "−", "–") and last.before else last.text
        return ""

    # --- products without a sign ----------------------------------------------------------------------

    def _join(self, last: _Token, token: _Token) -> str:
        """Write the product of two operands, one directly behind the other; return the operator in front of the second.

        A name and a parenthesis are a call.
        """
        if last.kind in ("name", "function") and token.text == "(":
            return last.before
        if last.kind == "function":
            raise self._wrong(f"write {last.text}(...), with parentheses", last, token.end)
        if "text" in (last.kind, token.kind):
            return ""
        pair = f"{last.text}{token.text}" if last.kind == "number" else ""
        if last.kind == "name" or (token.kind == "number" and last.kind != "number"):
            product = f": {last.text}*{token.text}" if last.kind == "name" else ""
            raise self._wrong(f"write * for a product{product}", last, token.end)
        if token.kind == "number":
            raise self._wrong(f"an operator is missing between {last.text} and {token.text}", last, token.end)
        if last.kind == "number" and last.text[0] == "0" and token.text[:1] in "xXbBoO" and token.text[1:].isalnum():
            raise self._wrong(f"{pair} is not read; write numbers in decimal, and * for a product", last, token.end)
        if last.before in ("/", "÷", "∕", "%"):
            dividend = re.search(r"([\w.]+)\s*[/÷∕%]\s*$", self.typed[: last.begin])
            if dividend and last.kind == "number" and token.kind == "name":
                over, second = f"{dividend[1]}{last.before}", token.text
                says = f"{over}{pair} can be read as ({over}{last.text})*{second} or as {over}({last.text}*{second})"
            else:
                says = f"a product without * behind {last.before} can be read in two ways"
            raise self._wrong(f"{says}; write the one that is meant", last, token.end)
        if last.before in ("**", "^"):
            says = "a product without * behind a power can be read in two ways; write * and parentheses"
            raise self._wrong(says, last, token.end)
        if last.text == "|":
            raise self._wrong("write * for a product behind |x|", last, token.end)
        if token.text == "e" and "e" not in self.names:
            self.notes["e is the number 2.71828..."] = None
        self._write("*", token.begin)
        return "*"

    def _write_fraction(self, last: _Token, token: _Token) -> _Token:
        written = normalize("NFKC", token.text).replace("⁄", "/")
        if last.is_operand:
            before = f"{last.text} + " if last.kind == "number" else f"{last.text}*" if last.kind == "name" else "...*"
            raise self._wrong(f"write {before}{written} for {last.text}{token.text}", last, token.end)
        self._write(f"({written})", token.begin)
        return token._replace(kind="closed")

    def _note_number(self, text: str) -> None:
        if re.fullmatch(r"\d+e\d+", text):
            base, _, exponent = text.partition("e")
            power = f"{base}*e**{exponent}"
            self.notes[f"{text} is read as {float(text):g}; write {power} for a power of the number e"] = None

    # --- powers, bars and roots -----------------------------------------------------------------------

    def _raise(self, last: _Token, token: _Token) -> _Token:
        """Write a power."""
        exponent = "".join(RAISED[sign] for sign in token.text) if token.kind == "raised" else ""
        if last.kind == "function":
            name, operand = last.text, self._operand_after(token.end)
            if exponent == "-1" or (re.match(r"\s*\(?\s*[-−]\s*1\b", self.typed[token.end :]) and not exponent):
                inverse = INVERSE.get(OTHER_NAMES.get(name, name), "")
                other = f" or {inverse}(x)" if inverse else ""
                raise self._wrong(
                    f"{name} with -1 can be read as 1/{name}(x){other}; write the one that is meant", last
                )
            says = f"write {name}({operand})**{exponent or 2} for the power of {name}({operand})"
            raise self._wrong(says, last, token.end)
        if not last.is_operand:
            raise self._wrong("a power needs a number or a name in front of it, as in x**2", token)
        if token.kind == "raised":
            self._write(f"**{exponent}", token.begin, len(token.text))
            return token._replace(before=last.before)
        if token.text == "^":
            self.notes["^ is read as **, which is how Python writes a power"] = None
            if self._is_negative(last):
                self.notes["-x**2 is -(x**2), as in mathematics; write (-x)**2 for the square of -x"] = None
        self._write("**", token.begin, len(token.text))
        return token

    def _is_negative(self, base: _Token) -> bool:
        return (
            re.search(r"(^|[-+*/(=,;\n])\s*[-−–]\s*$", self.typed[: base.begin]) is not None and base.kind != "closed"
        )

    def _operand_after(self, begin: int) -> str:
        found = re.match(r"\s*(?:\d+|\(\s*-?\d+\s*\))?\s*\(?\s*([^\W\d]\w*)", self.typed[begin:])
        return normalize("NFKC", found.group(1)) if found else "x"

    def _bar(self, last: _Token, token: _Token) -> _Token:
        """Write one of the two bars of an absolute value."""
        is_inside = bool(self.open) and self.open[-1].kind == "bar"
        if last.is_operand and is_inside:
            opening = self.open.pop()
            self._write(")", token.begin)
            return _Token("closed", "|", token.begin, opening.before)
        if last.is_operand and last.kind == "number" and not any(each.kind == "bar" for each in self.open):
            token = token._replace(before=self._join(last, token))
        elif last.is_operand:
            raise self._wrong(
                "|...| can be read in several ways here; write abs(x) for |x|, and * for a product", token
            )
        elif last.kind == "bar":
            raise self._wrong("|| can be read in several ways; write abs(x) for |x|", last, token.end)
        opening = token._replace(kind="bar")
        self.open.append(opening)
        self._write("abs(", token.begin)
        return opening

    def _close(self, token: _Token) -> _Token:
        opening = self.open.pop() if self.open else None
        if opening and opening.kind == "bar":
            raise self._wrong("a | has no second |; write abs(x) for |x|", opening)
        self._write(token.text, token.begin)
        return _Token("closed", token.text, token.begin, opening.before if opening else "")

    def _take_root(self, token: _Token) -> _Token:
        """Write a root; without parentheses, it is that of one number or name with nothing behind it."""
        alone = re.match(r"\s*(\d*\.?\d+|[^\W\d⁰¹²³⁴-⁹][^\W⁰¹²³⁴-⁹]*)\s*(\w|[\^(|.√⁺⁻]|\*\*)?", self.typed[token.end :])
        if not alone and not re.match(r"\s*\(", self.typed[token.end :]):
            raise self._wrong("√ needs a number or a name behind it; write sqrt(x)", token)
        if alone and alone.group(2):
            raise self._wrong("it is not clear how far the root goes; write sqrt(...)", token)
        self.root = token if alone else None
        self._write("sqrt(" if alone else "sqrt", token.begin)
        return token._replace(kind="sign")


def notes_on(text: str) -> Iterator[str]:
    """Yield what to tell the reader about the spelling of an expression; nothing if it cannot be read.

    >>> list(notes_on("x^2"))
    ['^ is read as **, which is how Python writes a power']
    """
    try:
        yield from spelled(text).notes
    except SpellingError:
        return

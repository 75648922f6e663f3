"""Texts for terminals, messages and formulas: numbers, escapes, counts, lists, near misses, tables.

For HTML and SVG use `html.escape`; the strings of DOT are written in `engine.drawing`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from math import inf, isclose
from typing import TYPE_CHECKING, Self, TypeVar
from unicodedata import bidirectional

if TYPE_CHECKING:
    from decimal import Decimal

T = TypeVar("T")
G = TypeVar("G")

MAX_LINE = 2000  # characters of a line in a message
MAX_COMPARED = 5000  # known names among which a near miss is looked for
PICTURES = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) != "\n"}, 0x7F: "\N{SYMBOL FOR DELETE}",
    **dict.fromkeys([*range(0xD800, 0xE000), 0xFFFE, 0xFFFF], "\N{REPLACEMENT CHARACTER}"),
    **dict.fromkeys([0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F)], "\N{REPLACEMENT CHARACTER}"),
    **dict.fromkeys(range(0x2066, 0x206A), "\N{REPLACEMENT CHARACTER}"),
}  # fmt: skip
MARKDOWN = str.maketrans({sign: "\\" + sign for sign in "\\`*_{}[]<>#|$~&^"})
LATEX = str.maketrans({
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{sign: "\\" + sign for sign in "{}$&#%_"}, "∂": r"$\partial$",
})  # fmt: skip
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
# A word, perhaps with a hat, and indices: w1, w_1, W[0][1], W1[0][1], v3, y_hat
SIMPLE = r"([^\W\d_]+(?:\d+(?=\[))?)(_hat)?((?:_?\d+)?(?:\[\d+\])*)"


def format_number(number: float | None, digits: int = 6, *, absent: str = "not computed") -> str:
    """Write a number in a few significant digits, without trailing zeros; None as `absent`.

    >>> format_number(-0.5), format_number(1 / 3, 4), format_number(None)
    ('-0.5', '0.3333', 'not computed')
    """
    return absent if number is None else f"{number:.{digits}g}"


def format_rounded(number: float) -> str:
    """Write a number in four significant digits; trailing zeros mark a rounded value.

    ``1`` is one, ``1.000`` is a number near it; what differs by rounding alone, as 0.1 + 0.2 from 0.3, is not another
    number. Only zero is written as zero.

    >>> [format_rounded(x) for x in (2.0, -0.70710678, 1.2e-5, 0.99999, 12345.0, 12345.678)]
    ['2', '-0.7071', '1.2e-05', '1.000', '12345', '1.235e+04']
    """
    if abs(number) < 1e6 and is_close(number, round(number), rtol=1e-12):
        return f"{number:.0f}"
    brief = f"{number:.4g}"
    return brief if number != number or is_close(float(brief), number, rtol=1e-12) else f"{number:#.4g}"


def format_exact(number: float) -> str:
    """Write a number so that it can be read back exactly, in six digits if they suffice.

    >>> format_exact(0.5), format_exact(1 / 3)
    ('0.5', '0.3333333333333333')
    """
    brief = f"{number:.6g}"
    return brief if number != number or float(brief) == number else repr(float(number))


def format_range(numbers: Sequence[float], written: Callable[[float], str] = format_rounded) -> str:
    """Write the smallest and the largest of at least one number; or the first that is not finite, and how many are not.

    >>> format_range([2.0, -1.0, 0.5]), format_range([3.0, 3.0])
    ('-1 … 2', '3')
    """
    strange = [number for number in numbers if number - number != 0.0]
    if strange:
        return written(strange[0]) + (f" in {len(strange):,}" if len(numbers) > 1 else "")
    least, most = written(min(numbers)), written(max(numbers))
    return least if least == most else f"{least} … {most}"


def format_count(count: int | Decimal) -> str:
    """Write a count in full, or its size if it has more than 15 digits.

    >>> format_count(1234), format_count(2**1000)
    ('1,234', 'about 1.07e+301')
    """
    if count < 10**15:
        return f"{int(count):,}"
    from decimal import MAX_EMAX, Context, Decimal, localcontext  # takes a millisecond to import

    with localcontext(Context(prec=20, Emax=MAX_EMAX)):
        if isinstance(count, int):  # all digits of a huge number would take long
            spare = max(count.bit_length() - 64, 0)
            count = Decimal(count >> spare) * Decimal(2) ** spare
        return f"about {count:.2e}"


def is_close(x: float, y: float, *, rtol: float = 1e-9, atol: float = 0.0) -> bool:
    """Return whether two numbers are equal except for rounding; not-a-number is close to itself.

    They may differ by `rtol` relative to the larger one, and by `atol` near zero.

    >>> is_close(0.1 + 0.2, 0.3), is_close(1.0, 1.001), is_close(float("nan"), float("nan"))
    (True, False, True)
    """
    return (x != x and y != y) or (isclose(x, y, rel_tol=rtol, abs_tol=atol) and (abs(x) < inf or x == y))


class Notice(str):
    """A sentence about what is shown, and what its author can do about it.

    Attributes:
        fact: the sentence alone, for readers who were given what is shown.

    >>> notice = Notice("Only 60 boxes are shown.", "limit=100 shows more.")
    >>> print(notice, notice.fact, sep="; ")
    Only 60 boxes are shown. limit=100 shows more.; Only 60 boxes are shown.
    """

    __slots__ = ("fact",)

    fact: str

    def __new__(cls, fact: str, remedy: str = "") -> Self:
        """Return a notice of two parts, each a sentence or more."""
        notice = super().__new__(cls, f"{fact} {remedy}".rstrip())
        notice.fact = fact
        return notice


def printable(text: str) -> str:
    r"""Return a text on one line, with escapes in place of control characters.

    >>> printable("d\n\x1b[31m")
    'd\\n\\x1b[31m'
    """
    if text.isprintable():  # most are, and this looks in no time
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def printable_lines(text: str) -> str:
    r"""Return a text of several lines, with escapes in place of control characters.

    >>> printable_lines("d\n\x1b[31m")
    'd\n\\x1b[31m'
    """
    return "\n".join(map(printable, text.split("\n")))


def shorten(text: str, most: int) -> str:
    """Return the beginning of a long text, with dots behind it; a short one as it is.

    >>> shorten("0123456789", 8), shorten("01234567", 8)
    ('01234...', '01234567')
    """
    return text if len(text) <= most else f"{text[: most - 3]}..."


def visible(text: str) -> str:
    r"""Return a text with a visible character in place of each that XML does not allow.

    Control characters except line breaks become their pictures; half surrogate pairs and the like, and marks that turn
    the direction of a text, the replacement character. The characters that XML allows:
    https://www.w3.org/TR/xml/#charsets

    >>> visible("bell\a\nnul\0")
    'bell␇\nnul␀'
    """
    return text.translate(PICTURES)


def isolated(text: str) -> str:
    """Return a text that leaves the direction of its surroundings alone, even if parts run from right to left.

    See https://www.unicode.org/reports/tr9/.
    """
    if text.isascii() or not any(bidirectional(character) in ("R", "AL", "AN") for character in text):
        return text
    return f"\u2068{text}\u2069"


def escape_markdown(text: str) -> str:
    r"""Escape a text for Markdown.

    >>> print(escape_markdown("*w_1* <b> $"))
    \*w\_1\* \<b\> \$
    """
    return text.translate(MARKDOWN)


def escape_latex(text: str) -> str:
    r"""Escape a text for LaTeX, outside math mode.

    >>> print(escape_latex("50% of w_1"))
    50\% of w\_1
    """
    return text.translate(LATEX)


def latex_of_name(name: str) -> str:
    r"""Write a name as LaTeX for math mode, with digits and brackets as indices.

    >>> print(*map(latex_of_name, ["x", "theta", "loss", "w_1", "W[0][1]", "y_hat[2]", "learning rate"]))
    x \theta \mathrm{loss} w_{1} W_{0,1} \hat{y}_{2} \mathrm{learning\ rate}
    """
    simple = re.fullmatch(SIMPLE, name)
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
    if number != number:
        return rf"\text{{{text}}}"
    mantissa, has_exponent, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if has_exponent else text.replace("inf", r"\infty")


def _character(character: str) -> str:
    if character.isascii():
        return character if character.isalnum() else SIGNS.get(character) or rf"\text{{{character}}}"
    import unicodedata

    found = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(character, ""))
    letter = found[2].replace("LAMDA", "LAMBDA").lower() if found else ""
    letter = letter.capitalize() if found and found[1] == "CAPITAL" else letter
    return rf"\{letter} " if letter in GREEK else rf"\text{{{character}}}"


def counted(count: int | Decimal, noun: str, plural: str = "") -> str:
    """Write a count with its noun; without a plural, the noun gets an s.

    >>> counted(1, "step"), counted(1234, "step"), counted(2, "pass", "passes")
    ('1 step', '1,234 steps', '2 passes')
    """
    return f"{format_count(count)} {noun if count == 1 else plural or noun + 's'}"


def listed(words: Iterable[str], most: int = 5, last: str = "and") -> str:
    """Write at most so many words as part of a sentence, with ``and``, or another word, before the last one.

    >>> listed("abc"), listed("abcdefgh", 2), listed(["'mean'", "'sum'"], last="or")
    ('a, b and c', 'a, b and 6 more', "'mean' or 'sum'")
    """
    words = list(words)
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most:,} more"]
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def did_you_mean(name: object, known: Iterable[str], otherwise: str = "") -> str:
    """Write the end of a message about an unknown name: the known ones that it may have been meant for.

    If none is similar, the known names are listed after the words of `otherwise`; without them nothing is written.

    >>> did_you_mean("wieght", ["weight", "bias"])
    "; did you mean 'weight'?"
    >>> did_you_mean("x", ["mean", "sum"], "choose from"), did_you_mean("x", ["mean", "sum"])
    ("; choose from 'mean' and 'sum'", '')
    """
    from difflib import get_close_matches  # takes a millisecond to import

    names = list(islice(known, MAX_COMPARED))
    near = get_close_matches(name, names, n=3) if isinstance(name, str) else []
    near = near or [known for known in names if isinstance(name, str) and known.lower() == name.lower()]
    if near:
        return f"; did you mean {listed(map(_quoted, near), last='or')}?"
    return f"; {otherwise} {listed(map(_quoted, names), most=8)}" if otherwise and names else ""


def _quoted(name: str) -> str:  # not repr: it would write the escapes of a name that is printable already once more
    return f"'{printable(name)}'"


def change(before: str, after: str) -> str:
    """Write a change, or only the text itself if it stays the same.

    >>> change("1", "2"), change("1", "1")
    ('1 -> 2', '1')
    """
    return before if before == after else f"{before} -> {after}"


def without_middle(items: Sequence[T], most: int, gap: G) -> list[T | G]:
    """Return the beginning and the end of a long sequence with a gap between; a short one as it is.

    >>> without_middle("abcdef", 4, "...")
    ['a', 'b', '...', 'e', 'f']
    """
    if len(items) <= most:
        return list(items)
    return [*items[: most - most // 2], gap, *items[len(items) - most // 2 :]]


def broken(line: str, width: int | None) -> list[str]:
    """Return a line as lines that are not longer than a width, broken between words; those that follow are indented.

    Of a row of a table, the last column goes on below itself, if it begins in the first half.

    >>> broken("  to be or not to be", 12)
    ['  to be or', '      not to', '      be']
    >>> broken("be   or not to be", 12)
    ['be   or not', '     to be']
    """
    if width is None or len(line) <= width:
        return [line]
    from textwrap import wrap  # takes a millisecond to import

    columns = [gap.end() for gap in re.finditer(r"\S {2,}(?=\S)", line) if gap.end() <= width // 2]
    indent = " " * (columns[-1] if columns else min(len(line) - len(line.lstrip()) + 4, width // 2))
    return wrap(line, max(width, 8), subsequent_indent=indent, replace_whitespace=False, break_on_hyphens=False)


def cut(lines: Sequence[str], most: int) -> list[str]:
    """Return lines without those in the middle, if there are too many.

    >>> cut(["1", "2", "3", "4", "5"], 2)
    ['1', '... 3 more ...', '5']
    """
    return without_middle(lines, most, f"... {len(lines) - most:,} more ...")


def format_table(rows: Iterable[Sequence[str]], align: str = "<", *, gap: str = "  ") -> list[str]:
    r"""Write rows of cells as the lines of a table.

    Args:
        rows: the rows; one may be shorter than others. A cell may have several lines: they stand in the middle of the
            row's height, and a free line stands between rows then.
        align: a sign for each column: ``<`` for left, ``>`` for right, ``.`` for numbers below each other at their
            decimal points (what is not a number stands at the left); the last sign holds for all columns that follow.
        gap: what stands between columns; blank before an empty cell.

    >>> print(*format_table([("layer", "parameters"), ("hidden", "9"), ("output", "14")], "<>"), sep="\n")
    layer   parameters
    hidden           9
    output          14
    >>> print(*format_table([("a", "-2.5"), ("total", "10")], "<.", gap=" = "), sep="\n")
    a     = -2.5
    total = 10
    """
    rows = list(rows)
    count = max(map(len, rows), default=0)
    columns = [[row[i] for row in rows if i < len(row)] for i in range(count)]
    signs = align[:count] + align[-1] * (count - len(align))
    cells = [iter(_aligned(column, sign)) for column, sign in zip(columns, signs, strict=True)]
    is_tall = any("\n" in cell for column in columns for cell in column)
    lines: list[str] = []
    for row in rows:
        boxes: list[str] = []
        for i in range(len(row)):
            boxes += [gap if row[i].strip() else " " * len(gap)] * (i > 0) + [next(cells[i])]
        lines += [""] * (is_tall and bool(lines)) + beside(boxes, gap="")
    return lines


def _aligned(cells: Sequence[str], sign: str) -> list[str]:
    """Return cells of equal width."""
    if sign == ".":
        before_point = re.compile(r"(-?(?:\d+|inf|nan))(?:\.\d+)?(?:e[+-]\d+)?")
        numbers = [before_point.fullmatch(cell) for cell in cells]
        most = max((len(number[1]) for number in numbers if number), default=0)
        cells = [" " * (most - len(x[1])) + c if x else c for c, x in zip(cells, numbers, strict=True)]
    lines = [cell.split("\n") for cell in cells]
    width = max(len(line) for cell in lines for line in cell)
    justified = str.rjust if sign == ">" else str.ljust
    return ["\n".join(justified(line, width) for line in cell) for cell in lines]


def beside(boxes: Iterable[str], gap: str = " ") -> list[str]:
    r"""Return texts of several lines beside each other as lines, each text in the middle of the height.

    >>> print(*beside(["[ 1 ]\n[ 2 ]\n[ 3 ]", "+ b"]), sep="\n")
    [ 1 ]
    [ 2 ] + b
    [ 3 ]
    """
    parts = [box.split("\n") for box in boxes]
    height = max(map(len, parts), default=0)
    columns = []
    for part in parts:
        width, above = max(map(len, part)), (height - len(part)) // 2
        part = [*[""] * above, *part, *[""] * (height - len(part) - above)]
        columns.append([line.ljust(width) for line in part])
    return [gap.join(line).rstrip() for line in zip(*columns, strict=True)]

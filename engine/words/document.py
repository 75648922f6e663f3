"""Documents of sentences, formulas and tables, written as plain text, Markdown, LaTeX or HTML.

The LaTeX needs the package amsmath and uses only what MathJax and KaTeX support as well, so that notebooks display it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import NamedTuple

from ..support.text import beside, escape_latex, escape_markdown, format_table, printable

VERT = r"\vert "  # a bar, where a bar itself would end a cell
MAX_WIDTH = 100  # characters of a line of plain text
BLANK = 20  # characters of an empty line to write on


class Formula(NamedTuple):
    r"""A formula in plain text, perhaps of several lines, and in LaTeX for math mode; notebooks display it.

    >>> half = Formula("1 / 2", r"\frac{1}{2}")
    >>> print(half, half.beside(Formula("* x", r"\cdot x")).latex)
    1 / 2 \frac{1}{2} \cdot x
    """

    text: str
    latex: str

    def beside(self, *others: Formula) -> Formula:
        """Return this formula with others on its right, each in the middle of the height."""
        row = self, *others
        return Formula("\n".join(beside(part.text for part in row)), " ".join(p.latex for p in row))

    def __str__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return _display(self.latex)

    def _repr_markdown_(self) -> str:
        return _display(self.latex)


Part = str | Formula


class Text(NamedTuple):
    """A paragraph, which has level 0, or a title; that of the document has level 1."""

    parts: Sequence[Part]
    level: int


class Equations(NamedTuple):
    """Equations below each other, aligned at their equals signs."""

    rows: Sequence[Sequence[Part]]


class Table(NamedTuple):
    """A table whose first row is its header; columns of numbers are aligned at the decimal point."""

    rows: Sequence[Sequence[Part]]


class Code(NamedTuple):
    """Lines in a typewriter font."""

    lines: Sequence[str]


class Blanks(NamedTuple):
    """Empty lines to write on."""

    lines: int


Block = Text | Equations | Table | Code | Blanks


class Document:
    """A text with formulas, equations and tables; printing it writes plain text, notebooks display its formulas.

    Its parts are texts and `Formula`s. Each method adds a block and returns the document.

    >>> words = Document().heading("A sum").say("Two numbers, ", Formula("a", "a"), " and 1:")
    >>> print(words.equations([[Formula("c", "c"), Formula("a + 1", "a + 1"), Formula("3", "3")]]))
    A sum
    =====
    <BLANKLINE>
    Two numbers, a and 1:
    <BLANKLINE>
      c = a + 1 = 3
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    def heading(self, *parts: Part, level: int = 1) -> Document:
        """Add a title; level 1 is the title of the document."""
        return self._with(Text(_on_one_line(parts), level))

    def say(self, *parts: Part) -> Document:
        """Add a paragraph."""
        return self._with(Text(_on_one_line(parts), 0))

    def equations(self, rows: Iterable[Sequence[Part]]) -> Document:
        """Add equations below each other, each a sequence of equal parts; an empty text leaves its column free."""
        rows = list(map(_on_one_line, rows))
        used = sorted({place for row in rows for place, cell in enumerate(row) if cell})
        return self._with(Equations([[row[place] for place in used if place < len(row)] for row in rows]))

    def table(self, header: Sequence[Part], rows: Iterable[Sequence[Part]]) -> Document:
        """Add a table."""
        return self._with(Table(list(map(_on_one_line, [header, *rows]))))

    def code(self, lines: Iterable[str]) -> Document:
        """Add lines in a typewriter font, such as a program or a computation."""
        return self._with(Code(list(map(printable, lines))))

    def blanks(self, count: int) -> Document:
        """Add empty lines to write on."""
        return self._with(Blanks(count))

    def _with(self, block: Block) -> Document:
        self.blocks.append(block)
        return self

    @property
    def text(self) -> str:
        """The document as plain text."""
        return "\n\n".join("\n".join(line.rstrip() for line in _plain(block)) for block in self.blocks)

    @property
    def markdown(self) -> str:
        """The document in Markdown, with formulas in LaTeX between dollar signs."""
        return "\n\n".join(map(_markdown, self.blocks)) + "\n"

    @property
    def latex(self) -> str:
        """The document in LaTeX, for a document that uses the package amsmath."""
        return "\n\n".join(map(_latex, self.blocks)) + "\n"

    @property
    def html(self) -> str:
        """The document in HTML, for the body of a page, with formulas as plain text; blank lines have a class."""
        return "\n".join(map(_html, self.blocks)) + "\n"

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return self.markdown

    def _repr_latex_(self) -> str:
        return self.latex


def _on_one_line(parts: Iterable[Part]) -> list[Part]:
    return [part if isinstance(part, Formula) else printable(part) for part in parts]


def _plain(block: Block) -> list[str]:
    match block:
        case Text(parts, 0):
            from textwrap import wrap  # takes milliseconds to import

            return wrap("".join(map(str, parts)), MAX_WIDTH, break_long_words=False, break_on_hyphens=False)
        case Text(parts, level):
            title = "".join(map(str, parts))
            return [title, ("=" if level == 1 else "-") * min(len(title), MAX_WIDTH)]
        case Equations(rows):
            lines = format_table([list(map(str, row)) for row in rows], ".", gap=" = ")
        case Table(rows):
            lines = format_table([list(map(str, row)) for row in rows], ".")
        case Code(code):
            lines = list(code)
        case Blanks(count):  # pragma: no branch - there are no other blocks
            lines = ["_" * BLANK] * count
    return ["  " + line for line in lines]


def _markdown(block: Block) -> str:
    match block:
        case Text(parts, 0):
            return _inline(parts, escape_markdown)
        case Text(parts, level):
            return f"{'#' * (level + 2)} {_inline(parts, escape_markdown)}"
        case Equations(rows):
            return _display(_equations(rows))
        case Table(rows):
            header, *lines = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
            return "\n".join([header, "|" + " --- |" * len(rows[0]), *lines])
        case Code(code):
            fence = "`" * (1 + max([2, *map(len, re.findall("`+", "\n".join(code)))]))
            return "\n".join([f"{fence}text", *code, fence])
        case Blanks(count):  # pragma: no branch - there are no other blocks
            return "\n\n".join([r"\_" * BLANK] * count)


def _cell(cell: Part) -> str:
    return f"${cell.latex.replace('|', VERT)}$" if isinstance(cell, Formula) else escape_markdown(cell)


def _latex(block: Block) -> str:
    match block:
        case Text(parts, 0):
            return _inline(parts, escape_latex)
        case Text(parts, level):
            return rf"\{'sub' * (level - 1)}section*{{{_inline(parts, escape_latex)}}}"
        case Equations(rows):
            return _display(_equations(rows))
        case Table(rows):
            header, *lines = [" & ".join(map(_in_math, row)) for row in rows]
            columns, cells = "l" * len(rows[0]), "\\\\\n".join(lines)
            return _display(f"\\begin{{array}}{{{columns}}}\n{header}\\\\\n\\hline\n{cells}\n\\end{{array}}")
        case Code(code):
            return "\\\\\n".join(rf"\texttt{{{escape_latex(line)}}}" for line in code)
        case Blanks(count):  # pragma: no branch - there are no other blocks
            return "\n\n".join([r"\medskip\noindent\hrulefill"] * count)


def _inline(parts: Iterable[Part], escape: Callable[[str], str]) -> str:
    return "".join(f"${part.latex}$" if isinstance(part, Formula) else escape(part) for part in parts)


def _in_math(cell: Part) -> str:
    return cell.latex if isinstance(cell, Formula) else rf"\text{{{escape_latex(cell)}}}" if cell else ""


def _equations(rows: Sequence[Sequence[Part]]) -> str:
    lines = []
    for row in rows:
        first, *others = map(_in_math, row)
        marks = [" &", *[" &&"] * len(others)]
        lines.append(first + "".join(f"{mark}= {x}" if x else mark for mark, x in zip(marks, others, strict=False)))
    return aligned(lines)


def aligned(lines: Sequence[str]) -> str:
    r"""Write lines of LaTeX below each other, aligned at their ``&``."""
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def _display(latex: str) -> str:
    return f"$$\n{latex}\n$$" if "\n" in latex else f"$\\displaystyle {latex}$"


def _html(block: Block) -> str:
    match block:
        case Text(parts, level):
            tag = f"h{level + 1}" if level else "p"
            return f"<{tag}>{_html_of(parts)}</{tag}>"
        case Table(rows):
            tags = ["th", *["td"] * (len(rows) - 1)]
            cells = [[f"<{tag}>{_html_of([x])}</{tag}>" for x in row] for tag, row in zip(tags, rows, strict=True)]
            return "\n".join(["<table>", *(f"<tr>{''.join(row)}</tr>" for row in cells), "</table>"])
        case Blanks(count):  # pragma: no branch - there are no other blocks
            return "\n".join(['<div class="blank"></div>'] * count)
    lines = block.lines if isinstance(block, Code) else _plain(block)
    return "<pre>" + escape("\n".join(lines)) + "</pre>"


def _html_of(parts: Iterable[Part]) -> str:
    return "".join(f"<code>{escape(part.text)}</code>" if isinstance(part, Formula) else escape(part) for part in parts)

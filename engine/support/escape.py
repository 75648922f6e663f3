"""Text from people, made safe to stand in other languages: terminals, XML, Markdown, LaTeX.

HTML and SVG take `html.escape`; DOT's two kinds of strings are written in `engine.drawing.layout`.
"""

from __future__ import annotations

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
MARKDOWN = "\\`*_{}[]<>#|$~&^"
LATEX = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{sign: "\\" + sign for sign in "{}$&#%_"}, "∂": r"$\partial$",
}  # fmt: skip


def printable(text: str) -> str:
    r"""Return a text on one line, without anything that a terminal would take for a command.

    >>> printable("d\n\x1b[31m")
    'd\\n\\x1b[31m'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def visible(text: str) -> str:
    r"""Return a text with a visible sign for each character that cannot be shown or stored in XML.

    Control characters become their pictures; only the end of a line stays what it is. Half surrogates
    and the like become the replacement character. Everything else stays as typed.
    The characters that XML allows: https://www.w3.org/TR/xml/#charsets

    >>> visible("bell\a\nnul\0")
    'bell␇\nnul␀'
    """
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    code = ord(character)
    if code < 0x20 and character != "\n":
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    return REPLACEMENT if 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF) else character


def escape_markdown(text: str) -> str:
    r"""Return a text as Markdown that shows it as it is.

    >>> print(escape_markdown("*w_1* <b> $"))
    \*w\_1\* \<b\> \$
    """
    return "".join("\\" + character if character in MARKDOWN else character for character in text)


def escape_latex(text: str) -> str:
    r"""Return a text as LaTeX that shows it as it is, outside math mode.

    >>> print(escape_latex("50% of w_1"))
    50\% of w\_1
    """
    return "".join(LATEX.get(character, character) for character in text)

"""User text, escaped for terminals, XML, Markdown and LaTeX.

For HTML and SVG use `html.escape`; the strings of DOT are written in `engine.drawing`.
"""

from __future__ import annotations

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
MARKDOWN = "\\`*_{}[]<>#|$~&^"
LATEX = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{sign: "\\" + sign for sign in "{}$&#%_"}, "∂": r"$\partial$",
}  # fmt: skip


def printable(text: str) -> str:
    r"""Return a text on one line, with escapes in place of control characters.

    >>> printable("d\n\x1b[31m")
    'd\\n\\x1b[31m'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def visible(text: str) -> str:
    r"""Return a text with a visible character in place of each that XML does not allow.

    Control characters except line breaks become their pictures, half surrogate pairs and the like the replacement
    character. The characters that XML allows: https://www.w3.org/TR/xml/#charsets

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
    r"""Escape a text for Markdown.

    >>> print(escape_markdown("*w_1* <b> $"))
    \*w\_1\* \<b\> \$
    """
    return "".join("\\" + character if character in MARKDOWN else character for character in text)


def escape_latex(text: str) -> str:
    r"""Escape a text for LaTeX, outside math mode.

    >>> print(escape_latex("50% of w_1"))
    50\% of w\_1
    """
    return "".join(LATEX.get(character, character) for character in text)

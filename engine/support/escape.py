"""User text, escaped for terminals, XML, Markdown and LaTeX.

For HTML and SVG use `html.escape`; the strings of DOT are written in `engine.drawing`.
"""

from __future__ import annotations

PICTURES = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) != "\n"}, 0x7F: "\N{SYMBOL FOR DELETE}",
    **dict.fromkeys([*range(0xD800, 0xE000), 0xFFFE, 0xFFFF], "\N{REPLACEMENT CHARACTER}"),
}  # fmt: skip
MARKDOWN = str.maketrans({sign: "\\" + sign for sign in "\\`*_{}[]<>#|$~&^"})
LATEX = str.maketrans({
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{sign: "\\" + sign for sign in "{}$&#%_"}, "∂": r"$\partial$",
})  # fmt: skip


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
    return text.translate(PICTURES)


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

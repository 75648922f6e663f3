"""Texts and numbers as a picture shows them."""

from __future__ import annotations

import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Widths of letters in parts of the font size, on the generous side of Helvetica, Arial and their kin.
NARROW = dict.fromkeys("ijlI.,:;'|!()[]{}ft/\\ `-\"", 0.36)
WIDE = dict.fromkeys("mwMW@%", 0.95)
CAPITAL, ORDINARY, FULL, PICTOGRAPH = 0.73, 0.6, 1.05, 1.4


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


def width(text: str, size: float) -> float:
    """Estimate how wide a line of text is set in a sans-serif font of the given size, in the same unit."""
    return size * sum(map(_width, text))


def _width(character: str) -> float:
    if character < "\x7f":
        return NARROW.get(character) or WIDE.get(character) or (CAPITAL if character.isupper() else ORDINARY)
    if unicodedata.combining(character):
        return 0.0
    if ord(character) > 0xFFFF:
        return PICTOGRAPH
    return FULL if unicodedata.east_asian_width(character) in "WF" else CAPITAL

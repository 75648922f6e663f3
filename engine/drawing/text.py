"""Texts and numbers as a picture shows them."""

from __future__ import annotations

import unicodedata

# Widths of letters in parts of the font size, on the generous side of Helvetica, Arial and their kin.
NARROW = dict.fromkeys("ijlI.,:;'|!()[]{}ft/\\ `-\"", 0.36)
WIDE = dict.fromkeys("mwMW@%", 0.95)
CAPITAL, ORDINARY, FULL, PICTOGRAPH = 0.73, 0.6, 1.05, 1.4


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

"""Colours that are legible by the rules of the W3C and distinct for colour-blind readers; widths of texts."""

import math

import pytest

from engine.drawing.svg import DARK, LIGHT, colours, text_width, tint, tint_bounds

THEMES = {"light": LIGHT, "dark": DARK}
# G. M. Machado, M. M. Oliveira and L. A. F. Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", IEEE TVCG 15 (2009), for a missing kind of cones, on linear RGB.
VISION = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "no blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}


@pytest.fixture(params=THEMES)
def theme(request):
    return THEMES[request.param]


def linear(colour):
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]


def contrast(one, other):
    """Return the contrast as WCAG 2 defines it, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    light = [sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(x), strict=True)) for x in (one, other)]
    return (max(light) + 0.05) / (min(light) + 0.05)


def lab(colour, vision):
    """Return a colour, as seen, in CIELAB, where equal distances look equally far."""
    seen = [sum(m * c for m, c in zip(row, linear(colour), strict=True)) for row in VISION[vision]]
    rows = (0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)
    x, y, z = (
        max(sum(m * c for m, c in zip(row, seen, strict=True)) / w, 0.0)
        for row, w in zip(rows, (0.9505, 1, 1.089), strict=True)
    )
    f = [t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def test_texts_can_be_read_on_what_they_stand_on(theme):
    fills = [*theme.tints, theme.strange, theme.parameter_fill, theme.input_fill, theme.root_fill, theme.fold_fill]
    assert min(contrast(text, fill) for text in (theme.ink, theme.key) for fill in [*fills, theme.paper]) >= 4.5
    assert min(contrast(theme.faint, ground) for ground in (theme.paper, *theme.scopes)) >= 4.5
    assert contrast(theme.paper, theme.operation) >= 4.5


def test_lines_can_be_seen(theme):
    borders = theme.constant, theme.result, theme.parameter, theme.input, theme.root, theme.fold, theme.current
    lines = theme.arrow, theme.falling, theme.rising, theme.operation
    assert min(contrast(line, ground) for line in borders + lines for ground in (theme.paper, *theme.scopes)) >= 3.0


@pytest.mark.parametrize("vision", VISION)
def test_signs_of_gradients_differ_for_everyone(theme, vision):
    def apart(one, other):
        return math.dist(lab(one, vision), lab(other, vision))

    negative, positive = theme.tints[:4], theme.tints[5:][::-1]
    assert min(apart(a, b) for a, b in zip(negative[:3], positive[:3], strict=True)) > 12
    assert apart(theme.falling, theme.rising) > 30
    assert min(apart(a, b) for a, b in zip(theme.tints, theme.tints[1:], strict=False)) > 2.5


def test_a_theme_can_be_exchanged_colour_by_colour():
    assert len(colours(LIGHT)) == len(set(colours(LIGHT))) == len(colours(DARK))


def test_tints_grow_with_the_gradient(theme):
    bounds = tint_bounds(2.0)
    assert bounds == [0.0, 0.125, 0.5, 1.125, 2.0]
    for strength, bound in enumerate(bounds[1:], 1):
        assert tint(bound, 2.0, theme) == theme.tints[4 + strength]
        assert tint(-bound, 2.0, theme) == theme.tints[4 - strength]
    assert tint(0.0, 0.0, theme) == theme.tints[4]
    assert tint(5.0, 2.0, theme) == theme.tints[-1]
    assert {tint(x, 2.0, theme) for x in (math.nan, math.inf, -math.inf)} == {theme.strange}


def test_wide_letters_are_wider():
    assert text_width("iiii", 10.0) < text_width("nnnn", 10.0) < text_width("NNNN", 10.0) < text_width("WWWW", 10.0)
    assert text_width("漢", 10.0) > 10.0
    assert text_width("😀", 10.0) > 10.0
    assert text_width("e\u0301", 10.0) == text_width("e", 10.0)
    assert text_width("é", 20.0) == 2 * text_width("é", 10.0) > 0.0
    assert text_width("", 10.0) == 0.0

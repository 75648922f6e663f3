"""Numbers and texts as a picture shows them."""

import math
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drawing.text import width
from engine.support.escape import visible
from engine.support.numbers import format_rounded


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (-3.0, "-3"),
        (0.25, "0.25"),
        (0.1, "0.1"),
        (0.1 + 0.2, "0.3000"),
        (-math.sqrt(0.5), "-0.7071"),
        (math.tanh(6.0), "1.000"),
        (1.2e-5, "1.2e-05"),
        (1e-5 / 3, "3.333e-06"),
        (5e-324, "4.941e-324"),
        (123456.0, "123456"),
        (12345.678, "1.235e+04"),
        (1e6, "1e+06"),
        (1e300, "1e+300"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
    ],
)
def test_numbers_are_written_short(number, written):
    assert format_rounded(number) == written


@given(st.floats(min_value=-1e308, max_value=1e308))
def test_what_is_written_is_near_and_says_whether_it_is_exact(number):
    written = format_rounded(number)
    assert math.isclose(float(written), number, rel_tol=5.001e-4)
    assert (float(written) == 0.0) == (number == 0.0)
    assert len(written) <= 11
    digits = re.sub(r"e.*|^-?0?\.0*|[-.]", "", written).lstrip("0")
    if float(written) != number:
        assert len(digits) == 4


def test_control_characters_become_visible_and_all_else_stays():
    assert visible("a\0b\tc\rd\x1be\x7ff\ng") == "a␀b␉c␍d␛e␡f\ng"
    assert visible("\ud800 \udfff \ufffe \uffff") == "\ufffd \ufffd \ufffd \ufffd"
    kept = 'é 漢字 שלום \u202e 😀 \u00a0 \u2028 \x85 & < > " \\ \U0001fffe'
    assert visible(kept) == kept


@given(st.text(st.characters()))
def test_what_is_visible_can_stand_in_xml(text):
    element = ET.Element("text")
    element.text = visible(text)
    assert ET.fromstring(ET.tostring(element, "utf-8")).text == (visible(text) or None)


def test_wide_letters_are_wider():
    assert width("iiii", 10.0) < width("nnnn", 10.0) < width("NNNN", 10.0) < width("WWWW", 10.0)
    assert width("漢", 10.0) > 10.0
    assert width("😀", 10.0) > 10.0
    assert width("e\u0301", 10.0) == width("e", 10.0)
    assert width("é", 20.0) == 2 * width("é", 10.0) > 0.0
    assert width("", 10.0) == 0.0

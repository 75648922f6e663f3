"""Texts of users, made safe for XML."""

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from engine.support.escape import visible


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

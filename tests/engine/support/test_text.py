"""Test what is visible in XML, counts, lists, near misses, cuts and tables."""

import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.support.text import (
    beside,
    counted,
    cut,
    did_you_mean,
    format_count,
    format_table,
    listed,
    visible,
    without_middle,
)


@pytest.mark.parametrize(("base", "power"), [(10, 15), (2, 1000), (2, 40_000), (10, 300), (3, 50)])
def test_the_size_of_a_huge_count_is_that_of_its_digits(base, power):
    count = base**power + 1
    assert format_count(count) == f"about {Decimal(count):.2e}"
    assert format_count(Decimal(count)) == format_count(count)


def test_counts_below_that_are_written_in_full():
    assert format_count(10**15 - 1) == "999,999,999,999,999" == format_count(Decimal(10**15 - 1))
    assert counted(0, "step") == "0 steps"
    assert counted(2**1000, "path") == "about 1.07e+301 paths"


def test_lists_end_with_a_word():
    assert [listed(words) for words in ("", "a", "ab", "abcde")] == ["", "a", "a and b", "a, b, c, d and e"]
    assert listed("abcdef") == "a, b, c, d, e and 1 more"
    assert listed(["'LR'", "'TB'"], last="or") == "'LR' or 'TB'"


def test_unknown_names_are_compared_with_the_known_ones():
    assert did_you_mean("tahn", ["tanh", "exp"], "choose from") == "; did you mean 'tanh'?"
    assert did_you_mean("RELU", ["gelu", "relu"]) == "; did you mean 'relu'?"
    assert did_you_mean("w11", ["w12", "w13", "b"]) == "; did you mean 'w13' or 'w12'?"
    assert did_you_mean(3, ["mean", "sum"], "choose from") == "; choose from 'mean' and 'sum'"
    assert did_you_mean("q", [], "choose from") == ""
    assert did_you_mean("q", map(str, range(20)), "it has").endswith("'7' and 12 more")


def test_what_is_unprintable_in_a_name_is_escaped_once():
    for name in ("weight\x1b", r"weight\x1b"):  # the second one is that of `engine.name.Names`
        assert did_you_mean("weigh", [name]) == r"; did you mean 'weight\x1b'?"
    assert did_you_mean("x", [r"\alpha"], "it has") == r"; it has '\alpha'"


def test_long_texts_lose_their_middle():
    assert cut(list("abc"), 3) == ["a", "b", "c"]
    assert cut(list("abcdef"), 3) == ["a", "b", "... 3 more ...", "f"]
    assert without_middle(range(1000), 1, None) == [0, None]


def test_columns_are_aligned_left_right_or_at_the_point():
    rows = [["", "n", "x"], ["one", "9", "-2.5"], ["two", "10", "1e-05"], ["three", "8", "inf"], ["four", "7", "-"]]
    assert format_table(rows, "<>.") == [
        "        n  x",
        "one     9   -2.5",
        "two    10    1e-05",
        "three   8  inf",
        "four    7  -",
    ]


def test_the_last_sign_holds_for_the_columns_that_follow():
    assert format_table([["a", "b", "c"], ["aa", "bb", "cc"]], "<>") == ["a    b   c", "aa  bb  cc"]
    assert format_table([["a"], ["aa"]], "><.") == [" a", "aa"]


def test_rows_may_be_short_and_tables_empty():
    assert format_table([["a", "1"], ["long"], ["c", "2"]]) == ["a     1", "long", "c     2"]
    assert format_table([]) == []
    assert format_table([[]]) == []


def test_a_gap_is_blank_before_an_empty_cell():
    assert format_table([["a", "", "1"], ["b", "c", "2"]], gap=" = ") == ["a     = 1", "b = c = 2"]


def test_cells_of_several_lines_stand_beside_each_other():
    assert format_table([["a", "1\n2\n3"], ["b", "4"]], gap=" = ") == ["    1", "a = 2", "    3", "", "b = 4"]
    assert beside(["1\n2", "+"]) == ["1 +", "2"]


def test_control_characters_become_visible_and_all_else_stays():
    assert visible("a\0b\tc\rd\x1be\x7ff\ng") == "a␀b␉c␍d␛e␡f\ng"
    assert visible("\ud800 \udfff \ufffe \uffff") == "\ufffd \ufffd \ufffd \ufffd"
    assert visible("a\u202eb\u2066\u200f") == "a\ufffdb\ufffd\ufffd"  # what turns the direction of a text
    kept = 'é 漢字 שלום 😀 \u00a0 \u2028 \x85 & < > " \\ \U0001fffe'
    assert visible(kept) == kept


@given(st.text(st.characters()))
def test_what_is_visible_can_stand_in_xml(text):
    element = ET.Element("text")
    element.text = visible(text)
    assert ET.fromstring(ET.tostring(element, "utf-8")).text == (visible(text) or None)

"""Formulas as MathML: every operation of the table is one, and what is none is shown as typed."""

import xml.etree.ElementTree as ET

import pytest

from engine.operation import TABLE
from engine.page.mathml import mathml


def parsed(latex):
    return ET.fromstring(f"<math>{mathml(latex)}</math>")


def texts(latex):
    return [element.text for element in parsed(latex).iter() if element.text]


@pytest.mark.parametrize("operation", TABLE.values(), ids=lambda operation: operation.name)
def test_every_operation_of_the_table_is_written(operation):
    latex = operation.written_in_latex(*"abc"[: operation.arity])
    found = texts(latex)
    assert latex not in found
    assert set("abc"[: operation.arity]) <= set(found)


def test_a_fraction_is_one():
    (fraction,) = parsed(r"\frac{a + 1}{b}")
    assert fraction.tag == "mfrac"
    assert ["".join(part.itertext()) for part in fraction] == ["a+1", "b"]


def test_words_are_whole_whichever_way_they_run():
    assert mathml(r"\mathrm{loss} \cdot \mathrm{\text{ש}\text{ל}}") == (
        "<mrow><mi>loss</mi></mrow><mo>·</mo><mrow><mtext>של</mtext></mrow>"
    )


def test_characters_stand_as_themselves():
    assert mathml(r"a \cdot b") == "<mi>a</mi><mo>·</mo><mi>b</mi>"


@pytest.mark.parametrize(
    ("latex", "shown"),
    [("<script>alert(1)</script>", "<script>alert(1)</script>"), ("a & b", "a&b"), (r"\text{<b>\&&lt;}", "<b>&&lt;")],
)
def test_what_people_typed_is_text(latex, shown):
    math = parsed(latex)
    assert {element.tag for element in math.iter()} <= {"math", "mtext", "mi", "mo", "mn", "mrow"}
    assert "".join(math.itertext()) == shown


@pytest.mark.parametrize("latex", ["}{", "\\frac", "x^"])
def test_what_is_no_latex_is_shown_as_it_is(latex):
    assert texts(latex) == [latex]

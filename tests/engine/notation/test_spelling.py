"""What students type: read as it is meant, or refused with a word."""

import math
import os
import re
from random import Random

import pytest

from engine import DomainError, StepgradError, parse
from engine.notation.expression import ExpressionError, number
from engine.notation.spelling import notes_on, spelled

NUMBERS = {"x": 2.0, "y": 3.0, "α": 0.5, "x1": 0.7}
COUNT = int(os.environ.get("STEPGRAD_SPELLINGS", "400"))
PYTHONS_OWN = ("invalid", "literal", "EOF", "unterminated", "f-string", "walrus", "maybe you", "Perhaps", "iterable")


def read(text, **more):
    """Return the value of an expression of some numbers; each of them is used, so that none is left over."""
    numbers = NUMBERS | more
    return parse(f"unused = {'+'.join(numbers)}; 0*unused + ({text})", **numbers).data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2x", 4.0),
        ("2(x+1)", 6.0),
        ("2 x", 4.0),
        ("3sin(x)", 3 * math.sin(2.0)),
        ("2(x+1)(x-1)", 6.0),
        ("(x+1)x", 6.0),
        ("(x+1)(y-1)", 6.0),
        ("sin(x)cos(x)", math.sin(2.0) * math.cos(2.0)),
        ("2x/3", 4.0 / 3.0),
        ("2x^2", 8.0),
        ("2x²y", 24.0),
        ("x²", 4.0),
        ("x³", 8.0),
        ("x¹²", 4096.0),
        ("x⁻¹", 0.5),
        ("2^x", 4.0),
        ("-x^2", -4.0),
        ("-x²", -4.0),
        ("(-x)^2", 4.0),
        ("x^2^3", 256.0),
        ("x^-1", 0.5),
        ("2^3^2 + 0x", 512.0),
        ("x - -y", 5.0),
        ("|x-3|", 1.0),
        ("|x|+|y|", 5.0),
        ("2|x-3|", 2.0),
        ("|x-|y||", 1.0),
        ("|x-3|^2", 1.0),
        ("|-x|²", 4.0),
        ("|(x)|", 2.0),
        ("ln(x)", math.log(2.0)),
        ("arctan(x)", math.atan(2.0)),
        ("lg(x)", math.log10(2.0)),
        ("arsinh(x)", math.asinh(2.0)),
        ("max(x, y)", 3.0),
        ("σ(x)", 1.0 / (1.0 + math.exp(-2.0))),
        ("clamp(x, 0, 1)", 1.0),
        ("x % 2", 0.0),
        ("2·x", 4.0),
        ("2×x÷3", 4.0 / 3.0),
        ("x − 1", 1.0),
        ("α*x", 1.0),
        ("2α", 1.0),
        ("x₁+1", 1.7),
        ("2π*x", 4.0 * math.pi),
        ("√x", math.sqrt(2.0)),
        ("√(x+2)", 2.0),
        ("√2*x", 2.0 * math.sqrt(2.0)),
        ("3√x", 3.0 * math.sqrt(2.0)),
        ("2e*x", 4.0 * math.e),
        ("e^x", math.e**2),
        ("2e3*x", 4000.0),
        ("1.5e-1x", 0.3),
        (".5x", 1.0),
        ("0.x", 0.0),
    ],
)  # fmt: skip
def test_what_has_one_meaning_is_read(text, value):
    assert read(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1/2x", r"1/2x can be read as \(1/2\)\*x or as 1/\(2\*x\)"),
        ("y/2(x+1)", "two ways"),
        ("x^2y", "two ways"),
        ("2^2x", "two ways"),
        ("1/(2)x", "two ways"),
        ("x/-2y", "two ways"),
        ("y/2|x|", "two ways"),
        ("x²/2y", "two ways|can be"),
        ("|x|y|", r"write \* for a product"),
        ("|x|y", r"write \* for a product"),
        ("x|y|", "several ways"),
        ("||x|-1|", "several ways"),
        ("|x", "no second"),
        ("(|x)|", "no second"),
        ("|x|y|x|", "product"),
        ("sin^2 x", r"write sin\(x\)\*\*2"),
        ("sin²x", r"write sin\(x\)\*\*2"),
        ("sin^2(x)", r"write sin\(x\)\*\*2"),
        ("sin^-1(x)", r"1/sin\(x\) or asin\(x\)"),
        ("ln⁻¹(x)", r"1/ln\(x\)"),
        ("sin x", r"write sin\(...\)"),
        ("sin 2x", r"write sin\(...\)"),
        ("sinx", r"write sin\(...\) for the function"),
        ("cos2x", r"write cos\(...\)"),
        ("x y", r"write \* for a product: x\*y"),
        ("xy", r"write x\*y for a product"),
        ("xyα", "has no number"),
        ("(x+1)2", r"write \*"),
        ("x 2", r"write \*"),
        ("2 3x", "operator is missing"),
        ("x²2", r"write \*"),
        ("0x10", "decimal"),
        ("x(y+1)", r"x is a number, not a function; write x\*\(...\)"),
        ("√2x", "how far"),
        ("√x²", "how far"),
        ("√", "needs a number"),
        ("√√x", "how far|needs"),
        ("²", "a power needs"),
        ("^x", "a power needs"),
        ("cot(x)", r"write 1/tan\(x\)"),
        ("tanh(0,5)", "decimals with a point"),
        ("0,5", "decimals with a point"),
        ("f'(x)", "primes"),
        ("x ≤ 2", "not allowed"),
        ("∞", "not allowed"),
        ("(x", "not closed"),
        ("x)", "does not match"),
        ("x!", "syntax error here"),
        ("x -", "syntax error here: a number or a name is missing"),
        ("1½", r"write 1 \+ 1/2 for 1½"),
        ("x½", r"write x\*1/2 for x½"),
        ("[x]", "only numbers"),
        ("2x = 3", "."),
        ("050x", "begin with 0"),
        ("x+*y", "syntax"),
    ],
)  # fmt: skip
def test_what_has_several_meanings_or_none_is_refused_with_a_word(text, says):
    with pytest.raises(ExpressionError, match=says):
        parse(text, **{name: value for name, value in NUMBERS.items() if name in text})


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("x^2", ["^ is read as **, which is how Python writes a power"]),
        ("-x^2", ["^ is read as", "-x**2 is -(x**2)"]),
        ("2e3x", ["2e3 is read as 2000; write 2*e**3"]),
        ("2e*x", ["e is the number 2.71828"]),
        ("x**2 + 1e-5 + |x|", []),
        ("1/2x", []),
    ],
)
def test_notes_say_how_it_was_read(text, notes):
    found = list(notes_on(text))
    assert len(found) == len(notes)
    assert all(map(str.startswith, found, notes))


def test_names_of_the_readers_own_are_no_functions():
    assert parse("clip^2 + sigma^2", clip=2.0, sigma=3.0).data == 13.0


def test_the_place_is_that_in_the_text_that_was_typed():
    with pytest.raises(ExpressionError) as caught:
        parse("2|x| + x² + 3zz", x=1)
    assert str(caught.value).splitlines()[1:] == ["  2|x| + x² + 3zz", "               ^^"]
    with pytest.raises(ExpressionError) as caught:
        parse("y = 2x²\n|y| + 1/2x", x=1)
    assert str(caught.value).splitlines()[1:] == ["  |y| + 1/2x", "          ^^"]


def test_numbers_on_the_command_line():
    assert number("2π") == pytest.approx(2 * math.pi)
    assert number("2^3") == 8.0
    with pytest.raises(ExpressionError, match="decimals with a point"):
        number("0,0816")


# --- what students write, from what they mean --------------------------------------------------------------


def meant(draw, depth):
    """Return an expression as students write it, its value, and how strongly it binds: 1 sum, 2 product, 3 power, 4."""
    kind = draw.random()
    if depth == 0 or kind < 0.2:
        if draw.random() < 0.5:
            name = draw.choice([*NUMBERS])
            return {"x1": draw.choice(["x1", "x₁"])}.get(name, name), NUMBERS[name], 4
        whole = draw.randint(1, 9)
        return str(whole), float(whole), 5  # a number can stand directly in front of others
    first, a, one = meant(draw, depth - 1)
    second, b, two = meant(draw, depth - 1)
    if kind < 0.4:
        sign = draw.choice("+-−")
        return f"{first} {sign} {bracketed(second, two, 2)}", a + b if sign == "+" else a - b, 1
    if kind < 0.5:
        sign = draw.choice([" * ", "*", "·", "×"])
        return f"{bracketed(first, one, 2)}{sign}{bracketed(second, two, 3)}", a * b, 2
    if kind < 0.6:
        whole = draw.randint(2, 9)
        other = second if two == 4 else f"({second})"
        return f"{whole}{draw.choice(['', ' ', '·'])}{other}", whole * b, 2
    if kind < 0.7:
        return f"({first})({second})", a * b, 2
    if kind < 0.8:
        return f"{bracketed(first, one, 4)}{draw.choice(['²', '^2', '**2', '^(2)', ' ^ 2'])}", a * a, 3
    if kind < 0.9:
        return (f"|{first}|" if "|" not in first else f"abs({first})"), abs(a), 4
    name, function = draw.choice([
        ("arctan", math.atan), ("sin", math.sin), ("tanh", math.tanh), ("arsinh", math.asinh), ("atan", math.atan),
    ])  # fmt: skip
    return f"{name}({first})", function(a), 4


def bracketed(text, binds, least):
    return text if binds >= least else f"({text})"


def test_what_is_meant_is_read_or_refused_and_never_read_otherwise():
    right = 0
    for place in range(COUNT):
        text, value, _ = meant(Random(f"meant {place}"), 3)
        try:
            found = read(text)
        except (ExpressionError, DomainError):
            continue
        right += 1
        assert found == pytest.approx(value, rel=1e-9, abs=1e-9), text
    assert right > 0.8 * COUNT


SOUP = list("xyαe2()|√^*/+-,;='!%²³πj._:&~?$∞∂#@<>[]{}\\")
WORDS = "x₁ 3.5 0,5 1/2 2x xy ** ⁻¹ sin cos² ln arctan pi · × − ≤ f(x) sin^2 e^x 2e3 1e5 0x1 lambda if"
SOUP += re.findall(r"\S+", WORDS)


def test_no_soup_of_what_is_typed_ends_in_a_traceback_or_in_the_words_of_python():
    for place in range(3 * COUNT):
        draw = Random(f"soup {place}")
        text = draw.choice(["", " "]).join(draw.choice(SOUP) for _ in range(draw.randint(1, 8)))
        try:
            parse(text, x=2.0)
        except StepgradError as error:
            says = str(error).split("\n")[0]
            assert not any(word in says for word in PYTHONS_OWN), (text, says)


@pytest.mark.parametrize("text", ["2x² + |x - 1|", "√x*2", "a = 2x; a²", "sin(x)\n", ""])
def test_every_character_has_a_place(text):
    found = spelled(text)
    assert len(found.origin) == len(found.text) + 1
    assert all(0 <= place <= len(text) for place in found.origin)
    assert re.sub(r"\s", "", found.text) or not text

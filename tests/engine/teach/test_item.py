"""Items: what counts as an answer, which one is right, and what a wrong one shows."""

import pytest

from engine.errors import StepgradError
from engine.notation.expression import ExpressionError
from engine.teach.item import ChoiceItem, LetteredItem, NumberItem, OrderItem, format_answer, is_near, read_number
from engine.words.mistakes import WrongNumber


def asking(number, *mistakes, known=None):
    return NumberItem(question="?", solution=("way",), number=number, mistakes=mistakes, known=known or {})


@pytest.mark.parametrize(
    ("text", "number"),
    [("-3", -3.0), ("1/4", 0.25), (" 2*(1 + 3) ", 8.0), ("1 - tanh(0)**2", 1.0), ("2*a + b", 7.0), ("1e-3", 0.001)],
)
def test_answers_are_numbers_fractions_and_expressions(text, number):
    assert read_number(text, {"a": 3.0, "b": 1.0}) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("=3", 3.0), ("x = 3", 3.0), ("dL/da = 3", 3.0), ("∂p/∂a=-3", -3.0), ("a.grad = 1/2", 0.5), ("≈ 0.3", 0.3),
        ("~3", 3.0), ("3.", 3.0), ("3,", 3.0), ("2b;", 2.0), ("|-2|.", 2.0), ("½", 0.5), ("-¾", -0.75), ("３", 3.0),
        ("−1,5", -1.5), ("3·4", 12.0), ("a²", 9.0), ("√4", 2.0),
    ],
)  # fmt: skip
def test_answers_are_read_as_people_write_them(text, number):
    assert read_number(text, {"a": 3.0, "b": 1.0}) == number


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2x", "x has no number here; the names are a and b"),
        ("dL/da", "dL/da is what the question may ask for; answer with its number"),
        ("33%", "write 33% without %"),
        ("0,0816", "Not yet. 0,0816 is read as 0.0816, a decimal."),
        ("1e", "Not yet. e is the number 2.71828..."),
        ("x^2", "x has no number here"),
        ("a^2", "Not yet. ^ is read as **, which is how Python writes a power."),
        ("ln a", "write ln(...), with parentheses"),
        ("2 -", "a number or a name is missing"),
        ("1,000", "1,000 can be read as 1000 or as 1.000; write the one that is meant"),
        ("0,125", "Not yet. 0,125 is read as 0.125, a decimal."),
        ("7!", "syntax error here; write a number, a fraction or an expression"),
    ],
)
def test_what_is_typed_gets_a_word(text, says):
    assert says in asking(7.0, known={"a": 3.0, "b": 1.0}).respond(text)


def test_a_name_of_the_problem_goes_before_a_constant():
    assert read_number("e", {"e": 3.0}) == 3.0
    assert read_number("e", {}) == pytest.approx(2.718281828)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "x",
        "a == 3",
        "= =3",
        "dL/da",
        "a.grad",
        "33%",
        "1/0",
        "two",
        "a.data",
        "[1]",
        "1; 2",
        "nan",
        "1e999",
    ],
)
def test_other_texts_are_refused_and_never_run(text):
    with pytest.raises(StepgradError):
        asking(2.0, known={"a": 1.0}).judge(text)


def test_a_short_number_must_be_exact_and_a_long_one_may_be_rounded():
    assert is_near(0.25, 0.25) and not is_near(0.2501, 0.25)
    assert is_near(0.667, 2 / 3) and not is_near(0.66, 2 / 3)
    assert is_near(0.0, 0.0) and not is_near(0.001, 0.0)
    assert not is_near(float("nan"), 1.0) and not is_near(float("inf"), 1 / 3)


def test_numbers_are_shown_without_noise():
    assert [format_answer(x) for x in (2.0, -0.0, 1 / 3)] == ["2", "0", "0.333333"]


def test_a_right_number_is_right_however_it_is_written():
    item = asking(-0.75)
    assert all(item.judge(text).is_right for text in ("-0.75", "-3/4", "-6/8", "1/4 - 1"))
    assert item.answer == "-0.75"
    assert item.options == ()


def test_a_wrong_number_tells_the_first_mistake_that_gives_it():
    wrong = [(5.0, "added", "Multiply."), (5.0, "b", "Other."), (6.0, "c", "No mistake."), (-6.0, "sign", "The sign.")]
    item = asking(6.0, *(WrongNumber(*each) for each in wrong))
    assert item.judge("5") == (False, "Multiply.", "added")
    assert item.judge("-6") == (False, "The sign.", "sign")
    assert item.judge("7") == (False, "", "")
    assert item.judge("6") == (True, "", "")


def choosing():
    return ChoiceItem(question="?", solution=(), right=("L -> p", "L -> q"), wrong={"p -> a": "too early"})


def test_words_count_without_their_spaces():
    assert choosing().judge("L->q") == (True, "", "")
    assert choosing().judge("  p  ->a ") == (False, "too early", "")
    assert choosing().answer == "L -> p or L -> q"


def test_what_is_no_possible_answer_is_said():
    with pytest.raises(ExpressionError, match="'L -> a' is not one of the possible answers; did you mean"):
        choosing().judge("L -> a")
    with pytest.raises(
        ExpressionError,
        match=r"'\\x1b7' is not one of the possible answers; choose from 'L -> p', 'L -> q' and 'p -> a'",
    ):
        choosing().judge("\x1b7")


def test_letters_may_be_capitals_or_have_a_bracket():
    item = LetteredItem(question="?", solution=(), right=("b",), wrong={"a": "no"}, lettered=("one", "two"))
    assert item.options == ("a) one", "b) two")
    assert all(item.judge(text).is_right for text in ("b", "B", "b)", " b. "))
    assert item.judge("A") == (False, "no", "")


def test_responses_say_what_is_right_and_what_to_try():
    item = NumberItem(question="?", solution=(), number=0.25, asked="df/da", hint="Nudge it.")
    assert [item.respond(answer) for answer in (0.25, "1/4")] == ["Right: df/da = 0.25."] * 2
    assert item.respond(3) == "Not yet. Nudge it."
    assert item.respond([0.25]).startswith("An answer is a number, such as -2 or 1/3, not list [0.25]")
    assert "two" in item.respond("two")
    assert choosing().respond("L->p") == "Right: L -> p or L -> q."
    assert choosing().respond("p->a") == "Not yet. too early"


def test_an_order_is_right_if_operands_come_first():
    item = OrderItem(question="?", solution=(), operands={"a": (), "b": (), "p": ("a", "b")})
    assert item.answer == "a, b, p"
    assert item.judge("b, a p").is_right
    assert item.judge(["a", "p", "b"]).sentence == "p is computed from b, so b must come before p."
    assert item.judge("a b").sentence == "p is missing."

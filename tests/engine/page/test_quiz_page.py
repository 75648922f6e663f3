"""The quiz as a page, in a real browser: it judges as Python does, and everything can be done by keyboard."""

import math
import os
import random

import pytest

from engine.errors import StepgradError, UsageError
from engine.teach.quiz import make_items
from engine.teach.quiz_page import QUIZZES, quiz_page, write_quiz

pytestmark = [pytest.mark.needs_browser, pytest.mark.slow]
COUNT = int(os.environ.get("STEPGRAD_ITEMS", "60"))
# What is typed besides numbers; each is judged as in Python, where it is right, wrong with its mistake, or refused.
TYPED = (
    "0,5", "1,25", "= 2", "x = -1", "dL/da = 3", "≈ 0.3", "3.", "-3/4", "1/2", "½", "-¾", "2²", "2^2", "2**3", "-2**2",
    "(1 + 2)*3", "1 - tanh(0)**2", "|-3|", "3·4", "−2", "2e-1", ".5", "--3", "sqrt(4)", "2*pi", "a", "2a", "a*b",
    "2(3)", "a/2", "L", "-L/2", "2x7", "", "2 +", "(3", "3)", "?", "1/0", "33%", "two", "1 2", "a.grad", "dL/da",
    "1/2a", "ln a", "1e999", "[3]", "1//2", "1½", "3 ½", "√4", "√a", "√(4)", "1e", "1,000", "-2,125", "0,125", "7!",
    "1:2",
)  # fmt: skip


def said(item, answer):
    """Return whether an answer is right and what is said, None for what is not an answer."""
    try:
        verdict = item.judge(answer)
    except StepgradError:
        return None
    return [verdict.is_right, [*item.notes(answer), verdict.sentence] if not verdict.is_right else []]


JUDGE = """([number, answer]) => {
  try {
    const verdict = window.judge(window.items[number], answer);
    return [verdict.isRight, verdict.isRight ? [] : verdict.says];
  } catch (error) { return null; }
}"""


@pytest.fixture
def judged(opened):
    """Open a page of some items whose script shows its judge, and return what it says to answers."""

    def judge(items):
        html = quiz_page([items])
        shown = "begin();\n\n})();"
        assert html.count(shown) == 1
        page = opened(
            None, html=unprotected(html.replace(shown, "begin(); Object.assign(window, {judge, items});\n})();"))
        )
        return lambda number, answer: page.evaluate(JUDGE, [number, answer])

    return judge


def unprotected(html):
    """Return a page without its policy, so that a test may look inside."""
    begin = html.index('<meta http-equiv="Content-Security-Policy"')
    return html[:begin] + html[html.index("\n", begin) + 1 :]


def test_numbers_are_judged_as_in_python(judged):
    items = make_items(seed=3, count=COUNT, topics=["value", "local", "path", "gradient", "update"])
    judge, draw = judged(items), random.Random(1)
    tried = 0
    for number, item in enumerate(items):
        wrong = [repr(each.number) for each in item.mistakes if math.isfinite(each.number)]
        answers = [item.answer, repr(item.number), f"{item.number + 0.123:.6g}", *wrong, *draw.sample(TYPED, 12)]
        for answer in answers:
            expected, found = said(item, answer), judge(number, answer)
            if expected is not None and not expected[0]:
                expected[1] = list(filter(None, expected[1]))
            assert found == expected, (item, answer)
            tried += 1
    assert tried > 15 * COUNT


def test_choices_are_judged_as_in_python(judged):
    items = make_items(seed=4, count=COUNT // 2, topics=["step", "find", "ideas"])
    judge = judged(items)
    for number, item in enumerate(items):
        for word in (*item.right, *item.wrong):
            expected = said(item, word)
            assert judge(number, word) == [expected[0], [] if expected[0] else list(filter(None, expected[1]))]


def test_a_quiz_is_taken_by_keyboard(opened):
    quizzes = [make_items(level=3, topics=["gradient"], seed=seed, count=2) for seed in (5, 6)]
    page = opened(None, html=quiz_page(quizzes, 5), at="#seed=6")
    first, second = quizzes[1]
    assert page.inner_text("#question") == first.question
    assert page.inner_text("#seed") == "6"
    assert page.inner_text("#given") == "\n".join(first.given)
    page.keyboard.type("2 +")
    page.keyboard.press("Enter")
    assert "a number or a name is missing" in page.inner_text("#reply")
    page.keyboard.type("12345")
    page.keyboard.press("Enter")
    assert page.inner_text("#reply") == "Not yet. Try once more."
    page.keyboard.type(first.answer)
    page.keyboard.press("Enter")
    assert page.inner_text("#reply") == "Right."
    assert page.inner_text("#score") == "0 of 1 right, and 1 at the second try"
    assert page.inner_text("#way") == "\n".join(first.solution)
    page.keyboard.press("Enter")
    assert page.inner_text("#question") == second.question
    for answer in ("54321", "12345"):
        assert page.is_hidden("#solution")
        page.keyboard.type(answer)
        page.keyboard.press("Enter")
    assert page.inner_text("#answer") == f"The answer is {second.answer}"
    assert page.inner_text("#score") == "0 of 2 right, and 1 at the second try"
    page.keyboard.press("Enter")
    assert page.inner_text("#question") == first.question
    page.click("#hint")
    assert "along each path" in page.inner_text("#reply")
    page.click("#solve")
    assert page.inner_text("#score") == "0 of 1 right"
    page.click("#another")
    assert page.evaluate("location.hash") == "#seed=5"
    assert page.inner_text("#seed") == "5"
    assert page.inner_text("#question") == quizzes[0][0].question


def test_an_idea_is_chosen(opened):
    (item,) = make_items(topics=["ideas"], seed=2, count=1)
    page = opened(None, html=quiz_page([[item]]))
    page.click("#check")
    assert page.inner_text("#reply") == "Choose an answer."
    wrong = next(iter(item.wrong))
    page.check(f"#options input[value={wrong}]")
    page.click("#check")
    assert page.inner_text("#reply") == f"Not yet. {item.wrong[wrong]} Try once more."
    page.check(f"#options input[value={item.answer}]")
    page.click("#check")
    assert page.inner_text("#reply") == "Right."


@pytest.mark.parametrize("at", ["#seed=999999999", "#seed=-3", "#seed=1e9", "#<script>", "#seed="])
def test_any_address_opens_a_quiz(opened, at):
    page = opened(None, html=quiz_page([make_items(seed=seed, count=1) for seed in range(3)]), at=at)
    assert page.inner_text("#question") == make_items(seed=0, count=1)[0].question
    assert page.inner_text("#seed") == "0"


def test_seeds_may_be_negative(opened):
    page = opened(None, html=quiz_page([make_items(seed=seed, count=1) for seed in (-2, -1)], -2), at="#seed=-1")
    assert page.inner_text("#seed") == "-1"
    assert page.inner_text("#question") == make_items(seed=-1, count=1)[0].question
    page.click("#another")
    page.locator("#seed", has_text="-2").wait_for()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844), (1000, 760), (640, 400)])
def test_nothing_is_cut_off(opened, width, height):
    quizzes = [make_items(seed=9, count=8), make_items(topics=["ideas"], count=4)]
    for seed, items in enumerate(quizzes):
        page = opened(None, html=quiz_page(quizzes), width=width, height=height, at=f"#seed={seed}", dark=bool(seed))
        for _ in items:
            page.click("#solve")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            edges = page.evaluate("(b => [b.top, b.bottom])(document.getElementById('next').getBoundingClientRect())")
            assert 0 <= edges[0] < edges[1] <= height + 1
            page.keyboard.press("Enter")


def test_a_page_is_written_whole_or_refused(tmp_path):
    written = write_quiz(tmp_path / "quiz.html", level=1, topics=["value"], seed=2, count=2).read_text()
    assert written == quiz_page([make_items(1, ["value"], seed, 2) for seed in range(2, 2 + QUIZZES)], 2)
    with pytest.raises(UsageError, match=r"\.html"):
        write_quiz(tmp_path / "quiz.pdf")
    with pytest.raises(UsageError, match="level must be"):
        write_quiz(tmp_path / "other.html", level=9)
    assert [path.name for path in tmp_path.iterdir()] == ["quiz.html"]

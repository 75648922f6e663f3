"""The widgets of notebooks: the page in a real browser, between it and Python what a notebook does."""

import json
import sys

import pytest

import engine
from engine import UsageError, Value, scope, show_steps, steps_widget
from engine.errors import StepgradError
from engine.teach import quiz_widget
from tests.engine.program.graphs import random_graph

widgets = pytest.mark.needs_widgets
# What a notebook does for a widget: it hands traits over, both ways.
NOTEBOOK = """<!DOCTYPE html><title>Notebook</title><div id="cell"></div><script type="module">
const url = URL.createObjectURL(new Blob([await script()], { type: "text/javascript" }));
const widget = (await import(url)).default;
const traits = await allTraits();
const calls = {};
const model = {
  get: (name) => traits[name], set: (name, x) => { traits[name] = x; setTrait(name, x); }, save_changes: () => {},
  on: (event, call) => { calls[event] = call; }, off: (event) => { delete calls[event]; },
};
window.changed = (name, x) => { traits[name] = x; calls[`change:${name}`]?.(); };
window.close_ = widget.render({ model, el: document.getElementById("cell") });
</script>"""


def graph():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    return (a * b + a).tanh() * a


@pytest.fixture
def shown(browser, tmp_path):
    """Show a widget in a browser; return its frame, and a function that hands its wish over."""
    pages = []

    def show(widget):
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        pages.append(page)
        page.expose_function("script", lambda: engine.page.frame.SCRIPT)
        traits = "page", "title", "height", "told", "asked"
        page.expose_function("allTraits", lambda: {name: getattr(widget, name) for name in traits})
        page.expose_function("setTrait", lambda name, x: setattr(widget, name, x))
        path = tmp_path / "notebook.html"
        path.write_text(NOTEBOOK)
        page.goto(path.as_uri())
        page.frame_locator("iframe").locator("#position, #place").first.wait_for()
        frame = page.frames[-1]

        def hand_over():
            page.evaluate("wish => changed('asked', JSON.parse(wish))", json.dumps(widget.asked))

        return frame, hand_over

    yield show
    for page in pages:
        page.close()


# --- the step page ------------------------------------------------------------------------------------


@widgets
def test_numbers_that_python_sets_are_those_of_a_new_graph():
    for seed in range(40):
        root = random_graph(seed, 15)[0]
        leaves = engine.leaves(root)
        widget = steps_widget(root, names={})
        names = {leaf: widget._names[leaf] for leaf in leaves}
        numbers = {leaf: leaf.data * 0.9 + 0.01 for leaf in leaves}
        widget.numbers = {names[leaf]: number for leaf, number in numbers.items()}
        again = engine.graph.record_again(engine.topological_order(root), numbers)
        again[root].backward()
        assert widget.value == again[root].data
        assert widget.gradients == {names[leaf]: again[leaf].grad or 0.0 for leaf in leaves}


@widgets
def test_an_inner_number_is_cut_off_and_the_graph_stays():
    a = Value(2.0, "a")
    b = a * 3.0
    b.label = "b"
    c = b * b + a
    widget = steps_widget(c, names={})
    widget.numbers = {"b": 5.0}
    assert (widget.value, widget.gradients) == (27.0, {"a": 1.0, "b": 10.0})
    assert (c.data, b.data, a.grad) == (38.0, 6.0, None)
    widget.numbers = {}
    assert (widget.value, widget.gradients) == (38.0, {"a": 37.0})


@widgets
def test_what_has_no_value_and_wrong_names():
    x = Value(2.0, "x")
    widget = steps_widget(engine.log(x))
    widget.numbers = {"x": -1.0}
    assert widget.value is None
    with pytest.raises(engine.DomainError):
        _ = widget.gradients
    with pytest.raises(UsageError, match="no value is called y"):
        widget.numbers = {"y": 1.0}
    with pytest.raises((TypeError, ValueError)):
        widget.numbers = {"x": "much"}
    assert widget.numbers == {"x": -1.0}
    with pytest.raises(ValueError, match="height must be greater than 0"):
        steps_widget(x, height=0)


@widgets
@pytest.mark.parametrize(
    "told", [{}, {"numbers": 3}, {"numbers": {"x": 1.0, "-1": 2.0, "99": 3.0, "0": "much", "1": None}}, {"step": "x"}]
)
def test_whatever_is_told_is_data(told):
    widget = steps_widget(graph())
    widget.told = told
    assert (widget.numbers, widget.step, widget.value) == ({}, 0, graph().data)


@widgets
@pytest.mark.needs_browser
@pytest.mark.xdist_group("browser")
def test_the_page_and_python_set_numbers(shown):
    widget = steps_widget(graph())
    seen = []
    widget.observe(lambda change: seen.append(change["new"]), names="value")
    frame, hand_over = shown(widget)
    frame.locator('#graph g[data-name="v0"]').first.click()
    frame.locator("#edit-number").fill("1.5")
    frame.locator("#edit-number").press("Enter")
    frame.page.wait_for_timeout(100)
    a, b = Value(1.5), Value(-3.0)
    loss = (a * b + a).tanh() * a
    loss.backward()
    assert widget.numbers == {"a": 1.5}
    assert (widget.value, widget.gradients) == (loss.data, {"a": a.grad, "b": b.grad})
    assert seen[-1] == widget.value
    frame.locator("#next").click()
    frame.page.wait_for_timeout(100)
    assert widget.step > 0

    widget.numbers = {"b": 0.25}
    widget.step = 3
    hand_over()
    frame.page.wait_for_timeout(100)
    assert frame.locator("#edit-said").inner_text().startswith("1 number set.")
    assert f"now {widget.value:.6g}" in frame.locator("#edit-said").inner_text()
    assert frame.locator("#position").inner_text().startswith("step 3")
    assert (widget.numbers, widget.step) == ({"b": 0.25}, 3)
    widget.numbers = {}
    hand_over()
    frame.page.wait_for_timeout(100)
    assert frame.locator("#edit-said").inner_text() == ""
    assert widget.numbers == {}


@widgets
@pytest.mark.needs_browser
@pytest.mark.xdist_group("browser")
def test_messages_of_others_are_not_heard(shown):
    widget = steps_widget(graph())
    frame, _ = shown(widget)
    frame.evaluate("postMessage({ stepgrad: { numbers: { 0: 7 }, step: 2 } }, '*')")  # not from the notebook
    frame.page.evaluate("postMessage({ stepgrad: { numbers: { 0: 7 }, step: 2 } }, '*')")  # not from the frame
    frame.page.wait_for_timeout(100)
    assert (widget.numbers, widget.step) == ({}, 0)


@pytest.mark.needs_browser
@pytest.mark.xdist_group("browser")
def test_predict_can_be_used_in_the_frame_of_a_notebook(browser, tmp_path):
    path = tmp_path / "cell.html"
    path.write_text(show_steps(graph())._repr_html_(), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("#predict").click()
    frame.locator("#next").click()
    frame.locator(".ask input").fill("6")
    frame.locator(".ask button.main").click()
    assert "Try again" in frame.locator(".ask .reply").inner_text()
    frame.locator(".ask input").fill("-6")
    frame.locator(".ask button.main").click()
    frame.get_by_text("Correct: -6.").first.wait_for()
    page.close()


def test_a_missing_library_is_named_with_the_remedy(monkeypatch):
    for name in ("engine.page.widget", "engine.page.frame", "engine.teach.quiz_widget"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    for make in (lambda: steps_widget(graph()), quiz_widget):
        with pytest.raises(StepgradError, match=r"pip install 'stepgrad\[widget\]'"):
            make()


# --- the quiz -----------------------------------------------------------------------------------------


@widgets
@pytest.mark.needs_browser
@pytest.mark.xdist_group("browser")
def test_the_quiz_tells_the_score(shown):
    items = engine.teach.make_items(level=2, topics=["gradient", "value"], seed=5, count=3)
    widget = quiz_widget(level=2, topics=["gradient", "value"], seed=5, count=3)
    frame, _ = shown(widget)
    for item, answers in zip(items, (["right"], ["12345", "right"], ["12345", "54321"]), strict=True):
        for answer in answers:
            frame.locator("#typed").fill(item.answer if answer == "right" else answer)
            frame.locator("#check").click()
        frame.locator("#next").click()
        frame.page.wait_for_timeout(50)
        if item is items[1]:
            assert str(widget.score) == "score: 1 of 2 right, and 1 at the second try"
            assert [answer.is_right for answer in widget.answers] == [True, False, True]
            assert [answer.question for answer in widget.answers] == [1, 2, 2]


@widgets
@pytest.mark.parametrize("told", [{}, {"score": 3}, {"score": {"right": "x"}, "answers": [3, {"isRight": 1}]}])
def test_whatever_a_quiz_tells_is_data(told):
    widget = quiz_widget(level=1, count=2)
    widget.told = told
    assert str(widget.score) == "score: 0 of 0 right"
    assert not any(answer.is_right for answer in widget.answers)


# --- %%steps ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shell():
    interactive = pytest.importorskip("IPython.core.interactiveshell")
    found = interactive.InteractiveShell.instance()
    yield found
    interactive.InteractiveShell.clear_instance()


@pytest.fixture
def steps(shell, capsys):
    """Run a cell that begins with %%steps; return what it shows and what it prints."""
    shell.run_line_magic("load_ext", "engine")
    shell.run_cell("from engine import Value\na, b = Value(2.0), Value(-3.0)")
    capsys.readouterr()

    def run(line, cell):
        found = shell.run_cell_magic("steps", line, cell)
        return found, capsys.readouterr().out

    return run


@pytest.mark.needs_jupyter
def test_steps_shows_the_last_value_of_a_cell_by_its_variables(steps):
    page, out = steps("--update 0.1", "c = a * b\nd = c + a\nd")
    assert out == ""
    assert page.title == "d = -4, step by step"
    assert '"called":"c"' in page.html
    assert '"kind":"update"' in page.html


@pytest.mark.needs_jupyter
@pytest.mark.parametrize(
    ("line", "cell", "says"),
    [
        ("", "3 + 4", "must be a Value, such as loss, not of the type int"),
        ("", "c = a * b", "this cell ends without a result"),
        ("--bogus", "a", "%%steps: unknown option --bogus\nusage: %%steps [--update"),
        ("--depth x", "a", "%%steps: argument --depth: invalid int value: 'x'"),
        ("", "1 / 0", "ZeroDivisionError"),
    ],
)
def test_steps_says_in_words_what_it_cannot_show(steps, line, cell, says):
    page, out = steps(line, cell)
    assert page is None
    assert says in out


@widgets
@pytest.mark.needs_jupyter
def test_steps_makes_a_widget(steps, shell):
    widget, _ = steps("--widget --height 500", "a * b")
    assert shell.user_ns["_steps"] is widget
    widget.numbers = {"a": 1.0}
    assert (widget.value, widget.height) == (-3.0, 500)


@widgets
def test_hostile_names_stay_text():
    text = "</script><script>alert(1)</script>"
    with scope(text):
        a = Value(2.0, text)
        widget = steps_widget(a * a, title=text)
    assert text not in widget.page

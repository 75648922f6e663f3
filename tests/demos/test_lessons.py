"""The lessons: their cells print what the texts say, and their exercises know right answers and classic mistakes."""

import doctest
import json
import os
import re
from copy import deepcopy
from functools import cache
from itertools import permutations
from pathlib import Path

import nbformat
import pytest

from demos.build import notebooks
from demos.build.notebooks import code, lessons, read, run, text_of, written
from demos.lessons import exercises
from demos.lessons.exercises import EXERCISES, answers, check
from demos.lessons.exercises import solution as show_solution
from engine import UsageError
from engine.teach.item import is_near

ROOT = Path(__file__).parents[2]
HERE = ROOT / "demos" / "lessons"
LESSONS = lessons()
TEACHING = (HERE / "TEACHING.md").read_text()
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\w)")


@cache
def ran(path):
    """Return a lesson as a notebook that was run."""
    return run(read(path.read_text()))


def made_from(path):
    """Return the notebook beside a lesson."""
    return nbformat.read(path.with_suffix(".ipynb"), as_version=4)


def without_layout(made):
    """Return a notebook with each picture replaced by the texts in it: where they stand is up to Graphviz."""
    made = deepcopy(made)
    for cell in code(made):
        for output in cell.outputs:
            picture = output.get("data", {}).pop("image/svg+xml", "")
            output["picture"] = sorted(re.findall(r">([^<>\n]+)</text>", picture))
    return made


def by_name(path):
    return path.stem


# --- the lessons ---------------------------------------------------------------------------------------------


def test_there_are_twelve():
    assert [path.name[:2] for path in LESSONS] == [f"{number:02}" for number in range(1, 13)]


@pytest.mark.parametrize("path", LESSONS, ids=by_name)
def test_the_cells_print_what_the_text_says(path):
    for cell, says in zip(code(ran(path)), code(read(path.read_text())), strict=True):
        assert text_of(cell) == text_of(says), f"{path.name}: make lessons writes it anew\n{cell.source}"
    assert written(ran(path)) == path.read_text()


@pytest.mark.parametrize("path", LESSONS, ids=by_name)
def test_the_notebook_is_made_from_the_text(path):
    assert without_layout(ran(path)) == without_layout(made_from(path)), "make lessons makes it anew"


@pytest.mark.parametrize("path", LESSONS, ids=by_name)
def test_every_number_in_the_prose_is_in_a_cell(path):
    prose = " ".join(cell.source for cell in ran(path).cells if cell.cell_type == "markdown")
    prose = re.sub(r"```py\n.*?```|\]\([^)]*\)|^# \d+\.", "", prose, flags=re.DOTALL | re.MULTILINE)
    shown = [text for cell in code(ran(path)) for text in (cell.source, text_of(cell))]
    known = {float(number) for text in shown for number in re.findall(r"\d+(?:\.\d+)?", text)}
    assert {number for number in NUMBER.findall(prose) if float(number) not in known} == set()


@pytest.mark.parametrize("path", LESSONS, ids=by_name)
def test_a_lesson_ends_with_exercises_and_something_of_ones_own(path):
    source = "\n".join(cell.source for cell in code(ran(path)))
    asked = re.findall(r'^check\("(\w+)", \.\.\.\)$', source, re.MULTILINE)
    assert asked == [name for name in EXERCISES if name[:-1] == str(int(path.name[:2]))]
    assert 2 <= len(asked) <= 3
    assert "check(mine, ...)" in source
    assert "draw(mine.root)" in source
    assert source.endswith("show_steps(mine.root)")


def test_every_exercise_is_in_a_lesson():
    assert {name[:-1] for name in EXERCISES} == {str(int(path.name[:2])) for path in LESSONS}


def test_lesson_7_agrees_with_central_differences():
    """Its three ways could share a mistake; plain numbers moved a little cannot."""
    parameters = [1.0, -1.0, 0.5, 0.5, 1.0, -1.0, 0.0, 1.0, 1.0, 1.0, 1.0, -1.0, 0.25]

    def loss(p):
        total = 0.0
        for x, y in (([0.5, 1.0], 1.0), ([1.5, -0.5], 0.0)):
            hidden = [max(x[0] * p[j] + x[1] * p[3 + j] + p[6 + j], 0.0) for j in range(3)]
            total += (sum(h * w for h, w in zip(hidden, p[9:12], strict=True)) + p[12] - y) ** 2 / 2
        return total

    slopes = []
    for i in range(len(parameters)):
        ahead, behind = ([*parameters[:i], parameters[i] + h, *parameters[i + 1 :]] for h in (1e-6, -1e-6))
        slopes.append((loss(ahead) - loss(behind)) / 2e-6)
    text = "".join(map(text_of, code(ran(HERE / "07_network.md"))))
    for values in (slopes[:3], slopes[3:6], slopes[6:9], slopes[9:12]):
        assert str([round(value, 6) for value in values]) in text
    assert f"{loss(parameters)}" in text


def test_lesson_10_has_the_numbers_of_pytorch():
    recorded = json.loads((ROOT / "tests" / "recorded" / "pytorch_2_2_3_1.json").read_text())["runs"]
    (at_42,) = (each for each in recorded if each["seed"] == 42)
    text = "".join(map(text_of, code(ran(HERE / "10_matrices.md"))))
    assert f"{at_42['loss']:.4f}\n" in text
    w1, _, w2, _ = at_42["grads"]
    for row in [*w1, [entry for (entry,) in w2]]:
        assert str([f"{entry:.4f}" for entry in row]) in text


# --- making notebooks ---------------------------------------------------------------------------------------------

LESSON = """# Title

```python
print("one")
2 * 3
```

```text
one
6
```

More.

```python
x = 1
```
"""


def test_a_text_is_read_run_and_written():
    made = read(LESSON)
    assert [cell.cell_type for cell in made.cells] == ["markdown", "code", "markdown", "code"]
    assert list(map(text_of, code(made))) == ["one\n6\n", ""]
    first, second_, third, last = run(made).cells
    assert written(made) == LESSON
    assert first.source == "# Title"
    assert second_.outputs[0].text == "one\n"
    assert second_.outputs[1].data == {"text/plain": "6"}
    assert (third.source, last.outputs, last.execution_count) == ("More.", [], 2)


def test_a_block_of_text_is_an_output_only_right_behind_a_cell():
    first, last = read("```python\nx = 1\n```\n\nProse.\n\n```text\nkept\n```\n").cells
    assert (first.cell_type, first.source, first.outputs) == ("code", "x = 1", [])
    assert (last.cell_type, last.source) == ("markdown", "Prose.\n\n```text\nkept\n```")


def test_cells_share_a_namespace_and_errors_come_through():
    assert text_of(run(read("```python\nx = 2\n```\n\n```python\nx\n```\n")).cells[1]) == "2\n"
    with pytest.raises(ZeroDivisionError):
        run(read("```python\n1 / 0\n```\n"))


def test_a_picture_is_kept_in_the_notebook():
    (cell,) = run(read('```python\nfrom engine import Value, draw\n\ndraw(Value(2.0, "a") * 3.0)\n```\n')).cells
    data = cell.outputs[0].data
    assert data["image/svg+xml"].startswith("<svg")
    assert data["text/plain"] == "<Drawing of 3 values; write it with .save('graph.svg')>"


def test_one_command_writes_texts_and_notebooks(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(notebooks, "HERE", tmp_path)
    wrong = LESSON.replace("one\n6", "two\n7")
    (tmp_path / "01_first.md").write_text(wrong)
    (tmp_path / "02_second.md").write_text(wrong)
    (tmp_path / "NOTES.md").write_text(wrong)
    notebooks.main(["02"])
    assert capsys.readouterr().out == "02_second.ipynb\n"
    assert (tmp_path / "02_second.md").read_text() == LESSON
    assert (tmp_path / "01_first.md").read_text() == wrong
    notebooks.main()
    assert (tmp_path / "01_first.md").read_text() == LESSON
    assert json.loads((tmp_path / "01_first.ipynb").read_text())["nbformat"] == 4
    assert (tmp_path / "NOTES.md").read_text() == wrong


# --- in Jupyter -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kernel():
    """Lend one Jupyter kernel to all notebooks, started in their folder."""
    from jupyter_client.manager import start_new_kernel

    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    manager, client = start_new_kernel(cwd=str(HERE), env=environment)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.needs_jupyter
@pytest.mark.xdist_group("jupyter")  # which has one kernel for all
@pytest.mark.filterwarnings("default")  # Jupyter's own warnings are not errors here
@pytest.mark.parametrize("path", LESSONS, ids=by_name)
def test_jupyter_shows_what_the_notebook_says(path, request):
    from nbclient import NotebookClient

    manager, client = request.getfixturevalue("kernel")
    made = made_from(path)
    nbformat.validate(made)
    fresh = deepcopy(made)
    fresh.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
    runner = NotebookClient(fresh, km=manager, timeout=60)
    runner.kc = client
    runner.execute(cleanup_kc=False)
    assert list(map(text_of, code(fresh)[1:])) == list(map(text_of, code(made)))


# --- exercises ------------------------------------------------------------------------------------------------


def said(exercise, answer, capsys):
    """Return what check says."""
    check(exercise, answer)
    return capsys.readouterr().out.rstrip("\n")


# Worked out by hand, from the questions as they are printed.
RIGHT = {
    "1a": (9.61 - 9) / 0.1, "1b": 2 * -2, "1c": 3,
    "2a": 2, "2b": -1, "2c": 3 * 2**2,
    "3a": 2 * 6 * 3, "3b": 9 * 2 + 6 * 6, "3c": 2 * 5 * -1,
    "4a": -3 + 1, "4b": 3 * 2**2, "4c": -2 - 2,
    "5b": 8 + 6, "5c": 2**3,
    "6a": 0.25 * 2, "6b": 0.25, "6c": 0,
    "7a": 2 * 1, "7b": 2 * 1 * 3 * 1 * 2, "7c": 3 - 0.1 * 2 * 1,
    "8a": 0.25, "8b": 1 / 256, "8c": 0.1,
    "9a": 1 + 0.1 * 2 * 4 * 2, "9b": 1, "9c": 0.8 - 0.1 * (2 + 1.6),
    "10a": 6, "10b": -3, "10c": 0.25,
    "11a": -3 * 1 + 2 * 2, "11b": 1000, "11c": 3,
    "12a": 6 * 3, "12b": 2 * 2, "12c": 4 / 2,
}  # fmt: skip


def test_all_exercises_are_among_those_answered_here():
    assert {*RIGHT, "5a"} == set(EXERCISES)


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_answer_is_right(name, capsys):
    right = RIGHT[name]
    assert said(name, right, capsys).startswith("Right: ")
    assert said(name, float(f"{right:.3g}"), capsys).startswith("Right: ")
    assert said(name, right + 0.37 * abs(right) + 0.0137, capsys).startswith("Not yet. ")
    show_solution(name)
    assert f"{right:.6g}" in capsys.readouterr().out.splitlines()[-1]


# An answer, worked out by hand with one rule broken, and a piece of the hint that should come.
WRONG = [
    ("1a", 0.61, "This is the change. Divide it"),
    ("1a", 9.61, "f after the nudge"),
    ("1a", 6, "the limit for tiny nudges"),
    ("1a", 96.1, "only the change is divided"),
    ("1b", 4, "the sign is not"),
    ("1b", 8, "the exponent drops by one"),  # 2 * x**2
    ("1b", -2, "the factor n is missing"),  # x**1
    ("1c", 1.5, "This is the change. Divide it"),
    ("1c", -3, "new number minus the old"),
    ("2a", -3, "the wrong operand"),
    ("2a", 1, "Only + passes a gradient on"),
    ("2a", -6, "the value of f"),
    ("2a", -2, "the sign is not"),
    ("2b", 1, "the minus is missing"),
    ("2b", 2, "the value of b"),
    ("2c", 24, "the exponent drops by one"),  # 3 * x**3
    ("2c", 4, "the factor n is missing"),  # x**2
    ("3a", 15, "(here 12 and 3) are multiplied, not added"),
    ("3a", 3, "∂u/∂x alone"),
    ("3a", 18, "the factor n is missing"),  # 6 * 3
    ("3b", 36, "Missing: f -> u -> x"),
    ("3b", 18, "Missing: f -> v -> x"),
    ("3b", 18 * 36, "added, not multiplied"),
    ("3c", 10, "the minus is missing"),
    ("3c", -1, "∂v/∂y alone"),
    ("3c", 9, "(here 10 and -1) are multiplied, not added"),
    ("4a", 1, "You have 1 of 2 paths from f back to a. Missing: f -> d -> a."),
    ("4a", -3, "Missing: f -> a."),
    ("4a", 3, "the wrong operand (b, not a). Look at d = a * b: ∂d/∂a = -3, ∂d/∂b = 2."),
    ("4b", 8, "You have 2 of 3 paths"),
    ("4b", 4, "the derivative of a product"),
    ("4b", 64, "added, not multiplied"),
    ("4c", -2, "The second call adds"),
    ("4c", 0, "not set to zero automatically"),
    ("5b", 8, "Missing: f -> e -> d"),
    ("5b", 6, "Missing: f -> d"),
    ("5c", 6, "the number of edges"),
    ("5c", 2, "how often a is used"),
    ("6a", 2, "alone; the chain rule multiplies it"),
    ("6a", 0.125, "the wrong operand"),
    ("6a", 1, "sigmoid' = sigmoid * (1 - sigmoid)"),
    ("6a", 0, "this puts its input in"),  # z * (1 - z) at z = 0
    ("6b", 0.5, "sigmoid' = sigmoid * (1 - sigmoid)"),
    ("6c", 2, "alone; the chain rule multiplies it"),
    ("7a", -2, "the sign is not"),
    ("7b", 6, "the wrong operand"),
    ("7b", 2, "alone; the chain rule multiplies it"),
    ("7c", 3.2, "This goes uphill"),
    ("7c", 1, "multiply the gradient by 0.1"),
    ("7c", 2, "This is the gradient"),
    ("7c", 0.2, "the length of the step"),
    ("7c", 2.4, "The step is right, the gradient is not"),  # 3 - 0.1 * 2 * 3
    ("8a", 1, "The derivative of f is left out"),
    ("8a", 0.5, "sigmoid' = sigmoid * (1 - sigmoid)"),
    ("8b", 1, "multiplied, not added"),
    ("8b", 1 / 16, "the value of sigmoid at 0"),
    ("8c", 1, "The derivative of f is left out"),
    ("8c", -0.4, "the value of f for its derivative"),
    ("9a", -0.6, "This goes uphill"),
    ("9a", 17, "multiply the gradient by 0.1"),
    ("9a", -16, "This is the gradient"),
    ("9a", 1.8, "The step is right, the gradient is not"),  # plus 2 * w taken for w
    ("9b", 0.5, "the minimum"),
    ("9b", 2, "the loss grows"),
    ("9c", 0.64, "when gradients are set to zero in between"),
    ("9c", 0.8, "after one step"),
    ("10a", 60, "The contributions of the samples are added"),
    ("10a", 1, "one for each weight"),
    ("10b", 10, "row 0, column 1"),
    ("10b", 2, "Multiply them"),
    ("10c", 0.125, "The mean of the loss is already in delta"),
    ("10c", 1, "the contribution of the first sample"),
    ("11a", -3, "the contribution of a alone"),
    ("11a", 4, "the contribution of b alone"),
    ("11a", 2, "multiplies the speeds"),
    ("11a", 3, "adds the speeds"),
    ("11a", -1, "adds the gradients"),
    ("11b", 1, "what reverse mode needs"),
    ("11c", 50, "This is reverse mode"),
    ("12a", 27, "the first derivative, df/dx"),
    ("12a", 729, "squared"),
    ("12b", 20, "the first derivative, df/da"),
    ("12b", 10, "not a again"),
    ("12b", -4, "the sign is not"),
    ("12c", -1, "Divide the slope by the second derivative"),
    ("12c", 8, "the step goes down"),
    ("12c", -7, "instead of multiplying"),
]


@pytest.mark.parametrize(("name", "answer", "hint"), WRONG)
def test_a_wrong_answer_gets_the_hint_for_its_mistake(name, answer, hint, capsys):
    text = said(name, answer, capsys)
    assert text.startswith("Not yet. ")
    assert hint in text


def test_every_exercise_has_a_hint_for_two_mistakes_or_more():
    asked = {name for name, _, _ in WRONG}
    assert asked == set(RIGHT)
    for name in RIGHT:
        exercise = EXERCISES[name]()
        wrong = {round(m.number, 9) for m in exercise.mistakes if not is_near(m.number, exercise.number)}
        assert len(wrong) >= 1 if name in ("11b", "9b") else len(wrong) >= 2
        assert all(mistake.sentence for mistake in exercise.mistakes)
        assert exercise.hint


def test_any_other_number_gets_what_to_try_next(capsys):
    assert said("4a", 77, capsys) == (
        "Not yet. Nudge it: as a goes from 2 to 2.001, f goes from -4 to -4.002. Divide the change by 0.001."
    )


@pytest.mark.parametrize("name", EXERCISES)
def test_without_an_answer_the_question_is_asked(name, capsys):
    check(name)
    asked = capsys.readouterr().out
    assert asked.endswith(f"\n{exercises.NO_ANSWER}\n")
    check(name, ...)
    assert capsys.readouterr().out == asked


@pytest.mark.parametrize("use", [check, show_solution])
def test_an_unknown_name_is_an_error_that_has_the_known_ones(use):
    with pytest.raises(UsageError, match="no exercise '13a'; did you mean "):
        use("13a")


# --- orders ----------------------------------------------------------------------------------------------------------


def test_exactly_the_topological_orders_are_right(capsys):
    behind = {"a": "", "b": "", "d": "ab", "e": "da", "f": "de"}
    found = 0
    for given_order in permutations("abdef"):
        is_right = all(given_order.index(x) < given_order.index(n) for n, operands in behind.items() for x in operands)
        assert said("5a", " ".join(given_order), capsys).startswith("Right: ") == is_right
        found += is_right
    assert found == 2


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ("b d a e f", "d is computed from a, so a must come before d"),
        ("a b d f e", "f is computed from e"),
        ("a b d e", "f is missing"),
        ("a b d d e f", "d occurs 2 times"),
        ("a b c d e f", "no node 'c'; the nodes are a, b, d, e and f"),
        ("", "a is missing"),
        (7, "An answer is the names in order"),
        ([1, 2], "An answer is the names in order"),
    ],
)
def test_a_wrong_order_gets_its_hint(answer, hint, capsys):
    assert hint in said("5a", answer, capsys)


@pytest.mark.parametrize("answer", ["a, b, d, e, f", ["b", "a", "d", "e", "f"], ("a", "b", "d", "e", "f")])
def test_an_order_may_be_written_in_several_ways(answer, capsys):
    assert said("5a", answer, capsys).startswith("Right: ")


@pytest.mark.parametrize("module", [exercises, notebooks])
def test_the_examples_in_the_docstrings(module):
    failed, tried = doctest.testmod(module)
    assert (failed, tried > 0) == (0, True)


# --- for teachers -----------------------------------------------------------------------------------------------------


def test_the_teachers_page_prints_what_it_says():
    assert written(run(read(TEACHING))) == TEACHING
    assert "```text" in TEACHING


def test_the_teachers_page_has_the_answers():
    table = dict(re.findall(r"^\| (\d+[a-z]) \| (.*) \|$", TEACHING, re.MULTILINE))
    assert table == dict(answers())


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", TEACHING))))
def test_what_the_teachers_page_links_to_is_there(link):
    assert (HERE / link).exists()


def test_the_readme_leads_to_the_teachers_page_and_that_to_every_lesson():
    readme = (ROOT / "README.md").read_text()
    assert "(demos/README.md#the-lessons)" in readme
    assert "(demos/lessons/TEACHING.md)" in readme
    assert all(f"]({path.name})" in TEACHING for path in LESSONS)

"""The doctor on whole programs: what is wrong with each comes first, and no healthy program is accused.

The programs are written as learners write them. In those of the folder mistakes, a line ``# cause: code`` says what the
doctor is to find first. Behind ``# right:`` stands what a wrong line should be, and behind ``# missing:`` what is
missing; with these, the program is healthy.
"""

import contextlib
import io
import re
from pathlib import Path

import pytest

from engine.cli.commands.doctor import examine
from engine.cli.target import run_program
from engine.doctor.watch import Watch
from engine.errors import StepgradError

pytestmark = pytest.mark.slow
FOLDER = Path(__file__).parent / "programs"
MISTAKES, HEALTHY = (sorted((FOLDER / kind).glob("*.py")) for kind in ("mistakes", "healthy"))
TEXTS = {path: path.read_text() for path in MISTAKES}
MARKED = [path for path in MISTAKES if "# right:" in TEXTS[path] or "# missing:" in TEXTS[path]]
CAUSES = {re.search(r"^# cause: (\S+)$", text, re.MULTILINE)[1] for text in TEXTS.values()}


def diagnosis(path):
    with contextlib.redirect_stdout(io.StringIO()):
        return examine(str(path), {})


def mended(text):
    """Return a program with what its marks say, and without them."""
    lines = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        wrong, is_wrong, right = line.partition("  # right:")
        _, is_missing, missing = line.partition("# missing: ")
        lines.append(indent + missing if is_missing else indent + (right.strip() or "pass") if is_wrong else wrong)
    return "\n".join(lines)


def edited(text, edits):
    """Return a program with the edits of a finding."""
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda edit: (edit.line, edit.place != "before"), reverse=True):
        old = lines[edit.line - 1]
        new = old[: len(old) - len(old.lstrip())] + edit.code
        lines[edit.line - 1 : edit.line] = {"before": [new, old], "after": [old, new], "instead": [new]}[edit.place]
    return "\n".join(lines)


@pytest.mark.parametrize("path", HEALTHY, ids=lambda path: path.stem)
def test_no_healthy_program_is_accused(path):
    assert diagnosis(path).codes == []


@pytest.mark.parametrize("path", MARKED, ids=lambda path: path.stem)
def test_a_mistake_that_is_mended_is_healthy(path, tmp_path):
    program = tmp_path / path.name
    program.write_text(mended(TEXTS[path]))
    assert diagnosis(program).codes == []


def plain(text):
    """Return a program without its marks, line by line."""
    return re.sub(r"(  )?# (right|missing|cause):.*", "", text)


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_the_root_cause_comes_first_and_a_remedy_that_is_code_works(path, tmp_path):
    program = tmp_path / path.name
    program.write_text(plain(TEXTS[path]))
    first = diagnosis(program)[0]
    assert first.code == re.search(r"^# cause: (\S+)$", TEXTS[path], re.MULTILINE)[1]
    assert first.severity in ("error", "warning")
    assert first.where.file == str(program)
    assert re.search(r"\d|None|Error", first.evidence)
    found = [first] if first.edits else []
    for _ in range(3):  # a mistake may stand in several lines
        if found:
            program.write_text(edited(program.read_text(), found[0].edits))
            found = [finding for finding in diagnosis(program) if finding.code == first.code]
    assert found == []


def test_there_are_enough():
    assert len(MISTAKES) >= 140
    assert len(HEALTHY) + len(MARKED) >= 260
    assert len(CAUSES) >= 40


def test_the_page_lists_what_is_found():
    page = (Path(__file__).parents[3] / "demos" / "guide" / "doctor.md").read_text()
    assert [code for code in CAUSES if f"`{code}`" not in page] == []


@pytest.mark.parametrize(
    "name", ["xor", "noisy_sgd", "micrograd_demo", "fit_style", "two_optimisers", "dropout_done_right"]
)
def test_looking_changes_nothing(name, capsys):
    path = str(FOLDER / "healthy" / f"{name}.py")

    def run():
        variables = run_program(path)
        model = variables.get("model") or variables["G"]
        return [p.data for p in model.parameters()], capsys.readouterr().out

    alone = run()
    with Watch():
        watched = run()
    assert watched == alone == run()


def test_an_error_that_the_doctor_does_not_know_is_reported_as_usual(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("1 / 0")
    with pytest.raises(StepgradError, match="ZeroDivisionError"):
        examine(str(program), {})


@pytest.fixture
def found(tmp_path):
    """Return a function that writes a program, runs it and returns the codes of what is found."""

    def examine_text(text):
        program = tmp_path / "program.py"
        program.write_text(text)
        return diagnosis(program).codes

    return examine_text


def test_an_index_that_is_no_label_is_reported_as_usual(found):
    with pytest.raises(StepgradError, match="IndexError"):
        found("from engine import Value\nscores = [Value(1.0)]\nk = 3\nscores[k]")


def test_a_loop_over_something_else_may_end_early(found):
    text = """
from engine import Value
w = Value(0.0)
for x in {iterable}:
    loss = (w * x - 2.0) ** 2
    w.grad = 0.0
    loss.backward()
    w.data -= 0.1 * w.grad
    if loss.data > 1.0:
        break
"""
    assert found(text.format(iterable="[1.0, 2.0]")) == []
    assert found(text.format(iterable="range(1, 9)")) == []
    assert found(text.format(iterable="range(99)")) == ["ended-early"]


def test_a_slice_of_what_is_not_a_list_chooses_no_batch(found):
    text = """
from engine import Value
w, word, x = Value(0.5), "abc", [1.5, 2.5]
for epoch in range(2):
    for turn in range(2):
        loss = (w * {number} - 3.0) ** 2
        w.grad = 0.0
        loss.backward()
        w.data -= 0.01 * w.grad
"""
    assert found(text.format(number="len(word[:2])")) == []
    assert found(text.format(number="x[:1][0]")) == ["unused-samples"]


def test_predictions_without_any_data_are_left_alone(found):
    text = """
from engine import Value
w = Value(0.5)
for epoch in range(9):
    loss = sum((w.tanh() - y) ** 2 for y in (0.1, 0.5, 0.9)) / 3
    w.grad = 0.0
    loss.backward()
    w.data -= 0.1 * w.grad
"""
    assert found(text) == []


def test_what_may_follow_stands_below_the_cause():
    found = diagnosis(FOLDER / "mistakes" / "overflow_after_long_steps.py")
    first, second = found
    said = str(found)
    assert said.index(first.sentence) < said.index("The following may come from it:") < said.index(second.sentence)


def test_updates_of_one_parameter_show_no_decay(found):
    text = """
from engine import Value
w = Value(3.0)
for x, y in [(1.0, 2.0), (0.5, 1.0), (2.0, 4.1)]:
    loss = (w * x - y) ** 2
    w.grad = 0.0
    loss.backward()
    w.data = w.data * 0.99 - 0.05 * w.grad
"""
    assert found(text) == []

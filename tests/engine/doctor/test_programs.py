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


LOOP = """
import random
from engine import Value, log, sigmoid
import nn
random.seed(3)
nn.manual_seed(3)
{before}
for epoch in range({epochs}):
    {forward}
    for p in params: p.grad = 0.0
    loss.backward()
    for p in params: p.data -= {rate} * p.grad
"""


def trained(before, forward, epochs=12, rate=0.05):
    return LOOP.format(before=before, forward=forward, epochs=epochs, rate=rate)


def test_linear_layers_before_a_cross_entropy(found):
    before = """
X = [[-1, -1], [-1, 1], [1, -1], [1, 1], [-0.5, -0.5], [0.5, -0.5], [-0.5, 0.5], [0.5, 0.5]]
y = [int(a * b > 0) for a, b in X]
net = nn.MLP(2, [4, 2], activation={activation})
params = net.parameters()
"""
    forward = "loss = nn.cross_entropy([net(x) for x in X], y)"
    assert found(trained(before.format(activation="None"), forward)) == ["linear-network"]
    assert found(trained(before.format(activation="'tanh'"), forward)) == []


def test_a_product_of_parameters_is_not_a_linear_model(found):
    before = "a, b = Value(0.5), Value(0.4); params = [a, b]; data = [(x / 4, (x / 4) ** 2) for x in range(-5, 6)]"
    assert found(trained(before, "loss = sum((a * b * x - y) ** 2 for x, y in data) / 11")) == []
    assert found(trained(before, "loss = sum(((a * x + b) / 2 - y) ** 2 for x, y in data) / 11")) == ["linear-network"]


def test_scores_of_an_activation_without_limits(found):
    before = "net = nn.MLP(1, [4, 2], activation='tanh', output_activation='leaky_relu'); params = net.parameters()"
    forward = "loss = nn.cross_entropy([net([x]) for x in (-1.0, -0.5, 0.5, 1.0)], [0, 0, 1, 1])"
    assert found(trained(before, forward)) == []


def test_softmax_by_hand_of_one_score_and_of_two(found):
    before = """
w, v = Value(0.5), Value(0.2)
params = [w, v]
def softmax(scores):
    powers = [s.exp() for s in scores]
    return [p / sum(powers, Value(0.0)) for p in powers] if len(powers) > 1 else [powers[0] / (0.0 + powers[0])]
"""
    forward = "loss = sum((softmax([{scores}])[0] - y) ** 2 for x, y in [(1.0, 0.9), (-1.0, 0.1), (2.0, 0.9)])"
    assert found(trained(before, forward.format(scores="w * x + v"))) == ["zero-slope"]
    assert found(trained(before, forward.format(scores="w * x, v * x"))) == []


def test_a_share_of_a_positive_whole_is_a_probability(found):
    before = "w, v = Value(0.5), Value(0.2); params = [w, v]; data = [(1.0, 2.0), (2.0, 1.5), (0.5, 1.0)]"
    forward = "loss = -sum(log((w * x + v * y) / (w * w + v * v + w * v)) for x, y in data) / 3"
    assert "scores-as-probabilities" not in found(trained(before, forward, rate=0.001))


def test_a_score_that_is_not_a_loss_is_differentiated_for_itself(found):
    before = "w, b = Value(0.5), Value(0.1); params = [w, b]"
    forward = "out = w * 2.0 + b; error = (out - 1.0) ** 2; loss = out * out"
    assert "not-the-loss" not in found(trained(before, forward))
    text = trained(before + "; losses = []", "out = (w * 2.0 + b).tanh(); {name} = (out - 1.0) ** 2")
    text = text.replace("loss.back", "out.back")
    assert found(text.format(name="loss")) == ["not-the-loss"]
    assert "not-the-loss" not in found(text.format(name="shown"))
    assert found(text.format(name="x = 1; losses.append((out - 1.0) ** 2); y")) == ["not-the-loss"]


def test_parameters_of_one_name_of_which_some_are_used(found):
    before = """
class Unit:
    def __init__(self): self.gain, self.shift = Value(0.5), Value(0.1)
units = [Unit(), Unit()]
params = [p for u in units for p in (u.gain, u.shift)]
"""
    forward = "loss = sum((units[0].gain * x + {shift} + units[1].gain * x * x - x) ** 2 for x in (0.5, 1.0, 2.0))"
    assert found(trained(before, forward.format(shift="units[0].shift"), rate=0.01)) == []
    assert found(trained(before, forward.format(shift="1.0"), rate=0.01)) == ["unreached-parameter"]


def test_much_momentum_that_settles(found):
    before = """
w, speed = Value(0.1), 0.0
params = []
"""
    forward = "loss = (w * 2.0 - 3.0) ** 2; w.grad = 0.0"
    text = trained(before, forward, epochs=40) + "    speed = 0.98 * speed - 0.0001 * w.grad\n    w.data += speed\n"
    assert found(text) == []


def test_data_that_only_look_sorted_or_made_anew(found):
    before = """
X = [random.gauss(0, 1) for _ in range(12)]
y = sorted(random.gauss(0, 1) for _ in range(12))
w, b = Value(0.1), Value(0.0)
params = [w, b]
"""
    assert found(trained(before, "loss = sum((w * x + b - t) ** 2 for x, t in zip(X, y)) / 12")) == []
    noise = "loss = sum((w * random.gauss(0, 1) + b - t) ** 2 for t in y) / 12"
    assert found(trained(before, noise, epochs=3)) == []
    assert found(trained(before, noise)) == []


def test_rows_that_end_with_what_is_to_be_predicted(found):
    before = """
rows = [[random.gauss(0, 1), random.gauss(0, 1), 0.0] for _ in range(8)]
for row in rows: row[2] = row[0] - row[1]{more}
w = [Value(0.1), Value(0.2)]
params = w
"""
    forward = "loss = sum((sum(a * b for a, b in zip(w, row)) - row[2]) ** 2 for row in rows) / 8"
    assert found(trained(before.format(more=""), forward)) == []
    forward = "loss = sum((sum(a * b for a, b in zip(w, row)) - y) ** 2 for row, y in zip(rows, targets)) / 8"
    more = "; row[2] = 1.0\ntargets = [row[0] - row[1] for row in rows]"  # a column that is always the same
    assert found(trained(before.format(more=more), forward)) == []


def test_margins_of_two_scores(found):
    before = "w, v = Value(0.5), Value(0.2); params = [w, v]"
    forward = "loss = sum((1.0 - (w * x + v) + (v * x - w)).relu() for x in (1.0, 2.0, -1.0)) / 3"
    assert found(trained(before, forward, epochs=4)) == []
    forward = "loss = sum((1.0 - x * (Value(2.0) * 0.5)).relu() * w for x in (1.0, 2.0, -1.0)) / 3"
    assert "labels-without-sign" not in found(trained(before, forward, epochs=4))


def test_a_likelihood_may_rise_whatever_its_name(found):
    before = "w, b = Value(0.1), Value(0.0); params = [w, b]; data = [(-1.0, 0), (1.0, 1), (0.5, 1), (-0.2, 0)]"
    forward = "loss = sum(log(sigmoid(w * x + b)) if t else log(1 - sigmoid(w * x + b)) for x, t in data) / 4"
    assert found(trained(before, forward, rate=-0.3)) == []
    assert found(trained(before, forward, rate=0.3)) == ["negated-loss"]

"""The source of programs: it runs on its own, reads well, and debuggers show it."""

import ast
import subprocess
import sys
import traceback

import pytest

import engine
import nn
from engine import Value
from engine.program.program import Program
from engine.program.python import backend as python
from engine.program.python import source as unrolled
from engine.program.python.expressions import rule_in_words
from engine.program.python.source import identifiers
from tests.engine.program.replayed import eagerly

READABLE = '''\
"""Backpropagation: 3 operations, 4 steps back."""


def backpropagate(inputs, parameters):
    """Return the loss and its gradients."""
    x, *_ = inputs
    w, b, *_ = parameters

    # forward
    v3 = w * x
    total = v3 + b
    # squash
    y = tanh(total)

    # backward: d_x is the derivative of the loss with respect to x
    d_y = 1.0  # the seed
    d_total = (1.0 - y * y) * d_y  # ∂tanh(x)/∂x = 1 - tanh(x) ** 2
    d_v3 = d_total  # ∂(x + y)/∂x = 1
    d_b = 0.0 + d_total  # ∂(x + y)/∂y = 1
    d_w = 0.0 + x * d_v3  # ∂(x * y)/∂x = y

    return y, (d_w, d_b,)


if __name__ == "__main__":
    inputs = [2.0]
    parameters = [3.0, -1.0]
    loss, gradients = backpropagate(inputs, parameters)
    print("loss =", loss)
    for name, gradient in zip(['w', 'b'], gradients):
        print("d loss / d", name, "=", gradient)
'''


def network():
    """Return the program of a small network that is worth saving."""
    nn.manual_seed(1)
    model = nn.MLP(2, [2, 1], activation="gelu")
    x = [Value(0.5, "x0"), Value(-1.5, "x1")]
    loss = (model(x) - 0.25) ** 2 + engine.elu(x[0]) * engine.sigmoid(x[1])
    return Program(loss, x, model.parameters())


def test_a_short_program_reads_like_a_lesson():
    x, w, b = Value(2.0, "x"), Value(3.0, "w"), Value(-1.0, "b")
    total = w * x + b
    with engine.scope("squash"):
        y = total.tanh()
    source = Program(y, [x], [w, b], names=locals()).source
    assert source.replace("from math import tanh\n\n\n", "") == READABLE


def test_headings_follow_the_scopes_and_steps_without_influence_are_told():
    x, w, v = Value(2.0, "x"), Value(3.0, "w"), Value(1.0, "far")
    with engine.scope("first\nlayer"):
        y = w * x
    source = Program(y * engine.sign(v), [x], [w, v]).source
    assert "# first\\nlayer\n" in source
    assert "# outside any scope\n" in source
    assert "d_far = 0.0  # the loss does not depend on it\n" in source


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("pieces", [7, 1_000])
def test_a_saved_program_runs_on_its_own(tmp_path, readable, pieces, monkeypatch):
    monkeypatch.setattr(python, "MAX_READABLE", 5_000 if readable else 0)
    monkeypatch.setattr(unrolled, "MAX_IN_FUNCTION", pieces)
    program = network()
    path = program.save(tmp_path / "unrolled.py")
    run = subprocess.run([sys.executable, "-I", "-S", str(path)], capture_output=True, text=True, check=True)
    loss, *gradients = eagerly(program)
    names = [program.identifiers[number] for number in program.plan.wrt]
    lines = [f"d loss / d {name} = {gradient}" for name, gradient in zip(names, gradients, strict=True)]
    assert run.stdout == "\n".join([f"loss = {loss}", *lines, ""])
    imported = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {getattr(node, "module", None) for node in imported} == {"math"}
    with pytest.raises(FileNotFoundError, match="create it first"):
        program.save(tmp_path / "nowhere" / "unrolled.py")


def test_a_saved_program_holds_what_is_not_finite_and_nothing_that_labels_say(tmp_path):
    evil = '"""\nimport os\n#'
    x, w = Value(float("inf"), evil), Value(float("-inf"), "import")
    with engine.scope(evil):
        loss = engine.where(w, x, w * 1.0 + Value(float("nan"), "n"))
    path = Program(loss, [x], [w]).save(tmp_path / "unrolled.py")
    run = subprocess.run([sys.executable, "-I", "-S", str(path)], capture_output=True, text=True, check=True)
    assert run.stdout == "loss = nan\nd loss / d import_2 = 1.0\n"


def test_tracebacks_and_debuggers_show_an_unsaved_program(monkeypatch):
    w = Value(3.0, "w")
    for pieces, line in ((1_000, "v2 = w * 2.0"), (1, "v2 = parameters[0] * 2.0")):
        monkeypatch.setattr(unrolled, "MAX_IN_FUNCTION", pieces)
        with pytest.raises(TypeError) as error:
            Program((w * 2.0).tanh())._python._backpropagate([], [[]])
        text = "".join(traceback.format_exception(error.value))
        assert f"{line}\n" in text
    monkeypatch.setattr(python, "MAX_STEPPED", 0)
    with pytest.raises(TypeError) as error:
        Program((w * 2.0).tanh())._python._backpropagate([], [[]])
    assert "v2 = " not in "".join(traceback.format_exception(error.value))


def test_names_are_labels_variables_or_places():
    a, b, c, d, e = (Value(float(number), label) for number, label in enumerate(["a b", "", "1st", "+", "d_a"]))
    with engine.scope("layer 1"):
        twin = Value(1.0, "twin")
    other = Value(2.0, "twin")
    nodes = [a, b, c, d, e, twin, other, Value(3.0), a * 2.0, Value(1.0, "a" * 50), Value(0.0, "a"), Value(0.0, "tanh")]
    found = identifiers([*nodes, engine.exp(a) * 1.0], {"rows": [b]})
    assert found == [
        "a_b", "rows_0", "_1st", "__2", "d_a", "layer1_twin", "twin", "v7", "v8", "a" * 40, "a_2", "tanh_2",
        "v12",
    ]  # fmt: skip
    assert len({*found, *(f"d_{name}" for name in found)}) == 2 * len(found)
    x = Value(2.0)
    assert "mine * mine" in Program(x * x, names={"mine": x}).source


def test_an_operation_that_is_registered_later_keeps_its_name():
    engine.register("bent", bent, lambda x, out: (2.0 * x,))
    try:
        x = Value(0.5, "bent")
        program = Program(x.bent() * x)
        assert program() == (0.5 * 1.75, (0.5 + 1.75,))
        assert "def bent(x):" in program.source
    finally:
        engine.unregister("bent")


def bent(x):
    y = x + 1.0
    return y + 0.25


def test_rules_in_words():
    table = engine.TABLE
    assert rule_in_words(table["mul"], 1) == "∂(x * y)/∂y = x"
    assert rule_in_words(table["exp"], 0) == "∂exp(x)/∂x = exp(x)"
    assert rule_in_words(table["sub"], 1) == "∂(x - y)/∂y = -1"


def test_numbers_stand_to_the_last_bit():
    w = Value(0.5)
    source = Program(w * (1.0 / 3.0) - -2.5e-300, fold=False).source
    assert "number_1 = 0.3333333333333333\n" in source
    assert "= w - -2.5e-300\n" in Program(w - -2.5e-300, names={"w": w}).source


def test_a_source_says_that_the_loss_does_not_depend_on_a_leaf():
    w, unused = Value(2.0, "w"), [Value(1.0), Value(3.0, '"""\\')]
    source = Program(w * w, [], [w, *unused[:1]]).source
    assert "The loss does not depend on 1 leaf: 0.0 stands for no gradient." in source
    source = Program(w * w, [], [w, *unused]).source
    assert "The loss does not depend on 2 leaves: 0.0 stands for no gradient." in source
    compile(source, "source", "exec")

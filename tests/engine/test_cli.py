"""The command `stepgrad`."""

import contextlib
import importlib
import io
import linecache
import os
import re
import runpy
import shlex
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import engine
from engine import Value, leaves, parse, record_source
from engine.cli import COMMANDS, HISTORIES, PARAMETERS, load, main

MISTAKES = sorted((Path(__file__).parents[2] / "demos" / "mistakes").glob("[a-z]*.py"))
NAMES = [command.name for command in COMMANDS]
PROGRAM = """
from engine import Value
a, b = Value(2.0), Value(3.0)
c = a * b
d = c.tanh()
n = 5
w = [Value(1.0), Value(2.0, "second")]
"""
TRAINING = """
from engine import Value
w, b, x = [Value(3.0)], Value(0.5), 2.0
parameters, losses = [*w, b], []
for step in range(3):
    loss = (w[0] * x + b - 1.0) ** 2
    losses.append(loss.data)
    loss.zero_grad()
    loss.backward()
    for p in parameters:
        p.data -= 0.05 * p.grad
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to be in, from which programs may import one another."""
    modules = set(sys.modules)
    monkeypatch.chdir(tmp_path)
    linecache.clearcache()  # it may remember a program of the same name in another folder
    yield tmp_path
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def run(folder, capsys):
    """Return a function that calls the command and returns its status and what it printed on both streams."""

    def call(*arguments):
        capsys.readouterr()
        try:
            status = main(arguments)
        except SystemExit as end:
            status = end.code
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


@pytest.fixture
def program(folder):
    """Return a function that writes a program and returns its name."""

    def write(text=PROGRAM, name="program.py"):
        (folder / name).write_text(text, encoding="utf-8")
        return name

    return write


# --- targets ------------------------------------------------------------------------------------------


def test_a_program_gives_its_last_root_and_names_by_variables(program):
    target = load(program(), {})
    assert (target.root.label, target.root.op.name) == ("d", "tanh")
    assert [x.label for x in engine.leaves(target.root)] == ["a", "b"]
    assert target.variables["n"] == 5
    assert [x.label for x in target.variables["w"]] == ["w[0]", "second"]
    assert target.root.source.text == "d = c.tanh()"


def test_a_program_gives_a_variable_or_a_place_in_a_list(program):
    assert load(f"{program()}:c", {}).root.data == 6.0
    assert load("program.py:w[1]", {}).root.data == 2.0


def test_which_root_is_taken_is_said_where_there_are_several(program, run):
    text = "from engine import Value\na = Value(2)\none = a * a\nmore = one + 1\nlast = more * one\nlone = Value(1)"
    status, _, err = run("draw", program(f"{text}\nother = a * 2.0"))
    assert (status, err) == (0, "stepgrad: taking other; program.py:NAME takes another one: last\n")
    status, _, err = run("draw", program(text))
    assert (status, err) == (0, "")
    assert load(program("from engine import Value\na = Value(2.0)"), {}).root.label == "a"


def test_an_expression_gives_its_value_and_no_variables():
    target = load("d = a*b; d + 1", {"a": 2.0, "b": 3.0})
    assert (target.root.data, target.variables) == (7.0, {})


def test_a_program_runs_as_python_runs_it(program, folder):
    program("import program2\nfactor = 3.0\n", "sibling.py")
    program("loaded = True", "program2.py")
    text = """
import os, sys
import __main__, sibling
from engine import Value
assert __name__ == "__main__" and __main__.os is os and __file__ == sys.argv[0] == "program.py" and len(sys.argv) == 1
os.chdir("/")
root = Value(2.0) * sibling.factor
"""
    before = sys.argv, sys.path, sys.modules["__main__"]
    assert load(program(text), {}).root.data == 6.0
    assert before == (sys.argv, sys.path, sys.modules["__main__"])
    assert Path.cwd().samefile(folder)


def test_a_sibling_that_imports_the_program_back_ends(program):
    program("import program\nfrom engine import Value\nx = Value(2.0)", "sibling.py")
    text = "import sibling\ntimes = 2.0\nif __name__ == '__main__':\n    y = sibling.x * sibling.program.times"
    assert load(program(text), {}).root.data == 4.0


def test_a_program_may_have_another_encoding_and_a_mark_in_front(folder):
    (folder / "old.py").write_bytes(
        "# coding: latin-1\nfrom engine import Value\nx = Value(1.0, 'größe')".encode("latin-1")
    )
    (folder / "new.py").write_bytes("\ufefffrom engine import Value\nx = Value(1.0, 'größe')".encode())
    assert load("old.py", {}).root.label == load("new.py", {}).root.label == "größe"


def test_a_program_may_end_itself_well(program):
    text = "import sys\nfrom engine import Value\nx = Value(2.0)\nsys.exit({})\ny = x * x"
    assert load(program(text.format(0)), {}).root.data == 2.0
    assert load(program(text.format("")), {}).root.data == 2.0


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("absent.py", "there is no file absent.py"),
        ("absent.py:loss", "there is no file absent.py"),
        (".py", "something is missing, wrong or too much here\n  .py\n  ^"),
        ("program.py:z", "program.py has no Value named 'z'; a, b, c, d, w[0], w[1]"),
        ("program.py:w[7]", "program.py has no Value named 'w[7]'; did you mean w[1] or w[0]?"),
        ("program.py:", "program.py has no Value named ''; a, b, c, d, w[0], w[1]"),
        ("program.py:n", "n of program.py is no Value but int 5"),
        ("empty.py", "empty.py leaves no Value in a variable at its top level; assign one, such as loss = ..."),
        ("empty.py:a", "empty.py has no Value named 'a'; none"),
        ("exits.py", "exits.py ended itself with sys.exit(3)"),
        ("says.py", "says.py ended itself with sys.exit('no data')"),
        ("a*b", "a and b have no numbers; give them some, as in a=2 b=2\n  a*b\n  ^"),
        ("log(0 - 1)", "log(x) has no value at x = -1.0: it needs x > 0."),
    ],
)
def test_what_is_wrong_with_a_target_is_said(run, program, target, says):
    program()
    program("", "empty.py")
    program("import sys; sys.exit(3)", "exits.py")
    program("import sys; sys.exit('no data')", "says.py")
    status, out, err = run("draw", target)
    assert (status, out) == (1, "")
    assert err.startswith(f"stepgrad: {says}")
    assert not Path("graph.svg").exists()


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def f(:\n  pass", "SyntaxError: invalid syntax"),
        ("import missing_module_of_nobody", "ModuleNotFoundError: No module named 'missing_module_of_nobody'"),
        ("f = lambda: f()\nf()", "RecursionError: maximum recursion depth exceeded"),
        ("x = '\0'", "SyntaxError: source code string cannot contain null bytes"),
        ("raise SystemError('half \\ud800')", "SystemError: half \\ud800"),
        ("import engine\nengine.log(engine.Value(-1.0, 'x'))", "engine.errors.DomainError: log(x) has no value"),
    ],
)
def test_a_failing_program_shows_its_own_lines_only(run, program, text, ends):
    status, out, err = run("draw", program(text))
    assert (status, out) == (1, "")
    assert err.startswith("stepgrad: program.py failed:\n")
    assert err.rstrip().rpartition("\n")[2].startswith(ends)
    assert os.path.dirname(engine.__file__) not in err


def test_a_traceback_names_the_line(run, program):
    _, _, err = run("draw", program("def half(x):\n    return x / 0\n\n\nhalf(2)"))
    assert 'File "program.py", line 5, in <module>\n    half(2)' in err
    assert 'File "program.py", line 2, in half\n    return x / 0' in err


def test_numbers_are_for_expressions(run, program):
    status, _, err = run("draw", program(), "a=3")
    assert (status, err) == (1, "stepgrad: numbers such as a=... are for expressions; program.py has its own\n")


def test_what_a_program_prints_is_printed(run, program):
    status, out, _ = run("draw", program("print('hello')\n" + PROGRAM))
    assert (status, out) == (0, "hello\ngraph.svg\n")


def test_a_file_that_cannot_be_read_is_said(run, program, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    status, _, err = run("draw", program())
    assert (status, err) == (1, "stepgrad: [Errno 13] Permission denied: 'program.py'\n")


# --- draw ---------------------------------------------------------------------------------------------


def test_draw_writes_a_picture(run, program):
    assert run("draw", program()) == (0, "graph.svg\n", "")
    picture = Path("graph.svg").read_text()
    assert "tanh" in picture
    assert ">a<" in picture


def test_draw_takes_a_file_and_a_direction(run, program):
    assert run("draw", f"{program()}:c", "-o", "c.dot", "--direction", "TB") == (0, "c.dot\n", "")
    assert "tanh" not in Path("c.dot").read_text()
    assert "rankdir=TB" in Path("c.dot").read_text()


def test_numbers_may_stand_anywhere_behind_the_expression(run):
    assert run("draw", "a*b - c", "a=2", "-o", "g.dot", "b=-3", "--direction=TB", "c = 1e-3")[0] == 0
    assert "-6.001" in Path("g.dot").read_text()
    assert run("draw", "-o", "g.dot", "--", "-a*b", "a=2", "b=1/3")[0] == 0
    assert "-0.6667" in Path("g.dot").read_text()


@pytest.mark.parametrize(
    ("grad", "option", "expected"),
    [
        (None, [], 3.0), (None, ["--backward"], 3.0), (None, ["--no-backward"], None),
        (7.0, [], 7.0), (7.0, ["--backward"], 3.0), (7.0, ["--no-backward"], 7.0),
    ],
)  # fmt: skip
def test_draw_computes_gradients_unless_they_are_there(run, program, monkeypatch, grad, option, expected):
    drawn = []

    def draw(root, **options):
        drawn.append(root)
        return SimpleNamespace(save=lambda path: path, notices=())

    monkeypatch.setattr("engine.view.draw", draw)
    program(f"from engine import Value\na = Value(2.0)\nroot = a * 3.0\nroot.grad = a.grad = {grad}")
    assert run("draw", "program.py", *option)[0] == 0
    assert drawn[0].inputs[0].grad == expected


def test_draw_folds_opens_and_paints_as_asked(run, program):
    text = "import nn\nmodel = nn.MLP(2, [3, 1])\nloss = model([0.5, 1.0]) ** 2"

    def drawn(*options):
        assert run("draw", program(text), "-o", "g.svg", *options) == (0, "g.svg\n", "")
        return Path("g.svg").read_text()

    assert drawn("--depth", "1").count('class="folded scope') == 2
    opened = drawn("--expand", "layer 1.neuron 2", "--expand", "layer 2")
    assert opened.count('class="folded scope') == 3
    assert "#11161d" in drawn("--theme", "dark")
    assert 'class="legend"' not in drawn("--no-legend")
    assert 'class="grad"' not in drawn("--no-gradients")
    assert 'class="local"' in drawn("--local-gradients")
    assert re.search(r'class="data"[^>]*>0\.5000<', drawn("--number-format", ".4f"))


def test_draw_takes_the_programs_own_word_for_what_is_trained(run, program):
    assert run("draw", program(TRAINING), "-o", "g.svg")[0] == 0
    assert Path("g.svg").read_text().count('class="value parameter') == 2


def test_draw_says_what_it_did_not_draw(run, program):
    text = "from engine import *\nx = Value(0.5)\nfor _ in range(50):\n    x = tanh(x)"
    status, out, err = run("draw", program(text), "-o", "g.dot", "--limit", "9")
    assert (status, out) == (0, "g.dot\n")
    assert err.startswith("stepgrad: 51 values would be 51 boxes, more than limit=9: ")


@pytest.mark.parametrize(
    ("options", "status", "says"),
    [
        (["--number-format", "zz"], 1, "stepgrad: number_format='zz' is none"),
        (["--timeout", "0"], 1, "stepgrad: timeout=0.0 is none"),
        (["--expand", "layer"], 1, "stepgrad: there is no scope 'layer' to expand: the graph has none"),
        (["--depth", "0"], 2, "argument --depth: '0' is no whole number of at least 1"),
        (["--limit", "x"], 2, "argument --limit: 'x' is no whole number of at least 1"),
    ],
)
def test_what_cannot_be_drawn_so_is_said(run, options, status, says):
    found, out, err = run("draw", "a*2", "a=1", *options)
    assert (found, out) == (status, "")
    assert says in err


@pytest.mark.parametrize("out", ["graph.txt", "absent/graph.svg"])
def test_a_picture_that_cannot_be_written_is_said(run, out):
    status, printed, err = run("draw", "a*2", "a=1", "-o", out)
    assert (status, printed) == (1, "")
    assert err.startswith("stepgrad: ")
    assert err.count("\n") == 1


# --- page ---------------------------------------------------------------------------------------------


def test_page_writes_a_page(run, program):
    assert run("page", program()) == (0, "backprop.html\n", "")
    page = Path("backprop.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "<title>d = 0.999988, step by step</title>" in page


def test_page_takes_options(run):
    said = run("page", "a*b", "a=2", "b=3", "-o", "p.html", "--title", "A product", "--direction", "TB")
    assert said == (0, "p.html\n", "")
    assert "<title>A product</title>" in Path("p.html").read_text(encoding="utf-8")


def test_page_says_what_it_folds_and_what_it_cannot_write(run, program):
    text = "from engine import *\nx = Value(0.5)\nfor _ in range(50):\n    x = tanh(x)"
    status, out, err = run("page", program(text), "--limit", "9")
    assert (status, out) == (0, "backprop.html\n")
    assert err.startswith("stepgrad: 51 values would be 51 boxes, more than limit=9: ")
    status, out, err = run("page", "a*2", "a=1", "-o", "page.svg")
    assert (status, out) == (1, "")
    assert "end it with .html" in err
    assert run("page", "a*2", "a=1", "--timeout", "-1")[2].startswith("stepgrad: timeout=-1.0 is none")


def test_page_opens_the_page(run, folder, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert run("page", "a*2", "a=1", "--open")[0] == 0
    assert opened == [(folder / "backprop.html").resolve().as_uri()]


# --- check --------------------------------------------------------------------------------------------


def test_check_prints_the_table(run):
    status, out, err = run("check", "a*b + leaky_relu(a, 0.2)", "a=-2", "b=3")
    assert (status, err) == (0, "")
    assert [line.split()[:4] for line in out.splitlines()[1:]] == [["a", "-2", "3.2", "3.2"], ["b", "3", "-2", "-2"]]
    assert out.count("ok") == 2


def test_check_takes_some_inputs(run, program):
    program("from engine import Value\nw, b = [Value(1.0), Value(2.0)], Value(3.0)\nroot = w[0] * w[1] + b * b")
    status, out, _ = run("check", "program.py", "--by", "w[0], b")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["w[0]", "b"]
    program("from engine import Value\nx = Value(1.0, 'w') * Value(2.0, 'w') + Value(3.0, 'b')")
    assert run("check", "program.py", "--by", "w")[1].count("ok") == 2
    assert run("check", "program.py", "--by", "v") == (1, "", "stepgrad: the Value has no input named 'v'; w, b\n")


def test_check_fails_where_a_rule_is_wrong(run, program):
    program(
        "import engine\n"
        "wrong = engine.register('wrong', lambda x: x * x, lambda x, out: (3.0 * x,))\n"
        "root = wrong(engine.Value(2.0, 'x'))"
    )
    try:
        status, out, err = run("check", "program.py")
    finally:
        engine.unregister("wrong")
    assert (status, out) == (1, "")
    assert "gradients disagree" in err
    assert "DISAGREES" in err


def test_check_leaves_the_scale_of_minutes_to_those_who_ask_for_it(run, monkeypatch):
    monkeypatch.setattr("engine.cli.MOST_EVALUATIONS", 200)
    status, _, err = run("check", "a*b + b*c + a", "a=2", "b=3", "c=4")
    assert status == 1
    assert err.startswith("stepgrad: the graph has 7 values and 3 inputs: checking all of them takes minutes")
    assert err.endswith("; choose some with --by NAMES\n")
    assert run("check", "a*b + b*c + a", "a=2", "b=3", "c=4", "--by", "a")[0] == 0


# --- doctor -------------------------------------------------------------------------------------------


def codes(text):
    return re.findall(r"^(?:error|warning|note): .* \[([a-z-]+)\]$", text, re.MULTILINE)


@pytest.mark.parametrize("path", MISTAKES, ids=lambda p: p.stem)
def test_doctor_finds_each_mistake_in_the_program_itself(path, capsys):
    with record_source():
        known = runpy.run_path(str(path))["found"]
    with_own_words = capsys.readouterr().out
    status = main(["doctor", str(path)])
    out = capsys.readouterr().out
    assert out.startswith(with_own_words)
    assert codes(out[len(with_own_words) :]) == known.codes != []
    assert status == int({finding.severity for finding in known} != {"note"})


def test_doctor_finds_nothing_in_healthy_training(run, program):
    status, out, err = run("doctor", program(TRAINING))
    assert (status, out, err) == (0, "No trouble found (8 nodes and 2 parameters examined).\n", "")


def test_doctor_takes_an_expression(run):
    status, out, _ = run("doctor", "square = x*x; square - 1", "x=1e200")
    assert (status, codes(out)) == (1, ["not-finite"])
    assert run("doctor", "tanh(a*b)", "a=0.5", "b=1")[0] == 0


def examined(monkeypatch, target):
    """Return the parameters and the history that the doctor is asked with."""
    asked = []

    def diagnose(root, parameters, history, variables):
        asked.append((parameters, history))
        return []

    with monkeypatch.context() as patch:
        patch.setattr("engine.cli.diagnose", diagnose)
        assert main(["doctor", target]) == 0
    return asked[0]


MODEL = """
from engine import Value
class Model:
    def __init__(self, *numbers):
        self.numbers = [Value(x) for x in numbers]
    def parameters(self):
        yield from self.numbers
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("model = Model(1.0, 2.0)", [1.0, 2.0]),
        ("one, two = Model(1.0), Model(2.0); same = two", [1.0, 2.0]),
        ("parameters = [Value(3.0), [Value(4.0)]]", [3.0, 4.0]),
        ("params = (Value(3.0),)", [3.0]),
        ("model = Model(1.0); params = [*model.parameters(), Value(2.0)]", [1.0, 2.0]),
        ("class Other: parameters = 5\nother = Other(); parameters = Model", None),
    ],
)
def test_doctor_sees_what_is_trained(monkeypatch, program, text, expected):
    found, _ = examined(monkeypatch, program(f"{MODEL}\n{text}\nroot = Value(2.0) * 3.0"))
    assert (found and [p.data for p in found]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("losses = [3, 2.5, root]", [3.0, 2.5, 6.0]),
        ("losses = [x, x]", None),
        ("losses = 'abc'; history = (2.0, 1.0)", [2.0, 1.0]),
        ("loss_history = []", []),
        ("losses = {}; history = ['a']", None),
    ],
)
def test_doctor_sees_the_losses_of_the_steps(monkeypatch, program, text, expected):
    text = f"from engine import Value\nx = Value(2.0)\nroot = x * 3.0\n{text}"
    assert examined(monkeypatch, f"{program(text)}:root")[1] == expected


def test_doctor_tells_what_it_looks_for(run):
    help = run("doctor", "--help")[1]
    assert all(re.search(rf"\b{name}\b", help) for name in HISTORIES + PARAMETERS)


# --- debug --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("went_well", "status"), [(True, 0), (False, 1)])
def test_debug_hands_the_value_and_commands_to_the_debugger(run, program, monkeypatch, went_well, status):
    asked = []

    def debug(root, **more):
        asked.append((root.data, list(more["commands"])))
        return went_well

    monkeypatch.setitem(sys.modules, "engine.debugger", SimpleNamespace(debug=debug))
    Path("lesson.txt").write_text("break a\ncontinue\n")
    assert run("debug", "a*2", "a=3")[0] == status
    assert run("debug", "a*2", "a=3", "-x", "lesson.txt")[0] == status
    assert asked == [(6.0, []), (6.0, ["break a", "continue"])]
    assert run("debug", "a*2", "a=3", "-x", "absent.txt")[0] == 1
    Path("lesson.txt").write_bytes(b"\xff")
    status, _, err = run("debug", "a*2", "a=3", "-x", "lesson.txt")
    assert status == 1
    assert err.startswith("stepgrad: 'utf-8' codec can't decode")


# --- costs, quiz and lab ------------------------------------------------------------------------------


def test_costs_counts_paths_and_edges(run):
    status, out, _ = run("costs", "p = a*b; p*p", "a=2", "b=3")
    assert status == 0
    assert "one path at a time              4 paths   8 multiplications" in out


@pytest.fixture
def no_input(monkeypatch):
    """Let nobody be there to type anything."""
    monkeypatch.setattr(sys, "stdin", io.StringIO())


@pytest.mark.usefixtures("no_input")
def test_quiz_asks_what_its_options_say(run):
    status, out, _ = run(
        "quiz", "--level", "3", "--topic", "path,local", "--topic", "find", "--seed", "2", "--count", "4"
    )
    assert status == 0
    assert "4 questions (--seed 2 asks the same again)" in out
    assert re.search(r"^1/4 (path|local|find), level 3$", out, re.MULTILINE)
    assert out.endswith("score: 0 of 0 right\n")
    assert re.search(r"--seed \d+ asks", run("quiz")[1])


def test_quiz_writes_sheets(run, folder):
    assert run("quiz", "--seed", "2", "--export", "s.html", "--solutions", "s.tex") == (0, "s.html\ns.tex\n", "")
    assert "no. 2" in Path("s.html").read_text()
    assert run("quiz", "--solutions", "only.md") == (0, "only.md\n", "")
    status, _, err = run("quiz", "--export", "s.doc")
    assert (status, err[:45]) == (1, "stepgrad: 's.doc' does not say what to write:")


def test_a_wrong_call_of_the_quiz_is_said(run):
    status, _, err = run("quiz", "--topic", "nothing")
    assert (status, err[:37]) == (1, "stepgrad: there is no topic nothing; ")
    assert run("quiz", "--level", "7")[0] == 2
    status, _, err = run("quiz", "a=3")
    assert (status, err.splitlines()[-1]) == (2, "stepgrad: error: unrecognized arguments: a=3")
    status, _, err = run("quiz", "-x")
    assert status == 2


def test_lab_lists_and_shows_rules(run, folder):
    status, out, _ = run("lab")
    assert status == 0
    assert "no-seed        Forget that the root's own gradient is 1." in out
    status, out, _ = run("lab", "assign", "-o", "g.dot")
    assert status == 0
    assert "operand.grad = local * node.grad" in out
    assert out.endswith("g.dot\n")
    assert Path("g.dot").is_file()
    assert run("lab", "asign") == (1, "", "stepgrad: the lab has no rule named 'asign'; did you mean assign?\n")


MINE = """
def backward(root):
    root.grad = 1.0

def right(root):
    root.backward()
"""


def test_lab_tries_a_function_of_ones_own(run, program):
    status, out, _ = run("lab", program(MINE))
    assert status == 1
    assert out.startswith("It goes wrong on L = a + a with a = 2")
    status, out, _ = run("lab", "program.py:right", "-o", "g.dot")
    assert status == 0
    assert re.fullmatch(r"It is right on all [\d,]+ graphs of up to 4 nodes.\n", out)
    assert not Path("g.dot").exists()
    assert "has no function named 'forward'; backward, right\n" in run("lab", "program.py:forward")[2]
    assert run("lab", "none.py")[2] == "stepgrad: there is no file none.py\n"


# --- the call -----------------------------------------------------------------------------------------


def test_version(run):
    assert run("--version") == (0, f"stepgrad {engine.__version__}\n", "")


def test_help_tells_of_all_commands(run):
    status, out, _ = run("--help")
    assert status == 0
    assert [name for name in NAMES if re.search(rf"^ +{name} +[A-Z]", out, re.MULTILINE)] == NAMES
    assert {"draw", "debug", "check", "doctor"} <= set(NAMES)


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_help_of_a_command_shows_how_to_call_it(run, command):
    status, out, _ = run(command.name, "--help")
    assert status == 0
    assert command.help in out
    assert ("FILE.py:NAME" in out) == command.has_target
    assert "The exit status is" in out
    assert len(command.examples) > 1
    for line in command.examples:
        assert f"\n  {line}\n" in out


EXAMPLES = [line for command in COMMANDS for line in command.examples]


@pytest.mark.needs_bash
@pytest.mark.parametrize("line", EXAMPLES)
def test_the_examples_of_the_help_run(shell, line):
    (shell.folder / "train.py").write_text(TRAINING)
    (shell.folder / "lesson.txt").write_text("quit\n")
    (shell.folder / "mine.py").write_text("from engine.backprop import backward\n")
    ran = shell(line)
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["paint", "a"], "invalid choice: 'paint'"),
        (["draw"], "the following arguments are required: TARGET"),
        (["draw", "a*b", "a"], "'a' is none; write for instance a=2"),
        (["draw", "a*b", "a=", "b=2"], "'a=': there is no expression"),
        (["draw", "a*b", "2a=3"], "'2a=3' is none"),
        (["draw", "a*b", "a=2,5"], "'a=2,5': a comma only stands between"),
        (["draw", "a*b", "a=1/0"], "'a=1/0': x / y has no value at x = 1.0, y = 0.0"),
        (["draw", "a*b", "a=2", "-o", "x.svg", "b"], "argument NAME=NUMBER: 'b' is none"),
        (["draw", "a*b", "a=2", "b=3", "-o", "x.svg", "a=4"], "a is given 2 numbers"),
        (["draw", "a*b", "--upside-down", "a=2"], "unrecognized arguments: --upside-down\n"),
        (["draw", "-a*b", "a=2"], "unrecognized arguments: -a*b (put -- before an expression"),
        (["draw", "a", "--direction", "up"], "invalid choice: 'up'"),
        (["check", "a", "--by"], "expected one argument"),
    ],
)
def test_a_wrong_call_is_exit_status_2(run, arguments, says):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert "usage: stepgrad" in err
    assert says in err


def test_an_interrupt_ends_with_130(run, program):
    assert run("draw", program("raise KeyboardInterrupt")) == (130, "", "stepgrad: interrupted\n")


@pytest.mark.parametrize("text", ["", "for _ in range(9999): print('a long line of text, again and again')\n"])
def test_a_reader_who_leaves_is_no_error(program, monkeypatch, text):
    read, write = os.pipe()
    os.close(read)
    with open(write, "w") as nobody, monkeypatch.context() as patch, contextlib.redirect_stderr(io.StringIO()) as err:
        patch.setattr(sys, "stdout", nobody)
        assert main(["check", program(text + PROGRAM)]) == 1
    assert err.getvalue() == ""


def test_a_stream_that_is_no_terminal_will_do(program):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert main(["check", program()]) == 0
    assert "ok" in out.getvalue()


@pytest.mark.needs_bash
def test_labels_of_any_characters_are_shown_on_any_terminal(shell):
    ran = shell("PYTHONIOENCODING=ascii PYTHONUTF8=0 stepgrad check 'größe*2' größe=3")
    assert (ran.returncode, ran.stdout.splitlines()[1][:12]) == (0, r"gr\xf6\xdfe ")


@pytest.mark.needs_bash
def test_the_command_works_in_a_shell(shell):
    assert shell("stepgrad --version").stdout == f"stepgrad {engine.__version__}\n"
    assert shell("stepgrad").returncode == 2
    assert shell("stepgrad check 'a*a' a=3 | head -n 1").stdout.startswith("input ")
    assert shell(f"{shlex.quote(sys.executable)} -m engine check 'a*a' a=3").returncode == 0


def test_python_m_engine_is_the_command(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "engine.__main__", raising=False)
    monkeypatch.setattr(sys, "argv", ["stepgrad", "--version"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("engine", run_name="__main__")
    assert end.value.code == 0
    assert capsys.readouterr().out == f"stepgrad {engine.__version__}\n"
    importlib.import_module("engine.__main__")  # looking at it runs nothing
    assert capsys.readouterr().out == ""
    assert isinstance(engine.parse("a", a=1), Value)


# --- program ------------------------------------------------------------------------------------------


def test_program_prints_a_program_that_computes_the_gradients(run):
    status, out, _ = run("program", "d = a*b; tanh(d + c)", "a=2", "b=-3", "c=5")
    assert status == 0
    namespace = {}
    exec(out, namespace)
    expected = parse("d = a*b; tanh(d + c)", a=2, b=-3, c=5)
    expected.backward()
    loss, gradients = namespace["backpropagate"]([], [2.0, -3.0, 5.0])
    assert loss == expected.data
    assert list(gradients) == [leaf.grad for leaf in leaves(expected)]


def test_program_writes_a_file_and_shows_the_plain_steps(run, tmp_path):
    path = tmp_path / "unrolled.py"
    status, out, _ = run("program", "a * 2 * 3", "a=2", "--plain", "-o", str(path))
    assert (status, out) == (0, f"{path}\n")
    assert "d_number_1 = " in path.read_text()

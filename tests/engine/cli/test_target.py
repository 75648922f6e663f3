"""What commands are about: programs and expressions."""

import os
import sys
from pathlib import Path

import pytest

import engine
from engine import StepgradError
from engine.cli.target import load

from .programs import PROGRAM


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
    assert load(f"{program('from engine import Value; a = _b = Value(5.0)')}:_b", {}).root.data == 5.0


def test_which_root_is_taken_is_said_where_there_are_several(program, run):
    text = "from engine import Value\na = Value(2)\none = a * a\nmore = one + 1\nlast = more * one\nlone = Value(1)"
    status, _, err = run("draw", program(f"{text}\nother = a * 2.0"))
    assert (status, err) == (0, "stepgrad: using other; write program.py:NAME for another result: last\n")
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
        (".py", "syntax error here\n  .py\n  ^"),
        ("program.py:z", "program.py has no Value named 'z'; it has 'a', 'b', 'c', 'd', 'w[0]' and 'w[1]'"),
        ("program.py:w[7]", "program.py has no Value named 'w[7]'; did you mean 'w[1]' or 'w[0]'?"),
        ("program.py:", "program.py has no Value named ''; it has 'a', 'b', 'c', 'd', 'w[0]' and 'w[1]'"),
        ("program.py:n", "n in program.py is not a Value, but int 5"),
        ("empty.py", "empty.py leaves no Value in a top-level variable; assign one, such as loss = ..."),
        ("empty.py:a", "empty.py has no Value named 'a'"),
        ("exits.py", "exits.py exited by sys.exit(3)"),
        ("says.py", "says.py exited by sys.exit('no data')"),
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
    assert (status, err) == (1, "stepgrad: program.py: Permission denied\n")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("p.data -= 0.1 * p.grad", "p"), ("p.grad += 1", "p"), ("print('%.4f' % p.grad)", "p"),
        ("print(f'{p.grad:.4f}')", "p"),
        ("print(abs(ps[0].grad))", "ps[0]"), ("print(max(ps[0].grad, 1.0))", "ps[0]"),
    ],
)  # fmt: skip
def test_a_gradient_of_none_is_explained(line, name, program):
    text = f"from engine import Value\np = Value(2.0)\nps = [p]\nloss = Value(1.0) * 2\nloss.backward()\n{line}\n"
    with pytest.raises(StepgradError) as caught:
        load(program(text), {}).root  # noqa: B018
    assert f"{name}.grad is None as long as no backward() has reached {name}: " in str(caught.value)


@pytest.mark.parametrize("line", ["None + 1", "p.grad + 'text'", "raise ValueError('NoneType of p.grad')"])
def test_another_error_is_not(line, program):
    with pytest.raises(StepgradError) as caught:
        load(program(f"from engine import Value\np = Value(2.0)\np.grad = 1.0\n{line}\n"), {}).root  # noqa: B018
    assert "as long as" not in str(caught.value)

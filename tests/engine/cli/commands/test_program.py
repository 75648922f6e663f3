"""The command program."""

import pytest

from engine import leaves, parse


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


def test_program_writes_javascript(run, tmp_path):
    path = tmp_path / "unrolled.js"
    assert run("program", "a * exp(b)", "a=2", "b=1", "-o", str(path))[:2] == (0, f"{path}\n")
    status, out, _ = run("program", "a * exp(b)", "a=2", "b=1", "--language", "js")
    assert (status, out) == (0, path.read_text())
    assert "const v2 = _exp(b);" in out
    assert run("program", "a * exp(b)", "a=2", "b=1", "--language", "javascript")[1] == out
    assert run("program", "a * a", "a=2", "--language", "python", "-o", str(path))[0] == 0
    assert path.read_text().startswith('"""Backpropagation')


def test_program_writes_c_and_arrays(run, tmp_path):
    path = tmp_path / "unrolled.c"
    assert run("program", "a * exp(b)", "a=2", "b=1", "-o", str(path))[:2] == (0, f"{path}\n")
    assert "const double v2 = exp(b);" in path.read_text()
    for language in ("jax", "torch", "numpy"):
        status, out, _ = run("program", "a * exp(b)", "a=2", "b=1", "--language", language)
        assert status == 0
        assert "def loss(inputs, parameters):" in out


@pytest.mark.needs_onnx
def test_program_writes_a_model(run, tmp_path):
    path = tmp_path / "program.onnx"
    assert run("program", "a * exp(b)", "a=2", "b=1", "-o", str(path))[:2] == (0, f"{path}\n")
    assert b"stepgrad" in path.read_bytes()

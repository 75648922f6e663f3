"""The command lab."""

import re
import signal
import threading
from pathlib import Path

import pytest

from engine.cli.target import time_limit


def test_lab_lists_and_shows_rules(run, folder):
    status, out, _ = run("lab")
    assert status == 0
    assert "seed-left-out         Leave out the seed.\n" in out
    status, out, _ = run("lab", "assigned-not-added", "-o", "g.dot")
    assert status == 0
    assert "operand.grad = local * node.grad" in out
    assert out.endswith("g.dot\n")
    assert Path("g.dot").is_file()
    assert "did you mean 'seed-left-out'?" in run("lab", "seed-left")[2]


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
    assert "has no function named 'forward'; it has 'backward' and 'right'\n" in run("lab", "program.py:forward")[2]
    assert run("lab", "none.py")[2] == "stepgrad: there is no file none.py\n"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("def backward(root):\n    while True:\n        pass\n", "program.py:2: while True:"),
        ("def backward(root):\n    for x in iter(int, 1):\n        x += 1\n", "program.py:"),
        ("while True:\n    x = 1\n", "program.py:"),
    ],
)
def test_an_endless_loop_ends(run, program, source, line):
    status, out, error = run("lab", program(source), "--timeout", "0.3")
    assert (status, out) == (1, "")
    assert "took longer than 0.3 s and was stopped at " in error
    assert line in error
    assert error.endswith("; does a loop have no end? --timeout gives it more time\n")
    assert error.count("\n") == 1


def test_an_endless_loop_that_fills_the_memory_ends(run, program):
    status, out, _ = run("lab", program("def backward(root):\n    while True:\n        root.grad += 1.0\n"))
    assert status == 1
    assert "at program.py:3: root.grad += 1.0: it changed gradients 100,000 times; does a loop have no end?" in out


def test_a_crash_names_the_line(run, program):
    source = "def slope(node):\n    return node.grads[0]\n\ndef backward(root):\n    slope(root)\n"
    assert "It failed with AttributeError at program.py:2: return node.grads[0]: " in run("lab", program(source))[1]


def test_a_time_must_be_one(run):
    for text in ("0", "-1", "nan", "inf", "x"):
        status, _, error = run("lab", "--timeout", text)
        assert status == 2
        assert f"must be a number of seconds, from above 0 to 1e+06, not '{text}'" in error


def test_ctrl_c_is_not_taken_for_a_time_limit():
    with pytest.raises(KeyboardInterrupt), time_limit(60.0, "it", "--timeout"):
        signal.raise_signal(signal.SIGINT)


def test_there_is_no_time_limit_outside_of_the_main_thread():
    found = []

    def work():
        with time_limit(1e-9, "it", "--timeout"):
            found.extend(range(1000))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(found) == 1000

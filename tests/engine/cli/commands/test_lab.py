"""The command lab."""

import re
from pathlib import Path


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

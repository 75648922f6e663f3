"""A client that others wrote, from end to end: Microsoft's, for tests of debug adapters.

Sessions of VS Code, Neovim, Emacs and Vim are tried by hand: editors/vscode.py, neovim.py, emacs.py and vim.py.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT, HERE = Path(__file__).parents[4], Path(__file__).parent / "editors"
PROGRAM = """from engine import Value, tanh

a = Value(2.0)
b = Value(-3.0)
c = Value(5.0)
d = a * b
loss = tanh(d + c)
"""


@pytest.fixture
def run(tmp_path):
    """Run a command with the path of a program, and return the lines that it prints."""
    program = tmp_path / "train.py"
    program.write_text(PROGRAM)

    def run(*command):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHON": sys.executable, "PROGRAM": str(program)}
        command = [each.replace("PROGRAM", str(program)) for each in command]
        found = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, cwd=tmp_path)
        return found.stdout.splitlines()

    return run


@pytest.mark.needs_adapter_client
def test_the_client_for_tests_of_adapters(run):
    assert run("node", str(HERE / "session.js"), sys.executable, "PROGRAM") == [
        "entry forward: a = 2",
        "frames backward: a.grad += b * d.grad | <module>",
        "values a=2 b=-3 c=5 d=-6 v4=-1 loss=-0.761594",
        "set 0.5, grad 0",
        "watch 1",
        "status 0",
    ]

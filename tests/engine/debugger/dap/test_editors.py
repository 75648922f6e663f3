"""Editors that others wrote, from end to end: Neovim with nvim-dap, and Microsoft's client for tests of adapters.

They are tried where they are at hand: the folder of nvim-dap (https://github.com/mfussenegger/nvim-dap, 0.6.0 for
Neovim 0.7) in NVIM_DAP, and in NODE_PATH a folder into which npm has installed @vscode/debugadapter-testsupport.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT, HERE = Path(__file__).parents[4], Path(__file__).parent / "editors"
NVIM, NODE = shutil.which("nvim"), shutil.which("node")
NVIM_DAP = os.environ.get("NVIM_DAP", "")
SUPPORT = Path(os.environ.get("NODE_PATH", "/nowhere")) / "@vscode" / "debugadapter-testsupport"
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


@pytest.mark.skipif(not (NVIM and NVIM_DAP), reason="needs nvim, and nvim-dap in NVIM_DAP")
def test_neovim(run):
    assert run(NVIM, "--headless", "-u", "NONE", "-c", f"luafile {HERE / 'session.lua'}") == [
        "stopped entry",
        "at 2 forward: a = 2",
        "stopped breakpoint",
        "at 5 forward: d = a * b",
        "stopped step",
        "at 6 forward: v4 = d + c",
        "stopped breakpoint",
        "at 5 forward: d = a * b",
        "stopped breakpoint",
        "at 16 backward: a.grad += b * d.grad",
        "evaluate a.grad 0",
        "evaluate d -6, grad 0.419974",
        "evaluate |local| > 0 |local| > 0 = True",
        "stopped breakpoint",
        "at 5 forward: d = a * b",
        "setExpression a 0.5",
        "evaluate a.data 0.5",
        "stopped restart",
        "at 2 forward: a = 0.5",
        "above train.py 3",
        "over",
    ]


@pytest.mark.skipif(not (NODE and SUPPORT.is_dir()), reason="needs node, and @vscode/debugadapter-testsupport")
def test_the_client_for_tests_of_adapters(run):
    assert run(NODE, str(HERE / "session.js"), sys.executable, "PROGRAM") == [
        "entry forward: a = 2",
        "frames backward: a.grad += b * d.grad | <module>",
        "values a=2 b=-3 c=5 d=-6 v4=-1 loss=-0.761594",
        "set 0.5, grad 0",
        "watch 1",
        "status 0",
    ]

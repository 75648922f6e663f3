"""A session of Neovim with nvim-dap, tried by hand.

Tried with nvim-dap 0.6.0 (https://github.com/mfussenegger/nvim-dap) and Neovim 0.7:
NVIM_DAP=folder-of-nvim-dap python -m pytest tests/engine/debugger/dap/editors/neovim.py
"""

from pathlib import Path

from tests.engine.debugger.dap.test_editors import run as run


def test_neovim(run):
    assert run("nvim", "--headless", "-u", "NONE", "-c", f"luafile {Path(__file__).with_name('session.lua')}") == [
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

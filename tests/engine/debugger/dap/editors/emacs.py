"""A session of Emacs with dape, tried by hand.

Tried with dape 0.27.1 (https://github.com/svaante/dape) and Emacs 30.1:
DAPE=folder-of-dape python -m pytest tests/engine/debugger/dap/editors/emacs.py
"""

from pathlib import Path

from tests.engine.debugger.dap.test_editors import run as run


def test_emacs(run):
    assert run("emacs", "-Q", "--batch", "-l", str(Path(__file__).with_name("session.el"))) == [
        "at 2 forward: a = 2",
        "at 5 forward: d = a * b",
        "at 6 forward: v4 = d + c",
        "at 5 forward: d = a * b",
        "at 16 backward: a.grad += b * d.grad",
        "at 5 forward: d = a * b",
        "over",
    ]

"""A session of Vim with vimspector, on a terminal of tmux, tried by hand.

Tried with vimspector of October 2025 (https://github.com/puremourning/vimspector) and Vim 9.0, built with Python:
VIMSPECTOR=folder-of-vimspector python -m pytest tests/engine/debugger/dap/editors/vim.py
"""

import json
import os
import re
import subprocess
import sys
import time

import pytest

from tests.engine.debugger.dap.test_editors import PROGRAM, ROOT

SETTINGS = """set nocompatible hidden mouse= noswapfile
let &runtimepath = &runtimepath . ',{}'
let g:vimspector_enable_mappings = 'HUMAN'
filetype plugin indent on
nnoremap <Leader>b :VimspectorEval back<CR>
nnoremap <Leader>r :VimspectorEval reverse-continue<CR>
"""


@pytest.fixture
def keys(tmp_path):
    """Send keys to Vim, and return the line about the frame that the session comes to."""
    (tmp_path / "train.py").write_text(PROGRAM)
    (tmp_path / "vimrc").write_text(SETTINGS.format(os.environ["VIMSPECTOR"]))
    adapter = {"command": ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "engine", "dap"], "name": "stepgrad"}
    launch = {"request": "launch", "program": "${file}"}
    configuration = {"adapter": "stepgrad", "filetypes": ["python"], "configuration": launch}
    configuration["breakpoints"] = {"exception": {"not-finite": "Y", "undefined": "Y", "kink": "N"}}
    content = {"adapters": {"stepgrad": adapter}, "configurations": {"backpropagation": configuration}}
    (tmp_path / ".vimspector.json").write_text(json.dumps(content))
    tmux = "tmux", "-L", f"vim{os.getpid()}"
    subprocess.run([*tmux, "new-session", "-d", "-x", "200", "-y", "50", "vim -u vimrc train.py"], cwd=tmp_path)
    time.sleep(2)

    def press(*typed):
        subprocess.run([*tmux, "send-keys", *typed])
        time.sleep(3)
        screen = subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, text=True).stdout
        return re.findall(r"▶   1: (.*?)@", screen)

    yield press
    subprocess.run([*tmux, "kill-server"])


def test_vim(keys):
    keys(":6", "Enter", ":call vimspector#ToggleBreakpoint()", "Enter")
    assert keys(":call vimspector#Launch()", "Enter") == ["forward: a = 2"]
    assert keys("F5") == ["forward: d = a * b"]
    assert keys("F10") == ["forward: v4 = d + c"]
    assert keys("\\b") == ["forward: d = a * b"]
    assert keys("F5") == ["backward: a.grad += b * d.grad"]
    assert keys("\\r") == ["forward: d = a * b"]

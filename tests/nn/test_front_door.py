"""What `import nn` brings."""

import subprocess
import sys
from pathlib import Path

import pytest

import nn

ROOT = Path(__file__).parents[2]


def test_every_public_name_is_there():
    assert {name for name in nn.__all__ if not hasattr(nn, name)} == set()
    assert set(nn.__all__) <= set(dir(nn))
    assert nn.save is nn.save
    with pytest.raises(AttributeError, match="module 'nn' has no attribute 'sav'"):
        nn.sav  # noqa: B018


def test_what_reads_files_is_imported_on_first_use():
    code = (
        "import sys, nn; waits = {'nn.data', 'nn.saving', 'json'}; print(waits & set(sys.modules));"
        "nn.data.xor(); nn.load; print(waits - set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "set()\nset()\n"

"""What `import nn` brings."""

import subprocess
import sys
from pathlib import Path

import pytest

import nn

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("package", [nn, nn.data, nn.plots, nn.training], ids=lambda package: package.__name__)
def test_every_public_name_is_there(package):
    assert {name for name in package.__all__ if not hasattr(package, name)} == set()
    assert set(package.__all__) <= set(dir(package))


def test_a_misspelled_name_is_an_error():
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

"""The distribution: what a wheel holds, and the two commands' Makefile."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_a_wheel_holds_the_packages_and_the_command(tmp_path):
    pytest.importorskip("hatchling", reason="hatchling is missing: pip install hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("stepgrad-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        entry_points = archive.read(next(n for n in names if n.endswith("entry_points.txt"))).decode()
    assert {"engine/py.typed", "nn/py.typed", "engine/ops.py", "nn/losses.py"} <= set(names)
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"engine", "nn"}
    assert "stepgrad = engine.cli:main" in entry_points


def test_make_says_what_an_old_python_needs(tmp_path):
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    (tmp_path / "pyproject.toml").write_text("")
    run = subprocess.run(["make", "demo", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode != 0
    assert "needs Python 3.11 or later" in run.stderr

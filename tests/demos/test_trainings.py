"""The demos that train: each asserts what it shows, with and without matplotlib."""

import importlib
import runpy
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
NAMES = ("xor", "moons", "regression", "iris", "digits")
PICTURES = {"moons": {"moons.png", "moons.gif"}, "regression": {"regression.png"}}


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.needs_compiler] * (n == "digits")) for n in NAMES])
def test_a_demo_shows_what_it_says(name, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    demo = importlib.import_module(f"demos.{name}")
    if hasattr(demo, "find_spec"):
        monkeypatch.setattr(demo, "find_spec", lambda module: None)
    demo.main()
    assert capsys.readouterr().out
    assert not list(tmp_path.iterdir())


@pytest.mark.needs_matplotlib
@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_drawn(name, monkeypatch, tmp_path, capsys):
    import matplotlib

    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(Path(__file__).parents[2] / "demos" / f"{name}.py"), run_name="__main__")
    assert {path.name for path in (tmp_path / "out").iterdir()} == PICTURES[name]
    sys.modules["matplotlib.pyplot"].close("all")

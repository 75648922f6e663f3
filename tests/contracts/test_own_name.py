"""``import stepgrad`` is engine and nn under another name, also beside files of the user's that have their names."""

import importlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import stepgrad
import stepgrad.engine.program
import stepgrad.micrograd.nn
import stepgrad.nn.training

import engine
import nn

ROOT = Path(__file__).parents[2]


def test_the_modules_are_the_same():
    assert stepgrad.engine is engine
    assert stepgrad.nn is nn
    assert sys.modules["stepgrad.engine.program"] is engine.program
    assert stepgrad.nn.training is sys.modules["nn.training"]
    assert importlib.import_module("stepgrad.engine.program.python") is engine.program.python
    assert importlib.import_module("stepgrad.micrograd.engine") is sys.modules["engine.micrograd"]
    assert (engine.__name__, engine.__spec__.name, engine.program.__spec__.name) == (
        "engine",
        "engine",
        "engine.program",
    )


def test_public_names_are_the_engines():
    for name in engine.__all__:
        assert getattr(stepgrad, name) is getattr(engine, name)
    assert {*engine.__all__, "nn", "micrograd", "engine"} <= set(dir(stepgrad))
    assert stepgrad.__version__ == engine.__version__
    assert stepgrad.__getattr__("nn") is nn
    with pytest.raises(AttributeError, match="module 'stepgrad' has no attribute 'nonsense'"):
        _ = stepgrad.nonsense


def test_what_there_is_not():
    with pytest.raises(ModuleNotFoundError, match="engine.nonsense"):
        importlib.import_module("stepgrad.engine.nonsense")
    with pytest.raises(ModuleNotFoundError, match=r"stepgrad\.nonsense"):
        importlib.import_module("stepgrad.nonsense")
    assert importlib.util.find_spec("stepgrad.micrograd.nonsense") is None


@pytest.mark.parametrize("name", ["engine", "nn"])
def test_a_module_of_the_users_that_was_imported_before(name, monkeypatch):
    users = ModuleType(name)
    users.__file__ = f"/home/user/{name}.py"
    monkeypatch.setitem(sys.modules, name, users)
    with pytest.raises(ImportError, match=f"its own package '{name}', but /home/user/{name}.py was imported .* rename"):
        stepgrad.finder.first(name)


PROGRAM = """\
from stepgrad.micrograd.engine import Value
from stepgrad.micrograd.nn import Neuron
print(Value(2), Neuron(3))
"""


def run(folder, program):
    (folder / "program.py").write_text(program)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "engine" / "top")])}
    command = [sys.executable, "program.py"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("files", "program", "printed"),
    [
        (
            ["engine", "nn"],
            "import stepgrad as sg\nprint(sg.Value(2.0) * 3.0)\nprint(type(sg.nn.MLP(2, [1])).__module__)",
            "Value(6, grad=not computed, op='*')\nnn.modules\n",
        ),
        (
            ["engine", "nn"],
            PROGRAM,
            "Value(data=2, grad=0) ReLUNeuron(3)\n",
        ),
        (
            ["nn"],
            "from stepgrad.micrograd.engine import Value\nimport nn\nprint(nn.mine, Value(1))",
            "1 Value(data=1, grad=0)\n",
        ),
    ],
)
def test_beside_files_of_the_users(tmp_path, files, program, printed):
    for name in files:
        (tmp_path / f"{name}.py").write_text("mine = 1\n")
    done = run(tmp_path, program)
    assert (done.stdout, done.stderr) == (printed, "")


def test_the_engines_networks_beside_an_engine_of_the_users(tmp_path):
    (tmp_path / "engine.py").write_text("class Value: pass\n")
    for program in ("import engine\nimport nn", "import nn", "import engine\nimport stepgrad"):
        done = run(tmp_path, program)
        last = done.stderr.splitlines()[-1]
        assert last.startswith("ImportError: "), last
        assert str(tmp_path / "engine.py") in last
        assert "import stepgrad" in last


def test_the_command():
    importlib.import_module("stepgrad.__main__")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "engine" / "top")])}
    command = [sys.executable, "-m", "stepgrad", "--version"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"stepgrad {engine.__version__}\n"

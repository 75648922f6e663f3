"""Mutants are made of what is computed, and the tests that meet them find them out."""

import ast
from pathlib import Path

import pytest

from . import mutants
from .mutants import Mutant, fails, modules, prepared, survives

CODE = '''"""A module: 1 + 1."""
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    x: int = 1

def clip(x: float, most: float = 1.0) -> float:
    """Return x < most."""
    if x < most and not most == 2:
        return x - most
    raise ValueError(f"{x + 1}")

def never():
    return 1  # pragma: no cover
'''


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A repository of one module and its tests."""
    (tmp_path / "engine").mkdir()
    (tmp_path / "tests" / "engine").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\nmarkers = ["slow", "alone"]\n')
    (tmp_path / "engine" / "__init__.py").write_text("")
    (tmp_path / "engine" / "clip.py").write_text(CODE)
    (tmp_path / "tests" / "engine" / "test_clip.py").write_text("def test(): pass\n")
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    monkeypatch.setattr(mutants, "MODULES", {"clip": "test_clip"})
    return tmp_path


def test_one_thing_is_changed_at_a_time(room):
    found = list(mutants.mutants("clip"))
    assert [(mutant.line, mutant.text) for mutant in found] == [
        (6, "2.0"), (8, "(x < most or not most == 2)"), (8, "(x <= most)"), (8, "(bool(most == 2))"),
        (8, "(most != 2)"), (8, "3"), (9, "return None"), (9, "(x + most)"), (10, "pass"),
    ]  # fmt: skip
    for mutant in found:
        text = CODE[: mutant.begin] + mutant.text + CODE[mutant.end :]
        assert ast.dump(ast.parse(text)) != ast.dump(ast.parse(CODE))
    assert str(found[2]).startswith("engine/clip.py:8: ")


def test_every_module_has_its_tests():
    assert {"operation", "ops", "graph", "backprop", "derivatives", "value", "check", "program/plan"} <= {*modules()}
    for module in modules():
        assert all((mutants.ROOT / test).exists() for test in mutants.tests_of(module)), module
        assert len(list(mutants.mutants(module))) > 10


@pytest.mark.slow
def test_a_test_notices_a_mutant_or_not(room, tmp_path_factory, monkeypatch):
    test = (
        "import pytest\nfrom engine.clip import clip\n"
        "def test():\n    assert clip(1.0, 3.0) == -2.0\n    with pytest.raises(ValueError): clip(3.0)\n"
    )
    Path(room, "tests", "engine", "test_clip.py").write_text(test)
    folder = tmp_path_factory.mktemp("copy")
    prepared(folder)
    assert not fails(folder, mutants.tests_of("clip"), 60)
    alive = [mutant.text for mutant in mutants.mutants("clip") if survives(folder, mutant)]
    assert "(x <= most)" in alive
    assert "(x + most)" not in alive
    assert Path(folder, "engine", "clip.py").read_text() == CODE
    endless = Mutant("clip", 9, CODE.index("return x"), CODE.index("    raise"), "while True: pass\n")
    monkeypatch.setattr(mutants, "LIMIT", 5)
    assert not survives(folder, endless)

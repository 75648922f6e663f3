"""The protocol of backends: a program does everything by the backend it was given, and a new one is one module."""

import sys
from types import ModuleType

import pytest

import nn
from engine import Program, Value, compiled
from engine.program import program as programs
from engine.program.python.backend import Backend as Python
from nn.training import Training


@pytest.fixture
def another(monkeypatch):
    """Add a backend that counts what it is asked for, and return the counts."""
    asked = []

    class Backend(Python):
        name = "another"

        def replay(self, rows, parameters, weight):
            asked.append("replay")
            return super().replay(rows, parameters, weight)

        def values(self, rows):
            asked.append("values")
            return super().values(rows)

        def loop(self, update, batch_size):
            asked.append("loop")
            return super().loop(update, batch_size)

    module = ModuleType("engine.program.another.backend")
    module.Backend = Backend
    monkeypatch.setitem(sys.modules, "engine.program.another", ModuleType("engine.program.another"))
    monkeypatch.setitem(sys.modules, "engine.program.another.backend", module)
    monkeypatch.setattr(programs, "BACKENDS", (*programs.BACKENDS, "another"))
    return asked


def test_a_new_backend_is_one_module(another):
    x, w = Value(2.0, "x"), Value(3.0, "w")
    program = Program(w * x, [x], [w], backend="another")
    assert (program.backend, program(5.0)) == ("another", (15.0, (5.0,)))
    assert program.batch([[1.0], [2.0]]) == (4.5, (1.5,))
    assert program.values([program.loss], [[1.0]]) == [[3.0]]
    assert Training(program, nn.SGD([w], lr=0.5), [[1.0]]).run(2) == [3.0, 2.5]
    assert another == ["replay", "replay", "values", "loop"]
    assert compiled(lambda x: w * x, backend="another").program(1.0).backend == "another"


def test_an_unknown_backend_is_named_with_all_that_are_known(another):
    w = Value(3.0, "w")
    with pytest.raises(ValueError, match="backend must be 'another', 'python', 'native' or 'auto', not 'matrix'"):
        Program(w * 2.0, backend="matrix")


class Careful(Python):
    """A backend that declines every replay, as where an operation may have left its domain."""

    def replay(self, rows, parameters, weight):
        return None

    def values(self, rows):
        return lambda parameters: None


def test_what_a_backend_declines_is_recorded_again():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    program = Program(w * x, [x], [w])
    program._backend = Careful(program.plan)
    assert program(5.0) == (15.0, (5.0,))
    assert program.batch([[1.0], [2.0]], "sum") == (9.0, (3.0,))
    assert program.values([x, program.loss], [[1.0], [4.0]]) == [[1.0, 3.0], [4.0, 12.0]]
    assert (x.data, w.grad) == (2.0, None)


def test_python_can_compute_every_plan():
    w = Value(2.0)
    assert Python.require(Program(w * 2.0).plan) is None

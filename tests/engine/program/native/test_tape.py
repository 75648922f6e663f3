"""Tapes compute every bit of a graph as eager mode does."""

from array import array

import pytest

import engine
from engine import Program, Value, tanh
from engine.operation import op
from engine.program import plan as plans
from engine.program.native.backend import as_tape
from engine.program.native.c import Functions
from engine.program.native.tape import tape_interpreter
from tests.engine.program.graphs import bits
from tests.engine.program.replayed import eagerly, whole_table
from tests.engine.program.test_replay import chain, drawn, fan

pytestmark = pytest.mark.needs_compiler


def taped(program, rows=None):
    """Return the loss and the gradients of a program by a tape."""
    rows = rows or [[leaf.data for leaf in program.inputs]]
    parameters = array("d", [leaf.data for leaf in program.parameters])
    flat = array("d", [number for row in rows for number in row])
    unit = as_tape(program.plan)
    if unit is None:
        return None
    trouble, loss, gradients = unit.evaluate(parameters, flat, len(rows), 1.0 / len(rows))
    assert not trouble
    return [loss, *gradients]


def test_random_graphs():
    count = 0
    for seed in range(300):
        program = drawn(seed)
        found = taped(program)
        if found is not None:
            assert found == pytest.approx(eagerly(program), rel=1e-12, abs=1e-290), seed
            count += 1
    assert count > 200


def test_the_whole_table():
    table = {name: operation for name, operation in engine.TABLE.items() if not operation.parameters}
    program = whole_table({**table, "leaky_relu": engine.TABLE["leaky_relu"], "elu": engine.TABLE["elu"],
                           "power": engine.TABLE["power"]})  # fmt: skip
    assert as_tape(program.plan) is None  # some operations are bound to rare numbers
    x, y = Value(0.7), Value(1.3)
    loss = Value(0.0)
    for operation in table.values():
        if operation.samples:
            loss = loss + operation(*([y] if operation.name == "acosh" else [x, y, x][: operation.arity]))
    program = Program(loss, parameters=[x, y])
    assert taped(program) == pytest.approx(eagerly(program), rel=1e-12)


@pytest.mark.parametrize("make", [chain, fan])
def test_bits(make):
    program = make(200)
    assert bits(*taped(program)) == bits(*eagerly(program))


def test_many_rows_and_leaves_that_are_not_in_the_graph():
    x, w, unused = Value(1.0), Value(0.5), Value(9.0)
    program = Program(tanh(w * x) * w, [x, Value(3.0)], [w, unused])
    rows = [[1.0, 0.0], [2.0, 5.0], [-3.0, 1.0]]
    expected = program.batch(rows)
    assert bits(*taped(program, rows)) == bits(expected.loss, *expected.gradients)


def test_a_root_that_is_not_the_last_node():
    x, w = Value(0.5), Value(2.0)
    loss = w * x
    program = Program(loss, [x], [w], outputs=[engine.log(loss - 1.0 + 1e-300), loss + 1.0])
    unit = as_tape(program.plan)
    _, value, gradients = unit.evaluate(array("d", [4.0]), array("d", [0.5]), 1, 1.0)
    assert (value, list(gradients)) == (2.0, [0.5])


def test_large_graphs_are_tapes(monkeypatch):
    monkeypatch.setattr(plans, "LARGE", 20)
    for seed in range(40):
        program = drawn(seed)
        native = Program(program.loss, program.inputs, program.parameters, backend="native")
        numbers = [leaf.data for leaf in program.inputs]
        assert native(*numbers).gradients == pytest.approx(program(*numbers).gradients, rel=1e-12, abs=1e-290)
        assert native.batch([numbers, numbers]).loss == pytest.approx(program(*numbers).loss, rel=1e-12, abs=1e-290)


def test_what_cannot_be_translated_has_no_code():
    odd = op("odd_thing", lambda x: float(str(x)), lambda x, out: (1.0 + 0.0 * x,))
    text, codes = tape_interpreter("tape", [odd, engine.tanh], Functions())
    assert list(codes) == [engine.tanh]
    assert "tanh(" in text

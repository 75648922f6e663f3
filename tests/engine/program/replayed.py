"""What a program is held against: the same graph, run eagerly."""

from array import array

from engine import Value
from engine.program.lowering import Lowered
from engine.program.native.backend import as_code, as_list
from engine.program.program import Program
from tests.engine.program.graphs import backpropagated


def eagerly(program):
    """Return the loss and the gradients of a program's graph by ``backward()``, at the numbers of the recording."""
    loss, gradients = backpropagated(program.loss, program.wrt)
    return [loss, *gradients]


def replayed(program, *numbers):
    """Return the loss and the gradients by replay, at the numbers of the recording or others."""
    loss, gradients = program(*(numbers or [leaf.data for leaf in program.inputs]))
    return [loss, *gradients]


def natively(program, samples=False, straight=False, rows=None):
    """Return the loss and the gradients in native form; of several rows the mean."""
    rows = rows or [[leaf.data for leaf in program.inputs]]
    unit = (as_code if straight else as_list)(Lowered(program.plan, samples), len(rows))
    parameters = array("d", [leaf.data for leaf in program.parameters])
    flat = array("d", [number for row in rows for number in row])
    trouble, loss, gradients = unit.evaluate(parameters, flat, len(rows), 1.0 / len(rows))
    assert not trouble
    return [loss, *gradients]


def whole_table(table):
    """Return a program of every operation at all its samples, with parameters; each is weighted otherwise."""
    bound = [
        table["leaky_relu"].bind(slope=-0.2),
        table["elu"].bind(alpha=0.5),
        *(table["power"].bind(exponent=exponent) for exponent in (-1.0, 0.0, 0.5, 1.0, 3.0)),
    ]
    loss, parameters = Value(0.0), []
    for operation in (*table.values(), *bound):
        for sample in operation.samples:
            if operation.parameters.get("exponent") == 0.5 and sample[0] < 0.0:
                continue
            operands = [Value(number) for number in sample]
            parameters += operands
            loss = loss + operation(*operands) * (1.0 + len(parameters) / 7.0)
    return Program(loss, parameters=parameters)

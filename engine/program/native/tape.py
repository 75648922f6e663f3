"""Tapes: a large graph as flat arrays, ready in one walk, which a loop in C runs forward and backward.

A node is the code of its operation and the places of its operands, ``tanh(w * x)`` for instance

    place      0      1      2      3
    operation  w      x      mul    tanh
    operands                 0 1    2

Nothing is left out and nothing is shared, so a tape needs no plan: some 20 bytes a node, and a walk over the graph. The
loop is made from the table of operations once for a machine. It does what eager mode does: forward, then from the last
node to the first ``gradient of operand += local gradient * gradient of node``.
"""

import ctypes
from array import array
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import chain
from typing import Any

from ...errors import OperationError
from ...notation.symbols import Symbol
from ...operation import TABLE, Operation
from ..functions import value_function
from ..plan import ABSENT, Plan, derivatives
from .c import Functions, count_of_arguments, literal


class _Tape(ctypes.Structure):
    _fields_ = [
        ("run", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in (
            "leaves", "nodes", "places", "root", "count_of_parameters", "count_of_inputs", "count_of_gradients",
        )),
        *((name, ctypes.c_void_p) for name in (
            "operation", "operands", "parameters", "inputs", "gradients", "v", "g",
        )),
    ]  # fmt: skip


class Tape:
    """A plan as flat arrays, as C reads it.

    Raises:
        OperationError: an operation cannot be translated to C.
    """

    kind = "tape"

    def __init__(self, plan: Plan, run: int, codes: Mapping[Operation, int]) -> None:
        self.plan = plan
        interior = plan.order[len(plan.given) :]
        constants = {number: len(plan.order) + i for i, number in enumerate(_parameters(interior))}
        place, tables = plan.place, {}
        for operation in {node.op for node in interior}:
            numbers = value_function(operation)[1]
            tables[operation] = codes[operation.general], [constants[repr(number)] for number in numbers]
        operations, operands = bytearray(), array("i")
        for node in interior:
            code, more = tables[node.op]
            operations.append(code)
            operands.extend([place[x] for x in node.inputs])
            if more:
                operands.extend(more)
        self.arrays: list[Any] = []
        numbers = array("d", plan.given)
        numbers.frombytes(bytes(8 * len(interior)))
        numbers.extend(map(float, constants))
        self.program = _Tape(
            run=run, leaves=len(plan.given), nodes=len(plan.order), places=len(numbers), root=plan.root,
            operation=self._address(array("B", operations)), operands=self._address(operands),
            parameters=self._address(array("i", plan.parameters)), count_of_parameters=len(plan.parameters),
            inputs=self._address(array("i", plan.inputs)), count_of_inputs=len(plan.inputs),
            gradients=self._address(array("i", plan.wrt)), count_of_gradients=len(plan.wrt),
            v=self._address(numbers), g=self._address(array("d", bytes(8 * len(numbers)))),
        )  # fmt: skip

    def _address(self, numbers: array[Any]) -> int:
        self.arrays.append(numbers)
        return numbers.buffer_info()[0]


def _parameters(interior: Iterable[Any]) -> dict[str, None]:
    """Return the numbers that operations are bound to, such as exponents, as texts."""
    return {repr(number): None for operation in {node.op for node in interior} for number in value_function(operation)[1]}


def loop(name: str, operations: Sequence[Operation], functions: Functions) -> tuple[str, dict[Operation, int]]:
    """Return a function in C that runs tapes of some operations, and the codes of those that it has."""
    codes: dict[Operation, int] = {}
    forward, backward = "", ""
    for operation in operations:
        with suppress(OperationError):
            count = count_of_arguments(operation)
            operands = [f"v[x[{i}]]" for i in range(count)]
            value = functions.applied(operation, operands)
            names = {**dict(zip(operation.operands, operands, strict=False)), "out": "v[i]"}
            slopes = [_expression(derivative, names, functions) for derivative in derivatives(operation)]
            code = codes[operation] = len(codes)
            forward += f"      case {code}: v[i] = {value}; x += {count}; break;\n"
            steps = " ".join(f"g[x[{i}]] += {slope} * g[i];" for i, slope in enumerate(slopes) if slope != literal(0.0))
            backward += f"      case {code}: x -= {count}; {steps} break;\n"
    return (
        f"static void {name}(int64_t first, int64_t last, const uint8_t *operation, const int32_t *x, double *v, double *g) {{\n"
        f"  for (int64_t i = first; i < last; i++)\n    switch (operation[i - first]) {{\n{forward}    }}\n"
        f"  g[last - 1] = 1.0;\n"
        f"  for (int64_t i = last - 1; i >= first; i--)\n    switch (operation[i - first]) {{\n{backward}    }}\n}}\n"
    ), codes


def _expression(formula: Any, names: Mapping[str, str], functions: Functions) -> str:
    """Return a local derivative in C."""
    if not isinstance(formula, Symbol):
        return literal(formula)
    if formula.operation is None:
        return names[formula.name]
    numbers = [_expression(x, names, functions) for x in formula.operands]
    numbers += map(literal, value_function(formula.operation)[1])
    return functions.applied(formula.operation, numbers)

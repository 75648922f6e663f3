"""Tapes: a large graph as flat arrays, ready in one walk, which a loop in C runs forward and backward.

A node is the code of its operation and the places of its operands, ``tanh(w * x)`` for instance

    place      0      1      2      3
    operation  w      x      mul    tanh
    operands                 0 1    2

Nothing is left out and nothing is shared, so a tape needs no plan: some 20 bytes a node, and a walk over the graph. The
loop is made from the table of operations once for a machine. It does what eager mode does: forward, then from the last
node to the first ``gradient of operand += local gradient * gradient of node``.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from ...errors import OperationError
from ...notation.formulas import Symbol
from ...operation import Operation
from ..functions import value_function
from ..plan import Plan, derivatives
from .c import Functions, literal

FORWARD = "int64_t first, int64_t last, const uint8_t *operation, const int32_t *x, double *v"
TAPE = "int64_t first, int64_t last, int64_t root, const uint8_t *operation, const int32_t *x, double *v, double *g"


class _Tape(ctypes.Structure):
    _fields_ = [
        ("run", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in (
            "leaves", "nodes", "root", "count_of_parameters", "count_of_inputs", "count_of_gradients",
        )),
        *((name, ctypes.c_void_p) for name in (
            "operation", "operands", "parameters", "inputs", "gradients", "v", "g",
        )),
    ]  # fmt: skip


class Tape:
    """A plan as flat arrays, as C reads it."""

    kind = "tape"

    def __init__(self, plan: Plan, built: ctypes.CDLL, run: int, codes: Mapping[Operation, int]) -> None:
        self.plan, self.library = plan, built
        interior = plan.order[len(plan.given) :]
        place = plan.place
        operations = bytearray([codes[node.op] for node in interior])
        operands = array("i", [place[x] for node in interior for x in node.inputs])
        self.arrays: list[Any] = []
        numbers = array("d", plan.given)
        numbers.frombytes(bytes(8 * len(interior)))
        self.program = _Tape(
            run=run, leaves=len(plan.given), nodes=len(plan.order), root=plan.root,
            operation=self._address(array("B", operations)), operands=self._address(operands),
            parameters=self._address(array("i", plan.parameters)), count_of_parameters=len(plan.parameters),
            inputs=self._address(array("i", plan.inputs)), count_of_inputs=len(plan.inputs),
            gradients=self._address(array("i", plan.wrt)), count_of_gradients=len(plan.wrt),
            v=self._address(numbers), g=self._address(array("d", bytes(8 * len(numbers)))),
        )  # fmt: skip

    def _address(self, numbers: array[Any]) -> int:
        self.arrays.append(numbers)
        return numbers.buffer_info()[0]


def tape_interpreter(
    name: str, operations: Sequence[Operation], functions: Functions
) -> tuple[str, dict[Operation, int]]:
    """Return a function in C that runs tapes of some operations, and the codes of those that it has."""
    codes: dict[Operation, int] = {}
    forward, backward = "", ""
    for operation in dict.fromkeys(operations):
        with suppress(OperationError):
            operands = [f"v[x[{i}]]" for i in range(operation.arity)]
            value = functions.applied(operation, [*operands, *map(literal, value_function(operation)[1])])
            names = {**dict(zip(operation.operands, operands, strict=True)), "out": "v[i]"}
            slopes = {i: slope for i, slope in enumerate(derivatives(operation)) if slope != 0.0}
            steps = " ".join(
                f"g[x[{i}]] += {_expression(slope, names, functions)} * g[i];" for i, slope in slopes.items()
            )
            code = codes[operation] = len(codes)
            forward += f"      case {code}: v[i] = {value}; x += {operation.arity}; break;\n"
            backward += f"      case {code}: x -= {operation.arity}; {steps} break;\n"
    return (
        f"""\
static const int32_t *{name}_forward({FORWARD}) {{
  for (int64_t i = first; i < last; i++)
    switch (*operation++) {{
{forward}    }}
  return x;
}}
static void {name}({TAPE}) {{
  x = {name}_forward(first, root + 1, operation, x, v);
  {name}_forward(root + 1, last, operation + (root + 1 - first), x, v);
  g[root] = 1.0;
  for (int64_t i = root; i >= first; i--)
    switch (operation[i - first]) {{
{backward}    }}
}}
""",
        codes,
    )


def _expression(formula: Any, names: Mapping[str, str], functions: Functions) -> str:
    """Return a local derivative in C."""
    if not isinstance(formula, Symbol):
        return literal(formula)
    if formula.operation is None:
        return names[formula.name]
    numbers = [_expression(x, names, functions) for x in formula.operands]
    numbers += map(literal, value_function(formula.operation)[1])
    return functions.applied(formula.operation, numbers)

"""The native backend: lowered plans that run in C, as straight-line code or as lists of instructions."""

from __future__ import annotations

import ctypes
import math
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

from ...errors import OperationError
from ...notation.formulas import operations_in
from ...operation import TABLE, Operation
from ...recording.context import gc_paused
from ..backend import Backend as Protocol
from ..backend import Compute, Loop, Numbers, Replay, Rows, Update
from ..functions import value_function
from ..lowering import Apply, Lowered, blocks, schedule
from ..plan import Plan, derivatives
from .c import FIRST, RUNTIME, Functions, encoded, interpreter, lanes_of, straight
from .compiler import QUICK, THOROUGH, compiler, library

LANES = 8  # rows that are computed at once
# Up to how many operations and steps of the chain rule straight-line code pays, as tests/benchmarks/crossover.py finds
# it. One row at a time, it is as fast as the interpreter up to a few hundred, and slower beyond: the interpreter
# computes eight sums of a block at once. For many rows it is two to four times as fast, but the compiler takes a second
# for every nine thousand steps; calls that compute few times are better off without it.
MAX_STRAIGHT = 300
MAX_STRAIGHT_FOR_ROWS = 4_000  # in a training loop


class Unit(ctypes.Structure):
    """The description of a program for `runtime.c`, where the fields are documented."""

    _fields_ = [
        ("run", ctypes.c_void_p), ("code", ctypes.c_void_p * 3), ("end", ctypes.c_void_p * 3),
        ("sums", ctypes.c_void_p), ("roots", ctypes.c_void_p),
        *((name, ctypes.c_int) for name in (
            "count_of_sums", "count_of_roots", "lanes", "samples", "parameters", "count_of_parameters", "inputs",
            "count_of_inputs", "seed", "loss", "gradients", "count_of_gradients",
        )),
    ]  # fmt: skip


class Native:
    """A lowered plan in native form: its library, its description, and a frame for the number of each slot and lane."""

    def __init__(self, lowered: Lowered, built: ctypes.CDLL, name: str, codes: dict[Any, int] | None) -> None:
        self.library = built
        built.train.restype = ctypes.c_int64
        lanes = LANES if lowered.samples else 1
        self.frame = (ctypes.c_double * (lowered.size * lanes))()
        for slot, number in lowered.constants.items():
            for lane in range(lanes):
                self.frame[slot * lanes + lane] = number
        plan = lowered.plan
        self._kept: list[Any] = []  # the arrays that the description points to
        pointer = getattr(built, f"pointer_to_{name}")
        pointer.restype = ctypes.c_void_p
        self.unit = Unit(
            run=pointer(), lanes=lanes, samples=lowered.samples, seed=lowered.seed, loss=lowered.loss,
            sums=self._ints(lowered.sums), count_of_sums=len(lowered.sums),
            roots=self._ints(lowered.roots), count_of_roots=len(lowered.roots),
            parameters=lowered.parameters, count_of_parameters=len(plan.parameters),
            inputs=lowered.inputs, count_of_inputs=len(plan.inputs),
            gradients=lowered.gradients, count_of_gradients=len(plan.wrt),
        )  # fmt: skip
        if codes is not None:
            for phase, instructions in enumerate((lowered.before, lowered.each, lowered.after)):
                together = instructions if lowered.samples else blocks(instructions)  # blocks are for one lane
                numbers = array("i", encoded(together, codes, lowered.zero))
                self.unit.code[phase] = start = self._ints(numbers)
                self.unit.end[phase] = start + len(numbers) * numbers.itemsize

    def _ints(self, numbers: Sequence[int]) -> int:
        """Return the address of some numbers, and keep them as long as this object lives."""
        kept = numbers if isinstance(numbers, array) else array("i", numbers)
        self._kept.append(kept)
        return kept.buffer_info()[0]

    def evaluate(
        self, parameters: array[float], rows: array[float], count: int, weight: float
    ) -> tuple[bool, float, array[float]]:
        """Return whether an operation may have left its domain, and the weighted sums of loss and gradients."""
        loss = ctypes.c_double()
        gradients = array("d", bytes(8 * self.unit.count_of_gradients))
        trouble = self.library.evaluate(
            ctypes.byref(self.unit), self.frame, _address(parameters), _address(rows), ctypes.c_int64(count),
            ctypes.c_double(weight), ctypes.byref(loss), _address(gradients),
        )  # fmt: skip
        return bool(trouble), loss.value, gradients


def _flat(rows: Rows) -> array[float]:
    return array("d", chain.from_iterable(rows))


def _address(numbers: array[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(numbers.buffer_info()[0])


def as_list(lowered: Lowered) -> Native:
    """Return a lowered plan as a list of instructions, for an interpreter that is compiled only once."""
    require(lowered.plan)
    phases = (lowered.before, lowered.each, lowered.after)
    used = [
        instruction.operation.general for phase in phases for instruction in phase if isinstance(instruction, Apply)
    ]
    source, codes = _interpreters(tuple(dict.fromkeys([*TABLE.values(), *used])))
    if not lowered.samples:
        schedule(lowered)
    return Native(lowered, library(source, THOROUGH), f"list_{LANES if lowered.samples else 1}", codes)


@lru_cache(maxsize=4)
def _interpreters(table: tuple[Operation, ...]) -> tuple[str, dict[Any, int]]:
    """Return the source of the interpreters of a table of operations, and the codes of their instructions."""
    functions, operations = Functions(), list[Operation]()
    for operation in table:
        with suppress(OperationError):
            functions.require(operation)
            operations.append(operation)
    units = {f"list_{lanes}": interpreter(f"list_{lanes}", lanes, operations, functions) for lanes in (1, LANES)}
    codes = {value_function(operation)[0]: code for code, operation in enumerate(operations, FIRST)}
    return _source(functions, units), codes


def _source(functions: Functions, units: Mapping[str, str]) -> str:
    """Return the source of a library with these units, and with functions that return their addresses."""
    kinds = [lanes_of(lanes) for lanes in (1, LANES)]
    pointers = [f"void *pointer_to_{name}(void) {{ return (void *){name}; }}" for name in units]
    head = [f"#define LANES {LANES}", RUNTIME.read_text(), functions.text]
    return "\n".join([*head, *kinds, *units.values(), *pointers])


def require(plan: Plan) -> None:
    """Require that every operation of a plan can be translated to C."""
    functions = Functions()
    for operation in {plan.order[number].op for number in plan.forward}:
        functions.require(operation)
        for position in range(operation.arity):
            for used in operations_in(derivatives(operation)[position]):
                functions.require(used)


def as_code(*lowered: Lowered) -> list[Native]:
    """Return lowered plans as straight-line code, in one library."""
    functions, named = Functions(), {f"unit_{i}": each for i, each in enumerate(lowered)}
    units = {name: straight(name, each, LANES if each.samples else 1, functions) for name, each in named.items()}
    built = library(_source(functions, units), QUICK)
    return [Native(each, built, name, None) for name, each in named.items()]


class Backend(Protocol):
    """Replays in C."""

    name = "native"

    @classmethod
    def require(cls, plan: Plan) -> None:
        """Require a compiler, and that every operation can be translated to C."""
        compiler()
        require(plan)

    def replay(self, rows: Rows, parameters: Sequence[float], weight: float) -> Replay | None:
        """Return the sums of loss and gradients over rows, times a weight."""
        if len(rows) == 1:
            unit, numbers = self._one_row, array("d", rows[0])
        else:
            unit, numbers = self._many_rows, _flat(rows)
        trouble, loss, gradients = unit.evaluate(array("d", parameters), numbers, len(rows), weight)
        if trouble or not math.isfinite(loss + sum(gradients)):
            return None
        return Replay(loss, tuple(gradients))

    def values(self, plan: Plan) -> Compute:
        """Return a function of rows and parameters that computes the roots of another plan for each row."""
        # The interpreter is built already: building code is rarely worthwhile for this.
        unit, width = as_list(Lowered(plan, samples=True)), len(plan.roots)

        def compute(rows: Rows, parameters: Sequence[float]) -> list[list[float]] | None:
            given, numbers, found = array("d", parameters), _flat(rows), array("d", bytes(8 * len(rows) * width))
            trouble = unit.library.outputs(
                ctypes.byref(unit.unit), unit.frame, _address(given), _address(numbers), ctypes.c_int64(len(rows)),
                _address(found),
            )  # fmt: skip
            return None if trouble else [found[i : i + width].tolist() for i in range(0, len(found), width)]

        return compute

    def loop(self, update: Update, batch_size: int) -> Loop:
        """Return what takes training steps."""
        samples, rule = batch_size > 1, Lowered(update.plan, samples=True)
        if self.plan.length <= (MAX_STRAIGHT_FOR_ROWS if samples else MAX_STRAIGHT):
            return _NativeLoop(*as_code(Lowered(self.plan, samples), rule))
        return _NativeLoop(self._many_rows if samples else self._one_row, *as_code(rule))

    @cached_property
    def _one_row(self) -> Native:
        return self._unit(samples=False)

    @cached_property
    def _many_rows(self) -> Native:
        return self._unit(samples=True)

    def _unit(self, samples: bool) -> Native:
        with gc_paused():
            lowered = Lowered(self.plan, samples)
        return as_code(lowered)[0] if self.plan.length <= MAX_STRAIGHT else as_list(lowered)


class _NativeLoop(Loop):
    """Training steps in C: a unit for loss and gradients, and one for the update of the columns of parameters."""

    def __init__(self, unit: Native, rule: Native) -> None:
        self.unit, self.rule = unit, rule

    def load_rows(self, rows: Rows, batches: Sequence[range]) -> None:
        self.rows = _flat(rows)
        self.starts = array("q", [batch.start for batch in batches])
        self.counts = array("q", [len(batch) for batch in batches])

    def load(self, numbers: Numbers) -> None:
        self.count = len(numbers.parameters)
        self.columns = array("d", chain(numbers.parameters, [0.0] * self.count, *numbers.own))  # zeros: the gradients
        self.shared = array("d", [0.0, *numbers.shared])  # the zero becomes the rate

    def numbers(self) -> Numbers:
        starts = range(0, len(self.columns), self.count)
        parameters, _, *own = [self.columns[start : start + self.count] for start in starts]
        return Numbers(parameters, own, self.shared[1:])

    def take(self, first: int, rates: Sequence[float]) -> list[float]:
        first %= len(self.starts)
        steps = slice(first, first + len(rates))
        starts, counts = [(each * (1 + steps.stop // len(each)))[steps] for each in (self.starts, self.counts)]
        unit, rule, given, losses = self.unit, self.rule, array("d", rates), array("d", bytes(8 * len(rates)))
        kept = self.shared + self.columns
        done = unit.library.train(
            ctypes.byref(unit.unit), unit.frame, ctypes.byref(rule.unit), rule.frame,
            _address(self.shared), len(self.shared) - 1, _address(self.columns), ctypes.c_int64(self.count),
            _address(self.rows), _address(starts), _address(counts), 1, _address(given), _address(kept),
            _address(losses), ctypes.c_int64(len(rates)),
        )  # fmt: skip
        return losses[:done].tolist()

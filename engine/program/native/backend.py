"""The native backend: lowered plans that run in C, as straight-line code or as lists of instructions."""

from __future__ import annotations

import ctypes
import math
import os
import time
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, chain
from typing import Any

from ...notation.formulas import operations_in
from ...operation import TABLE, Operation
from ...ops import power
from ...recording.context import gc_paused
from ...sums import Dot
from ..backend import Backend as Protocol
from ..backend import Compute, FloatRows, Loop, Numbers, Replay, Rows, Update
from ..lowering import Apply, Lowered
from ..plan import Plan, derivatives
from ..schedule import runs, schedule
from . import c, trial
from .c import FIRST, RUNTIME, Functions, encoded, interpreter, rule, samples_interpreter, segments, straight
from .compiler import compiler
from .library import QUICK, THOROUGH, VECTORISED, library
from .samples import THREADS, Layout, Samples, address_of
from .tape import Tape, tape_interpreter

OFTEN = (2.0, -1.0, 0.5, -0.5, 3.0)  # exponents that are built into the library of tapes
WORTH_SHARING = 50e-6  # seconds of a step, from which on several threads may be quicker
TRIED_AGAIN = 40  # slices after which another count of threads is tried
MANY = 64  # samples, where it is not known how many there will be
# Up to how many operations and steps of the chain rule straight-line code pays, as tests/benchmarks/crossover.py finds
# it. One row at a time, it is as fast as the interpreter up to a few hundred, and slower beyond: the interpreter
# computes eight sums of a block at once. For many rows it is two to four times as fast, but the compiler takes a second
# for every nine thousand steps; calls that compute few times are better off without it.
MAX_STRAIGHT = 300
MAX_STRAIGHT_FOR_ROWS = 4_000  # in a training loop


class _Single(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_void_p) for name in ("run", "code", "end", "s")),
        *((name, ctypes.c_int64) for name in ("parameters", "inputs", "gradients", "loss")),
        *((f"count_of_{name}", ctypes.c_int64) for name in ("parameters", "inputs", "gradients")),
    ]  # fmt: skip


class Single:
    """A lowered plan for one sample, as C reads it: its library, its description, and a number for each slot."""

    kind = "single"

    def __init__(self, lowered: Lowered, built: ctypes.CDLL, name: str, codes: dict[Any, int] | None) -> None:
        self.plan, self.library = lowered.plan, built
        self.frame = array("d", bytes(8 * lowered.size))
        for slot, number in lowered.constants.items():
            self.frame[slot] = number
        plan = lowered.plan
        self.program = _Single(
            run=address_of(built, name), s=self.frame.buffer_info()[0], loss=lowered.loss,
            parameters=lowered.parameters, count_of_parameters=len(plan.parameters),
            inputs=lowered.inputs, count_of_inputs=len(plan.inputs),
            gradients=lowered.gradients, count_of_gradients=len(plan.wrt),
        )  # fmt: skip
        if codes is not None:
            self.code = array("i", encoded(runs(lowered.before), codes, lowered.zero))
            self.program.code, count = self.code.buffer_info()
            self.program.end = self.program.code + count * self.code.itemsize


class Unit:
    """A lowered plan in native form, and how to run it."""

    def __init__(self, form: Single | Samples | Tape) -> None:
        self.form, self.library = form, runtime()
        self.backpropagate = ctypes.cast(getattr(self.library, f"backpropagate_{form.kind}"), ctypes.c_void_p)
        self.reference = ctypes.byref(form.program)

    def evaluate(
        self, parameters: array[float], rows: array[float], count: int, weight: float
    ) -> tuple[bool, float, array[float]]:
        """Return whether an operation may have left its domain, and the weighted sums of loss and gradients."""
        loss, order = ctypes.c_double(), array("q", range(count))
        gradients = array("d", bytes(8 * len(self.form.plan.wrt)))
        trouble = self.library.evaluate(
            self.backpropagate, self.reference, _address(parameters), _address(rows), _address(order),
            ctypes.c_int64(count), ctypes.c_double(weight), ctypes.byref(loss), _address(gradients),
        )  # fmt: skip
        return bool(trouble), loss.value, gradients

    def values(self, parameters: array[float], rows: array[float], count: int) -> array[float] | None:
        """Return the values of the roots, row after row; None if an operation may have left its domain."""
        found, order = array("d", bytes(8 * count * len(self.form.plan.roots))), array("q", range(count))
        trouble = self.library.values(
            self.reference, _address(parameters), _address(rows), _address(order), ctypes.c_int64(count),
            _address(found),
        )  # fmt: skip
        return None if trouble else found


def _flat(rows: Rows) -> array[float]:
    return (rows if isinstance(rows, FloatRows) else FloatRows(map(list, rows))).flat


def _address(numbers: array[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(numbers.buffer_info()[0])


def as_list(lowered: Lowered, count: int = 1) -> Unit:
    """Return a lowered plan as lists of instructions, for interpreters that are compiled only once.

    Args:
        lowered: the plan.
        count: with samples, how many there will be at least, at a time.
    """
    require(lowered.plan)
    phases = (lowered.before, lowered.each)
    used = [
        instruction.operation.general for phase in phases for instruction in phase if isinstance(instruction, Apply)
    ]
    own = tuple(dict.fromkeys(operation for operation in used if not c.is_standard(operation)))
    source, codes = _interpreters(own) if own else _standard_interpreters()
    built = library(source, THOROUGH, trial.calling(lambda: trial.calls_of_interpreters(codes)))
    if lowered.samples:
        return Unit(Samples(Layout(lowered, straight=False), built, ("list_1", "list_n"), codes, count))
    schedule(lowered)
    return Unit(Single(lowered, built, "list_1", codes))


def as_tape(plan: Plan) -> Unit | None:
    """Return a large plan as a tape; None if it has operations that are not in the library of tapes."""
    source, codes = _tapes()
    if not plan.operations <= codes.keys():
        return None
    built = library(source, THOROUGH, trial.fault_of_tapes)
    return Unit(Tape(plan, built, address_of(built, "tape"), codes))


@lru_cache(maxsize=1)
def _tapes() -> tuple[str, dict[Operation, int]]:
    """Return the source of the loop that runs tapes, and the codes of its operations."""
    functions, operations = Functions(), filter(c.is_standard, TABLE.values())
    text, codes = tape_interpreter("tape", [*operations, *(power.bind(exponent=x) for x in OFTEN)], functions)
    return _source(functions, {"tape": text}), codes


def _interpreters(own: Sequence[Operation]) -> tuple[str, dict[Operation, int]]:
    """Return the source of the interpreters of the table and of operations of yours, and their instructions' codes."""
    functions, operations = Functions(), [*filter(c.is_standard, TABLE.values()), *own]
    units = {
        "list_1": interpreter("list_1", operations, functions),
        "list_n": samples_interpreter("list_n", operations, functions),
    }
    return _source(functions, units), {operation: code for code, operation in enumerate(operations, FIRST)}


@lru_cache(maxsize=1)
def _standard_interpreters() -> tuple[str, dict[Operation, int]]:
    return _interpreters(())


@lru_cache(maxsize=1)
def runtime() -> ctypes.CDLL:
    """Return the library of what does not depend on a program: training steps, and kernels for matrices."""
    source = "\n".join(RUNTIME.with_name(name).read_text() for name in ("runtime.c", "samples.c"))
    return as_runtime(library(source, THOROUGH, trial.fault_of_runtime))


def as_runtime(built: ctypes.CDLL) -> ctypes.CDLL:
    """Return the library of the runtime with the types of its functions."""
    built.train.restype = built.train_samples.restype = ctypes.c_int64
    return built


def _source(functions: Functions, units: Mapping[str, str]) -> str:
    """Return the source of a library with these units, and with functions that return their addresses."""
    pointers = [f"void *pointer_to_{name}(void) {{ return (void *){name}; }}" for name in units]
    return "\n".join([RUNTIME.with_name("unit.c").read_text(), functions.text, *units.values(), *pointers])


def require(plan: Plan) -> None:
    """Require that every operation of a plan can be translated to C."""
    functions = Functions()
    for operation in plan.operations:
        if isinstance(operation, Dot):
            continue
        functions.require(operation)
        for position in range(operation.arity):
            for used in operations_in(derivatives(operation)[position]):
                functions.require(used)


def as_code(lowered: Lowered, count: int = 1) -> Unit:
    """Return a lowered plan as straight-line code; the arguments are those of `as_list`."""
    functions, units = Functions(), dict[str, str]()
    layout = Layout(lowered, straight=True) if lowered.samples else None
    if not layout or lowered.before:
        units["before"] = straight("before", lowered, functions)
    if layout:
        units["each"] = segments("each", layout.segments, lowered, layout.rows, functions)

    def calls() -> Iterator[trial.Call]:
        if "before" in units:
            yield from trial.calls_of_straight("before", lowered)
        if layout:
            yield from trial.calls_of_segments("each", layout.segments, lowered, layout.rows)

    built = library(_source(functions, units), QUICK, trial.calling(calls))
    if layout:
        return Unit(Samples(layout, built, ("before", "each"), None, count))
    return Unit(Single(lowered, built, "before", None))


def rule_of(update: Update) -> tuple[ctypes.CDLL, int]:
    """Return an optimiser's rule as native code: its library, and the address of the function."""
    functions, lowered, shared = Functions(), Lowered(update.plan, samples=True), len(update.shared)
    source = _source(functions, {"update": rule("update", lowered, shared, functions)})
    built = library(source, VECTORISED, trial.calling(lambda: trial.calls_of_rule("update", lowered, shared)))
    return built, address_of(built, "update")


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

    def values(self, rows: Rows) -> Compute:
        """Return a function of the parameters that computes the values of all roots for each row."""
        unit, width, numbers, count = self._many_rows, len(self.plan.roots), _flat(rows), len(rows)

        def compute(parameters: Sequence[float]) -> list[list[float]] | None:
            found = unit.values(array("d", parameters), numbers, count)
            return None if found is None else [found[i : i + width].tolist() for i in range(0, len(found), width)]

        return compute

    def loop(self, update: Update, batch_size: int) -> Loop:
        """Return what takes training steps."""
        samples = batch_size > 1
        if not self.plan.is_large and self.plan.length <= (MAX_STRAIGHT_FOR_ROWS if samples else MAX_STRAIGHT):
            with gc_paused():
                return _NativeLoop(as_code(Lowered(self.plan, samples), batch_size), update)
        return _NativeLoop(self._many_rows if samples else self._one_row, update)

    @cached_property
    def _one_row(self) -> Unit:
        return (self.plan.is_large and as_tape(self.plan)) or self._unit(samples=False)

    @cached_property
    def _many_rows(self) -> Unit:
        return self._unit(samples=True)

    def _unit(self, samples: bool) -> Unit:
        with gc_paused():
            lowered = Lowered(self.plan, samples)
            is_short = not self.plan.is_large and self.plan.length <= MAX_STRAIGHT
            return as_code(lowered, MANY) if is_short and self.plan.backward else as_list(lowered, MANY)


class _NativeLoop(Loop):
    """Training steps in C: a unit for loss and gradients, and a rule for the columns of parameters."""

    def __init__(self, unit: Unit, update: Update) -> None:
        self.unit, self.team = unit, Team(min(THREADS, os.cpu_count() or 1))
        self.library, self.update = rule_of(update)

    def load_rows(self, rows: Rows) -> None:
        self.rows = _flat(rows)

    def load_batches(self, batches: Sequence[Sequence[int]]) -> None:
        self.order, self.counts = array("q", chain.from_iterable(batches)), array("q", map(len, batches))
        self.starts = array("q", accumulate(self.counts[:-1], initial=0))

    def load(self, numbers: Numbers) -> None:
        self.count = len(numbers.parameters)
        self.has_gradients = bool(numbers.gradients)
        self.columns = array("d", numbers.parameters)
        for column in (numbers.gradients or bytes(8 * self.count), *numbers.own):
            self.columns.extend(array("d", column))
        self.shared = array("d", [0.0, *numbers.shared])  # the zero becomes the rate

    def numbers(self) -> Numbers:
        starts = range(0, len(self.columns), self.count)
        parameters, gradients, *own = [self.columns[start : start + self.count] for start in starts]
        return Numbers(parameters, own, self.shared[1:], gradients if self.has_gradients else ())

    def take(self, first: int, rates: Sequence[float]) -> list[float]:
        before, start = (self.shared[:], self.columns[:]), time.perf_counter()
        losses, changed = self._taken(first, rates)
        if changed:  # the last update cannot be undone; but the steps before it can be taken again
            self.shared, self.columns = before
            losses, _ = self._taken(first, rates[: len(losses)])
        elif losses:
            self.team.note((time.perf_counter() - start) / len(losses))
        self.has_gradients = len(losses) == len(rates)  # else they are those of the step that failed
        return losses

    def _taken(self, first: int, rates: Sequence[float]) -> tuple[list[float], bool]:
        first %= len(self.starts)
        steps = slice(first, first + len(rates))
        starts, counts = [(each * (1 + steps.stop // len(each)))[steps] for each in (self.starts, self.counts)]
        given, losses, changed, unit = array("d", rates), array("d", bytes(8 * len(rates))), ctypes.c_int(), self.unit
        data = [
            _address(self.columns), ctypes.c_int64(self.count), _address(self.rows), _address(self.order),
            _address(starts), _address(counts), _address(given), _address(losses), ctypes.c_int64(len(rates)),
        ]  # fmt: skip
        rule = ctypes.c_void_p(self.update), _address(self.shared)
        if isinstance(unit.form, Samples):
            shared, threads = ctypes.c_int64(len(self.shared)), ctypes.c_int(self.team.threads)
            done = unit.library.train_samples(unit.reference, *rule, shared, *data, threads, ctypes.byref(changed))
        else:
            done = unit.library.train(unit.backpropagate, unit.reference, *rule, *data, ctypes.byref(changed))
        return losses[:done].tolist(), bool(changed.value)


class Team:
    """The count of threads that take training steps: the one that was the quickest when it was last tried.

    >>> team = Team(2)
    >>> for seconds in (0.001, 0.0006, 0.0006):
    ...     team.note(seconds)
    >>> team.threads
    2
    """

    def __init__(self, most: int) -> None:
        self.threads, self.most = 1, most
        self.seconds: dict[int, float] = {}  # of a step
        self.since = 0  # how many slices ago another count was tried

    def note(self, seconds: float) -> None:
        """Note how long a step took, and choose the count of threads of the next steps."""
        self.seconds[self.threads] = seconds
        self.since += 1
        if self.most == 1 or seconds < WORTH_SHARING:
            return
        if self.since > TRIED_AGAIN or len(self.seconds) == 1:
            self.threads, self.since = (1 if self.threads > 1 else self.most), 0
        else:
            self.threads = min(self.seconds, key=self.seconds.__getitem__)

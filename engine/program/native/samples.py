"""Programs for many samples, laid out for C: rows of numbers, matrices, and lists or code for what is between them."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from ..blocks import Matrix, Outer, affine, outers, with_matrices
from ..lowering import Apply, Instruction, Lowered, Sum
from .c import encoded

SAMPLES = 64  # how many are computed side by side at most; a multiple of 8
THREADS = 8  # that take training steps together at most
COLUMNS = 32  # that `samples.c` computes in one go in an outer product
SEGMENT, MATRIX = 0, 1  # kinds of phases


class _Phase(ctypes.Structure):
    _fields_ = [
        ("kind", ctypes.c_int32),
        ("index", ctypes.c_int32),
        ("code", ctypes.c_void_p),
        ("end", ctypes.c_void_p),
    ]


class _Matrix(ctypes.Structure):
    _fields_ = [
        ("rows", ctypes.c_int32), ("terms", ctypes.c_int32),
        *((name, ctypes.c_void_p) for name in ("out", "x", "start", "slots")),
        *((name, ctypes.c_int64) for name in ("weights", "row", "term")),
        ("packed", ctypes.c_void_p), ("starts", ctypes.c_void_p),
    ]  # fmt: skip


class _Outer(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int32) for name in ("rows", "columns", "places")),
        *((name, ctypes.c_void_p) for name in ("d", "x", "out")),
        ("first", ctypes.c_int64), ("row", ctypes.c_int64),
    ]  # fmt: skip


class _Share(ctypes.Structure):
    _fields_ = [("out", ctypes.c_int64), ("pairs", ctypes.c_int32), ("factors", ctypes.c_void_p)]


class _Program(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_void_p) for name in (
            "before", "segment", "code", "end", "phases", "matrices", "outers", "shares", "inputs", "spread", "roots",
        )),
        *((f"count_of_{name}", ctypes.c_int64) for name in (
            "phases", "matrices", "outers", "shares", "inputs", "spread", "roots",
        )),
        *((name, ctypes.c_int64) for name in (
            "parameters", "gradients", "n", "given", "side_by_side", "forward", "size_of_room",
        )),
        ("f", ctypes.c_void_p), ("v", ctypes.c_void_p), ("room", ctypes.c_void_p),
    ]  # fmt: skip


class Layout:
    """A lowered plan for many samples, in parts: segments of instructions with matrices between them, and gradients.

    Attributes:
        lowered: the plan.
        phases: what is computed for the samples, in order: lists of instructions, and matrices.
        forward: how many phases compute the roots.
        outers, shares: what the gradients grow by.
        rows: the row of the frame for each slot that has one.
    """

    def __init__(self, lowered: Lowered, straight: bool) -> None:
        self.lowered = lowered
        self.phases: list[list[Instruction] | Matrix] = []
        forward, self.forward = {instruction.out for instruction in lowered.each[: lowered.forward]}, 0
        for part in with_matrices(lowered):
            is_next = (part.out[0] if isinstance(part, Matrix) else part.out) not in forward and not self.forward
            if is_next:
                self.forward = len(self.phases)
            if isinstance(part, Matrix):
                self.phases.append(part)
            elif self.phases and isinstance(self.phases[-1], list) and not is_next:
                self.phases[-1].append(part)
            else:
                self.phases.append([part])
        self.forward = self.forward or len(self.phases)
        self.outers, self.shares = outers(lowered)
        self.rows = {slot: row for row, slot in enumerate(dict.fromkeys(self._slots(straight)))}

    @property
    def segments(self) -> list[list[Instruction]]:
        """The instructions between matrices."""
        return [phase for phase in self.phases if isinstance(phase, list)]

    def _slots(self, straight: bool) -> Iterator[int]:
        """Yield the slots that need a row; in straight-line code, constants and what only one segment reads do not."""
        lowered = self.lowered
        used: list[Iterable[int]] = [lowered.roots]
        for phase in self.phases:
            if isinstance(phase, Matrix):
                used += [phase.terms, phase.out]
            elif not straight:
                used += [chain([instruction.out], instruction.reads) for instruction in phase]
        for outer in self.outers:
            used += [chain.from_iterable(outer.rows), chain.from_iterable(outer.columns)]
        used += [share_slots(share) for share in self.shares]
        yield from chain.from_iterable(used)
        if straight:
            made = [{instruction.out for instruction in segment} for segment in self.segments]
            for segment, own in zip(self.segments, made, strict=True):
                reads = {slot for instruction in segment for slot in instruction.reads}
                yield from sorted(slot for slot in reads - own if slot not in lowered.constants)


def share_slots(share: Sum) -> list[int]:
    """Return the slots that a gradient grows by."""
    return [slot for pair in share.pairs for slot in pair]


class Samples:
    """A lowered plan for many samples, as C reads it: its description, and its frames."""

    kind = "samples"

    def __init__(
        self, layout: Layout, built: ctypes.CDLL, names: tuple[str, str], codes: Mapping[Any, int] | None, count: int
    ) -> None:
        lowered, rows = layout.lowered, layout.rows
        self.plan, self.lowered, self.library, self._kept = lowered.plan, lowered, built, list[Any]()
        n = self.n = min(SAMPLES, -(-count // 8) * 8)
        self.program = program = _Program(
            before=address_of(built, names[0]) if lowered.before else None, segment=address_of(built, names[1]),
            n=n, parameters=len(lowered.plan.parameters), gradients=len(lowered.plan.wrt),
            given=bool(lowered.before), forward=layout.forward,
        )  # fmt: skip
        self._before(codes)
        phases, matrices, segments = list[_Phase](), list[_Matrix](), 0
        for phase in layout.phases:
            if isinstance(phase, Matrix):
                phases.append(_Phase(MATRIX, len(matrices)))
                matrices.append(self._matrix(phase, rows))
            else:
                start, end = self._code((renumbered(each, rows) for each in phase), codes, 0)
                phases.append(_Phase(SEGMENT, segments, start, end))
                segments += 1
        self._set("phases", phases, _Phase)
        self._set("matrices", matrices, _Matrix)
        self._set("outers", [self._outer(outer, rows) for outer in layout.outers], _Outer)
        self._set("shares", [self._share(share, rows) for share in layout.shares], _Share)
        inputs = range(lowered.inputs, lowered.inputs + len(lowered.plan.inputs))
        self._numbers("inputs", [rows[slot] * n if slot in rows else -1 for slot in inputs])
        first = rows.get(lowered.inputs, 0)
        program.side_by_side = next((i for i, slot in enumerate(inputs) if rows.get(slot) != first + i), len(inputs))
        fixed = [(slot, row * n) for slot, row in rows.items() if not lowered.varies[slot]]
        self._numbers("spread", list(chain.from_iterable(fixed)))
        program.count_of_spread = len(fixed)
        self._numbers("roots", [rows[root] * n for root in lowered.roots])
        frame = array("d", bytes(8 * lowered.size))
        for slot, number in lowered.constants.items():
            frame[slot] = number
        program.f = self._address(frame)
        program.v = self._frame(len(rows) * n)
        program.size_of_room = max([0, *(len(outer.rows[0]) for outer in layout.outers)]) * n * COLUMNS
        program.room = self._frame(program.size_of_room * THREADS)

    def _frame(self, count: int) -> int:
        """Return the address of room for some numbers, at the start of a line of the cache."""
        return self._address(array("d", bytes(8 * count + 64))) + 63 & ~63

    def _address(self, numbers: array[Any]) -> int:
        """Return the address of some numbers, and keep them as long as this object lives."""
        self._kept.append(numbers)
        return numbers.buffer_info()[0]

    def _set(self, name: str, every: Sequence[Any], kind: Any) -> None:
        kept = (kind * max(1, len(every)))(*every)
        self._kept.append(kept)
        setattr(self.program, name, ctypes.addressof(kept))
        setattr(self.program, f"count_of_{name}", len(every))

    def _numbers(self, name: str, numbers: Sequence[int]) -> None:
        setattr(self.program, name, self._address(array("q", numbers)))
        setattr(self.program, f"count_of_{name}", len(numbers))

    def _code(
        self, instructions: Iterable[Instruction], codes: Mapping[Any, int] | None, zero: int
    ) -> tuple[int | None, int | None]:
        if codes is None:
            return None, None
        numbers = array("i", encoded(instructions, codes, zero))
        start = self._address(numbers)
        return start, start + len(numbers) * numbers.itemsize

    def _before(self, codes: Mapping[Any, int] | None) -> None:
        lowered = self.lowered
        self.program.code, self.program.end = self._code(lowered.before, codes, lowered.zero)

    def _rows_at(self, slots: Iterable[int], rows: Mapping[int, int]) -> int:
        n = self.n
        return self._address(array("q", [rows[slot] * n for slot in slots]))

    def _matrix(self, matrix: Matrix, rows: Mapping[int, int]) -> _Matrix:
        height, width, parameters = len(matrix.out), len(matrix.terms), len(self.lowered.plan.parameters)
        found = affine(matrix.weights)
        made = _Matrix(
            rows=height, terms=width, out=self._rows_at(matrix.out, rows), x=self._rows_at(matrix.terms, rows),
            start=self._address(array("i", matrix.start)) if matrix.start else None,
            starts=self._address(array("d", bytes(8 * height))),
        )  # fmt: skip
        ends = {slot < parameters for row in (matrix.weights[0], matrix.weights[-1]) for slot in (row[0], row[-1])}
        if found and len(ends) == 1:
            made.weights, made.row, made.term = found
        else:
            made.row, made.term = width, 1
            made.slots = self._address(array("i", chain.from_iterable(matrix.weights)))
            made.packed = self._address(array("d", bytes(8 * height * width)))
        return made

    def _outer(self, outer: Outer, rows: Mapping[int, int]) -> _Outer:
        first = self.lowered.gradients
        made = _Outer(
            rows=len(outer.rows), columns=len(outer.columns), places=len(outer.rows[0]),
            d=self._rows_at(chain.from_iterable(outer.rows), rows),
            x=self._rows_at(chain.from_iterable(outer.columns), rows),
        )  # fmt: skip
        found = affine(outer.out)
        if found and (found[2] == 1 or len(outer.columns) == 1):
            made.first, made.row = found[0] - first, found[1]
        else:
            made.out = self._address(array("i", [slot - first for slot in chain.from_iterable(outer.out)]))
        return made

    def _share(self, share: Sum, rows: Mapping[int, int]) -> _Share:
        factors = self._rows_at(share_slots(share), rows)
        return _Share(share.out - self.lowered.gradients, len(share.pairs), factors)


def renumbered(instruction: Instruction, rows: Mapping[int, int]) -> Instruction:
    """Return an instruction on rows instead of slots."""
    if isinstance(instruction, Sum):
        return Sum(rows[instruction.out], [(rows[a], rows[b]) for a, b in instruction.pairs])
    return Apply(rows[instruction.out], instruction.operation, tuple(rows[slot] for slot in instruction.arguments))


def address_of(built: ctypes.CDLL, name: str) -> int:
    """Return the address of a function that is not exported under its own name."""
    pointer: Callable[[], int] = getattr(built, f"pointer_to_{name}")
    pointer.restype = ctypes.c_void_p  # type: ignore[attr-defined]
    return pointer()

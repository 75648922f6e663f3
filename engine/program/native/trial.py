"""Trials of libraries before they are kept: does a compiler that reports success compute what Python does?

A trial is a list of calls, each with the numbers that Python computes. They are made in another process, so that a
library that ends it, or never returns, does no harm.
"""

from __future__ import annotations

import ast
import math
import operator
import os
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from ...operation import Operation
from ...support.text import printable
from ..functions import value_function
from ..lowering import Apply, Instruction, Lowered, Sum
from ..plan import ABSENT
from ..schedule import runs
from .c import encoded, is_standard
from .compiler import run

MAX_SECONDS = 30.0  # that a trial may take
CLOSE = 1e-9  # powers may differ by a bit, which others may magnify
ORDINARY = (0.75, 1.5, 0.25, 2.0, 1.25, 0.5, 1.75, 3.0)

Number = float | None  # None: Python has no number there, or it does not matter


class Call(NamedTuple):
    """A call of a function, and what it must do.

    Attributes:
        function: its name.
        arguments: ints, arrays that it reads and writes, and None for the end of the array before.
        expected: for each array the numbers that must stand there afterwards.
    """

    function: str
    arguments: Sequence[int | array[Any] | None]
    expected: Sequence[Sequence[Number]]


def calling(calls: Callable[[], Iterable[Call]]) -> Callable[[Path], str]:
    """Return a function that makes calls of a library, and returns what is wrong with it."""
    return lambda path: fault_of_calls(path, list(calls()))


def fault_of_calls(path: Path, calls: Sequence[Call]) -> str:
    """Return what is wrong with a library whose functions are called; empty if nothing is found."""
    given = [(call.function, [x.tobytes() if isinstance(x, array) else x for x in call.arguments]) for call in calls]
    script = os.fspath(Path(__file__).with_name("tried.py"))
    status, text = _answer(path, ["-S", script], repr((os.fspath(path), given)))
    if status:
        return text
    try:
        answers = ast.literal_eval(text)
        wrong = [call.function for call, answer in zip(calls, answers, strict=True) if not _is_right(call, *answer)]
    except (ValueError, SyntaxError, TypeError):
        return "what it built does not answer"
    return f"what it built computes wrong numbers, in {wrong[0]}" if wrong else ""


def fault_of_runtime(path: Path) -> str:
    """Return what is wrong with the library of the runtime, with which programs are run; empty if nothing is found."""
    return _fault_of_programs(path, "runtime")


def fault_of_tapes(path: Path) -> str:
    """Return what is wrong with the library of tapes, on which a graph is run; empty if nothing is found."""
    return _fault_of_programs(path, "tapes")


def _fault_of_programs(path: Path, kind: str) -> str:
    house = os.fspath(Path(__file__).parents[3])
    script = "import sys; sys.path.append(sys.argv[1]); from engine.program.native import trial; trial.main()"
    return _answer(path, ["-S", "-c", script, house, kind, os.fspath(path)], "")[1].strip()


def _answer(path: Path, arguments: Sequence[str], request: str) -> tuple[int, str]:
    """Return the status and the answer of another Python that tries a library."""
    answered, asked = path.with_name("answer"), path.with_name("request")
    asked.write_text(request, encoding="utf-8", errors="surrogateescape")
    status = run([sys.executable, "-I", *arguments], path.parent, answered, MAX_SECONDS, asked)
    text = answered.read_text(encoding="utf-8", errors="replace")
    if status:
        last = "".join(text.strip().splitlines()[-1:])[:300]
        return status, f"what it built ends the process with status {status}: {printable(last)}"
    return status, text


def _is_right(call: Call, has_trouble: bool, found: Sequence[bytes]) -> bool:
    if has_trouble:  # the answer is left to Python
        return True
    arrays = [x for x in call.arguments if isinstance(x, array)]
    for given, raw, expected in zip(arrays, found, call.expected, strict=True):
        numbers = array(given.typecode, raw)
        if any(y is not None and not _is_close(x, y) for x, y in zip(numbers, expected, strict=False)):
            return False
    return True


def _is_close(x: float, y: float) -> bool:
    return x == y or (x != x and y != y) or math.isclose(x, y, rel_tol=CLOSE)


# --- what Python computes ---------------------------------------------------------------------------------------------


def follow(instructions: Iterable[Instruction], numbers: list[Number]) -> None:
    """Compute instructions on the numbers of the slots."""
    for instruction in instructions:
        read = [numbers[slot] for slot in instruction.reads]
        if isinstance(instruction, Sum):
            factors = iter(read)
            products = [None if x is None or y is None else x * y for x, y in zip(factors, factors, strict=True)]
            known = [product for product in products if product is not None]
            total = reduce(operator.add, known) if known else 0.0
            numbers[instruction.out] = total if len(known) == len(products) else None
        else:
            numbers[instruction.out] = _applied(instruction.operation, read[: instruction.operation.arity])


def _applied(operation: Operation, operands: Sequence[Number]) -> Number:
    try:
        return float(operation.value(*operands))
    except (ArithmeticError, ValueError, TypeError, NameError, RecursionError):
        return None


def numbers_of(lowered: Lowered, sample: int) -> list[Number]:
    """Return the numbers of all slots, where they are known: those of the recording, moved for each sample."""
    plan, numbers = lowered.plan, list[Number]([None] * lowered.size)
    for slot, number in lowered.constants.items():
        numbers[slot] = number
    for first, leaves, moves in ((lowered.parameters, plan.parameters, False), (lowered.inputs, plan.inputs, True)):
        for place, leaf in enumerate(leaves):
            recorded = 0.0 if leaf == ABSENT else plan.order[leaf].data
            numbers[first + place] = recorded + sample / 16.0 if moves or not lowered.samples else recorded
    return numbers


# --- trials of what the backend builds --------------------------------------------------------------------------------


def calls_of_straight(name: str, lowered: Lowered) -> Iterator[Call]:
    """Yield calls of straight-line code for one sample: at the numbers of the recording, and others."""
    for sample in (0, 1):
        numbers = numbers_of(lowered, sample)
        frame = _filled(numbers)
        follow(lowered.before, numbers)
        yield Call(name, [frame, 0, 0, 0], [numbers])


def calls_of_segments(
    name: str, segments: Sequence[Sequence[Instruction]], lowered: Lowered, rows: Mapping[int, int]
) -> Iterator[Call]:
    """Yield a call of each segment of straight-line code, for eight samples."""
    samples = [numbers_of(lowered, sample) for sample in range(8)]
    for numbers in samples:
        follow(chain(lowered.before, lowered.each), numbers)
    every = [(row, [numbers[slot] for numbers in samples]) for slot, row in rows.items()]
    after: list[Number] = [None] * (8 * len(rows))
    for row, numbers in every:
        after[8 * row : 8 * row + 8] = numbers
    for index, segment in enumerate(segments):
        before = after.copy()
        for out in (instruction.out for instruction in segment if instruction.out in rows):
            before[8 * rows[out] : 8 * rows[out] + 8] = [None] * 8
        yield Call(name, [_filled(before), 8, 0, 8, index, 0, 0], [after])


def calls_of_interpreters(codes: Mapping[Operation, int]) -> Iterator[Call]:
    """Yield calls of the interpreters, for one sample and for eight, with instructions of all kinds."""
    operations = [*codes]
    first = _Listing()
    for operation in filter(is_standard, operations):
        first.apply(operation)
    first.add_sums()
    others = [_Listing() for _ in operations]
    for operation, listing in zip(operations, others, strict=True):
        if not is_standard(operation):  # by itself: it may report trouble
            listing.apply(operation)
    for listing in (first, *others):
        instructions, size = listing.instructions, len(listing.numbers)
        samples = [listing.moved(sample / 64.0) for sample in range(8)]
        for numbers in samples if instructions else ():
            before = numbers.copy()
            follow(instructions, numbers)
            if numbers is samples[0]:
                code = array("i", encoded(runs(instructions), codes, 0))
                yield Call("list_1", [_filled(before), code, None, 0], [numbers, []])
        if instructions:
            rows = [[numbers[slot] for numbers in samples] for slot in range(size)]
            made = {instruction.out for instruction in instructions}
            given: list[list[Number]] = [[None] * 8 if slot in made else row for slot, row in enumerate(rows)]
            code = array("i", encoded(instructions, codes, 0))
            yield Call("list_n", [_filled(chain(*given)), 8, 0, 8, 0, code, None], [list(chain(*rows)), []])


class _Listing:
    """Instructions, and the numbers of their slots: the first is 0, the next are ordinary."""

    def __init__(self) -> None:
        self.numbers: list[Number] = [0.0, *ORDINARY]
        self.parameters: set[int] = set()  # of operations: they are the same for all samples
        self.instructions: list[Instruction] = []

    def _new(self, number: Number = None) -> int:
        self.numbers.append(number)
        return len(self.numbers) - 1

    def apply(self, operation: Operation) -> None:
        """Apply an operation at each of its samples."""
        for sample in operation.samples:
            operands = [self._new(float(number)) for number in sample]
            parameters = [self._new(float(number)) for number in value_function(operation)[1]]
            self.parameters.update(parameters)
            self.instructions.append(Apply(self._new(), operation, (*operands, *parameters)))

    def moved(self, step: float) -> list[Number]:
        """Return the numbers for another sample."""
        return [x if x is None or i in self.parameters else x + step for i, x in enumerate(self.numbers)]

    def add_sums(self) -> None:
        """Add sums of all lengths, alone and in runs."""
        for left, right in ((1, 0), (0, 1), (1, 1), (0, 0)):
            for terms in (1, 2, 3):
                for i in range(11):  # one time eight together, and three
                    pairs = [(1 + (term + left * i) % 8, 1 + (3 + term + right * i) % 8) for term in range(terms)]
                    self.instructions.append(Sum(self._new(), pairs))
        start = len(self.numbers)
        self.numbers += [float(i) / 8.0 for i in range(64)]
        for left, right in ((1, 0), (0, 1), (1, 1), (2, 3)):
            for i in range(11):
                pairs = [(start + term + left * i, start + 5 * term + right * i) for term in range(4)]
                self.instructions.append(Sum(self._new(), pairs))


def calls_of_rule(name: str, lowered: Lowered, shared: int) -> Iterator[Call]:
    """Yield a call of an optimiser's rule, for nine parameters; the arguments are those of `c.rule`."""
    count, columns = 9, len(lowered.plan.inputs)
    common = [ORDINARY[i % 8] / 4.0 for i in range(shared + 1)]
    given = [[ORDINARY[(3 * column + i) % 8] for i in range(count)] for column in range(columns)]
    after: list[Number] = [common[0], *([None] * shared)]
    changed: list[list[Number]] = [[*column] for column in given]
    for i in range(count):
        numbers = numbers_of(lowered, 0)
        numbers[lowered.parameters : lowered.parameters + shared + 1] = common
        numbers[lowered.inputs : lowered.inputs + columns] = [column[i] for column in given]
        follow(chain(lowered.before, lowered.each), numbers)
        roots = [numbers[slot] for slot in lowered.roots]
        after[1:] = roots[:shared]
        for column, root in zip((0, *range(2, columns)), roots[shared:], strict=True):
            changed[column][i] = root
    yield Call(name, [array("d", common), array("d", chain(*given)), count, 0, count], [after, list(chain(*changed))])


def _filled(numbers: Iterable[Number]) -> array[float]:
    return array("d", [0.0 if number is None else number for number in numbers])


# --- trials with programs, in a process of their own ------------------------------------------------------------------


def main() -> None:
    """Print what is wrong with a library, whose kind and path are the last arguments of the process."""
    from . import programs

    kind, path = sys.argv[-2:]
    for name, found, expected in programs.RESULTS[kind](path):
        if not all(map(_is_close, found, expected)):
            sys.stdout.write(f"what it built computes wrong numbers, in {name}\n")
            break

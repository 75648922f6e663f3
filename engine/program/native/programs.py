"""Programs that try the libraries which all others share: what they compute in C, and in Python.

They run in a process of its own, with a library that may be wrong; see `trial`.
"""

import ctypes
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from ...errors import DomainError
from ...value import Value
from ..backend import Numbers, Update
from ..lowering import Lowered
from ..plan import Plan
from ..python.backend import Backend as Python
from . import backend
from .samples import address_of
from .tape import Tape

Result = tuple[str, Sequence[float], Sequence[float]]  # what was computed, in C and in Python


def _drawn(count: int) -> list[float]:
    return [((37 * i) % 101 - 50) / 64.0 for i in range(count)]


def _network() -> tuple[Plan, list[list[float]]]:
    """Return the plan of a network of seven neurons, and nineteen samples."""
    x, y = [Value(number) for number in _drawn(5)], Value(0.5)
    rows = [[Value(number) for number in _drawn(6 * (i + 2))[-6:]] for i in range(7)]
    last = [Value(number) for number in _drawn(80)[-8:]]
    hidden = [sum((w * v for w, v in zip(row[1:], x, strict=True)), row[0]).tanh() for row in rows]
    output = sum((w * v for w, v in zip(last[1:], hidden, strict=True)), last[0])
    plan = Plan([(output - y) * (output - y), output], [*x, y], [*chain(*rows), *last])
    return plan, [_drawn(6 * (i + 10))[-6:] for i in range(19)]


def results_of_runtime(path: str) -> Iterator[Result]:
    """Yield what the library of the runtime computes with networks: replays, training steps and values."""
    built = backend.as_runtime(ctypes.PyDLL(path))
    backend.runtime = lambda: built  # type: ignore[assignment]
    plan, rows = _network()
    numbers = [plan.order[number].data for number in plan.parameters]
    python, given, flat = Python(plan), array("d", numbers), array("d", chain(*rows))
    units = {
        "one sample": backend.as_list(Lowered(plan)),
        "samples": backend.as_list(Lowered(plan, samples=True), 8),
    }
    p, g, rate = Value(1.0), Value(1.0), Value(1.0)
    update = Update(Plan([p - rate * g], [p, g], [rate], backward=False), [], [])
    for name, unit in units.items():
        for count in (1, 19):
            replay = python.replay(rows[:count], numbers, 1.0 / count)
            _, loss, gradients = unit.evaluate(given, flat, count, 1.0 / count)
            assert replay
            yield f"backpropagation of {name}", [loss, *gradients], [replay.loss, *replay.gradients]
        taken: list[list[float]] = []
        for loop in (backend._NativeLoop(unit, update), python.loop(update, 8)):
            loop.load_rows(rows)
            loop.load_batches([range(8), range(8, 16), range(16, 19)])
            loop.load(Numbers(numbers, [], []))
            losses = loop.take(0, [0.125, 0.0625, 0.125, 0.25])
            taken.append([*losses, *loop.numbers().parameters])
        yield f"training with {name}", taken[0], taken[1]
    yield "values", units["samples"].values(given, flat, 19) or [], [*chain(*python.values(rows)(numbers) or [])]


def results_of_tapes(path: str) -> Iterator[Result]:
    """Yield what the library of tapes computes with each operation at its samples."""
    built, (_, codes) = ctypes.PyDLL(path), backend._tapes()
    for operation in codes:
        for sample in operation.samples:
            operands = [Value(number) for number in sample]
            try:
                plan = Plan([operation(*operands) * 1.0], [], operands)
            except DomainError:  # a power that was bound to another exponent
                continue
            replay = Python(plan).replay([[]], sample, 1.0)
            unit = backend.Unit(Tape(plan, built, address_of(built, "tape"), codes))
            _, loss, gradients = unit.evaluate(array("d", sample), array("d"), 1, 1.0)
            assert replay
            yield operation.name, [loss, *gradients], [replay.loss, *replay.gradients]


RESULTS: dict[str, Callable[[str], Iterator[Result]]] = {"runtime": results_of_runtime, "tapes": results_of_tapes}

"""Gates: where in a program of arrays gradients arrive at all."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from ...notation.formulas import operations_in
from ...operation import Operation
from ..blocks import Matrix
from ..lowering import Sum
from ..plan import derivatives
from .functions import Functions
from .steps import Step

if TYPE_CHECKING:
    from .source import Source

Place = tuple[str, int]  # an array, and a column of it


class Gates:
    """Which nodes are alive: those along which a gradient arrives at all.

    Where an operation does not choose an operand, nothing is passed on to it, not even 0 * infinity. Libraries of
    arrays pass on 0 there. So operations that may have no derivative are shut off where they are not alive, if that
    can happen: the gates of a step are truths, computed from the values like a backward pass.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.consumers: dict[int, list[tuple[int, int, int | None]]] = {}  # step, column, operand or None for a sum
        for number, step in enumerate(source.steps):
            for column, part in enumerate(step.parts):
                if isinstance(part, Matrix):
                    for row in range(len(part.out)):
                        for slot in part.terms:
                            self.consumers.setdefault(slot, []).append((number, column * len(part.out) + row, None))
                elif isinstance(part, Sum):
                    for slot in part.reads:
                        self.consumers.setdefault(slot, []).append((number, column, None))
                else:
                    for place, slot in enumerate(part.arguments[: part.operation.arity]):
                        self.consumers.setdefault(slot, []).append((number, column, place))
        self.always = self._always()
        self.gated = {
            number: f"m[{number - 1}]"
            for number, step in enumerate(source.steps, 1)
            if step.operation is not None and _may_fail(step.operation)
            if not all(slot in self.always for slot in step.out)
        }

    def _always(self) -> set[int]:
        """Return the slots that a gradient arrives at for all numbers."""
        steps, functions = self.source.steps, self.source.functions
        found: set[int] = set()
        roots = set(self.source.lowered.roots)
        for number in range(len(steps) - 1, -1, -1):
            for slot in steps[number].out:
                edges = self.consumers.get(slot, [])
                if slot in roots or any(
                    steps[user].out[column] in found
                    and (place is None or not _may_be_flat(steps[user], place, functions))
                    for user, column, place in edges
                ):
                    found.add(slot)
        return found

    def lines(self) -> Iterable[str]:
        """Yield the lines that compute the gates of all steps that have some, and of those between."""
        source, needed = self.source, self._needed()
        source.widths["t"] = 2
        yield "t = _truths()"
        for number in range(len(source.steps), 0, -1):
            step = source.steps[number - 1]
            if number in needed:
                yield from self._alive(number, step, [self._arriving(slot) for slot in step.out])
        yield "return {" + ", ".join(f"{number - 1}: _still(g{number})" for number in sorted(self.gated)) + "}"

    def _needed(self) -> set[int]:
        """Return the numbers of the steps whose truths are read."""
        found: set[int] = set()
        waiting = list(self.gated)
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                for slot in self.source.steps[number - 1].out:
                    if slot not in self.always:
                        waiting += [user + 1 for user, _, _ in self.consumers.get(slot, [])]
        return found

    def _arriving(self, slot: int) -> list[Place]:
        """Return where the truths stand that a slot is alive by: if one of them is true."""
        if slot in self.always:
            return [("t", 1)]
        places = []
        for user, column, operand in self.consumers.get(slot, []):
            name = f"g{user + 1}" if operand is None else f"e{user + 1}_{operand}"
            self.source.widths.setdefault(name, len(self.source.steps[user].out))
            places.append((name, column))
        return places

    def _alive(self, number: int, step: Step, arriving: list[list[Place]]) -> Iterable[str]:
        """Yield the lines for a step: its truths ``g``, and ``e`` for each operand along which something is passed."""
        source = self.source
        parts = [
            source.at([places[turn] if turn < len(places) else ("t", 0) for places in arriving])
            for turn in range(max(map(len, arriving)))
        ]
        yield f"g{number} = _like({' | '.join(f'({part})' for part in parts)}, v{number})"
        if step.operation is not None:
            texts = [source.columns(slots) for slots in step.operands()]
            operands = [f"o{place}" for place in range(1, len(texts) + 1)]
            written = False
            for place in range(step.operation.arity):
                flat = source.functions.flatness(step.operation, place, operands, f"v{number}")
                if flat and flat != "True" and not written:
                    written = True
                    yield f"{', '.join(operands)}, _ = _alike({', '.join([*texts, f'v{number}'])})"
                alive = "" if flat is None else f" & _not({flat})" if flat != "True" else " & False"
                yield f"e{number}_{place} = g{number}{alive}"


def _may_be_flat(step: Step, place: int, functions: Functions) -> bool:
    assert step.operation is not None
    names = [f"o{i}" for i in range(step.operation.arity)]
    return functions.flatness(step.operation, place, names, "out") is not None


@lru_cache(maxsize=1024)
def _may_fail(operation: Operation) -> bool:
    """Return whether a local derivative may not exist, or not be finite, where the value is."""
    used = set().union(*(operations_in(rule) for rule in derivatives(operation)))
    return any(each.domain for each in used)

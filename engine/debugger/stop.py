"""What stops a run: breakpoints, watches and catches, with their conditions and counts of hits."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from ..backprop import Backward
from ..errors import StepgradError
from ..events import event_at
from ..steps.update import Update
from ..steps.walk import Forward, Step, Walk
from ..value import Value
from .condition import Formula

COUNTS: dict[str, Callable[[int, int], bool]] = {
    "": operator.eq, "=": operator.eq, "==": operator.eq, ">": operator.gt, ">=": operator.ge,
    "<": operator.lt, "<=": operator.le, "%": lambda hits, number: number > 0 and hits % number == 0,
}  # fmt: skip


class CommandError(StepgradError, ValueError):
    """A command that cannot be carried out; nothing has changed."""


class HitCount:
    """A condition on how often a breakpoint was reached: ``3`` or ``== 3``, ``>= 3``, ``% 2`` for each second time.

    Raises:
        CommandError: the text is not such a condition.

    >>> [hits for hits in range(1, 7) if HitCount("% 2").holds(hits)]
    [2, 4, 6]
    """

    def __init__(self, text: str) -> None:
        found = re.fullmatch(r"\s*(|==?|>=?|<=?|%)\s*([0-9]{1,9})\s*", text)
        if not found:
            raise CommandError(f"a hit count must be a number, or as >= 3 or % 2, not {text[:40]}")
        self.compare, self.number = COUNTS[found[1]], int(found[2])

    def holds(self, hits: int) -> bool:
        """Return whether to stop at a hit, counted from 1."""
        return self.compare(hits, self.number)


@dataclass
class Breakpoint:
    """A breakpoint, a watch or a catch.

    A breakpoint stops before its steps, also where a condition on their result must hold. A watch, a catch, and a
    condition on any step stop after them.
    """

    number: int  # counted from 1
    text: str  # what the user typed
    place: int | None = None  # the node it is about, by its place in the walk's order; None for any node
    op: str = ""  # the name or symbol of the operation it is about; empty for any
    index: int | None = None  # the step it is about; None for any
    places: frozenset[int] | None = None  # the nodes of a line of the program, by their places: it stops where the
    # line is entered
    changes: bool = False  # whether it is a watch, which stops only where the node's gradient changes
    event: str = ""  # one of `engine.events.EVENTS`: it is a catch, which stops only where this happens
    condition: Formula | None = None  # what must hold after the step
    count: HitCount | None = None  # how often it must have been reached
    message: str = ""  # what is logged instead of a stop
    once: bool = False  # whether it is deleted after its first stop
    reached: int = 0  # how often a run has come to it
    hits: int = 0  # how often it has stopped

    def __str__(self) -> str:
        return f"{'watch' if self.changes else 'catch' if self.event else 'breakpoint'} {self.number}: {self.text}"

    def stops_at(self, walk: Walk, position: int) -> bool:
        """Return whether to stop when a number of steps has been taken; count it."""
        index = position - 1 if self.changes or self.event or self._is_anywhere else position
        if not 0 <= index < len(walk) or not self._is_about(walk, index):
            return False
        if self.condition is not None and not self.condition.at(walk.at(index + 1)):
            return False
        self.reached += 1
        return self.count is None or self.count.holds(self.reached)

    def stands_at(self, walk: Walk, step: Step) -> bool:
        """Return whether a listing marks a step with it; a breakpoint that may stop anywhere is not shown."""
        return not self._is_anywhere and self._is_about(walk, step.index)

    @property
    def _is_anywhere(self) -> bool:
        return (self.place, self.index, self.op, self.places) == (None, None, "", None)

    def _is_about(self, walk: Walk, index: int) -> bool:
        """Return whether a step makes the node or passes its gradient on; for a leaf, whether it reaches it."""
        step = walk[index]
        if self.index is not None and index != self.index:
            return False
        if self.op and self.op not in (step.node.op.name, step.node.op.symbol):
            return False
        if self.event:
            event = event_at(step)
            return event is not None and event.kind == self.event
        if self.places is not None:
            before = walk[index - 1] if index else None
            was_there = before is not None and before.kind == step.kind and walk.made_in(before.node) in self.places
            return step.kind != "seed" and walk.made_in(step.node) in self.places and not was_there
        if self.place is None:
            return True
        node = walk.order[self.place]
        if self.changes:
            return not isinstance(step, Forward | Update) and changed_node(step) is node and step.before != step.after
        return step.node is node or (isinstance(step, Backward) and step.operand is node and not node.inputs)


def changed_node(step: Step) -> Value:
    """Return the node whose number a step changes."""
    return step.operand if isinstance(step, Backward) else step.node

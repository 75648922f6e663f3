"""A session of the debugger: a walk, a position in it, breakpoints, and other numbers tried out in leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from ..backprop import Backward
from ..errors import StepgradError
from ..graph import record_again, topological_order
from ..name import Names
from ..numbers import Numbers
from ..steps.walk import Forward, Moment, Step, Walk, walk
from ..support.text import did_you_mean, format_number
from ..value import Value
from .condition import Formula


class CommandError(StepgradError, ValueError):
    """A command that cannot be carried out; nothing has changed."""


@dataclass
class Breakpoint:
    """A breakpoint or a watch.

    A plain breakpoint stops before its steps. A watch or a condition stops after them, because it is about their
    result.
    """

    number: int  # counted from 1
    text: str  # what the user typed
    place: int | None = None  # the node it is about, by its place in the walk's order; None for any node
    op: str = ""  # the name or symbol of the operation it is about; empty for any
    index: int | None = None  # the step it is about; None for any
    changes: bool = False  # whether it is a watch, which stops only where the node's gradient changes
    condition: Formula | None = None  # what must hold after the step
    once: bool = False  # whether it is deleted after its first stop
    hits: int = 0  # how often it has stopped

    def __str__(self) -> str:
        return f"{'watch' if self.changes else 'breakpoint'} {self.number}: {self.text}"

    def stops_at(self, walk: Walk, position: int) -> bool:
        """Return whether to stop when a number of steps has been taken."""
        index = position - 1 if self.changes or self.condition else position
        if not 0 <= index < len(walk) or not self._is_about(walk, walk[index]):
            return False
        return self.condition is None or bool(self.condition.at(walk.at(position)))

    def stands_at(self, walk: Walk, step: Step) -> bool:
        """Return whether a listing marks a step with it; a breakpoint that may stop anywhere is not shown."""
        return (self.place, self.index, self.op) != (None, None, "") and self._is_about(walk, step)

    def _is_about(self, walk: Walk, step: Step) -> bool:
        """Return whether a step makes the node or passes its gradient on; for a leaf, whether it reaches it."""
        if self.index is not None and step.index != self.index:
            return False
        if self.op and self.op not in (step.node.op.name, step.node.op.symbol):
            return False
        if self.place is None:
            return True
        node = walk.order[self.place]
        if self.changes:
            return not isinstance(step, Forward) and changed_node(step) is node and step.before != step.after
        return step.node is node or (isinstance(step, Backward) and step.operand is node and not node.inputs)


class Session:
    """A walk through a graph, a position in it, and what the commands remember.

    An editor and a terminal use it in the same way: by the functions here and by the commands of
    `engine.debugger.commands`.

    Args:
        root: the Value to debug.
        variables: variables of the caller, to name nodes that have no label.
        now: compute the graph anew, with the numbers that its leaves have now.
    """

    def __init__(self, root: Value, variables: Mapping[str, Any] | None = None, now: bool = False) -> None:
        order = topological_order(root)
        numbers = Numbers(order, now)
        self.notices = numbers.notices(Names(order, variables))
        steps = walk(numbers.stand_in(root), names=numbers.variables(variables))
        self.walk = self.original = steps  # with the numbers that were set, and without
        self.variables = variables or {}
        self.position = 0  # how many steps have been taken; the step of this index comes next
        self.breakpoints: dict[int, Breakpoint] = {}  # and watches, by number
        self.displays: dict[int, str] = {}  # what is printed after every move, by number
        self.changed: dict[int, float] = {}  # the numbers that were set, by the node's place in the order
        self.listed: int | None = None  # the step up to which the program was listed since the last move, if it was
        self.is_over = False  # whether the user has quit
        self.breakpoint_numbers, self.display_numbers = count(1), count(1)

    @property
    def names(self) -> Names:
        """The names of the walk's nodes."""
        return self.walk.names

    @property
    def moment(self) -> Moment:
        """The numbers at the position."""
        return self.walk.at(self.position)

    @property
    def end(self) -> int:
        """The position after the last step."""
        return len(self.walk)

    def node(self, name: str) -> Value:
        """Return the node of a name.

        Raises:
            CommandError: no node has this name.
        """
        node: Value | None = self.names.find(name)
        if node is None:
            wrong = f"there is no node {name}" if name else "the name of a node is missing"
            raise CommandError(wrong + did_you_mean(name, self.names.findable, "the graph has"))
        return node

    def numbers(self, node: Value) -> tuple[str, str]:
        """Return a node's current number and gradient, formatted."""
        moment = self.moment
        return format_number(moment.data(node), absent="not made yet"), format_number(moment.grad(node))

    def evaluate(self, text: str) -> str:
        """Return a formula with its current number; its words for a step are about the last step."""
        found = Formula(text, self.names).at(self.moment)
        return f"{text} = {found if isinstance(found, bool) else format_number(found, absent='not known here')}"

    def add_breakpoint(self, text: str, **about: Any) -> Breakpoint:
        """Add a breakpoint or a watch; see `Breakpoint` for what it can be about."""
        number = next(self.breakpoint_numbers)
        self.breakpoints[number] = Breakpoint(number, text, **about)
        return self.breakpoints[number]

    def run(self, target: int) -> list[Breakpoint]:
        """Move to a position, or to the first stop on the way; return the breakpoints that stopped the run."""
        direction = 1 if target > self.position else -1
        while self.position != target:
            self.position += direction
            stopped = [each for each in self.breakpoints.values() if each.stops_at(self.walk, self.position)]
            for each in stopped:
                each.hits += 1
                if each.once:
                    del self.breakpoints[each.number]
            if stopped:
                return stopped
        return []

    def set(self, numbers: Mapping[int, float]) -> Walk:
        """Give leaves other numbers and return the walk before; the position and the user's graph stay.

        Args:
            numbers: the new numbers, by the leaves' places in the order.

        Raises:
            StepgradError: an operation has no value or no derivative at these numbers; nothing has changed.
        """
        before, changed, original = self.walk, {**self.changed, **numbers}, self.original
        made = record_again(original.order, {original.order[place]: number for place, number in changed.items()})
        for node, twin in made.items():  # leaves begin the backward pass with the gradients that they have
            twin.label, twin.grad = original.names.given(node), node.grad
        self.walk, self.changed = walk(made[original.root]), changed
        return before


def changed_node(step: Step) -> Value:
    """Return the node whose number a step changes."""
    return step.operand if isinstance(step, Backward) else step.node

"""A session of the debugger: a walk, a position in it, breakpoints, and other numbers tried out in leaves."""

import re
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from ..errors import StepgradError
from ..graph import record_again, topological_order
from ..name import Names
from ..notation.expression import number
from ..numbers import Numbers
from ..steps.walk import LATER, Moment, Step, Walk
from ..support.text import did_you_mean, format_number, listed
from ..value import Value
from .condition import Formula
from .stop import Breakpoint, CommandError

UNITS = ("step", "node", "line")  # how far a move goes: one step, all steps of a node, all of a line of the program


class Session:
    """A walk through a graph, a position in it, and what the commands remember.

    An editor and a terminal use it in the same way: by the functions here and by the commands of
    `engine.debugger.commands`.

    Args:
        root: the Value to debug.
        variables: variables of the caller, to name nodes that have no label.
        now: compute the graph anew, with the numbers that its leaves have now.
        update: what updates the leaves behind the backward pass, as in `engine.walk`; the leaves then start without
            gradients, as after ``zero_grad()``, and else with those that they have.
    """

    def __init__(
        self, root: Value, variables: Mapping[str, Any] | None = None, now: bool = False, update: Any = None
    ) -> None:
        order = topological_order(root)
        numbers = Numbers(order, now)
        self._update, self._leaves = update, order
        steps = self._walk(numbers.stand_in(root), numbers.variables(variables))
        later = (LATER,) if numbers.changed and steps.remembers else ()
        self.notices = (*numbers.notices(Names(order, variables)), *later, *_kept(steps))
        self.walk = self.original = steps  # with the numbers that were set, and without
        self.variables = variables or {}
        self.position = 0  # how many steps have been taken; the step of this index comes next
        self.breakpoints: dict[int, Breakpoint] = {}  # and watches, by number
        self.displays: dict[int, str] = {}  # what is printed after every move, by number
        self.changed: dict[int, float] = {}  # the numbers that were set, by the node's place in the order
        self.listed: int | None = None  # the step up to which the program was listed since the last move, if it was
        self.log: list[str] = []  # the messages of breakpoints that log instead of stopping
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

    def written(self, message: str) -> str:
        """Return a message with the number of each formula in it, as in ``a.grad is {a.grad}``."""

        def number(found: re.Match[str]) -> str:
            try:
                return self.evaluate(found[1]).removeprefix(f"{found[1]} = ")
            except StepgradError as error:
                return f"{{{str(error).splitlines()[0]}}}"

        return re.sub(r"\{([^{}]+)\}", number, message)

    def add_breakpoint(self, text: str, **about: Any) -> Breakpoint:
        """Add a breakpoint or a watch; see `Breakpoint` for what it can be about."""
        number = next(self.breakpoint_numbers)
        self.breakpoints[number] = Breakpoint(number, text, **about)
        return self.breakpoints[number]

    def run(self, target: int, is_interrupted: Callable[[], bool] = lambda: False) -> list[Breakpoint]:
        """Move to a position, or to the first stop on the way; return the breakpoints that stopped the run.

        Args:
            target: the position.
            is_interrupted: asked after each step; the run ends there if it returns True.
        """
        direction = 1 if target > self.position else -1
        while self.position != target and not is_interrupted():
            self.position += direction
            reached = [each for each in self.breakpoints.values() if each.stops_at(self.walk, self.position)]
            self.log += [self.written(each.message) for each in reached if each.message]
            stopped = [each for each in reached if not each.message]
            for each in stopped:
                each.hits += 1
                if each.once:
                    del self.breakpoints[each.number]
            if stopped:
                return stopped
        return []

    def beyond(self, unit: str, direction: int) -> int:
        """Return the position beyond the step, the node or the line of the program that comes next, or came last.

        Args:
            unit: one of `UNITS`.
            direction: 1 for what comes next, -1 for what came last.
        """
        position, last = self.position, self.end if direction > 0 else 0
        if position == last:
            return position
        behind = min(direction, 0)
        part = _part(self.walk[position + behind], unit)
        position += direction
        while position != last and _part(self.walk[position + behind], unit) == part:
            position += direction
        return position

    def set_leaf(self, node: Value, text: str) -> Walk:
        """Give a leaf the number that a user typed; see `set`.

        Raises:
            StepgradError: it is not a leaf, or the text is not a number; or as in `set`.
        """
        if node.inputs:
            inputs = listed(dict.fromkeys(self.names[x] for x in node.inputs))
            raise CommandError(f"only leaves can be set, and {self.names[node]} is computed from {inputs}")
        return self.set({self.walk.made_in(node): number(text)})

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
        self.walk, self.changed = self._walk(made[original.root], refuse=True), changed
        return before

    def _walk(self, root: Value, names: Mapping[str, Any] | None = None, refuse: bool = False) -> Walk:
        """Return a walk; unless that is refused, also where no derivative exists, since the debugger is to show why."""
        update = self._update
        is_kept = update is None  # the gradients that the leaves have
        return Walk(root, 1.0, names or {}, is_kept, now=False, refuse=refuse, update=update, known_as=self._leaves)


def _kept(steps: Walk) -> list[str]:
    """Return what to say about a gradient that the backward pass adds to."""
    start = steps.at(steps.seed_index)
    for node in steps.order:
        if not node.inputs and (grad := start.grad(node)):
            says = f"{steps.names[node]}.grad is {format_number(grad)} already, and the backward pass adds to it, as a"
            return [f"{says} second call of backward() does; call zero_grad() first to start from 0."]
    return []


def _part(step: Step, unit: str) -> object:
    """Return the part of the program that a step belongs to; steps beside each other with equal parts are one."""
    source = step.node.source
    if unit == "step":
        return step.index
    return step.kind, source[:2] if source and unit == "line" else step.node

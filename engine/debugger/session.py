"""A session of the debugger: a walk, a place in it, and where to stop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from typing import Any

from ..errors import StepgradError
from ..graph import recomputed, topological_order
from ..name import names as names_among
from ..ops import constant
from ..step import Backward
from ..steps.walk import Forward, Moment, Step, Walk, walk
from ..support.escape import printable
from ..support.text import near_misses
from ..value import Value
from .condition import Formula, touched


class CommandError(StepgradError, ValueError):
    """Say what is wrong with a command of the debugger."""


@dataclass
class Stop:
    """Hold a breakpoint or a watch.

    A breakpoint stops before its steps; a watch or a condition after them, since they are about what came of it.

    Attributes:
        number: what people call it.
        said: what it is, in words.
        place: the node it is about, as its place in the walk's order; None for any.
        op: the name or symbol of the operation that it is about; empty for any.
        index: the step that it is about; None for any.
        changes: whether it is about changes of the node's gradient alone.
        condition: what must hold after the step.
        once: whether it is deleted when it has stopped.
        hits: how often it has stopped.
    """

    number: int
    said: str
    place: int | None = None
    op: str = ""
    index: int | None = None
    changes: bool = False
    condition: Formula | None = None
    once: bool = False
    hits: int = 0

    @property
    def kind(self) -> str:
        """What it is called."""
        return "watch" if self.changes else "breakpoint"

    @property
    def comes_after(self) -> bool:
        """Whether it stops after its steps, not before them."""
        return self.changes or self.condition is not None

    def stops_at(self, steps: Walk, moment: int) -> bool:
        """Tell whether to stop when so many steps have been taken."""
        index = moment - 1 if self.comes_after else moment
        if not 0 <= index < len(steps):
            return False
        step = steps[index]
        return self._is_about(steps, step) and (self.condition is None or bool(self.condition.at(steps, moment, step)))

    def stands_at(self, steps: Walk, step: Step) -> bool:
        """Tell whether a listing shows it at a step; what may stop anywhere stands nowhere."""
        is_anywhere = self.place is None and self.index is None and not self.op
        return not is_anywhere and self._is_about(steps, step)

    def _is_about(self, steps: Walk, step: Step) -> bool:
        """Tell whether a step makes the node or carries its gradient on; at a leaf, whether it reaches it."""
        if self.index is not None and step.index != self.index:
            return False
        if self.op and (not step.node.op or self.op not in (step.node.op.name, step.node.op.symbol)):
            return False
        if self.place is None:
            return True
        node = steps.order[self.place]
        if self.changes:
            return not isinstance(step, Forward) and touched(step) is node and step.before != step.after
        return step.node is node or (isinstance(step, Backward) and step.operand is node and not node.inputs)


class Session:
    """Hold a walk, a place in it, and where to stop.

    Attributes:
        walk: the walk, with the numbers of now.
        position: how many of its steps have been taken; the step of this index comes next.
        stops: breakpoints and watches, by number.
        names: what to call each node, in the walk's order, fit to be shown and typed; a plain number in an
            expression is called by itself, each other name is different.
        places: where the node of each name stands in the walk's order; plain numbers are left out.
        changed: the numbers that were set, by the node's place.
    """

    def __init__(self, root: Value, variables: Mapping[str, Any]) -> None:
        self.original = self.walk = walk(root)
        self.names = list(_names(self.walk.order, names_among(variables)))
        self.places = {
            self.called(node): place for place, node in enumerate(self.walk.order) if not self.is_plain(node)
        }
        self.position = 0
        self.stops: dict[int, Stop] = {}
        self.changed: dict[int, float] = {}
        self._stops_made = 0

    @property
    def moment(self) -> Moment:
        """The numbers of now."""
        return self.walk.at(self.position)

    @property
    def step(self) -> Step | None:
        """The step that comes next; None at the end."""
        return self.moment.next

    @property
    def end(self) -> int:
        """The position at which every step has been taken."""
        return len(self.walk)

    def called(self, node: Value) -> str:
        """Return a node's name."""
        return self.names[self.walk.made_in(node)]

    def is_plain(self, node: Value) -> bool:
        """Tell whether a node is a plain number in an expression, which nobody named."""
        return node.op is constant and self.called(node) == _number(node)

    def grad_of(self, node: Value) -> str:
        """Return what a node's gradient is called."""
        return f"({self.called(node)}).grad" if self.is_plain(node) else f"{self.called(node)}.grad"

    def place_of(self, name: str) -> int:
        """Return where the node of a name stands in the walk's order.

        Raises:
            CommandError: no node has this name.
        """
        if name not in self.places:
            others = ", ".join(list(self.places)[:12]) + ", ..." * (len(self.places) > 12)
            raise CommandError(f"there is no {name}{near_misses(name, self.places) or f'; there are {others}'}")
        return self.places[name]

    def stands_at(self, step: Step) -> bool:
        """Tell whether a breakpoint or a watch stands at a step."""
        return any(stop.stands_at(self.walk, step) for stop in self.stops.values())

    def add(self, said: str, **about: Any) -> Stop:
        """Add a breakpoint or a watch; see `Stop`."""
        self._stops_made += 1
        stop = self.stops[self._stops_made] = Stop(self._stops_made, said, **about)
        return stop

    def run(self, target: int) -> list[Stop]:
        """Go to a position, or to the first on the way where to stop; return what stopped it."""
        direction = 1 if target > self.position else -1
        while self.position != target:
            self.position += direction
            stopped = [stop for stop in self.stops.values() if stop.stops_at(self.walk, self.position)]
            if stopped:
                return self._counted(stopped)
        return []

    def _counted(self, stopped: list[Stop]) -> list[Stop]:
        for stop in stopped:
            stop.hits += 1
            if stop.once:
                del self.stops[stop.number]
        return stopped

    def end_of_node(self) -> int:
        """Return the position at which the next step's node is done: made, or its gradient carried on whole."""
        if not isinstance(self.step, Backward):
            return min(self.position + 1, self.end)
        return self.walk.left_in(self.step.node)[-1] + 1

    def end_of(self, place: int) -> int:
        """Return the next position at which a node is done: it is made, or else its gradient is complete."""
        node = self.walk.order[place]
        made = self.walk.made_in(node) + 1
        return made if made > self.position else self.walk.reached_in(node)[-1] + 1

    def end_of_pass(self) -> int:
        """Return the position at which the forward pass ends, or else the whole."""
        return self.walk.seed_index if self.position < self.walk.seed_index else self.end

    def set(self, numbers: Mapping[int, float]) -> Walk:
        """Go on with other numbers in some leaves, by place; return the walk before.

        The graph itself stays as it is.

        Raises:
            StepgradError: an operation has no value or derivative then; nothing has changed.
        """
        before, changed = self.walk, {**self.changed, **numbers}
        self.walk = what_if(self.original.order, changed)
        self.changed = changed
        return before

    def unset(self) -> Walk:
        """Go on with the original numbers; return the walk before."""
        before, self.walk, self.changed = self.walk, self.original, {}
        return before


def what_if(order: Sequence[Value], numbers: Mapping[int, float]) -> Walk:
    """Return the walk of a copy of a graph that has other numbers in some leaves.

    Args:
        order: all nodes of the graph.
        numbers: the new numbers, by place in the order.

    Raises:
        DomainError: an operation has no value or derivative then.

    >>> a = Value(2.0, "a")
    >>> what_if([a, a * a], {0: 3.0}).root
    Value(9, grad=not computed, op='*')
    """
    data = recomputed(order, {order[place]: number for place, number in numbers.items()})
    root = deepcopy(order[-1])
    for node, twin in zip(order, topological_order(root), strict=True):
        twin.data = data[node]
        if twin.op and twin.inputs:
            twin.local_grads = twin.op.local_derivatives(tuple(x.data for x in twin.inputs), twin.data)
    return walk(root)


def _names(order: Sequence[Value], variables: Mapping[Value, str]) -> Iterator[str]:
    """Yield a name for each node: its label or variable, else one that reads well in a program; see `Session`."""
    taken: set[str] = set()
    alike: dict[str, Iterator[int]] = {}
    for place, node in enumerate(order):
        given = printable(node.label or variables.get(node, "")).strip()
        if node.op is constant and not given:
            yield _number(node)
            continue
        wanted = name = given or f"{node.op.name if node.op else 'leaf'}_{place}"
        while name in taken:
            name = f"{wanted}_{next(alike.setdefault(wanted, count(2)))}"
        taken.add(name)
        yield name


def _number(node: Value) -> str:
    return f"{node.data:.6g}"

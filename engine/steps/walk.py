"""The walk: every step of a forward and a backward pass as a record, with the numbers at every moment between."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar, cast, overload

from ..backprop import Backward, chain_rule, check_recorded, place_of, settle, step_recorder, twins_of
from ..errors import GraphError
from ..graph import topological_order
from ..name import Names, callers_variables
from ..numbers import Numbers
from ..operation import Operation, as_float
from ..slope import shown
from ..support.text import Notice, counted, format_number
from ..value import Value


@dataclass(frozen=True, slots=True)
class Forward:
    """A step of the forward pass: a node is created."""

    kind: ClassVar[str] = "forward"

    index: int  # in the walk
    node: Value
    data: float
    names: Names = field(repr=False, compare=False)

    @property
    def inputs(self) -> tuple[Value, ...]:
        """The node's operands, in order."""
        return self.node.inputs

    @property
    def op(self) -> Operation:
        """The operation that makes the node."""
        return self.node.op

    def __str__(self) -> str:
        computed = self.op.written(*map(self.names.__getitem__, self.inputs)) if self.inputs else ""
        parts = self.names[self.node], computed, format_number(self.data)
        return "forward   " + " = ".join(dict.fromkeys(part for part in parts if part)) + place_of(self.node)


@dataclass(frozen=True, slots=True)
class Seed:
    """The step between the passes: the root's gradient is set, and those of other results to 0."""

    kind: ClassVar[str] = "seed"

    index: int  # in the walk
    node: Value  # the root
    seed: float  # what is added to the root's gradient
    before: float  # the root's gradient, 0 unless it is a leaf
    after: float
    names: Names = field(repr=False, compare=False)

    def __str__(self) -> str:
        change = f"{format_number(self.before)} -> {format_number(self.after)}"
        return f"seed      {self.names[self.node]}: grad {change}{place_of(self.node)}"


Step = Forward | Seed | Backward[Value]
T = TypeVar("T")


def walk(
    root: Value, seed: float = 1.0, names: Mapping[str, Any] | None = None, *, accumulate: bool = True,
    now: bool = False,
) -> Walk:  # fmt: skip
    """Record every step of the forward pass that made a Value and of the backward pass from it.

    The steps are those of ``root.backward(seed)``, in the same order; the graph is not changed. The numbers are those
    that the graph was recorded with, even if its leaves were changed since, as by an update; `Walk.notices` says so.

    Args:
        root: the Value to walk to and back from, usually a loss.
        seed: the root's own gradient.
        names: variables, such as ``locals()``: a Value without a label is called by its variable; by default those of
            the caller, with ``{}`` none.
        accumulate: whether leaves add to the gradients they have, as in ``backward``, or start without any.
        now: compute the graph anew, with the numbers that its leaves have now.

    Raises:
        DomainError: computed anew, an operation has no value.
        UndefinedDerivativeError: the derivative exists with respect to none of the leaves.
        GraphError: the graph has a cycle, or the root was made inside `no_grad`.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> for step in walk(a * b + a):
    ...     print(step)
    forward   a = 2
    forward   b = -3
    forward   v2 = a * b = -6
    forward   v3 = v2 + a = -4
    seed      v3: grad 0 -> 1
    backward  v3 -> v2: local 1 * upstream 1 = 1; grad 0 -> 1
    backward  v3 -> a: local 1 * upstream 1 = 1; grad 0 -> 1
    backward  v2 -> a: local -3 * upstream 1 = -3; grad 1 -> -2
    backward  v2 -> b: local 2 * upstream 1 = 2; grad 0 -> 2
    """
    return Walk(root, seed, callers_variables(names), accumulate, now)


class Walk(Sequence[Step]):
    """The steps of a forward and a backward pass, in order; see `walk`.

    Attributes:
        order: the nodes; node ``order[i]`` is created in step ``i``.
        names: the names of the nodes.
        numbers: the numbers that the graph was recorded with, or those of now; see `engine.numbers`.
        seed_index: the index of the step that sets the root's gradient; the backward pass follows it.

    With ``refuse=False`` there is a walk even if the derivative exists with respect to none of the leaves.

    >>> a = Value(2.0, "a")
    >>> steps = walk(a * a)
    >>> len(steps), steps[-1].operand is a, steps[-1].position
    (5, True, 1)
    >>> steps.at(4).grad(a), steps.at(5).grad(a)
    (2.0, 4.0)
    """

    def __init__(
        self, root: Value, seed: float, names: Mapping[str, Any] | None, accumulate: bool, now: bool,
        refuse: bool = True,
    ) -> None:  # fmt: skip
        self.order = tuple(topological_order(root))
        self.names, self.numbers = Names(self.order, names), Numbers(self.order, now)
        self.seed_index = len(self.order)
        self._made_in = {node: index for index, node in enumerate(self.order)}
        self._earlier = {node: shown(node.grad) if accumulate else None for node in self.order if not node.inputs}
        seed = as_float(seed, "seed")
        check_recorded(root)
        twins = twins_of(self.order)
        for node in self.numbers.changed and self.order:
            twins[node].local_grads = self.numbers.locals(node)
        for node, grad in self._earlier.items():
            twins[node].grad = grad or 0.0
        twins[root].grad += seed
        backward: list[Backward[Value]] = []
        interior = [twin for node, twin in twins.items() if node.inputs]
        final = twins[root].grad
        chain_rule(interior, step_recorder(backward.append, self.order, self.names))
        settle(list(twins.values()), refuse)
        self._steps: list[Step] = [
            Forward(i, node, self.numbers.data(node), self.names) for i, node in enumerate(self.order)
        ]
        self._steps.append(Seed(self.seed_index, root, seed, self._earlier.get(root) or 0.0, final, self.names))
        self._steps.extend(backward)
        self._reached_in: dict[Value, list[int]] = {node: [] for node in self.order}
        self._left_in: dict[Value, list[int]] = {node: [] for node in self.order}
        self._reached_in[root].append(self.seed_index)
        for step in backward:
            self._reached_in[step.operand].append(step.index)
            self._left_in[step.node].append(step.index)

    @property
    def root(self) -> Value:
        """The Value that the walk goes to and back from."""
        return self.order[-1]

    @property
    def notices(self) -> tuple[Notice, ...]:
        """A sentence that says so if leaves were changed after the graph was recorded."""
        return self.numbers.notices(self.names)

    def __len__(self) -> int:
        return len(self._steps)

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> list[Step]: ...
    def __getitem__(self, index: int | slice) -> Step | list[Step]:
        return self._steps[index]

    def __repr__(self) -> str:
        return f"<walk to {self.names[self.root]} and back: {len(self)} steps>"

    def at(self, index: int) -> Moment:
        """Return the moment after a number of steps, from 0 to ``len(walk)``.

        Raises:
            IndexError: the walk has no such moment.
        """
        if not 0 <= index <= len(self):
            raise IndexError(f"a moment of this walk must be from 0 to {len(self)}, not {index}")
        return Moment(self, index)

    def moments(self) -> Iterator[Moment]:
        """Yield every moment, from before the first step to after the last."""
        return map(self.at, range(len(self) + 1))

    def made_in(self, node: Value) -> int:
        """Return the index of the step that creates a node."""
        return self._look_up(self._made_in, node)

    def reached_in(self, node: Value) -> Sequence[int]:
        """Return the indices of the steps that change a node's gradient: the seed and its contributions."""
        return self._look_up(self._reached_in, node)

    def left_in(self, node: Value) -> Sequence[int]:
        """Return the indices of the steps that pass a node's gradient on to its operands."""
        return self._look_up(self._left_in, node)

    def steps_of(self, node: Value) -> list[int]:
        """Return the indices of all steps that create, reach or leave a node."""
        return [self.made_in(node), *self.reached_in(node), *self.left_in(node)]

    def _look_up(self, table: Mapping[Value, T], node: Value) -> T:
        if node not in table:
            raise GraphError(f"{node!r} is not a node of this walk")
        return table[node]


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a walk: the numbers of the graph after a number of steps.

    Its methods raise a `GraphError` for what is not a node of the walk.
    """

    walk: Walk
    index: int  # the number of steps taken

    @property
    def last(self) -> Step | None:
        """The step just taken; None at the start."""
        return self.walk[self.index - 1] if self.index else None

    @property
    def next(self) -> Step | None:
        """The step that comes next; None at the end."""
        return self.walk[self.index] if self.index < len(self.walk) else None

    def data(self, node: Value) -> float | None:
        """Return a node's number; None before the node is created."""
        made_in = self.walk.made_in(node)
        return cast("Forward", self.walk[made_in]).data if made_in < self.index else None

    def grad(self, node: Value) -> float | None:
        """Return a node's gradient; None before it is computed."""
        reached_in = self.walk.reached_in(node)
        changes = bisect_left(reached_in, self.index)
        if changes:
            return cast("Seed | Backward[Value]", self.walk[reached_in[changes - 1]]).after
        earlier = self.walk._earlier.get(node)
        return 0.0 if earlier is None and self.index > self.walk.seed_index else earlier

    def locals(self, node: Value) -> tuple[float, ...]:
        """Return a node's local gradients."""
        return self.walk.numbers.locals(node)

    def contribution(self, node: Value, position: int) -> float | None:
        """Return what a node has added to the gradient of one of its operands; None before its step."""
        taken = (cast("Backward[Value]", self.walk[i]) for i in self.walk.left_in(node) if i < self.index)
        return next((step.contribution for step in taken if step.position == position), None)

    def notices(self, called: Names) -> tuple[Notice, ...]:
        """Return the walk's notices."""
        return self.walk.notices

    def all_data(self) -> dict[Value, float | None]:
        """Return the number of every node, in the walk's order."""
        return {node: self.data(node) for node in self.walk.order}

    def all_grads(self) -> dict[Value, float | None]:
        """Return the gradient of every node, in the walk's order."""
        return {node: self.grad(node) for node in self.walk.order}

    def __str__(self) -> str:
        step = str(self.last) if self.last else "nothing is computed yet"
        return f"after {self.index} of {counted(len(self.walk), 'step')}: {step}"


Shown = Numbers | Moment


def moment_of(root: Value, values: Moment | Step) -> Moment:
    """Return a moment of a walk to a root; for a step, the moment after it.

    Raises:
        GraphError: the moment or the step belongs to a walk of another graph.
        TypeError: the values are neither a moment nor a step.
    """
    if isinstance(values, Forward | Seed | Backward):
        steps = walk(root, values.seed if isinstance(values, Seed) else 1.0, names={})
        if values.index >= len(steps) or steps[values.index] != values:
            raise GraphError(
                "this step is not one of a walk of the graph as it is now; pass the moment after it, steps.at(i + 1)"
            )
        values = steps.at(values.index + 1)
    if not isinstance(values, Moment):
        raise TypeError(f"values must be a moment or a step of a walk, such as walk(root).at(6), not {values!r:.40}")
    values.data(root)  # raises if the moment belongs to another graph
    return values

"""The walk: every step of both passes, and of an update behind them, as a record; the numbers at every moment."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar, cast, overload

from ..backprop import Backward, chain_rule, check_recorded, place_of, settle, step_recorder, twins_of
from ..errors import GraphError
from ..graph import topological_order
from ..name import Names, callers_variables
from ..numbers import MAX_LISTED, Numbers
from ..operation import Operation, as_float
from ..slope import shown
from ..support.text import Notice, counted, format_number, listed
from ..value import Value
from .update import Update, changes


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


Step = Forward | Seed | Backward[Value] | Update
T = TypeVar("T")
LATER = Notice("The update begins with what the optimiser remembers now, which may be that after its own step.")


def walk(
    root: Value, seed: float = 1.0, names: Mapping[str, Any] | None = None, *, accumulate: bool = True,
    now: bool = False, update: Any = None,
) -> Walk:  # fmt: skip
    """Record every step of the forward pass that made a Value and of the backward pass from it.

    With ``update``, the steps of an update follow: each parameter's number, gradient and next number, what the
    optimiser remembers of it before and after, and the optimiser's rule as formulas. Nothing is changed by them.

    The steps of the passes are those of ``root.backward(seed)``, in the same order; the graph is not changed. The
    numbers are those that the graph was recorded with, even if its leaves were changed since, as by an update;
    `Walk.notices` says so.

    Args:
        root: the Value to walk to and back from, usually a loss.
        seed: the root's own gradient.
        names: variables, such as ``locals()``: a Value without a label is called by its variable; by default those of
            the caller, with ``{}`` none.
        accumulate: whether leaves add to the gradients they have, as in ``backward``, or start without any.
        now: compute the graph anew, with the numbers that its leaves have now.
        update: an optimiser, such as ``nn.SGD(model.parameters(), lr=0.1)``: anything whose ``step()`` changes the
            numbers of leaves, tried with a copy, before it takes that step itself; or, for gradient descent of all
            leaves, a learning rate; or a function of a leaf's number and its gradient.

    Raises:
        DomainError: computed anew, an operation has no value.
        UndefinedDerivativeError: the derivative exists with respect to none of the leaves.
        GraphError: the graph has a cycle, the root was made inside `no_grad`, or the update changes none of its leaves.
        TypeError: the update is nothing of the kind.
        UsageError: the update cannot be tried with a copy.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> for step in walk(a * b + a, update=0.1):
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
    update    a: 2 -> 2.2 with g = -2: p = p - lr * g
    update    b: -3 -> -3.2 with g = 2: p = p - lr * g
    """
    return Walk(root, seed, callers_variables(names), accumulate, now, update=update)


class Walk(Sequence[Step]):
    """The steps of a forward and a backward pass, and perhaps of an update, in order; see `walk`.

    Attributes:
        order: the nodes; node ``order[i]`` is created in step ``i``.
        names: the names of the nodes.
        numbers: the numbers that the graph was recorded with, or those of now; see `engine.numbers`.
        seed_index: the index of the step that sets the root's gradient; the backward pass follows it.
        update_index: the index of the first step of the update, behind the backward pass.

    With ``refuse=False`` there is a walk even if the derivative exists with respect to none of the leaves. With
    ``known_as``, the update is one of other leaves than those of the graph, such as those that they are copies of.

    >>> a = Value(2.0, "a")
    >>> steps = walk(a * a)
    >>> len(steps), steps[-1].operand is a, steps[-1].position
    (5, True, 1)
    >>> steps.at(4).grad(a), steps.at(5).grad(a)
    (2.0, 4.0)
    """

    def __init__(
        self, root: Value, seed: float, names: Mapping[str, Any] | None, accumulate: bool, now: bool,
        refuse: bool = True, update: Any = None, known_as: Sequence[Value] | None = None,
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
        self.update_index = len(self._steps)
        self._updated_in: dict[Value, int] = {}
        if update is not None:
            leaves = [
                (leaf, known) for leaf, known in zip(self.order, known_as or self.order, strict=True) if leaf.is_leaf
            ]
            numbers, grads = [self.numbers.data(leaf) for leaf, _ in leaves], [twins[leaf].grad for leaf, _ in leaves]
            for each in changes(update, [known for _, known in leaves], numbers, grads):
                leaf, index = leaves[each.place][0], len(self._steps)
                about = numbers[each.place], float(grads[each.place]), *each[1:], self.names
                self._steps.append(Update(index, leaf, *about))
                self._updated_in[leaf] = index

    @property
    def root(self) -> Value:
        """The Value that the walk goes to and back from."""
        return self.order[-1]

    @property
    def notices(self) -> tuple[Notice, ...]:
        """A sentence that says so if leaves were changed after the graph was recorded, and what that means."""
        found = self.numbers.notices(self.names)
        return (*found, LATER) if found and self.remembers else found

    @property
    def remembers(self) -> bool:
        """Whether an update begins with something that the optimiser remembers of earlier ones."""
        return any(step.state for step in self[self.update_index :] if isinstance(step, Update))

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

    def updated_in(self, node: Value) -> int | None:
        """Return the index of the step that updates a node; None without one."""
        self.made_in(node)  # raises if the node belongs to another graph
        return self._updated_in.get(node)

    def steps_of(self, node: Value) -> list[int]:
        """Return the indices of all steps that create, reach, leave or update a node."""
        found = [self.made_in(node), *self.reached_in(node), *self.left_in(node)]
        return [*found, self._updated_in[node]] if node in self._updated_in else found

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
        """Return a node's number; None before the node is created. That of a parameter changes in the update."""
        made_in = self.walk.made_in(node)
        updated_in = self.walk._updated_in.get(node)
        if updated_in is not None and updated_in < self.index:
            return cast("Update", self.walk[updated_in]).after
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
        """Return the walk's notices, and one if parameters are updated already."""
        if self.index <= self.walk.update_index:
            return self.walk.notices
        updated = listed((called[step.node] for step in self.walk[self.walk.update_index : self.index]), MAX_LISTED)
        return (*self.walk.notices, Notice(f"After the update of {updated}; the results are those before it."))

    def all_data(self) -> dict[Value, float | None]:
        """Return the number of every node, in the walk's order."""
        return {node: self.data(node) for node in self.walk.order}

    def all_grads(self) -> dict[Value, float | None]:
        """Return the gradient of every node, in the walk's order."""
        return {node: self.grad(node) for node in self.walk.order}

    def __str__(self) -> str:
        step = str(self.last) if self.last else "nothing is computed yet"
        return f"after {self.index} of {counted(len(self.walk), 'step')}: {step}"


class Shown(Protocol):
    """Numbers of a graph at some time: those that it was recorded with, or those of a moment."""

    def data(self, node: Value, /) -> float | None:
        """Return a node's number; None before the node is created."""

    def grad(self, node: Value, /) -> float | None:
        """Return a node's gradient; None before it is computed."""

    def locals(self, node: Value, /) -> tuple[float, ...]:
        """Return a node's local gradients."""

    def contribution(self, node: Value, position: int, /) -> float | None:
        """Return what a node has added to the gradient of one of its operands; None before its step."""


def moment_of(root: Value, values: Moment | Step) -> Moment:
    """Return a moment of a walk to a root; for a step, the moment after it.

    Raises:
        GraphError: the moment or the step belongs to a walk of another graph.
        TypeError: the values are neither a moment nor a step.
    """
    if isinstance(values, Forward | Seed | Backward | Update):
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

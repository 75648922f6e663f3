r"""The plan of a program: the nodes of a recorded graph to compute, and the steps of the chain rule, in order.

In a plan, a node is called by its place in the order. For ``(w * x + b) ** 2`` with the input x:

    0 w   1 x
      \   /
      3 mul   2 b      forward:  3, 4, 5
         \   /
         4 add         backward: (5, 0), (4, 0), (4, 1), (3, 0)
           |
         5 power

A step of the backward pass is a node and the place of the operand that gets a contribution. The step (3, 1) is missing:
no gradient with respect to an input is asked for, so it is pruned, and with it whatever only such steps would read.
The other optimisations compute constants when the plan is made, and equal subexpressions once.

>>> w, x, b = Value(3.0), Value(2.0), Value(1.0)
>>> plan = Plan([(w * x + b) ** 2], inputs=[x], parameters=[w, b])
>>> plan.forward, plan.backward
([3, 4, 5], [(5, 0), (4, 0), (4, 1), (3, 0)])
"""

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import Any, NamedTuple

from ..errors import GraphError
from ..graph import topological_order
from ..notation.formulas import Symbol, local_derivatives, names_in
from ..operation import Operation
from ..value import Value
from .functions import value_function


class Optimisations(NamedTuple):
    """The optimisations that `Program` describes; none changes a bit of a result whose derivatives are all finite."""

    fold: bool = True
    share: bool = True
    prune: bool = True


ALL = Optimisations()
LARGE = 50_000  # nodes


class Plan:
    """What a program computes: the nodes of a graph by number, and the steps forward and backward.

    Backpropagation starts from the first root; without ``backward``, no gradients are computed. What a large graph may
    do without is found when it is asked for.

    Attributes:
        order: the nodes, operands before results; ``place`` has the number of each.
        inputs, parameters: the numbers of these nodes, `ABSENT` for those that the roots do not depend on.
        wrt: the nodes that gradients are with respect to: the parameters, or the inputs without any.
        given: the numbers of the nodes without operands, which come first.
    """

    def __init__(
        self, roots: Sequence[Value], inputs: Sequence[Value] = (), parameters: Sequence[Value] = (),
        optimisations: Optimisations = ALL, backward: bool = True,
    ) -> None:  # fmt: skip
        self.optimisations, self.backpropagates = optimisations, backward
        self.order = topological_order(*roots)
        self.place = {node: number for number, node in enumerate(self.order)}
        self.roots = [self.place[root] for root in roots]
        _check(inputs, parameters)
        self.inputs = [self.place.get(leaf, ABSENT) for leaf in inputs]
        self.parameters = [self.place.get(leaf, ABSENT) for leaf in parameters]
        self.wrt = (self.parameters or self.inputs) if backward else []
        self.given = [node.data for node in takewhile(lambda node: not node.inputs, self.order)]
        if backward:
            for operation in self.operations:
                derivatives(operation)  # raises an error for a rule that cannot be read

    @property
    def root(self) -> int:
        """The number of the node that backpropagation starts from."""
        return self.roots[0]

    @property
    def length(self) -> int:
        """The count of operations and steps of the chain rule."""
        return len(self.forward) + len(self.backward)

    @property
    def is_large(self) -> bool:
        """Whether the graph is replayed without a look at what could be left out of it."""
        return len(self.order) > LARGE

    @property
    def operations(self) -> set[Operation]:
        """The operations to compute; of a large graph, all."""
        if self.is_large:
            return {node.op for node in self.order if node.inputs}
        return {self.order[number].op for number in self.forward}

    def dependent(self, nodes: Iterable[int]) -> bytearray:
        """Return for each node whether it depends on some of these, or is one of them."""
        depends = bytearray(len(self.order))
        for number in nodes:
            if number != ABSENT:
                depends[number] = True
        for number, operands in enumerate(self.operands):
            for x in operands:
                if depends[x]:
                    depends[number] = True
        return depends

    @cached_property
    def operands(self) -> list[tuple[int, ...]]:
        """The numbers of each node's operands."""
        place = self.place
        return [tuple([place[x] for x in node.inputs]) for node in self.order]

    @cached_property
    def constants(self) -> dict[int, float]:
        """The values of the nodes that never change, by number."""
        found: dict[int, float] = {}
        changing = {*self.inputs, *self.parameters}
        for number, (node, operands) in enumerate(zip(self.order, self.operands, strict=True)):
            if number in changing:
                continue
            if not operands:
                found[number] = self.given[number]
            elif self.optimisations.fold and all(x in found for x in operands):
                found[number] = node.op.evaluate([found[x] for x in operands])
        return found

    @cached_property
    def source(self) -> list[int]:
        """For each node the number of the node whose value it has: itself, or the first that is equal."""
        sources = list(range(len(self.order)))
        if self.optimisations.share:
            known: dict[object, int] = {}
            written = {number: repr(constant) for number, constant in self.constants.items()}
            for number, (node, operands) in enumerate(zip(self.order, self.operands, strict=True)):
                if operands and number not in self.constants:
                    same = (node.op, *[written.get(x) or sources[x] for x in operands])
                    sources[number] = known.setdefault(same, number)
        return sources

    @cached_property
    def backward(self) -> list[tuple[int, int]]:
        """The steps of the chain rule, in order, each a node and the place of the operand that receives."""
        if not self.backpropagates:
            return []
        prune = self.optimisations.prune
        wanted = self.dependent(self.wrt if prune else range(len(self.order)))
        reached = bytearray(len(self.order))
        reached[self.root] = True
        steps = []
        for number in range(self.root, -1, -1):
            if reached[number] and wanted[number]:
                for position, operand in enumerate(self.operands[number]):
                    is_flat = prune and derivatives(self.order[number].op)[position] == 0.0
                    if wanted[operand] and not is_flat:
                        reached[operand] = True
                        steps.append((number, position))
        return steps

    @cached_property
    def read(self) -> list[int]:
        """The nodes that the steps of the chain rule read, one after the other, besides the gradients they pass on."""
        return [
            number if place == OUT else self.operands[number][place]
            for number, position in self.backward
            for place in _reads(self.order[number].op)[position]
        ]

    @cached_property
    def forward(self) -> list[int]:
        """The nodes to compute, in order."""
        needed = bytearray(len(self.order))
        for root in self.roots:
            needed[self.source[root]] = True
        for read in self.read:
            needed[self.source[read]] = True
        for number in range(len(self.order) - 1, -1, -1):
            if needed[number] and number not in self.constants:
                for x in self.operands[number]:
                    needed[self.source[x]] = True
        prune = self.optimisations.prune
        return [
            number
            for number, operands in enumerate(self.operands)
            if operands and number not in self.constants and self.source[number] == number
            if needed[number] or not prune
        ]


def _check(inputs: Sequence[Value], parameters: Sequence[Value]) -> None:
    seen: set[Value] = set()
    for article, kind, leaves in (("an", "input", inputs), ("a", "parameter", parameters)):
        for leaf in leaves:
            if not isinstance(leaf, Value):
                raise TypeError(f"a program's {kind}s are Values, not {type(leaf).__name__} {leaf!r:.40}")
            if leaf.is_result:
                raise GraphError(f"{leaf!r} cannot be {article} {kind} of a program: it is computed from others")
            if leaf in seen:
                raise GraphError(f"{leaf!r} comes twice among the inputs and parameters of a program")
            seen.add(leaf)


OUT = -1  # an operation's own result, among its operands
ABSENT = -2  # the number of a node that is not in a plan


@lru_cache(maxsize=4096)
def derivatives(operation: Operation) -> tuple[Any, ...]:
    """Return an operation's local derivatives as expressions of its operands' names and ``out``."""
    return local_derivatives(operation, [Symbol(name) for name in operation.operands], Symbol("out"))


@lru_cache(maxsize=4096)
def _reads(operation: Operation) -> list[tuple[int, ...]]:
    """Return the places of the operands that each local derivative is computed from, and `OUT` for the result."""
    places = {name: place for place, name in enumerate(operation.operands)}
    return [tuple(places.get(name, OUT) for name in names_in(each)) for each in derivatives(operation)]


def sole_read(operation: Operation, position: int) -> int | None:
    """Return the place of the operand, or `OUT`, that a local derivative is equal to; None if it is an expression."""
    return _sole_reads(operation)[position]


@lru_cache(maxsize=4096)
def _sole_reads(operation: Operation) -> list[int | None]:
    found = zip(derivatives(operation), _reads(operation), strict=True)
    return [each[0] if isinstance(x, Symbol) and x.operation is None else None for x, each in found]


def forget_rules() -> None:
    """Forget what the rules of operations were read as, since those of your own may read variables that change."""
    for cached in (derivatives, _reads, _sole_reads, value_function):
        cached.cache_clear()

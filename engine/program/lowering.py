r"""Lowering: a plan as a short list of instructions on numbered slots, most of which are sums of products.

The graph that you look at keeps every node; this is for replay alone. ``y = (w0 * x0 + w1 * x1 + b).tanh()`` becomes

    w0  x0  w1  x1       forward                      backward
      \ /     \ /
      mul     mul   b    h = w0*x0 + w1*x1 + b*1      s = y*y             d_w0 = x0*d_h
        \     /    /     y = tanh(h)                  l = 1*1 + s*(-1)    d_w1 = x1*d_h
          add     /                                   d_h = l*seed        d_b  = 1*d_h
            \    /
             add         seven `Sum`s of products of two slots, and one `Apply`
              |
             tanh

A node that only one other node reads waits until that one is lowered: so a chain of sums and products becomes one
instruction, and so does everything that flows into one gradient. Terms are added in the order of the graph, so that no
rounding differs. For many samples, the instructions are split into those *before* the samples, which depend on
parameters alone, and those for *each* sample; then a `Sum` for each gradient is what a sample adds to it.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from .. import ops
from ..notation.formulas import Symbol
from ..operation import Operation
from ..sums import Dot
from .functions import value_function
from .plan import ABSENT, OUT, Plan, derivatives, sole_read

Pair = tuple[int, int]


class Sum(NamedTuple):
    """Set a slot to a sum of products of pairs of slots."""

    out: int
    pairs: list[Pair]

    @property
    def reads(self) -> list[int]:
        """The slots that are read."""
        return [slot for pair in self.pairs for slot in pair]


class Apply(NamedTuple):
    """Set a slot to the value of an operation, from the slots of its operands and then of its parameters."""

    out: int
    operation: Operation
    arguments: tuple[int, ...]

    @property
    def reads(self) -> tuple[int, ...]:
        """The slots that are read."""
        return self.arguments


Instruction = Sum | Apply


class Lowered:
    """A plan as instructions on numbered slots.

    With samples, everything that depends on inputs is computed for each sample, and the rest once ``before`` them.
    Without, all instructions are in ``before``, and the last of them set the gradients.

    Attributes:
        parameters, inputs: the first slot of the numbers that are passed in.
        gradients: the first slot of the gradients.
        roots: the slots of the values of the plan's roots; ``loss`` is the first of them.
        constants: the numbers of the slots that never change.
        varies: for each slot whether its number varies from sample to sample.
        before, each: the instructions; the first ``forward`` of ``each`` compute the roots.
        shares: with samples, what each sample adds to each gradient, as the sum that the slot grows by.
        size: the count of slots.
    """

    def __init__(self, plan: Plan, samples: bool = False) -> None:
        self.plan, self.samples = plan, samples
        self.constants: dict[int, float] = {}
        self.before, self.each, self.shares = list[Instruction](), list[Instruction](), list[Sum]()
        self.varies = bytearray()
        self._slots: dict[int, int] = {}
        self._known: dict[str, int] = {}
        self._waiting: dict[int, list[Pair]] = {}  # sums that only one other node reads
        self._parts_of = -1  # the node whose local derivatives are computed
        self._parts: dict[Symbol, int] = {}  # the slots of their common parts
        self.parameters = self._new(False, len(plan.parameters))
        self.inputs = self._new(samples, len(plan.inputs))
        self.gradients = self._new(False, len(plan.wrt))
        self.zero, self.one, self.minus_one = map(self._constant, (0.0, 1.0, -1.0))
        for first, numbers in ((self.parameters, plan.parameters), (self.inputs, plan.inputs)):
            self._slots.update((number, first + i) for i, number in enumerate(numbers) if number != ABSENT)
        self._forward()
        self.roots = [self._slot(root) for root in plan.roots]
        self.loss, self.forward = self.roots[0], len(self.each)
        self._backward()

    @property
    def size(self) -> int:
        """The count of slots."""
        return len(self.varies)

    # --- slots ----------------------------------------------------------------------------------------

    def _new(self, varies: bool, count: int = 1) -> int:
        """Return the first of some new slots, whose numbers vary from sample to sample or not."""
        self.varies.extend([varies] * count)
        return self.size - count

    def _constant(self, number: float) -> int:
        slot = self._known.get(repr(number))
        if slot is None:
            slot = self._known[repr(number)] = self._new(False)
            self.constants[slot] = number
        return slot

    def _slot(self, number: int) -> int:
        """Return the slot of a node's value; a sum that still waits is computed now."""
        slot = self._slots.get(number)
        if slot is None:
            number = self.plan.source[number]
            slot = self._slots.get(number)
        if slot is None:
            constant = self.plan.constants.get(number)
            slot = self._sum(self._waiting.pop(number)) if constant is None else self._constant(constant)
            self._slots[number] = slot
        return slot

    def _emit(self, instruction: Instruction) -> int:
        (self.each if self.varies[instruction.out] else self.before).append(instruction)
        return instruction.out

    def _sum(self, pairs: list[Pair]) -> int:
        if len(pairs) == 1 and self.one in pairs[0]:
            return pairs[0][pairs[0][0] == self.one]
        varies = any(self.varies[a] or self.varies[b] for a, b in pairs)
        return self._emit(Sum(self._new(varies), pairs))

    def _apply(self, operation: Operation, operands: Sequence[int]) -> int:
        parameters = [self._constant(float(number)) for number in value_function(operation)[1]]
        arguments = (*operands, *parameters)
        return self._emit(Apply(self._new(any(self.varies[slot] for slot in arguments)), operation, arguments))

    # --- forward --------------------------------------------------------------------------------------

    def _forward(self) -> None:
        plan, source = self.plan, self.plan.source
        uses = [0] * len(plan.order)  # how often each node's value is read
        for root in plan.roots:
            uses[source[root]] = 2  # so that it does not wait
        for number in plan.forward:
            for x in plan.operands[number]:
                uses[source[x]] += 1
        for read in plan.read:
            uses[source[read]] += 1
        for number in plan.forward:
            operation, operands = plan.order[number].op, plan.operands[number]
            pairs: list[Pair] | None
            if isinstance(operation, Dot):
                pairs = self._dot(operands)
            elif operation is ops.add or operation is ops.sub:
                pairs = self._added(operands, operation is ops.sub)
            else:
                slots = list(map(self._slot, operands))
                pairs = self._products(operation, slots)
            if pairs is None:
                self._slots[number] = self._apply(operation, slots)
            elif uses[number] == 1:
                self._waiting[number] = pairs
            else:
                self._slots[number] = self._sum(pairs)

    def _added(self, operands: Sequence[int], negative: bool) -> list[Pair]:
        """Return a sum or a difference of nodes as products to add, among them those of sums that wait."""
        left, right = map(self.plan.source.__getitem__, operands)
        pairs = self._waiting.pop(left, None) or [(self._slot(left), self.one)]
        if negative or len(self._waiting.get(right, ())) != 1:
            pairs.append((self._slot(right), self.minus_one if negative else self.one))
        else:
            pairs += self._waiting.pop(right)
        return pairs

    def _dot(self, operands: Sequence[int]) -> list[Pair]:
        """Return a sum of products of nodes."""
        start, slots = self.plan.source[operands[0]], list(map(self._slot, operands[1:]))
        pairs = self._waiting.pop(start, None) or [(self._slot(start), self.one)]
        return [*pairs, *zip(slots[::2], slots[1::2], strict=True)]

    def _products(self, operation: Operation, slots: Sequence[int]) -> list[Pair] | None:
        """Return an operation on slots as products to add; None if it is not a sum of products."""
        if operation is ops.mul:
            return [(slots[0], slots[1])]
        if operation is ops.neg:
            return [(slots[0], self.minus_one)]
        if operation is ops.add or operation is ops.sub:
            return [(slots[0], self.one), (slots[1], self.one if operation is ops.add else self.minus_one)]
        return None

    # --- backward -------------------------------------------------------------------------------------

    def _backward(self) -> None:
        plan, order, operands = self.plan, self.plan.order, self.plan.operands
        arriving: defaultdict[int, list[Pair]] = defaultdict(list, {plan.root: [(self.one, self.one)]})
        upstream, last = self.one, -1
        for number, position in plan.backward:
            if number != last:
                upstream, last = self._sum(arriving.pop(number)), number
            read = sole_read(order[number].op, position)
            if read is None:
                local = self._local(number, position)
            else:
                local = self._slot(number if read == OUT else operands[number][read])
            arriving[operands[number][position]].append((local, upstream))
        for slot, number in enumerate(plan.wrt, self.gradients):
            (self.shares if self.samples else self.before).append(Sum(slot, arriving[number]))

    def _local(self, number: int, position: int) -> int:
        """Return the slot of a local derivative."""
        operation = self.plan.order[number].op
        derivative = derivatives(operation)[position]
        if not isinstance(derivative, Symbol):
            return self._constant(derivative)
        if number != self._parts_of:
            self._parts_of, self._parts = number, {}
        names = dict(zip(operation.operands, self.plan.operands[number], strict=True))
        return self._expression(derivative, {**names, "out": number})

    def _expression(self, expression: Any, names: dict[str, int]) -> int:
        """Return the slot of an expression of nodes."""
        if not isinstance(expression, Symbol):
            return self._constant(expression)
        if expression.operation is None:
            return self._slot(names[expression.name])
        if expression not in self._parts:
            slots = [self._expression(x, names) for x in expression.operands]
            pairs = self._products(expression.operation, slots)
            self._parts[expression] = self._apply(expression.operation, slots) if pairs is None else self._sum(pairs)
        return self._parts[expression]

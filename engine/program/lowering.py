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
parameters alone, those for *each* sample, and those *after* all samples, which depend on sums over them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from .. import ops
from ..notation.formulas import Symbol
from ..operation import Operation
from .functions import value_function
from .plan import ABSENT, OUT, Plan, derivatives, sole_read

Pair = tuple[int, int]


class Sum(NamedTuple):
    """Set a slot to a sum of products of pairs of slots; where it grows, add it to the number in the slot."""

    out: int
    pairs: list[Pair]
    grows: bool = False

    @property
    def reads(self) -> list[int]:
        """The slots that are read."""
        return [slot for pair in self.pairs for slot in pair]


class Apply(NamedTuple):
    """Set a slot to the value of an operation, from the slots of its operands and then of its parameters."""

    out: int
    operation: Operation
    arguments: tuple[int, ...]
    grows: bool = False  # it never does

    @property
    def reads(self) -> tuple[int, ...]:
        """The slots that are read."""
        return self.arguments


Instruction = Sum | Apply


class Lowered:
    """A plan as instructions on numbered slots.

    With samples, everything that depends on inputs is computed for each sample and the rest once: ``before`` them, or
    ``after`` them if it reads a sum over all samples. Without, all instructions are in ``before``.

    Attributes:
        parameters, inputs: the first slot of the numbers that are passed in.
        seed: the slot of the seed; for each sample its weight.
        loss: the slot of the root's value; with samples, of the weighted sum of its values.
        gradients: the first slot of the gradients.
        roots: the slots of the values of the plan's roots.
        constants: the numbers of the slots that never change.
        sums: the slots that add up over the samples.
        before, each, after: the instructions.
        size: the count of slots.
    """

    def __init__(self, plan: Plan, samples: bool = False) -> None:
        self.plan, self.samples = plan, samples
        self.constants: dict[int, float] = {}
        self.before, self.each, self.after = list[Instruction](), list[Instruction](), list[Instruction]()
        self.sums: list[int] = []
        self._varies = bytearray()
        self._slots: dict[int, int] = {}
        self._known: dict[str, int] = {}
        self._waiting: dict[int, list[Pair]] = {}  # sums that only one other node reads
        self._parts_of = -1  # the node whose local derivatives are computed
        self._parts: dict[Symbol, int] = {}  # the slots of their common parts
        self._late: set[int] = set()  # slots that are set after all samples
        self.parameters = self._new(False, len(plan.parameters))
        self.inputs = self._new(samples, len(plan.inputs))
        self.seed = self._new(samples)
        self.gradients = self._new(False, len(plan.wrt))
        self.zero, self.one, self.minus_one = map(self._constant, (0.0, 1.0, -1.0))
        for first, numbers in ((self.parameters, plan.parameters), (self.inputs, plan.inputs)):
            self._slots.update((number, first + i) for i, number in enumerate(numbers) if number != ABSENT)
        self._differs = plan.dependent(plan.inputs) if samples else bytearray(len(plan.order))
        self._forward()
        self.roots = [self._slot(root) for root in plan.roots]
        self.loss = self.roots[0]
        if samples:
            self.loss = self._new(False)
            self.sums.append(self.loss)
            self._emit(Sum(self.loss, [(self.roots[0], self.seed)], grows=True))
        self._backward()

    @property
    def size(self) -> int:
        """The count of slots."""
        return len(self._varies)

    # --- slots ----------------------------------------------------------------------------------------

    def _new(self, varies: bool, count: int = 1) -> int:
        """Return the first of some new slots, whose numbers vary from sample to sample or not."""
        self._varies.extend([varies] * count)
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

    def _depends(self, slots: Sequence[int]) -> bool:
        return any(self._varies[slot] for slot in slots)

    def _emit(self, instruction: Instruction) -> int:
        if not self.samples:
            self.before.append(instruction)
        elif self._depends(instruction.reads):
            self.each.append(instruction)
        elif instruction.grows or not self._late.isdisjoint(instruction.reads):
            self.after.append(instruction)
            self._late.add(instruction.out)
        else:
            self.before.append(instruction)
        return instruction.out

    def _sum(self, pairs: list[Pair]) -> int:
        if len(pairs) == 1 and self.one in pairs[0]:
            return pairs[0][pairs[0][0] == self.one]
        varies = self.samples and any(self._varies[a] or self._varies[b] for a, b in pairs)
        return self._emit(Sum(self._new(varies), pairs))

    def _apply(self, operation: Operation, operands: Sequence[int]) -> int:
        parameters = [self._constant(number) for number in value_function(operation)[1]]
        arguments = (*operands, *parameters)
        return self._emit(Apply(self._new(self._depends(arguments)), operation, arguments))

    # --- forward --------------------------------------------------------------------------------------

    def _forward(self) -> None:
        plan, source = self.plan, self.plan.source
        uses = [0] * len(plan.order)  # how often each node's value is read
        for root in plan.roots:
            uses[source[root]] = 2  # so that it does not wait
        for number in plan.forward:
            for x in plan.operands[number]:
                uses[source[x]] += 1
        for number, position in plan.backward:
            for read in plan.reads(number, position):
                uses[source[read]] += 1
        for number in plan.forward:
            operation, operands = plan.order[number].op, plan.operands[number]
            if operation is ops.add or operation is ops.sub:
                pairs: list[Pair] | None = self._added(operands, operation is ops.sub)
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
        arriving: defaultdict[int, list[Pair]] = defaultdict(list, {plan.root: [(self.seed, self.one)]})
        upstream, last = self.seed, -1
        for number, position in plan.backward:
            if number != last:
                upstream, last = self._gradient(number, arriving.pop(number)), number
            read = sole_read(order[number].op, position)
            if read is None:
                local = self._local(number, position)
            else:
                local = self._slot(number if read == OUT else operands[number][read])
            arriving[operands[number][position]].append((local, upstream))
        for slot, number in enumerate(plan.wrt, self.gradients):
            if not self.samples:
                self._emit(Sum(slot, arriving[number]))
                continue
            self.sums.append(slot)
            for part in filter(None, self._parted(arriving[number])):
                self._emit(Sum(slot, part, grows=True))

    def _gradient(self, number: int, pairs: list[Pair]) -> int:
        """Return the slot of a node's gradient, given its contributions."""
        if not self.samples or self._differs[number]:
            return self._sum(pairs)
        each, once = self._parted(pairs)
        if not each:
            return self._sum(pairs)
        total = self._new(False)
        self.sums.append(total)
        self._late.add(total)
        self._emit(Sum(total, each, grows=True))
        return self._sum([(total, self.one), *once])

    def _parted(self, pairs: list[Pair]) -> tuple[list[Pair], list[Pair]]:
        """Return the products that vary from sample to sample, and the others."""
        return [pair for pair in pairs if self._depends(pair)], [pair for pair in pairs if not self._depends(pair)]

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


MIN_BLOCK = 4  # sums


class Block(NamedTuple):
    """Sums of equal length that set slots side by side, and multiply slots at equal distances from sum to sum."""

    first: Sum
    size: int
    left: int
    right: int


def schedule(lowered: Lowered) -> None:
    """Bring the instructions for one row that do not depend on each other side by side, and number their slots anew.

    The results do not change, nor does the order in which terms are added. But the native interpreter computes eight
    sums at once where their slots lie side by side. Four neurons ``tanh(u_i * x + v_i * y)`` are lowered one after
    another, with a tanh behind each sum, and then scheduled by level:

        lowered                      scheduled                    as blocks
        s20 = s0*s8 + s4*s9          s20 = s0*s8 + s4*s9
        s21 = tanh(s20)              s21 = s1*s8 + s5*s9          one block of 4 sums from s20 on: from sum to sum,
        s22 = s1*s8 + s5*s9          s22 = s2*s8 + s6*s9          the left slots move by 1 and the right ones by 0
        s23 = tanh(s22)              s23 = s3*s8 + s7*s9
        ...                          s24 = tanh(s20)

    The level of an instruction is the length of the longest chain of instructions that it depends on. Within a level,
    instructions are sorted by kind and by the slots that they read.
    """
    depth = [0] * lowered.size
    levels: list[list[Instruction]] = []
    for instruction in lowered.before:
        waits = max([depth[slot] for slot in instruction.reads], default=0)
        depth[instruction.out] = waits + 1
        if waits == len(levels):
            levels.append([])
        levels[waits].append(instruction)
    fixed = range(lowered.gradients, lowered.gradients + len(lowered.plan.wrt))
    free = iter(sorted(instruction.out for instruction in lowered.before if instruction.out not in fixed))
    new = list(range(lowered.size))
    lowered.before = []
    for level in levels:
        for instruction in sorted((_reading(instruction, new) for instruction in level), key=_kind):
            if instruction.out not in fixed:
                new[instruction.out] = next(free)
            lowered.before.append(instruction._replace(out=new[instruction.out]))
    lowered.roots = [new[slot] for slot in lowered.roots]
    lowered.loss = new[lowered.loss]


def _kind(instruction: Instruction) -> tuple[int, ...]:
    """Return a sort key for instructions of one kind, and of one second factor: an input or an upstream gradient."""
    if isinstance(instruction, Sum):
        left, right = instruction.pairs[0] if instruction.pairs else (0, 0)
        return len(instruction.pairs), right, left
    return -id(instruction.operation), *instruction.arguments


def _reading(instruction: Instruction, new: Sequence[int]) -> Instruction:
    """Return an instruction with the new numbers of the slots that it reads."""
    if isinstance(instruction, Sum):
        return Sum(instruction.out, [(new[a], new[b]) for a, b in instruction.pairs])
    return Apply(instruction.out, instruction.operation, tuple(new[slot] for slot in instruction.arguments))


def blocks(instructions: Sequence[Instruction]) -> Iterator[Instruction | Block]:
    """Yield instructions, with neighbouring sums as blocks where their slots lie at equal distances.

    No sum of a block reads a slot that another one sets.

    >>> sums = [Sum(10 + i, [(i, 8), (i + 4, 9)]) for i in range(4)]
    >>> list(blocks(sums))
    [Block(first=Sum(out=10, pairs=[(0, 8), (4, 9)], grows=False), size=4, left=1, right=0)]
    """
    place, end = 0, len(instructions)
    while place < end:
        first = instructions[place]
        size, left, right = 1, 0, 0
        if isinstance(first, Sum) and first.pairs and not first.grows:
            last: Instruction = first
            while place + size < end:
                following = instructions[place + size]
                step = _step(last, following)
                if step is None or (size > 1 and step != (left, right)):
                    break
                if any(first.out <= slot <= last.out for slot in following.reads):
                    break
                left, right = step
                last, size = following, size + 1
        if isinstance(first, Sum) and size >= MIN_BLOCK:
            yield Block(first, size, left, right)
        else:
            yield from instructions[place : place + size]
        place += size


def _step(one: Instruction, other: Instruction) -> tuple[int, int] | None:
    """Return the distances from the slots of one sum to those of another; None unless they are all equal."""
    if not (isinstance(one, Sum) and isinstance(other, Sum)) or other.out != one.out + 1 or other.grows:
        return None
    pairs, others = one.pairs, other.pairs
    if len(pairs) != len(others):
        return None
    left, right = others[0][0] - pairs[0][0], others[0][1] - pairs[0][1]
    for (a, b), (c, d) in zip(pairs, others, strict=True):
        if c - a != left or d - b != right:
            return None
    return left, right

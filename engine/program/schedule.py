"""The schedule of a lowered plan for one sample: sums of products side by side, for C to compute eight at once."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .lowering import Apply, Instruction, Lowered, Sum

MIN_RUN = 4  # sums


class Run(NamedTuple):
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

        lowered                      scheduled                    as runs
        s20 = s0*s8 + s4*s9          s20 = s0*s8 + s4*s9
        s21 = tanh(s20)              s21 = s1*s8 + s5*s9          one run of 4 sums from s20 on: from sum to sum,
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


def runs(instructions: Sequence[Instruction]) -> Iterator[Instruction | Run]:
    """Yield instructions, with neighbouring sums as runs where their slots lie at equal distances.

    No sum of a run reads a slot that another one sets.

    >>> sums = [Sum(10 + i, [(i, 8), (i + 4, 9)]) for i in range(4)]
    >>> list(runs(sums))
    [Run(first=Sum(out=10, pairs=[(0, 8), (4, 9)]), size=4, left=1, right=0)]
    """
    place, end = 0, len(instructions)
    while place < end:
        first = instructions[place]
        size, left, right = 1, 0, 0
        if isinstance(first, Sum) and first.pairs:
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
        if isinstance(first, Sum) and size >= MIN_RUN:
            yield Run(first, size, left, right)
        else:
            yield from instructions[place : place + size]
        place += size


def _step(one: Instruction, other: Instruction) -> tuple[int, int] | None:
    """Return the distances from the slots of one sum to those of another; None unless they are all equal."""
    if not (isinstance(one, Sum) and isinstance(other, Sum)) or other.out != one.out + 1:
        return None
    pairs, others = one.pairs, other.pairs
    if len(pairs) != len(others):
        return None
    left, right = others[0][0] - pairs[0][0], others[0][1] - pairs[0][1]
    for (a, b), (c, d) in zip(pairs, others, strict=True):
        if c - a != left or d - b != right:
            return None
    return left, right

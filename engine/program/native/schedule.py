"""Scheduling: instructions of one kind that do not wait for each other are brought side by side.

What is computed does not change, nor the order in which anything is added up. But the sums of, say, one row of a
layer then stand next to each other, and the interpreter can compute several of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..lowering import Apply, Instruction, Lowered, Sum

FEWEST = 4  # sums that are worth a block


class Block(NamedTuple):
    """Hold sums of equal length that stand side by side.

    Attributes:
        first: the first of them; the slots that the others set follow its own.
        size: how many there are.
        left, right: how far the slots that they multiply move from one sum to the next.
    """

    first: Sum
    size: int
    left: int
    right: int


def schedule(lowered: Lowered) -> None:
    """Reorder the instructions of a plan for one row, and number the slots that they set in the new order."""
    fixed = range(lowered.gradients, lowered.gradients + len(lowered.plan.wrt))
    free = iter(sorted(instruction.out for instruction in lowered.before if instruction.out not in fixed))
    new = list(range(lowered.size))
    lowered_before, lowered.before = lowered.before, []
    for level in _levels(lowered_before, lowered.size):
        for instruction in sorted((_reading(instruction, new) for instruction in level), key=_kind):
            if instruction.out not in fixed:
                new[instruction.out] = next(free)
            lowered.before.append(instruction._replace(out=new[instruction.out]))
    lowered.roots = [new[slot] for slot in lowered.roots]
    lowered.loss = new[lowered.loss]


def _levels(instructions: Sequence[Instruction], size: int) -> list[list[Instruction]]:
    """Return the instructions by how many others they must wait for, one behind the other."""
    depth = [0] * size
    levels: list[list[Instruction]] = []
    for instruction in instructions:
        waits = max([depth[slot] for slot in instruction.reads], default=0)
        depth[instruction.out] = waits + 1
        if waits == len(levels):
            levels.append([])
        levels[waits].append(instruction)
    return levels


def _kind(instruction: Instruction) -> tuple[int, ...]:
    """Return what brings instructions of a kind side by side: those that read the same, in the order of the rest.

    Of a product in a sum, the second factor is mostly what many sums read: an input of a layer, or the gradient that
    arrives at it.
    """
    if isinstance(instruction, Sum):
        left, right = instruction.pairs[0] if instruction.pairs else (0, 0)
        return len(instruction.pairs), right, left
    return -id(instruction.operation), *instruction.arguments


def _reading(instruction: Instruction, new: Sequence[int]) -> Instruction:
    """Return an instruction that reads the slots by their new numbers."""
    if isinstance(instruction, Sum):
        return Sum(instruction.out, [(new[a], new[b]) for a, b in instruction.pairs])
    return Apply(instruction.out, instruction.operation, tuple(new[slot] for slot in instruction.arguments))


def blocks(instructions: Sequence[Instruction]) -> Iterator[Instruction | Block]:
    """Yield instructions, with neighbouring sums as blocks where their slots move evenly.

    No sum of a block reads what another one of it sets.

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
        if isinstance(first, Sum) and size >= FEWEST:
            yield Block(first, size, left, right)
        else:
            yield from instructions[place : place + size]
        place += size


def _step(one: Instruction, other: Instruction) -> tuple[int, int] | None:
    """Return how far the slots of one sum lie from those of another, if they lie equally far; else None."""
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

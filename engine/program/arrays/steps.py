r"""Steps: a lowered program as few operations on whole arrays, level by level.

A slot of a lowered program becomes a column of an array whose other dimensions are those of the samples. Instructions
of one level, none of which needs another, are computed together if they apply the same operation, add up as many
products, or are a matrix. So the scalars of a network become what they were written for, a few products of matrices:

    s10 = b0*1 + w00*x0 + w01*x1     s13 = tanh(s10)        v1 = _matrix(x, weights, start)
    s11 = b1*1 + w10*x0 + w11*x1     s14 = tanh(s11)        v2 = _tanh_1(v1)
    s12 = b2*1 + w20*x0 + w21*x1     s15 = tanh(s12)

The level of an instruction is the length of the longest chain of instructions that it depends on.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from ...operation import Operation
from ..blocks import Matrix, with_matrices
from ..lowering import Instruction, Lowered, Sum

Level = dict[Any, list[Instruction | Matrix]]  # the instructions of a level by kind


class Step(NamedTuple):
    """Instructions that are computed together.

    Attributes:
        out: the slots that they set.
        parts: the instructions: matrices with the same weights, sums of as many products, or one operation.
    """

    out: list[int]
    parts: Sequence[Any]

    @property
    def operation(self) -> Operation | None:
        """The operation that is applied; None for sums and matrices."""
        return getattr(self.parts[0], "operation", None)

    def operands(self) -> list[list[int]]:
        """Return for each operand of the operation the slots that are read."""
        return [[part.arguments[place] for part in self.parts] for place in range(self.parts[0].operation.arity)]


def reads(part: Instruction | Matrix) -> Iterable[int]:
    """Return the slots that an instruction or a matrix reads."""
    if isinstance(part, Matrix):
        return chain(part.terms, part.start, *part.weights)
    operation = getattr(part, "operation", None)
    return part.reads[: operation.arity] if operation else part.reads


def steps(lowered: Lowered) -> list[Step]:
    """Return the steps of a program for many samples, in an order in which they can be computed."""
    depth = [0] * lowered.size
    levels: list[Level] = []
    for part in chain(lowered.before, with_matrices(lowered)):
        level = max([depth[slot] for slot in reads(part)], default=0)
        while level >= len(levels):
            levels.append({})
        outs = part.out if isinstance(part, Matrix) else [part.out]
        for out in outs:
            depth[out] = level + 1
        varies = bool(lowered.varies[outs[0]])
        levels[level].setdefault((varies, _kind(part)), []).append(part)
    return [Step(_outs(parts), parts) for level in levels for parts in level.values()]


def _kind(part: Instruction | Matrix) -> Any:
    if isinstance(part, Matrix):
        return tuple(part.weights), tuple(part.start), len(part.terms)
    return len(part.pairs) if isinstance(part, Sum) else part.operation


def _outs(parts: Sequence[Any]) -> list[int]:
    return list(chain.from_iterable(part.out if isinstance(part, Matrix) else [part.out] for part in parts))

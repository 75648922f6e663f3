r"""Blocks: the matrices in a lowered program, found in its sums of products from structure alone.

A layer of a network is recorded number by number, and lowered to a sum for each neuron. The sums of a layer multiply
the same numbers of the sample by weights of their own, so they are a matrix times a vector, and are computed as such:

    for each sample                                as blocks
    s10 = b0*1 + w00*x0 + w01*x1                   s10   b0   w00 w01   x0
    s11 = b1*1 + w10*x0 + w11*x1                   s11 = b1 + w10 w11 * x1
    s12 = b2*1 + w20*x0 + w21*x1                   s12   b2   w20 w21
    s13 = tanh(s10) ...                            tanh ...
    gradient of w00 grows by x0*s40, of            gradients of all weights grow by
    w01 by x1*s40, of w10 by x0*s41 ...            (s40, s41, s42) times (x0, x1, 1)

Matrices need not be declared: sums are of one block if they multiply the same slots that vary from sample to sample,
in the same order, by numbers that do not vary. The backward pass gives the transposed matrices in the same way, since
the gradient of each ``x`` is a sum over all neurons. What fits no block stays as it is, in its place. Each sum keeps
the order of its terms, so no bit of a result changes.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from ..support.text import counted, listed
from .lowering import Apply, Instruction, Lowered, Sum
from .plan import Plan

MIN_ROWS, MIN_PRODUCTS = 2, 12  # of a block


class Matrix(NamedTuple):
    """Sums that multiply the same slots, which vary from sample to sample, by numbers that do not.

    Attributes:
        out: the slots of the sums.
        start: for each sum the slot of the number that it begins with; empty if it begins with a product.
        weights: for each sum the slots of its factors.
        terms: the slots that vary.
    """

    out: list[int]
    start: list[int]
    weights: list[tuple[int, ...]]
    terms: tuple[int, ...]


class Outer(NamedTuple):
    """Gradients that grow by the products of some slots, for the rows, with others, for the columns.

    Where a matrix is used in several places, a row and a column have a slot for each of them, and the products are
    added up.

    Attributes:
        out: for each row the slots of the gradients.
        rows, columns: the slots that are multiplied, for each place.
    """

    out: list[tuple[int, ...]]
    rows: list[tuple[int, ...]]
    columns: tuple[tuple[int, ...], ...]


def with_matrices(lowered: Lowered) -> list[Instruction | Matrix]:
    """Return the instructions for each sample, with those sums as matrices that are parts of one.

    A matrix stands where its first sum stood: that one reads all that the others read.
    """
    found: list[Instruction | Matrix | None] = []
    matrices: dict[tuple[bool, tuple[int, ...]], tuple[int, Matrix]] = {}
    for instruction in lowered.each:
        parts = _parts(instruction, lowered) if isinstance(instruction, Sum) else None
        if parts is None:
            found.append(instruction)
            continue
        start, weights, terms = parts
        place, matrix = matrices.setdefault((start is not None, terms), (len(found), Matrix([], [], [], terms)))
        found.append(instruction)
        matrix.out.append(instruction.out)
        matrix.weights.append(weights)
        if start is not None:
            matrix.start.append(start)
    members: set[int] = set()
    for place, matrix in matrices.values():
        if len(matrix.out) >= MIN_ROWS and len(matrix.out) * len(matrix.terms) >= MIN_PRODUCTS:
            members.update(matrix.out)
            found[place] = matrix
    return [x for x in found if x is not None and (isinstance(x, Matrix) or x.out not in members)]


def _parts(instruction: Sum, lowered: Lowered) -> tuple[int | None, tuple[int, ...], tuple[int, ...]] | None:
    """Return the slot that a sum begins with, its weights, and the slots that vary; None if there are others."""
    pairs, varies, start = instruction.pairs, lowered.varies, None
    a, b = pairs[0]
    if not (varies[a] or varies[b]) and lowered.one in (a, b):
        start, pairs = (a if b == lowered.one else b), pairs[1:]
    if len(pairs) < 2:
        return None
    left, right = zip(*pairs, strict=True)
    ours, theirs = itemgetter(*left)(varies), itemgetter(*right)(varies)
    if not any(ours) and all(theirs):
        return start, left, right
    if not any(theirs) and all(ours):
        return start, right, left
    if any(x and y for x, y in zip(ours, theirs, strict=True)):
        return None
    one, turned = lowered.one, []
    for (a, b), varying in zip(pairs, ours, strict=True):
        turned.append((b, a) if varying or a == one else (a, b))
    if not all(varies[term] or term == one for _, term in turned):
        return None
    left, right = zip(*turned, strict=True)
    return start, left, right


def outers(lowered: Lowered) -> tuple[list[Outer], list[Sum]]:
    """Return the gradients that are products of rows and columns, and the others."""
    rows: dict[tuple[int, ...], tuple[list[tuple[int, ...]], list[Sum]]] = {}
    others: list[Sum] = []
    varying: dict[tuple[int, ...], bool] = {}  # many gradients have one row or one column
    for share in lowered.shares:
        if not share.pairs:
            others.append(share)
            continue
        columns, upstream = zip(*share.pairs, strict=True)
        for slots in columns, upstream:
            if slots not in varying:
                varying[slots] = all(lowered.varies[slot] or slot == lowered.one for slot in slots)
        if varying[columns] and varying[upstream] and lowered.one not in upstream:
            known = rows.setdefault(upstream, ([], []))
            known[0].append(columns)
            known[1].append(share)
        else:
            others.append(share)
    found: dict[tuple[tuple[int, ...], ...], Outer] = {}
    for upstream, (every, shares) in rows.items():
        outer = found.setdefault(tuple(every), Outer([], [], tuple(every)))
        outer.out.append(tuple(share.out for share in shares))
        outer.rows.append(upstream)
    blocks = []
    for outer in found.values():
        if len(outer.rows) >= MIN_ROWS and len(outer.rows) * len(outer.columns) >= MIN_PRODUCTS:
            blocks.append(outer)
        else:
            others += _sums(outer)
    return blocks, others


def _sums(outer: Outer) -> Iterator[Sum]:
    for out, row in zip(outer.out, outer.rows, strict=True):
        for slot, column in zip(out, outer.columns, strict=True):
            yield Sum(slot, list(zip(column, row, strict=True)))


def affine(table: Sequence[Sequence[int]]) -> tuple[int, int, int] | None:
    """Return the first number of a table, and the distances from row to row and column to column, if they are equal.

    >>> affine([[5, 6, 7], [15, 16, 17]]), affine([[5, 6], [7, 9]])
    ((5, 10, 1), None)
    """
    first, count = table[0][0], len(table[0])
    across = table[0][1] - first if count > 1 else 1
    down = table[1][0] - first if len(table) > 1 else 1
    for number, row in enumerate(table):
        start = first + number * down
        stop = start + count * across
        if across == 0 or tuple(row) != tuple(range(start, stop, across)):
            return None
    return first, down, across


def describe_blocks(plan: Plan) -> list[str]:
    """Return a line for each block that is found in a plan for many samples, and for what is between them."""
    lowered = Lowered(plan, samples=True)
    forward = {instruction.out for instruction in lowered.each[: lowered.forward]}
    given = range(lowered.inputs, lowered.inputs + len(plan.inputs))
    made = {lowered.one: "1", **dict.fromkeys(given, "inputs")}  # what set each slot
    passes: dict[str, list[str]] = {"forward": [], "backward": []}
    between: list[Instruction] = []

    def flush(lines: list[str]) -> None:
        if between:
            lines.append(_between(between))
            between.clear()

    way = "forward"
    for part in with_matrices(lowered):
        out = part.out[0] if isinstance(part, Matrix) else part.out
        if way == "forward" and out not in forward:
            flush(passes[way])
            way = "backward"
        if isinstance(part, Matrix):
            flush(passes[way])
            kinds = dict.fromkeys(made[slot] for slot in part.terms)
            bias = " with bias" if part.start else ""
            shape = f"{len(part.out)} x {len(part.terms)}"
            passes[way].append(f"matrix {shape}{bias}, times {listed(list(kinds), most=3)}")
            made.update(dict.fromkeys(part.out, "sums"))
        else:
            between.append(part)
            made[part.out] = part.operation.name if isinstance(part, Apply) else "sums"
    flush(passes[way])
    found, others = outers(lowered)
    for outer in found:
        places = counted(len(outer.rows[0]), "place")
        at = f", added up over {places}" if len(outer.rows[0]) > 1 else ""
        passes["backward"].append(f"gradients of {len(outer.rows)} x {len(outer.columns)} parameters{at}")
    if others:
        passes["backward"].append(counted(len(others), "other gradient"))
    return [f"{way:8}  {line}" for way, lines in passes.items() for line in lines]


def _between(instructions: Sequence[Instruction]) -> str:
    """Return what is computed between matrices: each operation and how often."""
    kinds = Counter(map(_name, instructions))
    return ", ".join(f"{name} {count} times" if count > 1 else name for name, count in kinds.items())


def _name(instruction: Instruction) -> str:
    if isinstance(instruction, Apply):
        return instruction.operation.name
    return "sum" if len(instruction.pairs) > 1 else "product"

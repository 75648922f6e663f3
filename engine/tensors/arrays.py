"""Arrays of scalars: NumPy's arrays of Values and plain numbers, and what tensor libraries compute with them.

A number that depends on no leaf stays a plain float, so that masks, padding and zeros make no nodes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from inspect import Parameter, signature
from itertools import product
from typing import Any

from ..errors import GraphError, StepgradError, UsageError
from ..ops import maximum, minimum
from ..recording.context import noted
from ..recording.source import Source
from ..sums import dot
from ..support.text import counted
from ..value import Value, lift

LIMIT = 100_000  # nodes


def numpy() -> Any:
    """Return NumPy, which PyTorch's and JAX's users have.

    Raises:
        StepgradError: it is not installed.
    """
    try:
        import numpy as found
    except ImportError:
        raise StepgradError("unrolling tensors needs NumPy: pip install numpy") from None
    return found


class Budget:
    """The count of nodes that an unrolling may still make, and where it is at the moment.

    Args:
        limit: the most nodes that may be made.
        caller: the function that unrolls, for messages.
    """

    def __init__(self, limit: int, caller: str) -> None:
        if not isinstance(limit, int) or limit < 1:
            raise UsageError(f"limit must be a whole number, 1 or more, not {limit!r}")
        self.limit, self.caller, self.made = limit, caller, 0
        self.operation, self.source = "", Source("", 0)

    def at(self, operation: str, source: Source, scope: tuple[str, ...]) -> noted:
        """Return the context of an operation: nodes made inside belong to a line and to a scope."""
        self.operation, self.source = operation, source
        return noted(source, scope)

    @property
    def place(self) -> str:
        """The operation and the line of the user's program that it comes from."""
        return f"{self.operation} in {self.source}"

    def spend(self, count: int) -> None:
        """Note nodes that are about to be made.

        Raises:
            GraphError: they are too many.
        """
        self.made += count
        if self.made > self.limit:
            raise GraphError(
                f"{self.caller} unrolls a computation into at most {self.limit:,} nodes, and {self.place} would make"
                f" {counted(count, 'node')}, {self.made:,} in all; pass fewer samples, a shorter sequence or a smaller"
                " model, or raise limit="
            )

    def refuse(self, why: str) -> GraphError:
        """Return the error for an operation that cannot be unrolled."""
        return GraphError(f"{self.caller} cannot unroll {self.place}: {why}")


def argument_names(function: Any, arguments: Sequence[Any], named: Mapping[str, Any]) -> dict[Any, str]:
    """Return the names of a function's arguments, by their places and keywords."""
    names: dict[Any, str] = {key: key for key in named}
    try:
        shown = [p for p in signature(function).parameters.values() if p.kind <= p.VAR_POSITIONAL]
    except (TypeError, ValueError):
        shown = []
    for place in range(len(arguments)):
        if place < len(shown) and shown[place].kind != Parameter.VAR_POSITIONAL:
            names[place] = shown[place].name
        elif shown and shown[-1].kind == Parameter.VAR_POSITIONAL:
            names[place] = f"{shown[-1].name}[{place - len(shown) + 1}]"
        else:
            names[place] = f"x{place}"
    return names


def array(things: Any) -> Any:
    """Return one number or an array as an array of objects."""
    np = numpy()
    if isinstance(things, np.ndarray) and things.dtype == object:
        return things
    made = np.empty(np.shape(things), dtype=object)
    made[...] = things.tolist() if isinstance(things, np.ndarray) else things
    return made


def number(thing: Any) -> float:
    """Return the number of an element."""
    return thing.data if isinstance(thing, Value) else thing


def leaf_array(numbers: Any, name: str) -> Any:
    """Return an array of leaves with the labels ``name[0][2]``."""
    np = numpy()
    made = np.empty(np.shape(numbers), dtype=object)
    for place in np.ndindex(made.shape):
        made[place] = Value(float(numbers[place]), name and name + "".join(f"[{i}]" for i in place))
    return made


def values(things: Any) -> Any:
    """Return an array as Values: one, or nested lists of them."""
    if not isinstance(things, list):
        found = things.tolist() if hasattr(things, "tolist") else things
        return values(found) if isinstance(found, list) else found if isinstance(found, Value) else _constant(found)
    return [values(each) for each in things]


def _constant(number: float) -> Value:
    found: Value = lift(float(number))
    return found


def each(budget: Budget, function: Callable[..., Any], *arrays: Any, nodes: int = 1) -> Any:
    """Apply a function of scalars to arrays, element by element, with NumPy's broadcasting.

    Args:
        budget: what the nodes count for.
        function: what to apply.
        arrays: its operands.
        nodes: how many nodes the function makes.
    """
    np = numpy()
    broad = np.broadcast_arrays(*map(array, arrays))
    made = np.empty(broad[0].shape, dtype=object)
    budget.spend(nodes * made.size)
    flat = [x.ravel().tolist() for x in broad]
    made.ravel()[:] = _objects(function(*operands) for operands in zip(*flat, strict=True))
    return made


def _objects(things: Iterable[Any]) -> Any:
    np, found = numpy(), list(things)
    made = np.empty(len(found), dtype=object)
    for place, thing in enumerate(found):
        made[place] = thing
    return made


def along(function: Callable[[list[Any]], Any], things: Any, axes: Sequence[int] | None, keep: bool = False) -> Any:
    """Reduce an array by a function of a list of scalars along some axes, all without any."""
    np, things = numpy(), array(things)
    chosen = sorted({axis % things.ndim for axis in axes}) if axes and things.ndim else list(range(things.ndim))
    rest = [axis for axis in range(things.ndim) if axis not in chosen]
    shape = tuple(things.shape[axis] for axis in rest)
    count = int(np.prod([things.shape[axis] for axis in chosen], dtype=int))
    rows = things.transpose([*rest, *chosen]).reshape((-1, count) if things.size else (int(np.prod(shape)), count))
    made = _objects(function(row.tolist()) for row in rows)
    return made.reshape([1 if axis in chosen else size for axis, size in enumerate(things.shape)] if keep else shape)


def total(budget: Budget, things: Any, axes: Sequence[int] | None = None, keep: bool = False) -> Any:
    """Return sums along axes, added from first to last."""
    budget.spend(array(things).size)
    return along(add_up, things, axes, keep)


def add_up(row: Sequence[Any]) -> Any:
    """Return the sum of scalars, without plain zeros."""
    left = [x for x in row if x.__class__ is not float or x != 0.0]
    return reduce(operator.add, left) if left else 0.0


def multiply_up(row: Sequence[Any]) -> Any:
    """Return the product of scalars."""
    return reduce(operator.mul, row) if row else 1.0


def largest(row: Sequence[Any]) -> Any:
    """Return the largest of scalars; those that tie share the derivative evenly."""
    return _extremum(maximum, row)


def smallest(row: Sequence[Any]) -> Any:
    """Return the smallest of scalars; those that tie share the derivative evenly."""
    return _extremum(minimum, row)


def _extremum(operation: Any, row: Sequence[Any]) -> Any:
    if len(row) == 1:
        return row[0]
    if not any(isinstance(x, Value) for x in row):
        return max(row) if operation is maximum else min(row)
    return operation.of(len(row))(*map(_lifted, row)) if len(row) > 2 else operation(*row)


def _lifted(thing: Any) -> Value:
    return thing if isinstance(thing, Value) else _constant(thing)


def times(x: Any, y: Any) -> Any:
    """Return a product; a plain 0 or 1 makes no node."""
    for one, other in ((x, y), (y, x)):
        if one.__class__ is float:
            if one == 0.0:
                return 0.0
            if one == 1.0:
                return other
    return x * y


def plus(x: Any, y: Any) -> Any:
    """Return a sum; a plain 0 makes no node."""
    if y.__class__ is float and y == 0.0:
        return x
    return y if x.__class__ is float and x == 0.0 else x + y


def inner(weights: Sequence[Any], x: Sequence[Any]) -> Any:
    """Return a sum of products, without those with a plain 0."""
    pairs = [(a, b) for a, b in zip(weights, x, strict=True) if not _is_zero(a) and not _is_zero(b)]
    return dot([a for a, _ in pairs], [b for _, b in pairs]) if pairs else 0.0


def _is_zero(thing: Any) -> bool:
    return thing.__class__ is float and thing == 0.0


def matmul(budget: Budget, x: Any, y: Any) -> Any:
    """Return the product of two matrices, or of stacks of them."""
    np, x, y = numpy(), array(x), array(y)
    (n, k), m = x.shape[-2:], y.shape[-1]
    stack = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    budget.spend(int(np.prod(stack, dtype=int)) * n * m * max(1, 2 * k - 1))
    x, y = np.broadcast_to(x, (*stack, n, k)), np.broadcast_to(y, (*stack, k, m))
    made = np.empty((*stack, n, m), dtype=object)
    for place in np.ndindex(*stack):
        rows, columns = x[place].tolist(), y[place].T.tolist()
        for i, j in product(range(n), range(m)):
            made[(*place, i, j)] = inner(rows[i], columns[j])
    return made


def softmax(budget: Budget, things: Any, axis: int, log: bool) -> Any:
    """Return the softmax of scalars along an axis, or its logarithm; the largest number is subtracted as a constant."""
    np, things = numpy(), array(things)
    if not things.ndim:
        return softmax(budget, things.reshape(1), 0, log).reshape(())
    budget.spend(4 * things.size)
    made = np.moveaxis(np.empty(things.shape, dtype=object), axis, -1)
    rows = np.moveaxis(things, axis, -1)
    for place in np.ndindex(rows.shape[:-1]):
        made[place] = _objects(_softmax(rows[place].tolist(), log))
    return np.moveaxis(made, -1, axis)


def _softmax(row: list[Any], log: bool) -> list[Any]:
    from ..ops import exp
    from ..ops import log as logarithm

    top = max(map(number, row))
    gaps = [x - top for x in row]
    powers = [0.0 if x.__class__ is float and x == float("-inf") else exp(x) for x in gaps]
    whole = add_up(powers)
    if log:
        scale = logarithm(whole)
        return [x if x.__class__ is float and x == float("-inf") else x - scale for x in gaps]
    return [x if x.__class__ is float and x == 0.0 else x / whole for x in powers]


def running(budget: Budget, function: Callable[[Any, Any], Any], things: Any, axis: int, reverse: bool = False) -> Any:
    """Return running results along an axis, such as running sums."""
    np, things = numpy(), array(things)
    if not things.ndim:
        return things
    budget.spend(things.size)
    rows = np.moveaxis(np.flip(things, axis) if reverse else things, axis, 0)
    made = np.empty(rows.shape, dtype=object)
    for place in np.ndindex(rows.shape[1:]):
        last = None
        for i in range(len(rows)):
            last = rows[(i, *place)] if i == 0 else function(last, rows[(i, *place)])
            made[(i, *place)] = last
    made = np.moveaxis(made, 0, axis)
    return np.flip(made, axis) if reverse else made

"""Gradients against central differences: an independent check of every derivative."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from .derivatives import grad
from .errors import DomainError, GradientMismatchError
from .graph import topological_order
from .operation import Operation, as_float, parameter_names
from .value import Value

Function = Callable[..., Value]

FIRST_STEP = 1e-2  # relative to the input, at least to 1
SMALLEST_STEP = 1e-12
HALVINGS = 12
NEIGHBOURHOOD = 1e-6  # how near a kink counts as on it, relative likewise


@dataclass(frozen=True)
class Row:
    """Hold one line of a report: an input, and its gradient in two ways.

    Attributes:
        name: the input's name.
        at: the input's number.
        backpropagated: the gradient by the chain rule.
        numeric: the gradient by central differences.
        uncertainty: how far the central differences may be off, by their own estimate.
        kink: the operation on whose kink the point sits; empty without one.
        agrees: whether the two are the same, within the tolerance.
    """

    name: str
    at: float
    backpropagated: float
    numeric: float
    uncertainty: float
    kink: str
    agrees: bool

    @property
    def relative_error(self) -> float:
        """The disagreement relative to the larger of the two gradients."""
        size = max(abs(self.backpropagated), abs(self.numeric))
        return abs(self.backpropagated - self.numeric) / size if size else 0.0


@dataclass(frozen=True)
class Report:
    """Hold what `check_gradients` found; printing it shows the table."""

    rows: tuple[Row, ...]

    @property
    def agrees(self) -> bool:
        """Whether all gradients agree."""
        return all(row.agrees for row in self.rows)

    def __str__(self) -> str:
        head = ("input", "at", "backpropagated", "numeric", "relative error", "")
        lines = [head, *map(_cells, self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
        )


def _cells(row: Row) -> tuple[str, ...]:
    verdict = "ok" if row.agrees else "DISAGREES"
    if row.kink:
        verdict += f" (on the kink of {row.kink}: a slope between those of the two sides is a convention)"
    return (
        row.name, f"{row.at:.6g}", f"{row.backpropagated:.10g}", f"{row.numeric:.10g}",
        f"{row.relative_error:.1e}", verdict,
    )  # fmt: skip


def check_gradients(
    function: Function, inputs: Iterable[float | Value], *, rtol: float = 1e-6, atol: float = 1e-9
) -> Report:
    """Check the gradients of a function by central differences, and raise if they disagree.

    The differences are extrapolated to a step of 0 by C. J. F. Ridders' method ("Accurate computation of
    F'(x) and F'(x)F''(x)", Advances in Engineering Software 4 (1982), 75-76). Where the point sits on a kink,
    any slope between those of the two sides passes, and the report says so.

    Args:
        function: takes one Value for each input and returns a Value.
        inputs: the point: numbers, or Values, which the function may then also use without taking them
            as arguments; their ``data`` is moved during the check and put back.
        rtol, atol: how far the gradients may be apart: ``atol + rtol * |gradient|``, beside what the
            differences themselves are uncertain by, which must be small.

    Returns:
        A report whose ``str`` is a table.

    Raises:
        GradientMismatchError: they disagree; the message holds the table.
        DomainError: the function has no value at the point or right beside it.
        TypeError: the function does not return a Value.

    >>> print(check_gradients(lambda a, b: a * b + a, [2.0, -3.0]))
    input  at  backpropagated  numeric  relative error
    a      2   -2              -2       0.0e+00         ok
    b      -3  2               2        0.0e+00         ok
    """
    point = [x if isinstance(x, Value) else Value(as_float(x, "check_gradients")) for x in inputs]
    output = function(*point)
    if not isinstance(output, Value):
        raise TypeError(
            f"the function returned {type(output).__name__} {output!r}, not a Value: does it compute with v.data, "
            "float(v) or functions of math?"
        )
    gradients = [x.data for x in grad(output, point)]
    rows = []
    for index, (name, backpropagated) in enumerate(zip(_names(function, point), gradients, strict=True)):
        rows.append(_row(name, _Line(function, point, index), backpropagated, rtol, atol))
    report = Report(tuple(rows))
    if not report.agrees:
        raise GradientMismatchError(f"backpropagated and numeric gradients disagree:\n{report}")
    return report


def check_operation(operation: Operation) -> list[Report]:
    """Check an entry of the table at its samples: its derivatives, and the derivatives of those.

    Returns:
        The reports: for each sample one of first order and one of second order for each operand.

    Raises:
        GradientMismatchError: a rule is wrong; the message holds the table.

    >>> from engine import tanh
    >>> all(report.agrees for report in check_operation(tanh))
    True
    """

    def first(index: int) -> Function:
        return lambda *operands: grad(operation(*operands), operands)[index]

    functions: list[Function] = [operation, *(first(index) for index in range(operation.arity))]
    return [check_gradients(function, sample) for sample in operation.samples for function in functions]


def _names(function: Function, point: Sequence[Value]) -> list[str]:
    """Return a name for each input: its label, else the parameter's name, else x0, x1, ..."""
    names = [f"x{i}" for i in range(len(point))]
    if isinstance(function, Operation):
        names = list(function.operands)
    else:
        positional = parameter_names(function)
        names[: len(positional)] = positional[: len(names)]
    return [x.label or name for x, name in zip(point, names, strict=True)]


@dataclass(frozen=True)
class _Line:
    """Be the function along one of its inputs, the others held."""

    function: Function
    point: Sequence[Value]
    index: int

    @property
    def at(self) -> float:
        return self.point[self.index].data

    @property
    def scale(self) -> float:
        return max(1.0, abs(self.at))

    @contextmanager
    def moved(self, shift: float) -> Iterator[Value]:
        """Lend the function's graph with the input shifted."""
        moved, at = self.point[self.index], self.at
        try:
            moved.data = at + shift
            yield self.function(*self.point)
        finally:
            moved.data = at

    def value(self, shift: float) -> float:
        """Return the function's value with the input shifted."""
        with self.moved(shift) as output:
            return output.data

    def slope(self, step: float) -> float:
        """Return the central difference."""
        ahead, behind = self.at + step, self.at - step
        return (self.value(step) - self.value(-step)) / (ahead - behind)


def _row(name: str, line: _Line, backpropagated: float, rtol: float, atol: float) -> Row:
    numeric, uncertainty = _ridders(line)
    allowed = atol + rtol * max(abs(backpropagated), abs(numeric))
    low = high = numeric
    kink = _kink(line)
    if kink:
        low, high = _one_sided(line)
        allowed += 1e-4 * max(abs(low), abs(high), 1.0)
    agrees = low - allowed <= backpropagated <= high + allowed and uncertainty <= max(allowed, 1e-4 * abs(numeric))
    return Row(name, line.at, backpropagated, numeric, uncertainty, kink, agrees)


def _ridders(line: _Line) -> tuple[float, float]:
    """Return the derivative extrapolated to a step of 0, and an estimate of its error."""
    step = _widest_step(line)
    best, uncertainty = line.slope(step), float("inf")
    above = [best]
    for _ in range(HALVINGS):
        step /= 2.0
        row = [line.slope(step)]
        for column, coarse in enumerate(above):
            row.append(row[column] + (row[column] - coarse) / (4.0 ** (column + 1) - 1.0))
            error = max(abs(row[-1] - row[-2]), abs(row[-1] - coarse))
            if error < uncertainty:
                best, uncertainty = row[-1], error
        above = row
    return best, uncertainty


def _widest_step(line: _Line) -> float:
    """Return the first step that stays in the function's domain on both sides."""
    step = FIRST_STEP * line.scale
    while True:
        try:
            line.slope(step)
            return step
        except DomainError:
            if step < SMALLEST_STEP * line.scale:  # at the border of the domain itself
                raise
            step /= 4.0


def _kink(line: _Line) -> str:
    """Return the operation whose kink this input crosses right at the point, or an empty text."""
    shift = NEIGHBOURHOOD * line.scale
    with line.moved(-shift) as output:
        behind = _distances(output)
    with line.moved(shift) as output:
        ahead = _distances(output)
    for (where, before), (_, after) in zip(behind, ahead, strict=False):
        if before * after <= 0.0 and before != after:
            return where
    return ""


def _distances(root: Value) -> list[tuple[str, float]]:
    """Return every operation of the graph that has a kink, and how far its operands are from it, with a sign."""
    return [
        (node.op.name + (f" at {node.label}" if node.label else ""), node.op.kink(*(x.data for x in node.inputs)))
        for node in topological_order(root)
        if node.inputs and node.op.kink
    ]


def _one_sided(line: _Line) -> tuple[float, float]:
    """Return the lower and the higher of the slopes just before and just behind the point."""
    step = NEIGHBOURHOOD * line.scale
    here = line.value(0.0)
    slopes = [(line.value(sign * step) - here) / (sign * step) for sign in (-1.0, 1.0)]
    return min(slopes), max(slopes)

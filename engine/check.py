"""Gradients against central differences: an independent check of every derivative.

The differences are extrapolated to a step of 0 by C. J. F. Ridders' method ("Accurate computation of F'(x) and
F'(x)F''(x)", Advances in Engineering Software 4 (1982), 75-76), from ever smaller first steps until two of them agree:
a first step may cross a pole, a kink or a whole period of the function.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import inf, isfinite
from sys import float_info
from typing import NamedTuple

from .derivatives import grad, jacobian
from .errors import DomainError, GradientMismatchError
from .graph import topological_order
from .operation import Operation, as_float, parameter_names
from .support.numbers import format_number
from .support.text import format_table
from .value import Value

Function = Callable[..., Value]

FIRST_STEP = 1e-2  # relative to the input
SMALLEST_STEP = 1e-13  # the smallest step, relative likewise
HALVINGS = 6
SHRINKING = 16.0  # from one first step to the next
CLOSENESS = 1e-5  # how near two extrapolations must be, relative to their size
CERTAINTY = 1e-5  # how uncertain an extrapolation may be, relative likewise
NEGLIGIBLE = 1e-9  # how small a gradient counts as 0, relative to the function's value over the input's size
ROUNDING = 4.0 * float_info.epsilon  # how far the result of an operation may be off, relative to it
OUTSIDE = 1e4  # how many uncertainties away a gradient is wrong, although the differences do not settle
NEIGHBOURHOOD = 1e-6  # how near a kink counts as on it, relative to the input


@dataclass(frozen=True)
class Row:
    """One line of a report: an input, and its gradient in two ways."""

    name: str  # the input's name
    at: float  # the input's number
    backpropagated: float  # the gradient by the chain rule
    numeric: float  # the gradient by central differences
    uncertainty: float  # how far the central differences may be off, by their own estimate
    kink: str  # the operation on whose kink the point sits; empty without one
    trouble: str  # why the gradient could not be measured; empty where it was
    agrees: bool  # whether the two were measured and are the same, within the tolerance

    @property
    def relative_error(self) -> float:
        """The disagreement beyond the uncertainty, relative to the larger of the two gradients."""
        gap, size = abs(self.backpropagated - self.numeric), max(abs(self.backpropagated), abs(self.numeric))
        return max(0.0, gap - self.uncertainty) / size if size else 0.0

    @property
    def verdict(self) -> str:
        """``ok``, ``DISAGREES``, or why the gradient could not be measured."""
        if self.trouble:
            return f"could not be measured: {self.trouble}"
        kink = f" (on the kink of {self.kink}: a slope between those of the two sides is a convention)"
        return ("ok" if self.agrees else "DISAGREES") + kink * bool(self.kink)


@dataclass(frozen=True)
class Report:
    """What `check_gradients` found; printing it shows the table."""

    rows: tuple[Row, ...]

    @property
    def agrees(self) -> bool:
        """Whether all gradients were measured and agree."""
        return all(row.agrees for row in self.rows)

    def __str__(self) -> str:
        lines: list[tuple[str, ...]] = [("input", "at", "backpropagated", "numeric", "relative error", "")]
        for row in self.rows:
            gradients = (format_number(x, 10) for x in (row.backpropagated, row.numeric))
            lines.append((row.name, format_number(row.at), *gradients, f"{row.relative_error:.1e}", row.verdict))
        return "\n".join(format_table(lines))


def check_gradients(
    function: Function, inputs: Iterable[float | Value], *, rtol: float = 1e-6, atol: float = 0.0
) -> Report:
    """Check the gradients of a function by central differences, and raise if they disagree.

    Steps are relative to each input, whatever its size. Where the point sits on a kink, any slope between those of
    the two sides passes, and the report says so. What cannot be measured, as right beside a pole, is reported too,
    with the reason, and is not a disagreement.

    Args:
        function: takes one Value for each input and returns a Value.
        inputs: the point: numbers, or Values, which the function may then also use without taking them
            as arguments; their ``data`` is moved during the check and put back.
        rtol, atol: how far the gradients may be apart: ``atol + rtol * |gradient|``, beside the uncertainty of the
            differences themselves, which must be small.

    Returns:
        A report whose ``str`` is a table; its ``agrees`` says whether all were measured and agree.

    Raises:
        GradientMismatchError: they disagree; the message holds the table, ``report`` the report.
        DomainError: the function has no value at the point.
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
    if not all(row.agrees or row.trouble for row in rows):
        error = GradientMismatchError(f"backpropagated and numeric gradients disagree:\n{report}")
        error.report = report
        raise error
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
    """The function along one of its inputs, the others held."""

    function: Function
    point: Sequence[Value]
    index: int

    @property
    def at(self) -> float:
        return self.point[self.index].data

    @property
    def scale(self) -> float:
        return abs(self.at) or 1.0

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
        """Return the function's value with the input shifted.

        Raises:
            DomainError: the function has no value there.
        """
        with self.moved(shift) as output:
            if not isfinite(output.data):
                raise DomainError(f"the function is {output.data} beside the point")
            return output.data

    def slope(self, step: float) -> float:
        """Return the central difference."""
        ahead, behind = self.at + step, self.at - step
        return (self.value(step) - self.value(-step)) / (ahead - behind)


def _row(name: str, line: _Line, backpropagated: float, rtol: float, atol: float) -> Row:
    kink = _kink(line, NEIGHBOURHOOD * line.scale)
    if kink:
        step, here = NEIGHBOURHOOD * line.scale, line.value(0.0)
        low, high = sorted((line.value(sign * step) - here) / (sign * step) for sign in (-1.0, 1.0))
        numeric, uncertainty, trouble = (low + high) / 2.0, high - low, ""
        allowed = 1e-4 * max(abs(low), abs(high), 1.0)
        agrees = low - allowed <= backpropagated <= high + allowed
    else:
        numeric, uncertainty, trouble = _measure(line)
        gap = abs(backpropagated - numeric)
        agrees = gap <= atol + rtol * max(abs(backpropagated), abs(numeric)) + uncertainty
        if trouble and gap > OUTSIDE * uncertainty:  # uncertain as it is, it is not that
            trouble = ""
    return Row(name, line.at, backpropagated, numeric, uncertainty, kink, trouble, agrees and not trouble)


class _Measured(NamedTuple):
    slope: float
    uncertainty: float = inf
    trouble: str = ""


def _measure(line: _Line) -> _Measured:
    """Return the derivative, how far it may be off, and why it could not be measured."""
    size_of_value = _size(line)
    found: list[_Measured] = []
    trouble = "the function has no value beside the point"
    for step in _first_steps(line.scale):
        try:
            if _kink(line, step):
                continue
            latest = _ridders(line, step, ROUNDING * size_of_value)
        except DomainError as error:
            trouble = str(error)
            continue
        for earlier in found[-1:]:
            gap, size = abs(latest.slope - earlier.slope), max(abs(latest.slope), abs(earlier.slope))
            best = min(latest, earlier, key=lambda each: each.uncertainty)
            uncertainty = max(best.uncertainty, gap)
            if gap <= CLOSENESS * size and uncertainty <= CERTAINTY * size:
                return _Measured(best.slope, uncertainty)
        found.append(latest)
    if not found:
        return _Measured(0.0, trouble=trouble)
    best = min(found, key=lambda each: each.uncertainty)
    if max(abs(best.slope), best.uncertainty) <= NEGLIGIBLE * size_of_value / max(line.scale, 1.0):
        return best
    trouble = f"differences with smaller and smaller steps do not settle (about {best.slope:.3g})"
    return best._replace(trouble=trouble)


def _size(line: _Line) -> float:
    """Return how large the numbers are that make up the function's value: what its rounding errors are relative to."""
    with line.moved(0.0) as output:
        results = [node for node in topological_order(output) if node.inputs]
        slopes = jacobian([output], results)[0]
        size = sum(abs(slope * node.data) for slope, node in zip(slopes, results, strict=True))
    with suppress(DomainError):
        size = max(size, *(abs(line.value(sign * FIRST_STEP * line.scale)) for sign in (-1.0, 1.0)))
    return size


def _first_steps(scale: float) -> Iterator[float]:
    """Yield first steps: ever smaller ones, relative to the input; then larger ones, up to those for inputs near 1."""
    step = FIRST_STEP * scale
    while step > SMALLEST_STEP * scale:
        yield step
        step /= SHRINKING
    step = FIRST_STEP * scale * SHRINKING
    while step <= FIRST_STEP * SHRINKING:
        yield step
        step *= SHRINKING


def _ridders(line: _Line, step: float, rounding: float) -> _Measured:
    """Return the derivative extrapolated from a first step to a step of 0, and an estimate of its error.

    Args:
        line: the function.
        step: the first step.
        rounding: how far a value of the function may be off.
    """
    best, uncertainty = line.slope(step), inf
    above = [best]
    for _ in range(HALVINGS):
        step /= 2.0
        row = [line.slope(step)]
        for column, coarse in enumerate(above):
            row.append(row[column] + (row[column] - coarse) / (4.0 ** (column + 1) - 1.0))
            error = max(abs(row[-1] - row[-2]), abs(row[-1] - coarse), rounding / step)
            if error < uncertainty:
                best, uncertainty = row[-1], error
        above = row
    return _Measured(best, uncertainty)


def _kink(line: _Line, shift: float) -> str:
    """Return the operation whose kink this input crosses within a distance of the point, or an empty text."""
    try:
        with line.moved(-shift) as output:
            behind = _distances(output)
        with line.moved(shift) as output:
            ahead = _distances(output)
    except DomainError:  # the border of the domain is nearer
        return ""
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

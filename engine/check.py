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
from .slope import FLAT
from .support.text import format_number, format_table, printable
from .value import Value

Function = Callable[..., Value]

FIRST_STEP = 1e-2  # relative to the input
SMALLEST_STEP = 1e-13  # the smallest step, relative likewise
HALVINGS = 6
SHRINKING = 13.7  # from one first step to the next; not a power of 2, so that no two extrapolations share a step
CLOSENESS = 1e-5  # how near two extrapolations must be, and how certain, relative to their size
ROUGHLY = 1e-2  # how near, and how certain, where rounding allows no more
NEGLIGIBLE = 1e-9  # how small a gradient counts as 0, relative to the function's slopes near the point
SMALLEST_NUMBER = 5e-324
ROUNDING = 4.0 * float_info.epsilon  # how far the result of an operation may be off, relative to it
OUTSIDE = 100.0  # how many uncertainties away a gradient is wrong that is only known roughly
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
            measured = ("-", "-") if row.trouble else (format_number(row.numeric, 10), f"{row.relative_error:.1e}")
            gradient = format_number(row.backpropagated, 10)
            lines.append((row.name, format_number(row.at), gradient, *measured, row.verdict))
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
    if not isinstance(inputs, Iterable):
        raise TypeError(f"check_gradients takes a list of inputs, such as [2.0], not {inputs!r:.60}")
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
    if not isinstance(operation, Operation):
        raise TypeError(f"check_operation takes an operation, such as engine.tanh, not {operation!r:.60}")

    def first(index: int) -> Function:
        return lambda *operands: grad(operation(*operands), operands)[index]

    functions: list[Function] = [operation, *(first(index) for index in range(operation.arity))]
    return [check_gradients(function, sample) for sample in operation.samples for function in functions]


def _names(function: Function, point: Sequence[Value]) -> list[str]:
    """Return a name for each input: its label, else the parameter's name, else x0, x1, ..."""
    names = [f"x{i}" for i in range(len(point))]
    if isinstance(function, Operation):
        names = list(function.of(len(point)).operands)
    else:
        positional = parameter_names(function)
        names[: len(positional)] = positional[: len(names)]
    return [printable(x.label) or name for x, name in zip(point, names, strict=True)]


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
        """Return the central difference, with a step that the input can take exactly."""
        step = (self.at + step) - self.at
        ahead, behind = self.at + step, self.at - step
        if ahead == behind:
            raise DomainError("numbers beside the point cannot be told apart")
        return (self.value(step) - self.value(-step)) / (ahead - behind)


def _row(name: str, line: _Line, backpropagated: float, rtol: float, atol: float) -> Row:
    kink = _kink(line, NEIGHBOURHOOD * line.scale)
    found = _one_sided(line) if kink else _measure(line)
    trouble, gap = found.trouble, max(found.low - backpropagated, backpropagated - found.high)
    allowed = atol + rtol * max(abs(backpropagated), abs(found.low), abs(found.high)) + found.uncertainty
    is_nothing = backpropagated == found.low == 0.0 or max(abs(backpropagated), found.uncertainty) <= found.negligible
    allowed += found.negligible * is_nothing
    if found.is_rough and (is_nothing or gap > OUTSIDE * found.uncertainty):  # rough as it is, it says enough
        trouble = ""
    for near in zip(found.slopes, found.slopes[1:], found.slopes[2:], strict=False):  # alike, and far from it
        size = max(map(abs, near))
        if 0.0 < size >= 10.0 * (max(near) - min(near)) and abs(backpropagated) > OUTSIDE * size:
            trouble = ""
    if not isfinite(backpropagated):
        trouble = f"the gradient by the chain rule is {backpropagated}"
    agrees = gap <= allowed and not trouble
    numeric = (found.low + found.high) / 2.0
    return Row(name, line.at, backpropagated, numeric, found.uncertainty, kink, trouble, agrees)


class _Found(NamedTuple):
    """The derivative between two bounds; why it could not be measured; and whether it is roughly known even so."""

    low: float
    high: float
    uncertainty: float = inf
    trouble: str = ""
    is_rough: bool = False
    negligible: float = 0.0  # a gradient below this is nothing beside the function's slopes near the point
    slopes: Sequence[float] = ()  # every extrapolation


def _measure(line: _Line) -> _Found:
    """Return the derivative from ever smaller first steps, then larger ones, until two extrapolations agree."""
    rounding = _rounding(line)
    rough: tuple[float, float] | None = None
    tries: list[tuple[float, float]] = []
    trouble, negligible = "the function has no value beside the point", 0.0
    for step in _first_steps(line.scale):
        try:
            if _kink(line, step):
                continue
            latest = _ridders(line, step, rounding)
            if not negligible:
                here = line.value(0.0)
                negligible = NEGLIGIBLE * max(abs(line.value(sign * step) - here) for sign in (-1.0, 1.0)) / step
        except DomainError as error:
            trouble = str(error)
            continue
        for previous in tries[-1:]:
            gap, size = abs(latest[0] - previous[0]), max(abs(latest[0]), abs(previous[0]))
            best, least = min(latest, previous, key=lambda each: each[1])
            off = max(least, gap)
            if gap <= CLOSENESS * size and off <= CLOSENESS * size:
                return _Found(best, best, off)
            if (off <= ROUGHLY * size and (rough is None or off < rough[1])) or (size == 0.0 and rough is None):
                rough = best, off
        tries.append(latest)
    if tries:
        trouble = "differences with smaller and smaller steps do not settle"
    slope, off = rough or (tries or [(0.0, inf)])[-1]
    is_rough = rough is not None or off <= negligible
    return _Found(slope, slope, off, trouble, is_rough, negligible, [each for each, _ in tries])


def _rounding(line: _Line) -> float:
    """Return how far a value of the function may be off: by rounding in each of its operations."""
    with line.moved(0.0) as output:
        results = [node for node in topological_order(output) if node.inputs]
        slopes = jacobian([output], results)[0]
        size = sum(abs(slope * node.data) for slope, node in zip(slopes, results, strict=True))
    with suppress(DomainError):
        size = max(size, *(abs(line.value(sign * FIRST_STEP * line.scale)) for sign in (-1.0, 1.0)))
    return max(ROUNDING * size, 4.0 * SMALLEST_NUMBER)


def _first_steps(scale: float) -> Iterator[float]:
    """Yield first steps: ever smaller ones, relative to the input; then larger ones, up to those for inputs near 1."""
    step = FIRST_STEP * scale
    while step > SMALLEST_STEP * scale:
        yield step
        step /= SHRINKING
    step = max(FIRST_STEP * scale * SHRINKING, SMALLEST_NUMBER)  # 0.0 would stay 0.0
    while step <= FIRST_STEP * SHRINKING:
        yield step
        step *= SHRINKING


def _ridders(line: _Line, step: float, rounding: float) -> tuple[float, float]:
    """Return the derivative extrapolated from a first step to a step of 0, and an estimate of its error."""
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
    return best, uncertainty


def _one_sided(line: _Line) -> _Found:
    """Return the lower and the higher of the slopes just before and just behind the point."""
    step, here = NEIGHBOURHOOD * line.scale, line.value(0.0)
    wide, near = ([(line.value(s) - here) / s for s in (-size, size)] for size in (step, step / 2.0))
    uncertainty = 1e-4 * max(1.0, *map(abs, wide))
    is_jump = any(abs(y) > 1.5 * abs(x) + uncertainty for x, y in zip(wide, near, strict=True))
    return _Found(min(wide), max(wide), uncertainty, "the function jumps at the point" if is_jump else "")


def _kink(line: _Line, shift: float) -> str:
    """Return the operation whose kink this input crosses within a distance of the point, or an empty text."""
    try:
        with line.moved(-shift) as output:
            behind = _distances(output)
        with line.moved(shift) as output:
            ahead = _distances(output)
    except DomainError:  # the border of the domain is nearer
        return ""
    for (where, before, chosen), (_, after, chosen_ahead) in zip(behind, ahead, strict=False):
        if (before * after <= 0.0 and before != after) or chosen != chosen_ahead:
            return where
    return ""


def _distances(root: Value) -> list[tuple[str, float, list[bool]]]:
    """Return every operation with a kink, how far its operands are from it, with a sign, and which are not flat."""
    return [
        (
            f"{node.op.name} at {printable(node.label)}" if node.label else node.op.name,
            node.op.kink(*(x.data for x in node.inputs)),
            [local is not FLAT for local in node.local_grads],
        )
        for node in topological_order(root)
        if node.inputs and node.op.kink
    ]

"""The family of errors: each names the thing that went wrong and what to do next."""

from typing import Any


class StepgradError(Exception):
    """Base class of stepgrad's errors; their messages have escapes for control characters in names and files."""

    def __str__(self) -> str:
        from .support.text import printable_lines

        return printable_lines(super().__str__())


class DomainError(StepgradError, ArithmeticError, ValueError):
    """An operation without a value at its operands, such as ``log(-1)`` or ``1 / 0``."""


class TooLargeError(DomainError, OverflowError):
    """An operation whose result exceeds the largest number of 64 bits, such as ``exp(1000)``."""


class DivisionByZeroError(DomainError, ZeroDivisionError):
    """A division by zero, or zero to a negative power, where Python's own error of that name is expected, too."""


class ComplexError(DomainError, TypeError):
    """An operation that comes to a complex number, such as a function of yours with ``(-8.0) ** 0.5``."""


class UndefinedDerivativeError(DomainError):
    """A derivative that is needed and that does not exist, such as that of sqrt at 0."""


class NotFiniteError(StepgradError, ArithmeticError):
    """A number or a gradient that is infinite or not a number, where `engine.finite` asks for finite ones."""


class GraphError(StepgradError, ValueError):
    """A graph that does not fit the request: it has a cycle, or its data were edited."""


class OperationError(StepgradError, ValueError):
    """An invalid entry in the table of operations."""


class UsageError(StepgradError, TypeError):
    """A call that does not do what it seems to, such as ``math.exp(value)``."""


class CapsuleError(StepgradError, ValueError):
    """A file that is not a saved graph, or a graph that cannot be saved."""


class DrawingError(StepgradError):
    """A graph that cannot be drawn: it is too large, a scope does not exist, or Graphviz is missing."""


class GradientMismatchError(StepgradError, AssertionError):
    """Backpropagated and numeric gradients that disagree.

    Attributes:
        report: the comparison, as `check_gradients` returns it where they agree.
    """

    report: Any = None

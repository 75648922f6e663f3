"""The family of errors: each names the thing that went wrong and what to do next."""

from typing import Any


class StepgradError(Exception):
    """Be the base of every error that stepgrad raises of its own."""


class DomainError(StepgradError, ArithmeticError, ValueError):
    """Say that an operation has no value at its operands, as ``log(-1)`` or ``1 / 0``."""


class UndefinedDerivativeError(DomainError):
    """Say that backpropagation needs a derivative that does not exist, as that of sqrt at 0."""


class GraphError(StepgradError, ValueError):
    """Say that a graph is not what was asked for: it has a cycle, or its data were edited."""


class OperationError(StepgradError, ValueError):
    """Refuse an entry of the table of operations."""


class UsageError(StepgradError, TypeError):
    """Refuse an expression that does not do what it seems to, as ``math.exp(value)``."""


class DrawingError(StepgradError):
    """A graph that cannot be drawn: it is too large, a scope does not exist, or Graphviz is missing."""


class GradientMismatchError(StepgradError, AssertionError):
    """Backpropagated and numeric gradients that disagree.

    Attributes:
        report: the comparison, as `check_gradients` returns it where they agree.
    """

    report: Any = None

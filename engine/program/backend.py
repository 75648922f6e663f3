"""Backends: what computes the numbers of a program, and takes training steps with it.

A program keeps a plan and checks what it is given; a backend computes. Each backend is a folder beside this module,
listed in `BACKENDS`, whose module ``backend`` defines a subclass of `Backend` under the name ``Backend``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from operator import add
from typing import Any, ClassVar, NamedTuple

from ..errors import StepgradError
from ..support.text import listed
from .plan import Plan

BACKENDS = ("native", "python")  # for "auto", the first that can compute a plan
Rows = Sequence[Sequence[float]]  # a number for each input, for each sample
Compute = Callable[[Rows, Sequence[float]], list[list[float]] | None]


class Replay(NamedTuple):
    """The result of a replay.

    Attributes:
        loss: the root's number.
        gradients: the derivative of the root with respect to each leaf of the program's ``wrt``.
    """

    loss: float
    gradients: tuple[float, ...]


def weighted_sum(replays: Sequence[Replay], weight: float) -> Replay:
    """Return the sum of replays times a weight, added one by one: in Python 3.12, `sum` rounds differently."""
    loss, gradients = replays[0]
    for replay in replays[1:]:
        loss, gradients = loss + replay.loss, tuple(map(add, gradients, replay.gradients))
    return Replay(loss * weight, tuple([gradient * weight for gradient in gradients]))


class Update(NamedTuple):
    """The rule by which a training step changes each parameter, as a plan.

    Attributes:
        plan: its inputs are a parameter's number, its gradient and its own states; its parameters are the rate and
            the shared states; its roots are the next shared states, the next number and the next own states.
        shared: the names of the states that all parameters share, such as a count of steps.
        own: the names of the states that each parameter has for itself.
    """

    plan: Plan
    shared: list[str]
    own: list[str]


class Numbers(NamedTuple):
    """The numbers that training steps change.

    Attributes:
        parameters: a number for each parameter.
        own: for each own state of the update, a number for each parameter.
        shared: a number for each shared state.
    """

    parameters: Sequence[float]
    own: Sequence[Sequence[float]]
    shared: Sequence[float]


class Loop(ABC):
    """Training steps: gradients by a program, then an update of the parameters, again and again without Values."""

    @abstractmethod
    def load_rows(self, rows: Rows, batches: Sequence[range]) -> None:
        """Use these rows for the steps that follow.

        Args:
            rows: the inputs.
            batches: which rows belong together: step number i takes batch i, and begins again after the last.
        """

    @abstractmethod
    def load(self, numbers: Numbers) -> None:
        """Continue from these numbers."""

    @abstractmethod
    def numbers(self) -> Numbers:
        """Return the numbers after the last complete step."""

    @abstractmethod
    def take(self, first: int, rates: Sequence[float]) -> list[float]:
        """Take a step for each rate.

        Args:
            first: the number of the first step, which says what batch it takes.
            rates: the rate of each step.

        Returns:
            The losses of the complete steps, which are fewer than asked for where a number may not exist.
        """


class Backend(ABC):
    """What computes the numbers of a plan.

    Wherever an operation may have left its domain, a backend returns None; the program then records the graph again,
    which gives the numbers or raises the usual error.

    Args:
        plan: what to compute.
        variables: variables of the caller, to name nodes in readable code.
    """

    name: ClassVar[str]

    def __init__(self, plan: Plan, variables: Mapping[str, Any] | None = None) -> None:
        self.plan, self.variables = plan, variables

    @classmethod
    def require(cls, plan: Plan) -> None:
        """Require that this backend can compute a plan, here and now.

        Raises:
            StepgradError: an operation cannot be translated, or a tool such as a compiler is missing.
        """
        return

    @abstractmethod
    def replay(self, rows: Rows, parameters: Sequence[float], weight: float) -> Replay | None:
        """Return the sums of loss and gradients over rows, times a weight.

        Args:
            rows: the inputs; at least one row.
            parameters: a number for each parameter of the plan.
            weight: what each row counts; 1.0 for a single row.
        """

    @abstractmethod
    def values(self, plan: Plan) -> Compute:
        """Return a function of rows and parameters that computes the roots of another plan for each row."""

    @abstractmethod
    def loop(self, update: Update, batch_size: int) -> Loop:
        """Return what takes training steps.

        Args:
            update: the rule of the update.
            batch_size: the largest count of rows in a step.
        """


def backend_of(name: str, plan: Plan, variables: Mapping[str, Any] | None) -> Backend:
    """Return the backend of a name for a plan.

    Raises:
        ValueError: there is no such backend.
    """
    if name not in (*BACKENDS, "auto"):
        known = listed(map(repr, (*reversed(BACKENDS), "auto")), last="or")
        raise ValueError(f"backend must be {known}, not {name!r}")
    if name != "auto":
        return _kind(name)(plan, variables)
    for kind in map(_kind, BACKENDS):
        try:
            kind.require(plan)
        except StepgradError:
            continue
        break
    return kind(plan, variables)


def _kind(name: str) -> type[Backend]:
    """Import a backend when it is asked for: the native one needs ctypes, which takes time to load."""
    return import_module(f".{name}.backend", __package__).Backend  # type: ignore[no-any-return]

"""Backends: what computes the numbers of a program, and takes training steps with it.

A program keeps a plan and checks what it is given; a backend computes. Each backend is a folder beside this module,
listed in `program.BACKENDS`, whose module ``backend`` defines a subclass of `Backend` under the name ``Backend``.
"""

import warnings
from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import add
from struct import Struct
from typing import Any, ClassVar, NamedTuple

from ..errors import StepgradError
from ..operation import Operation
from ..recording.source import running_statement
from ..sums import Dot
from ..value import BUILT_IN
from .plan import Plan

Rows = Sequence[Sequence[float]]  # a number for each input, for each sample
Compute = Callable[[Sequence[float]], list[list[float]] | None]  # the values of the roots for each row, or None


class FloatRows(list[list[float]]):
    """Rows that are known to hold a float for each input, so that their numbers need not be checked again."""

    @cached_property
    def flat(self) -> "array[float]":
        """All numbers, row after row, as C reads them."""
        pack = Struct(f"{len(self[0])}d").pack if self else bytes  # twice as fast as an array that takes each number
        return array("d", b"".join([pack(*row) for row in self]))


class Replay(NamedTuple):
    """The result of a replay: the root's number, and its derivative with respect to each leaf of ``wrt``.

    The derivative with respect to a leaf that the root does not depend on is 0.0; see `Program.reached`.
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
    """The numbers that training steps change: of each parameter, of its own states, the shared states, the gradients.

    The own states are columns: for each of them, a number for each parameter.
    """

    parameters: Sequence[float]
    own: Sequence[Sequence[float]]
    shared: Sequence[float]
    gradients: Sequence[float] = ()  # of the last complete step; empty before the first one


class Loop(ABC):
    """Training steps: gradients by a program, then an update of the parameters, again and again without Values."""

    @abstractmethod
    def load_rows(self, rows: Rows) -> None:
        """Use these rows for the steps that follow."""

    @abstractmethod
    def load_batches(self, batches: Sequence[Sequence[int]]) -> None:
        """Use these batches, each the places of its rows: step i takes batch i, and begins again after the last."""

    @abstractmethod
    def load(self, numbers: Numbers) -> None:
        """Continue from these numbers."""

    @abstractmethod
    def numbers(self) -> Numbers:
        """Return the numbers after the last complete step."""

    @abstractmethod
    def take(self, first: int, rates: Sequence[float]) -> list[float]:
        """Take a step for each rate, from a batch on; return the losses up to a step whose numbers may not exist."""


@dataclass(eq=False, repr=False)
class Backend(ABC):
    """What computes the numbers of a plan; the variables of the caller name nodes in readable code.

    Wherever an operation may have left its domain, a backend returns None; the program then records the graph again,
    which gives the numbers or raises the usual error.
    """

    name: ClassVar[str]
    plan: Plan
    variables: Mapping[str, Any] | None = None

    @classmethod
    def require(cls, plan: Plan) -> None:
        """Raise a StepgradError if an operation cannot be translated, or a tool such as a compiler is missing."""
        return

    @abstractmethod
    def replay(self, rows: Rows, parameters: Sequence[float], weight: float) -> Replay | None:
        """Return the sums of loss and gradients over at least one row, times a weight (1.0 for a single row)."""

    @abstractmethod
    def values(self, rows: Rows) -> Compute:
        """Return a function of the parameters that computes the values of all roots for each row."""

    @abstractmethod
    def loop(self, update: Update, batch_size: int) -> Loop:
        """Return what takes training steps of at most so many rows, by a rule of the update."""


# --- backends that fail -----------------------------------------------------------------------------------------------
# With "auto", one that cannot build its code is not tried again for plans with the same operations of yours, since each
# time may take a minute. A warning gives the reason once.

_failures: list[tuple[str, frozenset[Operation]]] = []
_reasons: set[str] = set()


def note_failure(kind: type[Backend], plan: Plan, error: StepgradError) -> None:
    """Note that a backend cannot compute a plan, and warn if this reason is new."""
    _failures.append((kind.name, _own_operations(plan)))
    reason = str(error)
    if reason not in _reasons:
        _reasons.add(reason)
        place = running_statement()
        message = f"programs run in Python instead of {kind.name} code, which is slower: {reason}"
        warnings.warn_explicit(message, RuntimeWarning, place.file, place.line)


def has_failed(kind: type[Backend], plan: Plan) -> bool:
    """Return whether a backend has failed with no other operations than those of this plan."""
    failed = [operations for name, operations in _failures if name == kind.name]
    return bool(failed) and any(operations <= _own_operations(plan) for operations in failed)


def forget_failures() -> None:
    """Let backends that failed be tried again, with a new warning."""
    _failures.clear()
    _reasons.clear()


def _own_operations(plan: Plan) -> frozenset[Operation]:
    own = [each for each in plan.operations if each.name not in BUILT_IN and not isinstance(each, Dot)]
    return frozenset(operation.general for operation in own)

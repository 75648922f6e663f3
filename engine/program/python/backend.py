"""The Python backend: plans as Python functions, which compute the same bits as the recorded graph."""

import linecache
import math
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import chain, count
from typing import Any

from ...recording.context import gc_paused
from ..backend import Backend as Protocol
from ..backend import Compute, Loop, Numbers, Replay, Rows, Update, weighted_sum
from ..lowering import Lowered
from ..plan import ALL, Plan
from .expressions import Writer
from .source import SPACE, Compact, Unrolled, definitions, function, identifiers, step_source, update_source

BACKWARD = "backward: d_x is the derivative of the loss with respect to x"
MAX_READABLE = 5_000  # steps of the chain rule
MAX_STEPPED = 50_000  # lines
MAX_UNROLLED = 2_000  # operations and steps of the chain rule in one function for a whole training step

NO_NUMBER = ArithmeticError, ValueError, TypeError  # the last where an operation of yours gives a complex number

_files = count(1)
Backpropagate = Callable[..., tuple[float, tuple[float, ...]]]


class Backend(Protocol):
    """Replays by a Python function, whose source debuggers show."""

    name = "python"

    @cached_property
    def identifiers(self) -> list[str]:
        """The name of each node in the source."""
        return identifiers(self.plan.order, self.variables)

    @cached_property
    @gc_paused()
    def pieces(self) -> list[str]:
        """The source, in pieces that Python can compile one by one."""
        writer, plan = Writer(), self.plan
        if len(plan.backward) <= MAX_READABLE or plan.optimisations != ALL:
            lines = Unrolled(plan, self.identifiers, writer)
            parts = [("forward", list(lines.forward())), (BACKWARD, list(lines.backward()))]
            loss, gradients, homes = lines.names[plan.root], lines.gradients(), lines.homes()
        else:  # too long to read: fewer and longer lines
            compact = Compact(Lowered(plan), writer)
            parts, homes = [("", list(compact.lines()))], compact.homes()
            loss, gradients = compact.results()
        sentence = "Return the loss and its gradients."
        return [*definitions(writer), *function("backpropagate", sentence, homes, parts, loss, gradients)]

    @cached_property
    def _backpropagate(self) -> Backpropagate:
        return load(self.pieces, "backpropagate")  # type: ignore[no-any-return]

    @cached_property
    def _roots(self) -> Callable[..., tuple[float, ...]]:
        return function_of(self.plan)

    def replay(self, rows: Rows, parameters: Sequence[float], weight: float) -> Replay | None:
        """Return the sums of loss and gradients over rows, times a weight."""
        backpropagate = self._backpropagate  # outside of `try`: an operation without source is an error
        try:
            if len(rows) == 1:  # the quickest way: this is what a call of a program does
                replay = Replay(*backpropagate(rows[0], parameters))
            else:
                replay = total(backpropagate, rows, parameters, weight)
            return replay if math.isfinite(replay.loss + sum(replay.gradients)) else None
        except NO_NUMBER:
            return None

    def values(self, rows: Rows) -> Compute:
        """Return a function of the parameters that computes the values of all roots for each row."""
        function = self._roots

        def compute(parameters: Sequence[float]) -> list[list[float]] | None:
            try:
                return [list(function(row, parameters)) for row in rows]
            except NO_NUMBER:
                return None

        return compute

    def loop(self, update: Update, batch_size: int) -> Loop:
        """Return what takes training steps: one function for a whole step, unless that would be long."""
        if batch_size == 1 and self.plan.length <= MAX_UNROLLED:
            return _UnrolledLoop(update, load(step_source(self.plan, self.identifiers, update), "step"))
        backpropagate, change = self._backpropagate, load(update_source(update), "update")

        def step(rows: Rows, parameters: Sequence[float], states: Sequence[Any], rate: float) -> tuple[Any, ...]:
            own, shared = states
            loss, gradients = total(backpropagate, rows, parameters, 1.0 / len(rows))
            (parameters, *own), shared = change((parameters, gradients, *own), shared, rate)
            return loss, parameters, (own, shared), gradients

        return _BatchLoop(update, step)


def total(function: Backpropagate, rows: Rows, parameters: Sequence[float], weight: float) -> Replay:
    """Return the sums of loss and gradients over rows, times a weight; operations raise what they raise."""
    replays = [Replay(*function(row, parameters)) for row in rows]
    return replays[0] if len(rows) == 1 else weighted_sum(replays, weight)


def function_of(plan: Plan) -> Callable[..., tuple[float, ...]]:
    """Return a Python function of inputs and parameters that computes the roots of a plan."""
    writer = Writer()
    lines = Unrolled(plan, identifiers(plan.order), writer)
    results = [lines.names[number] for number in plan.roots]
    parts = [("forward", list(lines.forward()))]
    source = function("values", "Return some values.", lines.homes(), parts, None, results)
    return load([*definitions(writer), *source], "values")  # type: ignore[no-any-return]


def load(pieces: Sequence[str], name: str) -> Any:
    """Compile a source and return the function of this name; debuggers show it, unless it is too long to step."""
    file = f"<stepgrad program {next(_files)}>"
    namespace: dict[str, Any] = {}
    is_short = sum(piece.count("\n") for piece in pieces) < MAX_STEPPED
    line = 0
    for piece in pieces:
        exec(compile("\n" * line * is_short + piece, file, "exec"), namespace)
        line += piece.count("\n") + len(SPACE)
    if is_short:
        text = SPACE.join(pieces) + "\n"
        linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
    return namespace[name]


class _UnrolledLoop(Loop):
    """Training steps of one row each, by one function for the whole step, which `step_source` writes."""

    def __init__(self, update: Update, step: Callable[..., Any]) -> None:
        self.update, self.step = update, step

    def load_rows(self, rows: Rows) -> None:
        self.rows = rows

    def load_batches(self, batches: Sequence[Sequence[int]]) -> None:
        self.batches: Sequence[Any] = [self.rows[place] for [place] in batches]

    def load(self, numbers: Numbers) -> None:
        self.parameters, self.gradients = numbers.parameters, numbers.gradients
        self.states: Sequence[Any] = (*numbers.shared, *chain.from_iterable(zip(*numbers.own, strict=True)))

    def numbers(self) -> Numbers:
        shared, width = len(self.update.shared), len(self.update.own)
        own, common = self.states[shared:], self.states[:shared]
        return Numbers(self.parameters, [own[start::width] for start in range(width)], common, self.gradients)

    def take(self, first: int, rates: Sequence[float]) -> list[float]:
        step, batches, losses = self.step, self.batches, list[float]()
        for number, rate in enumerate(rates, first):
            try:
                loss, *after = step(batches[number % len(batches)], self.parameters, self.states, rate)
                if not math.isfinite(loss + sum(after[0])):
                    break
            except NO_NUMBER:
                break
            self.parameters, self.states, self.gradients = after
            losses.append(loss + 0.0)  # as in a batch, a loss is never -0.0
        return losses


class _BatchLoop(_UnrolledLoop):
    """Training steps of many rows, or of a long program, whose states are columns."""

    def load_batches(self, batches: Sequence[Sequence[int]]) -> None:
        self.batches = [[self.rows[place] for place in batch] for batch in batches]

    def load(self, numbers: Numbers) -> None:
        self.parameters, self.states = numbers.parameters, (numbers.own, numbers.shared)
        self.gradients = numbers.gradients

    def numbers(self) -> Numbers:
        own, shared = self.states
        return Numbers(self.parameters, own, shared, self.gradients)

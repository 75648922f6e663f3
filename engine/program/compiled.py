"""Compiled functions: each records its graph once, and replays it as a program from then on; see `recordings`."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import reduce, update_wrapper
from operator import add, itemgetter
from typing import Any, TypeVar, overload

from ..errors import DomainError, UsageError
from ..recording.context import current_state
from ..recording.source import running_statement
from ..support.interrupts import assign_all
from ..support.text import counted
from ..value import Value
from .arguments import Sample, Structure, plain_rows, samples_of, structure_of
from .program import Program
from .recordings import Outcome, Recording, Recordings, State

Function = Callable[..., Any]  # returns the loss, or a tuple of the loss and other Values
T = TypeVar("T")
PATIENCE = 5  # calls in a row that change what they read, until there is a warning


class Compiled:
    """A function and the programs of what it recorded; see `compiled`."""

    def __init__(self, function: Function, batch: str | None, backend: str) -> None:
        if batch not in (None, "mean", "sum"):
            raise ValueError(f"batch must be 'mean', 'sum' or None (one sample at a time), not {batch!r}")
        update_wrapper(self, function, updated=())
        self.function, self.batch, self.backend = function, batch, backend
        self._recordings = Recordings(function, backend)
        self._owner: tuple[Any, ...] = ()  # the object that it is a method of
        self._is_told = False  # whether there was a warning

    def __get__(self, owner: Any, kind: Any = None) -> "Compiled":
        if owner is None:
            return self
        method = copy(self)
        method._owner = (owner,)
        return method

    def __call__(self, *arguments: Any, **keywords: Any) -> float:
        """Compute the loss, and add the gradients to the ``grad`` of the parameters, as ``backward()`` does."""

        def replay(recording: Recording, rows: list[list[float]]) -> tuple[float, dict[Value, float]]:
            program = recording.program
            loss, found = program(*rows[0]) if len(rows) == 1 else program.batch(rows, "sum")
            return loss, {leaf: found[place] for place, leaf in recording.present}

        def observe(outcome: Outcome) -> tuple[float, dict[Value, float]]:
            return outcome.results[0].data, outcome.gradients()

        results, count = self._results(arguments, keywords, replay, observe)
        gradients = results[0][1][1]
        for _, (_, found) in results[1:]:
            for leaf, gradient in found.items():
                gradients[leaf] = gradients[leaf] + gradient if leaf in gradients else gradient
        weight = 1.0 / count
        sums = [(leaf.grad or 0.0) + gradient * weight for leaf, gradient in gradients.items()]
        total: float = reduce(add, [loss for _, (loss, _) in results]) * weight
        assign_all((gradients, "grad", sums))  # last, so that an interrupt before it leaves them as they were
        return total

    def forward(self, *arguments: Any, **keywords: Any) -> float:
        """Compute the loss alone."""
        results, count = self._results(
            arguments, keywords, lambda each, rows: each.program.values([each.program.loss], rows),
            lambda outcome: [outcome.numbers()],
        )  # fmt: skip
        return reduce(add, [loss for _, rows in results for loss, *_ in rows]) * (1.0 / count)

    def values(self, *arguments: Any, **keywords: Any) -> list[list[float]]:
        """Compute what the function returns, the loss and other Values, for each sample; no gradients."""
        results, _ = self._results(arguments, keywords, Recording.values, lambda each: [each.numbers()])
        found = {place: row for places, rows in results for place, row in zip(places, rows, strict=True)}
        return [found[place] for place in sorted(found)]

    def program(self, *arguments: Any, **keywords: Any) -> Program:
        """Return the program that replays these arguments, of one sample.

        Raises:
            UsageError: the function cannot be replayed.
        """
        return self._replayable(arguments, keywords).program

    def is_straight(self, *arguments: Any, **keywords: Any) -> bool:
        """Return whether all arguments like these, of one sample, go the same way: the function does not branch."""
        return not self._replayable(arguments, keywords).guards

    def rows(self, samples: Sequence[Sequence[Any]]) -> tuple[Recording, list[list[float]]]:
        """Return the one recording that fits all samples, each the arguments of a call, and the inputs of each.

        It is right as long as its ``change()`` is empty.

        Raises:
            UsageError: the samples differ in structure, or the function branches on their numbers, or it cannot be
                replayed.
        """
        rows: list[list[float]] | None = plain_rows(samples)
        if rows is None:
            structures = [structure_of((tuple(sample), {})) for sample in samples]
            if any(each.key != structures[0].key for each in structures):
                raise UsageError("the samples differ in structure: in the lengths of lists, or in what is not a float")
            rows = [each.numbers for each in structures]
        recording = self._replayable(tuple(samples[0]), {})
        if not recording.fits_always(rows):
            raise UsageError("the function branches on numbers; write where(condition, x, y) instead of an if")
        return recording, rows

    def find(self, *arguments: Any, **keywords: Any) -> Recording | Outcome | str:
        """Return the recording that fits the arguments of one sample, made now if necessary.

        Returns:
            Where no replay would be right, the results that the function gave; or, if it was not called, why.

        Raises:
            UsageError: the function does what cannot be traced, such as reading ``.data``.
        """
        return self._found(structure_of(((*self._owner, *arguments), keywords)), set())

    def _replayable(self, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> Recording:
        found = self.find(*arguments, **keywords)
        if not isinstance(found, Recording):
            why = found.why if isinstance(found, Outcome) else found
            raise UsageError(f"{why}, so no replay would be right")
        return found

    def _found(self, structure: Structure, checked: set[State]) -> Recording | Outcome | str:
        if running := current_state().trace:
            raise running.refusal(
                f"calls {self!r}",
                "its loss is a plain number, which would stay the same in every replay. Call the function that it was "
                "made from, its attribute function",
            )
        return self._recordings.find(structure, checked)

    def _results(
        self, arguments: tuple[Any, ...], keywords: Mapping[str, Any],
        replay: Callable[[Recording, list[list[float]]], T], observe: Callable[[Outcome], T],
    ) -> tuple[list[tuple[list[int], T]], int]:  # fmt: skip
        """Return results, each with the places of the samples that it is the sum of; and what to divide them by."""
        arguments = (*self._owner, *arguments)
        samples = [(arguments, keywords)] if self.batch is None else samples_of(arguments, keywords)
        results: list[tuple[list[int], T]] = []
        groups: dict[Recording, tuple[list[int], list[list[float]]]] = {}
        checked: set[State] = set()
        for place, structure in enumerate(_structures(samples)):
            found = self._found(structure, checked)
            if current_state().guard:  # it looks at each number
                results.append(([place], observe(self._recordings.run(structure.sample, "each number is looked at"))))
            elif isinstance(found, Recording):
                places, rows = groups.setdefault(found, ([], []))
                places.append(place)
                rows.append(structure.numbers)
            else:
                outcome = self._recordings.run(structure.sample, found) if isinstance(found, str) else found
                self._warn(outcome.why)
                results.append(([place], observe(outcome)))
        for recording, (places, rows) in groups.items():
            try:
                if (len(groups) == 1 and not results) or recording.program.backend == "native":
                    results.append((places, replay(recording, rows)))
                    continue
            except DomainError:  # the function itself may catch it
                pass
            for place, row in zip(places, rows, strict=True):  # one by one, to be added up in order
                try:
                    result = replay(recording, [row])
                except DomainError:
                    result = observe(self._recordings.run(samples[place], "an operation has no value"))
                results.append(([place], result))
        if len(results) > 1:
            results.sort(key=itemgetter(0))
        return results, len(samples) if self.batch == "mean" else 1

    def _warn(self, why: str) -> None:
        """Say once that the function is not replayed, and why."""
        if self._is_told or (why.startswith("it changes") and self._recordings.unused < PATIENCE):
            return
        self._is_told = True
        source = running_statement()
        message = f"compiled {self._recordings.name} runs without a replay, which is slow: {why}"
        warnings.warn_explicit(message, UserWarning, source.file, source.line)

    def __repr__(self) -> str:
        return f"<compiled {self._recordings.name}: {counted(len(self._recordings), 'recording')}>"


@overload
def compiled(function: Function, *, batch: str | None = None, backend: str = "auto") -> Compiled: ...
@overload
def compiled(
    function: None = None, *, batch: str | None = None, backend: str = "auto"
) -> Callable[[Function], Compiled]: ...
def compiled(
    function: Function | None = None, *, batch: str | None = None, backend: str = "auto"
) -> Compiled | Callable[[Function], Compiled]:
    """Make a function that builds a loss record its graph once, and replay it as a program from then on.

    The function is recorded again for each structure of its arguments. Floats are inputs, also those in lists, tuples,
    dictionaries and NumPy arrays; they pass for floats inside. Integers and texts are part of the structure, and so are
    models and Values, which are compared by identity and whose numbers are read at each call. Where Python branches by
    comparing numbers, the branch is remembered, and the other one is recorded when it is taken for the first time.

    Everything else that the function can read is compared before each replay: variables around it, attributes, entries
    of lists and dictionaries, the mode of a model. If it has changed, the function is recorded again. A function that
    changes what it reads, draws random numbers, or reads what cannot be compared, such as a file or an iterator, runs
    at each call as if it was not compiled; a warning says why.

    Args:
        function: takes numbers, lists and models, and returns the loss, a Value; or a tuple of the loss and other
            Values, which ``.values(...)`` computes.
        batch: with ``"mean"`` or ``"sum"``, each list among the arguments has an entry for each sample: one
            sample is recorded and replayed for all, and loss and gradients are the means or the sums.
        backend: ``"python"``, ``"native"``, or ``"auto"``: native where there is a C compiler.

    Returns:
        The compiled function. It returns the loss as a float and adds the gradients to the ``grad`` of the
        parameters, as ``backward()`` would; ``.forward(...)`` only returns the loss; ``.values(...)`` returns all
        that the function does; ``.program(...)`` returns the `Program`. `nn.training.Training` trains with it.

    Raises:
        UsageError: the function asks for a number, for instance by ``.data``, ``int(x)`` or ``print(x)``; or it changes
            a gradient or an argument, which a replay would not do again.

    >>> w = Value(3.0, "w")
    >>> @compiled
    ... def loss(x):
    ...     return (w * x - 1.0) ** 2 if x > 0.0 else w * x
    >>> loss(2.0), w.grad
    (25.0, 20.0)
    >>> loss(-1.0), w.grad
    (-3.0, 19.0)
    """
    if function is None:
        return lambda function: Compiled(function, batch, backend)
    return Compiled(function, batch, backend)


def _structures(samples: list[Sample]) -> list[Structure]:
    """Take the arguments of several calls apart; all at once where that is possible, which is quicker."""
    first = structure_of(samples[0])
    rows = None if len(samples) == 1 or samples[0][1] else plain_rows([arguments for arguments, _ in samples])
    if rows is None:
        return [first, *map(structure_of, samples[1:])]
    return [Structure(first.key, row, sample) for row, sample in zip(rows, samples, strict=True)]

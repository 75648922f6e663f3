"""Program: a recorded graph as a straight-line program, to read, to step through and to replay."""

from __future__ import annotations

import linecache
import math
import os
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import count
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import OperationError
from ..graph import leaves, recorded_again
from ..name import names as names_among
from ..ops import as_float
from ..recording.context import gc_paused
from ..support.files import write_whole
from ..value import Value
from .lowering import Lowered
from .naming import identifiers
from .plan import ABSENT, ALL, Optimisations, Plan
from .python.expressions import Writer
from .python.source import INDENT, Compact, Unrolled, definitions, function

if TYPE_CHECKING:
    from .native.backend import Native
    from .training import Optimiser, Training

SPACE = "\n\n\n"
BACKWARD = "backward: d_x is the derivative of the loss by x"
BACKENDS = ("python", "native", "auto")
MOST_READ = 5_000  # steps of the chain rule
MOST_STEPPED = 50_000  # lines

_numbers = count(1)
Valued = Callable[[Sequence[list[float]]], list[list[float]]]


class Replay(NamedTuple):
    """Hold what a replay of a program gives.

    Attributes:
        loss: the root's number.
        gradients: the derivative of the root by each of the program's ``by``.
    """

    loss: float
    gradients: tuple[float, ...]


class Program:
    """Hold a recorded graph as a straight-line program, forward and backward.

    A program computes what the graph computed, with other numbers in its inputs, and with those that its
    parameters have at the moment. All other numbers are those of the recording.

    Args:
        loss: the root of the graph.
        inputs: the leaves whose numbers are handed in at each call.
        parameters: the leaves to differentiate by; None takes all leaves that are no inputs. Where there are
            none, gradients are by the inputs.
        names: the reader's variables, such as ``locals()``, to name nodes that have no label.
        fold: compute what depends on constants alone once, when the program is made.
        share: compute equal subexpressions once.
        prune: compute gradients only where they are asked for.
        backend: what replays: ``"python"``; ``"native"``, C, for which there must be a compiler; or ``"auto"``,
            native where that is possible.

    Attributes:
        loss: the root of the graph.
        inputs, parameters: these leaves.
        by: what the derivatives are by: the parameters, or the inputs where there are none.

    Raises:
        TypeError: the loss, an input or a parameter is no Value.
        GraphError: an input or parameter comes twice, or is computed from others.
        OperationError: an operation of your own is not written in a way that programs can be written from.

    >>> x, w, b = Value(2.0, "x"), Value(3.0, "w"), Value(-1.0, "b")
    >>> program = Program((w * x + b).tanh(), inputs=[x])
    >>> program(0.5)
    Replay(loss=0.46211715726000974, gradients=(0.3932238664829637, 0.7864477329659274))
    """

    def __init__(
        self,
        loss: Value,
        inputs: Iterable[Value] = (),
        parameters: Iterable[Value] | None = None,
        *,
        names: Mapping[str, Any] | None = None,
        fold: bool = True,
        share: bool = True,
        prune: bool = True,
        backend: str = "python",
    ) -> None:
        if not isinstance(loss, Value):
            raise TypeError(f"a program is made of the loss, a Value, not {type(loss).__name__} {loss!r:.40}")
        self.loss = loss
        self.inputs = tuple(inputs)
        if parameters is None:
            given = set(map(id, self.inputs))
            parameters = [leaf for leaf in leaves(loss) if id(leaf) not in given]
        self.parameters = tuple(parameters)
        with gc_paused():
            self.plan = Plan([loss], self.inputs, self.parameters, Optimisations(fold, share, prune))
        self.by = self.parameters or self.inputs
        self._named = names_among(names or {})
        self._values: dict[tuple[Value, ...], Valued] = {}
        if backend not in BACKENDS:
            raise ValueError(f"backend={backend!r} is none: it is one of {', '.join(BACKENDS)}")
        self.is_native = backend == "native" or (backend == "auto" and self._can_be_native())

    def __repr__(self) -> str:
        plan = self.plan
        return f"<Program of {len(plan.forward)} operations and {len(plan.backward)} steps of the chain rule>"

    # --- source ---------------------------------------------------------------------------------------

    @cached_property
    def _pieces(self) -> list[str]:
        """The source without its head and end, in pieces that Python can compile one by one."""
        with gc_paused():
            return self._written()

    def _written(self) -> list[str]:
        writer, sentence = Writer(), "Return the loss and its gradients."
        if self.is_readable:
            lines = Unrolled(self.plan, self.identifiers, writer)
            parts = [("forward", list(lines.forward())), (BACKWARD, list(lines.backward()))]
            loss, gradients, homes = lines.names[self.plan.root], lines.gradients(), lines.homes()
        else:
            compact = Compact(Lowered(self.plan), writer)
            parts, homes = [("", list(compact.lines()))], compact.homes()
            loss, gradients = compact.results()
        functions = function("backpropagate", sentence, homes, parts, loss, gradients)
        return [*definitions(writer), *functions]

    @cached_property
    def identifiers(self) -> list[str]:
        """What each node is called in the source."""
        return identifiers(self.plan.order, self._named)

    @property
    def is_readable(self) -> bool:
        """Whether the source has a line for each step; a very long program that nobody will read has fewer lines."""
        return len(self.plan.backward) <= MOST_READ or self.plan.optimisations != ALL

    @cached_property
    def source(self) -> str:
        """The program as Python source that runs on its own, with nothing but `math`."""
        head = f'"""Backpropagation: {len(self.plan.forward)} operations, {len(self.plan.backward)} steps back."""'
        return SPACE.join([head, *self._pieces, self._main()]) + "\n"

    def _main(self) -> str:
        names = [
            self.identifiers[number] if number != ABSENT else leaf.label or "what is not used"
            for number, leaf in zip(self.plan.by, self.by, strict=True)
        ]
        return "\n".join(
            [
                'if __name__ == "__main__":',
                f"{INDENT}inputs = [{', '.join(_literal(leaf.data) for leaf in self.inputs)}]",
                f"{INDENT}parameters = [{', '.join(_literal(leaf.data) for leaf in self.parameters)}]",
                f"{INDENT}loss, gradients = backpropagate(inputs, parameters)",
                f'{INDENT}print("loss =", loss)',
                f"{INDENT}for name, gradient in zip({names}, gradients):",
                f'{INDENT * 2}print("d loss / d", name, "=", gradient)',
            ]
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the source to a file, whole or not at all, and return its path.

        ``python FILE`` then prints the loss and the gradients, at the numbers of the recording.

        Raises:
            OSError: the file cannot be written.
        """
        path = Path(path)
        write_whole(path, self.source.encode())
        return path

    # --- native -----------------------------------------------------------------------------------------

    def _can_be_native(self) -> bool:
        """Tell whether there is a compiler, and all operations are known to C."""
        from .native.backend import require
        from .native.compiler import CompilerError, compiler

        try:
            compiler()
            require(self.plan)
        except (CompilerError, OperationError):
            return False
        return True

    @cached_property
    def _one_row(self) -> Native:
        return self._native(samples=False)

    @cached_property
    def _many_rows(self) -> Native:
        return self._native(samples=True)

    def _native(self, samples: bool) -> Native:
        from .native.backend import MOST_STRAIGHT, as_code, as_list

        with gc_paused():
            lowered = Lowered(self.plan, samples)
        return as_code(lowered)[0] if self.plan.length <= MOST_STRAIGHT else as_list(lowered)

    def _natively(self, unit: Native, numbers: Sequence[float], count: int, weight: float) -> Replay | None:
        """Return what native code computes; None where an operation may have left its domain."""
        parameters = array("d", [leaf.data for leaf in self.parameters])
        trouble, loss, gradients = unit.evaluate(parameters, array("d", numbers), count, weight)
        if trouble or not math.isfinite(loss + sum(gradients)):
            return None
        return Replay(loss, tuple(gradients))

    def native_pair(self, rule: Plan, samples: bool) -> tuple[Native, Native]:
        """Return the program and the rule of an optimiser in native form.

        Args:
            rule: the rule's plan.
            samples: whether many rows are computed at once.
        """
        from .native.backend import MOST_STRAIGHT, MOST_STRAIGHT_FOR_ROWS, as_code

        update = Lowered(rule, samples=True)
        if self.plan.length <= (MOST_STRAIGHT_FOR_ROWS if samples else MOST_STRAIGHT):
            unit, rule_unit = as_code(Lowered(self.plan, samples), update)
            return unit, rule_unit
        return self._many_rows if samples else self._one_row, as_code(update)[0]

    # --- replay ---------------------------------------------------------------------------------------

    @cached_property
    def _backpropagate(self) -> Callable[..., tuple[float, tuple[float, ...]]]:
        return loaded(self._pieces, "backpropagate")  # type: ignore[no-any-return]

    def __call__(self, *values: float) -> Replay:
        """Compute the root and its gradients.

        Args:
            values: a number for each input.

        Raises:
            TypeError: there are more or fewer values than inputs, or one is no number.
            DomainError: an operation has no value or a derivative does not exist, as `backward` would say it.
        """
        numbers = self.numbers(values)
        if self.is_native:
            return self._natively(self._one_row, numbers, 1, 1.0) or self._eagerly(numbers)
        backpropagate = self._backpropagate
        try:
            replay = Replay(*backpropagate(numbers, [leaf.data for leaf in self.parameters]))
        except (ArithmeticError, ValueError):
            return self._eagerly(numbers)
        return replay if math.isfinite(replay.loss + sum(replay.gradients)) else self._eagerly(numbers)

    def forward(self, *values: float) -> float:
        """Compute the root alone.

        Args:
            values: a number for each input.

        Raises:
            TypeError: there are more or fewer values than inputs, or one is no number.
            DomainError: an operation has no value.

        >>> x, w = Value(2.0, "x"), Value(3.0, "w")
        >>> Program(w * x, inputs=[x]).forward(10.0)
        30.0
        """
        return self.values([self.loss], [values])[0][0]

    def backward(self, *values: float) -> float:
        """Compute the root, and add the gradients to the ``grad`` of their leaves, as `backward` does.

        Args:
            values: a number for each input.

        Returns:
            The root's number.

        Raises:
            TypeError, DomainError: as in a call; no gradient has changed then.
        """
        loss, gradients = self(*values)
        for leaf, gradient in zip(self.by, gradients, strict=True):
            leaf.grad = (leaf.grad or 0.0) + gradient
        return loss

    def batch(self, rows: Iterable[Sequence[float]], reduce: str = "mean") -> Replay:
        """Replay for many samples: return the mean or the sum of the root and of the gradients.

        Args:
            rows: for each sample a number for each input.
            reduce: ``"mean"`` or ``"sum"``.

        Raises:
            ValueError: there are no rows, or ``reduce`` is neither.
            TypeError, DomainError: as in a call.

        >>> x, w = Value(2.0, "x"), Value(3.0, "w")
        >>> Program(w * x, inputs=[x]).batch([[1.0], [2.0]])
        Replay(loss=4.5, gradients=(1.5,))
        """
        if reduce not in ("mean", "sum"):
            raise ValueError(f"reduce={reduce!r} is none: it is 'mean' or 'sum'")
        rows = [self.numbers(row) for row in rows]
        if not rows:
            raise ValueError("there are no rows to replay for")
        share = 1.0 / len(rows) if reduce == "mean" else 1.0
        if self.is_native:
            flat = [number for row in rows for number in row]
            replay = self._natively(self._many_rows if len(rows) > 1 else self._one_row, flat, len(rows), share)
            if replay:
                return replay
        return _added([self(*row) for row in rows], share)

    def mean(self, rows: Sequence[Sequence[float]], parameters: Sequence[float]) -> Replay:
        """Return the mean over rows, in Python, with other parameters; whatever leaves its domain raises as it may."""
        replays = [Replay(*self._backpropagate(row, parameters)) for row in rows]
        return replays[0] if len(rows) == 1 else _added(replays, 1.0 / len(rows))

    def values(self, nodes: Sequence[Value], rows: Iterable[Sequence[float]]) -> list[list[float]]:
        """Compute some nodes of the graph for many samples, such as a network's outputs; no gradients.

        Args:
            nodes: what to compute, from the program's inputs and parameters.
            rows: for each sample a number for each input.

        Returns:
            For each sample a number for each node.

        Raises:
            TypeError, DomainError: as in a call.

        >>> x, w = Value(2.0, "x"), Value(3.0, "w")
        >>> product = w * x
        >>> Program(product**2, inputs=[x]).values([product, x], [[1.0], [2.0]])
        [[3.0, 1.0], [6.0, 2.0]]
        """
        key = tuple(nodes)
        if key not in self._values:
            self._values[key] = self._natively_valued(key) if self.is_native else self._valued(key)
        return self._values[key]([self.numbers(row) for row in rows])

    def _valued(self, nodes: tuple[Value, ...]) -> Valued:
        plan = Plan(nodes, self.inputs, self.parameters, backward=False)
        compute = function_of(plan)

        def valued_row(row: list[float], parameters: list[float]) -> list[float]:
            try:
                return list(compute(row, parameters))
            except (ArithmeticError, ValueError):
                return [node.data for node in map(self._recorded(row, plan).__getitem__, nodes)]

        def valued(rows: Sequence[list[float]]) -> list[list[float]]:
            parameters = [leaf.data for leaf in self.parameters]
            return [valued_row(row, parameters) for row in rows]

        return valued

    def _natively_valued(self, nodes: tuple[Value, ...]) -> Valued:
        from .native.backend import as_list

        with gc_paused():  # the interpreter is built already: rarely is it worth while to build code for this
            unit = as_list(Lowered(Plan(nodes, self.inputs, self.parameters, backward=False), samples=True))
        width = len(nodes)

        def valued(rows: Sequence[list[float]]) -> list[list[float]]:
            flat = array("d", [number for row in rows for number in row])
            trouble, found = unit.outputs(array("d", [leaf.data for leaf in self.parameters]), flat, len(rows))
            if trouble:
                return self._valued(nodes)(rows)
            return [found[start : start + width].tolist() for start in range(0, len(found), width)]

        return valued

    def training(
        self, optimiser: Optimiser, rows: Sequence[Sequence[float]], batch_size: int | None = None
    ) -> Training:
        """Return what trains the parameters step after step, without a graph; see `Training`.

        Args:
            optimiser: updates the parameters.
            rows: for each sample a number for each input.
            batch_size: how many samples a step takes, in turn; None takes all.
        """
        from .training import Training

        return Training(self, optimiser, rows, batch_size, native=self.is_native)

    def numbers(self, values: Sequence[float]) -> list[float]:
        """Return a number for each input, as floats.

        Raises:
            TypeError: there are more or fewer values than inputs, or one is no number.
        """
        if len(values) != len(self.inputs):
            raise TypeError(f"this program takes {len(self.inputs)} numbers, one for each input, not {len(values)}")
        return [value if value.__class__ is float else as_float(value, "program") for value in values]

    def _recorded(self, numbers: Sequence[float], plan: Plan | None = None) -> dict[Value, Value]:
        """Record the graph anew with other numbers in its inputs: what has no value then is told as ever."""
        given = {leaf: leaf.data for leaf in self.parameters}
        return recorded_again((plan or self.plan).order, {**given, **dict(zip(self.inputs, numbers, strict=True))})

    def _eagerly(self, numbers: Sequence[float]) -> Replay:
        """Compute with a recorded graph, which tells what has no value or no derivative."""
        nodes = self._recorded(numbers)
        nodes[self.loss].backward()
        found = [nodes[leaf].grad if leaf in nodes else 0.0 for leaf in self.by]
        return Replay(nodes[self.loss].data, tuple(gradient or 0.0 for gradient in found))


def _literal(number: float) -> str:
    return repr(number) if math.isfinite(number) else f'float("{number}")'


def _added(replays: Sequence[Replay], share: float) -> Replay:
    """Return a share of the sum of replays, added up one by one: in Python 3.12, `sum` rounds otherwise."""
    loss, gradients = replays[0]
    for replay in replays[1:]:
        loss += replay.loss
        gradients = tuple(map(add, gradients, replay.gradients))
    return Replay(loss * share, tuple(gradient * share for gradient in gradients))


def function_of(plan: Plan) -> Callable[..., tuple[float, ...]]:
    """Return a Python function of inputs and parameters that computes the roots of a plan."""
    writer = Writer()
    lines = Unrolled(plan, identifiers(plan.order, {}), writer)
    results = [lines.names[number] for number in plan.roots]
    source = function(
        "values", "Return some values.", lines.homes(), [("forward", list(lines.forward()))], None, results
    )
    return loaded([*definitions(writer), *source], "values")  # type: ignore[no-any-return]


def loaded(pieces: Sequence[str], name: str) -> Any:
    """Compile the pieces of a source and return the function of this name.

    Debuggers show the source, unless it is so long that nobody will step through it.
    """
    file = f"<stepgrad program {next(_numbers)}>"
    namespace: dict[str, Any] = {}
    is_short = sum(piece.count("\n") for piece in pieces) < MOST_STEPPED
    line = 0
    for piece in pieces:
        exec(compile("\n" * line * is_short + piece, file, "exec"), namespace)
        line += piece.count("\n") + len(SPACE)
    if is_short:
        text = SPACE.join(pieces) + "\n"
        linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
    return namespace[name]

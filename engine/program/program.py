"""Program: a recorded graph as a straight-line program, to read, to step through and to replay."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from itertools import compress
from pathlib import Path
from typing import Any, TypeVar

from ..backprop import check_recorded
from ..errors import StepgradError
from ..graph import leaves, record_again, require_value, topological_order
from ..operation import as_float
from ..recording.context import gc_paused, hand_out
from ..sums import Dot, scalars
from ..support.files import write_whole
from ..support.interrupts import assign_all
from ..support.text import counted, listed
from ..value import Value
from .backend import Backend, FloatRows, Loop, Replay, Update, has_failed, note_failure, weighted_sum
from .blocks import describe_blocks
from .javascript.source import javascript
from .native.source import c_source
from .plan import ABSENT, Optimisations, Plan
from .python.backend import Backend as Python
from .python.source import SPACE, main

T = TypeVar("T")

LANGUAGES = ("python", "javascript", "c", "jax", "torch", "numpy", "onnx")
SUFFIXES = {".js": "javascript", ".c": "c", ".onnx": "onnx"}
BACKENDS = ("native", "python")  # for "auto", the first that can compute a plan


class Program:
    """A recorded graph as a straight-line program, forward and backward.

    A program computes what the graph computed, for other numbers in its inputs and for the numbers that its
    parameters have at the moment. All other numbers are those of the recording.

    Args:
        loss: the root of the graph.
        inputs: the leaves whose numbers are passed in at each call.
        parameters: the leaves to differentiate with respect to; None takes all leaves that are not inputs. Without
            any, gradients are with respect to the inputs.
        names: variables such as ``locals()``, to name nodes without a label.
        fold: compute what depends on constants alone once, when the program is made.
        share: compute equal subexpressions once.
        prune: compute gradients only where they are asked for.
        backend: what replays: ``"python"``; ``"native"``, which is C and needs a compiler; or ``"auto"``, native
            where that is possible, and otherwise Python, with a warning that says why.
        outputs: nodes that will be asked for by ``program.values([loss, *outputs], rows)``.

    Attributes:
        wrt: the leaves of the gradients: the parameters, or the inputs without any.
        plan: the nodes to compute, and the steps of the chain rule.
        backend: the name of the backend that replays; with ``"auto"``, it changes where its code cannot be built.

    Raises:
        TypeError: the loss, an input or a parameter is not a Value.
        GraphError: an input or parameter is given twice, or is computed from others; or the loss was made inside
            `no_grad`.
        OperationError: one of your own operations is written in a way that cannot be put into a program.
        ValueError: there is no such backend.

    >>> x, w, b = Value(2.0, "x"), Value(3.0, "w"), Value(-1.0, "b")
    >>> program = Program((w * x + b).tanh(), inputs=[x])
    >>> program(0.5)
    Replay(loss=0.46211715726000974, gradients=(0.3932238664829637, 0.7864477329659274))
    """

    def __init__(
        self, loss: Value, inputs: Iterable[Value] = (), parameters: Iterable[Value] | None = None, *,
        names: Mapping[str, Any] | None = None, fold: bool = True, share: bool = True, prune: bool = True,
        backend: str = "python", outputs: Iterable[Value] = (),
    ) -> None:  # fmt: skip
        require_value(loss, "Program")
        check_recorded(loss)
        hand_out("makes a program")
        self.loss, self.inputs = loss, tuple(inputs)
        if parameters is None:
            given = set(map(id, self.inputs))
            parameters = [leaf for leaf in leaves(loss) if id(leaf) not in given]
        self.parameters = tuple(parameters)
        with gc_paused():
            roots = [loss, *(node for node in outputs if node is not loss)]
            self.plan = Plan(roots, self.inputs, self.parameters, Optimisations(fold, share, prune))
        self.wrt = self.parameters or self.inputs
        kind, *self._others = _kinds(backend, self.plan)
        self._backend: Backend = kind(self.plan, names)
        self._backends = {tuple(roots): self._backend}  # by what they compute

    def __repr__(self) -> str:
        plan = self.plan
        return f"<Program of {len(plan.forward)} operations and {len(plan.backward)} steps of the chain rule>"

    @property
    def backend(self) -> str:
        """The name of the backend that replays."""
        return self._backend.name

    # --- source ---------------------------------------------------------------------------------------

    @cached_property
    def reached(self) -> tuple[bool, ...]:
        """Whether the loss depends on each leaf of `wrt`; `backward` leaves the ``grad`` of the others alone."""
        below = {*topological_order(self.loss)}
        return tuple(leaf in below for leaf in self.wrt)

    @cached_property
    def _python(self) -> Python:
        if isinstance(self._backend, Python):
            return self._backend
        return Python(self._of_scalars(self.plan), self._backend.variables)

    def _of_scalars(self, plan: Plan) -> Plan:
        """Return a plan in which every sum and product is a node, as Python needs it."""
        if not any(isinstance(node.op, Dot) for node in plan.order):
            return plan
        roots = scalars([plan.order[root] for root in plan.roots])
        return Plan(roots, self.inputs, self.parameters, plan.optimisations, plan.backpropagates)

    @property
    def identifiers(self) -> list[str]:
        """The name of each node in the source."""
        return self._python.identifiers

    @cached_property
    def source(self) -> str:
        """The program as Python source that runs on its own, with nothing but `math`."""
        return SPACE.join([f'"""{self._head}"""', *self._python.pieces, main(*self._main)]) + "\n"

    @cached_property
    def javascript(self) -> str:
        """The program as JavaScript that runs on its own, in Node and in browsers.

        Raises:
            OperationError: an operation of yours calls a function that JavaScript does not have.
        """
        names, *leaves = self._main
        return javascript(self._python.plan, self._python.variables, self._head, leaves, names)

    @property
    def _head(self) -> str:
        """The sentence that a source begins with."""
        forward, backward = counted(len(self.plan.forward), "operation"), counted(len(self.plan.backward), "step")
        unused = len(self.reached) - sum(self.reached)
        note = f" The loss does not depend on {counted(unused, 'leaf', 'leaves')}: 0.0 stands for no gradient."
        return f"Backpropagation: {forward}, {backward} back.{note if unused else ''}"

    @property
    def _main(self) -> tuple[list[str], tuple[Value, ...], tuple[Value, ...]]:
        """The names of the leaves of the gradients, and the leaves whose numbers of now a source is to print with."""
        names = [
            leaf.label or "a leaf that is not used" if number == ABSENT else self.identifiers[number]
            for number, leaf in zip(self.plan.wrt, self.wrt, strict=True)
        ]
        return names, self.inputs, self.parameters

    def written(self, language: str = "python") -> str:
        """Return the program in a language; see `save`.

        Raises:
            ValueError: there is no such language.
            OperationError: an operation cannot be translated to it.
        """
        if language == "onnx":
            raise ValueError("a model of ONNX is not a text: save it, as with program.save('program.onnx')")
        if language not in LANGUAGES:
            raise ValueError(
                f"language must be {listed(map(repr, LANGUAGES), last='or', most=len(LANGUAGES))}, not {language!r}"
            )
        names, *leaves = self._main
        if language == "python":
            return self.source
        if language == "javascript":
            return self.javascript
        if language == "c":
            return c_source(self._python.plan, self._python.variables, self._head, leaves, names)
        head = f"A program of {counted(len(self.plan.forward), 'operation')} as few operations on arrays."
        from .arrays.export import array_source

        return array_source(self._forward_plan, language, head, leaves, names)

    def save(self, path: str | os.PathLike[str], language: str | None = None) -> Path:
        """Write the program to a file, completely or not at all, and return its path.

        Run as a program, the file prints the loss and the gradients, at the numbers of now.

        Args:
            path: of the file.
            language: ``"python"``, ``"javascript"`` or ``"c"``, with a line for each step of backpropagation;
                ``"jax"``, ``"torch"`` or ``"numpy"``, with operations on whole arrays, for many samples at once; or
                ``"onnx"``, a model that computes the loss. Without it, what the file's name ends in says: ``.js``,
                ``.c``, ``.onnx``, and Python otherwise.

        Raises:
            ValueError: there is no such language.
            OperationError: an operation cannot be translated to it; nothing is written then.
            StepgradError: the package onnx is needed and not installed.
        """
        path = Path(path)
        language = language or language_of(path)
        is_model = language == "onnx"
        write_whole(path, self.onnx() if is_model else self.written(language).encode())
        return path

    def onnx(self, outputs: Sequence[Value] = ()) -> bytes:
        """Return the program as a model in ONNX's format, which computes for many samples in float32.

        It takes ``inputs``, a row for each sample, and returns ``outputs``: the loss, or other nodes. The
        parameters are in the model, at their numbers of now.

        Args:
            outputs: what to compute instead of the loss.

        Raises:
            StepgradError: the package onnx is not installed.
            OperationError: an operation cannot be translated.
        """
        from .arrays.onnx import onnx_model

        roots = outputs or [self.loss]
        plan = Plan(roots, self.inputs, self.parameters, self.plan.optimisations, backward=False)
        return onnx_model(plan, [leaf.data for leaf in self.parameters])

    def to_jax(self) -> Callable[[Any, Any], Any]:
        """Return the program as a function for JAX: of inputs and parameters, to ``jit``, ``grad`` and ``vmap``.

        The inputs are an array whose last dimension is the program's inputs, and the others are those of samples; the
        parameters are an array of one dimension. The result is the loss of each sample. It is differentiable again and
        again, by the table's own rules, and computes in the precision of what it is given.

        Raises:
            StepgradError: JAX is not installed.
            OperationError: an operation cannot be translated.

        >>> import jax
        >>> x, w = Value(2.0, "x"), Value(3.0, "w")
        >>> loss = Program((w * x).tanh(), inputs=[x]).to_jax()
        >>> [round(float(each), 4) for each in loss([[0.1], [0.2]], [3.0])]
        [0.2913, 0.537]
        >>> print(round(float(jax.grad(loss, 1)(jax.numpy.array([0.1]), jax.numpy.array([3.0]))[0]), 4))
        0.0915
        """
        from .arrays.export import array_function

        return array_function(self._forward_plan, "jax")

    def to_torch(self) -> Callable[[Any, Any], Any]:
        """Return the program as a function for PyTorch, as `to_jax` does for JAX.

        Raises:
            StepgradError: PyTorch is not installed.
            OperationError: an operation cannot be translated.

        >>> import torch
        >>> x, w = Value(2.0, "x"), Value(3.0, "w")
        >>> loss = Program((w * x).tanh(), inputs=[x]).to_torch()
        >>> parameters = torch.tensor([3.0], requires_grad=True)
        >>> loss(torch.tensor([[0.1], [0.2]]), parameters).mean().backward()
        >>> print(round(float(parameters.grad[0]), 4))
        0.1169
        """
        from .arrays.export import array_function

        return array_function(self._forward_plan, "torch")

    @property
    def _forward_plan(self) -> Plan:
        """The plan of the loss without its backward pass."""
        return Plan([self.loss], self.inputs, self.parameters, self.plan.optimisations, backward=False)

    @cached_property
    def blocks(self) -> list[str]:
        """The matrices that are in the scalars, in words: what a native program computes for many samples at once.

        Sums that multiply the same numbers of a sample by different parameters are rows of a matrix.

        >>> from engine import tanh
        >>> x, y = Value(0.5, "x"), Value(2.0, "y")
        >>> w = [Value(0.1 * i) for i in range(18)]
        >>> hidden = [tanh(w[i] * x + w[i + 6] * y + w[i + 12]) for i in range(6)]
        >>> for line in Program(sum(hidden), [x, y], w).blocks:
        ...     print(line)
        forward   matrix 6 x 3, times inputs and 1
        forward   tanh 6 times, sum
        backward  product 6 times, sum 6 times
        backward  gradients of 6 x 3 parameters
        """
        return describe_blocks(self.plan)

    # --- replay ---------------------------------------------------------------------------------------

    def __call__(self, *values: float) -> Replay:
        """Compute the root and its gradients.

        Args:
            values: a number for each input.

        Raises:
            TypeError: there are more or fewer values than inputs, or one is not a number.
            DomainError: an operation has no value or a derivative does not exist, as `backward` would report it.
        """
        row = self.numbers(values)
        replay = self._by(lambda: self._backend.replay([row], [leaf.data for leaf in self.parameters], 1.0))
        if replay is None:  # a recording raises the usual errors
            nodes = self._recorded(row, self.plan.order)
            nodes[self.loss].backward()
            gradients = [nodes[leaf].grad if leaf in nodes else None for leaf in self.wrt]
            replay = Replay(nodes[self.loss].data, tuple(gradient or 0.0 for gradient in gradients))
        return replay

    def forward(self, *values: float) -> float:
        """Compute the root alone; otherwise as in a call.

        >>> x, w = Value(2.0, "x"), Value(3.0, "w")
        >>> Program(w * x, inputs=[x]).forward(10.0)
        30.0
        """
        return self.values([self.loss], [values])[0][0]

    def backward(self, *values: float) -> float:
        """Compute the root, and add the gradients to the ``grad`` of their leaves, as `backward` does.

        The ``grad`` of a leaf that the root does not depend on stays as it is.

        Returns:
            The root's number.

        Raises:
            TypeError, DomainError: as in a call; no gradient has changed then.
        """
        loss, gradients = self(*values)
        found = dict(compress(zip(self.wrt, gradients, strict=True), self.reached))
        assign_all((found, "grad", [(leaf.grad or 0.0) + gradient for leaf, gradient in found.items()]))
        return loss

    def batch(self, rows: Iterable[Sequence[float]], reduce: str = "mean") -> Replay:
        """Replay for many samples, and return the mean or the sum of the roots and of the gradients.

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
            raise ValueError(f"reduce must be 'mean' or 'sum', not {reduce!r}")
        rows = self.rows(rows)
        if not rows:
            raise ValueError("a batch needs at least one row")
        weight = 1.0 / len(rows) if reduce == "mean" else 1.0
        replay = self._by(lambda: self._backend.replay(rows, [leaf.data for leaf in self.parameters], weight))
        return replay or weighted_sum([self(*row) for row in rows], weight)

    def values(self, nodes: Sequence[Value], rows: Iterable[Sequence[float]]) -> list[list[float]]:
        """Compute some nodes for many samples, such as a network's outputs, and return a list for each sample.

        Args:
            nodes: what to compute, from the program's inputs and parameters.
            rows: for each sample a number for each input.

        Raises:
            TypeError, DomainError: as in a call.

        >>> x, w = Value(2.0, "x"), Value(3.0, "w")
        >>> product = w * x
        >>> Program(product**2, inputs=[x]).values([product, x], [[1.0], [2.0]])
        [[3.0, 1.0], [6.0, 2.0]]
        """
        return self.prepare(nodes, rows)()

    def prepare(self, nodes: Sequence[Value], rows: Iterable[Sequence[float]]) -> Callable[[], list[list[float]]]:
        """Return a function that computes some nodes for samples, with the parameters of the moment, as `values` does.

        >>> x, w = Value(2.0, "x"), Value(3.0, "w")
        >>> compute = Program(w * x, inputs=[x]).prepare([x, w], [[1.0], [2.0]])
        >>> w.data = 4.0
        >>> compute()
        [[1.0, 4.0], [2.0, 4.0]]
        """
        key, given = tuple(nodes), self.rows(rows)
        if key not in self._backends:
            with gc_paused():
                plan = Plan(key, self.inputs, self.parameters, backward=False)
                self._backends[key] = type(self._backend)(self._of_scalars(plan) if self.backend == "python" else plan)
        compute = self._by(lambda: self._backends[key].values(given))

        def values() -> list[list[float]]:
            parameters = [leaf.data for leaf in self.parameters]
            found = compute(parameters)
            return found if found is not None else [self._value(key, row, parameters) for row in given]

        return values

    def _value(self, nodes: tuple[Value, ...], row: list[float], parameters: Sequence[float]) -> list[float]:
        """Return some nodes for one sample, or raise the usual error."""
        backend = self._backends[nodes]
        found = backend.values([row])(parameters)
        if found is not None:
            return found[0]
        made = self._recorded(row, topological_order(*nodes))
        return [made[node].data for node in nodes]

    def loop(self, update: Update, batch_size: int) -> Loop:
        """Return what takes training steps of at most so many rows, for `nn.training.Training`."""
        return self._by(lambda: self._backend.loop(update, batch_size))

    def _by(self, compute: Callable[[], T]) -> T:
        """Return what the backend computes; with "auto", by another one if it cannot build its code."""
        while True:
            try:
                return compute()
            except StepgradError as error:
                if not self._others:
                    raise
                failed, kind = type(self._backend), self._others.pop(0)
                known = self._backends.items()
                self._backends = {key: kind(self._of_scalars(each.plan), each.variables) for key, each in known}
                self._backend = next(iter(self._backends.values()))
                note_failure(failed, self.plan, error)

    def numbers(self, values: Sequence[float]) -> list[float]:
        """Return a number for each input, as floats, or raise the TypeError of a call."""
        hand_out("calls a program")
        if len(values) != len(self.inputs):
            raise TypeError(f"this program takes {len(self.inputs)} numbers, one for each input, not {len(values)}")
        if set(map(type, values)) <= {float}:
            return list(values)
        return [value if value.__class__ is float else as_float(value, "program") for value in values]

    def rows(self, rows: Iterable[Sequence[float]]) -> FloatRows:
        """Return the numbers of many samples as floats, or raise the TypeError of a call."""
        if isinstance(rows, FloatRows):
            hand_out("calls a program")
            return rows
        return FloatRows(map(self.numbers, rows))

    def _recorded(self, row: Sequence[float], order: Sequence[Value]) -> dict[Value, Value]:
        given = {leaf: leaf.data for leaf in self.parameters}
        return record_again(order, {**given, **dict(zip(self.inputs, row, strict=True))})


def language_of(path: Path) -> str:
    """Return the language that a file's name says."""
    return SUFFIXES.get(path.suffix.lower(), "python")


def _kinds(name: str, plan: Plan) -> list[type[Backend]]:
    """Return the backends of a name, for "auto" those that may compute a plan in the order in which to try them.

    Each is imported when it is needed, since ctypes takes time to load.
    """
    if name not in (*BACKENDS, "auto"):
        known = listed(map(repr, (*reversed(BACKENDS), "auto")), last="or")
        raise ValueError(f"backend must be {known}, not {name!r}")
    *preferred, last = BACKENDS if name == "auto" else (name,)
    found = []
    for each in preferred:
        kind: type[Backend] = import_module(f".{each}.backend", __package__).Backend
        if not has_failed(kind, plan):
            try:
                kind.require(plan)
                found.append(kind)
            except StepgradError as error:
                note_failure(kind, plan, error)
    kind = import_module(f".{last}.backend", __package__).Backend
    if name != "auto":
        kind.require(plan)
    return [*found, kind]

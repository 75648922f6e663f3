"""The routes: ways to the number of a graph's root and its derivatives with respect to the leaves.

The first is `backward`, which the others are compared with. A route makes its own graph from a recipe.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from ..backprop import backward
from ..derivatives import grad, hessian, jacobian, jvp
from ..graph import topological_order
from ..program import plan
from ..program.backend import Replay
from ..program.compiled import compiled
from ..program.program import Program
from ..slope import Undefined
from ..steps.walk import walk
from ..value import Value
from .recipe import Recipe

HUGE = 1e300  # numbers whose sum may overflow
ELSEWHERE = 0.75  # the number of all leaves where a program is recorded for others, and of the samples beside one


class Route(NamedTuple):
    """A way to a root's number and its gradients.

    Attributes:
        name: what a report calls it.
        run: takes a recipe; returns the root's number and a gradient for each leaf.
        agrees: how its numbers are those of `backward`: ``"bits"``, to the last bit; ``"numbers"``, but for the sign of
            0; or ``"rounding"``, within rounding.
    """

    name: str
    run: Callable[[Recipe], Sequence[float]]
    agrees: str = "bits"


def _made(recipe: Recipe) -> tuple[Value, list[Value]]:
    """Return the root and the leaves of a new graph."""
    leaves = list(map(Value, recipe.numbers))
    return recipe.of(*leaves), leaves


def by_backward(recipe: Recipe) -> list[float]:
    """Return what `backward` gives."""
    root, leaves = _made(recipe)
    root.backward()
    return [root.data, *(0.0 if leaf.grad is None else leaf.grad for leaf in leaves)]


def _by_watched_backward(recipe: Recipe) -> list[float]:
    root, leaves = _made(recipe)
    root.backward(when=lambda step: False)
    return [root.data, *(0.0 if leaf.grad is None else leaf.grad for leaf in leaves)]


def _looking(look: Callable[[Value, list[Value]], Sequence[float]]) -> Callable[[Recipe], list[float]]:
    """Return a route that looks at a graph, which must not change it."""

    def run(recipe: Recipe) -> list[float]:
        root, leaves = _made(recipe)
        order = topological_order(root)
        before = [(repr(n.data), n.grad, n.inputs, repr(n.local_grads), n.note) for n in order]
        found = look(root, leaves)
        if before != [(repr(n.data), n.grad, n.inputs, repr(n.local_grads), n.note) for n in order]:
            raise AssertionError("looking at the derivatives changed the graph")
        return [root.data, *found]

    return run


def _by_walk(root: Value, leaves: list[Value]) -> list[float]:
    steps = walk(root)
    last = steps.at(len(steps))
    return [(last.grad(leaf) if leaf in steps.names else None) or 0.0 for leaf in leaves]


def _by_copy(copied: Callable[[Any], Any]) -> Callable[[Recipe], list[float]]:
    def run(recipe: Recipe) -> list[float]:
        root, leaves = copied(_made(recipe))
        backward(root)
        return [root.data, *(0.0 if leaf.grad is None else leaf.grad for leaf in leaves)]

    return run


def _by_program(backend: str, **options: bool) -> Callable[[Recipe], Sequence[float]]:
    """Return a route by a program that is recorded at the numbers, which are those of its parameters."""

    def run(recipe: Recipe) -> Sequence[float]:
        root, leaves = _made(recipe)
        return _flat(Program(root, parameters=leaves, backend=backend, **options)())  # type: ignore[arg-type]

    return run


def _flat(replay: Replay) -> list[float]:
    return [replay.loss, *replay.gradients]


def elsewhere(recipe: Recipe) -> Recipe:
    """Return a recipe with the numbers at which a program is recorded for others."""
    return recipe.at([ELSEWHERE] * len(recipe.numbers))


def _by_replay(backend: str) -> Callable[[Recipe], Sequence[float]]:
    """Return a route by a program that is recorded at other numbers."""

    def run(recipe: Recipe) -> Sequence[float]:
        root, leaves = _made(elsewhere(recipe))
        return _flat(Program(root, leaves, [], backend=backend)(*recipe.numbers))

    return run


def _by_batch(backend: str) -> Callable[[Recipe], Sequence[float]]:
    """Return a route by a batch of two equal samples."""

    def run(recipe: Recipe) -> Sequence[float]:
        root, leaves = _made(recipe)
        program = Program(root, leaves, [], backend=backend)
        if not all(isinstance(x, Undefined) or abs(x) < HUGE for x in _flat(program(*recipe.numbers))):
            return _flat(program(*recipe.numbers))  # the sum of two would overflow
        return _flat(program.batch([recipe.numbers] * 2))

    return run


def _by_compiled(backend: str) -> Callable[[Recipe], Sequence[float]]:
    def run(recipe: Recipe) -> Sequence[float]:
        leaves = list(map(Value, recipe.numbers))
        loss = compiled(lambda: recipe.of(*leaves), backend=backend)()
        return [loss, *(0.0 if leaf.grad is None else leaf.grad for leaf in leaves)]

    return run


def routes(backends: Sequence[str] = ("python", "native")) -> list[Route]:
    """Return the routes; the others are compared with the first.

    Args:
        backends: those of programs.
    """
    found = [
        Route("backward()", by_backward),
        Route("backward(when=...)", _by_watched_backward),
        Route("grad()", _looking(lambda root, leaves: [x.data for x in grad(root, leaves)]), "numbers"),
        Route("jvp()", _looking(lambda root, leaves: [jvp(root, {x: 1.0}) for x in leaves]), "rounding"),
        Route("jacobian() in reverse", _looking(lambda root, leaves: jacobian([root], leaves)[0]), "numbers"),
        Route(
            "jacobian() forward",
            _looking(lambda root, leaves: jacobian([root] * (len(leaves) + 1), leaves)[0]),
            "rounding",
        ),
        Route("walk()", _looking(_by_walk)),
        Route("copy.deepcopy()", _by_copy(copy.deepcopy)),
        Route("pickle", _by_copy(lambda made: pickle.loads(pickle.dumps(made)))),
        Route("Program, as written", _by_program("python", fold=False, share=False, prune=False)),
    ]
    for backend in backends:
        agrees = "bits" if backend == "python" else "rounding"
        found += [
            Route(f"Program, {backend}", _by_program(backend), agrees),
            Route(f"Program, {backend}, recorded elsewhere", _by_replay(backend), agrees),
            Route(f"Program.batch(), {backend}", _by_batch(backend), agrees),
            Route(f"compiled(), {backend}", _by_compiled(backend), agrees),
        ]
    return found


NATIVE = {"list": (0, plan.LARGE), "code": (10**9, plan.LARGE), "tape": (0, 0)}  # limits that lead to each form


@contextmanager
def native_as(form: str) -> Iterator[None]:
    """Let native programs be of a form meanwhile: ``"list"``, which is compiled only once, ``"code"`` or ``"tape"``."""
    from ..program.native import backend  # takes a while to import

    before = backend.MAX_STRAIGHT, plan.LARGE
    try:
        backend.MAX_STRAIGHT, plan.LARGE = NATIVE[form]
        yield
    finally:
        backend.MAX_STRAIGHT, plan.LARGE = before


def second_order(recipe: Recipe) -> dict[str, list[float]]:
    """Return the second derivatives, row by row, as each route to them gives them."""
    root, leaves = _made(recipe)
    firsts = grad(root, leaves)
    return {
        "hessian()": [x for row in hessian(root, leaves) for x in row],
        "grad() of grad()": [x.data for first in firsts for x in grad(first, leaves)],
        "jvp() of grad()": [jvp(first, {x: 1.0}) for first in firsts for x in leaves],
        "Program of grad()": [x for first in firsts for x in _gradients(first, leaves)],
    }


def third_order(recipe: Recipe) -> dict[str, list[float]]:
    """Return the third derivatives with respect to the same leaf three times, as each route gives them."""
    root, leaves = _made(recipe)
    seconds = [grad(grad(root, x), x) for x in leaves]
    pairs = list(zip(seconds, leaves, strict=True))
    return {
        "grad() of grad() of grad()": [grad(second, x).data for second, x in pairs],
        "jvp() of grad() of grad()": [jvp(second, {x: 1.0}) for second, x in pairs],
        "Program of grad() of grad()": [_gradients(second, [x])[0] for second, x in pairs],
    }


def _gradients(root: Value, leaves: list[Value]) -> Sequence[float]:
    """Return gradients by a program; a root without operands is not worth one."""
    return Program(root, parameters=leaves)().gradients if root.inputs else jacobian([root], leaves)[0]

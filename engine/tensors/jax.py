"""JAX's arrays, unrolled: a jaxpr is computed with arrays of scalars beside JAX's own.

A variable of the jaxpr that depends on a leaf is a `Pair` of what JAX computes and an array of Values; any other is
what JAX computes. So `cond` and `while` take the branches that JAX takes, loops are unrolled, and calls are followed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..errors import StepgradError
from ..recording.context import recorded
from ..recording.source import HOUSES, Source, running_statement, statement_at
from ..support.jax import in_float64
from . import arrays
from .arrays import LIMIT, Budget, argument_names, array, values
from .jax_rules import CUSTOM, MOVES, RULES

CALLER = "from_jax"
CALLS = {  # operations that compute a jaxpr, and the parameter that holds it
    "jit": "jaxpr", "pjit": "jaxpr", "closed_call": "call_jaxpr", "core_call": "call_jaxpr", "remat": "jaxpr",
    "checkpoint": "jaxpr", "remat2": "jaxpr", "custom_jvp_call": "call_jaxpr", "custom_lin": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr", "custom_vjp_call_jaxpr": "fun_jaxpr",
}  # fmt: skip


class Pair(NamedTuple):
    """What a variable holds: JAX's numbers, and the scalars."""

    numbers: Any
    scalars: Any


def from_jax(function: Callable[..., Any], *arguments: Any, limit: int = LIMIT, **named: Any) -> Any:
    """Unroll a computation of JAX into a graph of scalars, to look at, step through and differentiate.

    The floating-point arrays among the arguments become leaves: ``W[0][2]`` is an element of the argument W, and
    ``params.w[0][2]`` one of ``params["w"]``. Nodes carry your source lines, and the names of `jax.named_scope`. Where
    the function branches on numbers, with `jax.lax.cond` or ``while``, the graph holds the branch that was taken.

    Args:
        function: a function of arrays that JAX can trace.
        arguments, named: what to call it with: numbers, arrays, and lists, tuples and dicts of them.
        limit: the most nodes to make.

    Returns:
        A Value for one number, nested lists of Values for an array of several; tuples, lists and dicts as they are.

    Raises:
        GraphError: the graph would have more nodes, or an operation cannot be unrolled; the message names the line.
        StepgradError: JAX is not installed.

    >>> import jax.numpy as jnp
    >>> loss = from_jax(lambda x, w: jnp.tanh(x @ w), jnp.ones(2), jnp.ones(2))
    >>> round(loss.data, 3)
    0.964
    """
    try:
        import jax
    except ImportError:
        raise StepgradError("from_jax needs JAX: pip install jax, or the extra stepgrad[jax]") from None
    np, budget = arrays.numpy(), Budget(limit, CALLER)
    names = argument_names(function, arguments, named)
    with in_float64():
        paths, _ = jax.tree_util.tree_flatten_with_path((arguments, named))
        closed, shape = jax.make_jaxpr(lambda *a, **k: function(*a, **k), return_shape=True)(*arguments, **named)

        def leaf(path: Any, thing: Any) -> Any:
            numbers = np.asarray(thing)
            if not np.issubdtype(numbers.dtype, np.floating):
                return thing
            first = names[getattr(path[1], "idx", getattr(path[1], "key", None))]
            name = first + _keys(path[2:])
            with budget.at("reading " + name, running_statement(), ()):
                budget.spend(numbers.size)
                return Pair(thing, arrays.leaf_array(numbers, name))

        def run() -> Any:
            given = [leaf(path, thing) for path, thing in paths]
            found = _Evaluation(jax, budget).closed(closed, given)
            made = [values(x.scalars) if isinstance(x, Pair) else _plain(np, x) for x in found]
            return jax.tree_util.tree_unflatten(jax.tree_util.tree_structure(shape), made)

        return recorded(run)


def _plain(np: Any, thing: Any) -> Any:
    numbers = np.asarray(thing)
    return values(array(numbers)) if np.issubdtype(numbers.dtype, np.floating) else thing


def _keys(path: Any) -> str:
    return "".join(
        f".{name}" if str(name := getattr(each, "key", getattr(each, "name", 0))).isidentifier() else str(each)
        for each in path
    )


class _Evaluation:
    """The computation of a jaxpr with scalars beside numbers."""

    def __init__(self, jax: Any, budget: Budget) -> None:
        self.jax, self.budget, self.np = jax, budget, arrays.numpy()
        self.passed = (*HOUSES, os.path.dirname(jax.__file__) + os.sep)
        self.scope: tuple[str, ...] = ()

    def closed(self, closed: Any, given: Sequence[Any]) -> list[Any]:
        """Return the results of a closed jaxpr."""
        return self.open(closed.jaxpr, closed.consts, given)

    def open(self, jaxpr: Any, constants: Sequence[Any], given: Sequence[Any]) -> list[Any]:
        """Return the results of a jaxpr with the values of its constants."""
        from jax.extend.core import Literal

        known = dict(zip(jaxpr.constvars, constants, strict=True))
        known.update(zip(jaxpr.invars, given, strict=True))

        def read(x: Any) -> Any:
            return x.val if isinstance(x, Literal) else known[x]

        for equation in jaxpr.eqns:
            found = self.equation(equation, [read(x) for x in equation.invars])
            known.update(zip(equation.outvars, found, strict=True))
        return [read(x) for x in jaxpr.outvars]

    def equation(self, equation: Any, given: list[Any]) -> list[Any]:
        """Return the results of one operation."""
        name, parameters = equation.primitive.name, equation.params
        if not any(isinstance(x, Pair) for x in given):
            return self.numbers(equation, given)
        outer, stack = self.scope, str(equation.source_info.name_stack)
        own = tuple(part for part in stack.split("/") if part)
        source = self.source(equation)
        try:
            self.scope = (*outer, *own)
            if name in CONTROL:
                self.budget.operation, self.budget.source = name, source
                return CONTROL[name](self, parameters, given)
            if name in CALLS:
                return self.call(equation, name, parameters, given, source)
            with self.budget.at(name, source, self.scope):
                return self.operation(equation, name, parameters, given)
        finally:
            self.scope = outer

    def operation(self, equation: Any, name: str, parameters: Any, given: list[Any]) -> list[Any]:
        """Return the results of an operation that is not a call."""
        numbers = [x.numbers if isinstance(x, Pair) else x for x in given]
        outs = self.numbers(equation, numbers)
        if name == "stop_gradient" or not any(self.np.issubdtype(x.dtype, self.np.floating) for x in outs):
            return outs
        if name in MOVES:
            made = self.moved(equation, given, numbers)
        elif name in RULES:
            scalars = [x.scalars if isinstance(x, Pair) else self.constants(x) for x in given]
            made = RULES[name](self.budget, parameters, scalars, outs)
            made = made if isinstance(made, list) else [made]
        else:
            raise self.budget.refuse(f"there is no rule for JAX's operation {name}; write it with other operations")
        return [
            Pair(out, self.np.broadcast_to(array(scalars), self.np.shape(out))) if scalars is not None else out
            for out, scalars in zip(outs, made, strict=True)
        ]

    def constants(self, thing: Any) -> Any:
        """Return an array that depends on no leaf as scalars."""
        numbers = self.np.asarray(thing)
        return array(numbers.astype(float)) if self.np.issubdtype(numbers.dtype, self.np.floating) else numbers

    def numbers(self, equation: Any, given: Sequence[Any]) -> list[Any]:
        """Return what JAX computes."""
        found = equation.primitive.get_bind_params(equation.params)
        functions, parameters = found if isinstance(found, tuple) else ((), found)
        found = equation.primitive.bind(*functions, *given, **parameters)
        return list(found) if equation.primitive.multiple_results else [found]

    def call(self, equation: Any, name: str, parameters: Any, given: list[Any], source: Source) -> list[Any]:
        """Return the results of a call of a jaxpr."""
        inner = parameters[CALLS[name]]
        called = _name_of(inner) or str(parameters.get("name", ""))
        if called in CUSTOM:
            with self.budget.at(called, source, self.scope):
                outs = self.numbers(equation, [x.numbers if isinstance(x, Pair) else x for x in given])
                return [Pair(outs[0], CUSTOM[called](self.budget, given[0].scalars))]
        if name.startswith("custom_vjp"):
            self.budget.operation, self.budget.source = f"the custom_vjp {called}".strip(), source
            raise self.budget.refuse("its derivative is a rule of your own, which scalars do not have")
        inner = getattr(inner, "jaxpr", inner), getattr(inner, "consts", ())
        return self.open(inner[0], inner[1], given)

    def moved(self, equation: Any, given: list[Any], numbers: list[Any]) -> list[Any]:
        """Return the scalars that an operation moves: JAX moves their places."""
        np, known, places = self.np, [0.0], []
        for x, own in zip(given, numbers, strict=True):
            if not np.issubdtype(np.asarray(own).dtype, np.floating):
                places.append(own)
                continue
            scalars = x.scalars if isinstance(x, Pair) else self.constants(x)
            start = len(known)
            known.extend(scalars.ravel().tolist())
            places.append(self.jax.numpy.arange(start, len(known), dtype="float64").reshape(scalars.shape))
        table = np.empty(len(known), dtype=object)
        table[:] = known
        return [table[np.nan_to_num(np.asarray(x)).astype(int)] for x in self.numbers(equation, places)]

    def source(self, equation: Any) -> Source:
        """Return the user's statement that an operation comes from."""
        frames = equation.source_info.traceback
        for frame in frames.frames if frames else ():
            if not frame.file_name.startswith(self.passed) and not frame.file_name.startswith("<frozen"):
                import linecache

                lines = tuple(linecache.getlines(frame.file_name))
                text = statement_at(lines, frame.line_num)
                return Source(frame.file_name, frame.line_num, text, frame.function_name)
        return running_statement(self.passed)


def _name_of(jaxpr: Any) -> str:
    info = getattr(getattr(jaxpr, "jaxpr", jaxpr), "debug_info", None)
    return str(getattr(info, "func_name", ""))


# --- control flow ---------------------------------------------------------------------------------------


def _cond(evaluation: _Evaluation, parameters: Any, given: list[Any]) -> list[Any]:
    chosen = given[0].numbers if isinstance(given[0], Pair) else given[0]
    branches = parameters["branches"]
    place = min(max(int(chosen), 0), len(branches) - 1)
    return evaluation.closed(branches[place], given[1:])


def _while(evaluation: _Evaluation, parameters: Any, given: list[Any]) -> list[Any]:
    test, body = parameters["cond_nconsts"], parameters["body_nconsts"]
    of_test, of_body, state = given[:test], given[test : test + body], given[test + body :]
    while True:
        (goes_on,) = evaluation.closed(parameters["cond_jaxpr"], [*of_test, *state])
        if not bool(goes_on):
            return state
        state = evaluation.closed(parameters["body_jaxpr"], [*of_body, *state])


def _scan(evaluation: _Evaluation, parameters: Any, given: list[Any]) -> list[Any]:
    fixed, carried, length = parameters["num_consts"], parameters["num_carry"], parameters["length"]
    constants, state, rows = given[:fixed], given[fixed : fixed + carried], given[fixed + carried :]
    turns = range(length - 1, -1, -1) if parameters["reverse"] else range(length)
    gathered: dict[int, list[Any]] = {}
    for turn in turns:
        row = [Pair(x.numbers[turn], array(x.scalars[turn])) if isinstance(x, Pair) else x[turn] for x in rows]
        found = evaluation.closed(parameters["jaxpr"], [*constants, *state, *row])
        state, gathered[turn] = found[:carried], found[carried:]
    columns = list(zip(*(gathered[turn] for turn in range(length)), strict=True))
    return [*state, *(_stacked(evaluation, column) for column in columns)]


def _stacked(evaluation: _Evaluation, column: Sequence[Any]) -> Any:
    np = evaluation.np
    numbers = evaluation.jax.numpy.stack([x.numbers if isinstance(x, Pair) else x for x in column])
    if not any(isinstance(x, Pair) for x in column):
        return numbers
    return Pair(numbers, np.stack([x.scalars if isinstance(x, Pair) else evaluation.constants(x) for x in column]))


CONTROL: dict[str, Callable[[_Evaluation, Any, list[Any]], list[Any]]] = {
    "cond": _cond, "while": _while, "scan": _scan,
}  # fmt: skip

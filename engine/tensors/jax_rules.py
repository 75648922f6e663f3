"""The operations of JAX that are unrolled, by name: those that compute, and those that move numbers.

A rule gets the budget, the operation's parameters, its operands as arrays of scalars, and what JAX computed; it returns
the scalars of each result. The operations: https://docs.jax.dev/en/latest/jax.lax.html.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from .. import ops
from ..ops import where
from . import arrays, functions
from .arrays import along, each, inner, number

Rule = Callable[[Any, Any, list[Any], list[Any]], Any]

MOVES = frozenset(
    """
    reshape broadcast_in_dim transpose slice gather concatenate pad rev select_n dynamic_slice squeeze expand_dims
    dynamic_update_slice scatter copy copy_p split optimization_barrier tile stack unstack
    """.split()  # noqa: SIM905
)
RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Return the decorator of a rule for operations of these names."""

    def enter(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, function))
        return function

    return enter


def _elementwise(function: Callable[..., Any], nodes: int = 1) -> Rule:
    return lambda budget, parameters, operands, outs: each(budget, function, *operands, nodes=nodes)


for _name in ("exp", "exp2", "log", "log1p", "expm1", "sin", "cos", "tan", "tanh", "sqrt", "rsqrt", "erf", "erfc",
              "abs", "neg", "sign", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh", "floor", "ceil",
              "lgamma", "digamma", "square", "cbrt"):  # fmt: skip
    RULES[_name] = _elementwise(functions.UNARY[_name])

RULES |= {
    "logistic": _elementwise(ops.sigmoid),
    "add": _elementwise(arrays.plus),
    "add_any": _elementwise(arrays.plus),
    "sub": _elementwise(lambda x, y: x if y.__class__ is float and y == 0.0 else x - y),
    "mul": _elementwise(arrays.times),
    "div": _elementwise(lambda x, y: x if y.__class__ is float and y == 1.0 else x / y),
    "pow": _elementwise(functions.power),
    "max": _elementwise(lambda x, y: _bounded(ops.maximum, x, y)),
    "min": _elementwise(lambda x, y: _bounded(ops.minimum, x, y)),
    "atan2": _elementwise(ops.atan2),
    "rem": _elementwise(functions.truncated_remainder, nodes=4),
}


def _bounded(operation: Any, x: Any, y: Any) -> Any:
    """Return the larger or smaller of two scalars; an infinite bound makes no node."""
    for one, other in ((x, y), (y, x)):
        if one.__class__ is float and one == (float("-inf") if operation is ops.maximum else float("inf")):
            return other
    return operation(x, y)


@rule("integer_pow")
def _integer_power(budget: Any, parameters: Any, operands: list[Any], outs: list[Any]) -> Any:
    return each(budget, lambda x: functions.power(x, parameters["y"]), operands[0])


@rule("round")
def _round(budget: Any, parameters: Any, operands: list[Any], outs: list[Any]) -> Any:
    if int(parameters["rounding_method"]) == 1:
        return each(budget, functions.nearest, operands[0])
    return each(budget, lambda x: ops.sign(x) * ops.floor(ops.abs(x) + 0.5), operands[0], nodes=5)


@rule("convert_element_type", "reduce_precision", "copy", "real", "sharding_constraint", "mesh_cast", "pvary")
def _same(budget: Any, parameters: Any, operands: list[Any], outs: list[Any]) -> Any:
    return operands[0]


@rule("clamp")
def _clamp(budget: Any, parameters: Any, operands: list[Any], outs: list[Any]) -> Any:
    def apply(low: Any, x: Any, high: Any) -> Any:  # at the bounds the derivative is 0, as in JAX
        return where(x - low, where(high - x, x, high), low)

    return each(budget, apply, *operands, nodes=4)


@rule("reduce_sum")
def _sum(budget: Any, parameters: Any, operands: list[Any], outs: list[Any]) -> Any:
    return _reduced(budget, arrays.add_up, parameters, operands)


@rule("reduce_prod")
def _product(budget: Any, parameters: Any, operands: list[Any], outs: list[Any]) -> Any:
    return _reduced(budget, arrays.multiply_up, parameters, operands)


@rule("reduce_max")
def _largest(budget: Any, parameters: Any, operands: list[Any], outs: list[Any]) -> Any:
    return _reduced(budget, arrays.largest, parameters, operands)


@rule("reduce_min")
def _smallest(budget: Any, parameters: Any, operands: list[Any], outs: list[Any]) -> Any:
    return _reduced(budget, arrays.smallest, parameters, operands)


def _reduced(budget: Any, function: Callable[[list[Any]], Any], parameters: Any, operands: list[Any]) -> Any:
    budget.spend(operands[0].size)
    axes = parameters["axes"]
    return along(function, operands[0], axes) if axes else operands[0]


for _name, _function in (("cumsum", arrays.plus), ("cumprod", arrays.times), ("cummax", ops.maximum),
                         ("cummin", ops.minimum)):  # fmt: skip
    RULES[_name] = lambda budget, parameters, operands, outs, function=_function: arrays.running(  # type: ignore[misc]
        budget, function, operands[0], parameters["axis"], parameters["reverse"]
    )
RULES["cumlogsumexp"] = lambda budget, parameters, operands, outs: arrays.running(
    budget, ops.logaddexp, operands[0], parameters["axis"], parameters["reverse"]
)


@rule("dot_general")
def _dot_general(budget: Any, parameters: Any, operands: list[Any], outs: list[Any]) -> Any:
    np, (x, y) = arrays.numpy(), operands
    (of_x, of_y), (stack_x, stack_y) = parameters["dimension_numbers"]
    rest_x = [i for i in range(x.ndim) if i not in (*of_x, *stack_x)]
    rest_y = [i for i in range(y.ndim) if i not in (*of_y, *stack_y)]

    def size(shape: Any, axes: Any) -> int:
        return int(np.prod([shape[axis] for axis in axes], dtype=int))

    stack = [x.shape[axis] for axis in stack_x]
    left = x.transpose([*stack_x, *rest_x, *of_x]).reshape(*stack, size(x.shape, rest_x), size(x.shape, of_x))
    right = y.transpose([*stack_y, *of_y, *rest_y]).reshape(*stack, size(y.shape, of_y), size(y.shape, rest_y))
    return arrays.matmul(budget, left, right).reshape(np.shape(outs[0]))


@rule("conv_general_dilated")
def _convolution(budget: Any, parameters: Any, operands: list[Any], outs: list[Any]) -> Any:
    np, (x, w) = arrays.numpy(), operands
    numbers = parameters["dimension_numbers"]
    if parameters["batch_group_count"] != 1:
        raise budget.refuse("batch_group_count must be 1")
    x, w = x.transpose(numbers.lhs_spec), w.transpose(numbers.rhs_spec)
    space, groups = x.ndim - 2, parameters["feature_group_count"]
    x = _padded(np, x, [(0, 0, 0), (0, 0, 0), *((a, b, d - 1) for (a, b), d in zip(
        parameters["padding"], parameters["lhs_dilation"], strict=True))])  # fmt: skip
    stride, dilation = parameters["window_strides"], parameters["rhs_dilation"]
    sizes = [(x.shape[2 + i] - dilation[i] * (w.shape[2 + i] - 1) - 1) // stride[i] + 1 for i in range(space)]
    made = np.empty((x.shape[0], w.shape[0], *sizes), dtype=object)
    width, per = w.shape[1], w.shape[0] // groups
    budget.spend(made.size * max(1, 2 * int(np.prod(w.shape[1:], dtype=int)) - 1))
    for n, o in product(range(x.shape[0]), range(w.shape[0])):
        first, kernel = o // per * width, w[o].ravel().tolist()
        for place in product(*map(range, sizes)):
            window = [
                slice(at * stride[i], at * stride[i] + dilation[i] * (w.shape[2 + i] - 1) + 1, dilation[i])
                for i, at in enumerate(place)
            ]
            made[(n, o, *place)] = inner(kernel, x[(n, slice(first, first + width), *window)].ravel().tolist())
    return np.moveaxis(made, range(made.ndim), numbers.out_spec)


def _padded(np: Any, x: Any, configuration: list[tuple[int, int, int]], fill: Any = 0.0) -> Any:
    """Return an array with a number around it, also with negative widths, and between its elements."""
    shape = [size + inside * max(0, size - 1) for size, (_, _, inside) in zip(x.shape, configuration, strict=True)]
    spread = np.full(shape, fill, dtype=object)
    spread[tuple(slice(None, None, inside + 1) for _, _, inside in configuration)] = x
    around = [(max(0, low), max(0, high)) for low, high, _ in configuration]
    spread = np.pad(spread, around, constant_values=fill)
    cut = [slice(max(0, -low), size - max(0, -high)) for (low, high, _), size in zip(
        configuration, spread.shape, strict=True)]  # fmt: skip
    return spread[tuple(cut)]


def _window(function: Callable[[list[Any]], Any], fill: float) -> Rule:
    def apply(budget: Any, parameters: Any, operands: list[Any], outs: list[Any]) -> Any:
        np, x = arrays.numpy(), operands[0]
        dilation = parameters["window_dilation"]
        between = parameters["base_dilation"]
        x = _padded(np, x, [(a, b, d - 1) for (a, b), d in zip(parameters["padding"], between, strict=True)], fill)
        made = np.empty(np.shape(outs[0]), dtype=object)
        sizes, strides = parameters["window_dimensions"], parameters["window_strides"]
        budget.spend(made.size * int(np.prod(sizes, dtype=int)))
        for place in np.ndindex(*made.shape):
            window = tuple(
                slice(at * step, at * step + d * (size - 1) + 1, d)
                for at, step, size, d in zip(place, strides, sizes, dilation, strict=True)
            )
            made[place] = function([x for x in x[window].ravel().tolist() if x.__class__ is not float or x != fill])
        return made

    return apply


RULES["reduce_window_sum"] = _window(arrays.add_up, 0.0)
RULES["reduce_window_max"] = _window(lambda row: max(row, key=number), float("-inf"))
RULES["reduce_window_min"] = _window(lambda row: min(row, key=number), float("inf"))


@rule("scatter-add", "scatter_add", "scatter-mul", "scatter_mul", "scatter-min", "scatter-max")
def _scatter_add(budget: Any, parameters: Any, operands: list[Any], outs: list[Any]) -> Any:
    import jax

    np, (made, indices, updates) = arrays.numpy(), operands
    name = budget.operation
    if "add" not in name:
        raise budget.refuse("only .at[...].set and .add are unrolled")
    budget.spend(updates.size)
    # Where each update goes: it is scattered alone, as a one into zeros.
    zeros, flat = np.zeros(made.shape), made.ravel().copy()
    for place in np.ndindex(*updates.shape):
        one = np.zeros(updates.shape)
        one[place] = 1.0
        found = np.asarray(jax.lax.scatter_add_p.bind(zeros, np.asarray(indices), one, **parameters))
        for to in np.flatnonzero(found):
            flat[to] = arrays.plus(flat[to], updates[place])
    return flat.reshape(made.shape)


@rule("sort")
def _sort(budget: Any, parameters: Any, operands: list[Any], outs: list[Any]) -> Any:
    import jax

    np, axis = arrays.numpy(), parameters["dimension"]
    numbers = [np.vectorize(number, otypes=[float])(x) if x.dtype == object else x for x in operands]
    places = np.broadcast_to(np.arange(numbers[0].shape[axis]).reshape(
        [-1 if i == axis else 1 for i in range(numbers[0].ndim)]), numbers[0].shape)  # fmt: skip
    order = jax.lax.sort([*map(jax.numpy.asarray, numbers), jax.numpy.asarray(places)], dimension=axis,
                         num_keys=parameters["num_keys"], is_stable=True)[-1]  # fmt: skip
    return [np.take_along_axis(x, np.asarray(order), axis) if x.dtype == object else None for x in operands]


@rule("top_k")
def _top(budget: Any, parameters: Any, operands: list[Any], outs: list[Any]) -> Any:
    np = arrays.numpy()
    return [np.take_along_axis(operands[0], np.asarray(outs[1]), parameters.get("axis", -1)), None]


@rule("erf_inv")
def _erf_inv(budget: Any, parameters: Any, operands: list[Any], outs: list[Any]) -> Any:
    raise budget.refuse("the inverse of erf is not among the operations of scalars")


# Functions of jax.nn whose derivative is a rule of JAX's own, at a kink or for precision.
CUSTOM: dict[str, Callable[[Any, Any], Any]] = {
    "relu": lambda budget, x: each(budget, ops.relu, x),
    "relu6": lambda budget, x: each(budget, lambda x: functions.hard_tanh(x, 0.0, 6.0), x, nodes=4),
}

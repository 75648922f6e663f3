"""The operations of PyTorch that are unrolled, by name: those that compute, and those that move numbers.

A rule gets the recorder, the operation and what it was called with, and returns the scalars of each result; or a
function that returns them from the tensors that PyTorch computed, where it needs to know what was chosen.
Names and arguments: https://docs.pytorch.org/docs/stable/torch.compiler_ir.html.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import ops
from ..ops import exp, sqrt, where
from . import arrays, functions
from .arrays import along, array, each, number

Rule = Callable[[Any, Any, Any, Any], Any]

RULES: dict[str, Rule] = {}

# Operations that move numbers, and the argument that is a number to fill in, if there is one.
MOVES = dict.fromkeys(
    """
    clone _to_copy cat stack index index_select gather embedding flip roll repeat _unsafe_view slice_scatter
    select_scatter diagonal_scatter copy reflection_pad1d reflection_pad2d replication_pad1d replication_pad2d tril
    triu masked_select take diag_embed pixel_shuffle pixel_unshuffle channel_shuffle unfold_copy upsample_nearest1d
    upsample_nearest2d contiguous take_along_dim rot90 tile repeat_interleave masked_scatter zero new_zeros
    zeros_like empty_like new_empty lift_fresh_copy expand_copy view_copy slice_copy select_copy permute_copy im2col
    _reshape_copy index_copy put narrow_copy split_with_sizes_copy convert_element_type
    """.split(),  # noqa: SIM905
    "",
) | {"constant_pad_nd": "value", "masked_fill": "value", "fill": "value", "scatter": "value", "where": "other",
     "index_fill": "value", "full_like": "fill_value"}  # fmt: skip


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Return the decorator of a rule for operations of these names."""

    def enter(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, function))
        return function

    return enter


class Given:
    """The arguments of a call, by name: tensors as scalars."""

    def __init__(self, recorder: Any, func: Any, args: Any, kwargs: Any) -> None:
        self._recorder = recorder
        schema = func._schema.arguments
        self._things = {a.name: a.default_value for a in schema if a.has_default_value()}
        self._things.update({a.name: thing for a, thing in zip(schema, args, strict=False)})
        self._things.update(kwargs)
        self.names = [a.name for a in schema]

    def raw(self, name: str, default: Any = None) -> Any:
        """Return an argument as it was given."""
        return self._things.get(name, default)

    def __getattr__(self, name: str) -> Any:
        thing = self._things.get(name)
        return self._recorder.scalars(thing) if hasattr(thing, "untyped_storage") else thing


def given_by(function: Callable[[Any, Given], Any]) -> Rule:
    """Return the rule of a function of the budget and of what was given."""
    return lambda recorder, func, args, kwargs: function(recorder.budget, Given(recorder, func, args, kwargs))


def _unary(function: Callable[[Any], Any]) -> Rule:
    return lambda recorder, func, args, kwargs: each(recorder.budget, function, recorder.scalars(args[0]))


THEIR_NAMES = {"sign": ("sign", "sgn"), "log_sigmoid": ("log_sigmoid",)}
for _name, _function in functions.UNARY.items():
    if _name != "log_sigmoid":
        for _theirs in THEIR_NAMES.get(_name, (_name,)):
            RULES[_theirs] = _unary(_function)


def _binary(function: Callable[..., Any], nodes: int = 1) -> Rule:
    def apply(budget: Any, given: Given) -> Any:
        alpha = given.raw("alpha", 1)
        first, second = [name for name in given.names if name != "alpha"][:2]
        y = _scalars(getattr(given, second))
        if alpha != 1:
            y = each(budget, lambda each: each * float(alpha), y)
        return each(budget, function, _scalars(getattr(given, first)), y, nodes=nodes)

    return given_by(apply)


def _scalars(thing: Any) -> Any:
    return array(float(thing)) if isinstance(thing, int | float) else thing


def _minus(x: Any, y: Any) -> Any:
    return x if y.__class__ is float and y == 0.0 else x - y


def _over(x: Any, y: Any) -> Any:
    return x if y.__class__ is float and y == 1.0 else x / y


RULES |= {
    "add": _binary(arrays.plus),
    "sub": _binary(_minus),
    "mul": _binary(arrays.times),
    "rsub": _binary(lambda x, y: y - x),
    "pow": _binary(functions.power),
    "maximum": _binary(ops.maximum),
    "minimum": _binary(ops.minimum),
    "atan2": _binary(ops.atan2),
    "fmax": _binary(ops.maximum),
    "fmin": _binary(ops.minimum),
    "fmod": _binary(functions.truncated_remainder, nodes=4),
    "hypot": _binary(ops.hypot),
    "logaddexp": _binary(ops.logaddexp),
    "remainder": _binary(ops.mod),
}


@rule("div")
@given_by
def _div(budget: Any, given: Given) -> Any:
    mode = given.raw("rounding_mode")
    finish: Any = {None: lambda x: x, "floor": ops.floor, "trunc": functions.trunc}[mode]
    return each(budget, lambda x, y: finish(_over(x, y)), given.self, _scalars(given.other), nodes=1 + bool(mode))


@rule("round")
@given_by
def _round(budget: Any, given: Given) -> Any:
    scale = 10.0 ** (given.raw("decimals") or 0)
    if scale == 1.0:
        return each(budget, functions.nearest, given.self)
    return each(budget, lambda x: functions.nearest(x * scale) / scale, given.self, nodes=3)


@rule("gelu")
@given_by
def _gelu(budget: Any, given: Given) -> Any:
    if given.approximate == "none":
        return each(budget, ops.gelu, given.self)
    scale = math.sqrt(2.0 / math.pi)
    approximate = lambda x: 0.5 * x * (1.0 + ops.tanh(scale * (x + 0.044715 * x**3)))
    return each(budget, approximate, given.self, nodes=8)


@rule("softplus")
@given_by
def _softplus(budget: Any, given: Given) -> Any:
    beta, threshold = float(given.beta), float(given.threshold)

    def apply(x: Any) -> Any:
        z = x if beta == 1.0 else beta * x
        if number(z) > threshold:
            return x
        return ops.softplus(z) if beta == 1.0 else ops.softplus(z) / beta

    return each(budget, apply, given.self)


@rule("log_sigmoid_forward")
@given_by
def _log_sigmoid(budget: Any, given: Given) -> Any:
    return [each(budget, functions.UNARY["log_sigmoid"], given.self, nodes=3), None]


@rule("leaky_relu")
@given_by
def _leaky_relu(budget: Any, given: Given) -> Any:
    return each(budget, ops.leaky_relu.bind(slope=float(given.negative_slope)), given.self)


@rule("elu")
@given_by
def _elu(budget: Any, given: Given) -> Any:
    alpha, scale, inside = float(given.alpha), float(given.scale), float(given.input_scale)

    def apply(x: Any) -> Any:
        if scale == 1.0 and inside == 1.0:
            return ops.elu.bind(alpha=alpha)(x)
        return where(x, scale * x, (alpha * scale) * ops.expm1(where(x, 0.0, x) * inside))

    return each(budget, apply, given.self, nodes=1 if scale == 1.0 else 5)


@rule("clamp", "clamp_min", "clamp_max")
@given_by
def _clamp(budget: Any, given: Given) -> Any:
    low, high = given.min, given.max
    bounds = [bound for bound in (low, high) if bound is not None]
    if all(isinstance(bound, int | float) for bound in bounds):
        low = -math.inf if low is None else float(low)
        high = math.inf if high is None else float(high)
        return each(budget, lambda x: ops.clip(x, low, high), given.self)
    made = given.self
    for bound, function in ((low, ops.maximum), (high, ops.minimum)):
        if bound is not None:
            made = each(budget, function, made, _scalars(bound))
    return made


@rule("hardtanh")
@given_by
def _hardtanh(budget: Any, given: Given) -> Any:
    low, high = float(given.min_val), float(given.max_val)
    return each(budget, lambda x: functions.hard_tanh(x, low, high), given.self, nodes=4)


@rule("threshold")
@given_by
def _threshold(budget: Any, given: Given) -> Any:
    edge, value = float(given.threshold), float(given.value)
    return each(budget, lambda x: where(x - edge, x, value), given.self, nodes=2)


@rule("lerp")
@given_by
def _lerp(budget: Any, given: Given) -> Any:
    return each(budget, lambda x, y, w: x + w * (y - x), given.self, given.end, _scalars(given.weight), nodes=3)


@rule("addcmul", "addcdiv")
def _add_compound(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    given, is_product = Given(recorder, func, args, kwargs), "mul" in func._schema.name
    scale = float(given.value)
    apply = lambda x, a, b: x + (arrays.times(scale, a) * b if is_product else arrays.times(scale, a) / b)
    return each(recorder.budget, apply, given.self, given.tensor1, given.tensor2, nodes=3)


# --- reductions ---------------------------------------------------------------------------------------


def _axes(given: Given) -> Any:
    dim = given.raw("dim")
    return [dim] if isinstance(dim, int) else dim


@rule("sum")
@given_by
def _sum(budget: Any, given: Given) -> Any:
    return arrays.total(budget, given.self, _axes(given), bool(given.keepdim))


@rule("mean")
@given_by
def _mean(budget: Any, given: Given) -> Any:
    sums = arrays.total(budget, given.self, _axes(given), bool(given.keepdim))
    share = given.self.size / max(1, sums.size)
    return sums if share == 1 else each(budget, lambda x: x / float(share), sums)


@rule("prod")
@given_by
def _prod(budget: Any, given: Given) -> Any:
    budget.spend(given.self.size)
    return along(arrays.multiply_up, given.self, _axes(given), bool(given.keepdim))


@rule("amax", "amin")
def _extremes(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    given = Given(recorder, func, args, kwargs)
    recorder.budget.spend(given.self.size)
    choose = arrays.largest if func._schema.name.endswith("amax") else arrays.smallest
    return along(choose, given.self, _axes(given), bool(given.keepdim))


@rule("max", "min")
def _max(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    given = Given(recorder, func, args, kwargs)
    if given.raw("dim") is None:
        recorder.budget.spend(given.self.size)
        return along(arrays.largest if "max" in func._schema.name else arrays.smallest, given.self, None)
    return _by_index(given)


@rule("sort", "topk", "kthvalue", "mode", "cummax", "cummin")
def _chosen(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    return _by_index(Given(recorder, func, args, kwargs))


@rule("median", "nanmedian")
def _median(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    given = Given(recorder, func, args, kwargs)
    if given.raw("dim") is not None:
        return _by_index(given)
    scalars = given.self

    def pick(out: Any) -> Any:
        found = float(out)
        equal = [x for x in scalars.ravel().tolist() if number(x) == found]
        return array(arrays.add_up(equal) / float(len(equal)) if len(equal) > 1 else equal[0])

    return pick


def _by_index(given: Given) -> Callable[[Any], Any]:
    """Return the function that picks the scalars that PyTorch says it has chosen along a dimension."""
    np, dim, scalars = arrays.numpy(), given.raw("dim", -1), given.self
    keep = given.raw("keepdim", True)

    def pick(out: Any) -> Any:
        indices = out[1].numpy()
        if not scalars.ndim:
            return [scalars, None]
        is_reduced = indices.ndim < scalars.ndim and not keep
        places = np.expand_dims(indices, dim) if is_reduced else indices
        found = np.take_along_axis(scalars, places, dim)
        return [found.squeeze(dim) if is_reduced else found, None]

    return pick


@rule("cumsum", "cumprod")
def _running(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    given = Given(recorder, func, args, kwargs)
    function = arrays.plus if "cumsum" in func._schema.name else arrays.times
    return arrays.running(recorder.budget, function, given.self, given.dim)


@rule("var", "std", "var_mean", "std_mean")
def _variance(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    np, given, budget = arrays.numpy(), Given(recorder, func, args, kwargs), recorder.budget
    scalars, axes, keep = given.self, _axes(given), bool(given.keepdim)
    correction = given.raw("correction")
    correction = 1 if correction is None else correction
    means = arrays.total(budget, scalars, axes, True)
    count = scalars.size / max(1, means.size)
    means = each(budget, lambda x: x / float(count), means)
    squares = each(budget, lambda x, mean: (x - mean) ** 2, scalars, means, nodes=2)
    found = each(budget, lambda x: x / float(count - correction), arrays.total(budget, squares, axes, keep))
    name = func._schema.name
    if "std" in name:
        found = each(budget, _root, found)
    return [found, means if keep else np.reshape(means, found.shape)] if "mean" in name else found


def _root(x: Any) -> Any:
    """Return a square root; at 0 a constant, since there PyTorch takes 0 for the slope of a norm or a deviation."""
    return sqrt(x) if number(x) > 0.0 else 0.0


@rule("linalg_vector_norm")
@given_by
def _norm(budget: Any, given: Given) -> Any:
    if given.ord != 2:
        return NotImplemented
    squares = each(budget, functions.square, given.self)
    return each(budget, _root, arrays.total(budget, squares, _axes(given), bool(given.keepdim)))


@rule("logsumexp")
@given_by
def _logsumexp(budget: Any, given: Given) -> Any:
    budget.spend(4 * given.self.size)

    def apply(row: list[Any]) -> Any:
        top = max(map(number, row))
        top = top if math.isfinite(top) else 0.0
        return top + ops.log(arrays.add_up([exp(x - top) for x in row]))

    return along(apply, given.self, _axes(given), bool(given.keepdim))


@rule("_softmax", "_log_softmax")
def _softmax(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    given = Given(recorder, func, args, kwargs)
    return arrays.softmax(recorder.budget, given.self, given.dim, "log" in func._schema.name)


# --- matrices -----------------------------------------------------------------------------------------


@rule("mm", "bmm", "mv", "dot", "vdot")
def _matmul(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    x, y = map(recorder.scalars, args[:2])
    left, right = x if x.ndim > 1 else x[None, :], y if y.ndim > 1 else y[:, None]
    shape = (*x.shape[:-1], *(y.shape[-1:] if y.ndim > 1 else ()))
    return arrays.matmul(recorder.budget, left, right).reshape(shape)


@rule("addmm", "baddbmm", "addmv", "_addmm_activation")
@given_by
def _addmm(budget: Any, given: Given) -> Any:
    names = given.names
    x, y = getattr(given, names[1]), getattr(given, names[2])
    made = arrays.matmul(budget, x, y if y.ndim > 1 else y[:, None])
    made = made if y.ndim > 1 else made[:, 0]
    alpha, beta = float(given.raw("alpha", 1)), float(given.raw("beta", 1))
    return each(budget, lambda s, m: arrays.plus(arrays.times(alpha, m), arrays.times(beta, s)), given.self, made)

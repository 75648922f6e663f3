"""The operations of PyTorch that are unrolled, by name: those that compute, and those that move numbers.

A rule gets the recorder, the operation and what it was called with, and returns the scalars of each result; or a function
that returns them from the tensors that PyTorch computed, where it needs to know what was chosen. Names and arguments:
https://docs.pytorch.org/docs/stable/torch.compiler_ir.html.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Any

from .. import ops
from ..ops import exp, sqrt, where
from . import arrays, functions
from .arrays import along, array, each, inner, number

Rule = Callable[[Any, Any, Any, Any], Any]

RULES: dict[str, Rule] = {}

# Operations that move numbers, and the argument that is a number to fill in, if there is one.
MOVES = dict.fromkeys(
    """clone _to_copy cat stack index index_select gather embedding flip roll repeat _unsafe_view slice_scatter
    select_scatter diagonal_scatter copy reflection_pad1d reflection_pad2d replication_pad1d replication_pad2d tril triu
    masked_select take diag_embed pixel_shuffle pixel_unshuffle channel_shuffle unfold_copy upsample_nearest1d
    upsample_nearest2d contiguous take_along_dim rot90 tile repeat_interleave masked_scatter zero new_zeros zeros_like
    empty_like new_empty lift_fresh_copy expand_copy view_copy slice_copy select_copy permute_copy im2col
    _reshape_copy index_copy put narrow_copy split_with_sizes_copy convert_element_type""".split(),
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


def _given(function: Callable[[Any, Given], Any]) -> Rule:
    return lambda recorder, func, args, kwargs: function(recorder.budget, Given(recorder, func, args, kwargs))


def _unary(function: Callable[[Any], Any]) -> Rule:
    return lambda recorder, func, args, kwargs: each(recorder.budget, function, recorder.scalars(args[0]))


THEIR_NAMES = {"sign": ("sign", "sgn"), "log_sigmoid": ("log_sigmoid",)}
for _name, _function in functions.UNARY.items():
    if _name not in ("log_sigmoid", "round"):
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

    return _given(apply)


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
    "atan2": _binary(functions.atan2),
    "fmax": _binary(ops.maximum),
    "fmin": _binary(ops.minimum),
    "fmod": _binary(functions.truncated_remainder, nodes=4),
    "hypot": _binary(lambda x, y: sqrt(x**2 + y**2), nodes=4),
    "remainder": _binary(functions.remainder, nodes=4),
}


@rule("div")
@_given
def _div(budget: Any, given: Given) -> Any:
    mode = given.raw("rounding_mode")
    finish = {None: lambda x: x, "floor": functions.floor, "trunc": functions.trunc}[mode]
    return each(budget, lambda x, y: finish(_over(x, y)), given.self, _scalars(given.other), nodes=1 + bool(mode))


@rule("round")
@_given
def _round(budget: Any, given: Given) -> Any:
    scale = 10.0 ** (given.raw("decimals") or 0)
    if scale == 1.0:
        return each(budget, functions.nearest, given.self)
    return each(budget, lambda x: functions.nearest(x * scale) / scale, given.self, nodes=3)


@rule("gelu")
@_given
def _gelu(budget: Any, given: Given) -> Any:
    if given.approximate == "none":
        return each(budget, ops.gelu, given.self)
    scale = math.sqrt(2.0 / math.pi)
    approximate = lambda x: 0.5 * x * (1.0 + ops.tanh(scale * (x + 0.044715 * x**3)))
    return each(budget, approximate, given.self, nodes=8)


@rule("softplus")
@_given
def _softplus(budget: Any, given: Given) -> Any:
    beta, threshold = float(given.beta), float(given.threshold)

    def apply(x: Any) -> Any:
        z = x if beta == 1.0 else beta * x
        if number(z) > threshold:
            return x
        return ops.softplus(z) if beta == 1.0 else ops.softplus(z) / beta

    return each(budget, apply, given.self)


@rule("log_sigmoid_forward")
@_given
def _log_sigmoid(budget: Any, given: Given) -> Any:
    return [each(budget, functions.UNARY["log_sigmoid"], given.self, nodes=3), None]


@rule("leaky_relu")
@_given
def _leaky_relu(budget: Any, given: Given) -> Any:
    return each(budget, ops.leaky_relu.bind(slope=float(given.negative_slope)), given.self)


@rule("elu")
@_given
def _elu(budget: Any, given: Given) -> Any:
    alpha, scale, inside = float(given.alpha), float(given.scale), float(given.input_scale)

    def apply(x: Any) -> Any:
        if scale == 1.0 and inside == 1.0:
            return ops.elu.bind(alpha=alpha)(x)
        return where(x, scale * x, (alpha * scale) * ops.expm1(where(x, 0.0, x) * inside))

    return each(budget, apply, given.self, nodes=1 if scale == 1.0 else 5)


@rule("clamp", "clamp_min", "clamp_max")
@_given
def _clamp(budget: Any, given: Given) -> Any:
    low, high = given.min, given.max
    bounds = [bound for bound in (low, high) if bound is not None]
    if all(isinstance(bound, int | float) for bound in bounds):
        low, high = (None if bound is None else float(bound) for bound in (low, high))
        return each(budget, lambda x: arrays.clip(x, low, high), given.self, nodes=2 * len(bounds))
    made = given.self
    for bound, function in ((low, ops.maximum), (high, ops.minimum)):
        if bound is not None:
            made = each(budget, function, made, _scalars(bound))
    return made


@rule("hardtanh")
@_given
def _hardtanh(budget: Any, given: Given) -> Any:
    low, high = float(given.min_val), float(given.max_val)
    return each(budget, lambda x: functions.hard_tanh(x, low, high), given.self, nodes=4)


@rule("threshold")
@_given
def _threshold(budget: Any, given: Given) -> Any:
    edge, value = float(given.threshold), float(given.value)
    return each(budget, lambda x: where(x - edge, x, value), given.self, nodes=2)


@rule("lerp")
@_given
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
@_given
def _sum(budget: Any, given: Given) -> Any:
    return arrays.total(budget, given.self, _axes(given), bool(given.keepdim))


@rule("mean")
@_given
def _mean(budget: Any, given: Given) -> Any:
    sums = arrays.total(budget, given.self, _axes(given), bool(given.keepdim))
    share = given.self.size / max(1, sums.size)
    return each(budget, lambda x: x / float(share), sums)


@rule("prod")
@_given
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
    if given.raw("other") is not None:
        pair = ops.maximum if "max" in func._schema.name else ops.minimum
        return each(recorder.budget, pair, given.self, given.other)
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
    correction = given.raw("correction", None)
    if correction is None:
        correction = 1 if given.raw("unbiased", True) else 0
    means = arrays.total(budget, scalars, axes, True)
    count = scalars.size / max(1, means.size)
    means = each(budget, lambda x: x / float(count), means)
    squares = each(budget, lambda x, mean: (x - mean) ** 2, scalars, means, nodes=2)
    found = each(budget, lambda x: x / float(count - correction), arrays.total(budget, squares, axes, keep))
    name = func._schema.name
    if "std" in name:
        found = each(budget, sqrt, found)
    return [found, means if keep else np.reshape(means, found.shape)] if "mean" in name else found


@rule("logsumexp")
@_given
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
@_given
def _addmm(budget: Any, given: Given) -> Any:
    names = given.names
    x, y = getattr(given, names[1]), getattr(given, names[2])
    made = arrays.matmul(budget, x, y if y.ndim > 1 else y[:, None])
    made = made if y.ndim > 1 else made[:, 0]
    alpha, beta = float(given.raw("alpha", 1)), float(given.raw("beta", 1))
    return each(budget, lambda s, m: arrays.plus(arrays.times(alpha, m), arrays.times(beta, s)), given.self, made)


@rule("convolution", "_convolution", "mkldnn_convolution")
@_given
def _convolution(budget: Any, given: Given) -> Any:
    if given.transposed:
        return _transposed_convolution(budget, given)
    np, x, w = arrays.numpy(), given.input, given.weight
    space, groups = w.ndim - 2, given.groups
    stride, padding, dilation = (_spread(getattr(given, name), space) for name in ("stride", "padding", "dilation"))
    x = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)], constant_values=0.0)
    sizes = [
        (x.shape[2 + i] - dilation[i] * (w.shape[2 + i] - 1) - 1) // stride[i] + 1 for i in range(space)
    ]  # fmt: skip
    made = np.empty((x.shape[0], w.shape[0], *sizes), dtype=object)
    budget.spend(made.size * (2 * int(np.prod(w.shape[1:], dtype=int)) - 1 + (given.bias is not None)))
    width, per = w.shape[1], w.shape[0] // groups
    bias = given.bias
    for n, o in product(range(x.shape[0]), range(w.shape[0])):
        first, kernel = o // per * width, w[o].ravel().tolist()
        for place in product(*map(range, sizes)):
            window = tuple(
                slice(at * stride[i], at * stride[i] + dilation[i] * (w.shape[2 + i] - 1) + 1, dilation[i])
                for i, at in enumerate(place)
            )
            value = inner(kernel, x[(n, slice(first, first + width), *window)].ravel().tolist())
            made[(n, o, *place)] = value if bias is None else arrays.plus(value, bias[o])
    return made


def _transposed_convolution(budget: Any, given: Given) -> Any:
    np, x, w, groups = arrays.numpy(), given.input, given.weight, given.groups
    space = w.ndim - 2
    stride, padding, dilation, extra = (
        _spread(getattr(given, name), space) for name in ("stride", "padding", "dilation", "output_padding")
    )
    sizes = [
        (x.shape[2 + i] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (w.shape[2 + i] - 1) + extra[i] + 1
        for i in range(space)
    ]
    width, per = w.shape[1], x.shape[1] // groups
    budget.spend(2 * x.size * int(np.prod(w.shape[1:], dtype=int)))
    terms: dict[tuple[int, ...], list[Any]] = {}
    for place in product(*map(range, x.shape)):
        n, c, *at = place
        for o, *offset in product(range(width), *map(range, w.shape[2:])):
            to = [at[i] * stride[i] - padding[i] + dilation[i] * offset[i] for i in range(space)]
            if all(0 <= t < size for t, size in zip(to, sizes, strict=True)):
                found = arrays.times(x[place], w[(c, o, *offset)])
                terms.setdefault((n, c // per * width + o, *to), []).append(found)
    made = np.empty((x.shape[0], width * groups, *sizes), dtype=object)
    for place in product(*map(range, made.shape)):
        value = arrays.add_up(terms.get(place, []))
        made[place] = value if given.bias is None else arrays.plus(value, given.bias[place[1]])
    return made


def _spread(sizes: Any, count: int) -> list[int]:
    sizes = [sizes] if isinstance(sizes, int) else list(sizes)
    return sizes * count if len(sizes) == 1 else sizes


# --- pooling, normalisation, losses ---------------------------------------------------------------------


@rule("max_pool2d_with_indices", "max_pool3d_with_indices", "adaptive_max_pool2d", "adaptive_max_pool3d")
def _max_pool(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    scalars = recorder.scalars(args[0])
    space = 3 if "3d" in func._schema.name else 2

    def pick(out: Any) -> Any:
        np, indices = arrays.numpy(), out[1].numpy()
        lead = scalars.shape[: scalars.ndim - space]
        rows = scalars.reshape((*lead, -1))
        found = np.take_along_axis(rows, indices.reshape((*lead, -1)), -1)
        return [found.reshape(indices.shape), None]

    return pick


@rule("avg_pool1d", "avg_pool2d", "avg_pool3d")
def _avg_pool(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    given, budget, np = Given(recorder, func, args, kwargs), recorder.budget, arrays.numpy()
    space = int(func._schema.name[-2])
    kernel = _spread(given.kernel_size, space)
    stride = _spread(given.stride, space) if given.stride else kernel
    padding = _spread(given.padding, space)
    x = given.self
    budget.spend(x.size * 2)

    def pick(out: Any) -> Any:
        sizes, lead = tuple(out.shape)[-space:], x.shape[:-space]
        made = np.empty((*lead, *sizes), dtype=object)
        for place in product(*map(range, sizes)):
            starts = [at * s - p for at, s, p in zip(place, stride, padding, strict=True)]
            ends = [min(a + k, n + p) for a, k, n, p in zip(starts, kernel, x.shape[-space:], padding, strict=True)]
            window = tuple(
                slice(max(0, a), min(b, n)) for a, b, n in zip(starts, ends, x.shape[-space:], strict=True)
            )
            inside = math.prod(each.stop - each.start for each in window)
            count = math.prod(b - a for a, b in zip(starts, ends, strict=True)) if given.count_include_pad else inside
            count = given.raw("divisor_override") or count
            for first in np.ndindex(*lead):
                made[(*first, *place)] = arrays.add_up(x[(*first, *window)].ravel().tolist()) / float(count)
        return made

    return pick


@rule("_adaptive_avg_pool2d", "_adaptive_avg_pool3d", "adaptive_avg_pool1d")
def _adaptive_pool(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    np, x = arrays.numpy(), recorder.scalars(args[0])
    sizes = list(args[1])
    space = len(sizes)
    lead, extent = x.shape[:-space], x.shape[-space:]
    recorder.budget.spend(2 * x.size)
    made = np.empty((*lead, *sizes), dtype=object)
    for place in product(*map(range, sizes)):
        window = tuple(
            slice(at * n // size, -(-(at + 1) * n // size))
            for at, n, size in zip(place, extent, sizes, strict=True)
        )  # fmt: skip
        for first in np.ndindex(*lead):
            inside = x[(*first, *window)].ravel().tolist()
            made[(*first, *place)] = arrays.add_up(inside) / float(len(inside))
    return made


def _normalised(budget: Any, x: Any, axes: tuple[int, ...], eps: float) -> tuple[Any, Any, Any]:
    """Return numbers with mean 0 and variance 1 along axes, their means, and one over their standard deviations."""
    means = arrays.total(budget, x, axes, True)
    count = x.size / max(1, means.size)
    means = each(budget, lambda s: s / float(count), means)
    centred = each(budget, lambda a, m: a - m, x, means)
    squares = each(budget, lambda a: a**2, centred)
    scale = each(budget, lambda s: 1.0 / sqrt(s / float(count) + eps), arrays.total(budget, squares, axes, True), nodes=4)
    return each(budget, lambda a, s: a * s, centred, scale), means, scale


def _scaled(budget: Any, x: Any, weight: Any, bias: Any) -> Any:
    if weight is not None:
        x = each(budget, arrays.times, x, weight)
    return x if bias is None else each(budget, arrays.plus, x, bias)


@rule("native_layer_norm")
@_given
def _layer_norm(budget: Any, given: Given) -> Any:
    x = given.input
    axes = tuple(range(x.ndim - len(given.normalized_shape), x.ndim))
    made, means, scale = _normalised(budget, x, axes, float(given.eps))
    return [_scaled(budget, made, given.weight, given.bias), None, None]


@rule("native_group_norm")
@_given
def _group_norm(budget: Any, given: Given) -> Any:
    x, groups = given.input, given.group
    made, _, _ = _normalised(budget, x.reshape(x.shape[0], groups, -1), (2,), float(given.eps))
    weight, bias = (None if t is None else t.reshape(-1, *[1] * (x.ndim - 2)) for t in (given.weight, given.bias))
    return [_scaled(budget, made.reshape(x.shape), weight, bias), None, None]


@rule("native_batch_norm", "_native_batch_norm_legit", "cudnn_batch_norm", "_batch_norm_with_update",
      "_native_batch_norm_legit_no_training", "_batch_norm_no_update", "batch_norm")  # fmt: skip
@_given
def _batch_norm(budget: Any, given: Given) -> Any:
    x, shape = given.input, (-1, *[1] * (given.input.ndim - 2))
    eps = float(given.eps)
    if given.raw("training") or given.running_mean is None:
        made, _, _ = _normalised(budget, x, (0, *range(2, x.ndim)), eps)
    else:
        scale = each(budget, lambda v: 1.0 / sqrt(v + eps), given.running_var)
        made = each(
            budget, lambda a, m, s: (a - m) * s, x, given.running_mean.reshape(shape), scale.reshape(shape), nodes=2
        )
    weight, bias = (None if t is None else t.reshape(shape) for t in (given.weight, given.bias))
    return [_scaled(budget, made, weight, bias), None, None]


@rule("nll_loss_forward", "nll_loss2d_forward")
@_given
def _nll_loss(budget: Any, given: Given) -> Any:
    np, x, target = arrays.numpy(), given.self, given.raw("target").numpy()
    rows = np.moveaxis(x if x.ndim > 1 else x[None], 1, -1)
    target = target.reshape(rows.shape[:-1])
    weight = given.weight
    terms = np.empty(target.shape, dtype=object)
    whole: list[float] = []
    budget.spend(2 * target.size + 1)
    for place in np.ndindex(*target.shape):
        chosen = int(target[place])
        if chosen == given.ignore_index:
            terms[place] = 0.0
            continue
        share = 1.0 if weight is None else number(weight[chosen])
        whole.append(share)
        terms[place] = -arrays.times(share, rows[place][chosen])
    if given.reduction == 0:
        return [terms if x.ndim > 1 else terms.reshape(()), None]
    total = arrays.add_up(terms.ravel().tolist())
    return [array(total / math.fsum(whole) if given.reduction == 1 and whole else total), None]


@rule("mse_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy")
def _loss(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    given, budget, name = Given(recorder, func, args, kwargs), recorder.budget, func._schema.name.partition("::")[2]
    edge = float(given.raw("beta", given.raw("delta", 1.0)))

    def one(x: Any, y: Any) -> Any:
        if name == "mse_loss":
            return (x - y) ** 2
        if name == "binary_cross_entropy":
            return -arrays.plus(arrays.times(y, ops.log(x)), arrays.times(1.0 - y, ops.log(1.0 - x)))
        gap = x - y
        size = abs(number(gap))
        if name == "smooth_l1_loss":
            return 0.5 * gap**2 / edge if size < edge else ops.abs(gap) - 0.5 * edge
        return 0.5 * gap**2 if size <= edge else edge * (ops.abs(gap) - 0.5 * edge)

    terms = each(budget, one, given.self, given.target, nodes=4)
    if given.raw("weight") is not None:
        terms = each(budget, arrays.times, terms, given.weight)
    if given.reduction == 0:
        return terms
    total = arrays.total(budget, terms)
    return each(budget, lambda x: x / float(terms.size), total) if given.reduction == 1 else total


@rule("index_add", "scatter_add", "index_put", "_unsafe_index_put", "scatter_reduce")
def _added(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    np, given, budget = arrays.numpy(), Given(recorder, func, args, kwargs), recorder.budget
    name, made = func._schema.name.partition("::")[2].rstrip("_"), given.self
    if name == "index_add":
        dim, index, source = given.dim, given.raw("index").numpy(), given.source
        rows, added = np.moveaxis(made, dim, 0), np.moveaxis(source, dim, 0)
        pairs = [((int(to),), added[at]) for at, to in enumerate(np.atleast_1d(index))]
        for to, row in pairs:
            rows[to] = each(budget, lambda a, b: a + float(given.alpha) * b if given.alpha != 1 else arrays.plus(a, b), rows[to], row)
        return made
    if name == "scatter_reduce":
        if given.raw("reduce") != "sum":
            raise budget.refuse(f"reduce={given.raw('reduce')!r} has no rule; use 'sum'")
    if name.endswith("index_put"):
        indices = tuple(slice(None) if i is None else i.numpy() for i in given.raw("indices"))
        places = np.arange(made.size).reshape(made.shape)[indices]
        given_values = np.broadcast_to(given.values, places.shape)
        flat = made.ravel()
        budget.spend(places.size)
        for to, value in zip(places.ravel().tolist(), given_values.ravel().tolist(), strict=True):
            flat[to] = arrays.plus(flat[to], value) if given.accumulate else value
        return flat.reshape(made.shape)
    index = given.raw("index").numpy()
    source = given.src
    budget.spend(index.size)
    for place in np.ndindex(*index.shape):
        to = list(place)
        to[given.dim] = int(index[place])
        made[tuple(to)] = arrays.plus(made[tuple(to)], source[place])
    return made


@rule("native_dropout")
@_given
def _dropout(budget: Any, given: Given) -> Any:
    scalars, p = given.input, float(given.p)
    return lambda out: [
        each(budget, lambda x, kept: x / (1.0 - p) if kept else 0.0, scalars, out[1].numpy()), None
    ]  # fmt: skip


@rule("bernoulli", "multinomial")
def _draw(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    return None


@rule("heaviside", "isnan", "isinf")
def _without_gradient(recorder: Any, func: Any, args: Any, kwargs: Any) -> Any:
    return None

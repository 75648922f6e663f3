"""The operations of PyTorch that networks have: convolution, pooling, normalisation, losses; see `torch_rules`."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

from .. import ops
from ..ops import sqrt
from . import arrays
from .arrays import array, each, inner, number
from .torch_rules import RULES as RULES
from .torch_rules import Given, given_by, rule


@rule("convolution", "_convolution", "mkldnn_convolution")
@given_by
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


def _spread(given: Any, count: int) -> list[int]:
    sizes: list[int] = [given] if isinstance(given, int) else list(given)
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
            window = tuple(slice(max(0, a), min(b, n)) for a, b, n in zip(starts, ends, x.shape[-space:], strict=True))
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
    scale = each(
        budget, lambda s: 1.0 / sqrt(s / float(count) + eps), arrays.total(budget, squares, axes, True), nodes=4
    )
    return each(budget, lambda a, s: a * s, centred, scale), means, scale


def _scaled(budget: Any, x: Any, weight: Any, bias: Any) -> Any:
    if weight is not None:
        x = each(budget, arrays.times, x, weight)
    return x if bias is None else each(budget, arrays.plus, x, bias)


@rule("native_layer_norm")
@given_by
def _layer_norm(budget: Any, given: Given) -> Any:
    x = given.input
    axes = tuple(range(x.ndim - len(given.normalized_shape), x.ndim))
    made, _, _ = _normalised(budget, x, axes, float(given.eps))
    return [_scaled(budget, made, given.weight, given.bias), None, None]


@rule("native_group_norm")
@given_by
def _group_norm(budget: Any, given: Given) -> Any:
    x, groups = given.input, given.group
    made, _, _ = _normalised(budget, x.reshape(x.shape[0], groups, -1), (2,), float(given.eps))
    weight, bias = (None if t is None else t.reshape(-1, *[1] * (x.ndim - 2)) for t in (given.weight, given.bias))
    return [_scaled(budget, made.reshape(x.shape), weight, bias), None, None]


@rule("native_batch_norm", "_native_batch_norm_legit", "cudnn_batch_norm", "_batch_norm_with_update",
      "_native_batch_norm_legit_no_training", "_batch_norm_no_update", "batch_norm")  # fmt: skip
@given_by
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
@given_by
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
            row = each(budget, arrays.times, float(given.alpha), row)
            rows[to] = each(budget, arrays.plus, rows[to], row)
        return made
    if name == "scatter_reduce" and given.raw("reduce") != "sum":
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
        there = list(place)
        there[given.dim] = int(index[place])
        made[tuple(there)] = arrays.plus(made[tuple(there)], source[place])
    return made


@rule("native_dropout")
@given_by
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

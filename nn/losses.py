"""Losses: the distance between outputs and targets, as one Value to differentiate.

Outputs and targets are single numbers or (nested) lists of equal shape; the losses are means over all of their
entries, as in PyTorch, https://docs.pytorch.org/docs/stable/nn.html#loss-functions. If the shapes differ, or there are
no outputs, each of them raises `ShapeError`.
"""

import math
import operator
from collections.abc import Sequence, Sized
from typing import Any, SupportsIndex

from engine import DomainError, Value, abs, exp, log, maximum, relu, softplus, where

from .errors import SettingError, ShapeError

Number = Value | float
Numbers = Number | Sequence[Any]

MIN_PROBABILITY = math.exp(-100.0)  # as in PyTorch, the logarithm of a probability is at least -100


def mean_squared_error(outputs: Numbers, targets: Numbers) -> Value:
    """Return the mean of (output - target)^2.

    Args:
        outputs: the outputs of a model: a number or a (nested) list of numbers.
        targets: the wanted outputs, in the same shape.

    Raises:
        ShapeError: the shapes differ, or there are no outputs; so do the other losses.

    >>> mean_squared_error([Value(1.0), Value(2.0)], [0.0, 4.0]).data
    2.5
    """
    return _mean([(output - target) ** 2 for output, target in _pairs(outputs, targets)])


def half_squared_error(outputs: Numbers, targets: Numbers) -> Value:
    """Return the mean of 1/2 (target - output)^2, whose derivative is the error output - target.

    >>> half_squared_error(Value(3.0), 1.0).data
    2.0
    """
    return mean_squared_error(outputs, targets) * 0.5


def mean_absolute_error(outputs: Numbers, targets: Numbers) -> Value:
    """Return the mean of |output - target|.

    >>> mean_absolute_error([Value(1.0), Value(2.0)], [0.0, 4.0]).data
    1.5
    """
    return _mean([abs(output - target) for output, target in _pairs(outputs, targets)])


def huber(outputs: Numbers, targets: Numbers, delta: float = 1.0) -> Value:
    """Return the mean of a loss that is quadratic for errors up to delta and linear beyond.

    See P. J. Huber, "Robust Estimation of a Location Parameter", Ann. Math. Statist. 35 (1964).

    Raises:
        SettingError: delta is not positive.

    >>> huber([Value(0.5), Value(3.0)], [0.0, 0.0]).data
    1.3125
    """
    if not delta > 0.0:
        raise SettingError(f"huber's delta must be positive, not {delta!r}")
    losses = []
    for output, target in _pairs(outputs, targets):
        error = output - target
        losses.append(where(delta - abs(error), error * error * 0.5, (abs(error) - 0.5 * delta) * delta))
    return _mean(losses)


def binary_cross_entropy(probabilities: Numbers, targets: Numbers) -> Value:
    """Return the mean of -(y log p + (1 - y) log(1 - p)) for probabilities p and targets y in [0, 1].

    Logarithms are limited to -100 and above, as in PyTorch, so that a certain but wrong prediction has a loss of 100
    and a gradient of 0; `binary_cross_entropy_with_logits` has no such limit.

    Raises:
        ShapeError: a target is not in [0, 1].
        DomainError: a probability is not in [0, 1].

    >>> print(f"{binary_cross_entropy([Value(0.8), Value(0.4)], [1, 0]):.4f}")
    0.3670
    """
    losses = []
    for p, y in _pairs(probabilities, targets):
        y = _share(y)
        if not 0.0 <= p <= 1.0:
            remedy = "apply sigmoid first, or use binary_cross_entropy_with_logits"
            raise DomainError(f"binary_cross_entropy needs probabilities from 0 to 1, not {p!r}; {remedy}")
        terms = []
        if isinstance(y, Value) or y != 0.0:
            terms.append(log(maximum(p, MIN_PROBABILITY)) * y)
        if isinstance(y, Value) or y != 1.0:
            terms.append(log(maximum(1.0 - p, MIN_PROBABILITY)) * (1.0 - y))
        losses.append(-sum(terms))
    return _mean(losses)


def binary_cross_entropy_with_logits(logits: Numbers, targets: Numbers) -> Value:
    """Return `binary_cross_entropy` of sigmoid(logit), in a form that is numerically stable for any logit.

    >>> binary_cross_entropy_with_logits([Value(1000.0)], [0]).data
    1000.0
    """
    return _mean([softplus(logit) - logit * _share(y) for logit, y in _pairs(logits, targets)])


def hinge(scores: Numbers, targets: Numbers) -> Value:
    """Return the mean of max(0, 1 - y * score) for targets y of -1 or 1: the max-margin loss.

    See C. Cortes and V. Vapnik, "Support-Vector Networks", Machine Learning 20 (1995).

    Raises:
        ShapeError: a target is neither -1 nor 1.

    >>> hinge([Value(0.5), Value(-2.0)], [1, -1]).data
    0.25
    """
    losses = []
    for score, y in _pairs(scores, targets):
        if not isinstance(y, Value) and not y * y == 1.0:  # one question, so that compiled functions do not branch
            raise ShapeError(f"hinge needs targets of -1 and 1, not {y!r}; for 0 and 1 pass 2 * y - 1")
        losses.append(relu(1.0 - score * y))
    return _mean(losses)


def log_softmax(scores: Sequence[Number]) -> list[Value]:
    """Return the logarithms of `softmax`, numerically stable for scores of any size.

    >>> [round(x.data, 4) for x in log_softmax([Value(1000.0), Value(1001.0)])]
    [-1.3133, -0.3133]
    """
    shifted = _shifted(scores)
    total: Value = log(sum(exp(score) for score in shifted))
    return [score - total for score in shifted]


def softmax(scores: Sequence[Number]) -> list[Value]:
    """Return probabilities proportional to the exponentials of scores, numerically stable for scores of any size.

    >>> [round(x.data, 4) for x in softmax([Value(1000.0), Value(1001.0)])]
    [0.2689, 0.7311]
    """
    powers = [exp(score) for score in _shifted(scores)]
    total: Value = sum(powers)  # type: ignore[assignment]
    return [power / total for power in powers]


def cross_entropy(scores: Sequence[Any], targets: SupportsIndex | Sequence[Any]) -> Value:
    """Return the mean of -log softmax(scores)[target] over the samples.

    Args:
        scores: for each sample a list with a score for each class; or such a list for a single sample.
        targets: for each sample the number of its class, from 0, or a list with the probability of each class; or the
            target of the single sample.

    Raises:
        ShapeError: the counts differ, there are no samples, or a target is neither a class nor probabilities.

    >>> print(f"{cross_entropy([[Value(2.0), Value(0.0)]], [0]):.4f}")
    0.1269
    """
    rows: Sequence[Any] = scores
    every: Any = targets
    if not isinstance(targets, Sized) or (
        len(scores) and not _is_list(scores[0]) and any(isinstance(t, Value | float) for t in targets)
    ):
        rows, every = [scores], [targets]
    if len(rows) != len(every) or not len(every):
        given = f"the scores of {len(rows)} samples and {len(every)} targets"
        raise ShapeError(f"cross_entropy needs one target for each sample and at least one sample, not {given}")
    return _mean([_surprise(row, target) for row, target in zip(rows, every, strict=True)])


def _surprise(scores: Any, target: Any) -> Value:
    """Return the cross-entropy of one sample."""
    if not _is_list(scores):
        raise ShapeError(f"cross_entropy needs a list of scores for each sample, not {scores!r}")
    if _is_list(target):
        if len(target) != len(scores):
            raise ShapeError(f"cross_entropy needs a probability for each of {len(scores)} scores, not {len(target)}")
        terms = [logarithm * _share(p) for logarithm, p in zip(log_softmax(scores), target, strict=True)]
        loss: Value = -sum(terms)
        return loss
    if isinstance(target, bool) or not hasattr(target, "__index__") or not 0 <= target < len(scores):
        raise ShapeError(f"the target must be a class from 0 to {len(scores) - 1}, one for each score, not {target!r}")
    return -log_softmax(scores)[operator.index(target)]


def _shifted(scores: Sequence[Number]) -> list[Value]:
    """Subtract the largest score from each, so that no exponential overflows; the shift cancels in the results."""
    values = [score if isinstance(score, Value) else Value(score) for score in scores]
    if not values:
        raise ShapeError("softmax needs at least one score, not an empty list")
    largest = values[0]
    for value in values[1:]:
        largest = maximum(largest, value)
    return [value - largest for value in values]


def _share(target: Any) -> Any:
    if not isinstance(target, Value) and not 0.0 <= target <= 1.0:
        raise ShapeError(f"cross-entropy needs targets from 0 to 1, not {target!r}; for -1 and 1 pass (y + 1) / 2")
    return target


def _mean(losses: Sequence[Number]) -> Value:
    total = sum(losses)
    mean = total * (1.0 / len(losses)) if len(losses) > 1 else total
    return mean if isinstance(mean, Value) else Value(mean)


def _pairs(outputs: Any, targets: Any) -> list[tuple[Any, Any]]:
    """Return each output with its target."""
    if not _is_list(outputs) and not _is_list(targets):
        output, target = (x if isinstance(x, Value | float | int) else Value(x).data for x in (outputs, targets))
        return [(output, target)]
    if not _is_list(outputs) or not _is_list(targets) or len(outputs) != len(targets):
        first, second = (f"a list of {len(x)}" if _is_list(x) else "a single number" for x in (outputs, targets))
        needed = f"outputs and targets must have the same shape, not {first} and {second}"
        raise ShapeError(f"{needed}; pass one target for each output")
    pairs = [pair for both in zip(outputs, targets, strict=True) for pair in _pairs(*both)]
    if not pairs:
        raise ShapeError("a loss needs at least one output, not empty lists")
    return pairs


def _is_list(thing: object) -> bool:
    return not isinstance(thing, Value | float | str) and hasattr(thing, "__len__")

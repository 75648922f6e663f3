"""Networks and the GPT in arrays, for all libraries that speak like NumPy."""

from __future__ import annotations

from typing import Any

import numpy

from tests.benchmarks.peers.base import LeftOut, Training
from tests.benchmarks.workloads import (
    BETA1,
    BETA2,
    HEAD,
    HEADS,
    L2,
    NORM_TINY,
    SHAPES,
    TINY,
    WIDTH,
    Gpt,
    Network,
    Workload,
)

Arrays = dict[str, Any]


def parameters_of(workload: Workload) -> Arrays:
    """Return a workload's first parameters: ``W1``, ``b1``, ... of a network, the matrices of `SHAPES` of a GPT."""
    arrays: Arrays = {}
    if isinstance(workload, Network):
        for depth, layer in enumerate(workload.layers(workload.numbers), start=1):
            rows = numpy.array(layer)
            arrays[f"W{depth}"], arrays[f"b{depth}"] = rows[:, :-1].T.copy(), rows[:, -1].copy()
    elif isinstance(workload, Gpt):
        start = 0
        for name, (rows_, columns) in SHAPES.items():
            end = start + rows_ * columns
            arrays[name] = numpy.array(workload.numbers[start:end]).reshape(rows_, columns)
            start = end
    else:
        raise LeftOut("arrays make no chains of scalars")
    return arrays


def in_order(workload: Workload, arrays: Arrays) -> list[float]:
    """Return the numbers of arrays like those of `parameters_of` in the order of the workload."""
    if isinstance(workload, Network):
        depths = range(1, len(workload.sizes))
        parts = [numpy.column_stack([arrays[f"W{i}"].T, arrays[f"b{i}"]]) for i in depths]
    else:
        parts = [arrays[name] for name in SHAPES]
    return [float(x) for part in parts for x in numpy.asarray(part).ravel()]


def loss(workload: Workload, p: Arrays, data: Any, np: Any) -> Any:
    """Return the loss.

    Args:
        p: arrays like those of `parameters_of`.
        data: an entry of what `data_of` returned.
        np: a module that has the functions of NumPy.
    """
    if isinstance(workload, Gpt):
        return gpt_loss(p, data, np)
    assert isinstance(workload, Network)
    return network_loss(workload, p, data, np)


def data_of(workload: Workload, step: int) -> list[Any]:
    """Return what each update of a step learns from: the symbols of a name, or inputs and targets, as arrays."""
    if isinstance(workload, Gpt):
        return [numpy.array(workload.tokens(step))]
    assert isinstance(workload, Network)
    inputs, targets = numpy.array(workload.inputs), numpy.array(workload.targets)
    if workload.criterion == "cross-entropy":
        targets = targets.astype(int)
    return [(inputs[batch], targets[batch]) for batch in workload.batches]


class ArrayTraining(Training):
    """Train arrays; `p` are the parameters."""

    def __init__(self, workload: Workload) -> None:
        super().__init__(workload)
        self.p: Any = parameters_of(workload)
        self._always = [] if isinstance(workload, Gpt) else data_of(workload, 0)

    @property
    def data(self) -> list[Any]:
        """What each update of the next step learns from."""
        return self._always or data_of(self.workload, self.steps)


def network_loss(workload: Network, p: Arrays, data: Any, np: Any) -> Any:
    """Return the loss of a network over the samples of an update."""
    x, targets = data
    depth = len(workload.sizes) - 1
    for i in range(1, depth):
        x = np.maximum(x @ p[f"W{i}"] + p[f"b{i}"], 0.0)
    scores = x @ p[f"W{depth}"] + p[f"b{depth}"]
    if workload.criterion == "cross-entropy":
        return -np.mean(_log_softmax(scores, np)[numpy.arange(len(targets)), targets])
    scores = scores[:, 0]
    if workload.criterion == "mean squared error":
        return np.mean((scores - targets) ** 2)
    return np.mean(np.maximum(1.0 - targets * scores, 0.0)) + L2 * sum(np.sum(a * a) for a in p.values())


def gpt_loss(p: Arrays, tokens: Any, np: Any) -> Any:
    """Return the loss of the GPT, all positions of a name at once."""
    count = len(tokens) - 1
    x = _normed(p["wte"][tokens[:-1]] + p["wpe"][:count], np)
    normed = _normed(x, np)
    query, key, value = (
        np.transpose(np.reshape(normed @ p[name].T, (count, HEADS, HEAD)), (1, 0, 2))
        for name in ("attn_wq", "attn_wk", "attn_wv")
    )
    scores = query @ np.transpose(key, (0, 2, 1)) / HEAD**0.5
    shares = np.exp(_log_softmax(np.where(numpy.tri(count, dtype=bool), scores, -1e30), np))
    attended = np.reshape(np.transpose(shares @ value, (1, 0, 2)), (count, WIDTH))
    x = attended @ p["attn_wo"].T + x
    x = np.maximum(_normed(x, np) @ p["mlp_fc1"].T, 0.0) @ p["mlp_fc2"].T + x
    return -np.mean(_log_softmax(x @ p["lm_head"].T, np)[numpy.arange(count), tokens[1:]])


def _normed(x: Any, np: Any) -> Any:
    return x * (np.mean(x * x, axis=-1, keepdims=True) + NORM_TINY) ** -0.5


def _log_softmax(scores: Any, np: Any) -> Any:
    shifted = scores - np.max(scores, axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


class Update:
    """Change arrays by their gradients, in place, as the workload says."""

    def __init__(self, workload: Workload, arrays: Arrays) -> None:
        self.workload, self.arrays = workload, arrays
        self.means = {name: numpy.zeros_like(array) for name, array in arrays.items()}
        self.squares = {name: numpy.zeros_like(array) for name, array in arrays.items()}

    def __call__(self, gradients: Arrays, step: int) -> None:
        """Do the update of a step."""
        rate = self.workload.rate(step)
        if self.workload.update == "descent":
            for name, gradient in gradients.items():
                self.arrays[name] -= rate * gradient
        elif self.workload.update == "adam":
            mean_share, square_share = 1.0 - BETA1 ** (step + 1), 1.0 - BETA2 ** (step + 1)
            for name, gradient in gradients.items():
                mean, square = self.means[name], self.squares[name]
                mean += (1.0 - BETA1) * (gradient - mean)
                square += (1.0 - BETA2) * (gradient * gradient - square)
                self.arrays[name] -= rate * (mean / mean_share) / (numpy.sqrt(square / square_share) + TINY)

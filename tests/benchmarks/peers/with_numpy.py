"""Backpropagation written by hand, with NumPy: what you would not write twice, and what it costs to run."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.peers.arrays import Arrays, ArrayTraining, Update, in_order
from tests.benchmarks.peers.base import Training
from tests.benchmarks.workloads import HEAD, HEADS, L2, NORM_TINY, WIDTH, Gpt, Network, Workload


def train(workload: Workload) -> Training:
    """Return the training by hand-written gradients."""
    return ByHand(workload)


class ByHand(ArrayTraining):
    """Train arrays with gradients that a person derived."""

    def __init__(self, workload: Workload) -> None:
        super().__init__(workload)
        self.update = Update(workload, self.p)

    def _loss_and_gradients(self, data: Any) -> tuple[float, Arrays]:
        if isinstance(self.workload, Gpt):
            return gpt(self.p, data)
        assert isinstance(self.workload, Network)
        return network(self.workload, self.p, data)

    def step(self) -> float:
        """Do one training step; return the loss of its last update."""
        for data in self.data:
            loss, gradients = self._loss_and_gradients(data)
            self.update(gradients, self.steps)
        self.steps += 1
        return float(loss)

    def gradients(self) -> list[float]:
        """Return the gradients that the next update would use."""
        gradients = self._loss_and_gradients(self.data[0])[1]
        return in_order(self.workload, {name: gradients[name] for name in self.p})


def network(workload: Network, p: Arrays, data: Any) -> tuple[float, Arrays]:
    """Return the loss of a network and its gradients."""
    inputs, targets = data
    depth = len(workload.sizes) - 1
    activations = [inputs]
    for i in range(1, depth):
        activations.append(np.maximum(activations[-1] @ p[f"W{i}"] + p[f"b{i}"], 0.0))
    scores = activations[-1] @ p[f"W{depth}"] + p[f"b{depth}"]
    decay = 0.0
    if workload.criterion == "cross-entropy":
        chosen = np.arange(len(targets)), targets
        d = _softmax(scores)
        loss = -np.mean(np.log(d[chosen]))
        d[chosen] -= 1.0
        return float(loss), _gradients(p, activations, d / len(targets), decay)
    scores = scores[:, 0]
    if workload.criterion == "mean squared error":
        errors = scores - targets
        loss, upstream = np.mean(errors**2), 2.0 * errors / len(errors)
    else:
        margins = np.maximum(1.0 - targets * scores, 0.0)
        loss, upstream, decay = np.mean(margins), -targets * (margins > 0.0) / len(margins), L2
        loss += decay * sum(np.sum(a * a) for a in p.values())
    return float(loss), _gradients(p, activations, upstream[:, None], decay)


def _gradients(p: Arrays, activations: list[Any], d: Any, decay: float) -> Arrays:
    """Return the gradients of a network from the derivatives of its loss with respect to its scores."""
    gradients: Arrays = {}
    for i in range(len(activations), 0, -1):
        a = activations[i - 1]
        gradients[f"W{i}"] = a.T @ d + 2.0 * decay * p[f"W{i}"]
        gradients[f"b{i}"] = d.sum(axis=0) + 2.0 * decay * p[f"b{i}"]
        if i > 1:
            d = (d @ p[f"W{i}"].T) * (a > 0.0)
    return gradients


def gpt(p: Arrays, tokens: Any) -> tuple[float, Arrays]:
    """Return the loss of the GPT and its gradients."""
    now, following = tokens[:-1], tokens[1:]
    positions = np.arange(len(now))

    # forward
    embedded = p["wte"][now] + p["wpe"][: len(now)]
    x, scale_0 = _norm(embedded)
    n1, scale_1 = _norm(x)
    query, key, value = (_split(n1 @ p[name].T) for name in ("attn_wq", "attn_wk", "attn_wv"))
    scores = query @ key.transpose(0, 2, 1) / HEAD**0.5
    shares = _softmax(np.where(np.tri(len(now), dtype=bool), scores, -np.inf))
    attended = _joined(shares @ value)
    y = attended @ p["attn_wo"].T + x
    n2, scale_2 = _norm(y)
    hidden = np.maximum(n2 @ p["mlp_fc1"].T, 0.0)
    z = hidden @ p["mlp_fc2"].T + y
    probabilities = _softmax(z @ p["lm_head"].T)
    loss = -np.mean(np.log(probabilities[positions, following]))

    # backward: d_x is the derivative of the loss with respect to x
    d_logits = probabilities
    d_logits[positions, following] -= 1.0
    d_logits /= len(now)
    d_z = d_logits @ p["lm_head"]
    d_hidden = (d_z @ p["mlp_fc2"]) * (hidden > 0.0)
    d_y = d_z + _d_norm(d_hidden @ p["mlp_fc1"], y, scale_2)
    d_attended = _split(d_y @ p["attn_wo"])
    d_value = shares.transpose(0, 2, 1) @ d_attended
    d_shares = d_attended @ value.transpose(0, 2, 1)
    d_scores = shares * (d_shares - (d_shares * shares).sum(axis=-1, keepdims=True)) / HEAD**0.5
    d_q, d_k, d_v = map(_joined, (d_scores @ key, d_scores.transpose(0, 2, 1) @ query, d_value))
    d_n1 = d_q @ p["attn_wq"] + d_k @ p["attn_wk"] + d_v @ p["attn_wv"]
    d_x = d_y + _d_norm(d_n1, x, scale_1)
    d_embedded = _d_norm(d_x, embedded, scale_0)
    d_wte, d_wpe = np.zeros_like(p["wte"]), np.zeros_like(p["wpe"])
    np.add.at(d_wte, now, d_embedded)
    d_wpe[: len(now)] = d_embedded
    return float(loss), {
        "wte": d_wte,
        "wpe": d_wpe,
        "lm_head": d_logits.T @ z,
        "attn_wq": d_q.T @ n1,
        "attn_wk": d_k.T @ n1,
        "attn_wv": d_v.T @ n1,
        "attn_wo": d_y.T @ attended,
        "mlp_fc1": d_hidden.T @ n2,
        "mlp_fc2": d_z.T @ hidden,
    }


def _norm(x: Any) -> tuple[Any, Any]:
    scale = (np.mean(x * x, axis=-1, keepdims=True) + NORM_TINY) ** -0.5
    return x * scale, scale


def _d_norm(d: Any, x: Any, scale: Any) -> Any:
    return d * scale - x * scale**3 * np.mean(d * x, axis=-1, keepdims=True)


def _softmax(scores: Any) -> Any:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def _split(x: Any) -> Any:
    return x.reshape(len(x), HEADS, HEAD).transpose(1, 0, 2)


def _joined(x: Any) -> Any:
    return x.transpose(1, 0, 2).reshape(-1, WIDTH)

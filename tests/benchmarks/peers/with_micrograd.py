"""micrograd 0.1.0, https://github.com/karpathy/micrograd."""

from __future__ import annotations

import math
from typing import Any

from tests.benchmarks.peers.base import DataAndGrad, Training, WithModules, largest_data
from tests.benchmarks.workloads import Functions, Network, Workload


def train(workload: Workload) -> Training:
    """Return the training with micrograd's Values; the moons as in its demo."""
    from micrograd.engine import Value
    from micrograd.nn import MLP

    functions = Functions(Value.relu, _exp, _log, largest_data)
    if isinstance(workload, Network) and not workload.script:
        model = MLP(workload.sizes[0], list(workload.sizes[1:]))
        return WithModules(workload, model, model.parameters(), functions, Value)
    return DataAndGrad(workload, list(map(Value, workload.numbers)), functions)


# micrograd has neither of the two; its users add them as its own operations are written.


def _exp(x: Any) -> Any:
    out = type(x)(math.exp(x.data), (x,), "exp")

    def backward() -> None:
        x.grad += out.data * out.grad

    out._backward = backward
    return out


def _log(x: Any) -> Any:
    out = type(x)(math.log(x.data), (x,), "log")

    def backward() -> None:
        x.grad += out.grad / x.data

    out._backward = backward
    return out

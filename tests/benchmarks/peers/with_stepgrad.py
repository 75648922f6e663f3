"""This project, in each of its ways to compute."""

from __future__ import annotations

import engine
import nn
from engine import Value, gc_paused
from tests.benchmarks.peers.base import DataAndGrad, Training, WithModules, largest_data
from tests.benchmarks.workloads import Functions, Network, Workload

FUNCTIONS = Functions(engine.relu, engine.exp, engine.log, largest_data)


def eager(workload: Workload) -> Training:
    """Return the training with Values, recorded anew in each step; large ones with the collector paused."""
    if not isinstance(workload, Network):
        return Paused(workload, list(map(Value, workload.numbers)), FUNCTIONS)
    if workload.script:
        return DataAndGrad(workload, list(map(Value, workload.numbers)), FUNCTIONS)
    model = nn.MLP(workload.sizes[0], workload.sizes[1:], activation="relu")
    parameters = [p for layer in model.layers for neuron in layer.neurons for p in (*neuron.weights, neuron.bias)]
    return PausedModules(workload, model, parameters, FUNCTIONS, float)


class Paused(DataAndGrad):
    """Train in a loop with the collector paused."""

    def run(self, steps: int) -> list[float]:
        """Do several steps; return their losses."""
        with gc_paused():
            return super().run(steps)


class PausedModules(Paused, WithModules):
    """Train modules in a loop with the collector paused."""

"""Measure peers in turn, so that a machine that slows down slows all of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from statistics import median

from tests.benchmarks.peers import Training
from tests.benchmarks.workloads import Workload


def check_agreement(workload: Workload, trainings: Mapping[str, Training], tolerance: float = 1e-6) -> None:
    """Compare the gradients of all trainings.

    Raises:
        AssertionError: two of them disagree by more than the tolerance, relative to the largest gradient.
    """
    found = {name: training.gradients() for name, training in trainings.items()}
    first, expected = next(iter(found.items()))
    largest = max(map(abs, expected))
    for name, gradients in found.items():
        gap = max(abs(a - b) for a, b in zip(expected, gradients, strict=True))
        if not gap <= tolerance * largest:
            raise AssertionError(f"{workload.name}: the gradients of {name} and {first} are {gap:.1e} apart")


def seconds_per_step(workload: Workload, trainings: Mapping[str, Training], rounds: int) -> dict[str, list[float]]:
    """Return for each training the seconds of one step, in each of the rounds.

    A round measures every training once. Before each measurement the collector clears what the training
    before it left.
    """
    times: dict[str, list[float]] = {name: [] for name in trainings}
    for _ in range(rounds):
        for name, training in trainings.items():
            gc.collect()
            training.step()
            times[name].append(_timed(training.step, workload.repeats))
    return times


def _timed(step: Callable[[], float], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        step()
    return (time.perf_counter() - start) / repeats


def ratio(times: Mapping[str, list[float]], slow: str, fast: str) -> float:
    """Return how many times as fast one training is as another: the median over the rounds."""
    return median(a / b for a, b in zip(times[slow], times[fast], strict=True))

"""Print what the garbage collector costs while graphs are recorded: `python -m tests.benchmarks.collector`.

A graph has no reference cycles, so the collector finds nothing in it; but it reads it again and again.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from statistics import median

from engine import gc_paused
from tests.benchmarks.peers.with_stepgrad import eager
from tests.benchmarks.workloads import W2, W4

ROUNDS, STEPS = 5, 8


@contextmanager
def frozen() -> Iterator[None]:
    """Keep what is there out of the collector's sight."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def raised_threshold() -> Iterator[None]:
    """Let the collector look a hundred times less often."""
    before = gc.get_threshold()
    gc.set_threshold(before[0] * 100, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


WAYS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "as it is": nullcontext,
    "gc.freeze() before": frozen,
    "threshold times 100": raised_threshold,
    "paused: gc_paused()": gc_paused,
}


def main() -> None:
    """Measure all ways, in turn."""
    print("Eager training steps, by what is done about the garbage collector; medians of 5 rounds.")
    print("Made by `python -m tests.benchmarks.collector`.\n")
    print("| workload | " + " | ".join(WAYS) + " |")
    print("|---|" + "--:|" * len(WAYS))
    for workload in (W2, W4):
        training = eager(workload)
        times: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(ROUNDS):
            for way, context in WAYS.items():
                gc.collect()
                with context():
                    start = time.perf_counter()
                    for _ in range(STEPS):
                        training.step()
                    times[way].append((time.perf_counter() - start) / STEPS)
        print(f"| {workload.name} | " + " | ".join(f"{median(t) * 1e3:.1f} ms" for t in times.values()) + " |")


if __name__ == "__main__":
    main()

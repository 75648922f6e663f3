"""Steps per second of trainings by each backend: ``python -m tests.benchmarks.trainings``.

Each training is run once to build and compile what it needs, and then for a second, with every step a new batch.
Measure on a machine that does nothing else, and say what it is: a table belongs to its processor and its devices.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

import nn

BACKENDS = ("eager", "python", "native", "jax", "jax float32")


class Case(NamedTuple):
    """A training: its data, the sizes of its network, and its batches."""

    name: str
    data: Callable[[], Any]
    sizes: Sequence[int]
    batch: int


def made_up(inputs: int, samples: int) -> tuple[list[list[float]], list[int]]:
    """Return samples of random numbers, of ten classes."""
    draw = nn.random.Generator(1)
    return [[draw.uniform(0.0, 1.0) for _ in range(inputs)] for _ in range(samples)], [i % 10 for i in range(samples)]


CASES = [
    Case("moons, MLP 2-16-16-1, batch 50", lambda: nn.data.moons(200, seed=1), (2, 16, 16, 1), 50),
    Case("digits, MLP 64-32-10, batch 64", nn.data.digits, (64, 32, 10), 64),
    Case("MLP 784-128-10, batch 64", lambda: made_up(784, 256), (784, 128, 10), 64),
]


def steps_per_second(case: Case, backend: str, seconds: float = 1.0) -> float:
    """Return how many steps a training takes in a second, after what is computed once."""
    nn.manual_seed(1)
    model, data = nn.MLP(case.sizes[0], list(case.sizes[1:]), activation="relu"), case.data()
    name, _, dtype = backend.partition(" ")
    settings: dict[str, Any] = {"backend": name, "batch_size": case.batch, "progress": False}
    if dtype:
        settings["dtype"] = dtype
    start, taken, begun = 0.0, 0, 0

    def note(run: nn.training.Run) -> None:
        nonlocal start, taken, begun
        now, taken = time.perf_counter(), len(run.history.losses)
        if not start:
            start, begun = now, taken
        elif now - start > seconds:
            run.stop("it is measured")

    optimiser = nn.Adam(model.parameters(), lr=0.001)
    nn.fit(model, data, optimiser=optimiser, epochs=1_000_000, callbacks=[note], **settings)
    return (taken - begun) / (time.perf_counter() - start)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Print the steps per second of trainings by each backend.")
    parser.add_argument("--seconds", type=float, default=1.0, help="how long to measure each")
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=BACKENDS)
    options = parser.parse_args()
    backends = [name for name in options.backends if not name.startswith("jax") or find_spec("jax")]
    print("| steps a second |", " | ".join(backends), "|")
    print("|---|" + "---:|" * len(backends))
    for case in CASES:
        print(f"| {case.name} |", end="", flush=True)
        for backend in backends:
            is_long = backend in ("eager", "python") and case.sizes[0] > 500  # a step takes seconds
            found = "" if is_long else f"{steps_per_second(case, backend, options.seconds):,.4g}"
            print(f" {found} |", end="", flush=True)
        print()


if __name__ == "__main__":
    main()

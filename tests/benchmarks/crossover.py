"""Print where straight-line code stops paying: `python -m tests.benchmarks.crossover`.

Networks of growing size are trained natively in both forms: as straight-line code, which the C compiler has to
translate anew for each program, and as a list of instructions, for an interpreter that is built once.
"""

from __future__ import annotations

import os
import tempfile
import time
from statistics import median
from typing import Any

import nn
from engine import Program, Value, gc_paused
from engine.program.native import backend as native

WIDTHS = (3, 5, 8, 12, 16, 24, 32, 48)
ROUNDS = 5


def trained(program: Program, rows: list[list[float]], form: str) -> tuple[float, Any]:
    """Return the seconds until the first step is done, and the training."""
    native.MAX_STRAIGHT = native.MAX_STRAIGHT_FOR_ROWS = 10**9 if form == "straight" else 0
    start = time.perf_counter()
    training = nn.training.Training(program, nn.SGD(program.parameters, lr=1e-6), rows)
    training.run(2)
    return time.perf_counter() - start, training


def seconds_of_step(training: Any, seconds: float = 0.2) -> float:
    """Return the seconds of a step."""
    steps, spent = 100, 0.0
    while spent < seconds:
        start = time.perf_counter()
        training.run(steps)
        spent = time.perf_counter() - start
        steps *= 2
    return spent / (steps // 2)


def main() -> None:
    """Measure all sizes."""
    print("Networks trained natively, as straight-line code and as a list of instructions; medians of 5 rounds.")
    print("Made by `python -m tests.benchmarks.crossover`.\n")
    print("| network | samples | steps of the program | straight-line: built in | a step | list: ready in | a step |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for samples in (1, 100):
        for width in WIDTHS:
            nn.manual_seed(0)
            model = nn.MLP(2, [width, width, 1], activation="relu")
            x, y = [Value(0.1), Value(0.2)], Value(1.0)
            with gc_paused():
                loss = (model(x) - y) ** 2
            rows = [[0.1 * (i % 7), 0.2 * (i % 5), 0.5] for i in range(samples)]
            found = {}
            for form in ("list", "straight"):
                program = Program(loss, [*x, y], model.parameters(), backend="native")
                found[form] = trained(program, rows, form)
            times: dict[str, list[float]] = {form: [] for form in found}
            for _ in range(ROUNDS):
                for form, (_, training) in found.items():
                    times[form].append(seconds_of_step(training))
            cells = [
                f"{found[form][0] * 1e3:.0f} ms | {median(times[form]) * 1e6:.2f} µs" for form in ("straight", "list")
            ]
            print(f"| 2-{width}-{width}-1 | {samples} | {program.plan.length:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache  # nothing is built yet
        main()

"""Large graphs and long trainings: ``python -m tests.load`` measures each in a process of its own.

A chain and a fan of five million nodes must be recorded and differentiated within 2 GB and 20 seconds of computing
each, and a hundred thousand steps of a training must leave the memory as the first thousand did.
"""

import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable

from engine import Value
from tests.benchmarks.fresh import peak

MEMORY, SECONDS = 2e9, 20.0
GROWTH = 1e6  # bytes, between the first and the last steps


def chain(nodes: int) -> None:
    """Differentiate a chain: each node is computed from the one before."""
    x = y = Value(1.0)
    for _ in range(nodes):
        y = -y
    y.backward()
    assert x.grad == (-1.0) ** nodes


def fan(nodes: int) -> None:
    """Differentiate a sum of many nodes that one leaf goes into."""
    x = Value(2.0)
    total = sum([-x for _ in range(nodes // 2)])
    total.backward()
    assert x.grad == -float(nodes // 2)


def steps(count: int) -> None:
    """Take steps of a training, and require that memory does not grow."""
    w, before = Value(0.5, "w"), 0.0
    for step in range(count):
        loss = ((w * 2.0).tanh() - 0.3) ** 2
        w.zero_grad()
        loss.backward()
        w.data -= 0.1 * w.grad
        if step == count // 100:
            before = peak()
    grown = peak() - before
    assert grown < GROWTH, f"{grown:,.0f} bytes more than after {count // 100:,} steps"


LOADS: dict[str, tuple[Callable[[int], None], int]] = {
    "chain": (chain, 5_000_000), "fan": (fan, 5_000_000), "steps": (steps, 100_000),
}  # fmt: skip


def measure(name: str, count: int) -> int:
    """Run a load, print what it took, and return 1 if that is too much."""
    begin, start = time.process_time(), peak()
    LOADS[name][0](count)
    seconds, memory = time.process_time() - begin, peak() - start
    print(f"{name} of {count:,}: {seconds:.1f} s, {memory / 1e9:.2f} GB", flush=True)
    return int(memory > MEMORY or (seconds > SECONDS and name != "steps"))


def main() -> int:
    """Measure the loads that are named, or all."""
    parser = ArgumentParser(prog="python -m tests.load", description="Measure large graphs and long trainings.")
    parser.add_argument("name", nargs="?", choices=LOADS)
    parser.add_argument("--count", type=int)
    options = parser.parse_args()
    if options.name:
        return measure(options.name, options.count or LOADS[options.name][1])
    runs = [subprocess.run([sys.executable, "-m", "tests.load", name], check=False) for name in LOADS]
    return max(run.returncode != 0 for run in runs)


if __name__ == "__main__":
    sys.exit(main())

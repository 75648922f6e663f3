"""Print how fast this project is beside other libraries."""

from __future__ import annotations

import argparse
import platform
from statistics import median

from tests.benchmarks.measure import check_agreement, ratio, seconds_per_step
from tests.benchmarks.peers import PEERS
from tests.benchmarks.workloads import W1, W2

parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
parser.add_argument("--rounds", type=int, default=7, help="measurements of each library, in turn (7)")
options = parser.parse_args()

print(f"Python {platform.python_version()}, {platform.machine()}; medians of {options.rounds} interleaved rounds")
for workload in (W1, W2):
    trainings = {}
    for name, peer in PEERS.items():
        try:
            trainings[name] = peer(workload)
        except ImportError as error:
            print(f"left out: {name} ({error}); install it with: pip install '.[bench]'")
    check_agreement(workload, trainings)
    times = seconds_per_step(workload, trainings, options.rounds)
    print(f"\n{workload.name:<28}{'microseconds a step':>20}{'times slower than stepgrad, eager':>36}")
    for name in trainings:
        print(f"{name:<28}{median(times[name]) * 1e6:>20,.1f}{ratio(times, name, 'stepgrad, eager'):>36.2f}")

"""Print how fast this project is beside other libraries."""

from __future__ import annotations

import argparse
import json
import platform
from statistics import median

from tests.benchmarks.measure import check_agreement, ratio, seconds_per_step
from tests.benchmarks.peers import PEERS
from tests.benchmarks.workloads import W1, W2

OURS = "stepgrad, eager"


def main() -> None:
    """Measure all peers that are installed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="measurements of each library, in turn (7)")
    parser.add_argument("--json", action="store_true", help="print the ratios as JSON")
    options = parser.parse_args()
    ratios = {}
    for workload in (W1, W2):
        trainings, absent = {}, []
        for name, peer in PEERS.items():
            try:
                trainings[name] = peer(workload)
            except ImportError as error:
                absent.append(f"left out: {name} ({error}); install it with: pip install '.[bench]'")
        check_agreement(workload, trainings)
        times = seconds_per_step(workload, trainings, options.rounds)
        ratios[workload.name] = {name: ratio(times, name, OURS) for name in trainings}
        if options.json:
            continue
        print(f"{workload.name:<28}{'microseconds a step':>20}{f'times as long as {OURS}':>36}")
        for name, slower in ratios[workload.name].items():
            print(f"{name:<28}{median(times[name]) * 1e6:>20,.1f}{slower:>36.2f}")
        print(*absent, "", sep="\n")
    if options.json:
        print(json.dumps(ratios))
    else:
        print(
            f"Python {platform.python_version()}, {platform.machine()}; medians of {options.rounds} interleaved rounds"
        )


if __name__ == "__main__":
    main()

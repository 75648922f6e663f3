"""Print how fast this project is beside other libraries."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.measure import (
    QUICK,
    ROOT,
    Effort,
    cost_of_import,
    measure,
    memory,
    ready,
    seconds_per_node,
    whole_training,
)
from tests.benchmarks.memory import WORKLOADS
from tests.benchmarks.peers import PEERS, LeftOut, Peer
from tests.benchmarks.report import Report
from tests.benchmarks.workloads import W1, W2, W4, Workload, chain, classifiers, fan, names_training

STEPS: dict[str, Callable[[], list[Workload]]] = {
    "W5": lambda: list(classifiers()),
    "W1": lambda: [W1],
    "W2": lambda: [W2],
    "W4": lambda: [W4],
}
NAMES = ["W1", "W2", "W3", "W4", "W5"]
GRAPHS = {"chain": chain, "fan": fan}
SLOW = ["CasADi, as C"]  # its C compiler works for a minute; left out by --quick
LONGEST = 300.0  # seconds; a peer whose whole training would take longer is left out
GALLERY = ROOT / "demos" / "gallery"


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure for less than a minute, less exactly")
    parser.add_argument("--rounds", type=int, help="measurements of each library, in turn (5)")
    parser.add_argument(
        "--sizes", type=_counts, help="how many nodes the chains and fans of W3 have (10,100,...,1000000)"
    )
    parser.add_argument("--peer", action="append", choices=PEERS, help="measure this library only; may be repeated")
    parser.add_argument("--workload", action="append", choices=NAMES, help="measure this one only; may be repeated")
    parser.add_argument("--names", type=Path, metavar="FILE", help="also train the GPT on names, one a line")
    parser.add_argument("--steps", type=int, default=1000, help="for how many steps (1000)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--write", action="store_true", help=f"also write {GALLERY.relative_to(ROOT)}/speed.md and .svg"
    )
    return parser.parse_args(arguments)


def _counts(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all peers that are installed."""
    options = parsed(arguments)
    effort = QUICK if options.quick else Effort()
    effort = replace(effort, rounds=options.rounds or effort.rounds, sizes=options.sizes or effort.sizes)
    wanted = options.peer or [name for name in PEERS if not (options.quick and name in SLOW)]
    peers = {name: PEERS[name] for name in wanted}
    workloads = options.workload or NAMES
    report = Report(effort)
    measure_steps(report, peers, workloads)
    if "W3" in workloads:
        for kind, make in GRAPHS.items():
            _say(f"W3 {kind}s")
            report.per_node[kind] = seconds_per_node(make, peers, effort, report.left_out)
    if not (options.quick or options.peer or options.workload):
        measure_processes(report, peers)
    if options.names:
        train_on_names(report, peers, options.names, options.steps)
    print(json.dumps(report.as_json()) if options.json else report.as_text())
    if options.write:
        _say("wrote", *(path.relative_to(ROOT) for path in report.write(GALLERY)))


def measure_steps(report: Report, peers: dict[str, Peer], workloads: Sequence[str]) -> None:
    """Measure steps of the networks and the GPT."""
    for workload in [each for name, make in STEPS.items() if name in workloads for each in make()]:
        _say(workload.name)
        trainings, speeds = ready(workload, peers, report.left_out)
        measure(trainings, speeds, report.effort)
        report.speeds[workload.name] = speeds


def measure_processes(report: Report, peers: dict[str, Peer]) -> None:
    """Measure what takes a process of its own: importing, and memory."""
    present = {name: peer for name, peer in peers.items() if name not in report.left_out}
    for module in dict.fromkeys(peer.module for peer in present.values() if peer.module):
        _say(f"import {module}")
        report.imports[module] = cost_of_import(module, rounds=3)
    for workload in WORKLOADS:
        _say(f"memory, {workload}")
        takes_part = [name for name in present if name not in SLOW]
        report.memory[workload] = {name: memory(name, workload) for name in takes_part}


def train_on_names(report: Report, peers: dict[str, Peer], path: Path, steps: int) -> None:
    """Train the GPT on the names of a file with each peer that is quick enough."""
    workload = names_training(path, steps)
    for name, peer in peers.items():
        speed = report.speeds.get(W4.name, {}).get(name)
        if name in report.left_out:
            continue
        if speed and speed.step * steps > LONGEST:
            minutes = speed.step * steps / 60.0
            report.left_out[f"{name} on {workload.name}"] = f"it would take about {minutes:.0f} minutes"
            continue
        _say(f"{workload.name}: {name}")
        try:
            report.runs[name] = whole_training(workload, peer)
        except LeftOut as reason:
            report.left_out[f"{name} on {workload.name}"] = str(reason)


def _say(*words: object) -> None:
    print(*words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

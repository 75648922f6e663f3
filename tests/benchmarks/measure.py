"""Measure peers in turn, so that a machine that slows down slows all of them."""

from __future__ import annotations

import gc
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from tests.benchmarks.peers import LeftOut, Peer, Training
from tests.benchmarks.workloads import Network, Workload

ROOT = Path(__file__).parents[2]
PATIENCE = 5.0  # seconds; a peer misses the chains and fans that it would take longer for


@dataclass(frozen=True)
class Effort:
    """How much time measuring may take.

    Attributes:
        rounds: how often each peer is measured, in turn.
        seconds: how long one measurement lasts at least.
        least: how many steps it has at least; steps that leave garbage take longer from the second or third on.
        limit: after so many seconds a peer misses the rounds that are left.
        sizes: how many nodes the chains and fans have.
    """

    rounds: int = 5
    seconds: float = 0.3
    least: int = 4
    limit: float = 10.0
    sizes: tuple[int, ...] = tuple(10**i for i in range(1, 7))


QUICK = Effort(rounds=2, seconds=0.15, least=2, limit=1.0, sizes=(100, 10_000))


@dataclass
class Speed:
    """What was measured of a peer.

    Attributes:
        one_off: seconds before the second step, beyond those of an ordinary step: building, tracing, compiling.
        steps: seconds of one step, in each round.
    """

    one_off: float
    steps: list[float] = field(default_factory=list)

    @property
    def step(self) -> float:
        """The seconds of one step: the median of the rounds."""
        return median(self.steps)


def ready(
    workload: Workload, peers: Mapping[str, Peer], left_out: dict[str, str]
) -> tuple[dict[str, Training], dict[str, Speed]]:
    """Return the trainings of all peers that take part, after one step and checked, and what that step cost.

    Args:
        left_out: gets for each missing peer the reason and the remedy.
    """
    trainings: dict[str, Training] = {}
    speeds: dict[str, Speed] = {}
    for name, peer in peers.items():
        try:
            if isinstance(workload, Network) and workload.batch_size and not peer.has_matrices:
                raise LeftOut("number by number, an epoch takes minutes")
            if peer.module:
                importlib.import_module(peer.module)
            set_aside()
            start = time.perf_counter()
            training = peer.train(workload)
            training.settle()
            training.run(1)
            speeds[name] = Speed(time.perf_counter() - start)
            training.forget()
            trainings[name] = training
        except ImportError as error:
            left_out[name] = f"{error}; install it with: pip install {peer.distribution}"
        except LeftOut as reason:
            left_out[f"{name} on {workload.name}"] = str(reason)
        except RecursionError:
            left_out[f"{name} on {workload.name}"] = (
                "RecursionError: its order is found by recursion, which ends at about 1,000 nodes in a row"
            )
    check_agreement(workload, trainings)
    return trainings, speeds


def check_agreement(workload: Workload, trainings: Mapping[str, Training], tolerance: float = 1e-6) -> None:
    """Compare the gradients of all trainings.

    Raises:
        AssertionError: two of them disagree by more than the tolerance, relative to the largest gradient.
    """
    found = {name: training.gradients() for name, training in trainings.items()} if len(trainings) > 1 else {}
    first, expected = next(iter(found.items()), ("", []))
    largest = max(map(abs, expected), default=0.0)
    for name, gradients in found.items():
        gap = max(abs(a - b) for a, b in zip(expected, gradients, strict=True))
        if not gap <= tolerance * largest:
            raise AssertionError(f"{workload.name}: the gradients of {name} and {first} are {gap:.1e} apart")


def measure(trainings: Mapping[str, Training], speeds: Mapping[str, Speed], effort: Effort) -> None:
    """Add the seconds of one step of each training to its speed, in rounds that measure every training once."""
    repeats: dict[str, int] = {}
    spent = dict.fromkeys(trainings, 0.0)
    for _ in range(effort.rounds):
        for name, training in trainings.items():
            if spent[name] > effort.limit:
                continue
            set_aside()
            training.settle()
            start = time.perf_counter()
            training.restart()
            if name not in repeats:
                repeats[name] = enough_steps(training, effort)
                training.restart()
            count = repeats[name]
            seconds_of_step(training, 2)  # it leaves behind what further steps will find: garbage, full caches
            speeds[name].steps.append(seconds_of_step(training, count))
            spent[name] += time.perf_counter() - start
            training.forget()
    for speed in speeds.values():
        speed.one_off = max(0.0, speed.one_off - speed.step)


def enough_steps(training: Training, effort: Effort) -> int:
    """Return how many steps in a row last long enough to be measured, what begins and ends them included."""
    count = 2
    while True:
        step = min(seconds_of_step(training, count) for _ in range(2))  # the first may wait for something
        wanted = max(effort.least, round(effort.seconds / step))
        if wanted <= 4 * count:
            return wanted
        count = min(wanted, 16 * count)


def seconds_of_step(training: Training, repeats: int) -> float:
    """Return the seconds of one step, the mean of several in a row."""
    start = time.perf_counter()
    training.run(repeats)
    return (time.perf_counter() - start) / repeats


def set_aside() -> None:
    """Keep the collector away from all that is there, as if what comes next ran in a process of its own."""
    gc.collect()
    gc.freeze()


def ratio(slow: Speed, fast: Speed) -> float:
    """Return how many times as fast one training is as another: the median over the rounds that both took part in."""
    return median(a / b for a, b in zip(slow.steps, fast.steps))  # noqa: B905 - a slow one misses rounds


def break_even(speed: Speed, ours: Speed) -> float:
    """Return after how many steps a training has taken less time than ours, its one-off costs counted."""
    if speed.step >= ours.step:
        return float("inf")
    return max(0.0, (speed.one_off - ours.one_off) / (ours.step - speed.step))


def seconds_per_node(
    make: Callable[[int], Workload], peers: Mapping[str, Peer], effort: Effort, left_out: dict[str, str]
) -> dict[str, dict[int, float]]:
    """Return for each peer, by count of nodes, the seconds of forward and backward pass for one node.

    A peer leaves when the next size would take too long, or when it fails.
    """
    found: dict[str, dict[int, float]] = {}
    staying = dict(peers)
    for nodes, following in zip(effort.sizes, (*effort.sizes[1:], 0), strict=True):
        trainings, speeds = ready(make(nodes), staying, left_out)
        measure(trainings, speeds, replace(effort, rounds=min(effort.rounds, 3)))
        for name, speed in speeds.items():
            found.setdefault(name, {})[nodes] = speed.step / nodes
        longest = PATIENCE * nodes / (following or nodes)
        staying = {name: peers[name] for name, speed in speeds.items() if speed.one_off + speed.step < longest}
    return found


# --- a whole training ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """The seconds of a whole training, building and compiling included, and its losses."""

    seconds: float
    losses: list[float]


def whole_training(workload: Workload, peer: Peer) -> Run:
    """Train for as many steps as the workload has.

    Raises:
        LeftOut: the peer takes no part.
    """
    set_aside()
    start = time.perf_counter()
    training = peer.train(workload)
    training.settle()
    return Run(losses=training.run(workload.steps), seconds=time.perf_counter() - start)


# --- in processes of their own -------------------------------------------------------------------------


def cost_of_import(module: str, rounds: int) -> tuple[float, int]:
    """Return the seconds and the bytes that a fresh interpreter takes to import a module: medians of several."""
    answers = [_fresh("tests.benchmarks.fresh", module).split() for _ in range(rounds + 1)]
    answers = answers[1:]  # the first one fills the caches
    return median(float(seconds) for seconds, _ in answers), int(median(int(size) for _, size in answers))


def memory(peer: str, workload: str) -> int | None:
    """Return by how many bytes a step raises a process's memory, or nothing if the peer takes no part."""
    answer: int | None = json.loads(_fresh("tests.benchmarks.memory", peer, workload))
    return answer


def _fresh(*arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # users do not compile again at each import
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout

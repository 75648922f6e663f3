"""Print how many bytes one step of a peer takes: `python -m tests.benchmarks.memory PEER WORKLOAD`.

The largest memory of a process only grows, so each measurement has a process of its own.
"""

from __future__ import annotations

import contextlib
import json
import sys

from tests.benchmarks.fresh import peak
from tests.benchmarks.peers import PEERS, LeftOut
from tests.benchmarks.workloads import W1, W2, W4, Workload, chain, fan

NODES = 100_000
WORKLOADS: dict[str, Workload] = {"W2": W2, "W4": W4, "chain": chain(NODES), "fan": fan(NODES)}


def main() -> None:
    """Print by how much one step raises the peak, or null if the peer takes no part."""
    name, workload = sys.argv[1:]
    train = PEERS[name].train
    found = None
    with contextlib.suppress(ImportError, LeftOut, RecursionError):
        train(W1).step()  # what is loaded at first use does not count
        loaded = peak()
        train(WORKLOADS[workload]).step()
        found = peak() - loaded
    print(json.dumps(found))


if __name__ == "__main__":
    main()

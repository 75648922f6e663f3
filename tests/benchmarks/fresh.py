"""Print what importing a module costs a fresh interpreter: `python -m tests.benchmarks.fresh MODULE`."""

from __future__ import annotations

import sys
import time


def peak() -> int:
    """Return the largest memory that this process has had so far, in bytes."""
    if sys.platform == "linux":  # where getrusage counts the process that started this one, too
        with open("/proc/self/status", encoding="ascii") as status:
            line = next(line for line in status if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    start = time.perf_counter()
    __import__(sys.argv[1])
    print(time.perf_counter() - start, peak())

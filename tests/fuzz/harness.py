"""Give each target inputs by grammar, and where atheris is installed those that coverage leads to.

An input fails if it raises what is not promised, takes longer than the limit, or needs more memory than the limit.
Inputs by grammar come from a seed and a number, so that ``python -m tests.fuzz tables --seed 1 --only 4711`` gives the
one that failed. A quarter of the inputs is led by coverage, each target in a process of its own.
"""

import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LIMIT = 5.0  # seconds of computing for an input, so that a busy machine does not count
MEMORY = 2 * 2**30  # bytes that the process may map beyond those at the start
SHOWN = 5  # failures of a target


class Hang(BaseException):
    """An input that takes longer than the limit."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `Hang` in a block that takes longer."""

    def end(*_: Any) -> None:
        raise Hang(f"longer than {seconds} s")

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextlib.contextmanager
def memory_limit(more: int) -> Iterator[None]:
    """Let a block map no more than some bytes beyond those that are mapped."""
    with contextlib.suppress(FileNotFoundError):  # only Linux tells what is mapped
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        before = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (mapped + more, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, before)
        return
    yield


@contextlib.contextmanager
def own_folder() -> Iterator[None]:
    """Be in an empty folder, which is removed afterwards."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        yield


def problem(target: Any, given: Any, limit: float = LIMIT) -> str:
    """Return what is wrong with how a target reads an input; empty if nothing is."""
    try:
        with time_limit(limit):
            target.run(given)
    except target.promised:
        pass
    except (Exception, Hang):
        return traceback.format_exc(limit=-6)
    return ""


def by_grammar(name: str, seed: int, numbers: Iterator[int] | range) -> Iterator[tuple[int, Any, str]]:
    """Return the inputs of a target that fail, with their numbers and what is wrong."""
    from .targets import TARGETS

    target = TARGETS[name]
    with own_folder(), memory_limit(MEMORY):
        for number in numbers:
            given = target.draw(random.Random(f"{name} {seed} {number}"))
            if wrong := problem(target, given):
                yield number, given, wrong


def by_coverage(name: str, seed: int, count: int) -> None:
    """Give a target inputs that coverage leads to, in this process, which then ends."""
    import atheris

    with atheris.instrument_imports(include=["engine", "nn"]):
        from .targets import TARGETS
    target = TARGETS[name]
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    Path("corpus").mkdir()
    from .targets import bytes_of

    for number in range(100):
        given = target.draw(random.Random(f"{name} {seed} {number}"))
        Path("corpus", str(number)).write_bytes(bytes_of("\0".join(given) if isinstance(given, list) else given))

    def run(data: bytes) -> None:
        if wrong := problem(target, data):
            print(f"{name}: {data!r}\n{wrong}", flush=True)
            os._exit(1)

    settings = [f"-atheris_runs={count}", f"-seed={seed + 1}", "-max_len=4096", "-rss_limit_mb=3000", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *settings, "-timeout=30", "corpus"], run, enable_python_coverage=True)
    atheris.Fuzz()


def main() -> int:
    """Fuzz the targets that are named, or all, and return 1 if an input failed."""
    parser = ArgumentParser(prog="python -m tests.fuzz", description="Give readers of texts and files wrong inputs.")
    parser.add_argument("targets", nargs="*", help="without any, all")
    parser.add_argument("--inputs", type=int, default=int(os.environ.get("STEPGRAD_INPUTS", "1000000")))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="the number of one input")
    parser.add_argument("--coverage", metavar="COUNT", type=int, help="be led by coverage, in this process")
    options = parser.parse_args()
    if options.coverage:
        by_coverage(options.targets[0], options.seed, options.coverage)
        return 0
    return int(sum(_fuzz(name, options) for name in options.targets or _names()) > 0)


def _names() -> list[str]:
    from .targets import TARGETS

    return list(TARGETS)


def _fuzz(name: str, options: Namespace) -> bool:
    """Fuzz one target, print what was found, and return whether anything was."""
    from .targets import TARGETS

    begin, failures = time.monotonic(), 0
    count = max(1, options.inputs * TARGETS[name].share // 1_000_000)
    is_led = find_spec("atheris") and options.only is None and name != "homework"  # whose inputs are run
    led = count // 4 if is_led else 0
    numbers = range(count - led) if options.only is None else range(options.only, options.only + 1)
    for number, given, wrong in by_grammar(name, options.seed, numbers):
        failures += 1
        if failures <= SHOWN:
            print(f"{name} --seed {options.seed} --only {number}: {given!r:.2000}\n{wrong}", flush=True)
    if led:
        command = [sys.executable, "-m", "tests.fuzz", name, "--seed", str(options.seed), "--coverage", str(led)]
        run = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
        failures += run.returncode != 0
        if run.returncode:
            print(f"{name}, led by coverage: status {run.returncode}\n{run.stderr[-3000:]}", flush=True)
    how = f"{len(numbers)} inputs by grammar" + (f", {led} led by coverage" if led else "")
    print(f"{name}: {how}, {failures} failed, {time.monotonic() - begin:.0f} s", flush=True)
    return bool(failures)

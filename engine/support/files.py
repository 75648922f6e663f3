"""Files that are never seen half written."""

import os
import threading
from pathlib import Path


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file as a whole: it has all of its new content, or stays as it was.

    Raises:
        FileNotFoundError: the folder does not exist.
        OSError: the file cannot be written.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"cannot save {path}: the folder {path.parent} does not exist; create it first")
    neighbour = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        neighbour.write_bytes(data)
        neighbour.replace(path)
    finally:
        neighbour.unlink(missing_ok=True)

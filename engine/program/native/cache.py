"""The cache of built libraries: a folder of your own, and in it files that are signed with a key of your own.

What is loaded runs with all your rights, so nothing is trusted that another user could have put there: each folder up
to the root must be yours or the system's and closed to others, each file yours and closed to others, and its content
must bear the signature of its name, by a key that only you can read. What is loaded is what was checked: the content
goes to a new folder, and is loaded from there.
"""

import ctypes
import hashlib
import os
import secrets
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from ...support.files import before_the_end
from ...support.text import printable
from .compiler import CompilerError

MAX_BYTES = 128 * 2**20  # of all libraries together; those that were not used for the longest time go first
MAX_DAYS = 180  # without use
MAX_HOURS = 1.0  # that the temporary folder of an interrupted build is left alone, since the build may still run
SECRET, BUILDING, LIBRARY = "secret", "building-", ".library"
SIZE = 32  # bytes of a key and of a signature
REMEDY = "set XDG_CACHE_HOME to a folder of your own, or use backend='python'"


def cache_folder() -> Path:
    """Return the user's folder for built code, which no other user can change.

    Raises:
        CompilerError: there is no home folder, or others could change what is in it.
        OSError: it cannot be made.
    """
    base = _base()
    _make(base)
    base = base.resolve()
    folder = base / "stepgrad"
    _make(folder)
    if sys.platform == "win32":
        return folder
    status = folder.lstat()
    if status.st_uid != os.getuid() or not stat.S_ISDIR(status.st_mode):
        raise CompilerError(
            f"{_shown(folder)} must be a folder of your own, to keep built code in; remove it, or {REMEDY}"
        )
    for above in (base, *base.parents):
        _check(above)
    if status.st_mode & 0o077:
        if status.st_mode & 0o022:  # others could have put anything there
            (folder / SECRET).unlink(missing_ok=True)  # so that no signature is valid any more
        folder.chmod(0o700)
    return folder


def _base() -> Path:
    """Return the folder for caches of all kinds; paths that are relative to anywhere are ignored."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", ""))
        return base if base.is_absolute() else Path.home() / "AppData" / "Local"
    chosen = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if chosen.is_absolute() and sys.platform != "darwin":
        return chosen
    home = Path(os.environ.get("HOME", ""))
    if not home.is_absolute():
        import pwd

        with suppress(KeyError):  # the user is not in the list
            home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    if not home.is_absolute():
        raise CompilerError(f"there is no home folder to keep built code in; {REMEDY}")
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _make(folder: Path) -> None:
    """Make a folder that is not there yet, and those above it, closed to others."""
    if not folder.exists():
        _make(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _check(folder: Path) -> None:
    """Require a folder that neither another user owns nor others could change."""
    status = folder.lstat()
    if status.st_uid not in (0, os.getuid()):
        raise CompilerError(f"built code is not kept below {_shown(folder)}, which belongs to another user; {REMEDY}")
    open_to_others = status.st_mode & stat.S_IWOTH or (status.st_mode & stat.S_IWGRP and not _is_private(status))
    if open_to_others and not status.st_mode & stat.S_ISVTX:  # as in /tmp, where only the owner can rename a file
        raise CompilerError(
            f"built code is not kept below {_shown(folder)}, which other users can change: chmod go-w it, or {REMEDY}"
        )


def _is_private(status: os.stat_result) -> bool:
    """Return whether the group of a folder is the one that its user alone is in, as on many systems."""
    import grp
    import pwd

    try:
        group, user = grp.getgrgid(status.st_gid), pwd.getpwuid(os.getuid())
    except KeyError:
        return False
    return group.gr_gid == user.pw_gid and group.gr_name == user.pw_name and not {*group.gr_mem} - {user.pw_name}


def read(folder: Path, key: str) -> bytes | None:
    """Return the library that is kept under a key; None if it is missing, or not to be trusted."""
    found = _content(folder / f"{key}{LIBRARY}")
    if found is None or not secrets.compare_digest(found[:SIZE], _signature(folder, key, found[SIZE:])):
        return None
    with suppress(OSError):
        os.utime(folder / f"{key}{LIBRARY}")
    return found[SIZE:]


def write(folder: Path, key: str, content: bytes) -> None:
    """Keep a library under a key, and remove what there is no room for."""
    _put(folder, f"{key}{LIBRARY}", _signature(folder, key, content) + content)
    clean(folder)


def _signature(folder: Path, key: str, content: bytes) -> bytes:
    secret = _content(folder / SECRET, 0o077)
    if secret is None or len(secret) != SIZE:
        secret = secrets.token_bytes(SIZE)
        _put(folder, SECRET, secret)  # if several processes do it at once, libraries of all but one are built again
    return hashlib.blake2b(key.encode() + content, digest_size=SIZE, key=secret).digest()


def _content(path: Path, closed: int = 0o022) -> bytes | None:
    """Return the content of a file of one's own without these modes; None if there is no such file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        is_own = sys.platform == "win32" or (status.st_uid == os.getuid() and not status.st_mode & closed)
        return file.read() if is_own and stat.S_ISREG(status.st_mode) else None


def _put(folder: Path, name: str, content: bytes) -> None:
    """Write a file as a whole, for oneself alone. It need not be on the disk yet: what is not signed is built again."""
    descriptor, neighbour = tempfile.mkstemp(dir=folder, prefix=BUILDING)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.replace(neighbour, folder / name)
    except BaseException:
        with suppress(OSError):
            os.unlink(neighbour)
        raise


def clean(folder: Path) -> None:
    """Remove what interrupted builds left, and libraries that are too old or too many."""
    now, kept = time.time(), []
    with suppress(OSError):
        for entry in os.scandir(folder):
            with suppress(OSError):  # another process was quicker
                status = entry.stat(follow_symlinks=False)
                age = now - status.st_mtime
                if entry.name.startswith(BUILDING):
                    if age > 3600 * MAX_HOURS:
                        _remove(entry)
                elif entry.name != SECRET:
                    kept.append((age, status.st_size, entry))
    total = 0
    for age, size, entry in sorted(kept, key=lambda each: each[0]):
        total += size
        if total > MAX_BYTES or age > 86400 * MAX_DAYS or not entry.name.endswith(LIBRARY):
            with suppress(OSError):
                _remove(entry)


def _remove(entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path, ignore_errors=True)
    else:
        os.unlink(entry.path)


@contextmanager
def building(folder: Path) -> Iterator[Path]:
    """Yield a new folder for one's own use, which is removed in the end."""
    made = tempfile.TemporaryDirectory(dir=folder, prefix=BUILDING, ignore_cleanup_errors=True)
    with made as place, before_the_end(partial(shutil.rmtree, place, ignore_errors=True)):
        yield Path(place)


def load(folder: Path, content: bytes) -> ctypes.CDLL:
    """Load a library of this content.

    Raises:
        OSError: it cannot be loaded.
    """
    with building(folder) as place:
        path = place / "library.so"
        path.write_bytes(content)
        return ctypes.PyDLL(str(path))


def _shown(path: Path) -> str:
    return printable(str(path))

"""Files that are never seen half written, also where a signal ends the process, and whether they can be written."""

from __future__ import annotations

import errno
import os
import signal
import stat
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from .text import listed, printable

FilePath = str | os.PathLike[str]

NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
ELSEWHERE = "choose another folder"
REMEDIES = {
    errno.EISDIR: "this is a folder; add the name of a file",
    errno.ENOSPC: "the disk is full; make room, or choose another folder",
    errno.EDQUOT: "your share of the disk is used up; make room, or choose another folder",
    errno.EFBIG: "the file would be larger than this system allows; see ulimit -f",
    errno.EROFS: f"the file system is read-only; {ELSEWHERE}",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.ELOOP: "its links lead in a circle; choose another name",
    errno.EINVAL: "the name contains characters that a file's name cannot have; choose another one",
}
ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]  # Windows has no SIGHUP

_cleaners: list[Callable[[], object]] = []


def write_whole(path: FilePath, data: bytes) -> None:
    """Write a file as a whole: it has all of its new content, or stays as it was.

    The content goes to a new file beside it, which then takes its place. As with ``cp``, a link stays and what it leads
    to is written, a file keeps its mode, its owner and its other names, and devices and pipes are written to.

    Raises:
        OSError: the file cannot be written; the message says why and what to do.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(folder + "/a.txt", b"all of it")
    ...     os.path.getsize(folder + "/a.txt")
    9
    """
    with _explained(path):
        target, status = _found(path)
        if status and (not stat.S_ISREG(status.st_mode) or _is_output(status)):
            _write_on(target, status, data)
        elif status and status.st_nlink > 1:
            _overwrite(target, data)
        else:
            try:
                _replace(target, status, data)
            except PermissionError:  # to make a file in the folder, or to give it away
                if not status:
                    raise
                _overwrite(target, data)


def check_writable(path: FilePath) -> None:
    """Make sure that a file can be written, before the work for its content begins.

    Raises:
        OSError: `write_whole` would fail; only a full disk is not foreseen.
    """
    with _explained(path):
        target, status = _found(path)
        if not status:
            _try(os.path.dirname(target))
        elif stat.S_ISREG(status.st_mode):
            os.close(os.open(target, os.O_WRONLY))


def check_folder(path: FilePath) -> None:
    """Make sure that a folder exists or can be made, and that files can be made in it.

    Raises:
        OSError: the message says why not.
    """
    with _explained(path):
        above = os.path.abspath(path)
        while not _exists(above):
            above = os.path.dirname(above)
        if not os.path.isdir(above):
            raise NotADirectoryError(errno.ENOTDIR, "")
        _try(above)


def wrong_suffix(path: FilePath, suffixes: Collection[str], what: str) -> str:
    """Return the message about a suffix that is not one of those known for something; empty if it is.

    >>> wrong_suffix("a.SVG", [".svg", ".png"], "a drawing"), wrong_suffix("a.bmp", [".svg", ".png"], "a drawing")
    ('', "a drawing must be saved as .svg or .png, not 'a.bmp'")
    """
    if os.path.splitext(path)[1].lower() in suffixes:
        return ""
    return f"{what} must be saved as {listed(suffixes, last='or')}, not '{printable(os.path.basename(path))}'"


def _found(path: FilePath) -> tuple[str, os.stat_result | None]:
    """Return the file that a path leads to, and its status; None if there is no such file yet."""
    target = os.fspath(path)
    if not target:
        raise FileNotFoundError(errno.ENOENT, "the name of the file is missing")
    if os.path.islink(target):
        target = os.path.realpath(target)
    try:
        status = os.stat(os.fspath(path))  # not of the target: that of /dev/stdout may be no file's name
    except FileNotFoundError:
        return target, None
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "")
    return target, status


def _exists(path: str) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _is_output(status: os.stat_result) -> bool:
    """Return whether a file is the standard output of this process, as ``/dev/stdout`` is."""
    try:
        return os.path.samestat(status, os.fstat(1))
    except OSError:  # it is closed
        return False


def _write_on(target: str, status: os.stat_result, data: bytes) -> None:
    """Write to a device or a pipe, or on to the standard output."""
    if _is_output(status):
        sys.stdout.flush()
        descriptor = os.dup(1)
    else:
        descriptor = os.open(target, os.O_WRONLY)
    with open(descriptor, "wb") as file:
        file.write(data)


def _replace(target: str, status: os.stat_result | None, data: bytes) -> None:
    """Let a new file take the place of a regular file, or of none."""
    folder = os.path.dirname(target)
    neighbour = _neighbour(folder)
    if status:
        os.close(os.open(target, os.O_WRONLY))  # who may not write a file may not replace it
    with before_the_end(partial(os.unlink, neighbour)):
        try:
            with open(os.open(neighbour, NEW, 0o600 if status else 0o666), "wb") as file:
                if status and hasattr(os, "fchown"):  # Windows has neither owners nor modes
                    own = os.fstat(file.fileno())
                    if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
                        os.fchown(file.fileno(), status.st_uid, status.st_gid)
                    os.fchmod(file.fileno(), stat.S_IMODE(status.st_mode))
                file.write(data)
                file.flush()
                _sync(file.fileno())
            os.replace(neighbour, target)
        except BaseException:
            _unlink(neighbour)
            raise
    with suppress(OSError):  # Windows opens no folders
        descriptor = os.open(folder or os.curdir, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _overwrite(target: str, data: bytes) -> None:
    """Write into a file that cannot be replaced; if that fails, write back what was in it."""
    with open(target, "r+b", buffering=0) as file:
        before = file.read()

        def write(content: bytes) -> None:
            file.seek(0)
            view = memoryview(content)
            while view:
                view = view[file.write(view) :]
            file.truncate(len(content))

        def write_back() -> None:
            write(before)

        with before_the_end(write_back):
            try:
                if hasattr(os, "posix_fallocate") and len(data) > len(before):  # is there room for all of it?
                    os.posix_fallocate(file.fileno(), 0, len(data))
                write(data)
                _sync(file.fileno())
            except BaseException:
                write_back()
                raise


def _neighbour(folder: str) -> str:
    """Return a name in a folder that cannot be guessed."""
    return os.path.join(folder, f".stepgrad-{os.urandom(8).hex()}")


def _try(folder: str) -> None:
    """Make sure that files can be made in a folder."""
    name = _neighbour(folder)
    try:
        os.close(os.open(name, NEW, 0o600))
        os.unlink(name)
    except BaseException:
        _unlink(name)
        raise


def _unlink(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)


def _sync(descriptor: int) -> None:
    """Wait until a file is on the disk, if its file system can."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise


@contextmanager
def _explained(path: FilePath) -> Iterator[None]:
    """Let errors name the file that was asked for, and the remedy."""
    try:
        yield
    except ValueError:  # NUL, or half a surrogate pair
        error: OSError = OSError(errno.EINVAL, "")
    except OSError as raised:
        error = raised
    else:
        return
    explained = type(error)(f"cannot save {_shown(path)}: {_reason(error, os.fspath(path))}")
    explained.errno = error.errno  # as a second argument, it would stand before the message
    raise explained from None


def _reason(error: OSError, path: str) -> str:
    """Return why a file cannot be written, and what to do."""
    if isinstance(error, FileNotFoundError) and not os.path.exists(os.path.dirname(path) or os.curdir):
        return f"the folder {_shown(os.path.dirname(path))} does not exist; create it first"
    if isinstance(error, NotADirectoryError | PermissionError):
        found = os.path.realpath(path)
        while not os.path.lexists(found):
            found = os.path.dirname(found)
        if isinstance(error, NotADirectoryError):
            return f"{_shown(found)} is not a folder; {ELSEWHERE}"
        if os.path.isdir(found):
            return f"you have no permission to create files in {_shown(found)}; {ELSEWHERE}"
        return "you have no permission to change it; choose another name"
    return REMEDIES.get(error.errno or 0) or error.strerror or str(error)


def _shown(path: FilePath) -> str:
    return printable(os.fspath(path)) or "''"


@contextmanager
def before_the_end(clean: Callable[[], object]) -> Iterator[None]:
    """Call a function if a signal ends the process while the block runs.

    A program that handles the signal itself is left to do so. Python sets and calls handlers in the main thread alone:
    what a block in another thread needs is done if the main thread is in such a block too.
    """
    before: dict[int, Any] = {}
    try:
        _cleaners.append(clean)
        for number in ENDING if threading.current_thread() is threading.main_thread() else ():
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.SIG_DFL
                signal.signal(number, _end)
        yield
    finally:
        if clean in _cleaners:
            _cleaners.remove(clean)
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: object) -> None:
    """Call the functions, the latest first, and end the process by the same signal."""
    for clean in reversed(_cleaners):
        with suppress(Exception):
            clean()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)

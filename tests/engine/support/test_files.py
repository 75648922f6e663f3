"""Files are written whole, or not at all, as ``cp`` would write them."""

import errno
import os
import re
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import engine
from engine.support.files import check_folder, check_writable, write_whole

posix = pytest.mark.skipif(os.name != "posix", reason="modes, links and devices of POSIX")
NOBODY = 65534


@pytest.fixture
def inside(tmp_path, monkeypatch):
    """An empty folder to be in; afterwards, no file that was only needed for a moment is left in it."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert not list(tmp_path.rglob(".stepgrad-*"))


def run(code, *arguments, stdout=subprocess.PIPE):
    """Run a program in another process."""
    program = f"import os, signal, sys\nfrom engine.support.files import *\n{textwrap.dedent(code)}"
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(engine.__file__))}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], env=environment, stdout=stdout, text=True, timeout=60, check=False
    )


def test_a_file_is_replaced_by_its_new_content(inside):
    path = inside / "file.txt"
    for content in (b"one", b"two", b""):
        engine.write_whole(str(path), content)
        assert path.read_bytes() == content
    assert list(inside.iterdir()) == [path]


@pytest.mark.parametrize("where", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.EIO, "the disk is broken"), KeyboardInterrupt()])
@pytest.mark.parametrize("before", [b"before", None])
def test_what_was_there_stays_when_writing_fails(inside, monkeypatch, where, error, before):
    path = inside / "file.txt"
    if before:
        path.write_bytes(before)

    def fail(*_):
        raise error

    monkeypatch.setattr(os, where, fail)
    with pytest.raises(type(error), match="cannot save file.txt: the disk is broken$" if str(error) else None):
        write_whole("file.txt", b"after")
    assert list(inside.iterdir()) == [path] * bool(before)
    assert not before or path.read_bytes() == before


def test_a_file_system_that_cannot_wait_for_the_disk_will_do(inside, monkeypatch):
    def refuse(descriptor):
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", refuse)
    write_whole("file.txt", b"after")
    assert (inside / "file.txt").read_bytes() == b"after"


@posix
def test_a_file_keeps_its_mode_and_a_new_one_gets_that_of_the_user(inside):
    path = inside / "file.txt"
    path.touch(0o640)
    write_whole(path, b"after")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    before = os.umask(0o027)
    write_whole("new.txt", b"new")
    os.umask(before)
    assert stat.S_IMODE(os.stat("new.txt").st_mode) == 0o640


@posix
def test_links_stay_and_what_they_lead_to_is_written(inside):
    (inside / "folder").mkdir()
    os.symlink("folder/file.txt", "link")
    os.symlink("link", "link of a link")
    for name in "link", "link of a link":  # first there is no such file
        write_whole(name, name.encode())
        assert os.path.islink(name)
        assert (inside / "folder" / "file.txt").read_text() == name
    os.link("folder/file.txt", "other name")
    for content in b"a", b"much longer than before", b"":
        write_whole("other name", content)
        assert (inside / "folder" / "file.txt").read_bytes() == content


@posix
def test_devices_and_pipes_are_written_to(inside):
    write_whole("/dev/null", b"nothing")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    os.mkfifo("pipe")
    found = []
    reader = threading.Thread(target=lambda: found.append((inside / "pipe").read_bytes()))
    reader.start()
    write_whole("pipe", b"piped")
    reader.join()
    assert found == [b"piped"]
    assert stat.S_ISFIFO(os.stat("pipe").st_mode)


@posix
def test_what_is_written_to_the_standard_output_stands_between_what_is_printed(inside):
    code = "print('before'); write_whole('/dev/stdout', b'written\\n'); print('after', flush=True)"
    assert run(code).stdout == "before\nwritten\nafter\n"
    with open("out.txt", "wb") as out:
        run("print('shell')", stdout=out)
        run(code, stdout=out)
    assert (inside / "out.txt").read_text().split() == ["shell", "before", "written", "after"]
    assert run("os.close(1); write_whole('file.txt', b'whole')").returncode == 0
    assert (inside / "file.txt").read_bytes() == b"whole"


@posix
def test_a_name_as_long_as_names_may_be(inside):
    longest = "n" * os.pathconf(".", "PC_NAME_MAX")
    write_whole(longest, b"whole")
    assert os.path.getsize(longest) == 5


WRONG = [
    ("none/file.txt", FileNotFoundError, "cannot save none/file.txt: the folder none does not exist; create it first"),
    ("none/at/all", FileNotFoundError, "the folder none/at does not exist; create it first"),
    ("", FileNotFoundError, "cannot save '': "),
    (".", IsADirectoryError, "cannot save .: this is a folder; add the name of a file"),
    ("file/below", NotADirectoryError, "cannot save file/below: .*file is not a folder; choose another folder"),
    ("file/far/below", NotADirectoryError, "file is not a folder; choose another folder"),
    ("n" * 999, OSError, "the name is too long; choose a shorter one"),
    ("circle", OSError, "cannot save circle: its links lead in a circle; choose another name"),
    ("nul\0", OSError, r"cannot save nul\\x00: the name contains characters that a file's name cannot have"),
    ("half\ud800", OSError, r"cannot save half\\ud800: the name contains characters"),
    ("no\x1b[31m\u202e/x", FileNotFoundError, r"the folder no\\x1b\[31m\\u202e does not exist"),
]


@posix
@pytest.mark.parametrize("write", [lambda path: write_whole(path, b""), check_writable])
@pytest.mark.parametrize(("path", "kind", "says"), WRONG)
def test_an_error_names_the_file_and_the_remedy(inside, write, path, kind, says):
    (inside / "file").touch()
    os.symlink("circle", "circle")
    with pytest.raises(kind, match=says) as caught:
        write(path)
    assert type(caught.value) is kind
    assert caught.value.errno
    assert {each.name for each in inside.iterdir()} == {"file", "circle"}


@posix
def test_a_folder_is_tried_before_anything_is_made_in_it(inside):
    (inside / "file").touch()
    for fine in ".", "new", "new/at/all":
        check_folder(fine)
    for wrong, says in ("file", "file is not a folder"), ("file/new", "file is not a folder"), ("n" * 999, "too long"):
        with pytest.raises(OSError, match=f"cannot save {wrong}: .*{says}"):
            check_folder(wrong)
    assert [each.name for each in inside.iterdir()] == ["file"]


@posix
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device that is always full")
def test_a_full_disk_is_said(inside):
    with pytest.raises(OSError, match="cannot save /dev/full: the disk is full; make room, or choose another folder"):
        write_whole("/dev/full", b"a")


@posix
@pytest.mark.parametrize("name", ["new", "old", "linked"])
def test_a_file_that_becomes_too_large_leaves_what_was_there(inside, name):
    (inside / "old").write_bytes(b"before")
    (inside / "linked").write_bytes(b"before")
    os.link("linked", "other name")
    code = f"""
        import resource
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            write_whole({name!r}, b"a" * 1001)
        except OSError as error:
            print(error)
    """
    said = run(code).stdout
    assert said == f"cannot save {name}: the file would be larger than this system allows; see ulimit -f\n"
    assert os.path.exists(name) == (name != "new")
    assert name == "new" or (inside / name).read_bytes() == b"before"


@posix
@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize(
    ("path", "owner", "mode", "says"),
    [
        ("closed/mine", NOBODY, 0o600, ""),  # the folder cannot be changed, but the file
        ("closed/for all", 0, 0o666, ""),
        ("closed/other", 0, 0o644, "you have no permission to change it; choose another name"),
        ("closed/new", None, None, "you have no permission to create files in .*closed; choose another folder"),
        ("open/for all", 0, 0o666, ""),  # a new file would belong to another user
        ("open/read only", NOBODY, 0o444, "you have no permission to change it; choose another name"),
        ("open/new", None, None, ""),
        ("sticky/for all", 0, 0o666, ""),
    ],
)
def test_owners_and_permissions_are_kept(path, owner, mode, says):
    with TemporaryDirectory() as folder:  # in which other users may look, unlike pytest's
        os.chmod(folder, 0o755)
        for name, its_mode in ("closed", 0o755), ("open", 0o777), ("sticky", 0o1777):
            os.mkdir(f"{folder}/{name}")
            os.chmod(f"{folder}/{name}", its_mode)
        file = Path(folder, path)
        if owner is not None:
            file.write_bytes(b"before")
            file.chmod(mode)
            os.chown(file, owner, owner)
        code = """
            os.setgid(65534)
            os.setuid(65534)
            for write in check_writable, lambda path: write_whole(path, b"after"):
                try:
                    write(sys.argv[1])
                    print()
                except PermissionError as error:
                    print(error)
        """
        checked, written = run(code, str(file)).stdout.splitlines()
        assert checked == written  # what is checked is what happens
        assert re.fullmatch(f"cannot save {file}: {says}" if says else "", written)
        if owner is not None:
            status = file.stat()
            assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (owner, owner, mode)
            assert file.read_bytes() == (b"before" if says else b"after")


@posix
@pytest.mark.parametrize("name", ["new", "old", "linked"])
@pytest.mark.parametrize("number", [signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)])
def test_a_signal_leaves_no_half_file_and_no_neighbour(inside, name, number):
    (inside / "old").write_bytes(b"before")
    (inside / "linked").write_bytes(b"before")
    os.link("linked", "other name")
    code = f"""
        os.fsync = lambda descriptor: os.kill(os.getpid(), {int(number)})
        write_whole({name!r}, b"after")
    """
    assert run(code).returncode == -number
    assert sorted(each.name for each in inside.iterdir()) == ["linked", "old", "other name"]
    assert name == "new" or (inside / name).read_bytes() == b"before"


@posix
def test_a_program_that_handles_a_signal_is_left_to_do_so(inside):
    code = """
        signal.signal(signal.SIGTERM, lambda *_: print("handled", flush=True))
        real = os.fsync
        os.fsync = lambda descriptor: (real(descriptor), os.kill(os.getpid(), signal.SIGTERM))
        write_whole("file.txt", b"after")
    """
    assert (run(code).stdout, (inside / "file.txt").read_bytes()) == ("handled\n" * 2, b"after")
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    write_whole("file.txt", b"again")
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_thread_writes_as_well(inside):
    writer = threading.Thread(target=write_whole, args=("file.txt", b"from a thread"))
    writer.start()
    writer.join()
    assert (inside / "file.txt").read_bytes() == b"from a thread"

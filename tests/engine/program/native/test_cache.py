"""The cache of built libraries: what is kept, what is trusted, and what is removed."""

import ctypes
import os
import stat
import time
from pathlib import Path

import pytest

from engine import CompilerError
from engine.program.native import cache, compiler, library
from engine.program.native.cache import cache_folder
from engine.program.native.library import QUICK, THOROUGH
from tests.engine.program.native.test_compiler import fake, folder, forget

SOURCE = "int answer(void) { return 42; }\n"
PLANTED = "int answer(void) { return 13; }\n"
__all__ = ["fake", "folder"]  # fixtures


def built(source=SOURCE, effort=QUICK):
    return library.library(source, effort, lambda path: "")


def kept(folder):
    [path] = folder.glob("*.library")
    return path


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def compiled(monkeypatch):
    """Count what is compiled."""
    sources, real = [], library.compile_library

    def counted(place, options):
        sources.append((place / "program.c").read_text())
        return real(place, options)

    monkeypatch.setattr(library, "compile_library", counted)
    return sources


@pytest.mark.needs_compiler
def test_what_is_built_is_kept_for_oneself_alone(folder, compiled):
    before = os.umask(0)
    try:
        assert built().answer() == 42
    finally:
        os.umask(before)
    assert (mode(folder), mode(folder.parent), mode(kept(folder)), mode(folder / "secret")) == (
        0o700,
        0o700,
        0o600,
        0o600,
    )
    assert built() is built()
    forget()
    assert built().answer() == 42
    assert compiled == [SOURCE]


@pytest.mark.needs_compiler
def test_each_source_and_effort_is_built_for_itself(folder, compiled):
    built(), built(effort=THOROUGH), built(SOURCE + "\n")
    assert len(compiled) == len(list(folder.glob("*.library"))) == 3


def changed(path):
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def emptied(path):
    path.write_bytes(b"")


def opened(path):
    path.chmod(0o666)


def opened_to_a_group(path):
    path.chmod(0o620)


def linked(path):
    other = path.parents[1] / "elsewhere"
    path.rename(other)
    path.symlink_to(other)


def a_folder(path):
    path.unlink()
    path.mkdir()
    path.rmdir()


def another_secret(path):
    (path.parent / "secret").write_bytes(b"x" * 32)


def a_secret_that_others_read(path):
    (path.parent / "secret").chmod(0o644)


def half_a_secret(path):
    (path.parent / "secret").write_bytes(b"x")


def no_secret(path):
    (path.parent / "secret").unlink()


def a_folder_that_others_changed(path):
    path.parent.chmod(0o777)


HARM = [
    changed, cut, emptied, opened, opened_to_a_group, linked, a_folder, another_secret, a_secret_that_others_read,
    half_a_secret, no_secret, a_folder_that_others_changed,
]  # fmt: skip


@pytest.mark.needs_compiler
@pytest.mark.parametrize("harm", HARM)
def test_what_may_have_been_changed_is_built_again(harm, folder, compiled):
    built()
    harm(kept(folder))
    forget()
    assert built().answer() == 42
    forget()
    assert built().answer() == 42
    assert compiled == [SOURCE] * 2
    assert (mode(folder), mode(kept(folder)), mode(folder / "secret")) == (0o700, 0o600, 0o600)


@pytest.mark.needs_compiler
def test_a_folder_that_others_could_read_alone_is_closed_and_trusted(folder, compiled):
    built()
    folder.chmod(0o755)
    forget()
    assert built().answer() == 42
    assert mode(folder) == 0o700
    assert compiled == [SOURCE]


@pytest.mark.needs_compiler
def test_a_library_under_the_name_of_another_is_not_loaded(folder, compiled):
    built()
    name = kept(folder)
    content = name.read_bytes()
    name.unlink()
    forget()
    built(PLANTED)
    kept(folder).rename(name)
    forget()
    assert built().answer() == 42
    name.write_bytes(content)
    forget()
    assert built().answer() == 42
    assert compiled == [SOURCE, PLANTED, SOURCE]


@pytest.mark.needs_compiler
def test_what_was_planted_in_an_open_folder_is_not_loaded(folder, monkeypatch):
    """A library that is signed with a key that is planted beside it."""
    folder.mkdir(parents=True, mode=0o700)
    secret = b"s" * 32
    (folder / "secret").write_bytes(secret)
    (folder / "secret").chmod(0o600)
    built(PLANTED)
    content = cache.read(folder, kept(folder).stem)
    assert content is not None
    kept(folder).unlink()
    forget()
    keys = []
    monkeypatch.setattr(cache, "read", lambda folder, key: keys.append(key))
    built()
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent))
    kept(folder).write_bytes(cache._signature(folder, keys[0], content) + content)
    forget()
    assert built().answer() == 13  # so it would be loaded
    folder.chmod(0o777)
    forget()
    assert built().answer() == 42


@pytest.mark.needs_compiler
def test_what_is_loaded_is_what_was_checked(folder, monkeypatch):
    """A library that is exchanged after it was read."""
    built(PLANTED)
    planted = kept(folder).read_bytes()
    kept(folder).unlink()
    built()
    forget()
    real = cache.read

    def read(place, key):
        content = real(place, key)
        (place / f"{key}.library").write_bytes(planted)
        return content

    monkeypatch.setattr(cache, "read", read)
    assert built().answer() == 42


@pytest.mark.needs_compiler
def test_what_another_system_built_is_built_again(folder, compiled, monkeypatch):
    built()
    key = kept(folder).stem
    cache.write(folder, key, b"of another system")
    forget()
    assert built().answer() == 42
    assert len(compiled) == 2


def test_folders_of_your_group_alone_are_your_own(folder, monkeypatch):
    monkeypatch.setattr(cache, "_is_private", lambda status: True)
    folder.parent.mkdir()
    folder.parent.chmod(0o770)
    assert cache_folder() == folder.resolve()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="there are no groups")
def test_which_groups_are_private(tmp_path, monkeypatch):
    import grp
    import pwd

    user = pwd.struct_passwd(("ada", "x", 1, 5, "", "/home/ada", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: user)
    status = os.stat_result((0o770, 0, 0, 1, 1, 5, 0, 0, 0, 0))
    for members, name, expected in (
        ([], "ada", True),
        (["ada"], "ada", True),
        (["bob"], "ada", False),
        ([], "x", False),
    ):
        monkeypatch.setattr(grp, "getgrgid", lambda gid: grp.struct_group((name, "x", gid, members)))
        assert cache._is_private(status) is expected

    def unknown(gid):
        raise KeyError(gid)

    monkeypatch.setattr(grp, "getgrgid", unknown)
    assert cache._is_private(status) is False


def test_a_folder_in_one_where_all_may_make_some(folder):
    folder.parent.mkdir()
    folder.parent.chmod(0o1777)
    assert cache_folder() == folder.resolve()


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("darwin", "HOME", "Library/Caches/stepgrad"),
        ("win32", "LOCALAPPDATA", "stepgrad"),
        ("linux", "HOME", ".cache/stepgrad"),
    ],
)
def test_each_system_has_its_place(platform, variable, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(cache.sys, "platform", platform)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv(variable, str(tmp_path / "home"))
    assert cache_folder() == (tmp_path / "home" / expected).resolve()
    assert (tmp_path / "home" / expected).is_dir()


def test_relative_folders_are_ignored(tmp_path, monkeypatch):
    import pwd

    monkeypatch.setattr(cache.sys, "platform", "linux")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", "there")
    entry = pwd.struct_passwd(("ada", "x", 1, 5, "", str(tmp_path / "ada"), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: entry)
    assert cache_folder() == (tmp_path / "ada/.cache/stepgrad").resolve()
    assert [path.name for path in tmp_path.iterdir()] == ["ada"]
    monkeypatch.setattr(cache.sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "relative")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "bob")
    assert cache_folder() == (tmp_path / "bob/AppData/Local/stepgrad").resolve()


# --- what is removed ------------------------------------------------------------------------------------------


def aged(path, days):
    then = time.time() - 86400 * days
    os.utime(path, (then, then))


@pytest.mark.needs_compiler
def test_what_is_old_or_too_much_is_removed(folder, monkeypatch):
    place = cache_folder()
    for name, days in (("unused", 200), ("used", 100), ("a", 3), ("b", 2), ("c", 1)):
        cache._put(place, f"{name}.library", b"x" * 1000)
        aged(place / f"{name}.library", days)
    (place / "of an older version-123.so").write_bytes(b"x")
    (place / "secret").write_bytes(b"x" * 32)
    aged(place / "secret", 1000)
    (place / "building-dead").mkdir()
    (place / "building-dead" / "program.c").write_text("x")
    (place / "building-file").write_text("x")
    (place / "building-now").mkdir()
    (place / "a folder").mkdir()
    aged(place / "building-dead", 1)
    aged(place / "building-file", 1)
    cache.clean(place)
    left = {path.name for path in place.iterdir()}
    assert left == {"used.library", "a.library", "b.library", "c.library", "secret", "building-now"}
    monkeypatch.setattr(cache, "MAX_BYTES", 2500)
    cache.write(place, "new", b"x" * 400)
    left = {path.stem for path in place.glob("*.library")}
    assert left == {"new", "c", "b"}


@pytest.mark.needs_compiler
def test_what_is_used_counts_as_new(folder):
    built()
    aged(kept(folder), 150)
    forget()
    built()
    assert time.time() - kept(folder).stat().st_mtime < 3600.0


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        cache._put(tmp_path, "name", b"content")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_gone_needs_no_cleaning(tmp_path):
    cache.clean(tmp_path / "nowhere")


def test_errors_of_the_system_become_errors_of_the_compiler(folder, fake):
    fake("exit 0")
    folder.parent.write_text("a file")
    with pytest.raises(
        CompilerError, match=r"native code cannot be kept or loaded: .*; set XDG_CACHE_HOME to a folder"
    ):
        built()
    assert compiler and ctypes

"""Building C: which compiler is taken, and what is kept of what it built."""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from engine import Value
from engine.program.native import backend as build
from engine.program.native.backend import QUICK, THOROUGH, CompilerError, cache_folder, compiler, library
from engine.program.program import Program

SOURCE = "int answer(void) { return 42; }\n"
ROOT = Path(__file__).parents[4]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Keep what is built in a folder of its own, and know no compiler yet; return that folder, not made yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(build.sys, "platform", "linux")
    forget()
    yield tmp_path / "cache" / "stepgrad"
    forget()


def forget():
    compiler.cache_clear()
    build._machine.cache_clear()


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Take a script as the compiler."""

    def taken(script):
        path = tmp_path / "fake"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("CC", f"{path} -DOPTION=1")
        return path

    return taken


def kept(folder):
    """Return the one file that is kept, whose name must hold the digest of its content."""
    [path] = folder.iterdir()
    assert path.stem.partition("-")[2] == hashlib.sha256(path.read_bytes()).hexdigest()
    return path


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.needs_compiler
def test_what_is_built_is_kept_in_a_private_folder(folder, monkeypatch):
    assert library(SOURCE, QUICK).answer() == 42
    assert mode(folder) == 0o700
    path = kept(folder)
    before = path.stat().st_mtime_ns
    monkeypatch.setattr(build, "_built", None)  # nothing is built any more
    assert library(SOURCE, QUICK).answer() == 42
    assert path.stat().st_mtime_ns == before


@pytest.mark.needs_compiler
def test_each_source_and_effort_is_built_for_itself(folder):
    library(SOURCE, QUICK), library(SOURCE, THOROUGH), library(SOURCE + "\n", QUICK)
    assert len(list(folder.iterdir())) == 3


@pytest.mark.needs_compiler
def test_what_somebody_changed_is_built_anew(folder):
    library(SOURCE, QUICK)
    path = kept(folder)
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-1] + b"x")
    assert library(SOURCE, QUICK).answer() == 42
    assert kept(folder)


@pytest.mark.needs_compiler
def test_a_folder_that_others_could_read_is_made_private(folder):
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    library(SOURCE, QUICK)
    assert mode(folder) == 0o700


def test_a_folder_that_is_not_ones_own_is_refused(folder, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder.parent.mkdir()
    folder.symlink_to(elsewhere)
    with pytest.raises(CompilerError, match="must be a folder of your own"):
        cache_folder()
    folder.unlink()
    folder.mkdir()
    monkeypatch.setattr(build.os, "getuid", lambda: folder.stat().st_uid + 1)
    with pytest.raises(CompilerError, match="must be a folder of your own"):
        cache_folder()


@pytest.mark.needs_compiler
def test_where_nothing_can_be_kept(folder, monkeypatch):
    folder.parent.mkdir()
    folder.write_text("a file")
    with pytest.raises(CompilerError, match="cannot be saved or loaded: .*File exists"):
        library(SOURCE, QUICK)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(build.Path, "expanduser", without_home)
    with pytest.raises(CompilerError, match="cannot be saved or loaded: no home"):
        library(SOURCE, QUICK)


def without_home(path):
    raise RuntimeError("no home")


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("darwin", "HOME", "Library/Caches/stepgrad"),
        ("win32", "LOCALAPPDATA", "stepgrad"),
        ("linux", "HOME", ".cache/stepgrad"),
    ],
)
def test_each_system_has_its_place(platform, variable, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(build.sys, "platform", platform)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv(variable, str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / expected
    assert (tmp_path / "home" / expected).is_dir()


@pytest.mark.needs_compiler
def test_several_processes_may_build_the_same_at_once(folder):
    script = (
        "from engine.program.native.backend import QUICK, library\n"
        f"print(library({SOURCE!r}, QUICK).answer())"
    )  # fmt: skip
    processes = [
        subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert [process.communicate(timeout=120)[0] for process in processes] == ["42\n"] * 4
    assert [process.returncode for process in processes] == [0] * 4
    assert {path.suffix for path in folder.iterdir()} == {".so"}
    assert library(SOURCE, QUICK).answer() == 42


def test_without_a_compiler_both_remedies_are_named(monkeypatch):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(build, "find_spec", lambda name: None)
    w = Value(2.0)
    with pytest.raises(CompilerError, match=r"need a C compiler \(cc, clang, gcc\): install .* pip .*python'"):
        Program(w * 2.0, backend="native")()
    assert Program(w * 2.0, backend="auto").backend == "python"


def test_the_package_ziglang_is_a_compiler(monkeypatch):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(build, "find_spec", lambda name: name == "ziglang")
    assert compiler() == (sys.executable, "-m", "ziglang", "cc")


def test_the_compiler_that_somebody_chose_is_taken(fake, monkeypatch):
    path = fake("exit 0")
    assert compiler() == (str(path), "-DOPTION=1")
    compiler.cache_clear()
    monkeypatch.setenv("CC", "no-such-compiler")
    monkeypatch.setattr(build.shutil, "which", lambda name: f"/bin/{name}" if name == "clang" else None)
    assert compiler() == ("/bin/clang",)


def test_a_compiler_that_fails_is_told_with_its_complaint(fake, folder):
    fake("echo 'program.c: trouble' >&2; exit 1")
    with pytest.raises(CompilerError, match="fake -DOPTION=1 cannot compile a program:\nprogram.c: trouble"):
        library(SOURCE, QUICK)
    assert list(folder.iterdir()) == []


def test_a_compiler_that_takes_too_long_is_stopped(fake, monkeypatch):
    fake('test "$2" = --version || while :; do :; done')
    monkeypatch.setattr(build, "LONGEST", 0.2)
    with pytest.raises(CompilerError, match="took longer than 0 s; it was stopped"):
        library(SOURCE, QUICK)


def test_a_library_that_cannot_be_loaded_is_told(fake):
    fake('test "$2" = --version || echo nonsense > program.so')
    with pytest.raises(CompilerError, match="cannot be saved or loaded"):
        library(SOURCE, QUICK)


@pytest.mark.needs_compiler
def test_a_compiler_that_does_not_know_this_processor_is_asked_again(fake, folder):
    real = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")
    if not real:
        pytest.skip("there is ziglang alone")
    fake(f'case "$*" in *-march=native*) exit 1;; esac\nexec {real} "$@"')
    assert library(SOURCE, QUICK).answer() == 42


def test_the_key_knows_the_machine(fake, monkeypatch, tmp_path):
    fake("echo version 1")
    first = build._machine()
    assert "version 1" in first and "-ffp-contract=off" in first
    forget()
    fake("echo version 2")
    assert build._machine() != first
    forget()
    nowhere = os.fspath(tmp_path / "nowhere")
    monkeypatch.setattr(build, "Path", lambda *parts: Path(nowhere))
    assert "version 2" in build._machine()

"""Building C: which compiler is taken, how it is called, and what happens where nothing works."""

import math
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

import engine
import nn
from engine import CompilerError, Value, compiled
from engine.program.backend import forget_failures, has_failed, note_failure
from engine.program.native import backend as native
from engine.program.native import cache, compiler, library, trial
from engine.program.program import Program

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]
REMEDY = re.compile("backend='python'")
REAL = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")


def forget():
    """Forget all that was found out about this machine, and all libraries."""
    forget_failures()
    library._loaded.clear()
    for kept in (compiler._found, compiler._surroundings, compiler._machine, native.runtime):
        kept.cache_clear()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Keep what is built in a folder of its own, not made yet; return it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    forget()
    yield tmp_path / "cache" / "stepgrad"
    forget()


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Take a script as the compiler; ``$real`` in it is the true one, which the test then needs."""

    def taken(script):
        if "$real" in script and not REAL:
            pytest.skip("there is no compiler on the path")
        path = tmp_path / "fake"
        path.write_text(f"#!/bin/sh\nreal={REAL}\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("CC", f"{path} -DOPTION=1")
        return path

    return taken


def product(backend):
    x, w = Value(0.5, "x"), Value(2.0, "w")
    return Program((w * x + 1.0).tanh() * w, [x], [w], backend=backend)


# --- where nothing works --------------------------------------------------------------------------------------

WAYS = {}


def way(function):
    WAYS[function.__name__.replace("_", " ")] = function
    return function


def script(name, text):
    def broken(fake, monkeypatch, folder):
        fake(text)

    WAYS[name] = broken


BUILD = '"$real" "$@" || exit 1'
script("the compiler fails", "echo 'program.c: trouble' >&2; exit 1")
script("the compiler fails without a word", "exit 3")
script("it reports success and writes nothing", "exit 0")
script("it writes an empty file", ": > program.so")
script("it writes nonsense", "echo nonsense > program.so")
script("it writes half a library", f"{BUILD}\nhead -c 4000 program.so > half && mv half program.so")
script("it writes a folder", "mkdir program.so")
script("it is killed", "kill -9 $$")
script("it hangs", "while :; do :; done")
script("it hangs in a process that it started", "sleep 100 & wait")
script("it ignores signals", "trap '' TERM INT HUP; while :; do sleep 0.01; done")
script("it waits for an answer", "read answer; exit 1")
script("it writes without end", "while :; do echo 0123456789012345678901234567890123456789; done")
script("it complains in another encoding", r"printf '\377\376 \033[31mfehlt\007\n' >&2; exit 1")
script("there are no headers", 'exec "$real" -nostdinc "$@"')
script(
    "there is no mathematical library",
    'for a; do shift; [ "$a" = -lm ] && a=-lno_such; set -- "$@" "$a"; done; exec "$real" "$@"',
)
script("it adds where it should subtract", f"sed -i 's/tanh(s/sin(s/g; s/tanh(x/sin(x/g' program.c\n{BUILD}")
script("it multiplies where it should add", f"sed -i 's/ + / - /g' program.c\n{BUILD}")
script("it forgets infinity", f"sed -i 's/FE_DIVBYZERO/0/; s/larger(/smaller(/g; s/tanh/cosh/g' program.c\n{BUILD}")
script(
    "it returns what it built before",
    f'if [ -f "$0.so" ]; then cp "$0.so" program.so; else {BUILD}; cp program.so "$0.so"; fi',
)
script(
    "it builds for another machine", f"{BUILD}\nprintf '\\002' | dd of=program.so bs=1 seek=18 conv=notrunc 2>/dev/null"
)
script("it builds for 32 bits", f"{BUILD}\nprintf '\\001' | dd of=program.so bs=1 seek=4 conv=notrunc 2>/dev/null")
script("functions are missing", 'sed -i "s/pointer_to_/pointers_to_/g" program.c; exec "$real" "$@"')
CRASH = "__attribute__((constructor)) static void start(void) { %s }"
script("what it builds aborts", f"echo '{CRASH % '__builtin_trap();'}' >> program.c\n{BUILD}")
script("what it builds never returns", f"echo '{CRASH % 'for (;;) ;'}' >> program.c\n{BUILD}")
script("what it builds exits", f"(echo '#include <stdlib.h>'; echo '{CRASH % '_Exit(0);'}') >> program.c\n{BUILD}")
script(
    "what it builds reads what is not its own", f"sed -i 's/tanh(/*(volatile double *)8 * tanh(/' program.c\n{BUILD}"
)
script("what it builds talks", f"(echo '#include <stdio.h>'; echo '{CRASH % 'puts(__FILE__);'}') >> program.c\n{BUILD}")


@way
def there_is_no_compiler(fake, monkeypatch, folder):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(compiler, "find_spec", lambda name: None)


@way
def cc_is_no_command(fake, monkeypatch, folder):
    monkeypatch.setenv("CC", "gcc 'unbalanced")


@way
def the_compiler_is_no_program(fake, monkeypatch, folder):
    path = fake("")
    path.write_bytes(b"\x7fELF nonsense")


@way
def zig_is_broken(fake, monkeypatch, folder):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(compiler, "find_spec", lambda name: True)
    monkeypatch.setattr(sys, "executable", "/bin/false")


@way
def there_is_no_home(fake, monkeypatch, folder):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", lambda uid: (_ for _ in ()).throw(KeyError(uid)))


@way
def all_homes_are_relative(fake, monkeypatch, folder):
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", "home")
    monkeypatch.setattr("pwd.getpwuid", lambda uid: type("Entry", (), {"pw_dir": "elsewhere"}))


@way
def the_folder_is_a_file(fake, monkeypatch, folder):
    folder.parent.mkdir()
    folder.write_text("a file")


@way
def the_folder_above_is_a_file(fake, monkeypatch, folder):
    folder.parent.write_text("a file")


@way
def the_folder_is_a_link(fake, monkeypatch, folder):
    folder.parent.mkdir()
    (folder.parent / "elsewhere").mkdir()
    folder.symlink_to(folder.parent / "elsewhere")


@way
def the_folder_is_a_link_to_nowhere(fake, monkeypatch, folder):
    folder.parent.mkdir()
    folder.symlink_to(folder.parent / "nowhere")


@way
def the_folder_belongs_to_another_user(fake, monkeypatch, folder):
    folder.mkdir(parents=True)
    uid = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: uid + 1)


@way
def a_folder_above_belongs_to_another_user(fake, monkeypatch, folder):
    folder.mkdir(parents=True)
    uid, lstat = os.getuid(), Path.lstat

    class Other:
        def __init__(self, status):
            self.st_mode, self.st_gid, self.st_uid = status.st_mode, status.st_gid, uid + 1

    monkeypatch.setattr(Path, "lstat", lambda path: Other(lstat(path)) if path == folder.parents[1] else lstat(path))


@way
def others_can_change_a_folder_above(fake, monkeypatch, folder):
    folder.parent.mkdir()
    folder.parent.chmod(0o777)


@way
def a_group_can_change_a_folder_above(fake, monkeypatch, folder):
    folder.parent.mkdir()
    folder.parent.chmod(0o770)
    monkeypatch.setattr(cache, "_is_private", lambda status: False)


def failing(module, name, error):
    def broken(fake, monkeypatch, folder):
        def fail(*arguments, **keywords):
            raise error

        monkeypatch.setattr(module, name, fail)

    return broken


WAYS["the file system is read-only"] = failing(Path, "mkdir", OSError(30, "Read-only file system"))
WAYS["nothing can be made in the folder"] = failing(cache.tempfile, "mkdtemp", PermissionError(13, "Permission denied"))
WAYS["the disk is full at the source"] = failing(Path, "write_text", OSError(28, "No space left on device"))
WAYS["the disk is full at the library"] = failing(Path, "write_bytes", OSError(28, "No space left on device"))
WAYS["the disk is full in the end"] = failing(os, "replace", OSError(28, "No space left on device"))
WAYS["nothing may be executed there"] = failing(
    cache.ctypes, "PyDLL", OSError("program.so: failed to map segment from shared object")
)
WAYS["there can be no more processes"] = failing(
    subprocess, "Popen", BlockingIOError(11, "Resource temporarily unavailable")
)
WAYS["Python does not know where it is"] = failing(
    trial, "run", CompilerError("'' cannot be started; backend='python'")
)


@pytest.mark.needs_compiler
@pytest.mark.parametrize("name", WAYS)
def test_where_nothing_can_be_built_there_is_one_warning_and_python(name, fake, monkeypatch, folder):
    monkeypatch.setattr(compiler, "MAX_SECONDS", 0.4 if "hang" in name or "signals" in name else 30.0)
    monkeypatch.setattr(compiler, "SIZE_FOR_A_SECOND", 10**9)
    monkeypatch.setattr(trial, "MAX_SECONDS", 0.7 if "never" in name else 20.0)
    WAYS[name](fake, monkeypatch, folder)
    expected = product("python")
    with pytest.raises(CompilerError) as raised:
        product("native")(0.25)
    assert REMEDY.search(str(raised.value))
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f\ufffe]", str(raised.value)) is None
    forget()
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        program = product("auto")
        assert program(0.25) == expected(0.25)
        assert program.backend == "python"
        assert program.batch([[0.25], [0.5]]) == expected.batch([[0.25], [0.5]])
        other = product("auto")
        assert other.values([other.loss], [[0.25], [0.5]]) == expected.values([expected.loss], [[0.25], [0.5]])
        w = Value(2.0, "w")
        assert compiled(lambda x: (w * x + 1.0).tanh() * w)(0.25) == expected(0.25).loss
    [warning] = caught
    text = str(warning.message)
    assert warning.category is RuntimeWarning
    assert warning.filename == __file__
    assert text.startswith("programs run in Python instead of native code, which is slower: ")
    assert REMEDY.search(text)
    assert time.perf_counter() - start < 20.0
    if folder.is_dir() and "before" not in name:  # nothing is left but the key
        assert {path.name for path in folder.iterdir()} <= {"secret"}


def test_there_are_many_ways():
    assert len(WAYS) >= 27


@pytest.mark.needs_compiler
def test_a_failure_is_not_tried_again_by_auto_but_by_native(fake, tmp_path):
    path = fake('echo x >> "$0.calls"; exit 1')
    calls = tmp_path / "fake.calls"
    with pytest.warns(RuntimeWarning, match="programs run in Python instead of native code"):
        product("auto")(0.5)
    before = calls.read_text()
    for _ in range(3):
        program = product("auto")
        assert program.backend == "python"
        program(0.5)
    assert calls.read_text() == before
    for _ in range(2):
        with pytest.raises(CompilerError, match=f"{path} -DOPTION=1 cannot compile a program: it ended with status 1"):
            product("native")(0.5)
    assert calls.read_text() > before


@pytest.mark.needs_compiler
def test_what_one_operation_of_yours_spoils_is_told_and_others_are_native():
    lost = engine.register("lost", lambda x: x * math.comb(4, 2), lambda x, out: (6.0 + 0.0 * x,))
    try:
        x = Value(1.5, "x")
        with pytest.warns(RuntimeWarning, match=r"instead of native code.*uses comb.x, y., which C") as caught:
            program = Program(lost(x) * x, [x], backend="auto")
        assert len(caught) == 1
        assert (program.backend, program(2.0)) == ("python", (24.0, (24.0,)))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert Program(lost(x).tanh(), [x], backend="auto").backend == "python"
            program = product("auto")
            program(0.5)
            assert program.backend == "native"
    finally:
        engine.unregister("lost")


@pytest.mark.needs_compiler
def test_what_a_compiler_refuses_for_one_operation_spoils_no_other(fake):
    fake('grep -q "6.02214076" program.c && exit 1\nexec "$real" "$@"')
    moles = engine.register("moles", lambda x: x * 6.02214076, lambda x, out: (6.02214076 + 0.0 * x,))
    try:
        x = Value(1.5, "x")
        program = Program(moles(x) * x, [x], backend="auto")
        assert program.backend == "native"
        with pytest.warns(RuntimeWarning, match="cannot compile a program"):
            assert program(2.0).loss == 2.0 * 2.0 * 6.02214076
        assert program.backend == "python"
        other = product("auto")
        other(0.5)
        assert other.backend == "native"
    finally:
        engine.unregister("moles")


@pytest.mark.needs_compiler
def test_a_training_goes_on_in_python_and_its_history_says_so(fake, monkeypatch):
    monkeypatch.setattr("nn.training.backends.WORTH_BUILDING", 0)
    fake("exit 1")
    nn.manual_seed(3)
    model = nn.MLP(2, [3, 1])
    with pytest.warns(RuntimeWarning, match="programs run in Python instead of native code") as caught:
        history = nn.fit(model, nn.data.xor(), epochs=2, progress=False)
    assert len(caught) == 1
    assert history.backend == "python"
    with pytest.raises(CompilerError, match="cannot compile"):
        nn.fit(model, nn.data.xor(), epochs=2, progress=False, backend="native")


# --- how the compiler is called -------------------------------------------------------------------------------


def test_the_package_ziglang_is_a_compiler(monkeypatch):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(compiler, "find_spec", lambda name: name == "ziglang")
    assert compiler.compiler() == (sys.executable, "-m", "ziglang", "cc")


def test_the_compiler_that_you_chose_is_taken(fake, monkeypatch, tmp_path):
    path = fake("exit 0")
    assert compiler.compiler() == (str(path), "-DOPTION=1")
    blank = tmp_path / "with blanks"
    path.rename(blank)
    monkeypatch.setenv("CC", str(blank))
    assert compiler.compiler() == (str(blank),)
    monkeypatch.setenv("CC", f"'{blank}' -O1")
    assert compiler.compiler() == (str(blank), "-O1")
    monkeypatch.chdir(tmp_path)
    blank.rename("relative")
    monkeypatch.setenv("CC", "./relative")
    assert compiler.compiler() == (str(tmp_path / "relative"),)
    monkeypatch.setenv("CC", "no-such-compiler")
    monkeypatch.setattr(compiler.shutil, "which", lambda name, path=None: f"/bin/{name}" if name == "clang" else None)
    assert compiler.compiler() == ("/bin/clang",)


@pytest.mark.needs_compiler
def test_a_compiler_that_does_not_know_this_processor_is_asked_again(fake):
    fake('case "$*" in *-march=native*) echo unknown option; exit 1;; esac\nexec "$real" "$@"')
    assert product("native")(0.5).loss == product("python")(0.5).loss


@pytest.mark.needs_compiler
def test_code_that_this_processor_does_not_know_is_built_again(fake, folder):
    trap = CRASH % "__builtin_trap();"
    fake(f'case "$*" in *-march=native*) echo \'{trap}\' > trap.c; set -- "$@" trap.c;; esac\nexec "$real" "$@"')
    assert product("native")(0.5).loss == product("python")(0.5).loss
    assert len(list(folder.glob("*.library"))) >= 2


@pytest.mark.needs_compiler
def test_the_compiler_and_all_that_it_started_are_ended(fake, monkeypatch, tmp_path):
    fake('sleep 60 & echo $! > "$0.sleeping"; echo $$ > "$0.running"; wait')
    monkeypatch.setattr(compiler, "MAX_SECONDS", 0.5)
    monkeypatch.setattr(compiler, "SIZE_FOR_A_SECOND", 10**9)
    with pytest.raises(CompilerError, match=r"fake took longer than 0.5 s and was stopped; name another compiler in"):
        product("native")(0.5)
    for name in ("sleeping", "running"):
        assert is_gone(int((tmp_path / f"fake.{name}").read_text()))


def is_gone(process):
    """Return whether a process ends soon; one that its parent has not asked for may stand there as a zombie."""
    end = time.monotonic() + 10.0
    while time.monotonic() < end:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        stat = Path(f"/proc/{process}/stat")
        if stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals are sent to threads")
def test_ctrl_c_ends_the_compiler_and_leaves_nothing(fake, folder, tmp_path):
    fake('echo $$ > "$0.running"; while :; do sleep 0.01; done')
    running = tmp_path / "fake.running"

    def press():
        while not running.exists() or not running.read_text().strip():
            time.sleep(0.01)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        product("auto")(0.5)
    thread.join()
    assert is_gone(int(running.read_text()))
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals end processes on POSIX systems")
def test_a_signal_that_ends_python_ends_the_compiler_too(fake, folder, tmp_path):
    fake('echo $$ > "$0.running"; while :; do sleep 0.01; done')
    running = tmp_path / "fake.running"
    text = "from engine import *; x = Value(0.5); Program(x * x, [x], backend='native')(0.5)"
    process = subprocess.Popen([sys.executable, "-c", text], cwd=ROOT)
    while not running.exists() or not running.read_text().strip():
        time.sleep(0.01)
    process.terminate()
    assert process.wait(60) == -signal.SIGTERM
    assert is_gone(int(running.read_text()))
    assert list(folder.iterdir()) == []


def test_where_processes_have_no_groups(fake, monkeypatch, folder):
    fake("exec sleep 60")
    monkeypatch.setattr(compiler, "MAX_SECONDS", 0.3)
    monkeypatch.setattr(compiler, "SIZE_FOR_A_SECOND", 10**9)
    monkeypatch.delattr(os, "killpg")
    with pytest.raises(CompilerError, match="took longer than"):
        product("native")(0.5)


def test_what_changes_the_build_is_part_of_the_key(fake, monkeypatch):
    path = fake("exit 0")
    known = {compiler.surroundings()}
    for name in (
        "CFLAGS",
        "CPATH",
        "C_INCLUDE_PATH",
        "LD_LIBRARY_PATH",
        "LIBRARY_PATH",
        "GCC_EXEC_PREFIX",
        "ZIG_LIB_DIR",
    ):
        monkeypatch.setenv(name, "/elsewhere")
        known.add(compiler.surroundings())
    assert len(known) == 8
    path.write_text("#!/bin/sh\nexit 1\n# another compiler\n")
    compiler._surroundings.cache_clear()
    known.add(compiler.surroundings())
    monkeypatch.setenv("UNRELATED", "1")
    known.add(compiler.surroundings())
    assert len(known) == 9


def test_machines_without_the_files_of_linux(monkeypatch):
    first = compiler._machine()
    compiler._machine.cache_clear()

    def missing(path, **_):
        raise FileNotFoundError(path)

    monkeypatch.setattr(compiler, "open", missing, raising=False)
    monkeypatch.setattr(compiler.sys, "platform", "darwin")
    assert compiler._machine() != first


@pytest.mark.needs_compiler
def test_several_processes_may_build_the_same_at_once(folder):
    text = "from engine import *; x = Value(0.5); print(Program(x.tanh() * x, [x], backend='native')(0.5).loss)"
    processes = [
        subprocess.Popen([sys.executable, "-c", text], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    assert {process.communicate(timeout=300)[0] for process in processes} == {f"{math.tanh(0.5) * 0.5}\n"}
    assert [process.returncode for process in processes] == [0] * 3
    assert {path.suffix for path in folder.iterdir()} == {".library", ""}


@pytest.mark.needs_compiler
def test_threads_build_too(folder):
    found = []
    thread = threading.Thread(target=lambda: found.append(product("native")(0.5).loss))
    thread.start()
    thread.join()
    assert found == [product("python")(0.5).loss]


def test_signals_wait_while_a_process_is_started():
    steps = []
    with pytest.raises(KeyboardInterrupt), compiler._signals_held_back():
        signal.raise_signal(signal.SIGINT)
        steps.append("started")
    assert steps == ["started"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_reason_is_told_once():
    x = Value(1.0)
    kind, plan = native.Backend, Program(x * x, [x]).plan
    with pytest.warns(RuntimeWarning, match="slower: a reason"):
        note_failure(kind, plan, CompilerError("a reason"))
    note_failure(kind, plan, CompilerError("a reason"))  # warnings are errors here
    assert has_failed(kind, plan)
    forget_failures()
    assert not has_failed(kind, plan)

"""What tests need of the machine, and the account of those that it had to leave out.

A test that needs something is marked, as ``needs_dot``. Where the thing is missing the test is left out, and the
run ends with a list of what was left out and what would help. With STEPGRAD_STRICT=1 nothing may be left out.

Two more marks sort the tests by time: ``slow`` tests are left out of ``make quick``, and tests that are ``alone``
measure seconds, so ``make test`` runs them after the others, one at a time.
"""

import gc
import importlib.util
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def has_program(*names):
    return any(map(shutil.which, names))


def has_module(name):
    return importlib.util.find_spec(name) is not None


NODE_PATH = Path(os.environ.get("NODE_PATH", "/nowhere"))
# Each marker: what it needs, whether this machine has it, and the remedy where it has not.
NEEDS = {
    "needs_dot": (
        "Graphviz's program dot",
        lambda: has_program("dot"),
        "apt install graphviz, or brew install graphviz",
    ),
    "needs_compiler": (
        "a C compiler",
        lambda: has_program("cc", "clang", "gcc") or has_module("ziglang"),
        "apt install gcc, or xcode-select --install, or pip install ziglang",
    ),
    "needs_node": (
        "Node",
        lambda: has_program("node"),
        "apt install nodejs, or https://nodejs.org",
    ),
    "needs_pixels": (
        "the libraries of films",
        lambda: all(map(has_module, ("resvg_py", "PIL", "imageio_ffmpeg", "matplotlib", "pypdf"))),
        "pip install resvg-py pillow imageio-ffmpeg matplotlib pypdf",
    ),
    "needs_widgets": (
        "anywidget",
        lambda: has_module("anywidget"),
        "pip install anywidget",
    ),
    "needs_bash": (
        "bash",
        lambda: os.name == "posix" and has_program("bash"),
        "apt install bash",
    ),
    "needs_terminal": (
        "pseudo-terminals and pexpect",
        lambda: os.name == "posix" and has_module("pexpect"),
        "pip install pexpect, on Linux or macOS",
    ),
    "needs_latex": (
        "LaTeX with amsmath",
        lambda: has_program("pdflatex"),
        "apt install texlive-latex-base, or brew install --cask basictex",
    ),
    "needs_make": (
        "make",
        lambda: os.name == "posix" and has_program("make"),
        "apt install make, or xcode-select --install",
    ),
    "needs_matplotlib": (
        "matplotlib",
        lambda: has_module("matplotlib"),
        "pip install matplotlib",
    ),
    "needs_torch": (
        "PyTorch",
        lambda: has_module("torch"),
        "pip install torch; what it computes is also recorded, and compared with",
    ),
    "needs_jax": (
        "JAX",
        lambda: has_module("jax"),
        "pip install jax; what it computes is also recorded, and compared with",
    ),
    "needs_onnx": (
        "onnx and onnxruntime",
        lambda: has_module("onnx") and has_module("onnxruntime"),
        "pip install onnx onnxruntime",
    ),
    "needs_jupyter": (
        "Jupyter's nbclient and ipykernel",
        lambda: has_module("nbclient") and has_module("ipykernel"),
        "pip install nbclient ipykernel",
    ),
    "needs_adapter_client": (
        "Node, and in NODE_PATH the package @vscode/debugadapter-testsupport",
        lambda: has_program("node") and (NODE_PATH / "@vscode" / "debugadapter-testsupport").is_dir(),
        "npm install @vscode/debugadapter-testsupport; NODE_PATH is its folder node_modules",
    ),
    "needs_browser": (
        "Chromium or Chrome, and playwright",
        lambda: has_program("chromium", "chromium-browser", "google-chrome") and has_module("playwright"),
        "apt install chromium, or brew install --cask chromium; pip install playwright",
    ),
}
# Examples in docstrings that need something.
EXAMPLES = {
    "engine.page.notebook.steps_widget": "needs_widgets",
    "engine.teach.quiz_page.quiz_widget": "needs_widgets",
    "engine.tensors.torch.from_torch": "needs_torch",
    "engine.tensors.jax.from_jax": "needs_jax",
    "engine.program.program.Program.to_torch": "needs_torch",
    "engine.program.program.Program.to_jax": "needs_jax",
}
# What these need takes seconds to start.
SLOW = {
    "needs_adapter_client",
    "needs_bash",
    "needs_browser",
    "needs_dot",
    "needs_jax",
    "needs_jupyter",
    "needs_latex",
    "needs_node",
    "needs_onnx",
    "needs_terminal",
    "needs_torch",
}
STRICT = os.environ.get("STEPGRAD_STRICT") == "1"
left_out: dict[str, str] = {}  # why, for each test or module


def pytest_configure(config):
    for marker, (thing, _, _) in NEEDS.items():
        config.addinivalue_line("markers", f"{marker}: needs {thing}")
    config.addinivalue_line("markers", "slow: takes seconds, or starts other programs; not part of `make quick`")
    config.addinivalue_line("markers", "alone: measures seconds, so nothing may run beside it")
    if not NEEDS["needs_compiler"][1]():
        config.addinivalue_line("filterwarnings", "ignore:programs run in Python:RuntimeWarning")
    if not config.pluginmanager.hasplugin("xdist"):
        config.addinivalue_line("markers", "xdist_group(name): pytest-xdist runs the group in one process")


@pytest.hookimpl(tryfirst=True)  # before pytest selects tests by their marks
def pytest_collection_modifyitems(items):
    for item in items:
        if marker := EXAMPLES.get(item.name):
            thing, is_here, remedy = NEEDS[marker]
            item.add_marker(marker)
            item.add_marker(pytest.mark.skipif(not is_here(), reason=f"needs {thing}: {remedy}"))
        if any(mark.name in SLOW for mark in item.iter_markers()):
            item.add_marker("slow")


def pytest_collection_finish():
    """Keep the collector away from what stays until the end: every test collects garbage, many of them on purpose."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item):
    for marker, (thing, is_here, remedy) in NEEDS.items():
        if item.get_closest_marker(marker) and not is_here():
            pytest.skip(f"needs {thing}: {remedy}")


def count_if_left_out(report):
    if report.skipped and not hasattr(report, "wasxfail"):
        _, _, why = report.longrepr
        left_out[report.nodeid] = why.removeprefix("Skipped: ")  # processes that run in parallel all report a module


pytest_runtest_logreport = pytest_collectreport = count_if_left_out


def pytest_sessionfinish(session, exitstatus):
    if left_out and STRICT and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    if left_out:
        terminalreporter.section("left out on this machine")
        for why, count in Counter(left_out.values()).most_common():
            terminalreporter.write_line(f"{count} test{'s' if count > 1 else ''}: {why}")
        if STRICT:
            terminalreporter.write_line("STEPGRAD_STRICT=1: this counts as a failure")


@pytest.fixture(autouse=True)
def _try_backends_again():
    """Let no test be without native code because another one was."""
    yield
    backends = sys.modules.get("engine.program.backend")
    if backends:
        backends.forget_failures()


@pytest.fixture(autouse=True)
def _keep_the_precision_of_jax():
    """Let no test compute in 64 bits because another one, in the same process, asked JAX for them."""
    yield
    jax = sys.modules.get("jax")
    if jax and jax.config.jax_enable_x64:
        jax.config.update("jax_enable_x64", False)


@pytest.fixture
def calls():
    """Count the calls of functions, Python's and C's, that an action makes.

    Counts grow with the work as seconds do, but are the same however busy the machine is.
    """

    def count(action):
        total = 0

        def note(frame, event, argument):
            nonlocal total
            total += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(note)
        try:
            action()
        finally:
            sys.setprofile(before)
        return total

    return count


@pytest.fixture
def cpu_seconds():
    """Measure the processor's seconds that an action takes, in this process and in those that it waited for."""

    def measure(action):
        before = os.times()
        action()
        return sum(os.times()[:4]) - sum(before[:4])

    return measure


@pytest.fixture
def shell(tmp_path):
    """Run a line in bash as people do in a terminal, with `stepgrad` and `python` at hand; return the finished process.

    It runs in an empty folder, ``shell.folder``. What it prints on its two streams comes as one text, ``stdout``.
    """
    commands, folder = tmp_path / "bin", tmp_path / "folder"
    commands.mkdir()
    folder.mkdir()
    for name, arguments in ("stepgrad", " -m engine"), ("python", ""):
        (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}"{arguments} "$@"\n')
        (commands / name).chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",  # so that both streams come in the order of time
        "COLUMNS": "100",
    }

    def run(line):
        return subprocess.run(
            ["bash", "-c", line],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )

    run.folder = folder
    return run

"""What tests need of the machine, and the account of those that it had to leave out.

A test that needs something is marked, as ``needs_dot``. Where the thing is missing the test is left out, and the
run ends with a list of what was left out and what would help. With STEPGRAD_STRICT=1 nothing may be left out.
"""

import importlib.util
import os
import shutil
from collections import Counter

import pytest

NEEDS = {
    "needs_dot": (
        lambda: shutil.which("dot"),
        "the program dot is missing: install Graphviz (apt install graphviz, brew install graphviz)",
    ),
    "needs_compiler": (
        lambda: any(map(shutil.which, ("cc", "clang", "gcc"))) or importlib.util.find_spec("ziglang"),
        "a C compiler is missing: install one (apt install gcc, xcode-select --install) or pip install ziglang",
    ),
    "needs_terminal": (
        lambda: importlib.util.find_spec("pexpect") and os.name == "posix",
        "pseudo-terminals are missing: run the tests on Linux or macOS with pip install pexpect",
    ),
}
left_out: Counter[str] = Counter()


def pytest_runtest_setup(item):
    for name, (found, remedy) in NEEDS.items():
        if item.get_closest_marker(name) and not found():
            left_out[remedy] += 1
            if os.environ.get("STEPGRAD_STRICT") == "1":
                pytest.fail(f"STEPGRAD_STRICT: {remedy}")
            pytest.skip(remedy)


def pytest_terminal_summary(terminalreporter):
    if left_out:
        terminalreporter.section("left out on this machine")
        for remedy, count in left_out.items():
            terminalreporter.write_line(f"{count} test{'s' if count > 1 else ''}: {remedy}")

"""Where a system has no limits of time and memory for a process, as Windows, no module here can be imported."""

from importlib.util import find_spec

if not find_spec("resource"):
    collect_ignore = ["__main__.py", "harness.py", "targets.py"]  # test_fuzz.py says that it was left out

"""What tests of the command need: a folder to be in, programs in it, and a way to call."""

import linecache
import sys

import pytest

from engine.cli.app import main

from .programs import PROGRAM


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to be in, from which programs may import one another."""
    modules = set(sys.modules)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in linecache.cache if not name.startswith("<")]:
        del linecache.cache[name]  # it may remember a program of the same name in another folder
    yield tmp_path
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def run(folder, capsys):
    """Return a function that calls the command and returns its status and what it printed on both streams."""

    def call(*arguments):
        capsys.readouterr()
        try:
            status = main(arguments)
        except SystemExit as end:
            status = end.code
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


@pytest.fixture
def program(folder):
    """Return a function that writes a program and returns its name."""

    def write(text=PROGRAM, name="program.py"):
        (folder / name).write_text(text, encoding="utf-8")
        return name

    return write

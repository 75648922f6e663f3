"""The command debug, without a terminal."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest


@pytest.mark.parametrize(("went_well", "status"), [(True, 0), (False, 1)])
def test_debug_hands_the_value_and_commands_to_the_debugger(run, program, monkeypatch, went_well, status):
    asked = []

    def debug(root, **more):
        asked.append((root.data, list(more["commands"])))
        return went_well

    monkeypatch.setitem(sys.modules, "engine.debugger.shell", SimpleNamespace(debug=debug))
    Path("lesson.txt").write_text("break a\ncontinue\n")
    assert run("debug", "a*2", "a=3")[0] == status
    assert run("debug", "a*2", "a=3", "-x", "lesson.txt")[0] == status
    assert asked == [(6.0, []), (6.0, ["break a", "continue"])]
    assert run("debug", "a*2", "a=3", "-x", "absent.txt")[0] == 1
    Path("lesson.txt").write_bytes(b"\xff")
    status, _, err = run("debug", "a*2", "a=3", "-x", "lesson.txt")
    assert status == 1
    assert err.startswith("stepgrad: 'utf-8' codec can't decode")

"""The page on debuggers: its sessions, run again in pdb."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "demos" / "in_your_debugger.md").read_text()
SESSIONS = re.findall(r"```text\n\$ ([^\n]+)\n(.*?)```", PAGE, re.DOTALL)
PROMPT = "(Pdb) "


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="from Python 3.13 on, breakpoint() stops one line earlier")
@pytest.mark.parametrize(("command", "session"), SESSIONS, ids=range(len(SESSIONS)))
def test_the_sessions_are_what_pdb_says(command, session):
    program, *arguments = shlex.split(command)
    assert program == "python"
    commands = re.findall(r"^\(Pdb\) (.*)$", session, re.MULTILINE)
    run = subprocess.run(
        [sys.executable, *arguments],
        input="\n".join(commands) + "\n",
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    first, *answers = run.stdout.replace(f"{ROOT}{os.sep}", "").split(PROMPT)
    said = first + "".join(f"{PROMPT}{c}\n{answer}" for c, answer in zip(commands, answers, strict=False))
    assert said.startswith(session)


def test_the_page_shows_the_program():
    program = (ROOT / "demos" / "in_your_debugger.py").read_text().partition('"""\n\n')[2]
    assert f"```python\n{program}```" in PAGE


def test_there_are_sessions():
    assert len(SESSIONS) == 3

"""A debugger that runs commands and returns what each one says."""

import pytest

from engine.debugger.shell import PROMPT, debug
from engine.notation.expression import parse


@pytest.fixture
def told(capsys):
    """Run commands about an expression, or a Value, in a script; return what is said for each, as lines."""

    def run(target, *commands, names=None, **numbers):
        root = parse(target, **numbers) if isinstance(target, str) else target
        debug(root, [*commands, "quit"], names=names or {})
        *said, _ = capsys.readouterr().out.split(PROMPT)[1:]
        return [each.split("\n")[1:-1] for each in said]

    return run

"""Whatever somebody types, the debugger goes on and shows nothing that a terminal would obey."""

import contextlib
import io

from hypothesis import given
from hypothesis import strategies as st

from engine.debugger.command import COMMANDS as TABLE
from engine.debugger.session import Session
from engine.debugger.shell import Shell
from engine.notation.expression import parse

COMMANDS = sorted(TABLE)
WORDS = st.sampled_from(
    [
        "a",
        "b",
        "d",
        "v4",
        "0",
        "3",
        "99",
        "end",
        "if",
        "op",
        "tanh",
        "|grad| > 1",
        "a.grad",
        "local",
        "=",
        "2",
        "-1",
        ",",
    ]
)
LINES = st.tuples(st.sampled_from(COMMANDS), st.lists(WORDS | st.text(max_size=4), max_size=4))


@given(st.lists(LINES.map(lambda line: " ".join([line[0], *line[1]])) | st.text(max_size=12), max_size=12))
def test_whatever_is_typed_is_answered(lines):
    lines = [line for line in lines if not line.startswith("graph")]  # it writes files
    debugger = Shell(Session(parse("d = a*b; tanh(d + a)/b", a=2, b=-3), {}))
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        debugger.play(lines)
    assert 0 <= debugger.session.position <= debugger.session.end
    assert out.getvalue().replace("\n", "").isprintable()

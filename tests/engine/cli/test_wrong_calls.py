"""Wrong calls of every command: one clear line, status 1 or 2, and no traceback."""

from pathlib import Path

import pytest

CALLS = """
|nosuch|--nosuch|-x|draw|page|explain|check|program|train|verify nosuch.py|verify p.py|verify dir.py|verify bad.py
verify --graphs 0|verify --graphs x|verify --graphs 1e3|verify --seed x|verify p.py extra|verify -1
draw nosuch.py|draw dir.py|draw bad.py|draw bin.py|draw empty.py|draw p.py:nothing|draw p.py:a:b|draw p.py --out
draw p.py -o d.svg|draw p.py -o dir|draw p.py -o x.xyz|draw p.py -o nodir/x.svg|draw p.py -o p.py/x.svg
draw p.py --theme pink|draw p.py --depth x|draw p.py --depth -1|draw p.py --limit 0|draw p.py --limit 1e9
draw p.py --timeout -1|draw p.py --timeout nan|draw p.py --timeout inf|draw p.py --nosuch 3|draw a*b a=2
draw a*b a=2 b=|draw a*b a=2 b=x|draw a*b a=2 b=3 c=4|draw a*b a=2 a=3 b=1|draw a*b a=2 b=3 =4|draw a* a=2
draw p.py a=2|draw ( a=1|page p.py -o x.txt|page p.py -o d.html|page p.py -o nodir/x.html|page p.py --theme pink
page p.py --depth x|page nosuch.py|explain p.py --wrt c|explain p.py --wrt|explain p.py --node q
explain p.py --format x|explain p.py -o dir|explain p.py -o nodir/x|explain nosuch.py|check p.py --wrt q
check p.py --rtol x|check p.py --rtol -1|check p.py --json=3|check dir.py|program p.py -o dir
program p.py --language q|program p.py -o p.py|program nosuch.py|program p.py --plain=1|debug nosuch.py
debug p.py --nosuch|debug bad.py|debug p.py:q|doctor nosuch.py|doctor dir.py|doctor bad.py|doctor p.py --nosuch
doctor p.py:q|costs nosuch.py|costs p.py:q|costs --count x|costs bad.py|quiz --level 0|quiz --level 7|quiz --level x
quiz --topic nosuch|quiz --count 0|quiz --count -3|quiz --count 1e9|quiz --seed x|quiz --export x.txt
quiz --export dir|quiz --export nodir/x.html|quiz --export a.html --solutions a.html|quiz extra|quiz --topic
lab nosuch|lab nosuch.py|lab p.py:nothing|lab p.py|lab bad.py|lab dir.py|lab assigned-not-added -o x.xyz
lab --timeout 0|lab --timeout x|lab a b|lab assigned-not-added -o nodir/x.svg|completion|completion bash extra
train nosuch|train nosuch.csv|train dir.csv|train empty.csv|train t.csv --target q|train t.csv --epochs 0
train t.csv --epochs x|train t.csv --lr x|train t.csv --lr -1|train t.csv --lr nan|train t.csv --layers x
train t.csv --out p.py|train t.csv --backend x|train t.csv --nosuch|train p.py|train moons --seed x
train moons --optimiser x|train moons --epochs 99999999999999999999x|dap --nosuch|dap extra
"""


@pytest.mark.parametrize("call", CALLS.strip("\n").replace("\n", "|").split("|"))
def test_a_wrong_call_ends_with_one_clear_line(run, folder, call):
    Path("p.py").write_text(
        "from engine import Value\na = Value(2.0, 'a')\nb = Value(3.0, 'b')\nloss = (a * b).tanh()\n"
    )
    Path("t.csv").write_text("x,y\n1,2\n2,3\n3,4\n4,5\n")
    Path("bad.py").write_text("def f(:\n")
    Path("bin.py").write_bytes(b"\x00\xff\xfe")
    for name in ("empty.py", "empty.csv"):
        Path(name).touch()
    for name in ("dir", "dir.py", "dir.csv", "d.svg", "d.html"):
        Path(name).mkdir()
    status, _, error = run(*call.split())
    lines = error.rstrip("\n").split("\n")
    assert status in (1, 2)
    assert lines[0].startswith("stepgrad")
    if " failed:" in lines[0]:  # a program of the user's, whose own error is shown
        assert "/engine/" not in error
    elif status == 1:
        assert all(line.startswith("  ") for line in lines[1:])  # the place in an expression
    else:
        assert [line.partition(" ")[0] for line in lines[1:]] == ["usage:", "Run"]

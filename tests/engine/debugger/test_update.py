"""The update in the debugger, behind the backward pass."""

import pytest

import nn
from engine import Value
from engine.debugger.commands import run_line
from engine.debugger.session import Session
from engine.debugger.shell import debug
from engine.notation.expression import parse


def session_of(update=0.1, **numbers):
    """Steps: w 0, x 1, 1 2, v3 3, v4 4, v5 5, seed 6, backward 7 to 11, update 12 and 13."""
    return Session(parse("(w*x - 1)**2", **{"w": 1.0, "x": 2.0, **numbers}), {}, update=update)


def test_the_update_follows_the_backward_pass():
    session = session_of()
    assert list(run_line(session, "finish"))[-1] == "-> 6  v5.grad = 1"
    assert list(run_line(session, "finish"))[-1] == "-> 12  w = w - 0.1 * w.grad"
    assert list(run_line(session, "next")) == [
        "12  w = w - 0.1 * w.grad   (w 1 -> 0.6)",
        "    with p = 1, g = 4, lr = 0.1:",
        "    p = p - lr * g = 0.6",
        "-> 13  x = x - 0.1 * x.grad",
    ]
    assert next(iter(run_line(session, "print w"))).startswith("w = 0.6 ")
    assert list(run_line(session, "finish"))[-1] == "-> the end: all 14 steps are taken"
    assert list(run_line(session, "back")) == ["-> 13  x = x - 0.1 * x.grad"]
    assert list(run_line(session, "list 12, 13")) == [
        "12     w = w - 0.1 * w.grad   1 -> 0.6",
        "13  -> x = x - 0.1 * x.grad",
    ]
    assert list(run_line(session, "where"))[-2].endswith("<- here")


def test_stops_and_formulas_are_about_the_update_too():
    session = session_of()
    run_line(session, "goto 7")
    list(run_line(session, "break if data == 0.6"))
    list(run_line(session, "continue"))
    assert session.position == 13
    assert session.evaluate("grad") == "grad = 4"
    assert session.evaluate("after - before") == "after - before = -0.4"
    list(run_line(session, "delete all"))
    list(run_line(session, "break x"))
    run_line(session, "goto 12")
    list(run_line(session, "continue"))
    assert session.position == 13
    run_line(session, "goto 0")
    list(run_line(session, "delete all"))
    for expected in (1, 11, 13):
        list(run_line(session, "until w"))
        assert session.position == expected
    run_line(session, "goto 0")
    list(run_line(session, "watch w"))
    list(run_line(session, "continue"))
    list(run_line(session, "continue"))
    assert session.position == session.end  # the gradient does not change in the update


def test_set_computes_the_update_anew_with_the_optimisers_own_state():
    w = Value(1.0, "w")
    adam = nn.Adam([w], lr=0.1)
    w.grad = 3.0  # from before; an update begins without
    session = Session((w * 2.0 - 1.0) ** 2, {}, update=adam)
    assert session.walk[-1].gradient == 4.0
    list(run_line(session, "set w=5"))
    step = session.walk[-1]
    assert (step.before, step.gradient, step.after) == (5.0, 36.0, pytest.approx(4.9))
    assert (w.data, w.grad, adam.states) == (1.0, 3.0, [{}])
    loss = w * 2.0
    loss.backward()
    adam.step()
    assert [str(each)[:30] for each in Session(loss, {}, update=adam).notices][1:] == ["The update begins with what th"]


def test_the_first_lines_count_the_steps_of_the_update(capsys):
    w = Value(1.0, "w")
    assert debug(w * 2.0, ["goto end", "quit"], names={}, update=nn.SGD([w], lr=0.5))
    assert "7 steps: forward 0 to 2, the seed 3, backward 4 to 5, update 6.\n" in capsys.readouterr().out
    debug(w * Value(3.0, "x"), ["quit"], names={}, update=0.5)
    assert "backward 4 to 5, update 6 to 7.\n" in capsys.readouterr().out
    debug(w, ["list 0, 2", "quit"], names={}, update=lambda p, g: round(p - g))
    out = capsys.readouterr().out
    assert "\n2     w = 0\n" in out
    assert "no backward steps, update 2." in out

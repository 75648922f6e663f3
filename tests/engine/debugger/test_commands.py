"""The commands, in scripts."""

import io
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import engine
from engine import Value, log, record_source, scope, sqrt
from engine.debugger.command import COMMANDS
from engine.debugger.commands import run_line
from engine.debugger.session import Session
from engine.debugger.shell import Shell, debug
from engine.debugger.stop import CommandError, HitCount

ROOT = Path(__file__).parents[3]
PRODUCT = "d = a*b; d + a"  # a 0, b 1, d 2, v3 3, seed 4, d 5, a 6, a 7, b 8
NUMBERS = {"a": 2, "b": -3}


@pytest.fixture
def product(told):
    return lambda *commands: told(PRODUCT, *commands, **NUMBERS)


def last(said):
    return said[-1][-1]


# --- moving -------------------------------------------------------------------------------------------


def test_next_tells_what_each_step_does(product):
    assert product("next 5", "n", "s 2", "step") == [
        [
            "0  a = 2",
            "1  b = -3",
            "2  d = a * b = 2 * (-3) = -6",
            "3  v3 = d + a = -6 + 2 = -4",
            "4  dv3/dv3 = 1, the seed   (v3.grad 0 -> 1)",
            "-> 5  d.grad += 1 * v3.grad",
        ],
        [
            "5  v3 = d + a, so ∂v3/∂d = 1",
            "   dv3/dd += ∂v3/∂d * dv3/dv3 = 1 * 1 = 1   (d.grad 0 -> 1)",
            "-> 6  a.grad += 1 * v3.grad",
        ],
        [
            "6  v3 = d + a, so ∂v3/∂a = 1",
            "   dv3/da += ∂v3/∂a * dv3/dv3 = 1 * 1 = 1   (a.grad 0 -> 1, contribution 1 of 2)",
            "7  d = a * b, so ∂d/∂a = b = -3",
            "   dv3/da += ∂d/∂a * dv3/dd = -3 * 1 = -3   (a.grad 1 -> -2, contribution 2 of 2)",
            "-> 8  b.grad += a * d.grad",
        ],
        [
            "8  d = a * b, so ∂d/∂b = a = 2",
            "   dv3/db += ∂d/∂b * dv3/dd = 2 * 1 = 2   (b.grad 0 -> 2)",
            "-> the end: all 9 steps are taken",
        ],
    ]


def test_the_gradients_that_are_told_are_those_of_backward(told):
    a, b = Value(0.3, "a"), Value(-0.7, "b")
    loss = engine.tanh(a * b) * engine.exp(a)
    said = told(loss, "continue", "print a", "print b")
    loss.backward()
    assert said[1][1].startswith(f"a.grad = {a.grad:.6g} ")
    assert said[2][1].startswith(f"b.grad = {b.grad:.6g} ")


def test_many_steps_are_told_from_the_last(told):
    said = told("a+a+a+a+a+a+a+a", "next 16", a=1)
    assert said[0][0] == "... 6 steps ..."


def test_the_same_operand_twice_is_told_apart(told):
    said = told("a*a", "goto 3", "next", "next", a=3)
    assert said[1][0] == "3  v1 = a * a, so with respect to operand 1, ∂v1/∂a = a = 3"
    assert said[2][0].startswith("4  v1 = a * a, so with respect to operand 2, ")


def test_back_undoes(product):
    said = product("next 8", "back", "rn 3", "print a", "back 99", "back")
    assert said[1] == ["-> 7  a.grad += b * d.grad"]
    assert last(said[:3]) == "-> 4  v3.grad = 1"
    assert said[3][1] == "a.grad = not computed   (0 of 2 contributions so far)"
    assert said[4] == ["-> 0  a = 2"]
    assert said[5] == ["*** this is the beginning; next takes the first step"]


def test_continue_and_back_to_the_beginning(product):
    said = product("c", "c", "n", "finish", "rc", "rc")
    assert last(said[:1]) == "-> the end: all 9 steps are taken"
    assert said[1] == said[2] == said[3] == ["*** this is the end; back goes back"]
    assert said[4] == ["-> 0  a = 2"]
    assert said[5] == ["*** this is the beginning; next takes the first step"]


def test_finish_ends_the_pass(product):
    said = product("finish", "finish")
    assert [each[-1] for each in said] == ["-> 4  v3.grad = 1", "-> the end: all 9 steps are taken"]


def test_until(product):
    said = product("until d", "until 5", "until", "until a", "until a", "until 3", "until zz")
    assert [each[-1][:6].strip() for each in said[:4]] == ["-> 3", "-> 5", "-> 7", "-> 8"]
    assert said[4][0] == "*** a has passed already; goto, back and reverse-continue go back"
    assert said[5][0].startswith("*** 3 has passed already")
    assert said[6][0].startswith("*** there is no node zz; the graph has ")


def test_the_beginning_of_a_command_is_enough(product):
    said = product("fin", "rev", "rest", "wher")
    assert [each[-1] for each in said[:3]] == ["-> 4  v3.grad = 1", "-> 0  a = 2", "-> 0  a = 2"]
    assert said[3][0].endswith("the root")


def test_goto_and_restart(product):
    said = product("goto 7", "goto 2", "goto end", "set a=5", "restart", "next")
    assert [each[-1] for each in said[:3]] == [
        "-> 7  a.grad += b * d.grad",
        "-> 2  d = a * b",
        "-> the end: all 9 steps are taken",
    ]
    assert said[4:] == [["-> 0  a = 2"], ["0  a = 2", "-> 1  b = -3"]]


def test_set_shows_what_changes_and_keeps_the_position(product):
    said = product("goto 7", "set b = 1/2", "print b", "info", "set b=0.5", "next")
    assert said[1] == [
        "    data       grad at the end",
        "a   2          -2 -> 1.5",
        "b   -3 -> 0.5  2",
        "d   -6 -> 1    1",
        "v3  -4 -> 3    1",
        "-> 7  a.grad += b * d.grad",
    ]
    assert said[2][0] == "b = 0.5   (step 1, set by you)"
    assert said[3][-1] == "set: b = 0.5"
    assert said[4][0] == "nothing changes"
    assert "= 0.5 * 1 = 0.5   (a.grad 1 -> 1.5, " in said[5][1]


# --- stopping -----------------------------------------------------------------------------------------


def test_breakpoints_of_every_kind(product):
    said = product(
        "break d", "tbreak 6", "b op *", "b op add if after > 0", "watch b", "b if |contribution| > 2.5", "break"
    )
    assert [each[0] for each in said[:-1]] == [
        "breakpoint 1: d",
        "breakpoint 2: 6",
        "breakpoint 3: op *",
        "breakpoint 4: op add if after > 0",
        "watch 5: b.grad changes",
        "breakpoint 6: if |contribution| > 2.5",
    ]
    assert [line.partition(" ")[2] for line in said[-1]] == [each[0].partition(" ")[2] for each in said[:-1]]


def test_where_breakpoints_stop(product):
    said = product("break d", "tbreak 6", "c", "c", "c", "c", "c", "info")
    assert said[2][-2:] == ["breakpoint 1: d", "-> 2  d = a * b"]
    assert said[3][-2:] == ["breakpoint 2: 6", "-> 6  a.grad += 1 * v3.grad"]
    assert said[4][-2:] == ["breakpoint 1: d", "-> 7  a.grad += b * d.grad"]
    assert last(said[:7]) == "-> the end: all 9 steps are taken"
    assert said[7] == ["breakpoint 1: d   (stopped 3 times)"]


def test_a_condition_on_a_node_stops_before_the_step_that_fulfils_it(product):
    said = product("break a if |grad| > 1", "continue", "next", "print |grad| > 1", "rc", "rc")
    assert said[1][-2:] == ["breakpoint 1: a if |grad| > 1", "-> 7  a.grad += b * d.grad"]
    assert said[3] == ["|grad| > 1 = True"]
    assert said[4] == said[1][-2:]
    assert last(said) == "-> 0  a = 2"


def test_a_condition_on_any_step_stops_after_it(product):
    said = product("break if |grad| > 1", "continue", "print |grad| > 1")
    assert said[1][-2:] == ["breakpoint 1: if |grad| > 1", "-> 8  b.grad += a * d.grad"]
    assert said[2] == ["|grad| > 1 = True"]


def test_an_operation_is_a_place_unless_a_node_is_called_like_it(told):
    said = told("tanh(a * b)", "break tanh", "c", "c", a=2, b=-3)
    assert [last(said[:2]), last(said)] == ["-> 3  v3 = tanh(v2)", "-> 4  v3.grad = 1"]
    said = told("mul = a * b; mul + a * a", "break mul", "c", "c", "c", a=2, b=-3)
    lines = [last(said[:count]).split("  ", 1)[1] for count in (2, 3, 4)]
    assert lines == ["mul = a * b", "a.grad += b * mul.grad", "b.grad += a * mul.grad"]


def test_a_watch_tells_the_step_that_changed_it(product):
    said = product("watch a", "c", "c", "rc")
    assert "(a.grad 0 -> 1, contribution 1 of 2)" in said[1][1]
    assert said[1][2] == "watch 1: a.grad changes"
    assert "(a.grad 1 -> -2, contribution 2 of 2)" in said[2][1]
    assert said[3] == ["watch 1: a.grad changes", "-> 7  a.grad += b * d.grad"]


def test_next_and_until_stop_too(product):
    said = product("break 2", "next 5", "finish", "rc", "until v3")
    assert said[1][-2:] == ["breakpoint 1: 2", "-> 2  d = a * b"]
    assert last(said[:3]) == "-> 4  v3.grad = 1"
    assert said[3] == ["breakpoint 1: 2", "-> 2  d = a * b"]


def test_delete(product):
    said = product("b a", "b b", "b d", "delete 2", "d all", "info", "delete 1", "delete x", "delete")
    assert said[3:6] == [["deleted 2: b"], ["deleted 1: a", "deleted 3: d"], ["no breakpoints; break NAME sets one"]]
    assert said[6] == ["*** there is no breakpoint 1; info lists them, and all means all of them"]
    assert said[7] == ["*** there is no breakpoint x; info lists them, and all means all of them"]
    assert said[8] == ["*** the number of a breakpoint is missing; info lists them, and all means all of them"]


def test_the_name_of_a_node_prints_it_whatever_commands_are_called(told):
    said = told("d = a*b; c + d*n", "break d", "next 2", "d", "c", "a", "a.grad", "d == d", "info", "n 4", "d", "n",
                "d * 2 + 1", "d.grad", "goto 9", "b.grad", a=2, b=-3, c=10, n=1)  # fmt: skip
    assert said[2:5] == [
        ["d = a * b = not made yet   (step 4)", "d.grad = not computed   (0 of 1 contribution so far)"],
        ["c = 10   (step 0)", "c.grad = not computed   (0 of 1 contribution so far)"],
        ["a = 2   (step 1)", "a.grad = not computed   (0 of 1 contribution so far)"],
    ]
    assert said[5] == ["a.grad = not known here"]
    assert said[7] == ["breakpoint 1: d"]
    assert said[8][-1] == "-> 4  d = a * b"
    assert said[10][0] == "n = 1   (step 3)"
    assert said[11:13] == [["d * 2 + 1 = not known here"], ["d.grad = not known here"]]
    assert said[14] == ["b.grad = 0"]
    plain = told("x*y", "delete", "s", "2 * 3", x=1, y=2)
    assert plain == [
        ["*** the number of a breakpoint is missing; info lists them, and all means all of them"],
        ["0  x = 1", "-> 1  y = 2"],
        ["2 * 3 = 6"],
    ]


# --- looking ------------------------------------------------------------------------------------------


def test_print(product):
    said = product("goto 7", "print", "print d", "print a.grad * 2", "print zz", "back 7", "print d", "print d.grad")
    assert said[1] == [
        "    data  grad",
        "a   2     1",
        "b   -3    0",
        "d   -6    1",
        "v3  -4    1",
    ]
    assert said[2] == ["d = a * b = -6   (step 2)", "d.grad = 1   (1 of 1 contribution so far)"]
    assert said[3] == ["a.grad * 2 = 2"]
    assert said[4][0].startswith("*** there is no zz here")
    assert said[6][0] == "d = a * b = not made yet   (step 2)"
    assert said[7] == ["d.grad = not known here"]


def test_print_of_many_numbers_is_cut(told):
    names = [f"v{i}" for i in range(50)]
    said = told("+".join(names), "print", "goto end", "print", **dict.fromkeys(names, 1))
    assert said[0] == ["nothing is computed yet; next takes the first step"]
    assert last(said) == "... 59 more; name one: print NAME"


def test_where_a_node_was_made_is_told(told):
    with record_source(), scope("layer\x1b[2J"):
        a = Value(1.0, "a")
        root = a * a
    said = told(root, "next 2", "print a")
    assert said[0][1].startswith("1  v1 = a * a = 1 * 1 = 1   (")
    assert re.search(r"   \(test_commands\.py:\d+\)$", said[0][1])
    assert "a = Value(1.0" in said[1][0]
    assert "layer\\x1b[2J" in said[1][0]


def test_displays_are_shown_after_each_move(product):
    said = product(
        "display a.grad", "display a", "next", "display", "undisplay 1", "next", "undisplay all", "next", "undisplay 7"
    )
    assert said[0] == ["1: a.grad = not known here"]
    assert said[2][-2:] == ["1: a.grad = not known here", "2: a = 2, a.grad = not computed"]
    assert said[3] == said[2][-2:]
    assert said[5][-1] == "2: a = 2, a.grad = not computed"
    assert said[7][-1] == "-> 3  v3 = d + a"
    assert said[8] == ["*** there is no display 7; display lists them, and all means all of them"]


def test_list_shows_the_program_with_marks(product):
    said = product("break a", "goto 7", "list", "list", "back", "list 3", "l 0,1", "list 4, 4")
    assert said[2] == [
        "2     d = a * b               -6",
        "3     v3 = d + a              -4",
        "4     v3.grad = 1             0 -> 1",
        "5     d.grad += 1 * v3.grad   0 -> 1",
        "6 B   a.grad += 1 * v3.grad   0 -> 1",
        "7 B-> a.grad += b * d.grad",
        "8     b.grad += a * d.grad",
    ]
    assert said[3] == ["*** this is the end of the program; list NUMBER lists around a step"]
    assert [line[0] for line in said[5]] == list("012345678")
    assert said[6] == ["0 B   a = 2", "1     b = -3"]
    assert said[7] == ["4     v3.grad = 1   0 -> 1"]


def test_list_goes_on_where_it_ended(told):
    said = told("+".join("a" * 20), "list", "list", "next", "list", "goto end", "list", a=1)
    first = [each[0].split()[0] for each in (said[0], said[1], said[3], said[5])]
    assert first == ["0", "11", "0", "53"]


def test_where_is_the_path_from_the_root(told):
    said = told("tanh(a*a + b)", "where", "goto 9", "where", "goto 7", "where", "goto end", "where", a=0.5, b=1)
    assert said[0][-2].endswith("<- here")
    assert said[2] == [
        "v4 = tanh(v3)   the root",
        f"  v3 = v2 + b   ∂v4/∂v3 = {1 - math.tanh(1.25) ** 2:.6g}",
        "    v2 = a * a   ∂v3/∂v2 = 1",
        "      a   ∂v2/∂a = 0.5   <- here",
        f"the local derivatives multiply to {(1 - math.tanh(1.25) ** 2) / 2:.6g}; this is one of 2 paths from the root",
    ]
    slope = f"{1 - math.tanh(1.25) ** 2:.6g}"
    assert said[4][-1].endswith(f"multiply to {slope} * 1 = {slope}; this is the only path from the root")
    assert said[6] == ["v4 = tanh(v3)   the root   <- here"]


def test_where_counts_paths_only_so_far(told):
    x = root = Value(1.0, "x")
    for _ in range(300):
        root = root + root
    said = told(root, "where", "goto 303", "where")
    assert last(said[:1]).endswith("this is one of about 2.04e+90 paths from the root")
    assert any(line.startswith("... 261 more") for line in said[0])
    assert x.grad is None


def test_why_is_the_sum_of_contributions(product):
    said = product("goto 7", "why a", "goto end", "why a", "why v3", "goto 0", "why v3")
    assert said[1] == [
        "a.grad is -2 at the end, the sum of 2 contributions:",
        "    step 6  v3 = d + a  ∂v3/∂a * v3.grad = 1 * 1 = 1  sum 1",
        "->  step 7  d = a * b   ∂d/∂a * d.grad = -3 * 1 = -3  sum -2",
        "so far 1; still to come -3 in 1 contribution (marked . or ->)",
    ]
    assert said[3][-1] == "the gradient is complete"
    assert said[4][1] == "    step 4  the seed  1  sum 1"
    assert said[6][-1] == "so far 0; still to come 1 in 1 contribution (marked . or ->)"


def test_why_counts_what_was_there_before(told):
    a = Value(2.0, "a")
    root = a * 3.0
    a.grad = 10.0
    said = told(root, "why a")
    assert said[0][0] == "a.grad is 13 at the end, the sum of 1 contribution:"
    assert "from before this backward pass" in said[0][1]
    assert said[0][-1].startswith("so far 10; still to come 3")


def test_graph_is_a_tree_with_the_numbers_of_the_moment(told):
    said = told("d = a*2; d*d + a", "goto 4", "graph", "goto end", "graph", a=3)
    cells = [re.split(r"  +", line.strip()) for line in said[1]]
    assert cells == [
        ["data", "local", "grad"],
        ["v4 = v3 + a", "-", "-"],
        ["├─ v3 = d * d", "36", "1", "-"],
        ["│", "├─ d = a * 2", "6", "6", "-"],
        ["│", "│", "├─ a", "3", "2", "-"],
        ["│", "│", "└─ 2", "2", "3", "-"],
        ["│", "└─ d (drawn above)", "6"],
        ["└─ a", "3", "1", "-"],
    ]
    assert [line.split() for line in said[3][1::6]] == [
        ["v4", "=", "v3", "+", "a", "39", "1"],
        ["└─", "a", "3", "1", "25"],
    ]


def test_a_large_tree_is_cut(told):
    deep = "tanh(" * 40 + "a" + ")" * 40
    said = told(deep, "graph", a=1)
    assert " ... " in said[-1][-2]
    names = [f"v{i}" for i in range(250)]
    wide = " + ".join(f"({'+'.join(names[i : i + 10])})" for i in range(0, 250, 10))
    said = told(wide, "graph", **dict.fromkeys(names, 1))
    assert last(said) == "... and more: the graph has 499 nodes; graph NAME draws a part of it"


def test_a_part_of_the_graph_is_drawn(product):
    said = product("goto 7", "graph d", "graph zz", "graph a")
    assert [line.split() for line in said[1]] == [
        ["data", "local", "grad"],
        ["d", "=", "a", "*", "b", "-6", "1"],
        ["├─", "a", "2", "-3", "1"],
        ["└─", "b", "-3", "2", "0"],
    ]
    assert said[2][0] == "*** there is no node zz; the graph has 'a', 'b', 'd' and 'v3'"
    assert said[3][1].split() == ["a", "2", "1"]


def test_the_tree_calls_nodes_as_the_debugger_does():
    with engine.scope("left"):
        first = Value(2.0, "w")
    with engine.scope("right"):
        second = Value(3.0, "w")
    session = Session(first * second + 2.0, {})
    assert "v3 = left.w * right.w" in "\n".join(run_line(session, "graph"))


def test_graph_writes_a_picture_of_the_moment(product, tmp_path):
    said = product("goto 7", f"graph {tmp_path / 'now.dot'}", f"graph {tmp_path / 'now.txt'}", "graph /nowhere/a.dot")
    assert said[1] == [f"wrote {tmp_path / 'now.dot'}"]
    picture = (tmp_path / "now.dot").read_text()
    assert "v3" in picture
    assert "-2" not in picture  # the gradient of a at the end
    assert said[2][0].startswith("*** a drawing must be saved as .svg")
    assert said[3][0].startswith("*** cannot save")


NEXT = [
    "next         the next step",
    "next COUNT   so many steps",
    "next node    all steps of a node: it is made, or its gradient is passed on to all its inputs",
    "next line    all steps of a line of your program",
]


def test_help(product):
    said = product("help", "help break", "h n", "?", "help nonsense")
    assert all(any(line.startswith(name) for line in said[0]) for name in ("next", "why", "reverse-continue", "quit"))
    assert said[1][0] == "Stop at a node, an operation, a step, or where a condition holds."
    assert said[2] == ["Take the next step, or several, and describe each.", "", *NEXT]
    assert said[3] == said[0]
    assert said[4] == ["*** unknown command nonsense; type help for a list"]


def test_an_editor_runs_commands_without_a_terminal(capsys):
    session = Session(Value(2.0, "a") * 3.0)
    assert list(run_line(session, "break v2")) == ["breakpoint 1: v2"]
    *_, stop, here = run_line(session, "c")
    assert [(line, line.style) for line in (stop, here)] == [
        ("breakpoint 1: v2", "stop"),
        ("-> 2  v2 = a * 3", "next"),
    ]
    with pytest.raises(CommandError, match="unknown command xyz"):
        run_line(session, "xyz")
    with pytest.raises(CommandError, match="the name of a command is missing"):
        run_line(session, " ")
    list(run_line(session, "quit"))
    assert (session.position, session.is_over) == (2, True)
    assert capsys.readouterr().out == ""


def test_every_command_has_help_and_every_alias_is_its_own():
    names = [name for each in COMMANDS.values() for name in (each.name, *each.aliases)]
    assert len(names) == len(set(names))
    for each in COMMANDS.values():
        sentence, blank, *usage = each.help
        assert sentence.endswith(".")
        assert blank == ""
        assert any(line.startswith(each.name) for line in usage)


# --- what goes wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("nxt", "unknown command nxt; did you mean 'next'?"),
        ("frobnicate", "unknown command frobnicate; type help for a list"),
        ("!ls", "unknown command !ls; type help for a list"),
        ("re", "re is ambiguous: reverse-continue or restart"),
        ("next 0", "the count must be from 1 to 999,999,999, not 0"),
        ("next -1", "the count must be from 1 to 999,999,999, not -1"),
        ("back x", "the count must be from 1 to 999,999,999, not x"),
        ("next " + "9" * 5000, "the count must be from 1 to 999,999,999, not 9999"),
        ("goto " + "9" * 5000, "there is no step 9999"),
        ("goto", "the number of a step is missing; steps run from 0 to 8, and 9 is the end"),
        ("goto 10", "there is no step 10; steps run from 0 to 8, and 9 is the end"),
        ("goto -1", "there is no step -1; steps run from 0 to 8, and 9 is the end"),
        ("list a", "there is no step a; steps run from 0 to 8, and 9 is the end"),
        ("list 3,99", "there is no step 99; steps run from 0 to 8, and 9 is the end"),
        ("until 99", "there is no step 99; steps run from 0 to 8, and 9 is the end"),
        ("break 99", "there is no step 99; steps run from 0 to 8, and 9 is the end"),
        ("break v33", "there is no node v33; did you mean 'v3'?"),
        ("break op sin", "this graph has no operation sin; it has 'add' and 'mul'"),
        ("break op", "the name of an operation is missing; it has 'add' and 'mul'"),
        ("break op mull", "this graph has no operation mull; did you mean 'mul'?"),
        ("break a if", "the condition is missing, as in: break if |grad| > 1"),
        ("break if", "the condition is missing, as in: break if |grad| > 1"),
        ("break a if grd > 1", "there is no grd here; did you mean 'grad'?"),
        ("watch", "the name of a node is missing; the graph has 'a', 'b', 'd' and 'v3'"),
        ("watch zz", "there is no node zz; the graph has 'a', 'b', 'd' and 'v3'"),
        ("why", "the name of a node is missing; the graph has 'a', 'b', 'd' and 'v3'"),
        ("why zz", "there is no node zz; the graph has 'a', 'b', 'd' and 'v3'"),
        ("print a +", "syntax error here"),
        ("display zz", "there is no zz here"),
        ("set a", "expected NAME=NUMBER, as in: set a=2"),
        ("set zz=1", "there is no node zz; the graph has 'a', 'b', 'd' and 'v3'"),
        ("set d=1", "only leaves can be set, and d is computed from a and b"),
        ("set a=one", "one is not a number"),
        ("set a=", "expected NAME=NUMBER, as in: set a=2"),
    ],
)
def test_wrong_commands_say_what_is_wrong_and_change_nothing(product, command, says):
    said = product("goto 5", command, "info", "display", "next")
    assert said[1][0].startswith("*** ")
    assert says in said[1][0]
    assert said[2:4] == [["no breakpoints; break NAME sets one"], []]
    assert said[4][0].startswith("5  v3")


def test_a_number_outside_the_domain_keeps_everything(told):
    said = told("log(a)", "goto 1", "set a=-1", "print a", "info", a=2)
    assert said[1][0].startswith("*** log(x) has no value at x = -1.0 (labelled 'a'): it needs x > 0.")
    assert said[2][0] == "a = 2   (step 0)"
    assert said[3] == ["no breakpoints; break NAME sets one"]


def test_a_derivative_that_does_not_exist_keeps_everything(told):
    said = told(sqrt(Value(4.0, "a")), "set a=0", "print a.data")
    assert "has no derivative" in said[0][0]
    assert said[1] == ["a.data = not known here"]


def test_what_if_leaves_plain_numbers_out(told):
    said = told("a*7", "set a=2", a=1)
    assert [line.split()[0] for line in said[0]] == ["data", "a", "v2", "->"]


def test_plain_numbers_are_steps_and_no_names(told):
    said = told("a*7 + a*7", "set 7=3", "break 7", "list 1,2", "list 10,10", a=1)
    assert said[0] == ["*** there is no node 7; the graph has 'a', 'v3', 'v4' and 'v5'"]
    assert said[1] == ["breakpoint 1: 7"]
    assert said[2][0].strip() == "1     constant 7"
    assert said[3][0].strip() == "10     (7).grad += a * v4.grad"


def test_a_plain_number_with_a_label_is_a_node_like_others(told):
    root = Value(1.0, "a") * 7.0
    root.inputs[1].label = "seven"
    said = told(root, "next 2", "set seven=8", "print")
    assert said[0][:2] == ["0  a = 1", "1  seven = 7"]
    assert said[1][-1] == "-> 2  v2 = a * seven"
    assert said[2][2].split() == ["seven", "8", "not", "computed"]


def test_numbers_may_be_infinite(told):
    said = told("a*b - a*c", "why a", "goto end", "where", "why a", a=1, b=math.inf, c=math.inf)
    assert said[0][0] == "a.grad is nan at the end, the sum of 2 contributions:"
    assert said[0][-1].startswith("so far 0; still to come nan")
    assert said[3][-1] == "the gradient is complete"


def test_a_graph_without_operations_can_be_debugged(told):
    said = told("a", "next 2", "where", "list", "break op", a=1)
    assert said[0] == [
        "0  a = 1",
        "1  da/da = 1, the seed   (a.grad 0 -> 1)",
        "-> the end: all 2 steps are taken",
    ]
    assert said[2][1] == "1     a.grad += 1   0 -> 1"
    assert said[3] == ["*** the name of an operation is missing"]


def test_debug_wants_a_value():
    with pytest.raises(TypeError, match="debug takes a Value, such as a loss, not float"):
        debug(2.0)


def test_a_rule_that_symbols_cannot_read_is_told_in_numbers(told):
    step = engine.register("steplike", lambda x: float(x > 0), lambda x, out: (1.0 if x > 0 else 0.0,))
    try:
        said = told(step(Value(2.0, "a")), "list 3", "goto 3", "next")
        assert said[0][-1].strip() == "3     a.grad += ∂v1/∂a * v1.grad"
        assert said[2][0] == "3  v1 = steplike(a), so ∂v1/∂a = 1"
    finally:
        engine.unregister("steplike")


# --- scripts ------------------------------------------------------------------------------------------


def test_debug_names_nodes_by_the_variables_of_its_caller(capsys):
    x, w = Value(2.0), [Value(3.0)]
    loss = x * w[0]
    assert engine.debug(loss, ["quit"])
    assert capsys.readouterr().out.startswith("loss = x * w[0] = 6\n")


def test_large_graphs_open_with_their_last_operation(told, capsys):
    root = Value(1.0, "x")
    for _ in range(600):
        root = root * 1.0
    debug(root, ["quit"], names={})
    assert capsys.readouterr().out.startswith("v1200 = v1199 * 1 = 1\n")
    assert len(told(root, "where")[0]) == 42


def test_comments_are_shown_and_blank_lines_skipped(told, capsys):
    root = Value(1.0, "a") * 2.0
    assert debug(root, ["# Look here.", "", "   ", "quit", "next"], names={})
    out = capsys.readouterr().out
    assert out.endswith("(stepgrad) # Look here.\n(stepgrad) quit\n")


def test_a_script_that_fails_says_so(capsys):
    a = Value(1.0, "a")
    assert debug(a * a, ["next"], names={})
    assert not debug(a * a, ["nonsense", "next"], names={})
    assert "-> 1  v1 = a * a" in capsys.readouterr().out


def test_commands_come_from_the_input_where_nobody_types(monkeypatch, capsys):
    for text, went_well in ("next\nquit\nnonsense\n", True), ("next\nnonsense\n", False):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        assert debug(Value(1.0, "a") * 2.0, names={}) is went_well
        assert "(stepgrad) next\n0  a = 1\n-> 1  constant 2\n(stepgrad) " in capsys.readouterr().out


def stepgrad(*arguments, stdin="", **environment):
    command = [sys.executable, "-m", "engine", "debug", *arguments]
    known = {**os.environ, "PYTHONIOENCODING": "utf-8", **environment}
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, cwd=ROOT, env=known, encoding="utf-8")
    return done.returncode, done.stdout, done.stderr


def test_commands_come_through_a_pipe():
    status, out, err = stepgrad("a*b + a", "a=2", "b=-3", stdin="next 3\n\nwhy a\n")
    assert (status, err) == (0, "")
    assert "2  v2 = a * b = 2 * (-3) = -6" in out
    assert out.endswith("so far 0; still to come -2 in 2 contributions (marked . or ->)\n")
    assert "\x1b" not in out


@pytest.mark.slow
def test_commands_come_from_a_file(tmp_path):
    lesson = tmp_path / "lesson.txt"
    lesson.write_text("# The chain rule\nbreak op tanh\ncontinue\n")
    status, out, err = stepgrad("tanh(a)", "a=1", "-x", str(lesson), stdin="nonsense\n")
    assert (status, err) == (0, "")
    assert "(stepgrad) # The chain rule\n" in out
    assert out.endswith("-> 1  v1 = tanh(a)\n")
    lesson.write_text("nonsense\n")
    assert stepgrad("tanh(a)", "a=1", "-x", str(lesson))[0] == 1


def test_hostile_labels_reach_no_terminal(told, tmp_path):
    a = Value(1.0, "\x1b]0;owned\x07\nsecond\u202eline\x9b31m")
    root = log(a + 2.0)
    said = told(root, "print", "graph", "list", "set \\x1b=1", "where", "why v2", "display v2", "next 9")
    shown = "\n".join(line for each in said for line in each)
    assert shown.replace("\n", "").isprintable()
    assert "\\x1b]0;owned\\x07\\nsecond\\u202eline\\x9b31m" in shown
    program = tmp_path / "program.py"
    program.write_text(f"from engine import Value\nloss = Value(1.0, {a.label!r}) * 2")
    _, out, _ = stepgrad(str(program), stdin="next 5\nprint \x1b[31m\n\x1b[2J\n")
    assert out.replace("\n", "").isprintable()


def test_what_an_encoding_lacks_is_written_in_signs():
    program = "from engine import Value, debug; debug(Value(1.0, 'σ') * 2, ['next'], names={})"
    known = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, env=known)
    assert "\\u03c3 = 1" in done.stdout
    assert done.returncode == 0


@pytest.mark.slow
def test_a_long_walk_stays_quick(calls):
    def work(count):
        """Return what opening a session, running on, going to a step and running back cost."""
        root = Value(1.0, "x")
        for i in range(count):
            root = root * 0.999 if i % 2 else root + 0.001
        opened = calls(lambda: debug(root, ["quit"], names={}))
        debugger = Shell(Session(root))
        assert debugger.session.end > 4 * count
        debugger.run("watch x")
        debugger.run("break if |grad| > 10")
        commands = "continue", f"goto {2 * count}", "reverse-continue"
        return [opened, *(calls(lambda command=command: debugger.run(command)) for command in commands)]

    small, large = work(500), work(2_000)
    assert all(after < 4.5 * before for before, after in zip(small, large, strict=True))
    assert large[2] < 1.5 * small[2]


# --- catches and counts -------------------------------------------------------------------------------


def test_catch_stops_where_something_special_happens(told):
    said = told("y = 1/x; y * 1e-300", "catch nan", "c", "info", x=1e-200)
    assert said[0] == ["catch 1: infinity or not-a-number is made"]
    assert said[1][-2] == "catch 1: infinity or not-a-number is made"
    assert said[2] == ["catch 1: infinity or not-a-number is made   (stopped 1 time)"]
    said = told("relu(x) + x", "catch kink", "c", x=0)
    assert said[1][-2:] == ["catch 1: an operation sits on its kink", "-> 2  v2 = v1 + x"]
    said = told("sqrt(x) * y", "catch undefined", "c", "rc", "c", x=0, y=2)
    assert said[1][-2] == "catch 1: a derivative does not exist"
    said = told("a", "catch", "catch fish", a=1)
    assert said[0] == ["*** what to catch must be nan, kink or undefined, as in: catch nan"]
    assert said[1] == ["*** what to catch must be nan, kink or undefined, not fish"]


def test_moves_by_node_and_by_line(told):
    with record_source():
        a, b = Value(2.0, "a"), Value(3.0, "b")
        loss = (a * b
                + a)  # fmt: skip
    said = told(loss, "next line", "next line", "next line", "next", "next node", "back node", "next line", "back line")
    assert said[0][-1] == "-> 2  v2 = a * b"
    assert said[4][-1] == "-> 7  a.grad += b * v2.grad"
    assert said[5] == ["-> 5  v2.grad += 1 * v3.grad"]
    assert said[7] == ["-> 5  v2.grad += 1 * v3.grad"]


@pytest.mark.parametrize(
    ("text", "hits"),
    [("3", [3]), ("== 2", [2]), ("=2", [2]), (">= 5", [5, 6]), ("> 5", [6]), ("<3", [1, 2]), ("<= 1", [1]),
     ("% 3", [3, 6]), ("% 0", [])],
)  # fmt: skip
def test_counts_of_hits(text, hits):
    assert [each for each in range(1, 7) if HitCount(text).holds(each)] == hits


@pytest.mark.parametrize("text", ["", "often", "-1", "3 4", "% x", "9" * 12, ">== 3"])
def test_counts_that_are_not_counts(text):
    with pytest.raises(CommandError, match="a hit count must be"):
        HitCount(text)

"""The session: names, the place in the walk, and where it stops."""

import math

import pytest

from engine import DomainError, Value, log, tanh
from engine.debugger.commands import run_line
from engine.debugger.session import Session
from engine.debugger.stop import CommandError
from engine.notation.expression import parse


@pytest.fixture
def session():
    """Steps: a 0, b 1, d = a*b 2, e = d+a 3, seed 4, d 5, a 6, a 7, b 8."""
    return Session(parse("d = a*b; d + a", a=2, b=-3), {})


def test_nodes_without_a_label_get_names_that_can_be_typed():
    x, y = Value(1.0), Value(2.0)
    root = tanh(x * 2.0 + y * 2.0) + Value(5.0)
    session = Session(root, {"x": x})
    expected = ["x", "2", "v2", "2", "v4", "v5", "v6", "v7", "v8", "v9"]
    assert [session.names[node] for node in session.walk.order] == expected
    session.set({0: 3.0})
    assert [session.names[node] for node in session.walk.order] == expected


def test_plain_numbers_are_called_by_themselves_and_are_no_names():
    root = Value(1.0, "2") * 2.0 + 2.0
    session = Session(root, {})
    assert [session.names[node] for node in session.walk.order] == ["2", "2", "2", "v3", "v4"]
    assert [session.walk.made_in(session.node(name)) for name in ("2", "v3", "v4")] == [0, 3, 4]
    root.inputs[1].label = "bias"
    assert Session(root).node("bias") is root.inputs[1]


def test_every_name_is_different_and_fit_for_a_terminal():
    root = Value(1.0, "d\n") + Value(2.0, "d\\n") + Value(3.0, "\x1b[31m") + Value(4.0, "  ") + Value(5.0, "\ud800")
    session = Session(root)
    names = [session.names[node] for node in session.walk.order]
    assert len(set(names)) == len(names)
    assert {"d\\n", "d\\n_2", "\\x1b[31m", "\\ud800"} <= set(names)
    assert all(name.isprintable() and name.strip() == name != "" for name in names)


@pytest.mark.slow
def test_many_nodes_of_one_name_are_quick():
    root = sum((Value(1.0, "w") for _ in range(20_000)), Value(0.0, "w"))
    assert Session(root).node("w_20001").data == 1.0


def test_an_unknown_name_is_answered_with_those_near(session):
    with pytest.raises(CommandError, match="there is no node dd; did you mean 'd'"):
        session.node("dd")
    with pytest.raises(CommandError, match="there is no node loss; the graph has 'a', 'b', 'd' and 'v3'$"):
        session.node("loss")
    many = Session(sum((Value(1.0, f"w{i}") for i in range(9)), Value(0.0, "bias")), {})
    with pytest.raises(CommandError, match=r"there is no node zzz; the graph has .* and 11 more$"):
        many.node("zzz")


def test_a_breakpoint_stops_before_its_steps_in_both_directions(session):
    session.add_breakpoint("d", place=2)
    found = []
    while session.position < session.end:
        session.run(session.end)
        found.append(session.position)
    assert found == [2, 7, 8, 9]
    session.run(0)
    assert session.position == 8


def test_a_leaf_stops_where_it_is_made_and_reached(session):
    session.add_breakpoint("a", place=0)
    found = []
    while session.position < session.end:
        session.run(session.end)
        found.append(session.position)
    assert found == [6, 7, 9]


def test_a_watch_stops_after_a_change_of_the_gradient(session):
    stop = session.add_breakpoint("a", place=0, changes=True)
    assert session.run(session.end) == [stop]
    assert session.walk[session.position - 1].operand.label == "a"
    assert session.run(0) == []
    assert (session.position, stop.hits) == (0, 1)


def test_a_step_that_adds_nothing_changes_nothing():
    session = Session(parse("a * 0 + b", a=2, b=1), {})
    session.add_breakpoint("a", place=session.walk.made_in(session.node("a")), changes=True)
    assert session.run(session.end) == []


def test_one_that_stops_once_is_gone(session):
    stop = session.add_breakpoint("7", index=7, once=True)
    assert session.run(session.end) == [stop]
    assert session.position == 7
    assert session.breakpoints == {}


def test_operations_are_met_by_name_and_symbol(session):
    for name in ("mul", "*"):
        session.position = 0
        stop = session.add_breakpoint(name, op=name)
        session.run(session.end)
        assert session.position == 2
        del session.breakpoints[stop.number]


def test_a_listing_shows_where_stops_stand(session):
    anywhere = session.add_breakpoint("anywhere", condition=None)
    assert not any(anywhere.stands_at(session.walk, step) for step in session.walk)
    stops = session.add_breakpoint("5", index=5), session.add_breakpoint("a", place=0, changes=True)
    stands = [step.index for step in session.walk if any(each.stands_at(session.walk, step) for each in stops)]
    assert stands == [5, 6, 7]


@pytest.mark.parametrize(
    ("since", "line", "position"),
    [
        (0, "until", 1),
        (4, "until", 5),
        (5, "until", 7),  # both operands of the root
        (8, "until", 9),
        (5, "until a", 8),  # the last contribution to a
        (0, "until d", 3),
        (0, "finish", 4),
        (3, "finish", 4),
        (4, "finish", 9),
    ],
)
def test_ends(session, since, line, position):
    session.position = since
    list(run_line(session, line))
    assert session.position == position


def test_what_if_is_what_another_program_would_have_computed():
    def program(x, y):
        return tanh(x * y + x) / y

    x, y = Value(0.5, "x"), Value(-1.5, "y")
    session = Session(program(x, y), {})
    before = session.set({0: 0.25})
    assert before is session.original
    other_x, other_y = Value(0.25), Value(-1.5)
    other = program(other_x, other_y)
    other.backward()
    end = session.walk.at(session.end)
    assert session.walk.root.data == other.data
    for name, node in (("x", other_x), ("y", other_y)):
        assert end.grad(session.node(name)) == node.grad
    assert (x.data, x.grad, y.grad) == (0.5, None, None)
    list(run_line(session, "restart"))
    assert (session.walk, session.changed) == (session.original, {})


def test_a_number_outside_the_domain_changes_nothing():
    session = Session(log(Value(2.0, "a")), {})
    walk = session.walk
    with pytest.raises(DomainError, match="log"):
        session.set({0: -1.0})
    assert session.walk is walk
    assert session.changed == {}


def test_what_if_twice_keeps_the_first():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    session = Session(a * b, {})
    session.set({0: 5.0})
    session.set({1: 7.0})
    assert session.walk.root.data == 35.0
    assert math.prod(session.changed.values()) == 35.0
    assert session.original.root.data == 6.0


def test_gradients_that_the_pass_adds_to_are_said():
    a = Value(3.0, "a")
    loss = a * a
    assert Session(loss).notices == ()
    loss.backward()
    (said,) = Session(loss).notices
    assert said.startswith("a.grad is 6 already, and the backward pass adds to it, ")
    assert Session(loss, update=0.1).notices == ()

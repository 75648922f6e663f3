"""Single questions: why zero, why not a number, the ledger, the audit of a step."""

import contextlib
import math

import pytest

import engine
from engine import GraphError, Value, ledger, record_source, step_audit, why_nan, why_zero


def test_why_zero_names_the_local_gradient_that_is_0():
    x, y = Value(-2.0, "x"), Value(3.0, "y")
    loss = x.relu() * y + y
    said = why_zero(x, loss)
    assert "every path to the loss goes through a local gradient of 0" in said
    assert "relu(x) with x = -2" in said
    assert said.count("\n") == 1


def test_why_zero_knows_contributions_that_cancel():
    x = Value(2.0, "x")
    said = why_zero(x, (x * 3.0) - (x * 3.0))
    assert "contributions cancel" in said
    assert "3 * 1 = 3" in said
    assert "3 * -1 = -3" in said


def test_why_zero_knows_what_was_not_used_and_what_is_not_zero():
    x, y = Value(2.0, "x"), Value(3.0, "y")
    assert "was not computed from it" in why_zero(x, y * 2.0)
    with pytest.raises(GraphError, match=r"not 0, but 2\.0"):
        why_zero(y, y * 2.0)


def test_why_nan_names_the_first_number_and_the_line():
    with record_source():
        x = Value(1e200, "x")
        big = x * x
    root = big - big
    for _ in range(8):
        root = root * 2.0
    said = why_nan(root)
    assert "big = x * x" in said
    assert "and 4 more" in said
    assert "x was given" in why_nan(Value(math.inf, "x"))
    with pytest.raises(GraphError, match="finite"):
        why_nan(x)


def test_a_ledger_counts_calls_and_sums_exactly():
    x, w = Value(0.1, "x"), Value(0.3)
    (x * 3.0).backward()
    with ledger(x) as book:
        loss = x * w + engine.tanh(x)
        loss.backward()
        loss.backward(seed=0.7)
        (x * x).backward()
    assert [e.call for e in book.entries] == [1, 1, 2, 2, 3, 3]
    assert book.opening == 3.0
    assert book.total == x.grad
    assert "call 3: from v1: 0.1 * 1 = 0.1" in str(book)
    before = x.grad
    (x * 2.0).backward()
    assert len(book.entries) == 6
    assert x.grad == before + 2.0


def test_a_ledger_leaves_label_and_break_as_they_were():
    x = Value(1.0)
    with ledger(x):
        x.label = "named inside"
    assert x.label == "named inside"
    assert x.note.stop is None


def test_a_ledger_leaves_breakpoints_in_force(monkeypatch):
    stops = []
    monkeypatch.setattr("sys.breakpointhook", lambda: stops.append(len(book.entries)))
    x, y = Value(2.0, "x"), Value(3.0, "y")
    x.break_on_backward(when=lambda step: step.local == 3.0)
    y.break_on_backward()
    before = x.note
    with ledger(x) as book:
        (x * y + x).backward()
    assert len(book.entries) == 2
    assert len(stops) == 2  # at the step to x with the local gradient 3, and at the one to y
    assert x.note == before
    (x * y).backward()
    assert len(stops) == 4


def test_a_ledger_sees_the_steps_at_which_a_pass_is_stopped(monkeypatch):
    stops = []
    monkeypatch.setattr("sys.breakpointhook", lambda: stops.append(len(book.entries)))
    x = Value(2.0, "x")
    with ledger(x) as book:
        (x * x).backward(stop_at=x)
        (x * x).backward(when=lambda step: True)
    assert len(book.entries) == 4
    assert stops == [1, 2, 3, 4]
    assert book.total == x.grad


def test_a_ledger_is_for_leaves():
    with pytest.raises(GraphError, match="kept for leaves"), ledger(Value(1.0) * 2.0):
        pass


def test_an_audit_splits_the_change_by_parameter():
    a, b = Value(3.0, "a"), Value(-1.0, "b")
    loss = a * a + a * b
    loss.backward()
    with step_audit(loss, [a, b]) as audit:
        for p in (a, b):
            p.data -= 0.1 * p.grad
    # a: 3 -> 2.5, gradient 5; b: -1 -> -1.3, gradient 3
    assert [(c.gradient, round(c.update, 12)) for c in audit.changes] == [(5.0, -0.5), (3.0, -0.3)]
    assert audit.predicted == pytest.approx(-2.5 - 0.9)
    assert [c.actual for c in audit.changes] == pytest.approx([2.5**2 - 2.5 - 6.0, 3.0 * -0.3])
    assert audit.actual == pytest.approx(2.5**2 - 2.5 * 1.3 - 6.0)
    lines = str(audit).split("\n")
    assert lines[1].split() == ["a", "5", "-0.5", "-2.5", "-2.25"]
    assert lines[-1].split() == ["all", "together", "-3.4", "-3"]


def test_the_total_of_a_ledger_is_the_gradient_whatever_changed_it():
    x, y = Value(3.0, "x"), Value(2.0, "y")

    def fail(step):
        raise RuntimeError

    with ledger(x) as book:
        loss = x * y
        loss.backward()
        loss.zero_grad()
        loss.backward()
        assert book.total == x.grad == 2.0
        x.grad = 10.0
        with contextlib.suppress(RuntimeError):
            loss.backward(when=fail)
        engine.Program(loss, parameters=[x, y]).backward()
        assert book.total == x.grad == 12.0
    x.backward()
    assert book.total == 12.0
    assert str(book).split("\n") == [
        "gradient of x: 0 at first",
        "  call 1: from v2: 2 * 1 = 2",
        "  set from 2 to 0",
        "  call 2: from v2: 2 * 1 = 2",
        "  set from 2 to 12",
        "  total 12",
    ]


def test_values_are_called_by_the_callers_variables():
    a, b = Value(-2.0), Value(1e-200)
    off = a.relu()
    loss = off * 3.0
    assert "with respect to a is 0 because" in why_zero(a, loss)
    assert "  off = relu(x)" in why_zero(a, loss)
    assert "  q = relu(x)" in why_zero(a, loss, names={"q": off})
    inverse = 1 / b
    assert "∂inverse/∂b = -inverse / b = -inf" in why_nan(inverse * 1e-300)
    assert "∂v3/∂v1 = " in why_nan(inverse * 1e-300, names={})
    huge = inverse * inverse * inverse
    assert "is v3 = inf" in why_nan(huge - huge)
    with ledger(a) as book, ledger(b, names={}) as unnamed:
        loss.backward()
        (loss + b).backward()
    assert str(book).startswith("gradient of a: 0 at first\n  call 1: from off: ")
    assert str(unnamed).startswith("gradient of the leaf: 0 at first")
    loss = a * b
    loss.backward()
    with step_audit(loss, [a]) as audit, step_audit(loss, [b], names={"c": b}) as other:
        a.data += 1.0
    assert [change.name for change in (*audit.changes, *other.changes)] == ["a", "c"]

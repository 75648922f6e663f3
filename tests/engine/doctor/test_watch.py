"""The watch: what it notes, what it leaves as it is, and where it stops looking."""

import linecache
import random

import pytest

import nn
from engine import Value, Watch, no_grad, sqrt
from engine.doctor import watch as watching


def train(watch, steps=4):
    w = Value(3.0, "w")
    with watch:
        for _ in range(steps):
            loss = (w - 1.0) ** 2
            w.grad = 0.0
            loss.backward()
            w.data -= 0.1 * w.grad
    return w


def test_it_notes_passes_changes_and_resets():
    watch = Watch()
    w = train(watch)
    assert [each.size for each in watch.passes] == [4] * 4
    assert [change.new for change in watch.changes][-1] == w.data
    assert all(change.is_update for change in watch.changes)
    assert [reset.old for reset in watch.resets][:2] == [None, 4.0]
    assert not any(reset.is_derived for reset in watch.resets)
    assert watch.losses[0] == 4.0
    assert watch.variables["w"] is w


def test_a_program_that_is_not_watched_has_no_properties():
    train(Watch())
    assert "data" not in vars(Value)
    assert "grad" not in vars(Value)
    assert random.shuffle.__self__ is random._inst
    assert Watch.current() is None


def test_of_nested_watches_the_innermost_looks_on():
    outer, inner = Watch(), Watch()
    w = Value(3.0)
    with outer:
        w.data = 4.0
        with inner:
            assert Watch.current() is inner
            w.data = 5.0
        assert Watch.current() is outer
        w.data = 6.0
    assert [change.new for change in outer.changes] == [4.0, 6.0]
    assert [change.new for change in inner.changes] == [5.0]
    assert outer.inner is inner
    assert "data" not in vars(Value)


def test_an_error_closes_it():
    with pytest.raises(ZeroDivisionError), Watch():
        1 / 0  # noqa: B018
    assert "data" not in vars(Value)


def test_numbers_and_gradients_are_read_and_written_as_usual():
    with Watch():
        w = Value(2.0)
        h = w * 3.0
        h.data = 7.0  # of a result, which is not noted
        assert (w.data, w.grad, h.data) == (2.0, None, 7.0)
        h.grad = 1.0
        w.grad = 5
        assert (w.grad, h.grad) == (5, 1.0)
        del w.grad
        with pytest.raises(AttributeError):
            _ = w.grad


def test_shuffled_lists_are_noted_and_shuffled_as_without_it():
    items, same = list(range(9)), list(range(9))
    random.seed(3)
    random.shuffle(same)
    with Watch() as watch:
        random.seed(3)
        random.shuffle(items)
        random.Random(5).shuffle(items)
        random.shuffle(x=[1, 2])
    assert len(watch.shuffles) == 2
    random.Random(5).shuffle(same)
    assert items == same


def test_operands_are_noted_also_where_they_are_not_recorded():
    with Watch() as watch, no_grad():
        h = Value(2.0) * 3.0
    assert h.inputs == ()
    assert len(watch.recent[h].inputs) == 2


def test_an_undefined_gradient_counts_as_0():
    x = Value(0.0)
    y = Value(2.0)
    with Watch() as watch:
        (sqrt(x) + y * y).backward()
    assert watch.passes[0].gradients == [0.0, 4.0]


@pytest.mark.parametrize(("limit", "size"), [("MAX_NOTES", 4), ("MAX_NODES", 8)])
def test_it_stops_looking_when_it_has_seen_enough(monkeypatch, limit, size):
    monkeypatch.setattr(watching, limit, size)
    watch = Watch()
    with watch:
        w = train_in(watch)
        assert "data" not in vars(Value)
        history = fit()
    assert watch.is_full
    assert len(watch.passes) < 4 == len(watch.losses)
    assert w.data != 3.0
    assert len(history.losses) == 2
    assert not watch.is_rehearsed
    assert watch.diagnose() == []


def train_in(watch):
    w = Value(3.0, "w")
    for _ in range(4):
        loss = (w - 1.0) ** 2
        w.grad = 0.0
        loss.backward()
        w.data -= 0.1 * w.grad
    return w


def fit():
    nn.manual_seed(0)
    model = nn.Neuron(1)
    return nn.fit(model, ([[0.0], [1.0]], [1.0, 2.0]), optimiser=nn.SGD(model.parameters(), lr=0.1), epochs=2)


def test_of_many_graphs_the_first_and_the_last_are_kept(monkeypatch):
    monkeypatch.setattr(watching, "MAX_KEPT", 20)
    watch = Watch()
    train(watch, 9)
    assert [bool(each.order) for each in watch.passes] == [True] * 3 + [False] * 4 + [True] * 2
    assert watch.diagnose() == []


def test_a_training_by_programs_is_shown_at_its_ends():
    with Watch() as watch:
        history = fit()
    assert watch.is_rehearsed
    assert len(watch.passes) == 2
    assert watch.losses == history.losses
    assert watch.passes[0].loss == pytest.approx(history.losses[0])
    assert watch.diagnose() == []


def test_a_program_without_a_file_is_examined_too():
    text = """
for _ in range(4):
    loss = (w * 2.0 - 1.0) ** 2
    {step}
"""
    for step, code in {
        "loss.backward(); w.data -= 0.1 * w.grad": "stale-gradients",
        "w.data -= 0.01 * (w.grad or 0.0); w.grad = 0.0; loss.backward()": "updated-before-backward",
        "w.grad = 0.0; loss.backward(); loss.backward(); w.data -= 0.01 * w.grad": "backward-twice",
    }.items():
        with Watch() as watch:
            exec(text.format(step=step), {"w": Value(3.0, "w")})
        assert watch.diagnose().codes[0] == code


def test_a_text_that_python_cannot_parse_is_not_asked():
    lines = ["%matplotlib inline\n", "'''\n"]
    linecache.cache["<cell>"] = 1, None, lines, "<cell>"
    program = """
for _ in range(4):
    loss = (w * 2.0 + v - 1.0) ** 2
    w.grad = v.grad = 0.0
    loss.backward()
    w.data -= 0.1 * w.grad
"""
    with Watch() as watch:
        exec(compile(program, "<cell>", "exec"), {"w": Value(3.0, "w"), "v": Value(1.0, "v")})
    assert watch.diagnose().codes == ["not-updated"]


def test_variables_may_be_given_for_names():
    class Model:
        def __init__(self):
            self.slope = Value(0.5)

        def parameters(self):
            raise NotImplementedError

    model = Model()

    def step():
        (model.slope * 2.0 - 1.0 + model.slope).backward()
        model.slope.data -= 0.1 * model.slope.grad

    with Watch() as watch:
        for _ in range(3):
            step()
    assert "model.slope" in str(watch.diagnose({"model": model}))

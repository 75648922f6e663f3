"""Training programs: in Python and natively it is what training with Values is, step by step."""

import math
import random
import time

import pytest

import nn
from engine import DomainError, UsageError, Value, log
from engine.program.program import Program
from engine.program.python import backend as python
from nn.errors import SettingError
from nn.training import Training, training
from tests.engine.program.graphs import bits

OPTIMISERS = {
    "SGD": lambda p: nn.SGD(p, lr=0.05),
    "decay": lambda p: nn.SGD(p, lr=0.05, weight_decay=0.1),
    "momentum": lambda p: nn.SGD(p, lr=0.05, momentum=0.9, dampening=0.1),
    "nesterov": lambda p: nn.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "RMSprop": lambda p: nn.RMSprop(p, lr=0.01, centered=True, momentum=0.5),
    "Adagrad": lambda p: nn.Adagrad(p, lr=0.1, lr_decay=0.1),
    "Adam": lambda p: nn.Adam(p, lr=0.02, amsgrad=True),
    "AdamW": lambda p: nn.AdamW(p, lr=0.02),
}
ROWS = [[0.5, 1.0, 1.0], [1.5, -0.5, 0.0], [-1.0, 0.25, 1.0], [0.0, 2.0, -1.0], [0.75, -1.5, 0.5]]
UNROLLED, LOOPED, NATIVE = "unrolled", "looped", "native"
KINDS = [UNROLLED, LOOPED, pytest.param(NATIVE, marks=pytest.mark.needs_compiler)]


def backend_of(kind):
    return "native" if kind == NATIVE else "python"


class Task:
    """A small network with an unused parameter, its loss as a program, and the same with Values."""

    def __init__(self, name="SGD"):
        nn.manual_seed(42)
        self.model = nn.MLP(2, [3, 1], activation="tanh")
        self.parameters = [*self.model.parameters(), Value(0.5, "unused")]
        self.optimiser = OPTIMISERS[name](self.parameters)
        inputs = [Value(1.0, "x0"), Value(2.0, "x1"), Value(0.5, "y")]
        self.inputs = inputs
        self.root = self.loss(inputs)

    def loss(self, row):
        return (self.model(list(row[:2])) - row[2]) ** 2

    def training(self, kind, batch_size=1, monkeypatch=None, rows=ROWS):
        if kind == LOOPED and monkeypatch:
            monkeypatch.setattr(python, "MAX_UNROLLED", 0)
        return Training(self.program(kind), self.optimiser, rows, batch_size)

    def program(self, kind=UNROLLED):
        return Program(self.root, self.inputs, self.parameters, backend=backend_of(kind))

    def eagerly(self, steps, batch_size=1, rates=None, first=0):
        losses = []
        starts = range(0, len(ROWS), batch_size)
        for step in range(first, first + steps):
            start = starts[step % len(starts)]
            rows = ROWS[start : start + batch_size]
            for p in self.parameters:
                p.grad = None
            loss = sum(map(self.loss, rows)) * (1.0 / len(rows)) if len(rows) > 1 else self.loss(rows[0])
            loss.backward()
            self.optimiser.lr = rates[step - first] if rates else self.optimiser.lr
            self.optimiser.step()
            losses.append(loss.data)
        return losses

    @property
    def state(self):
        numbers = [p.data for p in self.parameters]
        return [*numbers, *(number for state in self.optimiser.states for _, number in sorted(state.items()))]


def assert_same(kind, found, expected):
    if kind == NATIVE:
        assert found == pytest.approx(expected, rel=1e-10, abs=1e-14)
    else:
        assert bits(*found) == bits(*expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", OPTIMISERS)
def test_training_is_training_with_values(name, kind, monkeypatch):
    eager, task = Task(name), Task(name)
    trained = task.training(kind, monkeypatch=monkeypatch)
    assert_same(kind, trained.run(53), eager.eagerly(53))
    assert_same(kind, task.state, eager.state)
    assert [list(state) for state in task.optimiser.states] == [list(state) for state in eager.optimiser.states]
    assert_same(kind, task.eagerly(4, first=53), eager.eagerly(4, first=53))  # and so it goes on
    task.optimiser.betas = eager.optimiser.betas = (0.5, 0.5)  # another rule, where there are betas
    trained.run(3), eager.eagerly(3, first=53)
    assert_same(kind, task.state, eager.state)


@pytest.mark.parametrize("kind", [LOOPED, pytest.param(NATIVE, marks=pytest.mark.needs_compiler)])
@pytest.mark.parametrize("batch_size", [2, 3, None])
def test_batches_need_not_divide_the_rows(batch_size, kind):
    eager, task = Task("Adam"), Task("Adam")
    losses = task.training(kind, batch_size).run(20)
    assert losses == pytest.approx(eager.eagerly(20, batch_size or len(ROWS)), rel=1e-10)
    assert task.state == pytest.approx(eager.state, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_each_step_may_have_its_rate(kind, monkeypatch):
    rates = [0.1 / (1 + step) for step in range(12)]
    eager, task = Task("momentum"), Task("momentum")
    trained = task.training(kind, monkeypatch=monkeypatch)
    assert_same(kind, trained.run(12, rates), eager.eagerly(12, rates=rates))
    assert_same(kind, task.state, eager.state)
    assert task.optimiser.lr == 0.05
    with pytest.raises(ValueError, match="13 steps need 13 rates, one for each, not 12"):
        trained.run(13, rates)
    assert trained.run(0) == []


@pytest.mark.parametrize("kind", KINDS)
def test_states_of_parameters_may_differ(kind, monkeypatch):
    eager, task = Task("Adam"), Task("Adam")
    for each in (eager, task):
        each.parameters[0].grad = 1.0
        each.optimiser.step()  # one parameter is a step ahead of the others
    trained = task.training(kind, monkeypatch=monkeypatch)
    assert_same(kind, trained.run(10), eager.eagerly(10))
    assert_same(kind, task.state, eager.state)


@pytest.mark.parametrize("kind", KINDS)
def test_states_may_begin_to_differ(kind, monkeypatch):
    eager, task = Task("Adam"), Task("Adam")
    trained = task.training(kind, monkeypatch=monkeypatch)
    assert_same(kind, trained.run(10), eager.eagerly(10))
    for each in (eager, task):
        for place, p in enumerate(each.parameters):
            p.grad = None if place else 1.0
        each.optimiser.step()
    assert_same(kind, trained.run(5), eager.eagerly(5))
    assert_same(kind, task.state, eager.state)


@pytest.mark.parametrize("kind", KINDS)
def test_an_interrupted_training_leaves_the_last_complete_step(kind, monkeypatch):
    eager, task = Task("AdamW"), Task("AdamW")
    seen = []

    def stop(losses):
        seen.append(len(losses))
        if len(losses) >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        task.training(kind, monkeypatch=monkeypatch).run(1_000_000, [0.01] * 1_000_000, stop)
    assert seen == sorted(seen) and seen[0] == 1
    eager.eagerly(seen[-1], rates=[0.01] * seen[-1])
    assert_same(kind, task.state, eager.state)
    assert task.optimiser.lr == 1e-3 * 20


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_what_has_no_value_leaves_the_last_complete_step(name, kind, monkeypatch):
    def task():
        w, x = Value(1.5, "w"), Value(1.0, "x")
        return w, x, OPTIMISERS[name]([w])

    rows = [[1.0], [2.0], [3.0], [0.5], [-1.0], [1.0]]
    w, x, optimiser = task()
    program = Program(log(w * x), [x], [w], backend=backend_of(kind))
    monkeypatch.setattr(python, "MAX_UNROLLED", 0 if kind == LOOPED else 2_000)
    trained = Training(program, optimiser, rows, 1)
    with pytest.raises(DomainError) as found:
        trained.run(20)

    v, _, eager = task()
    with pytest.raises(DomainError) as expected:
        for row in rows:
            eager.zero_grad()
            log(v * row[0]).backward()
            eager.step()
    assert str(found.value).split(" at ")[0] == str(expected.value).split(" at ")[0]
    assert_same(kind, [w.data, *optimiser.states[0].values()], [v.data, *eager.states[0].values()])


@pytest.mark.parametrize("kind", KINDS)
def test_an_update_that_divides_by_0_leaves_the_last_complete_step(kind, monkeypatch):
    def task():
        w, x = Value(1.5, "w"), Value(1.0, "x")
        return w, x, nn.RMSprop([w], alpha=0.0, eps=0.0)

    rows = [[1.0], [2.0], [3.0], [0.0], [1.0]]
    w, x, optimiser = task()
    monkeypatch.setattr(python, "MAX_UNROLLED", 0 if kind == LOOPED else 2_000)
    trained = Training(Program((w * x - 1.0) ** 2, [x], [w], backend=backend_of(kind)), optimiser, rows, 1)
    with pytest.raises(SettingError, match="divides by 0"):
        trained.run(20)
    v, _, eager = task()
    for row in rows[:3]:
        eager.zero_grad()
        ((v * row[0] - 1.0) ** 2).backward()
        eager.step()
    assert_same(kind, [w.data, *optimiser.states[0].values()], [v.data, *eager.states[0].values()])


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_that_are_not_finite_train_as_values_do(kind, monkeypatch):
    w, x = Value(1.0), Value(1.0)
    monkeypatch.setattr(python, "MAX_UNROLLED", 0 if kind == LOOPED else 2_000)
    trained = Training(
        Program(w * x, [x], [w], backend=backend_of(kind)), nn.SGD([w], lr=1.0), [[1.0], [1e308], [1e308], [1.0]], 1
    )
    assert trained.run(4) == [1.0, 0.0, -math.inf, -math.inf]
    assert w.data == -math.inf


@pytest.mark.parametrize("kind", KINDS)
def test_slow_steps_are_taken_in_few_at_once(kind, monkeypatch):
    task, eager = Task(), Task()
    monkeypatch.setattr(training, "SLICE", -1.0)
    seen = []
    assert_same(
        kind,
        task.training(kind, monkeypatch=monkeypatch).run(6, progress=lambda losses: seen.append(len(losses))),
        eager.eagerly(6),
    )
    assert seen == [1, 2, 3, 4, 5, 6]


def test_what_a_training_cannot_be_made_of():
    task = Task()
    with pytest.raises(UsageError, match="the optimiser updates other parameters than the program"):
        Training(task.program(), nn.SGD(task.parameters[:-1]), ROWS)
    with pytest.raises(ValueError, match="at least one row"):
        Training(task.program(), task.optimiser, [])
    with pytest.raises(SettingError, match="batch_size must be a whole number of at least 1, not 0"):
        Training(task.program(), task.optimiser, ROWS, 0)
    with pytest.raises(TypeError, match="takes 3 numbers"):
        Training(task.program(), task.optimiser, [[1.0]])


def test_labels_cannot_disturb_the_update():
    names = ["_each_3", "each_3", "all_5", "common_steps", "mean_of_each_3", "d_each_3", "rate", "states", "unused_0"]
    weights = [
        [Value(0.25 * place, name if labelled else "") for place, name in enumerate(names)] for labelled in (0, 1)
    ]
    for values in weights:
        x = Value(1.0, "x")
        optimiser = nn.Adam(values)
        loss = sum((w * x).tanh() for w in values)
        Training(Program(loss, [x], values), optimiser, [[1.0], [0.5]], 1).run(10)
    assert bits(*(w.data for w in weights[0])) == bits(*(w.data for w in weights[1]))


class Own:
    """An optimiser that is not one of nn's, with a state that stays a plain number."""

    def __init__(self, parameters):
        self.parameters, self.lr = parameters, 0.1
        self.states = [{"fixed": 2.0, "last": 0.0, "unused": 5.0} for _ in parameters]

    def updated(self, p, g, state):
        return p - self.lr * (g + state["last"]), {"fixed": 2.0, "last": g * state["fixed"], "unused": 5.0}

    def step(self):
        for place, p in enumerate(self.parameters):
            if p.grad is None:
                continue
            p.data, self.states[place] = self.updated(p.data, p.grad, self.states[place])


@pytest.mark.parametrize("kind", KINDS)
def test_optimisers_of_your_own(kind, monkeypatch):
    eager, task = Task(), Task()
    for each in (eager, task):
        each.optimiser = Own(each.parameters)
    assert_same(kind, task.training(kind, monkeypatch=monkeypatch).run(7), eager.eagerly(7))
    assert_same(kind, task.state, eager.state)


@pytest.mark.needs_compiler
def test_a_long_program_is_trained_as_a_list(monkeypatch):
    from engine.program.native import backend as native

    for name in dir(native):
        if name.startswith("MAX_STRAIGHT"):
            monkeypatch.setattr(native, name, 0)
    for batch_size in (1, 2):
        eager, task = Task("Adam"), Task("Adam")
        assert task.training(NATIVE, batch_size).run(9) == pytest.approx(eager.eagerly(9, batch_size), rel=1e-10)
        assert task.state == pytest.approx(eager.state, rel=1e-9)


@pytest.mark.needs_compiler
def test_native_training_of_many_parameters():
    draw = random.Random(3)
    x = [Value(draw.uniform(-1.0, 1.0)) for _ in range(3)]
    found = []
    for backend in ("python", "native"):
        weights = [Value(0.01 * place) for place in range(21)]
        loss = sum((w * x[place % 3]).tanh() * (place + 1.0) for place, w in enumerate(weights)) ** 2
        rows = [[0.1 * row, 0.5, -0.25 * row] for row in range(10)]
        trained = Training(Program(loss, x, weights, backend=backend), nn.Adam(weights, lr=0.05), rows, 4)
        start = time.perf_counter()
        found.append([*trained.run(40), *(w.data for w in weights)])
        assert time.perf_counter() - start < 30.0
    assert found[1] == pytest.approx(found[0], rel=1e-9, abs=1e-12)

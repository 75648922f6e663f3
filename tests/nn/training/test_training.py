"""Training loops: the same numbers as training eagerly, whatever takes the steps."""

import copy
import random

import pytest

import engine
import nn
from engine import DomainError, Program, UsageError, Value, compiled, relu, where
from engine.program.native import backend as native
from nn.training import Training
from nn.training.training import update_of

KINDS = {
    "SGD": lambda ps: nn.SGD(ps, lr=0.05),
    "momentum": lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9, dampening=0.1, weight_decay=0.01),
    "Nesterov": lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9, nesterov=True),
    "RMSprop": lambda ps: nn.RMSprop(ps, lr=0.01, centered=True, momentum=0.5),
    "Adagrad": lambda ps: nn.Adagrad(ps, lr=0.1, lr_decay=0.1),
    "Adam": lambda ps: nn.Adam(ps, lr=0.01, weight_decay=0.001),
    "AMSGrad": lambda ps: nn.Adam(ps, lr=0.01, amsgrad=True),
    "AdamW": lambda ps: nn.AdamW(ps, lr=0.01),
}
WAYS = {
    "unrolled": ("python", {}),
    "python": ("python", {"engine.program.python.backend.MAX_UNROLLED": 0}),
    "straight": (
        "native",
        {
            "engine.program.native.backend.MAX_STRAIGHT": 10**9,
            "engine.program.native.backend.MAX_STRAIGHT_FOR_ROWS": 10**9,
        },
    ),
    "list": (
        "native",
        {"engine.program.native.backend.MAX_STRAIGHT": 0, "engine.program.native.backend.MAX_STRAIGHT_FOR_ROWS": 0},
    ),
}
EVERY_WAY = [
    pytest.param(way, marks=[pytest.mark.needs_compiler] if backend == "native" else [])
    for way, (backend, _) in WAYS.items()
]


def problem():
    """Return a program of a small network, its parameters, and rows."""
    nn.manual_seed(7)
    model = nn.MLP(2, [3, 1], activation="tanh")
    x, y = [Value(0.1, "x0"), Value(0.2, "x1")], Value(1.0, "y")
    parameters = [*model.parameters(), Value(0.5, "not used")]
    draw = random.Random(3)
    rows = [[draw.gauss(0.0, 1.0) for _ in range(3)] for _ in range(7)]
    return (model(x) - y) ** 2, [*x, y], parameters, rows


def eager_training(make, steps, batch_size, rates=None):
    """Return losses, parameters and optimiser of a training in which every step records its graph."""
    root, inputs, parameters, rows = problem()
    optimiser = make(parameters)
    batches = [rows[i : i + batch_size] for i in range(0, len(rows), batch_size)]
    losses = []
    for step in range(steps):
        batch = batches[step % len(batches)]
        program = Program(root, inputs, parameters)
        if len(batch) == 1:  # by a graph of its own
            nodes = engine.graph.record_again(
                program.plan.order,
                {
                    **{p: p.data for p in parameters if p in program.plan.order},
                    **dict(zip(inputs, batch[0], strict=True)),
                },
            )
            nodes[root].backward()
            losses.append(nodes[root].data)
            for p in parameters:
                p.grad = nodes[p].grad if p in nodes else None
        else:
            replays = [program(*row) for row in batch]
            losses.append(sum(r.loss for r in replays) / len(batch))
            for place, p in enumerate(parameters):
                p.grad = sum(r.gradients[place] for r in replays) / len(batch) if p in program.plan.order else None
        if rates:
            optimiser.lr = rates[step]
        optimiser.step()
    return losses, [p.data for p in parameters], optimiser


@pytest.mark.slow
@pytest.mark.parametrize("way", EVERY_WAY)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch_size", [1, 3, 7])
def test_every_optimiser_in_every_way(monkeypatch, way, kind, batch_size):
    backend, settings = WAYS[way]
    for name, setting in settings.items():
        monkeypatch.setattr(name, setting)
    rates = [0.05 / (1 + step) for step in range(12)] if kind in ("SGD", "Adam") else None
    expected, numbers, optimiser = eager_training(KINDS[kind], 12, batch_size, rates)
    root, inputs, parameters, rows = problem()
    ours = KINDS[kind](parameters)
    loop = Training(Program(root, inputs, parameters, backend=backend), ours, rows, batch_size)
    losses = [*loop.run(5, rates and rates[:5]), *loop.run(7, rates and rates[5:])]
    if batch_size == 1 and backend == "python":
        assert losses == expected
        assert [p.data for p in parameters] == numbers
        assert ours.states == optimiser.states
    else:
        assert losses == pytest.approx(expected, rel=1e-11)
        assert [p.data for p in parameters] == pytest.approx(numbers, rel=1e-10)
        assert [sorted(state) for state in ours.states] == [sorted(state) for state in optimiser.states]
        for found, state in zip(ours.states, optimiser.states, strict=True):
            assert found == pytest.approx(state, rel=1e-9, abs=1e-15)
    if kind != "SGD":
        assert ours.lr == KINDS[kind]([Value(1.0)]).lr


@pytest.mark.parametrize("way", EVERY_WAY)
def test_training_goes_on_from_numbers_that_somebody_changed(monkeypatch, way):
    backend, settings = WAYS[way]
    for name, setting in settings.items():
        monkeypatch.setattr(name, setting)
    found = []
    for interrupted in (False, True):
        root, inputs, parameters, rows = problem()
        optimiser = nn.Adam(parameters, lr=0.01)
        loop = Training(Program(root, inputs, parameters, backend=backend), optimiser, rows, 1)
        loop.run(3)
        parameters[0].data = 0.25
        if interrupted:
            optimiser.betas = (0.5, 0.9)
            loop.run(1)
            optimiser.betas = (0.9, 0.999)
        found.append(loop.run(4))
    assert found[0] != found[1]


# --- interruptions and errors -------------------------------------------------------------------------


@pytest.mark.parametrize("way", EVERY_WAY)
def test_an_interruption_leaves_the_last_complete_step(monkeypatch, way):
    backend, settings = WAYS[way]
    for name, setting in settings.items():
        monkeypatch.setattr(name, setting)
    root, inputs, parameters, rows = problem()
    loop = Training(Program(root, inputs, parameters, backend=backend), nn.Adam(parameters), rows, 1)
    done = []

    def interrupt(losses):
        done[:] = losses
        if len(losses) > 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop.run(1000, progress=interrupt)
    assert 5 < len(done) < 1000
    left = [p.data for p in parameters]
    expected, numbers, _ = eager_training(nn.Adam, len(done), 1)
    assert done == pytest.approx(expected, rel=1e-12)
    assert left == pytest.approx(numbers, rel=1e-12)


@pytest.mark.parametrize("way", EVERY_WAY)
@pytest.mark.parametrize("batch_size", [1, 2])
def test_an_error_leaves_the_last_complete_step(monkeypatch, way, batch_size):
    backend, settings = WAYS[way]
    for name, setting in settings.items():
        monkeypatch.setattr(name, setting)
    x, w = Value(2.0, "x"), Value(1.0, "w")
    program = Program(w * engine.log(x), [x], [w], backend=backend)
    optimiser = nn.SGD([w], lr=0.1, momentum=0.5)
    rows = [[2.0]] * 6 + [[-1.0]] * 2
    loop = Training(program, optimiser, rows, batch_size)
    with pytest.raises(DomainError, match=r"log\(x\) has no value at x = -1.0 \(labelled 'x'\)"):
        loop.run(100)
    twin = Value(1.0)
    reference = nn.SGD([twin], lr=0.1, momentum=0.5)
    for _ in range(6 // batch_size):
        twin.grad = engine.log(2.0)
        reference.step()
    assert w.data == pytest.approx(twin.data, rel=1e-14)
    assert optimiser.states[0] == pytest.approx(reference.states[0], rel=1e-14)


@pytest.mark.parametrize("way", EVERY_WAY)
def test_numbers_that_look_like_trouble_but_are_none(monkeypatch, way):
    backend, settings = WAYS[way]
    for name, setting in settings.items():
        monkeypatch.setattr(name, setting)
    x, w = Value(1.0, "x"), Value(1e300, "w")
    program = Program(engine.tanh(w * x), [x], [w], backend=backend)  # overflows, as Python's products may
    loop = Training(program, nn.SGD([w], lr=0.1), [[1.0], [1e20], [1.0]], 1)
    assert loop.run(4) == [1.0, 1.0, 1.0, 1.0]
    endless = Training(Program(w * x, [x], [w], backend=backend), nn.SGD([w], lr=0.1), [[1.0], [1e20]], 1)
    assert endless.run(3)[1] == float("inf")


def test_losses_are_reported_as_they_come():
    root, inputs, parameters, rows = problem()
    seen = []
    losses = Training(Program(root, inputs, parameters), nn.SGD(parameters), rows).run(
        9, progress=lambda so_far: seen.append(list(so_far))
    )
    assert seen[-1] == losses
    assert all(earlier == losses[: len(earlier)] for earlier in seen)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda p, ps, rows: Training(p, nn.SGD(ps[1:]), rows), UsageError, "updates other parameters"),
        (lambda p, ps, rows: Training(p, nn.SGD(ps), []), ValueError, "at least one row"),
        (
            lambda p, ps, rows: Training(p, nn.SGD(ps), rows, 0),
            nn.SettingError,
            "batch_size must be a whole number",
        ),
        (lambda p, ps, rows: Training(p, nn.SGD(ps), [[1.0]]), TypeError, "takes 3 numbers"),
        (
            lambda p, ps, rows: Training(p, nn.SGD(ps), rows).run(2, [0.1]),
            ValueError,
            "2 steps need 2 rates, one for each, not 1",
        ),
    ],
)
def test_wrong_calls_are_told(call, error, says):
    root, inputs, parameters, rows = problem()
    with pytest.raises(error, match=says):
        call(Program(root, inputs, parameters), parameters, rows)


def test_an_optimiser_that_divides_by_zero_is_told():
    w = Value(1.0)
    optimiser = nn.Adagrad([w], eps=0.0)
    with pytest.raises(nn.SettingError, match="set eps"):
        Training(Program(w * 0.0, [], [w]), optimiser, [[]]).run(1)


def test_an_optimiser_whose_rule_cannot_be_read_is_asked_at_each_step():
    found = []
    for trained in (False, True):
        w = Value(1.0)
        optimiser = nn.RMSprop([w], centered=True, eps=0.0)  # which divides by 0 at many numbers
        if trained:
            Training(Program(w * w, [], [w]), optimiser, [[]]).run(3)
        else:
            for _ in range(3):
                w.grad = 2.0 * w.data
                optimiser.step()
        found.append(w.data)
    assert found[0] == found[1] != 1.0


def test_states_that_differ_are_each_parameters_own():
    a, b = Value(1.0), Value(2.0)
    optimiser = nn.Adam([a, b])
    a.grad = 1.0
    optimiser.step()  # only a
    b.grad = 1.0
    optimiser.step()
    update = update_of(optimiser, optimiser.states)
    assert (update.shared, sorted(update.own)) == ([], ["mean", "square", "steps"])
    twin = copy.deepcopy(optimiser)
    program = Program(a * b, [], [a, b])
    losses = Training(program, optimiser, [[]]).run(3)
    expected = []
    for _ in range(3):
        x, y = twin.parameters
        expected.append(x.data * y.data)
        x.grad, y.grad = y.data, x.data
        twin.step()
    assert losses == expected
    assert optimiser.states == twin.states


def test_native_constants_say_where_straight_line_code_pays():
    assert 0 < native.MAX_STRAIGHT < native.MAX_STRAIGHT_FOR_ROWS


@pytest.mark.parametrize("way", EVERY_WAY)
def test_rows_are_taken_in_the_order_asked_for(monkeypatch, way):
    backend, settings = WAYS[way]
    for name, setting in settings.items():
        monkeypatch.setattr(name, setting)
    size = 1 if way == "unrolled" else 3
    orders = [[6, 2, 0, 1, 5, 4, 3], [0, 1, 2, 3, 4, 5, 6], [3, 1, 4, 0, 6, 5, 2]]

    def trained(in_place):
        root, inputs, parameters, rows = problem()
        program, optimiser = Program(root, inputs, parameters, backend=backend), nn.Adam(parameters, lr=0.01)
        loop = Training(program, optimiser, rows, size)
        losses = []
        for order in orders:
            if in_place:
                loop.reorder(order)
            else:
                loop = Training(program, optimiser, [rows[i] for i in order], size)
            losses += loop.run(len(loop.batches) - 1)  # an order begins anew, even if the last one was not through
        return losses, [p.data for p in parameters]

    assert trained(in_place=True) == trained(in_place=False)


@pytest.mark.parametrize("order", [[0, 1], [0, 1, 2, 3, 4, 5, 5], [1, 2, 3, 4, 5, 6, 7]])
def test_an_order_has_every_row_once(order):
    root, inputs, parameters, rows = problem()
    loop = Training(Program(root, inputs, parameters), nn.SGD(parameters), rows)
    with pytest.raises(ValueError, match="an order of 7 rows has each number from 0 to 6 once"):
        loop.reorder(order)


# --- of compiled functions ----------------------------------------------------------------------------


def squared(model, x, y):
    return (model(x) - y) ** 2


@pytest.mark.parametrize("backend", ["python", pytest.param("native", marks=pytest.mark.needs_compiler)])
def test_a_compiled_function_is_trained_on_samples(backend):
    xs, ys = [[0.5, 1.0], [-1.0, 2.0], [0.25, 0.0]], [1.0, 0.0, 0.5]
    model, twin = nn.MLP(2, [3, 1], activation="tanh"), nn.MLP(2, [3, 1], activation="tanh")
    twin.load_state_dict(model.state_dict())
    optimiser = nn.SGD(twin.parameters(), lr=0.1, momentum=0.5)
    expected = []
    for step in range(9):
        loss = squared(twin, xs[step % 3], ys[step % 3])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        expected.append(loss.data)
    samples = [(model, x, y) for x, y in zip(xs, ys, strict=True)]
    optimiser = nn.SGD(model.parameters(), lr=0.1, momentum=0.5)
    training = Training(compiled(squared, backend=backend), optimiser, samples, batch_size=1)
    assert training.run(9) == pytest.approx(expected, rel=1e-12)
    assert [p.data for p in model.parameters()] == pytest.approx([p.data for p in twin.parameters()], rel=1e-12)


def test_samples_of_different_structure_or_with_branches_cannot_be_trained_on():
    model = nn.MLP(2, [1])
    optimiser = nn.SGD(model.parameters())
    with pytest.raises(ValueError, match="at least one row"):
        Training(compiled(squared), optimiser, [])
    with pytest.raises(UsageError, match="differ in structure"):
        Training(compiled(squared), optimiser, [(model, [1.0, 2.0], 1.0), (model, [1.0, 2.0], 1)])
    branching = compiled(lambda model, x: relu(model(x)) if model(x) > 0.0 else model(x))
    with pytest.raises(UsageError, match=r"write where\(condition, x, y\)"):
        Training(branching, optimiser, [(model, [1.0, 2.0])])
    steady = compiled(lambda model, x: where(x[0], relu(model(x)), model(x)))
    assert len(Training(steady, optimiser, [(model, [1.0, 2.0])]).run(2)) == 2


class Remembering(nn.SGD):
    """An optimiser whose states change places, and hold the parameter from before the step."""

    def updated(self, p, g, state):
        before = {"one": state.get("two", 0.0), "two": state.get("one", 1.0), "before": p}
        return p - self.lr * g - 0.125 * before["one"], before


@pytest.mark.parametrize("way", EVERY_WAY)
def test_all_numbers_of_a_step_change_at_once(monkeypatch, way):
    backend, settings = WAYS[way]
    for name, setting in settings.items():
        monkeypatch.setattr(name, setting)
    w, x = Value(1.0, "w"), Value(1.0, "x")
    optimiser, other = Remembering([w], lr=0.5), Remembering([Value(1.0)], lr=0.5)
    Training(Program(w * x, [x], [w], backend=backend), optimiser, [[1.0]]).run(6)
    for _ in range(6):
        other.parameters[0].grad = 1.0
        other.step()
    assert (w.data, optimiser.states) == (other.parameters[0].data, other.states)

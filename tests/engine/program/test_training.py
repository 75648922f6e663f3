"""Training loops: the same numbers as training eagerly, whatever takes the steps."""

import copy
import random

import pytest

import engine
import nn
from engine import DomainError, Program, UsageError, Value
from engine.program import training
from engine.program.native import backend as native

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
    "unrolled": (False, {}),
    "python": (False, {"engine.program.training.MOST_UNROLLED": 0}),
    "straight": (
        True,
        {
            "engine.program.native.backend.MOST_STRAIGHT": 10**9,
            "engine.program.native.backend.MOST_STRAIGHT_FOR_ROWS": 10**9,
        },
    ),
    "list": (
        True,
        {"engine.program.native.backend.MOST_STRAIGHT": 0, "engine.program.native.backend.MOST_STRAIGHT_FOR_ROWS": 0},
    ),
}
EVERY_WAY = [
    pytest.param(way, marks=[pytest.mark.needs_compiler] if is_native else []) for way, (is_native, _) in WAYS.items()
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
            nodes = engine.graph.recorded_again(
                program.plan.order,
                {
                    **{p: p.data for p in parameters if p in program.plan.order},
                    **dict(zip(inputs, batch[0], strict=True)),
                },
            )
            nodes[root].backward()
            losses.append(nodes[root].data)
            for p in parameters:
                p.grad = (nodes[p].grad if p in nodes else 0.0) or 0.0
        else:
            replays = [program(*row) for row in batch]
            losses.append(sum(r.loss for r in replays) / len(batch))
            for place, p in enumerate(parameters):
                p.grad = sum(r.gradients[place] for r in replays) / len(batch)
        if rates:
            optimiser.lr = rates[step]
        optimiser.step()
    return losses, [p.data for p in parameters], optimiser


@pytest.mark.parametrize("way", EVERY_WAY)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch_size", [1, 3, 7])
def test_every_optimiser_in_every_way(monkeypatch, way, kind, batch_size):
    is_native, settings = WAYS[way]
    for name, setting in settings.items():
        monkeypatch.setattr(name, setting)
    rates = [0.05 / (1 + step) for step in range(12)] if kind in ("SGD", "Adam") else None
    expected, numbers, optimiser = eager_training(KINDS[kind], 12, batch_size, rates)
    root, inputs, parameters, rows = problem()
    ours = KINDS[kind](parameters)
    loop = training.Training(Program(root, inputs, parameters), ours, rows, batch_size, native=is_native)
    losses = [*loop.run(5, rates and rates[:5]), *loop.run(7, rates and rates[5:])]
    if batch_size == 1 and not is_native:
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
    is_native, settings = WAYS[way]
    for name, setting in settings.items():
        monkeypatch.setattr(name, setting)
    found = []
    for interrupted in (False, True):
        root, inputs, parameters, rows = problem()
        optimiser = nn.Adam(parameters, lr=0.01)
        loop = training.Training(Program(root, inputs, parameters), optimiser, rows, 1, native=is_native)
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
    is_native, settings = WAYS[way]
    for name, setting in settings.items():
        monkeypatch.setattr(name, setting)
    root, inputs, parameters, rows = problem()
    loop = training.Training(Program(root, inputs, parameters), nn.Adam(parameters), rows, 1, native=is_native)
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
    is_native, settings = WAYS[way]
    for name, setting in settings.items():
        monkeypatch.setattr(name, setting)
    x, w = Value(2.0, "x"), Value(1.0, "w")
    program = Program(w * engine.log(x), [x], [w])
    optimiser = nn.SGD([w], lr=0.1, momentum=0.5)
    rows = [[2.0]] * 6 + [[-1.0]] * 2
    loop = training.Training(program, optimiser, rows, batch_size, native=is_native)
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
    is_native, settings = WAYS[way]
    for name, setting in settings.items():
        monkeypatch.setattr(name, setting)
    x, w = Value(1.0, "x"), Value(1e300, "w")
    program = Program(engine.tanh(w * x), [x], [w])  # overflows, as Python's products may
    loop = training.Training(program, nn.SGD([w], lr=0.1), [[1.0], [1e20], [1.0]], 1, native=is_native)
    assert loop.run(4) == [1.0, 1.0, 1.0, 1.0]
    endless = training.Training(Program(w * x, [x], [w]), nn.SGD([w], lr=0.1), [[1.0], [1e20]], 1, native=is_native)
    assert endless.run(3)[1] == float("inf")


def test_losses_are_reported_as_they_come():
    root, inputs, parameters, rows = problem()
    seen = []
    losses = training.Training(Program(root, inputs, parameters), nn.SGD(parameters), rows, native=False).run(
        9, progress=lambda so_far: seen.append(list(so_far))
    )
    assert seen[-1] == losses
    assert all(earlier == losses[: len(earlier)] for earlier in seen)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda p, ps, rows: training.Training(p, nn.SGD(ps[1:]), rows), UsageError, "updates other parameters"),
        (lambda p, ps, rows: training.Training(p, nn.SGD(ps), []), ValueError, "no rows"),
        (lambda p, ps, rows: training.Training(p, nn.SGD(ps), rows, 0), ValueError, "batch_size=0 is none"),
        (lambda p, ps, rows: training.Training(p, nn.SGD(ps), [[1.0]]), TypeError, "takes 3 numbers"),
        (lambda p, ps, rows: training.Training(p, nn.SGD(ps), rows).run(2, [0.1]), ValueError, "1 rates for 2 steps"),
    ],
)
def test_wrong_calls_are_told(call, error, says):
    root, inputs, parameters, rows = problem()
    with pytest.raises(error, match=says):
        call(Program(root, inputs, parameters), parameters, rows)


def test_a_program_trains_itself_in_its_own_way(monkeypatch):
    root, inputs, parameters, rows = problem()
    assert not Program(root, inputs, parameters).training(nn.SGD(parameters), rows).native
    losses = Program(root, inputs, parameters).training(nn.SGD(parameters, lr=0.1), rows).run(50)
    assert losses[-1] < losses[0]


def test_an_optimiser_that_divides_by_zero_is_told():
    w = Value(1.0)
    optimiser = nn.Adagrad([w], eps=0.0)
    with pytest.raises(nn.SettingError, match="set eps"):
        training.Training(Program(w * 0.0, [], [w]), optimiser, [[]], native=False).run(1)


def test_an_optimiser_whose_rule_cannot_be_read_is_asked_at_each_step():
    found = []
    for trained in (False, True):
        w = Value(1.0)
        optimiser = nn.RMSprop([w], centered=True, eps=0.0)  # which divides by 0 at many numbers
        if trained:
            training.Training(Program(w * w, [], [w]), optimiser, [[]], native=False).run(3)
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
    rule = training.Rule(optimiser)
    assert (rule.common, sorted(rule.own)) == ([], ["mean", "square", "steps"])
    twin = copy.deepcopy(optimiser)
    program = Program(a * b, [], [a, b])
    losses = training.Training(program, optimiser, [[]], native=False).run(3)
    expected = []
    for _ in range(3):
        x, y = twin.parameters
        expected.append(x.data * y.data)
        x.grad, y.grad = y.data, x.data
        twin.step()
    assert losses == expected
    assert optimiser.states == twin.states


def test_native_constants_say_where_straight_line_code_pays():
    assert 0 < native.MOST_STRAIGHT < native.MOST_STRAIGHT_FOR_ROWS


@pytest.mark.parametrize("way", EVERY_WAY)
def test_rows_are_taken_in_the_order_asked_for(monkeypatch, way):
    is_native, settings = WAYS[way]
    for name, setting in settings.items():
        monkeypatch.setattr(name, setting)
    size = 1 if way == "unrolled" else 3
    orders = [[6, 2, 0, 1, 5, 4, 3], [0, 1, 2, 3, 4, 5, 6], [3, 1, 4, 0, 6, 5, 2]]

    def trained(in_place):
        root, inputs, parameters, rows = problem()
        program, optimiser = Program(root, inputs, parameters), nn.Adam(parameters, lr=0.01)
        loop = training.Training(program, optimiser, rows, size, native=is_native)
        losses = []
        for order in orders:
            if in_place:
                loop.reorder(order)
            else:
                loop = training.Training(program, optimiser, [rows[i] for i in order], size, native=is_native)
            losses += loop.run(len(loop.starts) - 1)  # an order begins anew, even if the last one was not through
        return losses, [p.data for p in parameters]

    assert trained(in_place=True) == trained(in_place=False)


@pytest.mark.parametrize("order", [[0, 1], [0, 1, 2, 3, 4, 5, 5], [1, 2, 3, 4, 5, 6, 7]])
def test_an_order_has_every_row_once(order):
    root, inputs, parameters, rows = problem()
    loop = training.Training(Program(root, inputs, parameters), nn.SGD(parameters), rows)
    with pytest.raises(ValueError, match="an order of 7 rows has the numbers 0 to 6, each once"):
        loop.reorder(order)

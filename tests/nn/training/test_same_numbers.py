"""Whatever backend computes a training, its numbers are those of eager, or an error says why they cannot be."""

import gc
import math
import os

import pytest

import nn
from engine import Program, Value, exp, sign, where
from nn.training import Callback, Shaping, Training, cosine
from tests.interrupts import interrupted_everywhere

from .fuzz import optimisers

DATA = [[0.5, 1.0], [1.5, -0.5], [-0.25, 0.75], [0.1, -1.0]], [1.0, 0.0, 0.5, 0.25]
IS_LONG = os.environ.get("STEPGRAD_LONG") == "1"
NATIVE = pytest.param("native", marks=pytest.mark.needs_compiler)


def trained(backend, kind=lambda ps: nn.SGD(ps, lr=0.05), model=None, callbacks=(), **settings):
    """Return everything that is left of a training that always begins the same."""
    nn.manual_seed(0)
    optimisers.reset()
    model = model() if model else nn.MLP(2, [3, 1], "tanh")
    optimiser = kind(model.parameters())
    given = {"epochs": 4, "batch_size": 2, **settings}
    history = nn.fit(model, DATA, None, optimiser, backend=backend, callbacks=list(callbacks), progress=False, **given)
    parameters = model.parameters()
    return (
        history.losses, history.rates, [p.data for p in parameters], [p.grad for p in parameters], optimiser.states,
        optimiser.lr, history.stopped,
    )  # fmt: skip


# --- optimisers of one's own ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", optimisers.OWN, ids=lambda kind: kind.__name__)
def test_an_optimiser_of_one_s_own_follows_its_own_rule(kind):
    expected = trained("eager", lambda ps: kind(ps, lr=0.05))
    for backend in ("auto", "python"):
        assert trained(backend, lambda ps: kind(ps, lr=0.05)) == expected


@pytest.mark.parametrize("name", ["step", "updated", "zero_grad"])
def test_a_function_that_replaces_one_of_an_optimiser_is_called(name):
    def kind(parameters):
        return optimisers.replaced(nn.SGD(parameters, lr=0.05), name)

    assert trained("auto", kind) == trained("eager", kind) != trained("eager")


@pytest.mark.needs_compiler
def test_native_code_that_is_asked_for_refuses_rules_of_one_s_own():
    for kind in (optimisers.Signs, optimisers.Limited, optimisers.Smooth):
        with pytest.raises(nn.SettingError, match=f"{kind.__name__} has a rule of its own; backend='auto' lets the"):
            trained("native", lambda ps, kind=kind: kind(ps, lr=0.05))

    def replace(run):
        run.optimiser = optimisers.Signs(run.optimiser.parameters, lr=0.05)

    with pytest.raises(nn.SettingError, match="backend='native' cannot take the steps of this optimiser: Signs has"):
        trained("native", callbacks=[replace])


def test_an_optimiser_may_change_its_learning_rate():
    losses, rates, *_, rate, _ = trained("auto", lambda ps: optimisers.Decaying(ps, lr=0.05))
    assert rates == pytest.approx([0.05 * 0.9**i for i in range(len(losses))])
    assert rate == pytest.approx(0.05 * 0.9 ** len(losses))


@pytest.mark.parametrize("kind", [optimisers.Signs, optimisers.Twice, optimisers.Rprop])
def test_a_training_of_a_program_follows_the_optimiser_s_own_rule(kind):
    found = []
    for is_looped in (False, True):
        x, w, v = Value(0.5), Value(0.3), Value(-0.2)
        optimiser, rows, losses = kind([w, v], lr=0.05), [[0.5], [-1.0], [2.0]], []
        loss = (w * x + v * x * x - 1.0) ** 2
        if is_looped:
            losses = Training(Program(loss, [x], [w, v]), optimiser, rows, 1).run(9)
        for (number,) in [] if is_looped else rows * 3:
            loss = (w * number + v * number * number - 1.0) ** 2
            w.grad = v.grad = None
            loss.backward()
            optimiser.step()
            losses.append(loss.data)
        found.append((losses, w.data, v.data, optimiser.states))
    assert found[0] == found[1]


# --- parameters that the loss does not depend on --------------------------------------------------------


class Partly(nn.Module):
    """A network with parameters that nothing uses, that only the sign uses, and that only a condition uses."""

    def __init__(self):
        super().__init__()
        self.w, self.unused, self.flat, self.chooses = (Value(5.0, name) for name in ("w", "unused", "flat", "chooses"))

    def forward(self, x):
        return self.w * x[0] + sign(self.flat) * 0.1 + where(self.chooses, x[1], -1.0)


@pytest.mark.parametrize("kind", [
    lambda ps: nn.SGD(ps, lr=0.1, weight_decay=1.0), lambda ps: nn.SGD(ps, lr=0.01, momentum=0.9, weight_decay=0.5),
    lambda ps: nn.Adam(ps, lr=0.1, weight_decay=0.1), lambda ps: nn.AdamW(ps, lr=0.1), nn.RMSprop,
    lambda ps: nn.Adagrad(ps, lr=0.1, weight_decay=0.1, eps=0.01),
])  # fmt: skip
@pytest.mark.parametrize("shaping", [None, Shaping(l2=0.1, clip_norm=0.5), Shaping(l1=0.1)])
def test_a_parameter_without_a_gradient_is_left_alone(kind, shaping):
    expected = trained("eager", kind, Partly, shaping=shaping)
    _, _, numbers, gradients, states, *_ = expected
    assert (numbers[1], gradients[1], states[1]) == (5.0, None, {})
    for backend in ("auto", "python"):
        assert trained(backend, kind, Partly, shaping=shaping) == expected


@pytest.mark.needs_compiler
def test_a_parameter_without_a_gradient_is_left_alone_by_native_code():
    def decaying(parameters):
        return nn.SGD(parameters, lr=0.1, weight_decay=1.0)

    expected, found = (trained(backend, decaying, Partly) for backend in ("eager", "native"))
    assert found[0] == pytest.approx(expected[0], rel=1e-12)
    assert found[2] == pytest.approx(expected[2], rel=1e-12)
    assert (found[2][1], found[3][1]) == (5.0, None)


@pytest.mark.needs_torch
def test_what_is_left_alone_is_that_of_pytorch():
    torch = pytest.importorskip("torch")
    w, unused = (torch.tensor(5.0, dtype=torch.float64, requires_grad=True) for _ in range(2))
    theirs = torch.optim.SGD([w, unused], lr=0.1, weight_decay=1.0)
    for _ in range(3):
        theirs.zero_grad()
        (w * 0.5 - 1.0).square().backward()
        theirs.step()
    v, spare = Value(5.0), Value(5.0)
    optimiser = nn.SGD([v, spare], lr=0.1, weight_decay=1.0)
    nn.fit(lambda x: v * x[0], ([[0.5]], [1.0]), optimiser=optimiser, epochs=3)
    assert (v.data, spare.data) == (pytest.approx(w.item()), unused.item())


def test_outputs_that_the_loss_does_not_look_at_leave_their_parameters_alone():
    for backend in ("eager", "auto"):
        w, v = Value(1.0), Value(1.0)
        optimiser = nn.SGD([w, v], lr=0.1, weight_decay=1.0)
        nn.fit(lambda x: [w * x[0], v * x[0]], ([[1.0]], [0.5]), lambda o, t: (o[0] - t) ** 2, optimiser, 2,
               backend=backend)  # fmt: skip
        assert w.data < 1.0
        assert (v.data, v.grad) == (1.0, None)


# --- the numbers after a training -----------------------------------------------------------------------


@pytest.mark.parametrize("settings", [
    {}, {"shaping": Shaping(clip_value=0.05)}, {"shaping": Shaping(l1=0.01, l2=0.1)}, {"batch_size": 1},
    {"shaping": Shaping(clip_norm=0.1)}, {"schedule": "cosine"}, {"schedule": cosine(0.1)}, {"batch_size": None},
])  # fmt: skip
def test_parameters_have_the_gradients_that_were_used_last(settings):
    expected, seen = trained("eager", nn.Adam, **settings), []
    assert None not in expected[3]
    assert trained("python", nn.Adam, **settings) == expected
    for backend in ("eager", "python"):
        noted = []
        trained(backend, nn.Adam, callbacks=[lambda run: noted.append([p.grad for p in run.optimiser.parameters])],
                **settings)  # fmt: skip
        seen.append(noted)
    assert seen[0] == seen[1] and len(seen[0]) == 4


@pytest.mark.needs_compiler
def test_native_code_leaves_the_gradients_that_were_used_last():
    for shaping in (None, Shaping(clip_value=0.05)):
        expected, found = (trained(backend, shaping=shaping) for backend in ("eager", "native"))
        assert found[3] == pytest.approx(expected[3], rel=1e-9)


def test_gradients_of_other_values_stay_as_they_are():
    for backend in ("eager", "auto"):
        w, other = Value(1.0), Value(2.0)
        other.grad = 0.5
        nn.fit(lambda x: w * x[0] + other, DATA, optimiser=nn.SGD([w], lr=0.1), epochs=2, backend=backend)
        assert other.grad == 0.5


@pytest.mark.parametrize("backend", ["eager", "python", NATIVE])
def test_a_loss_is_never_negative_zero(backend):
    w = Value(0.0)
    for size in (1, 2):
        settings = {"optimiser": nn.SGD([w], lr=0.0), "epochs": 2, "batch_size": size, "backend": backend}
        history = nn.fit(lambda x: w * x[0], ([[1.0], [1.0]], [0.0, 0.0]), lambda o, t: o * -1.0, **settings)
        assert [math.copysign(1.0, loss) for loss in history.losses] == [1.0] * len(history.losses)


# --- callbacks ------------------------------------------------------------------------------------------


def change_decay(run):
    run.optimiser.weight_decay = 0.3


def change_rate(run):
    run.optimiser.lr *= 0.5


def reload(run):
    states = run.optimiser.state_dict()
    run.optimiser.load_state_dict({**states, "states": [dict.fromkeys(s, 0.5) for s in states["states"]]})


def forget(run):
    run.optimiser.states = [{} for _ in run.optimiser.parameters]


def freeze(run):
    del run.optimiser.parameters[0], run.optimiser.states[0]


def replace_optimiser(run):
    run.optimiser = nn.Adam(run.optimiser.parameters, lr=0.02)


def replace_by_own(run):
    run.optimiser = optimisers.Signs(run.optimiser.parameters, lr=0.02)


def change_parameters(run):
    for p in run.optimiser.parameters:
        p.data *= 0.9


def change_data(run):
    run.samples.inputs[0][0] = 0.75
    run.samples.targets[1] = 0.9


def change_momentum(run):
    run.optimiser.momentum = 0.2


CHANGES = [
    change_decay, change_rate, change_momentum, reload, forget, freeze, replace_optimiser, replace_by_own,
    change_parameters, change_data,
]  # fmt: skip


class AfterStep(Callback):
    def __init__(self, act):
        self.act, self.count = act, 0

    def after_step(self, run):
        self.count += 1
        if self.count in (3, 4):
            self.act(run)


@pytest.mark.parametrize("shaping", [None, Shaping(l1=0.01), Shaping(l2=0.1), Shaping(clip_value=0.05, clip_norm=0.1)])
@pytest.mark.parametrize("change", CHANGES)
def test_what_a_callback_changes_takes_effect(change, shaping):
    def momentum(parameters):
        return nn.SGD(parameters, lr=0.05, momentum=0.9)

    def after_some(run):
        if run.epoch in (1, 2):
            change(run)

    for callback in (lambda: after_some, lambda: AfterStep(change)):
        expected = trained("eager", momentum, shaping=shaping, callbacks=[callback()])
        for backend in ("auto", "python"):
            assert trained(backend, momentum, shaping=shaping, callbacks=[callback()]) == expected
    if change is not change_momentum:
        assert expected != trained("eager", momentum, shaping=shaping)


def test_schedules_with_memory_and_callbacks_that_set_the_rate():
    def course(backend):
        counts = []
        return trained(backend, schedule=lambda i, n: counts.append(i) or 1.0 / len(counts), callbacks=[change_rate])

    assert course("auto") == course("eager")


# --- losses that are not finite -------------------------------------------------------------------------

LOSSES = {
    "mean_squared_error": "mean_squared_error", "half_squared_error": "half_squared_error",
    "power": lambda o, t: (o - t) ** 4, "product": lambda o, t: (o - t) * (o - t),
    "exponential": lambda o, t: exp((o - t) * (o - t)), "absolute": "mean_absolute_error",
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_a_training_that_diverges_ends_at_the_same_step_with_the_same_words(name):
    found = []
    for backend in ("eager", "python", "auto"):
        w = Value(0.5, "w")
        history = nn.fit(lambda x: w * x[0], ([[3.0], [5.0]], [1.0, 0.0]), LOSSES[name],
                         nn.SGD([w], lr=1e200 if name == "absolute" else 10.0), 600, 1, backend=backend,
                         shuffle=False)  # fmt: skip
        found.append((history.stopped, len(history.losses), len(history.rates), w.data))
    stopped, count, *_ = found[0]
    if name == "absolute":
        assert stopped == "" and count == 1200
    else:
        assert stopped == f"the loss is inf at step {count}; lower the learning rate"
        assert math.isfinite(w.data)  # the last step was not taken
    assert found == [found[0]] * 3


@pytest.mark.needs_compiler
@pytest.mark.parametrize("target", [math.nan, math.inf])
def test_data_that_are_not_finite_end_it_at_the_same_step(target):
    found = []
    for backend in ("eager", "python", "native"):
        w = Value(0.5, "w")
        data = [[1.0], [2.0], [3.0]], [0.5, 0.5, target]
        history = nn.fit(lambda x: w * x[0], data, "mean_absolute_error", nn.SGD([w], lr=0.1), 5, 1, backend=backend,
                         shuffle=False)  # fmt: skip
        found.append((history.stopped, [repr(loss) for loss in history.losses], w.data))
    assert found[0][0] == f"the loss is {target} at step 3: target 2 of the data is not finite: {target}"
    assert found == [found[0]] * 3


def test_a_loss_that_is_not_finite_at_once_has_another_reason():
    w = Value(1e300, "w")
    history = nn.fit(lambda x: w * x[0], ([[1e10]], [0.0]), "mean_absolute_error", nn.SGD([w]), 5)
    assert (
        history.stopped
        == "the loss is inf at step 1, before any update; scale the data, or begin with smaller parameters"
    )
    w.data = math.nan
    history = nn.fit(lambda x: w * x[0], ([[1.0]], [0.0]), "mean_absolute_error", nn.SGD([w]), 5)
    assert history.stopped.startswith("the loss is nan at step 1: the parameter Value(nan, ")
    assert "'w'" in history.stopped
    history = nn.fit(lambda x: w * x[0], ([[1.0, math.nan]], [[0.0, 1.0]]), lambda o, t: o - t[0], nn.SGD([w]), 5)
    assert history.stopped == "the loss is nan at step 1: input 0 of the data is not finite: [1.0, nan]"


def test_the_learning_rate_must_be_one():
    def change(run):
        run.optimiser.lr = "0.1"

    for backend in ("eager", "auto"):
        with pytest.raises(nn.SettingError, match=r"the learning rate must be a finite number .*, not '0\.1'"):
            trained(backend, callbacks=[change])
        with pytest.raises(nn.SettingError, match="what the schedule returns at step 1 must be .* not nan"):
            trained(backend, schedule=lambda i, n: math.nan if i else 1.0)
        with pytest.raises(nn.SettingError, match="what the schedule returns at step 0 must be .* not None"):
            trained(backend, schedule=lambda i, n: None)


def test_gradients_as_large_as_floats_are_clipped():
    for gradients, expected in (([1e160], [1.0]), ([3e200, -4e200], [0.6, -0.8]), ([1e-3], [1e-3])):
        parameters = [Value(0.0) for _ in gradients]
        optimiser = nn.SGD(parameters, lr=1.0)
        for p, g in zip(parameters, gradients, strict=True):
            p.grad = g
        Shaping(clip_norm=1.0).shape(optimiser)
        assert [p.grad for p in parameters] == pytest.approx(expected)


# --- interruptions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["python", NATIVE])
@pytest.mark.parametrize("kind", [nn.Adam, lambda ps, lr: optimisers.Rprop(ps, lr=lr)])
def test_an_interrupted_run_leaves_the_last_complete_step(kind, backend):
    def make(steps=0):
        x, weights = Value(0.5), [Value(0.1), Value(0.2), Value(0.3)]
        loss = (weights[0] * x + weights[1] * x * x + weights[2] - 1.0) ** 2
        made = Training(Program(loss, [x], weights, backend=backend), kind(weights, lr=0.1), [[0.5], [0.25]], 1)
        made.run(steps)
        return made

    def numbers(made):
        return [p.data for p in made.optimiser.parameters], made.optimiser.states

    whole = [numbers(make(steps)) for steps in range(6)]
    seen = set()
    for made, place in interrupted_everywhere(make, lambda made: made.run(5), stride=5 if IS_LONG else 19):
        assert numbers(made) in whole, place
        assert made.optimiser.lr == 0.1
        assert gc.isenabled(), place
        seen.add(whole.index(numbers(made)))
    assert {0, 1} <= seen
    assert len(seen) >= 3


# --- models that a trace cannot follow ------------------------------------------------------------------


class Drawing(nn.Module):
    """A model that draws a random number, and then does something with its output."""

    def __init__(self, act):
        super().__init__()
        self.w, self.act = Value(0.5, "w"), act

    def forward(self, x):
        y = self.w * x[0] + 0.1 * nn.rand()
        self.act(y, x)
        return y


def raising(y, x):
    raise ValueError("not this one")


@pytest.mark.parametrize("act", [lambda y, x: y.data, lambda y, x: float(y), lambda y, x: f"{y}", lambda y, x: None])
def test_what_is_drawn_before_a_trace_ends_is_drawn_once(act):
    def course(backend):
        nn.manual_seed(1)
        model = Drawing(act)
        history = nn.fit(model, DATA, optimiser=nn.SGD([model.w], lr=0.1), epochs=2, batch_size=1, backend=backend)
        return history.losses, history.backend, nn.rand()

    assert course("auto") == course("eager")
    with pytest.raises(nn.SettingError, match="backend='python' cannot replay this model: "):
        course("python")


@pytest.mark.parametrize("backend", ["eager", "auto", "python"])
def test_what_a_model_raises_is_raised_as_it_is(backend):
    w = Value(0.5)
    with pytest.raises(ValueError, match="not this one"):
        nn.fit(
            lambda x: raising(w, x) if x[0] > 1.0 else w * x[0], DATA, optimiser=nn.SGD([w], lr=0.1), backend=backend
        )


def test_an_error_that_only_a_trace_raises_is_a_refusal():
    w = Value(0.5)

    def model(x):
        return w * plain(x[0])

    def plain(number):
        if hasattr(number, "inputs"):
            raise RuntimeError("this is not a float")
        return number

    for backend in ("eager", "auto"):
        assert len(nn.fit(model, DATA, optimiser=nn.SGD([w], lr=0.1), epochs=1, backend=backend)) == 1
    with pytest.raises(nn.SettingError, match="backend='python' cannot replay this model: this is not a float"):
        nn.fit(model, DATA, optimiser=nn.SGD([w], lr=0.1), epochs=1, backend="python")


@pytest.mark.needs_compiler
def test_native_steps_before_an_overflow_leave_their_gradients():
    found = []
    for backend in ("eager", "native"):
        w = Value(0.5, "w")
        optimiser, data = nn.SGD([w], lr=10.0), ([[3.0], [5.0]], [1.0, 0.0])
        history = nn.fit(lambda x: w * x[0], data, optimiser=optimiser, epochs=600, batch_size=1, backend=backend,
                         shuffle=False)  # fmt: skip
        found.append((len(history.losses), w.grad, w.data))
    assert found[1] == pytest.approx(found[0], rel=1e-9)

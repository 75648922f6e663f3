"""fit: the same numbers by every backend, what callbacks see, and when a training ends."""

import io
import os
import signal
import sys
import threading

import pytest

import nn
from engine import DomainError, StepgradError, Value
from nn.training import Callback, EarlyStopping, Shaping

BACKENDS = ["eager", "python", pytest.param("native", marks=pytest.mark.needs_compiler)]
DATA = nn.data.moons(30, noise=0.2, seed=4)
TRAIN, HELD_OUT = DATA.split(0.7)


def trained(backend, make=lambda: nn.MLP(2, [4, 1], "tanh"), data=TRAIN, rate=0.05, **settings):
    """Return the history and the parameters of a training from always the same start."""
    nn.manual_seed(11)
    model = make()
    settings = {"epochs": 4, "batch_size": 5, "validation": HELD_OUT, **settings}
    history = nn.fit(model, data, optimiser=nn.Adam(model.parameters(), lr=rate), backend=backend, **settings)
    return history, model.state_dict()


def courses(history):
    measured = [(e.loss, e.accuracy, e.validation_loss, e.validation_accuracy) for e in history.epochs]
    return history.losses, history.rates, measured


CASES = {
    "batches": {},
    "single samples": {"batch_size": 1},
    "all at once": {"batch_size": None, "shuffle": False},
    "penalties": {"shaping": Shaping(l1=0.01, l2=0.02)},
    "clipped": {"shaping": Shaping(clip_value=0.05, clip_norm=0.1, l2=0.01)},
    "scheduled": {"schedule": "cosine", "seed": 3},
    "a loss that checks probabilities": {
        "make": lambda: nn.MLP(2, [3, 1], "tanh", output_activation="sigmoid"),
        "loss": "binary_cross_entropy",
    },
    "margins": {"loss": nn.hinge},
    "scores": {"make": lambda: nn.MLP(2, [4, 2], "relu"), "loss": nn.cross_entropy},
    "margins of scores": {"make": lambda: nn.MLP(2, [4, 2], "relu"), "loss": "hinge"},
    "a loss of one's own": {"loss": lambda outputs, target: (outputs - target) ** 2},
}


@pytest.mark.parametrize("case", CASES)
def test_every_engine_gives_the_same_numbers(case):
    expected, numbers = trained("eager", **CASES[case])
    program, its_numbers = trained("python", **CASES[case])
    assert (expected.backend, program.backend) == ("eager", "python")
    if case == "a loss of one's own":  # whole targets make a program each, and sums are added up in another order
        assert program.losses == pytest.approx(expected.losses, rel=1e-12)
        assert its_numbers == pytest.approx(numbers, rel=1e-9)
    else:
        assert courses(program) == courses(expected)
        assert its_numbers == numbers


@pytest.mark.needs_compiler
@pytest.mark.parametrize("case", CASES)
def test_native_code_gives_them_but_for_rounding(case):
    expected, numbers = trained("eager", **CASES[case])
    native, its_numbers = trained("native", **CASES[case])
    assert native.backend == "native"
    assert native.losses == pytest.approx(expected.losses, rel=1e-9)
    assert [e.validation_loss for e in native.epochs] == pytest.approx(
        [e.validation_loss for e in expected.epochs], rel=1e-9
    )
    assert [e.accuracy for e in native.epochs] == [e.accuracy for e in expected.epochs]
    assert its_numbers == pytest.approx(numbers, rel=1e-8)


def test_an_epoch_is_told_with_the_numbers_that_one_computes_by_hand():
    history, _ = trained("python", epochs=2, batch_size=8)
    nn.manual_seed(11)
    model = nn.MLP(2, [4, 1], "tanh")
    again = nn.fit(model, TRAIN, optimiser=nn.Adam(model.parameters(), lr=0.05), epochs=2, batch_size=8)
    first, last = history.epochs
    sizes = [8, 8, 5]
    assert first.loss == pytest.approx(sum(s * x for s, x in zip(sizes, history.losses[:3], strict=True)) / 21)
    assert (first.number, first.step, last.number, last.step) == (1, 3, 2, 6)
    outputs = [model(x) for x in HELD_OUT.inputs]
    loss = nn.binary_cross_entropy_with_logits(outputs, HELD_OUT.targets)
    assert last.validation_loss == pytest.approx(loss.data)
    right = [(output > 0.0) == target for output, target in zip(outputs, HELD_OUT.targets, strict=True)]
    assert last.validation_accuracy == sum(right) / len(right)
    assert again.last.validation_loss is None
    assert last.seconds > 0.0


@pytest.mark.parametrize("backend", BACKENDS)
def test_outputs_that_the_loss_does_not_look_at_are_outputs_too(backend):
    def first_output(outputs, target):
        return (outputs[0] - target) ** 2

    nn.manual_seed(0)
    model = nn.MLP(1, [3, 2], "tanh")
    data = [[1.0], [2.0], [3.0]], [0.5, 0.2, 0.1]
    seen = []
    optimiser = nn.SGD(model.parameters(), lr=0.1)
    nn.fit(model, data, first_output, optimiser, 2, callbacks=[lambda run: seen.append(run.outputs(data[0]))],
           backend=backend)  # fmt: skip
    for row, x in zip(seen[-1], data[0], strict=True):
        assert row == pytest.approx([output.data for output in model(x)], rel=1e-12)


def test_a_regression_has_no_accuracy():
    train, held_out = nn.data.sine(20).split(0.8)
    nn.manual_seed(0)
    model = nn.MLP(1, [3, 1], "tanh")
    history = nn.fit(model, train, epochs=1, validation=held_out)
    expected = nn.mean_squared_error([model(x) for x in held_out.inputs], held_out.targets)
    assert (history.last.accuracy, history.last.validation_accuracy) == (None, None)
    assert history.last.validation_loss == pytest.approx(expected.data)


@pytest.mark.parametrize(
    ("data", "outputs", "loss"),
    [
        (nn.data.iris(), 3, nn.cross_entropy),
        (nn.data.moons(), 1, nn.binary_cross_entropy_with_logits),
        (nn.data.sine(), 1, nn.mean_squared_error),
        (([[1.0], [2.0]], [[1.0, 2.0], [3.0, 4.0]]), 2, nn.mean_squared_error),
        (([[1.0], [2.0]], [0, 1]), 2, nn.cross_entropy),
        (([[1.0], [2.0]], [0, 1]), 1, nn.mean_squared_error),
    ],
)
def test_the_loss_suits_the_data(data, outputs, loss):
    seen = []
    nn.fit(nn.MLP(len((data[0] if isinstance(data, tuple) else data.inputs)[0]), [outputs]), data, epochs=1,
           callbacks=[seen.append])  # fmt: skip
    assert seen[0].loss is loss


def test_the_order_is_seeded():
    first, _ = trained("python", seed=1)
    same, _ = trained("python", seed=nn.Generator(1))
    other, _ = trained("python", seed=2)
    common, _ = trained("python")
    assert first.losses == same.losses
    assert len({tuple(each.losses) for each in (first, other, common)}) == 3
    before = nn.random_state()
    trained("python", shuffle=False)
    nn.manual_seed(11)
    nn.MLP(2, [4, 1], "tanh")
    undisturbed = nn.random_state()
    trained("python", shuffle=False)
    assert nn.random_state() == undisturbed != before


def test_an_optimiser_of_some_parameters_leaves_the_others_alone():
    for backend in ("eager", "python"):
        nn.manual_seed(0)
        model = nn.MLP(2, [3, 1], "tanh")
        before = model.state_dict()
        nn.fit(model, TRAIN, optimiser=nn.SGD(model.layers[1].parameters(), lr=0.1), epochs=2, backend=backend)
        changed = {name.partition(".")[0] for name, number in model.state_dict().items() if number != before[name]}
        assert changed == {"layer 2"}


def test_a_model_may_be_a_function():
    w, b = Value(0.0, "w"), Value(0.0, "b")
    data = [[1.0], [2.0], [3.0]], [3.0, 5.0, 7.0]
    history = nn.fit(lambda x: w * x[0] + b, data, optimiser=nn.SGD([w, b], lr=0.1), epochs=300)
    assert (w.data, b.data) == (pytest.approx(2.0, abs=0.01), pytest.approx(1.0, abs=0.02))
    assert history.backend == "python"
    with pytest.raises(nn.SettingError, match="a model that is not a Module needs an optimiser"):
        nn.fit(lambda x: w * x[0] + b, data)


def test_dropout_is_left_out_when_the_model_is_measured():
    def make():
        return nn.Sequential(nn.Layer(2, 8, "tanh"), nn.Dropout(0.5), nn.Layer(8, 1))

    history, _ = trained("auto", make=make)
    assert history.backend == "eager"
    nn.manual_seed(11)
    model = make()
    nn.fit(model, TRAIN, optimiser=nn.Adam(model.parameters(), lr=0.05), epochs=4, batch_size=5, backend="eager")
    outputs = [model.eval()(x) for x in HELD_OUT.inputs]
    loss = nn.binary_cross_entropy_with_logits(outputs, HELD_OUT.targets)
    assert history.last.validation_loss == pytest.approx(loss.data)
    assert model.train().training
    with pytest.raises(nn.SettingError, match="backend='python' cannot replay this model: .* draws random numbers"):
        trained("python", make=make)


def test_a_model_that_reads_numbers_is_trained_eagerly():
    class Peeking(nn.MLP):
        def forward(self, x):
            output = super().forward(x)
            return output * 2.0 if output.data > 100.0 else output

    history, _ = trained("auto", make=lambda: Peeking(2, [1]))
    assert history.backend == "eager"
    with pytest.raises(nn.SettingError, match="backend='python' cannot replay this model: .*reads .data.*'eager'"):
        trained("python", make=lambda: Peeking(2, [1]))


def test_a_model_that_branches_is_replayed_step_by_step():
    class Branching(nn.MLP):
        def forward(self, x):
            output = super().forward(x)
            return output * 2.0 if output > 0.0 else output

    eager, numbers = trained("eager", make=lambda: Branching(2, [3, 1], "tanh"))
    program, its_numbers = trained("python", make=lambda: Branching(2, [3, 1], "tanh"))
    assert program.losses == pytest.approx(eager.losses, rel=1e-12)
    assert program.last.validation_loss == pytest.approx(eager.last.validation_loss, rel=1e-12)
    assert its_numbers == pytest.approx(numbers, rel=1e-10)
    seen = []

    def look(run):
        seen.append((run.outputs(HELD_OUT.inputs), [[run.model(x).data] for x in HELD_OUT.inputs]))

    trained("python", make=lambda: Branching(2, [3, 1], "tanh"), epochs=1, callbacks=[look])
    ((outputs, expected),) = seen
    assert outputs == expected


# --- callbacks ----------------------------------------------------------------------------------------


class Noting(Callback):
    def __init__(self):
        self.steps, self.epochs = [], []

    def after_step(self, run):
        gradients = [p.grad for p in run.model.parameters()]
        self.steps.append((len(run.history.losses), sum(g * g for g in gradients)))

    def after_epoch(self, run):
        self.epochs.append((run.epoch, run.epochs, run.history.last.loss))


@pytest.mark.parametrize("backend", ["eager", "python"])
def test_callbacks_see_steps_and_epochs(backend):
    noting, plain, seen = Noting(), Callback(), []
    settings = {"epochs": 2, "batch_size": 8, "shaping": Shaping(clip_norm=0.1)}
    history, _ = trained(backend, callbacks=[noting, plain, seen.append], **settings)
    assert [step for step, _ in noting.steps] == [1, 2, 3, 4, 5, 6]
    assert all(0.0 < size <= 0.01 for _, size in noting.steps)
    assert noting.epochs == [(1, 2, history.epochs[0].loss), (2, 2, history.epochs[1].loss)]
    assert len(seen) == 2
    without, _ = trained(backend, **settings)
    assert history.losses == without.losses


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_callback_may_look_at_outputs_and_stop(backend):
    def look(run):
        outputs = run.outputs(HELD_OUT.inputs)
        assert outputs == [[pytest.approx(run.model(x).data, rel=1e-12)] for x in HELD_OUT.inputs]
        if run.epoch == 2:
            run.stop("it is enough")

    history, _ = trained(backend, epochs=9, callbacks=[look])
    assert (len(history.epochs), history.stopped) == (2, "it is enough")


# --- the end ------------------------------------------------------------------------------------------


def test_early_stopping_goes_back_to_the_best_epoch():
    numbers = []
    settings = {"epochs": 200, "callbacks": [lambda run: numbers.append(run.model.state_dict())], "rate": 0.5}
    history, after = trained("python", early_stopping=3, **settings)
    losses = [epoch.validation_loss for epoch in history.epochs]
    assert len(losses) < 200
    assert history.stopped == "the loss got no better for 3 epochs"
    assert history.best == 1 + losses.index(min(losses)) == len(losses) - 3
    assert after == numbers[history.best - 1]
    numbers.clear()
    kept, after = trained("python", early_stopping=EarlyStopping(3, restore=False), **settings)
    assert (kept.best, kept.losses) == (None, history.losses)
    assert after == numbers[-1]


def test_early_stopping_watches_the_training_where_nothing_is_held_out():
    strict = EarlyStopping(patience=2, least=1e6)
    history, _ = trained("python", validation=None, epochs=50, early_stopping=strict)
    assert (len(history.epochs), history.best) == (3, 1)
    through, _ = trained("python", validation=None, epochs=3, early_stopping=5)
    assert (through.stopped, through.best) == ("", 3)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_loss_that_is_not_finite_ends_the_training(backend):
    w = Value(1.0, "w")
    data = [[1e10]], [0.0]
    optimiser = nn.SGD([w], lr=1e300)
    history = nn.fit(lambda x: w * x[0], data, nn.mean_absolute_error, optimiser, 50, backend=backend)
    assert history.stopped.startswith("the loss is inf at step ")
    assert history.stopped.endswith("; lower the learning rate")
    assert len(history.losses) < 50
    assert "stopped: the loss is inf" in str(history)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_has_no_value_is_told(backend):
    from engine import log

    w = Value(1.0, "w")
    with pytest.raises(DomainError, match="log"):
        nn.fit(lambda x: log(w * x[0]), ([[1.0]], [-5.0]), optimiser=nn.SGD([w], lr=1.0), epochs=5, backend=backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_ctrl_c_ends_the_training_after_a_step(backend):
    handler = signal.getsignal(signal.SIGINT)
    epochs = []

    def interrupt(run):
        epochs.append(run.epoch)
        if run.epoch == 3:
            os.kill(os.getpid(), signal.SIGINT)

    history, _after = trained(backend, epochs=100_000, early_stopping=99_999, callbacks=[interrupt])
    assert history.stopped == "interrupted"
    assert epochs == [1, 2, 3]
    assert len(history.losses) > 3 * 5
    assert len(history.losses) == len(history.rates)
    assert history.best is None
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_second_ctrl_c_interrupts_at_once():
    def interrupt(run):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        trained("python", callbacks=[interrupt])


def test_ctrl_c_while_something_is_built_ends_the_training():
    def fails(run):
        os.kill(os.getpid(), signal.SIGINT)
        raise StepgradError("the compiler was interrupted")

    history, _ = trained("python", callbacks=[fails])
    assert (history.stopped, len(history.epochs)) == ("interrupted", 1)

    def only_fails(run):
        raise StepgradError("something else")

    with pytest.raises(StepgradError, match="something else"):
        trained("python", callbacks=[only_fails])


def test_training_works_in_a_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(trained("python")))
    thread.start()
    thread.join()
    assert found[0][0].losses == trained("python")[0].losses


# --- progress -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_bar_tells_how_far_it_is(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    trained("eager", epochs=200, progress=True)
    assert "/1000 [" in stream.getvalue()
    assert "epoch " in stream.getvalue()
    assert "accuracy " in stream.getvalue()
    assert "validation " in stream.getvalue()


@pytest.mark.parametrize("progress", [None, False])
def test_it_is_quiet_in_pipes(progress, capsys):
    trained("python", progress=progress)
    assert capsys.readouterr() == ("", "")


# --- checkpoints --------------------------------------------------------------------------------------


def test_a_training_goes_on_from_a_checkpoint_as_if_it_had_not_ended(tmp_path):
    def start():
        nn.manual_seed(5)
        model = nn.MLP(2, [4, 1], "tanh")
        return model, nn.AdamW(model.parameters(), lr=0.05)

    def save(run):
        if run.epoch == 3:
            nn.save_checkpoint(tmp_path / "run.json", run.model, run.optimiser, {"epoch": run.epoch})

    model, optimiser = start()
    whole = nn.fit(model, TRAIN, None, optimiser, 6, 5, callbacks=[save], shaping=Shaping(l2=0.01))
    other, its_optimiser = start()
    nn.manual_seed(99)
    assert nn.load_checkpoint(tmp_path / "run.json", other, its_optimiser) == {"epoch": 3}
    rest = nn.fit(other, TRAIN, None, its_optimiser, 3, 5, shaping=Shaping(l2=0.01))
    assert rest.losses == whole.losses[15:]
    assert other.state_dict() == model.state_dict()


# --- wrong calls --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"epochs": 0}, "epochs must be a whole number of at least 1, not 0"),
        ({"batch_size": 0}, "batch_size must be a whole number of at least 1"),
        ({"loss": "mse"}, "unknown loss 'mse'"),
        ({"loss": 3}, "a loss is a function such as nn.mean_squared_error, or its name, not 3"),
        ({"backend": "eagre"}, "unknown backend 'eagre'; did you mean 'eager'"),
        ({"schedule": "cosin"}, "unknown schedule 'cosin'; did you mean 'cosine'"),
        ({"early_stopping": 0}, "the patience must be"),
        ({"validation": ([[1.0, 2.0]], [7])}, "target 0 of the validation data: .*from 0 to 1, not 7"),
        ({"validation": ([[1.0, 2.0]], [])}, "the validation data must have at least one .* not 1 input and 0 targets"),
        ({"epochs": -1}, "epochs must be a whole number of at least 1, not -1"),
        ({"epochs": 1.5}, "epochs must be a whole number of at least 1, not 1.5"),
        ({"schedule": 3}, "a schedule must be a function of a step and the count of steps, or a name, not 3"),
        ({"schedule": nn.training.cosine}, r"must be called first, as in nn\.training\.cosine\(\), or be a name"),
        ({"early_stopping": 1.5}, r"early_stopping must be made by nn\.training\.EarlyStopping, not be 1\.5"),
        ({"early_stopping": True}, "the patience must be a whole number of at least 1, not True"),
        ({"shaping": {"l2": 0.1}}, r"shaping must be made by nn\.training\.Shaping, not be {'l2': 0\.1}"),
        ({"callbacks": print}, "callbacks must be a list of functions of a run, or of Callbacks, not <built-in"),
        ({"callbacks": [3]}, r"callbacks must be .*, not \[3\]"),
        ({"callbacks": [Callback]}, "callbacks must be .*, not .<class"),
        ({"loss": lambda outputs, target: 0.5}, r"a loss must return a Value, .* not float 0\.5"),
        ({"loss": lambda outputs: outputs}, "target 0 of the data: .* takes 1 positional argument but 2 were given"),
        ({"make": lambda: nn.MLP(3, [1])}, "input 0 of the data: .* needs 3 inputs, not 2"),
        ({"data": ([[1.0, 2.0], [1.0]], [1.0, 0.0])}, "input 1 of the data: .* needs 2 inputs, not 1"),
        ({"data": ([], [])}, "not 0 inputs and 0 targets"),
    ],
)
def test_wrong_calls_are_told(settings, says):
    with pytest.raises((nn.SettingError, nn.ShapeError), match=says):
        trained("python" if "backend" not in settings else settings.pop("backend"), **settings)


@pytest.mark.parametrize("optimiser", ["sgd", nn.SGD, 0.1, [Value(1.0)], object()])
def test_what_is_no_optimiser_is_told(optimiser):
    with pytest.raises(
        nn.SettingError, match=r"the optimiser must be an Optimiser, such as nn\.SGD\(model\.parameters"
    ):
        nn.fit(nn.MLP(2, [1]), TRAIN, optimiser=optimiser)


@pytest.mark.parametrize("backend", ["eager", "auto"])
def test_an_optimiser_of_another_model_is_told(backend):
    model, other = nn.MLP(2, [3, 1]), nn.MLP(2, [3, 1])
    with pytest.raises(nn.SettingError, match="the optimiser updates no parameter of the model; make it from"):
        nn.fit(model, TRAIN, optimiser=nn.SGD(other.parameters()), backend=backend)
    w, other = Value(1.0), Value(1.0)
    with pytest.raises(nn.SettingError, match="updates no parameter of the model"):
        nn.fit(lambda x: w * x[0], TRAIN, optimiser=nn.SGD([other]), backend=backend)


def test_a_parameter_that_only_some_samples_use_is_one_of_the_model():
    w, v = Value(1.0), Value(1.0)
    history = nn.fit(lambda x: v * x[0] if x[0] > 1.0 else w * x[0], ([[1.0], [2.0]], [0.0, 0.0]),
                     optimiser=nn.SGD([v], lr=0.1), epochs=2, backend="eager")  # fmt: skip
    assert len(history) == 2 and v.data < 1.0 == w.data


@pytest.mark.parametrize(("model", "says"), [
    (3, "a model must be a Module or a function of a list of numbers, not 3"),
    (nn.MLP, "a model must be a Module or a function .* not <class"),
    (lambda x: None, "a model must return a Value or a list of them, not NoneType None"),
    (lambda x: "ab", "a model must return a Value or a list of them, not str 'ab'"),
    (lambda x: ["a"], "a model must return a Value or a list of them, not list"),
])  # fmt: skip
def test_what_is_no_model_is_told(model, says):
    with pytest.raises(nn.SettingError, match=says):
        nn.fit(model, TRAIN, optimiser=nn.SGD([Value(1.0)]))


def test_a_loss_without_a_value_at_other_targets_is_tried_where_it_has_one():
    from engine import log

    w = Value(1.0, "w")
    data = [[1.0], [4.0]], [0.5, 3.0]  # the loss has no value at the first output with the second target

    def loss(output, target):
        return log(output - target)

    assert len(nn.fit(lambda x: w * x[0], data, loss, nn.SGD([w], lr=0.001), 2)) == 2


def test_the_data_of_a_training_are_its_own():
    inputs, targets = [[1.0], [2.0]], [[1.0], [2.0]]

    def change(run):
        inputs[0][0] = targets[0][0] = 100.0

    courses = []
    for callbacks in ([], [change]):
        w = Value(0.5)
        settings = {"optimiser": nn.SGD([w], lr=0.1), "epochs": 3, "backend": "eager", "callbacks": callbacks}
        courses.append(nn.fit(lambda x: w * x[0], (inputs, targets), lambda o, t: (o - t[0]) ** 2, **settings).losses)
    assert courses[0] == courses[1]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"clip_norm": -1.0}, "clip_norm must be a finite number of at least 0"),
        ({"clip_value": 0.0}, "clip_value must be positive"),
        ({"l1": -0.1}, "l1 must be a finite number of at least 0"),
    ],
)
def test_penalties_and_limits_have_a_range(settings, says):
    with pytest.raises(nn.SettingError, match=says):
        Shaping(**settings)


class Telling(nn.MLP):
    """A network that prints a letter each time that it is computed."""

    def forward(self, x):
        print("x", end="")
        return super().forward(x)


@pytest.mark.parametrize("backend", ["auto", "python", pytest.param("native", marks=pytest.mark.needs_compiler)])
def test_one_sample_is_computed_a_few_times_and_no_other_ever(backend, capsys):
    model = Telling(2, [3, 1], "tanh")
    nn.fit(model, TRAIN, epochs=2, batch_size=5, validation=HELD_OUT, backend=backend)
    assert capsys.readouterr().out == "xxx"  # to choose the loss, and to record it in training and in use
    nn.predict(model, TRAIN.inputs, backend)
    assert capsys.readouterr().out == "xx"

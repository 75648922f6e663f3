"""Training by JAX: the numbers of the other backends, on one device, on eight, and in two processes."""

import os
import socket
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

import engine
import nn
from nn.training.backends import predict
from nn.training.jax import Devices, Jax
from nn.training.objective import Objective

pytestmark = pytest.mark.needs_jax
ROOT = Path(__file__).parents[3]
DATA, OTHER = nn.data.moons(50, seed=1), nn.data.moons(20, seed=2)
EIGHT = """
import jax, nn, sys
mesh = jax.make_mesh((2, 4), ("hosts", "cards"))
nn.manual_seed(4)
model = nn.MLP(2, [6, 1], activation="tanh")
optimiser = nn.Adam(model.parameters(), lr=0.05)
history = nn.fit(model, nn.data.moons(50, seed=1), optimiser=optimiser, epochs=3, batch_size=13, backend="jax",
                 seed=3, validation=nn.data.moons(20, seed=2), mesh=mesh)
assert len(jax.devices()) == 8
print([*history.losses, history.last.validation_loss, *(p.data for p in model.parameters())])
"""
PROCESS = """
import os, sys
import jax, nn
from engine import StepgradError
port, rank, mode, path = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
jax.config.update("jax_platforms", "cpu")
jax.distributed.initialize(f"127.0.0.1:{port}", 2, rank, shutdown_timeout_seconds=1, heartbeat_timeout_seconds=10)
nn.manual_seed(4)
model = nn.MLP(2, [6, 1], activation="tanh")
optimiser = nn.Adam(model.parameters(), lr=0.05)
if mode == "resume":
    nn.load_checkpoint(path, model, optimiser)

def after_epoch(run):
    if rank == 0:
        nn.save_checkpoint(path, model, optimiser)
    if mode == "lost" and rank == 1 and run.epoch == 2:
        os._exit(7)

try:
    history = nn.fit(model, nn.data.moons(50, seed=1), optimiser=optimiser, epochs=2 if mode == "resume" else 4,
                     batch_size=13, backend="jax", shuffle=False, callbacks=[after_epoch])
except StepgradError as error:
    print(error, flush=True)
    os._exit(3)
print([*history.losses[-4:], *(p.data for p in model.parameters())])
"""


def train(backend, optimiser=nn.Adam, rate=0.05, epochs=3, model=None, data=DATA, **settings):
    nn.manual_seed(4)
    model = model or nn.MLP(2, [6, 1], activation="tanh")
    optimiser = optimiser if isinstance(optimiser, nn.Optimiser) else optimiser(model.parameters(), lr=rate)
    history = nn.fit(model, data, optimiser=optimiser, epochs=epochs, batch_size=13, backend=backend, **settings)
    return history, [leaf.data for leaf in model.parameters()], optimiser


def run(source, *arguments, devices=1):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
    environment["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={devices}"
    command = [sys.executable, "-c", source, *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def close(found, wanted):
    assert found == pytest.approx(wanted, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("kind", [nn.Adam, nn.SGD, nn.RMSprop, nn.Adagrad, nn.AdamW])
def test_the_numbers_of_the_other_backends(kind):
    settings = {"seed": 3, "validation": OTHER, "schedule": "cosine"}
    (history, numbers, ours), (theirs, expected, other) = (train(b, kind, **settings) for b in ("jax", "python"))
    close(history.losses, theirs.losses)
    close(numbers, expected)
    close(history.last.validation_loss, theirs.last.validation_loss)
    assert history.last.accuracy == theirs.last.accuracy
    assert (history.backend, ours.states[0].keys()) == ("jax", other.states[0].keys())


def test_penalties_clipping_and_callbacks():
    for shaping in (nn.training.Shaping(l2=0.01, clip_value=0.1), nn.training.Shaping(clip_norm=0.2)):
        close(*(train(b, nn.SGD, seed=3, shaping=shaping)[1] for b in ("jax", "python")))

    class Norms(nn.training.Callback):
        def __init__(self):
            self.found = []

        def after_step(self, run):
            self.found.append(sum(leaf.grad**2 for leaf in run.optimiser.parameters))

    found = []
    for backend in ("jax", "python"):
        found.append(Norms())
        train(backend, nn.SGD, seed=3, callbacks=[found[-1], lambda run: run.outputs([[0.1, 0.2]])], epochs=2)
    close(found[0].found, found[1].found)


def test_float32_on_request():
    (history, *_), (theirs, *_) = train("jax", seed=3, dtype="float32"), train("python", seed=3)
    assert history.losses == pytest.approx(theirs.losses, rel=1e-5)
    assert history.losses != pytest.approx(theirs.losses, rel=1e-9)


def test_checkpoints_go_from_one_backend_to_another(tmp_path):
    whole = train("python", epochs=4, shuffle=False)[1]
    for first, second in (("jax", "python"), ("python", "jax")):
        nn.manual_seed(4)
        model = nn.MLP(2, [6, 1], activation="tanh")
        optimiser = nn.Adam(model.parameters(), lr=0.05)
        train(first, optimiser, epochs=2, model=model, shuffle=False)
        nn.save_checkpoint(tmp_path / "c.json", model, optimiser)
        other = nn.MLP(2, [6, 1], activation="tanh")
        resumed = nn.Adam(other.parameters())
        nn.load_checkpoint(tmp_path / "c.json", other, resumed)
        close(train(second, resumed, epochs=2, model=other, shuffle=False)[1], whole)


def test_what_is_not_finite_ends_as_elsewhere():
    data = [[1e200], [2e200]], [1.0, 2.0]
    for backend in ("jax", "python"):
        model = nn.Neuron(1, weights=[1e200], bias=0.0, activation="linear")
        history = nn.fit(model, data, optimiser=nn.SGD(model.parameters(), lr=1.0), epochs=3, backend=backend)
        assert "the loss is inf" in history.stopped
    results = []
    for backend in ("jax", "python"):
        w = engine.Value(1.0, "w")
        optimiser = nn.SGD([w], lr=1.0)
        with pytest.raises(engine.DomainError, match="log"):
            nn.fit(lambda x: engine.log(w * x[0]), ([[1.0]], [-5.0]), optimiser=optimiser, epochs=5, backend=backend)
        results.append(w.data)
    close(*results)


def test_outputs_by_jax():
    nn.manual_seed(4)
    model = nn.MLP(2, [6, 2], activation="tanh")
    found, wanted = (list(chain(*predict(model, OTHER.inputs, backend))) for backend in ("jax", "python"))
    close(found, wanted)
    with pytest.raises(engine.DomainError):
        predict(lambda x: engine.log(engine.Value(1.0) * x[0]), [[1.0], [-1.0]], "jax")
    log = Jax(Objective(lambda x: engine.log(engine.Value(1.0) * x[0]), lambda y, target: y - target), Devices())
    with pytest.raises(engine.DomainError):
        log.gradients([([-1.0], 0.0)])
    with pytest.raises(engine.DomainError):
        log.values([([-1.0], 0.0)])()
    varied = [[0.5, 0.25], [-0.5, 0.25]]
    assert predict(lambda x: engine.Value(1.0) * x[0] * 2.0, varied, "jax") == [1.0, -1.0]


def test_settings_that_do_not_fit(monkeypatch):
    with pytest.raises(nn.SettingError, match="mesh needs backend='jax', not 'python'"):
        train("python", mesh=8)
    with pytest.raises(nn.SettingError, match="dtype='float32' needs backend='jax', not 'auto'"):
        train("auto", dtype="float32")
    with pytest.raises(nn.SettingError, match=r"mesh must be a jax.sharding.Mesh, such as jax.make_mesh.*, not 8"):
        train("jax", mesh=8)
    with pytest.raises(nn.SettingError, match="dtype"):
        train("jax", dtype="float16")

    class Own(nn.SGD):
        def updated(self, p, g, state):
            return p - 0.1 * g, {}

    with pytest.raises(nn.SettingError, match="backend='jax' cannot take the steps of this optimiser"):
        train("jax", Own)
    monkeypatch.setattr("nn.training.jax.find_spec", lambda name: None)
    with pytest.raises(engine.StepgradError, match="backend='jax' needs JAX: pip install jax"):
        train("jax")


def test_trouble_on_a_device_is_said():
    import jax

    for count, words in ((1, "start again"), (2, "one of the 2 processes may be lost")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(jax, "process_count", lambda count=count: count)
            with (
                pytest.raises(engine.StepgradError, match=f"no memory; {words}.*load_checkpoint"),
                Devices().computing(),
            ):
                raise jax.errors.JaxRuntimeError("no memory\nat all")


def test_eight_devices():
    running = run(EIGHT, devices=8)
    out, error = running.communicate(timeout=120)
    assert running.returncode == 0, error
    history, numbers, _ = train("python", seed=3, validation=OTHER)
    close(eval(out), [*history.losses, history.last.validation_loss, *numbers])


def in_two_processes(mode, path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    running = [run(PROCESS, port, str(rank), mode, str(path)) for rank in (0, 1)]
    try:
        return [(each.communicate(timeout=120), each.returncode) for each in running]
    finally:
        for each in running:
            each.kill()


def test_two_processes_and_one_that_is_lost(tmp_path):
    path = tmp_path / "checkpoint.json"
    history, numbers, _ = train("python", epochs=4, shuffle=False)
    wanted = [*history.losses[-4:], *numbers]
    for mode in ("whole", "lost", "resume"):
        ((out, error), status), ((other, _), second) = in_two_processes(mode, path)
        if mode == "lost":
            assert (status, second) == (3, 7), error
            assert "one of the 2 processes may be lost" in out
            continue
        assert (status, second) == (0, 0), error
        for text in (out, other):
            close(eval(text.splitlines()[-1]), wanted)

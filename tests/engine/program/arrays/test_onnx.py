"""Programs as models of ONNX, run by onnxruntime: the numbers of the program, in float32."""

import random

import pytest

import engine
import nn
from engine import OperationError, StepgradError, Value
from engine.program.program import Program
from tests.engine.program.graphs import random_graph

pytestmark = pytest.mark.needs_onnx


def computed(model, rows):
    import numpy
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(None, {"inputs": numpy.array(rows, "float32").reshape(len(rows), -1)})[0].tolist()


def agree(program, rows, rel=2e-5):
    found = computed(program.onnx(), rows)
    wanted = program.values([program.loss], rows)
    for row, ours, theirs in zip(rows, wanted, found, strict=True):
        assert theirs == pytest.approx(ours, rel=rel, abs=rel), (row, program.source)


def test_every_operation_at_its_samples():
    for operation in engine.TABLE.values():
        if operation.name == "sinc_slope":
            continue  # its series needs more digits
        samples = [[*sample] for sample in operation.samples if operation.name != "where" or sample]
        leaves = [Value(number) for number in samples[0]]
        agree(Program(operation(*leaves) * 0.5, leaves, []), samples)


def test_random_graphs():
    for seed in range(25):
        root, leaves = random_graph(seed)
        inputs = leaves[: random.Random(seed).randint(0, len(leaves))]
        program = Program(root, inputs, [leaf for leaf in leaves if leaf not in inputs])
        if abs(root.data) < 1e3:
            agree(program, [[leaf.data for leaf in inputs]] * 2, 1e-3)


def test_networks(tmp_path):
    nn.manual_seed(3)
    model = nn.MLP(5, [7, 6, 3], activation="gelu")
    x = [Value(0.1 * i) for i in range(5)]
    draw = random.Random(1)
    rows = [[draw.uniform(-1.0, 1.0) for _ in x] for _ in range(4)]
    outputs = model(x)
    program = Program(nn.cross_entropy(outputs, 1), x, model.parameters())
    agree(program, rows)
    path = program.save(tmp_path / "program.onnx")
    assert computed(path.read_bytes(), rows) == computed(program.onnx(), rows)
    layer = [[Value(draw.uniform(-1.0, 1.0)) for _ in range(3)] for _ in range(4)]
    found = [engine.tanh(engine.dot(w, x[i : i + 3])) for i in range(3) for w in layer]
    agree(Program(engine.hypot(x[0], outputs[0]) + engine.hypot(x[0], layer[0][0]), x, model.parameters()), rows)
    agree(Program(engine.hypot(x[0], layer[0][0]), x, [layer[0][0]]), rows)
    agree(Program(sum(found) ** 2, x, [w for row in layer for w in row]), rows)
    nn.to_onnx(model, tmp_path / "model.onnx")
    wanted = nn.training.predict(model, rows)
    for ours, theirs in zip(wanted, computed((tmp_path / "model.onnx").read_bytes(), rows), strict=True):
        assert theirs == pytest.approx(ours, rel=1e-5, abs=1e-5)


def test_what_cannot_be_written(register, tmp_path, monkeypatch):
    import math

    gamma = register("my_gamma", math.gamma, lambda x, out: (x,), samples=((0.5,),))
    program = Program(gamma(Value(0.5)))
    with pytest.raises(OperationError, match="are not in ONNX"):
        program.save(tmp_path / "absent.onnx")
    with pytest.raises(ValueError, match="is not a text"):
        program.written("onnx")
    dropped = nn.Sequential(nn.Layer(2, 3), nn.Dropout(0.5), nn.Layer(3, 1))
    for wrong, words in (
        (lambda x: x, "to_onnx takes a Module"),
        (dropped, "no active Dropout"),
        (nn.Dropout(), "layer"),
    ):
        with pytest.raises(nn.SettingError, match=words):
            nn.to_onnx(wrong, tmp_path / "absent.onnx")
    monkeypatch.setattr("engine.program.arrays.onnx.find_spec", lambda name: None)
    with pytest.raises(StepgradError, match="pip install onnx"):
        program.save(tmp_path / "absent.onnx")
    assert not list(tmp_path.iterdir())

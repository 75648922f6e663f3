"""Programs of arrays, run by the libraries that they are written for: numbers and gradients of the program itself."""

import math
import os
import random
import subprocess
import sys

import pytest

import engine
import nn
from engine import DomainError, OperationError, StepgradError, Value, where
from engine.program.arrays.export import array_function
from engine.program.program import Program
from tests.engine.program.graphs import random_graph

COUNT = int(os.environ.get("STEPGRAD_GRAPHS", "12"))


def through_jax(program, rows):
    import jax

    with jax.enable_x64(True):
        loss, parameters = program.to_jax(), [leaf.data for leaf in program.parameters]
        numbers = jax.numpy.array(rows, float).reshape(len(rows), -1), jax.numpy.array(parameters, float)
        losses = loss(*numbers)
        gradients = jax.grad(lambda x, p: loss(x, p).sum(), (0, 1))(*numbers)
        return losses.tolist(), gradients[0].tolist(), gradients[1].tolist()


def through_torch(program, rows):
    import torch

    loss, parameters = program.to_torch(), [leaf.data for leaf in program.parameters]
    x = torch.tensor(rows, dtype=torch.float64).reshape(len(rows), -1).requires_grad_()
    p = torch.tensor(parameters, dtype=torch.float64, requires_grad=True)
    losses = loss(x, p)
    if losses.requires_grad:
        losses.sum().backward()
    found = [losses.tolist()]
    return *found, *((a.grad if a.grad is not None else torch.zeros_like(a)).tolist() for a in (x, p))


def through_numpy(program, rows):
    found = array_function(program._forward_plan, "numpy", "backpropagate")
    import numpy

    x = numpy.array(rows, float).reshape(len(rows), -1)
    return tuple(each.tolist() for each in found(x, [leaf.data for leaf in program.parameters]))


LIBRARIES = [
    pytest.param(through_jax, marks=pytest.mark.needs_jax),
    pytest.param(through_torch, marks=pytest.mark.needs_torch),
    through_numpy,
]


def expected(program, rows):
    """Return the losses, the gradients with respect to each input, and the sums of those of the parameters."""
    both = Program(program.loss, [], [*program.inputs, *program.parameters])
    losses, of_inputs, sums = [], [], [0.0] * len(program.parameters)
    before = [leaf.data for leaf in program.inputs]
    for row in rows:
        for leaf, number in zip(program.inputs, row, strict=True):
            leaf.data = number
        loss, gradients = both()
        losses.append(loss)
        of_inputs.append(list(gradients[: len(row)]))
        sums = [a + b for a, b in zip(sums, gradients[len(row) :], strict=True)]
    for leaf, number in zip(program.inputs, before, strict=True):
        leaf.data = number
    return losses, of_inputs, sums


def flat(thing):
    return [number for part in thing for number in flat(part)] if isinstance(thing, list | tuple) else [thing]


def agree(program, rows, compute, rel=1e-11):
    want = flat(expected(program, rows))
    found = flat(compute(program, rows))
    size = max(1.0, *(abs(number) for number in want if math.isfinite(number)))
    assert found == pytest.approx(want, rel=rel, abs=1e-12 * size), program.source


@pytest.mark.parametrize("compute", LIBRARIES)
def test_every_operation_at_its_samples(compute):
    bound = [
        engine.leaky_relu.bind(slope=-0.2),
        engine.elu.bind(alpha=0.5),
        *(engine.power.bind(exponent=exponent) for exponent in (-1.0, 0.0, 1.0, 3.0)),
        engine.maximum.of(4),
    ]
    loss, inputs, row = Value(0.0), [], []
    for operation in (*engine.TABLE.values(), *bound):
        for place, sample in enumerate(operation.samples):
            operands = [Value(number) for number in sample]
            inputs += operands
            row += sample
            loss = loss + operation(*operands) * (1.0 + place / 7.0)
    agree(Program(loss, inputs, []), [row, row], compute)


@pytest.mark.parametrize("compute", LIBRARIES)
def test_kinks(compute):
    points = [-3.0, -1.0, 0.0, 1.0, 3.0, -0.0, 0.5]
    for operation in engine.TABLE.values():
        if operation.kink and operation.arity < 3:
            leaves = [Value(0.25, f"x{place}") for place in range(operation.arity)]
            rows = [[draw] * operation.arity for draw in points if operation is not engine.mod or draw]
            agree(Program(operation(*leaves) * 1.5, leaves, []), rows, compute)
    x, low, high = leaves = [Value(0.5), Value(0.0), Value(1.0)]
    rows = [[0.0, 0.0, 1.0], [1.0, 0.0, 1.0], [0.5, 1.0, 0.0], [0.0, 0.0, 0.0], [2.0, 0.0, 1.0]]
    agree(Program(engine.clip(x, low, high), leaves, []), rows, compute)


@pytest.mark.parametrize("compute", LIBRARIES)
def test_random_graphs(compute):
    for seed in range(COUNT):
        root, leaves = random_graph(seed)
        draw = random.Random(seed)
        inputs = leaves[: draw.randint(0, len(leaves))]
        program = Program(root, inputs, [leaf for leaf in leaves if leaf not in inputs], fold=seed % 3 > 0)
        rows = [[leaf.data for leaf in inputs]]
        for _ in range(draw.randint(0, 3)):
            rows.append([draw.choice([-1.0, 0.0, draw.uniform(-2.0, 2.0)]) for _ in inputs])
        try:
            expected(program, rows)
        except DomainError:
            rows = rows[:1]
        agree(program, rows, compute)


@pytest.mark.parametrize("compute", LIBRARIES)
def test_nothing_goes_along_what_was_not_chosen(compute):
    x, y, z = Value(0.0, "x"), Value(0.0, "y"), Value(2.0, "z")
    roots = [
        where(1.0 - x, x + z, engine.sqrt(y)),
        where(x, engine.sqrt(y), z * y),
        engine.maximum(engine.sqrt(y) - 1.0, z) * z,
        engine.relu(engine.cbrt(y) - z) + y,
        engine.clip(engine.asin(y + 1.0), -1.0, 1.0) + z,
        where(x, engine.sqrt(engine.sin(y) * 2.0) + z, engine.tanh(y)) + where(x, 1.0, y),
        engine.sign(engine.sqrt(y)) + engine.floor(engine.sqrt(y)) * z + x,
        where(x - 1.0, engine.hypot(x, y), where(z, y, engine.sqrt(x))),
    ]
    for root in roots:
        agree(Program(root, [x], [y, z]), [[0.0]], compute)
        agree(Program(root, [], [y, z, x]), [[]], compute)
        agree(Program(root, [x, y], [z]), [[0.0, 0.0], [0.5, 0.0]] if root is roots[0] else [[0.0, 0.0]], compute)


@pytest.mark.parametrize("compute", LIBRARIES)
def test_columns_from_many_places(compute):
    draw = random.Random(2)
    x, w = ([Value(draw.uniform(0.5, 1.5)) for _ in range(9)] for _ in range(2))
    mixed = [operand for pair in zip(x, w, strict=True) for operand in pair]
    root = sum(engine.hypot(a, b) * 0.5 for a, b in zip(mixed, mixed[3:], strict=False))
    turned = [engine.dot([w[(3 * i + j) % 9] for i in range(3)], x[:3]) for j in range(3)]  # a transposed matrix
    for wanted in (root, engine.tanh(turned[0]) * turned[1] + turned[2] + root):
        agree(Program(wanted, x, w), [[leaf.data for leaf in x]] * 2, compute)
    columns = [[Value(draw.uniform(-1.0, 1.0)) for _ in range(5)] for _ in range(4)]
    by_columns = [engine.dot([column[i] for column in columns], x[:4], Value(0.25)) for i in range(5)]
    agree(Program(sum(y**2 for y in by_columns), x, [w for column in columns for w in column]), [[0.5] * 9], compute)


@pytest.mark.parametrize("compute", LIBRARIES)
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
def test_networks_and_shared_weights(compute, activation):
    nn.manual_seed(3)
    model = nn.MLP(5, [7, 6, 3], activation=activation)
    x = [Value(0.1 * i - 0.2) for i in range(5)]
    draw = random.Random(1)
    rows = [[draw.uniform(-1.0, 1.0) for _ in x] for _ in range(4)]
    agree(Program(nn.cross_entropy(model(x), 1), x, model.parameters()), rows, compute)
    layer = [[Value(draw.uniform(-1.0, 1.0)) for _ in range(3)] for _ in range(4)]  # a convolution over three places
    found = [engine.tanh(engine.dot(w, x[i : i + 3])) for i in range(3) for w in layer]
    agree(Program(sum(found) ** 2, x, [w for row in layer for w in row]), rows, compute)


@pytest.mark.needs_jax
def test_jax_transforms():
    import jax

    with jax.enable_x64(True):
        x, w, v = Value(0.5, "x"), Value(0.3, "w"), Value(-0.2, "v")
        root = engine.tanh(w * x + v) ** 3 * engine.exp(w * v) + engine.sinc(w) + engine.silu(v)
        program = Program(root, [x], [w, v])
        loss = jax.jit(program.to_jax())
        at = jax.numpy.array([0.5]), jax.numpy.array([0.3, -0.2])
        wanted = engine.hessian(root, [w, v])
        assert flat(jax.hessian(loss, 1)(*at).tolist()) == pytest.approx(flat([list(row) for row in wanted]), rel=1e-11)
        assert jax.jacfwd(loss, 1)(*at).tolist() == pytest.approx(program(0.5).gradients, rel=1e-12)
        rows = jax.numpy.array([[0.5], [1.0]])
        assert jax.vmap(loss, (0, None))(rows, at[1]).tolist() == pytest.approx(loss(rows, at[1]).tolist(), rel=1e-13)
    single = program.to_jax()([0.5], [0.3, -0.2])
    assert single.dtype == "float32"
    assert single.shape == ()


@pytest.mark.needs_torch
@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # PyTorch's own forward mode uses it
def test_torch_transforms():
    import torch

    x, w, v = Value(0.5, "x"), Value(0.3, "w"), Value(-0.2, "v")
    root = engine.tanh(w * x + v) ** 3 * engine.exp(w * v) + engine.sinc(w) + engine.silu(v)
    loss = Program(root, [x], [w, v]).to_torch()
    at = torch.tensor([0.5], dtype=torch.float64), torch.tensor([0.3, -0.2], dtype=torch.float64)
    wanted = flat([list(row) for row in engine.hessian(root, [w, v])])
    assert flat(torch.autograd.functional.hessian(lambda p: loss(at[0], p), at[1]).tolist()) == pytest.approx(wanted)
    forward = torch.func.jacfwd(loss, 1)(*at).tolist()
    assert forward == pytest.approx(torch.func.grad(loss, 1)(*at).tolist(), rel=1e-12)
    assert loss([[0.5], [1.0]], [0.3, -0.2]).shape == (2,)
    both = torch.func.vmap(loss, (0, None))(torch.tensor([[0.5], [1.0]]), at[1])
    assert both.tolist() == pytest.approx(loss([[0.5], [1.0]], at[1]).tolist())


@pytest.mark.parametrize("compute", LIBRARIES)
def test_operations_of_your_own(compute, register):
    def ramp(x, low=0.5):
        if x < low:
            return 0.0 if x != x or not x > -9 else x * (x > 0)
        y = x - low
        if y > 1.0:
            y = y**2
        return max(y, 0.25) + (y or 1.0) - (y and 0.5) + abs(-x) + math.degrees(x) + math.fmod(x, 2.0)

    def slope(x, out):
        return (x * 0.5,)

    operation = register("ramp", ramp, slope, samples=((1.5,),))
    x = Value(1.5, "x")
    rows = [[number] for number in (-10.0, -0.25, 0.0, 0.25, 0.5, 1.25, 4.0)]
    agree(Program(operation(x) * 2.0, [x], []), rows, compute)


@pytest.mark.parametrize("compute", LIBRARIES)
def test_everything_that_a_value_may_be_written_in(compute, register):
    limit, nothing, nan, inf = 2.0, math.nan, math.nan, math.inf

    def helper(x, scale=2):
        return float(x * scale) + float(3)

    def shaped(x):
        """Use every statement and expression that a program can hold."""
        one = 1
        if (x > limit and not x > 7.0) or x == -1.0:
            y = -(+x)
            one = 2
        elif x < -99.0:
            return nothing
        else:
            y = x * (not x)
        if one == 2:
            y = y + (x > 0.0)
        if x:
            y = y + 0.5 + (1 > 2)
        z = (
            (0.0 if 1 > 2 else x)
            + (x if x < 3.0 else limit)
            + (1.0 if x < -99.0 else math.log(-1.0) if x < -9.0 else x)
        )
        if x > 100.0:
            return None
        elif x < -50:
            y = nan if x < -90 else inf
        return y + z + helper(x) + min(x, 0.25, 1.5) + math.pow(2.0, x) + -math.log(2.0) + abs(-one) / 2 + above(x)

    def above(x):
        return -x if x < 1e3 else math.exp(1e4)

    operation = register("shaped", shaped, lambda x, out: (x * 0.5,), samples=((1.5,),))
    x = Value(1.5, "x")
    rows = [[number] for number in (-2.0, -1.0, 0.0, 1.0, 2.5, 8.0)]
    agree(Program(operation(x) * 2.0, [x], []), rows, compute)


@pytest.mark.parametrize("compute", LIBRARIES)
def test_functions_of_math(compute, register):
    names = ("erf", "erfc", "gamma", "lgamma", "cbrt", "trunc", "radians", "log1p", "exp2", "atanh")
    x, loss = Value(0.3, "x"), Value(0.0)
    for place, name in enumerate(names):
        operation = register(f"my_{name}", getattr(math, name), lambda x, out: (x,), samples=((0.3,),))
        loss = loss + operation(x) * (place + 1.0)
    rows = [[0.3], [0.9], [0.05]]
    agree(Program(loss, [x], []), rows, compute, 1e-11)
    gamma = register("gamma_alone", math.gamma, lambda x, out: (x,), samples=((0.3,),))
    agree(Program(gamma(x), [x], []), [[-0.5], [-1.5], [5.5], [-2.25]], compute)


def test_what_cannot_be_translated(register, tmp_path):
    def halved(x):
        return x if x < 1.0 else halved(x / 2.0)

    ulp = register("my_ulp", lambda x: x + math.ulp(x), lambda x, out: (1.0,), samples=((0.5,),))
    again = register("halved", halved, lambda x, out: (1.0,), samples=((0.5,),))
    path = tmp_path / "absent.py"
    for operation, words in ((ulp, r"my_ulp uses ulp\(x\).*Python"), (again, "halved calls itself until")):
        program = Program(operation(Value(0.5, "x")))
        with pytest.raises(OperationError, match=words):
            program.save(path, language="numpy")

    def twice(x):
        y = z = x
        return y + z

    rest = register("my_rest", lambda x: x % 2.0, lambda x, out: (1.0,), samples=((0.5,),))
    both = register("twice", twice, lambda x, out: (1.0,), samples=((0.5,),))
    for operation, words in ((rest, "my_rest contains 'x % 2.0'"), (both, "twice contains 'y = z = x'")):
        with pytest.raises(OperationError, match=words):
            Program(operation(Value(0.5))).save(path, language="torch")
    with pytest.raises(OperationError, match="C does not have"):
        Program(ulp(Value(0.5))).save(path, language="c")
    with pytest.raises(ValueError, match="language must be 'python', 'javascript', 'c', .* or 'onnx', not 'fortran'"):
        program.save(path, language="fortran")
    assert not path.exists()


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setattr("engine.program.arrays.export.find_spec", lambda name: None)
    program = Program(Value(1.0) * 2.0)
    for method, words in (("to_jax", "to_jax needs JAX: pip install jax"), ("to_torch", "to_torch needs PyTorch")):
        with pytest.raises(StepgradError, match=words):
            getattr(program, method)()


LANGUAGES = [
    pytest.param("jax", marks=pytest.mark.needs_jax),
    pytest.param("torch", marks=pytest.mark.needs_torch),
    "numpy",
    pytest.param("c", marks=pytest.mark.needs_compiler),
]


def printed(program, folder, language):
    path = program.save(folder / f"program.{'c' if language == 'c' else 'py'}", language=language)
    command = [sys.executable, str(path)]
    if language == "c":
        from engine.program.native.compiler import compiler

        command = [str(folder / "program")]
        subprocess.run([*compiler(), "-o", command[0], str(path), "-lm"], check=True)
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return [float(line.rpartition("= ")[2]) for line in done.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_files_run_on_their_own(language, tmp_path):
    names = ["const", "a\u2028b", "*/ alert(1) //", "main", "class", "inputs", "loss", "_exp", 'd_"const', "x\ny\\"]
    leaves = [Value(0.5 + place / 8, name) for place, name in enumerate(names)]
    root = engine.exp(sum(leaves[1:], leaves[0] * leaves[1])) + where(leaves[0] - 0.5, engine.log(leaves[0]), 1.0)
    with engine.scope("layer */ 1"):
        root = root + engine.sign(leaves[3]) * 0.0
    root.backward()
    for program in (Program(root), Program(root, engine.leaves(root)), Program(root, prune=False)):
        wanted = [root.data, *(leaf.grad for leaf in program.wrt)]
        assert printed(program, tmp_path, language) == pytest.approx(wanted, rel=1e-11)


@pytest.mark.needs_compiler
@pytest.mark.slow
def test_random_graphs_in_c(tmp_path):
    for seed in (4, 28, 125, *range(200, 200 + COUNT // 3)):
        root, leaves = random_graph(seed)
        half = len(leaves) // 2
        program = Program(root, leaves[:half], leaves[half:], fold=seed % 3 > 0, prune=seed % 2 > 0)
        loss, gradients = program(*(leaf.data for leaf in leaves[:half]))
        found = printed(program, tmp_path, "c")
        assert found == pytest.approx([loss, *gradients], rel=1e-12, abs=1e-14), seed

"""Programs: equal to backward() bit for bit in Python, and to its rounding in native code."""

import itertools
import linecache
import math
import random
import re
import subprocess
import sys
import traceback

import pytest

import engine
from engine import DomainError, GraphError, OperationError, Program, UndefinedDerivativeError, Value
from engine.program.native import compiler as build
from engine.program.python import backend as python
from engine.program.python import source as unrolled
from tests.engine.program.graphs import backpropagated, bits, random_graph

BACKENDS = ["python", pytest.param("native", marks=pytest.mark.needs_compiler)]
WAYS = list(itertools.product((True, False), repeat=3))


def agrees(program, root, leaves, backend):
    """Check a program's numbers against those of backward()."""
    loss, gradients = backpropagated(root, leaves)
    found = program()
    if backend == "python":
        assert bits(found.loss, *found.gradients) == bits(loss, *gradients)
    else:
        assert found.loss == pytest.approx(loss, rel=1e-12)
        assert found.gradients == pytest.approx(gradients, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("block", range(10))
@pytest.mark.parametrize("backend", BACKENDS)
def test_random_graphs(monkeypatch, block, backend):
    monkeypatch.setattr("engine.program.native.backend.MAX_STRAIGHT", 300 if block == 0 else 0)
    for seed in range(20 * block, 20 * block + 20):
        root, leaves = random_graph(seed)
        fold, share, prune = WAYS[seed % 8]
        program = Program(root, [], leaves, fold=fold, share=share, prune=prune, backend=backend)
        agrees(program, root, leaves, backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("operation", engine.TABLE.values(), ids=lambda o: o.name)
def test_every_operation(monkeypatch, operation, backend):
    monkeypatch.setattr("engine.program.native.backend.MAX_STRAIGHT", 0)  # so that nothing is compiled anew
    for parameters in [{}, dict.fromkeys(operation.parameters, 0.75)]:
        bound = operation.bind(**parameters)
        for sample in operation.samples:
            leaves = [Value(x) for x in sample]
            try:
                root = bound(*leaves) * 1.25
            except DomainError:
                continue
            program = Program(root, leaves, [], backend=backend)
            loss, gradients = backpropagated(root, leaves)
            found = program(*sample)
            if backend == "python":
                assert bits(found.loss, *found.gradients) == bits(loss, *gradients)
            else:
                assert found.loss == pytest.approx(loss, rel=1e-12)
                assert found.gradients == pytest.approx(gradients, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("fewest", ["readable", "compact"])
def test_long_programs_are_split(monkeypatch, backend, fewest):
    monkeypatch.setattr(unrolled, "MAX_IN_FUNCTION", 7)
    monkeypatch.setattr(unrolled, "MAX_TERMS", 3)
    monkeypatch.setattr(python, "MAX_READABLE", 0 if fewest == "compact" else 10_000)
    monkeypatch.setattr("engine.program.native.backend.MAX_STRAIGHT", 0)
    for seed in range(300, 360):
        root, leaves = random_graph(seed, 80)
        agrees(Program(root, [], leaves, backend=backend), root, leaves, backend)


def test_inputs_are_handed_in_and_parameters_are_read_at_each_call():
    x, w, b = Value(1.0, "x"), Value(2.0, "w"), Value(3.0, "b")
    program = Program((w * x + b) ** 2, inputs=[x])
    assert program.parameters == program.wrt == (w, b)
    assert program(1.0) == (25.0, (10.0, 10.0))
    w.data = 0.0
    assert program(5) == (9.0, (30.0, 6.0))
    assert program.forward(5) == 9.0
    assert x.data == 1.0
    assert (w.grad, b.grad) == (None, None)


def test_gradients_are_added_by_backward():
    x, w = Value(1.0), Value(2.0)
    program = Program(w * x, inputs=[x])
    assert program.backward(3.0) == 6.0
    program.backward(4.0)
    assert w.grad == 7.0


def test_leaves_that_are_neither_keep_their_number():
    x, w, c = Value(1.0), Value(2.0), Value(5.0)
    program = Program(w * x + c * 2.0, [x], [w])
    c.data = 100.0
    assert program(1.0) == (12.0, (1.0,))


def test_leaves_that_the_loss_does_not_depend_on():
    x, w, unused = Value(1.0), Value(2.0), Value(9.0)
    program = Program(w * x, [x, unused], [w, Value(7.0)])
    assert program(3.0, 4.0) == (6.0, (3.0, 0.0))
    assert Program(w * 0.0 + x.sign(), [], [w, x])().gradients == (0.0, 0.0)


def test_a_leaf_and_a_constant_are_programs_too():
    w = Value(2.0)
    assert Program(w)() == (2.0, (1.0,))
    assert Program(engine.add(Value(1.0), 2.0), [], [])() == (3.0, ())


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda a, b: Program(2.0), TypeError, "Program takes a Value, such as a loss, not float 2.0"),
        (lambda a, b: Program(a * b, [1.0]), TypeError, "inputs are Values, not float 1.0"),
        (lambda a, b: Program(a * b, [a, a]), GraphError, "comes twice"),
        (lambda a, b: Program(a * b, [a], [a]), GraphError, "comes twice"),
        (lambda a, b: Program((c := a * b) + 1.0, [c]), GraphError, "cannot be an input of a program"),
        (
            lambda a, b: Program(a * b, backend="cuda"),
            ValueError,
            "backend must be",
        ),
        (lambda a, b: Program(a * b, [a])(), TypeError, "takes 1 numbers, one for each input, not 0"),
        (lambda a, b: Program(a * b, [a])("2"), TypeError, "program"),
        (lambda a, b: Program(a * b, [a]).batch([]), ValueError, "at least one row"),
        (
            lambda a, b: Program(a * b, [a]).batch([[1.0]], "max"),
            ValueError,
            "reduce must be 'mean' or",
        ),
    ],
)
def test_wrong_calls_are_told(make, error, says):
    with pytest.raises(error, match=re.escape(says)):
        make(Value(2.0), Value(3.0))


@pytest.mark.needs_compiler
def test_every_operation_in_straight_line_code():
    leaves, roots = [], []
    for operation in engine.TABLE.values():
        for sample in operation.samples[:2]:
            operands = [Value(x) for x in sample]
            leaves += operands
            roots.append(operation(*operands) * (1.0 + 0.1 * len(roots)))
    root = sum(roots)
    program = Program(root, [], leaves, backend="native")
    loss, gradients = backpropagated(root, leaves)
    assert program().loss == pytest.approx(loss, rel=1e-12)
    assert program().gradients == pytest.approx(gradients, rel=1e-12)


# --- domains ------------------------------------------------------------------------------------------

TROUBLES = [
    (lambda x: engine.log(x) * 2.0, -1.0),
    (lambda x: engine.log(x) * 2.0, 0.0),
    (lambda x: engine.tanh(1.0 / x), 0.0),
    (lambda x: 1.0 / (1.0 + engine.exp(x)), 800.0),
    (lambda x: engine.sqrt(x), -1.0),
    (lambda x: engine.sqrt(x) * 3.0, 0.0),
    (lambda x: x**0.5, -2.0),
    (lambda x: engine.where(x, x, 1.0 / (x * x)), 0.0),
    (lambda x: x**2, 1e200),
    (lambda x: 2.0 * (x * 0.0 - 1.0) ** x, 2.5),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("function", "number"), TROUBLES)
def test_errors_are_those_of_the_eager_computation(function, number, backend):
    x = Value(1.5, "the input")
    program = Program(function(x) if number != 2.5 else 2.0 * (x * 0.0 + 1.0) ** x, [x], [], backend=backend)
    if number == 2.5:
        assert program(2.5).loss == 2.0
        return
    with pytest.raises(DomainError) as eager:
        function(Value(number, "the input")).backward()
    with pytest.raises(DomainError) as replayed:
        program(number)
    assert type(replayed.value) is type(eager.value)
    assert str(replayed.value) == str(eager.value)
    assert program(1.5).loss == function(Value(1.5)).data
    with pytest.raises(DomainError) as batched:
        program.batch([[1.5], [number], [1.5]])
    assert str(batched.value) == str(eager.value)
    if type(eager.value) is not UndefinedDerivativeError:
        with pytest.raises(DomainError):
            program.forward(number)


@pytest.mark.parametrize("backend", BACKENDS)
def test_numbers_that_are_not_finite_are_those_of_the_eager_computation(backend):
    x = Value(1e300)
    root = x * 1e300 - x
    assert Program(root, [], [x], backend=backend)() == (math.inf, (1e300 - 1.0,))
    nan = Program(x * math.nan, [], [x], backend=backend)()
    assert math.isnan(nan.loss)
    assert math.isnan(nan.gradients[0])
    infinite = Program(x * math.inf, [], [x], backend=backend)()
    assert infinite == (math.inf, (math.inf,))
    minus = Program(x * -math.inf, [], [x], backend=backend)()
    assert minus == (-math.inf, (-math.inf,))


# --- source -------------------------------------------------------------------------------------------


def network():
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(5.0, "c d")
    with engine.scope("layer 1"):
        d = engine.relu(a * b + c)
    e = engine.tanh(d * d) + engine.silu(a) + engine.sigmoid(b) ** 3.0
    e.label = "loss"
    return e, [a, b, c]


def test_the_source_reads_like_a_handout():
    root, leaves = network()
    source = Program(root, [], leaves).source
    assert "    c_d" in source or "c_d, *_ = parameters" in source
    assert "    # layer 1\n" in source
    assert "    # outside any scope\n" in source
    assert "d_loss = 1.0  # the seed" in source
    assert "# ∂tanh(x)/∂x = 1 - tanh(x) ** 2" in source
    assert "def sigmoid(x):" in source
    assert max(map(len, source.splitlines())) < 150


def test_optimisations_can_be_turned_off():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    root = (a * b) * (a * b) + engine.exp(Value(1.0) * 2.0) * b.data
    plain = Program(root, [], [a, b], fold=False, share=False, prune=False)
    best = Program(root, [], [a, b])
    assert plain().loss == best().loss == root.data
    assert plain.source.count("= a * b") == 2
    assert best.source.count("= a * b") == 1
    assert "exp(" not in best.source
    assert "number_" in plain.source
    assert "d_number_" in plain.source


@pytest.mark.parametrize("seed", range(400, 412))
def test_a_saved_program_runs_on_its_own(tmp_path, seed):
    root, leaves = random_graph(seed, 60)
    path = Program(root, [], leaves).save(tmp_path / "unrolled.py")
    ran = subprocess.run([sys.executable, "-I", "-S", path], capture_output=True, text=True, check=True)
    loss, gradients = backpropagated(root, leaves)
    printed = [float(line.rpartition(" ")[2]) for line in ran.stdout.splitlines()]
    assert bits(*printed) == bits(loss, *gradients)
    assert [line.split()[4] for line in ran.stdout.splitlines()[1:]] == [leaf.label for leaf in leaves]
    assert re.findall(r"^(?:import|from) \w+", path.read_text(), re.MULTILINE) in ([], ["from math"])


def test_infinite_parameters_are_saved(tmp_path):
    w = Value(math.inf, "w")
    path = Program(w * 2.0).save(tmp_path / "infinite.py")
    ran = subprocess.run([sys.executable, path], capture_output=True, text=True, check=True)
    assert ran.stdout == "loss = inf\nd loss / d w = 2.0\n"


def test_a_saved_program_can_be_walked_in_pdb_from_the_first_line_to_the_last(tmp_path):
    root, leaves = network()
    path = Program(root, [], leaves).save(tmp_path / "unrolled.py")
    lines = path.read_text().splitlines()
    first = lines.index("def backpropagate(inputs, parameters):") + 1
    body = [
        (number, line.strip())
        for number, line in enumerate(lines, 1)
        if number > first + 1 and line.startswith("    ") and not line.strip().startswith("#")
    ]
    body = body[: next(i for i, (_, line) in enumerate(body) if line.startswith("return")) + 1]
    commands = [f"break {body[0][0]}", "continue", *["next"] * (len(body) + 2), "quit"]
    ran = subprocess.run(
        [sys.executable, "-m", "pdb", path.name],
        cwd=tmp_path,
        input="\n".join(commands),
        capture_output=True,
        text=True,
    )
    seen = re.findall(r"> \S+\((\d+)\)backpropagate\(\)\n-> (.*)", ran.stdout)
    assert [(int(number), line) for number, line in dict.fromkeys(seen)] == body


def test_debuggers_see_the_source_of_a_program_that_is_in_no_file():
    x = Value(2.0, "x")
    program = Program(engine.log(x) * 3.0, [x], [])
    try:
        program._python._backpropagate([-1.0], [])
    except ValueError as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
    assert frame.line == "v2 = log(x)"
    assert linecache.getline(frame.filename, frame.lineno).strip() == "v2 = log(x)"


@pytest.mark.parametrize(
    "label", ["class", "", "1st", "x\ny", "näme", "print", "v", "d_x", "__", "a" * 200, "\ud800", '"""']
)
def test_labels_of_any_kind_become_names(tmp_path, label):
    a, b, x = Value(2.0, label), Value(3.0, label), Value(4.0, "x")
    with engine.scope(label or "scope"):
        root = a * b * x
    program = Program(root, [], [a, b, x])
    assert program().gradients == (12.0, 8.0, 6.0)
    path = program.save(tmp_path / "saved.py")
    subprocess.run([sys.executable, path], check=True, capture_output=True)


def test_variables_name_what_has_no_label():
    rate, weights = Value(2.0), [Value(3.0), Value(4.0)]
    source = Program(rate * weights[0] * weights[1], names={"rate": rate, "weights": weights}).source
    assert "rate, weights_0, weights_1, *_ = parameters" in source


def test_hundreds_of_parameters_are_no_trouble():
    leaves = [Value(0.5) for _ in range(300)]
    agrees(Program(sum(leaves), [], leaves), sum(leaves), leaves, "python")


def test_repr_says_how_large_it_is():
    a = Value(2.0)
    assert repr(Program(a * a)) == "<Program of 1 operations and 2 steps of the chain rule>"


# --- operations of your own ---------------------------------------------------------------------------


@pytest.fixture
def register():
    """Register operations that are gone after the test."""
    before = set(engine.TABLE)
    yield engine.register
    for name in set(engine.TABLE) - before:
        engine.unregister(name)


SCALE = 3.0


@pytest.mark.parametrize("backend", BACKENDS)
def test_operations_of_your_own(register, backend):
    cube = register("cube", lambda x: x * x * x, lambda x, out: (3.0 * x * x,))
    scaled = register("scaled", lambda x, by: x * by, lambda x, out, by: (by,), parameters={"by": 2.0})
    x = Value(1.7)
    root = cube(x) + scaled(x, by=0.3) * scaled(x)
    agrees(Program(root, [], [x], backend=backend), root, [x], backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("number", [0.0, 0.5, -0.5, 1.5, 2.0, 4.0, 6.0, -3.0])
def test_values_with_branches(register, backend, number):
    def jagged(x):
        """Have a docstring."""
        y = x * SCALE
        if x > 1.0 and not x > 5.0:
            y = y + math.pi
        elif x < -1.0 or x == 0.0:
            return math.fabs(x)
        else:
            z = -x if x >= 0.0 else +x
            return min(z, 0.5) + max(y, -4.0)
        return y**2 if x != 2.0 else abs(y)

    operation = register("jagged", jagged, lambda x, out: (0.0 * x + 1.0,))
    x = Value(number)
    root = operation(x) + operation(x * 2.0)
    agrees(Program(root, [], [x], backend=backend), root, [x], backend)


@pytest.mark.needs_compiler
def test_what_c_does_not_have_is_told(register):
    register("floored", lambda x: float(math.floor(x)), lambda x, out: (0.0 * x,))
    unit = register("unit", lambda x: math.ulp(x), lambda x, out: (0.0 * x,))
    x = Value(1.5)
    with pytest.raises(OperationError, match=r"ulp uses ulp\(x\), which C does not have; use backend='python'"):
        Program(unit(x), backend="native")()
    with pytest.warns(RuntimeWarning, match="uses ulp"):
        assert Program(unit(x), backend="auto").backend == "python"
    assert Program(engine.TABLE["floored"](x), backend="native")() == (1.0, (0.0,))
    assert Program(engine.tanh(x), backend="auto").backend == "native"


def source_of(operation):
    return Program(operation(Value(2.0))).source


def test_values_that_no_program_can_hold_are_told(register):
    def looped(x):
        while x > 1.0:
            x = x / 2.0
        return x

    def indexed(x):
        return [x][0]

    def unknown(x):
        return x + SOMETHING.number

    for name, value in {"looped": looped, "indexed": indexed}.items():
        operation = register(name, value, lambda x, out: (1.0 + 0.0 * x,))
        with pytest.raises(OperationError, match=f"{name} contains '.*', which cannot be put into a program"):
            source_of(operation)
    operation = register("unknown", unknown, lambda x, out: (1.0 + 0.0 * x,))
    with pytest.raises(OperationError, match="unknown"):
        source_of(operation)


class SOMETHING:
    number = 1.0


def test_values_without_source_are_told(register):
    namespace = {}
    exec("value = lambda x: x * 2.0", namespace)
    operation = register("nowhere", namespace["value"], lambda x, out: (2.0 + 0.0 * x,))
    with pytest.raises(OperationError, match="the source of nowhere cannot be found in <string>; define it in a file"):
        source_of(operation)

    class Callable:
        def __call__(self, x):
            return x

    operation = register("thing", Callable(), lambda x, out: (1.0 + 0.0 * x,))
    with pytest.raises(OperationError, match="thing must be a Python function, whose source can be read"):
        source_of(operation)


def test_rules_that_cannot_be_read_are_told(register):
    bent = register("bent", lambda x: x, lambda x, out: (1.0 if x > 0.0 else 0.0,))
    with pytest.raises(OperationError, match="rule of bent cannot be read as a formula"):
        Program(bent(Value(2.0)))


# --- size ---------------------------------------------------------------------------------------------


def chain(count):
    w = Value(1.0 + 1e-9)
    y = w * w
    for _ in range(count - 1):
        y = y * w
    return y, w


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_large_graphs_take_time_in_proportion(backend, cpu_seconds):
    times = []
    for count in (10_000, 40_000):
        y, _ = chain(count)
        found = []
        times.append(cpu_seconds(lambda y=y, found=found: found.append(Program(y, backend=backend)())))
        assert found[0].gradients[0] == pytest.approx((count + 1) * (1.0 + 1e-9) ** count, rel=1e-9)
    assert times[1] < 4.0 * 2.5 * times[0]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("count", [1, 5, 8, 19])
def test_batches(backend, count):
    draw = random.Random(count)
    x, y, w, v, b = Value(0.5), Value(0.1), Value(1.0, "w"), Value(0.3, "v"), Value(-0.2, "b")
    root = engine.tanh(w * x * v + b) * y + 0.5 * (w * w + engine.exp(v)) + engine.leaky_relu(x * b)
    program = Program(root, [x, y], [w, v, b], backend=backend)
    rows = [[draw.gauss(0.0, 1.0), draw.gauss(0.0, 1.0)] for _ in range(count)]
    singles = [Program(root, [x, y], [w, v, b])(*row) for row in rows]
    for reduce, share in (("sum", 1.0), ("mean", 1.0 / count)):
        found = program.batch(rows, reduce)
        assert found.loss == pytest.approx(share * sum(s.loss for s in singles), rel=1e-12)
        expected = [share * sum(column) for column in zip(*(s.gradients for s in singles), strict=True)]
        assert found.gradients == pytest.approx(expected, rel=1e-12)


@pytest.mark.needs_compiler
@pytest.mark.parametrize("straight", [True, False])
def test_batches_of_graphs_that_hardly_depend_on_the_inputs(monkeypatch, straight):
    monkeypatch.setattr("engine.program.native.backend.MAX_STRAIGHT", 10_000 if straight else 0)
    for seed in range(500, 540):
        root, leaves = random_graph(seed, 40)
        inputs, parameters = leaves[:1], leaves[1:]
        rows = [[0.3 * i - 1.0] for i in range(11)]
        python = Program(root, inputs, parameters)
        native = Program(root, inputs, parameters, backend="native")
        expected, found = python.batch(rows), native.batch(rows)
        assert found.loss == pytest.approx(expected.loss, rel=1e-11)
        assert found.gradients == pytest.approx(expected.gradients, rel=1e-9, abs=1e-9)


def test_auto_is_python_without_a_compiler(monkeypatch):
    def none():
        raise build.CompilerError("none")

    monkeypatch.setattr("engine.program.native.backend.compiler", none)
    with pytest.warns(RuntimeWarning, match="programs run in Python instead of native code, which is slower: none"):
        assert Program(Value(1.0) * 2.0, backend="auto").backend == "python"
    assert Program(Value(1.0) * 2.0, backend="auto")() == (2.0, (2.0,))


# --- values -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["python", pytest.param("native", marks=pytest.mark.needs_compiler)])
def test_values_of_any_nodes_for_many_rows(backend):
    for seed in range(30):
        root, leaves = random_graph(seed, 25)
        inputs, parameters = leaves[:2], leaves[2:]
        order = engine.topological_order(root)
        nodes = [root, order[len(order) // 2], inputs[0], root, *parameters[:1]]
        program = Program(root, inputs, parameters, backend=backend)
        rows = [[0.1 * i - 0.7, 0.5 - 0.03 * i][: len(inputs)] for i in range(19)]
        expected = []
        for row in rows:
            recorded = engine.graph.record_again(
                engine.program.plan.Plan(nodes).order,
                {**{p: p.data for p in parameters}, **dict(zip(inputs, row, strict=True))},
            )
            expected += [recorded[node].data for node in nodes]
        for _ in range(2):
            found = [number for row in program.values(nodes, rows) for number in row]
            assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("backend", ["python", pytest.param("native", marks=pytest.mark.needs_compiler)])
def test_values_follow_the_parameters_and_tell_what_has_no_value(backend):
    x, w = Value(2.0, "x"), Value(3.0, "w")
    program = Program(engine.log(x) * w, [x], [w], backend=backend)
    assert program.values([program.loss], [[1.0], [math.e]]) == [[0.0], [pytest.approx(3.0)]]
    w.data = 5.0
    assert program.values([program.loss], [[math.e]]) == [[pytest.approx(5.0)]]
    assert program.values([program.loss], []) == []
    with pytest.raises(DomainError, match=r"log\(x\) has no value at x = -1.0"):
        program.values([program.loss], [[1.0], [-1.0]])
    with pytest.raises(TypeError, match="takes 1 numbers"):
        program.values([program.loss], [[1.0, 2.0]])


@pytest.mark.parametrize("backend", BACKENDS)
def test_values_asked_for_again_are_only_computed(backend, calls):
    root, leaves = random_graph(3, 200)
    program = Program(root, leaves, [], backend=backend)
    row = [leaf.data for leaf in leaves]
    first = calls(lambda: program.values([root], [row]))
    assert calls(lambda: program.values([root], [row])) < first / 10


@pytest.mark.needs_compiler
def test_native_values_that_look_like_trouble_but_are_none():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    program = Program(engine.where(x, 1.0 / w, w) * x, [x], [w], backend="native")
    w.data = 1e-320  # the quotient overflows, which Python does not mind
    assert program.values([program.loss], [[1.0], [-1.0]]) == [[math.inf], [-1e-320]]


@pytest.mark.parametrize("backend", ["python", "native"])
def test_a_complex_number_of_an_operation_of_ones_own_is_the_usual_error(backend):
    engine.register("root", lambda x: x**0.5, lambda x, out: (0.5 / out,))
    try:
        x = Value(4.0, "x")
        program = engine.Program(engine.TABLE["root"](x) * 2.0, inputs=[x], parameters=[], backend=backend)
        assert program(9.0).loss == 6.0
        for call in (lambda: program(-9.0), lambda: program.forward(-9.0), lambda: program.batch([[4.0], [-9.0]])):
            with pytest.raises(TypeError, match="root.x. has no value at x = -9.0.*: it comes to a complex number"):
                call()
    finally:
        engine.unregister("root")

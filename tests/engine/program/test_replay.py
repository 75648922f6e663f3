"""Programs in Python: what they compute is what the graph computes, bit for bit."""

import itertools
import math
import random

import pytest

import engine
from engine import (
    DomainError,
    GraphError,
    OperationError,
    UndefinedDerivativeError,
    Value,
    exp,
    log,
    no_grad,
    scope,
    sqrt,
)
from engine.program.program import Program
from engine.program.python import backend as python
from engine.program.python import source as unrolled
from tests.engine.program.graphs import bits, random_graph
from tests.engine.program.replayed import eagerly, replayed, whole_table

COMBINATIONS = list(itertools.product([True, False], repeat=3))
BACKENDS = ["python", pytest.param("native", marks=pytest.mark.needs_compiler)]


def drawn(seed, **settings):
    """Return a program of a random graph, with some of its leaves as inputs."""
    draw, (root, found) = random.Random(seed), random_graph(seed)
    return Program(root, [leaf for leaf in found if draw.random() < 0.4], **settings)


def with_optimisations(combination):
    return dict(zip(("fold", "share", "prune"), combination, strict=True))


@pytest.mark.parametrize("operation", engine.TABLE.values(), ids=str)
def test_every_operation_at_its_samples(operation):
    for sample, combination in itertools.product(operation.samples, COMBINATIONS):
        operands = [Value(number) for number in sample]
        program = Program(operation(*operands) * -1.7, **with_optimisations(combination))
        assert bits(*replayed(program)) == bits(*eagerly(program))


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_the_whole_table_with_other_parameters(combination):
    program = whole_table(engine.TABLE)
    program = Program(program.loss, parameters=program.parameters, **with_optimisations(combination))
    assert bits(*replayed(program)) == bits(*eagerly(program))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_random_graphs(block, monkeypatch):
    for seed in range(30 * block, 30 * block + 30):
        program = drawn(seed)
        expected = bits(*eagerly(program))
        assert bits(*replayed(program)) == expected
        unoptimised = drawn(seed, **with_optimisations(COMBINATIONS[seed % 8]))
        assert bits(*replayed(unoptimised)) == expected
        assert bits(program.forward(*(leaf.data for leaf in program.inputs))) == expected[:8]
        with monkeypatch.context() as patch:
            patch.setattr(unrolled, "MAX_IN_FUNCTION", 3 + seed % 4)  # in many functions
            assert bits(*replayed(drawn(seed))) == expected
            patch.setattr(python, "MAX_READABLE", -1)  # in few long lines
            patch.setattr(unrolled, "MAX_TERMS", 2 + seed % 3)
            assert bits(*replayed(drawn(seed))) == expected
            patch.setattr(unrolled, "MAX_IN_FUNCTION", 1_000)
            assert bits(*replayed(drawn(seed))) == expected


@pytest.mark.parametrize("combination", COMBINATIONS)
@pytest.mark.parametrize("block", range(2))
def test_every_combination_of_optimisations(combination, block):
    for seed in range(1000 + 20 * block, 1020 + 20 * block):
        program = drawn(seed, **with_optimisations(combination))
        assert bits(*replayed(program)) == bits(*eagerly(program))


@pytest.mark.parametrize("count", [255, 256, 400])
def test_many_parameters(count):
    weights = [Value(0.01 * place) for place in range(count)]
    program = Program(sum(w * w for w in weights), [], [*weights, Value(1.0)])
    assert bits(*replayed(program)) == bits(*eagerly(program))


def test_what_is_optimised():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    loss = (x * 2.0) * (w * (Value(1.0) + 2.0)) + (x * 2.0) * (w * (Value(1.0) + 2.0))
    counts = {
        combination: (len(plan.forward), len(plan.backward))
        for combination in COMBINATIONS
        for plan in [Program(loss, [x], [w], **with_optimisations(combination)).plan]
    }
    assert counts[True, True, True] == (4, 6)  # equal subexpressions also where their constants are two nodes
    assert counts[True, False, True] == (7, 6)
    assert counts[False, False, False] == (9, 18)
    assert counts[False, True, True] == (5, 6)


def test_other_numbers_than_those_of_the_recording():
    x, w, b = Value(2.0, "x"), Value(3.0, "w"), Value(0.5, "b")
    program = Program((w * x + b).tanh() * x, [x], [w, b])
    for numbers in ([0.25, -1.0, 2.0], [-3.0, 0.5, 0.0]):
        x.data, w.data, b.data = numbers
        other = Program((w * x + b).tanh() * x, [x], [w, b])
        assert bits(*replayed(program, numbers[0])) == bits(*eagerly(other))


def test_a_gradient_is_never_minus_zero():
    w = Value(2.0)
    program = Program(-(w * 0.0), parameters=[w])
    assert bits(*program().gradients) == bits(0.0)


def test_a_leaf_may_be_the_loss_and_leaves_may_be_unused():
    w, unused, x = Value(2.0, "w"), Value(7.0, "unused"), Value(1.0)
    program = Program(w, [x], [unused, w])
    assert program(5.0) == (2.0, (0.0, 1.0))
    assert program.forward(5.0) == 2.0
    assert '"", ' not in program.source
    assert repr(program) == "<Program of 0 operations and 0 steps of the chain rule>"
    assert Program(Value(1.0) * 2.0, parameters=[unused])() == (2.0, (0.0,))
    assert Program(engine.sign(w), parameters=[w])() == (1.0, (0.0,))
    assert Program(Value(3.0) * 1.0, parameters=[])() == (3.0, ())


def test_without_parameters_the_gradients_are_by_the_inputs():
    a, b = Value(2.0), Value(-3.0)
    program = Program(a * b, inputs=[b, a])
    assert program.wrt == (b, a)
    assert program(5.0, 7.0) == (35.0, (7.0, 5.0))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_a_batch_is_the_mean_or_sum_of_the_eager_losses(backend, reduce):
    draw = random.Random(5)
    for count in (1, 2, 8, 11):
        x, y, w, b = Value(2.0), Value(1.0), Value(3.0), Value(-1.0)
        program = Program(((w * x + b).tanh() - y) ** 2, [x, y], [w, b], backend=backend)
        rows = [[draw.uniform(-1.0, 1.0), draw.uniform(-1.0, 1.0)] for _ in range(count)]
        w.grad = b.grad = 0.0
        total = 0.0
        for row in rows:
            loss = ((w * row[0] + b).tanh() - row[1]) ** 2
            loss.backward()
            total += loss.data
        share = 1.0 / count if reduce == "mean" else 1.0
        loss, gradients = program.batch(rows, reduce)
        assert [loss, *gradients] == pytest.approx([total * share, w.grad * share, b.grad * share], rel=1e-12)


# --- errors -----------------------------------------------------------------------------------------------

OUTSIDE = {
    "log of 0": (lambda x: log(x) * 2.0, 1.0, 0.0),
    "derivative of sqrt at 0": (lambda x: sqrt(x) + x, 4.0, 0.0),
    "division by 0": (lambda x: 1.0 / x, 1.0, 0.0),
    "exp of much": (lambda x: exp(x) * 2.0, 1.0, 1000.0),
    "pow of a negative base": (lambda x: x ** Value(0.5, "half"), 1.0, -1.0),
    "power of a negative base": (lambda x: x**0.5, 1.0, -4.0),
    "power of 0": (lambda x: x**-1.0, 1.0, 0.0),
    "in a chain": (lambda x: (x * 3.0 - 3.0).log() + sqrt(x), 2.0, 0.5),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", OUTSIDE)
def test_what_has_no_value_is_told_as_backward_tells_it(case, backend):
    function, inside, outside = OUTSIDE[case]
    with pytest.raises(DomainError) as expected:
        function(Value(outside, "x")).backward()
    x = Value(inside, "x")
    for inputs, parameters in (([x], None), ([], [x])):
        x.data = inside
        program = Program(function(x), inputs, parameters, backend=backend)
        program(*[inside] * len(inputs))
        x.data = outside
        for call in (program, program.backward, lambda *numbers: program.batch([numbers, numbers])):
            with pytest.raises(DomainError) as found:
                call(*[outside] * len(inputs))
            assert (found.type, str(found.value)) == (expected.type, str(expected.value))
            assert "labelled 'x'" in str(found.value) or case == "in a chain"
        assert x.grad is None


def test_forward_needs_no_derivative_but_a_value():
    x = Value(4.0, "x")
    program = Program(sqrt(x), [x])
    assert program.forward(0.0) == 0.0
    with pytest.raises(UndefinedDerivativeError):
        program(0.0)
    with pytest.raises(DomainError, match="labelled 'x'"):
        program.forward(-1.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_numbers_that_are_not_finite_come_out_as_they_do_eagerly(backend):
    x, w = Value(1.0), Value(2.0)
    program = Program(x * w + w, [x], [w], backend=backend)
    assert program(math.inf) == (math.inf, (math.inf,))
    loss, gradients = program(math.nan)
    assert math.isnan(loss) and math.isnan(gradients[0])
    unused = Program(x * 1e300, [x], [w], backend=backend)
    assert unused(1e300) == (math.inf, (0.0,))


@pytest.mark.parametrize("backend", BACKENDS)
def test_wrong_counts_and_kinds_of_values(backend):
    x = Value(1.0)
    program = Program(x * 2.0, [x], backend=backend)
    assert program(3) == (6.0, (2.0,))
    for numbers in ([], [1.0, 2.0]):
        with pytest.raises(TypeError, match=f"takes 1 numbers, one for each input, not {len(numbers)}"):
            program(*numbers)
        with pytest.raises(TypeError, match="takes 1 numbers"):
            program.batch([numbers])
    for call in (program, program.forward, program.backward):
        with pytest.raises(TypeError, match="expected a real number, got str '3'"):
            call("3")
    with pytest.raises(ValueError, match="at least one row"):
        program.batch([])
    with pytest.raises(ValueError, match="must be 'mean' or 'sum', not 'median'"):
        program.batch([[1.0]], "median")


def test_what_a_program_cannot_be_made_of():
    x, w = Value(1.0, "x"), Value(2.0, "w")
    inner = x * w
    with pytest.raises(TypeError, match="Program takes a Value, such as a loss, not float"):
        Program(3.0)
    with pytest.raises(TypeError, match="a program's inputs are Values, not float"):
        Program(inner, [3.0])
    with pytest.raises(TypeError, match="a program's inputs are Values, not list"):
        Program(inner, [[x]])
    with pytest.raises(TypeError, match="a program's parameters are Values, not str 'w'"):
        Program(inner, [x], ["w"])
    with pytest.raises(GraphError, match="cannot be an input of a program: it is computed from others"):
        Program(inner + 1.0, [inner])
    with pytest.raises(GraphError, match="cannot be a parameter of a program"):
        Program(inner + 1.0, [], [inner])
    with engine.no_grad():
        cut = x * 2.0
    with pytest.raises(GraphError, match="computed from others"):
        Program(cut * w, [cut])
    for inputs, parameters in (([x, x], [w]), ([x], [w, x])):
        with pytest.raises(GraphError, match="comes twice"):
            Program(inner, inputs, parameters)
    with pytest.raises(ValueError, match="backend must be 'python', 'native' or 'auto', not 'c'"):
        Program(inner, backend="c")


def test_what_was_made_in_no_grad_is_a_constant():
    x = Value(3.0)
    with engine.no_grad():
        cut = x * 2.0
    assert Program(cut * x)() == (18.0, (6.0,))


def test_a_rule_that_decides_by_numbers_is_told():
    engine.register("half_above", lambda x: x * 0.5, lambda x, out: (0.5 if x > 0.0 else 0.0,))
    try:
        with pytest.raises(OperationError, match="the rule of half_above cannot be read as a formula.*where"):
            Program(Value(1.0).half_above())
    finally:
        engine.unregister("half_above")


# --- size -------------------------------------------------------------------------------------------------


def chain(size):
    x, w = Value(1.0), Value(0.5)
    node = x
    for place in range(size):
        node = node * w if place % 2 else node + x
    return Program(node, [x], [w])


def fan(size):
    x, w = Value(1.0), Value(0.5)
    parts = [(x * w).sin() if place % 2 else x - w for place in range(size // 3)]
    return Program(sum(parts), [x], [w], share=False)


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_wide_programs_take_time_in_proportion(backend, cpu_seconds):
    def seconds(size):
        recorded = fan(size)
        found = []

        def replay():
            program = Program(recorded.loss, recorded.inputs, recorded.parameters, share=False, backend=backend)
            found.extend([replayed(program), program.forward(1.0)])

        taken = cpu_seconds(replay)
        assert found[0] == eagerly(recorded)
        assert found[1] == found[0][0]
        return taken

    seconds(1_000)
    assert seconds(24_000) < 4.0 * 2.5 * seconds(6_000)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_program_that_is_recorded_again_inside_a_context_is_recorded(backend):
    x, w = Value(1.0), Value(1e200)
    program = Program(x * w * w, [x], [w], backend=backend)
    root = Program(sqrt(x), [x], backend=backend)
    with no_grad(), scope("elsewhere"):
        assert program(2.0) == (math.inf, (4e200,))
        assert program.batch([[2.0], [1.0]]) == (math.inf, (3e200,))
        assert program.forward(2.0) == math.inf
        with pytest.raises(UndefinedDerivativeError):
            root(0.0)
        with pytest.raises(GraphError, match="was made inside no_grad"):
            Program(x * w)

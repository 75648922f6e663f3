"""Native programs: lists of instructions and straight-line code compute what the graph computes."""

import itertools
import math
import random
import threading

import pytest

import engine
from engine import Value, topological_order
from engine.program import lowering as lowered
from engine.program.lowering import Apply, Lowered, Sum
from engine.program.native import c
from engine.program.program import Program
from engine.program.schedule import MIN_RUN, Run, runs, schedule
from tests.engine.program.graphs import bits
from tests.engine.program.replayed import eagerly, natively, whole_table
from tests.engine.program.test_replay import chain, drawn, fan

FORMS = [(samples, straight) for samples in (False, True) for straight in (False, True)]


def exact(program):
    """Return whether C computes every operation of a program as Python does, to the last bit."""
    return not any(node.inputs and node.op.general is engine.power for node in topological_order(program.loss))


@pytest.mark.needs_compiler
@pytest.mark.parametrize(("samples", "straight"), FORMS)
def test_the_whole_table(samples, straight):
    program = whole_table(engine.TABLE)
    expected = eagerly(program)
    found = natively(program, samples, straight)
    assert found == pytest.approx(expected, rel=1e-12, abs=0.0)
    inputs = Program(program.loss, program.parameters, [])
    assert natively(inputs, samples, straight) == pytest.approx(expected, rel=1e-12, abs=0.0)


@pytest.mark.needs_compiler
@pytest.mark.parametrize("samples", [False, True])
@pytest.mark.parametrize("seeds", [range(75), pytest.param(range(75, 300), marks=pytest.mark.slow)])
def test_random_graphs_as_lists(samples, seeds):
    for seed in seeds:
        program = drawn(seed)
        found, expected = natively(program, samples), eagerly(program)
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-290)
        if exact(program):
            assert bits(*found) == bits(*expected)


@pytest.mark.needs_compiler
@pytest.mark.parametrize("samples", [False, True])
@pytest.mark.parametrize("optimised", [False, True])
def test_random_graphs_as_code(samples, optimised):
    settings = {} if optimised else {"fold": False, "share": False, "prune": False}
    for seed in range(8):
        program = drawn(seed, **settings)
        assert natively(program, samples, straight=True) == pytest.approx(eagerly(program), rel=1e-12, abs=1e-290)


@pytest.mark.needs_compiler
@pytest.mark.parametrize("straight", [False, True])
@pytest.mark.parametrize("count", [1, 7, 8, 9, 16, 21])
def test_many_rows(count, straight):
    draw = random.Random(count)
    x, y = Value(1.0), Value(0.0)
    weights = [Value(draw.uniform(-1.0, 1.0)) for _ in range(12)]
    unit = [(w * x + v).tanh() for w, v in itertools.pairwise(weights)]
    loss = (sum(unit) - y) ** 2 + 0.01 * sum(w * w for w in weights)
    program = Program(loss, [x, y], [*weights, Value(5.0)])
    rows = [[draw.uniform(-1.0, 1.0), draw.uniform(-1.0, 1.0)] for _ in range(count)]
    replay = program.batch(rows)
    found = natively(program, True, straight, rows)
    assert found == pytest.approx([replay.loss, *replay.gradients], rel=1e-12)
    assert found[-1] == 0.0


@pytest.mark.needs_compiler
@pytest.mark.parametrize(("samples", "straight"), FORMS)
def test_sums_that_wait_for_each_other(samples, straight):
    x, w = Value(1.1), Value(0.9)
    node = x
    for _ in range(40):
        node = node * w
    program = Program(node.tanh(), [x], [w])
    assert natively(program, samples, straight) == eagerly(program)
    if samples:
        replay = program.batch([[1.1], [1.2]])
        found = natively(program, samples, straight, [[1.1], [1.2]])
        assert found == pytest.approx([replay.loss, *replay.gradients])


@pytest.mark.needs_compiler
@pytest.mark.parametrize("samples", [False, True])
def test_constants_alone_and_very_long_sums(samples, monkeypatch):
    monkeypatch.setattr(c, "MAX_TERMS", 3)
    w, x = Value(0.5), Value(2.0)
    constants = [Value(number) * (number + 1.0) for number in (1.0, -2.0, 3.0, -0.0)]
    loss = sum(constants) + w * x + sum(w * Value(number) for number in (1.0, -0.0, 1e300, math.pi)) / 1e300
    for fold in (False, True):
        program = Program(loss, [x], [w], fold=fold)
        assert bits(*natively(program, samples, straight=True)) == bits(*eagerly(program))
    program = Program(Value(2.0) * Value(3.0), [x], [w], fold=False)
    for straight in (False, True):
        assert natively(program, samples, straight) == [6.0, 0.0]


@pytest.mark.needs_compiler
def test_infinite_constants():
    w = Value(0.5)
    program = Program(engine.minimum(engine.maximum(w, -math.inf), math.inf) * 2.0, [], [w])
    for straight in (False, True):
        assert natively(program, straight=straight) == [1.0, 2.0]
    assert [c.literal(number) for number in (math.inf, -math.inf, math.nan)] == ["INFINITY", "-INFINITY", "NAN"]


@pytest.mark.needs_compiler
def test_gradients_are_those_of_central_differences():
    draw = random.Random(1)
    x, parameters = Value(0.3), [Value(draw.uniform(-1.0, 1.0)) for _ in range(6)]

    def function(x, a, b, c, d, e, f):
        return (a * x + b).tanh() * (c * x * x + d).softplus() + (e * x).sin() * f.exp() / (1.0 + a * a) + f**3

    program = Program(function(x, *parameters), [x], parameters, backend="native")
    gradients = program(0.3).gradients
    for place, gradient in enumerate(gradients):
        sides = []
        for step in (1e-5, -1e-5):
            moved = [p.data + step * (place == number) for number, p in enumerate(parameters)]
            sides.append(function(Value(0.3), *map(Value, moved)).data)
        assert gradient == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=1e-7, abs=1e-9)


@pytest.mark.needs_compiler
def test_threads_do_not_disturb_each_other():
    program = chain(2_000)
    program = Program(program.loss, program.inputs, program.parameters, backend="native")
    expected = {number: program(number) for number in (0.25, 0.5, 1.0, 2.0)}
    wrong = []

    def replay_often(number):
        for _ in range(300):
            if program(number) != expected[number]:
                wrong.append(number)

    threads = [threading.Thread(target=replay_often, args=[number]) for number in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# --- instructions -----------------------------------------------------------------------------------------


def run(lowered, instructions, parameters, inputs):
    """Compute instructions one by one, of a run all sums at once; return loss and gradients."""
    slots = [math.nan] * lowered.size
    for slot, number in lowered.constants.items():
        slots[slot] = number
    slots[lowered.parameters : lowered.parameters + len(parameters)] = parameters
    slots[lowered.inputs : lowered.inputs + len(inputs)] = inputs

    def total(pairs):
        products = [slots[a] * slots[b] for a, b in pairs] or [0.0]
        found = products[0]
        for product in products[1:]:
            found += product
        return found

    for instruction in instructions:
        match instruction:
            case Run(first=first, size=size, left=left, right=right):
                moved = [[(a + k * left, b + k * right) for a, b in first.pairs] for k in range(size)]
                slots[first.out : first.out + size] = list(map(total, moved))
            case Sum(out=out, pairs=pairs):
                slots[out] = total(pairs)
            case Apply(out=out, operation=operation, arguments=arguments):
                slots[out] = operation.value(*(slots[slot] for slot in arguments[: operation.arity]))
    gradients = slots[lowered.gradients : lowered.gradients + len(lowered.plan.wrt)]
    return bits(slots[lowered.loss], *(0.0 + gradient for gradient in gradients))


def layer(size):
    """Return a program in which many sums stand side by side."""
    x = [Value(0.1 * i) for i in range(size)]
    w = [[Value(0.01 * (i - j)) for i in range(size)] for j in range(size)]
    y = [sum(a * b for a, b in zip(row, x, strict=True)).tanh() for row in w]
    return Program(sum(a * a for a in y), x, [p for row in w for p in row])


def test_scheduled_instructions_compute_the_same():
    programs = [*(drawn(seed) for seed in range(200)), *map(layer, (2, 4, 5, 9)), chain(50), fan(50)]
    found = 0
    for program in programs:
        numbers = [[leaf.data for leaf in leaves] for leaves in (program.parameters, program.inputs)]
        plain, ordered = Lowered(program.plan), Lowered(program.plan)
        schedule(ordered)
        expected = bits(*eagerly(program))
        together = list(runs(ordered.before))
        found += sum(isinstance(instruction, Run) for instruction in together)
        assert run(plain, plain.before, *numbers) == expected
        assert run(plain, runs(plain.before), *numbers) == expected
        assert run(ordered, ordered.before, *numbers) == expected
        assert run(ordered, together, *numbers) == expected
        assert sorted(i.out for i in ordered.before) == sorted(i.out for i in plain.before)
    assert found > 20


def test_what_ends_a_run():
    def row(*pairs):
        return [Sum(20 + i, list(part)) for i, part in enumerate(pairs)]

    even = row([(0, 9)], [(1, 9)], [(2, 9)], [(3, 9)])
    other = Apply(24, engine.exp, (23,))
    assert list(runs(even)) == [Run(even[0], 4, 1, 0)]
    assert list(runs([*even, other, even[0]])) == [Run(even[0], 4, 1, 0), other, even[0]]
    for last in (
        Sum(23, [(4, 9)]),  # further away
        Sum(24, [(3, 9)]),  # set elsewhere
        Sum(23, [(3, 9), (3, 9)]),  # longer
        Apply(23, engine.exp, (3,)),
    ):
        assert list(runs([*even[:3], last])) == [*even[:3], last]
    uneven = row(*([(i, 9), (i + 4 + i // 3, 8)] for i in range(4)))
    assert list(runs(uneven)) == uneven
    waiting = row([(18, 9)], [(19, 9)], [(20, 9)], [(21, 9)])
    assert list(runs(waiting)) == waiting
    nothing = row([], [], [], [])
    assert list(runs(nothing)) == nothing
    assert MIN_RUN == 4 and lowered.Sum is Sum

"""Blocks: matrices found in scalar graphs compute every bit as the graph does, also where something almost fits."""

import random

import pytest

import nn
from engine import Program, Value, exp, log, relu, sqrt, tanh
from engine.program.backend import Numbers
from engine.program.blocks import MIN_PRODUCTS, Matrix, affine, outers, with_matrices
from engine.program.lowering import Lowered
from engine.program.native.backend import TRIED_AGAIN, Team
from nn.training.training import update_of
from tests.engine.program.graphs import bits
from tests.engine.program.replayed import natively

pytestmark = pytest.mark.needs_compiler


def found(program):
    """Return the shapes of the matrices and of the outer products that are found in a program for many samples."""
    lowered = Lowered(program.plan, samples=True)
    matrices = [each for each in with_matrices(lowered) if isinstance(each, Matrix)]
    return [(len(m.out), len(m.terms)) for m in matrices], [(len(o.rows), len(o.columns)) for o in outers(lowered)[0]]


def layer(weights, x, biases=None):
    sums = []
    for i, row in enumerate(weights):
        total = biases[i] if biases else 0.0
        for w, each in zip(row, x, strict=True):
            total = total + w * each
        sums.append(total)
    return sums


def drawn(draw, *shape):
    if not shape:
        return Value(draw.uniform(-1.0, 1.0))
    return [drawn(draw, *shape[1:]) for _ in range(shape[0])]


def flat(thing):
    return [thing] if isinstance(thing, Value) else [leaf for part in thing for leaf in flat(part)]


def eagerly(program, rows):
    """Return the sums of loss and gradients over rows, added one by one by a program in Python."""
    replay = Program(program.loss, program.inputs, program.parameters).batch(rows)
    return [replay.loss, *replay.gradients]


def test_a_network_is_two_matrices_and_their_transposes():
    draw = random.Random(0)
    w, b, u, c, x = drawn(draw, 6, 5), drawn(draw, 6), drawn(draw, 4, 6), drawn(draw, 4), drawn(draw, 5)
    outputs = layer(u, [tanh(z) for z in layer(w, x, b)], c)
    program = Program(sum(y * y for y in outputs), x, flat([w, b, u, c]))
    assert found(program) == ([(6, 5), (4, 6), (6, 4)], [(6, 6), (4, 7)])


@pytest.mark.parametrize("table", [[[1, 2], [3, 4]], [[9, 7], [4, 2], [-1, -3]], [[5]], [[5, 6]], [[5], [8]]])
def test_equal_distances(table):
    first, down, across = affine(table)
    assert [[first + i * down + j * across for j in range(len(table[0]))] for i in range(len(table))] == table


@pytest.mark.parametrize("table", [[[1, 2], [3, 5]], [[1, 2, 4]], [[1], [2], [4]], [[3, 3]], [[1, 2], [2, 1]]])
def test_unequal_distances(table):
    assert affine(table) is None


KINDS = (
    "swapped", "missing", "shared weight", "constant", "one object", "tied", "used twice", "no bias", "bias last",
    "negative", "gather", "two places", "transposed", "residual", "sum", "penalty", "chain of inputs", "plain",
)  # fmt: skip


def almost(seed):
    """Return a program of layers in which something does not fit."""
    draw = random.Random(seed)
    kinds = draw.sample(KINDS, draw.randint(1, 3))
    n, m, k = (draw.randint(2, 9) for _ in range(3))
    x, w, b, u = drawn(draw, n), drawn(draw, m, n), drawn(draw, m), drawn(draw, k, m)
    parameters = flat([w, b, u])
    if "shared weight" in kinds:
        w[-1][0] = w[0][0]
    if "constant" in kinds:
        w[draw.randrange(m)][draw.randrange(n)] = 0.75
    if "one object" in kinds:
        w[-1] = w[0]
    if "tied" in kinds and n == m:
        u = [list(column) for column in zip(*w, strict=True)][:k]
    given = [relu(x[0]), *x[1:]] if "chain of inputs" in kinds else x
    rows = []
    for i, row in enumerate(w):
        terms = [(wj * xj) for wj, xj in zip(row, given, strict=True)]
        if "swapped" in kinds and i == m - 1:
            terms[0], terms[-1] = terms[-1], terms[0]
        if "missing" in kinds and i == 0 and len(terms) > 1:
            terms.pop()
        if "negative" in kinds and i % 2:
            terms = [-1.0 * terms[0], *terms[1:]]
        total = terms[0] if "no bias" in kinds else 0.0 if "bias last" in kinds else b[i]
        for term in terms[1:] if "no bias" in kinds else terms:
            total = total + term
        rows.append(total + b[i] if "bias last" in kinds else total)
    hidden = [draw.choice([tanh, relu, exp])(z * 0.25) for z in rows]
    if "used twice" in kinds:
        hidden[0] = hidden[0] * rows[0] + rows[-1]
    if "residual" in kinds:
        hidden = [h + z for h, z in zip(hidden, rows, strict=True)]
    outputs = layer(u, hidden)
    if "two places" in kinds and n == m:
        outputs += layer(w, [tanh(h) for h in hidden], b)
    if "transposed" in kinds:
        outputs += layer([list(column) for column in zip(*w, strict=True)], rows)
    loss = sum((y - 0.5) ** 2 for y in outputs) if "sum" in kinds else outputs[0] * outputs[-1] + sum(outputs)
    if "gather" in kinds:
        parameters = draw.sample(list(dict.fromkeys(parameters)), len(set(parameters)))
    if "penalty" in kinds:
        loss = loss + 0.01 * sum(p * p for p in parameters[:5])
    return Program(loss, x, list(dict.fromkeys(parameters))), [
        [draw.uniform(-2.0, 2.0) for _ in range(n)] for _ in range(draw.choice([1, 2, 7, 8, 9, 40, 64, 65, 130]))
    ]


@pytest.mark.parametrize(
    ("straight", "seeds"),
    [
        (False, range(50)),
        pytest.param(False, range(50, 200), marks=pytest.mark.slow),
        pytest.param(True, range(12), marks=pytest.mark.slow),
    ],
)
def test_what_almost_fits_keeps_every_bit(straight, seeds):
    matrices = 0
    for seed in seeds:
        program, rows = almost(seed)
        matrices += len(found(program)[0])
        if len(rows) > 1:
            assert bits(*natively(program, True, straight, rows)) == bits(*eagerly(program, rows)), seed
    assert matrices > 10


def test_what_has_no_value_in_one_lane_is_noticed():
    draw = random.Random(1)
    w, x = [[Value(draw.random()) for _ in range(4)] for _ in range(4)], [Value(1.0) for _ in range(4)]
    program = Program(sum(log(z) for z in layer(w, x)), x, flat(w), backend="native")
    with pytest.raises(ArithmeticError, match="log"):
        program.batch([[1.0] * 4, [-1.0] * 4])


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan"), 1e308, 5e-324, -0.0])
def test_numbers_at_the_edge(number):
    draw = random.Random(2)
    w, x = drawn(draw, 3, 4), drawn(draw, 4)
    loss = sum(tanh(z) for z in layer(w, x))
    rows = [[0.5, -0.5, 0.25, number], [number, 1.0, 1.0, 1.0], [1.0] * 4]
    programs = [Program(loss, x, flat(w), backend=backend) for backend in ("native", "python")]
    results = [program.values([loss], rows) for program in programs]
    assert bits(*(y for [y] in results[0])) == bits(*(y for [y] in results[1]))


def test_a_small_sum_is_not_worth_a_matrix():
    x, w = [Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]
    assert 2 * len(w) < MIN_PRODUCTS
    program = Program(sqrt(w[0] * x[0] + w[1] * x[1]), x, w)
    assert found(program) == ([], [])


def test_threads_change_no_bit():
    draw = random.Random(3)
    w, b, u, x, y = drawn(draw, 20, 9), drawn(draw, 20), drawn(draw, 3, 20), drawn(draw, 9), drawn(draw, 3)
    outputs = layer(u, [tanh(z) for z in layer(w, x, b)])
    loss = sum((a - t) ** 2 for a, t in zip(outputs, y, strict=True))
    parameters, rows = flat([w, b, u]), [[draw.gauss(0.0, 1.0) for _ in range(12)] for _ in range(83)]
    program = Program(loss, [*x, *y], parameters, backend="native")
    states, found = [{"steps": 0.0, "mean": 0.0, "square": 0.0}] * len(parameters), []
    for threads in (1, 2, 3):
        loop = program.loop(update_of(nn.Adam(parameters, lr=0.01), states), 70)
        loop.team = Team(1)
        loop.team.threads = threads
        loop.load_rows(rows)
        loop.load_batches([range(70), range(70, 83)])
        own = [[0.0] * len(parameters)] * 2
        loop.load(Numbers([leaf.data for leaf in parameters], own, [0.0]))
        losses = loop.take(0, [0.01] * 7)
        found.append((losses, *map(list, loop.numbers().own), list(loop.numbers().parameters)))
    assert len(found[0][0]) == 7
    assert found[0] == found[1] == found[2]


def test_the_quickest_count_of_threads_is_used_and_tried_again():
    team = Team(4)
    team.note(1e-6)
    assert team.threads == 1  # steps are too short to be shared
    for seconds, threads in ((1e-3, 4), (4e-3, 1), (1e-3, 1)):
        team.note(seconds)
        assert team.threads == threads
    for _ in range(TRIED_AGAIN - 1):
        team.note(1e-3)
    assert team.threads == 4
    team.note(0.4e-3)
    assert team.threads == 4


def test_blocks_in_words():
    nn.manual_seed(0)
    model, x = nn.MLP(5, [4, 3]), [Value(0.1 * i) for i in range(5)]
    program = Program(nn.cross_entropy(model(x), 1), x, model.parameters())
    lines = program.blocks
    assert lines[:3] == [
        "forward   matrix 4 x 5 with bias, times inputs",
        "forward   relu 4 times",
        "forward   matrix 3 x 4 with bias, times relu",
    ]
    assert "backward  gradients of 4 x 6 parameters" in lines
    assert Program(x[0] * x[1], x[:2]).blocks == ["forward   product", "backward  2 other gradients"]


def test_blocks_of_a_recurrent_network_are_used_in_several_places():
    draw = random.Random(4)
    w, x = drawn(draw, 4, 4), drawn(draw, 4)
    hidden = [tanh(z) for z in layer(w, [tanh(z) for z in layer(w, x)])]
    assert "backward  gradients of 4 x 4 parameters, added up over 2 places" in Program(sum(hidden), x, flat(w)).blocks

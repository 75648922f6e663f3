"""Derivatives that are zero by structure, and derivatives that do not exist: the same in every route."""

import copy
import json
import math
import pickle

import pytest

import engine
from engine import Program, UndefinedDerivativeError, Value, compiled, grad, jacobian, jvp, maximum, minimum, walk
from engine.slope import FLAT, UNDEFINED, Undefined, is_number

where, sqrt, relu, sign, log, exp = engine.where, engine.sqrt, engine.relu, engine.sign, engine.log, engine.exp
INF = math.inf
BACKENDS = ["python", "native"]


def by_backward(build, numbers):
    leaves = list(map(Value, numbers))
    build(*leaves).backward()
    return [leaf.grad or 0.0 for leaf in leaves]


def by_a_watched_backward(build, numbers):
    leaves = list(map(Value, numbers))
    build(*leaves).backward(when=lambda step: False)
    return [leaf.grad or 0.0 for leaf in leaves]


def by_grad(build, numbers):
    leaves = list(map(Value, numbers))
    return [x.data for x in grad(build(*leaves), leaves)]


def by_jvp(build, numbers):
    leaves = list(map(Value, numbers))
    root = build(*leaves)
    return [jvp(root, {leaf: 1.0}) for leaf in leaves]


def by_jacobian(build, numbers):
    leaves = list(map(Value, numbers))
    return jacobian([build(*leaves)], leaves)[0]


def by_jacobian_forward(build, numbers):
    leaves = list(map(Value, numbers))
    return jacobian([build(*leaves)] * (len(leaves) + 1), leaves)[-1]


def by_walk(build, numbers):
    leaves = list(map(Value, numbers))
    root = build(*leaves)
    steps = walk(root)
    last = steps.at(len(steps))
    return [last.grad(leaf) if leaf in steps.order else 0.0 for leaf in leaves]


def by_program(backend, **options):
    def run(build, numbers):
        leaves = list(map(Value, numbers))
        return list(Program(build(*leaves), leaves, [], backend=backend, **options)(*numbers).gradients)

    return run


def by_batch(backend):
    def run(build, numbers):
        leaves = [Value(0.75) for _ in numbers]  # recorded elsewhere, and between samples that go elsewhere
        program = Program(build(*leaves), leaves, [], backend=backend)
        other = [0.75] * len(numbers) if math.isfinite(program(*[0.75] * len(numbers)).loss) else numbers
        elsewhere = program(*other).gradients
        total = program.batch([other, numbers, other], reduce="sum").gradients
        return [x if isinstance(x, Undefined) else x - 2.0 * y for x, y in zip(total, elsewhere, strict=True)]

    return run


def by_compiled(backend):
    def run(build, numbers):
        leaves = list(map(Value, numbers))
        compiled(lambda: build(*leaves), backend=backend)()
        return [leaf.grad or 0.0 for leaf in leaves]

    return run


NATIVE = pytest.mark.needs_compiler
ROUTES = {
    "backward": by_backward,
    "backward, watched": by_a_watched_backward,
    "grad": by_grad,
    "jvp": by_jvp,
    "jacobian, reverse": by_jacobian,
    "jacobian, forward": by_jacobian_forward,
    "walk": by_walk,
    **{f"program, {backend}": by_program(backend) for backend in BACKENDS},
    "program, no optimisations": by_program("python", fold=False, share=False, prune=False),
    **{f"batch, {backend}": by_batch(backend) for backend in BACKENDS},
    **{f"compiled, {backend}": by_compiled(backend) for backend in BACKENDS},
}
ROUTE = pytest.mark.parametrize(
    "route", [pytest.param(run, id=name, marks=[NATIVE] * ("native" in name)) for name, run in ROUTES.items()]
)

# The gradients are in closed form; PyTorch 2.13 gives the same where it does not give nan.
FLAT_CASES = {
    "an untaken branch without a derivative": (lambda x: where(1.0 - x, x, sqrt(x)), [0.0], [1.0]),
    "an untaken branch, the other way round": (lambda x: where(x - 1.0, sqrt(x), x), [0.0], [1.0]),
    "a condition that overflows": (lambda x: where(2.0 / x, x, 2.0 * x), [1e-160], [1.0]),
    "a condition without a derivative": (lambda x: where(sqrt(x) - 1.0, x, 2.0 * x), [0.0], [2.0]),
    "sqrt of an inactive relu": (lambda x: sqrt(relu(x)), [-1.0], [0.0]),
    "sqrt of relu on its kink": (lambda x: sqrt(relu(x)), [0.0], [0.0]),
    "a root of an inactive relu": (lambda x: relu(x) ** (1.0 / 3.0), [-1.0], [0.0]),
    "an inactive relu, scaled up": (lambda x: relu(x) * 1e308 * 1e308, [-1.0], [0.0]),
    "the larger of two, one endless": (lambda w: minimum(w, w / 1e-310), [1.0], [1.0]),
    "the smaller of two, one endless": (lambda w: maximum(w, w / -1e-310), [1.0], [1.0]),
    "a sign of what has no slope": (lambda x: sign(sqrt(x)) + x, [0.0], [1.0]),
    "two untaken ways to one node": (
        lambda x: (lambda s: where(1.0 - x, x, s) + where(1.0 - x, 3.0 * x, 2.0 * s))(sqrt(x)), [0.0], [4.0],
    ),
    "an untaken branch with a taken one": (lambda x, y: where(y, y, log(1.0 + sqrt(x))) + x, [0.0, 2.0], [1.0, 1.0]),
    "a power of 0": (lambda x: sqrt(x) ** 0 + x, [0.0], [1.0]),
}  # fmt: skip


@ROUTE
@pytest.mark.parametrize(("build", "at", "gradients"), FLAT_CASES.values(), ids=FLAT_CASES)
def test_a_way_that_is_flat_passes_nothing_on(build, at, gradients, route):
    assert route(build, at) == gradients


# The derivatives that exist are in closed form; None stands for one that does not.
UNDEFINED_CASES = {
    "0 ** y": (lambda y: 0.0**y, [0.5], [0.0]),
    "x ** y at 0": (lambda x, y: x**y, [0.0, 0.0], [0.0, 0.0]),
    "x ** y at 0, as x ** 1": (lambda x, y: x**y, [0.0, 1.0], [1.0, 0.0]),
    "x ** y, a negative base": (lambda x, y: x**y, [-2.0, 3.0], [12.0, None]),
    "x ** y, tiny": (lambda x, y: x**y, [1e-310, 1e-310], [1.0, math.log(1e-310)]),
    "x ** y, the tiniest": (lambda x, y: x**y, [5e-324, 0.0], [0.0, math.log(5e-324)]),
    "a root beside a square": (lambda x, y: sqrt(x * x) + y * y, [0.0, 3.0], [None, 6.0]),
    "a root beside a product": (lambda x, y: y * sqrt(x), [0.0, 3.0], [None, 0.0]),
    "0 times a root": (lambda x, y: 0.0 * sqrt(x) + y, [0.0, 3.0], [None, 1.0]),
    "nothing exists": (lambda x: sqrt(x), [0.0], None),
    "nothing exists for either": (lambda x, y: sqrt(x * y), [0.0, 0.0], None),
    "x ** 0.5": (lambda x, y: x**0.5 + y, [0.0, 1.0], [None, 1.0]),
    "too large": (lambda x, y: x**-1 + y, [1e-200, 1.0], [None, 1.0]),
}


@ROUTE
@pytest.mark.parametrize(("build", "at", "gradients"), UNDEFINED_CASES.values(), ids=UNDEFINED_CASES)
def test_a_derivative_that_does_not_exist_leaves_the_others(build, at, gradients, route):
    if gradients is None:
        with pytest.raises(UndefinedDerivativeError, match=r"x \*|sqrt"):
            route(build, at)
        return
    for found, expected in zip(route(build, at), gradients, strict=True):
        assert isinstance(found, Undefined) if expected is None else found == pytest.approx(expected, rel=1e-14)


def test_a_gradient_that_does_not_exist_says_why_where_it_is_used():
    x, y = Value(0.0, "x"), Value(3.0, "y")
    (sqrt(x) + y * y).backward()
    assert (repr(x), y.grad) == ("Value(0, grad=undefined, label='x')", 6.0)
    assert (f"{x.grad:.4f}", str(x.grad)) == ("undefined", "undefined")
    says = r"sqrt\(x\) has no derivative with respect to x at x = 0.0 \(labelled 'x'\)"
    for use in (
        lambda g: 1.0 - g, lambda g: g - 1.0, lambda g: g / 2.0, lambda g: -g, abs, float, lambda g: g > 1.0,
        lambda g: max(-1.0, min(1.0, g)), lambda g: g**2, round, Value, lambda g: y * g,
    ):  # fmt: skip
        with pytest.raises(UndefinedDerivativeError, match=says):
            use(x.grad)
    with pytest.raises(UndefinedDerivativeError, match=says):
        grad(sqrt(x) + y * y, [x, y])[0] * 2.0
    x.data += -0.1 * x.grad  # the chain rule's own sums and products are quiet
    with pytest.raises(UndefinedDerivativeError, match=says):
        x * 2.0


def test_gradients_that_do_not_exist_stay_so_when_they_accumulate():
    x, y = Value(0.0, "x"), Value(3.0, "y")
    (sqrt(x) + y).backward()
    (x + y).backward()
    assert (repr(x.grad), y.grad) == ("undefined", 2.0)
    x.grad = None
    (x + y).backward()
    assert (x.grad, y.grad) == (1.0, 3.0)


def test_inner_nodes_may_be_without_a_derivative():
    x = Value(-1.0)
    inactive = relu(x)
    sqrt(inactive).backward()
    assert (x.grad, repr(inactive.grad)) == (0.0, "undefined")


def test_derivatives_of_what_does_not_exist_do_not_exist():
    x, y = Value(0.0), Value(3.0)
    first, other = grad(sqrt(x) * y, [x, y])
    assert repr(first.data) == "undefined"
    with pytest.raises(UndefinedDerivativeError, match="sqrt"):
        grad(first, x)
    with pytest.raises(UndefinedDerivativeError, match="sqrt"):
        jvp(other, {x: 1.0})
    assert repr(jacobian([first, y * y], [x, y])) == "[[undefined, undefined], [0.0, 6.0]]"
    assert repr(jvp(first, {x: 1.0})) == "undefined"


def test_second_derivatives_beside_those_that_do_not_exist():
    x, y = Value(0.0), Value(2.0)
    assert engine.hessian(x**y, [x, y]) == [[2.0, 0.0], [0.0, 0.0]]
    x = Value(0.0)
    first = grad(where(1.0 - x, x * x * x, sqrt(x)), x)
    assert (first.data, grad(first, x).data) == (0.0, 0.0)
    x = Value(2.0)
    third = grad(grad(grad(where(x, x**4, sqrt(x - 2.0)), x), x), x)
    assert third.data == 48.0


@pytest.mark.parametrize("backend", ["python", pytest.param("native", marks=NATIVE)])
@pytest.mark.parametrize(
    ("build", "at", "elsewhere"),
    [
        (lambda x: relu(x) * x, -1.0, 2.0),
        (lambda x: maximum(x, 1.0, x * x) * x, 0.5, 3.0),
        (lambda x: minimum(x, x / 1e-310) * x, 1.0, -2.0),
        (lambda x: where(x, x**3, sqrt(x * x + 1.0)), 2.0, -1.5),
        (lambda x: relu(x) * 1e308 * 1e308, -1.0, -2.0),
        (lambda x: engine.abs(x) * sign(x) * x, -1.0, 2.0),
    ],
)
def test_a_derivative_is_replayed_for_numbers_that_go_another_way(build, at, elsewhere, backend):
    def derivatives(number):
        x = Value(number)
        first = grad(build(x), x)
        return x, [first, grad(first, x)]

    x, recorded = derivatives(at)
    _, expected = derivatives(elsewhere)
    for derivative, right in zip(recorded, expected, strict=True):
        assert Program(derivative, [x], backend=backend)(elsewhere).loss == right.data
        assert Program(derivative, [x], backend=backend)(at).loss == derivative.data
        assert type(right.data) is float
    w = Value(at)
    loss = compiled(lambda: grad(build(w), w), backend=backend)
    for number, right in ((at, recorded[0]), (elsewhere, expected[0]), (at, recorded[0])):
        w.data = number
        assert loss() == right.data


def test_both_are_floats_that_can_be_copied_and_kept():
    for slope in (FLAT, UNDEFINED):
        assert pickle.loads(pickle.dumps(slope)) is slope
        assert copy.deepcopy([slope])[0] is slope
    missing = pickle.loads(pickle.dumps(Undefined("why")))
    assert missing.reason == "why"
    assert json.dumps([FLAT]) == "[0.0]"
    assert math.isnan(UNDEFINED) and math.isnan(float(UNDEFINED)) and FLAT == 0.0
    assert not UNDEFINED < 1.0


def test_how_they_add_and_multiply():
    x = Value(2.0)
    for other in (0.0, 3.0, INF, math.nan, 2, x, FLAT, UNDEFINED):
        assert FLAT * other is FLAT
        assert other is x or other * FLAT is FLAT
        assert FLAT + other is other or FLAT + other == other or repr(FLAT + other) == "nan"
    assert math.copysign(1.0, FLAT + -0.0) == 1.0
    assert 3.0 + FLAT == 3.0
    assert UNDEFINED * 3.0 is UNDEFINED is 3.0 * UNDEFINED
    assert UNDEFINED + 3.0 is UNDEFINED is 3.0 + UNDEFINED
    assert [is_number(slope) for slope in (0.0, math.nan, FLAT, UNDEFINED)] == [True, True, False, False]


@ROUTE
def test_an_operation_of_your_own_is_flat_where_its_rule_says_0(route):
    engine.register("steps", math.floor, lambda x, out: (0.0,), samples=((0.5,), (2.7,)))
    engine.register("either", lambda x, y: x, lambda x, y, out: (1.0, 0), samples=((0.5, 2.0),))
    try:
        assert route(lambda x: sqrt(x).steps() + x, [0.0]) == [1.0]
        assert route(lambda x: x.either(sqrt(x)), [0.0]) == [1.0]
        assert route(lambda x: sqrt(x.steps()) + x, [0.3]) == [1.0]
    finally:
        engine.unregister("steps")
        engine.unregister("either")

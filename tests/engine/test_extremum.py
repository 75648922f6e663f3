"""The largest and the smallest of any number of operands."""

import math
import pickle

import pytest

import engine
from engine import Program, Value, check_gradients, explain, formula, hessian, maximum, minimum, ops, parse, tree

from .test_slope import ROUTE


def square_of_the_largest(*operands):
    return maximum(*operands) ** 2


@ROUTE
@pytest.mark.parametrize(
    ("build", "at", "gradients"),
    [
        (maximum, [2.0, 2.0, 2.0], [1.0 / 3.0] * 3),
        (minimum, [2.0, 2.0, 2.0], [1.0 / 3.0] * 3),
        (maximum, [1.0, 3.0, 3.0], [0.0, 0.5, 0.5]),
        (maximum, [1.0, 3.0, 2.0, 3.0, 3.0], [0.0, 1.0 / 3.0, 0.0, 1.0 / 3.0, 1.0 / 3.0]),
        (minimum, [1.0, 3.0, 2.0, 1.0], [0.5, 0.0, 0.0, 0.5]),
        (square_of_the_largest, [1.0, -1.0, 1.0, 0.0], [1.0, 0.0, 1.0, 0.0]),
        (lambda a, b: maximum(a, b, engine.sqrt(b)), [1.0, 0.0], [1.0, 0.0]),  # what is not chosen is flat
        (lambda a, b: minimum(a, b * 1e308 * 1e308, 5.0), [1.0, 2.0], [1.0, 0.0]),
    ],
)
def test_operands_that_tie_share_evenly(build, at, gradients, route):
    assert route(build, at) == pytest.approx(gradients, rel=1e-15)


@pytest.mark.parametrize("function", [maximum, minimum])
@pytest.mark.parametrize("count", [2, 3, 4, 7, 300])
def test_the_derivatives_are_those_of_pytorch(function, count):
    numbers = [float(3 * i % 5) for i in range(count)]
    operands = list(map(Value, numbers))
    out = function(*operands)
    out.backward()
    best = (max if function is maximum else min)(numbers)
    share = 1.0 / numbers.count(best)  # torch.amax and torch.amin share evenly
    assert out.data == best == function(*numbers)
    assert [x.grad for x in operands] == pytest.approx([share * (x == best) for x in numbers], rel=1e-15)


def test_not_a_number_and_infinity():
    for place in range(3):
        numbers = [1.0, 2.0, 3.0]
        numbers[place] = math.nan
        assert math.isnan(maximum(*numbers)) and math.isnan(minimum(*numbers))
    endless = [Value(math.inf), Value(math.inf), Value(1.0)]
    maximum(*endless).backward()
    assert [x.grad for x in endless] == [0.5, 0.5, 0.0]


def test_it_is_written_read_and_kept_like_any_operation():
    a, b, c = Value(1.0, "a"), Value(3.0, "b"), Value(2.0, "c")
    out = maximum(a, b, c)
    assert str(formula(out)) == "maximum(a, b, c)"
    assert formula(out).latex == r"\max\left(a, b, c\right)"
    assert parse("minimum(a, b, 4, 0.5)", a=1.0, b=2.0).data == 0.5
    with pytest.raises(engine.ExpressionError, match="maximum takes 2 operands, not 1"):
        parse("maximum(a)", a=1.0)
    assert pickle.loads(pickle.dumps(out)).op is out.op is ops.maximum.of(3)
    assert (ops.maximum.of(2), ops.maximum.of(3).of(2)) == (ops.maximum, ops.maximum)
    assert pickle.loads(pickle.dumps(ops.minimum)) is ops.minimum
    assert "maximum(a, b, c)" in str(tree(out))
    assert "1 / (where(" in explain(out).text
    assert "_maximum_of_two_0(_maximum_of_two_0(a, b), c)" in Program(out).source
    assert a.maximum(b, c).op is out.op
    assert a.minimum(b).op is ops.minimum
    with pytest.raises(TypeError, match="takes two or more operands, not 1; pass the numbers one by one"):
        maximum([a, b, c])
    with pytest.raises(TypeError, match="minimum takes two or more operands, not 1"):
        a.minimum()
    with pytest.raises(TypeError, match="tanh takes 1 operand, not 2"):
        ops.tanh.of(2)


def test_second_derivatives_and_checks():
    a, b, c = Value(1.0), Value(3.0), Value(2.0)
    assert hessian(maximum(a, b, c * c) * a, [a, b, c]) == [[0.0, 0.0, 4.0], [0.0, 0.0, 0.0], [4.0, 0.0, 2.0]]
    for function in (maximum, minimum):
        reports = [report for count in (3, 4, 6) for report in engine.check_operation(function.of(count))]
        assert all(report.agrees for report in reports)
        assert "on the kink of" in str(check_gradients(function, [1.0, 1.0, 1.0]))

"""The table of operations: values, derivatives, stability, refusals."""

import math
import pickle
import subprocess
import sys
from fractions import Fraction

import numpy
import pytest

import engine
from engine import TABLE, DomainError, GradientMismatchError, OperationError, UndefinedDerivativeError, Value, ops
from engine.operation import UNDEFINED, Operation, constant, look_up
from engine.value import BUILT_IN

EXTREME = ["sigmoid", "softplus", "tanh", "silu", "gelu", "relu", "leaky_relu", "elu", "erf", "erfc", "abs", "sign"]
EXTREME += [
    "softsign",
    "mish",
    "selu",
    "hardtanh",
    "hardsigmoid",
    "hardswish",
    "floor",
    "ceil",
    "sinc",
    "asinh",
    "atan",
]


@pytest.mark.parametrize("operation", TABLE.values(), ids=lambda o: o.name)
def test_first_and_second_derivatives_agree_with_central_differences(operation):
    reports = engine.check_operation(operation)
    assert len(reports) == len(operation.samples) * (1 + operation.arity)


@pytest.mark.parametrize("operation", TABLE.values(), ids=lambda o: o.name)
def test_a_wrong_rule_is_noticed_by_the_same_check(operation):
    def wrong(*operands):
        return tuple(local * 1.002 + 0.001 for local in operation.rule(*operands))

    broken = Operation(**{**operation.__dict__, "rule": wrong})
    with pytest.raises(GradientMismatchError, match="DISAGREES"):
        engine.check_operation(broken)


@pytest.mark.parametrize("name", EXTREME)
@pytest.mark.parametrize("x", [-1e300, -1000.0, -40.0, 0.0, 40.0, 1000.0, 1e300])
def test_values_and_gradients_are_finite_for_any_argument(name, x):
    v = Value(x)
    out = TABLE[name](v)
    out.backward()
    assert math.isfinite(out.data)
    assert math.isfinite(v.grad)


@pytest.mark.parametrize(
    ("function", "x", "value", "slope"),
    [
        # limits in closed form: far out, each is a line or a constant
        (engine.sigmoid, 1000.0, 1.0, 0.0),
        (engine.sigmoid, -1000.0, 0.0, 0.0),
        (engine.softplus, 1000.0, 1000.0, 1.0),
        (engine.softplus, -1000.0, 0.0, 0.0),
        (engine.softplus, 0.0, math.log(2.0), 0.5),
        (engine.tanh, 1000.0, 1.0, 0.0),
        (engine.silu, 1000.0, 1000.0, 1.0),
        (engine.silu, -1000.0, 0.0, 0.0),
        (engine.gelu, 1000.0, 1000.0, 1.0),
        (engine.gelu, -1000.0, 0.0, 0.0),
        (engine.elu, -1000.0, -1.0, 0.0),
        # small tails keep their relative precision: sigmoid(-x) ~ exp(-x)
        (engine.sigmoid, -40.0, math.exp(-40.0), math.exp(-40.0)),
        (engine.softplus, -40.0, math.exp(-40.0), math.exp(-40.0)),
        (engine.log1p, 1e-20, 1e-20, 1.0),
        (engine.expm1, 1e-20, 1e-20, 1.0),
    ],
)
def test_stable_forms(function, x, value, slope):
    v = Value(x)
    out = function(v)
    out.backward()
    assert out.data == pytest.approx(value, rel=1e-14)
    assert v.grad == pytest.approx(slope, rel=1e-14, abs=1e-300)


@pytest.mark.parametrize(
    ("function", "at", "gradients"),
    [
        (engine.relu, (0.0,), (0.0,)),
        (engine.abs, (0.0,), (0.0,)),
        (engine.sign, (0.0,), (0.0,)),
        (engine.leaky_relu, (0.0,), (0.01,)),
        (engine.elu, (0.0,), (1.0,)),
        (engine.maximum, (2.0, 2.0), (0.5, 0.5)),
        (engine.minimum, (2.0, 2.0), (0.5, 0.5)),
        (engine.where, (0.0, 2.0, 3.0), (0.0, 0.0, 1.0)),
        (engine.selu, (0.0,), (ops.SELU_SCALE * ops.SELU_ALPHA,)),
        (engine.hardtanh, (-1.0,), (0.0,)),
        (engine.hardtanh, (1.0,), (0.0,)),
        (engine.hardsigmoid, (-3.0,), (0.0,)),
        (engine.hardsigmoid, (3.0,), (0.0,)),
        (engine.hardswish, (-3.0,), (0.0,)),
        (engine.hardswish, (3.0,), (1.0,)),
        (engine.floor, (2.0,), (0.0,)),
        (engine.ceil, (-7.0,), (0.0,)),
        (engine.mod, (6.0, 2.0), (1.0, -3.0)),
        (engine.clip, (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
        (engine.clip, (1.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
    ],
)
def test_on_a_kink_the_derivative_is_that_of_pytorch(function, at, gradients):
    operands = [Value(x) for x in at]
    function(*operands).backward()
    assert tuple(x.grad for x in operands) == gradients
    assert function.kink(*at) == 0.0
    assert function.convention


def test_the_second_derivative_of_elu_at_0_is_that_of_pytorch():
    x = Value(0.0)
    assert engine.grad(engine.grad(x.elu(), x), x).data == 0.0  # PyTorch 2.13.0: F.elu, differentiated twice


def test_the_kink_function_changes_sign_across_the_kink():
    for operation in TABLE.values():
        if operation.kink and operation.arity == 1 and operation.kink(0.0) == 0.0:
            assert operation.kink(-1e-9) < 0.0 < operation.kink(1e-9)


def test_not_a_number_is_not_hidden():
    nan = math.nan
    for result in (engine.relu(nan), engine.maximum(nan, 1.0), engine.maximum(1.0, nan), engine.minimum(1.0, nan)):
        assert math.isnan(result)


@pytest.mark.parametrize("operation", TABLE.values(), ids=lambda o: o.name)
def test_plain_numbers_in_plain_number_out(operation):
    out = operation(*operation.samples[0])
    assert type(out) is float
    assert out == operation(*map(Value, operation.samples[0])).data


def test_ints_and_other_real_numbers_are_welcome():
    numpy = pytest.importorskip("numpy")
    from fractions import Fraction

    assert engine.maximum(1, 2) == 2.0
    assert type(engine.maximum(1, 2)) is float
    assert engine.tanh(numpy.float32(0.5)) == math.tanh(0.5)
    assert engine.tanh(Fraction(1, 2)) == math.tanh(0.5)


@pytest.mark.parametrize(
    ("function", "at", "says"),
    [
        (engine.log, (-1.0,), r"log\(x\) has no value at x = -1.0 \(labelled 'p'\): it needs x > 0"),
        (engine.log, (0.0,), "maximum"),
        (engine.sqrt, (-1.0,), r"sqrt\(x\) .* x >= 0"),
        (engine.exp, (1000.0,), r"exp\(x\) .* overflow"),
        (engine.div, (1.0, 0.0), r"x / y has no value at x = 1.0 \(labelled 'p'\), y = 0.0"),
        (engine.log1p, (-1.0,), "x > -1"),
        (engine.sin, (math.inf,), "finite"),
        (engine.pow, (-8.0, 0.5), "plain number"),
        (engine.pow, (0.0, -1.0), "x > 0"),
    ],
)
def test_a_domain_error_names_operation_operand_and_remedy(function, at, says):
    operands = [Value(x) for x in at]
    operands[0].label = "p"
    with pytest.raises(DomainError, match=says):
        function(*operands)
    with pytest.raises(DomainError):
        function(*at)  # plain numbers: the same error
    with pytest.raises((ValueError, ArithmeticError)):
        function(*at)  # for code that expects the errors of math


def test_power_by_a_number_allows_negative_bases_and_refuses_what_is_complex():
    assert (Value(-2.0) ** 3).data == -8.0
    assert (Value(-2.0) ** -2).data == 0.25
    with pytest.raises(DomainError, match="whole number"):
        Value(-8.0) ** (1 / 3)
    with pytest.raises(DomainError):
        Value(0.0) ** -1
    with pytest.raises(DomainError):
        Value(1e300) ** 2


def test_power_zero_has_derivative_zero_also_at_zero():
    x = Value(0.0)
    (x**0).backward()
    assert x.grad == 0.0


def test_parameters_bind_and_show():
    assert engine.leaky_relu(-2.0, slope=0.5) == -1.0
    assert engine.leaky_relu.bind(slope=0.01) is engine.leaky_relu
    assert repr(engine.power.bind(exponent=3)) == "<operation ** 3>"
    assert engine.power.bind(exponent=3).written("a") == "a ** 3"
    assert engine.power.bind(exponent=3).written_in_latex("a") == "{a}^{3}"
    assert engine.elu.bind(alpha=2).kink(0.0) == 0.0
    with pytest.raises(TypeError, match="no parameter 'slop'; its parameters: slope"):
        engine.leaky_relu(1.0, slop=0.5)
    with pytest.raises(TypeError, match="its parameters: none"):
        engine.tanh(1.0, slope=0.5)
    with pytest.raises(TypeError, match="slope: expected a real number"):
        engine.leaky_relu(1.0, slope="steep")


def test_wrong_operands_are_named():
    with pytest.raises(TypeError, match="tanh takes 1 operand, not 2"):
        engine.tanh(1.0, 2.0)
    with pytest.raises(TypeError, match="maximum takes two or more operands, not 1"):
        engine.maximum(Value(1.0))
    with pytest.raises(TypeError, match=r"tanh: expected a real number, got str 'x'; .*float"):
        engine.tanh("x")
    with pytest.raises(TypeError, match="maximum: expected a real number, got str"):
        engine.maximum(Value(1.0), "x")


def test_operations_pickle_by_name():
    for operation in (*TABLE.values(), engine.power.bind(exponent=3), constant):
        assert pickle.loads(pickle.dumps(operation)) is operation
    assert repr(pickle.loads(pickle.dumps(UNDEFINED))) == "undefined"
    assert pickle.loads(pickle.dumps(UNDEFINED)) is UNDEFINED


def test_looking_up_what_is_not_there():
    with pytest.raises(OperationError, match="no operation 'cubed'.*register"):
        look_up("cubed")


# --- an operation of the user's own -----------------------------------------------------------------------


@pytest.fixture
def cube():
    yield engine.register(
        "cube", lambda x: x * x * x, lambda x, out: (3.0 * x * x,), latex="{0}^3", samples=((0.5,), (-2.0,))
    )
    engine.unregister("cube")


def test_one_statement_gives_eager_use_higher_order_checking_and_a_method(cube):
    x = Value(2.0)
    y = x.cube() + cube(x)
    y.backward()
    assert (y.data, x.grad) == (16.0, 24.0)
    assert engine.grad(engine.grad(cube(x), x), x).data == 12.0
    assert len(engine.check_operation(cube)) == 4
    assert cube(2.0) == 8.0
    assert cube.written_in_latex("a") == "a^3"
    assert pickle.loads(pickle.dumps(cube)) is cube


def test_an_operation_of_three_operands_with_a_parameter():
    engine.register(
        "blend",
        lambda x, y, z, share: share * x * y + z,
        lambda x, y, z, out, share: (share * y, share * x, 1.0),
        parameters={"share": 0.5},
    )
    try:
        x, y, z = Value(2.0), Value(3.0), Value(4.0)
        x.blend(y, z, share=2.0).backward()
        assert (x.grad, y.grad, z.grad) == (6.0, 4.0, 1.0)
        assert engine.check_operation(TABLE["blend"])
    finally:
        engine.unregister("blend")


def test_a_rule_may_be_any_callable():
    class Rule:
        def __call__(self, x, out):
            return (2.0 * x,)

    engine.register("squared", lambda x: x * x, Rule())
    try:
        assert engine.TABLE["squared"].operands == ("x",)
        assert engine.check_operation(engine.TABLE["squared"])
    finally:
        engine.unregister("squared")


@pytest.mark.parametrize(
    ("name", "rule", "details", "says"),
    [
        ("two", lambda x, out: (1.0, 2.0), {}, "two takes 1 operand .x., so .* returned .1.0, 2.0."),
        ("two", lambda x, out: 1.0, {}, "must return a tuple of 1 local derivative"),
        ("two", lambda x: (1.0,), {}, "operands and then out"),
        ("tanh", lambda x, out: (1.0,), {}, "'tanh' is already an attribute of Value"),
        ("data", lambda x, out: (1.0,), {}, "'data' is already an attribute of Value"),
        ("no name", lambda x, out: (1.0,), {}, "must be a Python identifier"),
        ("class", lambda x, out: (1.0,), {}, "must be a Python identifier"),
        ("two", lambda x, out: (1.0,), {"samples": ((-1.0,),)}, r"cannot be evaluated at its own sample \(-1.0,\)"),
    ],
)
def test_a_bad_entry_is_refused_and_leaves_no_trace(name, rule, details, says):
    before = dict(TABLE)
    with pytest.raises(OperationError, match=says):
        engine.register(name, math.sqrt, rule, **details)
    assert before == TABLE
    assert not hasattr(Value, "two")


def test_an_entry_without_any_usable_sample_is_refused():
    def nowhere(x):
        raise ValueError

    with pytest.raises(OperationError, match="give samples"):
        engine.register("nowhere", nowhere, lambda x, out: (1.0,))


def test_the_name_of_an_entry_must_be_new():
    with pytest.raises(OperationError, match="already an operation 'tanh'"):
        ops.enter(ops.op("tanh", math.tanh, lambda x, out: (1.0,)))


def test_the_table_is_full_from_the_start():
    code = "from engine import TABLE; print(len(TABLE))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(run.stdout) == len(BUILT_IN)


def test_what_the_table_came_with_stays():
    with pytest.raises(OperationError, match="is built in"):
        engine.unregister("tanh")
    with pytest.raises(OperationError, match="no operation"):
        engine.unregister("never_registered")


# --- what does not exist, what is too large, what is not a float --------------------------------------------


@pytest.mark.parametrize(
    "compute", [lambda y: 0.0**y, lambda y: Value(0.0) ** y * 1.0, lambda y: Value(0.0) ** (y * 1.0)]
)
def test_one_missing_derivative_leaves_the_others(compute):
    y = Value(0.5, "y")
    assert engine.grad(compute(y), y).data == 0.0  # PyTorch: 0


def test_each_operand_has_its_own_derivative():
    x, y = Value(-2.0, "x"), Value(3.0, "y")
    out = x**y
    assert engine.grad(out, x).data == 12.0
    with pytest.raises(UndefinedDerivativeError, match="with respect to y"):
        engine.grad(out, y)
    assert (0.0 ** Value(0.5)).local_grads[1] == 0.0


@pytest.mark.parametrize("exponent", [numpy.int64(3), numpy.float32(3.0), Fraction(3), 3])
def test_exponents_that_are_numbers_are_constants(exponent):
    x = Value(-2.0)
    out = x**exponent
    out.backward()
    assert (out.data, x.grad, out.op.name) == (-8.0, 12.0, "power")


@pytest.mark.parametrize(
    ("compute", "says"),
    [
        (lambda: Value(1e200) ** 2, r"x \*\* 2 is too large at x = 1e\+200: it would exceed 1.8e\+308"),
        (lambda: Value(1e-200) ** -2, "too large"),
        (lambda: engine.expm1(Value(800.0)), "expm1.* is too large"),
        (lambda: (Value(1e-200) ** -1).backward(), "no derivative .* it would exceed"),
    ],
)
def test_a_result_that_is_too_large_is_said_to_be_that(compute, says):
    with pytest.raises(DomainError, match=says) as caught:
        compute()
    assert "needs x > 0" not in str(caught.value)


def test_not_a_number_stays_visible():
    assert math.isnan(engine.sign(Value(math.nan)).data)
    assert math.isnan(Value(math.nan).abs().local_grads[0])
    assert [engine.sign(x) for x in (2.0, -3.0, 0.0)] == [1.0, -1.0, 0.0]


def test_numbers_put_into_data_and_grad_become_floats():
    w = Value(2.0, "w")
    w.data = numpy.float32(0.1)
    w.grad = numpy.float32(1.0)
    square = w * w
    assert [type(x) for x in (w.data, square.data, *square.local_grads)] == [float] * 4
    assert square.data == float(numpy.float32(0.1)) ** 2
    square.backward()
    assert type(w.grad) is float
    w.data = 3
    assert (w * w).data == 9.0
    for wrong in ("5", None, 1j):
        w.data = wrong
        with pytest.raises(TypeError, match="w: expected a real number"):
            w * 2.0


def test_an_operation_whose_value_is_not_real_is_refused():
    halved = engine.register("halved", lambda x: x**0.5, lambda x, out: (0.5 / out,), samples=((4.0,),))
    try:
        with pytest.raises(TypeError, match=r"halved\(x\) has no value at x = -1.0: it comes to a complex number"):
            halved(Value(-1.0))
    finally:
        engine.unregister("halved")


@pytest.mark.parametrize(
    ("rule", "local"),
    [
        (lambda x, out: (math.log(x),), "undefined"),
        (lambda x, out: (-(1.0 / x),), "undefined"),
        (lambda x, out: (math.exp(1.0 / x),), "undefined"),
        (lambda x, out: (engine.where(x, 1.0, 1.0 / x),), "undefined"),
        (lambda x, out: (engine.where(x + 1.0, 2.0, 1.0 / x),), "2.0"),  # what is not chosen may be missing
        (lambda x, out: (1.0 / x, 2.0 if x == 0.0 else 3.0)[:1], "undefined"),
    ],
)
def test_rules_of_your_own_are_read_carefully_where_a_derivative_is_missing(rule, local):
    engine.register("own", lambda x: x * x, rule, samples=((1.5,),))
    try:
        assert repr(Value(0.0).own().local_grads[0]) == local
    finally:
        engine.unregister("own")


def test_a_rule_that_fails_at_its_own_sample_is_refused():
    with pytest.raises(OperationError, match=r"bad cannot be differentiated at its own sample \(0.0,\)"):
        engine.register("bad", lambda x: x, lambda x, out: (1.0 / x,), samples=((0.0,),))
    assert "bad" not in TABLE


def test_an_unknown_detail_of_an_entry_is_refused():
    with pytest.raises(TypeError, match="an operation has no 'domian'; it has text, latex"):
        engine.register("typo", lambda x: x, lambda x, out: (1.0,), domian="x > 0")


@pytest.mark.parametrize("exponent", [1 / 3, 2.0000000000001, 0.1, 2.0])
def test_parameters_are_written_so_that_they_read_back(exponent):
    x = Value(0.7, "x")
    out = x**exponent
    assert engine.parse(str(engine.formula(out)), x=0.7).data == out.data


def test_an_error_of_a_value_that_is_not_of_mathematics_comes_through():
    tanh = TABLE["tanh"]
    wrong = type(tanh)(**{**tanh.__dict__, "value": lambda x: len(x)})
    with pytest.raises(TypeError, match="object of type 'float' has no len"):
        wrong.evaluate([1.0])


def test_what_stands_without_operands_takes_none():
    assert (Value(1.0).op.arity, constant.arity) == (0, 0)


def test_a_value_that_is_not_finite_is_too_large_only_from_finite_numbers():
    mul = TABLE["mul"]
    said = mul.not_finite(math.inf, [1e308, 10.0], ["a", "b"])
    assert said.startswith("x * y is inf at x = 1e+308 (labelled 'a')")
    assert "it would exceed 1.8e+308" in said
    assert "exceed" not in mul.not_finite(math.inf, [math.inf, 10.0], ["a", "b"])
    assert "exceed" not in mul.not_finite(math.nan, [1.0, math.nan], ["a", "b"])

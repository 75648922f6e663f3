"""Operations of your own in programs: their values are read from their source, for Python and for C."""

import ast
import importlib.util
import linecache
import math
import operator
from functools import partial
from math import exp as euler

import pytest

import engine
from engine import DomainError, OperationError, Value
from engine.program.functions import definition, value_function
from engine.program.native.c import Functions
from engine.program.program import Program
from tests.engine.program.graphs import bits
from tests.engine.program.replayed import eagerly, natively, replayed

SCALE = 1.25
COUNT = 3
BIG, NOTHING = math.inf, -math.inf
POINTS = (-2.5, -1.0, -0.25, 0.0, 0.3, 1.0, 4.0)


def halved(x):
    return x / 2.0


third = lambda x: x / 3.0


def _helped(x):
    """Call others that have the same names as other things."""
    y = halved(x) + third(x)
    if y > 1.0:
        z = y
        y = -z * euler(-y)
    elif y < -1.0:
        y = y * y
    return y


def decorated(function):
    return function


@decorated
def stepwise(x, slope=0.5, *, rise=2.0):
    if not x > 0.0:
        return slope * x
    return rise * x


def recursive(x):
    return x if x <= 1.0 else x * recursive(x - 1.0)


def to_and(x, left=5.0):
    return x if left < 1.0 else x + fro(x, left - 1.0)


def fro(x, left):
    return to_and(x / 2.0, left)


def weighted(x, k=2.0, *, shift=1):
    return x * k + shift


def counting(x):
    n = (x > 0.0) + (x > 1.0) + (x > 2.0)
    return n / 2 - (-n) * 0.25 + n**2 + 1 / (n + 1)


def closed():
    factor, inner = 1.5, halved
    return lambda x: inner(x) * factor


def scattered(x):
    if x > 1.0:
        return x
        y = 1.0 / 0.0  # noqa: F841
    elif x > 0.0:
        return -x
    else:
        z = 1.0
        if x < -1.0:
            z = x
        return -z - 1.0
    return 4.0


def redefined(x):
    x = x + 1.0
    y = x
    if x < 0.0:
        y = -x
    return y


class Callable:
    def __call__(self, x):
        return x

    def method(self, x):
        return x


VALUES = {
    "cube": lambda x: x * x * x,
    "helped": _helped,
    "stepwise": stepwise,
    "recursive": recursive,
    "redefined": redefined,
    "bounded": lambda x: min(max(x, -1.0, -SCALE), 1.0, COUNT),
    "constants": lambda x: x * COUNT + SCALE - math.pi + 2,
    "infinite": lambda x: SCALE if x < BIG and NOTHING < x else -BIG,
    "one_of": lambda x: (x > 1.0 and x) or (x < -1.0 and -x) or 0.5,
    "between": lambda x: 1.0 if -1.0 <= x < 1.0 != 2.0 else 0.0 if x == 4.0 else +x,
    "powers": lambda x: 2.0**x - (-x) ** 2.0 + (x * x) ** 0.5,
    "operations": lambda x: engine.leaky_relu(x) + engine.tanh(x) + abs(x) + engine.abs(x),
    "default": lambda x, k=SCALE: x * k,
    "constant_one": lambda x: 1.0,
    "atan_two": lambda x: math.atan2(x, 2.0) + math.fmod(x, 0.75) + math.copysign(1.0, x),
    "x_of_exp": lambda exp: math.exp(exp) * exp,
    "share": lambda x: (x > 0.0) / ((x > 0.0) + (x > -100.0)),
    "negative_truth": lambda x: math.copysign(1.0, -(x > 1.0)),
    "negative_product": lambda x: math.copysign(1.0, (x > 1.0) * -1) + math.copysign(2.0, 0 - (x > 1.0)),
    "negative_rounded": lambda x: math.copysign(1.0, math.ceil(x)) + math.copysign(2.0, float(math.trunc(x))),
    "never_both": lambda x: math.copysign(1.0, -max(0, x)),
    "either": lambda x: max(0, x) + min(6, max(0, x)) * x - (x > 0.0 and 1),
    "counting": counting,
    "rounded": lambda x: x - math.floor(x) + math.ceil(x) * 3 + math.trunc(x) ** 2,
    "knots": lambda x: 1.0 if (x < 2.0 < x + 3.0 > 1) != (not x) else not x > 0.0,
    "doubtful": lambda x: ((x or 2) and (3.0 and x)) or (x and 0.0),
    "whole_constants": lambda x: x * 10**3 / 7 + 2**-1 + (1 - 3) ** 3 + True,
    "with_defaults": lambda x: weighted(x) + weighted(x, 3.0) + weighted(x, shift=2) + weighted(shift=x, k=-1, x=2.0),
    "own_int_default": lambda x, k=0: math.copysign(1.0, -k) * x,
    "closed": closed(),
    "to_and_fro": to_and,
    "scattered": scattered,
    "of_the_table": lambda x: engine.leaky_relu(x, slope=x / 2.0) + engine.where(x > 1.0, x, -x) + engine.power(x),
    "table_of_truths": lambda x: math.copysign(1.0, -engine.abs(x > 9.0)) + engine.maximum(x > 0.0, False),
    "nested": lambda x: ((((x or 1.0) or 2.0) or 3.0) or 4.0) + (x < (x < (x < (x < x + 1.0) + 1.0) + 1.0) + 1.0),
    "remainder": lambda x: x % 2.0 + x // 2.0 if False else x * 1.5,
}
IN_PYTHON_ALONE = {"remainder", "never_both"}  # the last one may have to decide whether 0 is an int


@pytest.mark.parametrize("name", VALUES)
def test_values_of_your_own_in_python(name, register):
    operation = register(name, VALUES[name])
    for number in POINTS:
        for settings in ({}, {"fold": False}):
            for parameters in (None, []):
                x = Value(number, "exp" if name == "helped" else name)
                inner = operation(x)
                program = Program(inner * 1.5 + operation(inner), [x] if parameters == [] else [], **settings)
                assert bits(*replayed(program)) == bits(*eagerly(program))


@pytest.mark.needs_compiler
def test_values_of_your_own_in_c(register):
    operations = [register(name, value) for name, value in VALUES.items() if name not in IN_PYTHON_ALONE]
    leaves = [Value(number) for _ in operations for number in POINTS]
    parts = [operation(leaf) for leaf, operation in zip(leaves, operations * len(POINTS), strict=True)]
    program = Program(sum(part * (1.0 + place / 7.0) for place, part in enumerate(parts)))
    expected = eagerly(program)
    assert bits(*replayed(program)) == bits(*expected)
    for samples in (False, True):
        for straight in (False, True):
            assert natively(program, samples, straight) == pytest.approx(expected, rel=1e-12, abs=1e-300)


def test_numbers_in_powers_keep_their_sign(register):
    power_of = register(
        "power_of", lambda x, y: x**y, lambda x, y, out: (0.0, out * math.log(2.0)), samples=((2.0, 3.0),)
    )
    y = Value(2.0)
    program = Program(power_of(-2.0, y), [], [y])
    assert program().loss == 4.0
    assert "(-2.0) ** " in program.source


def test_parameters_come_in_the_order_of_the_function(register):
    scaled = register(
        "scaled",
        lambda x, b, a: x * a - b,
        lambda x, out, a, b: (a,),
        parameters={"a": 2.0, "b": 5.0},
    )
    assert value_function(scaled)[1] == (5.0, 2.0)
    x = Value(3.0)
    program = Program(scaled(x) + scaled(x, a=-4.0))
    assert bits(*replayed(program)) == bits(*eagerly(program))


def test_parameters_of_what_is_no_plain_function_keep_their_order():
    bound = engine.leaky_relu.bind(slope=0.5)
    assert value_function(bound)[1] == (0.5,)
    assert value_function(engine.exp) == (math.exp, ())


@pytest.mark.needs_compiler
def test_another_operation_of_the_same_name(register):
    for factor in (2.0, 3.0):
        operation = register("times", lambda x, k=factor: x * k, lambda x, out: (x / x,))
        program = Program(operation(Value(4.0)) * 1.0)
        engine.unregister("times")
        assert natively(program)[0] == replayed(program)[0] == 4.0 * factor
    for value in (halved, third):
        operation = register("times", value)
        program = Program(operation(Value(6.0)))
        assert natively(program)[0] == replayed(program)[0] == value(6.0)
        engine.unregister("times")
        assert natively(program)[0] == value(6.0)


def test_two_helpers_of_the_same_name(register, tmp_path):
    found = []
    for place, factor in enumerate((2.0, 3.0)):
        path = tmp_path / f"part{place}.py"
        path.write_text(
            f"def helper(x):\n    y = x * {factor}\n    return y + 1.0\n\n\n"
            "def value(x):\n    z = helper(x)\n    return helper(z) - z\n"
        )
        spec = importlib.util.spec_from_file_location(f"part{place}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found.append(register(f"part{place}", module.value))
    x = Value(1.5, "helper")
    program = Program(found[0](x) * found[1](x) + x.sigmoid() * engine.exp(x))
    assert bits(*replayed(program)) == bits(*eagerly(program))


def test_an_operation_may_have_the_name_of_a_function_of_python(register):
    def fabs(x):
        y = x + 1.0
        return y  # noqa: RET504

    register("fabs", fabs)
    register("curved", lambda x: math.fabs(x) * 2.0)
    x = Value(0.5, "trunc")
    program = Program(x.fabs() * x.curved())
    assert bits(*replayed(program)) == bits(*eagerly(program))


def looped(x):
    for _ in range(3):
        x = x * x
    return x


def rest_of(x, *rest, **more):
    return x


def called_inf(x, inf=1.0):
    return min(x * inf, BIG)


def deep(x):
    return x  # its source is replaced


def bare(x):
    if x < 0.0:
        return  # noqa: RET502
    return x


def assigning(x):
    if x > 1e9:
        math.sin = x
    return x


THING = Callable()
UNREADABLE = {
    "looped": (looped, "looped contains 'for _ in range"),
    "grown": (
        lambda x: [x, x][0],
        r"grown contains '\[x, x\]\[0\]', which cannot be put into a program: .*, and functions of math",
    ),
    "attribute": (lambda x: x.real, "attribute contains 'x.real'"),
    "keyword": (lambda x: max([x], default=1.0), "keyword contains"),
    "text": (lambda x: x if __name__ else 0.0, "text may use numbers and functions, not __name__"),
    "instance": (Callable(), "instance must be a Python function, whose source can be read"),
    "method": (Callable().method, "method must be a Python function"),
    "words": (lambda x: "1.5" if x > 1e9 else x, "words contains .'1.5'., which cannot be put into a program"),
    "partly": (partial(math.pow, 2.0), r"partly must be a Python function, .* not functools.partial"),
    "any_count": (rest_of, r"any_count must name each of its arguments .*, without \* and \*\*"),
    "called_inf": (called_inf, "has a variable inf, which must be called otherwise"),
    "too_few": (lambda x: x if x < 1e9 else weighted(), r"too_few contains 'weighted\(\)'"),
    "too_many": (lambda x: x if x < 1e9 else halved(x, 2.0), r"too_many contains 'halved\(x, 2.0\)'"),
    "unknown": (lambda x: x if x < 1e9 else halved(y=x), r"unknown contains 'halved\(y=x\)'"),
    "twice": (lambda x: x if x < 1e9 else halved(x, x=2.0), r"twice contains 'halved\(x, x=2.0\)'"),
    "starred": (lambda x: x if x < 1e9 else max(*(x, x)), r"starred contains '\*\(x, x\)'"),
    "spread": (lambda x: x if x < 1e9 else weighted(x, **vars()), "cannot be put into a program"),
    "wrong_slope": (lambda x: x if x < 1e9 else engine.leaky_relu(x, alpha=1.0), "wrong_slope contains"),
    "two_operands": (lambda x: x if x < 1e9 else engine.relu(x, x), "two_operands contains"),
    "assigning": (assigning, "assigning contains 'math.sin'"),
    "thing": (lambda x: x if x < 1e9 else THING(x), r"THING must be a Python function, whose source can be read"),
    "keyed": (lambda x: x if x < 1e9 else math.ldexp(x, i=2), "keyed contains"),
    "library": (lambda x: x + ast.literal_eval("1.0"), "cannot be put into a program"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_no_program_can_hold_is_told(name, register, monkeypatch):
    value, says = UNREADABLE[name]
    operation = register(name, value)
    program = Program(operation(Value(1.0)))
    with pytest.raises(OperationError, match=says):
        program()


def applied(f, x):
    return f(x)


def sometimes(x):
    if x > -1e9:
        y = x
    return y


IN_C = {
    "combined": (lambda x: x * math.comb(4, 2), r"uses comb\(x, y\), which C does not have; use backend='python'"),
    "based": (lambda x: math.log(x + 10.0, 2.0), r"uses log\(x, y\), which C does not have"),
    "spread": (lambda x: math.hypot(x, 1.0, 2.0), r"uses hypot\(x, y, z\), which C"),
    "remaining": (lambda x: x % 2.0, "remaining contains 'x % 2.0', which cannot be translated to C"),
    "alike": (lambda x: 1.0 if x is not None else x, "alike contains 'x is not None'"),
    "called": (lambda x, f=1.0: (halved if x else third)(x), "called contains"),
    "passed_on": (lambda x: applied(halved, x), "contains 'halved', which cannot be translated to C"),
    "gamma": (lambda x: math.gamma(x), r"uses gamma\(x\), which C does not have"),
    "norm": (lambda x: math.hypot(x, 1.0), r"uses hypot\(x, y\), which C does not have"),
    "large": (lambda x: x + (2**53 + 1) * 0 if x == 9007199254740993 else x, "contains '9007199254740993', which"),
    "integer": (lambda x: int(x) * 1.0, r"uses int\(x\), which C does not have"),
    "quotient": (lambda x: x // 2.0, "quotient contains 'x // 2.0', which cannot be translated to C"),
    "shifted": (lambda x: x * (1 << 3), "shifted contains '1 << 3', which cannot be translated to C"),
    "unset": (sometimes, "unset contains 'y', which cannot be translated to C"),
}


@pytest.mark.parametrize("name", IN_C)
def test_what_c_does_not_have_is_told_and_replayed_in_python(name, register):
    value, says = IN_C[name]
    x = Value(1.0, "x")
    operation = register(name, value)
    with pytest.raises(OperationError, match=says):
        Program(operation(x) * x, backend="native")
    with pytest.warns(RuntimeWarning, match=says):
        assert Program(operation(x) * x, backend="auto").backend == "python"
    program = Program(operation(x) * x)
    assert bits(*replayed(program)) == bits(*eagerly(program))


def test_assignments_to_two_names_are_not_translated(register):
    def twice(x):
        y = z = x * 2.0
        return y + z

    with pytest.raises(OperationError, match="y = z = x"):
        Functions().require(register("twice", twice))


@pytest.mark.needs_compiler
def test_what_cannot_be_translated_spoils_nothing_else(register):
    def lost(x):
        y = x * math.comb(4, 2)
        return y  # noqa: RET504

    register("lost", lost)
    register("also_lost", lambda x: lost(x) + 1.0)
    x = Value(2.0)
    assert natively(Program(x.exp())) == pytest.approx([math.exp(2.0)] * 2)
    with pytest.raises(OperationError, match="comb"):
        natively(Program(x.also_lost()))


def test_source_that_is_nowhere(register):
    namespace = {}
    exec("value = lambda x: x * 2.5", namespace)
    operation = register("nowhere", namespace["value"])
    with pytest.raises(OperationError, match="the source of nowhere cannot be found in <string>; define it in a file"):
        Program(operation(Value(1.0)))()


def test_functions_on_one_line_are_told_apart(register):
    pair = [lambda x: x * 2.0, lambda x: x * 3.0 + math.exp(x)]
    ones = [lambda x: 2.0, lambda x: 3.0]
    texts = [ast.unparse(definition(function, "f").formula) for function in (*pair, *ones)]
    assert texts == ["x * 2.0", "x * 3.0 + math.exp(x)", "2.0", "3.0"]


def test_a_value_that_has_none_in_a_program(register):
    operation = register("root", lambda x: math.sqrt(x), lambda x, out: (0.5 / out,), domain="x >= 0")
    x = Value(4.0, "x")
    program = Program(operation(x), [x])
    with pytest.raises(DomainError, match=r"root\(x\) has no value at x = -1.0 \(labelled 'x'\): it needs x >= 0"):
        program(-1.0)


def test_a_default_must_be_a_number(register):
    operation = register("applied", lambda x, f=halved: f(x))
    with pytest.raises(TypeError, match="applied, f: expected a real number"):
        Program(operation(Value(1.0)))()


# --- Python's answer, everywhere ------------------------------------------------------------------------------


def refused(x):
    t = 1.0 / x  # noqa: F841
    return 2.0


def ends(x):  # noqa: RET503
    if x > 0.0:
        return x


# Functions, a number where each gives a float, and one where Python raises or gives something else.
ANSWERS = {
    "unused": (refused, 1.0, 0.0, DomainError),
    "unused_truth": (lambda x: 1.0 if (1.0 / x > 0.0 or True) else 2.0, 1.0, 0.0, DomainError),
    "cancelled": (lambda x: (1.0 / x) ** 0, 1.0, 0.0, DomainError),
    "both_truths": (lambda x: (x > 0.0) / (x > -1.0), 1.0, -2.0, DomainError),
    "floor_of_inf": (lambda x: float(math.floor(x)), 1.5, math.inf, DomainError),
    "ceil_of_nan": (lambda x: float(math.ceil(x)), 1.5, math.nan, DomainError),
    "builtin_floor": (math.floor, 1.5, -math.inf, DomainError),
    "unused_floor": (lambda x: math.trunc(x) * 0 + 1.0, 1.5, math.inf, DomainError),
    "large_power": (lambda x: x**2, 1.5, 1e200, DomainError),
    "half_power": (lambda x: x**0.5, 1.5, -1.0, TypeError),
    "absolute_half_power": (lambda x: abs(x**0.5), 1.5, -4.0, 2.0),
    "complex_in_between": (lambda x: (x**0.5 == 0.0) + 1.0, 1.5, -1.0, 1.0),
    "truth": (lambda x: x > 1.0, 1.5, 0.5, 0.0),
    "whole": (lambda x: 3 if x > 1.0 else -4, 1.5, 0.5, -4.0),
    "whole_function": (math.floor, 1.5, -0.5, -1.0),
    "minus_nothing": (lambda x: -(x > 1.0), 1.5, 0.5, 0.0),
    "exact_whole": (lambda x: math.floor(x) * 3 + 1 - math.floor(x) * 3, 1.5, 2.0**60, 1.0),
    "exact_power": (lambda x: 10 ** (17 + (x > 1.0)) - 10**17 * 10, 1.5, 0.5, 10.0**17 - 10.0**18),
    "open_end": (ends, 1.0, -1.0, TypeError),
    "nothing": (lambda x: x if x > 0.0 else None, 1.0, -1.0, TypeError),
    "bare": (bare, 1.0, -1.0, TypeError),
    "endless": (lambda x: x if x > 0.0 else recursive(2e4), 1.0, -1.0, RecursionError),
    "deep_enough": (lambda x: recursive(x) * 0.0, 1.0, 160.0, 0.0),
}


@pytest.mark.parametrize("backend", ["python", pytest.param("native", marks=pytest.mark.needs_compiler)])
@pytest.mark.parametrize("name", ANSWERS)
def test_every_backend_answers_as_python_does(name, backend, register):
    value, good, other, answer = ANSWERS[name]
    operation = register(name, value, lambda x, out: (0.0 * x,), samples=((good,),))
    x = Value(good, "x")
    program = Program(operation(x) * 1.0, [x], backend=backend)
    assert program.backend == backend
    inner = Program(operation(x), [x], backend=backend)
    for each in (program, inner):
        for _ in range(2):
            found = [each(good).loss, each.values([each.loss], [[good]])[0][0]]
            assert {type(number) for number in found} == {float}
            assert bits(*found) == bits(*[value(good) * 1.0] * 2)
        for compute in (each, each.forward, lambda number: operation(Value(number)).data):
            if isinstance(answer, type):
                with pytest.raises(answer):
                    compute(other)
            else:
                number = compute(other)
                number = number if isinstance(number, float) else number.loss
                assert type(number) is float
                assert bits(number) == bits(answer)


@pytest.mark.parametrize("backend", ["python", pytest.param("native", marks=pytest.mark.needs_compiler)])
def test_operators_of_your_own_keep_their_brackets(backend, register):
    plus = register("plus", operator.add, lambda x, y, out: (x * 1.0, y * 1.0))
    register("times", lambda x, y: x * y, lambda x, y, out: (plus(x, y) * y, plus(x, y) - plus(y, y) / x))
    x, y = Value(3.0, "x"), Value(5.0, "y")
    program = Program(x.times(y) * plus(x, y), parameters=[x, y], backend=backend)
    assert bits(*replayed(program)) == bits(*eagerly(program))


@pytest.mark.needs_compiler
def test_an_operation_that_c_refuses_spoils_no_other_program(register):
    register("combined", lambda x: x * math.comb(4, 2))
    register("helped", lambda x: weighted(x) + 1.0)
    x = Value(1.5)
    program = Program(chain_of(x), [x], backend="native")
    assert program(1.5).loss == chain_of(Value(1.5)).data
    with pytest.raises(OperationError, match="comb"):
        Program(x.combined(), [x], backend="native")(1.5)
    assert Program(x.helped() * chain_of(x), [x], backend="native")(1.5).loss == 5.0 * chain_of(Value(1.5)).data


def chain_of(x):
    """Return a graph that is too long for straight-line code."""
    for _ in range(400):
        x = (x * 0.5).tanh()
    return x


def test_what_a_function_reads_is_read_when_a_program_is_made(register, monkeypatch):
    half, closed_over = 0.5, lambda x: x * half
    operation = register("scaled", lambda x: x * SCALE + closed_over(x))
    x = Value(2.0, "x")
    assert Program(operation(x), [x])(2.0).loss == 3.5
    monkeypatch.setitem(globals(), "SCALE", -0.0)
    half = 0.25
    program = Program(operation(x), [x])
    assert program(2.0).loss == operation(Value(2.0)).data == 0.5
    unit = Functions()
    unit.require(operation)
    assert "-0.0" in unit.text.replace("(-0.0)", "-0.0") and "0.25" in unit.text


def test_a_name_that_stands_for_nothing_yet(register):
    def made():
        def value(x):
            return x if x < 50.0 else later(x)

        if value is None:
            later = halved
        return value

    operation = register("early", made())
    with pytest.raises(OperationError, match="early may use numbers and functions, not later"):
        Program(operation(Value(1.0)))()


def test_source_that_has_changed(register, tmp_path):
    path = tmp_path / "mine.py"

    def imported(text):
        path.write_text(text)
        linecache.checkcache(str(path))
        spec = importlib.util.spec_from_file_location("mine", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return register(f"mine{len(text)}", module.value)

    first = imported("def value(x):\n    return x * 2.0\n")
    for text in (
        "def value(x):\n    return x * 3.0\n",
        "def value(x):\n    return x + 2.0\n",
        "def value(x):\n    return x * 2\n",
        "def value(x):\n    return (\n",
        "",
    ):
        path.write_text(text)
        linecache.checkcache(str(path))
        with pytest.raises(OperationError, match=r"the source of mine33 .*mine.py"):
            Program(first(Value(1.0)))()
    register("moved", first.value)


def test_functions_that_are_nested_too_deeply(register, tmp_path):
    path = tmp_path / "long.py"
    path.write_text(f"def value(x):\n    return {' + '.join(['x'] * 900)}\n")
    spec = importlib.util.spec_from_file_location("long", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    x = Value(1.0, "x")
    with pytest.raises(OperationError, match="long is nested too deeply for a program; split it"):
        Program(register("long", module.value)(x))()


def test_a_function_may_be_too_deep_for_c_alone(register, monkeypatch):
    def deeply(*_):
        raise RecursionError

    monkeypatch.setattr("engine.program.translation.Translation.statement", deeply)
    with pytest.raises(OperationError, match="half is nested too deeply for C; split it"):
        Functions().require(register("half", halved))


@pytest.mark.needs_compiler
def test_numbers_of_numpy_are_constants(register, monkeypatch):
    numpy = pytest.importorskip("numpy")
    monkeypatch.setitem(globals(), "SCALE", numpy.float64(0.75))
    operation = register("scaled", lambda x: x * SCALE)
    x = Value(2.0, "x")
    for backend in ("python", "native"):
        found = Program(operation(x), [x], backend=backend)(3.0).loss
        assert found == operation(Value(3.0)).data == 2.25
        assert type(found) is type(operation(Value(3.0)).data) is float


def test_a_default_that_no_float_is(register):
    operation = register("huge", lambda x, k=2**53 + 1: x if k else 0.0)
    assert value_function(operation)[1] == (2.0**53,)
    assert [type(number) for number in value_function(register("plain", lambda x, k=2: x))[1]] == [int]


def test_a_number_that_is_too_large_for_c(register, tmp_path):
    path = tmp_path / "large.py"
    path.write_text(f"def value(x):\n    return x if x < 1{'0' * 400} else 0.0\n")
    spec = importlib.util.spec_from_file_location("large", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.raises(OperationError, match="large contains '10000.*', which cannot be translated to C"):
        Functions().require(register("large", module.value))

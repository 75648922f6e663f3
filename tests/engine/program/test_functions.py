"""Operations of your own in programs: their values are read from their source, for Python and for C."""

import ast
import importlib.util
import math
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


@pytest.fixture
def register():
    """Register operations that are gone after the test."""
    names = []

    def registered(name, value, rule=None, **details):
        names.append(name)
        rule = rule or (lambda x, out: (2.0 * x,))
        return engine.register(name, value, rule, **details)

    yield registered
    for name in names:
        if name in engine.TABLE:
            engine.unregister(name)


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
    "atan_two": lambda x: math.atan2(x, 2.0) + math.hypot(x, 1.0) + math.copysign(1.0, x),
    "x_of_exp": lambda exp: math.exp(exp) * exp,
    "remainder": lambda x: x % 2.0 + x // 2.0 if False else x * 1.5,
}
IN_PYTHON_ALONE = {"remainder"}


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
    def sinh(x):
        y = x + 1.0
        return y  # noqa: RET504

    register("sinh", sinh)
    register("curved", lambda x: math.sinh(x) * 2.0)
    x = Value(0.5, "cosh")
    program = Program(x.sinh() * x.curved())
    assert bits(*replayed(program)) == bits(*eagerly(program))


def looped(x):
    for _ in range(3):
        x = x * x
    return x


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
    "library": (lambda x: x + ast.literal_eval("1.0"), "cannot be put into a program"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_no_program_can_hold_is_told(name, register):
    value, says = UNREADABLE[name]
    operation = register(name, value)
    program = Program(operation(Value(1.0)))
    with pytest.raises(OperationError, match=says):
        program()


IN_C = {
    "combined": (lambda x: x * math.comb(4, 2), r"uses comb\(x, y\), which C does not have; use backend='python'"),
    "based": (lambda x: math.log(x + 10.0, 2.0), r"uses log\(x, y\), which C does not have"),
    "spread": (lambda x: math.hypot(x, 1.0, 2.0), r"uses hypot\(x, y, z\), which C"),
    "remaining": (lambda x: x % 2.0, "remaining contains 'x % 2.0', which cannot be translated to C"),
    "alike": (lambda x: 1.0 if x is not None else x, "alike contains 'x is not None'"),
    "called": (lambda x, f=1.0: (halved if x else third)(x), "called contains"),
}


@pytest.mark.parametrize("name", IN_C)
def test_what_c_does_not_have_is_told_and_replayed_in_python(name, register):
    value, says = IN_C[name]
    x = Value(1.0, "x")
    operation = register(name, value)
    program = Program(operation(x) * x, backend="native")
    with pytest.raises(OperationError, match=says):
        program()
    assert Program(operation(x) * x, backend="auto").backend == "python"
    assert bits(*replayed(Program(operation(x) * x))) == bits(*eagerly(program))


def test_assignments_to_two_names_are_not_translated(register):
    def twice(x):
        y = z = x * 2.0
        return y + z

    def nothing(x):
        if x > 1e9:
            return None
        return x

    for value, says in ((twice, "y = z = x"), (nothing, "None")):
        with pytest.raises(OperationError, match=says):
            Functions().require(register(value.__name__, value))


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

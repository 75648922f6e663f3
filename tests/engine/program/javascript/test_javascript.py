"""Programs in JavaScript, run by Node: the numbers of the Python program, and an error where Python raises one."""

import json
import math
import os
import random
import subprocess

import pytest

import engine
from engine import OperationError, Value
from engine.program.javascript.functions import KNOWN, Functions
from engine.program.program import Program
from tests.engine.program.graphs import bits
from tests.engine.program.replayed import replayed
from tests.engine.program.test_functions import ANSWERS
from tests.engine.program.test_replay import drawn

pytestmark = pytest.mark.needs_node
COUNT = int(os.environ.get("STEPGRAD_GRAPHS", "150"))
DRIVER = """
const written = (x) => (Object.is(x, -0) ? "-0.0" : String(x));
const calls = JSON.parse(require("fs").readFileSync(0, "utf8"));
const found = calls.map(([file, inputs, parameters]) => {
  try {
    const { loss, gradients } = require(file).backpropagate(inputs.map(Number), parameters.map(Number));
    return [loss, ...gradients].map(written);
  } catch (error) { return error.name; }
});
console.log(JSON.stringify(found));
"""


def run(folder, calls):
    """Return what Node computes for pairs of a program and the numbers of its inputs: numbers, or an error's name."""
    asked = []
    for place, (program, numbers) in enumerate(calls):
        path = program.save(folder / f"program_{place}.js")
        asked.append([str(path), list(map(repr, numbers)), [repr(leaf.data) for leaf in program.parameters]])
    done = subprocess.run(
        ["node", "-e", DRIVER], input=json.dumps(asked).replace("inf", "Infinity"), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return [each if isinstance(each, str) else list(map(_float, each)) for each in json.loads(done.stdout)]


def _float(text):
    return float(text.replace("Infinity", "inf"))


def test_every_operation_at_its_samples(tmp_path):
    programs = []
    for operation in engine.TABLE.values():
        for sample in operation.samples:
            programs.append(Program(operation(*map(Value, sample)) * -1.7))
    found = run(tmp_path, [(program, []) for program in programs])
    for program, numbers in zip(programs, found, strict=True):
        assert numbers == pytest.approx(replayed(program), rel=4e-15, abs=0.0), program.source


def test_random_graphs(tmp_path):
    programs = [drawn(seed, prune=seed % 2 == 0, fold=seed % 3 > 0) for seed in range(COUNT)]
    found = run(tmp_path, [(program, [leaf.data for leaf in program.inputs]) for program in programs])
    same = 0
    for program, numbers in zip(programs, found, strict=True):
        expected = replayed(program)
        assert numbers == pytest.approx(expected, rel=1e-12, abs=1e-290)
        same += bits(*numbers) == bits(*expected)
    assert same > COUNT / 2  # arithmetic rounds alike


def test_operations_of_your_own(tmp_path, register):
    calls, expected = [], []
    for name, (value, good, other, answer) in ANSWERS.items():
        operation = register(name, value, lambda x, out: (0.0 * x,), samples=((good,),))
        x = Value(good, "x")
        program = Program(operation(x) * 1.0, [x])
        calls += [(program, [good]), (program, [other])]
        expected += [value(good) * 1.0, answer]
    for call, found, answer in zip(calls, run(tmp_path, calls), expected, strict=True):
        # what JavaScript's numbers cannot hold exactly is refused
        if isinstance(answer, type) or found == "RangeError":
            assert found == "RangeError", call
        else:
            assert bits(found[0]) == bits(answer), call


@pytest.mark.parametrize("name", ["log", "sqrt", "div", "exp", "pow", "log1p", "tan", "sin"])
def test_no_value_is_an_error(name, tmp_path):
    operation = engine.TABLE[name]
    numbers = {"log": [0.0], "sqrt": [-1.0], "div": [1.0, 0.0], "exp": [710.0], "pow": [0.0, -1.0], "log1p": [-1.0]}
    leaves = [Value(0.5, f"x{place}") for place in range(operation.arity)]
    program = Program(operation(*leaves), leaves)
    bad = numbers.get(name, [math.inf])
    assert run(tmp_path, [(program, bad), (program, [0.5] * len(leaves))])[0] == "RangeError"
    with pytest.raises(engine.DomainError):
        program(*bad)


@pytest.mark.parametrize(
    ("name", "low", "high", "most"), [("erf", -7.0, 7.0, 8), ("erfc", -7.0, 26.0, 40), ("gamma", -30.0, 171.0, 60),
                                      ("lgamma", -30.0, 1e4, 40)]
)  # fmt: skip
def test_what_javascript_lacks(name, low, high, most):
    mpmath = pytest.importorskip("mpmath")
    draw = random.Random(3)
    numbers = [draw.uniform(low, high) if i % 2 else draw.uniform(-3.0, 4.0) for i in range(4000)]
    code = f"console.log(JSON.stringify({json.dumps(numbers)}.map({KNOWN[getattr(math, name)]})))"
    done = subprocess.run(["node", "-e", f"{Functions().text(code)}\n{code}"], capture_output=True, text=True)
    wrong = []
    for x, found in zip(numbers, json.loads(done.stdout), strict=True):
        exact = getattr(mpmath, "loggamma" if name == "lgamma" else name)(mpmath.mpf(x))
        exact = mpmath.re(exact)
        scale = max(abs(exact), 1) if name == "lgamma" else abs(exact)
        wrong.append(float(abs(found - exact) / (scale * mpmath.mpf(2) ** -53)))
    assert max(wrong) < most, numbers[wrong.index(max(wrong))]


def test_the_functions_of_math(tmp_path, register):
    draw, calls, expected = random.Random(1), [], []
    for function, name in KNOWN.items():
        if getattr(math, name[1:], None) is not function or name in ("_gamma", "_lgamma", "_erf", "_erfc"):
            continue
        arity = 2 if name in ("_atan2", "_copysign", "_fmod", "_hypot", "_pow") else 1
        sample = (1.5,) * arity if name in ("_acosh",) else (0.5,) * arity
        rule = (lambda x, out: (0.0,)) if arity == 1 else lambda x, y, out: (0.0, 0.0)
        operation = register(f"my{name}", function, rule, samples=(sample,))
        leaves = [Value(number) for number in sample]
        program = Program(operation(*leaves), leaves)
        for _ in range(40):
            numbers = [draw.choice([draw.uniform(-3, 3), draw.uniform(0, 1), float(draw.randint(-3, 3)), -0.0, 1e300])
                       for _ in sample]  # fmt: skip
            try:
                expected.append(float(function(*numbers)))
            except (ValueError, OverflowError):
                expected.append("RangeError")
            calls.append((program, numbers))
    for call, found, answer in zip(calls, run(tmp_path, calls), expected, strict=True):
        if isinstance(answer, str):
            assert found == answer, call
        else:
            assert found[0] == pytest.approx(answer, rel=5e-16, abs=0.0), call
            assert math.copysign(1.0, found[0]) == math.copysign(1.0, answer), (call, found, answer)


def test_it_runs_on_its_own_with_any_labels(tmp_path):
    names = ["const", "a\u2028b", "*/ alert(1) //", "`${1}`", "class", "Math", "loss", "_exp", "d_const", "x\ny"]
    leaves = [Value(0.5 + place / 8, name) for place, name in enumerate(names)]
    root = engine.exp(sum(leaves[1:], leaves[0] * leaves[1]))
    path = Program(root).save(tmp_path / "labels.js")
    done = subprocess.run(["node", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    root.backward()
    assert float(lines[0].removeprefix("loss = ")) == pytest.approx(root.data, rel=1e-15)
    assert float(lines[1].removeprefix("d loss / d const = ")) == pytest.approx(leaves[0].grad, rel=1e-15)


def test_a_function_that_javascript_lacks(register):
    operation = register("spaced", lambda x: x + math.ulp(x), lambda x, out: (1.0,))
    with pytest.raises(OperationError, match=r"spaced uses ulp\(x\)|math.ulp uses ulp\(x\), which JavaScript does not"):
        Program(operation(Value(1.0))).javascript  # noqa: B018 - it is written now

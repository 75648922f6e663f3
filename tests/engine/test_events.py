"""finite: the first number that is not finite, forward or backward, against plain loops over floats."""

import math
import os
import random
import re

import pytest

import engine
import nn
from engine import NotFiniteError, Value, finite, no_grad, record_source, topological_order, why_nan
from engine.cli.app import main
from engine.doctor.diagnosis import diagnose
from engine.events import check_finite, event_at, first_not_finite

COUNT = int(os.environ.get("STEPGRAD_GRAPHS", "300"))
SIZES = [1e-300, 1e-200, 1e-160, 1e-20, 0.5, 1.0, 3.0, 1e20, 1e160, 1e200, 1e300]


def random_graph(chance):
    """Return the root of a graph of numbers of extreme sizes."""
    sizes = SIZES if chance.random() < 0.5 else SIZES[3:8]
    values = [Value(chance.choice(sizes) * chance.choice([1, -1]), f"x{i}") for i in range(4)]
    for _ in range(chance.randrange(1, 12)):
        x, y = chance.choice(values), chance.choice(values)
        values.append(chance.choice([x + y, x - y, x * y, x * y * y, x * x, x.tanh(), x.relu(), -x]))
    return values[-1]


def is_finite_by_hand(root):
    """Return whether every number of both passes is finite, by a loop over plain floats."""
    order = topological_order(root)
    grads = dict.fromkeys(order, 0.0)
    if not all(math.isfinite(node.data) for node in order):
        return False
    grads[root] = 1.0
    for node in reversed(order):
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            grads[operand] += local * grads[node] if local != 0.0 or math.isfinite(grads[node]) else 0.0
            if not math.isfinite(grads[operand]):
                return False
    return True


def test_it_raises_exactly_where_a_number_is_not_finite():
    chance, met = random.Random(1), [0, 0]
    for _ in range(COUNT):
        root = random_graph(chance)
        expected = is_finite_by_hand(root)
        met[expected] += 1
        assert (first_not_finite(root) is None) is expected
        before = [node.grad for node in topological_order(root)]
        try:
            with finite():
                root.backward()
            happened = True
        except NotFiniteError:
            happened = False
            assert [node.grad for node in topological_order(root)] == before
        assert happened is expected or not all(math.isfinite(node.data) for node in topological_order(root))
    assert min(met) > COUNT // 20, met


def test_the_forward_pass_names_operation_operands_line_and_remedy():
    x = Value(1e200, "x")
    with pytest.raises(NotFiniteError) as caught, finite(), record_source():
        x * x
    says = str(caught.value)
    assert says.startswith("x * y is inf at x = 1e+200 (labelled 'x'), y = 1e+200")
    assert re.search(r"made at .*test_events\.py:\d+", says)
    assert says.endswith("if a training diverges, lower its learning rate.")


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
def test_numbers_that_are_given_are_looked_at(bad):
    with pytest.raises(NotFiniteError, match=rf"^{bad} was given\. Check"), finite():
        Value(bad, "x")
    with pytest.raises(NotFiniteError, match=rf"^x = {bad} was given"):
        check_finite(Value(bad, "x") * 2.0)
    x = Value(1.0, "x")
    x.data = bad
    with pytest.raises(NotFiniteError, match=rf"x \+ y is {bad}"), finite():
        x + 1
    with pytest.raises(NotFiniteError), finite(), no_grad():
        Value(1e200) * 1e200


def test_the_backward_pass_names_the_step():
    x = Value(1e-200, "x")
    with pytest.raises(NotFiniteError, match=r"the local derivative ∂half/∂x = -half / x = -inf"), finite():
        half = 1 / x
        (half * 1e-300).backward()
    y, z = Value(1e200, "y"), Value(0.0, "z")
    with pytest.raises(
        NotFiniteError, match=r"the contribution .* is inf, in the backward pass from v3 = 0 \* 1e\+200"
    ):
        check_finite(z * 1e200 * y)
    w = Value(0.0, "w")
    with (
        pytest.raises(NotFiniteError, match=r"the sum of contributions to w\.grad, 1e\+308 \+ 1e\+308, is inf"),
        finite(),
    ):
        (w * 1e308 + w * 1e308).backward()
    with pytest.raises(NotFiniteError, match="a gradient is not finite before the step"), finite():
        (w * 2.0).backward(seed=math.inf)
    with pytest.raises(NotFiniteError, match="has no derivative"), finite():
        (w.sqrt() + y).backward()
    assert (x.grad, y.grad, z.grad, w.grad) == (None,) * 4
    cube = engine.register("cube_root_of", lambda x: x, lambda x, out: (math.inf,))
    try:
        with pytest.raises(NotFiniteError, match=r"∂v1/∂y = inf is not finite"):
            check_finite(cube(y))
    finally:
        engine.unregister("cube_root_of")
    assert cube.name == "cube_root_of"


def test_only_the_step_that_makes_it_is_special():
    x = Value(0.0, "x")
    steps = engine.walk((x * 2.0).sqrt() + Value(1.0, "y"), names={})
    found = [event for step in steps if (event := event_at(step))]
    assert [(event.kind, event.node.op.name) for event in found] == [("undefined", "sqrt")]
    big = Value(1e200, "big")
    steps = engine.walk(big * big * big - big, names={})
    found = [event for step in steps if (event := event_at(step))]
    assert [event.kind for event in found] == ["not-finite"]


def test_conditions_of_breakpoints_still_stop(monkeypatch):
    stops = []
    monkeypatch.setattr("sys.breakpointhook", lambda: stops.append(1))
    x = Value(2.0, "x")
    with finite():
        (x * x).backward(when=lambda step: step.position == 1)
        (x * x).backward()
    assert (stops, x.grad) == ([1], 8.0)


def test_compiled_functions_and_trainings_are_looked_at():
    w = Value(2.0, "w")
    square = engine.compiled(lambda a: w * a * a)
    assert square(3.0) == 18.0
    with finite():
        assert square(3.0) == 18.0
        with pytest.raises(NotFiniteError, match="is inf"):
            square(1e200)
    assert w.grad == 18.0
    nn.manual_seed(1)
    with pytest.raises(NotFiniteError, match="is inf"), finite():
        nn.fit(nn.MLP(1, [1]), ([[1e200]] * 4, [1.0] * 4), loss=lambda out, _: out * out, epochs=1)


def test_the_doctor_and_why_nan_go_through_the_backward_pass():
    with record_source():
        x = Value(1e-200, "x")
        y = 1 / x
        z = y * 1e-300
    z.backward()
    said = why_nan(z)
    assert said.startswith("All numbers of the forward pass are finite; those of the backward pass are not:\n")
    assert re.search(
        r"= -inf is not finite, in the backward pass from .* = 1 / 1e-200 = 1e\+200, made at .*:\d+: y = 1", said
    )
    finding = str(diagnose(z, [x]))
    assert "it begins here: the local derivative" in finding
    assert "y = 1 / x" in finding


def test_commands_take_it(capsys, tmp_path):
    assert main(["check", "1/x*1e-300", "x=1e-200", "--finite"]) == 1
    assert "the local derivative" in capsys.readouterr().err
    assert main(["check", "x*x", "x=2", "--finite"]) == 0
    path = tmp_path / "train.py"
    path.write_text("from engine import Value\nx = Value(1e200)\nloss = x * x\n")
    assert main(["explain", str(path), "--finite"]) == 1
    assert "train.py:3: loss = x * x" in capsys.readouterr().err

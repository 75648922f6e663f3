"""Looking at derivatives changes no node, whatever else looks at the graph meanwhile."""

import threading
from random import Random

import pytest

import engine
from engine import GraphError, Value, explain, grad, hessian, jacobian, jvp, topological_order, walk
from engine.derivatives import arriving
from engine.slope import FLAT
from tests.engine.test_graph import random_graph

LOOKS = {
    "grad": lambda root, inputs: grad(root, inputs),
    "jacobian": lambda root, inputs: jacobian([root], inputs),
    "jacobian forward": lambda root, inputs: jacobian([root, root * 1.0], inputs[:1]),
    "jvp": lambda root, inputs: jvp(root, {inputs[0]: 1.0}),
    "hessian": lambda root, inputs: hessian(root, inputs[:2]),
    "walk": lambda root, inputs: walk(root),
    "explain": lambda root, inputs: explain(root),
}


def state(root):
    return [
        (node, repr(node.data), repr(node.grad), node.inputs, repr(node.local_grads), node.note)
        for node in topological_order(root)
    ]


def inputs_of(root):
    return [node for node in topological_order(root) if node.is_leaf]


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_looking_changes_nothing(look):
    for seed in range(20):
        _, root = random_graph(seed)
        root.backward()
        before = state(root)
        look(root, inputs_of(root))
        assert state(root) == before


def test_threads_that_look_at_one_graph_do_not_meet():
    _, root = random_graph(7)
    inputs = inputs_of(root)
    right = jacobian([root], inputs)
    before = state(root)
    wrong = []

    def look(seed):
        draw = Random(seed)
        for _ in range(260):
            if draw.random() < 0.1:
                walk(root)
            if jacobian([root], inputs) != right or [x.data for x in grad(root, inputs)] != right[0]:
                wrong.append(seed)

    threads = [threading.Thread(target=look, args=(seed,)) for seed in range(4)]  # 1,040 jacobians
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert state(root) == before


def test_forward_and_reverse_mode_agree_where_one_input_is_computed_from_another():
    x = Value(2.0, "x")
    y = x * x
    out = x * y
    assert jacobian([out], [x, y]) == [[12.0, 2.0]]  # reverse mode: d(x ** 3)/dx
    assert jacobian([out, out * 1.0, y], [x, y]) == [[12.0, 2.0], [12.0, 2.0], [4.0, 1.0]]  # forward mode


def test_an_operation_cannot_be_changed_and_says_what_it_is_for():
    with pytest.raises(AttributeError, match=r"cannot be changed; tanh\.bind"):
        engine.tanh.symbol = "th"
    assert (engine.tanh.role, engine.tanh.range) == ("activation", (-1.0, 1.0))
    assert engine.leaky_relu.bind(slope=0.3).role == "activation"
    assert engine.mul.role == "linear"
    own = engine.register(
        "softstep", engine.sigmoid.value, lambda x, out: (out * (1.0 - out),), role="activation", range=(0.0, 1.0)
    )
    try:
        assert Value(0.0).softstep().op is own
        assert (own.role, own.range) == ("activation", (0.0, 1.0))
    finally:
        engine.unregister("softstep")


@pytest.mark.parametrize(
    "look",
    [
        lambda y, x: jvp(y, {"x": 1.0}),
        lambda y, x: jvp(y, [x]),
        lambda y, x: grad(y, [3.0]),
        lambda y, x: grad(3.0, x),
        lambda y, x: hessian(y, ["x"]),
        lambda y, x: jacobian([y], [x.data]),
    ],
)
def test_what_is_not_an_input_is_refused(look):
    x = Value(3.0, "x")
    with pytest.raises(TypeError, match=r"Values, not|must map inputs"):
        look(x * x, x)


def test_what_no_grad_made_cannot_be_differentiated():
    x = Value(3.0)
    with engine.no_grad():
        z = x * x
    for look in (grad, lambda z, x: jvp(z, {x: 1.0}), lambda z, x: jacobian([z], [x])):
        with pytest.raises(engine.GraphError, match=r"was made inside no_grad\(\)"):
            look(z, x)


@pytest.mark.parametrize(
    ("look", "says"),
    [
        (lambda y, x: hessian(y, x), r"hessian takes a list of Values, such as \[x\]"),
        (lambda y, x: jacobian(y, [x]), r"jacobian takes a list of Values"),
        (lambda y, x: grad(y, 3.0), r"grad takes a list of Values, such as \[x\], not 3.0"),
        (lambda y, x: engine.check_gradients(lambda x: x, 2.0), "check_gradients takes a list of inputs"),
        (
            lambda y, x: engine.check_operation("tanh"),
            "check_operation takes an operation, such as .*, not 'tanh'",
        ),
    ],
)
def test_arguments_that_are_not_lists_are_named(look, says):
    x = Value(3.0, "x")
    with pytest.raises(TypeError, match=says):
        look(x * x, x)


def test_a_number_too_large_for_a_float_is_refused():
    with pytest.raises(engine.DomainError, match="the number is too large for 64 bits; the largest is 1.8e"):
        Value(10**400)


EDITED = {
    "product": lambda x: x * x * x,
    "power": lambda x: x**3,
    "exponential": lambda x: engine.exp(x) * x,
    "tanh": lambda x: (x * 2.0).tanh() * x,
    "sum": lambda x: (x + 1.0) ** 4,
    "branch": lambda x: engine.where(x - 1.0, x**2, engine.sqrt(x)) * x,
}


@pytest.mark.parametrize("make", EDITED.values(), ids=EDITED)
def test_derivatives_are_those_at_the_numbers_of_the_recording(make):
    x, as_it_was = Value(2.0, "x"), Value(2.0)
    y, same = make(x), make(as_it_was)
    expected = []
    for _ in range(3):
        same = grad(same, as_it_was)
        expected.append(same.data)
    x.data = 5.0
    assert walk(y).at(len(walk(y))).grad(x) == expected[0]
    assert jvp(y, {x: 1.0}) == jacobian([y], [x])[0][0] == expected[0]
    before = state(y)
    found, derivative = [], y
    for _ in range(3):
        derivative = grad(derivative, x)
        found.append(derivative.data)
        assert set(engine.leaves(derivative)) <= {x}
    assert state(y) == before
    y.backward()
    assert x.grad == expected[0]
    assert found == pytest.approx(expected, rel=1e-12)  # the number of the recording is found again, within rounding


def test_where_the_numbers_of_the_recording_are_lost_second_derivatives_are_refused():
    x = Value(2.0)
    square = x * x
    y = square * square
    square.data = 100.0
    y.backward()
    assert x.grad == jvp(y, {x: 1.0}) == 32.0
    with pytest.raises(GraphError, match=r"were edited after it was computed.*the earlier numbers are lost; compute"):
        grad(y, x)


def test_what_shows_a_graph_shows_derivatives_that_do_not_exist(tmp_path):
    for build, at in (
        (lambda x, y: engine.sqrt(x * x) + y * y, (0.0, 3.0)),
        (lambda x, y: engine.sqrt(engine.relu(x)) + y, (-1.0, 2.0)),
        (lambda x, y: engine.where(2.0 / x, x, 2.0 * x) * y, (1e-160, 1.0)),
        (lambda x, y: x**y, (-2.0, 3.0)),
    ):
        x, y = Value(at[0], "x"), Value(at[1], "y")
        root = build(x, y)
        for _ in range(2):  # before and after backward()
            before = state(root)
            steps = walk(root)
            shown = [str(step) for step in steps] + [repr(m.all_grads()) for m in steps.moments()]
            shown += [str(engine.tree(root)), explain(root).text, explain(x, root=root).text, repr(explain(x).latex)]
            shown += [engine.draw(root).svg, engine.draw(root, values=steps.at(len(steps))).svg]
            shown.append(engine.write_page(root, tmp_path / "page.html").read_text())
            assert not any("nan" in text and "undefined" not in text for text in shown if "<svg" not in text)
            assert state(root) == before
            root.backward()
            x.grad = y.grad = None
            root.backward()


def test_what_arrives_at_an_input_and_where_nothing_does():
    a, b, other = Value(2.0), Value(-3.0), Value(1.0)
    product = a * b
    assert arriving(product * a, [a, product, b]) == [-12.0, 2.0, 4.0]
    assert arriving(product, [other, a]) == [FLAT, -3.0]
    assert arriving(product, [other])[0] is FLAT

"""Looking at derivatives changes no node, whatever else looks at the graph meanwhile."""

import threading
from random import Random

import pytest

import engine
from engine import Value, explain, grad, hessian, jacobian, jvp, topological_order, walk
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

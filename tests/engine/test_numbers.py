"""What shows a graph shows numbers of one time: those of the forward pass, also after an update, or those of now."""

import io
import math
import random
import re
from contextlib import redirect_stdout

import pytest

import engine
import nn
from engine import Value, draw, explain, scope, show_steps, topological_order, tree, walk
from engine.debugger.shell import debug
from engine.name import Names
from engine.numbers import Numbers

UNARY = [Value.tanh, Value.sigmoid, Value.relu, Value.exp, Value.sin, Value.__neg__, lambda x: x**2, lambda x: x**3]
BINARY = [Value.__add__, Value.__sub__, Value.__mul__, lambda x, y: x / (y * y + 1.0), Value.maximum]


def random_graph(seed):
    """Return a random root and its leaves."""
    chance = random.Random(seed)
    leaves = [Value(chance.uniform(-2.0, 2.0), f"x{i}") for i in range(4)]
    nodes = [*leaves, Value(0.5) * leaves[0]]
    for _ in range(12):
        if chance.random() < 0.35:
            nodes.append(chance.choice(UNARY)(chance.choice(nodes[-6:]).tanh()))
        else:
            nodes.append(chance.choice(BINARY)(chance.choice(nodes[-6:]), chance.choice(nodes)))
    return sum(nodes[-4:]), leaves


def updated(loss, rate=0.1):
    """Take a step of gradient descent in the leaves that have a gradient."""
    for leaf in topological_order(loss):
        if leaf.is_leaf and leaf.grad:
            leaf.data -= rate * leaf.grad
    return loss


def training_loop(steps=3):
    nn.manual_seed(0)
    model = nn.MLP(2, [3, 1], activation="tanh")
    for _ in range(steps):
        loss = nn.mean_squared_error([model([0.1, 0.2]), model([0.5, -0.3])], [1.0, 0.0])
        for parameter in model.parameters():
            parameter.grad = 0.0
        loss.backward()
        before = {parameter: parameter.data for parameter in model.parameters()}
        for parameter in before:
            parameter.data -= 0.1 * parameter.grad
    return loss, before


def forget(loss):
    """Take away what backward() kept."""
    loss.note = loss.note._replace(leaves=None)
    return loss


# --- what is found again -------------------------------------------------------------------------------


def test_after_an_update_the_numbers_are_those_of_the_forward_pass():
    loss, before = training_loop()
    numbers = Numbers(topological_order(loss))
    assert {p: numbers.data(p) for p in before} == before
    assert all(numbers.data(node) == node.data for node in numbers.order if node.inputs)
    assert set(numbers.changed) == {p for p in before if p.data != before[p]}
    assert not numbers.is_anew


@pytest.mark.parametrize("seed", range(60))
def test_what_backward_kept_is_exact(seed):
    loss, _ = random_graph(seed)
    before = {node: node.data for node in topological_order(loss)}
    loss.backward()
    for _ in range(3):
        updated(loss)
    numbers = Numbers(topological_order(loss))
    assert {node: numbers.data(node) for node in before} == before


@pytest.mark.parametrize("seed", range(60))
def test_without_it_numbers_are_found_again_or_the_graph_is_computed_anew(seed):
    loss, leaves = random_graph(seed)
    order = topological_order(loss)
    before = {node: node.data for node in order}
    changed = [leaf for leaf in leaves if leaf in before][:2]
    for leaf in changed:
        leaf.data += 0.01
    numbers = Numbers(order)
    for node in order:  # in any case no arithmetic is false
        operands = [numbers.data(x) for x in node.inputs]
        assert not operands or math.isclose(node.op.evaluate(operands), numbers.data(node), abs_tol=1e-9)
    if not numbers.is_anew:
        assert [numbers.data(x) for x in order if x.inputs] == [before[x] for x in order if x.inputs]


def test_most_numbers_are_found_again_without_backward():
    loss, before = training_loop()
    numbers = Numbers(topological_order(forget(loss)))
    assert {p: numbers.data(p) for p in before} == pytest.approx(before, rel=1e-12)
    assert not numbers.is_anew


def test_operands_follow_from_results_and_local_gradients():
    a, b, c, d = (Value(x, name) for x, name in zip((2.0, -3.0, 0.5, 1.5), "abcd", strict=True))
    root = a * b + c - d.tanh() * 2.0
    for leaf in (a, b, c, d):
        leaf.data += 0.1
    numbers = Numbers(topological_order(root))
    assert [numbers.data(x) for x in (a, b, c, d)] == pytest.approx([2.0, -3.0, 0.5, 1.5], rel=1e-12)
    assert [x.data for x in (a, b, c, d)] == pytest.approx([2.1, -2.9, 0.6, 1.6])


def test_a_number_without_a_value_now_is_found_again():
    x = Value(2.0, "x")
    root = x.log() * 3.0
    x.data = -0.1
    numbers = Numbers(order := topological_order(root))  # Newton's method cannot begin where there is no value
    assert numbers.notices(Names(order))[0].endswith(
        "the earlier ones are lost; with the present ones it has no value."
    )
    y = Value(0.5, "y")
    root = (y * 2.0).log()
    y.data = -1.0
    assert Numbers(topological_order(root)).data(y) == 0.5
    assert "= 0.5" in str(explain(root, y))


def test_two_unknown_operands_of_a_sum_are_lost():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    root = a + b
    a.data = 5.0
    numbers = Numbers(order := topological_order(root))
    assert [numbers.data(x) for x in order] == [5.0, 3.0, 8.0]
    assert "the earlier ones are lost" in numbers.notices(Names(order))[0]


def test_numbers_that_are_known_elsewhere_help():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    root = (a + b) * a
    a.data = b.data = 7.0
    assert Numbers(topological_order(root)).data(b) == 3.0


def test_a_result_that_was_edited_is_computed_anew():
    a = Value(2.0, "a")
    b = a * 3.0
    root = b + 1.0
    b.data = 100.0
    numbers = Numbers(topological_order(root))
    assert (numbers.data(b), numbers.data(root)) == (6.0, 7.0)


def test_numbers_without_a_value_stay_as_they_are():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    root = (a + b).log()
    a.data = -9.0
    numbers = Numbers(order := topological_order(root))
    assert numbers.data(a) == -9.0
    with pytest.raises(engine.DomainError):
        Numbers(order, now=True)


@pytest.mark.parametrize("number", [math.inf, math.nan])
def test_numbers_that_are_not_finite_fit_too(number):
    root = Value(number, "a") * 2.0 + 1.0
    root.backward()
    assert Numbers(topological_order(root)).changed == []


def test_a_derivative_that_does_not_exist_fits_too():
    root = engine.sqrt(Value(0.0, "x")) * 2.0
    assert Numbers(topological_order(root)).changed == []


def test_a_leaf_is_itself():
    a = Value(2.0, "a")
    a.backward()
    a.data = 3.0
    assert Numbers([a]).data(a) == 3.0


def test_a_graph_that_is_recorded_again_has_numbers_of_its_own():
    a = Value(2.0, "a")
    root = engine.relu(-a) + a
    root.backward()
    made = engine.graph.record_again(topological_order(root), {a: 3.0})
    assert Numbers(topological_order(made[root])).data(made[a]) == 3.0


# --- now -----------------------------------------------------------------------------------------------


def test_now_computes_numbers_and_gradients_anew():
    w, x = Value(2.0, "w"), Value(5.0, "x")
    loss = (w * x) ** 2
    loss.backward()
    w.data = -1.0
    numbers = Numbers(order := topological_order(loss), now=True)
    assert [numbers.data(node) for node in order] == [-1.0, 5.0, -5.0, 25.0]
    assert [numbers.grad(node) for node in order] == [-50.0, 10.0, -10.0, 1.0]
    assert (numbers.locals(loss), numbers.contribution(loss, 0)) == ((-10.0,), -10.0)
    assert numbers.notices(Names(order)) == ()
    assert [node.data for node in order] == [-1.0, 5.0, 10.0, 100.0]


def test_gradients_that_were_not_computed_are_not_computed_now():
    w = Value(2.0, "w")
    loss = w * 3.0
    w.data = 1.0
    assert Numbers(topological_order(loss), now=True).grad(w) is None


# --- what every room shows -----------------------------------------------------------------------------


def false_equations(text):
    """Return the lines of a text with equal parts that are numbers, sums and products of numbers, and not equal."""
    found = []
    for line in text.splitlines():
        parts = (part.partition("   (")[0].strip() for part in line.split(" = ")[1:])
        numbers = [eval(part) for part in parts if re.fullmatch(r"[-+*/() .e\d]*\d[-+*/() .e\d]*", part)]
        if not all(math.isclose(x, numbers[-1], rel_tol=1e-3, abs_tol=1e-4) for x in numbers):
            found.append(line)
    return found


def test_the_check_of_equations_finds_false_ones():
    assert false_equations("v3 = w * 3 = -1 * 3 = 6") == ["v3 = w * 3 = -1 * 3 = 6"]
    assert false_equations("v3 = w * 3 = 2 * 3 = 6") == []


def said_by_the_debugger(loss, **options):
    said = io.StringIO()
    with redirect_stdout(said):
        debug(loss, ["next 999", "quit"], names={}, **options)
    return said.getvalue()


@pytest.mark.parametrize("seed", range(12))
def test_no_room_writes_false_equations(seed):
    loss, leaves = random_graph(seed)
    loss.backward()
    updated(loss, 0.3)
    texts = [str(explain(loss, leaves[0])), str(explain(loss)), said_by_the_debugger(loss)]
    for options in ({}, {"now": True}):
        texts += [str(explain(loss, leaves[0], **options)), said_by_the_debugger(loss, **options)]
    assert [false_equations(text) for text in texts] == [[]] * len(texts)


def test_every_room_shows_the_same_and_says_so():
    w, b = Value(2.0, "w"), Value(1.0, "b")
    loss = w * 3.0 + b
    loss.label = "loss"
    loss.backward()
    w.data, b.data = -1.0, 0.9
    fact = "w and b have been changed since the forward pass; these are the numbers of the forward pass."
    steps = walk(loss)
    assert [str(step) for step in steps[:5]] == [
        "forward   w = 2", "forward   3", "forward   b = 1", "forward   v3 = w * 3 = 6",
        "forward   loss = v3 + b = 7",
    ]  # fmt: skip
    assert steps.notices[0].fact == fact
    assert steps.at(len(steps)).data(w) == 2.0
    drawing = draw(loss)
    assert [dict(box.rows).get("data") for box in drawing.picture.boxes if box.kind != "constant"][:2] == ["2", "1"]
    assert fact in drawing.notices[0]
    assert re.search(r"─ w +2 +3 +3", str(tree(loss)))
    assert fact in str(tree(loss))
    assert fact in str(explain(loss, w))
    assert "v3 = w * 3 = 2 * 3 = 6" in said_by_the_debugger(loss)
    assert fact in said_by_the_debugger(loss)
    page = show_steps(loss)
    assert fact in page.notices[0]
    assert fact in page.html
    assert walk(loss, now=True).notices == draw(loss, now=True).notices == show_steps(loss, now=True).notices == ()
    assert draw(loss, values=steps.at(3)).notices == steps.notices
    assert [str(step) for step in walk(loss, now=True)[3:6]] == [
        "forward   v3 = w * 3 = -3", "forward   loss = v3 + b = -2.1", "seed      loss: grad 0 -> 1",
    ]  # fmt: skip


def test_names_from_variables_stay():
    w = Value(2.0)
    loss = w * 3.0
    loss.backward()
    w.data = 5.0
    assert "w = 2" in str(walk(loss, names={"w": w})[0])
    assert "dv2/dw" in str(explain(loss, w, names={"w": w}))
    assert any(box["called"] == "w" for box in page_data(show_steps(loss, names={"w": w}))["boxes"])


def page_data(page):
    import json

    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page.html, re.DOTALL)[1])


def test_parameters_stay_parameters():
    with scope("part"):
        w = Value(2.0, "w")
    loss = w * Value(3.0, "x")
    loss.backward()
    w.data = 5.0
    assert {box["called"]: box["kind"] for box in page_data(show_steps(loss))["boxes"]}["w"] == "parameter"
    x = loss.inputs[1]
    assert {b["called"]: b["kind"] for b in page_data(show_steps(loss, parameters=[x]))["boxes"]}["x"] == "parameter"


def test_a_graph_without_changes_has_no_notice_and_no_copies():
    loss, _ = random_graph(3)
    loss.backward()
    numbers = Numbers(order := topological_order(loss))
    assert numbers.notices(Names(order)) == ()
    assert numbers.stand_in(loss) is loss


def test_looking_changes_no_node():
    loss, _ = random_graph(5)
    loss.backward()
    updated(loss)
    before = [(node.data, node.grad, node.local_grads, node.inputs, node.note) for node in topological_order(loss)]
    walk(loss), draw(loss), tree(loss), explain(loss), show_steps(loss), draw(loss, now=True), walk(loss, now=True)
    after = [(node.data, node.grad, node.local_grads, node.inputs, node.note) for node in topological_order(loss)]
    assert before == after

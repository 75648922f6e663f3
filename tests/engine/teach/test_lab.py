"""The mistake lab: broken rules are found out on the smallest graph, right ones on none."""

import pytest

import engine
from engine import GradientMismatchError, Value, check_gradients
from engine.backprop import backward
from engine.graph import topological_order
from engine.teach.lab import describe_failure, find_smallest_failure, list_rules, make_graphs
from engine.teach.rules import RULES, assign

# The smallest graph on which each rule goes wrong, found by hand.
SMALLEST = {
    "assigned-not-added": "L = a + a with a = 2",
    "passed-on-early": "p = a + a; q = a + p; L = p + q with a = 2",
    "passed-on-again": "p = a + a; L = p + p with a = 2",
    "seed-left-out": "a = 2 alone",
    "operand-left-out": "L = a + a with a = 2",
    "upstream-left-out": "p = a + a; L = p + p with a = 2",
    "added-not-multiplied": "L = a + a with a = 2",
    "wrong-operand": "L = a * b with a = 2, b = 3",
    "minus-left-out": "L = a - a with a = 2",
    "square-left-out": "L = tanh(a) with a = 2",
}


@pytest.mark.parametrize("name", RULES)
def test_each_broken_rule_shows_its_smallest_graph(name):
    assert f"It goes wrong on {SMALLEST[name]}, the " in str(find_smallest_failure(RULES[name]))


@pytest.mark.parametrize("name", RULES)
def test_no_smaller_graph_shows_the_mistake(name):
    failure = find_smallest_failure(RULES[name])
    size = len(topological_order(failure.root))
    for root in make_graphs(size - 1) if size > 1 else ():
        right = engine.grad(root, topological_order(root))
        for node in topological_order(root):
            node.grad = 0.0
        RULES[name](root)
        for node, grad in zip(topological_order(root), right, strict=True):
            assert node.grad == pytest.approx(grad.data)


@pytest.mark.parametrize("name", RULES)
def test_the_gradients_called_right_are_the_slopes(name):
    failure = find_smallest_failure(RULES[name])
    order = topological_order(failure.root)

    def again(*_):
        made = {}
        for node in order:
            made[node] = node.op(*(made[x] for x in node.inputs)) if node.inputs else node
        return made[failure.root]

    leaves = [node for node in order if not node.inputs]
    rows = check_gradients(again, leaves).rows
    wrong = [row for row, leaf in zip(rows, leaves, strict=True) if failure.grads[leaf] != pytest.approx(row.numeric)]
    assert wrong


@pytest.mark.parametrize(
    ("name", "right", "here"),
    [
        ("assigned-not-added", "L -> a: 1 * dL/dL = 1 * 1 = 1, so a.grad: 1 -> 2", "a.grad: 1 -> 1"),
        ("passed-on-again", "p -> a: 1 * dL/dp = 1 * 2 = 2, so a.grad: 0 -> 2", "a.grad: 0 -> 1"),
        ("seed-left-out", "the seed: a.grad: 0 -> 1", "nothing more is done"),
        ("operand-left-out", "L -> a: 1 * dL/dL = 1 * 1 = 1", "nothing more is done"),
        ("added-not-multiplied", "L -> a: 1 * dL/dL = 1 * 1 = 1, so a.grad: 0 -> 1", "a.grad: 0 -> 2"),
        ("wrong-operand", "L -> a: b * dL/dL = 3 * 1 = 3, so a.grad: 0 -> 3", "a.grad: 0 -> 2"),
    ],
)
def test_the_step_that_differs_is_told(name, right, here):
    failure = find_smallest_failure(RULES[name])
    assert failure.difference[:3] == ("The first step that differs:", f"  right:  {right}", f"  here:   {here}")


@pytest.mark.parametrize(
    ("name", "early"), [("passed-on-early", True), ("passed-on-again", True), ("upstream-left-out", False)]
)
def test_handing_on_too_early_is_told_where_it_is_that(name, early):
    failure = find_smallest_failure(RULES[name])
    assert ("  p.grad is not complete yet, so it must not be passed on" in failure.difference) is early
    assert failure.step.node.label == "p"


# --- right rules --------------------------------------------------------------------------------------


def whole(root):
    """Collect contributions, and write each gradient once."""
    total = dict.fromkeys(topological_order(root), 0.0)
    total[root] = 1.0
    for node in reversed(topological_order(root)):
        node.grad = total[node]
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            total[operand] += local * total[node]


def other_order(root):
    """Go in another order, operands last to first."""
    root.grad = 1.0
    for node in reversed(topological_order(root)):
        for operand, local in reversed([*zip(node.inputs, node.local_grads, strict=True)]):
            operand.grad += local * node.grad


def zeroing_first(root):
    zeroing(root)
    backward(root)


@pytest.mark.slow
@pytest.mark.parametrize("rule", [backward, whole, other_order, zeroing_first])
def test_right_rules_are_right_however_they_go(rule):
    assert find_smallest_failure(rule) is None
    assert describe_failure(rule, None) == [f"It is right on all {len([*make_graphs(4)]):,} graphs of up to 4 nodes."]


def broken(rule, wrong):
    """Return a rule with a mistake behind it."""

    def run(root):
        rule(root)
        wrong(root)

    return run


def test_a_gradient_written_whole_is_no_step_that_differs():
    def doubled(root):
        for operand in set(root.inputs):
            operand.grad += 1.0

    failure = find_smallest_failure(broken(other_order, doubled))
    assert "nothing more is added to a.grad" in failure.difference[1]
    assert failure.step is None

    def last_missing(root):
        other_order(root)
        topological_order(root)[0].grad = 0.0 if root.inputs else 1.0

    assert find_smallest_failure(last_missing).difference[2].endswith("a.grad: 2 -> 0")


def test_a_whole_gradient_and_a_missing_one():
    def some(root):
        root.grad = 1.0
        for node in set(root.inputs[:1]):
            node.grad = sum(g for x, g in zip(root.inputs, root.local_grads, strict=True) if x is node)

    failure = find_smallest_failure(some)
    assert "L = a + b with a = 2, b = 3" in str(failure)
    assert failure.difference[1] == "  right:  L -> b: 1 * dL/dL = 1 * 1 = 1"


def test_setting_gradients_to_zero_is_no_step():
    failure = find_smallest_failure(broken(zeroing_first, assign))
    assert "so a.grad: 2 -> 3" not in str(failure)
    assert find_smallest_failure(lambda root: (zeroing(root), assign(root))).difference[2] == "  here:   a.grad: 1 -> 1"


def zeroing(root):
    for node in topological_order(root):
        node.grad = 0.0


def test_without_a_seed_everything_is_zero():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    root = a * b
    zeroing(root)
    RULES["seed-left-out"](root)
    assert [node.grad for node in topological_order(root)] == [0.0, 0.0, 0.0]


def test_a_gradient_of_none_is_told():
    def none(root):
        backward(root)
        root.grad = None

    report = str(find_smallest_failure(none))
    assert report.splitlines()[3].split() == ["a", "2", "1", "None"]
    assert "a.grad: 1 -> None" in report


def test_a_rule_that_fails_is_told():
    def failing(root):
        return root.operands

    failure = find_smallest_failure(failing)
    (said,) = failure.difference
    assert said.startswith("It failed with AttributeError at ") and "return root.operands" in said
    assert said.endswith("'_Watched' object has no attribute 'operands'")
    assert failure.tried == 1

    def endless(root):
        endless(root)

    assert "It failed with RecursionError" in str(find_smallest_failure(endless))


def test_a_mistake_in_any_operation_of_the_table_is_found():
    for name in engine.TABLE:

        def wrong(root, name=name):
            root.grad = 1.0
            for node in reversed(topological_order(root)):
                off = 0.5 if node.op.name == name else 0.0
                for operand, local in zip(node.inputs, node.local_grads, strict=True):
                    operand.grad += (local + off) * node.grad

        failure = find_smallest_failure(wrong)
        assert failure is not None, name
        assert any(node.op.name == name for node in topological_order(failure.root))


# --- graphs and trees ---------------------------------------------------------------------------------


def test_graphs_come_in_order_of_size_and_are_whole():
    sizes = []
    for root in make_graphs(4):
        order = topological_order(root)
        sizes.append(len(order))
        assert all(node.label for node in order)
        assert sorted(node.label for node in order if not node.inputs) == list(
            "abc"[: sum(not n.inputs for n in order)]
        )
    assert sizes == sorted(sizes)
    assert set(sizes) == {1, 2, 3, 4}


def test_the_tree_shows_right_and_wrong_gradients():
    lines = str(find_smallest_failure(RULES["upstream-left-out"])).splitlines()
    assert lines[2].split() == ["data", "local", "grad", "but", "here"]
    assert [line.split()[-4:] for line in lines if "─ a  " in line] == [["2", "1", "4", "2"]] * 2


def test_a_failure_is_drawn():
    drawing = find_smallest_failure(RULES["wrong-operand"]).draw()
    assert "a" in drawing.dot
    assert repr(drawing).startswith("<Drawing of 3 values")


def test_rules_are_listed_and_shown_with_their_program():
    assert [line.split()[0] for line in list_rules()] == list(RULES)
    assert list_rules()[0].endswith("  Assign a contribution instead of adding it.")
    shown = describe_failure(assign, find_smallest_failure(assign))
    assert "operand.grad = local * node.grad" in shown[0]
    assert shown[1].startswith("It goes wrong on")
    assert shown[-1] == "A gradient is the sum of its contributions: add with +=, do not assign with =."
    own = describe_failure(lambda root: None, find_smallest_failure(lambda root: None))
    assert own[0].startswith("It goes wrong on a = 2 alone, the first graph tried:")


@pytest.mark.parametrize("name", RULES)
def test_every_rule_is_explained(name):
    explanation = describe_failure(RULES[name], find_smallest_failure(RULES[name]))[-1]
    assert explanation.endswith(".")
    assert "{" not in explanation


def test_the_check_is_independent():
    with pytest.raises(GradientMismatchError):
        check_gradients(wrong_square, [3.0])


def wrong_square(x):
    engine.register("wrong_square", lambda x: x * x, lambda x, out: (x,))
    try:
        return engine.TABLE["wrong_square"](x)
    finally:
        engine.unregister("wrong_square")


@pytest.mark.parametrize("grad", ["1", 1j, 10**400, [1.0], Value(1.0), object()])
def test_a_gradient_that_is_not_a_number_is_said_with_its_line(grad):
    def backward(root):
        root.grad = grad

    report = str(find_smallest_failure(backward))
    assert "It failed with" in report
    assert "test_lab.py:" in report
    assert "grad: expected a real number, got" in report or "grad: the number is too large for 64 bits" in report

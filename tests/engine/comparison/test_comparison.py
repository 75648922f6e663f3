"""Two graphs side by side: what belongs together, the first difference, and parts that add up to it."""

import math
import random
from itertools import permutations

import pytest

import engine
from engine import TABLE, Value, compare, parse, record_source, scope, topological_order
from engine.comparison.split import share
from engine.graph import record_again
from tests.engine.program.graphs import random_graph


def again(root, **numbers):
    """Return a graph recorded anew with other numbers for leaves, by their labels."""
    order = topological_order(root)
    made = record_again(order, {leaf: numbers.get(leaf.label, leaf.data) for leaf in order if leaf.is_leaf})
    for node, twin in made.items():
        if node.label:
            twin.label = node.label
    return made[root]


def parts_of(found):
    return {part.name: part.part for part in found.parts}


@pytest.mark.parametrize("block", range(4))
def test_the_parts_add_up_to_the_difference(block):
    for seed in range(60 * block, 60 * block + 60):
        root, leaves = random_graph(seed)
        draw = random.Random(seed)
        changed = {leaf.label: draw.choice([leaf.data + draw.uniform(-2, 2), 0.0, leaf.data]) for leaf in leaves}
        try:
            other = again(root, **changed)
        except engine.DomainError:
            continue
        found = compare(root, other, names={})
        assert found.is_alike
        if found.parts is None:
            assert not math.isfinite(found.difference) or root.data > 1e100
            continue
        parts = [part.part for part in found.parts]
        size = max(1e-6, *map(abs, parts), abs(root.data), abs(other.data)) if parts else 1.0
        assert math.fsum(parts) == pytest.approx(found.difference, abs=1e-6 * size)
        assert {part.name for part in found.parts} <= {leaf.label for leaf in leaves}


def test_parts_of_functions_whose_split_is_known():
    linear = parse("2*x - 3*y + 5", x=1.0, y=2.0)
    assert parts_of(compare(linear, again(linear, x=4.0, y=1.0), {})) == {"x": 6.0, "y": 3.0}
    product = parse("x*y", x=2.0, y=3.0)  # each of two factors: its change times the mean of the other
    assert parts_of(compare(product, again(product, x=4.0, y=5.0), {})) == {"x": 8.0, "y": 6.0}
    apart = parse("exp(x) + tanh(y)**2", x=1.0, y=0.5)  # each input by itself
    found = parts_of(compare(apart, again(apart, x=2.0, y=-1.0), {}))
    assert found == pytest.approx({"x": math.e**2 - math.e, "y": math.tanh(1.0) ** 2 - math.tanh(0.5) ** 2})
    same = parse("x*y + y*x", x=2.0, y=2.0)  # symmetric inputs have equal parts
    assert len(set(parts_of(compare(same, again(same, x=3.0, y=3.0), {})).values())) == 1
    cancelled = parse("tanh((x + y) * 2)", x=1.0, y=2.0)
    found = parts_of(compare(cancelled, again(cancelled, x=2.0, y=1.0), {}))
    assert found["x"] == -found["y"] != 0.0
    flat = parse("where(c, x, y)", c=1.0, x=2.0, y=3.0)
    assert parts_of(compare(flat, again(flat, y=7.0), {})) == {"y": 0.0}
    assert sum(parts_of(compare(flat, again(flat, c=-1.0, y=7.0), {})).values()) == 5.0


@pytest.mark.parametrize("name", sorted(TABLE))
def test_the_shares_of_each_operation_are_shapleys(name):
    operation = TABLE[name]
    for before, after in zip(operation.samples, operation.samples[1:], strict=False):
        out, out_after = operation.evaluate(before), operation.evaluate(after)
        found, wanted = share(before, after, out, out_after, operation), []
        for turns in permutations(range(operation.arity)):
            numbers, last, shares = list(before), out, [0.0] * operation.arity
            try:
                for place in turns:
                    numbers[place] = after[place]
                    now = operation.evaluate(numbers)
                    shares[place], last = now - last, now
            except engine.DomainError:
                continue
            wanted.append(shares)
        if math.isfinite(out) and math.isfinite(out_after):
            assert math.fsum(found) == pytest.approx(out_after - out, rel=1e-9, abs=1e-12 * (1 + abs(out)))
        if wanted:
            assert found == pytest.approx([sum(each) / len(wanted) for each in zip(*wanted, strict=True)], nan_ok=True)


def test_where_there_is_no_value_half_way_the_change_is_shared_evenly():
    root = parse("sqrt(x + 1) / y", x=3.0, y=1.0)
    assert math.fsum(parts_of(compare(root, again(root, x=8.0, y=-1.0), {})).values()) == pytest.approx(-5.0)
    assert share([2.0, 0.5], [-2.0, 2.0], 2.0**0.5, 4.0, TABLE["pow"]) == pytest.approx([0.0, 4.0 - 2.0**0.5])
    assert share([4.0, 0.5], [-4.0, -1.0], 2.0, -0.25, TABLE["pow"]) == pytest.approx([-0.5, -1.75])
    hypot = TABLE["maximum"].of(4)
    assert math.fsum(share([1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 9.0, 1.0], 4.0, 9.0, hypot)) == 5.0
    division = TABLE["mod"]
    assert math.fsum(share([5.0, 3.0], [math.inf, 0.0], 2.0, 3.0, division)) == pytest.approx(1.0)


def sentence(one, other, **more):
    found = compare(one, other, {}, **more)
    row = found.first_difference
    return found.describe(row), found.is_alike, [each.name for each in found.different]


def test_the_first_difference_is_told_and_marked():
    root = parse("tanh(w*x) + b", w=1.0, x=2.0, b=3.0)
    assert compare(root, again(root), {}).different == []
    assert str(compare(root, again(root), {})).endswith("All numbers are equal.")
    assert sentence(root, again(root, x=5.0)) == ("x is 2 in A and 5 in B", True, ["x", "v3", "v4", "v5"])
    assert sentence(root, again(root, x=2.0 + 1e-12))[0] == "x is 2.0 in A and 2.000000000001 in B"
    assert compare(root, again(root, x=2.0 + 1e-12), {}, rtol=1e-9).different == []
    text = str(compare(root, again(root, x=5.0), {}, called=("a.py", "b.py")))
    assert text.startswith("A: a.py, B: b.py\n")
    assert "\n  ->  x " in text


def test_gradients_alone_differ_first_where_the_backward_pass_begins():
    one, other = (parse("tanh(w*x) + b", w=1.0, x=2.0, b=3.0) for _ in range(2))
    one.backward()
    other.backward(2.0)
    assert sentence(one, other) == ("the gradient of v5 is 1 in A and 2 in B", True, ["w", "x", "b", "v3", "v4", "v5"])
    assert "grad in A" in str(compare(one, other, {}))


def test_structures_that_differ():
    root = parse("tanh(w*x) + b", w=1.0, x=2.0, b=3.0)
    for text, says, names in [
        ("tanh(w*x) + b + 1", "only B has 1 = 1", ["1", "v6"]),
        ("tanh(w*x)", "only A has b = 3", ["b", "v5"]),
        ("sin(w*x) + b", "only A has v4 = tanh(v3)", ["v4", "v4", "v5"]),
        ("tanh(x*w) + b", "A has v3 = w * x, and B v3 = x * w", ["v3"]),
        ("tanh(w*x*2) + b", "only B has 2 = 2", ["2", "v5", "v6", "v5"]),
    ]:
        found = sentence(
            root,
            parse(
                text,
                **{name: {"w": 1.0, "x": 2.0, "b": 3.0}[name] for name in "wxb" if name in text.replace("tanh", "")},
            ),
        )
        assert found[:2] == (says, False), text
        assert found[2][0] == names[0]
    power = sentence(parse("x**2", x=3.0), parse("x**3", x=3.0))
    assert power == ("A has v1 = x ** 2, and B v1 = x ** 3", False, ["v1"])
    text = str(compare(root, parse("tanh(w*x)", w=1.0, x=2.0), {}))
    assert "The graphs differ in structure; A has 6 nodes, B has 4." in text
    assert "It cannot be split over the inputs, since the graphs differ in structure." in text


def test_leaves_belong_together_by_name_wherever_they_stand():
    one, other = parse("b + a*c", a=1.0, b=2.0, c=3.0), parse("a*c + b", a=1.0, b=2.0, c=3.0)
    rows = {row.name: row.differences for row in compare(one, other, {}).rows}
    assert rows == {"b": (), "a": (), "c": (), "v3": (), "v4": ("operands",)}
    unnamed = [Value(1.0) * Value(2.0) + Value(3.0) for _ in range(2)]
    assert compare(*unnamed, {}).different == []
    alike = [Value(1.0, "w") * Value(2.0, "w") for _ in range(2)]  # names that occur twice count by their order
    assert compare(*alike, {}).different == []


def test_scopes_sources_and_variables():
    def network(x):
        with record_source(), scope("layer"):
            w = Value(2.0, "w")
            return w * x

    one, other = network(3.0), network(Value(4.0))
    found = compare(one, other, {})
    assert found.describe(found.first_difference).startswith("only A has 3 = 3")
    a, b = Value(1.0), Value(2.0)
    x = a * 3.0
    y = b * 3.0
    assert compare(x, y).describe(compare(x, y).first_difference) == "a is 1 in A and 2 in B"
    found = compare(x, y, {"n": a}, names_of_second={"n": b})
    assert found.describe(found.first_difference) == "n is 1 in A and 2 in B"


def test_numbers_that_are_not_finite_are_not_split():
    root = parse("1/x", x=1e-300)
    text = str(compare(root, again(root, x=1e300), {}))
    assert "Split over" in text
    big = Value(1e300, "x") * Value(1e300, "y")
    assert "since numbers are not finite" in str(compare(big, again(big, x=1.0), {}))


def test_changed_leaves_are_told(tmp_path):
    w = Value(2.0, "w")
    loss = w * 3.0
    loss.backward()
    w.data = 5.0
    found = compare(loss, again(loss), {})
    assert found.describe(found.first_difference) == "w is 2 in A and 5 in B"
    assert "have" in found.notices[0] or "has" in found.notices[0]
    assert compare(loss, again(loss), {}, now=True).different == []


def test_long_tables_are_cut():
    leaves = [Value(float(i), f"x{i}") for i in range(50)]
    root = sum(leaves[1:], leaves[0])
    text = str(compare(root, again(root, **{f"x{i}": i + 1.0 for i in range(50)}), {}))
    assert "and 79 more" in text
    assert "30 more" in text
    assert "all together" in text


def test_large_graphs_are_compared_in_linear_time():
    def chain(extra):
        root = Value(1.0, "x")
        for i in range(6_000):
            root = root * 0.999
            if i == extra:
                root = root.tanh()
        return root

    assert [row.differences for row in compare(chain(-1), chain(3_000), {}).rows if "only in B" in row.differences]
    assert compare(chain(-1), chain(-1), {}).different == []


def test_only_values_are_compared():
    with pytest.raises(TypeError, match="compare takes a Value"):
        compare(Value(1.0), 2.0)
    assert "A: the first" in compare(Value(1.0, "a"), Value(2.0, "a"))._repr_markdown_()


def operations(found):
    return [tuple(node and node.op.name for node in (row.first, row.second)) for row in found.rows]


def test_parts_between_two_differences_are_paired_in_order_where_they_are_too_large(monkeypatch):
    monkeypatch.setattr("engine.comparison.alignment.MAX_MATCHED", 3)
    one, other = parse("sin(exp(tanh(x))) + x", x=1.0), parse("cos(exp(sinh(x))) + x + 1", x=1.0)
    rows = {
        (row.first and row.first.op.name, row.second and row.second.op.name) for row in compare(one, other, {}).rows
    }
    assert ("exp", "exp") in rows
    assert (None, "constant") in rows


def test_equal_parts_between_differences_belong_together():
    one, other = parse("tanh(sin(exp(x)))", x=1.0), parse("sinh(sin(exp(cos(x))))", x=1.0)
    rows = [
        (row.first and row.first.op.name, row.second and row.second.op.name) for row in compare(one, other, {}).rows
    ]
    assert {("exp", "exp"), ("sin", "sin"), (None, "cos")} <= set(rows)


def test_a_part_that_is_not_finite_is_not_shown():
    x, y = Value(1e308, "x"), Value(1e-308, "y")
    assert compare(x * y, again(x * y, x=-1e308, y=-1e-308), {}).parts is None

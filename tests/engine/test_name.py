"""Names: what each node is called, in every style."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine import Value, label, names, scope, topological_order
from engine.name import Names, as_identifier


def test_names_look_into_containers():
    a, b, c, d = (Value(float(i)) for i in range(4))
    knot = [d]
    knot.append(knot)
    found = names({"a": a, "again": a, "w": [b, (c, 5)], "_hidden": d, "knot": knot, "table": {"k": d}, "n": 3})
    assert found == {a: "a", b: "w[0]", c: "w[1][0]", d: "knot[0]"}
    assert names({"table": {"k": d}}) == {d: "table['k']"}


def test_label_names_values_and_variables():
    a, w = Value(1.0), [Value(2.0), Value(3.0)]
    label(loss=a)
    assert a.label == "loss"
    label(**locals())
    assert [a.label, *(x.label for x in w)] == ["a", "w[0]", "w[1]"]


# --- copies ---------------------------------------------------------------------------------------------


def texts(*nodes, **variables):
    found = Names(nodes, variables)
    return [found[node] for node in nodes]


def test_every_node_gets_a_name_of_its_own():
    with scope("layer 1"):
        w = Value(1.0, "w")
    with scope("layer 2"), scope("neuron 0"):
        other = Value(2.0, "w")
    x, y = Value(3.0), Value(4.0, "y")
    root = w * other * x + y * 2.0
    assert texts(*topological_order(root), x=x, never=y) == [
        "layer1.w", "layer2.neuron0.w", "x", "y", "2", "v5", "v6", "v7", "v8",
    ]  # fmt: skip


def test_names_that_are_alike_are_counted_and_plain_numbers_are_not():
    doubled = Value(4.0) * 2.0, Value(5.0) * 2.0
    twins = [Value(1.0, "w"), Value(2.0, "w"), Value(3.0, "w_2"), doubled[0].inputs[1], doubled[1].inputs[1]]
    assert texts(*twins) == ["w", "w_2", "w_2_2", "2", "2"]


def test_a_label_that_looks_like_an_automatic_name_stays_apart():
    a = Value(1.0, "v2")
    b = Value(3.0)
    assert texts(a, b, a * b) == ["v2", "v1", "v2_2"]


def test_a_hostile_label_is_one_harmless_line():
    (name,) = texts(Value(1.0, "d\n\x1b[31m"))
    assert name == "d\\n\\x1b[31m"


def test_a_name_finds_its_node():
    a = Value(2.0, "a")
    out = a * 3.0
    found = Names(topological_order(out))
    assert found.find("a") is a
    assert found.find("v2") is out
    assert found.find("3") is None
    assert found.find("nothing") is None
    assert found.given(a) == "a"
    assert found.given(out) == ""
    assert found.is_number(out.inputs[1])
    assert a in found
    assert Value(0.0) not in found


def test_latex_writes_indices_and_numbers():
    a = Value(2.0, "w_1")
    out = a * -1e-5
    found = Names(topological_order(out))
    assert [found.latex(node) for node in found.order] == ["w_{1}", r"-1 \cdot 10^{-5}", "v_{2}"]


@given(st.lists(st.text(max_size=8), min_size=1, max_size=6))
def test_identifiers_are_distinct_and_free_of_what_is_taken(labels):
    order = [Value(float(i), name) for i, name in enumerate(labels)]
    taken = {*keyword.kwlist, *engine.TABLE}
    found = Names(order).identifiers(taken)
    assert len(set(found)) == len(order)
    assert all(name.isidentifier() and name.isascii() for name in found)
    assert not set(found) & taken
    assert not {f"d_{name}" for name in found} & set(found)


@pytest.mark.parametrize(
    ("text", "identifier"), [("learning rate", "learning_rate"), ("2nd", "_2nd"), ("é", "_"), ("w[0]", "w_0")]
)
def test_a_text_becomes_an_identifier(text, identifier):
    assert as_identifier(text) == identifier


# --- the caller's variables --------------------------------------------------------------------------------


def test_every_tool_calls_nodes_by_the_variables_of_its_caller(tmp_path):
    a, b = Value(2.0), Value(-3.0)
    d = a * b
    assert str(engine.walk(d)[2]) == "forward   d = a * b = -6"
    assert "d = a * b" in str(engine.tree(d))
    assert "dd/da = -3" in str(engine.explain(d, a))
    assert [box.title for box in engine.draw(d).picture.boxes] == ["a", "b", "d"]
    assert repr(engine.show_steps(d)).startswith("<StepPage: d = -6, ")
    assert '"called":"d"' in engine.write_page(d, tmp_path / "page.html").read_text(encoding="utf-8")
    stops = []
    d.backward(stop_at="d", when=lambda step: stops.append(step) or False)
    assert len(stops) == 2


def test_no_variables_and_others_can_be_asked_for():
    a = Value(2.0)
    d = a * a
    assert str(engine.walk(d, names={})[1]).startswith("forward   v1 = v0 * v0")
    assert str(engine.walk(d, names={"x": a})[1]).startswith("forward   v1 = x * x")
    assert [box.title for box in engine.draw(d, names={}).picture.boxes] == ["v0", "v1"]
    assert 'called":"v1' in engine.show_steps(d, names={}).html


def test_labels_win_over_variables():
    a = Value(2.0, "alpha")
    assert engine.walk(a).names[a] == "alpha"


def test_given_names_win_over_places():
    a, b = Value(2.0, "v2"), Value(3.0, "b")
    assert texts(b, a, a * b) == ["b", "v2", "v2_2"]


def test_what_a_session_keeps_of_its_own_is_not_a_name():
    d = Value(2.0)
    kept = {"Out": {3: d}, "In": ["d"], "_3": d, "@py": d, "d": d}
    assert names(kept) == {d: "d"}


@pytest.mark.alone
def test_data_among_the_variables_take_no_time(cpu_seconds):
    row = [0.5] * 1000
    variables = {
        "X": [row] * 2000,
        "Y": [1.0] * 1_000_000,
        "rows": [[float(i)] for i in range(200_000)],
        "d": Value(1.0),
    }
    found = []
    assert cpu_seconds(lambda: found.append(names(variables))) < 1.0
    assert list(found[0].values()) == ["d"]

"""A node has one name: the same in the walk, the debugger, the tree, explanations, drawings, the page and programs."""

import json
import random
import re

import pytest

import engine
from engine import Program, Value, draw, scope, topological_order, tree, walk, write_page
from engine.debugger.session import Session
from engine.name import Names
from engine.program.python.source import identifiers

LABELS = ["a", "w", "w", "learning rate", "W[0][1]", "v3", "é", "x y", "2nd", "", "", ""]


def random_graph(seed):
    """Return the root of a random graph with scopes, repeated labels, labels that look automatic, and constants."""
    draw_ = random.Random(seed)
    with scope("layer 1"):
        nodes = [Value(draw_.uniform(0.5, 2.0), draw_.choice(LABELS)) for _ in range(3)]
    nodes += [Value(draw_.uniform(0.5, 2.0), draw_.choice(LABELS)) for _ in range(2)]
    for step in range(draw_.randint(3, 12)):
        with scope(f"neuron {step % 3}"):
            x, y = draw_.choice(nodes), draw_.choice(nodes)
            operations = [lambda: x * y, lambda: x + y, lambda: x.tanh(), lambda: x * 3.0, lambda: y - 0.5]
            made = draw_.choice(operations)()
        made.label = draw_.choice(LABELS) if draw_.random() < 0.3 else ""
        nodes.append(made)
    return sum(nodes[-3:], nodes[0])


def page_data(root, folder):
    write_page(root, folder / "page.html", names={}, every_sample=True, limit=10_000)
    text = (folder / "page.html").read_text(encoding="utf-8")
    return json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.S)[1])


@pytest.mark.parametrize("seed", range(25))
def test_every_room_calls_a_node_the_same(seed, tmp_path):
    root = random_graph(seed)
    root.backward()
    order = topological_order(root)
    names = Names(order)
    given = [names[node] for node in order if not names.is_number(node)]
    assert len(set(given)) == len(given)
    assert all(name.isprintable() for name in given)

    assert [walk(root, names={}).names[node] for node in order] == [names[node] for node in order]
    session = Session(root)
    assert [session.names[node] for node in order] == [names[node] for node in order]
    assert all(session.names.find(name) is node for node in order if (name := names[node]) in given)

    lines = str(tree(root, names={}, depth=100, limit=10_000))
    assert all(name in lines for name in given)
    accounts = [box.account for box in draw(root, names={}, every_sample=True, limit=10_000).picture.boxes]
    for node in order:
        if not names.is_number(node):
            assert any(names.in_scope(node) in account for account in accounts), (names[node], accounts)
    called = {box["called"].strip("\u2068\u2069") for box in page_data(root, tmp_path)["boxes"]}
    assert {*given} <= called | {names.in_scope(node) for node in order}

    source = Program(root).source  # equal expressions are computed once there
    assigned = set(re.findall(r"^    ([a-zA-Z]\w*) = ", source, re.M)) - {"gradients", "inputs", "parameters", "loss"}
    known = {*identifiers(order)}
    assert {name.removeprefix("d_") for name in assigned if not name.startswith("number_")} <= known


def test_an_explanation_and_an_error_call_it_so_too():
    x = Value(2.0, "x")
    root = (x * 3.0).tanh()
    assert "v2" in str(engine.explain(root, x, names={}))
    assert "v2" in str(walk(root, names={})[2])

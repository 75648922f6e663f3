"""debug_view: the graph as JSON, as VS Code's extension Debug Visualizer reads it."""

import json

import pytest

from engine import Value, debug_view


def test_every_node_and_every_edge_is_there_by_its_name():
    a, b = Value(2.0), Value(-3.0)
    d = a * b + a * 2.0
    d.backward()
    found = json.loads(debug_view(d))
    assert found["kind"] == {"graph": True}
    labels = {each["id"]: each["label"] for each in found["nodes"]}
    assert sorted(labels.values()) == sorted(
        [
            "a = 2\ngrad -1",
            "b = -3\ngrad 2",
            "2\ngrad 2",
            "v3 = -6\ngrad 1\n*",
            "v4 = 4\ngrad 1\n*",
            "d = -2\ngrad 1\n+",
        ]
    )
    edges = {(labels[each["from"]].split()[0], labels[each["to"]].split()[0], each["label"]) for each in found["edges"]}
    assert edges == {("a", "v3", "-3"), ("b", "v3", "2"), ("a", "v4", "2"), ("2", "v4", "2"), ("v3", "d", "1"),
                     ("v4", "d", "1")}  # fmt: skip


def test_a_large_graph_is_cut_to_what_is_nearest():
    x = Value(1.0, "x\n\x1b")
    for _ in range(50):
        x = x * 1.5 + x
    found = json.loads(debug_view(x, limit=20))
    assert len(found["nodes"]) == 20
    ids = {each["id"] for each in found["nodes"]}
    assert all({each["from"], each["to"]} <= ids for each in found["edges"])
    assert "\x1b" not in debug_view(x, names={})
    with pytest.raises(TypeError, match="debug_view takes a Value"):
        debug_view(3.0)

"""Trees: what stands in them, and that they end."""

import pytest

from engine import Value, formula, tanh, topological_order, tree, walk
from engine.name import Names
from engine.numbers import Numbers
from engine.words.tree import draw_tree

from .graphs import example


def test_a_tree_shows_numbers_local_gradients_and_gradients():
    *_, f = example()
    f.backward()
    assert tree(f).lines == [
        "                        data       local      grad",
        "f = v6 + a               2.76159               1",
        "├─ v6 = e * d            0.761594   1          1",
        "│  ├─ e = tanh(d)       -0.761594  -1         -1",
        "│  │  └─ d = v3 + c     -1          0.419974  -1.18157",
        "│  │     ├─ v3 = a * b  -6          1         -1.18157",
        "│  │     │  ├─ a         2         -3          4.54471",
        "│  │     │  └─ b        -3          2         -2.36314",
        "│  │     └─ c            5          1         -1.18157",
        "│  └─ d (drawn above)              -0.761594",
        "└─ a                     2          1          4.54471",
    ]
    assert str(tree(f)) == repr(tree(f)) == "\n".join(tree(f).lines)
    assert tree(f)._repr_markdown_() == f"````text\n{tree(f)}\n````"


def test_what_is_not_computed_is_a_dash():
    a = Value(2.0, "a")
    steps = walk(a * 3.0)
    assert [line.split() for line in tree(steps.root).lines[1:]] == [
        ["v2", "=", "a", "*", "3", "6", "-"],
        ["├─", "a", "2", "3", "-"],
        ["└─", "3", "3", "2", "-"],
    ]
    assert tree(steps.root, values=steps.at(2)).lines[1].split()[-2:] == ["-", "-"]
    assert tree(steps.root, values=steps.at(len(steps))).lines[2].split()[-1] == "3"


def test_names_and_labels_are_on_one_line():
    x, y = Value(1.0, "two\nlines\x1b"), Value(2.0)
    assert "v2 = two\\nlines\\x1b * y" in str(tree(x * y, names={"y": y}))


@pytest.mark.parametrize(("how", "lines"), [({"depth": 3}, 6), ({"limit": 3}, 5), ({"depth": 3, "limit": 3}, 5)])
def test_a_deep_tree_is_cut(how, lines):
    y = Value(1.0, "x")
    for _ in range(20_000):
        y = tanh(y)
    drawn = tree(y, **how).lines
    assert len(drawn) == lines
    assert drawn[-1] == "... and more: the graph has 20,001 nodes; tree(part) draws a part of it"
    assert ("..." in drawn[-2]) == (how == {"depth": 3})


def test_a_tree_that_just_fits_is_whole():
    x = Value(1.0, "x")
    assert len(tree(tanh(tanh(x)), depth=2, limit=3).lines) == 4


@pytest.mark.parametrize("function", [tree, formula])
def test_what_is_no_value_is_refused(function):
    with pytest.raises(TypeError, match=f"{function.__name__} takes a Value, such as a loss, not list"):
        function([Value(1.0)])


def test_a_derivative_that_does_not_exist_is_said_to_be_undefined():
    x = Value(0.0, "x")
    assert tree(x.sqrt()).lines[2].split() == ["└─", "x", "0", "undefined", "-"]


def test_a_tree_fits_a_width():
    x = Value(0.5, "x")
    names = [Value(1.0, f"a_rather_long_name_{i}") for i in range(4)]
    for i in range(24):
        x = (x * names[i % 4]).tanh()
    order = topological_order(x)
    for width in (40, 60, 80, 120):
        lines = draw_tree(order, Numbers(order), Names(order), width=width).lines
        assert max(map(len, lines[:-1])) <= width
        assert lines[-1].startswith("... and more: the graph has")
        assert len(lines) > 3
    in_full = draw_tree(order, Numbers(order), Names(order)).lines
    assert draw_tree(order, Numbers(order), Names(order), width=1000).lines == in_full

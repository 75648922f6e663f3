"""Costs: paths counted one by one, edges counted as backpropagation visits them."""

import nn
from engine import Value, parse, walk
from engine.backprop import Backward
from engine.teach.cost import count_costs
from engine.teach.problems import Problem


def counted_one_by_one(root):
    """Return paths and the edges on them, by listing every path."""
    paths = [path for leaf in Problem(root).inputs for path in Problem(root).paths(leaf)]
    return len(paths), sum(map(len, paths))


def test_counts_are_those_of_listing_every_path():
    for text in ("L = a * b", "p = a*b; q = p*p; L = q*p + a*2", "p = a + b; q = p*a; r = q*p; L = r*q + b"):
        root = parse(text, a=2, b=3)
        found = count_costs(root)
        assert (found.paths, found.walked) == counted_one_by_one(root)
        steps = [step for step in walk(root) if isinstance(step, Backward)]
        assert found.edges + found.constant_edges == len(steps)
        assert dict(found.by_input)["a"] == Problem(root).paths(Problem(root).find("a")).count()


def test_a_report_on_a_small_graph():
    assert str(count_costs(parse("p = a*b; L = p*p + 2", a=2, b=3))) == (
        "The graph has 6 nodes, 5 edges (and 1 edge to constants) and 2 inputs.\n"
        "All gradients of its result cost:\n"
        "  one path at a time              4 paths   12 multiplications\n"
        "  backpropagation (reverse mode)  1 pass    5 multiplications, one for each edge\n"
        "  forward mode                    2 passes  10 multiplications\n"
        "Paths that share edges share work: backpropagation takes 2.4 times fewer\n"
        "multiplications. A node adds up the contributions of all paths and passes the\n"
        "sum on once.\n"
        "Forward mode follows one input at a time and needs 2 passes; reverse mode starts\n"
        "from the one result and needs 1.\n"
        "Paths to each input:\n"
        "  a  2\n"
        "  b  2"
    )


def test_a_chain_has_nothing_to_share():
    report = str(count_costs(Value(0.5, "x").tanh().exp()))
    assert "No two paths share an edge" in report
    assert "With one input and one result, forward and reverse mode cost the same." in report


def test_more_paths_than_atoms():
    x = Value(1.0)
    y = x
    for _ in range(20_000):
        y = y + y
    found = count_costs(y)
    assert found.edges == 40_000
    assert "about 3.98e+6020 paths" in str(found)  # 2 ** 20000
    assert "v0" in str(found)
    assert round(found.walked / found.paths, 9) == 20_000


def test_counts_are_exact_to_many_digits():
    y = Value(1.0, "x")
    for _ in range(90):
        y = y + y
    assert int(count_costs(y).paths) == 2**90
    assert "1,024 paths" in str(count_costs(doubled(10)))


def doubled(times):
    y = Value(1.0, "x")
    for _ in range(times):
        y = y + y
    return y


def test_a_network_shows_the_inputs_with_most_paths():
    nn.manual_seed(0)
    model = nn.MLP(2, [3, 3, 1], activation="tanh")
    (out,) = [model([Value(1.0, "x0"), Value(2.0, "x1")])]
    found = count_costs(out)
    report = str(found)
    assert f"(the 8 inputs with most of {found.inputs})" in report
    assert report.rpartition("\n  ")[0].count("\n  ") == 3 + 7
    assert found.forward_mode == found.edges * found.inputs


def test_a_lone_number_costs_nothing():
    found = count_costs(Value(2.0, "a"))
    assert (found.edges, found.paths, found.walked, found.saved) == (0, 1, 0, 0)
    assert "1 node, 0 edges and 1 input." in str(found)


def test_a_graph_of_constants_has_no_inputs():
    import engine

    a = Value(2.0)
    with engine.no_grad():
        b = a * 3.0
    found = count_costs(b)
    assert (found.inputs, found.by_input) == (0, ())
    assert "Paths to each" not in str(found)

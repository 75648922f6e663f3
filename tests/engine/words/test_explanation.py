"""Explanations: gradients that are those of backward(), and words that say where they come from."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine import (
    GraphError,
    UndefinedDerivativeError,
    Value,
    explain,
    jacobian,
    no_grad,
    relu,
    sqrt,
    tanh,
    topological_order,
    where,
)
from tests.engine.program.graphs import bits, random_graph

from .graphs import all_paths, backpropagated, example, layered


def numbers_behind(text, words):
    """Return the last number of each line that begins with some words."""
    lines = [line.strip() for line in text.split("\n")]
    return [float(line.split("=")[-1]) for line in lines if line.startswith(words)]


@given(st.integers(0, 10**9))
def test_the_gradient_is_that_of_backward_to_the_last_bit(seed):
    root, _ = random_graph(seed)
    node = random.Random(seed).choice(topological_order(root))
    before = [x.grad for x in topological_order(root)]
    for explanation in (explain(root, node), explain(node, root=root)):
        assert bits(explanation.gradient) == bits(backpropagated(root, node))
    assert [x.grad for x in topological_order(root)] == before


@pytest.mark.parametrize("seed", range(10))
def test_every_path_is_told_with_its_product_and_they_add_up(seed):
    root, leaf = layered(seed, layers=2, width=2)
    explanation = explain(root, leaf, most=1000)
    assert explanation.paths == len(all_paths(root, leaf)) == explanation.text.count("Path ")
    products = numbers_behind(explanation.text, "product")
    assert len(products) == explanation.paths
    assert sum(products) == pytest.approx(explanation.gradient, rel=1e-4)


def test_all_of_a_small_explanation():
    a, *_, f = example()
    f.backward()
    assert explain(f, a).text == ALONG_PATHS


ALONG_PATHS = """\
df/da = 4.54471
===============

3 paths lead from a to f. Multiply the local gradients along each path, and add the products.

  a            =  2
  b            = -3
  c            =  5
  v3 = a * b   = -6
  d  = v3 + c  = -1
  e  = tanh(d) = -0.761594
  v6 = e * d   =  0.761594
  f  = v6 + a  =  2.76159

Path 1: f <- v6 <- d <- v3 <- a
-------------------------------

  ∂f/∂v6                               =  1
  ∂v6/∂d  = e                          = -0.761594
  ∂d/∂v3                               =  1
  ∂v3/∂a  = b                          = -3
  product = 1 * (-0.761594) * 1 * (-3) =  2.28478

Path 2: f <- v6 <- e <- d <- v3 <- a
------------------------------------

  ∂f/∂v6                                   =  1
  ∂v6/∂e  = d                              = -1
  ∂e/∂d   = 1 - e ** 2                     =  0.419974
  ∂d/∂v3                                   =  1
  ∂v3/∂a  = b                              = -3
  product = 1 * (-1) * 0.419974 * 1 * (-3) =  1.25992

Path 3: f <- a
--------------

  ∂f/∂a = 1

The sum
-------

  df/da = 2.28478 + 1.25992 + 1 = 4.54471

This is a.grad."""


def test_one_path_needs_no_sum():
    *_, c, _, e, _ = example()
    text = explain(e, c).text
    assert "One path leads from c to e. Multiply the local gradients along it." in text
    assert "The path: e <- d <- c" in text
    assert "sum" not in text
    assert text.endswith("c.grad is not computed yet; backward() makes it this number.")


def test_local_gradients_are_told_as_formulas():
    n, y = Value(0.5, "n"), Value(2.0, "y")
    text = explain(tanh(n) / y * 2.0, n).text
    assert "1 - tanh(n) ** 2" in text
    assert "= 1 / y" in text
    assert "-(v2 / y) / y" in explain(tanh(n) / y, y, names={}).text


def test_what_a_grad_holds_otherwise_is_pointed_out():
    a, *_, f = example()
    f.backward()
    f.backward()
    text = " ".join(explain(f, a).text.split())
    assert "a.grad is now a different number, 9.08941: it accumulated over several backward passes" in text


def test_no_path_and_the_root_itself():
    a, b, *_, f = example()
    assert (explain(a, b).gradient, explain(a, b).paths) == (0.0, 0)
    assert explain(a, b).text.endswith("No path leads from b to a, so da/db is 0.")
    assert (explain(f, f).gradient, explain(f, f).paths) == (1.0, 1)
    assert "f is the root itself: its gradient is the seed of backpropagation, 1." in explain(f, f).text


def test_too_many_paths_are_counted_and_the_strongest_shown():
    root, leaf = layered(1, layers=4, width=4)
    explanation = explain(root, leaf, most=3)
    text = " ".join(explanation.text.split())
    assert explanation.paths == 4**4
    assert "256 paths lead from x0 to " in text
    assert text.count("Path ") == 3
    assert "These are the 3 strongest; their sum is " in text
    assert re.search(r"The sum over all paths, .*: (\S+) = (\S+)", text)[2] == f"{jacobian([root], [leaf])[0][0]:.6g}"


def test_some_paths_are_shown_even_where_not_all_products_fit_a_line():
    x = Value(2.0, "x")
    explanation = explain(x + x + x + x + x + x + x, x, most=100)
    assert explanation.text.count("Path ") == explanation.paths == 7
    assert "1 + 1" not in explanation.text


def test_an_operand_that_comes_twice_is_told_apart():
    x = Value(3.0, "x")
    text = explain(x * x, x).text
    assert "∂v1/∂(operand 1) = x = 3" in text
    assert "∂v1/∂(operand 2) = x = 3" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "nodes"), [(lambda y: y * y, 1), (lambda y: tanh(y), 1), (lambda y: y * 0.5 + y * y * 0.25, 4)]
)
def test_graphs_that_are_deep_with_paths_beyond_all_measure_are_explained_soon(step, nodes, calls):
    def work(count):
        x = y = Value(0.5, "x")
        for _ in range(count // nodes):
            y = step(y)
        texts = []
        needed = calls(lambda: texts.append(explain(y, x).text))
        assert len(texts[0]) < 50_000
        return needed

    small, large = work(2_000), work(10_000)
    assert large < 5.5 * small < 5.5 * 400_000


def test_counts_beyond_all_measure_are_written_as_powers_of_ten():
    x = y = Value(1.0, "x")
    for _ in range(20_000):
        y = y * y
    explanation = explain(y, x)
    assert explanation.paths == 2**20_000
    assert "About 3.98e+6020 paths lead" in explanation.text
    assert "... 19,976 more ..." in explanation.text
    assert " <- ... <- " in explanation.text


# --- one node -----------------------------------------------------------------------------------------


def test_all_about_a_node():
    *_, d, _, f = example()
    f.backward()
    assert explain(d, root=f).text == ABOUT_A_NODE
    assert explain(d, root=f).gradient == d.grad


ABOUT_A_NODE = """\
d = v3 + c = -1
===============

The rule of add:

  ∂(x + y)/∂x = 1
  ∂(x + y)/∂y = 1

Its local gradients here:

  ∂d/∂v3 = 1
  ∂d/∂c  = 1

What d receives
---------------

  from  local gradient  number     times upstream  contribution
  v6    e               -0.761594   1              -0.761594
  e     1 - e ** 2       0.419974  -1              -0.419974

Their sum is the gradient:

  df/dd = -0.761594 + (-0.419974) = -1.18157

What d passes on
----------------

  to  local gradient  times upstream  contribution
  v3  1               -1.18157        -1.18157
  c   1               -1.18157        -1.18157

This is d.grad."""


def test_a_leaf_receives_a_sum():
    a, *_, f = example()
    text = explain(a, root=f).text
    assert "What a receives" in text
    assert "passes on" not in text
    assert "df/da = 1 + 3.54471 = 4.54471" in text


def test_a_node_with_one_use_needs_no_sum():
    *_, c, d, _, f = example()
    assert "sum" not in explain(c, root=f).text
    assert "∂(x + y)" in explain(d).text


def test_the_upstream_gradient_without_a_root_is_that_of_the_last_pass():
    *_, d, _, f = example()
    assert "not computed yet. As the root it has the seed, 1." in explain(d).text
    assert explain(d).gradient is None
    f.backward()
    assert "the upstream one, is -1.18157 since the last backward pass." in explain(d).text
    assert explain(d).text.split("\n")[-2].split() == ["v3", "1", "-1.18157", "-1.18157"]


def test_a_root_has_the_seed():
    *_, f = example()
    assert "f is the root: its gradient is the seed, 1." in explain(f, root=f).text
    leaf = Value(2.0, "x")
    assert explain(leaf, root=leaf).gradient == 1.0


def test_a_leaf_alone_tells_where_to_look():
    assert "explain it with root=loss, or by explain(loss, leaf)" in " ".join(explain(Value(1.0, "x")).text.split())


def test_many_uses_are_cut_to_the_largest():
    x = Value(1.0, "x")
    root = sum(x * float(n) for n in range(20))
    text = explain(x, root=root, most=3, names={}).text
    assert "The 3 largest of 20 contributions:" in text
    assert [line.split()[-1] for line in text.split("\n") if re.match(r"  v\d", line)] == ["19", "18", "17"]
    assert f"d{explain(root, names={}).blocks[0].parts[0]}/dx = 190" in text


def test_conventions_at_kinks_are_told():
    assert "is a convention: 0 at 0." in explain(relu(Value(0.0, "x"))).text
    assert "where(x > 0, 1, 0)" in explain(relu(Value(0.0, "x"))).text


def test_a_derivative_that_does_not_exist_is_an_error_only_where_it_is_needed():
    x = Value(0.0, "x")
    root = sqrt(x)
    with pytest.raises(UndefinedDerivativeError, match="sqrt"):
        explain(root, x)
    text = explain(root, names={}).text
    assert "∂v1/∂x = 0.5 / sqrt(x) = undefined" in text
    assert text.split("\n")[-1].split() == ["x", "undefined", "1", "undefined"]


@pytest.fixture
def bent():
    """An operation whose rule only numbers can follow."""
    yield engine.register("bent", lambda x: 2.0 * x, lambda x, out: (2.0 if x > 0.0 else 1.0,))
    engine.unregister("bent")


def test_a_rule_that_cannot_be_read_is_told_by_its_numbers(bent):
    x = Value(3.0, "x")
    y = bent(x) + 1.0
    text = explain(y, x).text
    assert numbers_behind(text, "∂v2/∂x") == [2.0]
    assert "The rule of bent cannot be read as a formula." in explain(y.inputs[0]).text
    assert explain(x, root=y).text.split("\n")[7].split() == ["v2", "2", "1", "2"]


def test_names_come_from_labels_then_variables():
    x, y = Value(2.0), Value(3.0, "label")
    z = where(x, x * y, y)
    text = explain(z, x, names={"x": x, "y": y, "z": z}).text
    assert "dz/dx" in text
    assert "x * label" in text


def test_wrong_arguments_are_named():
    a, b, *_ = example()
    with pytest.raises(TypeError, match="explain takes a Value, such as a loss, not str 'loss'"):
        explain("loss")
    with pytest.raises(TypeError, match="not float"):
        explain(a, 1.0)
    with pytest.raises(TypeError, match="root can only be given with a single node"):
        explain(a, b, root=a)
    with pytest.raises(ValueError, match="most must be at least 1, not 0"):
        explain(a, b, most=0)
    with no_grad():
        cut = a * b
    with pytest.raises(GraphError, match="made inside no_grad"):
        explain(cut, a)
    with pytest.raises(GraphError, match=r"Value\(2, .* is not part of the graph of Value\(-3"):
        explain(a, root=b)

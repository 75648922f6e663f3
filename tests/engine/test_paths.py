"""Paths: counted and ranked, against walking along each of them."""

import math

import pytest

from engine import Value, jacobian, topological_order
from engine.paths import Paths, multiply_locals

from .words.graphs import all_paths, example, layered, product


def paths_of(root, source):
    return Paths(topological_order(root), source)


@pytest.mark.parametrize("seed", range(20))
def test_paths_are_those_that_one_can_walk(seed):
    root, leaf = layered(seed)
    everything, paths = all_paths(root, leaf), paths_of(root, leaf)
    assert paths.count() == len(everything)
    found = paths.strongest(10_000)
    assert sorted(map(product, found)) == pytest.approx(sorted(map(product, everything)))
    assert len({tuple(path) for path in found}) == len(everything)
    assert sum(map(multiply_locals, found)) == pytest.approx(jacobian([root], [leaf])[0][0])
    assert list(paths) == everything
    assert len(paths.shortest()) == min(map(len, everything))
    assert paths.shortest() in everything


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("most", [1, 2, 7])
def test_the_strongest_paths_are_those_with_the_largest_products(seed, most):
    root, leaf = layered(seed)
    largest = sorted((abs(product(path)) for path in all_paths(root, leaf)), reverse=True)[:most]
    assert [abs(product(path)) for path in paths_of(root, leaf).strongest(most)] == pytest.approx(largest)


def test_paths_may_begin_at_a_node_between():
    a, _, _, d, e, f = example()
    assert paths_of(f, d).count() == 2
    assert [[node for node, _ in path] for path in paths_of(e, d).strongest(5)] == [[e]]
    assert paths_of(f, a).count() == 3


def test_there_may_be_no_path_or_an_empty_one():
    a, b, *_ = example()
    outside = paths_of(a, b)
    assert (outside.count(), outside.strongest(3), outside.shortest(), [*outside]) == (0, [], [], [])
    itself = paths_of(a, a)
    assert (itself.count(), itself.strongest(3), itself.shortest(), [*itself]) == (1, [[]], [], [[]])


def test_an_operand_that_comes_twice_makes_two_paths():
    x = Value(3.0)
    y = x * x
    assert paths_of(y, x).strongest(5) == [[(y, 0)], [(y, 1)]]


def test_counts_are_exact_however_large():
    x = y = Value(1.0)
    for _ in range(300):
        y = y * y
    assert paths_of(y, x).count() == 2**300


def test_zero_and_what_is_not_finite_rank_last_and_first():
    x = Value(0.0)
    weak, strong = x * 0.0 * 1e300, x * 1e200 * 1e200
    root = weak + strong + x * 2.0
    products = [multiply_locals(path) for path in paths_of(root, x).strongest(3)]
    assert products == [math.inf, 2.0, 0.0]
    endless = x * math.inf + x * 1e300 * 1e300 * 1e300
    assert [len(path) for path in paths_of(endless, x).strongest(2)] == [2, 4]

"""Synthetic data sets, against the curves that they lie on."""

import math
import statistics
from collections import Counter

import pytest

import nn
from nn.data import blobs, circles, linear, moons, sine, spirals, xor

CLASSIFICATIONS = [moons, circles, spirals, blobs]


def of_class(data, kind):
    return [x for x, target in data if target == kind]


def test_xor():
    assert all(target == (a != b) for (a, b), target in xor())
    assert xor().classes == ("same", "different")


@pytest.mark.parametrize("make", [*CLASSIFICATIONS, linear, sine])
def test_the_same_seed_gives_the_same_data(make):
    assert make(30, 0.1, seed=4) == make(30, 0.1, seed=4)
    assert make(30, 0.1, seed=4).targets is not make(30, 0.1, seed=4).targets
    assert make(30, 0.1, seed=4) != make(30, 0.1, seed=5)
    generator = nn.Generator(4)
    assert [make(30, 0.1, seed=generator) == make(30, 0.1, seed=4) for _ in range(2)] == [True, False]
    assert make().name == make.__name__


@pytest.mark.parametrize("make", [*CLASSIFICATIONS, linear, sine])
def test_making_data_leaves_the_global_generator_alone(make):
    nn.manual_seed(0)
    make()
    assert nn.rand(2) == nn.Generator(0).rand(2)


@pytest.mark.parametrize("make", CLASSIFICATIONS)
@pytest.mark.parametrize("count", [4, 7, 100])
def test_classes_take_turns(make, count):
    data = make(count)
    kinds = len(data.classes)
    assert data.targets == [i % kinds for i in range(count)]
    assert len(data) == count
    assert data.task == "classification"
    assert max(Counter(data.targets).values()) - min(Counter(data.targets).values()) <= 1


def test_moons_are_half_circles():
    data = moons(101, noise=0.0)
    for x, y in of_class(data, 0):
        assert math.hypot(x, y) == pytest.approx(1.0, rel=1e-12)
        assert y >= 0.0
    for x, y in of_class(data, 1):
        assert math.hypot(x - 1.0, y - 0.5) == pytest.approx(1.0, rel=1e-12)
        assert y <= 0.5
    for kind, ends in enumerate(([1.0, 0.0, -1.0, 0.0], [0.0, 0.5, 2.0, 0.5])):
        points = of_class(data, kind)
        assert points[0] + points[-1] == pytest.approx(ends, abs=1e-12)


def test_circles_are_closed_and_evenly_set():
    for kind, points in enumerate(of_class(circles(40, noise=0.0, factor=0.3), k) for k in (0, 1)):
        radius = (1.0, 0.3)[kind]
        gaps = [math.dist(a, b) for a, b in zip(points, [*points[1:], points[0]], strict=True)]
        assert gaps == pytest.approx([2 * radius * math.sin(math.pi / 20)] * 20, rel=1e-9)


def test_spirals_wind_outwards():
    data = spirals(90, noise=0.0, turns=0.2, arms=3)
    for kind in range(3):
        radii = [math.hypot(*point) for point in of_class(data, kind)]
        assert radii == pytest.approx([0.1 + 0.9 * i / 29 for i in range(30)], rel=1e-12)
    ends = [math.atan2(*reversed(of_class(data, kind)[-1])) / math.tau % 1.0 for kind in range(3)]
    assert ends == pytest.approx([0.2, 0.2 + 1 / 3, 0.2 + 2 / 3], rel=1e-12)


def test_blobs_lie_around_the_corners_of_a_polygon():
    data = blobs(16000, noise=0.5, classes=4, seed=1)
    for kind, corner in enumerate([(2.0, 0.0), (0.0, 2.0), (-2.0, 0.0), (0.0, -2.0)]):
        for axis, middle in enumerate(corner):
            numbers = [point[axis] for point in of_class(data, kind)]
            assert statistics.fmean(numbers) == pytest.approx(middle, abs=0.06)
            assert statistics.pstdev(numbers) == pytest.approx(0.5, rel=0.06)


def test_noise_is_what_the_generator_draws():
    still, moved = moons(10, noise=0.0), moons(10, noise=0.5, seed=3)
    for (x, _), (noisy, _), errors in zip(still, moved, nn.Generator(3).randn(10, 2), strict=True):
        assert noisy == pytest.approx([x_i + 0.5 * error for x_i, error in zip(x, errors, strict=True)], rel=1e-12)


def test_linear():
    data = linear(200, noise=0.0, weights=[2.0, -3.0], bias=0.5)
    assert all(y == pytest.approx(2.0 * a - 3.0 * b + 0.5, rel=1e-12, abs=1e-12) for (a, b), y in data)
    assert all(-1.0 <= x < 1.0 for row in data.inputs for x in row)
    assert data.features == ("x0", "x1")
    errors = [y - (2.0 * x + 1.0) for (x,), y in linear(2000, noise=0.3)]
    assert statistics.pstdev(errors) == pytest.approx(0.3, rel=0.05)


def test_sine():
    data = sine(50, noise=0.0)
    assert [y for _, y in data] == pytest.approx([math.sin(x) for (x,), _ in data], rel=1e-12)
    xs = [x for (x,), _ in data]
    assert (xs[0], xs[-1]) == (-math.pi, math.pi)
    assert statistics.pstdev([y - math.sin(x) for (x,), y in sine(2000, noise=0.3)]) == pytest.approx(0.3, rel=0.05)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: moons(1), "the number of samples of moons must be a whole number of at least 2, not 1"),
        (lambda: blobs(4, classes=5), "the number of samples of blobs must be a whole number of at least 5, not 4"),
        (lambda: blobs(classes=1), "the number of classes must be a whole number of at least 2, not 1"),
        (lambda: spirals(arms=1), "the number of arms must be"),
        (lambda: spirals(turns="1"), "the turns of spirals must be a finite number, not '1'"),
        (lambda: circles(factor=2.0), r"the factor of circles must be a finite number from 0 to 1, not 2\.0"),
        (lambda: moons(noise=-0.1), r"the noise must be a finite number of at least 0, not -0\.1"),
        (lambda: linear(0), "the number of samples must be"),
        (lambda: linear(weights=[]), "linear needs at least one weight"),
        (lambda: linear(weights=["2"]), "a weight of linear must be a finite number, not '2'"),
        (lambda: linear(noise=float("nan")), "the noise must be"),
        (lambda: sine(1), "the number of samples must be a whole number of at least 2, not 1"),
        (lambda: sine(noise=None), "the noise must be"),
    ],
)
def test_bad_arguments_are_named(make, says):
    with pytest.raises(nn.SettingError, match=says):
        make()

"""The reference page: it is what its command writes, and agrees with the table of operations."""

import math
import re
from itertools import pairwise

import pytest

from demos.build import reference
from engine import TABLE
from engine.value import BUILT_IN

OPERATIONS = [operation for name, operation in TABLE.items() if name in BUILT_IN]
pytestmark = pytest.mark.xdist_group("reference")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages") / "reference"
    reference.main([str(folder)])
    return folder


def content(path):
    """Return a file without comments, in which programs name their versions."""
    return re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_command_writes_the_page_that_is_kept(made):
    names = sorted(path.name for path in made.iterdir())
    assert names == sorted(path.name for path in reference.HERE.iterdir())
    for name in names:
        assert content(made / name) == content(reference.HERE / name), name


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_each_operation_has_its_section(operation):
    text = reference.section(operation)
    assert text.startswith(f"## {operation.name}\n")
    assert f"`{operation.written()}`" in text
    assert operation.domain in text
    assert operation.convention in text
    assert text.count("\\partial") == 2 * operation.arity
    assert len(re.findall(r"- derivative with respect to ", text)) == operation.arity
    for picture in re.findall(r"\]\((.*?)\)", text):
        assert (reference.HERE / picture).is_file()


def points(path):
    return [[tuple(map(float, p.split())) for p in part.split("L")] for part in path.split("M")[1:]]


def numbers(x, y):
    return x / reference.UNIT - reference.REACH, reference.REACH - y / reference.UNIT


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_slope_that_is_drawn_is_that_of_the_value_that_is_drawn(operation):
    svg = reference.plot(operation)
    paths = re.findall(r'<path d="([^"]*)" stroke="(#\w+)" stroke-width="2', svg)
    values = [points(path) for path, colour in paths if colour == reference.VALUE]
    slopes = [points(path) for path, colour in paths if colour == reference.SLOPE]
    assert len(values) == len(slopes) == operation.arity
    checked = 0
    for curves, its_slopes in zip(values, slopes, strict=True):
        drawn = dict(numbers(*point) for curve in its_slopes for point in curve)
        for curve in curves:
            for (x, before), (middle, _), (z, after) in zip(
                map_numbers(curve), map_numbers(curve[10:]), map_numbers(curve[20:]), strict=False
            ):
                near = min(drawn, key=lambda at: abs(at - middle), default=math.inf)
                if abs(near - middle) < 0.01 and abs(drawn[near]) < 3 and is_smooth(x, z, drawn):
                    assert (after - before) / (z - x) == pytest.approx(drawn[near], abs=0.17)
                    checked += 1
    assert checked > 20


def map_numbers(curve):
    return [numbers(*point) for point in curve]


def is_smooth(begin, end, drawn):
    """Return whether the slope hardly changes between two places."""
    inside = [slope for x, slope in sorted(drawn.items()) if begin <= x <= end]
    return len(inside) > 18 and max(abs(b - a) for a, b in pairwise(inside)) < 0.06


def test_a_kink_is_marked_with_the_slope_that_is_taken_there():
    def marks(name):
        found = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', reference.plot(TABLE[name]))
        return [numbers(float(x), float(y)) for x, y in found]

    assert marks("relu") == [(0.0, 0.0)]
    assert marks("elu") == [(0.0, pytest.approx(1.0, abs=0.01))]
    assert marks("maximum")[0] == (-3.0, pytest.approx(0.5, abs=0.01))
    assert marks("tanh") == []


def test_a_jump_is_no_line():
    svg = reference.plot(TABLE["sign"])
    (value,) = [p for p, c in re.findall(r'<path d="([^"]*)" stroke="(#\w+)"', svg) if c == reference.VALUE]
    assert len(points(value)) == 2

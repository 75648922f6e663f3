"""Numbers as drawings write them."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.support.text import format_rounded


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (-3.0, "-3"),
        (0.25, "0.25"),
        (0.1, "0.1"),
        (0.1 + 0.2, "0.3"),
        (-math.sqrt(0.5), "-0.7071"),
        (math.tanh(6.0), "1.000"),
        (1.2e-5, "1.2e-05"),
        (1e-5 / 3, "3.333e-06"),
        (5e-324, "4.941e-324"),
        (123456.0, "123456"),
        (12345.678, "1.235e+04"),
        (1e6, "1e+06"),
        (1e300, "1e+300"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
    ],
)
def test_numbers_are_written_short(number, written):
    assert format_rounded(number) == written


@given(st.floats(min_value=-1e308, max_value=1e308))
def test_what_is_written_is_near_and_says_whether_it_is_exact(number):
    written = format_rounded(number)
    assert math.isclose(float(written), number, rel_tol=5.001e-4)
    assert (float(written) == 0.0) == (number == 0.0)
    assert len(written) <= 11
    digits = re.sub(r"e.*|^-?0?\.0*|[-.]", "", written).lstrip("0")
    if not math.isclose(float(written), number, rel_tol=2e-12):
        assert len(digits) == 4
